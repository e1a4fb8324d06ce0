//! Phases of a band of frequencies, and how spikes lie in them.

use std::f64::consts::{PI, TAU};

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::filter::{Band, design, filtered_both_ways};

/// Order of the band-pass; forward and backward it counts twice.
pub const PHASE_FILTER_ORDER: usize = 2;

/// Periods of the lower cut-off after which an end of the signal no longer matters.
pub const SETTLED_PERIODS: f64 = 3.0;

/// Periods of the lower cut-off that a piece takes from its neighbours.
const MARGIN_PERIODS: f64 = 20.0;

/// Samples of a piece: long signals are taken in pieces, so that memory does not grow with them.
const PIECE: usize = 1 << 16;

/// The phase of each sample in radians, 0 at the peak of the wave and ±π in its trough: the angle of the analytic
/// signal (`scipy.signal.hilbert`) of the band-passed signal (Butterworth, forward and backward). Both cut-offs lie
/// between 0 and half the rate, the lower one first. None for a signal that holds one value.
#[must_use]
pub fn phases(values: &[f32], (low_hz, high_hz): (f64, f64), rate_hz: f64) -> Option<Vec<f32>> {
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    let sections = design(PHASE_FILTER_ORDER, Band::BandPass { low_hz, high_hz }, rate_hz);
    let margin = whole(MARGIN_PERIODS * rate_hz / low_hz);
    let mut phases = Vec::with_capacity(values.len());
    for from in (0..values.len()).step_by(PIECE) {
        let to = (from + PIECE).min(values.len());
        let (first, end) = (from.saturating_sub(margin), (to + margin).min(values.len()));
        let piece: Vec<f64> = values[first..end].iter().map(|value| f64::from(*value)).collect();
        let analytic = analytic(&filtered_both_ways(&sections, &piece));
        #[expect(clippy::cast_possible_truncation, reason = "a ten-millionth of a turn suffices")]
        let angle = |value: &Complex<f64>| libm::atan2(value.im, value.re) as f32;
        phases.extend(analytic[from - first..to - first].iter().map(angle));
    }
    Some(phases)
}

/// Samples at either end of a signal that do not count: the band-pass, whose lower cut-off this is, has not settled.
#[must_use]
pub fn unsettled(low_hz: f64, rate_hz: f64) -> usize {
    whole(SETTLED_PERIODS * rate_hz / low_hz)
}

/// Samples in a time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
fn whole(samples: f64) -> usize {
    libm::ceil(samples) as usize
}

/// The signal without its negative frequencies: `scipy.signal.hilbert`.
#[expect(clippy::cast_precision_loss, reason = "samples")]
fn analytic(values: &[f64]) -> Vec<Complex<f64>> {
    let n = values.len();
    let mut bins: Vec<Complex<f64>> = values.iter().map(|value| Complex::new(*value, 0.0)).collect();
    if n == 0 {
        return bins;
    }
    let mut planner = FftPlanner::<f64>::new();
    planner.plan_fft_forward(n).process(&mut bins);
    for (at, bin) in bins.iter_mut().enumerate() {
        let is_alone = at == 0 || 2 * at == n;
        let weight = if is_alone {
            1.0
        } else if 2 * at < n {
            2.0
        } else {
            0.0
        };
        *bin *= weight / n as f64;
    }
    planner.plan_fft_inverse(n).process(&mut bins);
    bins
}

/// The phase between two samples, by the shorter way around: what a line through the unwrapped phases gives.
#[must_use]
pub fn between(before_rad: f64, after_rad: f64, share: f64) -> f64 {
    wrapped(before_rad + share * wrapped(after_rad - before_rad))
}

/// An angle as one from -π to π.
#[must_use]
pub fn wrapped(angle_rad: f64) -> f64 {
    angle_rad - TAU * libm::round(angle_rad / TAU)
}

/// Directions, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Directions {
    /// Number of directions.
    pub n: u64,
    cosines: f64,
    sines: f64,
}

