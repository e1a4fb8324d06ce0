//! Rates, local variation and the network formation assay: equal to those of an independent program, to
//! closed forms, and to what chance gives.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::{Outcome, Values, number, run_of, spec};
use wasm_core::table::Values as Cells;

use super::insight::{Insight, equal, folder};
use super::nulls::{Draw, RATE_HZ, Trains, independent};
use super::numbers::{info, spikes};

pub(super) const NAMES: [&str; 3] = ["hipsc_d41", "rat_plate_div07", "rat_plate_div09"];

/// What a block gives with some values.
pub(super) fn outcome(trains: &SpikeTrains, kind: &str, values: &[(&str, f64)]) -> Outcome {
    let spec = spec(kind).expect("a block");
    let given: Map<String, Value> = values.iter().map(|(name, value)| ((*name).to_owned(), number(*value))).collect();
    for (name, value) in &given {
        assert!(spec.param(name).is_some_and(|param| param.accepts(value)), "{kind} {name}");
    }
    run_of(spec).expect("an analysis")(trains, Values::new(&given))
}

fn cells<'a>(of: &'a Outcome, table: &str, column: &str) -> &'a Cells {
    let table = of.tables.iter().find(|own| own.id == table).expect("a table");
    table.column(column).expect("a column")
}

/// Numbers of a column; counts as numbers.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub(super) fn column(of: &Outcome, table: &str, column: &str) -> Vec<Option<f64>> {
    match cells(of, table, column) {
        Cells::Number(values) => values.clone(),
        Cells::Count(values) => values.iter().map(|value| Some(*value as f64)).collect(),
        Cells::Text(_) => panic!("{column} holds names"),
    }
}

pub(super) fn texts(of: &Outcome, table: &str, column: &str) -> Vec<String> {
    let Cells::Text(values) = cells(of, table, column) else { panic!("{column} holds numbers") };
    values.clone()
}

/// The table of cultures, and their names.
pub(super) fn cultures(of: &Outcome) -> (&'static str, Vec<String>) {
    let is_plate = of.tables.iter().any(|table| table.id == "wells");
    if is_plate { ("wells", texts(of, "wells", "well")) } else { ("culture", vec!["all".to_owned()]) }
}

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    let n = f64::from(u32::try_from(values.len()).expect("few"));
    (n > 0.0).then(|| values.iter().sum::<f64>() / n)
}

/// Compares a column of cultures with numbers that a function gives for each.
pub(super) fn same(of: &Outcome, name: &str, expected: impl Fn(&str) -> Option<f64>) -> usize {
    let (table, names) = cultures(of);
    let expected: Vec<Option<f64>> = names.iter().map(|name| expected(name)).collect();
    equal(&column(of, table, name), &serde_json::to_value(expected).expect("JSON"), name)
}

/// Spikes of all wells together in each bin.
fn counts_over_time(of: &Outcome) -> Vec<Option<f64>> {
    let counts = column(of, "over_time", "n_spikes");
    let n_bins = counts.len() / cultures(of).1.len();
    (0..n_bins).map(|bin| counts.iter().skip(bin).step_by(n_bins).copied().sum()).collect()
}

