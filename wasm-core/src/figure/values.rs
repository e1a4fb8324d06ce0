//! The values of a figure one after another, in words: for those who go through them by keys.

use super::draw::label;
use super::{Axis, Figure, Layer};

impl Figure {
    /// How many values it shows, of all layers.
    #[must_use]
    pub fn n_values(&self) -> usize {
        self.layers.iter().map(count).sum()
    }

    /// One of them, layer after layer in the order in which they are drawn: `Interval 5 to 10 ms: Count 7`.
    /// None beyond the last.
    #[must_use]
    pub fn value_in_words(&self, at: usize) -> Option<String> {
        let mut at = at;
        for layer in &self.layers {
            let n = count(layer);
            if at < n {
                return self.words(layer, at);
            }
            at -= n;
        }
        None
    }

    fn words(&self, layer: &Layer, at: usize) -> Option<String> {
        let (x, y) = (&self.x, &self.y);
        let place = |(px, py): &(f64, f64)| format!("{}: {}", one(x, *px), one(y, *py));
        Some(match layer {
            Layer::Bars { edges, heights } => {
                format!("{}: {}", span(x, (*edges.get(at)?, *edges.get(at + 1)?)), one(y, *heights.get(at)?))
            }
            Layer::Line { points } | Layer::Points { points } | Layer::Ticks { points } => place(points.get(at)?),
            Layer::Series { name, points, .. } => format!("{name}, {}", place(points.get(at)?)),
            Layer::Map { points, values, .. } => {
                let (px, py) = points.get(at)?;
                let value = values.get(at).copied().flatten();
                let value = value.map_or_else(|| "no value".to_owned(), known);
                let spot = with_unit(&format!("At {} and {}", known(*px), known(*py)), &x.unit);
                if self.has_unknown_places() { value } else { spot + ": " + &value }
            }
            Layer::Wells { names, values, .. } => {
                let value = values.get(at).copied().flatten().map_or_else(|| "no value".to_owned(), known);
                format!("Well {}: {value}", names.get(at)?)
            }
            Layer::Names { names } => format!("Step {}: {}", at + 1, names.get(at)?),
            Layer::Edges { edges } => {
                let (from, to, weight) = edges.get(at)?;
                if self.has_unknown_places() {
                    return Some(format!("Weight {}", known(*weight)));
                }
                let end = |(px, py): &(f64, f64)| format!("{} and {}", known(*px), known(*py));
                format!("From {} to {}: weight {}", end(from), end(to), known(*weight))
            }
            Layer::Spans { spans } => format!("Marked: {}", span(x, *spans.get(at)?)),
            Layer::Limit { at } => format!("Marked: {}", one(x, *at)),
            Layer::Matrix { values, names, .. } => {
                let (row, column) = (at / values.ncols().max(1), at % values.ncols().max(1));
                let value = known(*values.get((row, column))?);
                match (names.get(row), names.get(column)) {
                    (Some(one), Some(other)) => format!("{one} and {other}: {value}"),
                    _ => format!("Row {}, column {}: {value}", row + 1, column + 1),
                }
            }
        })
    }
}

/// Values of a layer.
fn count(layer: &Layer) -> usize {
    match layer {
        Layer::Bars { heights, .. } => heights.len(),
        Layer::Line { points }
        | Layer::Series { points, .. }
        | Layer::Points { points }
        | Layer::Ticks { points }
        | Layer::Map { points, .. } => points.len(),
        Layer::Edges { edges } => edges.len(),
        Layer::Wells { names, .. } | Layer::Names { names } => names.len(),
        Layer::Spans { spans } => spans.len(),
        Layer::Limit { .. } => 1,
        Layer::Matrix { values, .. } => values.len(),
    }
}

/// A value of an axis with label and unit.
fn one(axis: &Axis, value: f64) -> String {
    with_unit(format!("{} {}", axis.label, known(value)).trim_start(), &axis.unit)
}

/// A stretch of an axis.
fn span(axis: &Axis, (from, to): (f64, f64)) -> String {
    with_unit(format!("{} {} to {}", axis.label, known(from), known(to)).trim_start(), &axis.unit)
}

fn with_unit(text: &str, unit: &str) -> String {
    if unit.is_empty() { text.to_owned() } else { format!("{text} {unit}") }
}

/// A number as axes have it.
fn known(value: f64) -> String {
    if value.is_finite() { label(value) } else { "no value".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_layer_is_told() {
        let figure = Figure {
            id: "all".into(),
            title: "All".into(),
            sentence: "All of them.".into(),
            x: Axis::linear("Interval", "ms", (0.0, 10.0)),
            y: Axis::linear("Count", "", (0.0, 9.0)),
            layers: vec![
                Layer::Spans { spans: vec![(1.0, 2.5)] },
                Layer::Bars { edges: vec![0.0, 5.0, 10.0], heights: vec![7.0, 0.0] },
                Layer::Line { points: vec![(1.0, f64::NAN)] },
                Layer::Series { name: "Active".into(), number: 0, points: vec![(2.0, 3.0)] },
                Layer::Map { points: vec![(17.5, 35.0), (0.0, 0.0)], values: vec![Some(4.0), None], range: (0.0, 4.0) },
                Layer::Edges { edges: vec![((1.0, 2.0), (3.0, 4.0), 0.5)] },
                Layer::Limit { at: 3.0 },
                Layer::Matrix {
                    values: ndarray::arr2(&[[0.5, f64::NAN]]),
                    range: (0.0, 1.0),
                    names: Vec::new(),
                    value: String::new(),
                },
                Layer::Matrix {
                    values: ndarray::arr2(&[[1.0, 0.25], [0.25, 1.0]]),
                    range: (0.0, 1.0),
                    names: ["E1", "E7"].map(str::to_owned).to_vec(),
                    value: "STTC".into(),
                },
            ],
        };
        let told: Vec<String> = (0..figure.n_values()).filter_map(|at| figure.value_in_words(at)).collect();
        let expected = [
            "Marked: Interval 1 to 2.5 ms",
            "Interval 0 to 5 ms: Count 7",
            "Interval 5 to 10 ms: Count 0",
            "Interval 1 ms: Count no value",
            "Active, Interval 2 ms: Count 3",
            "At 17.5 and 35 ms: 4",
            "At 0 and 0 ms: no value",
            "From 1 and 2 to 3 and 4: weight 0.5",
            "Marked: Interval 3 ms",
            "Row 1, column 1: 0.5",
            "Row 1, column 2: no value",
            "E1 and E1: 1",
            "E1 and E7: 0.25",
            "E7 and E1: 0.25",
            "E7 and E7: 1",
        ];
        assert_eq!(told, expected);
        assert_eq!(figure.value_in_words(told.len()), None);
    }
}
