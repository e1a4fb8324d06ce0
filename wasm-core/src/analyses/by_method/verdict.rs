//! Whether what was found is more than chance.

use super::Tally;
use crate::analyses::{ByChance, mean};

/// From so many on, how many the copies hold says enough: just under half of 16 brings 16 or more in less than 1 % of
/// recordings (Poisson), of 10 in 3.2 %.
pub const MANY_FOUND: usize = 16;

/// A count from random firing is more by so many standard deviations. Logarithmic intervals (logISI) find twice as many
/// bursts on 4 % of electrodes that fire at random, and so many deviations more on 0.9 % (simulated, 0.2 to 20 Hz, 1 to
/// 10 min).
pub const DEVIATIONS: f64 = 3.0;

/// Of fewer, chance may bring as many as were found in at most this share of recordings.
const MAX_PROBABILITY: f64 = 0.01;

/// The verdict of the shifted copies on the counts of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to judge.
    NoneFound,
    /// The copies hold far fewer.
    MoreThanChance,
    /// The copies hold far fewer, but so few might be chance, or chance varies too much to tell.
    TooFew,
    /// The copies hold half as many or more on average, or one of them as many.
    Chance,
}

impl Verdict {
    /// Judges `n` by what was found in the copies. Where no copy holds any, one in as many copies again might, so
    /// that a single one is never enough.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of bursts and copies")]
    pub fn new(n: usize, shifted: &[Tally]) -> Self {
        let by_chance = mean(shifted.iter().map(|tally| tally.n as f64)).unwrap_or_default();
        if n == 0 {
            Self::NoneFound
        } else if 2.0 * by_chance >= n as f64 || shifted.iter().any(|tally| tally.n >= n) {
            Self::Chance
        } else if n < MANY_FOUND && at_least(n, by_chance + 1.0 / shifted.len().max(1) as f64) > MAX_PROBABILITY {
            Self::TooFew
        } else {
            Self::MoreThanChance
        }
    }

    /// Judges `n` by what chance brings on average, where single copies are not known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of bursts")]
    pub fn beside(n: u64, chance: ByChance) -> Self {
        if n == 0 {
            Self::NoneFound
        } else if 2.0 * chance.mean >= n as f64 {
            Self::Chance
        } else if usize::try_from(n)
            .is_ok_and(|n| n < MANY_FOUND && at_least(n, chance.mean + chance.least) > MAX_PROBABILITY)
            || (n as f64) < chance.mean + DEVIATIONS * chance.deviation()
        {
            Self::TooFew
        } else {
            Self::MoreThanChance
        }
    }

    /// The verdict in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoneFound => "none found",
            Self::MoreThanChance => "more than chance",
            Self::TooFew => "too few to tell from chance",
            Self::Chance => "not more than chance",
        }
    }
}

/// The probability of at least so many where `mean` are expected (Poisson).
#[expect(clippy::cast_precision_loss, reason = "fewer than `MANY_FOUND`")]
fn at_least(n: usize, mean: f64) -> f64 {
    let (mut term, mut fewer) = (libm::exp(-mean), 0.0);
    for count in 1..=n {
        fewer += term;
        term *= mean / count as f64;
    }
    1.0 - fewer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(n: usize, copies: &[usize]) -> Verdict {
        let tallies: Vec<Tally> = copies.iter().map(|n| Tally { n: *n, n_electrodes: 3 * n }).collect();
        Verdict::new(n, &tallies)
    }

    #[test]
    fn half_as_many_in_the_copies_is_chance() {
        assert_eq!(
            [39, 40, 41].map(|n| verdict(n, &[10, 30])),
            [Verdict::Chance, Verdict::Chance, Verdict::MoreThanChance]
        );
        assert_eq!((verdict(0, &[3]), verdict(0, &[])), (Verdict::NoneFound, Verdict::NoneFound));
        // One copy that holds as many is enough.
        assert_eq!(verdict(15, &[15, 0, 0, 0]), Verdict::Chance);
    }

    #[test]
    fn the_mean_alone_is_judged_alike() {
        let of = |n: u64, mean: f64, least: f64| Verdict::beside(n, ByChance { mean, least, beyond: 0.0 });
        assert_eq!((of(0, 3.0, 0.0), of(40, 20.0, 0.0)), (Verdict::NoneFound, Verdict::Chance));
        assert_eq!((of(41, 20.0, 0.0), of(3, 1.0, 0.0)), (Verdict::MoreThanChance, Verdict::TooFew));
        // As with 20 copies of which none holds any.
        assert_eq!([1, 2].map(|n| of(n, 0.0, 0.05)), [Verdict::TooFew, Verdict::MoreThanChance]);
    }

    #[test]
    fn counts_that_vary_must_be_far_above_the_mean() {
        // A deviation of 10 around 20, of which Poisson explains 20 of 100.
        let chance = ByChance { mean: 20.0, least: 0.0, beyond: 80.0 };
        let verdicts = [40, 41, 49, 50].map(|n| Verdict::beside(n, chance));
        assert_eq!(verdicts, [Verdict::Chance, Verdict::TooFew, Verdict::TooFew, Verdict::MoreThanChance]);
    }

    #[test]
    fn few_must_be_rare() {
        assert_eq!([1, 2].map(|n| verdict(n, &[0; 20])), [Verdict::TooFew, Verdict::MoreThanChance]);
        assert_eq!(verdict(3, &[1, 0]).words(), "too few to tell from chance");
        // Where just under half is by chance, `MANY_FOUND` is the first number that is rare enough by itself.
        let half = |n: u32| at_least(n as usize, f64::from(n) / 2.0);
        assert!(half(10) > 0.03 && half(15) > MAX_PROBABILITY && half(16) < MAX_PROBABILITY);
        assert_eq!(verdict(15, &[7, 7]), Verdict::TooFew);
        // 1 - e^-2 (1 + 2).
        assert!((at_least(2, 2.0) - (1.0 - 3.0 * libm::exp(-2.0))).abs() < 1e-12);
    }
}
