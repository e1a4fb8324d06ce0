//! Traces of some channels: min/max columns, thresholds and spikes.

use std::ops::Range;
use std::rc::Rc;

use super::axes;
use crate::ui::canvas::Draw;
use crate::ui::format::{nice_step, trimmed};
use crate::ui::painter::{Painter, Tone};

/// What a view of traces holds.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceData {
    /// Channels, top to bottom.
    pub channels: Vec<usize>,
    /// Labels of the channels.
    pub labels: Vec<String>,
    /// Columns of pixels.
    pub n_columns: usize,
    /// Smallest values in microvolts, `[channels, columns]`.
    pub min_uv: Vec<f32>,
    /// Largest values.
    pub max_uv: Vec<f32>,
    /// Spikes as (channel, time in seconds, amplitude).
    pub spikes: Vec<(u32, f64, f32)>,
    /// Thresholds of the channels shown; not drawn where there are none.
    pub thresholds_uv: Vec<Option<f32>>,
    /// Which sides of zero thresholds are on.
    pub threshold_signs: &'static [f32],
    /// Start of the data in seconds.
    pub from_s: f64,
    /// End of the data.
    pub to_s: f64,
}

impl TraceData {
    /// Takes the columns of a part of the window, of which there are `n_columns` in all.
    pub fn widen(&mut self, n_columns: usize, columns: Range<usize>, min_uv: &[f32], max_uv: &[f32]) {
        self.n_columns = n_columns;
        self.min_uv.resize(self.channels.len() * n_columns, f32::INFINITY);
        self.max_uv.resize(self.channels.len() * n_columns, f32::NEG_INFINITY);
        for (row, (min, max)) in
            min_uv.chunks(columns.len().max(1)).zip(max_uv.chunks(columns.len().max(1))).enumerate()
        {
            let place = row * n_columns + columns.start;
            for (known, value) in self.min_uv[place..].iter_mut().zip(min) {
                *known = known.min(*value);
            }
            for (known, value) in self.max_uv[place..].iter_mut().zip(max) {
                *known = known.max(*value);
            }
        }
    }

    /// What is known of another window, in so many columns.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "columns, of which those outside end at the edge"
    )]
    pub fn in_window(&self, from_s: f64, to_s: f64, n_columns: usize) -> Self {
        let mut moved =
            Self { from_s, to_s, spikes: Vec::new(), min_uv: Vec::new(), max_uv: Vec::new(), ..self.clone() };
        let own_s = (self.to_s - self.from_s) / self.n_columns.max(1) as f64;
        let column_s = (to_s - from_s) / n_columns.max(1) as f64;
        for column in 0..n_columns {
            let start_s = from_s + column as f64 * column_s;
            let at = |s: f64| (((s - self.from_s) / own_s).floor().max(0.0) as usize).min(self.n_columns);
            // Where columns are wider than those wanted, each stands for several.
            let (first, end) = (at(start_s), at(start_s + column_s));
            let known = if start_s < self.from_s { 0..0 } else { first..(end.max(first + 1)).min(self.n_columns) };
            let of = |values: &[f32], pick: fn(f32, f32) -> f32, none: f32| -> Vec<f32> {
                let rows = values.chunks(self.n_columns.max(1));
                rows.map(|row| row[known.clone()].iter().copied().fold(none, pick)).collect()
            };
            let (min, max) = (of(&self.min_uv, f32::min, f32::INFINITY), of(&self.max_uv, f32::max, f32::NEG_INFINITY));
            moved.widen(n_columns, column..column + 1, &min, &max);
        }
        moved
    }

    /// The middle of a row's values: half of the columns lie above it.
    pub fn centre_uv(&self, row: usize) -> f32 {
        let columns = row * self.n_columns..(row + 1) * self.n_columns;
        let extents = self.min_uv[columns.clone()].iter().zip(&self.max_uv[columns]);
        let known = extents.filter(|(low, high)| low.is_finite() && high.is_finite());
        let mut middles: Vec<f32> = known.map(|(low, high)| low.midpoint(*high)).collect();
        middles.sort_by(f32::total_cmp);
        middles.get(middles.len() / 2).copied().unwrap_or(0.0)
    }

    /// How far values lie from the middle of their row, at most.
    pub fn reach_uv(&self) -> f32 {
        let of_row = |row: usize| {
            let (columns, centre) = (row * self.n_columns..(row + 1) * self.n_columns, self.centre_uv(row));
            let values = self.min_uv[columns.clone()].iter().chain(&self.max_uv[columns]);
            values.filter(|value| value.is_finite()).fold(0.0_f32, |max, value| max.max((value - centre).abs()))
        };
        (0..self.channels.len()).map(of_row).fold(0.0, f32::max)
    }

    /// These columns where they are known, else those of `before`, which shows the same window.
    pub fn over(&self, before: &Self) -> Self {
        let mut shown = self.clone();
        let older = before.min_uv.iter().zip(&before.max_uv);
        for ((min, max), (older_min, older_max)) in shown.min_uv.iter_mut().zip(&mut shown.max_uv).zip(older) {
            if min > max {
                (*min, *max) = (*older_min, *older_max);
            }
        }
        shown
    }
}

