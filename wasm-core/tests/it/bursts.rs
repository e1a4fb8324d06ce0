//! Bursts by every method: equal to those of an independent program, and what chance has of them.

use serde_json::{Map, Value};
use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::{Outcome, Values, run_of, spec};
use wasm_core::figure::{Layer, svg};
use wasm_core::spikes::Spike;
use wasm_core::table::{Table, Values as Column};

use super::insight::{BURST_COLUMNS, Insight, equal, folder};
use super::nulls::{Draw, RATE_HZ, independent};

/// What a block says of trains with some values.
fn outcome(of: &SpikeTrains, kind: &str, values: &[(&str, f64)]) -> Outcome {
    let block = spec(kind).expect("a block");
    let given: Map<String, Value> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    for (name, value) in &given {
        assert!(block.param(name).is_some_and(|param| param.accepts(value)), "{kind}.{name}");
    }
    let run = run_of(block).expect("an analysis");
    run(of, Values::new(&given))
}

fn table<'a>(of: &'a Outcome, id: &str) -> &'a Table {
    of.tables.iter().find(|table| table.id == id).expect("a table")
}

/// Numbers of a column; counts as numbers.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn numbers(of: &Table, name: &str) -> Vec<Option<f64>> {
    match of.column(name).expect("a column") {
        Column::Number(values) => values.clone(),
        Column::Count(values) => values.iter().map(|value| Some(*value as f64)).collect(),
        Column::Text(_) => panic!("{name} holds names"),
    }
}

fn texts<'a>(of: &'a Table, name: &str) -> &'a [String] {
    match of.column(name).expect("a column") {
        Column::Text(values) => values,
        _ => panic!("{name} holds numbers"),
    }
}

/// Start, end and spikes of an electrode's bursts, the first 400, in microseconds, as the oracle writes them.
fn one_by_one(of: &Outcome, electrode: &str) -> Vec<String> {
    let bursts = table(of, "bursts");
    let [starts, durations, n_spikes] = ["start_s", "duration_s", "n_spikes"].map(|name| numbers(bursts, name));
    let us = |seconds: Option<f64>| (seconds.expect("a time") * 1e6).round();
    let rows = texts(bursts, "electrode").iter().enumerate().filter(|(_, own)| *own == electrode);
    let text = |(row, _): (usize, &String)| {
        let (start, duration) = (us(starts[row]), us(durations[row]));
        format!("{start}-{} {}", start + duration, n_spikes[row].expect("a count"))
    };
    rows.map(text).take(400).collect()
}

#[test]
fn every_method_finds_the_bursts_of_an_independent_program() {
    let names = ["hipsc_d41", "rat_plate_div07", "rat_plate_div09"];
    let Some(folder) = folder(names.len()) else { return };
    let mut n = 0;
    for name in names {
        let of = Insight::read(&folder, name);
        let trains = SpikeTrains::new(&of.info, &of.spikes, None);
        let bursts = &of.expected["bursts"];
        let electrode = bursts["example"]["electrode"].as_str().expect("an electrode");
        for (kind, method) in [
            ("bursts_fixed_interval", "max_interval_fixed_100ms"),
            ("bursts_poisson_surprise", "poisson_surprise"),
            ("bursts_rank_surprise", "rank_surprise"),
        ] {
            let found = outcome(&trains, kind, &[]);
            let expected = &bursts["per_electrode"][method];
            for field in BURST_COLUMNS.into_iter().chain(["mean_surprise", "max_surprise"]) {
                if expected[field].is_array() {
                    let own = numbers(table(&found, "electrodes"), field);
                    n += equal(&own, &expected[field], &format!("{name} {method} {field}"));
                }
            }
            let shown = &bursts["example"]["bursts"][method];
            assert_eq!(Value::from(one_by_one(&found, electrode)), *shown, "{name} {method}");
        }
        n += compared(&trains, bursts, name);
    }
    assert!(n > 15_000, "{n} numbers were compared");
}

