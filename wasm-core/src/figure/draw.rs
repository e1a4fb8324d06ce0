//! From a figure to strokes: margins, ticks and marks, the same on every surface.

use ndarray::Array2;

use super::{Axis, Edge, Figure, Layer, series, wells};
use crate::decimals::trimmed;

/// Colours by what they stand for; a surface decides how they look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ink {
    /// Text and axes.
    Text,
    /// Lesser text.
    Soft,
    /// Grid.
    Grid,
    /// Marks.
    Mark,
    /// Limits and stretches that matter.
    Accent,
    /// One of several curves, from 0; beyond the last colour they begin again.
    Series(u8),
    /// A value from 0 to 1, see [`viridis`].
    Value(f64),
}

/// A surface to draw on; places are in pixels from the top left corner.
pub trait Surface {
    /// A line through points.
    fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64);
    /// A filled rectangle: its corner, its size, and how much of what lies behind it is hidden.
    fn rect(&mut self, corner: (f64, f64), size: (f64, f64), ink: Ink, opacity: f64);
    /// A filled disc.
    fn disc(&mut self, centre: (f64, f64), radius: f64, ink: Ink);
    /// Text whose middle line is at the place; `anchor` is `start`, `middle` or `end`.
    fn text(&mut self, text: &str, at: (f64, f64), anchor: &'static str, ink: Ink);
}

/// Space around the marks: left, right, top, bottom.
const MARGINS: (f64, f64, f64, f64) = (52.0, 26.0, 22.0, 34.0);

/// Wanted distance of two ticks.
const TICK_PX: f64 = 70.0;

/// The box of the marks, and its axes.
pub(super) struct Frame<'a> {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    x: &'a Axis,
    y: &'a Axis,
}

/// The share of the way from one end of an axis to the other.
fn share(axis: &Axis, value: f64) -> f64 {
    let scale = |value: f64| if axis.is_log { libm::log10(value) } else { value };
    let (from, to) = (scale(axis.range.0), scale(axis.range.1));
    let share = (scale(value) - from) / (to - from);
    if share.is_finite() { share } else { 0.5 }
}

impl<'a> Frame<'a> {
    /// That of a figure on a surface of this size.
    fn of(figure: &'a Figure, (width, height): (f64, f64)) -> Self {
        let (left, right, top, bottom) = MARGINS;
        let mut frame = Self {
            left,
            right: (width - right).max(left + 1.0),
            top,
            bottom: (height - bottom).max(top + 1.0),
            x: &figure.x,
            y: &figure.y,
        };
        if figure.layers.iter().any(|layer| matches!(layer, Layer::Map { .. } | Layer::Wells { .. })) {
            frame.right -= SCALE_PX;
            frame.keep_one_scale();
        }
        frame
    }
}

impl Frame<'_> {
    pub(super) fn x(&self, value: f64) -> f64 {
        self.left + share(self.x, value).clamp(0.0, 1.0) * (self.right - self.left)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - share(self.y, value).clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// Makes the box narrower or lower, so that a step of x is as long as a step of y.
    fn keep_one_scale(&mut self) {
        let steps = |axis: &Axis| (axis.range.1 - axis.range.0).abs().max(1e-9);
        let (width, height) = (self.right - self.left, self.bottom - self.top);
        let pixels = (width / steps(self.x)).min(height / steps(self.y));
        let (right, bottom) = (self.left + pixels * steps(self.x), self.top + pixels * steps(self.y));
        // Axes without an end have no scale.
        if right.is_finite() && bottom.is_finite() {
            (self.right, self.bottom) = (right, bottom);
        }
    }
}

/// Where a place of a figure lies on a surface of this size, in pixels from the top left corner.
#[must_use]
pub fn px_at(figure: &Figure, size: (f64, f64), (x, y): (f64, f64)) -> (f64, f64) {
    let frame = Frame::of(figure, size);
    (frame.x(x), frame.y(y))
}

/// Centre and radius, in pixels, of the disc of a well at this place of a figure of wells.
#[must_use]
pub fn disc_of_well(figure: &Figure, size: (f64, f64), (x, y): (f64, f64)) -> ((f64, f64), f64) {
    let frame = Frame::of(figure, size);
    let discs = wells::Discs::at(x, &frame);
    ((frame.x(x), frame.y(y) - discs.above), discs.radius)
}

