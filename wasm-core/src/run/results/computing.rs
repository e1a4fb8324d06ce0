//! The result of each block: taken from what is known, or computed.

use std::collections::HashMap;
use std::sync::Arc;

use super::BlockResult;
use super::key::key;
use super::start::{Start, Starts};
use crate::blocks::{BlockSpec, Outcome, lacking, run_of};
use crate::pipeline::{Block, Pipeline, RECORDING, title};
use crate::run::detected::counts;

/// Results on their way, block by block.
pub(super) struct Computing<'a> {
    pub(super) pipeline: &'a Pipeline,
    /// Results that are known from before, by the key of their tables.
    pub(super) known: &'a HashMap<String, Arc<BlockResult>>,
    /// Results that this pipeline has, by the key of their tables.
    pub(super) kept: HashMap<String, Arc<BlockResult>>,
    /// How many more may be computed.
    pub(super) n_left: usize,
    /// Number of analyses that were left out.
    pub(super) n_pending: usize,
}

impl Computing<'_> {
    /// The result of a block; none where it is left out.
    pub(super) fn result(&mut self, block: &Block, starts: &Starts<'_>) -> Option<Arc<BlockResult>> {
        let Some(spec) = block.spec() else { return Some(Arc::new(unknown(block))) };
        let start = match starts.of(block) {
            Ok(start) => start,
            Err(detector) => return Some(Arc::new(without_spikes(block, spec, detector))),
        };
        let of_tables = key(block, spec, start.key);
        // Tables of a plate have all wells, figures are of one.
        let key = start.well.map_or_else(|| of_tables.clone(), |well| well.key(&of_tables));
        // Two blocks with the same values share a result but for their names.
        let title = || titled(block, start.detector);
        let known = self.kept.get(&of_tables).or_else(|| self.known.get(&of_tables)).cloned();
        let own = match known {
            Some(known) if known.key == key && known.id == block.id => known,
            Some(known) if known.key == key => {
                Arc::new(BlockResult { id: block.id.clone(), title: title(), ..(*known).clone() })
            }
            known if self.n_left == 0 => {
                self.n_pending += 1;
                // Its tables stay.
                self.kept.extend(known.map(|known| (of_tables, known)));
                return None;
            }
            known => {
                self.n_left -= 1;
                let of_plate = match known {
                    Some(known) => BlockResult { id: block.id.clone(), title: title(), key, ..(*known).clone() },
                    None => computed(start, block, spec, self.pipeline, key),
                };
                Arc::new(match start.well {
                    Some(well) => well.drawn(of_plate, block, spec),
                    None => of_plate,
                })
            }
        };
        self.kept.insert(of_tables, Arc::clone(&own));
        Some(own)
    }
}

/// The result of a block.
fn computed(start: Start<'_>, block: &Block, spec: &BlockSpec, pipeline: &Pipeline, key: String) -> BlockResult {
    let Start { trains, detector, .. } = start;
    let takes = pipeline.blocks.iter().find(|other| other.id == block.input);
    let outcome = match run_of(spec) {
        _ if spec.is_analysis() && block.input != RECORDING && takes.is_none_or(|other| other.spec().is_none()) => {
            Outcome::absent(format!("it takes “{}”, which this version does not know", block.input))
        }
        _ if !spec.is_analysis() => counts(trains),
        Some(run) => lacking(spec, trains).map_or_else(|| run(trains, block.values()), Outcome::absent),
        None => Outcome::default(),
    };
    let kind = trains.info().kind;
    let outcome = outcome.worded(kind);
    BlockResult {
        id: block.id.clone(),
        kind: block.kind.clone(),
        version: spec.version,
        title: titled(block, detector),
        definition: kind.worded(&(spec.words)(block.values())),
        source: spec.source.to_owned(),
        key,
        absent: outcome.absent,
        tables: outcome.tables,
        figures: outcome.figures,
    }
}

/// The title of a block, with the detection whose spikes it takes where that is not the first.
fn titled(block: &Block, detector: Option<&str>) -> String {
    match (block.spec(), detector) {
        (Some(spec), None) if spec.is_analysis() => spec.title.to_owned(),
        (Some(spec), Some(detector)) if spec.is_analysis() => format!("{}: spikes of “{detector}”", spec.title),
        _ => title(block),
    }
}

/// A block whose detection found no spikes here: nothing is computed from those of another.
fn without_spikes(block: &Block, spec: &BlockSpec, detector: &str) -> BlockResult {
    BlockResult {
        version: spec.version,
        title: titled(block, Some(detector)),
        absent: Some(format!("the spikes of “{detector}” are not in this result: analyse the recording again")),
        ..unknown(block)
    }
}

/// A block of a later version: it stays in the pipeline, and nothing is computed.
fn unknown(block: &Block) -> BlockResult {
    BlockResult {
        id: block.id.clone(),
        kind: block.kind.clone(),
        version: 0,
        title: block.kind.clone(),
        definition: String::new(),
        source: String::new(),
        key: String::new(),
        absent: Some(format!("the block “{}” is not known to this version; it is kept in the pipeline", block.kind)),
        tables: Vec::new(),
        figures: Vec::new(),
    }
}
