//! The spikes of a raster as one picture, made once and moved while somebody drags.

use std::rc::Rc;

use super::Spikes;
use super::order::Rows;
use super::sight::Sight;
use crate::ui::painter::{Painter, Tone};
use crate::ui::picture::Picture;

/// Opacity of a pixel with one spike, with two or three, and with more: enough for the eye.
const OPACITY: [u8; 5] = [0, 140, 204, 204, 255];
/// Rows of so many pixels have one free between them.
const GAP_FROM_PX: usize = 4;

/// A part of the raster in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    from_s: f64,
    to_s: f64,
    /// First row and end, counted from the top.
    rows: (f64, f64),
    px_per_s: f64,
    width: usize,
    height: usize,
}

/// The picture of the spikes in and around what is in sight.
pub struct Sheet {
    spikes: Rc<Spikes>,
    rows: Rc<Rows>,
    colour: String,
    area: Area,
    picture: Picture,
}

impl Sheet {
    /// Draws the spikes in sight between `x0` and `x1`, down to `bottom`: from the picture that is there,
    /// or from a new one, which reaches half as far again on both sides.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
    pub fn paint(
        known: &mut Option<Self>,
        p: &Painter,
        (spikes, rows): (&Rc<Spikes>, &Rc<Rows>),
        sight: Sight,
        (x0, x1, bottom): (f64, f64, f64),
    ) {
        let (width, height) = ((x1 - x0).max(1.0), bottom.max(1.0));
        let px_per_s = width / sight.span_s().max(1e-9);
        let colour = p.colour(Tone::Ink);
        let fits = known.as_ref().is_some_and(|sheet| {
            let is_same = Rc::ptr_eq(&sheet.spikes, spikes) && *sheet.rows == **rows && sheet.colour == colour;
            is_same && sheet.shows(sight, px_per_s, height as usize)
        });
        if !fits {
            let area = around(sight, px_per_s, height as usize);
            let picture = Picture::new(&opacity(spikes, rows, area), area.width, &colour);
            let (spikes, rows) = (Rc::clone(spikes), Rc::clone(rows));
            *known = picture.map(|picture| Self { spikes, rows, colour, area, picture });
        }
        if let Some(sheet) = known {
            let left = ((sight.times.0 - sheet.area.from_s) * px_per_s).round();
            let part = (left.max(0.0), 0.0, width.min(sheet.area.width as f64), height.floor());
            p.picture(&sheet.picture, part, (x0, 0.0, part.2, bottom));
        }
    }

    /// Whether what is in sight is a part of it.
    fn shows(&self, sight: Sight, px_per_s: f64, height: usize) -> bool {
        // A drag adds and subtracts times, which leaves their difference what it is but for rounding.
        let is_as_wide = (px_per_s / self.area.px_per_s - 1.0).abs() < 1e-6;
        let is_inside = sight.times.0 >= self.area.from_s - 1e-9 && sight.times.1 <= self.area.to_s + 1e-9;
        is_as_wide && is_inside && sight.rows == self.area.rows && height == self.area.height
    }
}

/// What is in sight, and half of that before and behind it as far as the recording goes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
fn around(sight: Sight, px_per_s: f64, height: usize) -> Area {
    let half_s = sight.span_s() / 2.0;
    let from_s = (sight.times.0 - half_s).max(0.0);
    let to_s = (sight.times.1 + half_s).min(sight.length_s).max(from_s);
    let width = (((to_s - from_s) * px_per_s).ceil() as usize).max(1);
    Area { from_s, to_s, rows: sight.rows, px_per_s, width, height }
}

/// Where a row lies, in rows of cells and in pixels from the top.
struct Lanes {
    /// The cell of each row of the raster; none out of sight.
    cells: Vec<Option<usize>>,
    /// Pixels of each cell.
    px: Vec<(usize, usize)>,
}

/// A cell for each row in sight, or one for each pixel where there are more rows than that.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows and pixels"
)]
fn lanes(n_rows: usize, (first, end): (f64, f64), height: usize) -> Lanes {
    let px_per_row = height as f64 / (end - first).max(1e-9);
    let px_of = |row: f64| ((row - first) * px_per_row).round().clamp(0.0, height as f64) as usize;
    let mut lanes = Lanes { cells: vec![None; n_rows], px: Vec::new() };
    for row in (first as usize)..(end.ceil() as usize).min(n_rows) {
        if px_per_row < 1.0 {
            let at = ((row as f64 + 0.5 - first) * px_per_row).clamp(0.0, height as f64 - 1.0) as usize;
            lanes.cells[row] = Some(at);
            continue;
        }
        let (top, below) = (px_of(row as f64), px_of(row as f64 + 1.0));
        let gap = usize::from(below - top >= GAP_FROM_PX);
        lanes.cells[row] = Some(lanes.px.len());
        lanes.px.push((top, below - gap));
    }
    if px_per_row < 1.0 {
        lanes.px = (0..height).map(|at| (at, at + 1)).collect();
    }
    lanes
}

