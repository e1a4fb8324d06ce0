//! The threshold from a silent recording: the page finds that of native code, and sets it.

use std::path::{Path, PathBuf};

use serde_json::json;
use wasm_core::run::{AboveFloor, calibration};

use crate::analyse_here::native;
use crate::analyses::set;
use crate::harness::{Page, Stage, downloaded, write_recording};

/// Writes white noise on the electrodes of [`write_recording`] as plain binary, and gives both paths.
fn write_silence(folder: &Path, n_channels: usize, seconds: usize) -> [PathBuf; 2] {
    let mut state = 7_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 57).expect("seven bits") - 64
    };
    let mut bytes = Vec::new();
    for _ in 0..n_channels * 20_000 * seconds {
        let sample = i16::try_from(uniform() + uniform() + uniform()).expect("small");
        bytes.extend(sample.to_le_bytes());
    }
    let (raw, description) = (folder.join("silent.raw"), folder.join("silent.json"));
    std::fs::write(&raw, bytes).expect("writable");
    let described =
        json!({ "sampling_frequency_hz": 20_000.0, "n_channels": n_channels, "dtype": "int16", "gain_to_uv": 0.195 });
    std::fs::write(&description, described.to_string()).expect("writable");
    [raw, description]
}

async fn analysed(page: &Page, files: &[&Path]) {
    page.go("about:blank").await;
    page.open(files).await;
    page.click("analyse-here").await;
    page.find("result").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_recording_gives_the_threshold() {
    let mut stage = Stage::open().await;
    let culture = write_recording(stage.folder.path(), 20, 12.0);
    let silence = write_silence(stage.folder.path(), 20, 12);
    let [(silent, silent_uv, of_silent), (active, active_uv, of_active)] = [native(&silence[0]), native(&culture[0])];
    let counts = calibration(
        &AboveFloor { engine: &silent, peaks: &of_silent.peaks, noise_uv: &silent_uv },
        &AboveFloor { engine: &active, peaks: &of_active.peaks, noise_uv: &active_uv },
    )
    .expect("the same electrodes");
    let expected = counts.at_rate(10.0);
    let threshold = expected.threshold().expect("a threshold");
    assert!(threshold > 4.0 && threshold < 6.0, "noise passes 4 x noise, and hardly ever 6: {threshold}");

    let (page, downloads) = stage.browser().await;
    analysed(&page, &[&silence[0], &silence[1]]).await;
    page.click("keep").await;
    page.click("keep-now").await;
    page.find("kept").await;
    page.go("about:blank").await;
    page.go(&page.address).await;
    page.click("download-kept").await;
    downloaded(&downloads, "silent.raw.neurocyte").await;

    analysed(&page, &[&culture[0], &culture[1]]).await;
    page.click("calibrate").await;
    let n_lines = "return document.querySelectorAll('[data-testid=calibrate-kept] option').length";
    page.until(n_lines, |n| *n == 2).await;
    page.run(
        "const s = document.querySelector('[data-testid=calibrate-kept]');
         s.selectedIndex = 1;
         s.dispatchEvent(new Event('change', { bubbles: true }))",
    )
    .await;
    page.find("calibrate-found").await;
    let chosen = "return document.querySelector('[data-testid=calibrate-kept]').selectedIndex";
    assert_eq!(page.run(chosen).await, 1, "the list shows what was chosen");
    set(&page, "calibrate-limit", "10").await;
    let told = format!("Compared with silent.raw. {}", expected.sentence());
    let sentence = "return document.querySelector('[data-testid=calibrate-sentence]').textContent";
    page.until(sentence, |text| *text == told.as_str()).await;
    assert_eq!(page.text("calibrate-noise").await, expected.noise_words());
    page.click("calibration-csv").await;
    let found = downloaded(&downloads, "culture-calibration.csv").await;
    assert_eq!(String::from_utf8_lossy(&found), counts.table().to_csv());

    page.click("calibrate-use").await;
    let shown = "return document.querySelector('[data-testid=threshold-value]').textContent";
    let begins = format!("{threshold:.1} x noise");
    page.until(shown, |text| text.as_str().is_some_and(|text| text.starts_with(&begins))).await;
    let button = "return document.querySelector('[data-testid=calibrate-use]').textContent";
    page.until(button, |text| *text == "This threshold is set").await;

    // A file that is none says so; that of the kept result does the same as the list.
    let give = async |file: &Path| {
        let file = file.canonicalize().expect("there").display().to_string();
        page.find("calibrate-file").await.send_keys(&file).await.expect("accepted");
    };
    give(&culture[1]).await;
    let problem = page.text("calibrate-problem").await;
    assert!(problem.contains("culture.json cannot be compared: it is no result that Neurocyte kept"), "{problem}");
    give(&downloads.join("silent.raw.neurocyte")).await;
    page.find("calibrate-found").await;
    assert!(page.text("calibrate-sentence").await.starts_with("Compared with silent.raw.neurocyte. From "));
    assert_eq!(page.run(chosen).await, 0, "a file is none of the list");
    // One that is dropped is taken here, and is no recording that missed its place.
    page.run(
        "const files = new DataTransfer();
         files.items.add(new File(['x'], 'none.neurocyte'));
         const drop = new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true });
         document.querySelector('[data-testid=calibrate]').dispatchEvent(drop)",
    )
    .await;
    assert!(page.text("calibrate-problem").await.starts_with("none.neurocyte cannot be compared"));
    assert_eq!(page.run("return document.querySelectorAll('[data-testid=missed]').length").await, 0);
    stage.close().await;
}
