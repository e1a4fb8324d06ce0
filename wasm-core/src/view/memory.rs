//! Raw frames that recent views read, so that a moved filter does not read them again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::grid::as_index;
use crate::recording::{FrameSource, Outline, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

/// Frames of a tile. Whatever is read is read one tile further out, so that another filter, with
/// longer margins, finds its frames too.
const TILE_FRAMES: u64 = 256;
/// Bytes that are kept: what three parts of a view of 1,024 channels read.
const KEPT_BYTES: usize = 26 << 20;
/// Bytes that are kept where one part of a view reads as many: long filters of many channels.
const MOST_KEPT_BYTES: usize = 64 << 20;

/// Frames that were read of one stream, in tiles; channels side by side, as the engine wants them, so that
/// they need not be turned again and again.
#[derive(Default)]
pub(super) struct Memory(Mutex<BTreeMap<Place, RawBlock>>);

/// Segment and number of a tile.
type Place = (usize, u64);

impl Memory {
    /// The source, asked only for what is not in memory, by a view whose frames begin at `first`
    /// of a segment. When memory is full, the tiles that follow soonest stay: with them every
    /// view begins, so that they show at once.
    pub(super) const fn over<'a>(&'a self, source: &'a dyn FrameSource, first: u64) -> Remembered<'a> {
        Remembered { source, memory: self, first_tile: (first / TILE_FRAMES).saturating_sub(1) }
    }
}

pub(super) struct Remembered<'a> {
    source: &'a dyn FrameSource,
    memory: &'a Memory,
    first_tile: u64,
}

impl Remembered<'_> {
    /// Reads those of the tiles that are not in memory.
    fn complete(
        &self,
        kept: &mut BTreeMap<Place, RawBlock>,
        segment: usize,
        tiles: Range<u64>,
    ) -> Result<(), ReadError> {
        let n_frames = self.info().segments[segment].n_frames;
        let missing: Vec<u64> = tiles.filter(|tile| !kept.contains_key(&(segment, *tile))).collect();
        for run in missing.chunk_by(|tile, next| tile + 1 == *next) {
            let frames = run[0] * TILE_FRAMES..((run[run.len() - 1] + 1) * TILE_FRAMES).min(n_frames);
            let raw = self.source.read(segment, frames.start, as_index(frames.end - frames.start))?.into_interleaved();
            for (at, tile) in run.iter().enumerate() {
                let from = at * as_index(TILE_FRAMES);
                kept.insert((segment, *tile), raw.part(from..raw.n_frames.min(from + as_index(TILE_FRAMES))));
            }
        }
        Ok(())
    }

    /// Forgets what is least likely to be asked for again.
    fn shrink(&self, kept: &mut BTreeMap<Place, RawBlock>, segment: usize, most_bytes: usize) {
        let mut held: usize = kept.values().map(|tile| tile.bytes.len()).sum();
        if held <= most_bytes {
            return;
        }
        let mut places: Vec<Place> = kept.keys().copied().collect();
        places.sort_by_key(|(of, tile)| (*of != segment, tile.wrapping_sub(self.first_tile)));
        while held > most_bytes
            && let Some(tile) = places.pop().and_then(|place| kept.remove(&place))
        {
            held -= tile.bytes.len();
        }
    }
}