/// The opacity of each pixel, row by row. A million spikes take as long as looking at each once.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
fn opacity(spikes: &Spikes, rows: &Rows, area: Area) -> Vec<u8> {
    let Area { from_s, to_s, px_per_s, width, height, .. } = area;
    let lanes = lanes(rows.n(), area.rows, height);
    let of_row = |channel: usize| rows.row(channel).and_then(|row| lanes.cells[row]);
    let of_channel: Vec<Option<usize>> = (0..rows.n()).map(of_row).collect();
    let mut counts = vec![0_u8; lanes.px.len() * width];
    for at in spikes.within(from_s, to_s) {
        let Some(Some(cell)) = of_channel.get(spikes.channels[at] as usize) else { continue };
        let x = ((spikes.times_s[at] - from_s) * px_per_s) as usize;
        let count = &mut counts[cell * width + x.min(width - 1)];
        *count = count.saturating_add(1);
    }
    let mut opacity = vec![0; width * height];
    for (counts, (top, below)) in counts.chunks(width).zip(&lanes.px) {
        let line: Vec<u8> = counts.iter().map(|count| OPACITY[usize::from(*count).min(OPACITY.len() - 1)]).collect();
        for y in *top..*below {
            opacity[y * width..(y + 1) * width].copy_from_slice(&line);
        }
    }
    opacity
}

#[cfg(test)]
mod tests {
    use super::super::order::{Facts, Order};
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    fn rows(n_channels: usize, rates_hz: &[Option<f64>]) -> Rows {
        let spec = SimulationSpec { n_channels, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        Facts { info: &info, rates_hz, latencies_ms: Err("") }.rows(Order::Rate)
    }

    fn spikes(of: &[(f64, u32)]) -> Spikes {
        Spikes {
            times_s: of.iter().map(|(time, _)| *time).collect(),
            channels: of.iter().map(|(_, channel)| *channel).collect(),
            amplitudes_uv: vec![-50.0; of.len()],
        }
    }

    #[test]
    fn a_spike_lies_at_its_time_in_the_row_of_its_channel() {
        let spikes = spikes(&[(0.0, 0), (1.0, 1), (1.2, 1), (3.9, 0), (9.0, 0)]);
        // Channel 1 fires more, so its row is the first.
        let rows = rows(2, &[Some(1.0), Some(2.0)]);
        let area = Area { from_s: 0.0, to_s: 4.0, rows: (0.0, 2.0), px_per_s: 1.0, width: 4, height: 4 };
        assert_eq!(opacity(&spikes, &rows, area), [0, 204, 0, 0, 0, 204, 0, 0, 140, 0, 0, 140, 140, 0, 0, 140]);
        // Of rows that are zoomed only those in sight.
        let zoomed = Area { rows: (1.0, 2.0), height: 2, ..area };
        assert_eq!(opacity(&spikes, &rows, zoomed), [140, 0, 0, 140, 140, 0, 0, 140]);
    }

    #[test]
    fn rows_are_set_apart_where_there_is_room_and_share_pixels_where_there_is_none() {
        let Lanes { cells, px } = lanes(3, (0.0, 2.0), 10);
        assert_eq!((cells, px), (vec![Some(0), Some(1), None], vec![(0, 4), (5, 9)]));
        let Lanes { cells, px } = lanes(8, (0.0, 8.0), 2);
        assert_eq!((cells[..5].to_vec(), px), ([0, 0, 0, 0, 1].map(Some).to_vec(), vec![(0, 1), (1, 2)]));
        let Lanes { cells, px } = lanes(4, (0.5, 2.5), 8);
        assert_eq!((cells, px), (vec![Some(0), Some(1), Some(2), None], vec![(0, 2), (2, 5), (6, 8)]));
    }

    #[test]
    fn the_picture_reaches_around_what_is_in_sight() {
        let area = |times| around(Sight::new(Some(times), None, 100.0, 10), 10.0, 50);
        assert_eq!((area((40.0, 60.0)).from_s, area((40.0, 60.0)).to_s, area((40.0, 60.0)).width), (30.0, 70.0, 400));
        assert_eq!((area((0.0, 60.0)).from_s, area((0.0, 60.0)).to_s), (0.0, 90.0));
    }
}
