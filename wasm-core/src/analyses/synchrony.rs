//! Synchrony: the spike time tiling coefficient.
//!
//! Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014: unlike a correlation it does
//! not grow with the firing rate.

use std::ops::Range;

use ndarray::Array2;

use super::{Interval, SegmentTrains, frames, jackknife};

/// Coincidence window to each side.
pub const STTC_DT_S: f64 = 0.05;

/// Active electrodes below which there is no pair.
pub const SYNCHRONY_MIN_ACTIVE: usize = 2;

/// Mean coefficient over all pairs of trains, with the segments taken together; `None` without a
/// pair of trains with spikes. A train that fires so densely that its tiles cover all time is near
/// every spike of any other: pairs with it tell nothing and are left out, as in [`sttc_matrix`].
#[must_use]
pub fn mean_sttc(segments: &[SegmentTrains<'_>], sampling_frequency_hz: f64) -> Option<f64> {
    PairSums::new(segments, sampling_frequency_hz).mean()
}

/// The coefficients of all pairs of trains, summed: their mean, and how much each train matters for it.
#[derive(Clone, Debug)]
pub struct PairSums {
    /// Sum and number of the halves of coefficients.
    all: (f64, usize),
    /// Sum and number of the halves of coefficients in which each train takes part.
    of_train: Vec<(f64, usize)>,
}

impl PairSums {
    /// Sums them, with the segments taken together; see [`mean_sttc`].
    #[must_use]
    pub fn new(segments: &[SegmentTrains<'_>], sampling_frequency_hz: f64) -> Self {
        let n_trains = segments.iter().map(|segment| segment.trains.len()).max().unwrap_or(0);
        let (mut all, mut of_train) = ((0.0, 0), vec![(0.0, 0); n_trains]);
        let dt = frames(STTC_DT_S, sampling_frequency_hz);
        let is_dense: Vec<bool> = (0..n_trains).map(|at| tiles(segments, at, dt).is_none()).collect();
        each_half(segments, dt, |at, other, half| {
            if is_dense[other] {
                return;
            }
            let add = |to: &mut (f64, usize)| *to = (to.0 + half, to.1 + 1);
            add(&mut all);
            add(&mut of_train[at]);
            add(&mut of_train[other]);
        });
        Self { all, of_train }
    }

    /// The mean over all pairs; none without one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of pairs")]
    pub fn mean(&self) -> Option<f64> {
        let (sum, n) = self.all;
        // Each pair was met from both sides. A sum of nothing but -0 must not show.
        (n > 0).then(|| sum / n as f64 + 0.0)
    }

    /// The interval of the mean; none of too few trains.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
    pub fn interval(&self) -> Option<Interval> {
        let (sum, n) = self.all;
        let others = |(own, n_own): &(f64, usize)| (n > *n_own).then(|| (sum - own) / (n - n_own) as f64);
        let without: Option<Vec<f64>> = self.of_train.iter().filter(|(_, n)| *n > 0).map(others).collect();
        let Interval { low, high } = jackknife(self.mean()?, &without?)?;
        Some(Interval { low: low.max(-1.0), high: high.min(1.0) })
    }
}

/// The coefficient of every pair of trains, `[train, train]`, with the segments taken together and a
/// window of `dt` frames to each side; 1 on the diagonal, NaN where a train has no spikes or its
/// tiles cover all time.
#[must_use]
pub fn sttc_matrix(segments: &[SegmentTrains<'_>], dt: i64) -> Array2<f64> {
    let n_trains = segments.iter().map(|segment| segment.trains.len()).max().unwrap_or(0);
    let mut matrix = Array2::from_elem((n_trains, n_trains), f64::NAN);
    each_half(segments, dt, |at, other, half| matrix[(at, other)] = half);
    for at in 0..n_trains {
        for other in 0..at {
            let both = f64::midpoint(matrix[(at, other)], matrix[(other, at)]);
            matrix[(at, other)] = both;
            matrix[(other, at)] = both;
        }
        matrix[(at, at)] = 1.0;
    }
    matrix
}

/// Spikes of all trains that are put in order together, some 60 MB of memory: a longer segment is looked at in parts.
const PART_SPIKES: usize = 1 << 21;

/// Counts of pairs that are kept together, 64 MB: for more, all parts are looked at several times.
const KEPT_COUNTS: usize = 1 << 24;

/// Calls `take` with both halves of each pair's coefficient: the train whose tiles count, the train whose
/// spikes count, and the half.
///
/// The spikes of all trains are put into one list in order of time. The tiles of a train, the
/// times within `dt` of its spikes, are then stretches of that list, so that all others
/// are counted in one go and only spikes inside tiles are looked at.
fn each_half(segments: &[SegmentTrains<'_>], dt: i64, take: impl FnMut(usize, usize, f64)) {
    each_half_in_parts(segments, dt, (PART_SPIKES, KEPT_COUNTS), take);
}

/// A train in each segment, and the length of the segment.
fn of_train<'a>(segments: &'a [SegmentTrains<'_>], at: usize) -> impl Iterator<Item = (&'a [i64], i64)> {
    segments.iter().filter_map(move |segment| Some((*segment.trains.get(at)?, segment.n_frames)))
}

/// The share of time that the tiles of a train cover; none where they cover all of it.
#[expect(clippy::cast_precision_loss, reason = "counts of frames")]
fn tiles(segments: &[SegmentTrains<'_>], at: usize, dt: i64) -> Option<f64> {
    let n_frames = segments.iter().fold(0_i64, |sum, segment| sum.saturating_add(segment.n_frames.max(0))).max(1);
    let own = of_train(segments, at).map(|(train, n_frames)| tiled(train, dt, n_frames));
    let n_tiled = own.fold(0, i64::saturating_add);
    (n_tiled < n_frames).then(|| n_tiled as f64 / n_frames as f64)
}

#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn each_half_in_parts(
    segments: &[SegmentTrains<'_>],
    dt: i64,
    (part_spikes, kept_counts): (usize, usize),
    mut take: impl FnMut(usize, usize, f64),
) {
    let n_trains = segments.iter().map(|segment| segment.trains.len()).max().unwrap_or(0);
    let n_spikes: Vec<usize> =
        (0..n_trains).map(|at| of_train(segments, at).map(|(train, _)| train.len()).sum()).collect();
    let firing: Vec<usize> = (0..n_trains).filter(|at| n_spikes[*at] > 0).collect();
    for some in firing.chunks((kept_counts / n_trains.max(1)).max(1)) {
        let mut near = vec![0_u32; some.len() * n_trains];
        for segment in segments {
            for part in parts(segment, part_spikes) {
                let together = Together::new(segment, &part, n_trains);
                for (at, near) in some.iter().zip(near.chunks_mut(n_trains)) {
                    let train = segment.trains.get(*at).copied().unwrap_or_default();
                    let reaching = within(train, &(part.start.saturating_sub(dt)..part.end.saturating_add(dt)));
                    together.count_near(reaching, dt, near);
                }
            }
        }
        for (at, near) in some.iter().copied().zip(near.chunks(n_trains)) {
            let Some(tile) = tiles(segments, at, dt) else { continue };
            for (other, near) in near.iter().enumerate().filter(|(other, _)| *other != at && n_spikes[*other] > 0) {
                take(at, other, term(f64::from(*near) / n_spikes[other] as f64, tile));
            }
        }
    }
}

/// Equal stretches of a segment that hold some `n_spikes` spikes each.
fn parts(segment: &SegmentTrains<'_>, n_spikes: usize) -> Vec<Range<i64>> {
    let all: usize = segment.trains.iter().map(|train| train.len()).sum();
    let firsts = segment.trains.iter().filter_map(|train| train.first());
    let lasts = segment.trains.iter().filter_map(|train| train.last());
    let (Some(first), Some(last)) = (firsts.min(), lasts.max()) else { return Vec::new() };
    let (first, end) = (*first, last.saturating_add(1));
    let n_parts = i64::try_from(all.div_ceil(n_spikes.max(1))).unwrap_or(i64::MAX).max(1);
    let length = end.saturating_sub(first) / n_parts + 1;
    let starts = (0..n_parts).map(|at| first.saturating_add(length.saturating_mul(at)));
    starts.map(|start| start..start.saturating_add(length).min(end)).filter(|part| !part.is_empty()).collect()
}

/// The frames of a train that lie in a range.
fn within<'a>(train: &'a [i64], range: &Range<i64>) -> &'a [i64] {
    let from = train.partition_point(|frame| *frame < range.start);
    &train[from..from + n_before(&train[from..], range.end)]
}

/// One half of a coefficient: of a train whose spikes lie to a `share` near those of another, which
/// tile a share `tile` of the time. 0/0 means that every spike is tiled and every time too: full
/// agreement.
pub(super) fn term(share: f64, tile: f64) -> f64 {
    if share * tile == 1.0 { 1.0 } else { (share - tile) / (1.0 - share * tile) }
}

/// Frames of `0..=end` within `dt` of a spike, overlaps counted once.
fn tiled(train: &[i64], dt: i64, end: i64) -> i64 {
    let mut covered = 0;
    let mut reached = 0;
    for spike in train {
        let (from, to) = ((spike - dt).max(reached), spike.saturating_add(dt).min(end));
        covered += (to - from).max(0);
        reached = reached.max(to);
    }
    covered
}

/// The spikes of all trains in a part of a segment, in order of time.
struct Together {
    frames: Vec<i64>,
    /// The train of each.
    owners: Vec<u32>,
    /// How many spikes of each train lie before every `step`-th place, so that long stretches, as
    /// bursts make them, need not be walked through.
    sums: Vec<u32>,
    step: usize,
}

impl Together {
    fn new(segment: &SegmentTrains<'_>, part: &Range<i64>, n_trains: usize) -> Self {
        let own: Vec<&[i64]> = segment.trains.iter().map(|train| within(train, part)).collect();
        let mut spikes: Vec<(i64, u32)> = Vec::with_capacity(own.iter().map(|train| train.len()).sum());
        for (owner, train) in (0_u32..).zip(own) {
            spikes.extend(train.iter().map(|frame| (*frame, owner)));
        }
        spikes.sort_unstable();
        let (frames, owners): (Vec<i64>, Vec<u32>) = spikes.into_iter().unzip();
        // Sums take as long to add as so many spikes, and no more memory than the spikes.
        let step = n_trains.max(1);
        let mut counts = vec![0_u32; n_trains];
        let mut sums = counts.clone();
        for places in owners.chunks(step) {
            for owner in places {
                counts[*owner as usize] += 1;
            }
            sums.extend_from_slice(&counts);
        }
        Self { frames, owners, sums, step }
    }

    /// Adds to each train's count its spikes within `dt` (inclusive) of a spike of `train`.
    fn count_near(&self, train: &[i64], dt: i64, near: &mut [u32]) {
        let mut at = 0;
        for tile in train.chunk_by(|before, after| after - before <= dt.saturating_mul(2)) {
            at = self.count_in(at, tile[0] - dt, tile[tile.len() - 1].saturating_add(dt), near);
        }
    }

    /// Counts the spikes in `from..=to`, none of which lies before place `at`; gives the place
    /// behind them.
    fn count_in(&self, at: usize, from: i64, to: i64, near: &mut [u32]) -> usize {
        let start = at + n_before(&self.frames[at..], from);
        let end = start + n_before(&self.frames[start..], to.saturating_add(1));
        let (first, last) = (start.div_ceil(self.step), end / self.step);
        if first < last {
            let n_trains = near.len();
            let (before, after) = (&self.sums[first * n_trains..], &self.sums[last * n_trains..]);
            for (near, (before, after)) in near.iter_mut().zip(before.iter().zip(after)) {
                *near += after - before;
            }
            self.walk(start..first * self.step, near);
            self.walk(last * self.step..end, near);
        } else {
            self.walk(start..end, near);
        }
        end
    }

    fn walk(&self, places: Range<usize>, near: &mut [u32]) {
        for owner in &self.owners[places] {
            near[*owner as usize] += 1;
        }
    }
}

/// How many of the sorted frames lie before `frame`; fast where the answer is small.
fn n_before(frames: &[i64], frame: i64) -> usize {
    let mut reach = 1;
    while frames.get(reach).is_some_and(|at| *at < frame) {
        reach *= 2;
    }
    let from = reach / 2;
    let until = frames.len().min(reach + 1);
    from.min(until) + frames[from.min(until)..until].partition_point(|at| *at < frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The halves of the coefficient of two trains from its definition; nothing where one of them tells nothing.
    fn halves(a: &[i64], b: &[i64], dt: i64, end: i64) -> Vec<f64> {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let share = |a: &[i64], b: &[i64]| {
            a.iter().filter(|spike| b.iter().any(|other| (*spike - other).abs() <= dt)).count() as f64 / a.len() as f64
        };
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let tile = |train: &[i64]| tiled(train, dt, end) as f64 / end as f64;
        let both = [(share(a, b), tile(b)), (share(b, a), tile(a))];
        if both.iter().any(|(_, tile)| *tile >= 1.0) {
            return Vec::new();
        }
        both.into_iter().map(|(share, tile)| term(share, tile)).collect()
    }

    fn mean(trains: &[&[i64]], n_frames: i64, sampling_frequency_hz: f64) -> Option<f64> {
        mean_sttc(&[SegmentTrains { n_frames, trains: trains.to_vec() }], sampling_frequency_hz)
    }

    #[test]
    fn golden_values_of_the_published_reference() {
        // The vectors of elephant's tests, from the authors' C code; times x 100, and a rate at
        // which the window is 500 frames.
        let a = [130, 756, 1587, 2823, 3090, 3420, 3820, 4320];
        let b = [102, 271, 1882, 2846, 2879, 4360];
        let own = halves(&a, &b, 500, 5000).iter().sum::<f64>() / 2.0;
        for value in [own, mean(&[&a, &b], 5000, 10_000.0).expect("both fire")] {
            assert!((value - 0.495_860_165_593_376_2).abs() < 1e-12, "{value}");
        }
        let a = [100, 200, 300, 400, 500];
        let near = a.map(|at| at + 1);
        assert_eq!(mean(&[&a, &near], 550, 100.0), Some(1.0));
        assert_eq!(mean(&[&a, &[]], 550, 100.0), None);
        let dense: Vec<i64> = (0..=550).collect();
        assert_eq!(mean(&[&dense, &dense], 550, 100.0), None);
        // Pairs with a train that covers all time are left out of the mean and the matrix alike.
        assert_eq!(mean(&[&a, &dense], 550, 100.0), None);
        assert_eq!(mean(&[&a, &near, &dense], 550, 100.0), Some(1.0));
        let matrix = sttc_matrix(&[SegmentTrains { n_frames: 550, trains: vec![&a[..], &near[..], &dense[..]] }], 5);
        assert!(matrix[(0, 1)] == 1.0 && matrix[(0, 2)].is_nan() && matrix[(1, 2)].is_nan(), "{matrix}");
        assert_eq!(mean(&[&a], 550, 100.0), None);
        assert_eq!(mean(&[], 0, 100.0), None);
    }

    #[test]
    fn the_interval_is_that_of_leaving_each_train_out() {
        let trains: Vec<Vec<i64>> = (0..7).map(|at| (0..20).map(|k| k * 97 + at * at * 3).collect()).collect();
        let views = |without: Option<usize>| -> Vec<&[i64]> {
            trains.iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, own)| own.as_slice()).collect()
        };
        let segment = SegmentTrains { n_frames: 2000, trains: views(None) };
        let sums = PairSums::new(&[segment], 200.0);
        let each: Vec<f64> = (0..7).filter_map(|at| mean(&views(Some(at)), 2000, 200.0)).collect();
        let (found, expected) = (sums.interval(), jackknife(sums.mean().expect("pairs"), &each));
        let (found, expected) = (found.expect("enough"), expected.expect("enough"));
        assert!((found.low - expected.low.max(-1.0)).abs() < 1e-12, "{found:?} is not {expected:?}");
        assert!((found.high - expected.high.min(1.0)).abs() < 1e-12, "{found:?} is not {expected:?}");
        let few = SegmentTrains { n_frames: 2000, trains: views(None)[..5].to_vec() };
        assert_eq!(PairSums::new(&[few], 200.0).interval(), None);
    }

    #[test]
    fn segments_count_together() {
        // The second segment repeats the first: the mean is that of one.
        let (a, b) = ([100_i64, 250, 700, 705, 900], [110_i64, 400, 420, 890]);
        let segment = || SegmentTrains { n_frames: 1000, trains: vec![&a[..], &b[..]] };
        let (one, two) = (mean_sttc(&[segment()], 1000.0), mean_sttc(&[segment(), segment()], 1000.0));
        assert!((one.expect("a pair") - two.expect("a pair")).abs() < 1e-12);
        // A train may be silent in one of them.
        let silent = SegmentTrains { n_frames: 1000, trains: vec![&a[..], &[]] };
        assert!(mean_sttc(&[segment(), silent], 1000.0) < one);
    }

    proptest! {
        #[test]
        fn equals_every_pair_by_itself(
            trains in prop::collection::vec(prop::collection::vec(0_i64..2000, 0..40), 0..7),
            rate_hz in 20.0_f64..2000.0,
        ) {
            let sorted = |mut train: Vec<i64>| { train.sort_unstable(); train };
            let trains: Vec<Vec<i64>> = trains.into_iter().map(sorted).collect();
            let views: Vec<&[i64]> = trains.iter().map(Vec::as_slice).collect();
            let firing: Vec<&[i64]> = views.iter().copied().filter(|train| !train.is_empty()).collect();
            let dt = frames(STTC_DT_S, rate_hz);
            let pairs = firing.iter().enumerate().flat_map(|(at, a)| firing[at + 1..].iter().map(move |b| (a, b)));
            let values: Vec<f64> = pairs.flat_map(|(a, b)| halves(a, b, dt, 2000)).collect();
            let found = mean(&views, 2000, rate_hz);
            prop_assert_eq!(found.is_some(), !values.is_empty());
            if let Some(found) = found {
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let wanted = values.iter().sum::<f64>() / values.len() as f64;
                prop_assert!((found - wanted).abs() < 1e-12, "{} is not {}", found, wanted);
            }
        }

        #[test]
        fn parts_give_the_numbers_of_the_whole(
            trains in prop::collection::vec(prop::collection::vec(0_i64..3000, 0..60), 1..8),
            dt in 0_i64..200,
            part_spikes in 1_usize..60,
            kept_counts in 1_usize..40,
        ) {
            let sorted = |mut train: Vec<i64>| { train.sort_unstable(); train };
            let trains: Vec<Vec<i64>> = trains.into_iter().map(sorted).collect();
            let segment = || SegmentTrains { n_frames: 3000, trains: trains.iter().map(Vec::as_slice).collect() };
            let halves = |limits: (usize, usize)| {
                let mut halves = Vec::new();
                each_half_in_parts(&[segment(), segment()], dt, limits, |at, other, half| halves.push((at, other, half)));
                halves
            };
            prop_assert_eq!(halves((part_spikes, kept_counts)), halves((PART_SPIKES, KEPT_COUNTS)));
        }

        #[test]
        fn jumping_ahead_is_a_search(mut frames in prop::collection::vec(0_i64..50, 0..40), frame in -5_i64..60) {
            frames.sort_unstable();
            prop_assert_eq!(n_before(&frames, frame), frames.partition_point(|at| *at < frame));
        }
    }
}
