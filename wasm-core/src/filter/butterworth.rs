//! Butterworth design: analogue prototype, bilinear transform, second-order sections.
//!
//! Follows `scipy.signal.butter(..., output="sos")`, including the pairing of poles
//! with zeros, so that coefficients agree to rounding and not just the response.
//! Functions such as the tangent come from `libm`, because each platform's own rounds
//! differently and a filter must be the same filter everywhere.

use std::f64::consts::PI;

use super::sections::Section;

/// The passed frequencies, in hertz. Each variant is checked by [`design`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Band {
    /// `low_hz..high_hz` pass.
    BandPass {
        /// Lower cut-off (-3 dB).
        low_hz: f64,
        /// Upper cut-off (-3 dB).
        high_hz: f64,
    },
    /// Everything above `low_hz` passes.
    HighPass {
        /// Cut-off (-3 dB).
        low_hz: f64,
    },
    /// Everything below `high_hz` passes.
    LowPass {
        /// Cut-off (-3 dB).
        high_hz: f64,
    },
}

impl Band {
    /// Whether a constant input gives zero.
    #[must_use]
    pub const fn rejects_dc(self) -> bool {
        !matches!(self, Self::LowPass { .. })
    }
}

/// A complex number; the few operations that the design needs.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    const fn real(re: f64) -> Self {
        Self { re, im: 0.0 }
    }

    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn div(self, other: Self) -> Self {
        let norm = other.re * other.re + other.im * other.im;
        let top = self.mul(other.conj());
        Self { re: top.re / norm, im: top.im / norm }
    }

    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }

    fn scale(self, factor: f64) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }

    const fn conj(self) -> Self {
        Self { re: self.re, im: -self.im }
    }

    fn abs(self) -> f64 {
        libm::hypot(self.re, self.im)
    }

    /// The root with non-negative real part.
    fn sqrt(self) -> Self {
        let size = self.abs();
        let re = f64::midpoint(size, self.re).max(0.0).sqrt();
        let im = f64::midpoint(size, -self.re).max(0.0).sqrt();
        Self { re, im: if self.im < 0.0 { -im } else { im } }
    }

    fn is_real(self) -> bool {
        self.im.abs() <= 100.0 * f64::EPSILON * self.abs()
    }
}

/// Zeros, poles and gain.
struct Zpk {
    zeros: Vec<Complex>,
    poles: Vec<Complex>,
    gain: f64,
}

/// Designs a Butterworth filter.
///
/// `order` is that of the low-pass prototype, so a band-pass has twice as many poles,
/// as in `scipy.signal.butter`. Cut-offs must lie strictly between 0 and half of
/// `sampling_frequency_hz`; the pipeline's validation makes sure of it.
#[must_use]
pub fn design(order: usize, band: Band, sampling_frequency_hz: f64) -> Vec<Section> {
    // With a design rate of 2 the bilinear transform is (4 + s) / (4 - s).
    let warp = |hz: f64| 4.0 * libm::tan(PI * hz / sampling_frequency_hz);
    let prototype = prototype(order);
    let analogue = match band {
        Band::LowPass { high_hz } => low_pass(&prototype, warp(high_hz)),
        Band::HighPass { low_hz } => high_pass(&prototype, warp(low_hz)),
        Band::BandPass { low_hz, high_hz } => {
            let (low, high) = (warp(low_hz), warp(high_hz));
            band_pass(&prototype, high - low, (low * high).sqrt())
        }
    };
    sections(bilinear(&analogue))
}

/// Poles of the order-`order` low-pass with cut-off 1 rad/s.
#[expect(clippy::cast_precision_loss, reason = "orders are at most 10")]
fn prototype(order: usize) -> Vec<Complex> {
    (0..order)
        .map(|index| {
            let m = 2.0 * index as f64 - order as f64 + 1.0;
            let angle = PI * m / (2.0 * order as f64);
            // The middle pole of an odd order is real; say so exactly.
            if m == 0.0 { Complex::real(-1.0) } else { Complex { re: -libm::cos(angle), im: -libm::sin(angle) } }
        })
        .collect()
}

fn power(base: f64, exponent: usize) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}

fn low_pass(prototype: &[Complex], cutoff: f64) -> Zpk {
    Zpk {
        zeros: Vec::new(),
        poles: prototype.iter().map(|pole| pole.scale(cutoff)).collect(),
        gain: power(cutoff, prototype.len()),
    }
}

fn high_pass(prototype: &[Complex], cutoff: f64) -> Zpk {
    Zpk {
        zeros: vec![Complex::real(0.0); prototype.len()],
        poles: prototype.iter().map(|pole| Complex::real(cutoff).div(*pole)).collect(),
        // The product of the prototype's negated poles is 1.
        gain: 1.0,
    }
}

fn band_pass(prototype: &[Complex], width: f64, centre: f64) -> Zpk {
    let halves: Vec<Complex> = prototype.iter().map(|pole| pole.scale(width / 2.0)).collect();
    let root = |half: &Complex| half.mul(*half).sub(Complex::real(centre * centre)).sqrt();
    let upper = halves.iter().map(|half| half.add(root(half)));
    let lower = halves.iter().map(|half| half.sub(root(half)));
    Zpk {
        zeros: vec![Complex::real(0.0); prototype.len()],
        poles: upper.chain(lower).collect(),
        gain: power(width, prototype.len()),
    }
}

