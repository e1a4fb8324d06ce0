//! Figures as data: what is drawn, not how. The page paints a figure on a canvas, and page, command
//! line and cloud write the same figure as SVG, all through [`draw`].

mod csv;
mod draw;
#[cfg(test)]
mod hostile;
mod series;
mod svg;
mod values;
mod wells;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

pub use draw::{Ink, Surface, disc_of_well, draw, px_at, viridis};
pub use svg::{escaped, svg};

/// Largest coordinate of a place on a map, in its unit, that is believed.
const MAX_PLACE: f64 = 1e9;
/// The label of a map whose places are made up.
const UNKNOWN_PLACES: &str = "Place (positions are not known)";
/// The label of an axis along which wells lie, each a step.
pub const OVER_WELLS: &str = "Well, in the order of the table";

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Name in files, unique within its block.
    pub id: String,
    /// Title on screen.
    pub title: String,
    /// The figure in a sentence with numbers, for those who cannot see it.
    pub sentence: String,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// The layers that are drawn, the first at the back.
    pub layers: Vec<Layer>,
}

impl Figure {
    /// A map: places in `unit`, each with a value as a colour; without a unit the places are made up, and have no
    /// numbers. As on the page, y grows downwards. Places that are not numbers are left out, which the sentence then
    /// says.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number of places")]
    pub fn map(
        (id, title, mut sentence): (&str, String, String),
        (points, unit): (Vec<(f64, f64)>, &str),
        values: Vec<Option<f64>>,
        range: (f64, f64),
    ) -> Self {
        let n_all = points.len();
        let known = |((x, y), _): &((f64, f64), Option<f64>)| x.abs() <= MAX_PLACE && y.abs() <= MAX_PLACE;
        let (points, values): (Vec<_>, Vec<_>) = points.into_iter().zip(values).filter(known).unzip();
        if points.len() < n_all {
            sentence += &format!(" {} places are not known and not drawn.", n_all - points.len());
        }
        // Half the usual distance of two places, so that none lies on the edge.
        let ends = |place: fn(&(f64, f64)) -> f64| {
            let (low, high) = points
                .iter()
                .map(place)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
            let margin = (high - low) / libm::sqrt(points.len() as f64).max(1.0);
            let margin = if margin > 0.0 { margin } else { 1.0 };
            if points.is_empty() { (0.0, 1.0) } else { (low - margin, high + margin) }
        };
        let (x, y) = (ends(|place| place.0), ends(|place| place.1));
        let along = if unit.is_empty() { UNKNOWN_PLACES } else { "Place" };
        Self {
            id: id.to_owned(),
            title,
            sentence,
            x: Axis::linear(along, unit, x),
            y: Axis::linear("", "", (y.1, y.0)),
            layers: vec![Layer::Map { points, values, range }],
        }
    }

    /// Whether it is as high as it is wide.
    #[must_use]
    pub fn is_square(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer, Layer::Matrix { .. } | Layer::Map { .. }))
    }

    /// Whether it is a map whose places are made up, as nobody knows them.
    #[must_use]
    pub fn has_unknown_places(&self) -> bool {
        self.x.unit.is_empty() && self.layers.iter().any(|layer| matches!(layer, Layer::Map { .. }))
    }

    /// Whether it compares the wells of a plate.
    #[must_use]
    pub fn is_over_wells(&self) -> bool {
        self.x.label == OVER_WELLS
    }
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The name of the quantity along the axis.
    pub label: String,
    /// Unit; empty where there is none.
    pub unit: String,
    /// Ends; where they are equal, all is drawn in the middle.
    pub range: (f64, f64),
    /// Whether equal steps are equal factors; both ends are then above zero.
    pub is_log: bool,
}

impl Axis {
    /// An axis of equal steps.
    #[must_use]
    pub fn linear(label: &str, unit: &str, range: (f64, f64)) -> Self {
        Self { label: label.to_owned(), unit: unit.to_owned(), range, is_log: false }
    }

