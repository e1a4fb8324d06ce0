//! A result that is kept in the browser, or as a file, opens again without its recording.

use std::path::Path;

use serde_json::Value;
use wasm_core::kept::read;
use wasm_core::spikes::read_parquet;

use crate::analyse_here::native_spikes;
use crate::analyses::set;
use crate::harness::{Page, Stage, downloaded, golden, write_recording};

/// The five numbers, the threshold, and what analyses say.
const NUMBERS: &str = "const text = part => document.querySelector(part)?.textContent;
    return [[...document.querySelectorAll('.headline .value')].map(value => value.textContent).join(),
        text('[data-testid=threshold-value]'), text('[data-testid=analysis-intervals]'),
        text('[data-testid=analysis-bursts_max_interval]')]";

fn n_items(n: u64) -> impl Fn(&Value) -> bool {
    move |found| found.as_u64() == Some(n)
}

const ITEMS: &str = "return document.querySelectorAll('[data-testid=kept-item]').length";

/// Waits until the page shows these numbers again.
async fn shows(page: &Page, numbers: &Value) {
    page.find("result").await;
    page.until(NUMBERS, |found| found == numbers).await;
}

/// The spikes that the page gives as a file, which makes room for another of the same name.
async fn spikes_of(page: &Page, downloads: &Path) -> Vec<u8> {
    page.click("download-parquet").await;
    let bytes = downloaded(downloads, "culture-spikes.parquet").await;
    std::fs::remove_file(downloads.join("culture-spikes.parquet")).expect("removed");
    bytes
}

async fn keep(page: &Page, note: &str) {
    page.click("keep").await;
    set(page, "keep-note", note).await;
    page.click("keep-now").await;
    page.find("kept").await;
}

