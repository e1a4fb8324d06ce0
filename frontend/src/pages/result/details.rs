//! How the result came about: methods, parameters, versions, receipt.

use std::rc::Rc;

use wasm_core::pipeline::{Pipeline, spec};
use yew::prelude::*;

use super::Computed;
use crate::ui::format;

/// Properties of [`Details`].
#[derive(Properties, PartialEq)]
pub struct DetailsProps {
    /// The result.
    pub computed: Rc<Computed>,
}

/// Methods and receipt.
#[component(Details)]
pub fn details(props: &DetailsProps) -> Html {
    let computed = &props.computed;
    let summary = &computed.summary;
    let receipt = &computed.receipt;
    let mut facts: Vec<(String, String)> = Vec::new();
    for block in &summary.pipeline.blocks {
        for (name, value) in &block.params {
            let label = spec(&block.kind).and_then(|spec| spec.param(name)).map_or(name.as_str(), |param| param.label);
            let title = spec(&block.kind).map_or(block.kind.as_str(), |spec| spec.title);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            facts.push((format!("{title}: {label}"), text));
        }
    }
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
    let list = |facts: &[(String, String)]| html! { <dl class="facts-list">{ for facts.iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }</dl> };
    html! {
        <div class="two">
            <section class="panel" data-testid="methods">
                <h3>{ "Methods" }</h3>
                <p>{ methods(&summary.pipeline, &summary.neurocyte_version) }</p>
                { for summary.recording.notes.iter().map(|note| html! { <p class="small soft">{ note }</p> }) }
                <details><summary>{ "Parameters" }</summary>{ list(&facts) }</details>
            </section>
            <section class="panel" data-testid="receipt"><h3>{ "Receipt" }</h3>{ list(&bill) }</section>
        </div>
    }
}

/// A paragraph for a paper, from the parameters that were used.
fn methods(pipeline: &Pipeline, version: &str) -> String {
    let text = |kind: &str, param: &str| {
        let value = pipeline.value(kind, param).unwrap_or_default();
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    let order = text("filter", "filter_order");
    let (low, high) = (text("filter", "freq_min_hz"), text("filter", "freq_max_hz"));
    let filter = match text("filter", "btype").as_str() {
        "bandpass" => {
            format!("band-pass filtered ({low}–{high} Hz, Butterworth of order {order}, forward and backward)")
        }
        "highpass" => format!("high-pass filtered ({low} Hz, Butterworth of order {order}, forward and backward)"),
        "lowpass" => format!("low-pass filtered ({high} Hz, Butterworth of order {order}, forward and backward)"),
        _ => "used unfiltered".into(),
    };
    let reference = match text("common_reference", "operator").as_str() {
        "none" => String::new(),
        operator => format!(" and referenced to the {operator} of all electrodes"),
    };
    let noise = match text("noise_levels", "method").as_str() {
        "rms" => "the root mean square",
        _ => "the median absolute deviation divided by 0.6745 (Quiroga et al. 2004)",
    };
    let sign = match text("detect_peaks", "peak_sign").as_str() {
        "pos" => "positive",
        "both" => "negative and positive",
        _ => "negative",
    };
    format!(
        "Signals were {filter}{reference}. The noise of each electrode was estimated by {noise}. Spikes were {sign} peaks beyond {} times the noise, the largest within {} ms before and after. Analysed with Neurocyte {version}.",
        text("detect_peaks", "detect_threshold"),
        text("detect_peaks", "exclude_sweep_ms"),
    )
}