/// Draws a figure.
pub fn draw(figure: &Figure, (width, height): (f64, f64), surface: &mut dyn Surface) {
    let frame = Frame::of(figure, (width, height));
    // Cells are square, so a matrix may end before the frame does.
    let matrix = figure.layers.iter().find_map(|layer| match layer {
        Layer::Matrix { values, .. } => Some(frame.left + width_of(values, &frame)),
        _ => None,
    });
    let has = |is_it: fn(&Layer) -> bool| figure.layers.iter().any(is_it);
    // Wells, steps with names and places that are made up need no numbers.
    if matrix.is_none() && !figure.has_unknown_places() && !has(|layer| matches!(layer, Layer::Wells { .. })) {
        ticks(&frame, has(|layer| matches!(layer, Layer::Names { .. })), surface);
    }
    for layer in &figure.layers {
        marks(layer, &frame, surface);
    }
    series::names(&figure.layers, &frame, surface);
    surface.text(
        &figure.x.title(),
        (f64::midpoint(frame.left, matrix.unwrap_or(frame.right)), height - 8.0),
        "middle",
        Ink::Soft,
    );
    surface.text(&figure.y.title(), (4.0, 6.0), "start", Ink::Soft);
}

/// Ticks of both axes with a pale grid.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few ticks")]
fn ticks(frame: &Frame<'_>, has_names: bool, surface: &mut dyn Surface) {
    let n = |pixels: f64| (pixels / TICK_PX).clamp(2.0, 10.0) as usize;
    let along_x = if has_names { Vec::new() } else { places(frame.x, n(frame.right - frame.left)) };
    for value in along_x {
        let x = frame.x(value);
        surface.line(&[(x, frame.top), (x, frame.bottom)], Ink::Grid, 1.0);
        surface.text(&label(value), (x, frame.bottom + 10.0), "middle", Ink::Soft);
    }
    for value in places(frame.y, n((frame.bottom - frame.top) * 1.5)) {
        let y = frame.y(value);
        surface.line(&[(frame.left, y), (frame.right, y)], Ink::Grid, 1.0);
        surface.text(&label(value), (frame.left - 6.0, y), "end", Ink::Soft);
    }
}

/// Steps from zero to the first tick that are counted.
const MAX_STEPS: f64 = 1e15;

/// Decades from which on a logarithmic axis has the powers of ten alone.
const MANY_DECADES: f64 = 2.0;

