//! Plates on the command line: figures are of the well that is asked for, and each number is drawn over the wells.

use std::fmt::Write;
use std::path::Path;

use clap::Parser;
use lambda::cli::{Cli, run};
use wasm_core::run::ResultSet;

use super::command_line::neurocyte;

/// Four electrodes in each of three wells, of which B1 fires most and A2 not at all; of a minute.
fn write_plate(folder: &Path) -> String {
    let mut table = String::from("time_s,electrode\n");
    for (well, step_ms) in [("A1", 700), ("B1", 400)] {
        for electrode in 1..=4_u32 {
            for ms in (0..60_000_u32).step_by(step_ms) {
                let time_s = f64::from(ms + electrode * 7) / 1000.0;
                writeln!(table, "{time_s},{well}_1{electrode}").expect("a string");
            }
        }
    }
    let electrode = |well: &str, at: u32| serde_json::json!({ "id": format!("{well}_1{at}"), "well": well });
    let electrodes: Vec<_> =
        ["A1", "A2", "B1"].iter().flat_map(|well| (1..=4).map(move |at| electrode(well, at))).collect();
    let about = serde_json::json!({ "duration_s": 60.5, "electrodes": electrodes });
    std::fs::write(folder.join("plate.csv"), table).expect("writable");
    std::fs::write(folder.join("plate.json"), about.to_string()).expect("writable");
    folder.join("plate.csv").display().to_string()
}

#[test]
fn figures_are_of_the_well_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write_plate(folder.path());
    let explored = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let written = out.display().to_string();
        neurocyte(&[&["explore", path.as_str(), "--out", written.as_str()], more].concat());
        let set: ResultSet =
            serde_json::from_slice(&std::fs::read(out.join("results.json")).expect("results")).expect("results");
        (out, set)
    };
    let (out, set) = explored("most-active", &[]);
    assert_eq!(set.shown_well.map(|shown| (shown.name, shown.is_chosen)), Some(("B1".to_owned(), false)));
    let report = std::fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(report.contains("only show well B1 (the most active one"), "the report says which well it shows");
    assert!(report.contains("Rate, all 3 wells"), "the report has pictures of the plate");
    for file in [
        "analyses/sttc/matrix-B1.svg",
        "analyses/sttc/plate/plate-sttc.svg",
        "analyses/sttc/plate/wells-sttc.svg",
        "figures/plate/plate-mean_rate_hz.svg",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let plate = std::fs::read_to_string(out.join("analyses/sttc/plate/plate-sttc.svg")).expect("a figure");
    assert!(plate.contains("Not of A2: no active electrodes."), "{plate}");
    let pairs = std::fs::read_to_string(out.join("analyses/sttc/pairs.csv")).expect("a table");
    assert!(pairs.starts_with("well,electrode_a,electrode_b,"), "{pairs:.80}");

    let (out, set) = explored("chosen", &["--well", "A1"]);
    assert_eq!(set.shown_well.map(|shown| (shown.name, shown.is_chosen)), Some(("A1".to_owned(), true)));
    assert!(out.join("analyses/sttc/matrix-A1.svg").is_file() && !out.join("analyses/sttc/matrix-B1.svg").exists());
    assert_eq!(std::fs::read_to_string(out.join("analyses/sttc/pairs.csv")).expect("a table"), pairs);

    let out = folder.path().join("refused").display().to_string();
    let cli = Cli::try_parse_from(["neurocyte", "explore", path.as_str(), "--out", out.as_str(), "--well", "C9"]);
    let error = run(&cli.expect("known arguments")).expect_err("refused").to_string();
    assert!(error.contains("there is no well “C9”") && error.contains("A1, A2, B1"), "{error}");
}
