//! The description of a block.

use super::{ParamSpec, Values};
use crate::analyses::SpikeTrains;
use crate::figure::Figure;
use crate::recording::StreamKind;
use crate::table::Table;

/// A block that a pipeline may use.
#[derive(Debug)]
pub struct BlockSpec {
    /// Name in the pipeline file; `SpikeInterface`'s where it has one.
    pub kind: &'static str,
    /// Version of what it computes; grows when the same values give other numbers.
    pub version: u32,
    /// Title on its card.
    pub title: &'static str,
    /// The step that it does, or the question that it answers, in one sentence.
    pub purpose: &'static str,
    /// The data that it takes.
    pub takes: Port,
    /// The data that it gives.
    pub gives: Port,
    /// Whether a pipeline does without it unless somebody adds it.
    pub optional: bool,
    /// Parameters of the block.
    pub params: &'static [&'static ParamSpec],
    /// The publication of the method, with a DOI; empty where it needs none.
    pub source: &'static str,
    /// The block in the words of a methods section, with these values.
    pub words: fn(Values<'_>) -> String,
    /// The data that the block works on.
    pub work: Work,
}

/// The data that go from block to block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Samples of all channels.
    Recording,
    /// Field potentials: the slow part of the signal of some channels.
    Field,
    /// Noise of each channel.
    Noise,
    /// Spikes.
    Spikes,
    /// Bursts of electrodes.
    Bursts,
    /// Bursts of the network.
    NetworkBursts,
    /// A value for each pair of electrodes.
    Pairs,
    /// Numbers of each electrode.
    Table,
}

impl Port {
    /// The name of the port in pipeline files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Field => "field",
            Self::Noise => "noise",
            Self::Spikes => "spikes",
            Self::Bursts => "bursts",
            Self::NetworkBursts => "network_bursts",
            Self::Pairs => "pairs",
            Self::Table => "table",
        }
    }
}

/// How a block is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// In the pass over the signal, by the engine: another value means another pass.
    Signal,
    /// From spikes, at once.
    Spikes,
}

/// Computes a block from spikes.
pub type Run = fn(&SpikeTrains, Values<'_>) -> Outcome;

/// The outcome of a block: tables and figures, or the reason why there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Named tables.
    pub tables: Vec<Table>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// Why numbers are absent.
    pub absent: Option<String>,
}

impl Outcome {
    /// That of a block that cannot say anything.
    #[must_use]
    pub fn absent(reason: impl Into<String>) -> Self {
        Self { absent: Some(reason.into()), ..Self::default() }
    }

    /// The outcome in the word for what the trains are of: electrodes, or units.
    #[must_use]
    pub fn worded(mut self, kind: StreamKind) -> Self {
        if kind != StreamKind::Units {
            return self;
        }
        let words = |text: &mut String| *text = kind.worded(text);
        self.absent.iter_mut().for_each(words);
        for table in &mut self.tables {
            [&mut table.id, &mut table.title].into_iter().for_each(words);
            for column in &mut table.columns {
                [&mut column.name, &mut column.title, &mut column.unit].into_iter().for_each(words);
            }
        }
        for figure in &mut self.figures {
            let Figure { title, sentence, x, y, .. } = figure;
            [title, sentence, &mut x.label, &mut y.label].into_iter().for_each(words);
        }
        self
    }
}

impl BlockSpec {
    /// Whether its output is a recording that later blocks go on with.
    #[must_use]
    pub fn gives_recording(&self) -> bool {
        self.gives == Port::Recording
    }

    /// Whether it is computed from spikes.
    #[must_use]
    pub fn is_analysis(&self) -> bool {
        self.work == Work::Spikes
    }

    /// The parameter of this name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'static ParamSpec> {
        self.params.iter().copied().find(|param| param.name == name)
    }
}
