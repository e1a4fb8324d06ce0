//! Pairs of electrodes: synchrony by window and distance, SPIKE measures and correlograms, against an independent
//! program; and of electrodes that know nothing of each other, of one spike and of none.

use std::path::Path;

use serde_json::{Map, Value};
use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::{Outcome, Values, run_of, spec};
use wasm_core::table::{Table, Values as Column};

use super::insight::{Insight, equal, folder};
use super::nulls::{Draw, independent};

/// A data set with the places of its electrodes.
fn read(folder: &Path, name: &str) -> Insight {
    let mut of = Insight::read(folder, name);
    let text = std::fs::read(folder.join(format!("{name}.json"))).expect("a file");
    let about: Value = serde_json::from_slice(&text).expect("JSON");
    let place = |electrode: &Value| [&electrode["x_um"], &electrode["y_um"]].map(|um| um.as_f64().expect("a place"));
    of.info.positions_um = Some(about["electrodes"].as_array().expect("electrodes").iter().map(place).collect());
    of
}

fn outcome(of: &SpikeTrains, kind: &str, values: &[(&str, Value)]) -> Outcome {
    let given: Map<String, Value> = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let spec = spec(kind).expect("the block");
    let accepts = |(name, value): (&String, &Value)| spec.param(name).is_some_and(|param| param.accepts(value));
    assert!(given.iter().all(accepts), "{kind} {given:?}");
    run_of(spec).expect("an analysis")(of, Values::new(&given))
}

fn table<'a>(of: &'a Outcome, id: &str) -> &'a Table {
    of.tables.iter().find(|table| table.id == id).expect("a table")
}

/// Numbers of a column; counts as numbers.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn numbers(of: &Table, column: &str) -> Vec<Option<f64>> {
    match of.column(column).expect("a column") {
        Column::Number(values) => values.clone(),
        Column::Count(values) => values.iter().map(|value| Some(*value as f64)).collect(),
        Column::Text(_) => panic!("{column} holds names"),
    }
}

/// The culture of each row.
fn cultures(of: &Table) -> Vec<String> {
    match of.column("well") {
        Some(Column::Text(names)) => names.clone(),
        _ => vec!["all".into(); of.n_rows()],
    }
}

/// The table with a row for each culture.
fn of_cultures(of: &Outcome) -> &Table {
    of.tables.iter().find(|table| table.id == "wells").unwrap_or_else(|| table(of, "culture"))
}

/// Compares a number with what is expected; counts those that are defined.
fn same(found: Option<f64>, expected: &Value, name: &str) -> usize {
    equal(&[found], &Value::Array(vec![expected.clone()]), name);
    usize::from(found.is_some())
}

#[test]
fn synchrony_by_window_and_distance_is_that_of_an_independent_program() {
    let names = ["hipsc_d41", "rat_plate_div07", "rat_plate_div09"];
    let Some(folder) = folder(names.len()) else { return };
    let mut n = 0;
    for name in names {
        let of = read(&folder, name);
        let trains = SpikeTrains::new(&of.info, &of.spikes, None);
        let expected = &of.expected["synchrony"]["cultures"];
        // Windows of 2.5, 5, 10, 25, 50 and 100 ms.
        let found = outcome(&trains, "sttc_lags", &[("longest_ms", 100.into())]);
        let windows = table(&found, "windows");
        let rows = cultures(windows).into_iter().zip(numbers(windows, "window_ms")).zip(numbers(windows, "sttc"));
        for ((culture, window_ms), sttc) in rows {
            let field = format!("sttc_{}ms", window_ms.expect("a window"));
            if let Some(expected) = expected[culture.as_str()].get(&field) {
                n += same(sttc, &expected["mean"], &format!("{name} {culture} {field}"));
            }
        }
        let distances = table(&found, "distances");
        let [from, n_pairs, sttc] = ["from_um", "n_pairs", "sttc"].map(|column| numbers(distances, column));
        for (row, culture) in cultures(distances).iter().enumerate() {
            let step = from[row].expect("a distance") / 200.0;
            let ring = &expected[culture.as_str()]["sttc_50ms_by_distance"]["rings"][step.to_string()];
            let name = format!("{name} {culture}, step {step}");
            n += same(n_pairs[row], &ring["pairs"], &name) + same(sttc[row], &ring["mean"], &name);
        }
        let rings = |culture: &Value| culture["sttc_50ms_by_distance"]["rings"].as_object().map_or(0, Map::len);
        let n_rings: usize = expected.as_object().expect("cultures").values().map(rings).sum();
        assert_eq!(distances.n_rows(), n_rings, "{name}");
    }
    assert!(n > 500, "{n} numbers were compared");
    // By the same program, which is not asked for these windows there.
    let of = read(&folder, names[0]);
    let found = outcome(&SpikeTrains::new(&of.info, &of.spikes, None), "sttc_lags", &[]);
    let windows = table(&found, "windows");
    assert_eq!(numbers(windows, "window_ms"), [5.0, 10.0, 20.0, 50.0, 100.0, 200.0].map(Some));
    let expected = [
        0.076_096_225_927_697_45,
        0.138_669_552_847_472_12,
        0.241_677_296_339_737_86,
        0.425_696_260_586_554_96,
        0.558_625_574_708_844_4,
        0.670_447_792_570_731_8,
    ];
    equal(&numbers(windows, "sttc"), &expected.to_vec().into(), "mean STTC");
    let figures: Vec<&str> = found.figures.iter().map(|figure| figure.id.as_str()).collect();
    assert_eq!(figures, ["windows", "distances"]);
}

