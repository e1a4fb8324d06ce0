//! What the month consists of, where data stay, and where the numbers come from.

use wasm_core::cost::{Stage, Workload};
use wasm_core::regions::{Answer, Region, Source, known};
use yew::prelude::*;

use crate::ui::format;

/// The bill of a month in a region.
pub fn bill(workload: &Workload, region: &Region) -> Html {
    let Ok(prices) = region.prices() else { return html! {} };
    let bill = workload.bill(&prices);
    let stage = |stage: Stage| {
        let own = bill.lines.iter().filter(move |line| line.stage == stage && line.usd > 0.0);
        html! {
            <>
                <dt><b>{ stage.title() }</b></dt><dd><b>{ format::dollars(bill.of(stage)) }</b></dd>
                { for own.map(|line| html! { <><dt>{ line.what }</dt><dd>{ format::dollars(line.usd) }</dd></> }) }
            </>
        }
    };
    html! {
        <section class="panel">
            <details data-testid="bill">
                <summary>{ format!("What a month in {} consists of", region.title()) }</summary>
                <dl class="facts-list">{ for [Stage::Upload, Stage::Run, Stage::Keep, Stage::View].into_iter().map(stage) }</dl>
                <p>{ "Each person who opens a result is counted with the result and one window of traces of all channels. Offers before an upload and receipts after a run use the same model." }</p>
            </details>
        </section>
    }
}

/// A link that opens beside this page.
fn link(url: &str, words: &str) -> Html {
    html! { <a href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ words }</a> }
}

/// A short table on data and law.
pub fn compliance() -> Html {
    let answer = |answer: &Answer| {
        html! {
            <><dt>{ &answer.question }</dt><dd>{ &answer.answer }if let Some(url) = &answer.url { { " " }{ link(url, "Read more") } }</dd></>
        }
    };
    html! {
        <section class="panel" data-testid="compliance">
            <h2>{ "Where data stay, and which rules apply" }</h2>
            <p class="small soft">{ "No legal advice. Your institution decides; ask its data protection officer." }</p>
            <dl class="facts-list">{ for known().compliance.iter().map(answer) }</dl>
        </section>
    }
}

/// Dates and sources of the columns.
pub fn sources() -> Html {
    let source = |source: &Source| {
        html! {
            <><dt>{ format!("{}, {}", source.column, source.date) }</dt><dd>{ &source.text }{ " " }{ link(&source.url, &source.url) }</dd></>
        }
    };
    html! {
        <section class="panel">
            <details data-testid="sources">
                <summary>{ "Where these numbers come from" }</summary>
                <dl class="facts-list">{ for known().sources.iter().map(source) }</dl>
            </details>
        </section>
    }
}
