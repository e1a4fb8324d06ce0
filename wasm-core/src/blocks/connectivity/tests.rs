//! What the block says of simulated cultures.

use serde_json::{Map, Value};

use super::*;
use crate::analyses::random::Random;
use crate::formats::uniform;
use crate::recording::{SegmentInfo, StreamInfo};
use crate::sample::SampleType;
use crate::spikes::of_trains;
use crate::table::Values as Column;

const N_CHANNELS: usize = 16;
const N_FRAMES: i64 = 300_000;

/// Spikes of 16 electrodes at 1 kHz.
fn trains(of: &[Vec<i64>]) -> SpikeTrains {
    let place = |at: usize| [at % 4, at / 4].map(|step| 200.0 * f64::from(u32::try_from(step).expect("small")));
    let ids = (0..N_CHANNELS).map(|at| format!("E{at}")).collect();
    let info = StreamInfo {
        positions_um: Some((0..N_CHANNELS).map(place).collect()),
        segments: vec![SegmentInfo { n_frames: N_FRAMES.unsigned_abs(), t_start_s: 0.0 }],
        ..uniform("spikes", 1000.0, SampleType::Float32, ids, 1.0)
    };
    SpikeTrains::new(&info, &of_trains(of), None)
}

/// Electrodes that fire at random, each for itself.
fn independent(seed: u64, n_spikes: usize) -> Vec<Vec<i64>> {
    let mut random = Random::new(seed);
    let mut all = vec![vec![0; n_spikes]; N_CHANNELS];
    for train in &mut all {
        for frame in &mut *train {
            *frame = random.below(N_FRAMES);
        }
        train.sort_unstable();
    }
    all
}

/// Electrodes that fire far more often in 30 stretches of two seconds, each spike by itself.
fn in_network_bursts() -> Vec<Vec<i64>> {
    let mut all = independent(12, 200);
    let mut random = Random::new(13);
    let starts: Vec<i64> = (0..30).map(|_| 500 * random.below(N_FRAMES / 500 - 4)).collect();
    for train in &mut all {
        for start in &starts {
            train.extend((0..20).map(|_| start + random.below(2000)));
        }
        train.sort_unstable();
    }
    all
}

/// Electrodes that fire at random, each for itself, at rates that rise and fall together: of each stretch of ten
/// seconds they have many spikes or few.
fn in_common_drift() -> Vec<Vec<i64>> {
    let mut random = Random::new(16);
    let is_high: Vec<bool> = (0..N_FRAMES / 10_000).map(|_| random.below(2) == 1).collect();
    let mut all = independent(17, 2500);
    for train in &mut all {
        train.retain(|frame| {
            let is_kept = random.below(10) < 1;
            is_kept || usize::try_from(frame / 10_000).is_ok_and(|stretch| is_high[stretch])
        });
    }
    all
}

fn outcome(of: &[Vec<i64>], values: &[(&str, Value)]) -> Outcome {
    let given: Map<String, Value> = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    run(&trains(of), Values::new(&given))
}

fn number(of: &Outcome, name: &str) -> Option<f64> {
    match of.tables[0].column(name).expect("a column") {
        Column::Number(values) => values[0],
        Column::Count(values) => Some(f64::from(u32::try_from(values[0]).expect("small"))),
        Column::Text(_) => None,
    }
}

#[test]
fn independent_electrodes_have_no_edges() {
    for n_spikes in [30, 300, 1500] {
        for null in ["shift", "jitter", "near"].into_iter().take(if n_spikes > 30 { 3 } else { 2 }) {
            let found = outcome(&independent(11, n_spikes), &[("null", null.into())]);
            assert_eq!((number(&found, "n_pairs"), number(&found, "n_edges")), (Some(120.0), Some(0.0)), "{n_spikes}");
            assert_eq!((number(&found, "path_length"), number(&found, "modularity_q")), (None, None));
            assert_eq!((number(&found, "n_components"), number(&found, "global_efficiency")), (Some(16.0), Some(0.0)));
        }
    }
}

#[test]
fn network_bursts_make_edges_unless_copies_have_them() {
    let bursting = in_network_bursts();
    let found = outcome(&bursting, &[]);
    assert!(number(&found, "n_edges") > Some(100.0), "{:?}", found.figures[0].sentence);
    let told = found.figures[0].sentence.clone();
    let found = outcome(&bursting, &[("null", "jitter".into())]);
    let n_edges = number(&found, "n_edges").expect("a number");
    assert!(n_edges < 6.0, "{:?}", found.figures[0].sentence);
    // The sentence of the first begins with the edges that the second finds as well.
    let of_edges = number(&outcome(&bursting, &[]), "n_edges").expect("a number");
    let (n_stay, told_edges) = told.split_once(" of ").expect("two numbers");
    assert!(n_stay.parse::<f64>().expect("a number") <= n_edges, "{told}");
    assert!(told_edges.starts_with(&format!("{of_edges} edges pass as well when the copies keep")), "{told}");
    assert!(told.contains("can explain most edges below"), "{told}");
    assert!(!found.figures[0].sentence.contains("pass as well"), "{}", found.figures[0].sentence);
    // Neither the strongest alone nor a value that is not asked for changes it.
    let few = outcome(&bursting, &[("max_percent", 5.into()), ("window_ms", 5000.into())]);
    let begins = |told: &str| told.split_once(" edges ").map(|(begins, _)| begins.to_owned());
    assert_eq!(begins(&few.figures[0].sentence), begins(&told));
}

