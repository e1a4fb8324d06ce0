//! What changes a result, and what stays.

use serde_json::Value;

use super::*;
use crate::blocks::{BLOCKS, Control, ParamSpec, number};
use crate::events::Event;
use crate::pipeline::Block;
use crate::recording::FrameSource;
use crate::simulation::{Simulation, SimulationSpec};

/// Little longer than what is too short for most analyses, as each is computed many times.
fn trains() -> (SpikeTrains, u64) {
    let spec = SimulationSpec { n_channels: 9, sampling_frequency_hz: 20_000.0, duration_s: 32.0, seed: 5 };
    let simulation = Simulation::new(spec);
    let spikes = simulation.true_spikes();
    (SpikeTrains::new(simulation.info(), &spikes, None), spikes_key(&spikes))
}

/// Every analysis that there is, with few copies where there can be many.
fn all() -> Pipeline {
    let mut pipeline = Pipeline::default().with_analyses();
    for spec in BLOCKS.into_iter().filter(|spec| spec.is_analysis()) {
        pipeline.add(spec.kind);
    }
    pipeline.set_analysis("connectivity", "n_surrogates", 20.into());
    pipeline
}

/// The analyses of a pipeline.
fn analyses(pipeline: &Pipeline) -> Vec<&Block> {
    pipeline.blocks.iter().filter(|block| block.is_analysis()).collect()
}

/// Whether a parameter of a block means something beside the others.
fn applies(block: &Block, param: &ParamSpec) -> bool {
    param.applies(&|name: &str| block.params.get(name).cloned())
}

/// Another value than the one that a block has.
fn other_value(block: &Block, param: &ParamSpec) -> Value {
    let values = block.values();
    match &param.control {
        Control::Number { min, max, .. } => number(if values.number(param) == *max { *min } else { *max }),
        Control::Choice(options) => {
            let own = values.name(param);
            options.iter().find(|option| option.0 != own).map_or(Value::Null, |option| option.0.into())
        }
        Control::Channels => vec!["E1-1"].into(),
    }
}

/// A result as text, in which absent cells of figures are alike.
fn told(set: &ResultSet, id: &str) -> String {
    let block = set.blocks.iter().find(|block| block.id == id).expect("the analysis");
    serde_json::to_string(block).expect("JSON")
}

fn keys(set: &ResultSet) -> Vec<(String, String)> {
    set.blocks.iter().map(|block| (block.id.clone(), block.key.clone())).collect()
}

#[test]
fn a_value_that_changes_alters_the_key_of_its_own_block_alone() {
    let (trains, spikes) = trains();
    let mut cache = Cache::default();
    let pipeline = all();
    let before = results(&trains, spikes, &pipeline, &mut cache);
    let n_kinds = BLOCKS.iter().filter(|spec| spec.is_analysis()).count();
    assert_eq!((before.blocks.len(), analyses(&pipeline).len()), (n_kinds, n_kinds));
    for block in analyses(&pipeline) {
        let spec = block.spec().expect("known");
        for param in spec.params.iter().filter(|param| applies(block, param)) {
            let mut changed = pipeline.clone();
            changed.set_analysis(&block.id, param.name, other_value(block, param));
            let after = results(&trains, spikes, &changed, &mut cache);
            for ((id, old), (_, new)) in keys(&before).iter().zip(keys(&after)) {
                assert_eq!(*old != new, *id == block.id, "{id} after {}.{}", block.id, param.name);
            }
            // And back again: the same numbers.
            let back = results(&trains, spikes, &pipeline, &mut cache);
            assert_eq!(told(&back, &block.id), told(&before, &block.id), "{}.{}", block.id, param.name);
        }
    }
    // What is known is not computed again: it is the very same value.
    let again = results(&trains, spikes, &pipeline, &mut cache);
    let once_more = results(&trains, spikes, &pipeline, &mut cache);
    assert!(again.blocks.iter().zip(&once_more.blocks).all(|(one, other)| Arc::ptr_eq(one, other)));
    // Nor where it stands elsewhere.
    let mut moved = pipeline.clone();
    assert!(moved.move_analysis("sttc", 0));
    let (moved, n_pending) = some_results((&trains, spikes), &[], &moved, &mut cache, 0);
    assert_eq!((n_pending, moved.blocks.len(), moved.blocks[0].id.as_str()), (0, n_kinds, "sttc"));
    let is_known = |one: &Arc<BlockResult>| once_more.blocks.iter().any(|other| Arc::ptr_eq(one, other));
    assert!(moved.blocks.iter().all(is_known));
    // Other spikes, other keys.
    let other = results(&trains, spikes + 1, &pipeline, &mut cache);
    assert!(keys(&before).iter().zip(keys(&other)).all(|((_, old), (_, new))| *old != new));
    let text = serde_json::to_string(&before).expect("JSON");
    let back: ResultSet = serde_json::from_str(&text).expect("results");
    assert_eq!(serde_json::to_string(&back).expect("JSON"), text);
}

