//! A run as a job: it hands out tasks and takes what came of them.
//!
//! A browser's workers, threads or functions in the cloud only carry the tasks. The order of stages,
//! the noise sample, the mean over it and the slices are decided here. A job reads nothing, starts
//! nothing and knows no clock.

mod stages;
#[cfg(test)]
mod tests;

pub use stages::{ANALYSE, FIELD, NOISE, REDUCE, STAGES, Stage, Task, stages_of};

use std::collections::BTreeSet;
use std::sync::Arc;

use super::portions::Portions;
use super::{Receipt, Slice};
use crate::engine::BlockId;
use crate::pipeline::NoiseMethod;
use crate::recording::StreamInfo;
use stages::Known;

/// How a run is cut for those who carry it. It changes who does what, never the result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Blocks of a slice, at most.
    pub blocks_per_slice: u64,
    /// Stretches of the recording that workers go through side by side: one for each worker that
    /// decodes for itself, one for all that share what they decode.
    pub n_stretches: usize,
    /// Blocks that are searched while noise is measured, see [`super::early_blocks`]; none where
    /// what is found cannot be kept until the noise is known.
    pub early: Vec<BlockId>,
}

/// The next work of a worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// A task; the job is told when it is done.
    Task(Task),
    /// Nothing until the others are done with the stage: the worker asks again when they are.
    Wait,
    /// Nothing any more.
    Ended,
}

/// Progress of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Name of the stage under way.
    pub stage: &'static str,
    /// Excerpts measured and blocks searched.
    pub done: usize,
    /// All of them.
    pub total: usize,
}

/// A run: which stage is under way, who has which task, what is known.
#[derive(Debug)]
pub struct Job {
    stages: &'static [Stage],
    /// The stage under way.
    at: usize,
    /// Tasks of the stage, and how many of them are not done.
    tasks: Vec<Task>,
    n_left: usize,
    portions: Portions,
    n_stretches: usize,
    /// Workers that were told to wait in this stage.
    waiting: BTreeSet<usize>,
    known: Known,
    done: usize,
    total: usize,
    /// Seconds of all workers together, for each stage.
    seconds: Vec<f64>,
    is_stopped: bool,
}

impl Job {
    /// The job of some stages, of which there is at least one: [`stages_of`] a pipeline for a whole run.
    #[must_use]
    pub fn new(stages: &'static [Stage], info: &StreamInfo, method: NoiseMethod, cut: Cut) -> Self {
        let mut job = Self {
            stages,
            at: 0,
            tasks: Vec::new(),
            n_left: 0,
            portions: Portions::new(0, 1),
            n_stretches: cut.n_stretches.max(1),
            waiting: BTreeSet::new(),
            known: Known::new(info, method, cut),
            done: 0,
            total: 0,
            seconds: vec![0.0; stages.len()],
            is_stopped: false,
        };
        job.begin();
        job
    }

    /// What a worker does next. The next stage begins with a worker that asks again after it was told
    /// to wait: who finishes last comes to rest too, so that all can go on together.
    pub fn next(&mut self, worker: usize) -> Next {
        if self.has_ended() {
            return Next::Ended;
        }
        if let Some(at) = self.portions.take(worker % self.n_stretches) {
            return Next::Task(self.tasks[at].clone());
        }
        let is_first = self.waiting.insert(worker);
        if is_first || self.n_left > 0 {
            return Next::Wait;
        }
        self.at += 1;
        self.begin();
        self.next(worker)
    }

    /// Takes the noise of each channel in an excerpt of the sample, in microvolts.
    pub fn measured(&mut self, excerpt: usize, levels_uv: Vec<f32>) {
        if let Some(levels) = self.known.levels_uv.get_mut(excerpt) {
            *levels = levels_uv;
        }
        self.advance(1);
    }

    /// Takes that a task which searches, or keeps field potentials, was done.
    pub fn searched(&mut self, task: &Task) {
        self.advance(task.weight());
    }

    /// Takes how many seconds a worker spent on a stage.
    pub fn took(&mut self, stage: &Stage, worker_s: f64) {
        let own = self.stages.iter().position(|own| own.name == stage.name);
        if let Some(seconds) = own.and_then(|at| self.seconds.get_mut(at)) {
            *seconds += worker_s;
        }
    }

    /// Hands out no more.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Whether it was stopped, or all is done.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.is_stopped || (self.n_left == 0 && self.at + 1 >= self.stages.len())
    }

    /// The stage under way; that of every task which is not done.
    #[must_use]
    pub fn stage(&self) -> &'static Stage {
        &self.stages[self.at]
    }

    /// Progress of the job.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { stage: self.stage().name, done: self.done, total: self.total }
    }

    /// Noise of each channel in microvolts, once every excerpt was measured.
    #[must_use]
    pub fn noise_uv(&self) -> Option<&Arc<Vec<f32>>> {
        self.known.noise_uv.as_ref()
    }

    /// The slices that are analysed once the noise is known.
    #[must_use]
    pub fn slices(&self) -> &[Slice] {
        &self.known.slices
    }

    /// The receipt of work that cost nothing, where memory is not known.
    #[must_use]
    pub fn receipt(&self, place: &str, n_workers: usize, wall_s: f64) -> Receipt {
        let info = &self.known.info;
        Receipt {
            place: place.into(),
            n_workers,
            wall_s,
            stages: self.stages.iter().zip(&self.seconds).map(|(stage, worker_s)| stage.took(*worker_s)).collect(),
            n_samples: info.n_frames() * info.n_channels as u64,
            peak_memory_bytes: None,
            cost_usd: 0.0,
            price_region: None,
        }
    }

    fn begin(&mut self) {
        self.tasks = (self.stage().tasks)(&self.known);
        self.n_left = self.tasks.len();
        self.portions = Portions::new(self.n_left, self.n_stretches);
        self.waiting.clear();
        let to_come = self.stages[self.at..].iter().flat_map(|stage| (stage.tasks)(&self.known));
        self.total = self.done + to_come.map(|task| task.weight()).sum::<usize>();
        self.end_if_done();
    }

    fn advance(&mut self, weight: usize) {
        self.done += weight;
        self.n_left = self.n_left.saturating_sub(1);
        self.end_if_done();
    }

    fn end_if_done(&mut self) {
        if self.n_left == 0 {
            (self.stage().end)(&mut self.known);
        }
    }
}
