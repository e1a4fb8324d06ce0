//! Raster and tables lead to each other: rows are sorted, and a burst of a table is one click away.

use std::cmp::Reverse;
use std::fmt::Write;

use serde_json::Value;
use wasm_core::analyses::SpikeTrains;
use wasm_core::csv::cell;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use wasm_core::run::{Cache, results};
use wasm_core::spikes::Spike;

use crate::analyse_here::native_spikes;
use crate::harness::{Page, Stage, downloaded, write_recording};

/// The title of a plot.
fn title(name: &str) -> String {
    format!(
        "return document.querySelector('[data-testid=\"{name}\"]').closest('figure').querySelector('h3').textContent"
    )
}

fn said(name: &str) -> String {
    format!("return document.querySelector('[data-testid=\"{name}\"]')?.textContent ?? ''")
}

fn has(text: &'static str) -> impl Fn(&Value) -> bool {
    move |value| value.as_str().is_some_and(|value| value.contains(text))
}

/// Sorts the raster's rows, as a person would; gives the options that cannot be chosen.
async fn sort(page: &Page, by: &str) -> Value {
    let script = format!(
        "const list = document.querySelector('[data-testid=raster-order]');
         list.selectedIndex = [...list.options].findIndex(option => option.text.startsWith('{by}'));
         list.dispatchEvent(new Event('change', {{ bubbles: true }}));
         return [...list.options].filter(option => option.disabled).map(option => option.text)"
    );
    page.run(&script).await
}

/// The raster's numbers, all of them, as a file.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
fn table(info: &StreamInfo, spikes: &[Spike]) -> String {
    let mut csv = String::from("time_s,channel_id,amplitude_uv\n");
    for spike in spikes {
        let time_s = spike.sample_index as f64 / info.sampling_frequency_hz;
        let id = cell(&info.channel_ids[spike.channel_index as usize]);
        writeln!(csv, "{time_s},{id},{}", spike.amplitude_uv).expect("written");
    }
    csv
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_sorted_and_bursts_are_one_click_away() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 20, 32.0);
    let spikes = native_spikes(&raw);
    let recording = lambda::cli::open_path(&raw).expect("opens");
    let info = recording.stream(None).expect("a stream").info().clone();
    let native = results(&SpikeTrains::new(&info, &spikes, None), 0, &Pipeline::default(), &mut Cache::default());
    let n_spikes = |at: usize| spikes.iter().filter(|spike| spike.channel_index as usize == at).count();
    let quietest = (0..info.n_channels).min_by_key(|at| (n_spikes(*at), Reverse(*at))).expect("an electrode");

    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.click("analyse-here").await;
    page.find("table-bursts_max_interval-bursts").await;

    // Its numbers as a file: the worker that holds the spikes makes it.
    page.click("raster-csv").await;
    let saved = downloaded(&downloads, "culture-raster.csv").await;
    assert!(saved == table(&info, &spikes).as_bytes(), "the file has the spikes that native code finds");
    let is_made = "return document.querySelector('[data-testid=raster-making]') === null";
    page.until(is_made, |is| *is == true).await;

    // Sorted by rate, the electrode that fires least is the last row.
    let refused = sort(&page, "By rate").await;
    page.until(&title("raster"), has("by rate")).await;
    let names: Vec<&str> = refused.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(names.iter().any(|name| name.starts_with("By recruitment (needs")), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("By well (there are no wells")), "{names:?}");
    let click = "const canvas = document.querySelector('[data-testid=\"raster\"]');
        canvas.scrollIntoView({ block: 'center' });
        const box = canvas.getBoundingClientRect();
        const at = { bubbles: true, pointerId: 1, clientX: box.x + 300, clientY: box.bottom - 22 - 4 };
        for (const kind of ['pointerdown', 'pointerup']) canvas.dispatchEvent(new PointerEvent(kind, at))";
    page.run(click).await;
    let expected = format!("Peak amplitudes of {}", info.channel_label(quietest));
    page.until(&title("amplitudes"), |title| *title == expected.as_str()).await;

    // With the analysis that knows who leads, rows can be sorted by recruitment.
    let add = "const s = document.querySelector('[data-testid=add-analysis]');
        s.selectedIndex = [...s.options].findIndex(option => option.text === 'Shape of network bursts');
        s.dispatchEvent(new Event('change', { bubbles: true }))";
    page.run(add).await;
    page.click("add-chosen").await;
    let open = "return [...document.querySelector('[data-testid=raster-order]').options]
        .find(option => option.text.startsWith('By recruitment')).disabled";
    page.until(open, |is_refused| *is_refused == false).await;
    sort(&page, "By recruitment").await;
    page.until(&title("raster"), has("by recruitment")).await;

    // A burst of a table: raster, traces and electrode follow.
    page.run("document.querySelectorAll('details.table').forEach(table => table.open = true)").await;
    let (whole, window) = (page.run(&said("raster-count")).await, page.run(&said("window")).await);
    page.click("row-bursts_max_interval-bursts-0").await;
    page.find("raster-all").await;
    page.until(&said("raster-count"), |count| *count != whole).await;
    page.until(&said("window"), |now| *now != window).await;
    let chosen =
        "return document.querySelector('[data-testid=row-bursts_max_interval-bursts-0]').closest('tr').ariaSelected";
    page.until(chosen, |is| *is == "true").await;

    // Network bursts, one after the other.
    page.click("raster-all").await;
    page.until(&said("raster-count"), |count| *count == whole).await;
    let bursts = native.blocks.iter().find(|block| block.id == "network_bursts").expect("the analysis");
    let n = bursts.table("bursts").expect("a table").n_rows();
    assert!(n > 0, "the simulated culture has network bursts");
    page.click("row-network_bursts-bursts-0").await;
    page.until(&said("burst-at"), |text| *text == format!("Network burst 1 of {n}").as_str()).await;
    if n > 1 {
        page.click("burst-after").await;
        page.until(&said("burst-at"), |text| *text == format!("Network burst 2 of {n}").as_str()).await;
    }

    // Rows are zoomed and all shown again.
    let is_all = "return document.querySelector('[data-testid=rows-all]').disabled";
    page.click("rows-in").await;
    page.until(is_all, |is| *is == false).await;
    page.click("rows-all").await;
    page.until(is_all, |is| *is == true).await;

    // A picture for paper: 180 mm at 300 dots per inch.
    page.click("raster-png").await;
    let picture = downloaded(&downloads, "culture-raster.png").await;
    assert_eq!((&picture[16..20], &picture[37..41]), (&2125_u32.to_be_bytes()[..], &b"pHYs"[..]));
    stage.close().await;
}
