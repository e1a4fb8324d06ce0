//! Power spectral density by Welch's method (Welch 1967, doi:10.1109/TAU.1967.1161901).

use realfft::RealFftPlanner;

/// A one-sided power spectral density.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Frequencies in hertz, from 0 to half the rate.
    pub frequencies_hz: Vec<f64>,
    /// Power per hertz: the square of the input's unit, divided by hertz.
    pub density: Vec<f64>,
}

/// The mean periodogram of half-overlapping pieces of `segment_frames` under Hann windows,
/// each less its mean: `scipy.signal.welch` with its defaults. A signal shorter than a piece
/// is one piece; an empty one has an empty spectrum.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "frames and bins")]
pub fn welch(values: &[f32], sampling_frequency_hz: f64, segment_frames: usize) -> Spectrum {
    let n = segment_frames.min(values.len());
    if n == 0 {
        return Spectrum { frequencies_hz: Vec::new(), density: Vec::new() };
    }
    // The window repeats with the period n, as spectral windows do.
    let hann = |at: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * at as f64 / n as f64);
    let window: Vec<f64> = if n == 1 { vec![1.0] } else { (0..n).map(hann).collect() };
    let power: f64 = window.iter().map(|w| w * w).sum();
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(n);
    let (mut piece, mut bins) = (transform.make_input_vec(), transform.make_output_vec());
    let mut density = vec![0.0; bins.len()];
    let mut n_pieces = 0.0;
    for from in (0..=values.len() - n).step_by(n - n / 2) {
        let own = &values[from..from + n];
        let mean = own.iter().map(|value| f64::from(*value)).sum::<f64>() / n as f64;
        for ((to, value), weight) in piece.iter_mut().zip(own).zip(&window) {
            *to = (f64::from(*value) - mean) * weight;
        }
        // Fails only for vectors of another length than the transform's own.
        if transform.process(&mut piece, &mut bins).is_ok() {
            for (sum, bin) in density.iter_mut().zip(&bins) {
                *sum += bin.norm_sqr();
            }
            n_pieces += 1.0;
        }
    }
    let scale = 1.0 / (sampling_frequency_hz * power * n_pieces);
    for (at, value) in density.iter_mut().enumerate() {
        // All but 0 and the Nyquist frequency stand for their negative twin as well.
        let alone = at == 0 || (n.is_multiple_of(2) && at == n / 2);
        *value *= if alone { scale } else { 2.0 * scale };
    }
    let frequencies_hz = (0..density.len()).map(|at| at as f64 * sampling_frequency_hz / n as f64).collect();
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
