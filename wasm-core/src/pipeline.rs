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

mod analyses;
mod block;
mod check;
mod detectors;
mod error;
mod field;
mod fitted;
mod methods;
mod schema;
mod searchable;
mod settings;
#[cfg(test)]
mod tests;
mod wire;
mod words;

pub use block::Block;
pub use detectors::Detector;
#[cfg(test)]
pub(crate) use detectors::TWO_DETECTIONS;
pub use error::PipelineError;
pub use fitted::MIN_REFERENCE_ELECTRODES;
pub use methods::methods;
pub use schema::schema;
pub use searchable::check_searchable;
pub use settings::{Coincidence, Detection, NoiseMethod, PeakSign, ReferenceOperator, ReferenceScope, Settings};
pub(crate) use words::{applying, title};
pub use words::{beside_headline, in_words, is_beside_headline, parameters};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::blocks::{BLOCKS, BlockSpec, Values, spec};

/// Version of a pipeline file that is a chain to the spikes. This library writes and reads it.
pub const CHAIN_VERSION: u32 = 1;

/// Version of a pipeline file that goes on from the spikes to analyses. This library writes and reads it.
pub const GRAPH_VERSION: u32 = 2;

/// Most blocks of a pipeline.
pub const MAX_BLOCKS: usize = 100;

/// Most bytes of a pipeline's file.
const MAX_FILE_BYTES: usize = 256 << 10;

/// Most letters of a block's name in a graph.
pub const MAX_ID_LETTERS: usize = 64;

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
    /// A pipeline without blocks, for spikes that files hold: nothing is done to a signal.
    #[must_use]
    pub const fn empty() -> Self {
        Self { version: CHAIN_VERSION, blocks: Vec::new() }
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

    /// An id that no block has: the kind, or with the first number from 2 on.
    fn free_id(&self, kind: &str) -> String {
        let is_free = |id: &String| self.blocks.iter().all(|block| block.id != *id);
        let numbered = (2..).map(|number| format!("{kind}_{number}"));
        std::iter::once(kind.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
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