/// How it is shown; may be ahead of the data while new data are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// Start of the window in seconds.
    pub from_s: f64,
    /// End of the window.
    pub to_s: f64,
    /// Microvolts that the height of a row stands for.
    pub row_uv: f64,
    /// Whether each row is drawn around the middle of its own values, as what was not filtered is.
    pub centred: bool,
    /// The chosen channel.
    pub chosen: Option<usize>,
}

/// Height of a row's label.
const LABEL_PX: f64 = 12.0;

/// An event of the window: start and end in seconds, and what it says.
pub type Mark = (f64, f64, String);

/// Letters of an event's text that are shown, and the room that one needs.
const MARK_LETTERS: usize = 24;
const LETTER_PX: f64 = 6.5;

/// Draws traces, and events over them.
pub fn draw(data: Rc<Option<TraceData>>, marks: Vec<Mark>, shown: Shown) -> Draw {
    Draw::new(move |p| {
        let (x0, x1) = (axes::LEFT, p.width - axes::TRACES_RIGHT);
        let bottom = p.height - axes::BOTTOM;
        if let Some(data) = &*data {
            p.clip(0.0, 0.0, p.width, bottom);
            rows(p, data, shown, x0, x1, bottom);
            events(p, &marks, shown, x0, x1, bottom);
            p.unclip();
        }
        axes::time(p, x0, x1, shown.from_s, shown.to_s);
        scale_bar(p, Option::as_ref(&data).map_or(1, |data| data.channels.len().max(1)), shown.row_uv, bottom);
    })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows and columns"
)]
fn rows(p: &Painter, data: &TraceData, shown: Shown, x0: f64, x1: f64, bottom: f64) {
    let row_height = bottom / data.channels.len().max(1) as f64;
    let px_per_uv = row_height / shown.row_uv;
    let span = (shown.to_s - shown.from_s).max(1e-9);
    let x_of = |s: f64| x0 + (s - shown.from_s) / span * (x1 - x0);
    let column_s = (data.to_s - data.from_s) / data.n_columns.max(1) as f64;
    let labels_every = (LABEL_PX / row_height).ceil().max(1.0) as usize;
    for (row, channel) in data.channels.iter().enumerate() {
        let middle = (row as f64 + 0.5) * row_height;
        let chosen = shown.chosen == Some(*channel);
        if chosen {
            p.tone(Tone::Accent);
            p.alpha(0.1);
            p.rect(0.0, row as f64 * row_height, p.width, row_height);
            p.alpha(1.0);
        }
        p.tone(if chosen { Tone::Accent } else { Tone::Soft });
        if row % labels_every == 0 || chosen {
            let label: String = data.labels[row].chars().rev().take(9).collect::<Vec<_>>().into_iter().rev().collect();
            // Where rows are low, those at the edges move inside.
            p.text(
                &label,
                x0 - 6.0,
                middle.clamp(LABEL_PX / 2.0, (bottom - LABEL_PX / 2.0).max(LABEL_PX / 2.0)),
                "right",
            );
        }
        if let Some(threshold) = data.thresholds_uv[row] {
            p.tone(Tone::Spike);
            p.alpha(0.45);
            for sign in data.threshold_signs {
                p.dashed(x0, x1, middle - f64::from(sign * threshold) * px_per_uv);
            }
            p.alpha(1.0);
        }
        let columns = row * data.n_columns..(row + 1) * data.n_columns;
        let extents = data.min_uv[columns.clone()].iter().zip(&data.max_uv[columns]);
        let centre_uv = if shown.centred { data.centre_uv(row) } else { 0.0 };
        p.clip(x0, 0.0, x1 - x0, bottom);
        p.tone(if chosen { Tone::Accent } else { Tone::Ink });
        p.pen(1.0);
        // Through all columns, low and high in turn: a line where columns are frames, a band else.
        let single = column_s / span * (x1 - x0) > 1.5;
        let points = extents.enumerate().flat_map(|(column, (low, high))| {
            let x = x_of(data.from_s + (column as f64 + 0.5) * column_s);
            let y = |uv: f32| middle - f64::from(uv - centre_uv) * px_per_uv;
            if single { [(x, y(*low)), (x, y(*high))] } else { [(x, y(*low)), (x, y(*high) - 0.6)] }
        });
        p.line(points);
        p.unclip();
    }
    p.tone(Tone::Spike);
    for (channel, time_s, amplitude) in &data.spikes {
        if let Some(row) = data.channels.iter().position(|shown| shown == &(*channel as usize)) {
            let y = (row as f64 + 0.5) * row_height - f64::from(*amplitude) * px_per_uv;
            let x = x_of(*time_s);
            if x >= x0 && x <= x1 {
                p.disc(x, y.clamp(row as f64 * row_height + 2.0, (row as f64 + 1.0) * row_height - 2.0), 2.6);
            }
        }
    }
}

