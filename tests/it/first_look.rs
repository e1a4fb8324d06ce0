//! What is there before the page's program is: a first picture, and a place for files.

use serde_json::json;

use crate::harness::Stage;

/// Drops a small recording, of noise that is the same everywhere, and its description.
const DROP: &str = "const samples = new Int16Array(4 * 20000);
    let state = 1;
    for (let at = 0; at < samples.length; at += 1) {
        state = (state * 1103515245 + 12345) % 2147483648;
        samples[at] = (state >> 16) % 100;
    }
    const described = { sampling_frequency_hz: 20000, n_channels: 4, dtype: 'int16', gain_to_uv: 0.195 };
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([samples], 'culture.raw'));
    dataTransfer.items.add(new File([JSON.stringify(described)], 'culture.json'));
    document.querySelector('.dropzone').dispatchEvent(
        new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));";

/// Loads the program that could not be loaded before.
const LOAD: &str = "return import('/app.js')
    .then((program) => program.default({ module_or_path: '/app_bg.wasm' }))
    .then(() => document.getElementById('first') === null)";

const TOLD: &str = "return document.querySelector('[data-testid=first-told]').textContent";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_before_the_program_is_there_opens() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    page.debug("Network.enable", json!({})).await;
    page.debug("Network.setBlockedURLs", json!({ "urls": ["*app_bg.wasm*"] })).await;
    page.go(&page.address).await;
    let first = page.text("first").await;
    assert!(first.contains("See your recording") && first.contains("Drop a file"), "{first}");
    // Who has no program is told so, in time.
    page.until(TOLD, |told| told.as_str().is_some_and(|told| told.contains("could not be loaded"))).await;
    page.run(DROP).await;
    page.until(TOLD, |told| told.as_str().is_some_and(|told| told.starts_with("2 files open"))).await;
    page.debug("Network.setBlockedURLs", json!({ "urls": [] })).await;
    assert_eq!(page.run(LOAD).await, true, "the page takes the place of the first picture");
    page.find("traces-ready").await;
    assert_eq!(page.text("place").await, "culture.raw");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_addresses_have_no_place_for_files() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    page.debug("Network.enable", json!({})).await;
    page.debug("Network.setBlockedURLs", json!({ "urls": ["*app_bg.wasm*"] })).await;
    // Another query, so that the page is loaded again.
    page.go(&format!("{}/?first#/regions", page.address)).await;
    let shown = page.text("first").await;
    assert!(shown.contains("Loading") && !shown.contains("Drop a file"), "{shown}");
    stage.close().await;
}
