//! What the command line exports, as this program and Python read it.

use std::path::Path;
use std::process::Command;

use lambda::cli::open_path;
use serde_json::Value;
use wasm_core::spikes::{Spike, read_parquet};

use super::command_line::{neurocyte, simulate};
use super::shared::skipped;

/// Frames per second, and microseconds of one.
const RATE_HZ: f64 = 20_000.0;
const FRAME_US: i64 = 50;
/// What reads the files in Python, in the repository.
const CHECK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/oracle/nwb_check.py");

/// A culture's result with both exports; its spikes.
fn analysed(folder: &Path) -> Vec<Spike> {
    let path = |name: &str| folder.join(name).display().to_string();
    simulate(&path("culture"), "20", "3");
    neurocyte(&["analyze", &path("culture"), "--threads", "2", "--also", "nwb,phy", "--out", &path("result")]);
    read_parquet(std::fs::read(folder.join("result/spikes.parquet")).expect("spikes").into()).expect("spikes")
}

#[test]
fn exports_hold_the_spikes_of_the_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let spikes = analysed(folder.path());
    assert!(spikes.len() > 100);
    let stored = |name: &str| {
        let opened = open_path(&folder.path().join("result").join(name));
        opened.unwrap_or_else(|error| panic!("{name}: {error}")).spikes.expect("spikes")
    };
    let nwb = stored("spikes.nwb");
    assert_eq!(nwb.info.n_channels, 20);
    let frames = |spike: &Spike| (0_u32, spike.sample_index * FRAME_US, spike.channel_index);
    assert_eq!(nwb.spikes.iter().map(Spike::key).collect::<Vec<_>>(), spikes.iter().map(frames).collect::<Vec<_>>());
    let phy = stored("phy");
    assert_eq!(phy.info.sampling_frequency_hz, RATE_HZ);
    let frames = |spikes: &[Spike]| spikes.iter().map(|spike| spike.sample_index).collect::<Vec<_>>();
    assert_eq!(frames(&phy.spikes), frames(&spikes));
}

/// A Python that has pynwb, NWB Inspector and SpikeInterface: that of `NEUROCYTE_PYTHON`, or the machine's.
fn python() -> Option<String> {
    let told = std::env::var("NEUROCYTE_PYTHON").ok();
    let has_all = |python: &String| {
        let found = Command::new(python).args(["-c", "import pynwb, nwbinspector, spikeinterface"]).output();
        found.is_ok_and(|found| found.status.success())
    };
    told.into_iter().chain(["python3".to_owned()]).find(has_all)
}

#[test]
fn pynwb_and_spikeinterface_read_the_exports() {
    let Some(python) = python() else {
        skipped(2, "exports", "no Python with pynwb, nwbinspector and spikeinterface");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let spikes = analysed(folder.path());
    let result = folder.path().join("result");
    let found = Command::new(python).arg(CHECK).args([result.join("spikes.nwb"), result.join("phy")]).output();
    let found = found.expect("runs");
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let told: Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert_eq!((told["n_units"].as_u64(), told["n_electrodes"].as_u64()), (Some(20), Some(20)));
    let n_spikes = Some(spikes.len() as u64);
    assert_eq!((told["n_spikes"].as_u64(), told["phy"]["n_spikes"].as_u64()), (n_spikes, n_spikes));
    let frames: i64 = spikes.iter().map(|spike| spike.sample_index).sum();
    assert_eq!(told["phy"]["sum_frames"].as_i64(), Some(frames));
    #[expect(clippy::cast_precision_loss, reason = "frames of seconds")]
    let expected_s = frames as f64 / RATE_HZ;
    let sum_s = told["sum_s"].as_f64().expect("a number");
    assert!((sum_s - expected_s).abs() < 1e-6 * expected_s, "{sum_s} and {expected_s}");
}
