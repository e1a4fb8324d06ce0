//! Random firing: spikes at the rate of an electrode that know nothing of each other but a refractory time (a Poisson
//! process). The bursts that a method finds in it are those that chance brings.

use super::random::Random;
use super::{BURST_MAX_ISI_S, BURST_MIN_SPIKES, Burst, BurstSums, mean};

/// No neuron fires twice within it: 1.5 ms (Hill et al. 2011, doi:10.1523/JNEUROSCI.0971-11.2011).
pub const REFRACTORY_S: f64 = 0.0015;

/// Trains that are drawn for one electrode.
pub const RANDOM_COPIES: usize = 10;

/// Spikes of each at most: what is found in a part counts for the whole, so that the work does not grow with the
/// spikes. Many short trains rather than a long one, as a method may take another limit for each.
pub const RANDOM_SPIKES: usize = 200;

/// The counts that random firing brings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ByChance {
    /// The mean number.
    pub mean: f64,
    /// The weight of a single one in all that was drawn: less cannot be told from nothing. 0 where the mean is exact.
    pub least: f64,
    /// The variance beyond that of counts that know nothing of each other (Poisson: the mean), as where a method takes
    /// another limit for each train.
    pub beyond: f64,
}

impl ByChance {
    /// The standard deviation.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        libm::sqrt(self.mean + self.beyond)
    }

    /// That of several electrodes together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, least: self.least.max(other.least), beyond: self.beyond + other.beyond }
    }
}

/// A mean over random trains, with the least of them: the mean where that is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The least in a train.
    pub least: f64,
}

impl Spread {
    /// A mean that is exact.
    #[must_use]
    pub const fn exact(mean: f64) -> Self {
        Self { mean, least: mean }
    }

    /// That of values so many times as large.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, least: self.least * factor }
    }

    /// That of the sum with another, where the least of both meet.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, least: self.least + other.least }
    }
}

/// The bursts of random firing on one electrode.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RandomBursts {
    /// Their number.
    pub count: ByChance,
    /// The mean interval inside them; none where there are none.
    pub mean_interval: Option<Spread>,
    /// Spikes outside them.
    pub n_outside: Spread,
}

/// The bursts of the summary ([`super::bursts()`]) that random firing brings an electrode with so many spikes in so
/// many seconds, with their interval in seconds: exact, because intervals do not depend on each other. A burst begins
/// with an interval that follows no short one, and needs one short interval less than it has spikes; behind these,
/// short intervals go on until a longer one.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
pub fn random_bursts(n_spikes: u64, observed_s: f64) -> RandomBursts {
    let (n_intervals, n_short) = (n_spikes.saturating_sub(1), BURST_MIN_SPIKES as u64 - 1);
    if n_intervals < n_short || !(observed_s > 0.0) {
        return RandomBursts { n_outside: Spread::exact(n_spikes as f64), ..RandomBursts::default() };
    }
    let (beyond_s, longest_s) = (observed_s / n_spikes as f64 - REFRACTORY_S, BURST_MAX_ISI_S - REFRACTORY_S);
    // Where spikes come faster than a neuron can fire, each interval is short.
    let longer = if beyond_s > 0.0 { libm::exp(-longest_s / beyond_s) } else { 0.0 };
    let shorter = if beyond_s > 0.0 { -libm::expm1(-longest_s / beyond_s) } else { 1.0 };
    let mean = libm::pow(shorter, n_short as f64) * (1.0 + (n_intervals - n_short) as f64 * longer);
    // The mean of an exponential distribution that is cut off.
    let interval_s = REFRACTORY_S + beyond_s.max(0.0) - longest_s * longer / shorter;
    let n_inside = if longer > 0.0 { mean * (n_short as f64 + 1.0 + shorter / longer) } else { f64::INFINITY };
    RandomBursts {
        count: ByChance { mean, ..ByChance::default() },
        mean_interval: Some(Spread::exact(interval_s)),
        n_outside: Spread::exact((n_spikes as f64 - n_inside).max(0.0)),
    }
}

