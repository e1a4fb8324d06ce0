//! Field potentials on the command line: kept beside the spikes, analysed, and the same from every form of a recording.

use wasm_core::field::{FIELD_FILE, FieldPotentials};
use wasm_core::pipeline::Pipeline;
use wasm_core::run::ResultSet;

use crate::command_line::{neurocyte, simulate};

#[test]
fn any_number_of_threads_keeps_the_same_and_analyses_take_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, packed, chain) = (path("culture"), path("culture.zarr"), path("pipeline.json"));
    simulate(&culture, "70", "8");
    neurocyte(&["pack", &culture, "--out", &packed]);
    let mut pipeline = Pipeline::default();
    pipeline.add("field_potentials");
    for kind in ["band_powers", "spectrogram", "spikes_by_phase"] {
        pipeline.add_analysis(kind).expect("a known kind");
    }
    std::fs::write(&chain, serde_json::to_string(&pipeline).expect("JSON")).expect("written");
    let analyze = |from: &str, threads: &str| {
        let out = path(&format!("result-{threads}"));
        neurocyte(&["analyze", from, "--pipeline", &chain, "--threads", threads, "--out", &out]);
        (std::fs::read(format!("{out}/{FIELD_FILE}")).expect("field potentials"), out)
    };
    let (expected, out) = analyze(&culture, "1");
    for threads in ["2", "3"] {
        assert_eq!(analyze(&packed, threads).0, expected, "{threads} threads");
    }
    let recording = lambda::cli::open_path(culture.as_ref()).expect("opens");
    let info = recording.stream(None).expect("a stream").info().clone();
    let field = FieldPotentials::from_bytes(&expected, &info).expect("reads");
    assert_eq!((field.channels().len(), field.rate_hz(), field.lengths()), (64, 1000.0, &[8000][..]));
    let found = std::fs::read(format!("{out}/results.json")).expect("results");
    let found: ResultSet = serde_json::from_slice(&found).expect("results");
    let block = |id: &str| found.blocks.iter().find(|block| block.id == id).expect("the analysis").clone();
    for id in ["band_powers", "spectrogram"] {
        assert_eq!(block(id).absent, None, "{id}");
        assert!(std::fs::exists(format!("{out}/analyses/{id}/signal.csv")).expect("looked for"), "{id}");
    }
    let spectrum = std::fs::read_to_string(format!("{out}/analyses/band_powers/spectrum.svg")).expect("a figure");
    assert!(spectrum.contains("Mean spectrum of 64 electrodes"), "{spectrum:.400}");
    // Without the step the analyses say what they need.
    pipeline.remove("field_potentials");
    std::fs::write(&chain, serde_json::to_string(&pipeline).expect("JSON")).expect("written");
    let without = path("without");
    neurocyte(&["analyze", &culture, "--pipeline", &chain, "--out", &without]);
    assert!(!std::fs::exists(format!("{without}/{FIELD_FILE}")).expect("looked for"));
    let report = std::fs::read_to_string(format!("{without}/report.html")).expect("a report");
    assert!(report.contains("add the step “Field potentials”"));
}
