//! Bursts whose intervals are short among all of their train, whatever their distribution.
//!
//! Gourévitch & Eggermont 2007, doi:10.1016/j.jneumeth.2006.09.024: intervals are ranked, and the surprise of
//! some in a row is -ln of the probability that as many ranks drawn at random, each as likely as any
//! other, have a sum as small.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::bursts::Burst;

/// Percent of all intervals that are short enough for a burst.
pub const RANK_SHORT_PERCENT: usize = 75;

/// Probability above which some short intervals are no surprise.
pub const RANK_MAX_PROBABILITY: f64 = 0.01;

/// Largest number of intervals in a burst. It bounds the work: from each spike on, no more than so many bursts
/// are looked at. In three cultures no run of short intervals had more than 136.
pub const RANK_MAX_INTERVALS: usize = 1000;

/// From so many intervals on the normal distribution stands for the exact one.
const NORMAL_FROM: usize = 30;

/// Beyond so many deviations the normal distribution is computed by a series.
const FAR: f64 = 20.0;

/// A surprise that is exactly at the limit must not fall below it by rounding.
const ROUNDING: f64 = 1e-12;

/// The intervals of an electrode in order, and how surprising a burst must be.
#[derive(Clone, Debug)]
pub struct RankSurprise {
    /// In frames, ascending.
    sorted: Vec<i64>,
    /// A hundred times the interval, in frames, below which those of bursts lie: a whole number.
    limit_100: i64,
    min_surprise: f64,
}

/// Intervals in a row, in the order in which they are taken: the most surprising first, then what
/// starts earlier, then what is shorter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    /// The bits of its surprise: numbers above zero are in the order of their bits.
    surprise: u64,
    start: Reverse<usize>,
    n_intervals: Reverse<usize>,
}

