//! Networks of a real culture against an independent program (`../shared/reference/insight`).

use serde_json::Value;
use wasm_core::analyses::SpikeTrains;
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{BlockResult, Cache, results};
use wasm_core::spikes::Spike;
use wasm_core::table::{Table, Values};

use super::insight::{Insight, column, folder};

/// The network of some spikes with some values.
fn network(of: &Insight, spikes: &[Spike], values: &[(&str, Value)]) -> BlockResult {
    let mut pipeline = Pipeline::empty();
    let id = pipeline.add_analysis("connectivity").expect("an analysis");
    pipeline.blocks.retain(|block| block.id == id);
    for (param, value) in values {
        pipeline.set_analysis(&id, param, value.clone());
    }
    assert_eq!(pipeline.check(), Ok(()), "{values:?}");
    let trains = SpikeTrains::new(&of.info, spikes, None);
    let all = results(&trains, 0, &pipeline, &mut Cache::default());
    BlockResult::clone(all.blocks.first().expect("the analysis"))
}

fn names(of: &BlockResult, table: &str, column: &str) -> Vec<String> {
    match of.table(table).and_then(|table| table.column(column)) {
        Some(Values::Text(names)) => names.clone(),
        _ => panic!("{column} holds no names"),
    }
}

/// One number of the network.
fn one(of: &BlockResult, name: &str) -> f64 {
    column(of, "network", name)[0].unwrap_or_else(|| panic!("{name} is absent"))
}

fn near(found: f64, expected: f64, name: &str) {
    let difference = (found - expected).abs() / expected.abs().max(1e-3);
    assert!(difference < 1e-9, "{name} is {found}, expected {expected}");
}

/// Compares a column of electrodes. The toolbox has 0 where a number is not defined.
fn near_each(found: &[Option<f64>], expected: &Value, name: &str) -> usize {
    let expected = expected.as_array().expect("a list");
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        near(found.unwrap_or(0.0), expected.as_f64().expect("a number"), name);
    }
    found.len()
}

const OF_NETWORK: [(&str, &str); 14] = [
    ("n_electrodes", "n_nodes"),
    ("n_edges", "n_edges"),
    ("density", "density"),
    ("n_components", "n_components"),
    ("clustering", "clustering_binary_mean"),
    ("clustering_weighted", "clustering_weighted_mean"),
    ("path_length", "path_length_binary"),
    ("path_length_weighted", "path_length_weighted"),
    ("global_efficiency", "global_efficiency_binary"),
    ("global_efficiency_weighted", "global_efficiency_weighted"),
    ("local_efficiency", "local_efficiency_binary_mean"),
    // The best of many random starts: both find the same.
    ("modularity_q", "modularity_q"),
    ("modularity_q", "modularity_q_of_partition"),
    ("n_communities", "n_modules"),
];

const OF_NODES: [(&str, &str); 9] = [
    ("degree", "degree"),
    ("strength", "strength"),
    ("clustering", "clustering_binary"),
    ("clustering_weighted", "clustering_weighted"),
    ("betweenness", "betweenness_binary"),
    ("betweenness_weighted", "betweenness_weighted"),
    ("community", "partition"),
    ("participation", "participation"),
    ("within_module_z", "within_module_z"),
];

/// Every measure of two graphs, and how they compare with rewired ones.
#[test]
fn networks_have_the_measures_of_the_toolbox() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, "hipsc_d41");
    let mut n = 0;
    for (threshold, key) in [(0.2, "0.2"), (0.4, "0.4")] {
        let found = network(&of, &of.spikes, &[("edges", "threshold".into()), ("min_sttc", threshold.into())]);
        let expected = &of.expected["connectivity"]["graphs"][key];
        for (name, theirs) in OF_NETWORK {
            near(one(&found, name), expected[theirs].as_f64().expect("a number"), &format!("{key} {name}"));
            n += 1;
        }
        for (name, theirs) in OF_NODES {
            n += near_each(&column(&found, "nodes", name), &expected[theirs], &format!("{key} {name}"));
        }
        let clubs = column(&found, "rich_club", "linked");
        assert_eq!(clubs.len(), expected["rich_club_binary"].as_object().expect("clubs").len());
        for (degree, linked) in clubs.into_iter().enumerate() {
            let theirs = expected["rich_club_binary"][degree.to_string()].as_f64().expect("a number");
            near(linked.expect("a number"), theirs, &format!("{key} rich club {degree}"));
            n += 1;
        }
        // Random: within four standard errors of ten copies here and fifty there.
        let small = |name: &str| expected["small_world"][name].as_f64().expect("a number");
        let error = 4.0 * small("c_random_sd") * f64::sqrt(1.0 / 10.0 + 1.0 / 50.0);
        assert!((one(&found, "clustering_random") - small("c_random_mean")).abs() < error);
        let relative = error / small("c_random_mean");
        assert!((one(&found, "small_world_sigma") - small("sigma")).abs() < relative);
        assert!((one(&found, "small_world_omega") - small("omega")).abs() < relative);
    }
    assert!(n > 550, "{n} numbers were compared");
}

