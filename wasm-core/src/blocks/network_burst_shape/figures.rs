//! The mean shape, and where network bursts come from.

use ndarray::Array2;

use super::{AFTER_MS, BEFORE_MS, Own};
use crate::analyses::{Shape, SpikeTrains};
use crate::figure::{Axis, Figure, Layer};

/// Cells of a map for each electrode at most; a map of fewer would be empty.
const MAX_CELLS: usize = 16;

/// How far an electrode may lie beside its place on a grid, in steps.
const OFF_GRID: f64 = 0.01;

/// The well of a culture in a sentence; nothing where there are no wells.
fn place(of: &SpikeTrains, own: &Own) -> String {
    let well = own.culture.first().map_or("", |channel| of.well(*channel));
    if well.is_empty() { String::new() } else { format!(" of well {well}") }
}

/// The mean rate around the onset.
pub fn shape(of: &SpikeTrains, own: &Own, shape: &Shape) -> Figure {
    let most = shape.points.iter().fold(0.0, |most: f64, (_, rate)| most.max(*rate));
    let place = place(of, own);
    let told = shape.measures().map_or_else(String::new, |found| {
        let width = found.half_width_ms.map_or_else(String::new, |width| format!(", {width:.0} ms wide at half of it"));
        format!(": {:.1} Hz at {:.0} ms{width}", found.peak_hz, found.peak_ms)
    });
    Figure {
        id: "shape".into(),
        title: format!("Mean network burst{place}"),
        sentence: format!("Rate of an active electrode around the onset of {} network bursts{told}.", shape.n_bursts),
        x: Axis::linear("Time from the onset", "ms", (-BEFORE_MS, AFTER_MS)),
        y: Axis::linear("Rate of an active electrode", "Hz", (0.0, if most > 0.0 { most } else { 1.0 })),
        layers: vec![Layer::Limit { at: 0.0 }, Layer::Line { points: shape.points.clone() }],
    }
}

/// Mean latency of each electrode where it lies; none where nobody knows where they lie.
pub fn map(of: &SpikeTrains, own: &Own) -> Option<Figure> {
    let positions = of.info().positions_um.as_ref()?;
    let at = |channel: usize| positions.get(channel).copied();
    let latencies: Vec<([f64; 2], f64)> =
        own.latencies_ms().filter_map(|(channel, ms)| Some((at(channel)?, ms))).collect();
    let all: Vec<[f64; 2]> = own.culture.iter().filter_map(|channel| at(*channel)).collect();
    if latencies.is_empty() {
        return None;
    }
    let place = place(of, own);
    let last = latencies.iter().map(|(_, ms)| *ms).fold(0.0, f64::max);
    let told = format!("{} electrodes{place}, the last of which joins after {last:.0} ms on average", latencies.len());
    Some(on_grid(&all, &latencies, last, &told).unwrap_or_else(|| as_points(&all, latencies, &told)))
}

/// A coloured cell for each electrode of a regular grid.
#[expect(clippy::cast_precision_loss, reason = "rows and columns")]
fn on_grid(all: &[[f64; 2]], latencies: &[([f64; 2], f64)], last: f64, told: &str) -> Option<Figure> {
    let columns = Grid::new(all.iter().map(|at| at[0]))?;
    let rows = Grid::new(all.iter().map(|at| at[1]))?;
    if columns.n.checked_mul(rows.n)? > MAX_CELLS * all.len() {
        return None;
    }
    let mut values = Array2::from_elem((rows.n, columns.n), f64::NAN);
    for (at, ms) in latencies {
        // As on the page, y grows downwards.
        values[(rows.place(at[1])?, columns.place(at[0])?)] = *ms;
    }
    Some(Figure {
        id: "map".into(),
        title: "When electrodes join (ms from the first)".into(),
        sentence: format!("Mean latency of {told}."),
        x: Axis::linear("Column", "", (0.0, columns.n as f64)),
        y: Axis::linear("Row", "", (0.0, rows.n as f64)),
        layers: vec![Layer::Matrix { values, range: (0.0, if last > 0.0 { last } else { 1.0 }) }],
    })
}

