//! Paints a raster and the population rate below it.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::order::Rows;
use super::sheet::Sheet;
use super::sight::Sight;
use super::{Shade, Spikes};
use crate::plots::axes;
use crate::ui::canvas::Draw;
use crate::ui::painter::{Painter, Tone};

/// How dark a network burst is.
const SHADE: f64 = 0.18;
/// Rows lower than this have no room for a label each.
const LABEL_PX: f64 = 12.0;
/// Letters of a label, from its end, for which there is room.
const LETTERS: usize = 6;
/// The least size of what is marked.
const MARKED_PX: f64 = 6.0;

/// What a raster shows beside the spikes.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Times and rows in sight.
    pub sight: Sight,
    /// The order of the rows.
    pub rows: Rc<Rows>,
    /// What the axis of the rows says.
    pub axis: String,
    /// What channels are called where there is little room.
    pub labels: Rc<Vec<String>>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Stretches that are shaded.
    pub shades: Rc<Vec<Shade>>,
    /// The one that somebody looks at.
    pub marked: Option<Shade>,
}

/// Draws the raster; where marks would overlap, pixels get darker with their number, so that millions of
/// spikes take as long as thousands. `sheet` keeps the picture of the spikes from one drawing to the next.
pub fn draw(spikes: Rc<Spikes>, look: Look, sheet: Rc<RefCell<Option<Sheet>>>) -> Draw {
    Draw::new(move |p| {
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        let place = Place { sight: look.sight, x0, x1, bottom };
        p.clip(0.0, 0.0, p.width, bottom);
        let chosen = look.chosen.filter(|_| !p.is_paper);
        if let Some(row) = chosen.and_then(|chosen| look.rows.row(chosen)) {
            let (top, below) = place.rows(&(row..row + 1));
            p.tone(Tone::Accent);
            p.alpha(0.15);
            p.rect(0.0, top - 1.0, p.width, (below - top).max(2.0) + 2.0);
            p.alpha(1.0);
        }
        p.unclip();
        p.clip(x0, 0.0, x1 - x0, bottom);
        p.tone(Tone::Accent);
        p.alpha(SHADE);
        for shade in look.shades.iter().filter(|shade| place.is_in_sight(shade)) {
            let (x, y, width, height) = place.of(shade);
            p.rect(x, y, width, height);
        }
        p.alpha(1.0);
        Sheet::paint(&mut sheet.borrow_mut(), p, (&spikes, &look.rows), look.sight, (x0, x1, bottom));
        let marked = look.marked.as_ref().filter(|marked| !p.is_paper && place.is_in_sight(marked));
        if let Some(marked) = marked {
            let (x, y, width, height) = place.of(marked);
            p.tone(Tone::Spike);
            p.alpha(0.16);
            p.rect(x, y, width, height);
            p.alpha(1.0);
            p.pen(1.5);
            p.frame(x, y, width, height);
        }
        p.unclip();
        row_axis(p, &look, &place);
        axes::time(p, x0, x1, look.sight.times.0, look.sight.times.1);
    })
}

/// Where times and rows lie on the canvas.
struct Place {
    sight: Sight,
    x0: f64,
    x1: f64,
    bottom: f64,
}

impl Place {
    fn x(&self, time_s: f64) -> f64 {
        self.x0 + (time_s - self.sight.times.0) / self.sight.span_s().max(1e-9) * (self.x1 - self.x0)
    }

    /// Top and bottom of some rows.
    #[expect(clippy::cast_precision_loss, reason = "rows")]
    fn rows(&self, rows: &Range<usize>) -> (f64, f64) {
        let (first, end) = self.sight.rows;
        let y = |row: usize| (row as f64 - first) / (end - first).max(1e-9) * self.bottom;
        (y(rows.start), y(rows.end))
    }

    fn is_in_sight(&self, shade: &Shade) -> bool {
        shade.times.1 >= self.sight.times.0 && shade.times.0 <= self.sight.times.1
    }

