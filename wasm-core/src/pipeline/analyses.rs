//! The analyses of a pipeline: what follows from the spikes.

use serde_json::Value;

use super::{Block, CHAIN_VERSION, GRAPH_VERSION, Pipeline};
use crate::blocks::{BLOCKS, spec};

impl Pipeline {
    /// This pipeline with its analyses spelt out: a chain has those that are not optional.
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
}
