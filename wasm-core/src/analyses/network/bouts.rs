//! Bouts of quick firing, on a timeline of all segments, and how many electrodes are in one at once.

use crate::analyses::SegmentTrains;

/// Frames `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: i64,
    pub end: i64,
}

/// The segments of a recording one behind the other, with pauses between them that are too long
/// to be bridged.
pub struct Timeline {
    /// Where each segment lies.
    pub segments: Vec<Span>,
}

impl Timeline {
    pub fn new(lengths: impl IntoIterator<Item = i64>, pause: i64) -> Self {
        let mut start = 0_i64;
        let segment = |n_frames: i64| {
            let segment = Span { start, end: start.saturating_add(n_frames.max(0)) };
            start = segment.end.saturating_add(pause);
            segment
        };
        Self { segments: lengths.into_iter().map(segment).collect() }
    }

    /// Frames of all segments.
    pub fn n_frames(&self) -> i64 {
        self.segments.iter().fold(0, |sum: i64, segment| sum.saturating_add(segment.end - segment.start))
    }

    /// The end of the last segment.
    pub fn end(&self) -> i64 {
        self.segments.last().map_or(0, |segment| segment.end)
    }

    /// The last segment that has begun.
    pub fn segment_at(&self, frame: i64) -> usize {
        self.segments.partition_point(|segment| segment.start <= frame).saturating_sub(1)
    }

    /// The pauses between the segments.
    pub fn pauses(&self) -> Vec<Span> {
        let between = |(before, after): (&Span, &Span)| Span { start: before.end, end: after.start };
        self.segments.iter().zip(self.segments.iter().skip(1)).map(between).collect()
    }
}

