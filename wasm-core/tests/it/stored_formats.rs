//! What was stored opens: a golden file of each version of each format that `docs/stored-formats.md` describes.

use std::path::PathBuf;

use serde_json::{Value, json};
use wasm_core::Bytes;
use wasm_core::envelope;
use wasm_core::kept::{self, Kept, Parts};
use wasm_core::pipeline::{CHAIN_VERSION, GRAPH_VERSION, Pipeline};
use wasm_core::recording::{StoredSpikes, StreamInfo, StreamKind};
use wasm_core::run::{RESULTS_VERSION, Receipt, ResultSet, SUMMARY_VERSION, Summary, of_stored};
use wasm_core::sample::SampleType;
use wasm_core::spikes::{Spike, read_parquet, write_parquet, write_parquet_of};
use wasm_core::table::Values;
use wasm_core::zarr::{decode_chunk, encode_chunk};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/stored")
}

fn golden(name: &str) -> Bytes {
    let found = std::fs::read(folder().join(name));
    let how = "`cargo test --profile verify -p wasm-core --test it write_goldens -- --ignored` writes what is missing";
    found.unwrap_or_else(|error| panic!("golden/stored/{name}: {error}; {how}")).into()
}

fn golden_json(name: &str) -> Value {
    serde_json::from_slice(&golden(name)).expect("JSON")
}

fn info() -> StreamInfo {
    let info = json!({
        "name": "signal", "sampling_frequency_hz": 20_000.0, "n_channels": 4, "dtype": "int16",
        "channel_ids": ["1", "2", "3", "4"], "gain_to_uv": [0.195, 0.195, 0.195, 0.195],
        "offset_to_uv": [0.0, 0.0, 0.0, 0.0], "positions_um": [[0.0, 0.0], [100.0, 0.0], [0.0, 100.0], [100.0, 100.0]],
        "wells": null, "segments": [{ "n_frames": 20_000, "t_start_s": 0.5 }]
    });
    serde_json::from_value(info).expect("a stream")
}

/// Fifty spikes, of which one has no size.
fn spikes() -> Vec<Spike> {
    let spike = |at: u32| Spike {
        segment_index: 0,
        sample_index: i64::from(at) * 100,
        channel_index: at % 4,
        amplitude_uv: if at == 3 { 0.0 } else { -40.25 },
    };
    (0..50).map(spike).collect()
}

fn kept_result() -> Kept {
    let stored = StoredSpikes::new(info(), spikes(), "a test".into());
    let summary = of_stored(&stored, "culture", "simulated", &[], &[]).summary;
    let pipeline = summary.pipeline.with_analyses();
    let about = json!({
        "name": "culture", "note": "day 21, “control”", "created_ms": 1_795_000_000_123.0, "pipeline": pipeline,
        "events": [{ "segment": 0, "time_s": 0.75, "duration_s": 0.0, "source": "line 1", "label": "on" }],
        "receipt": null
    });
    let kept = json!({ "about": about, "info": stored.info, "summary": summary, "observed_s": [1.0, 1.0, 0.3, 1.0] });
    serde_json::from_value(kept).expect("a kept result")
}

/// Two channels of three hundred samples, one after the other.
fn chunk() -> Vec<u8> {
    let sample = |at: i16| (at * 7) % 2000 - 1000;
    (0..600).flat_map(|at| sample(at).to_le_bytes()).collect()
}

/// Smallest, then largest values of two channels in three bins.
const OUTLINE: ([f32; 6], [f32; 6]) = ([-3.0, -2.5, -8.0, 0.0, -1.0, -4.0], [3.0, 2.5, 8.0, 0.5, 1.0, 4.0]);

/// Every golden file that the program of today can write.
fn made() -> Vec<(&'static str, Vec<u8>)> {
    let peaks = write_parquet(&spikes()).expect("written");
    let few = write_parquet(&spikes()[..3]).expect("written");
    let plain = Parts { peaks: peaks.as_slice(), waveforms: b"waveforms", ..Parts::default() };
    let several = Parts { further: vec![few.as_slice()], ..plain.clone() };
    let units = write_parquet_of(StreamKind::Units, &spikes()).expect("written");
    let outline: Vec<u8> = OUTLINE.0.iter().chain(&OUTLINE.1).flat_map(|value| value.to_le_bytes()).collect();
    vec![
        ("kept_v1.neurocyte", kept_result().write(&plain).expect("written")),
        ("kept_v2.neurocyte", kept_result().write(&several).expect("written")),
        ("spikes_v2.parquet", peaks.clone()),
        ("spikes_of_units.parquet", units),
        ("chunk_v1.pco", encode_chunk(SampleType::Int16, &chunk(), 300).expect("packed")),
        ("outline_v1.pco", encode_chunk(SampleType::Float32, &outline, 3).expect("packed")),
    ]
}