#[test]
fn a_value_that_does_not_apply_changes_neither_key_nor_result() {
    let (trains, spikes) = trains();
    let pipeline = all();
    let mut n_tried = 0;
    for block in analyses(&pipeline) {
        let mut alone = pipeline.clone();
        alone.blocks.retain(|other| !other.is_analysis() || other.id == block.id);
        // Nothing is taken from what is known.
        let found = |pipeline: &Pipeline| told(&results(&trains, spikes, pipeline, &mut Cache::default()), &block.id);
        let params = block.spec().expect("known").params;
        for param in params.iter().filter(|param| !applies(block, param)) {
            let mut changed = alone.clone();
            changed.set_analysis(&block.id, param.name, other_value(block, param));
            assert_eq!(found(&changed), found(&alone), "{}.{}", block.id, param.name);
            n_tried += 1;
        }
    }
    assert!(n_tried > 5, "{n_tried}");
}

fn event(time_s: f64, label: &str) -> Event {
    Event { segment: 0, time_s, duration_s: 0.0, source: "port".into(), label: label.into() }
}

#[test]
fn other_events_have_other_keys() {
    let (trains, spikes) = trains();
    let lists =
        [vec![], vec![event(1.0, "on")], vec![event(1.5, "on")], vec![event(1.0, "off")], vec![event(1.0, "on"); 2]];
    let key = |events: &Vec<Event>| {
        let of = trains.clone().with_events(events);
        assert_eq!(of.events(), events.as_slice());
        keys(&results(&of, spikes, &Pipeline::default(), &mut Cache::default())).swap_remove(0).1
    };
    let known: std::collections::BTreeSet<String> = lists.iter().map(key).collect();
    assert_eq!(known.len(), lists.len());
    let none = results(&trains, spikes, &Pipeline::default(), &mut Cache::default());
    assert_eq!(key(&lists[0]), none.blocks[0].key, "no events, the same key as before");
}

#[test]
fn every_analysis_says_something_or_why_not() {
    let (trains, spikes) = trains();
    let events: Vec<Event> = (1..30).map(|second| event(f64::from(second), "on")).collect();
    for of in [trains.clone(), SpikeTrains::new(trains.info(), &[], None)] {
        let set = results(&of.with_events(&events), spikes, &all(), &mut Cache::default());
        for block in &set.blocks {
            assert!(block.absent.is_some() || !block.tables.is_empty(), "{}", block.id);
            for table in &block.tables {
                assert!(table.columns.iter().all(|column| column.values.len() == table.n_rows()), "{}", table.id);
            }
            for figure in &block.figures {
                let picture = crate::figure::svg(figure, (640.0, 320.0), None);
                roxmltree::Document::parse(&picture).expect("XML");
                assert!(figure.sentence.ends_with('.'), "{}", figure.sentence);
            }
        }
    }
}

#[test]
fn what_is_not_known_stops_only_what_follows_from_it() {
    let (trains, spikes) = trains();
    let text = r#"{"version":2,"blocks":[
        {"id":"sorted","kind":"sort_units","in":{"recording":"recording"}},
        {"id":"a","kind":"intervals","in":{"spikes":"sorted"}},
        {"id":"b","kind":"intervals","in":{"spikes":"recording"}}]}"#;
    let pipeline = Pipeline::from_json(text).expect("a pipeline");
    let set = results(&trains, spikes, &pipeline, &mut Cache::default());
    let absent: Vec<bool> = set.blocks.iter().map(|block| block.absent.is_some()).collect();
    assert_eq!(absent, [true, true, false]);
}
