//! Network bursts by the methods of others: equal to those of an independent program, none where there is
//! no network, and who leads them.

use serde_json::{Value, json};
use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::{self, Outcome, run_of, spec};
use wasm_core::figure::Layer;
use wasm_core::table::Values;

use super::insight::{Insight, folder};
use super::nulls::{Draw, Trains, independent};
use super::numbers;

const METHODS: [&str; 5] = [
    "network_bursts_isi_n",
    "network_bursts_population_rate",
    "network_bursts_overlap",
    "network_bursts_well_plate",
    "network_spikes",
];

/// What a block gives with some values.
fn run(of: &SpikeTrains, kind: &str, values: &Value) -> Outcome {
    let spec = spec(kind).expect("a block");
    let given = values.as_object().expect("values");
    for (name, value) in given {
        assert!(spec.param(name).is_some_and(|param| param.accepts(value)), "{kind}: {name}");
    }
    let outcome = run_of(spec).expect("an analysis")(of, blocks::Values::new(given));
    for table in &outcome.tables {
        assert!(table.columns.iter().all(|column| column.values.len() == table.n_rows()), "{kind}: {}", table.id);
    }
    assert!(outcome.figures.iter().all(|figure| figure.sentence.ends_with('.')), "{kind}");
    outcome
}

/// A column as numbers.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn column(of: &Outcome, table: &str, column: &str) -> Vec<Option<f64>> {
    match values(of, table, column) {
        Values::Number(values) => values.clone(),
        Values::Count(values) => values.iter().map(|value| Some(*value as f64)).collect(),
        Values::Text(_) => panic!("{column} holds names"),
    }
}

fn texts(of: &Outcome, table: &str, column: &str) -> Vec<String> {
    match values(of, table, column) {
        Values::Text(values) => values.clone(),
        _ => panic!("{column} holds numbers"),
    }
}

fn values<'a>(of: &'a Outcome, table: &str, column: &str) -> &'a Values {
    let found = of.tables.iter().find(|known| known.id == table).and_then(|table| table.column(column));
    found.unwrap_or_else(|| panic!("{table}.{column} in {:?}", of.absent))
}

/// The table of cultures, and their names as in the expected file.
fn cultures(of: &Outcome) -> (&'static str, Vec<String>) {
    let is_plate = of.tables.iter().any(|table| table.id == "wells");
    if is_plate { ("wells", texts(of, "wells", "well")) } else { ("network", vec!["all".to_owned()]) }
}

fn trains(of: &Insight) -> SpikeTrains {
    SpikeTrains::new(&of.info, &of.spikes, None)
}

/// Compares two numbers; both may be absent.
fn equal(found: Option<f64>, expected: Option<f64>, name: &str) -> usize {
    match (found, expected) {
        (Some(found), Some(expected)) => {
            let difference = (found - expected).abs() / expected.abs().max(1e-3);
            assert!(difference < 1e-9, "{name} is {found}, expected {expected}");
            1
        }
        (found, expected) => {
            assert_eq!(found, expected, "{name}");
            0
        }
    }
}

/// The mean number in shifted copies: within four standard errors of two means of 20 draws each.
fn near(found: f64, deviation: f64, expected: f64, name: &str) {
    let variance = (deviation * deviation).max(found).max(expected);
    let tolerance = 4.0 * (variance * 2.0 / 20.0).sqrt();
    assert!((found - expected).abs() <= tolerance, "{name}: {found} in shifted copies, expected {expected}");
}

/// Compares each culture with at least two active electrodes: `part` of the expected culture, its fields by the
/// names of columns, and the number in shifted copies.
fn compare(found: &Outcome, of: &Insight, what: &str, part: &[&str], fields: &[(&str, &str)]) -> usize {
    let (table, names) = cultures(found);
    let shifted = column(found, table, &format!("n_{what}_shifted"));
    let deviations = column(found, table, &format!("n_{what}_shifted_sd"));
    let columns: Vec<_> = fields.iter().map(|(own, _)| column(found, table, own)).collect();
    let mut n = 0;
    for (row, name) in names.iter().enumerate().filter(|(row, _)| shifted[*row].is_some()) {
        let culture = &of.expected["network"][name];
        let expected = part.iter().fold(culture, |at, key| &at[*key]);
        for ((own, field), values) in fields.iter().zip(&columns) {
            n += equal(values[row], expected[*field].as_f64(), &format!("{name} {part:?} {own}"));
        }
        let by_chance = &culture["mean_number_in_20_shifted_copies"][part[0]];
        if let (Some(shifted), Some(deviation), Some(by_chance)) = (shifted[row], deviations[row], by_chance.as_f64()) {
            near(shifted, deviation, by_chance, &format!("{name} {part:?}"));
        }
    }
    n
}

