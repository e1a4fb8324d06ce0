//! The branching ratio from how slowly activity forgets (MR estimator): it stays right when only a
//! few neurons of a network are seen.
//!
//! Wilting & Priesemann 2018, doi:10.1038/s41467-018-04725-4; Spitzner et al. 2021,
//! doi:10.1371/journal.pone.0249447.

use super::BusyBins;

/// Fewest lags of a fit.
pub const DECAY_MIN_LAGS: usize = 5;

/// A fit explains at least this share of the variance of the coefficients.
pub const DECAY_MIN_R_SQUARED: f64 = 0.8;

/// The longest decay that lags can tell, as a multiple of the longest lag.
pub const DECAY_MAX_LAGS: f64 = 10.0;

/// Sums over the pairs of bins that lie a lag apart.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: u64,
    earlier: u64,
    later: u64,
    squares: u64,
    products: u64,
}

impl Sums {
    /// The slope of the regression of the later count on the earlier.
    #[expect(clippy::cast_precision_loss, reason = "the sums are whole and exact; their ratio is not")]
    fn slope(&self) -> Option<f64> {
        let [n, earlier, later, squares, products] =
            [self.n, self.earlier, self.later, self.squares, self.products].map(i128::from);
        let variance = n * squares - earlier * earlier;
        (variance > 0).then(|| (n * products - earlier * later) as f64 / variance as f64)
    }
}

/// The coefficients `r_k` for k from 1 to `n_lags`: the slope of the regression of the count in a bin on
/// that k bins before, over all such pairs within a segment. `None` where a lag has no pair, or the
/// counts are all the same. Bins without spikes take neither time nor memory.
#[must_use]
pub fn regressions(segments: &[BusyBins], n_lags: usize) -> Option<Vec<f64>> {
    let mut sums = vec![Sums::default(); n_lags];
    for segment in segments {
        add(&mut sums, segment);
    }
    sums.iter().map(Sums::slope).collect()
}

fn add(sums: &mut [Sums], BusyBins { n_bins, busy }: &BusyBins) {
    let all: u64 = busy.iter().map(|(_, count)| u64::from(*count)).sum();
    let squares: u64 = busy.iter().map(|(_, count)| u64::from(*count) * u64::from(*count)).sum();
    let mut products = vec![0_u64; sums.len()];
    for (at, (bin, count)) in busy.iter().enumerate() {
        for (later, other) in &busy[at + 1..] {
            let lag = usize::try_from(later - bin).unwrap_or(usize::MAX);
            let Some(product) = products.get_mut(lag - 1) else { break };
            *product += u64::from(*count) * u64::from(*other);
        }
    }
    let (mut front, mut back) = (busy.iter().peekable(), busy.iter().rev().peekable());
    let (mut head, mut tail, mut tail_squares) = (0, 0, 0);
    for (lag, (sums, products)) in (1..*n_bins).zip(sums.iter_mut().zip(products)) {
        while let Some((_, count)) = front.next_if(|(bin, _)| *bin < lag) {
            head += u64::from(*count);
        }
        while let Some((_, count)) = back.next_if(|(bin, _)| *bin >= n_bins - lag) {
            tail += u64::from(*count);
            tail_squares += u64::from(*count) * u64::from(*count);
        }
        sums.n += (n_bins - lag).unsigned_abs();
        sums.earlier += all - tail;
        sums.later += all - head;
        sums.squares += squares - tail_squares;
        sums.products += products;
    }
}

/// An exponential decay of coefficients: `r_k = amplitude * m^k`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decay {
    /// The value from which the curve falls.
    pub amplitude: f64,
    /// The branching ratio of a bin.
    pub m: f64,
    /// Bins in which the curve falls to 1/e.
    pub tau_bins: f64,
    /// The explained share of the variance of the coefficients, adjusted for two parameters.
    pub r_squared: f64,
}

/// Why coefficients have no decay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDecay {
    /// There are fewer than [`DECAY_MIN_LAGS`].
    TooFew,
    /// They do not fall, or more slowly than the lags can tell.
    Flat,
    /// They fall within a bin.
    Sudden,
    /// They are not above zero.
    Negative,
}

impl NoDecay {
    /// The reason in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooFew => "there are too few lags",
            Self::Flat => "the r_k do not decay within the lags",
            Self::Sudden => "the r_k fall within one bin",
            Self::Negative => "the r_k are not above zero",
        }
    }
}

