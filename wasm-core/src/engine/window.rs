//! The frames that a block needs, read while they are worked on.

use std::ops::Range;

use crate::grid::as_index;
use crate::recording::{FrameSource, ReadError};
use crate::sample::RawBlock;

/// Frames that are looked at together for channels without a signal.
const LOOK_FRAMES: usize = 32;
/// A channel that changes less than once in so many frames has no signal: one that steps now and then is dead too.
const FRAMES_OF_A_CHANGE: usize = 100;

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
        let n_frames = as_index(all.end - all.start);
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

    /// Whether each channel holds one value in nearly all frames of the window; `None` where no channel
    /// does. Signals change soon, so little is looked at unless one does not.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn silent(&mut self, n_channels: usize) -> Result<Option<Vec<bool>>, ReadError> {
        if self.n_frames < 2 {
            return Ok(None);
        }
        let max_changes = self.n_frames / FRAMES_OF_A_CHANGE;
        let (raw, first) = self.frames(0..1)?;
        let size = raw.sample_type.size_bytes();
        let row_bytes = raw.n_channels * size;
        let mut last = raw.bytes[first * row_bytes..(first + 1) * row_bytes].to_vec();
        // Channels that may be silent, and how often each has changed.
        let mut silent: Vec<(usize, usize)> = (0..n_channels.min(raw.n_channels)).map(|channel| (channel, 0)).collect();
        let mut at = 0;
        while at < self.n_frames && !silent.is_empty() {
            let end = (at + LOOK_FRAMES).min(self.n_frames);
            let (raw, first) = self.frames(at..end)?;
            for row in raw.bytes[first * row_bytes..].chunks_exact(row_bytes).take(end - at) {
                for (channel, n_changes) in &mut silent {
                    let place = *channel * size..(*channel + 1) * size;
                    *n_changes += usize::from(row[place.clone()] != last[place]);
                }
                last.copy_from_slice(row);
            }
            silent.retain(|(_, n_changes)| *n_changes <= max_changes);
            at = end;
        }
        let mut is_silent = vec![false; n_channels];
        for (channel, _) in &silent {
            is_silent[*channel] = true;
        }
        Ok((!silent.is_empty()).then_some(is_silent))
    }

    /// The memory, to be used again.
    #[must_use]
    pub fn into_memory(self) -> RawBlock {
        self.raw
    }
}
