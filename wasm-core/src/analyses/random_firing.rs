//! Random firing: spikes at the rate of an electrode that know nothing of each other but a refractory time (a Poisson
//! process). The bursts that a method finds in it are those that chance brings.

use super::random::Random;
use super::{BURST_MAX_ISI_S, BURST_MIN_SPIKES, Burst, BurstSums};

/// No neuron fires twice within it: 1.5 ms (Hill et al. 2011, doi:10.1523/JNEUROSCI.0971-11.2011).
pub const REFRACTORY_S: f64 = 0.0015;

/// Trains that are drawn for one electrode at most.
pub const RANDOM_COPIES: usize = 10;

/// Spikes that are drawn for one electrode at most: what is found in a part counts for the whole, so that the work
/// does not grow with the spikes.
const MAX_DRAWN: usize = 2000;

/// The counts that random firing brings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ByChance {
    /// The mean number.
    pub mean: f64,
    /// The weight of a single one in all that was drawn: less cannot be told from nothing. 0 where the mean is exact.
    pub least: f64,
}

impl ByChance {
    /// That of several electrodes together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, least: self.least.max(other.least) }
    }
}

/// The bursts of random firing on one electrode.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RandomBursts {
    /// Their number.
    pub count: ByChance,
    /// The mean interval inside them; none where there are none.
    pub mean_interval: Option<f64>,
}

/// The bursts of the summary ([`super::bursts()`]) that random firing brings an electrode with so many spikes in so
/// many seconds, with their interval in seconds: exact, because intervals do not depend on each other. A burst begins
/// with an interval that follows no short one, and needs one short interval less than it has spikes.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
pub fn random_bursts(n_spikes: u64, observed_s: f64) -> RandomBursts {
    let (n_intervals, n_short) = (n_spikes.saturating_sub(1), BURST_MIN_SPIKES as u64 - 1);
    if n_intervals < n_short || !(observed_s > 0.0) {
        return RandomBursts::default();
    }
    let (beyond_s, longest_s) = (observed_s / n_spikes as f64 - REFRACTORY_S, BURST_MAX_ISI_S - REFRACTORY_S);
    // Where spikes come faster than a neuron can fire, each interval is short.
    let longer = if beyond_s > 0.0 { libm::exp(-longest_s / beyond_s) } else { 0.0 };
    let shorter = if beyond_s > 0.0 { -libm::expm1(-longest_s / beyond_s) } else { 1.0 };
    let mean = libm::pow(shorter, n_short as f64) * (1.0 + (n_intervals - n_short) as f64 * longer);
    // The mean of an exponential distribution that is cut off.
    let interval_s = REFRACTORY_S + beyond_s.max(0.0) - longest_s * longer / shorter;
    RandomBursts { count: ByChance { mean, least: 0.0 }, mean_interval: Some(interval_s) }
}

/// The bursts that a method finds in random firing at the rate of an electrode, whose `trains` were observed for
/// `n_frames`, with their interval in frames. It is shown up to [`RANDOM_COPIES`] trains of as many spikes, or one of
/// 2,000 where there are more. They depend on these spikes alone, and are the same on every platform.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of spikes and frames")]
pub fn drawn_bursts<'a>(
    trains: impl Iterator<Item = &'a [i64]>,
    n_frames: f64,
    rate_hz: f64,
    find: &dyn Fn(&[i64]) -> Vec<Burst>,
) -> RandomBursts {
    let (mut n, mut seed) = (0, 0_u64);
    for train in trains {
        n += train.len();
        seed = seed.rotate_left(17) ^ train.first().map_or(0, |frame| frame.cast_unsigned());
    }
    if n == 0 || !(n_frames > 0.0) {
        return RandomBursts::default();
    }
    let n_drawn = n.min(MAX_DRAWN);
    let n_copies = (MAX_DRAWN / n_drawn).clamp(1, RANDOM_COPIES);
    let refractory = REFRACTORY_S * rate_hz;
    let beyond = (n_frames / n as f64 - refractory).max(0.0);
    let mut random = Random::new(seed ^ (n as u64).rotate_left(40));
    let mut found = Vec::new();
    for _ in 0..n_copies {
        found.extend(find(&drawn(n_drawn, refractory, beyond, &mut random)));
    }
    let least = n as f64 / (n_drawn * n_copies) as f64;
    let sums = BurstSums::of(&found);
    RandomBursts { count: ByChance { mean: sums.n as f64 * least, least }, mean_interval: sums.mean_interval() }
}

