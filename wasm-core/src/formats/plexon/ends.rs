//! A large recording, opened by its two ends.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::blocks::{Header, for_each};
use super::continuous::Track;
use super::pauses::{self, Counted};
use super::rates;
use super::seek::{PROBE_BYTES, Seeker};
use crate::formats::OpenError;
use crate::formats::text_header::u32_at;
use crate::io::NamedFile;

/// What is looked at of a file's start and end.
const ENDS_BYTES: u64 = 3 << 20;
/// Where the header has the ticks of a second.
const CLOCK_AT: usize = 136;
/// Where it counts the samples of continuous channels, and of how many.
const COUNTS_AT: usize = 256 + 2 * 130 * 5 * 4 + 300 * 4;
const COUNTED_CHANNELS: u16 = 212;

/// What is known of a signal: its first and last block, and its samples.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub first: Header,
    pub last: Header,
    pub n_samples: u64,
}

impl Ends {
    /// Clock ticks of a sample, if nothing is missing between the ends.
    #[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^53")]
    pub(super) fn sample_ticks(&self) -> Option<f64> {
        let n_before = self.n_samples.checked_sub(self.last.n_samples as u64).filter(|n| *n > 0)?;
        Some((self.last.stamp - self.first.stamp) as f64 / n_before as f64)
    }
}

impl Seeker {
    /// Looks at both ends of the file, and for the pauses between them, and gives each track its
    /// segments; `None` where the header's counts and the blocks do not agree.
    pub fn new(
        file: &NamedFile,
        header: &[u8],
        first_byte: u64,
        tracks: &mut [Track],
        spike_channels: &BTreeSet<u16>,
    ) -> Result<Option<Self>, OpenError> {
        let mut counts: BTreeMap<u16, u64> = tracks
            .iter()
            .map(|track| track.number)
            .filter(|number| *number < COUNTED_CHANNELS)
            .map(|number| (number, u64::from(u32_at(header, COUNTS_AT + 4 * usize::from(number)))))
            .filter(|(_, count)| *count > 0)
            .collect();
        if counts.is_empty() {
            return Ok(None);
        }
        // The header has no room to count the others.
        let beyond = tracks.iter().map(|track| track.number).filter(|number| *number >= COUNTED_CHANNELS);
        let possible: BTreeSet<u16> = counts.keys().copied().chain(beyond).collect();
        let mut known: BTreeSet<(bool, u16)> = possible.iter().map(|number| (true, *number)).collect();
        known.extend(spike_channels.iter().map(|number| (false, *number)));
        let mut seeker = Self {
            file: file.clone(),
            first_byte,
            known,
            last_stamp: i64::MAX,
            slack: 0,
            met: Mutex::new(BTreeMap::new()),
        };
        let (first, widest) = seeker.head(possible.len())?;
        // Twice what was seen: elsewhere more spikes may lie between.
        seeker.slack = 2 * widest + PROBE_BYTES;
        let (mut last, mut last_stamp) = seeker.tail(seeker.slack.min(ENDS_BYTES))?;
        if last.len() < possible.len() {
            (last, last_stamp) = seeker.tail(ENDS_BYTES)?;
        }
        seeker.last_stamp = last_stamp;
        count_beyond(&mut counts, tracks, &first, &last);
        // Signals that nothing counts would be lost.
        if !first.keys().chain(last.keys()).all(|number| counts.contains_key(number)) {
            return Ok(None);
        }
        let clock_hz = f64::from(u32_at(header, CLOCK_AT));
        // One signal of each rate is looked at.
        let mut measured: BTreeMap<u64, Option<f64>> = BTreeMap::new();
        let mut ends = BTreeMap::new();
        for track in tracks.iter_mut() {
            let Some(n_samples) = counts.get(&track.number).copied() else { continue };
            let (Some(first), Some(last)) = (first.get(&track.number), last.get(&track.number)) else {
                return Ok(None);
            };
            seeker.remember(first);
            let found = Ends { first: *first, last: *last, n_samples };
            let sample_ticks = match measured.entry(track.ticks_of(1).to_bits()) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => *unknown.insert(rates::measured_ticks(&seeker, track, &found, clock_hz)?),
            };
            if let Some(sample_ticks) = sample_ticks {
                track.set_step(sample_ticks, first.n_samples as u64);
            }
            ends.insert(track.number, found);
        }
        let counted = tracks.iter().filter_map(|track| Some(Counted::new(track, *ends.get(&track.number)?)));
        let Some(segments) = pauses::find(&seeker, counted.collect())? else { return Ok(None) };
        let numbered = tracks.iter_mut().filter(|track| ends.contains_key(&track.number));
        for (track, segments) in numbered.zip(segments) {
            track.set_segments(segments);
        }
        Ok(Some(seeker))
    }

    /// The first block of each signal, and the most bytes between two of one; looks no further
    /// than to the second block of `n_signals`.
    fn head(&self, n_signals: usize) -> Result<(BTreeMap<u16, Header>, u64), OpenError> {
        let mut first = BTreeMap::new();
        let mut seen_at: BTreeMap<u16, u64> = BTreeMap::new();
        let mut twice = BTreeSet::new();
        let mut widest = 0;
        for_each(&self.file, self.first_byte..self.first_byte + ENDS_BYTES, |block, _| {
            if block.is_signal() {
                first.entry(block.channel).or_insert(*block);
                let before = seen_at.insert(block.channel, block.place);
                widest = widest.max(block.place - before.unwrap_or(self.first_byte));
                if before.is_some() {
                    twice.insert(block.channel);
                }
            }
            twice.len() < n_signals
        })?;
        Ok((first, widest))
    }

    /// The last block of each signal within so many bytes of the end, and the last stamp.
    fn tail(&self, n_bytes: u64) -> Result<(BTreeMap<u16, Header>, i64), OpenError> {
        let size_bytes = self.file.file.size_bytes();
        let (mut last, mut last_stamp) = (BTreeMap::new(), 0);
        let from = self.boundary(size_bytes.saturating_sub(n_bytes).max(self.first_byte))?;
        for_each(&self.file, from.unwrap_or(size_bytes)..size_bytes, |block, _| {
            if block.is_signal() {
                last.insert(block.channel, *block);
            }
            last_stamp = last_stamp.max(block.stamp);
            true
        })?;
        Ok((last, last_stamp))
    }
}

/// Signals that the header has no room to count have as many samples as one of the same rate
/// whose first and last block they share: all are sampled together.
fn count_beyond(
    counts: &mut BTreeMap<u16, u64>,
    tracks: &[Track],
    first: &BTreeMap<u16, Header>,
    last: &BTreeMap<u16, Header>,
) {
    let timing = |track: &Track| {
        let block = |of: &BTreeMap<u16, Header>| of.get(&track.number).map(|block| (block.stamp, block.n_samples));
        Some((track.ticks_of(1).to_bits(), block(first)?, block(last)?))
    };
    let known: BTreeMap<_, u64> =
        tracks.iter().filter_map(|track| Some((timing(track)?, *counts.get(&track.number)?))).collect();
    for track in tracks.iter().filter(|track| track.number >= COUNTED_CHANNELS) {
        if let Some(count) = timing(track).and_then(|timing| known.get(&timing)) {
            counts.insert(track.number, *count);
        }
    }
}
