//! Signals of a large file, found where they are asked for.
//!
//! A `.plx` has no index. But blocks come in the order of time, the header counts each signal's
//! samples, and a block can be told from samples by those that follow it. So a place in the file
//! is guessed from the time, and corrected until the blocks of a window are found.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::blocks::{FIRST_STEP_BYTES, HEADER_BYTES, Header, Kind, for_each};
use super::continuous::{Piece, Track};
use crate::formats::OpenError;
use crate::formats::text_header::bytes;
use crate::io::NamedFile;

/// Read to tell where a block begins: enough for the blocks of a chain.
pub(super) const PROBE_BYTES: u64 = 32 << 10;
const SHORT_PROBE_BYTES: u64 = 8 << 10;
/// Blocks that must follow one another to be believed.
const CHAIN: usize = 8;
/// Samples of a block, at most: to tell blocks from noise.
const MAX_SAMPLES: usize = 1 << 12;
/// How much further than every signal's next block a window's blocks are looked for.
const MAX_WIDENING: u64 = 64;
/// Guesses at a place before it is given up.
const MAX_GUESSES: usize = 64;

/// What is known of a file without having walked it.
pub struct Seeker {
    pub(super) file: NamedFile,
    pub(super) first_byte: u64,
    /// Channels that blocks may have, by kind.
    pub(super) known: BTreeSet<(bool, u16)>,
    pub(super) last_stamp: i64,
    /// Bytes within which every signal has a block.
    pub(super) slack: u64,
    /// Places of block starts by their stamps, as far as they were met.
    pub(super) met: Mutex<BTreeMap<i64, u64>>,
}

impl Seeker {
    /// What is read at least to find one block.
    pub const PROBE_COST_BYTES: u64 = SHORT_PROBE_BYTES + FIRST_STEP_BYTES;

    /// The pieces of some tracks that hold the frames `wanted` of a segment, track by track.
    pub fn pieces(&self, tracks: &[&Track], segment: usize, wanted: Range<u64>) -> Result<Vec<Vec<Piece>>, OpenError> {
        let Some(target) = tracks.iter().map(|track| track.stamp_of(segment, wanted.start)).min() else {
            return Ok(Vec::new());
        };
        let mut slack = self.slack;
        loop {
            let near = self.place_before(target)?;
            let begin = near.saturating_sub(slack).max(self.first_byte);
            let from = self.boundary(begin)?.unwrap_or(self.first_byte);
            let found = self.collect(tracks, segment, from, &wanted)?;
            // One after the other, without a gap and without a frame twice.
            let whole = |pieces: &Vec<Piece>| {
                let follow = pieces.windows(2).all(|two| two[0].first_frame + two[0].n_frames == two[1].first_frame);
                let begins = pieces.first().is_some_and(|first| first.first_frame <= wanted.start);
                let ends = pieces.last().is_some_and(|last| last.first_frame + last.n_frames >= wanted.end);
                follow && begins && ends
            };
            if found.iter().all(whole) {
                return Ok(found);
            }
            if begin == self.first_byte || slack > MAX_WIDENING * self.slack {
                let found = format!("no samples for some of the frames {} to {}", wanted.start, wanted.end);
                return Err(OpenError::field(
                    &self.file.path,
                    "continuous signal",
                    found,
                    "blocks one after the other, as the header counts them",
                ));
            }
            slack = slack.saturating_mul(4);
        }
    }

    /// The pieces with frames of `wanted` from the block at byte `from` on.
    fn collect(
        &self,
        tracks: &[&Track],
        segment: usize,
        from: u64,
        wanted: &Range<u64>,
    ) -> Result<Vec<Vec<Piece>>, OpenError> {
        let place_of: BTreeMap<u16, usize> = tracks.iter().map(|track| track.number).zip(0..).collect();
        let mut found = vec![Vec::new(); tracks.len()];
        let mut ended = BTreeSet::new();
        // Blocks of the other signals are not far from the first that goes beyond the window.
        let mut limit = u64::MAX;
        for_each(&self.file, from..self.file.file.size_bytes(), |block, _| {
            let Some(at) = place_of.get(&block.channel).filter(|_| block.is_signal()) else { return true };
            let (n_frames, start) = (block.n_samples as u64, tracks[*at].start_of(segment));
            if block.stamp < start {
                return true;
            }
            let first_frame = tracks[*at].frame_of(start, block.stamp);
            let end = first_frame.saturating_add(n_frames);
            if end > wanted.start && first_frame < wanted.end {
                found[*at].push(Piece { first_frame, n_frames, place: block.place });
            }
            if end >= wanted.end {
                ended.insert(*at);
                limit = limit.min(block.place.saturating_add(4 * self.slack));
            }
            ended.len() < tracks.len() && block.place < limit
        })?;
        Ok(found)
    }

