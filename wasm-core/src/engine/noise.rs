//! Noise of each channel in a range of frames.

use std::ops::Range;

use super::block::{Engine, FilteredBlock};
use super::excerpts::NoiseExcerpt;
use super::median::Median;
use super::passes::{Rows, Span, Workspace};
use crate::filter::{Cell, LANES};
use crate::pipeline::NoiseMethod;
use crate::recording::{FrameSource, ReadError};

/// The 75 % quantile of the standard normal distribution: what turns a median absolute
/// deviation into a standard deviation (Quiroga et al. 2004, doi:10.1162/089976604774201631).
const MAD_TO_SD: f32 = 0.674_489_75;

/// Cells whose channels are taken apart together: 8 kB.
const CELLS_AT_ONCE: usize = 128;

/// The frames of a block on which its noise is measured, `[group][frame]`.
#[derive(Default)]
pub struct NoiseRows {
    /// Every so many frames.
    step: usize,
    groups: Vec<Vec<Cell>>,
}

impl NoiseRows {
    /// Forgets what was taken, not the memory for it.
    pub(super) fn begin(&mut self, step: usize) {
        self.step = step;
        self.groups.iter_mut().for_each(Vec::clear);
    }

    /// Takes its share of the block's own rows.
    pub(super) fn add(&mut self, rows: &impl Rows, own: Range<usize>, span: &Span) {
        if own.is_empty() {
            return;
        }
        let first = span.own.start + (own.start - span.own.start).next_multiple_of(self.step);
        let n_groups = rows.row(own.start).len();
        self.groups.resize_with(n_groups, || Vec::with_capacity(span.own.len() / self.step + 1));
        let taken: Vec<&[Cell]> = (first..own.end).step_by(self.step).map(|row| rows.row(row)).collect();
        for (at, group) in self.groups.iter_mut().enumerate() {
            group.extend(taken.iter().map(|row| row[at]));
        }
    }
}

impl Engine {
    /// Noise of each channel in microvolts over an excerpt of the noise sample.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn noise_of_excerpt(
        &self,
        source: &dyn FrameSource,
        excerpt: &NoiseExcerpt,
        workspace: &mut Workspace,
    ) -> Result<Vec<f32>, ReadError> {
        self.noise_in(source, excerpt.segment, excerpt.frames.clone(), workspace)
    }

    /// The noise of any range of frames, in microvolts.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn noise_in(
        &self,
        source: &dyn FrameSource,
        segment: usize,
        own: Range<u64>,
        workspace: &mut Workspace,
    ) -> Result<Vec<f32>, ReadError> {
        let mut window = self.window_of(source, segment, own, std::mem::take(&mut workspace.raw));
        // Nothing lies beyond such noise, so nothing is searched for.
        let (noise_uv, _) = self.survey(&mut window, &vec![f32::INFINITY; self.info.n_channels], workspace)?;
        workspace.raw = window.into_memory();
        Ok(noise_uv)
    }

    /// Noise of each channel over the block's own frames, in microvolts.
    #[must_use]
    pub fn noise(&self, block: &FilteredBlock) -> Vec<f32> {
        let mut rows = NoiseRows::default();
        rows.begin(self.noise_step);
        rows.add(block, block.span.own.clone(), &block.span);
        self.noise_of(&rows)
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "computed in f32 by design")]
    pub(super) fn noise_of(&self, rows: &NoiseRows) -> Vec<f32> {
        let mut lanes: [Vec<f32>; LANES] = Default::default();
        let (mut centres, mut deviations) = (Median::default(), Median::default());
        let mut of_channel = |values: &mut [f32]| match self.settings.noise {
            NoiseMethod::Mad => {
                let centre = centres.of(values);
                for value in &mut *values {
                    *value = (*value - centre).abs();
                }
                deviations.of(values) / MAD_TO_SD
            }
            NoiseMethod::Rms => mean_square(values, 0.0).sqrt() as f32,
            NoiseMethod::SdStart => {
                let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len().max(1) as f64;
                mean_square(values, mean).sqrt() as f32
            }
        };
        let mut noise_uv = Vec::with_capacity(rows.groups.len() * LANES);
        for cells in &rows.groups {
            side_by_side(cells, &mut lanes);
            noise_uv.extend(lanes.iter_mut().map(|values| of_channel(values)));
        }
        noise_uv.resize(self.info.n_channels, 0.0);
        noise_uv
    }
}

/// The channels of a group, a list each. Some cells at a time, so that they are in the
/// first-level cache for all sixteen.
fn side_by_side(cells: &[Cell], lanes: &mut [Vec<f32>; LANES]) {
    lanes.iter_mut().for_each(Vec::clear);
    for cells in cells.chunks(CELLS_AT_ONCE) {
        for (lane, values) in lanes.iter_mut().enumerate() {
            values.extend(cells.iter().map(|cell| cell[lane]));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of frames")]
fn mean_square(values: &[f32], centre: f64) -> f64 {
    let square = |value: &f32| (f64::from(*value) - centre) * (f64::from(*value) - centre);
    values.iter().map(square).sum::<f64>() / values.len().max(1) as f64
}