#[test]
#[ignore = "writes golden files that are missing; it changes none"]
fn write_goldens() {
    for (name, content) in made() {
        let path = folder().join(name);
        if !path.exists() {
            std::fs::write(&path, content).expect("written");
        }
    }
}

#[test]
fn pipelines_of_both_versions_open() {
    for (name, version, n_blocks) in [("pipeline_v1.json", CHAIN_VERSION, 4), ("pipeline_v2.json", GRAPH_VERSION, 6)] {
        let text = String::from_utf8(golden(name).to_vec()).expect("text");
        let pipeline = Pipeline::from_json(&text).expect(name);
        assert_eq!((pipeline.version, pipeline.blocks.len()), (version, n_blocks), "{name}");
        assert_eq!(pipeline.value("detect_peaks", "detect_threshold"), Some(5.5.into()), "{name}");
        // It is written as it was read, with a kind that is not known.
        assert_eq!(serde_json::to_value(&pipeline).expect("JSON"), golden_json(name), "{name}");
    }
}

#[test]
fn a_kept_result_of_each_layout_opens() {
    for (name, layout, n_further) in [("kept_v1.neurocyte", 1, 0), ("kept_v2.neurocyte", 2, 1)] {
        let file = golden(name);
        assert_eq!((&file[..16], &file[16..20]), (&b"NEUROCYTE RESULT"[..], &[layout, 0, 0, 0][..]), "{name}");
        let (found, parts) = kept::read(&file).expect(name);
        assert_eq!((found.about.name.as_str(), found.about.note.as_str()), ("culture", "day 21, “control”"), "{name}");
        assert_eq!((&found.info, found.summary.headline.n_spikes), (&info(), 50), "{name}");
        assert_eq!(found.observed_s, Some(vec![1.0, 1.0, 0.3, 1.0]), "{name}");
        assert_eq!(found.about.events.len(), 1, "{name}");
        assert_eq!(found.peaks(parts.peaks).expect(name), spikes(), "{name}");
        assert_eq!((&*parts.waveforms, parts.further.len()), (&b"waveforms"[..], n_further), "{name}");
    }
}

#[test]
fn spikes_of_channels_and_units_open() {
    for name in ["spikes_v2.parquet", "spikes_of_units.parquet"] {
        assert_eq!(read_parquet(golden(name)).expect(name), spikes(), "{name}");
    }
}

#[test]
fn a_chunk_and_an_outline_open() {
    let found = decode_chunk(SampleType::Int16, &golden("chunk_v1.pco"), 600).expect("a chunk");
    assert_eq!(found, chunk());
    let (min, max) = envelope::decode(&golden("outline_v1.pco"), 2, 3).expect("an outline");
    assert_eq!((min.as_slice(), max.as_slice()), (&OUTLINE.0[..], &OUTLINE.1[..]));
}

#[test]
fn a_summary_of_this_version_opens_and_one_of_the_first_is_not_mistaken_for_it() {
    let summary: Summary = serde_json::from_value(golden_json("summary_v2.json")).expect("a summary");
    assert_eq!((summary.version, summary.headline.n_spikes), (SUMMARY_VERSION, 2));
    assert_eq!(summary.headline.absent["mean_rate_hz"], "no active electrodes");
    assert_eq!(summary.channels[0].threshold_uv, Some(41.25));
    // Numbers of version 1 mean something else: such a result is computed again.
    assert_eq!(golden_json("summary_v1.json")["version"], 1);
    assert!(serde_json::from_value::<Summary>(golden_json("summary_v1.json")).is_err());
}

#[test]
fn analyses_and_a_receipt_open() {
    let set: ResultSet = serde_json::from_value(golden_json("results_v1.json")).expect("results");
    assert_eq!((set.version, set.blocks.len()), (RESULTS_VERSION, 1));
    let table = set.blocks[0].table("pairs").expect("a table");
    assert_eq!(table.column("sttc"), Some(&Values::Number(vec![Some(0.25), None])));
    let receipt: Receipt = serde_json::from_value(golden_json("receipt.json")).expect("a receipt");
    assert_eq!((receipt.n_workers, receipt.peak_memory_bytes), (2, None));
}

/// The table of versions is that of the code.
#[test]
fn the_description_has_the_versions_of_today() {
    let described = include_str!("../../../docs/stored-formats.md");
    for row in [
        format!("| pipeline | {CHAIN_VERSION}, {GRAPH_VERSION} |"),
        format!("| kept result | 1, {} |", kept::VERSION),
        format!("| summary | {SUMMARY_VERSION} |"),
        format!("| results | {RESULTS_VERSION} |"),
    ] {
        assert!(described.contains(&row), "docs/stored-formats.md has no {row}");
    }
}
