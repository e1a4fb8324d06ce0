//! The excerpts on which noise is measured, and the mean over them.

use std::ops::Range;

use crate::grid::{BLOCK_FRAMES, BlockId, blocks_of};
use crate::pipeline::NoiseMethod;
use crate::recording::StreamInfo;

/// Excerpts of a recording, at most: as blocks they are twenty seconds at 20 kHz, twice what
/// `SpikeInterface` samples (20 chunks of 0.5 s); the error of the estimate is then about half a
/// percent.
const MAX_EXCERPTS: usize = 48;

/// Length of an excerpt of a short recording, in milliseconds: that of `SpikeInterface`'s chunks.
/// It is also the start on which `MC_Rack` measures, see [`NoiseMethod::SdStart`].
const EXCERPT_MS: f64 = 500.0;

/// Shorter recordings are short. In them bursts fill a good part of an excerpt, so its length and
/// place matter: blocks give thresholds that find 2 to 4 % of the peaks differently.
const SHORT_S: f64 = 4.0;

/// Overlapping excerpts of a segment of a short recording.
const EXCERPTS_OF_SEGMENT: u64 = 8;

/// Frames on which noise is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseExcerpt {
    /// Segment of the stream.
    pub segment: usize,
    /// Frames of the segment.
    pub frames: Range<u64>,
    /// How much it counts in the mean: the frames that it stands for.
    weight: f64,
}

impl NoiseExcerpt {
    #[expect(clippy::cast_precision_loss, reason = "counts of frames")]
    fn of_block(info: &StreamInfo, id: BlockId) -> Self {
        let frames = id.frames(info.segments[id.segment].n_frames);
        Self { segment: id.segment, weight: (frames.end - frames.start) as f64, frames }
    }

    /// The block of the grid whose frames these are, if there is one.
    #[must_use]
    pub fn block(&self, info: &StreamInfo) -> Option<BlockId> {
        let n_frames = info.segments.get(self.segment)?.n_frames;
        let id = BlockId { segment: self.segment, index: self.frames.start / BLOCK_FRAMES };
        (id.frames(n_frames) == self.frames).then_some(id)
    }
}

/// The excerpts on which noise is measured, in order. Of a short recording they are as long as
/// `SpikeInterface`'s chunks and spread evenly where those lie at random; of a longer one all
/// blocks, or whole ones spread evenly over it; the start for the method that looks at it alone.
#[must_use]
pub fn noise_sample(info: &StreamInfo, method: NoiseMethod) -> Vec<NoiseExcerpt> {
    let length = (info.frames_from_ms(EXCERPT_MS) as u64).max(1);
    if method == NoiseMethod::SdStart {
        let frames = 0..info.segments.first().map_or(0, |segment| segment.n_frames.min(length));
        return vec![NoiseExcerpt { segment: 0, frames, weight: 1.0 }];
    }
    if info.duration_s() < SHORT_S {
        let overlapping = overlapping(info, length);
        if overlapping.len() <= MAX_EXCERPTS {
            return overlapping;
        }
    }
    spread_blocks(info).into_iter().map(|id| NoiseExcerpt::of_block(info, id)).collect()
}

/// In each segment, the middle of all places that an excerpt can have in each of equal parts of
/// them; a segment that is not longer is one excerpt.
#[expect(clippy::cast_precision_loss, reason = "counts of frames")]
fn overlapping(info: &StreamInfo, length: u64) -> Vec<NoiseExcerpt> {
    let mut excerpts = Vec::new();
    for (segment, n_frames) in info.segments.iter().map(|segment| segment.n_frames).enumerate() {
        let length = length.min(n_frames);
        let n_excerpts = match n_frames {
            0 => 0,
            _ if n_frames == length => 1,
            _ => EXCERPTS_OF_SEGMENT,
        };
        excerpts.extend((0..n_excerpts).map(|part| {
            let start = (2 * part + 1) * (n_frames - length) / (2 * n_excerpts);
            NoiseExcerpt { segment, frames: start..start + length, weight: n_frames as f64 / n_excerpts as f64 }
        }));
    }
    excerpts
}

/// All blocks, or whole ones from the middle of each of equal parts of the recording.
fn spread_blocks(info: &StreamInfo) -> Vec<BlockId> {
    let all: Vec<BlockId> = blocks_of(info).collect();
    let is_whole = |id: &&BlockId| (id.index + 1) * BLOCK_FRAMES <= info.segments[id.segment].n_frames;
    let whole: Vec<BlockId> = all.iter().filter(is_whole).copied().collect();
    let candidates = if all.len() > MAX_EXCERPTS && !whole.is_empty() { whole } else { all };
    let wanted = candidates.len().min(MAX_EXCERPTS);
    (0..wanted).map(|part| candidates[(2 * part + 1) * candidates.len() / (2 * wanted)]).collect()
}

/// Noise of a long recording is measured on every so many frames. A spike band of 300 to 3,000 Hz
/// holds at most 6,000 independent values a second, so at 20 kHz and above little is lost by it. A
/// shorter one has fewer blocks, and more frames of each are taken, down to all of them: the median
/// of the 2,000 values of one block would be 2 % off that of all.
const NOISE_STEP: usize = 4;

/// Blocks from which on that step is taken.
const BLOCKS_OF_LONG: usize = 24;

/// Samples of an excerpt of which all may be taken: 33 MB.
const MAX_SAMPLES: usize = 1024 * 8192;

/// Every so many frames of an excerpt, for the noise of a stream.
pub(super) fn noise_step(info: &StreamInfo, method: NoiseMethod) -> usize {
    if method == NoiseMethod::SdStart {
        return 1;
    }
    let sample = noise_sample(info, method);
    let is_short = sample.iter().any(|excerpt| excerpt.block(info).is_none());
    let of_length = if is_short { 1 } else { NOISE_STEP * sample.len() / BLOCKS_OF_LONG };
    let longest = sample.iter().map(|excerpt| excerpt.frames.end - excerpt.frames.start).max().unwrap_or(0);
    let n_samples = usize::try_from(longest).unwrap_or(usize::MAX).saturating_mul(info.n_channels);
    of_length.max(n_samples.div_ceil(MAX_SAMPLES)).clamp(1, NOISE_STEP)
}

/// Noise of each channel over the excerpts of a sample: the mean, as `SpikeInterface`'s
/// `get_noise_levels` takes it over its chunks, so that thresholds compare one to one. One of which
/// nothing is known yet, an empty list, does not count; nor does one in which the channel held one
/// value: its noise is none, and would have what is left of the mean mark noise as spikes.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept as f32")]
pub fn combine_noise(sample: &[NoiseExcerpt], noise_uv: &[Vec<f32>]) -> Vec<f32> {
    let known: Vec<(f64, &Vec<f32>)> =
        sample.iter().map(|excerpt| excerpt.weight).zip(noise_uv).filter(|(_, noise)| !noise.is_empty()).collect();
    let mean = |channel: usize| {
        let own = || known.iter().filter(|(_, noise)| noise[channel] != 0.0);
        let all: f64 = own().map(|(weight, _)| weight).sum();
        let sum: f64 = own().map(|(weight, noise)| weight * f64::from(noise[channel])).sum();
        if all > 0.0 { (sum / all) as f32 } else { 0.0 }
    };
    (0..known.first().map_or(0, |(_, noise)| noise.len())).map(mean).collect()
}
