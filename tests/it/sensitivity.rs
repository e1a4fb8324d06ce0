//! How numbers depend on threshold and method: the page shows those of native code, and stored spikes say why they
//! have no threshold.

use wasm_core::figure::svg;
use wasm_core::run::{AboveFloor, AtThreshold, Change, headline_numbers, sensitivity};

use crate::analyse_here::native;
use crate::harness::{Page, Stage, downloaded, golden, write_recording};

/// Opens what stands with a number, and has its methods compared.
async fn compared(page: &Page, number: &str) -> Vec<String> {
    let open = format!("document.querySelector('[data-testid=\"{number}-details\"]').open = true");
    page.find(&format!("{number}-details")).await;
    page.run(&open).await;
    page.click(&format!("{number}-compare")).await;
    let rows = format!(
        "return [...document.querySelectorAll('[data-testid=\"{number}-methods\"] tbody tr')].map(row => row.textContent)"
    );
    let rows = page.until(&rows, |rows| rows.as_array().is_some_and(|rows| rows.len() == 5)).await;
    rows.as_array().into_iter().flatten().filter_map(|row| row.as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_over_the_threshold_are_those_of_native_code() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 20, 32.0);
    let (engine, noise_uv, result) = native(&raw);
    let swept = sensitivity(&AboveFloor { engine: &engine, peaks: &result.peaks, noise_uv: &noise_uv });
    let headline = result.summary.headline.clone();
    let [_, rate, ..] = headline_numbers(headline.duration_s);
    let figure = swept.figure(&rate, &AtThreshold { threshold: 5.0, headline });

    let (page, downloads) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    page.click("analyse-here").await;
    assert!(page.text("sentence").await.starts_with("The culture is active"));
    page.click("sensitivity-csv").await;
    let found = downloaded(&downloads, "culture-sensitivity.csv").await;
    assert_eq!(String::from_utf8_lossy(&found), swept.table().to_csv());
    let name = "sensitivity_mean_rate_hz";
    page.click(&format!("{name}-svg")).await;
    let found = downloaded(&downloads, &format!("culture-{name}.svg")).await;
    assert_eq!(String::from_utf8_lossy(&found), svg(&figure, (720.0, 360.0), None));
    let word = swept.change(&rate).map(Change::words);
    assert_eq!(Some(page.text(&format!("{name}-word")).await), word);

    // Another threshold moves the line, and nothing is counted again.
    let sentence = format!("return document.querySelector('[data-testid={name}-sentence]').textContent");
    page.run(
        "const s = document.querySelector('[data-testid=threshold]');
         Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(s, '7');
         s.dispatchEvent(new Event('input', { bubbles: true }))",
    )
    .await;
    page.until(&sentence, |text| text.as_str().is_some_and(|text| text.ends_with("of 7 x noise."))).await;
    page.find("sensitivity-csv").await;

    // The first method is the one of the number above; the number is that of the threshold that is set.
    let bursts = compared(&page, "headline-bursts").await;
    assert!(bursts[0].starts_with("Fixed interval") && bursts[1].starts_with("MaxInterval"), "{bursts:?}");
    let network = compared(&page, "headline-network").await;
    assert!(network[0].starts_with("Beyond chance") && network[4].starts_with("Well-plate rule"), "{network:?}");
    page.click("headline-network-methods-csv").await;
    let table = downloaded(&downloads, "culture-network_bursts_by_method.csv").await;
    assert!(String::from_utf8_lossy(&table).starts_with("method,network_bursts_per_min,"));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_spikes_say_why_there_are_no_strips_and_have_the_methods() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let units = golden("units.nwb");
    page.go(&page.address).await;
    page.choose(&[&units]).await;
    assert!(page.text("sensitivity-absent").await.contains("can be told from a signal only"));
    assert!(!page.text("sentence").await.contains("electrode"), "units are called units");
    let strips = page.run("return document.querySelectorAll('.headline canvas').length").await;
    assert_eq!(strips, 0);
    assert_eq!(compared(&page, "headline-bursts").await.len(), 5);
    let network = compared(&page, "headline-network").await;
    assert!(network.iter().all(|row| row.contains("too short")), "{network:?}");
    stage.close().await;
}