#[test]
fn firing_has_the_numbers_of_an_independent_program() {
    let Some(folder) = folder(NAMES.len()) else { return };
    let mut n = 0;
    for name in NAMES {
        let of = Insight::read(&folder, name);
        let trains = SpikeTrains::new(&of.info, &of.spikes, None);
        let (firing, expected) = (outcome(&trains, "firing", &[]), &of.expected["firing"]);
        let per = &expected["per_electrode"];
        for (field, theirs) in [
            ("n_spikes", "n_spikes"),
            ("rate_hz", "rate_hz"),
            ("presence_ratio", "presence_ratio_60s"),
            ("fano_factor", "fano_1s"),
        ] {
            n += equal(&column(&firing, "electrodes", field), &per[theirs], &format!("{name} {field}"));
        }
        let active: Vec<&str> = per["active"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|active| if active == &Value::Bool(true) { "yes" } else { "no" })
            .collect();
        assert_eq!(texts(&firing, "electrodes", "active"), active);
        for (field, theirs) in [
            ("n_electrodes", "n_electrodes"),
            ("active_electrodes", "n_active"),
            ("mean_rate_hz", "mean_rate_all_hz"),
            ("mean_rate_active_hz", "mean_rate_active_hz"),
            ("median_rate_active_hz", "median_rate_active_hz"),
            // All were observed all the time.
            ("weighted_mean_rate_hz", "mean_rate_active_hz"),
        ] {
            n += same(&firing, field, |culture| expected["cultures"][culture][theirs].as_f64());
        }
        n += equal(&counts_over_time(&firing), &expected["population_counts_1s"], "counts over time");
        let intervals = outcome(&trains, "intervals", &[]);
        n += equal(&column(&intervals, "electrodes", "lvr"), &per["lvr"], &format!("{name} LvR"));
    }
    assert!(n > 6000, "{n} numbers were compared");
}

/// The electrodes of each culture that are active and actively bursting by the expected numbers.
fn bursting(of: &Insight, trains: &SpikeTrains, bursts: &Value) -> BTreeMap<String, Vec<usize>> {
    let minutes = of.info.duration_s() / 60.0;
    let active = &of.expected["firing"]["per_electrode"]["active"];
    let is_bursting = |at: &usize| {
        active[*at].as_bool() == Some(true)
            && bursts["n_bursts"][*at].as_f64().is_some_and(|n_bursts| n_bursts / minutes >= 0.5)
    };
    let name = |culture: &[usize]| match trains.well(culture[0]) {
        "" => "all".to_owned(),
        well => well.to_owned(),
    };
    let own = |culture: &Vec<usize>| (name(culture), culture.iter().copied().filter(is_bursting).collect());
    trains.cultures().iter().map(own).collect()
}

#[test]
fn the_assay_has_the_numbers_of_an_independent_program() {
    let Some(folder) = folder(NAMES.len()) else { return };
    let mut n = 0;
    for name in NAMES {
        let of = Insight::read(&folder, name);
        let trains = SpikeTrains::new(&of.info, &of.spikes, None);
        // Bursts of six spikes are the set that was computed there.
        let assay = outcome(&trains, "network_formation_assay", &[("min_spikes", 6.0)]);
        let (bursts, firing) = (&of.expected["bursts"], &of.expected["firing"]["cultures"]);
        let own = &bursts["per_electrode"]["max_interval_sjemea"];
        let bursting = bursting(&of, &trains, own);
        let over = |culture: &str, value: &dyn Fn(usize) -> Option<f64>| {
            mean(&bursting[culture].iter().filter_map(|at| value(*at)).collect::<Vec<_>>())
        };
        let number = |field: &str, at: usize| own[field][at].as_f64();
        n += same(&assay, "nAE", |culture| firing[culture]["n_active"].as_f64());
        n += same(&assay, "meanfiringrate", |culture| firing[culture]["mean_rate_active_hz"].as_f64());
        n += same(&assay, "burst.per.min", |culture| {
            bursts["cultures"][culture]["max_interval_sjemea"]["mean_bursts_per_min_active"].as_f64()
        });
        n += same(&assay, "mean.dur", |culture| over(culture, &|at| number("mean_duration_s", at)));
        n += same(&assay, "mean.IBIs", |culture| over(culture, &|at| number("mean_ibi_s", at)));
        n += same(&assay, "mean.isis", |culture| {
            over(culture, &|at| {
                let n_bursts = number("n_bursts", at)?;
                Some(number("mean_duration_s", at)? * n_bursts / (number("n_spikes_in_bursts", at)? - n_bursts))
            })
        });
        n += same(&assay, "per.spikes.in.burst", |culture| {
            over(culture, &|at| {
                let n_spikes = of.expected["firing"]["per_electrode"]["n_spikes"][at].as_f64()?;
                Some(number("n_spikes_in_bursts", at)? * 100.0 / n_spikes)
            })
        });
        for (set, bin_ms, least) in [("3ms_5", 3.0, 5.0), ("3ms_10", 3.0, 10.0), ("10ms_3", 10.0, 3.0)] {
            let values = [
                ("network_bin_ms", bin_ms),
                ("network_min_electrodes", least),
                ("network_min_spikes", 1.0),
                ("ends_s", 0.0),
            ];
            let assay = outcome(&trains, "network_formation_assay", &values);
            n += same(&assay, "ns.n", |culture| of.expected["network"][culture]["network_spikes"][set]["n"].as_f64());
        }
    }
    assert!(n > 800, "{n} numbers were compared");
}

