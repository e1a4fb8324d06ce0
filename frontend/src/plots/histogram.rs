//! Histograms and waveforms.

use super::axes;
use crate::ui::canvas::Draw;
use crate::ui::format::{counted, nice_step, trimmed};
use crate::ui::painter::{Painter, Tone};

/// Counts of values in equal bins from `from` to `to`, both included.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins")]
pub fn counts(values: impl Iterator<Item = f64>, from: f64, to: f64, n_bins: usize) -> Vec<u32> {
    let mut counts = vec![0; n_bins];
    for value in values {
        if (from..=to).contains(&value) && n_bins > 0 {
            let bin = (value - from) / (to - from) * n_bins as f64;
            counts[(bin as usize).min(n_bins - 1)] += 1;
        }
    }
    counts
}

/// The bins one after another, in words: `−60 to −55 µV: 12 spikes`; `value` takes a place on the axis to what it
/// stands for.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "bins")]
pub fn in_words(
    counts: &[u32],
    (from, to): (f64, f64),
    (unit, thing): (&str, &str),
    value: fn(f64) -> f64,
    bin: usize,
) -> Option<String> {
    let edge = |at: usize| trimmed(value(from + at as f64 / counts.len() as f64 * (to - from)), 3);
    Some(format!("{} to {} {unit}: {}", edge(bin), edge(bin + 1), counted(u64::from(*counts.get(bin)?), thing)))
}

/// Draws counts of a thing, such as `spike`, along a quantity; `marks` are vertical lines at values of the axis.
#[expect(clippy::cast_precision_loss, reason = "bins")]
pub fn draw(
    counts: Vec<u32>,
    (from, to): (f64, f64),
    (unit, thing): (&'static str, &'static str),
    (quantity, logarithmic): (&'static str, bool),
    marks: Vec<f64>,
) -> Draw {
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        let max = f64::from(counts.iter().copied().max().unwrap_or(0)).max(1.0);
        axes::value(p, p.width, (6.0, bottom), max, (format!("Number of {thing}s").as_str(), ""));
        if counts.iter().all(|count| *count == 0) {
            p.tone(Tone::Soft);
            p.text(&format!("no {thing}s to show"), f64::midpoint(x0, x1), bottom / 2.0, "center");
        }
        p.tone(Tone::Accent);
        let width = (x1 - x0) / counts.len().max(1) as f64;
        for (bin, count) in counts.iter().enumerate() {
            let height = f64::from(*count) / max * (bottom - 6.0);
            p.rect(x0 + bin as f64 * width, bottom - height, (width - 0.5).max(0.6), height);
        }
        let x_of = |value: f64| x0 + (value - from) / (to - from) * (x1 - x0);
        p.tone(Tone::Spike);
        p.pen(1.5);
        p.segments(marks.iter().map(|mark| (x_of(*mark), 0.0, x_of(*mark), bottom)));
        labels(p, (from, to), &axes::title(quantity, unit), logarithmic, &x_of);
    })
}

fn labels(p: &Painter, (from, to): (f64, f64), title: &str, logarithmic: bool, x_of: &dyn Fn(f64) -> f64) {
    let step = if logarithmic { 1.0 } else { nice_step(to - from, 4.0) };
    let y = p.height - axes::BOTTOM + 12.0;
    p.tone(Tone::Soft);
    let mut tick = (from / step).ceil() * step;
    while tick <= to + 1e-9 {
        let text = if logarithmic { trimmed(10_f64.powf(tick), 3) } else { trimmed(tick, 2) };
        if x_of(tick) < p.width - axes::RIGHT - axes::room_of(title) {
            p.text(&text, x_of(tick), y, "center");
        }
        tick += step;
    }
    p.text(title, p.width - axes::RIGHT, y, "right");
}

/// What the axis of a waveform says.
const TIME_MS: &str = "Time (ms)";

/// Draws a mean waveform in microvolts; `before` frames lie before the peak.
#[expect(clippy::cast_precision_loss, reason = "a few dozen frames")]
pub fn waveform(mean_uv: Vec<f32>, before: usize, sampling_frequency_hz: f64) -> Draw {
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        let largest = f64::from(mean_uv.iter().fold(0.0_f32, |max, value| max.max(value.abs())));
        if largest == 0.0 {
            p.tone(Tone::Soft);
            p.text("no spikes to show", f64::midpoint(x0, x1), bottom / 2.0, "center");
            return;
        }
        let middle = bottom / 2.0;
        let y_of = |uv: f64| middle - uv / (largest * 1.15) * (bottom / 2.0);
        let step = nice_step(largest, 2.0);
        for tick in
            [-2.0, -1.0, 0.0, 1.0, 2.0].map(|tick| tick * step).into_iter().filter(|tick| tick.abs() <= largest * 1.1)
        {
            p.tone(Tone::Line);
            p.segments([(x0, y_of(tick), x1, y_of(tick))]);
            p.tone(Tone::Soft);
            p.text(&trimmed(tick, 1), x0 - 6.0, y_of(tick), "right");
        }
        p.upright("Amplitude (µV)", 8.0, middle);
        p.tone(Tone::Accent);
        p.pen(2.0);
        let x_of = |at: f64| x0 + at / (mean_uv.len().max(2) - 1) as f64 * (x1 - x0);
        p.line(mean_uv.iter().enumerate().map(|(at, uv)| (x_of(at as f64), y_of(f64::from(*uv)))));
        let ms = |at: f64| (at - before as f64) / sampling_frequency_hz * 1000.0;
        let y = bottom + 12.0;
        p.tone(Tone::Soft);
        let end_ms = ms(mean_uv.len() as f64 - 1.0);
        for tick in [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5] {
            let at = tick / 1000.0 * sampling_frequency_hz + before as f64;
            if tick <= end_ms && at >= 0.0 && x_of(at) < x1 - axes::room_of(TIME_MS) {
                p.text(&trimmed(tick, 1), x_of(at), y, "center");
            }
        }
        p.text(TIME_MS, x1, y, "right");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_count() {
        assert_eq!(counts([-1.0, 0.0, 0.9, 1.0, 3.9, 4.0, 4.1, f64::NAN].into_iter(), 0.0, 4.0, 4), [2, 1, 0, 2]);
        assert_eq!(counts([1.0].into_iter(), 0.0, 4.0, 0), Vec::<u32>::new());
        let told = |bin: usize| in_words(&[1, 20], (-10.0, 0.0), ("µV", "spike"), |uv| uv, bin);
        assert_eq!(told(0).as_deref(), Some("-10 to -5 µV: 1 spike"));
        assert_eq!((told(1).as_deref(), told(2)), (Some("-5 to 0 µV: 20 spikes"), None));
    }
}