/// Places of the search for the decay.
const N_PLACES: usize = 64;

/// Steps of the search around the best place; each leaves 0.62 of the stretch.
const N_STEPS: usize = 60;

/// Fits an exponential decay without offset by least squares. The amplitude follows from the decay, so
/// that one number is searched for: at places of equal factors from half a bin to
/// [`DECAY_MAX_LAGS`] times the longest lag, then by the golden section.
///
/// # Errors
/// When the coefficients do not decay.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub fn decay(coefficients: &[f64]) -> Result<Decay, NoDecay> {
    let n = coefficients.len();
    if n < DECAY_MIN_LAGS {
        return Err(NoDecay::TooFew);
    }
    let mean = coefficients.iter().sum::<f64>() / n as f64;
    let spread: f64 = coefficients.iter().map(|value| (value - mean) * (value - mean)).sum();
    if !(spread > 0.0) {
        return Err(NoDecay::Flat);
    }
    let (low, high) = (libm::log(0.5), libm::log(DECAY_MAX_LAGS * n as f64));
    let place = |at: usize| low + (high - low) * at as f64 / N_PLACES as f64;
    let error = |log_tau: f64| curve(coefficients, log_tau).1;
    let errors: Vec<f64> = (0..=N_PLACES).map(|at| error(place(at))).collect();
    let best = (0..errors.len()).min_by(|a, b| errors[*a].total_cmp(&errors[*b])).unwrap_or_default();
    if best == 0 {
        return Err(NoDecay::Sudden);
    }
    if best == N_PLACES {
        return Err(NoDecay::Flat);
    }
    let log_tau = lowest(error, place(best - 1), place(best + 1));
    let (amplitude, left) = curve(coefficients, log_tau);
    if !(amplitude > 0.0) {
        return Err(NoDecay::Negative);
    }
    let tau_bins = libm::exp(log_tau);
    let adjusted = (n - 1) as f64 / (n - 3) as f64;
    Ok(Decay { amplitude, m: libm::exp(-1.0 / tau_bins), tau_bins, r_squared: 1.0 - left / spread * adjusted })
}

/// The best amplitude for a decay, and the sum of squares that it leaves.
fn curve(coefficients: &[f64], log_tau: f64) -> (f64, f64) {
    let m = libm::exp(-1.0 / libm::exp(log_tau));
    let (mut power, mut along, mut own) = (1.0, 0.0, 0.0);
    for value in coefficients {
        power *= m;
        along += value * power;
        own += power * power;
    }
    let amplitude = along / own;
    let (mut power, mut left) = (1.0, 0.0);
    for value in coefficients {
        power *= m;
        let rest = value - amplitude * power;
        left += rest * rest;
    }
    (amplitude, left)
}