/// The culture fires as a network, and its shifted copies do not.
#[test]
fn the_assay_of_a_culture_of_human_neurons() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, NAMES[0]);
    let assay = outcome(&SpikeTrains::new(&of.info, &of.spikes, None), "network_formation_assay", &[]);
    let number = |name: &str| column(&assay, "culture", name)[0].expect("a number");
    assert_eq!((number("ns.n"), number("nAE")), (29.0, 28.0));
    assert!(number("ns.n.shifted") < 3.0, "{}", number("ns.n.shifted"));
    // From dense arrays of bins, in NumPy.
    for (name, expected) in [
        ("ns.peak.m", 16.034_482_758_620_69),
        ("ns.durn.m", 0.538_153_766_731_355),
        ("ns.percent.of.spikes.in.ns", 3.339_836_129_535_700_4),
        ("r", 0.061_502_400_777_341_48),
        ("mi", 0.003_204_980_425_481_098),
    ] {
        assert!((number(name) / expected - 1.0).abs() < 1e-9, "{name} is {}", number(name));
    }
}

/// Twelve spikes each 5 ms at 1 kHz, every three seconds of a minute.
fn volleys() -> Vec<i64> {
    (0..20).flat_map(|volley| (0..12).map(move |k| 500 + volley * 3000 + k * 5)).collect()
}

#[test]
fn electrodes_that_fire_as_one_have_closed_forms() {
    let trains = SpikeTrains::new(&info(8, 1000.0, &[60_000]), &spikes(&vec![volleys(); 8]), None);
    let firing = outcome(&trains, "firing", &[("fano_window_s", 3.0), ("presence_bin_s", 30.0)]);
    for (name, expected) in [
        ("n_electrodes", 8.0),
        ("active_electrodes", 8.0),
        ("percent_active", 100.0),
        ("n_spikes", 1920.0),
        ("mean_rate_hz", 4.0),
        ("median_rate_hz", 4.0),
        ("mean_rate_active_hz", 4.0),
        ("median_rate_active_hz", 4.0),
        ("weighted_mean_rate_hz", 4.0),
        ("presence_ratio", 1.0),
        ("fano_factor", 0.0),
        ("rate_second_to_first_half", 1.0),
        ("cv_rate", 0.0),
    ] {
        assert_eq!(column(&firing, "culture", name), [Some(expected)], "{name}");
    }
    let assay = outcome(&trains, "network_formation_assay", &[]);
    let share = 240.0_f64 / 19_980.0;
    let entropy = -(share * libm::log(share) + (1.0 - share) * libm::log(1.0 - share)) / std::f64::consts::LN_2;
    for (name, expected) in [
        ("meanfiringrate", 4.0),
        ("burst.per.min", 20.0),
        ("mean.isis", 0.005),
        ("per.spikes.in.burst", 100.0),
        ("mean.dur", 0.055),
        ("mean.IBIs", 2.945),
        ("nAE", 8.0),
        ("nABE", 8.0),
        // Two at the start and one at the end lie within 5 s of it.
        ("ns.n", 17.0),
        ("ns.peak.m", 8.0),
        // Both bins are full, and half of them is reached halfway to the next.
        ("ns.durn.m", 0.1),
        ("ns.percent.of.spikes.in.ns", 17.0 * 80.0 / 19.2),
        ("ns.mean.insis", 3.0),
        ("ns.durn.sd", 0.0),
        ("ns.mean.spikes.in.ns", 80.0),
        ("r", 1.0),
        ("mi", entropy),
    ] {
        let found = column(&assay, "culture", name)[0].expect("a number");
        assert!((found - expected).abs() < 1e-9, "{name} is {found}, expected {expected}");
    }
    let shifted = column(&assay, "culture", "ns.n.shifted")[0].expect("a number");
    assert!(shifted < 2.0, "{shifted}");
}

