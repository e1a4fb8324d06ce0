//! Pipelines in the manner of named programs: which values to set so that numbers can be laid beside theirs.
//!
//! A preset is honest about three things: what of it is known from a file, a manual or source code; what is
//! not; and what the other program does that this one does not, so that numbers will differ all the same. What
//! a preset says nothing of stays as it is.

mod differences;
mod list;

pub use differences::differences;
pub use list::PRESETS;

use serde_json::Value;

use crate::blocks;
use crate::pipeline::{MIN_REFERENCE_ELECTRODES, Pipeline};
use crate::recording::StreamInfo;

/// A pipeline in the manner of a named program.
#[derive(Debug)]
pub struct Preset {
    /// Name in files and addresses.
    pub id: &'static str,
    /// Title on screen.
    pub title: &'static str,
    /// For whom it is, in a sentence.
    pub purpose: &'static str,
    /// Where its values come from: papers, manuals, source code.
    pub source: &'static str,
    /// The values that were seen in these sources.
    pub verified: &'static str,
    /// The values that were not seen there.
    pub unverified: &'static str,
    /// Differences of the program that no value can remove.
    pub otherwise: &'static str,
    /// The values.
    pub changes: &'static [Change],
}

/// A value that a preset sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Kind of the block, which is added where it is not there.
    pub kind: &'static str,
    /// Parameter of the block.
    pub param: &'static str,
    /// Value of the parameter.
    pub to: Setting,
}

/// A value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f64),
    /// One of a few names.
    Name(&'static str),
}

impl Setting {
    /// The value as JSON.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Self::Number(number) => blocks::number(number),
            Self::Name(name) => Value::from(name),
        }
    }
}

/// The preset of this name.
#[must_use]
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

/// Sets the values of a preset; all others stay. Where spikes come from files, only the analyses change. Of
/// several analyses of one kind the first is set.
#[must_use]
pub fn apply(preset: &Preset, mut pipeline: Pipeline) -> Pipeline {
    let has_signal = pipeline.has_signal();
    for change in preset.changes {
        let Some(spec) = blocks::spec(change.kind) else { continue };
        if spec.is_analysis() {
            pipeline = pipeline.with_analyses();
            let known = pipeline.block(spec.kind).map(|block| block.id.clone());
            if let Some(id) = known.or_else(|| pipeline.add_analysis(spec.kind)) {
                pipeline.set_analysis(&id, change.param, change.to.value());
            }
        } else if has_signal {
            pipeline.set(spec.kind, change.param, change.to.value());
        }
    }
    pipeline
}

