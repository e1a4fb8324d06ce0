//! The table of regions.

use wasm_core::regions::{Row, Sort, grams};
use yew::prelude::*;

use crate::ui::format;

/// A row for each region; `chosen` is marked.
pub fn list(rows: &[Row], by: Sort, on_sort: &Callback<Sort>, chosen: Option<&str>) -> Html {
    let sortable = |title: &'static str, unit: &'static str, own: Sort, name: &'static str| {
        let aria_sort = if by == own { "ascending" } else { "none" };
        let onclick = on_sort.reform(move |_: MouseEvent| own);
        html! {
            <th scope="col" aria-sort={aria_sort}><button class="quiet" {onclick} data-testid={name}>{ title }{ if by == own { " ▲" } else { "" } }</button><br /><small>{ unit }</small></th>
        }
    };
    html! {
        <div class="table-box" tabindex="0" role="region" aria-label="Regions" data-testid="regions-table">
            <table>
                <thead><tr>
                    <th scope="col">{ "Region" }</th>
                    { sortable("A month", "US dollars", Sort::Cost, "sort-cost") }
                    <th scope="col">{ "A recording" }<br /><small>{ "upload and run" }</small></th>
                    { sortable("CO₂ a month", "computing, transfer, storage", Sort::Carbon, "sort-carbon") }
                    { sortable("Latency", "ms there and back", Sort::Latency, "sort-latency") }
                    <th scope="col">{ "Services" }</th>
                    <th scope="col">{ "Law on personal data" }</th>
                </tr></thead>
                <tbody>{ for rows.iter().map(|row| line(row, chosen == Some(row.region.code.as_str()))) }</tbody>
            </table>
        </div>
    }
}

fn line(row: &Row, is_chosen: bool) -> Html {
    let code = &row.region.code;
    let about = if row.borrowed.is_empty() { "" } else { "≈ " };
    let usd =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |usd| format!("{about}{}", format::dollars(usd)));
    let why = row.absent.clone().or_else(|| {
        let names: Vec<&str> = row.borrowed.iter().map(|paid| paid.title()).collect();
        (!names.is_empty()).then(|| format!("≈ prices of us-east-1: {}", names.join(", ")))
    });
    let parts = row.grams.map(|of| {
        format!("computing {}, transfer {}, storage {}", grams(of.compute), grams(of.transfer), grams(of.storage))
    });
    let services =
        if row.region.lacks.is_empty() { "all".to_owned() } else { format!("without {}", row.region.lacks.join(", ")) };
    html! {
        <tr key={code.clone()} aria-selected={is_chosen.to_string()} data-testid={format!("region-{code}")}>
            <th scope="row">{ &row.region.city }<br /><small>{ format!("{code}, {}", row.region.country) }</small></th>
            <td data-testid={format!("month-{code}")}>{ usd(row.month_usd) }</td>
            <td>{ usd(row.recording_usd) }</td>
            <td>{ row.total_g().map_or_else(|| "–".to_owned(), grams) }if let Some(parts) = parts { <br /><small>{ parts }</small> }</td>
            <td data-testid={format!("latency-{code}")}>{ row.latency_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0}")) }</td>
            <td class="words">{ services }if let Some(why) = why { <br /><small>{ why }</small> }</td>
            <td class="words">{ &row.region.law }</td>
        </tr>
    }
}
