//! Neurons rather than electrodes: a spike that several electrodes see counts once.
//!
//! On dense arrays one neuron is seen by several electrodes. Its burst is a burst on each of them,
//! at once, and no network. So where two close electrodes fire within half a millisecond of each
//! other much more often than they do a millisecond later, a spike that both see is left to the one
//! with more spikes.

use std::borrow::Cow;

use super::super::{SegmentTrains, frames};

/// Two electrodes see the same spike within this time.
pub const SAME_SPIKE_S: f64 = 0.0005;

/// They see the same neuron from this share of the spikes of one of them on, beyond those that
/// coincide by chance or by a common burst.
pub const SAME_NEURON_SHARE: f64 = 0.3;

/// Electrodes further apart than this never see the same neuron.
pub const SAME_NEURON_UM: f64 = 150.0;

/// Spikes of an electrode, evenly spread over its train, by which that is found out.
const N_LOOKED_AT: usize = 100;

/// Fewer say nothing.
const FEWEST_LOOKED_AT: usize = 5;

/// The trains of all segments in which every spike counts once.
pub struct Sources<'a> {
    /// The remaining spikes, `[segment][electrode]`.
    pub trains: Vec<Vec<Cow<'a, [i64]>>>,
    /// Electrodes that keep at least half of their spikes.
    pub n_sources: usize,
}

impl<'a> Sources<'a> {
    /// Leaves each spike to one electrode. `near` lists for each electrode those so close that they
    /// may see the same neuron.
    pub fn new(segments: &[SegmentTrains<'a>], near: &[Vec<usize>], sampling_frequency_hz: f64) -> Self {
        let window = frames(SAME_SPIKE_S, sampling_frequency_hz);
        let n_spikes = |electrode: usize| -> usize { segments.iter().map(|of| of.trains[electrode].len()).sum() };
        let counts: Vec<usize> = (0..segments.first().map_or(0, |of| of.trains.len())).map(n_spikes).collect();
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); counts.len()];
        for (one, others) in near.iter().enumerate() {
            for other in others.iter().copied().filter(|other| *other > one) {
                let (few, many) = if (counts[one], one) < (counts[other], other) { (one, other) } else { (other, one) };
                if see_the_same(segments, few, many, window) {
                    above[few].push(many);
                }
            }
        }
        let own = |of: &SegmentTrains<'a>, electrode: usize| -> Cow<'a, [i64]> {
            let seen = of.trains[electrode];
            if above[electrode].is_empty() {
                return Cow::Borrowed(seen);
            }
            let is_with = |many: &usize, frame: i64| is_beside(of.trains[*many], frame, (-window, window));
            let is_own = |frame: &&i64| !above[electrode].iter().any(|many| is_with(many, **frame));
            seen.iter().filter(is_own).copied().collect()
        };
        let trains: Vec<Vec<Cow<'a, [i64]>>> =
            segments.iter().map(|of| (0..counts.len()).map(|electrode| own(of, electrode)).collect()).collect();
        let kept = |electrode: usize| -> usize { trains.iter().map(|of| of[electrode].len()).sum() };
        let n_sources = counts.iter().enumerate().filter(|(electrode, count)| kept(*electrode) * 2 >= **count).count();
        Self { trains, n_sources }
    }
}

/// Whether most spikes of an electrode with few are seen by one with many as well.
fn see_the_same(segments: &[SegmentTrains<'_>], few: usize, many: usize, window: i64) -> bool {
    let n_spikes: usize = segments.iter().map(|of| of.trains[few].len()).sum();
    let step = n_spikes.div_ceil(N_LOOKED_AT).max(1);
    let (mut n, mut at_once, mut beside) = (0_u32, 0_u32, 0_u32);
    let mut at = 0;
    for of in segments {
        let (own, other) = (of.trains[few], of.trains[many]);
        while let Some(frame) = own.get(at) {
            n += 1;
            at_once += u32::from(is_beside(other, *frame, (-window, window)));
            // As long a time, half of it before and half of it after.
            let (from, to) = (2 * window + 1, 3 * window + 1);
            beside += u32::from(is_beside(other, *frame, (-to, -from)) || is_beside(other, *frame, (from, to)));
            at += step;
        }
        at -= own.len();
    }
    n as usize >= FEWEST_LOOKED_AT && f64::from(at_once) - f64::from(beside) >= SAME_NEURON_SHARE * f64::from(n)
}

/// Whether a train has a spike from one lag to another behind a frame.
fn is_beside(train: &[i64], frame: i64, (from, to): (i64, i64)) -> bool {
    let first = train.partition_point(|other| *other - frame < from);
    train.get(first).is_some_and(|other| *other - frame <= to)
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::{RngCore, SeedableRng};

    use super::*;

    /// Frames at 20 kHz.
    fn regular(step: i64, n: i64, offset: i64) -> Vec<i64> {
        (0..n).map(|at| at * step + offset).collect()
    }

    fn merged(trains: &[&[i64]]) -> Vec<i64> {
        let mut all: Vec<i64> = trains.concat();
        all.sort_unstable();
        all
    }

    fn find(trains: &[Vec<i64>]) -> Sources<'_> {
        let near: Vec<Vec<usize>> =
            (0..trains.len()).map(|one| (0..trains.len()).filter(|other| *other != one).collect()).collect();
        let trains = trains.iter().map(Vec::as_slice).collect();
        Sources::new(&[SegmentTrains { n_frames: 1_000_000, trains }], &near, 20_000.0)
    }

    #[test]
    fn a_neuron_that_three_electrodes_see_is_one_source() {
        let (a, b) = (regular(997, 200, 0), regular(1511, 120, 300));
        // Two electrodes see only the first neuron, one a bit later; the third sees both.
        let late: Vec<i64> = a.iter().map(|frame| frame + 7).collect();
        let both = merged(&[&a, &b]);
        let trains = [a.clone(), late, both.clone(), regular(1201, 150, 5000)];
        let found = find(&trains);
        let kept: Vec<usize> = found.trains[0].iter().map(|own| own.len()).collect();
        assert_eq!((kept, found.n_sources), (vec![0, 0, both.len(), 150], 2));
    }

    #[test]
    fn a_common_burst_is_no_common_neuron() {
        // Bursts at the same moments, in which each electrode fires every 5 ms, somewhat early or late.
        let burst = |electrode: u64| -> Vec<i64> {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(electrode);
            let mut early = move || i64::try_from(random.next_u64() % 97).unwrap_or_default();
            (0..30).flat_map(|at| (0..20).map(move |k| at * 20_000 + k * 100)).map(|frame| frame + early()).collect()
        };
        let trains: Vec<Vec<i64>> = (0..6).map(burst).collect();
        let found = find(&trains);
        assert_eq!((found.n_sources, found.trains[0].concat().len()), (6, trains.concat().len()));
    }

    #[test]
    fn electrodes_that_are_not_near_keep_what_is_theirs() {
        let train = regular(997, 200, 0);
        let segments = [SegmentTrains { n_frames: 1_000_000, trains: vec![&train, &train] }];
        let found = Sources::new(&segments, &[vec![], vec![]], 20_000.0);
        assert_eq!((found.n_sources, found.trains[0].concat()), (2, [train.clone(), train.clone()].concat()));
        assert_eq!(Sources::new(&segments, &[vec![1], vec![0]], 20_000.0).n_sources, 1);
        assert_eq!(Sources::new(&[], &[], 20_000.0).n_sources, 0);
    }
}