const SUMMARY: [(&str, &str); 7] = [
    ("n_network_bursts", "n"),
    ("network_bursts_per_min", "per_min"),
    ("mean_duration_s", "mean_duration_s"),
    ("mean_spikes", "mean_spikes"),
    ("mean_electrodes", "mean_electrodes"),
    ("percent_spikes_inside", "percent_spikes"),
    ("cv_interval", "cv_interval"),
];

/// The numbers of all three data sets, and what chance brings there.
#[test]
fn methods_have_the_numbers_of_an_independent_program() {
    let names = ["hipsc_d41", "rat_plate_div07", "rat_plate_div09"];
    let Some(folder) = folder(names.len()) else { return };
    let mut n = 0;
    for name in names {
        let of = Insight::read(&folder, name);
        let trains = trains(&of);
        let given = run(&trains, METHODS[0], &json!({"limit_from": "given", "limit_ms": 100}));
        n += compare(&given, &of, "network_bursts", &["isi_n_at_100ms"], &SUMMARY);
        n += valleys(&run(&trains, METHODS[0], &json!({})), &of);
        for (sigma_ms, part) in [(100, "population_rate"), (300, "population_rate_sigma_300ms")] {
            let found = run(&trains, METHODS[1], &json!({"min_electrodes": 0, "sigma_ms": sigma_ms}));
            n += compare(&found, &of, "network_bursts", &[part], &SUMMARY[..2]);
        }
        for (bin_ms, more_than, part) in [(3, 4, "3ms_5"), (3, 9, "3ms_10"), (10, 2, "10ms_3")] {
            let found = run(&trains, METHODS[4], &json!({"bin_ms": bin_ms, "more_than": more_than}));
            let fields = [
                ("n_network_spikes", "n"),
                ("network_spikes_per_min", "per_min"),
                ("median_electrodes", "median_electrodes"),
                ("median_width_s", "median_width_s"),
            ];
            n += compare(&found, &of, "network_spikes", &["network_spikes", part], &fields);
        }
    }
    assert!(n > 1000, "{n} numbers were compared");
}

/// Where a valley was found it is the same; elsewhere nothing is counted.
fn valleys(found: &Outcome, of: &Insight) -> usize {
    let (table, names) = cultures(found);
    let (limits, from) = (column(found, table, "limit_ms"), texts(found, table, "limit_from"));
    let counts = column(found, table, "n_network_bursts");
    let mut n = 0;
    for (row, name) in names.iter().enumerate().filter(|(row, _)| !from[*row].is_empty()) {
        let expected = &of.expected["network"][name]["isi_n"];
        assert_eq!(Some(from[row].as_str()), expected["threshold_from"].as_str(), "{name}");
        let threshold_ms =
            expected["threshold_s"].as_f64().filter(|_| from[row] == "valley").map(|limit| limit * 1000.0);
        n += equal(limits[row], threshold_ms, &format!("{name} limit"));
        assert_eq!(counts[row].is_some(), threshold_ms.is_some(), "{name}");
    }
    n + compare(found, of, "network_bursts", &["isi_n"], &SUMMARY)
}

