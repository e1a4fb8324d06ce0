//! Power spectral density by Welch's method (Welch 1967, doi:10.1109/TAU.1967.1161901).

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// A one-sided power spectral density.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Frequencies in hertz, from 0 to half the rate.
    pub frequencies_hz: Vec<f64>,
    /// Power per hertz: the square of the input's unit, divided by hertz.
    pub density: Vec<f64>,
}

/// Densities of pieces of one length under a Hann window, each less its mean.
pub struct Periodogram {
    sampling_frequency_hz: f64,
    window: Vec<f64>,
    transform: Arc<dyn RealToComplex<f64>>,
    piece: Vec<f64>,
    bins: Vec<Complex<f64>>,
    /// From the square of a bin to its density.
    scale: f64,
}

impl Periodogram {
    /// That of pieces of `n` frames, of which there is at least one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames")]
    pub fn new(n: usize, sampling_frequency_hz: f64) -> Self {
        let n = n.max(1);
        // The window repeats with the period n, as spectral windows do.
        let hann = |at: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * at as f64 / n as f64);
        let window: Vec<f64> = if n == 1 { vec![1.0] } else { (0..n).map(hann).collect() };
        let power: f64 = window.iter().map(|w| w * w).sum();
        let transform = RealFftPlanner::<f64>::new().plan_fft_forward(n);
        let (piece, bins) = (transform.make_input_vec(), transform.make_output_vec());
        Self { sampling_frequency_hz, window, transform, piece, bins, scale: 1.0 / (sampling_frequency_hz * power) }
    }

    /// Frequencies of its bins in hertz, from 0 to half the rate.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "bins")]
    pub fn frequencies_hz(&self) -> Vec<f64> {
        let n = self.window.len() as f64;
        (0..self.bins.len()).map(|at| at as f64 * self.sampling_frequency_hz / n).collect()
    }

    /// Goes over the half-overlapping pieces of a signal: shows the first frame and the density of each. A signal that
    /// is shorter than a piece has none.
    pub fn of_pieces(&mut self, values: &[f32], mut show: impl FnMut(usize, &[f64])) {
        let n = self.window.len();
        if values.len() < n {
            return;
        }
        let mut density = vec![0.0; self.bins.len()];
        for from in (0..=values.len() - n).step_by(n - n / 2) {
            let own = &values[from..from + n];
            self.add(own, &mut density);
            show(from, &density);
            density.fill(0.0);
        }
    }

    /// Adds the density of a piece.
    #[expect(clippy::cast_precision_loss, reason = "frames")]
    fn add(&mut self, own: &[f32], density: &mut [f64]) {
        let n = own.len();
        let mean = own.iter().map(|value| f64::from(*value)).sum::<f64>() / n as f64;
        for ((to, value), weight) in self.piece.iter_mut().zip(own).zip(&self.window) {
            *to = (f64::from(*value) - mean) * weight;
        }
        // Fails only for vectors of another length than the transform's own.
        if self.transform.process(&mut self.piece, &mut self.bins).is_ok() {
            for (at, (sum, bin)) in density.iter_mut().zip(&self.bins).enumerate() {
                // All but 0 and the Nyquist frequency stand for their negative twin as well.
                let alone = at == 0 || (n.is_multiple_of(2) && at == n / 2);
                *sum += bin.norm_sqr() * if alone { self.scale } else { 2.0 * self.scale };
            }
        }
    }
}

/// The mean periodogram of half-overlapping pieces of `segment_frames` under Hann windows,
/// each less its mean: `scipy.signal.welch` with its defaults. A signal shorter than a piece
/// is one piece; an empty one has an empty spectrum.
#[must_use]
pub fn welch(values: &[f32], sampling_frequency_hz: f64, segment_frames: usize) -> Spectrum {
    let n = segment_frames.min(values.len());
    if n == 0 {
        return Spectrum { frequencies_hz: Vec::new(), density: Vec::new() };
    }
    let mut periodogram = Periodogram::new(n, sampling_frequency_hz);
    let frequencies_hz = periodogram.frequencies_hz();
    let (mut density, mut n_pieces) = (vec![0.0; frequencies_hz.len()], 0.0);
    periodogram.of_pieces(values, |_, own| {
        density.iter_mut().zip(own).for_each(|(sum, value)| *sum += value);
        n_pieces += 1.0;
    });
    for value in &mut density {
        *value /= n_pieces;
    }
    Spectrum { frequencies_hz, density }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `golden/filters.py`: inputs and what `scipy.signal.welch` makes of them.
    const GOLDEN: &str = include_str!("../../golden/welch.json");

    #[derive(serde::Deserialize)]
    struct Case {
        sampling_frequency_hz: f64,
        nperseg: usize,
        input: Vec<f32>,
        frequencies_hz: Vec<f64>,
        density: Vec<f64>,
    }

    #[test]
    fn spectra_are_those_of_scipy() {
        let cases: Vec<Case> = serde_json::from_str(GOLDEN).expect("golden file");
        assert_eq!(cases.len(), 4);
        for case in cases {
            let got = welch(&case.input, case.sampling_frequency_hz, case.nperseg);
            assert_eq!(got.frequencies_hz.len(), case.frequencies_hz.len());
            for (a, b) in got.frequencies_hz.iter().zip(&case.frequencies_hz) {
                assert!((a - b).abs() <= 1e-12 * b, "{a} Hz is not {b}");
            }
            let largest = case.density.iter().copied().fold(0.0, f64::max);
            for (a, b) in got.density.iter().zip(&case.density) {
                assert!((a - b).abs() <= 1e-12 * largest + 1e-9 * b, "{a} is not {b}");
            }
        }
        assert!(welch(&[], 1000.0, 256).density.is_empty());
    }
}
