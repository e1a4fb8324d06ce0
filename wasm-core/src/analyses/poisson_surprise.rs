//! Bursts that a neuron which fires at random would hardly ever fire.
//!
//! Legendy & Salcman 1985, doi:10.1152/jn.1985.53.4.926: the surprise of a burst is -ln of the
//! probability that at least as many spikes follow its first one in the same time, if each came at
//! random and at the train's mean rate. The paper counts the first spike too.

use super::bursts::Burst;

/// Surprise above which spikes are a burst, in nats.
pub const POISSON_MIN_SURPRISE: f64 = 5.0;

/// Spikes behind a burst that are looked at for one with which it grows.
pub const POISSON_LOOK_AHEAD: usize = 10;

/// Fewest spikes of a burst.
pub const POISSON_MIN_SPIKES: usize = 3;

/// Spikes that are too little of a surprise for a burst are looked at again from the next one on, but for
/// those that grew beyond this: they are passed over, so that the work stays in proportion to the spikes.
/// In three cultures they grew to 52 at most.
const MAX_TRIED_AGAIN: usize = 1000;

/// A term of a sum below this share of it does not alter it.
const NOTHING: f64 = 1e-17;

/// The limits of the method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonSurprise {
    /// A burst is more surprising than this, in nats.
    pub min_surprise: f64,
    /// Spikes behind a burst that are looked at for one with which it grows.
    pub look_ahead: usize,
}

impl Default for PoissonSurprise {
    fn default() -> Self {
        Self { min_surprise: POISSON_MIN_SURPRISE, look_ahead: POISSON_LOOK_AHEAD }
    }
}

impl PoissonSurprise {
    /// The bursts of a train with this mean interval, in frames. See [`Self::surprises`].
    #[must_use]
    pub fn bursts(&self, train: &[i64], mean_interval: f64) -> Vec<Burst> {
        self.surprises(train, mean_interval).into_iter().map(|(burst, _)| burst).collect()
    }

    /// The bursts of a train with this mean interval, in frames, each with its surprise in nats, which is
    /// infinite where all its spikes have one time.
    ///
    /// Two intervals in a row below half the mean start one. It grows by the next spike, or by the
    /// first of the next few, with which the surprise is greater; behind an interval above
    /// twice the mean none is looked at. Then spikes are dropped from its front while the surprise grows.
    #[must_use]
    pub fn surprises(&self, train: &[i64], mean_interval: f64) -> Vec<(Burst, f64)> {
        let search = Search { train, mean_interval, look_ahead: self.look_ahead };
        let mut found = Vec::new();
        let mut at = 0;
        while at + POISSON_MIN_SPIKES <= train.len() {
            if !search.is_start(at) {
                at += 1;
                continue;
            }
            let grown = search.grown(at);
            let Candidate { first, n_spikes, surprise } = search.trimmed(grown);
            if surprise > self.min_surprise {
                let burst = Burst { start: train[first], end: train[first + n_spikes - 1], n_spikes };
                found.push((burst, surprise));
                at = first + n_spikes;
            } else {
                at += if grown.n_spikes > MAX_TRIED_AGAIN { grown.n_spikes } else { 1 };
            }
        }
        found
    }
}

/// The mean interval of trains in frames; none without an interval.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "frames and counts stay far below 2^53")]
pub fn mean_interval<'a>(trains: impl IntoIterator<Item = &'a [i64]>) -> Option<f64> {
    let (mut frames, mut n_intervals) = (0_i64, 0_usize);
    for train in trains {
        if let [first, .., last] = train {
            frames += last - first;
            n_intervals += train.len() - 1;
        }
    }
    (n_intervals > 0).then(|| frames as f64 / n_intervals as f64)
}

/// Spikes that follow each other.
#[derive(Clone, Copy)]
struct Candidate {
    /// Place of the first in the train.
    first: usize,
    n_spikes: usize,
    surprise: f64,
}

struct Search<'a> {
    train: &'a [i64],
    mean_interval: f64,
    look_ahead: usize,
}

impl Search<'_> {
    fn candidate(&self, first: usize, n_spikes: usize) -> Candidate {
        let frames = self.frames(first, first + n_spikes - 1);
        Candidate { first, n_spikes, surprise: surprise(n_spikes - 1, frames / self.mean_interval) }
    }

    /// Frames from one spike to another. As a float they are exact, and no rounding of a mean lies
    /// between it and a whole number.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn frames(&self, from: usize, to: usize) -> f64 {
        (self.train[to] - self.train[from]) as f64
    }

    fn is_start(&self, at: usize) -> bool {
        let is_short = |at: usize| self.frames(at, at + 1) < self.mean_interval / 2.0;
        is_short(at) && is_short(at + 1)
    }

    /// The spikes from here on, as many as make the surprise grow.
    fn grown(&self, first: usize) -> Candidate {
        let mut best = self.candidate(first, POISSON_MIN_SPIKES);
        while let Some(longer) = self.longer(best) {
            best = longer;
        }
        best
    }

    /// A candidate with the fewest of the spikes that follow with which it is more of a surprise.
    fn longer(&self, than: Candidate) -> Option<Candidate> {
        let n_behind = self.train.len() - (than.first + than.n_spikes);
        for more in 1..=self.look_ahead.min(n_behind) {
            let next = self.candidate(than.first, than.n_spikes + more);
            if next.surprise > than.surprise {
                return Some(next);
            }
            let last = next.first + next.n_spikes - 1;
            if self.frames(last - 1, last) > 2.0 * self.mean_interval {
                return None;
            }
        }
        None
    }

    /// A candidate without the spikes at its front that make it less of a surprise.
    fn trimmed(&self, grown: Candidate) -> Candidate {
        let mut best = grown;
        while best.n_spikes > POISSON_MIN_SPIKES {
            let later = self.candidate(best.first + 1, best.n_spikes - 1);
            if later.surprise <= best.surprise {
                break;
            }
            best = later;
        }
        best
    }
}

