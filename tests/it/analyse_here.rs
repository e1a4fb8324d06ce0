//! Drop, look, analyse in the browser: the spikes are those of the command line, bit for bit.

use wasm_core::engine::{Engine, Workspace};
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{RecordingSummary, RunResult, SliceResult, analyse, measure_noise, reduce, slices};
use wasm_core::spikes::{Spike, read_parquet};

use crate::harness::{Stage, downloaded, write_recording};

/// The spikes that native code finds in a recording.
pub fn native_spikes(path: &std::path::Path) -> Vec<Spike> {
    native(path).2.spikes
}

/// What native code finds in a recording by the default pipeline, with its engine and the noise.
pub fn native(path: &std::path::Path) -> (Engine, Vec<f32>, RunResult) {
    native_by(path, &Pipeline::default())
}

/// What native code finds in a recording by a pipeline, with its engine and the noise.
pub fn native_by(path: &std::path::Path, pipeline: &Pipeline) -> (Engine, Vec<f32>, RunResult) {
    let recording = lambda::cli::open_path(path).expect("opens");
    let source = recording.stream(None).expect("a stream");
    let engine = Engine::new(source.info(), pipeline).expect("valid");
    let noise = measure_noise(&engine, source).expect("noise");
    // Other slices than the browser's or the cloud's, in another order.
    let mut whole = SliceResult::empty(&engine);
    for slice in slices(source.info(), 3).into_iter().rev() {
        let part = analyse(&engine, source, slice, &noise, &mut Workspace::default(), |_| Ok(true));
        whole.add(part.expect("analysed").expect("not stopped"));
    }
    let described = RecordingSummary::new("culture", recording.format, source.info(), &[], &[]);
    let result = reduce(&engine, pipeline, described, &noise, whole);
    (engine, noise, result)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_finds_the_same_spikes_as_native_code() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 40, 12.0);
    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    assert!(page.text("facts").await.contains("40 channels · 20 kHz · 12 s"), "{}", page.text("facts").await);
    page.click("analyse-here").await;
    page.find("result").await;
    page.click("download-parquet").await;
    let found = read_parquet(downloaded(&downloads, "culture-spikes.parquet").await.into()).expect("a spike table");
    let expected = native_spikes(&raw);
    assert!(expected.len() > 1000, "the simulated culture is alive");
    assert_eq!(found, expected, "wasm equals native");

    // A higher threshold leaves fewer spikes, without a new run.
    let before = page.text("threshold-value").await;
    let script = "const s = document.querySelector('[data-testid=threshold]');
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(s, '8');
        s.dispatchEvent(new Event('input', { bubbles: true }))";
    page.run(script).await;
    let after = page
        .until("return document.querySelector('[data-testid=threshold-value]').textContent", |text| {
            *text != before.as_str()
        })
        .await;
    assert!(after.as_str().is_some_and(|text| text.starts_with("8.0 x noise")), "{after}");
    stage.close().await;
}
