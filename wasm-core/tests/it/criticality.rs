//! Avalanches, branching and Spike-contrast: real cultures against
//! independent programs, and made ones of which is known what must be found, or must not.

use serde_json::Value;
use wasm_core::analyses::SpikeTrains;
use wasm_core::pipeline::{GRAPH_VERSION, Pipeline};
use wasm_core::run::{BlockResult, Cache, results};
use wasm_core::table::Values;

use super::insight::{Insight, block, column, folder};
use super::numbers::{info, spikes};

/// The one number of a culture.
fn number(of: &BlockResult, name: &str) -> Option<f64> {
    column(of, "cultures", name)[0]
}

/// Why a culture has no number.
fn reason(of: &BlockResult, name: &str) -> String {
    match of.table("cultures").and_then(|table| table.column(name)) {
        Some(Values::Text(texts)) => texts[0].clone(),
        other => panic!("{name}: {other:?}"),
    }
}

fn is_close(found: Option<f64>, expected: &Value, relative: f64) -> bool {
    let expected = expected.as_f64().expect("a number");
    found.is_some_and(|found| (found - expected).abs() <= relative * expected.abs())
}

/// Compares how many avalanches have a size or duration; `most` is the largest that was written.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn equal_counts(found: &BlockResult, table: &str, name: &str, expected: &Value, most: f64) -> usize {
    let (values, counts) = (column(found, table, name), column(found, table, "n_avalanches"));
    let pairs = values.into_iter().flatten().zip(counts.into_iter().flatten());
    let found: Vec<(f64, f64)> = pairs.filter(|(value, count)| *count > 0.0 && *value <= most).collect();
    let mut wanted: Vec<(f64, f64)> = expected
        .as_object()
        .expect("counts")
        .iter()
        .map(|(value, count)| (value.parse().expect("a number"), count.as_u64().expect("a count") as f64))
        .collect();
    wanted.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert_eq!(found, wanted, "{table}");
    found.len()
}

#[test]
fn a_real_culture_has_the_avalanches_and_the_branching_of_an_independent_program() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, "hipsc_d41");
    let (found, expected) = (block(&of, "avalanches", &[]), &of.expected["avalanches"]);
    let numbers = [
        ("n_avalanches", "n"),
        ("mean_size_spikes", "mean_size_spikes"),
        ("max_size_spikes", "max_size_spikes"),
        ("mean_size_electrodes", "mean_size_electrodes"),
        ("mean_duration_bins", "mean_duration_bins"),
        ("max_duration_bins", "max_duration_bins"),
        ("branching_first_bins", "branching_beggs_plenz"),
        ("branching_all_bins", "branching_all_bins"),
    ];
    for (name, field) in numbers {
        let wanted = &expected["avalanches"][field];
        assert!(is_close(number(&found, name), wanted, 1e-9), "{name}: {:?}, not {wanted}", number(&found, name));
    }
    let bin_s = number(&found, "bin_ms").map(|bin_ms| bin_ms / 1000.0);
    assert!(is_close(bin_s, &expected["avalanches"]["bin_s"], 1e-9), "{bin_s:?}");
    let n = equal_counts(&found, "sizes", "size_spikes", &expected["avalanches"]["size_counts"], 50.0);
    assert!(
        n + equal_counts(&found, "durations", "duration_bins", &expected["avalanches"]["duration_counts"], 30.0) > 30
    );
    let coefficients = column(&found, "r_k", "r");
    let wanted = expected["mr"]["r"].as_array().expect("coefficients");
    assert_eq!((coefficients.len(), wanted.len()), (100, 100));
    for (at, (found, wanted)) in coefficients.iter().zip(wanted).enumerate() {
        assert!(is_close(*found, wanted, 1e-9), "r of lag {}: {found:?}, not {wanted}", at + 1);
    }
    let fit = &expected["mr"]["fits"]["exponential"];
    for (name, field, relative) in [("m", "m", 1e-6), ("tau_ms", "tau_ms", 1e-4), ("r_squared", "r_squared", 1e-5)] {
        assert!(is_close(number(&found, name), &fit[field], relative), "{name}: {:?}", number(&found, name));
    }
    assert_eq!(reason(&found, "why_no_m"), "");
    // The naive ratio rises when trains are shifted, as in the oracle's shuffled ones: 0.25 to 0.69 there.
    let at = |name: &str| number(&found, name).expect("a number");
    assert!((0.55..0.75).contains(&at("branching_first_bins_shifted")), "{}", at("branching_first_bins_shifted"));
    assert!((4.0..5.2).contains(&at("mean_size_spikes_shifted")), "{}", at("mean_size_spikes_shifted"));
    assert!((0.02..0.06).contains(&at("r_1_shifted")), "{}", at("r_1_shifted"));
}

