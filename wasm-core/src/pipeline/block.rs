//! A block of a pipeline.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::RECORDING;
use crate::blocks::{BlockSpec, Values, spec};

/// One block of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Unique name within the pipeline.
    pub id: String,
    /// Which of the [`BLOCKS`](crate::blocks::BLOCKS) it is.
    pub kind: String,
    /// Id of the block whose output it takes, or `recording`.
    pub input: String,
    /// Parameter values; those left out take their defaults.
    pub params: Map<String, Value>,
    /// The data that each port of an unknown kind takes; empty where the kind is known.
    pub ports: BTreeMap<String, String>,
}

impl Block {
    /// A block with all its parameters at their defaults.
    pub(super) fn new(spec: &BlockSpec, id: String) -> Self {
        Self {
            id,
            kind: spec.kind.to_owned(),
            input: RECORDING.to_owned(),
            params: spec.params.iter().map(|param| (param.name.to_owned(), param.default_value())).collect(),
            ports: BTreeMap::new(),
        }
    }

    /// The description of the block's kind; none where this version does not know it.
    #[must_use]
    pub fn spec(&self) -> Option<&'static BlockSpec> {
        spec(&self.kind)
    }

    /// The values of the parameters.
    #[must_use]
    pub const fn values(&self) -> Values<'_> {
        Values::new(&self.params)
    }

    /// Whether it takes what the block of this id gives.
    pub(super) fn takes(&self, id: &str) -> bool {
        self.input == id || self.ports.values().any(|taken| taken == id)
    }

    /// Whether the block takes spikes and says something about them, as far as is known.
    #[must_use]
    pub fn is_analysis(&self) -> bool {
        self.spec().is_none_or(BlockSpec::is_analysis)
    }
}
