//! The pipeline as data: a versioned graph of blocks, checked against one registry.
//!
//! The same validation runs in the browser before a run is paid for and again in the
//! cloud. Controls on the page are generated from [`BLOCKS`].
//!
//! Version 1 is a chain from the signal to spikes. Version 2 goes on from there: analyses, each of
//! which takes spikes by a named port and may occur more than once, and kinds that this version does not
//! know, which are kept. Detections may occur more than once too; all take the same filtered signal.
//!
//! ```
//! use wasm_core::pipeline::Pipeline;
//!
//! let mut pipeline = Pipeline::default();
//! pipeline.set("detect_peaks", "detect_threshold", 6.into());
//! let id = pipeline.add_analysis("sttc").ok_or("a kind that is not known")?;
//! pipeline.set_analysis(&id, "dt_ms", 10.into());
//!
//! let text = serde_json::to_string(&pipeline)?;
//! assert_eq!(Pipeline::from_json(&text)?, pipeline);
//! // A value out of its range is refused, with what is accepted.
//! let wrong = text.replace(r#""detect_threshold":6"#, r#""detect_threshold":-1"#);
//! assert!(Pipeline::from_json(&wrong).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod detectors;
mod error;
mod field;
mod methods;
mod schema;
mod searchable;
mod settings;
mod wire;
mod words;

pub use detectors::Detector;
pub use error::PipelineError;
pub use methods::methods;
pub use schema::schema;
pub use searchable::check_searchable;
pub use settings::{Coincidence, Detection, NoiseMethod, PeakSign, ReferenceOperator, ReferenceScope, Settings};
pub(crate) use words::{applying, grouped, title};
pub use words::{beside_headline, in_words, parameters};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::blocks::{BLOCKS, BlockSpec, Values, spec};
use crate::recording::StreamInfo;

/// Versions of the pipeline format that this library writes and reads: a chain to the spikes,
pub const CHAIN_VERSION: u32 = 1;

/// and a graph that goes on from there.
pub const GRAPH_VERSION: u32 = 2;

/// Most blocks of a pipeline, and most bytes of its file.
pub const MAX_BLOCKS: usize = 100;
const MAX_FILE_BYTES: usize = 256 << 10;

/// Most letters of a block's name in a graph.
pub const MAX_ID_LETTERS: usize = 64;

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

/// What is done to a recording: blocks, each fed by the recording or by another block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "wire::Pipeline", into = "wire::Pipeline")]
pub struct Pipeline {
    /// [`CHAIN_VERSION`] or [`GRAPH_VERSION`].
    pub version: u32,
    /// Blocks in an order in which each follows its input.
    pub blocks: Vec<Block>,
}

/// One block of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Unique name within the pipeline.
    pub id: String,
    /// Which of the [`BLOCKS`] it is.
    pub kind: String,
    /// Id of the block whose output it takes, or `recording`.
    pub input: String,
    /// Parameter values; those left out take their defaults.
    pub params: Map<String, Value>,
    /// What the ports of a kind that is not known take; empty where the kind is known.
    pub ports: BTreeMap<String, String>,
}

impl Block {
    /// A block with all its parameters at their defaults.
    fn new(spec: &BlockSpec, id: String) -> Self {
        Self {
            id,
            kind: spec.kind.to_owned(),
            input: RECORDING.to_owned(),
            params: spec.params.iter().map(|param| (param.name.to_owned(), param.default_value())).collect(),
            ports: BTreeMap::new(),
        }
    }

    /// What its kind is; none where this version does not know it.
    #[must_use]
    pub fn spec(&self) -> Option<&'static BlockSpec> {
        spec(&self.kind)
    }

    /// The values of its parameters.
    #[must_use]
    pub const fn values(&self) -> Values<'_> {
        Values::new(&self.params)
    }

    /// Whether it takes spikes and says something about them, as far as is known.
    #[must_use]
    pub fn is_analysis(&self) -> bool {
        self.spec().is_none_or(BlockSpec::is_analysis)
    }
}

impl Default for Pipeline {
    /// Butterworth order 5, 300-3000 Hz, zero phase; global median reference; noise by
    /// median absolute deviation; negative peaks of 5 x noise, one per millisecond.
    fn default() -> Self {
        let mut pipeline = Self::empty();
        for spec in BLOCKS.iter().filter(|spec| !spec.optional && !spec.is_analysis()) {
            pipeline.add(spec.kind);
        }
        pipeline
    }
}

