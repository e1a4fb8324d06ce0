//! The results of a pipeline's analyses: tables and figures by name, with where they come from.

mod computing;
mod key;
mod start;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Detected;
use super::of_well::ShownWell;
use crate::analyses::SpikeTrains;
use crate::figure::Figure;
use crate::pipeline::Pipeline;
use crate::table::Table;
use computing::Computing;
use start::Starts;

pub use key::spikes_key;
pub(super) use key::{Hash, SpikesHash};

/// Version of the file; grows when a field changes its meaning.
pub const RESULTS_VERSION: u32 = 1;

/// `results.json`: every analysis of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultSet {
    /// [`RESULTS_VERSION`].
    pub version: u32,
    /// Version of the program that computed it.
    pub neurocyte_version: String,
    /// The pipeline, its analyses spelt out.
    pub pipeline: Pipeline,
    /// The well of a plate that figures of one culture show; none where there are no wells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_well: Option<ShownWell>,
    /// What each analysis gives, in the pipeline's order.
    pub blocks: Vec<Arc<BlockResult>>,
}

/// The result of one analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockResult {
    /// Id of the block.
    pub id: String,
    /// Kind of the block.
    pub kind: String,
    /// Version of what it computes; 0 of a kind that is not known.
    pub version: u32,
    /// Title on screen.
    pub title: String,
    /// What its numbers mean, with the values that were used.
    pub definition: String,
    /// Whose method it is.
    pub source: String,
    /// Hash of all that it depends on: the same key means the same numbers.
    pub key: String,
    /// Why numbers are absent.
    pub absent: Option<String>,
    /// Named tables.
    pub tables: Vec<Table>,
    /// Figures.
    pub figures: Vec<Figure>,
}

impl BlockResult {
    /// This result without its tables, which may be long.
    #[must_use]
    pub fn without_tables(&self) -> Self {
        Self {
            id: self.id.clone(),
            kind: self.kind.clone(),
            version: self.version,
            title: self.title.clone(),
            definition: self.definition.clone(),
            source: self.source.clone(),
            key: self.key.clone(),
            absent: self.absent.clone(),
            tables: Vec::new(),
            figures: self.figures.clone(),
        }
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }
}

/// Results that need not be computed again.
#[derive(Debug, Default)]
pub struct Cache {
    /// By the key of their tables.
    known: HashMap<String, Arc<BlockResult>>,
}

/// The results of all analyses of a pipeline. `spikes_key` tells spikes apart: other spikes, another key; other events
/// or field potentials of the trains, another key too.
/// What the cache holds is taken from it, and it keeps what this pipeline needs and nothing else.
#[must_use]
pub fn results(trains: &SpikeTrains, spikes_key: u64, pipeline: &Pipeline, cache: &mut Cache) -> ResultSet {
    some_results((trains, spikes_key), &[], pipeline, cache, usize::MAX).0
}

/// The first results of the analyses of a pipeline: at most `n_new` that the cache does not hold are computed, and
/// those that are left out are counted. Asked again, they come one after another, and who waits can show those that
/// are there, or stop.
///
/// `further` has the spikes of the detections behind the first, from which the analyses start that take them. With
/// several detections, each gives the number of its spikes.
#[must_use]
pub fn some_results(
    first: (&SpikeTrains, u64),
    further: &[Detected],
    pipeline: &Pipeline,
    cache: &mut Cache,
    n_new: usize,
) -> (ResultSet, usize) {
    let pipeline = pipeline.with_analyses();
    let starts = Starts::new(first, further, &pipeline);
    let (known, kept) = (&cache.known, HashMap::new());
    let mut computing = Computing { pipeline: &pipeline, known, kept, n_left: n_new, n_pending: 0 };
    let shown = pipeline.blocks.iter().filter(|block| starts.has(block));
    let blocks = shown.filter_map(|block| computing.result(block, &starts)).collect();
    let Computing { kept, n_pending, .. } = computing;
    cache.known = kept;
    let neurocyte_version = env!("CARGO_PKG_VERSION").to_owned();
    let shown_well = starts.shown_well();
    let pipeline = pipeline.clone();
    (ResultSet { version: RESULTS_VERSION, neurocyte_version, pipeline, shown_well, blocks }, n_pending)
}
