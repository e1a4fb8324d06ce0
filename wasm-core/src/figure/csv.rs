//! The numbers of a figure as text: a block for each layer, in the order in which they are drawn.
//!
//! A block begins with a line that names its kind and a line that names its columns, after the axes;
//! an empty line lies between two. What is absent is an empty cell.

use super::{Figure, Layer};
use crate::csv::cell;

/// Titles of a block's columns, and its rows.
type Block = (Vec<String>, Vec<Vec<String>>);

impl Figure {
    /// The numbers that it shows. They are as short as they can be read back exactly.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let blocks: Vec<String> = self.layers.iter().map(|layer| self.block(layer)).collect();
        blocks.join("\n")
    }

    fn block(&self, layer: &Layer) -> String {
        let titled = |title: String, other: &str| if title.is_empty() { other.to_owned() } else { title };
        let (x, y) = (titled(self.x.title(), "x"), titled(self.y.title(), "y"));
        let (titles, rows) = columns(layer, (&x, &y));
        let lines = std::iter::once(vec![kind(layer).to_owned()]).chain(std::iter::once(titles)).chain(rows);
        let line = |cells: Vec<String>| cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\n";
        lines.map(line).collect()
    }
}

/// The kind of a layer, as its JSON names it.
fn kind(layer: &Layer) -> &'static str {
    match layer {
        Layer::Bars { .. } => "bars",
        Layer::Line { .. } => "line",
        Layer::Series { .. } => "series",
        Layer::Points { .. } => "points",
        Layer::Ticks { .. } => "ticks",
        Layer::Map { .. } => "map",
        Layer::Edges { .. } => "edges",
        Layer::Spans { .. } => "spans",
        Layer::Limit { .. } => "limit",
        Layer::Wells { .. } => "wells",
        Layer::Names { .. } => "names",
        Layer::Matrix { .. } => "matrix",
    }
}

fn columns(layer: &Layer, (x, y): (&str, &str)) -> Block {
    let (x_from, x_to) = (format!("{x} from"), format!("{x} to"));
    match layer {
        Layer::Bars { edges, heights } => {
            let rows = edges.windows(2).zip(heights).map(|(sides, height)| numbers(&[sides[0], sides[1], *height]));
            (vec![x_from, x_to, y.to_owned()], rows.collect())
        }
        Layer::Line { points } | Layer::Points { points } | Layer::Ticks { points } => {
            (vec![x.to_owned(), y.to_owned()], points.iter().map(|(x, y)| numbers(&[*x, *y])).collect())
        }
        Layer::Series { name, points, .. } => {
            let row = |(x, y): &(f64, f64)| [vec![name.clone()], numbers(&[*x, *y])].concat();
            (vec!["name".to_owned(), x.to_owned(), y.to_owned()], points.iter().map(row).collect())
        }
        Layer::Map { points, values, .. } => {
            let rows = points.iter().zip(values);
            let rows = rows.map(|((x, y), value)| numbers(&[*x, *y, value.unwrap_or(f64::NAN)]));
            // Both are places on one scale, which the axis of x names.
            (vec![format!("{x}, x"), format!("{x}, y"), "value".into()], rows.collect())
        }
        Layer::Edges { edges } => {
            let row = |((ax, ay), (bx, by), weight): &super::Edge| numbers(&[*ax, *ay, *bx, *by, *weight]);
            let names = vec![x_from, format!("{y} from"), x_to, format!("{y} to"), "weight".into()];
            (names, edges.iter().map(row).collect())
        }
        Layer::Spans { spans } => (vec![x_from, x_to], spans.iter().map(|(from, to)| numbers(&[*from, *to])).collect()),
        Layer::Limit { at } => (vec![x.to_owned()], vec![numbers(&[*at])]),
        Layer::Wells { names, places, values, .. } => {
            let row = |((name, (column, row)), value): ((&String, &(f64, f64)), &Option<f64>)| {
                vec![name.clone(), number(column + 1.0), number(row + 1.0), number(value.unwrap_or(f64::NAN))]
            };
            let titles = ["well", "column", "row"].map(str::to_owned).into_iter().chain([x.to_owned()]);
            (titles.collect(), names.iter().zip(places).zip(values).map(row).collect())
        }
        Layer::Names { names } => {
            let row = |(step, name): (usize, &String)| vec![(step + 1).to_string(), name.clone()];
            (vec!["step".to_owned(), "name".to_owned()], names.iter().enumerate().map(row).collect())
        }
        Layer::Matrix { values, names, value: called, .. } => {
            let name = |at: usize| names.get(at).cloned().unwrap_or_else(|| (at + 1).to_string());
            let row = |((row, column), value): ((usize, usize), &f64)| vec![name(row), name(column), number(*value)];
            let called = if called.is_empty() { "value" } else { called.as_str() };
            (["row", "column", called].map(str::to_owned).to_vec(), values.indexed_iter().map(row).collect())
        }
    }
}