#[test]
fn spike_measures_are_those_of_an_independent_program() {
    let names = ["hipsc_d41", "rat_plate_div07"];
    let Some(folder) = folder(names.len()) else { return };
    let mut n = 0;
    for name in names {
        let of = read(&folder, name);
        let found = outcome(&SpikeTrains::new(&of.info, &of.spikes, None), "spike_distances", &[]);
        let (wells, pairs) = (of_cultures(&found), table(&found, "pairs"));
        for measure in ["spike_synchronization", "isi_distance", "spike_distance"] {
            let (means, values) = (numbers(wells, measure), numbers(pairs, measure));
            let mut rest = values.as_slice();
            let n_pairs = numbers(wells, "n_pairs").into_iter().flatten();
            for ((culture, n_pairs), mean) in cultures(wells).iter().zip(n_pairs).zip(means) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
                let (own, others) = rest.split_at(n_pairs as usize);
                let expected = &of.expected["synchrony"]["cultures"][culture.as_str()][measure];
                let name = format!("{name} {culture} {measure}");
                n += equal(own, &expected["upper_triangle"], &name);
                same(mean, &expected["mean_of_pairs"], &name);
                rest = others;
            }
            assert!(rest.is_empty());
        }
    }
    assert_eq!(n, 3 * (378 + 119), "every pair was compared");
}

#[test]
fn peaks_of_correlograms_are_those_of_all_pairs_of_spikes() {
    let Some(folder) = folder(1) else { return };
    let of = read(&folder, "hipsc_d41");
    let trains = SpikeTrains::new(&of.info, &of.spikes, None);
    let found = outcome(&trains, "cross_correlograms", &[]);
    let pairs = table(&found, "pairs");
    let place = |column: &str| match pairs.column(column) {
        Some(Column::Text(ids)) => {
            let place = |id: &String| of.info.channel_ids.iter().position(|own| own == id).expect("an electrode");
            ids.iter().map(place).collect::<Vec<usize>>()
        }
        _ => panic!("{column} holds no names"),
    };
    let (a, b) = (place("electrode_a"), place("electrode_b"));
    let [delays, counts, expected, z] =
        ["peak_delay_ms", "peak_count", "expected_count", "z"].map(|column| numbers(pairs, column));
    for row in 0..pairs.n_rows() {
        #[expect(clippy::cast_possible_truncation, reason = "microseconds")]
        let peak = (delays[row].expect("a peak") * 1000.0).round() as i64;
        let (own, other) = (&trains.frames()[0][a[row]], &trains.frames()[0][b[row]]);
        let is_inside = |delay: i64| (-500..500).contains(&(delay - peak));
        let n: usize = own.iter().map(|one| other.iter().filter(|at| is_inside(**at - one)).count()).sum();
        same(counts[row], &n.into(), "spikes in the peak");
    }
    assert_eq!(numbers(of_cultures(&found), "n_pairs"), [Some(120.0)]);
    // By a second program.
    assert_eq!(numbers(of_cultures(&found), "n_pairs_above_chance"), [Some(104.0)]);
    let id = |channel: usize| of.info.channel_ids[channel].as_str();
    let row = (0..pairs.n_rows()).find(|row| (id(a[*row]), id(b[*row])) == ("31", "32")).expect("a pair");
    assert_eq!((delays[row], counts[row]), (Some(-2.0), Some(260.0)));
    equal(&[expected[row], z[row]], &vec![2.598_676_445_561_865, 159.674_171_242_367_24].into(), "the strongest pair");
    let sentence = found.figures.first().map_or("", |figure| figure.sentence.as_str());
    assert!(sentence.contains("electrode 32 fires most often 2.0 ms before electrode 31, 260 times"), "{sentence}");
}

/// Electrodes that know nothing of each other and fire at random: no synchrony at any window, no pair above
/// chance, and the likeness that random trains have.
#[test]
fn chance_has_no_synchrony_no_peaks_and_a_known_likeness() {
    let info = super::numbers::info(16, 10_000.0, &[6_000_000]);
    let of = |trains: &[Vec<i64>], kind: &str| {
        outcome(&SpikeTrains::new(&info, &super::numbers::spikes(trains), None), kind, &[])
    };
    let chance = independent(&mut Draw::new(3), 16, 1.0, 600.0);
    let found = of(&chance, "sttc_lags");
    let means = numbers(table(&found, "windows"), "sttc");
    assert!(means.len() == 6 && means.iter().flatten().all(|mean| mean.abs() < 0.01), "{means:?}");
    assert!(found.tables.iter().all(|table| table.id != "distances"), "nobody knows where the electrodes are");
    let found = of(&chance, "cross_correlograms");
    assert_eq!(numbers(of_cultures(&found), "n_pairs_above_chance"), [Some(0.0)]);
    let found = of(&chance, "spike_distances");
    for (measure, expected) in [("spike_synchronization", 0.25), ("isi_distance", 0.5), ("spike_distance", 0.295)] {
        let mean = numbers(of_cultures(&found), measure)[0].expect("a mean");
        assert!((mean - expected).abs() < 0.02, "{measure}: {mean}");
        // Independent electrodes stay independent when they are moved.
        let shifted = numbers(of_cultures(&found), &format!("{measure}_shifted"))[0].expect("a mean");
        assert!((shifted - expected).abs() < 0.02, "{measure}: {shifted}");
    }
    let mut one: Vec<Vec<i64>> = vec![Vec::new(); 16];
    let nothing = one.clone();
    one[3] = vec![1234];
    for trains in [&one, &nothing] {
        for kind in ["sttc_lags", "spike_distances", "cross_correlograms"] {
            let found = of(trains, kind);
            assert!(found.absent.is_some() && found.tables.is_empty(), "{kind} says why it says nothing");
        }
    }
}
