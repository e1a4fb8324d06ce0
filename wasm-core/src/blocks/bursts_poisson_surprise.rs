//! Bursts that a neuron which fires at random would hardly ever fire.

use super::of_bursts::chance_words;
use super::of_surprise::outcome;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{POISSON_MIN_SPIKES, PoissonSurprise, SpikeTrains, mean_interval};
use crate::table::Table;

const MIN_SURPRISE: ParamSpec = ParamSpec::number(
    "min_surprise",
    ("Surprise above", ""),
    (1.0, 50.0),
    (0.5, 5.0),
    "5: meaRtools; 10 in Legendy & Salcman 1985, with which random firing has hardly any.",
);
const LOOK_AHEAD: ParamSpec = ParamSpec::number(
    "look_ahead",
    ("Looks ahead", "spikes"),
    (1.0, 50.0),
    (1.0, 10.0),
    "10 spikes: sjemea and meaRtools; a burst may hold a few longer intervals.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bursts_poisson_surprise",
    version: 2,
    title: "Bursts (Poisson surprise)",
    purpose: "Does an electrode fire in bursts that random firing at its mean rate would hardly bring?",
    takes: Port::Spikes,
    gives: Port::Bursts,
    optional: true,
    params: &[&MIN_SURPRISE, &LOOK_AHEAD],
    source: "Legendy & Salcman 1985, doi:10.1152/jn.1985.53.4.926; compared with others in Cotterill et al. 2016, doi:10.1152/jn.00093.2016",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "The surprise of a burst of n spikes is -ln of the probability that at least n - 1 spikes fall into its \
         duration if they come at random at the electrode's mean rate (Poisson). A burst begins with two intervals \
         below half the mean interval, {POISSON_MIN_SPIKES} spikes. It grows while further spikes make the surprise \
         greater: up to {} are tried, but none behind an interval above twice the mean. Then spikes are dropped from \
         its front while that makes the surprise greater. It counts where the surprise is above {}. Many stretches \
         are tried, so that random firing has such bursts too: at 5 about 15 in 1,000 spikes, at 10 less than one. {}",
        values.text(&LOOK_AHEAD),
        values.text(&MIN_SURPRISE),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let method = PoissonSurprise { min_surprise: values.number(&MIN_SURPRISE), look_ahead: values.count(&LOOK_AHEAD) };
    let means: Vec<Option<f64>> = (0..of.info().n_channels).map(|channel| mean_interval(of.of(channel))).collect();
    let found: Vec<Vec<Vec<_>>> = means
        .iter()
        .enumerate()
        .map(|(channel, mean)| {
            of.of(channel).map(|train| mean.map_or_else(Vec::new, |mean| method.surprises(train, mean))).collect()
        })
        .collect();
    let to_ms = 1000.0 / of.rate_hz();
    let more = Table::default().numbers(
        ("starts_below_ms", "Starts below", "ms"),
        means.iter().map(|mean| mean.map(|mean| mean / 2.0 * to_ms)),
    );
    let find = |train: &[i64]| mean_interval([train]).map_or_else(Vec::new, |mean| method.bursts(train, mean));
    outcome(of, &found, &find, more)
}