    /// Corner and size of a stretch.
    fn of(&self, shade: &Shade) -> (f64, f64, f64, f64) {
        let (top, below) = shade.rows.as_ref().map_or((0.0, self.bottom), |rows| self.rows(rows));
        // One row of a thousand is lower than a line.
        let room = if shade.rows.is_some() { (MARKED_PX - (below - top)).max(0.0) / 2.0 } else { 0.0 };
        let (from, to) = (self.x(shade.times.0), self.x(shade.times.1));
        (from, top - room, (to - from).max(1.0), below - top + 2.0 * room)
    }
}

/// What the rows are: their order, wells, and the names of those for which there is room.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows")]
fn row_axis(p: &Painter, look: &Look, place: &Place) {
    let (first, end) = look.sight.rows;
    let (x, bottom) = (place.x0 - 4.0, place.bottom);
    p.tone(Tone::Soft);
    p.upright(&look.axis, 8.0, bottom / 2.0);
    p.clip(0.0, 0.0, p.width, bottom);
    if !look.rows.wells().is_empty() {
        p.pen(1.0);
        let mut free = f64::NEG_INFINITY;
        for (name, rows) in look.rows.wells() {
            let (top, below) = place.rows(rows);
            let middle = f64::midpoint(top.max(0.0), below.min(bottom));
            p.tone(Tone::Line);
            p.segments([(place.x0, top, place.x1, top)]);
            if below > 0.0 && top < bottom && middle - free >= LABEL_PX {
                p.tone(Tone::Soft);
                p.text(name, x, middle, "right");
                free = middle;
            }
        }
        p.unclip();
        return;
    }
    let shown = (first.ceil() as usize)..(end.floor() as usize);
    let is_roomy = bottom / (end - first).max(1e-9) >= LABEL_PX;
    let last = shown.end.saturating_sub(1);
    for row in shown.clone().filter(|row| is_roomy || *row == shown.start || *row == last) {
        let label = look.rows.channel(row).and_then(|channel| look.labels.get(channel));
        let label = label.map_or("", String::as_str);
        let start = label.char_indices().rev().nth(LETTERS - 1).map_or(0, |(at, _)| at);
        let y = (row as f64 + 0.5 - first) / (end - first).max(1e-9) * bottom;
        p.text(&label[start..], x, y.clamp(LABEL_PX / 2.0, (bottom - LABEL_PX / 2.0).max(LABEL_PX / 2.0)), "right");
    }
    p.unclip();
}

/// Draws a rate over time as an area, with some stretches shaded, marking a window in it.
#[expect(clippy::cast_precision_loss, reason = "bins")]
pub fn rate(rates: Rc<Vec<f64>>, sight: Sight, shades: Rc<Vec<Shade>>, marked: Option<(f64, f64)>) -> Draw {
    Draw::new(move |p| {
        let (from_s, to_s) = sight.times;
        let (x0, x1, bottom) = (axes::LEFT, p.width - axes::RIGHT, p.height - axes::BOTTOM);
        let largest = rates.iter().copied().fold(0.0, f64::max);
        let max = largest.max(1e-9);
        axes::value(p, p.width, (4.0, bottom), largest, ("Population rate", "Hz"));
        p.tone(Tone::Accent);
        let place = Place { sight, x0, x1, bottom };
        p.clip(x0, 0.0, x1 - x0, bottom);
        p.alpha(SHADE);
        for shade in shades.iter().filter(|shade| shade.rows.is_none() && place.is_in_sight(shade)) {
            let (x, y, width, height) = place.of(shade);
            p.rect(x, y, width, height);
        }
        p.alpha(1.0);
        p.unclip();
        let width = (x1 - x0) / rates.len().max(1) as f64;
        for (bin, rate) in rates.iter().enumerate() {
            let height = rate / max * (bottom - 4.0);
            p.rect(x0 + bin as f64 * width, bottom - height, width.max(1.0), height);
        }
        if let Some((from, to)) = marked.filter(|_| !p.is_paper) {
            axes::frame(p, (place.x(from), place.x(to)), bottom);
        }
        axes::time(p, x0, x1, from_s, to_s);
    })
}
