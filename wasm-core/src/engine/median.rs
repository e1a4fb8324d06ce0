//! Exact medians of many values, by counting rather than sorting.

use crate::simd::widest;

/// Values that are tested together when the bracket's are collected.
const CHUNK: usize = 8;

/// Values that are few enough to be collected.
const FEW: usize = 24;

/// Passes over the values before the bracket is taken as it is.
const MAX_PASSES: usize = 12;

/// Finds medians of lists that resemble one another, such as consecutive frames, using
/// each as the guess for the next.
///
/// Passes over the values count those below two thresholds until a narrow bracket is known
/// to hold the median; those inside are collected and the median selected among them. A
/// wrong guess costs passes, never exactness.
pub struct Median {
    guess: f32,
    /// Half of the first bracket.
    width: f32,
    inside: Vec<f32>,
    /// Chunks that hold values inside the bracket.
    hits: Vec<usize>,
}

impl Default for Median {
    fn default() -> Self {
        Self { guess: 0.0, width: 1.0, inside: Vec::new(), hits: Vec::new() }
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
        widest(
            #[inline(always)]
            || self.search(values),
        )
    }

    #[inline(always)]
    fn search(&mut self, values: &[f32]) -> f32 {
        let ranks = [(values.len() - 1) / 2, values.len() / 2];
        let (mut low, mut high) = (self.guess - self.width, self.guess + self.width);
        let [below_low, below_high] = count_below(values, [low, high]);
        let wide = (below_low, below_high);
        let mut bracket =
            Bracket { low: f32::NEG_INFINITY, high: f32::INFINITY, below_low: 0, below_high: values.len() };
        bracket.narrow(low, below_low, ranks);
        bracket.narrow(high, below_high, ranks);
        let mut reach = self.width;
        for _ in 0..MAX_PASSES {
            if bracket.below_high - bracket.below_low <= FEW {
                break;
            }
            [low, high] = bracket.inner(ranks, reach);
            reach *= 4.0;
            if !(low < high) {
                break;
            }
            let [below_low, below_high] = count_below(values, [low, high]);
            bracket.narrow(low, below_low, ranks);
            bracket.narrow(high, below_high, ranks);
        }
        let n_inside = self.collect(values, bracket);
        if ranks[1] - bracket.below_low >= n_inside {
            // Only values that are not finite, as damaged gains make them, escape every bracket.
            return select(&mut values.to_vec(), ranks);
        }
        let median = select(&mut self.inside[..n_inside], ranks.map(|rank| rank - bracket.below_low));
        // The first bracket should be missed seldom and hold little: an eighth of the values.
        let (wanted, held) = (values.len() / 8, wide.1 - wide.0);
        let missed = ranks[0] < wide.0 || wide.1 <= ranks[1];
        self.width = if missed {
            self.width * 1.5
        } else if held > wanted {
            self.width * 0.9
        } else {
            self.width
        };
        self.width = self.width.clamp(1e-30, 1e30);
        self.guess = median;
        median
    }

    /// The values inside the bracket.
    #[inline(always)]
    fn collect(&mut self, values: &[f32], Bracket { low, high, .. }: Bracket) -> usize {
        // Neither whether a chunk holds something nor which value of it can be foreseen, so
        // nothing branches on it: places are written and kept by counting on.
        let (chunks, rest) = values.as_chunks::<CHUNK>();
        self.hits.resize(self.hits.len().max(chunks.len() + 1), 0);
        let mut n_hits = 0;
        for (at, chunk) in chunks.iter().enumerate() {
            let any = chunk.iter().fold(false, |any, value| any | ((*value >= low) & (*value < high)));
            self.hits[n_hits] = at;
            n_hits += usize::from(any);
        }
        self.inside.resize(self.inside.len().max(values.len() + 1), 0.0);
        let mut n = 0;
        for values in self.hits[..n_hits].iter().map(|at| chunks[*at].as_slice()).chain([rest]) {
            for value in values {
                self.inside[n] = *value;
                n += usize::from((*value >= low) & (*value < high));
            }
        }
        n
    }
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
    /// open, two beyond the other.
    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "counts, for a guess")]
    fn inner(&self, ranks: [usize; 2], reach: f32) -> [f32; 2] {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => {
                let span = self.high - self.low;
                let inside = (self.below_high - self.below_low) as f32;
                let at = self.low + span * ((ranks[1] - self.below_low) as f32 / inside);
                // Half of what will be collected.
                let half = span * (FEW as f32 / 3.0 / inside).min(0.3);
                [at - half, at + half]
            }
            (true, false) => [self.low + reach, self.low + 4.0 * reach],
            (false, true) => [self.high - 4.0 * reach, self.high - reach],
            (false, false) => [-reach, reach],
        }
    }
}

/// How many values lie below each of two thresholds.
#[inline(always)]
fn count_below(values: &[f32], [low, high]: [f32; 2]) -> [usize; 2] {
    let mut counts = [0_u32; 2];
    for value in values {
        counts[0] += u32::from(*value < low);
        counts[1] += u32::from(*value < high);
    }
    counts.map(|count| count as usize)
}

/// The mean of the values of ranks `[low, low]` or `[low, low + 1]`.
fn select(values: &mut [f32], [low, high]: [usize; 2]) -> f32 {
    let (_, first, above) = values.select_nth_unstable_by(low, f32::total_cmp);
    let first = *first;
    if high == low {
        return first;
    }
    let second = above.iter().copied().fold(f32::INFINITY, f32::min);
    (first + second) * 0.5
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
