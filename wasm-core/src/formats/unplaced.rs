//! Streams whose positions are not believed.

use std::ops::Range;

use crate::recording::{FrameSource, Outline, ReadError, Recording, StreamInfo};
use crate::sample::RawBlock;

/// A source without its positions.
struct Unplaced {
    info: StreamInfo,
    source: Box<dyn FrameSource>,
}

impl FrameSource for Unplaced {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        self.source.read(segment, start, n_frames)
    }

    fn read_into(&self, segment: usize, start: u64, n_frames: usize, block: &mut RawBlock) -> Result<(), ReadError> {
        self.source.read_into(segment, start, n_frames, block)
    }

    fn piece_frames(&self) -> Option<usize> {
        self.source.piece_frames()
    }

    fn stretch_frames(&self) -> Option<u64> {
        self.source.stretch_frames()
    }

    fn outline(&self, segment: usize, channel: usize, frames: Range<u64>) -> Result<Option<Outline>, ReadError> {
        self.source.outline(segment, channel, frames)
    }
}

/// Takes positions that cannot be those of electrodes away, of streams and of stored spikes, and says so.
pub fn drop_wild_positions(recording: &mut Recording) {
    let mut notes = Vec::new();
    let streams = std::mem::take(&mut recording.streams);
    let placed = |source: Box<dyn FrameSource>| {
        let mut info = source.info().clone();
        let Some(note) = info.drop_wild_positions() else { return source };
        notes.push(note);
        Box::new(Unplaced { info, source }) as Box<dyn FrameSource>
    };
    recording.streams = streams.into_iter().map(placed).collect();
    notes.extend(recording.spikes.as_mut().and_then(|stored| stored.info.drop_wild_positions()));
    recording.notes.extend(notes);
}