#[test]
fn spike_contrast_is_that_of_elephant() {
    // elephant 1.2.1 with times in whole microseconds: active electrodes, the whole recording.
    const HIPSC: (f64, f64) = (0.689_478_474_279_029_3, 2_217.871_485_362_262_3);
    const WELLS: [(&str, f64, f64); 8] = [
        ("A1", 0.134_658_741_545_398_64, 450_000.0),
        ("A3", 0.222_427_224_221_057_6, 23_550.643_486_231_24),
        ("A4", 0.249_975_869_090_384_36, 29_074.868_501_520_05),
        ("A5", 0.155_521_983_707_485_85, 35_894.899_384_592_65),
        ("A6", 0.221_321_194_774_040_75, 32_305.409_446_133_388),
        ("A8", 0.155_606_198_723_791_22, 450_000.0),
        ("B1", 0.319_894_863_001_641_1, 228.387_953_725_387_46),
        ("B2", 0.132_032_272_132_577_4, 450_000.0),
    ];
    let Some(folder) = folder(2) else { return };
    let close = |found: Option<f64>, wanted: f64| found.is_some_and(|found| (found - wanted).abs() < 1e-9 * wanted);
    let single = block(&Insight::read(&folder, "hipsc_d41"), "spike_contrast", &[]);
    assert!(close(number(&single, "spike_contrast"), HIPSC.0), "{:?}", number(&single, "spike_contrast"));
    assert!(close(number(&single, "scale_ms"), HIPSC.1), "{:?}", number(&single, "scale_ms"));
    let shifted = number(&single, "spike_contrast_shifted");
    assert!(shifted.is_some_and(|shifted| (0.1..0.2).contains(&shifted)), "{shifted:?}");
    let plate = block(&Insight::read(&folder, "rat_plate_div09"), "spike_contrast", &[]);
    let Some(Values::Text(wells)) = plate.table("wells").and_then(|table| table.column("well")) else {
        panic!("no wells")
    };
    let (found, scales) = (column(&plate, "wells", "spike_contrast"), column(&plate, "wells", "scale_ms"));
    assert_eq!(wells.len(), 43);
    for (well, synchrony, scale_ms) in WELLS {
        let at = wells.iter().position(|known| known == well).expect("the well");
        assert!(close(found[at], synchrony) && close(scales[at], scale_ms), "{well}: {:?} {:?}", found[at], scales[at]);
    }
    let sum: f64 = found.iter().flatten().sum();
    assert!((sum - 10.160_462_491_187_651).abs() < 1e-8, "{sum}");
}

/// Frames of the made cultures: 300 s at 1,000 a second.
const N_FRAMES: i64 = 300_000;

/// Random numbers, the same on every platform.
struct Random(u32);

impl Random {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i64::from(self.0 >> 8) % n
    }

    /// Ten spikes within 300 ms of each start.
    fn volleys(&mut self, starts: &[i64]) -> Vec<i64> {
        let mut train: Vec<i64> = Vec::new();
        for start in starts {
            train.extend((0..10).map(|_| start + self.below(300)));
        }
        train.retain(|frame| *frame < N_FRAMES);
        train.sort_unstable();
        train.dedup();
        train
    }

    /// Starts that follow each other by `step` to `step` + 400.
    fn starts(&mut self, first: i64, step: i64) -> Vec<i64> {
        let (mut at, mut starts) = (first, Vec::new());
        while at < N_FRAMES {
            starts.push(at);
            at += step + self.below(401);
        }
        starts
    }
}

