//! Power spectra on logarithmic axes.

use std::rc::Rc;

use super::axes;
use crate::ui::canvas::Draw;
use crate::ui::format::trimmed;
use crate::ui::painter::{Painter, Tone};

/// Decades below the largest density that are shown; filters reach further down, but nothing is to be seen there.
const DECADES: f64 = 8.0;

/// Density in µV²/Hz that is no more than rounding.
const LEAST: f32 = 1e-12;

/// Spectra of one channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectra {
    /// Frequencies in hertz.
    pub frequencies_hz: Vec<f32>,
    /// Density of the stored signal in µV²/Hz.
    pub raw: Vec<f32>,
    /// Density after filter and reference.
    pub filtered: Vec<f32>,
}

impl Spectra {
    /// The numbers, for saving.
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("frequency_hz,raw_uv2_per_hz,filtered_uv2_per_hz\n");
        for ((hz, raw), filtered) in self.frequencies_hz.iter().zip(&self.raw).zip(&self.filtered) {
            csv += &format!("{hz},{raw:e},{filtered:e}\n");
        }
        csv
    }

    /// Whether the signal does not change: there is nothing at any frequency above zero.
    fn has_no_power(&self) -> bool {
        self.raw.iter().skip(1).chain(self.filtered.iter().skip(1)).all(|density| *density <= LEAST)
    }

    /// A frequency with both densities.
    #[must_use]
    pub fn in_words(&self, at: usize) -> Option<String> {
        let (hz, raw, filtered) = (self.frequencies_hz.get(at)?, self.raw.get(at)?, self.filtered.get(at)?);
        Some(format!("{} Hz: stored {raw:.2e}, filtered {filtered:.2e} µV²/Hz", trimmed(f64::from(*hz), 2)))
    }
}

/// Draws both, the stored signal softly.
pub fn draw(spectra: Rc<Spectra>) -> Draw {
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        // Zero has no logarithm.
        let first = spectra.frequencies_hz.get(1).copied().unwrap_or(1.0);
        let last = spectra.frequencies_hz.last().copied().unwrap_or(10.0).max(first * 10.0);
        let (from, to) = (f64::from(first).log10(), f64::from(last).log10());
        let largest = spectra.raw.iter().chain(&spectra.filtered).skip(1).fold(LEAST, |max, value| max.max(*value));
        let top = f64::from(largest).log10() + 0.2;
        let x_of = |hz: f64| x0 + (hz.log10() - from) / (to - from) * (x1 - x0);
        let y_of = |density: f64| (top - density.max(1e-30).log10()) / DECADES * bottom;
        frame(p, (from, to), top, &x_of, &y_of);
        if spectra.has_no_power() {
            p.tone(Tone::Soft);
            p.text("no power to show: the signal does not change here", f64::midpoint(x0, x1), bottom / 2.0, "center");
            return;
        }
        for (density, tone, width) in [(&spectra.raw, Tone::Soft, 1.0), (&spectra.filtered, Tone::Accent, 1.5)] {
            p.tone(tone);
            p.pen(width);
            let points = spectra.frequencies_hz.iter().zip(density.iter()).skip(1);
            p.line(points.map(|(hz, density)| (x_of(f64::from(*hz)), y_of(f64::from(*density)).min(bottom))));
        }
    })
}

/// Powers of ten on both axes.
#[expect(clippy::cast_possible_truncation, reason = "a few decades")]
fn frame(p: &Painter, (from, to): (f64, f64), top: f64, x_of: &dyn Fn(f64) -> f64, y_of: &dyn Fn(f64) -> f64) {
    let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
    for decade in from.ceil() as i32..=to.floor() as i32 {
        let hz = 10_f64.powi(decade);
        p.tone(Tone::Line);
        p.segments([(x_of(hz), 0.0, x_of(hz), bottom)]);
        if x_of(hz) < x1 - 30.0 {
            p.tone(Tone::Soft);
            p.text(&trimmed(hz, 1), x_of(hz), bottom + 12.0, "center");
        }
    }
    let lowest = (top - DECADES).ceil() as i32;
    for decade in (lowest..=top.floor() as i32).filter(|decade| decade % 2 == 0) {
        let y = y_of(10_f64.powi(decade));
        p.tone(Tone::Line);
        p.segments([(x0, y, x1, y)]);
        p.tone(Tone::Soft);
        p.text(&format!("1e{decade}"), x0 - 6.0, y.max(16.0), "right");
    }
    p.tone(Tone::Soft);
    p.text("µV²/Hz", 2.0, 6.0, "left");
    p.text("Hz", x1, bottom + 12.0, "right");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_does_not_change_has_no_power() {
        let of = |raw: &[f32], filtered: &[f32]| {
            let frequencies_hz = vec![0.0, 10.0, 20.0];
            Spectra { frequencies_hz, raw: raw.to_vec(), filtered: filtered.to_vec() }.has_no_power()
        };
        assert!(of(&[0.0; 3], &[0.0; 3]) && of(&[7.0, 0.0, 0.0], &[0.0; 3]) && Spectra::default().has_no_power());
        assert!(!of(&[0.0, 1.0, 0.0], &[0.0; 3]) && !of(&[0.0; 3], &[0.0, 0.0, 1e-6]));
    }
}
