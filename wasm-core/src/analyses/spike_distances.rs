//! How alike two trains are, by times that follow from the trains themselves: SPIKE-synchronization,
//! ISI-distance and SPIKE-distance.
//!
//! Kreuz et al. 2015, doi:10.1152/jn.00848.2014; 2007, doi:10.1016/j.jneumeth.2007.05.031; 2013,
//! doi:10.1152/jn.00873.2012. What lies before the first and behind the last spike is treated as by Mulansky &
//! Kreuz 2016, doi:10.1016/j.softx.2016.07.006.

use super::SegmentTrains;

/// The trains of one segment; no two spikes of a train share a frame, as these measures have no meaning for
/// an interval of 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinctTrains {
    n_frames: i64,
    trains: Vec<Vec<i64>>,
    /// Spikes that were left out, as their train has another one in the same frame.
    pub n_left_out: u64,
}

impl DistinctTrains {
    /// Keeps one spike of those in the same frame.
    #[must_use]
    pub fn new(segment: &SegmentTrains<'_>) -> Self {
        let inside = |train: &&[i64]| -> Vec<i64> {
            train.iter().copied().filter(|frame| (0..=segment.n_frames).contains(frame)).collect()
        };
        let mut trains: Vec<Vec<i64>> = segment.trains.iter().map(inside).collect();
        let n_spikes = |trains: &[Vec<i64>]| trains.iter().map(|train| train.len() as u64).sum::<u64>();
        let n_before = n_spikes(&trains);
        trains.iter_mut().for_each(Vec::dedup);
        Self { n_frames: segment.n_frames, n_left_out: n_before - n_spikes(&trains), trains }
    }
}

/// Distances of two trains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpikeDistances {
    /// SPIKE-synchronization: the share of spikes that coincide.
    pub synchronization: Option<f64>,
    /// ISI-distance: 0 where the intervals are the same at every moment.
    pub isi: Option<f64>,
    /// SPIKE-distance: 0 where the spikes are the same.
    pub spike: Option<f64>,
}

impl SpikeDistances {
    /// Compares two trains, given by their places. Coincidences of all segments count together; the distances
    /// are means over the time of the segments in which both fire.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames and spikes stay far below 2^53")]
    pub fn new(segments: &[DistinctTrains], a: usize, b: usize) -> Self {
        let (mut n_spikes, mut n_coincident, mut n_frames) = (0, 0, 0);
        let (mut isi, mut spike) = (0.0, 0.0);
        for segment in segments {
            let (a, b) = (segment.trains[a].as_slice(), segment.trains[b].as_slice());
            n_spikes += a.len() + b.len();
            if a.is_empty() || b.is_empty() {
                continue;
            }
            // Whatever coincides does so from both sides.
            n_coincident += 2 * coincidences(a, b, segment.n_frames);
            let both = over_time(a, b, segment.n_frames);
            isi += both.0;
            spike += both.1;
            n_frames += segment.n_frames;
        }
        let mean = |sum: f64| (n_frames > 0).then(|| sum / n_frames as f64);
        Self {
            synchronization: (n_spikes > 0).then(|| n_coincident as f64 / n_spikes as f64),
            isi: mean(isi),
            spike: mean(spike),
        }
    }
}

/// Spikes of `a` whose nearest of `b` is closer than half of the shortest of the intervals around the two. Of
/// two that are equally near neither is.
fn coincidences(a: &[i64], b: &[i64], n_frames: i64) -> usize {
    let mut near = 0;
    let mut n = 0;
    for (at, spike) in a.iter().enumerate() {
        let way = |other: &i64| (other - spike).abs();
        while b.get(near + 1).is_some_and(|next| way(next) < way(&b[near])) {
            near += 1;
        }
        let shortest = shortest_beside(a, at, n_frames).min(shortest_beside(b, near, n_frames));
        n += usize::from(2 * way(&b[near]) < shortest);
    }
    n
}

/// The shorter of the intervals beside a spike; no longer than the segment, if it is the only one.
fn shortest_beside(train: &[i64], at: usize, n_frames: i64) -> i64 {
    let before = at.checked_sub(1).map_or(n_frames, |before| train[at] - train[before]);
    let after = train.get(at + 1).map_or(n_frames, |after| after - train[at]);
    before.min(after)
}

