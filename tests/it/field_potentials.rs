//! Field potentials are kept where the step is added: the page, the cloud and a kept result give the tables of native
//! code.

use std::path::Path;
use std::sync::Arc;

use wasm_core::analyses::SpikeTrains;
use wasm_core::field::{FieldBuilder, FieldPlan, decimated};
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{Cache, results, slices};

use crate::analyse_here::native_spikes;
use crate::analyses::set;
use crate::harness::{Page, Stage, downloaded, write_recording};

/// The band powers that native code finds.
fn native(raw: &Path) -> String {
    let recording = lambda::cli::open_path(raw).expect("opens");
    let source = recording.stream(None).expect("a stream");
    let mut pipeline = Pipeline::default();
    pipeline.add("field_potentials");
    let id = pipeline.add_analysis("band_powers").expect("known");
    let plan = FieldPlan::new(source.info(), &pipeline).expect("a plan");
    let mut builder = FieldBuilder::new(plan.clone(), source.info());
    for slice in slices(source.info(), 3) {
        assert!(builder.add(slice, &decimated(source, &plan, slice).expect("reads")));
    }
    let trains = SpikeTrains::new(source.info(), &native_spikes(raw), None);
    let trains = trains.with_field(builder.finish().map(Arc::new));
    let found = results(&trains, 0, &pipeline, &mut Cache::default());
    let block = found.blocks.iter().find(|block| block.id == id).expect("the analysis");
    block.table("electrodes").expect("a table").to_csv()
}

/// Whether two tables have the same cells, numbers to nine digits: transforms round their angles as each platform's
/// own functions do.
fn assert_same(found: &str, expected: &str) {
    let cells = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let (found, expected) = (cells(found), cells(expected));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        let is_same = match (found.parse::<f64>(), expected.parse::<f64>()) {
            (Ok(found), Ok(expected)) => (found - expected).abs() <= 1e-9 * expected.abs(),
            _ => found == expected,
        };
        assert!(is_same, "{found} is not {expected}");
    }
}

/// Adds an analysis on the result page.
async fn add(page: &Page, title: &str) {
    page.find("add-analysis").await;
    let choose = format!(
        "const s = document.querySelector('[data-testid=add-analysis]');
         s.selectedIndex = [...s.options].findIndex(option => option.text.includes('{title}'));
         s.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    page.run(&choose).await;
    page.click("add-chosen").await;
}

/// The band powers that the page gives as a file, which makes room for another of the same name.
async fn band_powers(page: &Page, downloads: &Path) -> String {
    page.find("table-band_powers-electrodes").await;
    page.until("return document.querySelectorAll('[data-testid^=counting]').length", |n| *n == 0).await;
    page.run("document.querySelectorAll('details.table').forEach(table => table.open = true)").await;
    page.click("csv-band_powers-electrodes").await;
    let name = "culture-band_powers-electrodes.csv";
    let found = downloaded(downloads, name).await;
    std::fs::remove_file(downloads.join(name)).expect("removed");
    String::from_utf8_lossy(&found).into_owned()
}

async fn open(page: &Page, files: &[std::path::PathBuf; 2]) {
    page.go("about:blank").await;
    page.open(&[&files[0], &files[1]]).await;
    page.click("add-field_potentials").await;
    page.find("field_potentials-rate_hz").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn band_powers_are_the_same_everywhere_and_are_kept() {
    let mut stage = Stage::open().await;
    let files = write_recording(stage.folder.path(), 20, 12.0);
    let expected = native(&files[0]);
    let (page, downloads) = stage.browser().await;
    open(&page, &files).await;
    page.click("analyse-here").await;
    add(&page, "Band powers").await;
    assert_same(&band_powers(&page, &downloads).await, &expected);
    // They stay with other spikes, and with a kept result.
    set(&page, "threshold", "6").await;
    page.click("keep").await;
    page.click("keep-now").await;
    page.find("kept").await;
    page.go("about:blank").await;
    page.go(&page.address).await;
    page.click("open-kept").await;
    assert_same(&band_powers(&page, &downloads).await, &expected);

    // The cloud keeps them, too.
    open(&page, &files).await;
    page.press("upload").await;
    page.find("share").await;
    add(&page, "Band powers").await;
    assert_same(&band_powers(&page, &downloads).await, &expected);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_step_the_card_says_what_is_needed() {
    let mut stage = Stage::open().await;
    let files = write_recording(stage.folder.path(), 16, 3.0);
    let (page, _) = stage.browser().await;
    page.open(&[&files[0], &files[1]]).await;
    page.click("analyse-here").await;
    add(&page, "Band powers").await;
    let reason = page.text("absent-band_powers").await;
    assert!(reason.contains("add the step “Field potentials”"), "{reason}");
    stage.close().await;
}