/// Where a function with one valley is lowest, by the golden section.
fn lowest(of: impl Fn(f64) -> f64, mut from: f64, mut to: f64) -> f64 {
    let share = (libm::sqrt(5.0) - 1.0) / 2.0;
    let (mut low, mut high) = (to - share * (to - from), from + share * (to - from));
    let (mut at_low, mut at_high) = (of(low), of(high));
    for _ in 0..N_STEPS {
        if at_low < at_high {
            (to, high, at_high) = (high, low, at_low);
            low = to - share * (to - from);
            at_low = of(low);
        } else {
            (from, low, at_low) = (low, high, at_high);
            high = from + share * (to - from);
            at_high = of(high);
        }
    }
    f64::midpoint(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The busy bins of segments whose counts are all given.
    fn busy(segments: &[Vec<u32>]) -> Vec<BusyBins> {
        let of = |counts: &Vec<u32>| {
            let bins = (0_i64..).zip(counts.iter().copied());
            let n_bins = i64::try_from(counts.len()).expect("few");
            BusyBins { n_bins, busy: bins.filter(|(_, count)| *count > 0).collect() }
        };
        segments.iter().map(of).collect()
    }

    #[test]
    fn silence_takes_neither_time_nor_memory() {
        // A pair of counts a bin apart, and one more at the end of centuries.
        let end = 1_i64 << 40;
        let found = regressions(&[BusyBins { n_bins: end, busy: vec![(5, 2), (6, 1), (end - 1, 3)] }], 2);
        let (n, earlier, later) = (1_099_511_627_775.0, 3.0, 6.0);
        let wanted = (n * 2.0 - earlier * later) / (n * 5.0 - earlier * earlier);
        assert!(found.is_some_and(|found| (found[0] - wanted).abs() < 1e-12), "{wanted}");
    }

    #[test]
    fn coefficients_are_slopes() {
        // Pairs one apart: (1,2) (2,4) (4,0) (0,3); means 7/4 and 9/4.
        let found = regressions(&busy(&[vec![1, 2, 4, 0, 3]]), 2).expect("they vary");
        let (n, earlier, later, squares, products) = (4.0, 7.0, 9.0, 21.0, 10.0);
        let wanted = (n * products - earlier * later) / (n * squares - earlier * earlier);
        assert!((found[0] - wanted).abs() < 1e-15, "{found:?}");
        // Pairs two apart: (1,4) (2,0) (4,3).
        assert!((found[1] - (3.0 * 16.0 - 7.0 * 7.0) / (3.0 * 21.0 - 49.0)).abs() < 1e-15, "{found:?}");
        assert_eq!(regressions(&busy(&[vec![1, 2, 4, 0, 3]]), 5), None, "no pair is five apart");
        assert_eq!(regressions(&busy(&[vec![2; 20]]), 3), None);
        assert_eq!(regressions(&[], 3), None);
        // Pairs do not cross segments, but segments count together.
        let two = regressions(&busy(&[vec![1, 2, 4], vec![0, 3, 1]]), 1).expect("they vary");
        assert!((two[0] - (4.0 * 13.0 - 6.0 * 10.0) / (4.0 * 14.0 - 36.0)).abs() < 1e-15, "{two:?}");
    }

    #[test]
    fn an_exact_decay_is_found() {
        for (amplitude, m) in [(0.4, 0.99), (1.0, 0.8), (0.02, 0.5), (0.7, 0.9985)] {
            let coefficients: Vec<f64> = (1..=100).map(|lag| amplitude * libm::pow(m, f64::from(lag))).collect();
            let found = decay(&coefficients).expect("decays");
            assert!((found.m - m).abs() < 1e-6 && (found.amplitude - amplitude).abs() < 1e-5, "{found:?}");
            assert!(found.r_squared > 0.999_999, "{found:?}");
        }
    }

    #[test]
    fn what_does_not_decay_has_a_reason() {
        let of = |value: &dyn Fn(f64) -> f64| decay(&(1..=50).map(|lag| value(f64::from(lag))).collect::<Vec<_>>());
        assert_eq!(of(&|_| 0.3), Err(NoDecay::Flat));
        assert_eq!(of(&|lag| 0.1 + 0.001 * lag), Err(NoDecay::Flat));
        assert_eq!(of(&|lag| if lag < 1.5 { 0.5 } else { 0.0 }), Err(NoDecay::Sudden));
        assert_eq!(of(&|lag| -libm::exp(-lag / 10.0)), Err(NoDecay::Negative));
        assert_eq!(decay(&[0.5, 0.4, 0.3, 0.2]), Err(NoDecay::TooFew));
        assert_eq!(decay(&[]), Err(NoDecay::TooFew));
    }

    /// Each event brings forth 0 to 4 others, 0.95 on average, and some come from outside; of all, one
    /// in ten is seen. The ratio of neighbouring bins is then far too low, this one is right.
    #[test]
    fn a_branching_process_has_its_ratio_though_few_are_seen() {
        let mut state = 7_u32;
        let mut random = |n: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % n
        };
        let (mut now, mut seen) = (100_u32, Vec::new());
        for _ in 0..20_000 {
            // Four chances of 0.2375 each, and 5 events from outside on average.
            let next = (0..4 * now).map(|_| u32::from(random(10_000) < 2375)).sum::<u32>();
            now = next + random(11);
            seen.push((0..now).map(|_| u32::from(random(10) == 0)).sum::<u32>());
        }
        let coefficients = regressions(&busy(&[seen]), 50).expect("it varies");
        let found = decay(&coefficients).expect("decays");
        assert!((found.m - 0.95).abs() < 0.01 && found.r_squared > 0.95, "{found:?}");
        assert!(coefficients[0] < 0.7, "{}", coefficients[0]);
    }
}