/// The sums over all frames of what the ISI-distance and the SPIKE-distance are the means of. Neither train is
/// empty.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
fn over_time(a: &[i64], b: &[i64], n_frames: i64) -> (f64, f64) {
    let (mut first, mut second) = (Side::new(a, b, n_frames), Side::new(b, a, n_frames));
    let (mut isi, mut spike) = (0.0, 0.0);
    let mut from = 0;
    while from < n_frames {
        let (own, other) = (first.piece(from), second.piece(from));
        // Up to the next spike of either both intervals stay as they are, and the ways are straight lines.
        let to = own.end.min(other.end);
        let (x, y, length) = (own.interval as f64, other.interval as f64, (to - from) as f64);
        let at = |frame: i64| 2.0 * (own.way(frame) * y + other.way(frame) * x) / ((x + y) * (x + y));
        isi += length * ((x - y).abs() / x.max(y));
        spike += length * f64::midpoint(at(from), at(to));
        from = to;
    }
    (isi, spike)
}

/// A train beside another, walked through from start to end.
struct Side<'a> {
    train: &'a [i64],
    /// From each spike to the nearest of the other train.
    ways: Vec<i64>,
    n_frames: i64,
    /// Spikes that lie behind.
    n_passed: usize,
}

impl<'a> Side<'a> {
    fn new(train: &'a [i64], other: &[i64], n_frames: i64) -> Self {
        Self { train, ways: ways(train, other, n_frames), n_frames, n_passed: 0 }
    }

    /// The stretch that a frame and those after it lie in.
    fn piece(&mut self, frame: i64) -> Piece {
        while self.train.get(self.n_passed).is_some_and(|spike| *spike <= frame) {
            self.n_passed += 1;
        }
        let (train, n_frames, next) = (self.train, self.n_frames, self.n_passed);
        let before = next.checked_sub(1);
        let start = before.map_or(0, |at| train[at]);
        let end = train.get(next).copied().unwrap_or(n_frames);
        let way = |at: usize| self.ways.get(at).copied();
        let (left, right) = (before.and_then(way), way(next));
        // Before the first spike and behind the last the interval is not known: it is the way to the end of the
        // segment, or the neighbour if that is longer.
        let neighbour = match before {
            None => train.get(1).map_or(0, |second| second - end),
            Some(_) if right.is_some() => 0,
            Some(last) => last.checked_sub(1).map_or(0, |before| start - train[before]),
        };
        Piece {
            start,
            end,
            interval: (end - start).max(neighbour),
            left: left.or(right).unwrap_or_default(),
            right: right.or(left).unwrap_or_default(),
        }
    }
}

/// A stretch between two spikes of a train, or between one and an end of the segment.
struct Piece {
    start: i64,
    end: i64,
    /// The interval that it counts as.
    interval: i64,
    /// From the spikes at its ends to the nearest of the other train.
    left: i64,
    right: i64,
}

impl Piece {
    /// The way to the other train's spikes at a moment, between those at both ends.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn way(&self, frame: i64) -> f64 {
        let (left, right) = (self.left as f64, self.right as f64);
        (left * (self.end - frame) as f64 + right * (frame - self.start) as f64) / (self.end - self.start) as f64
    }
}