impl Pipeline {
    /// That of spikes which files hold: nothing is done to a signal.
    #[must_use]
    pub const fn empty() -> Self {
        Self { version: CHAIN_VERSION, blocks: Vec::new() }
    }

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
    /// When the text is not a pipeline of a version that is known, or too long, or a block of a chain is
    /// not known.
    pub fn from_json(text: &str) -> Result<Self, PipelineError> {
        if text.len() > MAX_FILE_BYTES {
            let reason = format!("{} bytes; at most {MAX_FILE_BYTES} are read", text.len());
            return Err(PipelineError::NotAPipeline(reason));
        }
        let pipeline: Self = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| PipelineError::NotAPipeline(error.to_string()))?;
        pipeline.check()?;
        Ok(pipeline)
    }

    /// The block of this kind, if the pipeline has one; of several detections that of the first.
    #[must_use]
    pub fn block(&self, kind: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.kind == kind).filter(|block| !self.is_of_further(block))
    }

    /// The values of the block of this kind; the defaults where there is none.
    #[must_use]
    pub fn values(&self, of: &BlockSpec) -> Values<'_> {
        self.block(of.kind).map_or_else(Values::default, Block::values)
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
        let place = |kind: &str| BLOCKS.iter().position(|spec| spec.kind == kind).unwrap_or(BLOCKS.len());
        let (Some(spec), None) = (spec(kind), self.block(kind)) else { return };
        let is_behind = |block: &Block| place(&block.kind) > place(kind) || self.is_of_further(block);
        let at = self.blocks.iter().position(is_behind).unwrap_or(self.blocks.len());
        let block = Block::new(spec, self.free_id(kind));
        self.blocks.insert(at, block);
        self.chain();
    }

    /// Removes the block of this kind; of several detections that of the first.
    pub fn remove(&mut self, kind: &str) {
        let Some(id) = self.block(kind).map(|block| block.id.clone()) else { return };
        self.blocks.retain(|block| block.id != id);
        self.chain();
    }

    /// The same with its analyses spelt out: a chain has those that are not optional.
    #[must_use]
    pub fn with_analyses(&self) -> Self {
        let mut graph = self.clone();
        if self.version == CHAIN_VERSION {
            graph.version = GRAPH_VERSION;
            for spec in BLOCKS.iter().filter(|spec| spec.is_analysis() && !spec.optional) {
                graph.add(spec.kind);
            }
        }
        graph
    }

    /// The way to the spikes of this pipeline, and the analyses of another.
    #[must_use]
    pub fn with_analyses_of(&self, other: &Self) -> Self {
        let mut graph = Self { version: GRAPH_VERSION, blocks: self.blocks.clone() };
        graph.blocks.retain(|block| !block.is_analysis());
        graph.blocks.extend(other.with_analyses().blocks.into_iter().filter(Block::is_analysis));
        graph.chain();
        graph
    }

    /// The analyses alone, for spikes that files hold.
    #[must_use]
    pub fn from_spikes(&self) -> Self {
        Self::empty().with_analyses_of(self)
    }

    /// Adds another analysis of this kind at the end; returns its id.
    pub fn add_analysis(&mut self, kind: &str) -> Option<String> {
        let spec = spec(kind).filter(|spec| spec.is_analysis())?;
        *self = self.with_analyses();
        let id = self.free_id(kind);
        self.blocks.push(Block::new(spec, id.clone()));
        self.chain();
        Some(id)
    }

    /// An id that no block has: the kind, or with the first number from 2 on.
    fn free_id(&self, kind: &str) -> String {
        let is_free = |id: &String| self.blocks.iter().all(|block| block.id != *id);
        let numbered = (2..).map(|number| format!("{kind}_{number}"));
        std::iter::once(kind.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// Removes the analysis with this id.
    pub fn remove_analysis(&mut self, id: &str) {
        *self = self.with_analyses();
        self.blocks.retain(|block| block.id != id || !block.is_analysis());
    }

    /// Sets a parameter of the analysis with this id.
    pub fn set_analysis(&mut self, id: &str, param: &str, value: Value) {
        *self = self.with_analyses();
        if let Some(block) = self.blocks.iter_mut().find(|block| block.id == id && block.is_analysis()) {
            block.params.insert(param.to_owned(), value);
        }
    }

    /// Kinds that this version does not know.
    #[must_use]
    pub fn unknown_kinds(&self) -> Vec<&str> {
        self.blocks.iter().filter(|block| block.spec().is_none()).map(|block| block.kind.as_str()).collect()
    }

    /// Whether spikes are found in a signal, not taken as they are stored.
    #[must_use]
    pub fn has_signal(&self) -> bool {
        self.blocks.iter().any(|block| !block.is_analysis())
    }

    /// Connects each block of the signal with the last one before it that gives a recording (noise, for
    /// one, is measured beside the signal path, not in it), and each analysis with its spikes.
    fn chain(&mut self) {
        let mut input = RECORDING.to_owned();
        for block in &mut self.blocks {
            let Some(spec) = spec(&block.kind).filter(|spec| !spec.is_analysis()) else { continue };
            block.input.clone_from(&input);
            if spec.gives_recording() {
                input.clone_from(&block.id);
            }
        }
        self.connect_analyses();
    }

    /// Ids of the channels that are left out.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let ids = self.block("bad_channels").and_then(|block| block.params.get("channel_ids")?.as_array().cloned());
        ids.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }
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
    fn a_graph_repeats_analyses_and_keeps_what_it_does_not_know() {
        let chain = Pipeline::default();
        let mut graph = chain.clone();
        let second = graph.add_analysis("sttc").expect("an analysis");
        graph.set_analysis(&second, "dt_ms", 10.into());
        assert_eq!((second.as_str(), graph.version), ("sttc_2", GRAPH_VERSION));
        assert!(graph.blocks.starts_with(&chain.blocks), "the way to the spikes stays as it is");
        let inputs: Vec<&str> =
            graph.blocks.iter().filter(|block| block.is_analysis()).map(|block| block.input.as_str()).collect();
        assert!(inputs.len() == 8 && inputs.iter().all(|input| *input == "detect_peaks"), "{inputs:?}");
        let text = serde_json::to_string(&graph).expect("JSON");
        assert!(text.contains(r#""in":{"spikes":"detect_peaks"}"#), "{text}");
        assert_eq!(Pipeline::from_json(&text), Ok(graph.clone()));
        // A kind of a later version, and what takes its output.
        let later = text.replace(
            r#"{"id":"sttc_2""#,
            r#"{"id":"x","kind":"sort_units","in":{"spikes":"detect_peaks","recording":"filter"},"params":{"k":1}},{"id":"sttc_2""#,
        );
        let kept = Pipeline::from_json(&later).expect("read");
        let again = serde_json::to_value(&kept).expect("JSON");
        assert_eq!(again, serde_json::from_str::<Value>(&later).expect("JSON"));
        assert!(kept.blocks.iter().any(|block| block.spec().is_none()));
        graph.remove_analysis("sttc");
        assert!(graph.blocks.iter().all(|block| block.id != "sttc"));
        for block in &mut graph.blocks {
            if block.id == "sttc_2" {
                block.input = "filter".into();
            }
        }
        assert!(matches!(graph.check(), Err(PipelineError::WrongPort { .. })));
        let analysis_in_a_chain = text.replace(r#""version":2"#, r#""version":1"#);
        assert!(Pipeline::from_json(&analysis_in_a_chain).is_err());
        for (id, fits) in [
            ("a-B_9", true),
            ("", false),
            ("a/b", false),
            ("日本", false),
            (RECORDING, false),
            ("STTC", true),
            ("FILTER", false),
        ] {
            let mut named = chain.with_analyses();
            if let Some(block) = named.blocks.last_mut() {
                block.id = id.to_owned();
            }
            // The last block is another than “sttc”, so that a name that differs from it by case alone is taken.
            assert_eq!(named.check().is_ok(), fits && id != "STTC", "{id}");
        }
        let mut late = chain.with_analyses();
        late.blocks.insert(
            5,
            Block {
                input: "common_reference".into(),
                ..Block::new(spec("coincident_events").expect("known"), "late".into())
            },
        );
        assert!(
            matches!(late.check(), Err(PipelineError::OutOfOrder { .. })),
            "analyses before it would get other spikes"
        );
        let long = format!("{}{}", " ".repeat(MAX_FILE_BYTES), text);
        assert!(matches!(Pipeline::from_json(&long), Err(PipelineError::NotAPipeline(_))));
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
