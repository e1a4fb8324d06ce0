//! The frames that a block needs, read while they are worked on.

use std::ops::Range;

use super::block::index;
use crate::recording::{FrameSource, ReadError};
use crate::sample::RawBlock;

/// Frames of a block as stored, with those that its margins need.
///
/// They are read when they are worked on, all of them or, where the source gives pieces, one piece
/// after the other: what is read then stays in the cache, and a block takes no memory of its own.
pub struct RawWindow<'a> {
    /// Segment of the stream.
    pub segment: usize,
    /// The block's own frames.
    pub own: Range<u64>,
    /// Frame of the segment with which the window begins.
    pub first_frame: u64,
    /// Frames of the window.
    pub n_frames: usize,
    source: &'a dyn FrameSource,
    /// Frames that are read at once.
    piece: usize,
    raw: RawBlock,
    /// Frames that `raw` holds, counted from the window's first.
    held: Range<usize>,
}

impl<'a> RawWindow<'a> {
    /// The frames `all` of a segment, in memory that may be used again; nothing is read yet.
    pub(super) fn new(
        source: &'a dyn FrameSource,
        segment: usize,
        own: Range<u64>,
        all: Range<u64>,
        memory: RawBlock,
    ) -> Self {
        let n_frames = index(all.end - all.start);
        let piece = source.piece_frames().unwrap_or(n_frames);
        Self { segment, own, first_frame: all.start, n_frames, source, piece, raw: memory, held: 0..0 }
    }

    /// A block that holds the frames `wanted`, counted from the window's first, channels side by
    /// side; and where in it they begin.
    ///
    /// # Errors
    /// When the source cannot give them.
    pub fn frames(&mut self, wanted: Range<usize>) -> Result<(&RawBlock, usize), ReadError> {
        if wanted.start < self.held.start || self.held.end < wanted.end {
            self.held = 0..0;
            // Frames are asked for in their order, so what follows is read with them; of a window
            // that is one piece those before them are wanted too.
            let first = if self.piece < self.n_frames { wanted.start } else { 0 };
            let read = first..wanted.end.max(first + self.piece).min(self.n_frames);
            self.source.read_into(self.segment, self.first_frame + first as u64, read.len(), &mut self.raw)?;
            self.raw = std::mem::take(&mut self.raw).into_interleaved();
            self.held = read;
        }
        Ok((&self.raw, wanted.start - self.held.start))
    }

    /// The memory, to be used again.
    #[must_use]
    pub fn into_memory(self) -> RawBlock {
        self.raw
    }
}
