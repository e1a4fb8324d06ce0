//! The pipeline as data: a versioned graph of blocks, checked against one registry.
//!
//! The same validation runs in the browser before a run is paid for and again in the
//! cloud. Controls on the page are generated from [`registry`].

mod registry;
mod settings;

pub use registry::{BlockSpec, Control, ParamSpec, registry, spec};
pub use settings::{NoiseMethod, PeakSign, ReferenceOperator, ReferenceScope, Settings};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Version of the pipeline format that this library writes and reads.
pub const PIPELINE_VERSION: u32 = 1;

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
        let mut input = RECORDING;
        let mut blocks = Vec::new();
        for spec in registry() {
            blocks.push(Block {
                id: spec.kind.to_owned(),
                kind: spec.kind.to_owned(),
                input: input.to_owned(),
                params: spec.params.iter().map(|p| (p.name.to_owned(), p.default_value())).collect(),
            });
            // Noise is measured beside the signal path, not in it.
            if spec.gives_recording {
                input = spec.kind;
            }
        }
        Self { version: PIPELINE_VERSION, blocks }
    }
}

impl Pipeline {
    /// The default pipeline with its filter fitted to a rate: the upper cut-off lowered to nine
    /// tenths of the Nyquist frequency where 3,000 Hz lie above that, and no filter where not
    /// even an octave above 300 Hz is left. A slow recording can then be looked at, though
    /// spikes cannot be found in it.
    #[must_use]
    pub fn fitted_to(sampling_frequency_hz: f64) -> Self {
        let mut pipeline = Self::default();
        let highest_hz = (sampling_frequency_hz * 0.45 / 50.0).floor() * 50.0;
        if highest_hz < 600.0 {
            pipeline.set("filter", "btype", "none".into());
        } else if highest_hz < 3000.0 {
            pipeline.set("filter", "freq_max_hz", Value::from(highest_hz));
        }
        pipeline
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

    /// Sets a parameter of the block of this kind.
    pub fn set(&mut self, kind: &str, param: &str, value: Value) {
        if let Some(block) = self.blocks.iter_mut().find(|block| block.kind == kind) {
            block.params.insert(param.to_owned(), value);
        }
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
    /// No such parameter.
    #[error("block “{id}” has no parameter “{param}”")]
    UnknownParam {
        /// The block.
        id: String,
        /// The parameter.
        param: String,
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
    /// A filter whose response is too long to be run in blocks.
    #[error("the filter rings for more than 65,536 frames; take a lower order or a higher lower cut-off")]
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
    fn errors_name_the_block_the_parameter_and_the_range() {
        let mut pipeline = Pipeline::default();
        pipeline.set("detect_peaks", "detect_threshold", Value::from(-1));
        let message = pipeline.check().expect_err("refused").to_string();
        assert_eq!(message, "block “detect_peaks”: detect_threshold is -1, but it must be 3 to 50 x noise");
        pipeline = Pipeline::default();
        pipeline.blocks[1].input = "later".into();
        assert!(matches!(pipeline.check(), Err(PipelineError::UnknownInput { .. })));
        for rate_hz in [100.0, 500.0, 1250.0, 2000.0, 5000.0, 10_000.0] {
            assert!(Settings::new(&Pipeline::fitted_to(rate_hz), rate_hz).is_ok(), "{rate_hz} Hz");
        }
        let narrow = Settings::new(&Pipeline::default(), 5000.0).expect_err("3 kHz is above Nyquist");
        assert!(narrow.to_string().contains("between 0 and 2500 Hz"), "{narrow}");
    }
}
