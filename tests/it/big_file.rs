//! A 12 GB recording opens in the browser without being read.

use std::fs::File;

use serde_json::json;

use crate::harness::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn twelve_gigabytes_show_their_first_traces() {
    let mut stage = Stage::open().await;
    let (raw, description) = (stage.folder.path().join("big.raw"), stage.folder.path().join("big.json"));
    // 300 s of 1,024 channels at 20 kHz; sparse, so it takes no room.
    File::create(&raw).and_then(|file| file.set_len(12_288_000_000)).expect("a sparse file");
    let described =
        json!({ "sampling_frequency_hz": 20_000.0, "n_channels": 1024, "dtype": "int16", "gain_to_uv": 0.195 });
    std::fs::write(&description, described.to_string()).expect("writable");
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw, &description]).await;
    page.find("traces-ready").await;
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
