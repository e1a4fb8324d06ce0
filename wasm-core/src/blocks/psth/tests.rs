//! What the block says of electrodes that respond, and of those that do not.

use serde_json::{Map, Value, json};

use super::*;
use crate::analyses::random::Random;
use crate::events::Event;
use crate::formats::uniform;
use crate::recording::{SegmentInfo, StreamInfo};
use crate::sample::SampleType;
use crate::spikes::of_trains;
use crate::table::Values as Column;

/// Spikes of some electrodes at 1 kHz, in one segment that begins at 2 s.
fn trains(of: &[Vec<i64>], n_frames: u64, events: &[i64]) -> SpikeTrains {
    let ids = (0..of.len()).map(|at| format!("E{at}")).collect();
    let segments = vec![SegmentInfo { n_frames, t_start_s: 2.0 }];
    let info = StreamInfo { segments, ..uniform("spikes", 1000.0, SampleType::Float32, ids, 1.0) };
    let events: Vec<Event> = events.iter().map(|frame| event(*frame, "on")).collect();
    SpikeTrains::new(&info, &of_trains(of), None).with_events(&events)
}

#[expect(clippy::cast_precision_loss, reason = "frames of minutes")]
fn event(frame: i64, label: &str) -> Event {
    let time_s = 2.0 + frame as f64 / 1000.0;
    Event { segment: 0, time_s, duration_s: 0.0, source: "port".into(), label: label.into() }
}

fn outcome(of: &SpikeTrains, values: &Value) -> Outcome {
    let given: Map<String, Value> = values.as_object().cloned().unwrap_or_default();
    run(of, crate::blocks::Values::new(&given))
}

fn numbers(outcome: &Outcome, table: &str, column: &str) -> Vec<Option<f64>> {
    let table = outcome.tables.iter().find(|known| known.id == table).expect("the table");
    match table.column(column).expect(column) {
        Column::Number(values) => values.clone(),
        Column::Count(values) => values.iter().map(|count| u32::try_from(*count).ok().map(f64::from)).collect(),
        Column::Text(_) => panic!("{column} holds names"),
    }
}

fn texts(outcome: &Outcome, table: &str, column: &str) -> Vec<String> {
    let table = outcome.tables.iter().find(|known| known.id == table).expect("the table");
    match table.column(column) {
        Some(Column::Text(values)) => values.clone(),
        other => panic!("{column}: {other:?}"),
    }
}

/// One event every two seconds, 30 in all.
fn every_two_seconds() -> Vec<i64> {
    (0..30).map(|at| 1000 + 2000 * at).collect()
}

