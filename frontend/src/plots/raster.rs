//! Spikes over time and channels, and the population rate.

use std::rc::Rc;

use super::axes;
use crate::ui::canvas::Draw;
use crate::ui::painter::Tone;

/// Spikes of one segment, sorted by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spikes {
    /// Seconds from the segment's start.
    pub times_s: Vec<f64>,
    /// Channel of each.
    pub channels: Vec<u32>,
    /// Amplitude of each in microvolts.
    pub amplitudes_uv: Vec<f32>,
}

impl Spikes {
    /// Indices of the spikes within a time.
    #[must_use]
    pub fn within(&self, from_s: f64, to_s: f64) -> std::ops::Range<usize> {
        self.times_s.partition_point(|time| *time < from_s)..self.times_s.partition_point(|time| *time <= to_s)
    }

    /// Times of one channel.
    pub fn of(&self, channel: usize) -> impl Iterator<Item = (f64, f32)> + '_ {
        let all = self.times_s.iter().zip(&self.channels).zip(&self.amplitudes_uv);
        all.filter(move |((_, at), _)| **at as usize == channel).map(|((time, _), amplitude)| (*time, *amplitude))
    }
}

/// Draws the raster; where marks would overlap, cells of pixels get darker with their number,
/// so that millions of spikes take as long as thousands.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
pub fn draw(spikes: Rc<Spikes>, n_channels: usize, from_s: f64, to_s: f64, chosen: Option<usize>) -> Draw {
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        let row = bottom / n_channels.max(1) as f64;
        let (columns, rows) = ((x1 - x0).max(1.0) as usize, (bottom as usize).min(n_channels).max(1));
        let mut cells = vec![0_u16; columns * rows];
        let span = (to_s - from_s).max(1e-9);
        for at in spikes.within(from_s, to_s) {
            let x = ((spikes.times_s[at] - from_s) / span * columns as f64) as usize;
            let y = spikes.channels[at] as usize * rows / n_channels.max(1);
            if let Some(cell) = cells.get_mut(y.min(rows - 1) * columns + x.min(columns - 1)) {
                *cell = cell.saturating_add(1);
            }
        }
        if let Some(chosen) = chosen {
            p.tone(Tone::Accent);
            p.alpha(0.15);
            p.rect(0.0, chosen as f64 * row - 1.0, p.width, row.max(2.0) + 2.0);
            p.alpha(1.0);
        }
        let cell_height = bottom / rows as f64;
        p.tone(Tone::Ink);
        // Three strengths are enough for the eye, and let each be drawn in one go.
        for (from, to, alpha) in [(1, 1, 0.55), (2, 3, 0.8), (4, u16::MAX, 1.0)] {
            p.alpha(alpha);
            for (at, count) in cells.iter().enumerate() {
                if (from..=to).contains(count) {
                    let (x, y) = ((at % columns) as f64, (at / columns) as f64);
                    p.rect(x0 + x, y * cell_height, 1.2, (cell_height * 0.9).max(1.0));
                }
            }
        }
        p.alpha(1.0);
        p.tone(Tone::Soft);
        p.text("1", x0 - 6.0, 8.0, "right");
        p.text(&n_channels.to_string(), x0 - 6.0, bottom - 8.0, "right");
        p.text("channel", 2.0, bottom / 2.0, "left");
        axes::time(p, x0, x1, from_s, to_s);
    })
}

/// Spikes per second of all channels in bins of the window.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins")]
pub fn population_rate(spikes: &Spikes, from_s: f64, to_s: f64, n_bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; n_bins];
    let span = (to_s - from_s).max(1e-9);
    for at in spikes.within(from_s, to_s) {
        let bin = ((spikes.times_s[at] - from_s) / span * n_bins as f64) as usize;
        counts[bin.min(n_bins - 1)] += 1.0;
    }
    counts.iter().map(|count| count / (span / n_bins as f64)).collect()
}

/// Draws a rate over time as an area, marking a window in it.
#[expect(clippy::cast_precision_loss, reason = "bins")]
pub fn rate(rates: Vec<f64>, from_s: f64, to_s: f64, marked: Option<(f64, f64)>) -> Draw {
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        let largest = rates.iter().copied().fold(0.0, f64::max);
        let max = largest.max(1e-9);
        axes::value(p, p.width, (4.0, bottom), largest, "Hz");
        p.tone(Tone::Accent);
        let width = (x1 - x0) / rates.len().max(1) as f64;
        for (bin, rate) in rates.iter().enumerate() {
            let height = rate / max * (bottom - 4.0);
            p.rect(x0 + bin as f64 * width, bottom - height, width.max(1.0), height);
        }
        if let Some((from, to)) = marked {
            let x_of = |s: f64| x0 + (s - from_s) / (to_s - from_s).max(1e-9) * (x1 - x0);
            axes::frame(p, (x_of(from), x_of(to)), bottom);
        }
        axes::time(p, x0, x1, from_s, to_s);
    })
}
