//! What is known of the line to the cloud while something depends on it.

use crate::services::cloud::{Cause, Echo};

/// Milliseconds without a byte after which the cloud is asked for a sign.
const QUIET_MS: f64 = 900.0;
/// Milliseconds between two such questions.
const ASK_AGAIN_MS: f64 = 1000.0;
/// A line that was lost for longer has dropped the requests that were under way.
const LONG_LOST_MS: f64 = 5000.0;

/// Whether anything goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signal {
    /// Bytes go through.
    #[default]
    There,
    /// Nothing comes back.
    Silent,
    /// There is no way to the cloud.
    Lost,
}

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    signal: Signal,
    /// When something went through last.
    moved_ms: f64,
    /// When the cloud was asked for a sign last.
    asked_ms: f64,
    /// Signs that it was asked for in vain.
    n_unheard: u32,
    /// When the line was lost, as long as it is.
    lost_ms: Option<f64>,
    /// When it came back after it had been lost for long.
    back_ms: f64,
}

impl Known {
    /// Of a line that is thought to be there.
    pub const fn new(now_ms: f64) -> Self {
        let never = f64::NEG_INFINITY;
        Self { signal: Signal::There, moved_ms: now_ms, asked_ms: never, n_unheard: 0, lost_ms: None, back_ms: never }
    }

    /// Whether anything goes through.
    pub const fn signal(self) -> Signal {
        self.signal
    }

    /// How often the cloud was asked for a sign in vain.
    pub const fn n_unheard(self) -> u32 {
        self.n_unheard
    }

    /// When the cloud is to be asked for a sign, unless something goes through before.
    pub fn ask_ms(self) -> f64 {
        (self.moved_ms + QUIET_MS).max(self.asked_ms + ASK_AGAIN_MS)
    }

    /// When a request on which something moved last at `moved_ms` may be given up: now, where the person ends the
    /// work on a lost line; some time after the line came back, where it was lost meanwhile; else never.
    pub fn gives_up_ms(self, moved_ms: f64, is_ended: bool) -> f64 {
        if is_ended && self.signal != Signal::There {
            f64::NEG_INFINITY
        } else if moved_ms < self.back_ms {
            self.back_ms + 2.0 * LONG_LOST_MS
        } else {
            f64::INFINITY
        }
    }

    /// Something went through.
    pub fn moved(&mut self, now_ms: f64) {
        self.moved_ms = now_ms;
        self.signal = Signal::There;
        if self.lost_ms.take().is_some_and(|lost_ms| now_ms - lost_ms > LONG_LOST_MS) {
            self.back_ms = now_ms;
        }
    }

    /// Takes why a request failed; none where it did not.
    pub fn heard(&mut self, cause: Option<Cause>, now_ms: f64) {
        match cause {
            Some(Cause::Unreachable) => self.lost(Signal::Lost, now_ms),
            // An answer, even a refusal, came through.
            None | Some(Cause::Status(_)) => self.moved(now_ms),
            Some(Cause::Lasting) => {}
        }
    }

    /// The cloud is asked for a sign.
    pub fn asked(&mut self, now_ms: f64) {
        self.asked_ms = now_ms;
    }

    /// Takes what came of asking for a sign.
    pub fn echoed(&mut self, echo: Echo, now_ms: f64) {
        let signal = match echo {
            Echo::Heard => return self.moved(now_ms),
            Echo::NoWay => Signal::Lost,
            Echo::Silence => Signal::Silent,
        };
        self.n_unheard += 1;
        // What moved while the question was under way counts more.
        if self.moved_ms < self.asked_ms {
            self.lost(signal, now_ms);
        }
    }

    fn lost(&mut self, signal: Signal, now_ms: f64) {
        self.signal = signal;
        self.lost_ms.get_or_insert(now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_line_is_said_and_taken_back() {
        let mut line = Known::new(0.0);
        assert_eq!((line.signal(), line.ask_ms()), (Signal::There, QUIET_MS));
        line.moved(500.0);
        assert_eq!(line.ask_ms(), 500.0 + QUIET_MS, "bytes move the question away");
        line.asked(1400.0);
        line.echoed(Echo::Silence, 3200.0);
        assert_eq!((line.signal(), line.n_unheard()), (Signal::Silent, 1));
        line.asked(3200.0);
        assert_eq!(line.ask_ms(), 4200.0, "where there is no way at all it is not asked at once again");
        line.echoed(Echo::NoWay, 3201.0);
        assert_eq!((line.signal(), line.n_unheard()), (Signal::Lost, 2));
        line.asked(4201.0);
        line.echoed(Echo::Heard, 4300.0);
        assert_eq!((line.signal(), line.n_unheard()), (Signal::There, 2));
    }

    #[test]
    fn what_moves_while_the_cloud_is_asked_counts_more() {
        let mut line = Known::new(0.0);
        line.asked(1000.0);
        line.moved(1500.0);
        line.echoed(Echo::Silence, 2800.0);
        assert_eq!((line.signal(), line.n_unheard()), (Signal::There, 1));
    }

    #[test]
    fn answers_tell_of_the_line_and_mistakes_do_not() {
        let mut line = Known::new(0.0);
        line.heard(Some(Cause::Lasting), 1.0);
        assert_eq!(line, Known::new(0.0));
        line.heard(Some(Cause::Unreachable), 2.0);
        assert_eq!(line.signal(), Signal::Lost);
        line.heard(Some(Cause::Status(500)), 3.0);
        assert_eq!(line.signal(), Signal::There);
    }

    #[test]
    fn requests_are_given_up_when_the_person_ends_or_the_line_dropped_them() {
        let mut line = Known::new(0.0);
        assert_eq!(line.gives_up_ms(0.0, true), f64::INFINITY, "what moves is finished");
        line.heard(Some(Cause::Unreachable), 100.0);
        assert_eq!(line.gives_up_ms(0.0, true), f64::NEG_INFINITY);
        assert_eq!(line.gives_up_ms(0.0, false), f64::INFINITY);
        line.moved(100.0 + LONG_LOST_MS);
        assert_eq!(line.gives_up_ms(0.0, false), f64::INFINITY, "it was not lost for long");
        line.heard(Some(Cause::Unreachable), 6000.0);
        line.moved(60_000.0);
        assert_eq!(line.gives_up_ms(0.0, false), 60_000.0 + 2.0 * LONG_LOST_MS);
        assert_eq!(line.gives_up_ms(60_000.0, false), f64::INFINITY, "something moved on it since");
    }
}
