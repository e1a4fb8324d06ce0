//! Analyses of the spikes: the page gives the tables and figures of native code, a value that changes counts at
//! once, and who arranges them can go back.

use wasm_core::analyses::SpikeTrains;
use wasm_core::figure::svg;
use wasm_core::pipeline::{Block, Pipeline};
use wasm_core::run::{BlockResult, Cache, ResultSet, results};

use crate::analyse_here::native_spikes;
use crate::harness::{Page, Stage, downloaded, write_recording};

fn block<'a>(results: &'a ResultSet, id: &str) -> &'a BlockResult {
    results.blocks.iter().find(|block| block.id == id).expect("the analysis")
}

/// Types into a field, as a person would.
pub async fn set(page: &Page, field: &str, value: &str) {
    page.find(field).await;
    let script = format!(
        "const f = document.querySelector('[data-testid=\"{field}\"]');
         Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(f, '{value}');
         f.dispatchEvent(new Event('input', {{ bubbles: true }}));
         f.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    page.run(&script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_the_tables_and_figures_of_native_code() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 20, 32.0);
    let spikes = native_spikes(&raw);
    let recording = lambda::cli::open_path(&raw).expect("opens");
    let info = recording.stream(None).expect("a stream").info().clone();
    let mut pipeline = Pipeline::default();
    let trains = SpikeTrains::new(&info, &spikes, None);
    let native = results(&trains, 0, &pipeline, &mut Cache::default());

    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.click("analyse-here").await;
    page.find("table-bursts_max_interval-bursts").await;
    // They come one after another.
    page.until("return document.querySelectorAll('[data-testid^=counting]').length", |n| *n == 0).await;
    let open = "document.querySelectorAll('details.table').forEach(table => table.open = true)";
    page.run(open).await;
    for (id, table) in [
        ("bursts_max_interval", "bursts"),
        ("network_bursts", "bursts"),
        ("sttc", "pairs"),
        ("intervals", "electrodes"),
    ] {
        page.click(&format!("csv-{id}-{table}")).await;
        let found = downloaded(&downloads, &format!("culture-{id}-{table}.csv")).await;
        let expected = block(&native, id).table(table).expect("a table").to_csv();
        assert_eq!(String::from_utf8_lossy(&found), expected, "{id} {table}");
    }
    page.click("sttc-matrix-svg").await;
    let found = downloaded(&downloads, "culture-sttc-matrix.svg").await;
    let (found, figure) = (String::from_utf8_lossy(&found), &block(&native, "sttc").figures[0]);
    // It carries the pipeline that it comes from.
    let told = found.split("<metadata>").nth(1).and_then(|rest| rest.split("</metadata>").next()).expect("metadata");
    let told = told.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    assert!(Pipeline::from_json(&told).is_ok(), "{told}");
    assert_eq!(found, svg(figure, (720.0, 360.0), Some(&told)));
    page.click("sttc-matrix-csv").await;
    let found = downloaded(&downloads, "culture-sttc-matrix.csv").await;
    assert_eq!(String::from_utf8_lossy(&found), figure.to_csv());

    // A value that changes counts at once, for its own block alone.
    let counted = "return document.querySelector('[data-testid=analysis-bursts_max_interval]').textContent";
    let others = "return document.querySelector('[data-testid=analysis-bursts_log_isi]').textContent";
    let (before, beside) = (page.run(counted).await, page.run(others).await);
    set(&page, "bursts_max_interval-min_spikes", "3").await;
    page.until(counted, |text| *text != before).await;
    assert_eq!(page.run(others).await, beside);
    pipeline.set_analysis("bursts_max_interval", "min_spikes", 3.into());
    let native = results(&trains, 0, &pipeline, &mut Cache::default());
    page.run(open).await;
    page.click("csv-bursts_max_interval-electrodes").await;
    let found = downloaded(&downloads, "culture-bursts_max_interval-electrodes.csv").await;
    let expected = block(&native, "bursts_max_interval").table("electrodes").expect("a table").to_csv();
    assert_eq!(String::from_utf8_lossy(&found), expected);
    assert!(page.text("methods").await.contains("A burst has at least 3 spikes and"));

    // The same analysis twice, with other values, and away again.
    let add = "const s = document.querySelector('[data-testid=add-analysis]');
        s.selectedIndex = [...s.options].findIndex(option => option.text.includes('STTC'));
        s.dispatchEvent(new Event('change', { bubbles: true }))";
    page.run(add).await;
    page.click("add-chosen").await;
    page.find("table-sttc_2-pairs").await;
    page.click("remove-sttc_2").await;
    page.until("return document.querySelectorAll('[data-testid=analysis-sttc_2]').length", |n| *n == 0).await;

    // What is saved is a pipeline that gives the same.
    page.click("save-pipeline").await;
    let saved = downloaded(&downloads, "culture-pipeline.json").await;
    assert_eq!(Pipeline::from_json(&String::from_utf8_lossy(&saved)), Ok(pipeline));

    // The report says what the page says, and other programs' files hold its spikes.
    page.click("download-report").await;
    let report = downloaded(&downloads, "culture-report.html").await;
    let report = String::from_utf8_lossy(&report);
    assert!(report.starts_with("<!DOCTYPE html>") && report.contains("Bursts (MaxInterval)"), "{report:.200}");
    page.click("download-nwb").await;
    let nwb = stage.folder.path().join("spikes.nwb");
    std::fs::write(&nwb, downloaded(&downloads, "culture-spikes.nwb").await).expect("writes");
    let stored = lambda::cli::open_path(&nwb).expect("opens").spikes.expect("spikes");
    assert_eq!(stored.spikes.len(), spikes.len());
    stage.close().await;
}

/// Ids of the analyses in the order of the page.
const ORDER: &str =
    "return [...document.querySelectorAll('article.analysis')].map(card => card.id.replace('analysis-', ''))";

/// The button or card that has the focus.
const FOCUS: &str = "return document.activeElement.dataset.testid";

/// What was done last.
const DONE: &str = "return document.querySelector('[data-testid=analyses-done]')?.textContent";

#[tokio::test(flavor = "multi_thread")]
async fn analyses_are_moved_and_removed_and_undo_brings_them_back() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 8, 3.0);
    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.click("analyse-here").await;
    page.find("analysis-bursts_log_isi").await;
    page.until("return document.querySelectorAll('[data-testid^=counting]').length", |n| *n == 0).await;
    let begun: Vec<String> = serde_json::from_value(page.run(ORDER).await).expect("ids");
    let (first, last) = (&begun[0], begun.last().expect("analyses"));
    let is_off = |button: String| format!("return document.querySelector('[data-testid={button}]').ariaDisabled");
    assert_eq!(page.run(&is_off(format!("move-up-{first}"))).await, "true");
    assert_eq!(page.run(&is_off(format!("move-down-{last}"))).await, "true");
    assert_eq!(page.run(&is_off(format!("move-down-{first}"))).await, "false");
    assert_eq!(page.run(DONE).await, serde_json::Value::Null);

    // The card moves as it is, and keys go on with its button, at the end too.
    let mut moved = begun.clone();
    moved.swap(0, 1);
    page.run(&format!("document.getElementById('analysis-{first}').wasHere = true")).await;
    page.click(&format!("move-down-{first}")).await;
    page.until(ORDER, |order| *order == serde_json::json!(moved)).await;
    page.until(FOCUS, |name| *name == format!("move-down-{first}")).await;
    assert_eq!(page.run(&format!("return document.getElementById('analysis-{first}').wasHere")).await, true);
    assert!(page.text("analyses-done").await.ends_with(" was moved down."));
    page.click(&format!("move-up-{first}")).await;
    page.until(ORDER, |order| *order == serde_json::json!(begun)).await;
    page.until(FOCUS, |name| *name == format!("move-up-{first}")).await;
    page.click("undo-analyses").await;
    page.until(ORDER, |order| *order == serde_json::json!(moved)).await;
    page.until(FOCUS, |name| *name == format!("analysis-{first}")).await;
    assert_eq!(page.run(DONE).await, serde_json::Value::Null);

    // An analysis that was removed comes back with its value to its place.
    set(&page, "bursts_log_isi-void", "0.6").await;
    let without: Vec<&String> = moved.iter().filter(|id| *id != "bursts_log_isi").collect();
    page.click("remove-bursts_log_isi").await;
    page.until(ORDER, |order| *order == serde_json::json!(without)).await;
    assert_eq!(page.text("analyses-done").await, "Bursts (logISI) was removed.");
    page.click("undo-analyses").await;
    page.until(ORDER, |order| *order == serde_json::json!(moved)).await;
    let value = "return document.querySelector('[data-testid=bursts_log_isi-void]').value";
    assert_eq!(page.run(value).await, "0.6");

    // A card that is dragged by its handle takes the place of another.
    let drag = format!(
        "const at = name => document.querySelector(`[data-testid=${{name}}]`), dataTransfer = new DataTransfer();
         const send = (to, kind) => to.dispatchEvent(new DragEvent(kind, {{ dataTransfer, bubbles: true, cancelable: true }}));
         const handle = at('drag-{last}'), card = at('analysis-{first}');
         send(handle, 'dragstart'); send(card, 'dragover'); send(card, 'drop'); send(handle, 'dragend')"
    );
    page.run(&drag).await;
    let mut dragged = moved.clone();
    let taken = dragged.pop().expect("the last");
    dragged.insert(1, taken);
    page.until(ORDER, |order| *order == serde_json::json!(dragged)).await;
    page.until(DONE, |told| told.as_str().is_some_and(|told| told.ends_with(" was moved up."))).await;
    assert_eq!(page.run("return document.querySelectorAll('[data-testid=missed]').length").await, 0);

    // The file has the order of the page, and so has the report.
    page.click("save-pipeline").await;
    let saved = downloaded(&downloads, "culture-pipeline.json").await;
    let saved = Pipeline::from_json(&String::from_utf8_lossy(&saved)).expect("a pipeline");
    let order: Vec<&str> =
        saved.blocks.iter().filter(|block| block.is_analysis()).map(|block| block.id.as_str()).collect();
    assert_eq!(order, dragged);
    page.click("download-report").await;
    let report = downloaded(&downloads, "culture-report.html").await;
    let report = String::from_utf8_lossy(&report);
    let titles = saved.blocks.iter().filter(|block| block.is_analysis()).filter_map(Block::spec);
    let places: Vec<_> = titles.map(|spec| report.find(&format!("<h2>{}</h2>", spec.title))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    stage.close().await;
}