/// Electrodes that know nothing of each other and fire at random.
#[test]
fn chance_has_a_fano_factor_of_one_and_no_network() {
    let chance = independent(&mut Draw::new(5), 16, 1.0, 600.0);
    let trains = SpikeTrains::new(&info(16, RATE_HZ, &[6_000_000]), &spikes(&chance), None);
    let firing = outcome(&trains, "firing", &[]);
    let number = |of: &Outcome, name: &str| column(of, "culture", name)[0].expect("a number");
    assert_eq!(number(&firing, "presence_ratio"), 1.0);
    assert!((number(&firing, "fano_factor") - 1.0).abs() < 0.06, "{}", number(&firing, "fano_factor"));
    let change = number(&firing, "rate_second_to_first_half");
    assert!((change - 1.0).abs() < 0.08, "{change}");
    // Sixty spikes in a bin.
    assert!((number(&firing, "cv_rate") - 0.129).abs() < 0.04, "{}", number(&firing, "cv_rate"));
    let intervals = |refractoriness_ms: f64| outcome(&trains, "intervals", &[("refractoriness_ms", refractoriness_ms)]);
    let of = |block: &Outcome, name: &str| column(block, "electrodes", name);
    let lvr = of(&intervals(5.0), "lvr").into_iter().flatten().collect::<Vec<_>>();
    assert!(mean(&lvr).is_some_and(|lvr| (lvr - 1.0).abs() < 0.06), "{lvr:?}");
    // Without refractoriness it is LV.
    let plain = intervals(0.0);
    assert_eq!(of(&plain, "lvr"), of(&plain, "lv"));
    let assay = outcome(&trains, "network_formation_assay", &[]);
    assert!(number(&assay, "ns.n") <= 1.0 && number(&assay, "ns.n.shifted") < 1.0);
    assert!(number(&assay, "r").abs() < 0.005 && number(&assay, "mi").abs() < 5e-4);
}

#[test]
fn of_nothing_nothing_is_said() {
    let plain = info(4, 1000.0, &[60_000]);
    let mut one: Trains = vec![Vec::new(); 4];
    one[2] = vec![1234];
    for (trains, n_spikes) in [(one, 1.0), (vec![Vec::new(); 4], 0.0)] {
        let trains = SpikeTrains::new(&plain, &spikes(&trains), None);
        let firing = outcome(&trains, "firing", &[]);
        for name in ["mean_rate_active_hz", "weighted_mean_rate_hz", "fano_factor", "cv_rate"] {
            assert_eq!(column(&firing, "culture", name), [None], "{name}");
        }
        assert_eq!(column(&firing, "culture", "n_spikes"), [Some(n_spikes)]);
        assert_eq!(column(&firing, "culture", "percent_active"), [Some(0.0)]);
        assert_eq!(column(&firing, "electrodes", "fano_factor")[0], None);
        let assay = outcome(&trains, "network_formation_assay", &[]);
        for name in ["nAE", "nABE", "ns.n", "ns.n.shifted"] {
            assert_eq!(column(&assay, "culture", name), [Some(0.0)], "{name}");
        }
        for name in ["meanfiringrate", "burst.per.min", "mean.dur", "ns.peak.m", "ns.mean.insis", "r", "mi"] {
            assert_eq!(column(&assay, "culture", name), [None], "{name}");
        }
    }
    let of = |n_channels: usize, lengths: &[u64], kind: &str| {
        outcome(&SpikeTrains::new(&info(n_channels, 1000.0, lengths), &[], None), kind, &[]).absent.is_some()
    };
    assert!(of(4, &[0], "firing") && of(0, &[60_000], "firing"));
    assert!(of(4, &[29_000], "network_formation_assay") && of(0, &[60_000], "network_formation_assay"));
}

