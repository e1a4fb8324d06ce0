//! Linear-phase filters of finite response, run by overlap-save: a stretch of a cell's channels is
//! transformed, multiplied and transformed back. The filter's response is real, so half of the
//! channels can be the real part and the others the imaginary: they stay apart, to rounding.

use std::f64::consts::PI;
use std::fmt;
use std::sync::{Arc, OnceLock};

use rustfft::algorithm::Radix4;
use rustfft::algorithm::butterflies::{Butterfly8, Butterfly16};
use rustfft::num_complex::Complex;
use rustfft::num_traits::Zero as _;
use rustfft::{Fft, FftDirection, FftNum};

use super::butterworth::Band;
use super::cascade::Cell;
use super::lanes::Lanes;

/// A Hamming window of `n` taps falls from pass-band to stop-band within this many times
/// `rate / n` (Widmann et al. 2015, doi:10.1016/j.jneumeth.2014.08.002).
const HAMMING_EDGE: f64 = 3.3;

/// Frames of a transform, at least.
const MIN_TRANSFORM: usize = 1024;

/// Taps of a filter whose edges are `width_hz` wide; an odd number.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of taps")]
pub fn fir_taps(width_hz: f64, sampling_frequency_hz: f64) -> usize {
    let half = (HAMMING_EDGE * sampling_frequency_hz / width_hz / 2.0).ceil();
    2 * half as usize + 1
}

/// A filter of `n_taps` by the window method, cut-offs at half the amplitude:
/// `scipy.signal.firwin` with its Hamming window and scaling.
///
/// A filter that rejects a constant does so entirely, where the window alone leaves a thousandth of it:
/// the window is subtracted as often as the response needs to sum to nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "taps")]
pub fn firwin(n_taps: usize, band: Band, sampling_frequency_hz: f64) -> Vec<f64> {
    let (low, high) = match band {
        Band::BandPass { low_hz, high_hz } => (low_hz, high_hz),
        Band::HighPass { low_hz } => (low_hz, sampling_frequency_hz / 2.0),
        Band::LowPass { high_hz } => (0.0, high_hz),
    };
    let (low, high) = (2.0 * low / sampling_frequency_hz, 2.0 * high / sampling_frequency_hz);
    let middle = (n_taps - 1) as f64 / 2.0;
    let place = |at: usize| at as f64 - middle;
    let ideal = |edge: f64, at: f64| edge * sinc(edge * at);
    let window: Vec<f64> = (0..n_taps).map(|at| 0.54 - 0.46 * libm::cos(PI * at as f64 / middle.max(0.5))).collect();
    let mut taps: Vec<f64> =
        (0..n_taps).map(|at| (ideal(high, place(at)) - ideal(low, place(at))) * window[at]).collect();
    // One in the middle of the pass-band; at its end where that is 0 Hz or half the rate.
    let scaled_at = match band {
        Band::BandPass { .. } => f64::midpoint(low, high),
        Band::HighPass { .. } => 1.0,
        Band::LowPass { .. } => 0.0,
    };
    let gain: f64 = (0..n_taps).map(|at| taps[at] * libm::cos(PI * place(at) * scaled_at)).sum();
    for tap in &mut taps {
        *tap /= gain;
    }
    if band.rejects_dc() {
        let share = taps.iter().sum::<f64>() / window.iter().sum::<f64>();
        for (tap, weight) in taps.iter_mut().zip(&window) {
            *tap -= share * weight;
        }
    }
    taps
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) }
}

/// A symmetric filter of an odd number of taps, run without delay.
#[derive(Clone)]
pub struct Fir {
    taps: Vec<f64>,
    half: usize,
    /// Frames of a transform.
    n: usize,
    /// Made when it first runs: the page, which only asks how far a filter reaches, carries no transforms.
    transforms: OnceLock<Transforms>,
}

#[derive(Clone)]
struct Transforms {
    forward: Arc<Radix4<Lanes>>,
    inverse: Arc<Radix4<Lanes>>,
    /// The filter's transform, divided by the transform's length.
    response: Vec<Complex<f32>>,
}

impl Transforms {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the engine computes in f32")]
    fn new(taps: &[f64], n: usize) -> Self {
        let mut response = vec![Complex::new(0.0, 0.0); n];
        for (value, tap) in response.iter_mut().zip(taps) {
            value.re = (tap / n as f64) as f32;
        }
        transform(n, FftDirection::Forward).process(&mut response);
        let [forward, inverse] =
            [FftDirection::Forward, FftDirection::Inverse].map(|direction| Arc::new(transform(n, direction)));
        Self { forward, inverse, response }
    }
}

impl fmt::Debug for Fir {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fir").field("half", &self.half).finish_non_exhaustive()
    }
}

/// Memory that is used again from stretch to stretch.
#[derive(Default)]
pub struct FirMemory {
    values: Vec<Complex<Lanes>>,
    bins: Vec<Complex<Lanes>>,
}

/// A transform of a power of two, at least [`MIN_TRANSFORM`]. Only what these lengths need is
/// compiled: eight channels as one number make every algorithm large.
fn transform<T: FftNum>(n: usize, direction: FftDirection) -> Radix4<T> {
    let power = n.trailing_zeros();
    if power.is_multiple_of(2) {
        Radix4::new_with_base((power - 4) / 2, Arc::new(Butterfly16::new(direction)))
    } else {
        Radix4::new_with_base((power - 3) / 2, Arc::new(Butterfly8::new(direction)))
    }
}

