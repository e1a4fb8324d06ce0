//! The frames that a block needs, read at once or while they are worked on.

use std::ops::Range;

use super::block::index;
use crate::recording::{FrameSource, ReadError};
use crate::sample::RawBlock;

/// Frames of a block as stored, with those that its margins need.
///
/// From a source that is near they are read when they are worked on: what is read then stays in
/// the cache, and a block takes no memory of its own.
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
    raw: RawBlock,
    /// Frames that `raw` holds, counted from the window's first.
    held: Range<usize>,
}

impl<'a> RawWindow<'a> {
    /// The frames `all` of a segment, in memory that may be used again.
    pub(super) fn read(
        source: &'a dyn FrameSource,
        segment: usize,
        own: Range<u64>,
        all: Range<u64>,
        memory: RawBlock,
    ) -> Result<Self, ReadError> {
        let n_frames = index(all.end - all.start);
        let mut window = Self { segment, own, first_frame: all.start, n_frames, source, raw: memory, held: 0..0 };
        if !source.is_near() {
            window.frames(0..n_frames)?;
        }
        Ok(window)
    }

    /// A block that holds the frames `wanted`, counted from the window's first, side by side
    /// channels; and where in it they begin.
    ///
    /// # Errors
    /// When the source cannot give them.
    pub fn frames(&mut self, wanted: Range<usize>) -> Result<(&RawBlock, usize), ReadError> {
        if wanted.start < self.held.start || self.held.end < wanted.end {
            self.held = 0..0;
            self.source.read_into(self.segment, self.first_frame + wanted.start as u64, wanted.len(), &mut self.raw)?;
            self.raw = std::mem::take(&mut self.raw).into_interleaved();
            self.held = wanted.clone();
        }
        Ok((&self.raw, wanted.start - self.held.start))
    }

    /// The memory, to be used again.
    #[must_use]
    pub fn into_memory(self) -> RawBlock {
        self.raw
    }
}
