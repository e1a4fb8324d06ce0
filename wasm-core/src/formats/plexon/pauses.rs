//! Pauses of a large recording, found without having walked it.
//!
//! The header counts the samples of each signal, and the blocks at both ends tell the time
//! between them: what is missing was not recorded. Blocks of a signal follow each other at even
//! times until a pause shifts them; so a stretch of the file between two blocks that do not keep
//! step holds a pause, and is halved until it is short enough to be walked. Where a pause
//! happens to keep step, the stretch whose bytes account for its time the least is halved first.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::blocks::{Header, for_each};
use super::continuous::Track;
use super::ends::Ends;
use super::seek::Seeker;
use crate::formats::OpenError;

/// What may be read of a file: an eighth, and so many bytes. Beyond it, walking is as good.
const READ_DIVISOR: u64 = 8;
const READ_BYTES: u64 = 64 << 20;

/// First stamps and frames of a signal's segments.
pub(super) type Segments = Vec<(i64, u64)>;

/// A signal whose samples are counted.
pub(super) struct Counted<'a> {
    track: &'a Track,
    ends: Ends,
    /// The last block before each pause, by the stamp of the first after it.
    pauses: BTreeMap<i64, Header>,
}

impl<'a> Counted<'a> {
    pub(super) const fn new(track: &'a Track, ends: Ends) -> Self {
        Self { track, ends, pauses: BTreeMap::new() }
    }

    /// First stamp and frames of what lies between pauses.
    fn segments(&self) -> Segments {
        let starts = std::iter::once(self.ends.first.stamp).chain(self.pauses.keys().copied());
        let ends = self.pauses.values().chain([&self.ends.last]);
        let frames =
            |start, last: &Header| self.track.frame_of(start, last.stamp).saturating_add(last.n_samples as u64);
        starts.zip(ends).map(|(start, last)| (start, frames(start, last))).collect()
    }

    /// Samples that the segments would hold; each pause that is found makes them fewer.
    fn n_held(&self) -> u64 {
        self.segments().iter().fold(0, |sum, (_, n_frames)| sum.saturating_add(*n_frames))
    }

    /// Whether two blocks of the signal are a whole number of blocks apart.
    #[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^53")]
    fn keep_step(&self, one: &Header, other: &Header) -> bool {
        let step = self.track.ticks_of(self.ends.first.n_samples as u64);
        let apart = (other.stamp as f64 - one.stamp as f64).rem_euclid(step.max(1.0));
        apart.min(step - apart) <= self.track.ticks_of(1)
    }
}

/// Part of a file between two blocks of one signal.
struct Stretch {
    from: Header,
    to: Header,
    is_in_step: bool,
    /// Ticks of its time that its bytes do not account for.
    missing_ticks: f64,
}

impl Stretch {
    const fn size_bytes(&self) -> u64 {
        self.to.place.saturating_sub(self.from.place)
    }
}

/// Finds the pauses of all signals, and so their segments: first stamps and frames; `None` where
/// the counts cannot be met.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn find(seeker: &Seeker, mut counted: Vec<Counted>) -> Result<Option<Vec<Segments>>, OpenError> {
    let Some(Counted { track, ends: Ends { first, last, n_samples }, .. }) = counted.first() else {
        return Ok(None);
    };
    let (number, size_bytes) = (track.number, last.place.saturating_sub(first.place));
    let ticks_per_byte = track.ticks_of(*n_samples) / size_bytes.max(1) as f64;
    let stretch = |of: &Counted, from: Header, to: Header| Stretch {
        is_in_step: of.keep_step(&from, &to),
        missing_ticks: to.stamp as f64 - from.stamp as f64 - (to.place as f64 - from.place as f64) * ticks_per_byte,
        from,
        to,
    };
    let mut stretches = vec![stretch(&counted[0], *first, *last)];
    let mut left_bytes = (size_bytes / READ_DIVISOR).min(READ_BYTES);
    loop {
        let held: Vec<Ordering> = counted.iter().map(|signal| signal.n_held().cmp(&signal.ends.n_samples)).collect();
        if held.iter().all(|held| held.is_eq()) {
            return Ok(Some(counted.iter().map(Counted::segments).collect()));
        }
        // A block too many, or a rate that changes: no pause can mend that.
        if held.iter().any(|held| held.is_lt()) {
            return Ok(None);
        }
        let by_suspicion = |a: &usize, b: &usize| {
            let (a, b) = (&stretches[*a], &stretches[*b]);
            b.is_in_step.cmp(&a.is_in_step).then(a.missing_ticks.total_cmp(&b.missing_ticks))
        };
        let Some(at) = (0..stretches.len()).max_by(by_suspicion) else { return Ok(None) };
        let whole = stretches.swap_remove(at);
        let half = whole.size_bytes() / 2;
        let cost = if half < seeker.slack {
            walk(seeker, &mut counted, &whole)?;
            whole.size_bytes() + 2 * seeker.slack
        } else {
            let from = whole.from.place + half;
            let Some(middle) = seeker.block_of(number, from)?.filter(|middle| middle.place < whole.to.place) else {
                return Ok(None);
            };
            stretches.push(stretch(&counted[0], whole.from, middle));
            stretches.push(stretch(&counted[0], middle, whole.to));
            Seeker::PROBE_COST_BYTES + middle.place - from
        };
        let Some(left) = left_bytes.checked_sub(cost) else { return Ok(None) };
        left_bytes = left;
    }
}

/// Looks at all blocks of a stretch, and at those around it that tell when a signal stopped.
fn walk(seeker: &Seeker, counted: &mut [Counted], stretch: &Stretch) -> Result<(), OpenError> {
    let place_of: BTreeMap<u16, usize> = counted.iter().map(|signal| signal.track.number).zip(0..).collect();
    let mut before: Vec<Option<Header>> = vec![None; counted.len()];
    let from = seeker.block_before(stretch.from.place)?;
    for_each(&seeker.file, from..stretch.to.place.saturating_add(seeker.slack), |block, _| {
        if let Some(at) = block.is_signal().then(|| place_of.get(&block.channel)).flatten() {
            let signal = &mut counted[*at];
            if let Some(last) = before[*at].replace(*block)
                && !signal.track.goes_on((last.stamp, last.n_samples as u64), block.stamp)
            {
                signal.pauses.insert(block.stamp, last);
            }
        }
        true
    })
}