/// One window has no variance, and a reason stands in its place.
#[test]
fn one_window_has_no_fano_factor_but_a_reason() {
    let of = |n_frames: u64| {
        let trains = SpikeTrains::new(&info(1, 1000.0, &[n_frames]), &spikes(&[vec![100, 300, 900]]), None);
        outcome(&trains, "firing", &[])
    };
    let (short, long) = (of(1999), of(2000));
    let fano = |of: &Outcome| ["culture", "electrodes"].map(|table| column(of, table, "fano_factor")[0]);
    assert_eq!(fano(&short), [None, None]);
    let reason = short.absent.expect("a reason");
    assert!(reason.starts_with("the Fano factor needs two whole windows of 1 s, and one was recorded; "), "{reason}");
    // Counts 3 and 0: mean 1.5, variance 2.25.
    assert_eq!(fano(&long), [Some(1.5), Some(1.5)]);
    let reason = long.absent.expect("of bins of 60 s there is none");
    assert_eq!(reason, "the variation of the rate needs two whole bins of 60 s, and none was recorded");
    assert_eq!(of(120_000).absent, None);
}

/// An electrode that fires does so also where it has no rate.
#[test]
fn a_very_short_recording_says_one_thing() {
    let trains: Trains = (0..16).map(|at| vec![at, at + 3]).collect();
    let found = outcome(&SpikeTrains::new(&info(16, 1000.0, &[30]), &spikes(&trains), None), "firing", &[]);
    let told = &found.figures[1].sentence;
    assert!(told.starts_with("16 of 16 electrodes fire; 16 are active; 16 were observed for less than 1 s"), "{told}");
}

#[test]
fn time_that_was_not_observed_is_no_silence() {
    let plain = info(2, 1000.0, &[60_000]);
    let trains = SpikeTrains::new(&plain, &spikes(&vec![volleys(); 2]), Some(&[60.0, 15.0]));
    let firing = outcome(&trains, "firing", &[]);
    assert_eq!(column(&firing, "electrodes", "rate_hz"), [Some(4.0), Some(16.0)]);
    assert_eq!(column(&firing, "electrodes", "presence_ratio"), [Some(1.0), None]);
    assert_eq!(column(&firing, "electrodes", "rate_second_to_first_half"), [Some(1.0), None]);
    assert_eq!(column(&firing, "culture", "mean_rate_hz"), [Some(10.0)]);
    assert_eq!(column(&firing, "culture", "weighted_mean_rate_hz"), [Some(480.0 / 75.0)]);
    // Halves are those of all segments together.
    let halved = SpikeTrains::new(&info(1, 1000.0, &[30_000, 90_000]), &spikes(&[vec![5, 10, 29_999]]), None);
    let firing = outcome(&halved, "firing", &[("active_per_min", 1.0)]);
    assert_eq!(column(&firing, "electrodes", "rate_second_to_first_half"), [Some(0.0)]);
    assert_eq!(texts(&firing, "electrodes", "active"), ["yes"]);
    let segments = column(&firing, "over_time", "segment");
    assert_eq!((segments.len(), segments[29], segments[30]), (120, Some(0.0), Some(1.0)));
}