    /// An axis of equal factors.
    #[must_use]
    pub fn log(label: &str, unit: &str, range: (f64, f64)) -> Self {
        Self { is_log: true, ..Self::linear(label, unit, range) }
    }

    /// Label and unit.
    #[must_use]
    pub fn title(&self) -> String {
        if self.unit.is_empty() { self.label.clone() } else { format!("{} ({})", self.label, self.unit) }
    }
}

/// A line of a graph: both ends, and its weight from 0 to 1.
pub type Edge = ((f64, f64), (f64, f64), f64);

/// Marks of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Layer {
    /// Heights between edges, of which there is one more.
    Bars {
        /// Along x, ascending.
        edges: Vec<f64>,
        /// Along y, from its lower end.
        heights: Vec<f64>,
    },
    /// Points joined by lines.
    Line {
        /// Their places.
        points: Vec<(f64, f64)>,
    },
    /// One of several named curves, with its name at its end.
    Series {
        /// Name of the curve.
        name: String,
        /// Which of the curves it is, from 0: each has a colour of its own.
        number: u8,
        /// Its places, joined by lines.
        points: Vec<(f64, f64)>,
    },
    /// Points.
    Points {
        /// Their places.
        points: Vec<(f64, f64)>,
    },
    /// Upright ticks of one step of y each, in the middle of which they lie: the spikes of a raster.
    Ticks {
        /// Their places.
        points: Vec<(f64, f64)>,
    },
    /// Places with a value each, as colours: a map, on which both axes have one scale.
    Map {
        /// Their places.
        points: Vec<(f64, f64)>,
        /// Their values; what is absent is drawn pale.
        values: Vec<Option<f64>>,
        /// Values of the darkest and the brightest colour.
        range: (f64, f64),
    },
    /// Lines from place to place, of a weight from 0 to 1: a graph.
    Edges {
        /// Both ends and the weight of each.
        edges: Vec<Edge>,
    },
    /// Stretches along x over the whole height.
    Spans {
        /// Where they begin and end.
        spans: Vec<(f64, f64)>,
    },
    /// A value of x that matters, such as a limit.
    Limit {
        /// Where.
        at: f64,
    },
    /// Wells of a plate with a value each, as colours and in digits; both axes have one scale.
    Wells {
        /// Their names.
        names: Vec<String>,
        /// Column and row of each, from 0.
        places: Vec<(f64, f64)>,
        /// Their values; what is absent is drawn pale, with a dash.
        values: Vec<Option<f64>>,
        /// Values of the darkest and the brightest colour.
        range: (f64, f64),
    },
    /// Names of the steps along x, in place of numbers; those for which there is no room are left away.
    Names {
        /// One for each step, from 0.
        names: Vec<String>,
    },
    /// Values in cells, the first row on top; each cell spans one step of both axes.
    Matrix {
        /// `[row, column]`; NaN is absent.
        #[serde(with = "cells")]
        values: Array2<f64>,
        /// Values of the darkest and the brightest colour.
        range: (f64, f64),
        /// Names of the rows, which are those of the columns too; empty where they have none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
        /// What a value is called; empty where the title of the figure says it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        value: String,
    },
}

/// Cells as JSON: shape, and values of which `null` is absent.
mod cells {
    use ndarray::Array2;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Cells {
        shape: (usize, usize),
        cells: Vec<Option<f64>>,
    }

    pub fn serialize<S: Serializer>(values: &Array2<f64>, to: S) -> Result<S::Ok, S::Error> {
        let known = |value: &f64| Some(*value).filter(|value| value.is_finite());
        Cells { shape: values.dim(), cells: values.iter().map(known).collect() }.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Array2<f64>, D::Error> {
        let Cells { shape, cells } = Cells::deserialize(from)?;
        let values = cells.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        Array2::from_shape_vec(shape, values).map_err(D::Error::custom)
    }
}

/// Equal bins of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Edges, one more than bins.
    pub edges: Vec<f64>,
    /// Values in each bin; a value on an edge lies in the bin above.
    pub counts: Vec<u32>,
}