fn bilinear(analogue: &Zpk) -> Zpk {
    let four = Complex::real(4.0);
    let map = |value: &Complex| four.add(*value).div(four.sub(*value));
    let product =
        |values: &[Complex]| values.iter().fold(Complex::real(1.0), |product, value| product.mul(four.sub(*value)));
    let mut zeros: Vec<Complex> = analogue.zeros.iter().map(map).collect();
    // Zeros at infinity land on the Nyquist frequency.
    zeros.resize(analogue.poles.len(), Complex::real(-1.0));
    Zpk {
        zeros,
        poles: analogue.poles.iter().map(map).collect(),
        gain: analogue.gain * product(&analogue.zeros).div(product(&analogue.poles)).re,
    }
}

fn nearest(values: &[Complex], to: Complex) -> usize {
    let distance = |value: &Complex| value.sub(to).abs();
    let by_distance = |a: &usize, b: &usize| distance(&values[*a]).total_cmp(&distance(&values[*b]));
    (0..values.len()).min_by(by_distance).unwrap_or(0)
}

/// Removes the pole closest to the unit circle among those of a kind.
fn take_worst(poles: &mut Vec<Complex>, of_kind: fn(&Complex) -> bool) -> Option<Complex> {
    let distance = |at: &usize| (1.0 - poles[*at].abs()).abs();
    let candidates = (0..poles.len()).filter(|at| of_kind(&poles[*at]));
    let worst = candidates.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some(poles.remove(worst))
}

/// Pairs poles with their nearest zeros, the pole closest to the unit circle in the last
/// section, so that large resonances act on signals that are already small.
fn sections(zpk: Zpk) -> Vec<Section> {
    let n_sections = zpk.poles.len().div_ceil(2);
    let (mut zeros, mut poles) = (zpk.zeros, zpk.poles);
    if poles.len() % 2 == 1 {
        zeros.push(Complex::real(0.0));
        poles.push(Complex::real(0.0));
    }
    // Every zero here is real: +1, -1 or the padding at 0.
    zeros.sort_by(|a, b| a.re.total_cmp(&b.re));
    let mut poles: Vec<Complex> = poles
        .into_iter()
        .map(|pole| if pole.is_real() { Complex::real(pole.re) } else { pole })
        .filter(|pole| pole.im >= 0.0)
        .collect();
    poles.sort_by(|a, b| (a.im == 0.0).cmp(&(b.im == 0.0)).then(a.re.total_cmp(&b.re)));

    let mut out = Vec::with_capacity(n_sections);
    for _ in 0..n_sections {
        let first = take_worst(&mut poles, |_| true).unwrap_or(Complex::real(0.0));
        let second = if first.im == 0.0 {
            take_worst(&mut poles, |pole| pole.im == 0.0).unwrap_or(Complex::real(0.0))
        } else {
            first.conj()
        };
        let zero_1 = zeros.remove(nearest(&zeros, first));
        let zero_2 = zeros.remove(nearest(&zeros, first));
        out.push(Section {
            b: [1.0, -(zero_1.re + zero_2.re), zero_1.re * zero_2.re],
            a: [-(first.re + second.re), first.mul(second).re],
        });
    }
    out.reverse();
    for coefficient in &mut out[0].b {
        *coefficient *= zpk.gain;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `golden/filters.py`: `SciPy`'s own coefficients.
    const GOLDEN: &str = include_str!("../../golden/butterworth.json");

    #[derive(serde::Deserialize)]
    struct Case {
        order: usize,
        kind: String,
        cutoffs_hz: Vec<f64>,
        sampling_frequency_hz: f64,
        sos: Vec<[f64; 6]>,
    }

    #[test]
    fn coefficients_are_those_of_scipy() {
        let cases: Vec<Case> = serde_json::from_str(GOLDEN).expect("golden file");
        assert!(cases.len() > 20);
        for case in cases {
            let band = match case.kind.as_str() {
                "bandpass" => Band::BandPass { low_hz: case.cutoffs_hz[0], high_hz: case.cutoffs_hz[1] },
                "highpass" => Band::HighPass { low_hz: case.cutoffs_hz[0] },
                _ => Band::LowPass { high_hz: case.cutoffs_hz[0] },
            };
            let sections = design(case.order, band, case.sampling_frequency_hz);
            assert_eq!(sections.len(), case.sos.len());
            for (section, expected) in sections.iter().zip(&case.sos) {
                let got = [section.b[0], section.b[1], section.b[2], 1.0, section.a[0], section.a[1]];
                for (value, want) in got.iter().zip(expected) {
                    let close = (value - want).abs() <= 1e-10 * want.abs().max(1.0);
                    assert!(close, "{} order {}: {got:?} is not {expected:?}", case.kind, case.order);
                }
            }
        }
    }
}
