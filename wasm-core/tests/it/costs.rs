//! The model of costs is that of the calculation by hand in `docs/costs.md`.

use wasm_core::cost::{Bill, Stage, Work, Workload, keep, upload, view};
use wasm_core::regions::priced;

/// Rows of the table below a heading: the first cell and the last, a number.
fn by_hand(heading: &str) -> Vec<(String, f64)> {
    let page = include_str!("../../../docs/costs.md");
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).expect("the section");
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        Some(((*cells.first()?).to_owned(), cells.last()?.parse().ok()?))
    };
    rows.filter_map(cells).collect()
}

fn holds(heading: &str, stage: Stage, bill: &Bill) {
    let by_hand = by_hand(heading);
    assert!(!by_hand.is_empty(), "{heading} has numbers");
    for (item, usd) in &by_hand {
        let line = bill.lines.iter().find(|line| line.stage == stage && line.what == item);
        let found = line.unwrap_or_else(|| panic!("the model has no “{item}”")).usd;
        assert!((found - usd).abs() <= 0.03 * usd, "{item}: {found} in the model, {usd} by hand");
    }
    let sum: f64 = by_hand.iter().map(|(_, usd)| usd).sum();
    assert!((bill.of(stage) - sum).abs() <= 0.02 * sum, "{heading}: {} in the model, {sum} by hand", bill.of(stage));
}

#[test]
fn every_item_is_that_of_the_calculation_by_hand() {
    let info = Workload::default().stream();
    let (_, prices) = priced(None);
    let bill = |uses: Vec<_>| Bill::new(&uses, &prices);
    holds("The run", Stage::Run, &bill(Work::expected(&info).uses()));
    let sent = bill(upload(&info));
    let free = sent.lines.iter().filter(|line| line.what == "Transfer in");
    assert!(free.map(|line| line.usd).eq([0.0]));
    holds("The upload", Stage::Upload, &sent);
    let after = bill([keep(&info, 1.0), view(&info)].concat());
    for (item, usd) in by_hand("What follows") {
        let found: f64 = after.lines.iter().filter(|line| line.what == item).map(|line| line.usd).sum();
        assert!((found - usd).abs() <= 0.03 * usd, "{item}: {found} in the model, {usd} by hand");
    }
    let month = Workload::default().bill(&prices);
    assert!((month.total() - 30.1).abs() < 0.3, "{}", month.total());
    assert!((month.of(Stage::Keep) - 29.3).abs() < 0.3, "{}", month.of(Stage::Keep));
}
