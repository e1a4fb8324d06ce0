//! Runs of an uploaded recording: each is listed with what differs, and a new one needs no files.

use serde_json::Value;

use crate::analyses::set;
use crate::harness::{Page, Stage, write_recording};
use crate::resume::sent;

const SUMMARY: &str = "return document.querySelector('[data-testid=runs-summary]')?.textContent ?? ''";
const THRESHOLD: &str = "return document.querySelector('[data-testid=threshold-value]')?.textContent ?? ''";
const FIELD: &str = "return document.querySelector('[data-testid=\"detect_peaks-detect_threshold\"]')?.value";

fn begins(with: &str) -> impl Fn(&Value) -> bool {
    move |text| text.as_str().is_some_and(|text| text.starts_with(with))
}

/// What differs between the run on screen and the other one.
async fn differences(page: &Page) -> String {
    page.until(SUMMARY, |text| *text == "All 2 runs of this recording").await;
    page.run("document.querySelector('[data-testid=runs]').open = true").await;
    page.text("run-differences").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_run_again_without_its_files() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 16, 3.0);
    let (page, _) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.press("upload").await;
    page.find("share").await;
    page.until(SUMMARY, |text| *text == "The only run of this recording").await;

    // The page is opened again, and the files are gone.
    let address = page.run("return location.href").await;
    page.go("about:blank").await;
    std::fs::remove_file(&raw).expect("removed");
    page.go(address.as_str().expect("an address")).await;
    page.find("share").await;
    let mut watch = stage.cloud.watch();
    page.press("change-values").await;
    page.find("run-in-cloud").await;
    assert_eq!(page.text("recording-name").await, "culture.raw");
    page.until(FIELD, |value| *value == "5").await;
    set(&page, "detect_peaks-detect_threshold", "7").await;
    page.press("run-in-cloud").await;
    page.find("share").await;
    page.until(THRESHOLD, begins("7.0 x noise")).await;
    assert!(sent(&mut watch).is_empty(), "nothing is uploaded again");

    // Both runs, each with what differs from the one on screen.
    let told = differences(&page).await;
    assert!(told.contains("threshold: 7 x noise becomes 5 x noise"), "{told}");
    page.click("open-run").await;
    page.until(THRESHOLD, begins("5.0 x noise")).await;
    let told = differences(&page).await;
    assert!(told.contains("threshold: 5 x noise becomes 7 x noise"), "{told}");
    // The values are those of the run on screen, not those that were set last.
    page.press("change-values").await;
    page.find("run-in-cloud").await;
    page.until(FIELD, |value| *value == "5").await;
    page.run("history.back()").await;
    page.find("share").await;
    page.until(THRESHOLD, begins("5.0 x noise")).await;

    // The start page lists them too.
    page.click("home").await;
    page.find("remembered").await;
    page.run("document.querySelector('[data-testid=runs]').open = true").await;
    page.until("return document.querySelectorAll('[data-testid=run-item]').length", |n| *n == 2).await;
    stage.close().await;
}
