//! Which window to show, how it is looked at, and its parts.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::engine::BLOCK_FRAMES;
use crate::recording::StreamInfo;

/// Samples (frames x channels) that a raw window may read whole: 32 MB of int16.
const WHOLE_RAW_SAMPLES: u64 = 16 << 20;
/// Samples that a filtered window may compute; filtering takes longer than reading.
pub(super) const WHOLE_FILTERED_SAMPLES: u64 = 12 << 20;
/// Samples that are filtered together, so that a moved filter shows at once: 2,048 frames of a
/// thousand channels. What the margins leave, far below the noise, is all that differs from the
/// engine's blocks, and that coincident events are looked for within as many frames.
const PART_SAMPLES: u64 = 2 << 20;
/// Fewer frames would cost less than their margins.
const FEWEST_FRAMES: u64 = BLOCK_FRAMES / 16;
/// Parts of a window that is answered from a sample.
const SAMPLED_PARTS: u64 = 16;

/// The window that somebody wishes to see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewRequest {
    /// Segment of the stream.
    pub segment: usize,
    /// First frame.
    pub start: u64,
    /// Frames.
    pub n_frames: u64,
    /// Channels, top to bottom.
    pub channels: Vec<usize>,
    /// Columns of pixels.
    pub n_columns: usize,
    /// After filter and reference, with spikes, or as stored.
    pub filtered: bool,
    /// Threshold of each channel of the stream in microvolts; without it no spikes are marked.
    pub thresholds_uv: Option<Vec<f32>>,
    /// Every frame, however long that takes; else long windows are answered from a sample.
    #[serde(default)]
    pub whole: bool,
}

impl ViewRequest {
    /// The window in parts that can be computed side by side, each at one viewer: some thousand
    /// frames where all are filtered, every 8,192 where all of a long one are read, sixteenths
    /// where a sample is looked at, else all at once. They are for sources that each viewer reads
    /// by itself; a row of chunks is better decoded once. With each part comes its place in the
    /// segment, which tells the viewer that may know it from before.
    #[must_use]
    pub fn parts(&self, info: &StreamInfo) -> Vec<(u64, Range<u64>)> {
        let window = self.start..self.start + self.n_frames;
        let (step, blocks) = match self.way(info.n_channels) {
            Way::Filtered => (self.filtered_frames(info.n_channels), self.blocks(info.n_channels)),
            Way::Raw if self.whole => (BLOCK_FRAMES, blocks_of(&window, BLOCK_FRAMES)),
            Way::Raw => return vec![(0, window)],
            Way::RawSampled | Way::FilteredSampled => {
                let edge = |part: u64| self.start + part * self.n_frames / SAMPLED_PARTS;
                return (0..SAMPLED_PARTS).map(|part| (part, edge(part)..edge(part + 1))).collect();
            }
        };
        blocks.into_iter().map(|block| (block.start.div_ceil(step), common(&window, &block))).collect()
    }

    /// The frames that are filtered together, in a fixed grid; those with which the window begins
    /// in two halves, so that something shows soon.
    pub(super) fn blocks(&self, n_channels: usize) -> Vec<Range<u64>> {
        let window = self.start..self.start + self.n_frames;
        let mut blocks = blocks_of(&window, self.filtered_frames(n_channels));
        if let Some(first) = blocks.first().cloned().filter(|_| !self.whole) {
            let middle = first.start.midpoint(first.end);
            let halves = [first.start..middle, middle..first.end];
            blocks.splice(..1, halves.into_iter().filter(|half| !common(&window, half).is_empty()));
        }
        blocks
    }

    /// Frames that are filtered together at most. When every frame of a long window is wanted, nobody
    /// waits for the first.
    pub(super) fn filtered_frames(&self, n_channels: usize) -> u64 {
        let fewest = if self.whole { 2 * FEWEST_FRAMES } else { FEWEST_FRAMES };
        (PART_SAMPLES / (n_channels.max(1) as u64).next_power_of_two()).clamp(fewest, BLOCK_FRAMES)
    }

    pub(super) fn way(&self, n_channels: usize) -> Way {
        let samples = self.n_frames * n_channels as u64;
        match (self.filtered, samples) {
            (false, _) if self.whole => Way::Raw,
            (true, _) if self.whole => Way::Filtered,
            (false, ..=WHOLE_RAW_SAMPLES) => Way::Raw,
            (false, _) => Way::RawSampled,
            (true, ..=WHOLE_FILTERED_SAMPLES) => Way::Filtered,
            // A window inside one block costs no more than the block.
            (true, _) if self.n_frames <= BLOCK_FRAMES => Way::Filtered,
            (true, _) => Way::FilteredSampled,
        }
    }
}

/// Blocks of a grid that a window touches.
fn blocks_of(window: &Range<u64>, n_frames: u64) -> Vec<Range<u64>> {
    let indices = window.start / n_frames..window.end.div_ceil(n_frames);
    indices.map(|index| index * n_frames..(index + 1) * n_frames).collect()
}

/// Frames of both.
pub(super) fn common(one: &Range<u64>, other: &Range<u64>) -> Range<u64> {
    one.start.max(other.start)..one.end.min(other.end)
}

/// How a window is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Raw,
    RawSampled,
    Filtered,
    FilteredSampled,
}
