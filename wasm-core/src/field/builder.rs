//! Slices, in whatever order they come, to the whole.

use ndarray::Array2;

use super::{FieldPlan, FieldPotentials};
use crate::grid::{BLOCK_FRAMES, Slice};
use crate::recording::StreamInfo;

/// Puts slices together.
#[derive(Debug)]
pub struct FieldBuilder {
    plan: FieldPlan,
    lengths: Vec<usize>,
    values: Array2<f32>,
    /// Samples of an electrode that have not come.
    n_missing: usize,
}

impl FieldBuilder {
    /// Takes the slices of a stream; memory for all samples is taken at once.
    #[must_use]
    pub fn new(plan: FieldPlan, info: &StreamInfo) -> Self {
        let lengths = plan.lengths(info);
        // Where no electrode is kept, there may be more samples than memory.
        let n_samples = if plan.channels.is_empty() { 0 } else { lengths.iter().sum() };
        Self { values: Array2::zeros((plan.channels.len(), n_samples)), lengths, n_missing: n_samples, plan }
    }

    /// The electrodes and the rate that are kept.
    #[must_use]
    pub const fn plan(&self) -> &FieldPlan {
        &self.plan
    }

    /// Takes the samples of a slice, as [`super::decimated`] gives them; `false` where they are not as many as the
    /// slice has.
    pub fn add(&mut self, slice: Slice, samples: &[f32]) -> bool {
        let n = self.plan.channels.len();
        if n == 0 {
            return samples.is_empty();
        }
        let Some(length) = self.lengths.get(slice.segment).copied() else { return false };
        let before: usize = self.lengths[..slice.segment].iter().sum();
        let sample = |block: u64| {
            let place = (block * BLOCK_FRAMES).div_ceil(self.plan.factor as u64);
            usize::try_from(place).map_or(length, |place| place.min(length))
        };
        let (from, to) = (sample(slice.first_block), sample(slice.first_block + slice.n_blocks));
        if samples.len() != (to - from) * n {
            return false;
        }
        for (at, row) in samples.chunks_exact(n).enumerate() {
            for (electrode, value) in row.iter().enumerate() {
                self.values[[electrode, before + from + at]] = *value;
            }
        }
        self.n_missing = self.n_missing.saturating_sub(to - from);
        true
    }

    /// The whole; none where a slice is missing.
    #[must_use]
    pub fn finish(self) -> Option<FieldPotentials> {
        (self.n_missing == 0).then(|| FieldPotentials::new(self.plan, self.lengths, self.values))
    }
}
