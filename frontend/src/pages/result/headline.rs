//! What the culture does in a sentence, and five numbers, each with what belongs to it, how it depends on threshold and
//! method, and its definition; an absent one with the reason.

use std::rc::Rc;

use wasm_core::analyses::MIN_DURATION_S;
use wasm_core::blocks::spec;
use wasm_core::pipeline::{Pipeline, beside_headline, is_beside_headline};
use wasm_core::recording::StreamKind;
use wasm_core::report::sentence;
use wasm_core::run::{
    AtThreshold, BurstsBesideRandom, Culture, Definition, Headline, MethodsOf, Summary, definitions, headline_numbers,
};
use yew::prelude::*;

use super::Computed;
use super::methods::Methods;
use super::panels::Panel;
use super::sensitivity::{status, strip, use_sensitivity};
use crate::ui::file_name::use_stem;
use crate::ui::format::{count, duration, significant, trimmed};

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        html! {
            <Numbers computed={Rc::clone(&context.computed)} summary={Rc::clone(&context.now.summary)} threshold={context.now.threshold}
                spikes={Rc::as_ptr(&context.now.spikes) as usize} floor={context.thresholds.0} beside={beside_headline(&context.pipeline)} changed={changed(&context.pipeline)} />
        }
    },
};

/// Properties of [`Numbers`].
#[derive(Properties, PartialEq)]
struct NumbersProps {
    computed: Rc<Computed>,
    /// The numbers at the threshold that is set.
    summary: Rc<Summary>,
    /// The threshold, in multiples of the noise.
    threshold: f64,
    /// Changes when the spikes change, for example with the threshold.
    spikes: usize,
    /// Lowest threshold.
    floor: f64,
    /// Which analyses have other values, in words.
    beside: Option<String>,
    /// Kinds of these analyses.
    changed: Vec<String>,
}

/// Kinds of the analyses whose values are other than those of the headline.
fn changed(pipeline: &Pipeline) -> Vec<String> {
    pipeline.blocks.iter().filter(|block| is_beside_headline(block)).map(|block| block.kind.clone()).collect()
}

/// The analysis that gives a number of this name as well, with values that a person may set.
fn analysis_of(name: &str) -> Option<&'static str> {
    match name {
        "headline-bursts" => Some("bursts_max_interval"),
        "headline-network" => Some("network_bursts"),
        "headline-synchrony" => Some("sttc"),
        _ => None,
    }
}

/// What a number says beside which an analysis has other values.
fn default_words(name: &str, changed: &[String]) -> Option<String> {
    let kind = analysis_of(name).filter(|kind| changed.iter().any(|known| known == kind))?;
    Some(format!("of the default values; with yours: “{}”, below", spec(kind)?.title))
}

/// Whether a recording of so many seconds has counts in place of numbers per minute.
pub fn is_short(duration_s: f64) -> bool {
    duration_s < MIN_DURATION_S
}

/// A number of the headline.
struct Number {
    /// Name of the number in tests.
    name: &'static str,
    /// Fields of the definitions of this number and of those beside it.
    ids: &'static [&'static str],
    /// The number; none where it is absent.
    value: Option<String>,
    /// What stands behind it, where that is not its unit.
    unit: Option<String>,
    /// Within what bounds it is known, or why that is not told.
    interval: Option<String>,
    /// Sentences beside the number.
    beside: Vec<String>,
    /// Several methods tell it.
    methods: Option<MethodsOf>,
}

#[component(Numbers)]
fn numbers(props: &NumbersProps) -> Html {
    let NumbersProps { computed, summary, threshold, spikes, floor, beside, changed } = props;
    let (swept, on_stop) = use_sensitivity(computed, *floor);
    let stem = use_stem();
    let kind = computed.info.kind;
    let duration_s = summary.headline.duration_s;
    let has_threshold = computed.is_detected();
    let present = AtThreshold { threshold: *threshold, headline: summary.headline.clone() };
    let definitions = definitions();
    let numbers = headline(summary, kind).into_iter().zip(headline_numbers(duration_s)).map(|(number, over)| {
        let strip = has_threshold.then(|| strip(&swept.sensitivity, &over, &present));
        let methods = number.methods.map(|of| {
            html! { <Methods computed={Rc::clone(computed)} spikes={*spikes} {of} name={number.name} /> }
        });
        let more = (default_words(number.name, changed), strip.unwrap_or_default(), methods.unwrap_or_default());
        panel(&number, &summary.headline, (&definitions, kind), more)
    });
    html! {
        <>
            <p class="lead" data-testid="sentence">{ sentence(summary, kind) }</p>
            if let Some(beside) = beside { <p class="notice small" data-testid="headline-defaults">{ beside }</p> }
            <div class="headline">{ for numbers }</div>
            { status(&swept, (*floor, has_threshold), on_stop, &stem) }
            if is_short(duration_s) {
                <p class="small soft" data-testid="short">{ format!("{} of recording: too short for numbers per minute, so counts are shown.", duration(duration_s)) }</p>
            }
        </>
    }
}