impl Fir {
    /// Takes a designed filter; `beside` frames more than it reaches must fit its transform.
    #[must_use]
    pub fn new(taps: &[f64], beside: usize) -> Self {
        // Half of a transform, or more, is output.
        let n = (2 * (taps.len() + beside)).next_power_of_two().max(MIN_TRANSFORM);
        Self { taps: taps.to_vec(), half: taps.len() / 2, n, transforms: OnceLock::new() }
    }

    /// Frames that an output frame looks at on each side of its own.
    #[must_use]
    pub const fn reach(&self) -> usize {
        self.half
    }

    /// The most frames that one call can give.
    #[must_use]
    pub const fn max_frames(&self) -> usize {
        self.n - 2 * self.half
    }

    /// Filters rows of cells, `stride` cells from one to the next, in place: row `r` becomes the
    /// output around row `r + reach`, and the last `2 * reach` rows mean nothing afterwards.
    pub fn run(&self, memory: &mut FirMemory, rows: &mut [Cell], stride: usize, n_groups: usize) {
        let n = self.n;
        let Transforms { forward, inverse, response } = self.transforms.get_or_init(|| Transforms::new(&self.taps, n));
        let n_rows = (rows.len() / stride).min(n);
        let n_outputs = n_rows.saturating_sub(2 * self.half);
        let FirMemory { values, bins } = memory;
        let nothing = Complex::new(Lanes::zero(), Lanes::zero());
        values.resize(n, nothing);
        bins.resize(n, nothing);
        for group in 0..n_groups {
            for (value, cell) in values.iter_mut().zip(rows[group..].iter().step_by(stride).take(n_rows)) {
                *value = Lanes::pair(cell);
            }
            values[n_rows..].fill(nothing);
            forward.process_outofplace_with_scratch(values, bins, &mut []);
            for (bin, by) in bins.iter_mut().zip(response) {
                *bin = Complex::new(bin.re * by.re - bin.im * by.im, bin.re * by.im + bin.im * by.re);
            }
            inverse.process_outofplace_with_scratch(bins, values, &mut []);
            // What comes before has the stretch's end wrapped into it.
            let outputs = values[2 * self.half..].iter().take(n_outputs);
            for (cell, value) in rows[group..].iter_mut().step_by(stride).zip(outputs) {
                *cell = Lanes::cell(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::LANES;

    /// Written by `golden/filters.py`: taps of `scipy.signal.firwin`, and what
    /// `scipy.signal.convolve` makes of an input with them.
    const GOLDEN: &str = include_str!("../../golden/fir.json");

    #[derive(serde::Deserialize)]
    struct Case {
        kind: String,
        cutoffs_hz: Vec<f64>,
        width_hz: f64,
        sampling_frequency_hz: f64,
        taps: Vec<f64>,
        input: Vec<f32>,
        output: Vec<f32>,
    }

    #[test]
    fn taps_and_output_are_those_of_scipy() {
        let cases: Vec<Case> = serde_json::from_str(GOLDEN).expect("golden file");
        assert!(cases.len() >= 4);
        for case in cases {
            let [low_hz, high_hz] = [case.cutoffs_hz[0], case.cutoffs_hz[case.cutoffs_hz.len() - 1]];
            let band = match case.kind.as_str() {
                "bandpass" => Band::BandPass { low_hz, high_hz },
                "highpass" => Band::HighPass { low_hz },
                _ => Band::LowPass { high_hz },
            };
            let n_taps = fir_taps(case.width_hz, case.sampling_frequency_hz);
            let taps = firwin(n_taps, band, case.sampling_frequency_hz);
            assert_eq!(taps.len(), case.taps.len(), "{}", case.kind);
            for (at, (own, theirs)) in taps.iter().zip(&case.taps).enumerate() {
                assert!((own - theirs).abs() < 1e-12, "{}: tap {at} is {own}, expected {theirs}", case.kind);
            }
            let fir = Fir::new(&taps, 1000);
            let mut memory = FirMemory::default();
            let mut found = Vec::new();
            for first in (0..case.output.len()).step_by(fir.max_frames()) {
                let end = (first + fir.max_frames() + 2 * fir.reach()).min(case.input.len());
                // Two groups, the second of which is looked at.
                let mut rows: Vec<Cell> =
                    case.input[first..end].iter().flat_map(|value| [[0.0; LANES], [*value; LANES]]).collect();
                fir.run(&mut memory, &mut rows, 2, 2);
                let n = end - first - 2 * fir.reach();
                found.extend(rows.chunks_exact(2).take(n).map(|row| row[1][7]));
            }
            assert_eq!(found.len(), case.output.len());
            #[expect(clippy::cast_precision_loss, reason = "a count")]
            let rms = (found.iter().map(|v| v * v).sum::<f32>() / found.len() as f32).sqrt();
            for (at, (own, theirs)) in found.iter().zip(&case.output).enumerate() {
                assert!((own - theirs).abs() < 1e-4 * rms, "{}: frame {at} is {own}, expected {theirs}", case.kind);
            }
        }
    }
}
