//! Network bursts as peaks of the rate of all electrodes together.

use super::of_network::{BURSTS, Electrodes, chance_words, each, frames_of, outcome};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{PopulationRate, SpikeTrains, beside_chance};
use crate::table::Table;

const BIN_MS: ParamSpec =
    ParamSpec::number("bin_ms", ("Bins of", "ms"), (5.0, 200.0), (5.0, 20.0), "20 ms: MaxWell's example scripts.");
const SIGMA_MS: ParamSpec = ParamSpec::number(
    "sigma_ms",
    ("Smoothed by", "ms"),
    (0.0, 500.0),
    (10.0, 100.0),
    "100 ms, the deviation of a Gaussian: 300 ms in MaxWell's example scripts joins network bursts that follow each other quickly; 0 smooths nothing.",
);
const PEAK_RMS: ParamSpec = ParamSpec::number(
    "peak_rms",
    ("Peak above", "x RMS"),
    (0.5, 10.0),
    (0.1, 1.2),
    "1.2 x the root mean square: MaxWell's example scripts; 2 in SpikeLab.",
);
const EDGE_PERCENT: ParamSpec = ParamSpec::number(
    "edge_percent",
    ("Lasts above", "% of peak"),
    (1.0, 99.0),
    (1.0, 30.0),
    "30 % of the peak: MaxWell's example scripts.",
);
const MIN_ELECTRODES: ParamSpec = ParamSpec::number(
    "min_electrodes",
    ("At least", "electrodes"),
    (0.0, 1000.0),
    (1.0, 5.0),
    "5 electrodes: meaRtools. The rate has no floor: two independent electrodes at 1 Hz have some 57 such peaks a minute. 0 asks for none.",
);
const MIN_PERCENT: ParamSpec = ParamSpec::number(
    "min_percent",
    ("And at least", "% of active"),
    (0.0, 100.0),
    (1.0, 35.0),
    "35 %: the share that well-plate systems ask for.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_bursts_population_rate",
    version: 1,
    title: "Network bursts (population rate)",
    purpose: "When does the culture fire much more than usual? Peaks of the rate of all electrodes together, which chance makes, too.",
    takes: Port::Spikes,
    gives: Port::NetworkBursts,
    optional: true,
    params: &[&BIN_MS, &SIGMA_MS, &PEAK_RMS, &EDGE_PERCENT, &MIN_ELECTRODES, &MIN_PERCENT],
    source: "Peaks of the population rate, as in MaxWell's example scripts; their number in shifted copies: Neurocyte",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let of = |param| values.text(param);
    format!(
        "The spikes of the active electrodes are counted in bins of {} ms and smoothed by a Gaussian with a \
         deviation of {} ms. A network burst is where this rate is above {} times its root mean square; it reaches as \
         far as the rate is above {} % of its peak, and at least {} electrodes and {} % of the active ones fire in \
         it. {}",
        of(&BIN_MS),
        of(&SIGMA_MS),
        of(&PEAK_RMS),
        of(&EDGE_PERCENT),
        of(&MIN_ELECTRODES),
        of(&MIN_PERCENT),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let bin_ms = values.number(&BIN_MS);
    let rule = PopulationRate {
        bin_frames: frames_of(of, bin_ms),
        sigma_bins: values.number(&SIGMA_MS) / bin_ms,
        peak_rms: values.number(&PEAK_RMS),
        edge: values.number(&EDGE_PERCENT) / 100.0,
        min_percent: values.number(&MIN_PERCENT),
        min_electrodes: values.count(&MIN_ELECTRODES),
    };
    let all = each(of, Electrodes::Active, |trains, _| {
        if rule.is_too_long(trains) {
            return (Err("the recording is too long for such bins".to_owned()), None::<()>);
        }
        (Ok(beside_chance(trains, |trains| rule.bursts(trains))), None)
    });
    outcome(of, BURSTS, &all, Table::default(), Table::default())
}
