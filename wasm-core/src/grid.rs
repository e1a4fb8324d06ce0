//! The grid of blocks, and the slices of it that are given out as work.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::recording::StreamInfo;

/// Frames of a block: small enough that threads and workers end together, large enough that
/// the default filter's margins add 12 % at 20 kHz and 18 % at 30 kHz.
pub const BLOCK_FRAMES: u64 = 8192;

/// A block of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlockId {
    /// Segment of the stream.
    pub segment: usize,
    /// Index within the segment; frames start at `index * BLOCK_FRAMES`.
    pub index: u64,
}

impl BlockId {
    /// The block's own frames in a segment of `n_frames`.
    #[must_use]
    pub fn frames(self, n_frames: u64) -> Range<u64> {
        let start = self.index * BLOCK_FRAMES;
        start.min(n_frames)..(start + BLOCK_FRAMES).min(n_frames)
    }
}

/// Consecutive blocks of one segment, the unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slice {
    /// Segment.
    pub segment: usize,
    /// First block.
    pub first_block: u64,
    /// Number of blocks.
    pub n_blocks: u64,
}

impl Slice {
    /// The blocks of the slice, in order.
    pub fn blocks(self) -> impl Iterator<Item = BlockId> {
        (self.first_block..self.first_block + self.n_blocks).map(move |index| BlockId { segment: self.segment, index })
    }
}

/// A count of frames or samples that is known to fit memory.
#[expect(clippy::cast_possible_truncation, reason = "bounded by what a block or a window holds")]
pub(crate) const fn as_index(count: u64) -> usize {
    count as usize
}

/// All blocks of a stream, in order.
pub fn blocks_of(info: &StreamInfo) -> impl Iterator<Item = BlockId> + '_ {
    info.segments.iter().enumerate().flat_map(|(segment, found)| {
        (0..found.n_frames.div_ceil(BLOCK_FRAMES)).map(move |index| BlockId { segment, index })
    })
}
