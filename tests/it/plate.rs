//! A plate: one choice of a well moves every figure of one culture, and each number is shown over the wells.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wasm_core::analyses::SpikeTrains;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StoredSpikes;
use wasm_core::run::{Cache, ResultSet, results};
use wasm_core::simulation::{Simulation, SimulationSpec};

use crate::harness::{Page, Stage, downloaded};

const WELLS: [&str; 3] = ["A1", "A2", "B1"];

/// The spikes of a simulated culture, six electrodes in each of three wells; gives both files.
fn write_plate(folder: &Path) -> [PathBuf; 2] {
    let spec = SimulationSpec { n_channels: 18, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 5 };
    let id = |channel: usize| format!("{}_{}{}", WELLS[channel / 6], 1 + channel % 3, 1 + channel / 3 % 2);
    let mut text = String::from("time_s,electrode\n");
    for spike in Simulation::new(spec).truth() {
        #[expect(clippy::cast_precision_loss, reason = "frames of a minute")]
        let time_s = spike.sample_index as f64 / 20_000.0;
        writeln!(text, "{time_s},{}", id(spike.channel_index as usize)).expect("a string");
    }
    let electrode = |channel: usize| json!({ "id": id(channel), "well": WELLS[channel / 6] });
    let about =
        json!({ "duration_s": 60.0, "electrodes": (0..18).map(electrode).collect::<Vec<_>>(), "wells": ["B2"] });
    let (table, description) = (folder.join("plate.csv"), folder.join("plate.json"));
    std::fs::write(&table, text).expect("writable");
    std::fs::write(&description, about.to_string()).expect("writable");
    [table, description]
}

fn native(stored: &StoredSpikes, well: Option<&str>) -> ResultSet {
    let trains = SpikeTrains::new(&stored.info, &stored.spikes, stored.observed_s.as_deref()).showing(well);
    results(&trains, 0, &Pipeline::empty(), &mut Cache::default())
}

/// The numbers of the matrix of synchrony, as the page saves them.
fn matrix(of: &ResultSet) -> String {
    let block = of.blocks.iter().find(|block| block.id == "sttc").expect("the analysis");
    block.figures[0].to_csv()
}

/// Chooses a well from the list, as a person would.
async fn choose(page: &Page, well: &str) {
    page.find("well").await;
    let script = format!(
        "const list = document.querySelector('[data-testid=well]');
         list.selectedIndex = [...list.options].findIndex(option => option.text.startsWith('{well} '));
         list.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    page.run(&script).await;
}

/// Waits until all figures are there.
async fn settled(page: &Page) {
    page.until("return document.querySelectorAll('[data-testid^=counting]').length", |n| *n == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_choice_of_a_well_moves_every_figure() {
    let mut stage = Stage::open().await;
    let [table, description] = write_plate(stage.folder.path());
    let stored = lambda::cli::open_path(&table).expect("opens").spikes.expect("spikes");
    let by_itself = native(&stored, None);
    let shown = by_itself.shown_well.clone().expect("a well").name;
    let other = WELLS.into_iter().find(|well| *well != shown).expect("another well");

    let (page, downloads) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&table, &description]).await;
    page.find("plate").await;
    settled(&page).await;

    // By itself the most active well is shown, and the page says so.
    assert!(page.text("analyses-well").await.contains(&format!("well {shown}.")));
    page.click(&format!("sttc-matrix-{shown}-csv")).await;
    let found = downloaded(&downloads, &format!("plate-sttc-matrix-{shown}.csv")).await;
    assert_eq!(String::from_utf8_lossy(&found), matrix(&by_itself));

    // A well that is chosen once moves all, and the names of saved files.
    choose(&page, other).await;
    page.find(&format!("sttc-matrix-{other}")).await;
    settled(&page).await;
    page.click(&format!("sttc-matrix-{other}-csv")).await;
    let found = downloaded(&downloads, &format!("plate-sttc-matrix-{other}.csv")).await;
    assert_eq!(String::from_utf8_lossy(&found), matrix(&native(&stored, Some(other))));
    let left = format!("return document.querySelectorAll('.analysis canvas[data-testid$=\"-{shown}\"]').length");
    page.until(&left, |n| *n == 0).await;

    // So does an arrow key in the picture of the plate: from A1 to the right lies A2.
    choose(&page, "A1").await;
    page.find("sttc-matrix-A1").await;
    let right = "const plate = document.querySelector('[data-testid=\"wells-plate-mean_rate_hz\"]');
        plate.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }))";
    page.find("wells-plate-mean_rate_hz").await;
    page.run(right).await;
    page.find("sttc-matrix-A2").await;
    let chosen =
        "const list = document.querySelector('[data-testid=well]'); return list.options[list.selectedIndex].text";
    page.until(chosen, |text| text.as_str().is_some_and(|text| text.starts_with("A2 "))).await;

    // So does a row of the table of wells.
    page.click("well-row-A1").await;
    page.until(chosen, |text| text.as_str().is_some_and(|text| text.starts_with("A1 "))).await;
    page.find("sttc-matrix-A1").await;

    // Any number of a table of wells is shown over the plate; a well without electrodes says so.
    page.run("document.querySelector('[data-testid=over-wells-sttc]').open = true").await;
    page.find("sttc-plate-sttc").await;
    page.click("sttc-plate-sttc-csv").await;
    let found = downloaded(&downloads, "plate-sttc-plate-sttc.csv").await;
    let found = String::from_utf8_lossy(&found);
    assert!(found.starts_with("wells\nwell,column,row,") && found.contains("\nB2,2,2,\n"), "{found}");
    let refused = page
        .run("return [...document.querySelector('[data-testid=well]').options].filter(option => option.disabled).map(option => option.text)")
        .await;
    assert_eq!(refused, json!(["B2 (empty)"]));
    let said: Value = page.run("return document.querySelector('[data-testid=plate]').textContent").await;
    assert!(said.as_str().is_some_and(|text| text.contains("Not of B2: no electrode was recorded.")), "{said}");
    stage.close().await;
}
