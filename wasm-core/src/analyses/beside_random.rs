//! Bursts beside those of random firing at the same rates. More of them are more than chance, and so are those inside
//! which spikes follow each other faster, and those that leave few spikes outside. A count alone would miss a culture
//! that fires in few long bursts: as many spikes, spread at random, fall into many short ones, and many into none.

use super::random_firing::{ByChance, RandomBursts, Spread};
use super::{BurstSums, Verdict};

/// Spikes that follow each other so many times as fast inside bursts are more than chance. A rate that changes slowly
/// from 2 to 14 Hz brings 1.2.
pub const TIMES_AS_FAST: f64 = 1.5;

/// Intervals inside bursts from which on that is told: their mean then has a standard error of a tenth at most.
pub const FAST_INTERVALS: u64 = 100;

/// Spikes outside bursts of random firing from which on it is told that few lie outside: half as many or fewer. A rate
/// that changes slowly from 2 to 14 Hz leaves 0.8 of them outside, and no less than 0.67 in a minute (simulated).
pub const MANY_OUTSIDE: f64 = 100.0;

/// Several electrodes have bursts that are more than chance where so many of them have, and this share of those with
/// bursts: a fast one without a pattern must not hide what the others do.
const FEWEST: (u64, f64) = (2, 0.25);

/// Bursts of an electrode, or of several, beside those of random firing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BesideRandom {
    /// Bursts of random firing.
    pub by_chance: ByChance,
    /// Bursts that were found.
    found: BurstSums,
    /// All spikes, and the time in which they were observed.
    n_spikes: u64,
    observed: f64,
    /// Spikes outside bursts of random firing.
    outside_by_chance: Spread,
    /// Bursts that were found on electrodes where random firing has bursts, too.
    inside: BurstSums,
    /// The time that as many intervals take inside bursts of random firing.
    time_by_chance: Spread,
    /// Electrodes whose bursts are more than chance, and electrodes with bursts.
    n_electrodes: (u64, u64),
}