/// The result of one analysis of eight made trains.
fn of_made(trains: &[Vec<i64>], kind: &str) -> BlockResult {
    let mut pipeline = Pipeline { version: GRAPH_VERSION, blocks: Vec::new() };
    pipeline.add_analysis(kind);
    let info = info(trains.len(), 1000.0, &[N_FRAMES.unsigned_abs()]);
    let trains = SpikeTrains::new(&info, &spikes(trains), None);
    let set = results(&trains, 0, &pipeline, &mut Cache::default());
    BlockResult::clone(set.blocks.first().expect("one analysis"))
}

/// Volleys of all electrodes, about every seven seconds.
fn regular() -> Vec<Vec<i64>> {
    let mut random = Random(1);
    let starts = random.starts(1000, 6800);
    (0..8).map(|_| random.volleys(&starts)).collect()
}

/// As many at random times.
fn irregular(seed: u32) -> Vec<Vec<i64>> {
    let mut random = Random(seed);
    let starts: Vec<i64> = (0..43).map(|_| random.below(N_FRAMES)).collect();
    (0..8).map(|_| random.volleys(&starts)).collect()
}

/// Volleys of each electrode at its own times, about every 5.2 to 7.3 seconds.
fn each_for_itself() -> Vec<Vec<i64>> {
    let mut random = Random(1);
    let mut train = |electrode: i64| {
        let first = random.below(5000);
        let starts = random.starts(first, 5000 + electrode * 300);
        random.volleys(&starts)
    };
    (0..8).map(&mut train).collect()
}

/// A spike a second of each electrode, at random times.
fn independent() -> Vec<Vec<i64>> {
    let mut random = Random(1);
    let train = |_| {
        let mut train: Vec<i64> = (0..300).map(|_| random.below(N_FRAMES)).collect();
        train.sort_unstable();
        train.dedup();
        train
    };
    (0..8).map(train).collect()
}

#[test]
fn electrodes_that_know_nothing_of_each_other_have_no_branching() {
    let found = of_made(&each_for_itself(), "avalanches");
    assert_eq!(number(&found, "m"), None);
    assert_eq!(reason(&found, "why_no_m"), "r_1 is not above that of all shifted copies");
    // What every peer would have told.
    assert!(number(&found, "r_squared").is_some_and(|r_squared| r_squared > 0.8));
    let found = of_made(&independent(), "avalanches");
    assert!(number(&found, "m").is_none() && number(&found, "tau_ms").is_none());
    assert!(!reason(&found, "why_no_m").is_empty());
    for trains in [each_for_itself(), independent()] {
        let found = of_made(&trains, "avalanches");
        for name in ["mean_size_spikes", "mean_duration_bins", "branching_first_bins", "branching_all_bins"] {
            let own = number(&found, name).expect("a number");
            let shifted = number(&found, &format!("{name}_shifted")).expect("a number");
            assert!((own / shifted - 1.0).abs() < 0.1, "{name}: {own}, in shifted copies {shifted}");
        }
    }
    // Volleys in common are far larger than those of the copies.
    let found = of_made(&irregular(2), "avalanches");
    let (own, shifted) = (number(&found, "mean_size_spikes"), number(&found, "mean_size_spikes_shifted"));
    assert!(own > shifted.map(|shifted| 3.0 * shifted), "{own:?} {shifted:?}");
}

#[test]
fn what_cannot_be_said_has_a_reason() {
    let mut one = vec![Vec::new(); 8];
    one[3] = vec![1234];
    let mut alone = vec![Vec::new(); 8];
    alone[0] = regular().swap_remove(0);
    for trains in [vec![Vec::new(); 8], one, alone] {
        for kind in ["avalanches", "spike_contrast"] {
            let found = of_made(&trains, kind);
            assert_eq!(found.absent.as_deref(), Some("no two active electrodes in one culture"), "{kind}");
        }
    }
    // Electrodes that fire alike have the greatest synchrony there is.
    let same = vec![regular().swap_remove(0).into_iter().step_by(10).collect::<Vec<i64>>(); 8];
    let found = number(&of_made(&same, "spike_contrast"), "spike_contrast");
    assert!(found.is_some_and(|found| (found - 1.0).abs() < 1e-9), "{found:?}");
}