/// The quarter of the electrodes that join first, where they lie.
fn as_points(all: &[[f64; 2]], mut latencies: Vec<([f64; 2], f64)>, told: &str) -> Figure {
    latencies.sort_by(|one, other| one.1.total_cmp(&other.1));
    latencies.truncate(latencies.len().div_ceil(4));
    let range = |axis: usize| {
        let values = || all.iter().map(move |at| at[axis]);
        let (from, to) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        // Points lie within the frame, not on it.
        let edge = (0.05 * (to - from)).max(1.0);
        (from - edge, to + edge)
    };
    Figure {
        id: "map".into(),
        title: "The quarter of the electrodes that joins first".into(),
        sentence: format!("The {} that join first on average, of {told}.", latencies.len()),
        x: Axis::linear("x", "µm", range(0)),
        y: Axis::linear("y", "µm", range(1)),
        layers: vec![Layer::Points { points: latencies.iter().map(|([x, y], _)| (*x, *y)).collect() }],
    }
}

/// Equal steps along one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid {
    from: f64,
    step: f64,
    n: usize,
}

impl Grid {
    /// The steps on which all values lie; none where there are none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the last place, checked by the caller"
    )]
    fn new(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup_by(|one, other| (*one - *other).abs() < 1e-3);
        let (from, to) = (*sorted.first()?, *sorted.last()?);
        let steps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
        let step = steps.fold(f64::INFINITY, f64::min);
        // One row alone has no step.
        let step = if step.is_finite() { step } else { 1.0 };
        let grid = Self { from, step, n: (((to - from) / step).round() as usize).saturating_add(1) };
        sorted.iter().all(|value| grid.place(*value).is_some()).then_some(grid)
    }

    /// The place of a value; none beside the grid.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the grid")]
    fn place(&self, value: f64) -> Option<usize> {
        let steps = (value - self.from) / self.step;
        let is_on = (steps - steps.round()).abs() <= OFF_GRID;
        let place = steps.round().max(0.0) as usize;
        (is_on && place < self.n).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn electrodes_on_equal_steps_make_a_grid() {
        let grid = Grid::new([400.0, 200.0, 800.0, 400.0].into_iter()).expect("a grid");
        assert_eq!(grid, Grid { from: 200.0, step: 200.0, n: 4 });
        assert_eq!([200.0, 800.0, 300.0, 1000.0].map(|at| grid.place(at)), [Some(0), Some(3), None, None]);
        assert_eq!(Grid::new([7.0, 7.0].into_iter()).map(|grid| grid.n), Some(1));
        assert!(Grid::new([0.0, 10.0, 25.0].into_iter()).is_none() && Grid::new(std::iter::empty()).is_none());
    }

    #[test]
    fn a_map_is_a_matrix_on_a_grid_and_points_elsewhere() {
        let all = [[0.0, 0.0], [50.0, 0.0], [0.0, 50.0], [50.0, 50.0]];
        let latencies = vec![(all[1], 5.0), (all[2], 20.0)];
        let figure = on_grid(&all, &latencies, 20.0, "two").expect("a grid");
        let Layer::Matrix { values, range } = &figure.layers[0] else { panic!("no matrix") };
        assert_eq!((values[(0, 1)], values[(1, 0)], *range), (5.0, 20.0, (0.0, 20.0)));
        assert!(values[(0, 0)].is_nan());
        let scattered = [[0.0, 0.0], [50.0, 3.0], [11.0, 50.0], [50.0, 50.0]];
        assert!(on_grid(&scattered, &latencies, 20.0, "two").is_none());
        let figure = as_points(&scattered, latencies, "two");
        assert_eq!(figure.layers, [Layer::Points { points: vec![(50.0, 0.0)] }]);
    }
}
