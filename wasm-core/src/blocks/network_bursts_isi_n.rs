//! Network bursts by the time that N spikes in a row take.

use super::of_network::{BURSTS, Electrodes, Own, chance_words, drawn, each, frames_within, outcome};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{ISI_N_VOID, IsiN, SpanLimit, Spans, SpikeTrains, beside_chance};
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::counted;
use crate::table::Table;

const N_SPIKES: ParamSpec = ParamSpec::number(
    "n_spikes",
    ("Spikes in a row", ""),
    (2.0, 1000.0),
    (1.0, 10.0),
    "10 spikes: Bakkum et al. 2014; few make many electrodes burst by chance, many miss short network bursts.",
);
const LIMIT_FROM: ParamSpec = ParamSpec::choice(
    "limit_from",
    "Limit from",
    &[("valley", "Their own valley"), ("given", "The value below")],
    "The valley: the times have two peaks where there are network bursts. With one peak nothing separates them, and nothing is counted.",
);
const LIMIT_MS: ParamSpec = ParamSpec::number(
    "limit_ms",
    ("Within", "ms"),
    (1.0, 10_000.0),
    (1.0, 100.0),
    "100 ms: the largest limit of MEA-NAP. It finds hundreds of network bursts where many electrodes fire and there are none.",
)
.only_if(&LIMIT_FROM, &["given"]);
const MIN_ELECTRODES: ParamSpec = ParamSpec::number(
    "min_electrodes",
    ("At least", "electrodes"),
    (1.0, 1000.0),
    (1.0, 3.0),
    "3 electrodes: two fire together often.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_bursts_isi_n",
    version: 1,
    title: "Network bursts (ISI_N)",
    purpose: "Does the culture fire as a network? Many spikes follow each other within a short time, whichever electrodes they are of.",
    takes: Port::Spikes,
    gives: Port::NetworkBursts,
    optional: true,
    params: &[&N_SPIKES, &LIMIT_FROM, &LIMIT_MS, &MIN_ELECTRODES],
    source: "Bakkum et al. 2014, doi:10.3389/fncom.2013.00193",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let n = values.text(&N_SPIKES);
    let limit = if is_given(values) {
        format!("{} ms", values.text(&LIMIT_MS))
    } else {
        format!(
            "a limit of its own: the lowest place between the two peaks of the histogram of these times, by their \
             logarithm in 20 bins a decade, smoothed (1 - valley / square root of the product of the peaks is at \
             least {ISI_N_VOID}; without such a valley nothing separates network bursts, and none are counted)"
        )
    };
    format!(
        "All spikes of a culture are put in order of time, whichever electrodes they are of. A network burst is \
         where {n} spikes in a row lie within {limit}. Such windows that share a spike are one, and at least {} \
         electrodes take part. {}",
        values.text(&MIN_ELECTRODES),
        chance_words(),
    )
}

fn is_given(values: Values<'_>) -> bool {
    values.name(&LIMIT_FROM) == "given"
}

/// The times of a culture and its limit.
struct Limit {
    spans: Spans,
    ms: Option<f64>,
    from: &'static str,
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let (n_spikes, min_electrodes) = (values.count(&N_SPIKES), values.count(&MIN_ELECTRODES));
    let given_ms = is_given(values).then(|| values.number(&LIMIT_MS));
    let all = each(of, Electrodes::Firing, |trains, _| {
        let spans = Spans::new(trains, n_spikes, of.rate_hz());
        let valley_ms = if let SpanLimit::Valley(limit_s) = spans.limit { Some(limit_s * 1000.0) } else { None };
        let limit_ms = given_ms.or(valley_ms);
        let found = limit_ms.map(|limit_ms| {
            let rule = IsiN { n_spikes, max_span: frames_within(of, limit_ms), min_electrodes };
            beside_chance(trains, |trains| rule.bursts(trains))
        });
        let from = if given_ms.is_some() { "given" } else { spans.limit.name() };
        let found = found.ok_or_else(|| why_not(spans.limit, n_spikes));
        (found, Some(Limit { spans, ms: limit_ms, from }))
    });
    let limits = || all.iter().map(|own| own.more.as_ref());
    let of_wells = Table::default()
        .numbers(("limit_ms", "Limit", "ms"), limits().map(|limit| limit.and_then(|limit| limit.ms)))
        .texts(("limit_from", "Limit from"), limits().map(|limit| limit.map_or("", |limit| limit.from).to_owned()));
    let figure = drawn(&all).and_then(|own| times(of, own, n_spikes));
    let mut outcome = outcome(of, BURSTS, &all, of_wells, Table::default());
    if outcome.absent.is_none() {
        outcome.figures.extend(figure);
    }
    outcome
}

fn why_not(limit: SpanLimit, n_spikes: usize) -> String {
    match limit {
        SpanLimit::TooFew => format!("fewer than {n_spikes} spikes"),
        SpanLimit::OnePeak => format!("the times of {n_spikes} spikes in a row have one peak: nothing separates them"),
        _ => format!("the times of {n_spikes} spikes in a row have no valley that is deep enough"),
    }
}

/// How long N spikes in a row take, with the limit.
fn times(of: &SpikeTrains, own: &Own<Limit>, n_spikes: usize) -> Option<Figure> {
    let Limit { spans, ms: limit_ms, .. } = own.more.as_ref()?;
    let edges: Vec<f64> = spans.edges_s.iter().map(|edge| edge * 1000.0).collect();
    let heights: Vec<f64> = spans.counts.iter().map(|count| f64::from(*count)).collect();
    let most = heights.iter().copied().fold(1.0, f64::max);
    let n: u64 = spans.counts.iter().map(|count| u64::from(*count)).sum();
    let at =
        limit_ms.map_or_else(|| "There is no limit".to_owned(), |limit| format!("The limit lies at {limit:.1} ms"));
    let x = Axis::log(&format!("Time of {n_spikes} spikes in a row"), "ms", (*edges.first()?, *edges.last()?));
    let mut layers = vec![Layer::Bars { edges, heights }];
    layers.extend(limit_ms.map(|at| Layer::Limit { at }));
    Some(Figure {
        id: "times".into(),
        title: format!("How long {n_spikes} spikes in a row take{}", own.place(of)),
        sentence: format!("{} of {n_spikes} spikes of all electrodes. {at}.", counted(n, "window")),
        x,
        y: Axis::linear("Windows", "", (0.0, most)),
        layers,
    })
}