/// The numbers of a result, in the order of [`headline_numbers`].
fn headline(summary: &Summary, kind: StreamKind) -> [Number; 5] {
    let Summary { headline, wells, channels, .. } = summary;
    // A mean over few wells of a plate must not pass for that of all.
    let over = |value: &dyn Fn(&Culture) -> Option<f64>| {
        let n = wells.iter().filter(|well| value(well).is_some()).count();
        (n > 0).then(|| format!("mean of {n} of {} wells", wells.len()))
    };
    let (network_of, synchrony_of) = (over(&|well| well.network_bursts_per_min), over(&|well| well.synchrony_sttc));
    let shifted = headline.network_bursts_per_min_shifted;
    let shifted = shifted.map(|value| format!("in shifted copies: {} per min", significant(value)));
    let participants = headline.network_burst_participants;
    let participants =
        participants.map(|value| kind.worded(&format!("on average {} electrodes take part", significant(value))));
    let number = |name: &'static str, ids: &'static [&'static str], value: Option<String>| Number {
        name,
        ids,
        value,
        unit: None,
        interval: None,
        beside: Vec::new(),
        methods: None,
    };
    let active = Some(count(headline.active_electrodes as u64));
    let network = headline.network_bursts_per_min.map(significant);
    let network_ids = &[
        "network_bursts_per_min",
        "network_bursts_per_min_shifted",
        "network_burst_participants",
        "intervals.network_bursts_per_min",
    ];
    let synchrony = headline.synchrony_sttc.map(significant);
    let in_all = headline.n_network_bursts.map(|n| format!("{} in {}", count(n), duration(headline.duration_s)));
    let of_all = kind.worded(&format!(
        "{} of {} electrodes",
        count(headline.active_electrodes as u64),
        count(channels.len() as u64)
    ));
    let pairs = synchrony_of.unwrap_or_else(|| format!("all pairs of {of_all}"));
    let intervals = &headline.intervals;
    [
        Number {
            unit: Some(format!("of {}", count(channels.len() as u64))),
            interval: intervals.words("active_electrodes", |value| trimmed(value, 0)),
            ..number("headline-active", &["active_electrodes", "intervals.active_electrodes"], active)
        },
        Number {
            interval: intervals.words("mean_rate_hz", significant),
            beside: vec![format!("mean of {of_all}")],
            ..number(
                "headline-rate",
                &["mean_rate_hz", "intervals.mean_rate_hz"],
                headline.mean_rate_hz.map(significant),
            )
        },
        bursts(headline, &BurstsBesideRandom::new(channels.iter()), &of_all),
        Number {
            interval: intervals.words("network_bursts_per_min", significant),
            beside: network_of.into_iter().chain(in_all).chain(shifted).chain(participants).collect(),
            methods: Some(MethodsOf::NetworkBursts),
            ..number("headline-network", network_ids, network)
        },
        Number {
            interval: intervals.words("synchrony_sttc", significant),
            beside: vec![pairs],
            ..number("headline-synchrony", &["synchrony_sttc", "intervals.synchrony_sttc"], synchrony)
        },
    ]
}