/// The preset alone, for a stream: its values over the default pipeline, the filter fitted to the rate, and no
/// reference where so few electrodes would make one that finds spikes in noise.
#[must_use]
pub fn for_stream(preset: &Preset, info: &StreamInfo) -> Pipeline {
    let mut pipeline = apply(preset, Pipeline::for_stream(info));
    let rate_hz = info.sampling_frequency_hz;
    let highest_hz = pipeline.value("filter", "freq_max_hz").and_then(|value| value.as_f64());
    if Pipeline::is_too_slow_for_spikes(rate_hz) {
        pipeline.set("filter", "btype", "none".into());
    } else if highest_hz.is_some_and(|highest_hz| highest_hz >= rate_hz / 2.0) {
        // As the default pipeline is fitted: nine tenths of the Nyquist frequency.
        pipeline.set("filter", "freq_max_hz", blocks::number(libm::floor(rate_hz * 0.45 / 50.0) * 50.0));
    }
    if info.n_channels < MIN_REFERENCE_ELECTRODES {
        pipeline.set("common_reference", "operator", "none".into());
    }
    pipeline
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pipeline::Settings;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn every_preset_names_what_there_is() {
        let ids: BTreeSet<&str> = PRESETS.iter().map(|preset| preset.id).collect();
        assert_eq!(ids.len(), PRESETS.len(), "two presets have one name");
        for one in PRESETS {
            assert_eq!(preset(one.id).expect("known").title, one.title);
            for text in [one.purpose, one.verified, one.unverified, one.otherwise] {
                assert!(text.ends_with('.') && text.len() > 20, "{}: {text}", one.id);
            }
            assert!(one.title.len() > 5 && one.source.len() > 10, "{}", one.id);
            assert!(!one.changes.is_empty(), "{}", one.id);
            let mut names = BTreeSet::new();
            for Change { kind, param, to } in one.changes {
                let spec = blocks::spec(kind).unwrap_or_else(|| panic!("{}: there is no block {kind}", one.id));
                let known = spec.param(param).unwrap_or_else(|| panic!("{}: {kind} has no {param}", one.id));
                assert!(known.accepts(&to.value()), "{}: {kind}.{param} = {to:?}", one.id);
                assert!(names.insert((kind, param)), "{}: {kind}.{param} twice", one.id);
            }
        }
    }

    #[test]
    fn a_preset_gives_a_pipeline_that_runs_and_twice_is_once() {
        for preset in PRESETS {
            for from in [Pipeline::default(), Pipeline::default().with_analyses(), Pipeline::fitted_to(10_000.0)] {
                let once = apply(preset, from);
                assert_eq!(once.check(), Ok(()), "{}", preset.id);
                assert!(Settings::new(&once, 25_000.0).is_ok(), "{}", preset.id);
                assert_eq!(apply(preset, once.clone()), once, "{}", preset.id);
            }
        }
    }

    #[test]
    fn what_is_chosen_by_hand_stays() {
        let mut pipeline = Pipeline::default();
        pipeline.set("bad_channels", "channel_ids", vec!["A1"].into());
        pipeline.set("notch_filter", "freq_hz", 60.into());
        pipeline.add_analysis("sttc");
        for preset in PRESETS {
            let set = apply(preset, pipeline.clone());
            assert_eq!(set.left_out(), ["A1"], "{}", preset.id);
            assert_eq!(set.value("notch_filter", "freq_hz"), Some(60.into()), "{}", preset.id);
            assert_eq!(set.blocks.iter().filter(|block| block.kind == "sttc").count(), 2, "{}", preset.id);
        }
    }

    #[test]
    fn spikes_of_files_stay_as_they_are() {
        for preset in PRESETS {
            let stored = apply(preset, Pipeline::empty());
            assert!(!stored.has_signal(), "{}", preset.id);
            assert_eq!(stored.check(), Ok(()), "{}", preset.id);
            assert_eq!(apply(preset, stored.clone()), stored, "{}", preset.id);
        }
    }

    #[test]
    fn a_preset_is_fitted_to_the_recording() {
        let spec = SimulationSpec { n_channels: 16, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
        let simulation = Simulation::new(spec);
        let stream = |n_channels: usize, sampling_frequency_hz: f64| StreamInfo {
            sampling_frequency_hz,
            n_channels,
            ..simulation.info().clone()
        };
        for (n_channels, rate_hz) in [(4, 10_000.0), (60, 12_500.0), (60, 25_000.0), (16, 1000.0)] {
            for preset in PRESETS {
                let pipeline = for_stream(preset, &stream(n_channels, rate_hz));
                assert!(Settings::new(&pipeline, rate_hz).is_ok(), "{} at {rate_hz} Hz", preset.id);
                let operator = pipeline.value("common_reference", "operator").expect("a reference");
                assert!(n_channels >= MIN_REFERENCE_ELECTRODES || operator == "none", "{}", preset.id);
            }
        }
        let fitted = |rate_hz: f64| {
            for_stream(preset("mea-nap").expect("known"), &stream(60, rate_hz)).value("filter", "freq_max_hz")
        };
        assert_eq!((fitted(25_000.0), fitted(12_500.0)), (Some(8000.into()), Some(5600.into())));
    }
}