/// Round values within an axis, at least two where it has a length: about `n`, or the powers of ten.
#[expect(clippy::cast_possible_truncation, reason = "a few decades")]
fn places(axis: &Axis, n: usize) -> Vec<f64> {
    // An axis may run the other way.
    let (from, to) = if axis.range.1 < axis.range.0 { (axis.range.1, axis.range.0) } else { axis.range };
    let only = |value: f64| Some(value).filter(|value| value.is_finite()).into_iter().collect();
    // Ends of which the difference is no number are no axis either.
    if !(to > from) || !(to - from).is_finite() || (axis.is_log && from <= 0.0) {
        return only(from);
    }
    if axis.is_log {
        let (low, high) = (libm::log10(from), libm::log10(to));
        let rounds: &[f64] = if high - low < MANY_DECADES { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let decades = libm::floor(low) as i32..=libm::floor(high + 1e-9) as i32;
        let round = |decade: i32| rounds.iter().map(move |round| round * libm::pow(10.0, f64::from(decade)));
        let is_inside = |value: &f64| *value >= from * (1.0 - 1e-9) && *value <= to * (1.0 + 1e-9);
        let found: Vec<f64> = decades.flat_map(round).filter(is_inside).filter(|value| value.is_finite()).collect();
        if found.len() > 1 {
            return found;
        }
    }
    let found = even_places((from, to), n);
    if found.is_empty() { only(from) } else { found }
}

/// About `n` multiples of a round step from one end to the other; none where steps are too small to be told apart.
#[expect(clippy::cast_precision_loss, reason = "a few ticks")]
fn even_places((from, to): (f64, f64), n: usize) -> Vec<f64> {
    let rough = (to - from) / n.max(1) as f64;
    let decade = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let steps = [10.0, 5.0, 2.0, 1.0, 0.5].map(|round| round * decade);
    // The last that is large enough, and smaller ones where that leaves a tick alone.
    let large = steps.iter().rposition(|step| *step >= rough).unwrap_or(0);
    let mut tried = steps.iter().skip(large).map(|step| multiples(*step, (from, to), n));
    tried.find(|found| found.len() > 1).unwrap_or_default()
}

/// Multiples of a step from one end to the other.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a few ticks")]
fn multiples(step: f64, (from, to): (f64, f64), n: usize) -> Vec<f64> {
    // So far from zero, steps are too small to be told apart.
    if !(step > 0.0) || !((from / step).abs() < MAX_STEPS) {
        return Vec::new();
    }
    let first = libm::ceil(from / step - 1e-9) as i64;
    (first..).map(|at| at as f64 * step).take_while(|value| *value <= to + step * 1e-9).take(2 * n + 2).collect()
}

/// A round number as it is read.
pub(super) fn label(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = if value != 0.0 && (value.abs() >= 1e6 || value.abs() < 1e-3) {
        let text = format!("{value:.2e}");
        // 1.00e6 is 1e6.
        text.replacen(".00e", "e", 1)
    } else {
        trimmed(value, 3)
    };
    text.replace('-', "−")
}

/// Whether a place is known.
pub(super) fn is_known((x, y): &(f64, f64)) -> bool {
    x.is_finite() && y.is_finite()
}

/// Draws the marks of a layer. A value that is not a number has no place and is not drawn.
fn marks(layer: &Layer, frame: &Frame<'_>, surface: &mut dyn Surface) {
    match layer {
        Layer::Bars { edges, heights } => {
            let are_known = |(sides, height): &(&[f64], &f64)| is_known(&(sides[0], sides[1])) && height.is_finite();
            for (sides, height) in edges.windows(2).zip(heights).filter(are_known) {
                let (from, to, top) = (frame.x(sides[0]), frame.x(sides[1]), frame.y(*height));
                if top < frame.bottom {
                    surface.rect((from, top), ((to - from - 0.5).max(0.5), frame.bottom - top), Ink::Mark, 1.0);
                }
            }
        }
        Layer::Line { points } => {
            // A line ends where a point is not known, and begins again behind it.
            for known in points.split(|point| !is_known(point)).filter(|known| !known.is_empty()) {
                let places: Vec<(f64, f64)> = known.iter().map(|(x, y)| (frame.x(*x), frame.y(*y))).collect();
                surface.line(&places, Ink::Mark, 1.5);
            }
        }
        Layer::Series { number, points, .. } => series::curve(points, *number, frame, surface),
        Layer::Points { points } => {
            for (x, y) in points.iter().filter(|point| is_known(point)) {
                surface.disc((frame.x(*x), frame.y(*y)), 2.5, Ink::Mark);
            }
        }
        Layer::Ticks { points } => {
            let (from, to) = frame.y.range;
            let next = if to < from { from - 1.0 } else { from + 1.0 };
            let half = (frame.y(from) - frame.y(next)).abs().max(1.0) / 2.0;
            for (x, y) in points.iter().filter(|point| is_known(point)) {
                let (x, y) = (frame.x(*x), frame.y(*y));
                surface.rect((x - 0.4, y - half), (0.8, 2.0 * half), Ink::Mark, 1.0);
            }
        }
        Layer::Map { points, values, range } => map(points, values, *range, frame, surface),
        Layer::Edges { edges } => {
            let are_known = |(from, to, weight): &&Edge| is_known(from) && is_known(to) && weight.is_finite();
            for ((ax, ay), (bx, by), weight) in edges.iter().filter(are_known) {
                let ends = [(frame.x(*ax), frame.y(*ay)), (frame.x(*bx), frame.y(*by))];
                surface.line(&ends, Ink::Mark, 0.4 + 2.6 * weight.clamp(0.0, 1.0));
            }
        }
        Layer::Spans { spans } => {
            for (from, to) in spans.iter().filter(|span| is_known(span)) {
                let (from, to) = (frame.x(*from), frame.x(*to));
                surface.rect((from, frame.top), ((to - from).max(1.0), frame.bottom - frame.top), Ink::Accent, 0.25);
            }
        }
        Layer::Limit { at } if !at.is_finite() => {}
        Layer::Limit { at } => {
            let x = frame.x(*at);
            surface.line(&[(x, frame.top), (x, frame.bottom)], Ink::Accent, 1.5);
        }
        Layer::Wells { names, places, values, range } => {
            wells::wells(wells::Wells { names, places, values }, *range, frame, surface);
            scale(*range, (frame.right + 12.0, frame.top, frame.bottom - frame.top), surface);
        }
        Layer::Names { names } => wells::names(names, frame, surface),
        Layer::Matrix { values, range, names, value } => {
            matrix(values, *range, (names.as_slice(), value.as_str()), frame, surface);
        }
    }
}

/// Room for the scale of colours beside a matrix.
const SCALE_PX: f64 = 46.0;

/// The side of a cell.
#[expect(clippy::cast_precision_loss, reason = "rows and columns")]
fn side_of(values: &Array2<f64>, frame: &Frame<'_>) -> f64 {
    let (n_rows, n_columns) = values.dim();
    let width = (frame.right - frame.left - SCALE_PX) / n_columns.max(1) as f64;
    width.min((frame.bottom - frame.top) / n_rows.max(1) as f64).max(0.1)
}

#[expect(clippy::cast_precision_loss, reason = "columns")]
fn width_of(values: &Array2<f64>, frame: &Frame<'_>) -> f64 {
    values.ncols() as f64 * side_of(values, frame)
}

/// Square cells, and a scale of colours beside them.
#[expect(clippy::cast_precision_loss, reason = "rows and columns")]
fn matrix(
    values: &Array2<f64>,
    (low, high): (f64, f64),
    (names, value): (&[String], &str),
    frame: &Frame<'_>,
    surface: &mut dyn Surface,
) {
    let side = side_of(values, frame);
    for ((row, column), value) in values.indexed_iter().filter(|(_, value)| value.is_finite()) {
        let corner = (frame.left + column as f64 * side, frame.top + row as f64 * side);
        // A hair wider, so that no ground shows between the cells.
        surface.rect(corner, (side + 0.3, side + 0.3), Ink::Value((value - low) / (high - low)), 1.0);
    }
    let height = (values.nrows() as f64 * side).max(40.0);
    let x = frame.left + width_of(values, frame) + 10.0;
    scale((low, high), (x, frame.top, height), surface);
    if !value.is_empty() {
        surface.text(value, (x, frame.top - 8.0), "start", Ink::Soft);
    }
    let n = names.len().min(values.nrows()).min(values.ncols());
    names_of_cells(names.get(..n).unwrap_or_default(), side, frame, surface);
}

/// Names of rows, and of columns, at most.
const MAX_NAMES: usize = 16;
/// Width of a letter and height of a line of text, about.
const LETTER_PX: f64 = 6.5;
const LINE_PX: f64 = 13.0;
/// Distance of a name from its row.
const GAP_PX: f64 = 6.0;

/// Names of the rows and columns of a matrix, at even steps, as many as there is room for.
#[expect(clippy::cast_precision_loss, reason = "rows and columns")]
fn names_of_cells(names: &[String], side: f64, frame: &Frame<'_>, surface: &mut dyn Surface) {
    let n_letters = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let width = n_letters as f64 * LETTER_PX;
    let bottom = frame.top + names.len() as f64 * side;
    for (at, name) in names.iter().enumerate().step_by(step_of(names.len(), (width + LETTER_PX) / side)) {
        let x = frame.left + (at as f64 + 0.5) * side;
        surface.text(name, (x, bottom + 10.0), "middle", Ink::Soft);
    }
    if width > frame.left - GAP_PX {
        return;
    }
    for (at, name) in names.iter().enumerate().step_by(step_of(names.len(), LINE_PX / side)) {
        let y = frame.top + (at as f64 + 0.5) * side;
        surface.text(name, (frame.left - GAP_PX, y), "end", Ink::Soft);
    }
}

/// Steps from one of `n` names to the next, where each needs the room of so many cells.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "rows and columns"
)]
fn step_of(n: usize, cells: f64) -> usize {
    libm::ceil((n as f64 / MAX_NAMES as f64).max(cells)).max(1.0) as usize
}

