//! A notch: takes out one frequency, such as the mains.

use std::f64::consts::PI;

use super::sections::Section;

/// Designs a notch at `freq_hz` whose width at -3 dB is `freq_hz / quality`, as
/// `scipy.signal.iirnotch` does (Orfanidis, Introduction to Signal Processing, 1996, ch. 11).
/// `freq_hz` must lie strictly between 0 and half of `sampling_frequency_hz`.
#[must_use]
pub fn notch(freq_hz: f64, quality: f64, sampling_frequency_hz: f64) -> Section {
    let centre = 2.0 * PI * freq_hz / sampling_frequency_hz;
    let gain = 1.0 / (1.0 + libm::tan(centre / quality / 2.0));
    let middle = -2.0 * gain * libm::cos(centre);
    Section { b: [gain, middle, gain], a: [middle, 2.0 * gain - 1.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `golden/filters.py`: frequency, quality, rate, then `SciPy`'s `b` and `a`.
    const GOLDEN: &str = include_str!("../../golden/notch.json");

    #[test]
    fn coefficients_are_those_of_scipy() {
        let cases: Vec<[f64; 9]> = serde_json::from_str(GOLDEN).expect("golden file");
        assert!(cases.len() > 10);
        for [freq_hz, quality, rate_hz, b0, b1, b2, _, a1, a2] in cases {
            let section = notch(freq_hz, quality, rate_hz);
            for (got, want) in section.b.iter().chain(&section.a).zip([b0, b1, b2, a1, a2]) {
                assert!((got - want).abs() <= 1e-10, "{freq_hz} Hz, quality {quality}: {section:?}");
            }
        }
    }
}