impl Histogram {
    /// Counts values between two ends, by equal steps or by equal factors.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small numbers of bins"
    )]
    pub fn new(values: impl IntoIterator<Item = f64>, axis: &Axis, n_bins: usize) -> Self {
        let scale = |value: f64| if axis.is_log { libm::log10(value) } else { value };
        let (from, to) = (scale(axis.range.0), scale(axis.range.1));
        let step = (to - from) / n_bins as f64;
        let edge = |at: usize| {
            let place = from + step * at as f64;
            if axis.is_log { libm::pow(10.0, place) } else { place }
        };
        let mut counts = vec![0_u32; n_bins];
        for value in values {
            let place = (scale(value) - from) / step;
            if place >= 0.0 && place < n_bins as f64 {
                counts[place as usize] += 1;
            }
        }
        Self { edges: (0..=n_bins).map(edge).collect(), counts }
    }

    /// The bars of a figure.
    #[must_use]
    pub fn bars(&self) -> Layer {
        Layer::Bars { edges: self.edges.clone(), heights: self.counts.iter().map(|count| f64::from(*count)).collect() }
    }

    /// The highest bar.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.counts.iter().copied().max().map_or(0.0, f64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_survives_json() {
        let values = Array2::from_shape_vec((1, 2), vec![0.5, f64::NAN]).expect("two cells");
        let figure = Figure {
            id: "matrix".into(),
            title: "A matrix".into(),
            sentence: "One pair.".into(),
            x: Axis::linear("Electrode", "", (0.0, 2.0)),
            y: Axis::log("Interval", "ms", (1.0, 1000.0)),
            layers: vec![
                Layer::Limit { at: 1.5 },
                Layer::Matrix { values, range: (0.0, 1.0), names: Vec::new(), value: String::new() },
            ],
        };
        let text = serde_json::to_string(&figure).expect("JSON");
        // A matrix without names is written, and read, as before there were any.
        assert!(text.contains(r#""cells":[0.5,null]},"range":[0.0,1.0]}"#), "{text}");
        let back: Figure = serde_json::from_str(&text).expect("a figure");
        assert_eq!(serde_json::to_string(&back).expect("JSON"), text);
        assert_eq!(back.y.title(), "Interval (ms)");
    }

    #[test]
    fn places_that_nobody_knows_have_no_numbers() {
        let map = |unit| {
            let places = vec![(0.0, 1.0), (1.0, 0.0)];
            Figure::map(("map", "Map".into(), "All.".into()), (places, unit), vec![Some(2.0), None], (0.0, 3.0))
        };
        let (known, unknown) = (map("µm"), map(""));
        assert_eq!((known.x.title(), unknown.x.title()), ("Place (µm)".into(), UNKNOWN_PLACES.into()));
        let n_texts = |figure: &Figure| svg(figure, (400.0, 300.0), None).matches("<text").count();
        assert!(n_texts(&unknown) < n_texts(&known));
        assert_eq!(known.value_in_words(0).as_deref(), Some("At 0 and 1 µm: 2"));
        assert_eq!(unknown.value_in_words(0).as_deref(), Some("2"));
    }

    #[test]
    fn a_value_on_an_edge_lies_in_the_bin_above() {
        let axis = Axis::linear("Value", "", (0.0, 4.0));
        assert_eq!(Histogram::new([-0.1, 0.0, 1.0, 3.9, 4.0, f64::NAN], &axis, 4).counts, [1, 1, 0, 1]);
        let log = Histogram::new([1.0, 5.0, 50.0, 0.5], &Axis::log("Value", "", (1.0, 100.0)), 2);
        assert_eq!((log.counts.as_slice(), log.edges[1].round()), (&[2, 1][..], 10.0));
    }
}