    /// A place at or before the blocks of a time, near them.
    fn place_before(&self, target: i64) -> Result<u64, OpenError> {
        let size_bytes = self.file.file.size_bytes();
        let mut nearest = self.first_byte;
        for _ in 0..MAX_GUESSES {
            let (before, after) = {
                let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
                let before = met.range(..=target).next_back().map_or((0, self.first_byte), |(a, b)| (*a, *b));
                let after = met.range(target + 1..).next().map_or((self.last_stamp + 1, size_bytes), |(a, b)| (*a, *b));
                (before, after)
            };
            nearest = before.1;
            let bytes = after.1.saturating_sub(before.1);
            if bytes <= self.slack {
                return Ok(before.1);
            }
            // Where it lies if bytes come at an even pace; never too near to either end, so that
            // each guess brings them closer.
            let part = i128::from(bytes) * i128::from(target - before.0) / i128::from((after.0 - before.0).max(1));
            let edge = (bytes / 16).max(1);
            let part = u64::try_from(part).unwrap_or(0).saturating_sub(self.slack / 2).clamp(edge, bytes - edge);
            // Signals tell the time best: a spike may come late.
            let found = self.find_block(before.1 + part, Header::is_signal)?;
            let Some(found) = found.filter(|found| found.start() < after.1) else { return Ok(before.1) };
            if found.stamp <= before.0 || found.stamp >= after.0 {
                return Ok(before.1);
            }
            self.remember(&found);
        }
        Ok(nearest)
    }

    pub(super) fn remember(&self, block: &Header) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).insert(block.stamp, block.start());
    }

    /// The first such block after byte `at`.
    fn find_block(&self, at: u64, is_wanted: impl Fn(&Header) -> bool) -> Result<Option<Header>, OpenError> {
        let Some(from) = self.boundary(at)? else { return Ok(None) };
        let mut found = None;
        for_each(&self.file, from..self.file.file.size_bytes(), |block, _| {
            found = is_wanted(block).then_some(*block);
            found.is_none()
        })?;
        Ok(found)
    }

    /// The first block of a signal after byte `at`, remembered for its time.
    pub(super) fn block_of(&self, number: u16, at: u64) -> Result<Option<Header>, OpenError> {
        let found = self.find_block(at, |block| block.is_signal() && block.channel == number)?;
        if let Some(block) = &found {
            self.remember(block);
        }
        Ok(found)
    }

    /// A block from which on every signal has one before byte `at`, if the file has.
    pub(super) fn block_before(&self, at: u64) -> Result<u64, OpenError> {
        let near = at.saturating_sub(self.slack).max(self.first_byte);
        Ok(self.boundary(near)?.unwrap_or(self.first_byte))
    }

    /// Where the first block at or after byte `at` begins.
    pub(super) fn boundary(&self, at: u64) -> Result<Option<u64>, OpenError> {
        // Blocks are of an even number of bytes.
        let at = at + (at - self.first_byte) % 2;
        let size_bytes = self.file.file.size_bytes();
        // Blocks are mostly short.
        for length in [SHORT_PROBE_BYTES, PROBE_BYTES + (MAX_SAMPLES * 2) as u64 * 2] {
            let length = length.min(size_bytes.saturating_sub(at));
            let probe = bytes(&self.file, at, usize::try_from(length).unwrap_or(usize::MAX))?;
            if let Some(within) = self.first_start(&probe, at) {
                return Ok(Some(at + within as u64));
            }
        }
        Ok(None)
    }

    /// Where in a probe from byte `at` the first block begins.
    fn first_start(&self, probe: &[u8], at: u64) -> Option<usize> {
        let size_bytes = self.file.file.size_bytes();
        let is_start = |first: &usize| {
            let mut within = *first;
            for n in 0..CHAIN {
                let Some(block) = probe.get(within..within + HEADER_BYTES) else {
                    // The file may end within the chain.
                    return n > 0 && at + within as u64 + HEADER_BYTES as u64 > size_bytes;
                };
                let block = Header::read(block, at + within as u64);
                if !self.is_plausible(&block) {
                    return false;
                }
                within += HEADER_BYTES + 2 * block.n_samples;
            }
            true
        };
        (0..probe.len()).step_by(2).find(is_start)
    }

    fn is_plausible(&self, block: &Header) -> bool {
        let is_known = match block.kind {
            Kind::Continuous => block.n_samples > 0 && self.known.contains(&(true, block.channel)),
            Kind::Spike => self.known.contains(&(false, block.channel)),
            Kind::Event => true,
            Kind::Other => false,
        };
        is_known && block.n_samples <= MAX_SAMPLES && block.stamp <= self.last_stamp
    }
}