impl FrameSource for Remembered<'_> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut block = RawBlock::default();
        self.read_into(segment, start, n_frames, &mut block)?;
        Ok(block)
    }

    fn read_into(&self, segment: usize, start: u64, n_frames: usize, block: &mut RawBlock) -> Result<(), ReadError> {
        check_range(self.info(), segment, start, n_frames)?;
        let end = start + n_frames as u64;
        let wanted = start / TILE_FRAMES..end.div_ceil(TILE_FRAMES);
        let mut kept = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !wanted.clone().all(|tile| kept.contains_key(&(segment, tile))) {
            let last = self.info().segments[segment].n_frames.div_ceil(TILE_FRAMES);
            let around = wanted.start.saturating_sub(1)..(wanted.end + 1).min(last);
            self.complete(&mut kept, segment, around)?;
        }
        let info = self.info();
        let frame_bytes = info.n_channels * info.sample_type.size_bytes();
        block.bytes.clear();
        for tile in wanted {
            let first = tile * TILE_FRAMES;
            let own = as_index(start.max(first) - first)..as_index(end.min(first + TILE_FRAMES) - first);
            block
                .bytes
                .extend_from_slice(&kept[&(segment, tile)].bytes[own.start * frame_bytes..own.end * frame_bytes]);
        }
        *block = RawBlock {
            sample_type: info.sample_type,
            layout: Layout::Interleaved,
            n_frames,
            n_channels: info.n_channels,
            bytes: std::mem::take(&mut block.bytes),
        };
        let one_more = 4 * as_index(TILE_FRAMES) * frame_bytes;
        self.shrink(&mut kept, segment, (block.bytes.len() + one_more).clamp(KEPT_BYTES, MOST_KEPT_BYTES));
        drop(kept);
        Ok(())
    }

    fn outline(&self, segment: usize, channel: usize, frames: Range<u64>) -> Result<Option<Outline>, ReadError> {
        self.source.outline(segment, channel, frames)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::simulation::{Simulation, SimulationSpec};

    /// Counts the frames that it is asked for.
    struct Counted {
        source: Simulation,
        n_frames: AtomicUsize,
    }

    impl Counted {
        fn new(n_channels: usize) -> Self {
            let spec = SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
            Self { source: Simulation::new(spec), n_frames: AtomicUsize::new(0) }
        }

        fn taken(&self) -> usize {
            self.n_frames.swap(0, Ordering::Relaxed)
        }
    }

    impl FrameSource for Counted {
        fn info(&self) -> &StreamInfo {
            self.source.info()
        }

        fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
            self.n_frames.fetch_add(n_frames, Ordering::Relaxed);
            self.source.read(segment, start, n_frames)
        }
    }

    #[test]
    fn no_frame_is_read_twice() {
        let source = Counted::new(4);
        let memory = Memory::default();
        let remembered = memory.over(&source, 0);
        for (start, n_frames, n_tiles) in [
            (5000, 3000, 15),
            (4700, 3400, 0),
            // On both sides of what is known.
            (4200, 4500, 5),
            (19_500, 500, 4),
            (4000, 15_500, 41),
            (0, 20_000, 14),
        ] {
            let read = remembered.read(0, start, n_frames).expect("reads");
            assert_eq!(source.taken().div_ceil(as_index(TILE_FRAMES)), n_tiles, "{start}");
            let direct = source.source.read(0, start, n_frames).expect("reads");
            assert_eq!((read.n_frames, read.bytes), (n_frames, direct.bytes));
        }
        assert!(remembered.read(0, 19_500, 501).is_err(), "beyond the end");
    }

    #[test]
    fn a_full_memory_knows_where_the_view_begins() {
        let source = Counted::new(1000);
        let memory = Memory::default();
        let parts = || (0..8).map(|part| 4000 + part * 2000);
        let read_from = |first: u64, start: u64| {
            memory.over(&source, first).read(0, start, 2000).expect("reads");
            source.taken()
        };
        // Another window before: nothing of it is wanted.
        read_from(0, 0);
        for pass in 0..2 {
            let n_read: Vec<usize> = parts().map(|start| read_from(4000, start)).collect();
            let known = n_read.iter().take_while(|n_read| **n_read == 0).count();
            assert_eq!(known, 6 * pass, "{n_read:?} frames in pass {pass}");
        }
        let held = memory.0.lock().expect("not poisoned").values().map(|tile| tile.bytes.len()).sum::<usize>();
        assert!(held <= KEPT_BYTES, "{held} bytes");
    }
}