/// Every burst of a synchronous culture, and what is said of chance.
#[test]
fn bursts_of_a_synchronous_culture_are_those_of_an_independent_program() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, "hipsc_d41");
    let trains = trains(&of);
    let network = &of.expected["network"]["all"];
    let times = |found: &Outcome| {
        let columns = ["start_s", "duration_s", "n_electrodes"].map(|name| column(found, "bursts", name));
        let known = |at: usize, row: usize| columns[at][row].expect("a number");
        (0..columns[0].len())
            .map(|row| [known(0, row), known(0, row) + known(1, row), known(2, row)])
            .collect::<Vec<_>>()
    };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let expected = |part: &str| {
        let lines = network[part]["bursts"].as_array().expect("bursts").iter();
        lines.map(|line| line.as_str().expect("text").to_owned()).collect::<Vec<String>>()
    };
    let check = |found: &[[f64; 3]], lines: &[String], last: &dyn Fn(&[&str]) -> f64| {
        assert_eq!(found.len(), lines.len());
        for ([start_s, end_s, n], line) in found.iter().zip(lines) {
            let words: Vec<&str> = line.split(' ').collect();
            let (start, end) = words[0].split_once('-').expect("two times");
            assert!((start_s * 1e6 - number(start)).abs() < 0.01 && (end_s * 1e6 - number(end)).abs() < 0.01, "{line}");
            assert!((n - last(&words)).abs() < 1e-3, "{n}: {line}");
        }
    };
    let isi_n = run(&trains, METHODS[0], &json!({}));
    check(&times(&isi_n), &expected("isi_n"), &|words| number(words[3]));
    let rate = run(&trains, METHODS[1], &json!({"min_electrodes": 0}));
    // A share of 28 active electrodes.
    check(&times(&rate), &expected("population_rate"), &|words| 28.0 * number(words[1]));
    // The electrodes of what chance makes are fewer than half.
    let by_chance = column(&isi_n, "network", "mean_electrodes_shifted")[0].expect("a number");
    let wanted = network["mean_electrodes_of_isi_n_in_shifted_copies"].as_f64().expect("a number");
    assert!((by_chance / wanted - 1.0).abs() < 0.1, "{by_chance} is not {wanted}");
    let verdict = |kind: &str| texts(&run(&trains, kind, &json!({})), "network", "chance")[0].clone();
    for kind in [METHODS[0], METHODS[1], METHODS[3]] {
        assert_eq!(verdict(kind), "not more than chance", "{kind}");
    }
    let overlap = run(&trains, METHODS[2], &json!({}));
    assert_eq!(texts(&overlap, "network", "chance"), ["more than chance"]);
    assert_eq!(column(&overlap, "network", "n_network_bursts"), [Some(34.0)]);
    assert!(column(&overlap, "network", "n_network_bursts_shifted")[0].is_some_and(|n| n < 1.0));
    // Each reaches at least as far as where the bursts overlap.
    let whole = column(&overlap, "bursts", "whole_duration_s");
    let cores = column(&overlap, "bursts", "duration_s");
    assert!(whole.iter().zip(&cores).all(|(whole, core)| whole >= core));
    assert_eq!(column(&run(&trains, METHODS[3], &json!({})), "network", "n_network_bursts"), [Some(36.0)]);
}

fn of_trains(trains: &Trains, rate_hz: f64, n_frames: u64) -> SpikeTrains {
    SpikeTrains::new(&numbers::info(trains.len(), rate_hz, &[n_frames]), &numbers::spikes(trains), None)
}

/// Electrodes that know nothing of each other, one spike, and none.
#[test]
fn chance_has_no_network_bursts_or_is_said_to_be_chance() {
    let independent = |seed| of_trains(&independent(&mut Draw::new(seed), 16, 1.0, 600.0), 10_000.0, 6_000_000);
    let chance = independent(6);
    for kind in [METHODS[2], METHODS[3], METHODS[4]] {
        let found = run(&chance, kind, &json!({}));
        assert_eq!(texts(&found, "network", "chance"), ["none found"], "{kind}");
    }
    let rate = run(&chance, METHODS[1], &json!({}));
    assert!(column(&rate, "network", "n_network_bursts")[0].is_some_and(|n| n > 50.0), "the test is too easy");
    assert_eq!(texts(&rate, "network", "chance"), ["not more than chance"]);
    let why = run(&chance, METHODS[0], &json!({})).absent.expect("a reason");
    assert!(why.contains("one peak"), "{why}");
    // A single window that is shorter than all others makes a peak of its own, and a network burst.
    let lone = run(&independent(5), METHODS[0], &json!({}));
    assert_eq!(column(&lone, "network", "n_network_bursts"), [Some(1.0)]);
    assert_eq!(texts(&lone, "network", "chance"), ["too few to tell from chance"]);
    assert!(run(&chance, "network_burst_shape", &json!({})).absent.is_some());
    let mut one: Trains = vec![Vec::new(); 16];
    let nothing = one.clone();
    one[3] = vec![1234];
    for trains in [&one, &nothing] {
        for kind in METHODS.into_iter().chain(["network_burst_shape"]) {
            assert!(run(&of_trains(trains, 10_000.0, 6_000_000), kind, &json!({})).absent.is_some(), "{kind}");
            // Too short to say anything.
            assert!(run(&of_trains(trains, 10_000.0, 60_000), kind, &json!({})).absent.is_some(), "{kind}");
        }
    }
    assert!(run(&of_trains(&Vec::new(), 10_000.0, 6_000_000), METHODS[4], &json!({})).absent.is_some());
}