/// Pairs that pass, and how often copies reach them.
#[test]
fn surrogates_say_what_those_of_another_program_say() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, "hipsc_d41");
    let expected = &of.expected["connectivity"]["surrogates"];
    for (edges, theirs) in
        [("rank", "kept_order_statistic"), ("fdr_z", "kept_bh_005_of_z"), ("fdr", "kept_bh_005_of_z")]
    {
        let found = network(&of, &of.spikes, &[("edges", edges.into()), ("min_shift_s", 0.into())]);
        let difference = one(&found, "n_pairs_pass") - expected[theirs].as_f64().expect("a number");
        assert!(one(&found, "n_pairs") == 378.0 && difference.abs() <= 6.0, "{edges}: {difference}");
        if edges != "rank" {
            continue;
        }
        let nodes = names(&found, "nodes", "electrode");
        let place = |name: &String| nodes.iter().position(|node| node == name).expect("an electrode");
        let pairs = names(&found, "edges", "electrode_a").into_iter().zip(names(&found, "edges", "electrode_b"));
        for ((a, b), p) in pairs.zip(column(&found, "edges", "p")) {
            let (a, b, p) = (place(&a), place(&b), p.expect("a number"));
            let row = a * nodes.len() - a * (a + 1) / 2;
            let theirs = expected["p"][row + b - a - 1].as_f64().expect("a number");
            let error = f64::sqrt((p * (1.0 - p) + theirs * (1.0 - theirs)) / 200.0) + 1.0 / 200.0;
            assert!((p - theirs).abs() < 4.0 * error, "{p} is not {theirs}");
        }
    }
    // What common bursts explain is less than half of it.
    let jitter = network(&of, &of.spikes, &[("null", "jitter".into()), ("window_ms", 500.into())]);
    assert!((100.0..250.0).contains(&one(&jitter, "n_edges")), "{}", one(&jitter, "n_edges"));
}

/// Electrodes that are moved along the recording, each by a time of its own, have no network.
#[test]
fn a_shifted_culture_has_no_edges() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, "hipsc_d41");
    let n_frames = of.info.segments[0].n_frames.cast_signed();
    let shifted = |spike: &Spike| {
        let shift = i64::from(spike.channel_index + 1) * 61_803_399;
        Spike { sample_index: (spike.sample_index + shift) % n_frames, ..*spike }
    };
    let mut spikes: Vec<Spike> = of.spikes.iter().map(shifted).collect();
    spikes.sort_by_key(Spike::key);
    let found = network(&of, &spikes, &[]);
    assert!(one(&found, "n_pairs") == 378.0 && one(&found, "n_edges") <= 2.0, "{}", one(&found, "n_edges"));
    assert_eq!(found.table("edges").map(Table::n_rows), Some(column(&found, "edges", "sttc").len()));
}

/// A plate has a row for each well, and edges within wells alone.
#[test]
fn each_well_has_a_network_of_its_own() {
    let Some(folder) = folder(1) else { return };
    let of = Insight::read(&folder, "rat_plate_div09");
    let found = network(&of, &of.spikes, &[("n_surrogates", 50.into()), ("n_random", 2.into())]);
    let wells: Vec<String> = names(&found, "wells", "well");
    let n_edges: f64 = column(&found, "wells", "n_edges").into_iter().flatten().sum();
    let rows = names(&found, "edges", "well");
    assert!(n_edges > 100.0 && rows.iter().all(|well| wells.contains(well)), "{n_edges}");
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let n_rows = rows.len() as f64;
    assert_eq!(n_rows, n_edges);
    let well_of = |name: &String| {
        let at = of.info.channel_ids.iter().position(|id| id == name).expect("an electrode");
        of.info.wells.as_ref().expect("wells")[at].clone()
    };
    for column in ["electrode_a", "electrode_b"] {
        assert!(names(&found, "edges", column).iter().zip(&rows).all(|(name, well)| well_of(name) == *well));
    }
}
