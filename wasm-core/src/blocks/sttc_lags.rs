//! How closely electrodes fire together, and over which distance.

use std::collections::BTreeMap;

use super::of_pairs::{Chosen, MAX_ELECTRODES, chosen, distance_um, frames, ms, of_cultures};
use super::of_rows::with_wells;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{SpikeTrains, mean, sttc_matrix};
use crate::decimals::fixed;
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::counted;
use crate::table::Table;

const LONGEST_MS: ParamSpec = ParamSpec::number(
    "longest_ms",
    ("Windows up to", "ms"),
    (20.0, 2000.0),
    (10.0, 200.0),
    "200 ms, so that the windows are 5, 10, 20, 50, 100 and 200 ms: from single delays between neurons to network bursts.",
);
const DT_MS: ParamSpec = ParamSpec::number(
    "dt_ms",
    ("Distance within", "ms"),
    (1.0, 1000.0),
    (1.0, 50.0),
    "50 ms: Cutts & Eglen 2014, and the synchrony that is shown above.",
);
const STEP_UM: ParamSpec = ParamSpec::number(
    "step_um",
    ("Steps of", "µm"),
    (10.0, 5000.0),
    (10.0, 200.0),
    "200 µm: the distance of neighbours on common arrays of 60 electrodes.",
);

/// Windows, as parts of the longest.
const PARTS: [f64; 6] = [40.0, 20.0, 10.0, 4.0, 2.0, 1.0];

/// Pairs that are drawn.
const MAX_POINTS: usize = 5000;

/// The spike time tiling coefficient by window and by distance.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "sttc_lags",
    version: 1,
    title: "Synchrony by window and distance",
    purpose: "How closely do electrodes fire together, and do neighbours more than those far apart?",
    takes: Port::Spikes,
    gives: Port::Pairs,
    optional: false,
    params: &[&LONGEST_MS, &DT_MS, &STEP_UM, &MAX_ELECTRODES],
    source: "Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "The spike time tiling coefficient tells how much more often than by chance two electrodes fire within a window \
         of each other: 1 is always, 0 as often as by chance. It is given for windows of 1/40, 1/20, 1/10, 1/4, 1/2 and \
         the whole of {} ms, each in whole frames with its ends, as the mean over all pairs of active electrodes of a \
         well, of at most the {} with most spikes. A longer window takes in more of what fires together, so the mean \
         grows with it; independent electrodes stay at 0. For {} ms it is also given by the distance between the \
         electrodes, as the mean over steps of {} µm; a distance on a limit belongs to the step above. At most \
         {MAX_POINTS} pairs are drawn, and all pairs count in the means.",
        values.text(&LONGEST_MS),
        values.text(&MAX_ELECTRODES),
        values.text(&DT_MS),
        values.text(&STEP_UM)
    )
}

/// The pairs of one culture at one window.
struct Lag {
    n_pairs: u64,
    sttc: Option<f64>,
}

impl Lag {
    fn new(pairs: &[(usize, usize, f64)]) -> Self {
        Self { n_pairs: pairs.len() as u64, sttc: mean(pairs.iter().map(|(.., value)| *value)) }
    }
}

/// The synchrony of one culture.
struct Own<'a> {
    chosen: &'a Chosen,
    /// By window.
    lags: Vec<Lag>,
    /// At the window for distances.
    at_dt: Lag,
    /// Distance and coefficient of each pair that has both.
    places: Vec<(f64, f64)>,
}

