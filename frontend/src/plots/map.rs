//! Values on the electrode map.

use std::rc::Rc;

use wasm_core::csv::cell;
use wasm_core::recording::StreamInfo;

use crate::ui::canvas::{Draw, Input};
use crate::ui::format::trimmed;
use crate::ui::painter::{Painter, Tone, viridis};

/// Where electrodes are drawn: real positions, or a square grid in channel order; the wells
/// of a plate are squares beside each other, as on the plate where they have its names.
#[must_use]
pub fn positions(info: &StreamInfo) -> Vec<[f64; 2]> {
    if let Some(known) = &info.positions_um {
        return known.clone();
    }
    let groups = info.groups();
    let largest = groups.iter().map(Vec::len).max().unwrap_or(0);
    let (inner, outer) = (side(largest), side(groups.len()));
    let mut positions = vec![[0.0; 2]; info.n_channels];
    for (number, group) in groups.iter().enumerate() {
        let name = info.wells.as_ref().and_then(|wells| Some(wells.get(*group.first()?)?.as_str()));
        let [column, row] = name.and_then(place_of_well).unwrap_or([number % outer, number / outer]);
        for (at, channel) in group.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a grid")]
            let place = |well: usize, own: usize| (well * (inner + 1) + own) as f64;
            positions[*channel] = [place(column, at % inner), place(row, at / inner)];
        }
    }
    positions
}

/// Side of the square that holds so many.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a grid")]
fn side(n: usize) -> usize {
    (n as f64).sqrt().ceil().max(1.0) as usize
}

/// Column and row of a well such as `B3`.
fn place_of_well(name: &str) -> Option<[usize; 2]> {
    let (letter, number) = name.split_at_checked(1)?;
    let row = letter.bytes().next().filter(u8::is_ascii_uppercase)? - b'A';
    let column = number.parse::<usize>().ok().filter(|column| (1..=48).contains(column))? - 1;
    Some([column, usize::from(row)])
}

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
    let bounds = |axis: usize| {
        positions
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p[axis]), high.max(p[axis])))
    };
    let ((x0, x1), (y0, y1)) = (bounds(0), bounds(1));
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

/// Draws values (`None` for no value) with a colour scale from 0 to the largest.
pub fn draw(
    positions: Rc<Vec<[f64; 2]>>,
    values: Rc<Vec<Option<f64>>>,
    unit: &'static str,
    chosen: Option<usize>,
    visible: Vec<usize>,
) -> Draw {
    Draw::new(move |p| {
        let fit = fit(&positions, p.width, p.height);
        let max = values.iter().flatten().copied().fold(0.0, f64::max);
        for (position, value) in positions.iter().zip(values.iter()) {
            let (x, y) = fit.px(*position);
            match value {
                Some(value) if max > 0.0 => {
                    p.css(&viridis(value / max));
                    p.disc(x, y, fit.radius);
                }
                _ => {
                    p.tone(Tone::Line);
                    p.disc(x, y, fit.radius * 0.7);
                }
            }
        }
        p.tone(Tone::Soft);
        p.pen(1.0);
        for (x, y) in visible.iter().filter_map(|channel| positions.get(*channel)).map(|position| fit.px(*position)) {
            p.ring(x, y, fit.radius + 1.0);
        }
        if let Some(position) = chosen.and_then(|channel| positions.get(channel)) {
            let (x, y) = fit.px(*position);
            p.tone(Tone::Spike);
            p.pen(2.0);
            p.ring(x, y, fit.radius + 2.0);
        }
        legend(p, max, unit);
    })
}

fn legend(p: &Painter, max: f64, unit: &str) {
    let (x0, x1, y) = (40.0, p.width - 84.0, p.height - 16.0);
    for step in 0..60 {
        let share = f64::from(step) / 60.0;
        p.css(&viridis(share));
        p.rect(x0 + share * (x1 - x0), y, (x1 - x0) / 60.0 + 0.6, 8.0);
    }
    p.tone(Tone::Soft);
    p.text("0", x0 - 8.0, y + 4.0, "right");
    p.text(&format!("{} {unit}", trimmed(max, if max < 10.0 { 2 } else { 1 })), x1 + 8.0, y + 4.0, "left");
}

/// Channels, where their electrodes are as far as the recording tells, and a value of each.
#[must_use]
pub fn csv(info: &StreamInfo, column: &str, values: impl IntoIterator<Item = Option<f64>>) -> String {
    let mut csv = format!("channel_id,x_um,y_um,{column}\n");
    for (at, (id, value)) in info.channel_ids.iter().zip(values).enumerate() {
        let place = info.positions_um.as_ref().and_then(|known| known.get(at));
        let place = place.map_or(",".into(), |[x, y]| format!("{x},{y}"));
        let value = value.map_or_else(String::new, |value| format!("{value:.4}"));
        csv += &format!("{},{place},{value}\n", cell(id));
    }
    csv
}

/// The electrode that somebody chooses on a map of this size: by a click on it, or by an arrow key
/// beside the one that is chosen.
#[must_use]
pub fn chosen_by(
    positions: &[[f64; 2]],
    (width, height): (f64, f64),
    chosen: Option<usize>,
    input: &Input,
) -> Option<usize> {
    match input {
        Input::Click { x, y } => electrode_at(positions, width, height, *x, *y),
        Input::Key(key) => match chosen.and_then(|chosen| positions.get(chosen)) {
            Some(from) => beside(positions, *from, key),
            None => (!positions.is_empty()).then_some(0),
        },
        Input::Zoom { .. } | Input::Pan { .. } => None,
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
fn electrode_at(positions: &[[f64; 2]], width: f64, height: f64, x: f64, y: f64) -> Option<usize> {
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
    fn arrows_go_to_the_electrode_beside() {
        // Two rows of three, the lower one shifted.
        let positions = [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [3.0, 10.0], [13.0, 10.0], [23.0, 10.0]];
        let go = |from: usize, key: &str| chosen_by(&positions, (100.0, 100.0), Some(from), &Input::Key(key.into()));
        assert_eq!((go(0, "ArrowRight"), go(0, "ArrowLeft"), go(0, "ArrowDown")), (Some(1), None, Some(3)));
        assert_eq!((go(4, "ArrowUp"), go(5, "ArrowLeft"), go(5, "+")), (Some(1), Some(4), None));
        assert_eq!(chosen_by(&positions, (100.0, 100.0), None, &Input::Key("ArrowUp".into())), Some(0));
    }
}
