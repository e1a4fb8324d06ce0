//! Values on the electrode map.

mod layout;

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_core::csv::cell;
use wasm_core::recording::StreamInfo;

use crate::plots::axes::title;
use crate::ui::canvas::{Draw, Input};
use crate::ui::format::trimmed;
use crate::ui::painter::{Painter, Tone, viridis};
pub use layout::{Layout, place_of_well};

/// Said of a map whose places say nothing.
pub const MADE_UP: &str = "Positions are not in the file: electrodes in order of their number.";

/// Distance of the closest electrodes, as far as the first few dozen show it.
fn pitch(positions: &[[f64; 2]]) -> f64 {
    let nearest = positions.iter().take(64).flat_map(|a| positions.iter().map(|b| (a[0] - b[0]).hypot(a[1] - b[1])));
    nearest.filter(|distance| *distance > 0.0).fold(f64::INFINITY, f64::min)
}

/// Place of the positions on a canvas: centre and scale.
struct Fit {
    scale: f64,
    middle: [f64; 2],
    at: [f64; 2],
    radius: f64,
}

const LEGEND_PX: f64 = 30.0;
const MARGIN_PX: f64 = 18.0;

#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
fn fit(positions: &[[f64; 2]], width: f64, height: f64) -> Fit {
    let ([x0, y0], [x1, y1]) = layout::bounds(positions.iter().copied());
    let (w, h) = ((x1 - x0).max(1e-6), (y1 - y0).max(1e-6));
    // The largest disc and its ring fit beside the outermost electrodes.
    let (room_w, room_h) = (width - 2.0 * MARGIN_PX, height - LEGEND_PX - 2.0 * MARGIN_PX);
    let scale = (room_w / w).min(room_h / h).min(1e6);
    let area = (w * scale).max(12.0) * (h * scale).max(12.0);
    let radius = (area / positions.len().max(1) as f64).sqrt() * 0.42;
    Fit {
        scale,
        middle: [f64::midpoint(x0, x1), f64::midpoint(y0, y1)],
        at: [width / 2.0, (height - LEGEND_PX) / 2.0],
        radius: radius.min(0.46 * pitch(positions) * scale).clamp(1.2, 14.0),
    }
}

impl Fit {
    fn px(&self, position: [f64; 2]) -> (f64, f64) {
        (
            self.at[0] + (position[0] - self.middle[0]) * self.scale,
            self.at[1] + (position[1] - self.middle[1]) * self.scale,
        )
    }
}

/// The least value above 0, with which a scale may begin; 0 where there is none.
#[must_use]
pub fn lowest(values: &[Option<f64>]) -> f64 {
    let lowest = values.iter().flatten().copied().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
    if lowest.is_finite() { lowest } else { 0.0 }
}

/// Draws values of a quantity with a unit, and a colour scale from `low` to the largest. An electrode of value 0 is an
/// empty ring, one without a value a small dot.
pub fn draw(
    layout: Rc<Layout>,
    values: Rc<Vec<Option<f64>>>,
    (quantity, unit, low): (&'static str, &'static str, f64),
    chosen: Option<usize>,
    visible: Vec<usize>,
) -> Draw {
    Draw::new(move |p| {
        let fit = fit(&layout.positions, p.width, p.height);
        let max = values.iter().flatten().copied().fold(0.0, f64::max);
        p.pen(1.0);
        for (position, value) in layout.positions.iter().zip(values.iter()) {
            let (x, y) = fit.px(*position);
            match value {
                Some(value) if *value > 0.0 => {
                    // Where all are alike there is one colour, that of the largest.
                    p.css(&viridis(if max > low { (value - low) / (max - low) } else { 1.0 }));
                    p.disc(x, y, fit.radius);
                }
                Some(_) => {
                    p.tone(Tone::Soft);
                    p.ring(x, y, fit.radius * 0.8);
                }
                None => {
                    p.tone(Tone::Line);
                    p.disc(x, y, fit.radius * 0.7);
                }
            }
        }
        p.tone(Tone::Soft);
        let position = |channel: usize| layout.positions.get(channel).map(|position| fit.px(*position));
        for (x, y) in visible.iter().filter(|_| !p.is_paper).filter_map(|channel| position(*channel)) {
            p.ring(x, y, fit.radius + 1.0);
        }
        if let Some((x, y)) = chosen.filter(|_| !p.is_paper).and_then(position) {
            p.tone(Tone::Spike);
            p.pen(2.0);
            p.ring(x, y, fit.radius + 2.0);
        }
        names(p, &layout, &fit);
        legend(p, (low.min(max), max), (quantity, unit));
    })
}

/// Letters and numbers at the edges of a plate; names that are not a plate's stand at their wells.
fn names(p: &Painter, layout: &Layout, fit: &Fit) {
    let places: Option<Vec<_>> = layout.wells.iter().map(|well| place_of_well(&well.name)).collect();
    let middle = |well: &layout::Well| fit.px([0, 1].map(|axis| f64::midpoint(well.from[axis], well.to[axis])));
    let corner = |well: &layout::Well| {
        let (x, y) = fit.px(well.from);
        (x - fit.radius, y - fit.radius - 6.0)
    };
    p.tone(Tone::Soft);
    p.font(10.0);
    let Some(places) = places else {
        for well in &layout.wells {
            let (x, y) = corner(well);
            p.text(&well.name, x, y, "left");
        }
        p.font(11.0);
        return;
    };
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for (well, [column, row]) in layout.wells.iter().zip(places) {
        let (x, y) = middle(well);
        rows.insert(row, y);
        columns.insert(column, x);
    }
    let left = layout.wells.iter().map(|well| corner(well).0).fold(f64::INFINITY, f64::min);
    let top = layout.wells.iter().map(|well| corner(well).1).fold(f64::INFINITY, f64::min);
    for (row, y) in rows {
        let letter = char::from_u32(u32::from('A') + u32::try_from(row).unwrap_or(0)).unwrap_or('?');
        p.text(&letter.to_string(), left - 5.0, y, "right");
    }
    for (column, x) in columns {
        p.text(&(column + 1).to_string(), x, top, "center");
    }
    p.font(11.0);
}