impl RankSurprise {
    /// Ranks the intervals of an electrode's trains. Those below the percentile are short, interpolated between two
    /// intervals as R and NumPy do. `max_probability` is at most 0.1: what is likelier is not looked at.
    #[must_use]
    pub fn new<'a>(trains: impl IntoIterator<Item = &'a [i64]>, short_percent: usize, max_probability: f64) -> Self {
        let pairs = trains.into_iter().flat_map(|train| train.windows(2));
        let mut sorted: Vec<i64> = pairs.map(|pair| pair[1] - pair[0]).collect();
        sorted.sort_unstable();
        let limit_100 = percentile_100(&sorted, short_percent);
        Self { sorted, limit_100, min_surprise: -libm::log(max_probability) - ROUNDING }
    }

    /// The interval, in frames, below which those of bursts lie; none of fewer than two.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    pub fn limit(&self) -> Option<f64> {
        (self.sorted.len() >= 2).then(|| self.limit_100 as f64 / 100.0)
    }

    /// The bursts of one of the trains. See [`Self::surprises`].
    #[must_use]
    pub fn bursts(&self, train: &[i64]) -> Vec<Burst> {
        self.surprises(train).into_iter().map(|(burst, _)| burst).collect()
    }

    /// The bursts of one of the trains, each with its surprise in nats.
    ///
    /// They lie in runs of short intervals. In each run the most surprising burst of at least two and at most
    /// [`RANK_MAX_INTERVALS`] intervals is taken, then the next that shares no interval
    /// with those taken, while they are surprising enough. Two bursts may share a spike.
    #[must_use]
    pub fn surprises(&self, train: &[i64]) -> Vec<(Burst, f64)> {
        let intervals: Vec<i64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut found = Vec::new();
        let mut first = 0;
        for run in intervals.chunk_by(|before, after| self.is_short(*before) == self.is_short(*after)) {
            if run.len() >= 2 && self.is_short(run[0]) {
                let at = first;
                found.extend(self.in_run(run).into_iter().map(|(start, end, surprise)| {
                    let (start, n_spikes) = (at + start, end - start + 1);
                    (Burst { start: train[start], end: train[start + n_spikes - 1], n_spikes }, surprise)
                }));
            }
            first += run.len();
        }
        found
    }

    fn is_short(&self, interval: i64) -> bool {
        interval.saturating_mul(100) < self.limit_100
    }

    /// Twice the rank from 1 on; equal intervals share the mean of theirs.
    fn doubled_rank(&self, interval: i64) -> u64 {
        let n_below = self.sorted.partition_point(|other| *other < interval);
        let n_up_to = self.sorted.partition_point(|other| *other <= interval);
        (n_below + n_up_to + 1) as u64
    }

    /// The bursts of a run of short intervals: the first interval, the one behind the last, the surprise.
    fn in_run(&self, run: &[i64]) -> Vec<(usize, usize, f64)> {
        let mut sums = vec![0];
        let mut sum = 0;
        for interval in run {
            sum += self.doubled_rank(*interval);
            sums.push(sum);
        }
        let all = (0..run.len() - 1).filter_map(|start| self.most_surprising(&sums, start, run.len()));
        let mut open: BinaryHeap<Window> = all.collect();
        // By their start: the end and the surprise.
        let mut taken: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
        while let Some(window) = open.pop() {
            let (start, end) = (window.start.0, window.start.0 + window.n_intervals.0);
            if taken.range(..=start).next_back().is_some_and(|(_, (taken_to, _))| *taken_to > start) {
                continue;
            }
            let limit = taken.range(start..).next().map_or(run.len(), |(next, _)| *next);
            if end <= limit {
                taken.insert(start, (end, f64::from_bits(window.surprise)));
            } else {
                // What it wanted is taken; a shorter one may do.
                open.extend(self.most_surprising(&sums, start, limit));
            }
        }
        taken.into_iter().map(|(start, (end, surprise))| (start, end, surprise)).collect()
    }

    /// The most surprising intervals from one on and before another; none where chance brings all
    /// too often.
    #[expect(clippy::cast_precision_loss, reason = "counts and sums of ranks stay far below 2^53")]
    fn most_surprising(&self, sums: &[u64], start: usize, limit: usize) -> Option<Window> {
        let n = self.sorted.len() as f64;
        // The variance of a rank is a twelfth of this.
        let spread = n * n - 1.0;
        let mut best: Option<Window> = None;
        let mut offer = |surprise: f64, n_intervals: usize| {
            let window =
                Window { surprise: surprise.to_bits(), start: Reverse(start), n_intervals: Reverse(n_intervals) };
            if surprise >= self.min_surprise && best.is_none_or(|best| window > best) {
                best = Some(window);
            }
        };
        // Of those that are normal the most deviations mean the greatest surprise.
        let (mut furthest, mut n_furthest) = (0.0, 0);
        for n_intervals in 2..=(limit - start).min(RANK_MAX_INTERVALS) {
            let count = n_intervals as f64;
            let sum = ((sums[start + n_intervals] - sums[start]) / 2) as f64;
            // Twice as far below the mean as the sum is; squared, 4/12 of the spread are one deviation.
            let below = count * (n + 1.0) - 2.0 * sum;
            let squared = below * below / count * 3.0;
            if below <= 0.0 || squared <= spread {
                // Within one deviation: chance brings it in more than 15 of 100 cases.
                continue;
            }
            if n_intervals < NORMAL_FROM {
                offer(-libm::log(probability(n_intervals, sum, n)), n_intervals);
            } else if squared > furthest {
                (furthest, n_furthest) = (squared, n_intervals);
            }
        }
        if n_furthest > 0 {
            offer(normal_surprise(libm::sqrt(furthest / spread)), n_furthest);
        }
        best
    }
}

