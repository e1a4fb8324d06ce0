//! A pipeline file with two detections: the workbench shows both, an analysis takes the spikes of either, and what
//! the page counts is what native code counts.

use std::path::Path;

use wasm_core::pipeline::{Block, Pipeline};
use wasm_core::run::ResultSet;

use crate::analyse_here::native_by;
use crate::harness::{Page, Stage, downloaded, write_recording};

/// Negative peaks beyond 5 and, as “up”, positive ones beyond 6 times the noise, each with interval statistics.
fn two() -> Pipeline {
    let mut pipeline = Pipeline::default().with_analyses();
    let first = pipeline.block("detect_peaks").expect("a detection").clone();
    let behind = pipeline.blocks.iter().position(Block::is_analysis).expect("analyses");
    pipeline.blocks.insert(behind, Block { id: "up".into(), ..first });
    pipeline.set_by_id("up", "peak_sign", "pos".into());
    pipeline.set_by_id("up", "detect_threshold", 6.into());
    let second = pipeline.add_analysis("intervals").expect("an analysis");
    pipeline.take_spikes_of(&second, "up");
    pipeline.check().expect("valid");
    pipeline
}

fn native(path: &Path, pipeline: &Pipeline) -> ResultSet {
    native_by(path, pipeline).2.detections.results(pipeline)
}

async fn compare(page: &Page, downloads: &Path, native: &ResultSet, id: &str) {
    page.find(&format!("table-{id}-electrodes")).await;
    page.run("document.querySelectorAll('details.table').forEach(table => table.open = true)").await;
    page.click(&format!("csv-{id}-electrodes")).await;
    let found = downloaded(downloads, &format!("culture-{id}-electrodes.csv")).await;
    let block = native.blocks.iter().find(|block| block.id == id).expect("the block");
    assert_eq!(String::from_utf8_lossy(&found), block.table("electrodes").expect("a table").to_csv(), "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_two_detections_is_kept_shown_and_counted() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 20, 32.0);
    let pipeline = two();
    let file = stage.folder.path().join("two.json");
    std::fs::write(&file, serde_json::to_string(&pipeline).expect("JSON")).expect("writes");
    let native = native(&raw, &pipeline);

    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.run("document.querySelector('[data-testid=pipeline-file]').open = true").await;
    page.find("pipeline-input").await.send_keys(&file.to_string_lossy()).await.expect("accepted");
    page.find("pipeline-taken").await;
    page.find("card-up").await;
    let threshold = page.run("return document.querySelector('[data-testid=up-detect_threshold]').value").await;
    assert_eq!(threshold, "6");

    page.click("analyse-here").await;
    page.find("analysis-up").await;
    page.until("return document.querySelectorAll('[data-testid^=counting]').length", |n| *n == 0).await;
    for id in ["detect_peaks", "up", "intervals", "intervals_2"] {
        compare(&page, &downloads, &native, id).await;
    }

    // The first detection's interval statistics, once more with the spikes of the other: equal to the second's.
    let choose = "const s = document.querySelector('[data-testid=spikes-of-intervals]');
        s.selectedIndex = 1; s.dispatchEvent(new Event('change', { bubbles: true }))";
    let shown = "return document.querySelector('[data-testid=table-intervals-electrodes]')?.textContent";
    let before = page.run(shown).await;
    page.run(choose).await;
    page.until(shown, |text| *text != before && !text.is_null()).await;
    let other = "return document.querySelector('[data-testid=table-intervals_2-electrodes]').textContent";
    assert_eq!(page.run(shown).await, page.run(other).await);
    stage.close().await;
}