/// Eight electrodes of which each joins 10 ms after the one before, twelve times.
#[test]
fn the_order_in_which_electrodes_join_is_found() {
    let train = |electrode: i64| -> Vec<i64> {
        (0..12).flat_map(|at| (0..20).map(move |k| 1000 + at * 4800 + electrode * 10 + k * 20)).collect()
    };
    let trains: Trains = (0..8).map(train).collect();
    let mut info = numbers::info(8, 1000.0, &[60_000]);
    // Two rows of four, too far apart to see one neuron.
    let place = |at: u32| [f64::from(at % 4) * 500.0, f64::from(at / 4) * 500.0];
    info.positions_um = Some((0..8).map(place).collect());
    let found = run(&SpikeTrains::new(&info, &numbers::spikes(&trains), None), "network_burst_shape", &json!({}));
    let each = |value: &dyn Fn(u32) -> f64| (0..8).map(|at| Some(value(at))).collect::<Vec<_>>();
    assert_eq!(column(&found, "network", "n_network_bursts"), [Some(12.0)]);
    assert_eq!(column(&found, "network", "n_network_bursts_in_shape"), [Some(12.0)]);
    assert_eq!(column(&found, "electrodes", "mean_rank"), each(&|at| f64::from(at + 1)));
    assert_eq!(column(&found, "electrodes", "percent_joined"), each(&|_| 100.0));
    assert_eq!(column(&found, "electrodes", "percent_led"), each(&|at| if at == 0 { 100.0 } else { 0.0 }));
    for (latency, at) in column(&found, "electrodes", "mean_latency_ms").into_iter().zip(0..8) {
        assert!(latency.is_some_and(|latency| (latency - 10.0 * f64::from(at)).abs() < 1e-9), "{at}: {latency:?}");
    }
    assert_eq!(texts(&found, "network", "leader"), ["E0"]);
    assert_eq!(column(&found, "network", "percent_led_by_leader"), [Some(100.0)]);
    assert_eq!(column(&found, "network", "percent_led_by_chance"), [Some(12.5)]);
    // Of twelve the best of eight has more than four in 9 %, more than five in 1.4 % of cases.
    assert_eq!(column(&found, "network", "percent_led_by_chance_most"), [Some(500.0 / 12.0)]);
    assert_eq!(texts(&found, "network", "leader_chance"), ["more than chance"]);
    assert_eq!(texts(&found, "bursts", "order")[3], "E0 E1 E2 E3 E4 E5 E6 E7");
    let [shape, map] = &found.figures[..] else { panic!("two figures") };
    assert!(shape.sentence.contains("12 network bursts"), "{}", shape.sentence);
    let Layer::Map { points, values, .. } = &map.layers[0] else { panic!("a map") };
    assert_eq!(points.len(), 8);
    assert!(values[7].is_some_and(|latency| (latency - 70.0).abs() < 1e-9), "{values:?}");
    assert!(map.sentence.contains("E0 leads most often, 100 % of the network bursts: more than"), "{}", map.sentence);
}

/// Eight electrodes that always fire at once share the lead.
#[test]
fn who_leads_at_once_shares_the_lead() {
    let train: Vec<i64> = (0..12).flat_map(|at| (0..20).map(move |k| 1000 + at * 4800 + k * 20)).collect();
    let found = run(&of_trains(&vec![train; 8], 1000.0, 60_000), "network_burst_shape", &json!({}));
    let led = column(&found, "electrodes", "percent_led");
    assert_eq!(led, vec![Some(12.5); 8], "together 100 %");
    assert_eq!(column(&found, "network", "percent_led_by_leader"), [Some(12.5)]);
    assert_eq!(texts(&found, "network", "leader_chance"), ["not more than chance"]);
}