/// A hundred times a percentile, interpolated between two values; 0 of none.
fn percentile_100(sorted: &[i64], percent: usize) -> i64 {
    let place = sorted.len().saturating_sub(1) * percent.min(100);
    let (at, part) = (place / 100, i64::try_from(place % 100).unwrap_or_default());
    let Some(below) = sorted.get(at) else { return 0 };
    let above = sorted.get(at + 1).unwrap_or(below);
    below.saturating_mul(100).saturating_add((above - below).saturating_mul(part))
}

/// The probability that `count` ranks, each any of 1 to `n`, sum up to at most `sum`: of all `n^count` draws
/// those that do, counted by inclusion and exclusion of ranks above `n`.
#[expect(clippy::cast_precision_loss, reason = "fewer than 30 intervals")]
fn probability(count: usize, sum: f64, n: f64) -> f64 {
    let n_ranks = count as f64;
    let mut total = 0.0;
    let (mut left, mut ways, mut n_above) = (sum, 1.0, 0.0);
    while left >= n_ranks && n_above <= n_ranks {
        // Binomial coefficients over n^count, factor by factor: neither is ever too large.
        let mut product = ways;
        for at in 0..count {
            product *= (left - at as f64) / (n * (at as f64 + 1.0));
        }
        total += product;
        ways *= -(n_ranks - n_above) / (n_above + 1.0);
        n_above += 1.0;
        left -= n;
    }
    total
}

