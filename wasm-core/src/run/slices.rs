//! The slices that a recording is cut into.

use std::ops::RangeInclusive;

use super::Slice;
use crate::chunk::CHUNK_FRAMES;
use crate::engine::{BLOCK_FRAMES, BlockId};
use crate::recording::StreamInfo;

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

/// Rows of chunks of one slice in the cloud, at least. A slice reads up to two rows more for its margins, so
/// longer slices waste less; shorter ones spread over more functions.
const MIN_ROWS_PER_SLICE: u64 = 4;

/// Samples of a slice in the cloud, at most: forty seconds of one core. Each slice costs calls, writes and a
/// look at it by whoever puts them together, however few channels it has.
const SLICE_SAMPLES: u64 = 1 << 31;

/// Bounds of the most rows of a slice in the cloud, which [`SLICE_SAMPLES`] gives. The lower one lets a slice of many
/// channels be so long; with the upper one the stored outline of a slice and a group of channels is no larger than a
/// chunk, and does not keep a viewer waiting.
const MOST_ROWS_PER_SLICE: RangeInclusive<u64> = 8..=64;

/// Slices that a recording is cut into if its rows allow.
const WANTED_SLICES: u64 = 16;

/// Blocks of a slice in the cloud.
#[must_use]
pub fn cloud_blocks_per_slice(info: &StreamInfo) -> u64 {
    let rows = info.n_frames().div_ceil(CHUNK_FRAMES);
    let most = SLICE_SAMPLES / (CHUNK_FRAMES * info.n_channels.max(1) as u64);
    let most = most.clamp(*MOST_ROWS_PER_SLICE.start(), *MOST_ROWS_PER_SLICE.end());
    let rows_per_slice = (rows / WANTED_SLICES).clamp(MIN_ROWS_PER_SLICE, most);
    rows_per_slice * (CHUNK_FRAMES / BLOCK_FRAMES)
}

/// The slices of a run in the cloud.
#[must_use]
pub fn cloud_slices(info: &StreamInfo) -> Vec<Slice> {
    slices(info, cloud_blocks_per_slice(info))
}

/// Cuts a stream into slices of at most `blocks_per_slice`, without the blocks that are done.
#[must_use]
pub fn slices_without(info: &StreamInfo, blocks_per_slice: u64, done: &[BlockId]) -> Vec<Slice> {
    if done.is_empty() {
        return slices(info, blocks_per_slice);
    }
    let mut left: Vec<Slice> = Vec::new();
    for id in slices(info, blocks_per_slice).into_iter().flat_map(Slice::blocks).filter(|id| !done.contains(id)) {
        match left.last_mut() {
            Some(slice)
                if slice.segment == id.segment
                    && slice.first_block + slice.n_blocks == id.index
                    && slice.n_blocks < blocks_per_slice =>
            {
                slice.n_blocks += 1;
            }
            _ => left.push(Slice { segment: id.segment, first_block: id.index, n_blocks: 1 }),
        }
    }
    left
}
