//! The page that compares regions: a workload changes what it costs, nothing is asked of the network before a click.

use std::collections::BTreeMap;

use wasm_core::cost::Workload;
use wasm_core::regions::{Sort, rows, sort, to_table};

use crate::analyses::set;
use crate::harness::{Stage, downloaded};

/// What a month in a region costs, as the page says it.
const MONTH: &str = "return document.querySelector('[data-testid=\"month-eu-north-1\"]').textContent";

/// The region of the first row.
const FIRST: &str = "return document.querySelector('[data-testid=\"regions-table\"] tbody tr').dataset.testid";

#[tokio::test(flavor = "multi_thread")]
async fn regions_are_compared_for_a_workload() {
    let mut stage = Stage::open().await;
    let (page, downloads) = stage.browser().await;
    page.go(&page.address).await;
    page.click("to-regions").await;
    page.find("regions-table").await;
    let proposed = page.text("proposed").await;
    assert!(proposed.contains("(eu-north-1) costs $") && proposed.contains("emits least"), "{proposed}");
    assert!(page.text("compliance").await.contains("No legal advice"));

    // Twice as long kept, and one channel too many.
    let before = page.run(MONTH).await;
    set(&page, "workload-months", "24").await;
    let after = page.until(MONTH, |text| *text != before).await;
    set(&page, "workload-channels", "5000").await;
    page.find("workload-channels-refused").await;
    assert_eq!(page.run(MONTH).await, after);

    // Sorted by another column, and saved as it is sorted.
    page.click("sort-carbon").await;
    page.until(FIRST, |name| *name == "region-eu-north-1").await;
    page.click("regions-csv").await;
    let found = downloaded(&downloads, "regions.csv").await;
    let workload = Workload { months_kept: 24.0, ..Workload::default() };
    let mut native = rows(&workload, &BTreeMap::new()).expect("a workload");
    sort(&mut native, Sort::Carbon);
    assert_eq!(String::from_utf8_lossy(&found), to_table(&native).to_csv());

    // Data stay in one part of the world.
    let choose = "const s = document.querySelector('[data-testid=area]');
        s.selectedIndex = [...s.options].findIndex(option => option.text === 'South America');
        s.dispatchEvent(new Event('change', { bubbles: true }))";
    page.run(choose).await;
    page.until(FIRST, |name| *name == "region-sa-east-1").await;
    assert!(page.text("proposed").await.contains("sa-east-1"));

    // Nobody was asked so far; now the regions are, which may or may not be reached from here.
    let asked =
        "return performance.getEntriesByType('resource').filter(entry => entry.name.includes('amazonaws')).length";
    assert_eq!(page.run(asked).await, 0);
    page.click("measure-latency").await;
    let ended = "return document.querySelectorAll('[data-testid=latency-problem], [data-testid=latency-done]').length";
    page.until(ended, |n| *n == 1).await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_fit_a_telephone() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let screen = serde_json::json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": false });
    page.debug("Emulation.setDeviceMetricsOverride", screen).await;
    page.go(&format!("{}/#/regions", page.address)).await;
    page.find("regions-table").await;
    assert_eq!(page.run("return document.documentElement.scrollWidth <= 390").await, true);
    stage.close().await;
}