impl Directions {
    /// Takes an angle.
    pub fn add(&mut self, angle_rad: f64) {
        self.n += 1;
        self.cosines += libm::cos(angle_rad);
        self.sines += libm::sin(angle_rad);
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of spikes")]
    fn count(&self) -> f64 {
        self.n as f64
    }

    fn squared(&self) -> f64 {
        self.cosines * self.cosines + self.sines * self.sines
    }

    /// The mean direction, -π to π; none of none.
    #[must_use]
    pub fn mean_rad(&self) -> Option<f64> {
        (self.n > 0 && self.squared() > 0.0).then(|| libm::atan2(self.sines, self.cosines))
    }

    /// The length of the mean vector: 1 where all are one, about `1/√n` by chance; none of none.
    #[must_use]
    pub fn length(&self) -> Option<f64> {
        (self.n > 0).then(|| (libm::sqrt(self.squared()) / self.count()).min(1.0))
    }

    /// The probability of so long a mean vector if all directions are equally likely and independent: Rayleigh's
    /// test, `exp(√(1 + 4n + 4(n² - R²)) - (1 + 2n))` with R the length of the sum (Zar 1999, equation 27.4).
    #[must_use]
    pub fn rayleigh_p(&self) -> Option<f64> {
        let n = self.count();
        let squared = self.squared().min(n * n);
        // The difference of the root and 1 + 2n, without losing its digits.
        let root = libm::sqrt(1.0 + 4.0 * n + 4.0 * (n * n - squared));
        (self.n > 0).then(|| libm::exp(-4.0 * squared / (root + 1.0 + 2.0 * n)))
    }

    /// Pairwise phase consistency: the mean cosine of the angle between two of them, which does not depend on how
    /// many there are (Vinck et al. 2010); none of fewer than two.
    #[must_use]
    pub fn pairwise_consistency(&self) -> Option<f64> {
        let n = self.count();
        (self.n > 1).then(|| (self.squared() - n) / (n * (n - 1.0)))
    }
}

/// An angle in degrees, -180 to 180.
#[must_use]
pub fn degrees(angle_rad: f64) -> f64 {
    angle_rad * 180.0 / PI
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::field_golden::{Case, Golden, golden};

    #[test]
    fn filter_and_phases_are_those_of_scipy() {
        let Golden { rate_hz, input, filtered, phase_rad, .. } = golden();
        let values: Vec<f64> = input.iter().map(|value| f64::from(*value)).collect();
        let sections = design(2, Band::BandPass { low_hz: 4.0, high_hz: 8.0 }, rate_hz);
        for (got, expected) in filtered_both_ways(&sections, &values).iter().zip(&filtered) {
            assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
        }
        let found = phases(&input, (4.0, 8.0), rate_hz).expect("phases");
        assert_eq!(found.len(), phase_rad.len());
        for (got, expected) in found.iter().zip(&phase_rad) {
            assert!(wrapped(f64::from(*got) - expected).abs() < 1e-5, "{got} is not {expected}");
        }
        assert_eq!(phases(&[3.0; 1000], (4.0, 8.0), rate_hz), None);
        assert!(filtered_both_ways(&sections, &[1.0, 2.0]).len() == 2);
    }

    #[test]
    fn pieces_give_the_phases_of_the_whole() {
        // A wave of 6 Hz at 250 samples a second whose phase is known, over more than two pieces.
        let rate_hz = 250.0;
        let n = 2 * PIECE + 5000;
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a wave in f32")]
        let wave: Vec<f32> = (0..n).map(|at| (50.0 * libm::cos(TAU * 6.0 * at as f64 / rate_hz)) as f32).collect();
        let found = phases(&wave, (4.0, 8.0), rate_hz).expect("phases");
        #[expect(clippy::cast_precision_loss, reason = "samples")]
        let error = |at: usize| wrapped(f64::from(found[at]) - TAU * 6.0 * at as f64 / rate_hz).abs();
        let settled = unsettled(4.0, rate_hz);
        let worst = (settled..n - settled).map(error).fold(0.0, f64::max);
        assert!(worst < 0.05, "{worst} rad");
        let around = [PIECE, 2 * PIECE].into_iter().flat_map(|seam| seam - 20..seam + 20).map(error);
        assert!(around.fold(0.0, f64::max) < 0.005, "seams show");
    }

    #[test]
    fn the_shorter_way_is_taken() {
        assert!((between(3.0, -3.0, 0.5).abs() - PI).abs() < 1e-12);
        assert!((between(0.1, 0.3, 0.25) - 0.15).abs() < 1e-12);
    }

    #[test]
    fn directions_are_those_of_closed_forms() {
        for Case { angles_rad, mean_rad, length, p_zar, p_series, ppc } in golden().circular {
            let mut directions = Directions::default();
            for angle in &angles_rad {
                directions.add(*angle);
            }
            let near = |got: Option<f64>, expected: f64| {
                let got = got.expect("known");
                assert!((got - expected).abs() < 1e-9, "{got} is not {expected}");
            };
            near(directions.mean_rad(), mean_rad);
            near(directions.length(), length);
            near(directions.rayleigh_p(), p_zar);
            near(directions.pairwise_consistency(), ppc);
            // Another approximation, which other programs take, differs by some per cent.
            let p = directions.rayleigh_p().expect("known");
            assert!((p / p_series - 1.0).abs() < 0.05, "{p} and {p_series}");
        }
        let none = Directions::default();
        assert_eq!(
            (none.mean_rad(), none.length(), none.rayleigh_p(), none.pairwise_consistency()),
            (None, None, None, None)
        );
    }
}