/// Discs whose colours are values, and their scale.
#[expect(clippy::cast_precision_loss, reason = "electrodes")]
fn map(
    points: &[(f64, f64)],
    values: &[Option<f64>],
    (low, high): (f64, f64),
    frame: &Frame<'_>,
    surface: &mut dyn Surface,
) {
    let area = (frame.right - frame.left) * (frame.bottom - frame.top) / points.len().max(1) as f64;
    let radius = (libm::sqrt(area) * 0.3).clamp(1.0, 9.0);
    for ((x, y), value) in points.iter().zip(values).filter(|(point, _)| is_known(point)) {
        let value = value.as_ref().filter(|value| value.is_finite());
        let (centre, part) = ((frame.x(*x), frame.y(*y)), |value: &f64| (value - low) / (high - low));
        surface.disc(centre, radius, value.map_or(Ink::Grid, |value| Ink::Value(part(value))));
    }
    scale((low, high), (frame.right + 12.0, frame.top, frame.bottom - frame.top), surface);
}

/// Draws the scale of colours.
fn scale((low, high): (f64, f64), (x, top, height): (f64, f64, f64), surface: &mut dyn Surface) {
    let steps = 32;
    for step in 0..steps {
        let part = height / f64::from(steps);
        let corner = (x, top + f64::from(step) * part);
        surface.rect(corner, (8.0, part + 0.3), Ink::Value(1.0 - f64::from(step) / f64::from(steps - 1)), 1.0);
    }
    surface.text(&label(high), (x + 12.0, top + 5.0), "start", Ink::Soft);
    surface.text(&label(low), (x + 12.0, top + height - 5.0), "start", Ink::Soft);
}

