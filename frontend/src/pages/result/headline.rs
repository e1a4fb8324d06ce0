//! Five numbers, each with what belongs to it and its definition; an absent one with the reason.

use wasm_core::analyses::MIN_DURATION_S;
use wasm_core::recording::StreamKind;
use wasm_core::run::{Culture, Definition, Headline, Summary, definitions};
use yew::prelude::*;

use super::panels::Panel;
use crate::ui::format::{self, trimmed};

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        let summary = &context.now.summary;
        let duration_s = summary.headline.duration_s;
        html! {
            <>
                { headline(summary, context.computed.info.kind) }
                if is_short(duration_s) {
                    <p class="small soft" data-testid="short">{ format!("{} of recording: too short for numbers per minute, so counts are shown.", format::duration(duration_s)) }</p>
                }
            </>
        }
    },
};

/// Whether a recording of so many seconds has counts in place of numbers per minute.
pub fn is_short(duration_s: f64) -> bool {
    duration_s < MIN_DURATION_S
}

/// A number of the headline.
struct Number {
    /// Its name in tests.
    name: &'static str,
    /// Its definition, and those of the numbers beside it.
    ids: &'static [&'static str],
    /// The number; none where it is absent.
    value: Option<String>,
    /// What stands behind it, where that is not its unit.
    unit: Option<String>,
    /// What belongs to it.
    beside: Vec<String>,
}

/// The numbers of a result.
fn headline(summary: &Summary, kind: StreamKind) -> Html {
    let Summary { headline, wells, channels, .. } = summary;
    // A mean over few wells of a plate must not pass for that of all.
    let over = |value: &dyn Fn(&Culture) -> Option<f64>| {
        let n = wells.iter().filter(|well| value(well).is_some()).count();
        (n > 0).then(|| format!("mean of {n} of {} wells", wells.len()))
    };
    let (network_of, synchrony_of) = (over(&|well| well.network_bursts_per_min), over(&|well| well.synchrony_sttc));
    let n_channels = channels.len();
    let definitions = definitions();
    let number = |number: Number| panel(&number, headline, (&definitions, kind));
    let decimals = |value: Option<f64>, digits: usize| value.map(|value| trimmed(value, digits));
    let shifted = headline.network_bursts_per_min_shifted;
    let shifted = shifted.map(|value| format!("in shifted copies: {} per min", trimmed(value, 2)));
    let participants = headline.network_burst_participants;
    let participants =
        participants.map(|value| kind.worded(&format!("on average {} electrodes take part", trimmed(value, 1))));
    html! {
        <div class="headline">
            { number(Number { name: "headline-active", ids: &["active_electrodes"], value: Some(headline.active_electrodes.to_string()), unit: Some(format!("of {n_channels}")), beside: Vec::new() }) }
            { number(Number { name: "headline-rate", ids: &["mean_rate_hz"], value: decimals(headline.mean_rate_hz, 2), unit: None, beside: Vec::new() }) }
            { number(bursts(headline)) }
            { number(Number {
                name: "headline-network",
                ids: &["network_bursts_per_min", "network_bursts_per_min_shifted", "network_burst_participants"],
                value: decimals(headline.network_bursts_per_min, 1),
                unit: None,
                beside: network_of.into_iter().chain(shifted).chain(participants).collect(),
            }) }
            { number(Number { name: "headline-synchrony", ids: &["synchrony_sttc"], value: headline.synchrony_sttc.map(|value| format!("{value:.2}")), unit: None, beside: synchrony_of.into_iter().collect() }) }
        </div>
    }
}

/// Bursts per minute, or their count where the recording is short.
fn bursts(headline: &Headline) -> Number {
    let name = "headline-bursts";
    if is_short(headline.duration_s) {
        let unit = Some(format!("in {}", format::duration(headline.duration_s)));
        let value = Some(format::count(headline.n_bursts));
        return Number { name, ids: &["n_bursts"], value, unit, beside: Vec::new() };
    }
    let value = headline.bursts_per_min.map(|value| trimmed(value, 1));
    Number { name, ids: &["bursts_per_min"], value, unit: None, beside: Vec::new() }
}

fn panel(number: &Number, headline: &Headline, (definitions, kind): (&[Definition], StreamKind)) -> Html {
    let own: Vec<&Definition> =
        number.ids.iter().filter_map(|id| definitions.iter().find(|known| known.id == *id)).collect();
    let title = own.first().map_or("", |first| first.name);
    let unit = number.unit.as_deref().or_else(|| own.first().map(|first| first.unit)).unwrap_or_default();
    let reason = number.ids.first().and_then(|id| headline.absent.get(*id)).filter(|_| number.value.is_none());
    html! {
        <div class="panel" data-testid={number.name}>
            <span class="soft small">{ kind.worded(title) }</span>
            if let Some(value) = &number.value {
                <span class="number">{ value }{ " " }<small>{ unit.to_owned() }</small></span>
            } else {
                <span class="number">{ "–" }</span>
                if let Some(reason) = reason { <span class="small" data-testid={format!("{}-absent", number.name)}>{ kind.worded(reason) }</span> }
            }
            { for number.beside.iter().map(|text| html! { <span class="small soft">{ text }</span> }) }
            <details><summary>{ "Definition" }</summary>
                { for own.iter().map(|known| html! { <p>{ told(known, kind) }</p> }) }
            </details>
        </div>
    }
}

/// How a number is computed, and whose method that is.
fn told(definition: &Definition, kind: StreamKind) -> Html {
    let text = kind.worded(&definition.text);
    let source = if definition.source.is_empty() { String::new() } else { format!(" ({})", definition.source) };
    html! { <><b>{ format!("{}: ", kind.worded(definition.name)) }</b>{ text }{ source }</> }
}
