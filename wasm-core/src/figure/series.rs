//! Named curves that one figure compares: each has a colour of its own, and its name stands at its end.

use super::Layer;
use super::draw::{Frame, Ink, Surface, is_known};

/// Width of a letter and height of a line of text, about.
const LETTER_PX: f64 = 6.0;
const LINE_PX: f64 = 13.0;

/// Distance of a name from the end of its curve.
const GAP_PX: f64 = 6.0;

/// Lines of text from the wanted place to those that are tried after it.
const TRIED_LINES: [f64; 5] = [0.0, 1.5, -1.0, 2.5, -2.0];

/// Draws a curve. It ends where a point is not known, and begins again behind it; a point by itself is a disc.
pub(super) fn curve(points: &[(f64, f64)], number: u8, frame: &Frame<'_>, surface: &mut dyn Surface) {
    for known in points.split(|point| !is_known(point)) {
        let places: Vec<(f64, f64)> = known.iter().map(|(x, y)| (frame.x(*x), frame.y(*y))).collect();
        match places.as_slice() {
            [] => {}
            [place] => surface.disc(*place, 2.5, Ink::Series(number)),
            places => surface.line(places, Ink::Series(number), 1.5),
        }
    }
}

/// Where a name stands: from left to right, and its middle line.
struct Place {
    from: f64,
    to: f64,
    y: f64,
}

impl Place {
    fn covers(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to && (self.y - other.y).abs() < LINE_PX
    }
}

/// Writes the names: behind the end of each curve, or above it where no room is left, and over no other name
/// where a place is free.
#[expect(clippy::cast_precision_loss, reason = "letters of a name")]
pub(super) fn names(layers: &[Layer], frame: &Frame<'_>, surface: &mut dyn Surface) {
    let mut taken: Vec<Place> = Vec::new();
    for layer in layers {
        let Layer::Series { name, number, points } = layer else { continue };
        let Some((x, y)) = points.iter().rev().find(|point| is_known(point)) else { continue };
        let (x, y) = (frame.x(*x), frame.y(*y));
        let width = name.chars().count() as f64 * LETTER_PX;
        let is_room = x + GAP_PX + width <= frame.right;
        let (anchor, at, from) = if is_room { ("start", x + GAP_PX, x + GAP_PX) } else { ("end", x, x - width) };
        let wanted = if is_room { y } else { y - 0.75 * LINE_PX };
        let place = |lines: f64| {
            let y = (wanted + lines * LINE_PX).min(frame.bottom - LINE_PX / 2.0).max(frame.top + LINE_PX / 2.0);
            Place { from, to: from + width, y }
        };
        let is_free = |place: &Place| !taken.iter().any(|other| other.covers(place));
        let free = TRIED_LINES.map(place).into_iter().find(is_free).unwrap_or_else(|| place(0.0));
        surface.text(name, (at, free.y), anchor, Ink::Series(*number));
        taken.push(free);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Figure, svg};
    use super::*;

    fn figure(ends: &[(f64, f64)]) -> Figure {
        let series = |(at, end): (usize, &(f64, f64))| Layer::Series {
            name: format!("curve {at}"),
            number: u8::try_from(at).expect("a few"),
            points: vec![(0.0, 9.0), *end],
        };
        Figure {
            id: "series".into(),
            title: "Series".into(),
            sentence: "All of them.".into(),
            x: Axis::linear("Threshold", "x noise", (0.0, 10.0)),
            y: Axis::linear("Spikes", "", (0.0, 10.0)),
            layers: ends.iter().enumerate().map(series).collect(),
        }
    }

    /// Place, anchor and colour of each name.
    fn named(figure: &Figure) -> Vec<(f64, f64, String, String)> {
        let text = svg(figure, (400.0, 200.0), None);
        let document = roxmltree::Document::parse(&text).expect("XML");
        let names = document.descendants().filter(|node| node.text().is_some_and(|text| text.starts_with("curve")));
        let names = names.filter(|node| node.has_tag_name("text"));
        let of = |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).expect("there").to_owned();
        let number = |node, name| of(node, name).parse::<f64>().expect("a number");
        names.map(|node| (number(node, "x"), number(node, "y"), of(node, "text-anchor"), of(node, "fill"))).collect()
    }

    #[test]
    fn a_name_stands_at_the_end_of_its_curve_in_its_colour() {
        let names = named(&figure(&[(5.0, 5.0), (10.0, 9.0)]));
        let [(x, _, anchor, colour), (edge, _, other_anchor, other)] = names.as_slice() else { panic!("{names:?}") };
        // The middle of a frame from 52 to 374 px, and its end.
        assert_eq!((*x, anchor.as_str()), (213.0 + GAP_PX, "start"));
        assert_eq!((*edge, other_anchor.as_str()), (374.0, "end"));
        assert_ne!(colour, other);
    }

    #[test]
    fn names_of_curves_with_one_end_do_not_cover_each_other() {
        for end in [(5.0, 5.0), (10.0, 5.0), (10.0, 10.0), (10.0, 0.0)] {
            let names = named(&figure(&[end, end]));
            assert!((names[0].1 - names[1].1).abs() > LINE_PX - 0.1, "{end:?}: {names:?}");
        }
    }

    #[test]
    fn a_point_by_itself_is_a_disc_and_a_curve_without_points_has_no_name() {
        let mut alone = figure(&[(5.0, 5.0), (6.0, 6.0)]);
        alone.layers = vec![
            Layer::Series { name: "curve".into(), number: 0, points: vec![(1.0, f64::NAN), (5.0, 5.0)] },
            Layer::Series { name: "curve of nothing".into(), number: 1, points: Vec::new() },
        ];
        assert_eq!(named(&alone).len(), 1);
        assert_eq!(svg(&alone, (400.0, 200.0), None).matches("<circle").count(), 1);
    }
}