/// Viridis (van der Walt & Smith 2015), readable by colour-blind people and in grey: red, green and
/// blue from 0 to 255 of a value from 0 to 1; what is not a number, as a place between equal ends, has the middle.
#[must_use]
pub fn viridis(value: f64) -> [f64; 3] {
    const STOPS: [[f64; 3]; 6] = [
        [68.0, 1.0, 84.0],
        [65.0, 68.0, 135.0],
        [42.0, 120.0, 142.0],
        [34.0, 168.0, 132.0],
        [122.0, 209.0, 81.0],
        [253.0, 231.0, 37.0],
    ];
    let at = if value.is_nan() { 2.5 } else { value.clamp(0.0, 1.0) * 5.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 4")]
    let low = (at.floor() as usize).min(4);
    let part = at - at.floor().min(4.0);
    [0, 1, 2].map(|channel| STOPS[low][channel] + (STOPS[low + 1][channel] - STOPS[low][channel]) * part)
}

#[cfg(test)]
mod tests {
    use super::super::svg;
    use super::*;

    #[test]
    fn a_matrix_names_its_rows_and_columns_at_even_steps_and_its_scale() {
        let written = |n: usize, name: fn(usize) -> String| {
            let figure = Figure {
                id: "matrix".into(),
                title: "A matrix".into(),
                sentence: "All pairs.".into(),
                x: Axis::linear("Electrode", "", (0.0, 1.0)),
                y: Axis::linear("", "", (0.0, 1.0)),
                layers: vec![Layer::Matrix {
                    values: Array2::zeros((n, n)),
                    range: (0.0, 1.0),
                    names: (0..n).map(name).collect(),
                    value: "STTC".into(),
                }],
            };
            let text = svg(&figure, (720.0, 720.0), None);
            assert_eq!(text.matches(">STTC</text>").count(), 1, "{text}");
            text.matches(">E").count() - text.matches(">Electrode<").count()
        };
        // Both sides have all names of few, and every fourth of 64.
        assert_eq!((written(3, |at| format!("E{at}")), written(64, |at| format!("E{at}"))), (6, 32));
        // Left of the rows there is no room for long names.
        assert_eq!(written(3, |at| format!("Electrode number {at}")), 3);
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(places(&Axis::linear("", "", (0.0, 300.1)), 6), [0.0, 100.0, 200.0, 300.0]);
        assert_eq!(places(&Axis::log("", "", (1.0, 1e4)), 6), [1.0, 10.0, 100.0, 1000.0, 1e4]);
        assert_eq!(places(&Axis::linear("", "", (2.0, 2.0)), 6), [2.0]);
        assert_eq!(places(&Axis::linear("", "", (0.0, 3680.0)), 2), [0.0, 2000.0]);
        assert_eq!(places(&Axis::linear("", "", (f64::NAN, 2.0)), 6), [0.0; 0]);
        // A step of half the axis or more would leave one tick alone.
        assert_eq!(places(&Axis::linear("", "", (0.0, 0.49)), 2).len(), 3);
        assert_eq!(places(&Axis::linear("", "", (0.3, 0.9)), 2).len(), 3);
        // Few decades have more than their powers.
        assert_eq!(places(&Axis::log("", "", (5.0, 200.0)), 6), [5.0, 10.0, 20.0, 50.0, 100.0, 200.0]);
        assert_eq!(places(&Axis::log("", "", (1.5, 4.5)), 2), [2.0, 4.0]);
        assert_eq!([0.5, 100.0, 1e7, -2.0, -0.000_266_67].map(label), ["0.5", "100", "1e7", "−2", "−2.67e−4"]);
    }
}
