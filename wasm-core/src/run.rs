//! A run: plan it in slices, analyse each, put the slices together.
//!
//! The same three steps run in Lambda, in the local cloud, on the command line and in the
//! browser's workers.

mod receipt;
mod summary;

pub use receipt::{Receipt, Stage};
pub use summary::{ChannelSummary, Headline, RecordingSummary, SUMMARY_VERSION, Summary};

use serde::{Deserialize, Serialize};

use crate::engine::{BLOCK_FRAMES, BlockId, Engine, RawWindow, WaveformSums, Waveforms, combine_noise, noise_sample};
use crate::pipeline::Pipeline;
use crate::recording::{FrameSource, ReadError, StreamInfo};
use crate::spikes::{Spike, above};

/// Consecutive blocks of one segment, the unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Segment.
    pub segment: usize,
    /// First block.
    pub first_block: u64,
    /// Number of blocks.
    pub n_blocks: u64,
}

impl Slice {
    /// Its blocks, in order.
    pub fn blocks(self) -> impl Iterator<Item = BlockId> {
        (self.first_block..self.first_block + self.n_blocks).map(move |index| BlockId { segment: self.segment, index })
    }
}

/// Cuts a stream into slices of at most `blocks_per_slice`. The cut changes who does the
/// work, never the result.
#[must_use]
pub fn slices(info: &StreamInfo, blocks_per_slice: u64) -> Vec<Slice> {
    let mut slices = Vec::new();
    for (segment, found) in info.segments.iter().enumerate() {
        let n_blocks = found.n_frames.div_ceil(BLOCK_FRAMES);
        for first_block in (0..n_blocks).step_by(usize::try_from(blocks_per_slice).unwrap_or(usize::MAX).max(1)) {
            slices.push(Slice { segment, first_block, n_blocks: blocks_per_slice.max(1).min(n_blocks - first_block) });
        }
    }
    slices
}

/// Noise of every channel in microvolts, measured on blocks spread over the recording.
///
/// # Errors
/// When the source cannot give a block.
pub fn measure_noise(engine: &Engine, source: &dyn FrameSource) -> Result<Vec<f32>, ReadError> {
    let blocks = noise_sample(engine.info()).into_iter();
    let noise: Result<Vec<_>, _> = blocks.map(|id| Ok(engine.noise(&engine.block(source, id)?))).collect();
    noise.map(|noise| combine_noise(&noise))
}

/// What the analysis of a slice gives.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    /// Peaks above the floor, sorted.
    pub peaks: Vec<Spike>,
    /// Sums of the spikes' waveforms.
    pub waveforms: WaveformSums,
}

/// Analyses a slice. `observe` is shown each block as it was read; returning `false`
/// stops the work, and the result is then `None`.
///
/// # Errors
/// When the source cannot give a block.
pub fn analyse(
    engine: &Engine,
    source: &dyn FrameSource,
    slice: Slice,
    noise_uv: &[f32],
    mut observe: impl FnMut(&RawWindow) -> bool,
) -> Result<Option<SliceResult>, ReadError> {
    let floors = engine.floors(noise_uv);
    let mut result = SliceResult { peaks: Vec::new(), waveforms: engine.waveform_sums() };
    for id in slice.blocks() {
        let window = engine.read(source, id)?;
        if !observe(&window) {
            return Ok(None);
        }
        let block = engine.filter(&window);
        let peaks = engine.peaks(&block, &floors);
        engine.add_waveforms(&block, &peaks, noise_uv, &mut result.waveforms);
        result.peaks.extend(peaks);
    }
    Ok(Some(result))
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The numbers that people look at.
    pub summary: Summary,
    /// Spikes above the pipeline's threshold, sorted.
    pub spikes: Vec<Spike>,
    /// Peaks above the floor, sorted: what the threshold can be moved over.
    pub peaks: Vec<Spike>,
    /// Mean waveforms of the spikes.
    pub waveforms: Waveforms,
}

/// Puts slices together, in whatever order they come.
#[must_use]
pub fn reduce(
    engine: &Engine,
    pipeline: &Pipeline,
    recording: RecordingSummary,
    noise_uv: &[f32],
    slices: impl IntoIterator<Item = SliceResult>,
) -> RunResult {
    let mut peaks = Vec::new();
    let mut sums = engine.waveform_sums();
    for slice in slices {
        peaks.extend(slice.peaks);
        sums.merge(&slice.waveforms);
    }
    peaks.sort_unstable_by_key(Spike::key);
    let threshold = engine.settings().detect_threshold;
    // A channel without noise is disconnected: nothing passes.
    let threshold_of = |noise: &f32| if *noise > 0.0 { noise * threshold } else { f32::INFINITY };
    let thresholds: Vec<f32> = noise_uv.iter().map(threshold_of).collect();
    let spikes = above(&peaks, &thresholds);
    let summary = Summary::new(engine.info(), pipeline, recording, noise_uv, threshold, &spikes);
    RunResult { summary, spikes, peaks, waveforms: engine.waveforms(&sums) }
}