/// Vertical lines with their texts at the top, shaded for as long as they lasted.
fn events(p: &Painter, marks: &[Mark], shown: Shown, x0: f64, x1: f64, bottom: f64) {
    let x_of = |s: f64| x0 + (s - shown.from_s) / (shown.to_s - shown.from_s).max(1e-9) * (x1 - x0);
    p.clip(x0, 0.0, x1 - x0, bottom);
    p.tone(Tone::Accent);
    p.pen(1.0);
    let mut free = f64::NEG_INFINITY;
    for (from_s, to_s, text) in marks {
        let (x, end) = (x_of(*from_s), x_of(*to_s));
        p.alpha(0.12);
        p.rect(x, 0.0, (end - x).max(0.0), bottom);
        p.alpha(0.8);
        p.segments([(x, 0.0, x, bottom)]);
        p.alpha(1.0);
        // The text of one that began before the window stands at its edge.
        let at = x.max(x0);
        if at >= free {
            let short: String = text.chars().take(MARK_LETTERS).collect();
            p.text(&short, at + 3.0, 8.0, "left");
            #[expect(clippy::cast_precision_loss, reason = "a few letters")]
            let width = (short.chars().count() + 2) as f64 * LETTER_PX;
            free = at + width;
        }
    }
    p.unclip();
}

/// A vertical bar of a round number of microvolts.
#[expect(clippy::cast_precision_loss, reason = "rows")]
fn scale_bar(p: &Painter, n_rows: usize, row_uv: f64, bottom: f64) {
    let px_per_uv = bottom / n_rows as f64 / row_uv;
    let uv = nice_step(70.0 / px_per_uv, 1.6);
    let (x, y) = (p.width - axes::TRACES_RIGHT + 8.0, bottom - 10.0);
    let label =
        if uv >= 1000.0 { format!("{} mV", trimmed(uv / 1000.0, 2)) } else { format!("{} µV", trimmed(uv, 2)) };
    p.tone(Tone::Ink);
    p.pen(2.0);
    p.segments([(x, y, x, y - uv * px_per_uv)]);
    p.pen(1.0);
    p.text(&label, x + 6.0, y - uv * px_per_uv / 2.0, "left");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One channel whose columns, of a second each, go from 0 to their number, and below.
    fn four_seconds() -> TraceData {
        TraceData {
            channels: vec![7],
            labels: vec!["7".into()],
            n_columns: 4,
            min_uv: vec![-0.0, -1.0, -2.0, -3.0],
            max_uv: vec![0.0, 1.0, 2.0, 3.0],
            spikes: Vec::new(),
            thresholds_uv: vec![None],
            threshold_signs: &[],
            from_s: 10.0,
            to_s: 14.0,
        }
    }

    #[test]
    fn what_is_known_is_shown_in_another_window() {
        let none = f32::NEG_INFINITY;
        for (from_s, to_s, n_columns, expected) in [
            (12.0, 16.0, 4, vec![2.0, 3.0, none, none]),
            (9.0, 11.0, 2, vec![none, 0.0]),
            (10.0, 14.0, 2, vec![1.0, 3.0]),
            (11.0, 13.0, 4, vec![1.0, 1.0, 2.0, 2.0]),
            (20.0, 21.0, 2, vec![none, none]),
        ] {
            let moved = four_seconds().in_window(from_s, to_s, n_columns);
            assert_eq!((moved.from_s, moved.to_s, moved.n_columns), (from_s, to_s, n_columns));
            assert_eq!(moved.max_uv, expected, "{from_s} to {to_s} s");
            assert!(moved.min_uv.iter().zip(expected).all(|(min, max)| *min == -max));
        }
    }

    #[test]
    fn rows_have_a_middle() {
        let mut data = four_seconds();
        data.min_uv.iter_mut().chain(&mut data.max_uv).for_each(|uv| *uv += 1e4);
        assert_eq!((data.centre_uv(0), data.reach_uv()), (1e4, 3.0));
        let none = TraceData { min_uv: vec![f32::INFINITY; 4], max_uv: vec![f32::NEG_INFINITY; 4], ..four_seconds() };
        assert_eq!((none.centre_uv(0), none.reach_uv()), (0.0, 0.0));
    }

    #[test]
    fn new_parts_cover_what_was_there() {
        let mut new = TraceData { min_uv: Vec::new(), max_uv: Vec::new(), ..four_seconds() };
        new.widen(4, 2..3, &[-9.0], &[9.0]);
        assert_eq!(new.over(&four_seconds()).max_uv, [0.0, 1.0, 9.0, 3.0]);
    }
}
