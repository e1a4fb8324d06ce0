//! The stages of a run as values, and the tasks that they consist of.

use std::sync::Arc;

use super::Cut;
use crate::engine::{BlockId, NoiseExcerpt, combine_noise, noise_sample};
use crate::pipeline::{NoiseMethod, Pipeline};
use crate::recording::StreamInfo;
use crate::run::{Slice, StageTime, slices, slices_without};

/// A stage of a run. A new one is a value in [`STAGES`], and a [`Task`] if its work is of a new kind.
#[derive(Debug)]
pub struct Stage {
    /// Name of the stage in receipts.
    pub name: &'static str,
    /// Tasks of the stage, from what those before it made known.
    pub(super) tasks: fn(&Known) -> Vec<Task>,
    /// Makes known what follows from its tasks, once all are done.
    pub(super) end: fn(&mut Known),
}

impl Stage {
    /// What it took, for a receipt: seconds of all workers together.
    #[must_use]
    pub fn took(&self, worker_s: f64) -> StageTime {
        StageTime { name: self.name.into(), worker_s }
    }
}

/// Noise is measured on the excerpts of the sample, and combined.
pub const NOISE: Stage = Stage { name: "noise", tasks: noise_tasks, end: combine };

/// The recording is searched for spikes.
pub const ANALYSE: Stage = Stage { name: "analyse", tasks: analyse_tasks, end: |_| () };

/// Field potentials are kept, where the pipeline says so.
pub const FIELD: Stage = Stage { name: "field potentials", tasks: field_tasks, end: |_| () };

/// What was found is put together, in one piece by whoever has it all: there is nothing to hand out.
pub const REDUCE: Stage = Stage { name: "reduce", tasks: |_| Vec::new(), end: |_| () };

/// The stages of a run, in order.
pub const STAGES: &[Stage] = &[NOISE, ANALYSE, REDUCE];

/// The stages of a run that keeps field potentials, in order.
const STAGES_WITH_FIELD: &[Stage] = &[NOISE, ANALYSE, FIELD, REDUCE];

/// The stages of a pipeline's run.
#[must_use]
pub fn stages_of(pipeline: &Pipeline) -> &'static [Stage] {
    if pipeline.block("field_potentials").is_some() { STAGES_WITH_FIELD } else { STAGES }
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Measure the noise of an excerpt of the sample.
    Measure {
        /// Place of the excerpt in the sample.
        at: usize,
        /// The excerpt.
        excerpt: NoiseExcerpt,
        /// The block that it is, where that is searched in the same pass.
        block: Option<BlockId>,
    },
    /// Search a block before its noise is known, and keep what is found.
    Search(BlockId),
    /// Keep of a block that was searched before what counts now that the noise is known, or search it
    /// again where that was not deep enough.
    Settle {
        /// The block.
        block: BlockId,
        /// Noise of each channel in microvolts.
        noise_uv: Arc<Vec<f32>>,
    },
    /// Search a slice.
    Analyse {
        /// The slice.
        slice: Slice,
        /// Noise of each channel in microvolts.
        noise_uv: Arc<Vec<f32>>,
    },
    /// Take the field potentials of a slice.
    Field(Slice),
}

impl Task {
    /// How much it counts in the progress: excerpts that are measured, or blocks that are searched or kept.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Measure { .. } | Self::Search(_) => 1,
            Self::Settle { .. } => 0,
            Self::Analyse { slice, .. } | Self::Field(slice) => usize::try_from(slice.n_blocks).unwrap_or(usize::MAX),
        }
    }
}

/// The parts of a run that are known so far.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) info: StreamInfo,
    sample: Vec<NoiseExcerpt>,
    /// Blocks that are searched while noise is measured.
    early: Vec<BlockId>,
    /// All others.
    pub(super) slices: Vec<Slice>,
    /// All blocks.
    whole: Vec<Slice>,
    /// Noise of each excerpt; empty until it is measured.
    pub(super) levels_uv: Vec<Vec<f32>>,
    pub(super) noise_uv: Option<Arc<Vec<f32>>>,
}

impl Known {
    pub(super) fn new(info: &StreamInfo, method: NoiseMethod, cut: Cut) -> Self {
        let sample = noise_sample(info, method);
        Self {
            info: info.clone(),
            slices: slices_without(info, cut.blocks_per_slice, &cut.early),
            whole: slices(info, cut.blocks_per_slice),
            early: cut.early,
            levels_uv: vec![Vec::new(); sample.len()],
            sample,
            noise_uv: None,
        }
    }
}

/// The blocks that are searched early, those of the sample among them; excerpts that are none of
/// them by themselves.
fn noise_tasks(known: &Known) -> Vec<Task> {
    let Known { info, sample, early, .. } = known;
    let blocks: Vec<Option<BlockId>> = sample.iter().map(|excerpt| excerpt.block(info)).collect();
    let measure = |at: usize, block: Option<BlockId>| Task::Measure { at, excerpt: sample[at].clone(), block };
    let searched = early.iter().map(|block| match blocks.iter().position(|own| *own == Some(*block)) {
        Some(at) => measure(at, Some(*block)),
        None => Task::Search(*block),
    });
    let alone = (0..sample.len()).filter(|at| blocks[*at].is_none_or(|block| !early.contains(&block)));
    searched.chain(alone.map(|at| measure(at, None))).collect()
}

fn combine(known: &mut Known) {
    known.noise_uv = Some(Arc::new(combine_noise(&known.sample, &known.levels_uv)));
}

fn analyse_tasks(known: &Known) -> Vec<Task> {
    // Before the noise is known they are only counted.
    let noise_uv = known.noise_uv.clone().unwrap_or_default();
    let settle = known.early.iter().map(|block| Task::Settle { block: *block, noise_uv: Arc::clone(&noise_uv) });
    let analyse = known.slices.iter().map(|slice| Task::Analyse { slice: *slice, noise_uv: Arc::clone(&noise_uv) });
    settle.chain(analyse).collect()
}

fn field_tasks(known: &Known) -> Vec<Task> {
    known.whole.iter().copied().map(Task::Field).collect()
}
