//! Facts about a recording: which of them a block needs, and which its output has.
//!
//! An analysis whose recording lacks one says so in its own words, and is not run. Steps of the signal are refused
//! before a run, by the check of the pipeline.

use super::{BlockSpec, psth};
use crate::analyses::SpikeTrains;

/// A fact that may be known of a recording or of spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataFact {
    /// The band of frequencies that the signal holds.
    Band,
    /// Where electrodes are.
    Positions,
    /// Which electrodes belong to which well.
    Wells,
    /// Pulses, messages and annotations.
    Events,
    /// Sizes of spikes.
    Amplitudes,
}

impl DataFact {
    /// The name of the fact in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Band => "band",
            Self::Positions => "positions",
            Self::Wells => "wells",
            Self::Events => "events",
            Self::Amplitudes => "amplitudes",
        }
    }

    /// Whether a recording has it, as far as spikes as trains tell: they carry neither sizes nor the band.
    fn is_there(self, of: &SpikeTrains) -> bool {
        match self {
            Self::Positions => of.info().positions_um.is_some(),
            Self::Wells => of.info().wells.is_some(),
            Self::Events => !of.events().is_empty(),
            Self::Band | Self::Amplitudes => true,
        }
    }
}

/// A fact that a block needs.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// Which.
    pub fact: DataFact,
    /// With which values; empty where it needs it always.
    pub when: &'static str,
    /// The words of an analysis that lacks it; empty for a step of the signal, which the check of the pipeline refuses.
    pub says: &'static str,
}

/// Facts that blocks need, by kind; a kind that is not here needs only the data of its port.
const NEEDS: &[(&str, &[Need])] = &[
    (
        "common_reference",
        &[Need { fact: DataFact::Positions, when: "a reference of the electrodes around each", says: "" }],
    ),
    ("detect_peaks", &[Need { fact: DataFact::Positions, when: "peaks on the largest nearby electrode", says: "" }]),
    ("psth", &[Need { fact: DataFact::Events, when: "", says: psth::NO_EVENTS }]),
];

/// Facts that the output of blocks has beside those of the input, by kind.
const GIVES: &[(&str, &[DataFact])] = &[("filter", &[DataFact::Band]), ("detect_peaks", &[DataFact::Amplitudes])];

impl BlockSpec {
    /// The facts that it needs.
    #[must_use]
    pub fn needs(&self) -> &'static [Need] {
        NEEDS.iter().find(|(kind, _)| *kind == self.kind).map_or(&[], |(_, needs)| needs)
    }

    /// The facts that its output has beside those of what it took.
    #[must_use]
    pub fn gives_facts(&self) -> &'static [DataFact] {
        GIVES.iter().find(|(kind, _)| *kind == self.kind).map_or(&[], |(_, gives)| gives)
    }
}

/// What an analysis says of a fact that it needs and these spikes do not have; none where all are there.
pub(crate) fn lacking(spec: &BlockSpec, of: &SpikeTrains) -> Option<&'static str> {
    let is_lacking = |need: &&Need| need.when.is_empty() && !need.fact.is_there(of);
    spec.needs().iter().find(is_lacking).map(|need| need.says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::spec;
    use crate::events::Event;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn what_is_needed_is_known_and_has_words() {
        for (kind, needs) in NEEDS {
            let spec = spec(kind).expect("a block");
            assert!(needs.iter().all(|need| need.says.is_empty() != spec.is_analysis()), "{kind}");
        }
        assert!(GIVES.iter().all(|(kind, _)| spec(kind).is_some()));
    }

    #[test]
    fn an_analysis_without_its_fact_says_so_itself() {
        let of = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
        let trains = SpikeTrains::new(Simulation::new(of).info(), &[], None);
        let psth = spec("psth").expect("a block");
        assert!(lacking(psth, &trains).is_some_and(|says| says.contains("no events")));
        let event = Event { segment: 0, time_s: 0.1, duration_s: 0.0, source: "a".into(), label: "b".into() };
        assert_eq!(lacking(psth, &trains.clone().with_events(&[event])), None);
        assert!(spec("sttc").expect("a block").needs().is_empty());
    }
}
