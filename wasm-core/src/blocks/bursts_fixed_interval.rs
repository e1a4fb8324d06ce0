//! Bursts by one limit of intervals.

use super::of_bursts::{chance_words, outcome};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{SpikeTrains, runs};
use crate::table::Table;

const MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_interval_ms",
    ("Each within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms: well-plate systems, and the bursts of the summary.",
);
const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("Has at least", "spikes"),
    (2.0, 1000.0),
    (1.0, 5.0),
    "5 spikes: well-plate systems, and the bursts of the summary.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bursts_fixed_interval",
    version: 2,
    title: "Bursts (fixed interval)",
    purpose: "Does an electrode fire in bursts? A burst is a run of spikes with no interval above one limit for all.",
    takes: Port::Spikes,
    gives: Port::Bursts,
    optional: true,
    params: &[&MAX_INTERVAL_MS, &MIN_SPIKES],
    source: "Chiappalone et al. 2005, doi:10.1016/j.neucom.2004.10.094; compared with others in Cotterill et al. 2016, doi:10.1152/jn.00093.2016",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "A burst is a run of at least {} spikes of an electrode of which each follows the one before within {} ms; an \
         interval of exactly {} ms is inside. {}",
        values.text(&MIN_SPIKES),
        values.text(&MAX_INTERVAL_MS),
        values.text(&MAX_INTERVAL_MS),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let limit_ms = values.number(&MAX_INTERVAL_MS);
    #[expect(clippy::cast_possible_truncation, reason = "the range bounds it")]
    let limit = (limit_ms / 1000.0 * of.rate_hz()).round() as i64;
    let min_spikes = values.count(&MIN_SPIKES);
    let find = |train: &[i64]| runs(train, min_spikes, |interval| interval <= limit);
    let bursts: Vec<Vec<_>> = (0..of.info().n_channels).map(|channel| of.of(channel).map(find).collect()).collect();
    outcome(of, &bursts, &find, Table::default(), &[limit_ms])
}
