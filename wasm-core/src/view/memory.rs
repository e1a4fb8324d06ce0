//! Raw frames that recent views read, so that a moved filter does not read them again.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::recording::{FrameSource, Outline, ReadError, StreamInfo, check_range};
use crate::sample::RawBlock;

/// Reads begin and end at multiples of so many frames, and as many further out, so that another
/// filter, with longer margins, finds its frames too.
const STEP_FRAMES: u64 = 256;
/// Bytes that are kept: what three parts of a view of 1,024 channels read. Of more channels two
/// parts are kept while each fits.
const KEPT_BYTES: usize = 26 << 20;

/// What was read last of one stream, the newest last.
#[derive(Default)]
pub(super) struct Memory(Mutex<VecDeque<Kept>>);

struct Kept {
    segment: usize,
    frames: Range<u64>,
    raw: RawBlock,
}

impl Memory {
    /// The source, asked only for what is not in memory.
    pub(super) const fn over<'a>(&'a self, source: &'a dyn FrameSource) -> Remembered<'a> {
        Remembered { source, memory: self }
    }
}

pub(super) struct Remembered<'a> {
    source: &'a dyn FrameSource,
    memory: &'a Memory,
}

impl FrameSource for Remembered<'_> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    #[expect(clippy::cast_possible_truncation, reason = "frames that fit memory")]
    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        check_range(self.info(), segment, start, n_frames)?;
        let wanted = start..start + n_frames as u64;
        let mut kept = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        let holds =
            |kept: &Kept| kept.segment == segment && kept.frames.start <= wanted.start && wanted.end <= kept.frames.end;
        if let Some(kept) = kept.iter().find(|kept| holds(kept)) {
            let from = (wanted.start - kept.frames.start) as usize;
            return Ok(kept.raw.part(from..from + n_frames));
        }
        let available = self.info().segments[segment].n_frames;
        let end = (wanted.end.next_multiple_of(STEP_FRAMES) + STEP_FRAMES).min(available);
        let frames = (wanted.start / STEP_FRAMES).saturating_sub(1) * STEP_FRAMES..end;
        // As the engine wants it, so that it need not be turned again and again.
        let raw = self.source.read(segment, frames.start, (frames.end - frames.start) as usize)?.into_interleaved();
        let from = (wanted.start - frames.start) as usize;
        let part = raw.part(from..from + n_frames);
        let n_bytes = raw.bytes.len();
        let most_bytes = if n_bytes <= KEPT_BYTES { KEPT_BYTES.max(2 * n_bytes) } else { KEPT_BYTES };
        kept.push_back(Kept { segment, frames, raw });
        // The newest are worth most; one that is too large by itself goes too.
        while kept.iter().map(|kept| kept.raw.bytes.len()).sum::<usize>() > most_bytes {
            kept.pop_front();
        }
        drop(kept);
        Ok(part)
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

    struct Counted {
        source: Simulation,
        n_reads: AtomicUsize,
    }

    impl FrameSource for Counted {
        fn info(&self) -> &StreamInfo {
            self.source.info()
        }

        fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
            self.n_reads.fetch_add(1, Ordering::Relaxed);
            self.source.read(segment, start, n_frames)
        }
    }

    #[test]
    fn frames_near_those_read_are_not_read_again() {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
        let source = Counted { source: Simulation::new(spec), n_reads: AtomicUsize::new(0) };
        let memory = Memory::default();
        let remembered = memory.over(&source);
        let count = || source.n_reads.load(Ordering::Relaxed);
        for (start, n_frames, n_reads) in
            [(5000, 3000, 1), (4700, 3400, 1), (4000, 500, 2), (19_000, 1000, 3), (5000, 10, 3)]
        {
            let read = remembered.read(0, start, n_frames).expect("reads");
            assert_eq!(count(), n_reads, "{start}");
            let direct = source.source.read(0, start, n_frames).expect("reads");
            assert_eq!((read.n_frames, read.bytes), (n_frames, direct.bytes));
        }
        assert!(remembered.read(0, 19_500, 501).is_err(), "beyond the end");
    }
}
