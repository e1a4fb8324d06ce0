//! Amounts, and what they come to.

use super::{Paid, Prices};

/// When something is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// While a recording is sent.
    Upload,
    /// While it is analysed.
    Run,
    /// As long as it is kept.
    Keep,
    /// When its result is looked at.
    View,
}

impl Stage {
    /// The title of the stage.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Upload => "Upload",
            Self::Run => "Run",
            Self::Keep => "Storage",
            Self::View => "Looking at results",
        }
    }
}

/// An amount of something that is paid for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Use {
    /// When.
    pub stage: Stage,
    /// The purpose, in words.
    pub what: &'static str,
    /// The item that is paid for.
    pub paid: Paid,
    /// How much of it.
    pub amount: f64,
}

impl Use {
    /// This use, so many times.
    #[must_use]
    pub fn times(self, n: f64) -> Self {
        Self { amount: self.amount * n, ..self }
    }
}

/// A line of a bill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// When.
    pub stage: Stage,
    /// The purpose.
    pub what: &'static str,
    /// US dollars.
    pub usd: f64,
}

/// The cost of uses, a line for each purpose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bill {
    /// In the order of the uses.
    pub lines: Vec<Line>,
}

impl Bill {
    /// Prices uses.
    #[must_use]
    pub fn new(uses: &[Use], prices: &Prices) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        for Use { stage, what, paid, amount } in uses.iter().copied() {
            let usd = prices.usd(paid, amount);
            match lines.iter_mut().find(|line| line.stage == stage && line.what == what) {
                Some(line) => line.usd += usd,
                None => lines.push(Line { stage, what, usd }),
            }
        }
        Self { lines }
    }

    /// All of it, in US dollars.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.lines.iter().map(|line| line.usd).sum()
    }

    /// The cost of a stage, in US dollars.
    #[must_use]
    pub fn of(&self, stage: Stage) -> f64 {
        self.lines.iter().filter(|line| line.stage == stage).map(|line| line.usd).sum()
    }
}
