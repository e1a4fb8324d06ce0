//! Intervals of 95 %: within what bounds a number is known, as far as its own data tell. Each kind of number has a way
//! of its own.

use serde::{Deserialize, Serialize};

use super::correlogram::ln_at_least;
use super::random::Random;

/// The share that lies beyond each end: 2.5 %.
const TAIL: f64 = 0.025;

/// Deviations from the mean of a normal distribution that leave this share beyond each end.
const NORMAL: f64 = 1.959_963_984_540_054;

/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 1000;

/// Any number does, as long as it stays the same: a result is the same every time.
const SEED: u64 = 95;

/// Fewest values that can be resampled. With fewer, even the span from the smallest to the largest leaves the middle
/// out in more than 5 % of cases: twice 0.5^5 is 6 %.
pub const MIN_RESAMPLED: usize = 6;

/// Counts from which on the Poisson interval is taken from the cube-root rule of Wilson & Hilferty 1931
/// (doi:10.1073/pnas.17.12.684), which is right to a millionth there.
const MANY: f64 = 1000.0;

/// Both ends of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Both ends times a number that is not negative.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }
}

/// The exact interval of a Poisson mean of which so many events were counted (Garwood 1936,
/// doi:10.1093/biomet/28.3-4.437): at its ends, a count as far away has a probability of 2.5 %.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn garwood(count: u64) -> Interval {
    let n = count as f64;
    if n >= MANY {
        return Interval { low: cube_root_rule(n, -NORMAL), high: cube_root_rule(n + 1.0, NORMAL) };
    }
    let ln_tail = libm::log(TAIL);
    let low = if count == 0 { 0.0 } else { crossing((0.0, n), |mean| ln_at_least(n, mean) > ln_tail) };
    // Eight deviations and ten events above the count leave far less than 2.5 %.
    let high = crossing((n, n + 10.0 + 8.0 * libm::sqrt(n)), |mean| ln_at_most(n, mean) < ln_tail);
    Interval { low, high }
}

/// Half the chi-square quantile of `2 n` degrees of freedom, by the rule that its cube root is nearly normal.
fn cube_root_rule(n: f64, z: f64) -> f64 {
    let ninth = 1.0 / (9.0 * n);
    let root = 1.0 - ninth + z * libm::sqrt(ninth);
    n * root * root * root
}

/// Where a condition begins to hold that holds at the upper end of a span and not at the lower one.
fn crossing((mut from, mut to): (f64, f64), holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..80 {
        let middle = f64::midpoint(from, to);
        if holds(middle) {
            to = middle;
        } else {
            from = middle;
        }
    }
    f64::midpoint(from, to)
}

/// The logarithm of the probability of a Poisson count of at most `count`, which lies below the mean.
fn ln_at_most(count: f64, mean: f64) -> f64 {
    // The probabilities of count, count - 1, … as multiples of the first: below the mean they fall.
    let (mut sum, mut term, mut at) = (1.0, 1.0, count);
    while at > 0.0 && term > sum * 1e-16 {
        term *= at / mean;
        sum += term;
        at -= 1.0;
    }
    count * libm::log(mean) - mean - libm::lgamma(count + 1.0) + libm::log(sum)
}

/// The interval of how many of `n` have a property that `n_with` of them have, by the score of the binomial (Wilson
/// 1927, doi:10.1080/01621459.1927.10502953); none of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "numbers of electrodes")]
pub fn wilson(n_with: usize, n: usize) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let (all, share) = (n as f64, n_with.min(n) as f64 / n as f64);
    let square = NORMAL * NORMAL;
    let middle = share + square / (2.0 * all);
    let half = NORMAL * libm::sqrt(share * (1.0 - share) / all + square / (4.0 * all * all));
    let end = |at: f64| (all * at / (1.0 + square / all)).clamp(0.0, all);
    // Of none and of all, one end is the number itself, whatever the last digit of the rest.
    let low = if n_with == 0 { 0.0 } else { end(middle - half) };
    Some(Interval { low, high: if n_with >= n { all } else { end(middle + half) } })
}

/// The interval of a mean over electrodes or wells, by their bootstrap (Efron & Tibshirani 1986,
/// doi:10.1214/ss/1177013815): the middle 95 % of the means of [`RESAMPLES`] draws of as many values, with
/// replacement. None of fewer than [`MIN_RESAMPLED`].
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub fn bootstrap_mean(values: &[f64]) -> Option<Interval> {
    let n = values.len();
    if n < MIN_RESAMPLED {
        return None;
    }
    let mut random = Random::new(SEED);
    let mut draw = |_: usize| {
        let mut sum = 0.0;
        for _ in 0..n {
            sum += values[random.place(n)];
        }
        sum / n as f64
    };
    let mut means: Vec<f64> = (0..RESAMPLES).map(&mut draw).collect();
    means.sort_by(f64::total_cmp);
    Some(Interval { low: quantile(&means, TAIL), high: quantile(&means, 1.0 - TAIL) })
}

/// A quantile of sorted values, in between by the straight line.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a list of a thousand"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let at = libm::floor(place) as usize;
    let value = |at: usize| sorted.get(at).or(sorted.last()).copied().unwrap_or_default();
    value(at) + (value(at + 1) - value(at)) * (place - at as f64)
}

/// The interval of a mean over pairs of electrodes, from its values when each electrode is left out in turn
/// (jackknife of a U-statistic: Arvesen 1969, doi:10.1214/aoms/1177697287), with the quantile of Student's
/// distribution. None of fewer than [`MIN_RESAMPLED`].
///
/// A bootstrap would draw electrodes twice, and the pair of an electrode with itself is none.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub fn jackknife(whole: f64, without_each: &[f64]) -> Option<Interval> {
    if without_each.len() < MIN_RESAMPLED {
        return None;
    }
    let n = without_each.len() as f64;
    let mean = without_each.iter().sum::<f64>() / n;
    let squares: f64 = without_each.iter().map(|value| (value - mean) * (value - mean)).sum();
    let half = student(n - 1.0) * libm::sqrt(squares * (n - 1.0) / n);
    Some(Interval { low: whole - half, high: whole + half })
}

/// The value that Student's distribution exceeds in 2.5 % of cases, by its series in the degrees of freedom (Abramowitz
/// & Stegun 26.7.5); from five on it is right to 0.2 %.
fn student(freedom: f64) -> f64 {
    let z = NORMAL;
    let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z);
    let first = (z3 + z) / 4.0;
    let second = (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0;
    let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0;
    z + (first + (second + third / freedom) / freedom) / freedom
}

#[cfg(test)]
mod tests;
