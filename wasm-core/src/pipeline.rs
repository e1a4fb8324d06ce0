//! The pipeline as data: a versioned graph of blocks, checked against one registry.
//!
//! The same validation runs in the browser before a run is paid for and again in the
//! cloud. Controls on the page are generated from [`registry`].

mod methods;
mod registry;
mod searchable;
mod settings;
mod spec;

pub use methods::methods;
pub use registry::{registry, spec};
pub use searchable::check_searchable;
pub use settings::{Coincidence, NoiseMethod, PeakSign, ReferenceOperator, ReferenceScope, Settings};
pub use spec::{BlockSpec, Control, ParamSpec, number};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::recording::StreamInfo;

/// Version of the pipeline format that this library writes and reads.
pub const PIPELINE_VERSION: u32 = 1;

/// Frames a second below which a spike of a millisecond has not even three frames. Local field
/// potentials are stored at 1,000 to 2,500 Hz.
const MIN_RATE_HZ: f64 = 3000.0;

/// Electrodes from which on the median of all is a reference. An electrode that is the median itself
/// becomes zero, which makes its noise look small: of few electrodes each is that often. Noise
/// alone then crosses 5 times the noise so often a minute and electrode (independent noise at
/// 20 kHz, counted by simulation): 250 times with 4 electrodes, 32 with 8, 4 with 16, 0.7
/// with 64, and 0.4 without a reference.
pub const MIN_REFERENCE_ELECTRODES: usize = 16;

/// The name by which blocks refer to the recording itself.
pub const RECORDING: &str = "recording";

/// An analysis: blocks, each fed by the recording or by another block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Always [`PIPELINE_VERSION`].
    pub version: u32,
    /// Blocks in an order in which each follows its input.
    pub blocks: Vec<Block>,
}

/// One block of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Unique name within the pipeline.
    pub id: String,
    /// Which block of the [`registry`] it is.
    pub kind: String,
    /// Id of the block whose output it takes, or `recording`.
    pub input: String,
    /// Parameter values; those left out take their defaults.
    #[serde(default)]
    pub params: Map<String, Value>,
}

impl Default for Pipeline {
    /// Butterworth order 5, 300-3000 Hz, zero phase; global median reference; noise by
    /// median absolute deviation; negative peaks of 5 x noise, one per millisecond.
    fn default() -> Self {
        let mut pipeline = Self { version: PIPELINE_VERSION, blocks: Vec::new() };
        for spec in registry().iter().filter(|spec| !spec.optional) {
            pipeline.add(spec.kind);
        }
        pipeline
    }
}

impl Pipeline {
    /// The default pipeline with its filter fitted to a rate: the upper cut-off lowered to nine
    /// tenths of the Nyquist frequency where 3,000 Hz lie above that, and no filter where the
    /// rate is too slow for spikes. A slow recording can then be looked at, though
    /// spikes cannot be found in it.
    #[must_use]
    pub fn fitted_to(sampling_frequency_hz: f64) -> Self {
        let mut pipeline = Self::default();
        let highest_hz = (sampling_frequency_hz * 0.45 / 50.0).floor() * 50.0;
        if Self::is_too_slow_for_spikes(sampling_frequency_hz) {
            pipeline.set("filter", "btype", "none".into());
        } else if highest_hz < 3000.0 {
            pipeline.set("filter", "freq_max_hz", Value::from(highest_hz));
        }
        pipeline
    }

    /// The default pipeline for a stream: fitted to its rate, and without a reference where so few
    /// electrodes would make it that it finds spikes in noise.
    #[must_use]
    pub fn for_stream(info: &StreamInfo) -> Self {
        let mut pipeline = Self::fitted_to(info.sampling_frequency_hz);
        if info.n_channels < MIN_REFERENCE_ELECTRODES {
            pipeline.set("common_reference", "operator", "none".into());
        }
        pipeline
    }

    /// Whether a recording has so few frames a second that spikes cannot be found in it.
    #[must_use]
    pub fn is_too_slow_for_spikes(sampling_frequency_hz: f64) -> bool {
        sampling_frequency_hz < MIN_RATE_HZ
    }