fn legend(p: &Painter, (low, max): (f64, f64), (quantity, unit): (&str, &str)) {
    let (x0, x1, y) = (40.0, p.width - 84.0, p.height - 16.0);
    for step in 0..60 {
        let share = f64::from(step) / 60.0;
        p.css(&viridis(share));
        p.rect(x0 + share * (x1 - x0), y, (x1 - x0) / 60.0 + 0.6, 8.0);
    }
    p.tone(Tone::Soft);
    let digits = if max < 10.0 { 2 } else { 1 };
    p.text(&trimmed(low, digits), x0 - 8.0, y + 4.0, "right");
    p.text(&format!("{} {unit}", trimmed(max, digits)), x1 + 8.0, y + 4.0, "left");
    p.text(&title(quantity, unit), f64::midpoint(x0, x1), y - 7.0, "center");
}

/// Channels with their names, where their electrodes are as far as the recording tells, and a value
/// of each.
#[must_use]
pub fn csv(info: &StreamInfo, column: &str, values: impl IntoIterator<Item = Option<f64>>) -> String {
    let mut csv = format!("channel_id,channel_name,x_um,y_um,{column}\n");
    for (at, (id, value)) in info.channel_ids.iter().zip(values).enumerate() {
        let name = info.channel_names.as_ref().and_then(|names| names.get(at)).map_or("", String::as_str);
        let place = info.positions_um.as_ref().and_then(|known| known.get(at));
        let place = place.map_or(",".into(), |[x, y]| format!("{x},{y}"));
        let value = value.map_or_else(String::new, |value| value.to_string());
        csv += &format!("{},{},{place},{value}\n", cell(id), cell(name));
    }
    csv
}

/// The electrode that somebody chooses on a map of this size: by a click on it, or by an arrow key
/// beside the one that is chosen.
#[must_use]
pub fn chosen_by(positions: &[[f64; 2]], size: (f64, f64), chosen: Option<usize>, input: &Input) -> Option<usize> {
    match input {
        Input::Click { x, y } => electrode_at(positions, size, (*x, *y)),
        Input::Key(key) => match chosen.and_then(|chosen| positions.get(chosen)) {
            Some(from) => beside(positions, *from, key),
            None => (!positions.is_empty()).then_some(0),
        },
        Input::Zoom { .. } | Input::Rows { .. } | Input::Pan { .. } => None,
    }
}

/// The closest electrode in the direction of an arrow key, at most half a right angle off it.
fn beside(positions: &[[f64; 2]], from: [f64; 2], key: &str) -> Option<usize> {
    let [dx, dy] = match key {
        "ArrowLeft" => [-1.0, 0.0],
        "ArrowRight" => [1.0, 0.0],
        "ArrowUp" => [0.0, -1.0],
        "ArrowDown" => [0.0, 1.0],
        _ => return None,
    };
    let distance = |at: &usize| {
        let [x, y] = [positions[*at][0] - from[0], positions[*at][1] - from[1]];
        let (along, across) = (x * dx + y * dy, (x * dy - y * dx).abs());
        (along > 0.0 && across <= along).then(|| along.hypot(across))
    };
    let ahead = (0..positions.len()).filter_map(|at| Some((at, distance(&at)?)));
    ahead.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

/// The electrode under a place given in shares of a canvas of this size.
#[must_use]
pub fn electrode_at(positions: &[[f64; 2]], (width, height): (f64, f64), (x, y): (f64, f64)) -> Option<usize> {
    let fit = fit(positions, width, height);
    let distance = |at: &usize| {
        let (px, py) = fit.px(positions[*at]);
        (px - x * width).hypot(py - y * height)
    };
    let nearest = (0..positions.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(&nearest) < fit.radius * 2.5 + 6.0).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_begins_with_the_least_value_that_there_is() {
        assert!((lowest(&[Some(0.0), None, Some(4.5), Some(4.0)]) - 4.0).abs() < 1e-12);
        assert!(lowest(&[Some(0.0), None]).abs() < 1e-12 && lowest(&[]).abs() < 1e-12);
    }

    #[test]
    fn arrows_go_to_the_electrode_beside() {
        // Two rows of three, the lower one shifted.
        let positions = [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [3.0, 10.0], [13.0, 10.0], [23.0, 10.0]];
        let go = |from: usize, key: &str| chosen_by(&positions, (100.0, 100.0), Some(from), &Input::Key(key.into()));
        assert_eq!((go(0, "ArrowRight"), go(0, "ArrowLeft"), go(0, "ArrowDown")), (Some(1), None, Some(3)));
        assert_eq!((go(4, "ArrowUp"), go(5, "ArrowLeft"), go(5, "+")), (Some(1), Some(4), None));
        assert_eq!(chosen_by(&positions, (100.0, 100.0), None, &Input::Key("ArrowUp".into())), Some(0));
    }
}
