//! How the result came about: methods, parameters, versions, receipt.

use std::rc::Rc;

use serde_json::Value;
use wasm_core::pipeline::{methods, spec};
use wasm_core::run::{Receipt, Summary};
use yew::prelude::*;

use crate::ui::format;
use crate::ui::notes::notes;

/// Properties of [`Details`].
#[derive(Properties, PartialEq)]
pub struct DetailsProps {
    /// The numbers and the pipeline that gave them.
    pub summary: Rc<Summary>,
    /// Time and cost; none where nothing was computed.
    pub receipt: Option<Receipt>,
}

/// Methods and receipt.
#[component(Details)]
pub fn details(props: &DetailsProps) -> Html {
    let summary = &props.summary;
    let mut facts: Vec<(String, String)> = Vec::new();
    for block in &summary.pipeline.blocks {
        for (name, value) in &block.params {
            let label = spec(&block.kind).and_then(|spec| spec.param(name)).map_or(name.as_str(), |param| param.label);
            let title = spec(&block.kind).map_or(block.kind.as_str(), |spec| spec.title);
            let text = match value {
                Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
                value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            };
            facts.push((format!("{title}: {label}"), text));
        }
    }
    html! {
        <div class="two">
            <section class="panel" data-testid="methods">
                <h3>{ "Methods" }</h3>
                <p>{ methods(&summary.pipeline, &summary.neurocyte_version) }</p>
                { notes(&summary.recording.notes, "small soft") }
                if !facts.is_empty() { <details><summary>{ "Parameters" }</summary>{ list(&facts) }</details> }
            </section>
            if let Some(receipt) = &props.receipt {
                <section class="panel" data-testid="receipt"><h3>{ "Receipt" }</h3>{ list(&bill(receipt)) }</section>
            }
        </div>
    }
}

fn list(facts: &[(String, String)]) -> Html {
    html! { <dl class="facts-list">{ for facts.iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }</dl> }
}

/// The receipt's lines.
fn bill(receipt: &Receipt) -> Vec<(String, String)> {
    let place = match receipt.place.as_str() {
        "browser" => "in this browser",
        "lambda" => "in AWS Lambda",
        _ => "in the local cloud",
    };
    let mut bill = vec![
        ("Where".to_owned(), format!("{place}, {} at a time", format::count(receipt.n_workers as u64))),
        ("Time from start to end".into(), format::duration(receipt.wall_s)),
        ("Samples".into(), format::count(receipt.n_samples)),
    ];
    bill.extend(
        receipt.stages.iter().map(|stage| (format!("Workers' time: {}", stage.name), format::duration(stage.worker_s))),
    );
    if let Some(memory) = receipt.peak_memory_bytes {
        #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
        bill.push(("Memory at most".into(), format::bytes(memory as f64)));
    }
    bill.push(("AWS list price of this work".into(), format::dollars(receipt.cost_usd)));
    bill
}