async fn start(page: &Page) {
    page.go("about:blank").await;
    page.go(&page.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_result_survives_a_reload_and_goes_to_another_browser() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 20, 32.0);
    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.click("analyse-here").await;
    page.find("table-bursts_max_interval-bursts").await;
    // What was changed on the result page is kept with it.
    let counted = "return document.querySelector('[data-testid=analysis-bursts_max_interval]').textContent";
    let before = page.run(counted).await;
    set(&page, "threshold", "6").await;
    let threshold = "return document.querySelector('[data-testid=threshold-value]').textContent";
    page.until(threshold, |text| text.as_str().is_some_and(|text| text.starts_with("6.0 x noise"))).await;
    let before = page.until(counted, |text| *text != before).await;
    set(&page, "bursts_max_interval-min_spikes", "3").await;
    page.until(counted, |text| *text != before).await;
    let spikes = spikes_of(&page, &downloads).await;
    let numbers = page.run(NUMBERS).await;
    keep(&page, "day 21, control").await;

    start(&page).await;
    let item = page.text("kept-item").await;
    assert!(item.contains("culture.raw") && item.contains("day 21, control") && item.contains("32"), "{item}");
    page.click("open-kept").await;
    shows(&page, &numbers).await;
    assert!(page.text("no-traces").await.contains("not the recording"));
    assert!(page.text("kept-about").await.contains("day 21, control"));
    assert_eq!(page.text("kept-here").await, "Kept in this browser", "unchanged, it is not kept twice");
    assert_eq!(spikes_of(&page, &downloads).await, spikes);
    // It stays at its address, and the threshold still moves.
    let address = page.run("return location.href").await;
    page.go("about:blank").await;
    page.go(address.as_str().expect("an address")).await;
    shows(&page, &numbers).await;
    set(&page, "threshold", "5").await;
    page.until(threshold, |text| text.as_str().is_some_and(|text| text.starts_with("5.0 x noise"))).await;
    let found = read_parquet(spikes_of(&page, &downloads).await.into()).expect("a spike table");
    assert_eq!(found, native_spikes(&raw));

    // The file opens in a browser that has never been here, and native code reads it.
    start(&page).await;
    page.click("download-kept").await;
    let file = downloaded(&downloads, "culture.raw.neurocyte").await;
    let (kept, _) = read(&file.into()).expect("a kept result");
    assert_eq!((kept.about.name.as_str(), kept.about.note.as_str()), ("culture.raw", "day 21, control"));
    let (other, _) = stage.browser().await;
    other.go(&other.address).await;
    other.choose(&[&downloads.join("culture.raw.neurocyte")]).await;
    shows(&other, &numbers).await;
    other.click("home").await;
    assert_eq!(other.run(ITEMS).await, 0, "what is only looked at is not kept");

    // Deleting asks first.
    page.click("delete-kept").await;
    assert_eq!(page.run(ITEMS).await, 1);
    page.click("delete-kept").await;
    page.until(ITEMS, n_items(0)).await;
    page.go("about:blank").await;
    page.go(address.as_str().expect("an address")).await;
    page.find("gone").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_spikes_are_kept_too_and_a_browser_that_keeps_nothing_says_so() {
    let mut stage = Stage::open().await;
    let (page, downloads) = stage.browser().await;
    let units = golden("units.nwb");
    page.go(&page.address).await;
    page.choose(&[&units]).await;
    assert!(page.text("result").await.contains("12 spikes"));
    // As in a private window of some browsers: nothing is lost.
    page.run("Object.defineProperty(window, 'indexedDB', { configurable: true, get: () => null })").await;
    page.click("keep").await;
    page.click("keep-now").await;
    let problem = page.text("keep-problem").await;
    assert!(problem.contains("keeps nothing for this page") && problem.contains("save it as a file"), "{problem}");
    page.click("keep-file").await;
    assert!(page.text("kept").await.contains("drop it on the start page"));
    let file = downloaded(&downloads, "units.nwb.neurocyte").await;
    assert!(read(&file.clone().into()).is_ok());

    start(&page).await;
    page.choose(&[&downloads.join("units.nwb.neurocyte")]).await;
    assert!(page.text("result").await.contains("12 spikes"));
    let moved = page.run("return document.querySelector('[data-testid=\"threshold\"]') !== null").await;
    assert_eq!(moved, false, "a threshold of stored spikes cannot be moved");
    keep(&page, "sorted").await;
    page.click("see-kept").await;
    page.find("kept-about").await;
    assert!(page.text("result").await.contains("12 spikes"));

    // A file that was cut on its way says so.
    let cut = stage.folder.path().join("cut.neurocyte");
    std::fs::write(&cut, &file[..file.len() - 7]).expect("writable");
    start(&page).await;
    page.choose(&[&cut]).await;
    let failed = page.text("failed").await;
    assert!(failed.contains("it is cut"), "{failed}");
    stage.close().await;
}

/// A recording as this browser remembers it.
const REMEMBERED: &str = r"localStorage.setItem('neurocyte-recordings', JSON.stringify([{
    recording_id: 'a', owner_key: 'secret', name: 'dish 4', stream: '0', fingerprint: '1:2:3', duration_s: 60,
    created_ms: 1790000000000, run_id: 'b' }]))";

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_recordings_go_to_another_browser() {
    let mut stage = Stage::open().await;
    let (page, downloads) = stage.browser().await;
    page.go(&page.address).await;
    page.find("dropzone").await;
    page.run(REMEMBERED).await;
    start(&page).await;
    page.find("remembered").await;
    let open = "document.querySelector('[data-testid=keys]').open = true";
    page.run(open).await;
    page.click("save-keys").await;
    downloaded(&downloads, "neurocyte-keys.json").await;

    let (other, _) = stage.browser().await;
    other.go(&other.address).await;
    other.find("keys").await;
    other.run(open).await;
    let path = downloads.join("neurocyte-keys.json").display().to_string();
    other.find("keys-input").await.send_keys(&path).await.expect("accepted");
    assert!(other.text("keys-added").await.contains("1 recording added"));
    assert!(other.text("remembered").await.contains("dish 4"));
    start(&other).await;
    other.find("remembered").await;
    stage.close().await;
}