fn numbers(values: &[f64]) -> Vec<String> {
    values.iter().copied().map(number).collect()
}

/// A number with every digit; nothing where it is absent.
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::super::Axis;
    use super::*;

    fn figure(layers: Vec<Layer>) -> Figure {
        Figure {
            id: "all".into(),
            title: "All".into(),
            sentence: "All of them.".into(),
            x: Axis::linear("Time", "s", (0.0, 10.0)),
            y: Axis::linear("Rate, of all", "Hz", (0.0, 9.0)),
            layers,
        }
    }

    #[test]
    fn each_layer_is_a_block_with_its_kind_and_columns() {
        let shown = figure(vec![
            Layer::Spans { spans: vec![(1.0, 2.5)] },
            Layer::Bars { edges: vec![0.0, 1.0, 2.0], heights: vec![5.0, 0.1 + 0.2] },
            Layer::Limit { at: 3.0 },
        ]);
        let expected = "spans\nTime (s) from,Time (s) to\n1,2.5\n\n\
                        bars\nTime (s) from,Time (s) to,\"Rate, of all (Hz)\"\n0,1,5\n1,2,0.30000000000000004\n\n\
                        limit\nTime (s)\n3\n";
        assert_eq!(shown.to_csv(), expected);
        assert_eq!(figure(Vec::new()).to_csv(), "");
    }

    #[test]
    fn what_is_absent_is_an_empty_cell() {
        let points = vec![(1.0, 2.0), (3.0, f64::NAN)];
        let map = Layer::Map { points: points.clone(), values: vec![Some(7.0), None], range: (0.0, 9.0) };
        assert_eq!(figure(vec![map]).to_csv(), "map\n\"Time (s), x\",\"Time (s), y\",value\n1,2,7\n3,,\n");
        for (layer, kind) in [
            (Layer::Line { points: points.clone() }, "line"),
            (Layer::Points { points: points.clone() }, "points"),
            (Layer::Ticks { points }, "ticks"),
        ] {
            let text = figure(vec![layer]).to_csv();
            assert_eq!(text, format!("{kind}\nTime (s),\"Rate, of all (Hz)\"\n1,2\n3,\n"));
        }
        let series = Layer::Series { name: "a, b".into(), number: 1, points: vec![(1.0, f64::NAN)] };
        assert_eq!(figure(vec![series]).to_csv(), "series\nname,Time (s),\"Rate, of all (Hz)\"\n\"a, b\",1,\n");
        let values = ndarray::arr2(&[[0.5, f64::NAN]]);
        let matrix = |names: &[&str], value: &str| Layer::Matrix {
            values: values.clone(),
            range: (0.0, 1.0),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            value: value.to_owned(),
        };
        let plain = figure(vec![matrix(&[], "")]);
        assert_eq!(plain.to_csv(), "matrix\nrow,column,value\n1,1,0.5\n1,2,\n");
        let named = figure(vec![matrix(&["E1-1", "E7-4"], "STTC")]);
        assert_eq!(named.to_csv(), "matrix\nrow,column,STTC\nE1-1,E1-1,0.5\nE1-1,E7-4,\n");
    }

    #[test]
    fn edges_and_axes_without_a_title_have_names_too() {
        let mut graph = figure(vec![Layer::Edges { edges: vec![((1.0, 2.0), (3.0, 4.0), 0.5)] }]);
        graph.y = Axis::linear("", "", (0.0, 1.0));
        assert_eq!(graph.to_csv(), "edges\nTime (s) from,y from,Time (s) to,y to,weight\n1,2,3,4,0.5\n");
    }
}
