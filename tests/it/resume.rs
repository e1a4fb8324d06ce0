//! An upload that was stopped goes on where it was, after the same files are dropped again.

use crate::harness::{Stage, write_recording};

/// Chunks that are there, from the text of the progress bar: `… 4 of 19 chunks …`.
const CHUNKS_DONE: &str = "const text = document.querySelector('[data-testid=progress]')?.innerText ?? '';
    return Number((text.match(/(\\d+) of \\d+ chunks/) ?? [0, 0])[1])";

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_upload_is_resumed_after_a_reload() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 64, 60.0);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw, &description]).await;
    let enabled = "return document.querySelector('[data-testid=upload]')?.disabled === false";
    page.until(enabled, |enabled| *enabled == true).await;
    page.click("upload").await;
    page.until(CHUNKS_DONE, |n| n.as_f64() >= Some(1.0)).await;
    page.click("stop").await;
    page.find("offers").await;

    page.go("about:blank").await;
    page.go(&page.address).await;
    page.find("remembered").await;
    page.choose(&[&raw, &description]).await;
    page.until(enabled, |enabled| *enabled == true).await;
    page.click("upload").await;
    // What was sent before counts from the start.
    page.until(CHUNKS_DONE, |n| n.as_f64() >= Some(1.0)).await;
    page.find("share").await;
    page.click("home").await;
    let remembered = "return JSON.parse(localStorage.getItem('neurocyte-recordings')).length";
    assert_eq!(page.run(remembered).await, 1, "it is the same recording");
    stage.close().await;
}