#[test]
fn numbers_have_their_closed_forms() {
    let events = every_two_seconds();
    let at = |offset: i64| -> Vec<i64> { events.iter().map(|event| event + offset).collect() };
    // 20 or 30 ms behind each event, and on the artefact; before each; never; once behind the first.
    let mut follows: Vec<i64> = events.iter().zip([20, 30].into_iter().cycle()).map(|(event, ms)| event + ms).collect();
    follows.extend(at(2));
    follows.sort_unstable();
    let of = trains(&[follows, at(-100), Vec::new(), vec![1400]], 60_000, &events);
    let found = outcome(&of, &json!({}));
    assert_eq!(found.absent, None);
    let electrodes = |column: &str| numbers(&found, "electrodes", column);
    // 495 ms on each side.
    let hz = 1.0 / 0.495;
    let near = |found: Vec<Option<f64>>, wanted: [Option<f64>; 4]| {
        for (found, wanted) in found.iter().zip(wanted) {
            let is_near = match (found, wanted) {
                (Some(found), Some(wanted)) => (found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0),
                (found, wanted) => found.is_none() && wanted.is_none(),
            };
            assert!(is_near, "{found:?}, not {wanted:?}");
        }
    };
    assert_eq!(electrodes("n_trials"), [Some(30.0); 4]);
    near(electrodes("baseline_hz"), [Some(0.0), Some(hz), Some(0.0), Some(0.0)]);
    near(electrodes("response_hz"), [Some(hz), Some(0.0), Some(0.0), Some(hz / 30.0)]);
    near(electrodes("difference_hz"), [Some(hz), Some(-hz), Some(0.0), Some(hz / 30.0)]);
    // One of 2^30 ways on each side; one difference alone says nothing, and none has no p.
    let p = 2.0 * 0.5_f64.powi(30);
    near(electrodes("p"), [Some(p), Some(p), None, Some(1.0)]);
    near(electrodes("p_adjusted"), [Some(p * 1.5), Some(p * 1.5), None, Some(1.0)]);
    assert_eq!(texts(&found, "electrodes", "response"), ["more", "less", "", ""]);
    near(electrodes("percent_trials_with_spike"), [Some(100.0), Some(0.0), Some(0.0), Some(100.0 / 30.0)]);
    near(electrodes("percent_trials_with_spike_before"), [Some(0.0), Some(100.0), Some(0.0), Some(0.0)]);
    near(electrodes("first_spike_ms"), [Some(25.0), None, None, Some(400.0)]);
    // 15 times 5 ms to each side of the mean.
    near(electrodes("first_spike_jitter_ms"), [Some((30.0_f64 * 25.0 / 29.0).sqrt()), None, None, None]);
    assert_eq!(electrodes("n_spikes_left_out"), [Some(30.0), Some(0.0), Some(0.0), Some(0.0)]);
    let of_culture = |column: &str| numbers(&found, "culture", column)[0];
    assert_eq!((of_culture("n_electrodes_more"), of_culture("n_electrodes_less")), (Some(1.0), Some(1.0)));
    assert_eq!(of_culture("percent_responding"), Some(50.0));
    assert_eq!(numbers(&found, "trials", "n_trials"), [Some(30.0)]);
    let ids: Vec<&str> = found.figures.iter().map(|figure| figure.id.as_str()).collect();
    assert_eq!(ids, ["histogram", "raster"]);
    let sentence = &found.figures[1].sentence;
    assert!(sentence.contains("electrode E0") && sentence.contains("in 100 % of them"), "{sentence}");
    assert!(found.figures.iter().all(|figure| figure.sentence.ends_with('.')));
}

#[test]
fn trials_that_are_not_whole_are_left_out_and_counted() {
    // The first and the last have no whole window; one comes 300 ms behind another.
    let mut events = every_two_seconds();
    events.extend([100, 59_800, 5300]);
    let of = trains(&[vec![1020]], 60_000, &events);
    let found = outcome(&of, &json!({}));
    let told = ["n_events", "n_trials", "n_beyond_end", "n_overlapping"].map(|name| numbers(&found, "trials", name)[0]);
    assert_eq!(told, [Some(33.0), Some(30.0), Some(2.0), Some(1.0)]);
}

