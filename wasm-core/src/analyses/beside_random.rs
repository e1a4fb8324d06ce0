//! Bursts beside those of random firing at the same rates. More of them are more than chance, and so are those inside
//! which spikes follow each other faster. A count alone would miss a culture that fires in few long bursts: as many
//! spikes, spread at random, fall into many short ones.

use super::random_firing::{ByChance, RandomBursts};
use super::{BurstSums, Verdict};

/// Spikes that follow each other so many times as fast inside bursts are more than chance. A rate that changes slowly
/// from 2 to 14 Hz brings 1.2.
pub const TIMES_AS_FAST: f64 = 1.5;

/// Intervals inside bursts from which on that is told: their mean then has a standard error of a tenth at most.
pub const FAST_INTERVALS: u64 = 100;

/// Bursts of an electrode, or of several, beside those of random firing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BesideRandom {
    /// Bursts that were found.
    pub n: u64,
    /// Bursts of random firing.
    pub by_chance: ByChance,
    /// Bursts that were found on electrodes where random firing has bursts, too.
    inside: BurstSums,
    /// The time that as many intervals take inside bursts of random firing.
    time_by_chance: f64,
}

impl BesideRandom {
    /// Bursts of one electrode beside those of random firing; times have the same unit in both.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub fn new(found: BurstSums, random: RandomBursts) -> Self {
        let (inside, time_by_chance) =
            random.mean_interval.map_or_else(Default::default, |interval| (found, interval * found.n_intervals as f64));
        Self { n: found.n, by_chance: random.count, inside, time_by_chance }
    }

    /// Those of several electrodes together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            by_chance: self.by_chance.and(other.by_chance),
            inside: BurstSums {
                n: self.inside.n + other.inside.n,
                n_intervals: self.inside.n_intervals + other.inside.n_intervals,
                time: self.inside.time + other.inside.time,
            },
            time_by_chance: self.time_by_chance + other.time_by_chance,
        }
    }

    /// How many times as fast spikes follow each other inside bursts as inside those of random firing; none where
    /// either has no bursts.
    #[must_use]
    pub fn times_as_fast(&self) -> Option<f64> {
        (self.inside.time > 0.0).then(|| self.time_by_chance / self.inside.time)
    }

    /// The same where it is more than chance.
    #[must_use]
    pub fn faster(&self) -> Option<f64> {
        let is_told = self.inside.n_intervals >= FAST_INTERVALS;
        self.times_as_fast().filter(|times| is_told && *times >= TIMES_AS_FAST)
    }

    /// The verdict on the count alone.
    #[must_use]
    pub fn by_count(&self) -> Verdict {
        Verdict::beside(self.n, self.by_chance)
    }

    /// The verdict on count and speed.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.faster().is_some() { Verdict::MoreThanChance } else { self.by_count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::{bursts, random_bursts};

    fn beside(train: &[i64], seconds: f64) -> BesideRandom {
        let mut found = BurstSums::of(&bursts(train, 1000.0));
        found.time /= 1000.0;
        BesideRandom::new(found, random_bursts(train.len() as u64, seconds))
    }

    #[test]
    fn few_long_bursts_are_more_than_random_firing() {
        // Every 10 s 100 spikes, 10 ms apart: 10 Hz on average, where random firing has some 35 bursts a minute.
        let train: Vec<i64> = (0..12).flat_map(|at| (0..100).map(move |k| at * 10_000 + k * 10)).collect();
        let found = beside(&train, 120.0);
        assert_eq!((found.n, found.by_count()), (12, Verdict::Chance));
        assert_eq!(found.verdict(), Verdict::MoreThanChance);
        // Short intervals of random firing at 10 Hz last 43 ms on average.
        let times = found.times_as_fast().expect("bursts");
        assert!((4.0..4.6).contains(&times), "{times}");
        assert_eq!(found.faster(), Some(times));
    }

    #[test]
    fn regular_firing_is_no_faster() {
        // 90 ms apart: one burst, slower inside than random firing.
        let train: Vec<i64> = (0..1000).map(|k| k * 90).collect();
        let found = beside(&train, 90.0);
        assert_eq!((found.n, found.faster(), found.verdict()), (1, None, Verdict::Chance));
    }

    #[test]
    fn few_intervals_tell_nothing() {
        let train: Vec<i64> = (0..5).flat_map(|at| (0..20).map(move |k| at * 2000 + k * 10)).collect();
        let found = beside(&train, 10.0);
        assert_eq!((found.faster(), found.verdict()), (None, found.by_count()));
        assert!(found.and(found).faster().is_some());
        assert_eq!(BesideRandom::default().verdict(), Verdict::NoneFound);
    }
}