    /// Reads a pipeline from JSON text.
    ///
    /// # Errors
    /// When the text is not a pipeline of this version, or a block is not in the registry.
    pub fn from_json(text: &str) -> Result<Self, PipelineError> {
        let pipeline: Self =
            serde_json::from_str(text).map_err(|error| PipelineError::NotAPipeline(error.to_string()))?;
        pipeline.check()?;
        Ok(pipeline)
    }

    /// The block of this kind, if the pipeline has one.
    #[must_use]
    pub fn block(&self, kind: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.kind == kind)
    }

    /// The value of a parameter: as given, or the registry's default.
    #[must_use]
    pub fn value(&self, kind: &str, param: &str) -> Option<Value> {
        let given = self.block(kind)?.params.get(param).cloned();
        given.or_else(|| Some(spec(kind)?.param(param)?.default_value()))
    }

    /// Sets a parameter of the block of this kind, which is added if it is not there.
    pub fn set(&mut self, kind: &str, param: &str, value: Value) {
        self.add(kind);
        if let Some(block) = self.blocks.iter_mut().find(|block| block.kind == kind) {
            block.params.insert(param.to_owned(), value);
        }
    }

    /// Adds the block of this kind with its defaults where the registry's order puts it,
    /// unless it is there.
    pub fn add(&mut self, kind: &str) {
        let place = |kind: &str| registry().iter().position(|spec| spec.kind == kind);
        let (Some(spec), None) = (spec(kind), self.block(kind)) else { return };
        let at = self.blocks.iter().position(|block| place(&block.kind) > place(kind)).unwrap_or(self.blocks.len());
        let block = Block {
            id: kind.to_owned(),
            kind: kind.to_owned(),
            input: RECORDING.to_owned(),
            params: spec.params.iter().map(|param| (param.name.to_owned(), param.default_value())).collect(),
        };
        self.blocks.insert(at, block);
        self.chain();
    }

    /// Removes the block of this kind.
    pub fn remove(&mut self, kind: &str) {
        self.blocks.retain(|block| block.kind != kind);
        self.chain();
    }

    /// Connects each block with the last one before it that gives a recording; noise, for one,
    /// is measured beside the signal path, not in it.
    fn chain(&mut self) {
        let mut input = RECORDING.to_owned();
        for block in &mut self.blocks {
            block.input.clone_from(&input);
            if spec(&block.kind).is_some_and(|spec| spec.gives_recording) {
                input.clone_from(&block.id);
            }
        }
    }

    /// Ids of the channels that are left out.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let ids = self.block("bad_channels").and_then(|block| block.params.get("channel_ids")?.as_array().cloned());
        ids.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }

    /// Checks version, kinds, connections and each parameter's range.
    ///
    /// # Errors
    /// The first thing that is wrong, naming the block, the parameter and what is accepted.
    pub fn check(&self) -> Result<(), PipelineError> {
        if self.version != PIPELINE_VERSION {
            return Err(PipelineError::Version { found: self.version });
        }
        let mut known = vec![RECORDING];
        let mut signal = RECORDING;
        let mut reached = 0;
        for block in &self.blocks {
            let spec = spec(&block.kind).ok_or_else(|| PipelineError::UnknownBlock { kind: block.kind.clone() })?;
            if known.contains(&block.id.as_str()) {
                return Err(PipelineError::DuplicateId { id: block.id.clone() });
            }
            if !known.contains(&block.input.as_str()) {
                return Err(PipelineError::UnknownInput { id: block.id.clone(), input: block.input.clone() });
            }
            for (name, value) in &block.params {
                let unknown = || PipelineError::UnknownParam { id: block.id.clone(), param: name.clone() };
                let param = spec.param(name).ok_or_else(unknown)?;
                if !param.accepts(value) {
                    return Err(PipelineError::OutOfRange {
                        id: block.id.clone(),
                        param: name.clone(),
                        value: value.to_string(),
                        accepted: param.accepted(),
                    });
                }
            }
            // The engine does the steps in one order, along one signal path.
            let place = registry().iter().position(|known| known.kind == spec.kind).unwrap_or_default();
            if place < reached || block.input != signal {
                return Err(PipelineError::OutOfOrder { id: block.id.clone(), expected: signal.to_owned() });
            }
            reached = place;
            if spec.gives_recording {
                signal = &block.id;
            }
            known.push(&block.id);
        }
        for spec in registry() {
            if self.blocks.iter().filter(|block| block.kind == spec.kind).count() > 1 {
                return Err(PipelineError::Repeated { kind: spec.kind.to_owned() });
            }
        }
        Ok(())
    }
}

