//! Exact medians of many values, without sorting them.

use super::sieve::{Portable, SPARE, Sieve};

/// Values whose order is settled all at once.
const FEW: usize = 32;

/// Sieves before the median is looked for in what is left.
const MAX_SIEVES: usize = 16;

/// Finds medians of lists that resemble one another, such as consecutive frames, using
/// each as the guess for the next.
///
/// A list is sieved by a narrow bracket that should hold the median, which leaves an eighth of
/// it; that part by a narrower one, until the order of the few values left is settled. A wrong
/// guess costs another sieve, never exactness.
pub struct Median {
    guess: f32,
    /// Half of the first bracket.
    width: f32,
    /// Values that a sieve left, and room for those that the next one leaves.
    lists: [Vec<f32>; 2],
}

impl Default for Median {
    fn default() -> Self {
        Self { guess: 0.0, width: 1.0, lists: Default::default() }
    }
}

/// A half-open range of values and how many lie below each end.
#[derive(Clone, Copy)]
struct Bracket {
    low: f32,
    high: f32,
    below_low: usize,
    below_high: usize,
}

impl Median {
    /// The median of `values`, the mean of the middle two when their number is even.
    /// No values give zero; those that are not finite count in their total order.
    pub fn of(&mut self, values: &[f32]) -> f32 {
        if values.is_empty() {
            return 0.0;
        }
        #[cfg(target_arch = "x86_64")]
        match pulp::Arch::new() {
            pulp::Arch::V4(simd) => {
                return simd.vectorize(
                    #[inline(always)]
                    || self.search(values, simd),
                );
            }
            pulp::Arch::V3(simd) => {
                return simd.vectorize(
                    #[inline(always)]
                    || self.search(values, simd),
                );
            }
            _ => {}
        }
        self.search(values, Portable)
    }

    #[inline(always)]
    fn search(&mut self, values: &[f32], sieve: impl Sieve) -> f32 {
        let ranks = [(values.len() - 1) / 2, values.len() / 2];
        let Self { guess, width, lists: [kept, spare] } = self;
        for list in [&mut *kept, &mut *spare] {
            list.resize(list.len().max(values.len() + SPARE), 0.0);
        }
        let (mut kept, mut spare) = (kept.as_mut_slice(), spare.as_mut_slice());
        let mut bracket =
            Bracket { low: f32::NEG_INFINITY, high: f32::INFINITY, below_low: 0, below_high: values.len() };
        // What is left of the values, all but those known to lie below or above it.
        let (mut n_left, mut below) = (values.len(), 0);
        let mut reach = *width;
        let mut bounds = [*guess - reach, *guess + reach];
        for at in 0..MAX_SIEVES {
            if n_left <= FEW {
                break;
            }
            let list = if n_left == values.len() { values } else { &kept[..n_left] };
            let found = sieve.sieve(list, bounds, spare);
            let ends = [below + found.below, below + found.below + found.within];
            if at == 0 {
                *width = adapted(*width, ends, ranks, values.len());
            }
            if ends[0] <= ranks[0] && ranks[1] < ends[1] {
                (n_left, below) = (found.within, ends[0]);
                std::mem::swap(&mut kept, &mut spare);
            }
            bracket.narrow(bounds[0], ends[0], ranks);
            bracket.narrow(bounds[1], ends[1], ranks);
            bounds = bracket.inner(ranks, reach);
            reach *= 4.0;
        }
        let left = if n_left == values.len() { values } else { &kept[..n_left] };
        let ranks = ranks.map(|rank| rank - below);
        let [first, second] = if n_left <= FEW { of_few(left, ranks) } else { of_many(left, ranks) };
        let median = if ranks[0] == ranks[1] { first } else { (first + second) * 0.5 };
        *guess = median;
        median
    }
}

/// The first bracket should be missed rarely and leave little: an eighth of the values.
#[inline(always)]
fn adapted(width: f32, [below_low, below_high]: [usize; 2], ranks: [usize; 2], n_values: usize) -> f32 {
    let missed = ranks[0] < below_low || below_high <= ranks[1];
    let factor = if missed {
        1.5
    } else if below_high - below_low > n_values / 8 {
        0.9
    } else {
        1.0
    };
    (width * factor).clamp(1e-30, 1e30)
}

