//! Parts of a view, and the workers that they fall to.

use std::ops::Range;

use wasm_core::recording::StreamInfo;
use wasm_core::view::{Detail, ViewRequest};

/// What is asked: a recording and its workers.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub streams: &'a [StreamInfo],
    pub n_workers: usize,
    /// Whether its chunks come from the cloud: they are decoded row by row, by the first worker.
    pub is_uploaded: bool,
}

/// Parts that no worker has been asked for yet, each with the worker that may know it from before.
pub struct Waiting(Vec<(usize, Range<u64>)>);

impl Waiting {
    pub fn new(source: Source<'_>, stream: usize, view: &ViewRequest) -> Self {
        if source.is_uploaded && !view.whole {
            return Self(vec![(0, view.start..view.start + view.n_frames)]);
        }
        let n_workers = if source.is_uploaded { 1 } else { source.n_workers.max(1) as u64 };
        let worker_of = |number: u64| usize::try_from(number % n_workers).unwrap_or(0);
        let parts = view.parts(&source.streams[stream]).into_iter();
        Self(parts.map(|(number, frames)| (worker_of(number), frames)).collect())
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The next part for a worker: one that it may know from before, or else one of another's.
    pub fn next(&mut self, worker: usize) -> Option<Range<u64>> {
        let own = self.0.iter().position(|(of, _)| *of == worker);
        let at = own.or_else(|| self.0.len().checked_sub(1))?;
        Some(self.0.remove(at).1)
    }
}

/// A part of a view, as a worker computed it.
pub struct Part {
    pub n_columns: usize,
    pub columns: Range<usize>,
    pub min_uv: Vec<f32>,
    pub max_uv: Vec<f32>,
    /// Channel, frame and amplitude.
    pub spikes: Vec<(u32, i64, f32)>,
    pub detail: Detail,
}