/// The bouts of one electrode, in order: runs of at least `min_spikes` spikes with no
/// interval above `max_interval` frames (equal counts as inside), from the first spike to the
/// frame behind the last.
pub fn bouts_of(
    segments: &[SegmentTrains<'_>],
    electrode: usize,
    timeline: &Timeline,
    (min_spikes, max_interval): (usize, i64),
) -> Vec<Span> {
    let mut bouts = Vec::new();
    for (segment, place) in segments.iter().zip(&timeline.segments) {
        let train = segment.trains.get(electrode).copied().unwrap_or_default();
        for run in train.chunk_by(|before, after| after - before <= max_interval) {
            if let [first, .., last] = run
                && run.len() >= min_spikes
            {
                let start = place.start.saturating_add(*first);
                let end = place.start.saturating_add(*last).saturating_add(1).min(place.end);
                if start < end {
                    bouts.push(Span { start, end });
                }
            }
        }
    }
    bouts
}

/// Bins of the coarse look of [`can_reach`].
const N_BINS: i64 = 4096;

/// Whether so many electrodes can be in a bout at once on a timeline that ends at `end`. Bouts that
/// share a bin are taken to meet, so that they need not be put in order; most copies of large
/// arrays need no closer look.
pub fn can_reach(bouts: &[Vec<Span>], end: i64, n_electrodes: usize) -> bool {
    let bin_frames = end / N_BINS + 1;
    let bin = |frame: i64| usize::try_from(frame / bin_frames).unwrap_or_default();
    let mut changes = vec![0_i64; bin(end) + 2];
    for bout in bouts.iter().flatten() {
        changes[bin(bout.start)] += 1;
        changes[bin(bout.end - 1) + 1] -= 1;
    }
    let wanted = i64::try_from(n_electrodes).unwrap_or(i64::MAX);
    let mut count = 0;
    changes.iter().any(|change| {
        count += change;
        count >= wanted
    })
}

/// How many electrodes are in a bout, over time.
pub struct Occupancy {
    /// Frames at which bouts begin, and at which they end, each list in order.
    starts: Vec<i64>,
    ends: Vec<i64>,
}

impl Occupancy {
    pub fn new(bouts: &[Vec<Span>]) -> Self {
        let sorted = |frame: fn(&Span) -> i64| {
            let mut frames: Vec<i64> = bouts.iter().flatten().map(frame).collect();
            frames.sort_unstable();
            frames
        };
        Self { starts: sorted(|bout| bout.start), ends: sorted(|bout| bout.end) }
    }

    /// Each frame at which the number changes, with the number from there on; the last one is 0.
    fn steps(&self) -> impl Iterator<Item = (i64, usize)> {
        let mut starts = self.starts.iter().copied().peekable();
        let mut ends = self.ends.iter().copied().peekable();
        let mut count = 0_usize;
        std::iter::from_fn(move || {
            // A bout begins before it ends, so the last frame is that of an end.
            let end = *ends.peek()?;
            let frame = starts.peek().map_or(end, |start| end.min(*start));
            while starts.next_if_eq(&frame).is_some() {
                count += 1;
            }
            while ends.next_if_eq(&frame).is_some() {
                count = count.saturating_sub(1);
            }
            Some((frame, count))
        })
    }

    /// How often the number rises to each, from 0 to the largest: no more spans reach it.
    pub fn rises(&self) -> Vec<usize> {
        let mut rises = vec![0];
        let mut before = 0;
        for (_, count) in self.steps() {
            if count >= rises.len() {
                rises.resize(count + 1, 0);
            }
            for rise in rises.get_mut(before + 1..=count).into_iter().flatten() {
                *rise += 1;
            }
            before = count;
        }
        rises
    }

    /// Spans over which the number is at least `edge`, and at some moment at least `least`.
    pub fn peaks(&self, least: usize, edge: usize) -> Vec<Span> {
        let mut found = Vec::new();
        let (mut open, mut is_peak) = (None, false);
        for (frame, count) in self.steps() {
            if count >= edge {
                open = open.or(Some(frame));
                is_peak |= count >= least;
            } else if let Some(start) = open.take() {
                if is_peak {
                    found.push(Span { start, end: frame });
                }
                is_peak = false;
            }
        }
        found
    }
}

/// Spans, sorted, of which those are one that are at most `gap` frames apart.
pub fn joined(spans: Vec<Span>, gap: i64) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start - last.end <= gap => last.end = span.end,
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span { start, end }
    }

    #[test]
    fn a_peak_reaches_down_to_its_edge() {
        let bouts = [vec![span(0, 100), span(200, 210)], vec![span(20, 90)], vec![span(40, 60), span(205, 300)]];
        let occupancy = Occupancy::new(&bouts);
        assert_eq!(occupancy.rises(), [0, 2, 2, 1]);
        assert_eq!(occupancy.peaks(3, 3), [span(40, 60)]);
        assert_eq!(occupancy.peaks(3, 2), [span(20, 90)]);
        assert_eq!(occupancy.peaks(2, 2), [span(20, 90), span(205, 210)]);
        assert_eq!(joined(occupancy.peaks(2, 2), 115), [span(20, 210)]);
        assert!(can_reach(&bouts, 300, 3) && !can_reach(&bouts, 300, 4));
        // One bout ends where the next begins: the number stays the same.
        let touching = Occupancy::new(&[vec![span(0, 50)], vec![span(10, 30), span(30, 40)]]);
        assert_eq!(touching.peaks(2, 2), [span(10, 40)]);
    }

    #[test]
    fn a_coarse_look_misses_nothing() {
        let bouts: Vec<Vec<Span>> = (0..7).map(|at| vec![span(100_000 * at, 100_000 * at + 250_000)]).collect();
        assert_eq!(Occupancy::new(&bouts).rises(), [0, 1, 1, 5]);
        assert!(can_reach(&bouts, 1_000_000, 3) && !can_reach(&bouts, 1_000_000, 4));
        // Within one bin it takes more for common than is.
        let close = [vec![span(0, 10)], vec![span(20, 30)]];
        assert!(can_reach(&close, 1_000_000, 2));
        assert_eq!(Occupancy::new(&close).rises(), [0, 2]);
    }

    #[test]
    fn segments_lie_apart() {
        let timeline = Timeline::new([100, 0, 50], 10);
        assert_eq!(timeline.segments, [span(0, 100), span(110, 110), span(120, 170)]);
        assert_eq!(timeline.pauses(), [span(100, 110), span(110, 120)]);
        assert_eq!((timeline.n_frames(), timeline.end()), (150, 170));
        assert_eq!([0, 109, 119, 120, 169].map(|frame| timeline.segment_at(frame)), [0, 0, 1, 2, 2]);
    }
}
