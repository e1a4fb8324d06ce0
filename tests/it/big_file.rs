//! A 12 GB recording opens in the browser without being read.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::harness::Stage;

/// 300 s of 1,024 channels at 20 kHz.
const FILE_BYTES: u64 = 12_288_000_000;

/// What may be read until the first traces show: they need a thousandth of the file, and meanwhile
/// the workers begin to measure the noise, which takes a fifteenth of it.
const FIRST_TRACES_BYTES: u64 = FILE_BYTES / 8;

/// Bytes that each process of the browsers with a profile in this folder has read so far, from
/// files and from the others, by the process's folder.
fn read_by_browsers(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let folder = folder.display().to_string();
    let is_ours = |process: &PathBuf| {
        let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&folder)
    };
    let counted = |process: PathBuf| {
        let counts = std::fs::read_to_string(process.join("io")).ok()?;
        let n_bytes: u64 = counts.lines().find_map(|line| line.strip_prefix("rchar: "))?.trim().parse().ok()?;
        Some((process, n_bytes))
    };
    let processes = std::fs::read_dir("/proc").expect("a system that tells what its processes read");
    processes.flatten().map(|entry| entry.path()).filter(is_ours).filter_map(counted).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_gigabytes_show_their_first_traces() {
    let mut stage = Stage::open().await;
    let (raw, description) = (stage.folder.path().join("big.raw"), stage.folder.path().join("big.json"));
    // Sparse, so it takes no room.
    File::create(&raw).and_then(|file| file.set_len(FILE_BYTES)).expect("a sparse file");
    let described =
        json!({ "sampling_frequency_hz": 20_000.0, "n_channels": 1024, "dtype": "int16", "gain_to_uv": 0.195 });
    std::fs::write(&description, described.to_string()).expect("writable");
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    let before = read_by_browsers(stage.folder.path());
    page.choose(&[&raw, &description]).await;
    page.find("traces-ready").await;
    let after = read_by_browsers(stage.folder.path());
    let since = |(process, n_bytes): (&PathBuf, &u64)| n_bytes - before.get(process).copied().unwrap_or(0);
    let read: u64 = after.iter().map(since).sum();
    assert!(read > 0, "nothing is known of what {} processes read", after.len());
    assert!(read < FIRST_TRACES_BYTES, "{read} bytes were read for the first traces");
    assert!(page.text("facts").await.contains("1,024 channels · 20 kHz · 5 min · 12.3 GB"));
    // The whole recording at once: an outline, not a refusal.
    page.click("show-raw").await;
    page.click("zoom-all").await;
    page.until("return document.querySelector('[data-testid=traces-ready]')?.textContent", |text| {
        text.as_str().is_some_and(|text| text.starts_with("From samples"))
    })
    .await;
    stage.close().await;
}