impl BesideRandom {
    /// Bursts of one electrode, which fired so many spikes in the time in which it was observed, beside those of random
    /// firing; times have the same unit in all.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub fn new(found: BurstSums, (n_spikes, observed): (u64, f64), random: RandomBursts) -> Self {
        let (inside, time_by_chance) = random
            .mean_interval
            .map_or_else(Default::default, |interval| (found, interval.times(found.n_intervals as f64)));
        let own = Self {
            by_chance: random.count,
            found,
            n_spikes,
            observed,
            outside_by_chance: random.n_outside,
            inside,
            time_by_chance,
            n_electrodes: (0, 0),
        };
        let is_more = own.verdict() == Verdict::MoreThanChance;
        Self { n_electrodes: (u64::from(is_more), u64::from(found.n > 0)), ..own }
    }

    /// Those of several electrodes together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            by_chance: self.by_chance.and(other.by_chance),
            found: self.found.and(other.found),
            n_spikes: self.n_spikes + other.n_spikes,
            observed: self.observed + other.observed,
            outside_by_chance: self.outside_by_chance.and(other.outside_by_chance),
            inside: self.inside.and(other.inside),
            time_by_chance: self.time_by_chance.and(other.time_by_chance),
            n_electrodes: (self.n_electrodes.0 + other.n_electrodes.0, self.n_electrodes.1 + other.n_electrodes.1),
        }
    }

    /// How many times as fast spikes follow each other inside bursts as inside those of random firing; none where
    /// either has no bursts.
    #[must_use]
    pub fn times_as_fast(&self) -> Option<f64> {
        (self.inside.time > 0.0).then(|| self.time_by_chance.mean / self.inside.time)
    }

    /// The same where it is more than chance.
    #[must_use]
    pub fn faster(&self) -> Option<f64> {
        let is_told = self.inside.n_intervals >= FAST_INTERVALS && self.inside.time <= self.time_by_chance.least;
        self.times_as_fast().filter(|times| is_told && *times >= TIMES_AS_FAST)
    }

    /// Percent of the spikes outside bursts, of those found and of random firing; none without spikes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
    pub fn percent_outside(&self) -> Option<(f64, f64)> {
        let percent = |n: f64| n * 100.0 / self.n_spikes as f64;
        (self.n_spikes > 0).then(|| (percent(self.n_outside()), percent(self.outside_by_chance.mean)))
    }

    /// The same where so few outside are more than chance. Bursts that fill more than half of the time are none:
    /// regular firing leaves no spike outside either.
    #[must_use]
    pub fn few_outside(&self) -> Option<(f64, f64)> {
        let (outside, by_chance) = (self.n_outside(), self.outside_by_chance);
        // Where a part counts for the whole, so many must lie in the part.
        let is_told = by_chance.mean >= MANY_OUTSIDE * self.by_chance.least.max(1.0) && outside <= by_chance.least;
        let is_few = 2.0 * outside <= by_chance.mean && 2.0 * self.found.time <= self.observed;
        self.percent_outside().filter(|_| is_told && is_few)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of spikes")]
    fn n_outside(&self) -> f64 {
        self.n_spikes.saturating_sub(self.found.n_spikes()) as f64
    }

    /// The verdict on the count alone.
    #[must_use]
    pub fn by_count(&self) -> Verdict {
        Verdict::beside(self.found.n, self.by_chance)
    }

    /// Electrodes whose bursts are more than chance, and electrodes with bursts, where these are several and enough.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
    pub fn electrodes(&self) -> Option<(u64, u64)> {
        let (n_more, n_bursting) = self.n_electrodes;
        let is_enough = n_more >= FEWEST.0 && n_more as f64 >= FEWEST.1 * n_bursting as f64;
        is_enough.then_some(self.n_electrodes)
    }

    /// The verdict on count, speed, spikes outside and, of several electrodes, on how many of them have more than
    /// chance.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let is_more = self.faster().is_some() || self.few_outside().is_some() || self.electrodes().is_some();
        if is_more { Verdict::MoreThanChance } else { self.by_count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::{bursts, random_bursts};

    fn beside(train: &[i64], seconds: f64) -> BesideRandom {
        let mut found = BurstSums::of(&bursts(train, 1000.0));
        found.time /= 1000.0;
        let n_spikes = train.len() as u64;
        BesideRandom::new(found, (n_spikes, seconds), random_bursts(n_spikes, seconds))
    }

    #[test]
    fn few_long_bursts_are_more_than_random_firing() {
        // Every 10 s 100 spikes, 10 ms apart: 10 Hz on average, where random firing has some 35 bursts a minute.
        let train: Vec<i64> = (0..12).flat_map(|at| (0..100).map(move |k| at * 10_000 + k * 10)).collect();
        let found = beside(&train, 120.0);
        assert_eq!((found.found.n, found.by_count()), (12, Verdict::Chance));
        assert_eq!(found.verdict(), Verdict::MoreThanChance);
        // Short intervals of random firing at 10 Hz last 43 ms on average.
        let times = found.times_as_fast().expect("bursts");
        assert!((4.0..4.6).contains(&times), "{times}");
        assert_eq!(found.faster(), Some(times));
    }

    #[test]
    fn bursts_that_leave_no_spike_outside_are_more_than_random_firing() {
        // Every 6 s 60 spikes, 40 ms apart: as fast as inside bursts of random firing at 10 Hz.
        let train: Vec<i64> = (0..50).flat_map(|at| (0..60).map(move |k| at * 6000 + k * 40)).collect();
        let found = beside(&train, 300.0);
        assert_eq!((found.found.n, found.by_count(), found.faster()), (50, Verdict::Chance, None));
        let (outside, by_chance) = found.few_outside().expect("few outside");
        // Random firing has 1,817 of 3,000 outside.
        assert!(outside == 0.0 && (by_chance - 60.57).abs() < 0.01, "{outside} {by_chance}");
        assert_eq!(found.verdict(), Verdict::MoreThanChance);
        // With 30 spikes between, 110 ms apart, 1,500 of 4,500 lie outside, where random firing at 15 Hz has 1,379.
        let between = (0..50).flat_map(|at| (0..30).map(move |k| at * 6000 + 2560 + k * 110));
        let mut both: Vec<i64> = train.iter().copied().chain(between).collect();
        both.sort_unstable();
        assert_eq!(beside(&both, 300.0).few_outside(), None);
    }

    #[test]
    fn a_fast_electrode_does_not_hide_the_others() {
        // Five spikes every 15 s, ten times; random firing of so few has none.
        let bursting: Vec<i64> = (0..10).flat_map(|at| (0..5).map(move |k| at * 15_000 + k * 10)).collect();
        // Runs of four intervals of 90 ms, 16 of them in 8 s: at 10 Hz random firing has more.
        let fast: Vec<i64> = (0..250).flat_map(|at| (0..5).map(move |k| at * 600 + k * 90)).collect();
        let (bursting, fast) = (beside(&bursting, 150.0), beside(&fast, 150.0));
        assert_eq!((bursting.verdict(), bursting.electrodes()), (Verdict::MoreThanChance, None));
        let many = BesideRandom { by_chance: ByChance { mean: 900.0, ..fast.by_chance }, n_electrodes: (0, 1), ..fast };
        let both = bursting.and(bursting).and(many);
        assert_eq!((both.by_count(), both.electrodes()), (Verdict::Chance, Some((2, 3))));
        assert_eq!(both.verdict(), Verdict::MoreThanChance);
        assert_eq!(bursting.and(many).electrodes(), None);
    }

    #[test]
    fn regular_firing_is_no_faster() {
        // 90 ms apart: one burst, slower inside than random firing.
        let train: Vec<i64> = (0..1000).map(|k| k * 90).collect();
        let found = beside(&train, 90.0);
        assert_eq!((found.found.n, found.faster(), found.verdict()), (1, None, Verdict::Chance));
        // No spike lies outside, where random firing has half of them, but the burst fills the time.
        assert!(found.percent_outside().is_some_and(|(own, random)| own == 0.0 && random > 30.0), "{found:?}");
        assert_eq!(found.few_outside(), None);
    }

    #[test]
    fn few_intervals_tell_nothing() {
        let train: Vec<i64> = (0..5).flat_map(|at| (0..20).map(move |k| at * 2000 + k * 10)).collect();
        let found = beside(&train, 10.0);
        assert_eq!((found.faster(), found.verdict()), (None, found.by_count()));
        assert!(found.and(found).faster().is_some());
        assert_eq!(BesideRandom::default().verdict(), Verdict::NoneFound);
    }

    #[test]
    fn what_varies_among_random_trains_tells_nothing() {
        // Fewer than half outside and twice as fast: more than chance, but not where a random train is so, too.
        let found = BurstSums { n: 50, n_intervals: 300, time: 6.0 };
        let with = |least: f64| {
            let spread = |mean: f64| Spread { mean, least: least * mean };
            let count = ByChance { mean: 50.0, ..ByChance::default() };
            let random = RandomBursts { count, mean_interval: Some(spread(0.04)), n_outside: spread(600.0) };
            BesideRandom::new(found, (600, 60.0), random)
        };
        assert_eq!((with(0.6).faster(), with(0.4).faster()), (Some(2.0), None));
        assert_eq!((with(0.6).few_outside().is_some(), with(0.4).few_outside().is_some()), (true, false));
    }
}
