//! Figures of values that no instrument gives: what is drawn is numbers all the same.

use ndarray::Array2;
use proptest::prelude::*;

use super::{Axis, Figure, Layer, svg};

/// Numbers that divide, overflow or compare in unexpected ways, and usual ones.
fn value() -> impl Strategy<Value = f64> {
    let wild = prop::sample::select(vec![
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        1e300,
        1e300 * (1.0 + f64::EPSILON),
        -1e300,
        0.0,
        -0.0,
        1.0,
    ]);
    prop_oneof![wild, -1000.0..1000.0]
}

fn pair() -> impl Strategy<Value = (f64, f64)> {
    (value(), value())
}

fn axis() -> impl Strategy<Value = Axis> {
    (pair(), any::<bool>()).prop_map(|(range, is_log)| Axis { is_log, ..Axis::linear("Value", "", range) })
}

fn layer() -> impl Strategy<Value = Layer> {
    let pairs = || prop::collection::vec(pair(), 0..5);
    prop_oneof![
        prop::collection::vec(value(), 5)
            .prop_map(|all| Layer::Bars { edges: all[..3].to_vec(), heights: all[3..].to_vec() }),
        pairs().prop_map(|points| Layer::Line { points }),
        (pairs(), any::<u8>()).prop_map(|(points, number)| Layer::Series { name: "Curve".into(), number, points }),
        pairs().prop_map(|points| Layer::Points { points }),
        pairs().prop_map(|points| Layer::Ticks { points }),
        (pairs(), pair()).prop_map(|(points, range)| {
            let values = points.iter().map(|point| Some(point.0).filter(|value| *value != 1.0)).collect();
            Layer::Map { points, values, range }
        }),
        (pair(), pair(), value()).prop_map(|(from, to, weight)| Layer::Edges { edges: vec![(from, to, weight)] }),
        pairs().prop_map(|spans| Layer::Spans { spans }),
        value().prop_map(|at| Layer::Limit { at }),
        (prop::collection::vec(value(), 4), pair()).prop_map(|(cells, range)| {
            let values = Array2::from_shape_vec((2, 2), cells).expect("four cells");
            let names = ["E1", "E2"].map(str::to_owned).to_vec();
            Layer::Matrix { values, range, names, value: "Value".into() }
        }),
    ]
}

/// Checks that a drawing is XML in which no attribute and no label is something else than a number or a word.
fn check(figure: &Figure) {
    let text = svg(figure, (400.0, 200.0), None);
    let document = roxmltree::Document::parse(&text).expect("XML");
    for node in document.descendants() {
        let told = node.attributes().map(|attribute| attribute.value()).chain(node.text());
        for part in told {
            assert!(!part.contains("NaN") && !part.contains("inf"), "{part} in {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_family = "wasm") { 200 } else { 2000 }))]

    #[test]
    fn no_drawing_holds_what_is_no_number(
        x in axis(),
        y in axis(),
        layers in prop::collection::vec(layer(), 0..4),
    ) {
        check(&Figure { id: "wild".into(), title: "Wild".into(), sentence: "All of it.".into(), x, y, layers });
    }

    #[test]
    fn a_map_has_only_places_that_are_known(places in prop::collection::vec(pair(), 0..6), range in pair()) {
        let values = vec![Some(1.0); places.len()];
        let figure = Figure::map(("map", "Map".into(), "All.".into()), (places.clone(), "µm"), values, range);
        check(&figure);
        let n_known = places.iter().filter(|(x, y)| x.abs() <= 1e9 && y.abs() <= 1e9).count();
        let n_drawn = match &figure.layers[..] {
            [Layer::Map { points, .. }] => points.len(),
            _ => usize::MAX,
        };
        prop_assert_eq!(n_drawn, n_known);
        prop_assert_eq!(figure.sentence.contains("not drawn"), n_known < places.len());
        // What is not a number could not be read back.
        if range.0.is_finite() && range.1.is_finite() {
            let json = serde_json::to_string(&figure).expect("JSON");
            prop_assert!(serde_json::from_str::<Figure>(&json).is_ok());
        }
    }
}