/// A train of so many spikes; an interval is the refractory time and, on average, so many frames beyond it.
#[expect(clippy::cast_possible_truncation, reason = "frames of the recording")]
fn drawn(n_spikes: usize, refractory: f64, beyond: f64, random: &mut Random) -> Vec<i64> {
    let mut at = 0.0;
    let mut next = || {
        at += refractory + beyond * random.exponential();
        at as i64
    };
    (0..n_spikes).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::{bursts, mean};

    #[test]
    fn bursts_by_chance_have_a_closed_form() {
        let count = |n: u64, seconds: f64| random_bursts(n, seconds).count.mean;
        assert_eq!((count(0, 60.0), count(4, 60.0), count(9, 0.0)), (0.0, 0.0, 0.0));
        // Five spikes make one burst where all four intervals are short.
        let share = 1.0 - libm::exp(-0.0985 / (12.0 - 0.0015));
        assert!((count(5, 60.0) - libm::pow(share, 4.0)).abs() < 1e-15);
        // Faster than a neuron can fire: one burst.
        assert_eq!(count(1000, 1.0), 1.0);
        // Of seldom spikes short intervals are spread evenly from 1.5 to 100 ms.
        let seldom = random_bursts(10, 1e4).mean_interval.expect("an interval");
        assert!((seldom - 0.05075).abs() < 1e-5, "{seldom}");
        // Of frequent ones hardly any is cut off.
        let frequent = random_bursts(6000, 60.0).mean_interval.expect("an interval");
        assert!((frequent - 0.01).abs() < 1e-4, "{frequent}");
    }

    #[test]
    fn draws_bring_what_the_closed_form_says() {
        let find = |train: &[i64]| bursts(train, 10_000.0);
        for (n, seconds) in [(200_u32, 20.0), (1500, 100.0), (6000, 600.0)] {
            let trains: Vec<Vec<i64>> = (0..40).map(|at| vec![at; n as usize]).collect();
            let of =
                |train: &Vec<i64>| drawn_bursts([train.as_slice()].into_iter(), seconds * 10_000.0, 10_000.0, &find);
            let all = trains.iter().map(|train| of(train).count).fold(ByChance::default(), ByChance::and);
            let exact = random_bursts(u64::from(n), seconds);
            let wanted = 40.0 * exact.count.mean;
            // Draws with their spread: each burst that was found counts `least`.
            let spread = libm::sqrt(wanted * all.least);
            assert!((all.mean - wanted).abs() < 5.0 * spread, "{n}: {} for {wanted} +- {spread}", all.mean);
            let intervals = trains.iter().filter_map(|train| of(train).mean_interval);
            let interval_s = mean(intervals).expect("bursts") / 10_000.0;
            let wanted_s = exact.mean_interval.expect("an interval");
            assert!((interval_s / wanted_s - 1.0).abs() < 0.05, "{n}: {interval_s} s for {wanted_s} s");
            assert_eq!(of(&trains[3]), of(&trains[3]));
        }
    }

    #[test]
    fn nothing_brings_nothing() {
        let each = |train: &[i64]| train.iter().map(|at| Burst { start: *at, end: at + 2, n_spikes: 2 }).collect();
        assert_eq!(drawn_bursts([&[][..]].into_iter(), 1000.0, 1000.0, &each), RandomBursts::default());
        let found = drawn_bursts([&[1, 2][..], &[3]].into_iter(), 1000.0, 1000.0, &each);
        assert_eq!((found.count.mean, found.count.least, found.mean_interval), (3.0, 0.1, Some(2.0)));
    }
}