/// -ln of the probability that at least `n` events happen where so many are `expected` and each
/// comes at random (Poisson); however small it is, for it is never computed as such.
#[expect(clippy::cast_precision_loss, reason = "a count of spikes")]
fn surprise(n: usize, expected: f64) -> f64 {
    if n == 0 {
        return 0.0;
    }
    if !(expected > 0.0) {
        return f64::INFINITY;
    }
    let n = n as f64;
    let (mut term, mut total) = (1.0, 1.0);
    if n > expected {
        // The probability of n, times 1 + m / (n + 1) + m² / ((n + 1) (n + 2)) + …
        let mut at = n;
        while term > NOTHING * total {
            at += 1.0;
            term *= expected / at;
            total += term;
        }
        return expected - n * libm::log(expected) + libm::lgamma(n + 1.0) - libm::log(total);
    }
    // 1 less the probability of fewer: that of n - 1, times 1 + (n - 1) / m + (n - 1) (n - 2) / m² + …
    let mut at = n - 1.0;
    while at > 0.0 && term > NOTHING * total {
        term *= at / expected;
        total += term;
        at -= 1.0;
    }
    let n_less_one = libm::exp((n - 1.0) * libm::log(expected) - expected - libm::lgamma(n));
    -libm::log1p(-n_less_one * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprise_has_its_closed_forms() {
        let is = |n: usize, expected: f64, probability: f64| {
            let (found, wanted) = (surprise(n, expected), -libm::log(probability));
            assert!((found - wanted).abs() <= 1e-11 * wanted.max(1.0), "{n} of {expected}: {found}, not {wanted}");
        };
        for expected in [0.01, 0.5, 1.0, 2.5, 20.0] {
            let none = libm::exp(-expected);
            is(1, expected, 1.0 - none);
            is(2, expected, 1.0 - none * (1.0 + expected));
        }
        // -poisson.logsf(29, 12.5) of SciPy; and where the probability is far below the smallest double.
        assert!((surprise(30, 12.5) - 10.883_029_784_417_051).abs() < 1e-9, "{}", surprise(30, 12.5));
        assert!(surprise(400, 5.0) > 1300.0 && surprise(400, 5.0).is_finite());
        assert_eq!((surprise(0, 3.0), surprise(2, 0.0)), (0.0, f64::INFINITY));
    }

    #[test]
    fn a_volley_among_slow_spikes_is_a_burst() {
        let volley = (0..8).map(|at| 20_500 + at * 10);
        let train: Vec<i64> = (0..20).map(|at| at * 1000).chain(volley).chain((22..40).map(|at| at * 1000)).collect();
        let mean = mean_interval([&train[..]]).expect("intervals");
        let found = PoissonSurprise::default().surprises(&train, mean);
        assert_eq!(found.len(), 1, "{found:?}");
        let (burst, surprise_of_it) = found[0];
        assert_eq!(burst, Burst { start: 20_500, end: 20_570, n_spikes: 8 });
        assert!((surprise_of_it - surprise(7, 70.0 / mean)).abs() < 1e-12);
        assert_eq!(PoissonSurprise::default().bursts(&train, mean), [burst]);
        let none = PoissonSurprise { min_surprise: surprise_of_it, ..PoissonSurprise::default() };
        assert!(none.bursts(&train, mean).is_empty(), "it is not above its own surprise");
    }

    #[test]
    fn few_spikes_and_clocks_have_none() {
        let short: [&[i64]; 3] = [&[], &[5], &[5, 6]];
        assert_eq!(mean_interval(short[..2].iter().copied()), None);
        let trains: [&[i64]; 3] = [&[0, 10, 30], &[5], &[0, 30]];
        assert_eq!(mean_interval(trains), Some(20.0));
        for train in short {
            assert!(PoissonSurprise::default().bursts(train, 10.0).is_empty());
        }
        let clock: Vec<i64> = (0..500).map(|at| at * 100).collect();
        assert!(PoissonSurprise::default().bursts(&clock, 100.0).is_empty());
        // All at one time: the mean is 0, and nothing is below half of it.
        assert!(PoissonSurprise::default().bursts(&[3, 3, 3, 3], 0.0).is_empty());
    }
}