/// The bursts that a method finds in random firing at the rate of an electrode, whose `trains` were observed for
/// `n_frames`, with their interval in frames. The method sees [`RANDOM_COPIES`] trains of as many spikes, of
/// [`RANDOM_SPIKES`] at most. They depend on these spikes alone, and are the same on every platform.
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
    let n_drawn = n.min(RANDOM_SPIKES);
    let refractory = REFRACTORY_S * rate_hz;
    let beyond = (n_frames / n as f64 - refractory).max(0.0);
    let mut random = Random::new(seed ^ (n as u64).rotate_left(40));
    let mut copy = || BurstSums::of(&find(&drawn(n_drawn, refractory, beyond, &mut random)));
    let copies: Vec<BurstSums> = (0..RANDOM_COPIES).map(|_| copy()).collect();
    let times = n as f64 / n_drawn as f64;
    let counts: Vec<f64> = copies.iter().map(|own| own.n as f64).collect();
    let count = mean(counts.iter().copied()).unwrap_or_default();
    let squares: f64 = counts.iter().map(|own| (own - count) * (own - count)).sum();
    let count = ByChance {
        mean: count * times,
        least: times / RANDOM_COPIES as f64,
        // A limit that suits the whole train moves all of its bursts.
        beyond: (squares / (RANDOM_COPIES - 1) as f64 - count).max(0.0) * times * times,
    };
    let all = copies.iter().copied().fold(BurstSums::default(), BurstSums::and);
    let least = copies.iter().filter_map(BurstSums::mean_interval).fold(f64::INFINITY, f64::min);
    let mean_interval = all.mean_interval().map(|mean| Spread { mean, least });
    let outside = || copies.iter().map(|own| (n_drawn as u64).saturating_sub(own.n_spikes()) as f64);
    let least = outside().fold(f64::INFINITY, f64::min);
    let n_outside = Spread { mean: mean(outside()).unwrap_or_default(), least }.times(times);
    RandomBursts { count, mean_interval, n_outside }
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
    use crate::analyses::bursts;

    #[test]
    fn bursts_by_chance_have_a_closed_form() {
        let count = |n: u64, seconds: f64| random_bursts(n, seconds).count.mean;
        assert_eq!((count(0, 60.0), count(4, 60.0), count(9, 0.0)), (0.0, 0.0, 0.0));
        // Five spikes make one burst where all four intervals are short.
        let share = 1.0 - libm::exp(-0.0985 / (12.0 - 0.0015));
        assert!((count(5, 60.0) - libm::pow(share, 4.0)).abs() < 1e-15);
        // Faster than a neuron can fire: one burst.
        assert_eq!(count(1000, 1.0), 1.0);
        // Of rare spikes short intervals are spread evenly from 1.5 to 100 ms.
        let interval = |n: u64, seconds: f64| random_bursts(n, seconds).mean_interval.expect("an interval").mean;
        let rare = interval(10, 1e4);
        assert!((rare - 0.05075).abs() < 1e-5, "{rare}");
        // Of frequent ones hardly any is cut off.
        let frequent = interval(6000, 60.0);
        assert!((frequent - 0.01).abs() < 1e-4, "{frequent}");
    }

    #[test]
    fn spikes_outside_bursts_have_a_closed_form() {
        let outside = |n: u64, seconds: f64| random_bursts(n, seconds).n_outside.mean;
        // Rare spikes are all outside, too few to make a burst are too, and where spikes come as fast as they can
        // none.
        assert!((outside(10, 1e4) - 10.0).abs() < 1e-6 && outside(4, 60.0) == 4.0 && outside(1000, 1.0) == 0.0);
        // 10 Hz: a spike is outside where fewer than four short intervals in a row lie around it, of which each is
        // short with p: (1 - p)² (1 + 2 p + 3 p² + 4 p³) of all.
        let p = 1.0 - libm::exp(-0.0985 / 0.0985);
        let share = (1.0 - p) * (1.0 - p) * (1.0 + 2.0 * p + 3.0 * p * p + 4.0 * p * p * p);
        let found = outside(3000, 300.0) / 3000.0;
        assert!((found / share - 1.0).abs() < 0.01, "{found} for {share}");
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
            let intervals = trains.iter().filter_map(|train| of(train).mean_interval).map(|interval| interval.mean);
            let interval_s = mean(intervals).expect("bursts") / 10_000.0;
            let wanted_s = exact.mean_interval.expect("an interval").mean;
            assert!((interval_s / wanted_s - 1.0).abs() < 0.05, "{n}: {interval_s} s for {wanted_s} s");
            let outside = mean(trains.iter().map(|train| of(train).n_outside.mean)).expect("trains");
            let wanted = exact.n_outside.mean;
            assert!((outside / wanted - 1.0).abs() < 0.05, "{n}: {outside} outside for {wanted}");
            assert_eq!(of(&trains[3]), of(&trains[3]));
        }
    }

    #[test]
    fn nothing_brings_nothing() {
        let each = |train: &[i64]| train.iter().map(|at| Burst { start: *at, end: at + 2, n_spikes: 2 }).collect();
        assert_eq!(drawn_bursts([&[][..]].into_iter(), 1000.0, 1000.0, &each), RandomBursts::default());
        let found = drawn_bursts([&[1, 2][..], &[3]].into_iter(), 1000.0, 1000.0, &each);
        assert_eq!((found.count.mean, found.count.least, found.count.beyond), (3.0, 0.1, 0.0));
        assert_eq!((found.mean_interval, found.n_outside), (Some(Spread::exact(2.0)), Spread::exact(0.0)));
    }

    #[test]
    fn limits_that_vary_make_counts_vary() {
        // All spikes are in bursts of ten or none is, by a coin for each copy of 200 of 1,000 spikes.
        let find = |train: &[i64]| {
            let is_any = train.iter().sum::<i64>() % 2 == 0;
            let burst = |at: &[i64]| Burst { start: at[0], end: at[9], n_spikes: 10 };
            if is_any { train.chunks_exact(10).map(burst).collect() } else { Vec::new() }
        };
        let train: Vec<i64> = (0..1000).collect();
        let found = drawn_bursts([train.as_slice()].into_iter(), 1e6, 10_000.0, &find);
        let share = found.count.mean / 100.0;
        assert!(share > 0.0 && share < 1.0, "{share}");
        // The sample variance of ten, which are 0 or 100, beyond that of Poisson in copies of a fifth.
        let wanted = 10_000.0 * share * (1.0 - share) * 10.0 / 9.0 - 5.0 * found.count.mean;
        assert!((found.count.beyond - wanted).abs() < 1e-6, "{found:?}");
        assert!((found.n_outside.mean - 1000.0 * (1.0 - share)).abs() < 1e-6, "{found:?}");
        assert_eq!(found.n_outside.least, 0.0);
    }
}