#[test]
fn the_kind_is_chosen_by_how_often_it_occurs() {
    let mut events: Vec<Event> = every_two_seconds().into_iter().map(|frame| event(frame, "on")).collect();
    events.extend((0..10).map(|at| event(2000 + 2000 * at, "off")));
    events.push(event(50_000, "note"));
    let of = trains(&[vec![1020, 2020]], 60_000, &[]).with_events(&events);
    let label = |values: Value| texts(&outcome(&of, &values), "trials", "label");
    assert_eq!((label(json!({})), label(json!({ "kind": 2 }))), (vec!["on".to_owned()], vec!["off".to_owned()]));
    let by_source = outcome(&of, &json!({ "kinds": "source" }));
    assert_eq!(numbers(&by_source, "trials", "n_events"), [Some(41.0)]);
    // What cannot be said, with the kinds that there are.
    for (values, reason) in [
        (json!({ "kind": 3 }), "of events “note, port” there are 1, and 5 are needed"),
        (json!({ "kind": 4 }), "there is no kind of events number 4: the recording has 3"),
        (json!({ "before_ms": 50, "blank_ms": 60 }), "nothing is left of the window when 60 ms are left out"),
    ] {
        let found = outcome(&of, &values);
        assert!(found.absent.as_deref().is_some_and(|absent| absent.contains(reason)), "{:?}", found.absent);
        assert_eq!(numbers(&found, "events", "n_events"), [Some(30.0), Some(10.0), Some(1.0)]);
    }
    let short = trains(&[vec![1020]], 5000, &every_two_seconds());
    let absent = outcome(&short, &json!({})).absent.expect("two trials are too few");
    assert!(absent.contains("2 make a trial, and 5 are needed"), "{absent}");
    let silent = trains(&[Vec::new()], 60_000, &every_two_seconds());
    let found = outcome(&silent, &json!({}));
    assert_eq!((found.absent, found.figures.len()), (None, 1), "no electrode has trials to show");
    assert!(outcome(&trains(&[vec![1]], 60_000, &[]), &json!({})).absent.is_some_and(|why| why.contains("events.csv")));
}

/// Spikes at random places.
fn chance(seed: u64, n_spikes: usize) -> Vec<Vec<i64>> {
    let mut random = Random::new(seed);
    let mut all = vec![vec![0; n_spikes]; 32];
    for train in &mut all {
        for frame in &mut *train {
            *frame = random.below(600_000);
        }
        train.sort_unstable();
    }
    all
}

fn random_events(seed: u64) -> Vec<i64> {
    let mut random = Random::new(seed);
    (0..120).map(|_| random.below(600_000)).collect()
}

fn n_responding(found: &Outcome) -> f64 {
    let count = |column: &str| numbers(found, "culture", column)[0].unwrap_or_default();
    count("n_electrodes_more") + count("n_electrodes_less")
}

#[test]
fn chance_is_no_response() {
    let with_response = |seed: &u64| {
        let of = trains(&chance(*seed, 1200), 600_000, &random_events(100 + seed));
        n_responding(&outcome(&of, &json!({}))) > 0.0
    };
    let n = (1..=5).filter(with_response).count();
    assert!(n <= 1, "{n} of 5 recordings, where one in twenty may");
}

/// Bursts of all electrodes that know nothing of the events: some lie behind an event, but in few trials.
#[test]
fn network_bursts_by_themselves_are_no_response() {
    let bursts = |seed: u64| {
        let mut all = chance(20 + seed, 200);
        let mut random = Random::new(200 + seed);
        for _ in 0..60 {
            let start = random.below(599_700);
            for train in &mut all {
                train.extend((0..15).map(|_| start + random.below(300)));
            }
        }
        for train in &mut all {
            train.sort_unstable();
        }
        all
    };
    let with_response = |seed: &u64| {
        n_responding(&outcome(&trains(&bursts(*seed), 600_000, &random_events(100 + seed)), &json!({}))) > 0.0
    };
    assert!((1..=5).filter(with_response).count() <= 1);
}

#[test]
fn electrodes_that_respond_are_found_among_others() {
    let events = random_events(7);
    let mut all = chance(8, 600);
    // In every other trial a spike 10 to 29 ms behind the event.
    let mut random = Random::new(9);
    for train in all.iter_mut().take(4) {
        train.extend(
            events.iter().step_by(2).map(|event| event + 10 + random.below(20)).filter(|frame| *frame < 600_000),
        );
        train.sort_unstable();
    }
    let found = outcome(&trains(&all, 600_000, &events), &json!({ "before_ms": 100, "after_ms": 100 }));
    let responses = texts(&found, "electrodes", "response");
    assert_eq!(responses[..4], ["more", "more", "more", "more"], "{responses:?}");
    assert!(responses[4..].iter().filter(|response| !response.is_empty()).count() <= 1, "{responses:?}");
}