impl<'a> Own<'a> {
    fn new(of: &SpikeTrains, chosen: &'a Chosen, windows: &[i64], dt: i64) -> Self {
        let segments = of.segments_of(&chosen.channels);
        let pairs = |dt: i64| {
            let matrix = sttc_matrix(&segments, dt);
            let all = chosen.pairs().map(|(a, b)| (a, b, matrix[(a, b)]));
            all.filter(|(.., value)| value.is_finite()).collect::<Vec<_>>()
        };
        let at_dt = pairs(dt);
        let lag = |window: &i64| if *window == dt { Lag::new(&at_dt) } else { Lag::new(&pairs(*window)) };
        let place = |(a, b, value): &(usize, usize, f64)| {
            distance_um(of, chosen.channels[*a], chosen.channels[*b]).map(|distance| (distance, *value))
        };
        Self {
            chosen,
            lags: windows.iter().map(lag).collect(),
            places: at_dt.iter().filter_map(place).collect(),
            at_dt: Lag::new(&at_dt),
        }
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let all = match chosen(of, values.count(&MAX_ELECTRODES)) {
        Ok(all) => all,
        Err(reason) => return Outcome::absent(reason),
    };
    let dt = frames(of, values.number(&DT_MS));
    let longest_ms = values.number(&LONGEST_MS);
    // What is shorter than a frame cannot be told apart.
    let mut windows: Vec<i64> = PARTS.iter().map(|part| frames(of, longest_ms / part)).filter(|dt| *dt > 0).collect();
    windows.dedup();
    let own: Vec<Own<'_>> = all.iter().map(|chosen| Own::new(of, chosen, &windows, dt)).collect();
    let cultures = of_cultures(of, &all)
        .counts(("n_pairs", "Pairs"), own.iter().map(|own| own.at_dt.n_pairs))
        .numbers(("sttc", "Mean of all pairs (STTC)", ""), own.iter().map(|own| own.at_dt.sttc));
    let mut tables = vec![cultures, by_window(of, &own, &windows)];
    let mut figures = Vec::new();
    figures.extend(over_windows(of, &own, &windows));
    let step_um = values.number(&STEP_UM);
    let places: Vec<(f64, f64)> = own.iter().flat_map(|own| own.places.iter().copied()).collect();
    if !places.is_empty() {
        tables.push(by_distance(of, &own, step_um));
        figures.push(over_distance(&places, step_um, ms(of, dt)));
    }
    Outcome { tables, figures, absent: None }
}

/// A row for each culture and window.
fn by_window(of: &SpikeTrains, all: &[Own<'_>], windows: &[i64]) -> Table {
    let rows =
        || all.iter().flat_map(move |own| windows.iter().zip(&own.lags).map(move |(window, lag)| (own, *window, lag)));
    with_wells(Table::new("windows", "By window"), of, rows().map(|(own, ..)| own.chosen.first))
        .numbers(("window_ms", "Within", "ms"), rows().map(|(_, window, _)| Some(ms(of, window))))
        .counts(("n_pairs", "Pairs"), rows().map(|(.., lag)| lag.n_pairs))
        .numbers(("sttc", "Mean of all pairs (STTC)", ""), rows().map(|(.., lag)| lag.sttc))
}

/// Coefficients by step of the distance.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a distance on an array")]
fn steps(places: &[(f64, f64)], step_um: f64) -> BTreeMap<u32, Vec<f64>> {
    let mut steps: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (distance, value) in places {
        steps.entry(libm::floor(distance / step_um) as u32).or_default().push(*value);
    }
    steps
}

/// A row for each culture and step of the distance.
fn by_distance(of: &SpikeTrains, all: &[Own<'_>], step_um: f64) -> Table {
    let of_culture = |own: &Own<'_>| {
        let first = own.chosen.first;
        steps(&own.places, step_um).into_iter().map(move |(step, values)| (first, f64::from(step), values))
    };
    let rows: Vec<(usize, f64, Vec<f64>)> = all.iter().flat_map(of_culture).collect();
    with_wells(Table::new("distances", "By distance"), of, rows.iter().map(|(first, ..)| *first))
        .numbers(("from_um", "From", "µm"), rows.iter().map(|(_, step, _)| Some(step * step_um)))
        .numbers(("below_um", "To below", "µm"), rows.iter().map(|(_, step, _)| Some((step + 1.0) * step_um)))
        .counts(("n_pairs", "Pairs"), rows.iter().map(|(.., values)| values.len() as u64))
        .numbers(("sttc", "Mean (STTC)", ""), rows.iter().map(|(.., values)| mean(values.iter().copied())))
}

/// An axis for coefficients: 0 lies on it.
fn axis(label: &str, values: impl IntoIterator<Item = f64>) -> Axis {
    let (low, high) = values.into_iter().fold((0.0, 0.0), |(low, high): (f64, f64), at| (low.min(at), high.max(at)));
    Axis::linear(label, "", (low, if high > 0.0 { high } else { 1.0 }))
}

/// The mean over the cultures by window, and each of several cultures as a point.
fn over_windows(of: &SpikeTrains, all: &[Own<'_>], windows: &[i64]) -> Option<Figure> {
    let known = |at: usize| all.iter().filter_map(move |own| own.lags[at].sttc);
    let each = windows.iter().enumerate();
    let points: Vec<(f64, f64)> =
        each.clone().flat_map(|(at, window)| known(at).map(move |value| (ms(of, *window), value))).collect();
    let line: Vec<(f64, f64)> =
        each.filter_map(|(at, window)| mean(known(at)).map(|mean| (ms(of, *window), mean))).collect();
    let (first, last) = (*line.first()?, *line.last()?);
    let n = all.iter().filter(|own| own.at_dt.n_pairs > 0).count();
    let wells = if n > 1 { format!(" of {n} wells, each a point, and their mean") } else { String::new() };
    Some(Figure {
        id: "windows".into(),
        title: "Synchrony by window".into(),
        sentence: format!(
            "The mean synchrony of all pairs{wells}: {} within {} ms, {} within {} ms.",
            fixed(first.1, 3),
            first.0,
            fixed(last.1, 3),
            last.0
        ),
        x: Axis::log("Within", "ms", (first.0, last.0)),
        y: axis("Mean STTC", points.iter().map(|(_, value)| *value)),
        layers: vec![Layer::Line { points: line }, Layer::Points { points }],
    })
}

/// The pairs by their distance, and the mean of each step.
fn over_distance(places: &[(f64, f64)], step_um: f64, dt_ms: f64) -> Figure {
    let steps = steps(places, step_um);
    let middle = |(step, values): (&u32, &Vec<f64>)| {
        mean(values.iter().copied()).map(|mean| ((f64::from(*step) + 0.5) * step_um, mean))
    };
    let line: Vec<(f64, f64)> = steps.iter().filter_map(middle).collect();
    let last = steps.last_key_value().map_or(0.0, |(step, _)| f64::from(*step));
    let every = places.len().div_ceil(MAX_POINTS).max(1);
    let points: Vec<(f64, f64)> = places.iter().step_by(every).copied().collect();
    let drawn = if every > 1 { format!(", of which {} are drawn,", points.len()) } else { String::new() };
    Figure {
        id: "distances".into(),
        title: "Synchrony by distance".into(),
        sentence: format!(
            "The synchrony within {dt_ms} ms of {}{drawn} by their distance; the line is the mean over steps of \
             {step_um} µm.",
            counted(places.len() as u64, "pair")
        ),
        x: Axis::linear("Distance of the electrodes", "µm", (0.0, (last + 1.0) * step_um)),
        y: axis("STTC", places.iter().map(|(_, value)| *value)),
        layers: vec![Layer::Points { points }, Layer::Line { points: line }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_on_a_limit_belongs_to_the_step_above() {
        let places = [(199.0, 0.1), (200.0, 0.2), (399.9, 0.4), (600.0, 0.5)];
        let found = steps(&places, 200.0);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [(0, vec![0.1]), (1, vec![0.2, 0.4]), (3, vec![0.5])]);
    }

    #[test]
    fn at_most_so_many_pairs_are_drawn_and_all_count() {
        let places: Vec<(f64, f64)> = (0..10_001).map(|at| (150.0, if at == 1 { 1.0 } else { 0.0 })).collect();
        let figure = over_distance(&places, 100.0, 50.0);
        let n = |layer: &Layer| match layer {
            Layer::Points { points } | Layer::Line { points } => points.len(),
            _ => 0,
        };
        assert_eq!(figure.layers.iter().map(n).collect::<Vec<_>>(), [3334, 1]);
        let Layer::Line { points } = &figure.layers[1] else { panic!("no line") };
        assert!((points[0].1 - 1.0 / 10_001.0).abs() < 1e-15 && points[0].0 == 150.0);
        assert!(figure.sentence.contains("10,001 pairs, of which 3334 are drawn,"), "{}", figure.sentence);
    }
}