#[test]
fn a_common_drift_makes_edges_unless_copies_have_it() {
    let mut drifting = in_common_drift();
    let found = outcome(&drifting, &[]);
    assert!(number(&found, "n_edges") > Some(60.0), "{:?}", found.figures[0].sentence);
    for null in ["near", "jitter"] {
        let found = outcome(&drifting, &[("null", null.into()), ("max_shift_s", 1.into())]);
        assert!(number(&found, "n_edges") < Some(4.0), "{null}: {:?}", found.figures[0].sentence);
    }
    // Two electrodes that are connected are found all the same: a tenth of the spikes of one follow the other's.
    let followed: Vec<i64> = drifting[0].iter().step_by(5).map(|frame| (frame + 3).min(N_FRAMES - 1)).collect();
    drifting[1].extend(followed);
    drifting[1].sort_unstable();
    let found = outcome(&drifting, &[("null", "near".into()), ("max_shift_s", 1.into())]);
    assert!((1.0..4.0).contains(&number(&found, "n_edges").expect("a number")), "{:?}", found.figures[0].sentence);
    let strongest = found.tables.iter().find(|table| table.id == "edges").expect("the edges");
    assert!(strongest.to_csv().contains("E0,E1"), "{}", strongest.to_csv());
}

#[test]
fn groups_that_fire_together_are_communities() {
    // Four groups of four: each has half of its spikes in common.
    let common = independent(14, 150);
    let mut all = independent(15, 150);
    for (at, train) in all.iter_mut().enumerate() {
        train.extend(common[at / 4].iter().map(|frame| (frame + 2).min(N_FRAMES - 1)));
        train.sort_unstable();
    }
    let found = outcome(&all, &[("n_surrogates", 100.into()), ("alpha_percent", 0.1.into())]);
    let numbers = ["n_edges", "n_components", "n_communities", "clustering", "largest_component"];
    let told = numbers.map(|name| number(&found, name).expect("a number"));
    assert_eq!(told, [24.0, 4.0, 4.0, 1.0, 4.0], "{:?}", found.figures[0].sentence);
    // A threshold that only these pass, and the strongest 5 % of 120 pairs.
    let few = outcome(&all, &[("edges", "threshold".into()), ("max_percent", 5.into()), ("n_random", 0.into())]);
    assert_eq!((number(&few, "n_pairs_pass"), number(&few, "n_edges")), (Some(24.0), Some(6.0)));
    assert_eq!(number(&few, "small_world_sigma"), None);
    for found in [found, few] {
        for table in &found.tables {
            assert!(table.columns.iter().all(|column| column.values.len() == table.n_rows()), "{}", table.id);
        }
        for figure in &found.figures {
            roxmltree::Document::parse(&crate::figure::svg(figure, (640.0, 320.0), None)).expect("XML");
            assert!(figure.sentence.ends_with('.'), "{}", figure.sentence);
        }
    }
}

#[test]
fn nothing_is_said_of_silence_or_of_two_electrodes() {
    let every_second: Vec<i64> = (0..100).map(|at| at * 1000).collect();
    for trains in [Vec::new(), vec![vec![1000]], vec![every_second; 2]] {
        assert_eq!(outcome(&trains, &[]).absent.as_deref(), Some("no culture has 3 active electrodes"));
    }
}

#[test]
fn words_follow_the_values() {
    let of = |values: &[(&str, Value)]| {
        let given: Map<String, Value> =
            values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        words(Values::new(&given))
    };
    assert!(of(&[]).contains("every pair that joins in network bursts passes") && of(&[]).contains("gamma"));
    let beyond = "the 64 electrodes with most spikes are compared once more";
    assert!(of(&[]).contains(beyond) && !of(&[("null", "jitter".into())]).contains(beyond));
    assert!(of(&[("null", "jitter".into())]).contains("its window of 100 ms"));
    for (null, is_told) in [("jitter", true), ("near", false), ("shift", false)] {
        assert_eq!(of(&[("null", null.into())]).contains("one of five wells"), is_told, "{null}");
    }
    assert!(of(&[("null", "near".into())]).contains("by 100 ms to 20 s; rates that rise and fall more slowly"));
    assert!(of(&[("edges", "rank".into())]).contains("95 % of the copies"));
    let threshold = of(&[("edges", "threshold".into()), ("n_random", 0.into()), ("max_percent", 10.into())]);
    assert!(
        threshold.contains("at least 0.2") && threshold.contains("10 % of all pairs") && !threshold.contains("Sigma")
    );
}