impl Bracket {
    /// Takes a threshold and the number of values below it.
    #[inline(always)]
    fn narrow(&mut self, threshold: f32, below: usize, ranks: [usize; 2]) {
        if below <= ranks[0] && threshold > self.low {
            (self.low, self.below_low) = (threshold, below);
        }
        if below > ranks[1] && threshold < self.high {
            (self.high, self.below_high) = (threshold, below);
        }
    }

    /// Two thresholds inside, closely around where the median should lie; while an end is
    /// open, two beyond the other; the bracket itself once it holds few.
    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "counts, for a guess")]
    fn inner(&self, ranks: [usize; 2], reach: f32) -> [f32; 2] {
        let within = self.below_high - self.below_low;
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) if within <= FEW => [self.low, self.high],
            (true, true) => {
                let span = self.high - self.low;
                let at = self.low + span * ((ranks[1] - self.below_low) as f32 / within as f32);
                // Three quarters of what may be left.
                let half = span * (0.375 * FEW as f32 / within as f32).min(0.3);
                [at - half, at + half]
            }
            (true, false) => [self.low, self.low + 4.0 * reach],
            (false, true) => [self.high - 4.0 * reach, self.high],
            (false, false) => [-reach, reach],
        }
    }
}

/// The values of two ranks among at most [`FEW`], by counting for each how many are not above it.
#[inline(always)]
fn of_few(values: &[f32], ranks: [usize; 2]) -> [f32; 2] {
    let mut keys = [i32::MAX; FEW];
    for (key, value) in keys.iter_mut().zip(values) {
        *key = in_order(value.to_bits().cast_signed());
    }
    let mut places = [-1_i32; FEW];
    for key in &keys[..values.len()] {
        for (place, other) in places.iter_mut().zip(&keys) {
            *place += i32::from(key <= other);
        }
    }
    // Of equal values each comes to the place of the last.
    let mut sorted = [None; FEW];
    for (place, key) in places.iter().zip(keys).take(values.len()) {
        sorted[place.cast_unsigned() as usize % FEW] = Some(key);
    }
    ranks.map(|rank| {
        let key = sorted[rank..].iter().copied().flatten().next().unwrap_or_default();
        f32::from_bits(in_order(key).cast_unsigned())
    })
}

/// The bits of a float as an integer of the same total order, and back.
#[inline(always)]
const fn in_order(bits: i32) -> i32 {
    bits ^ ((bits >> 31).cast_unsigned() >> 1).cast_signed()
}

/// The values of two ranks, equal or one after the other.
fn of_many(values: &[f32], [low, high]: [usize; 2]) -> [f32; 2] {
    let mut values = values.to_vec();
    let (_, first, above) = values.select_nth_unstable_by(low, f32::total_cmp);
    let first = *first;
    let next = above.iter().copied().min_by(f32::total_cmp);
    [first, next.filter(|_| high > low).unwrap_or(first)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_middle_of_the_sorted_values(
            frames in prop::collection::vec((prop::collection::vec(-100_i16..100, 1..300), 0..4_i32), 1..20)
        ) {
            let mut median = Median::default();
            for (frame, decade) in frames {
                let mut values: Vec<f32> = frame.iter().map(|value| f32::from(*value) / 3.0 * 100_f32.powi(decade)).collect();
                let got = median.of(&values);
                values.sort_by(f32::total_cmp);
                let want = (values[(values.len() - 1) / 2] + values[values.len() / 2]) * 0.5;
                prop_assert_eq!(got, want);
            }
        }
    }

    #[test]
    fn values_that_are_not_finite_are_no_trap() {
        let mut median = Median::default();
        for strange in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(!median.of(&[strange; 40]).is_finite());
            let mut mixed = [strange; 40];
            mixed[..25].fill(2.0);
            median.of(&mixed);
            assert_eq!(median.of(&[1.0, 2.0, 3.0]), 2.0, "the next list is not spoilt");
        }
    }
}
