//! The grid of blocks, and which of them noise is measured on.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::pipeline::NoiseMethod;
use crate::recording::StreamInfo;

/// Frames of a block: small enough that threads and workers end together, large enough that
/// the default filter's margins add 12 % at 20 kHz and 18 % at 30 kHz.
pub const BLOCK_FRAMES: u64 = 8192;

/// Blocks on which noise is measured: twenty seconds at 20 kHz, twice what `SpikeInterface`
/// samples (20 chunks of 0.5 s); the error of the estimate is then about half a percent.
const NOISE_BLOCKS: u64 = 48;

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

/// All blocks of a stream, in order.
pub fn blocks_of(info: &StreamInfo) -> impl Iterator<Item = BlockId> + '_ {
    info.segments.iter().enumerate().flat_map(|(segment, found)| {
        (0..found.n_frames.div_ceil(BLOCK_FRAMES)).map(move |index| BlockId { segment, index })
    })
}

/// The blocks on which noise is measured: all of a short recording; of a longer one whole blocks
/// that are spread evenly over it, in order; the first one for the method that looks at the start
/// alone.
#[must_use]
pub fn noise_sample(info: &StreamInfo, method: NoiseMethod) -> Vec<BlockId> {
    if method == NoiseMethod::SdStart {
        return vec![BlockId { segment: 0, index: 0 }];
    }
    let blocks = |count: fn(u64) -> u64| info.segments.iter().map(|segment| count(segment.n_frames)).collect();
    let mut candidates: Vec<u64> = blocks(|n_frames| n_frames.div_ceil(BLOCK_FRAMES));
    let whole: Vec<u64> = blocks(|n_frames| n_frames / BLOCK_FRAMES);
    if candidates.iter().sum::<u64>() > NOISE_BLOCKS && whole.iter().any(|n_blocks| *n_blocks > 0) {
        candidates = whole;
    }
    let available = candidates.iter().sum::<u64>();
    let wanted = available.min(NOISE_BLOCKS);
    // The middle of each of `wanted` equal parts.
    let at = |part: u64| {
        let mut index = (2 * part + 1) * available / (2 * wanted);
        for (segment, n_blocks) in candidates.iter().enumerate() {
            if index < *n_blocks {
                return Some(BlockId { segment, index });
            }
            index -= n_blocks;
        }
        None
    };
    (0..wanted).filter_map(at).collect()
}
