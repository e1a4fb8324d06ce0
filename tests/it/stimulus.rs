//! A table of events dropped beside a recording: it is drawn, and responses to it are those of native code, here and
//! after a run in the cloud.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasm_core::analyses::SpikeTrains;
use wasm_core::formats::add_events;
use wasm_core::io::NamedFile;
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{Cache, results};

use crate::analyse_here::native_spikes;
use crate::harness::{Page, Stage, downloaded, write_recording};

const TABLE: &str = "stimuli_events.csv";

/// A pulse each second.
fn write_events(folder: &Path) -> PathBuf {
    let table = folder.join(TABLE);
    let lines: Vec<String> = (1..=30).map(|second| format!("{second}.25,pulse\n")).collect();
    std::fs::write(&table, format!("time_s,label\n{}", lines.concat())).expect("writable");
    table
}

/// What native code says of the electrodes.
fn native(raw: &Path, table: &Path) -> String {
    let mut recording = lambda::cli::open_path(raw).expect("opens");
    let bytes = std::fs::read(table).expect("the table");
    add_events(&mut recording, &NamedFile { path: TABLE.into(), file: Arc::new(bytes) }).expect("a table of events");
    let info = recording.stream(None).expect("a stream").info().clone();
    let trains = SpikeTrains::new(&info, &native_spikes(raw), None).with_events(&recording.events);
    let mut pipeline = Pipeline::default();
    let id = pipeline.add_analysis("psth").expect("a known kind");
    let results = results(&trains, 0, &pipeline, &mut Cache::default());
    let block = results.blocks.iter().find(|block| block.id == id).expect("the analysis");
    assert_eq!(block.absent, None);
    block.table("electrodes").expect("a table").to_csv()
}

/// Adds the analysis on the result page and saves what it says of the electrodes.
async fn added(page: &Page, downloads: &Path) -> String {
    // Analyses may come one after another.
    let counting = "return document.querySelectorAll('[data-testid^=counting]').length";
    page.find("add-analysis").await;
    page.find("table-sttc-pairs").await;
    page.until(counting, |n| *n == 0).await;
    let add = "const s = document.querySelector('[data-testid=add-analysis]');
        s.selectedIndex = [...s.options].findIndex(option => option.text.includes('PSTH'));
        s.dispatchEvent(new Event('change', { bubbles: true }))";
    page.run(add).await;
    page.click("add-chosen").await;
    page.find("table-psth-electrodes").await;
    page.until(counting, |n| *n == 0).await;
    page.run("document.querySelector('[data-testid=table-psth-electrodes]').open = true").await;
    page.click("csv-psth-electrodes").await;
    let found = downloaded(downloads, "culture-psth-electrodes.csv").await;
    String::from_utf8_lossy(&found).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_to_events_are_those_of_native_code() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 20, 32.0);
    let table = write_events(stage.folder.path());
    let expected = native(&raw, &table);

    let (page, downloads) = stage.browser().await;
    page.open(&[&table, &raw, &description]).await;
    assert!(page.text("events").await.contains("30 events"), "{}", page.text("events").await);
    page.click("analyse-here").await;
    assert_eq!(added(&page, &downloads).await, expected);

    let (page, downloads) = stage.browser().await;
    page.open(&[&table, &raw, &description]).await;
    page.press("upload").await;
    page.find("share").await;
    assert_eq!(added(&page, &downloads).await, expected, "after a run in the cloud");
    stage.close().await;
}