/// -ln of the share of a normal distribution that lies at least so many deviations below its mean.
fn normal_surprise(deviations: f64) -> f64 {
    if deviations < FAR {
        return -libm::log(0.5 * libm::erfc(deviations * std::f64::consts::FRAC_1_SQRT_2));
    }
    // The density over the deviations, times 1 - 1/x² + 3/x⁴ - 15/x⁶ + …
    let squared = deviations * deviations;
    let (mut term, mut total) = (1.0, 1.0);
    for odd in [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0] {
        term *= -odd / squared;
        total += term;
    }
    squared / 2.0 + libm::log(deviations) + 0.5 * libm::log(std::f64::consts::TAU) - libm::log(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to `n - 1` that look random.
    fn draws(count: usize, n: i64) -> Vec<i64> {
        let mut state = 7_u32;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            i64::from(state >> 8) % n
        };
        (0..count).map(|_| draw()).collect()
    }

    fn train_of(intervals: &[i64]) -> Vec<i64> {
        let mut train = vec![0];
        for (at, interval) in intervals.iter().enumerate() {
            train.push(train[at] + interval);
        }
        train
    }

    #[test]
    fn sums_of_dice_have_their_probabilities() {
        for n in 2..=7_u32 {
            // Ways to throw each sum with so many dice.
            let mut ways = vec![1_u32];
            for count in 1..=5_u32 {
                let mut next = vec![0_u32; ways.len() + n as usize];
                for (sum, known) in ways.iter().enumerate() {
                    for rank in 1..=n as usize {
                        next[sum + rank] += known;
                    }
                }
                ways = next;
                let mut n_up_to = 0_u32;
                for (sum, known) in (0_u32..).zip(&ways) {
                    n_up_to += known;
                    let wanted = f64::from(n_up_to) / f64::from(n.pow(count));
                    let found = probability(count as usize, f64::from(sum), f64::from(n));
                    assert!((found - wanted).abs() < 1e-12, "{count} of 1 to {n} up to {sum}: {found}, not {wanted}");
                }
            }
        }
    }

    #[test]
    fn the_normal_distribution_reaches_far() {
        assert!((normal_surprise(0.0) - std::f64::consts::LN_2).abs() < 1e-15);
        // -log_ndtr(-x) of SciPy.
        for (deviations, wanted) in
            [(3.0, 6.607_726_221_510_35), (10.0, 53.231_285_150_512_48), (25.0, 316.639_408_008_020_27)]
        {
            let found = normal_surprise(deviations);
            assert!((found - wanted).abs() < 1e-9 * wanted, "{deviations}: {found}");
        }
        let (before, after) = (normal_surprise(FAR - 1e-9), normal_surprise(FAR));
        assert!((after - before - 20.05e-9).abs() < 1e-9, "no step where the series begins");
    }

    /// All windows of all runs, most surprising first, as the method is told.
    fn slow(method: &RankSurprise, train: &[i64]) -> Vec<Burst> {
        let short: Vec<bool> = train.windows(2).map(|pair| method.is_short(pair[1] - pair[0])).collect();
        let ranks: Vec<u64> = train.windows(2).map(|pair| method.doubled_rank(pair[1] - pair[0])).collect();
        let mut windows = Vec::new();
        for start in 0..short.len() {
            let n_short = short[start..].iter().take_while(|is_short| **is_short).count();
            for n_intervals in 2..=n_short {
                // Only the whole window has a sum that is no more than chance brings.
                let mut sums = vec![u64::MAX / 2; n_intervals + 1];
                sums[0] = 0;
                sums[n_intervals] = ranks[start..start + n_intervals].iter().sum();
                if let Some(window) = method.most_surprising(&sums, 0, n_intervals) {
                    windows.push(Window { start: Reverse(start), ..window });
                }
            }
        }
        windows.sort_unstable_by_key(|window| Reverse(*window));
        let mut is_taken = vec![false; short.len()];
        let mut found = Vec::new();
        for window in windows {
            let (start, end) = (window.start.0, window.start.0 + window.n_intervals.0);
            if !is_taken[start..end].contains(&true) {
                is_taken[start..end].fill(true);
                found.push(Burst { start: train[start], end: train[end], n_spikes: end - start + 1 });
            }
        }
        found.sort_unstable_by_key(|burst| burst.start);
        found
    }

    #[test]
    fn what_is_found_is_what_trying_everything_finds() {
        let mut intervals = draws(1500, 1000);
        for at in (0..1500).step_by(97) {
            for interval in &mut intervals[at..(at + 40).min(1500)] {
                *interval = *interval / 5 + 1;
            }
        }
        let train = train_of(&intervals);
        for (short_percent, max_probability) in [(75, 0.01), (90, 0.1), (50, 0.001)] {
            let method = RankSurprise::new([&train[..]], short_percent, max_probability);
            let found = method.bursts(&train);
            assert!(found.len() > 10, "{}", found.len());
            assert_eq!(found, slow(&method, &train), "{short_percent} %");
        }
    }

    #[test]
    fn few_spikes_and_equal_intervals_have_none() {
        for train in [vec![], vec![5], vec![5, 6]] {
            let method = RankSurprise::new([&train[..]], RANK_SHORT_PERCENT, RANK_MAX_PROBABILITY);
            assert!(method.bursts(&train).is_empty() && method.limit().is_none());
        }
        let clock: Vec<i64> = (0..500).map(|at| at * 100).collect();
        let method = RankSurprise::new([&clock[..]], RANK_SHORT_PERCENT, RANK_MAX_PROBABILITY);
        assert!(method.bursts(&clock).is_empty());
        assert_eq!(method.limit(), Some(100.0));
        // Three quarters of the way from the first to the last of 1, 2, 4, 8 is a quarter from 4 to 8.
        let train = train_of(&[4, 1, 8, 2]);
        assert_eq!(RankSurprise::new([&train[..]], 75, 0.01).limit(), Some(5.0));
    }

    #[test]
    fn a_burst_without_end_is_cut_and_found_in_time() {
        // A run of 3,000 short intervals: no more than 1,000 make a burst.
        let intervals: Vec<i64> =
            (0..4000).map(|at| if at % 4 == 3 && at > 3000 { 5000 } else { 10 + at % 7 }).collect();
        let train = train_of(&intervals);
        let method = RankSurprise::new([&train[..]], 95, 0.01);
        let longest = method.bursts(&train).iter().map(|burst| burst.n_spikes).max();
        assert!(longest.is_some_and(|longest| longest <= RANK_MAX_INTERVALS + 1), "{longest:?}");
    }
}