/// The five methods side by side have the same numbers.
fn compared(trains: &SpikeTrains, bursts: &Value, name: &str) -> usize {
    let found = outcome(trains, "bursts_compared", &[]);
    let electrodes = table(&found, "electrodes");
    let (cultures, wells) = match found.tables.iter().find(|table| table.id == "wells") {
        Some(wells) => (wells, texts(wells, "well").to_vec()),
        None => (table(&found, "culture"), vec!["all".to_owned()]),
    };
    let mut n = 0;
    for (method, expected) in [
        ("max_interval", "max_interval_cotterill_2016"),
        ("fixed_interval", "max_interval_fixed_100ms"),
        ("log_isi", "log_isi"),
        ("poisson_surprise", "poisson_surprise"),
        ("rank_surprise", "rank_surprise"),
    ] {
        for field in ["n_bursts", "percent_spikes_in_bursts", "mean_duration_s"] {
            let own = numbers(electrodes, &format!("{method}_{field}"));
            n += equal(&own, &bursts["per_electrode"][expected][field], &format!("{name} {method} {field}"));
        }
        for (field, other) in [("n_bursts", "n_bursts"), ("bursts_per_min", "mean_bursts_per_min_active")] {
            let of_wells = wells.iter().map(|well| bursts["cultures"][well][expected][other].clone());
            let own = numbers(cultures, &format!("{method}_{field}"));
            n += equal(&own, &of_wells.collect::<Value>(), &format!("{name} {method} {field} of cultures"));
        }
    }
    // A limit is the valley that was expected, or it is said that there is none.
    let expected = bursts["per_electrode"]["log_isi"]["threshold_ms"].as_array().expect("limits");
    let own = numbers(electrodes, "log_isi_limit_ms");
    for ((from, limit), expected) in texts(electrodes, "log_isi_limit_from").iter().zip(own).zip(expected) {
        match (from.as_str(), limit, expected.as_f64()) {
            ("valley between short and long intervals", Some(limit), Some(expected)) => {
                assert!((limit - expected).abs() < 1e-9 * expected, "{limit}");
            }
            ("default, as the valley lies at 1 s or more", Some(limit), Some(expected)) => {
                assert!(limit == 100.0 && expected >= 1000.0, "{expected}");
            }
            ("default, as no valley separates short and long intervals", Some(limit), None) => assert_eq!(limit, 100.0),
            (from, limit, None) => assert!(from.starts_with("none") && limit.is_none(), "{from} {limit:?}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    n
}

/// Trains of 16 channels, ten minutes.
fn of_trains(trains: &[Vec<i64>]) -> SpikeTrains {
    let info = super::numbers::info(16, RATE_HZ, &[6_000_000]);
    SpikeTrains::new(&info, &super::numbers::spikes(trains), None)
}

/// Random firing has no bursts by a fixed interval, and few by methods that try many stretches: none
/// to speak of once these ask for more.
#[test]
fn chance_has_few_bursts() {
    let chance = of_trains(&independent(&mut Draw::new(3), 16, 1.0, 600.0));
    let share = |kind: &str, values: &[(&str, f64)]| {
        let found = outcome(&chance, kind, values);
        let shares: Vec<f64> =
            numbers(table(&found, "electrodes"), "percent_spikes_in_bursts").into_iter().flatten().collect();
        assert_eq!(shares.len(), 16, "{kind}");
        shares.iter().sum::<f64>() / 16.0
    };
    assert_eq!(share("bursts_fixed_interval", &[]), 0.0);
    for (kind, values, most) in [
        ("bursts_poisson_surprise", vec![], 15.0),
        ("bursts_poisson_surprise", vec![("min_surprise", 10.0)], 1.5),
        ("bursts_rank_surprise", vec![], 15.0),
        ("bursts_rank_surprise", vec![("percent_by_chance", 0.001)], 0.5),
    ] {
        let found = share(kind, &values);
        assert!(found <= most, "{kind} {values:?}: {found} % of the spikes");
    }
}

/// Firing at random at 8 Hz has bursts by every method, but no more than random firing; volleys have more.
#[test]
fn bursts_stand_beside_those_of_random_firing() {
    let chance = of_trains(&independent(&mut Draw::new(3), 16, 8.0, 600.0));
    for kind in ["bursts_max_interval", "bursts_fixed_interval", "bursts_poisson_surprise", "bursts_rank_surprise"] {
        let found = outcome(&chance, kind, &[]);
        let electrodes = table(&found, "electrodes");
        let (n, random) = (numbers(electrodes, "n_bursts"), numbers(electrodes, "n_bursts_random"));
        assert!(n.iter().all(|n| n.is_some_and(|n| n > 10.0)), "{kind}: {n:?}");
        let sum = |values: &[Option<f64>]| values.iter().flatten().sum::<f64>();
        let times = sum(&n) / sum(&random);
        assert!((0.7..1.4).contains(&times), "{kind}: {times}");
        let told = &found.figures[1].sentence;
        assert!(told.ends_with("these are no more bursts than random firing brings."), "{kind}: {told}");
    }
    let volley = |at: i64| (0..10).map(move |k| 3000 + at * 30_000 + k * 50);
    let volleys = of_trains(&vec![(0..190).flat_map(volley).collect::<Vec<i64>>(); 16]);
    for kind in ["bursts_max_interval", "bursts_fixed_interval", "bursts_poisson_surprise"] {
        let found = outcome(&volleys, kind, &[]);
        let told = &found.figures[1].sentence;
        assert!(told.ends_with("these are more bursts than random firing brings."), "{kind}: {told}");
    }
}

/// The methods side by side stand beside the same random firing as each alone.
#[test]
fn methods_side_by_side_stand_beside_random_firing() {
    let chance = of_trains(&independent(&mut Draw::new(3), 16, 8.0, 600.0));
    let compared = outcome(&chance, "bursts_compared", &[]);
    let (electrodes, cultures) = (table(&compared, "electrodes"), table(&compared, "culture"));
    for method in ["max_interval", "fixed_interval", "log_isi", "poisson_surprise", "rank_surprise"] {
        // Side by side, MaxInterval has NeuroExplorer's values.
        let neuroexplorer = [
            ("max_start_interval_ms", 170.0),
            ("max_end_interval_ms", 300.0),
            ("min_gap_ms", 200.0),
            ("min_duration_ms", 10.0),
            ("min_spikes", 3.0),
        ];
        let values: &[(&str, f64)] = if method == "max_interval" { &neuroexplorer[..] } else { &[] };
        let alone = outcome(&chance, &format!("bursts_{method}"), values);
        let random = numbers(electrodes, &format!("{method}_n_bursts_random"));
        assert_eq!(random, numbers(table(&alone, "electrodes"), "n_bursts_random"), "{method}");
        let all = numbers(cultures, &format!("{method}_n_bursts_random"))[0].expect("a number");
        let sum: f64 = random.iter().flatten().sum();
        assert!((all - sum).abs() <= 1e-9 * sum, "{method}: {all} of {sum}");
    }
}

#[test]
fn one_spike_and_none_have_no_bursts() {
    let nothing: Vec<Vec<i64>> = vec![Vec::new(); 16];
    let mut one = nothing.clone();
    one[3] = vec![1234];
    for trains in [of_trains(&nothing), of_trains(&one)] {
        for kind in ["bursts_fixed_interval", "bursts_poisson_surprise", "bursts_rank_surprise"] {
            let found = outcome(&trains, kind, &[]);
            assert_eq!(table(&found, "bursts").n_rows(), 0, "{kind}");
            assert!(numbers(table(&found, "electrodes"), "mean_duration_s").iter().all(Option::is_none), "{kind}");
        }
    }
    assert!(outcome(&of_trains(&nothing), "bursts_compared", &[]).absent.is_some());
    let single = outcome(&of_trains(&one), "bursts_compared", &[]);
    assert!(single.absent.is_none() && single.figures.len() == 2);
}

/// Eight spikes that follow each other closely, but for the end of a segment between them.
#[test]
fn no_burst_crosses_the_end_of_a_segment() {
    let info = super::numbers::info(1, 1000.0, &[1000, 1000]);
    let spike = |segment_index: u32, sample_index: i64| Spike {
        segment_index,
        sample_index,
        channel_index: 0,
        amplitude_uv: -20.0,
    };
    let spikes: Vec<Spike> =
        (0..4).map(|at| spike(0, 960 + at * 10)).chain((0..4).map(|at| spike(1, at * 10))).collect();
    let of = SpikeTrains::new(&info, &spikes, None);
    for kind in ["bursts_fixed_interval", "bursts_poisson_surprise", "bursts_rank_surprise"] {
        assert_eq!(table(&outcome(&of, kind, &[]), "bursts").n_rows(), 0, "{kind}");
    }
}

/// However many bursts there are, a picture holds few.
#[test]
fn the_pictures_of_the_comparison_are_bounded() {
    // Six spikes 2 ms apart, ten times a second for ten minutes: the third electrode has most.
    let volleys = |n: i64| (0..n).flat_map(|at| (0..6).map(move |k| at * 1000 + k * 20)).collect::<Vec<i64>>();
    let mut trains: Vec<Vec<i64>> = vec![Vec::new(); 16];
    (trains[2], trains[5]) = (volleys(6000), volleys(500));
    let of = of_trains(&trains);
    for (place, electrode) in [(1.0, "E2"), (2.0, "E5"), (100.0, "E5")] {
        let found = outcome(&of, "bursts_compared", &[("electrode", place), ("shown_s", 600.0)]);
        let [limits, rows] = &found.figures[..] else { panic!("two figures") };
        assert!(limits.title.contains(electrode) && rows.title.contains(electrode), "{}", rows.title);
        for layer in &rows.layers {
            match layer {
                Layer::Edges { edges } => assert!(edges.len() <= 1000, "{}", edges.len()),
                Layer::Ticks { points } => assert!(points.len() <= 3000, "{}", points.len()),
                other => panic!("{other:?}"),
            }
        }
        for figure in [limits, rows] {
            let picture = svg(figure, (640.0, 320.0), None);
            assert!(!picture.contains("NaN") && figure.sentence.ends_with('.'), "{}", figure.sentence);
        }
    }
}