/// From each spike of a train to the nearest of another, which is taken to go on with its first and its last
/// interval, or with a spike at the end of the segment if that is farther.
fn ways(train: &[i64], other: &[i64], n_frames: i64) -> Vec<i64> {
    let (before_all, behind_all) = match (other, other.split_last()) {
        ([first, second, ..], Some((last, rest))) => {
            let before_last = rest.last().copied().unwrap_or(*first);
            ((2 * first - second).min(0), (2 * last - before_last).max(n_frames))
        }
        _ => (0, n_frames),
    };
    let mut next = 0;
    let way = |spike: &i64| {
        while other.get(next).is_some_and(|at| at < spike) {
            next += 1;
        }
        let before = next.checked_sub(1).map_or(before_all, |at| other[at]);
        let after = other.get(next).copied().unwrap_or(behind_all);
        (spike - before).min(after - spike)
    };
    train.iter().map(way).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(a: &[i64], b: &[i64], n_frames: i64) -> SpikeDistances {
        let segment = DistinctTrains::new(&SegmentTrains { n_frames, trains: vec![a, b] });
        SpikeDistances::new(&[segment], 0, 1)
    }

    fn every(step: i64, from: i64, to: i64) -> Vec<i64> {
        (0..=(to - from) / step).map(|at| from + at * step).collect()
    }

    fn is_near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    #[test]
    fn clocks_have_closed_forms() {
        let clock = every(100, 0, 1200);
        let same = SpikeDistances { synchronization: Some(1.0), isi: Some(0.0), spike: Some(0.0) };
        assert_eq!(compare(&clock, &clock, 1200), same);
        // Half an interval later: no spike is closer than half of one, and the nearest is always 50 of 100 away.
        let later = compare(&every(100, 0, 1000), &every(100, 50, 1000), 1000);
        assert_eq!(later, SpikeDistances { synchronization: Some(0.0), isi: Some(0.0), spike: Some(0.5) });
        // Every other spike only: intervals of 100 and 200; the way grows to 100 and back.
        let half = compare(&clock, &every(200, 0, 1200), 1200);
        assert_eq!((half.synchronization, half.isi), (Some(0.7), Some(0.5)));
        assert!(is_near(half.spike, 2.0 / 9.0), "{half:?}");
    }

    #[test]
    fn lone_spikes_and_silence_are_defined() {
        // Intervals of 300 then 700, and of 500: 0.4 for 300 frames, 2/7 for 700.
        let lone = compare(&[300], &[500], 1000);
        assert!(is_near(lone.isi, 0.32), "{lone:?}");
        assert!(is_near(lone.spike, 23.0 / 60.0), "{lone:?}");
        assert_eq!(lone.synchronization, Some(1.0));
        assert_eq!(compare(&[200], &[800], 1000).synchronization, Some(0.0), "more than half of all time apart");
        let silent = SpikeDistances { synchronization: Some(0.0), isi: None, spike: None };
        assert_eq!(compare(&[300, 400], &[], 1000), silent);
        let nothing = SpikeDistances { synchronization: None, isi: None, spike: None };
        assert_eq!(compare(&[], &[], 1000), nothing);
        assert_eq!(SpikeDistances::new(&[], 0, 1), nothing);
    }

    #[test]
    fn spikes_in_the_same_frame_are_one() {
        let (a, b) = ([100, 100, 400, 700, 700, 700], [130, 420, 600]);
        assert_eq!(compare(&a, &b, 1000), compare(&[100, 400, 700], &b, 1000));
        let trains = DistinctTrains::new(&SegmentTrains { n_frames: 1000, trains: vec![&a[..], &b[..]] });
        assert_eq!(trains.n_left_out, 3);
    }

    #[test]
    fn segments_count_together() {
        let (a, b) = ([100_i64, 250, 700, 705, 900], [110_i64, 400, 420, 890]);
        let segment = |b: &[i64]| DistinctTrains::new(&SegmentTrains { n_frames: 1000, trains: vec![&a[..], b] });
        let one = SpikeDistances::new(&[segment(&b)], 0, 1);
        let two = SpikeDistances::new(&[segment(&b), segment(&b)], 0, 1);
        assert_eq!(one, two);
        // Where one of them is silent nothing coincides, and the distances say nothing.
        let silent = SpikeDistances::new(&[segment(&b), segment(&[])], 0, 1);
        assert_eq!((silent.isi, silent.spike), (one.isi, one.spike));
        assert!(silent.synchronization < one.synchronization);
    }

    /// Spikes of `a` that coincide, from the definition.
    fn by_definition(a: &[i64], b: &[i64], n_frames: i64) -> usize {
        let beside = |train: &[i64], spike: i64| {
            train.iter().map(|at| (at - spike).abs()).filter(|way| *way > 0).min().unwrap_or(n_frames)
        };
        let coincides = |spike: &&i64| {
            let is_near = |other: &i64| 2 * (*other - **spike).abs() < beside(a, **spike).min(beside(b, *other));
            b.iter().any(is_near)
        };
        a.iter().filter(coincides).count()
    }

    proptest! {
        #[test]
        fn what_coincides_does_so_from_both_sides(
            mut a in prop::collection::vec(0_i64..500, 1..30),
            mut b in prop::collection::vec(0_i64..500, 1..30),
        ) {
            for train in [&mut a, &mut b] {
                train.sort_unstable();
                train.dedup();
            }
            let n = coincidences(&a, &b, 500);
            prop_assert_eq!(n, coincidences(&b, &a, 500));
            prop_assert_eq!(n, by_definition(&a, &b, 500));
            let (one, other) = (compare(&a, &b, 500), compare(&b, &a, 500));
            prop_assert!(is_near(one.isi, other.isi.unwrap_or(9.0)), "{:?} {:?}", one, other);
            prop_assert!(is_near(one.spike, other.spike.unwrap_or(9.0)), "{:?} {:?}", one, other);
            let within = |value: Option<f64>| value.is_some_and(|value| (0.0..=1.0).contains(&value));
            prop_assert!(within(one.isi) && within(one.synchronization), "{:?}", one);
        }
    }
}