/// Bursts per minute, or their count where the recording is short, of so many of all electrodes, beside those of random
/// firing.
fn bursts(headline: &Headline, random: &BurstsBesideRandom, of_all: &str) -> Number {
    let rate = Number {
        name: "headline-bursts",
        ids: &["bursts_per_min", "intervals.mean_rate_hz"],
        value: headline.bursts_per_min.map(significant),
        unit: None,
        interval: headline.intervals.words("bursts_per_min", significant),
        beside: [format!("mean of {of_all}")].into_iter().chain(random.words(true)).collect(),
        methods: Some(MethodsOf::Bursts),
    };
    if !is_short(headline.duration_s) {
        return rate;
    }
    let unit = Some(format!("in {}", duration(headline.duration_s)));
    let beside = [format!("of {of_all}")].into_iter().chain(random.words(false)).collect();
    let ids = &["n_bursts"];
    Number { ids, value: Some(count(headline.n_bursts)), unit, interval: None, beside, ..rate }
}

/// A number with its strip under it, and what tells more.
fn panel(
    number: &Number,
    headline: &Headline,
    (definitions, kind): (&[Definition], StreamKind),
    (of_defaults, strip, methods): (Option<String>, Html, Html),
) -> Html {
    let own: Vec<&Definition> =
        number.ids.iter().filter_map(|id| definitions.iter().find(|known| known.id == *id)).collect();
    let title = own.first().map_or("", |first| first.name);
    let unit = number.unit.as_deref().or_else(|| own.first().map(|first| first.unit)).unwrap_or_default();
    let reason = number.ids.first().and_then(|id| headline.absent.get(*id)).filter(|_| number.value.is_none());
    html! {
        <div class="panel">
            <div class="value" data-testid={number.name}>
                <span class="soft small">{ kind.worded(title) }</span>
                if let Some(value) = &number.value {
                    <span class="number">{ value }{ " " }<small>{ unit.to_owned() }</small></span>
                    if let Some(interval) = &number.interval { <span class="small" data-testid={format!("{}-interval", number.name)}>{ kind.worded(interval) }</span> }
                } else {
                    <span class="number">{ "–" }</span>
                    if let Some(reason) = reason { <span class="small" data-testid={format!("{}-absent", number.name)}>{ kind.worded(reason) }</span> }
                }
                if let Some(of_defaults) = of_defaults { <span class="small of-defaults" data-testid={format!("{}-defaults", number.name)}>{ of_defaults }</span> }
                if number.value.is_some() { { for number.beside.iter().map(|text| html! { <span class="small soft">{ text }</span> }) } }
            </div>
            { strip }
            <details data-testid={format!("{}-details", number.name)}><summary>{ "Definition" }<span class="unseen">{ format!(" of {}", kind.worded(title)) }</span></summary>
                { for own.iter().map(|known| html! { <p>{ told(known, kind) }</p> }) }
                { methods }
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

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::analyses::SpikeTrains;
    use wasm_core::recording::FrameSource;
    use wasm_core::run::{Measured, RecordingSummary};
    use wasm_core::simulation::{Simulation, SimulationSpec};

    #[test]
    fn a_number_that_is_small_is_not_shown_as_none() {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 60.0, seed: 1 };
        let simulation = Simulation::new(spec);
        let (info, pipeline) = (simulation.info(), Pipeline::default());
        let trains = &SpikeTrains::new(info, &[], None);
        let measured =
            Measured { trains, pipeline: &pipeline, noise_uv: &[4.0; 4], threshold: 5.0, dead: &[], spikes: &[] };
        let mut summary = Summary::new(RecordingSummary::new("culture", "test", info, &[], &[]), &measured);
        // One in half an hour.
        summary.headline.bursts_per_min = Some(1.0 / 30.0);
        summary.headline.network_bursts_per_min = Some(1.0 / 30.0);
        let [_, _, bursts, network, _] = headline(&summary, StreamKind::Electrodes).map(|number| number.value);
        assert_eq!((bursts.as_deref(), network.as_deref()), (Some("0.0333"), Some("0.0333")));
    }

    #[test]
    fn a_number_says_that_an_analysis_has_other_values() {
        let changed = ["network_bursts".to_owned()];
        let told = default_words("headline-network", &changed).expect("words");
        assert_eq!(told, "of the default values; with yours: “Network bursts”, below");
        assert_eq!(
            (default_words("headline-rate", &changed), default_words("headline-bursts", &changed)),
            (None, None)
        );
        // Each of them is an analysis that there is.
        for name in ["headline-bursts", "headline-network", "headline-synchrony"] {
            assert!(analysis_of(name).and_then(spec).is_some(), "{name}");
        }
    }
}