/// Why a pipeline cannot run. Always the author's to mend.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PipelineError {
    /// Not JSON, or not of the pipeline's shape.
    #[error("this is not a pipeline: {0}")]
    NotAPipeline(String),
    /// Written by another version.
    #[error("the pipeline has version {found}; this program reads version {PIPELINE_VERSION}")]
    Version {
        /// Version found.
        found: u32,
    },
    /// No such block.
    #[error("there is no block “{kind}”")]
    UnknownBlock {
        /// Kind found.
        kind: String,
    },
    /// Two blocks of one id.
    #[error("two blocks are named “{id}”")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// A block that may occur once occurs twice.
    #[error("the block “{kind}” may occur once")]
    Repeated {
        /// The kind.
        kind: String,
    },
    /// A connection that leads nowhere, or backwards.
    #[error("block “{id}” takes “{input}”, which is not a block before it")]
    UnknownInput {
        /// The block.
        id: String,
        /// What it names.
        input: String,
    },
    /// A connection or an order that the engine does not follow.
    #[error("block “{id}” must take “{expected}”, and blocks must come in the order of the default pipeline")]
    OutOfOrder {
        /// The block.
        id: String,
        /// What it must take where it stands.
        expected: String,
    },
    /// No such parameter.
    #[error("block “{id}” has no parameter “{param}”")]
    UnknownParam {
        /// The block.
        id: String,
        /// The parameter.
        param: String,
    },
    /// A ring around an electrode that holds nothing.
    #[error(
        "block “common_reference”: local_radius_min_um is {min_um}, but it must be below local_radius_max_um, {max_um}"
    )]
    Radii {
        /// Inner radius.
        min_um: f64,
        /// Outer radius.
        max_um: f64,
    },
    /// A value outside its range.
    #[error("block “{id}”: {param} is {value}, but it must be {accepted}")]
    OutOfRange {
        /// The block.
        id: String,
        /// The parameter.
        param: String,
        /// What was given.
        value: String,
        /// What is accepted.
        accepted: String,
    },
    /// No detection, so nothing to compute.
    #[error("the pipeline has no block “{kind}”")]
    Missing {
        /// The kind.
        kind: String,
    },
    /// A step that goes by distance, on a recording that does not tell where its electrodes are.
    #[error("{step} goes by distance, but the recording holds no electrode positions")]
    NoPositions {
        /// The step, in words.
        step: &'static str,
    },
    /// Channels are left out that the recording does not have.
    #[error("block “bad_channels”: there is no channel {ids}")]
    NoSuchChannels {
        /// The ids, with commas between.
        ids: String,
    },
    /// All channels are left out.
    #[error("block “bad_channels”: no channel is left to analyse")]
    AllLeftOut,
    /// A notch that the recording's rate does not allow.
    #[error("the notch at {freq_hz} Hz does not fit a recording of {sampling_frequency_hz} Hz: it must lie below {} Hz", sampling_frequency_hz / 2.0)]
    Notch {
        /// Frequency of the notch, the highest multiple included.
        freq_hz: f64,
        /// Rate of the recording.
        sampling_frequency_hz: f64,
    },
    /// A filter that the recording's rate does not allow.
    #[error("the filter {low_hz} to {high_hz} Hz does not fit a recording of {sampling_frequency_hz} Hz: both must lie between 0 and {} Hz, the lower one first", sampling_frequency_hz / 2.0)]
    Band {
        /// Lower cut-off.
        low_hz: f64,
        /// Upper cut-off.
        high_hz: f64,
        /// Rate of the recording.
        sampling_frequency_hz: f64,
    },
    /// A stream that holds no electrodes.
    #[error("the stream {stream} holds no electrodes (auxiliary channels): it is not searched for spikes")]
    NoElectrodes {
        /// The stream.
        stream: String,
    },
    /// A stream that is too slow to hold spikes.
    #[error(
        "the stream {stream} has {sampling_frequency_hz} frames a second, too few for spikes, which last about a millisecond: at least {MIN_RATE_HZ:.0} are needed; it was not searched"
    )]
    TooSlow {
        /// The stream.
        stream: String,
        /// Its rate.
        sampling_frequency_hz: f64,
    },
    /// A filter whose response is too long to be run in blocks.
    #[error(
        "the filter rings for more than 65,536 frames; take a lower order, a higher lower cut-off or a wider notch"
    )]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_pipeline_is_valid_and_survives_json() {
        let pipeline = Pipeline::default();
        let text = serde_json::to_string(&pipeline).expect("serializes");
        assert_eq!(Pipeline::from_json(&text), Ok(pipeline));
    }

    #[test]
    fn blocks_come_and_go_in_the_registrys_order() {
        let mut pipeline = Pipeline::default();
        assert_eq!(pipeline.blocks.len(), 4, "optional blocks are not there by themselves");
        pipeline.add("coincident_events");
        pipeline.set("notch_filter", "freq_hz", 60.into());
        pipeline.set("bad_channels", "channel_ids", vec!["A1"].into());
        let chain: Vec<_> = pipeline.blocks.iter().map(|block| (block.kind.as_str(), block.input.as_str())).collect();
        let expected = [
            ("bad_channels", "recording"),
            ("filter", "bad_channels"),
            ("notch_filter", "filter"),
            ("common_reference", "notch_filter"),
            ("noise_levels", "common_reference"),
            ("detect_peaks", "common_reference"),
            ("coincident_events", "common_reference"),
        ];
        assert_eq!(chain, expected);
        assert_eq!(pipeline.check(), Ok(()));
        assert_eq!(pipeline.left_out(), ["A1"]);
        for kind in ["bad_channels", "notch_filter", "coincident_events"] {
            pipeline.remove(kind);
        }
        assert_eq!(pipeline, Pipeline::default());
    }

    #[test]
    fn errors_name_the_block_the_parameter_and_the_range() {
        let mut pipeline = Pipeline::default();
        pipeline.set("detect_peaks", "detect_threshold", Value::from(-1));
        let message = pipeline.check().expect_err("refused").to_string();
        assert_eq!(message, "block “detect_peaks”: detect_threshold is -1, but it must be 3 to 50 x noise");
        pipeline = Pipeline::default();
        pipeline.blocks[1].input = "later".into();
        assert!(matches!(pipeline.check(), Err(PipelineError::UnknownInput { .. })));
        pipeline = Pipeline::default();
        if let Some(block) = pipeline.blocks.last_mut() {
            block.input = RECORDING.into();
        }
        assert!(matches!(pipeline.check(), Err(PipelineError::OutOfOrder { .. })));
        pipeline = Pipeline::default();
        pipeline.add("coincident_events");
        pipeline.set("coincident_events", "min_electrodes", Value::from(4.7));
        assert!(matches!(pipeline.check(), Err(PipelineError::OutOfRange { .. })));
        pipeline = Pipeline::default();
        pipeline.set("common_reference", "local_radius_min_um", Value::from(100));
        assert!(matches!(Settings::new(&pipeline, 20_000.0), Err(PipelineError::Radii { .. })));
        for rate_hz in [100.0, 500.0, 1250.0, 2000.0, 5000.0, 10_000.0] {
            assert!(Settings::new(&Pipeline::fitted_to(rate_hz), rate_hz).is_ok(), "{rate_hz} Hz");
        }
        let narrow = Settings::new(&Pipeline::default(), 5000.0).expect_err("3 kHz is above Nyquist");
        assert!(narrow.to_string().contains("between 0 and 2500 Hz"), "{narrow}");
    }
}
