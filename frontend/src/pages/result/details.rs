//! How the result came about: methods, parameters, versions, receipt.

use std::rc::Rc;

use serde_json::Value;
use wasm_core::blocks::{BlockSpec, Control, ParamSpec};
use wasm_core::pipeline::{Block, Pipeline, methods};
use wasm_core::run::{Receipt, Summary};
use yew::prelude::*;

use super::panels::Panel;
use crate::ui::format;

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        html! { <Details summary={Rc::clone(&context.now.summary)} pipeline={Rc::clone(&context.pipeline)} receipt={context.computed.receipt.clone()} /> }
    },
};

/// Properties of [`Details`].
#[derive(Properties, PartialEq)]
struct DetailsProps {
    /// The numbers.
    pub summary: Rc<Summary>,
    /// The pipeline that gave them.
    pub pipeline: Rc<Pipeline>,
    /// Time and cost; none where nothing was computed.
    pub receipt: Option<Receipt>,
}

/// Methods and receipt.
#[component(Details)]
fn details(props: &DetailsProps) -> Html {
    let summary = &props.summary;
    let facts = parameters(&props.pipeline);
    html! {
        <div class="two">
            <section class="panel" data-testid="methods">
                <h3>{ "Methods" }</h3>
                { for methods(&props.pipeline, summary.channels.len(), &summary.neurocyte_version).into_iter().map(|words| html! { <p>{ words }</p> }) }
                if !facts.is_empty() { <details><summary>{ "Parameters" }</summary>{ list(&facts) }</details> }
            </section>
            if let Some(receipt) = &props.receipt {
                <section class="panel" data-testid="receipt"><h3>{ "Receipt" }</h3>{ list(&bill(receipt)) }</section>
            }
        </div>
    }
}

/// The title of a block; of a further detection with its id.
fn title(block: &Block, spec: &BlockSpec) -> String {
    let is_named = !spec.is_analysis() && block.id != block.kind;
    if is_named { format!("{} ({})", spec.title, block.id) } else { spec.title.to_owned() }
}

/// What each block did, as its card says it: parameters that mean nothing beside others are left out.
fn parameters(pipeline: &Pipeline) -> Vec<(String, String)> {
    let in_words = |param: &ParamSpec, value: &Value| match (&param.control, value) {
        (_, Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (Control::Choice(options), value) => {
            let label = options.iter().find(|(name, _)| value.as_str() == Some(*name)).map(|(_, label)| *label);
            label.map_or_else(|| value.to_string(), str::to_owned)
        }
        (Control::Number { unit, .. }, value) => format!("{value} {unit}").trim_end().to_owned(),
        (_, value) => value.to_string(),
    };
    let of_block = |block: &Block| {
        let Some(spec) = block.spec() else { return Vec::new() };
        let values = block.values();
        let value_of = |name: &str| spec.param(name).map(|param| values.json(param));
        let applying = spec.params.iter().filter(|param| param.applies(&value_of));
        let fact = |param: &&ParamSpec| {
            (format!("{}: {}", title(block, spec), param.label), in_words(param, &values.json(param)))
        };
        applying.map(fact).collect::<Vec<_>>()
    };
    pipeline.blocks.iter().flat_map(of_block).collect()
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
    let region = receipt.price_region.as_ref().map_or_else(String::new, |region| format!(" ({region})"));
    bill.push((format!("AWS list price of this work{region}"), format::dollars(receipt.cost_usd)));
    bill
}
