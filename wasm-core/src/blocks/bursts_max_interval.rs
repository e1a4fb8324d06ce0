//! Bursts by limits of intervals, length and number of spikes.

use super::of_bursts::{MIN_SPIKES, chance_words, outcome};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{MaxInterval, SpikeTrains};
use crate::table::Table;

const MAX_START_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_start_interval_ms",
    ("Starts within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms: well-plate systems and meaRtools; 170 ms in NeuroExplorer and Cotterill et al. 2016.",
);
const MAX_END_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_end_interval_ms",
    ("Goes on within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms: one interval for start and end, as well-plate systems count; 250 ms in meaRtools, 300 ms in NeuroExplorer.",
);
const MIN_GAP_MS: ParamSpec = ParamSpec::number(
    "min_gap_ms",
    ("Merge below", "ms"),
    (0.0, 10_000.0),
    (1.0, 0.0),
    "0 ms: nothing is merged; 300 ms in meaRtools, 200 ms in NeuroExplorer.",
);
const MIN_DURATION_MS: ParamSpec = ParamSpec::number(
    "min_duration_ms",
    ("Lasts at least", "ms"),
    (0.0, 10_000.0),
    (1.0, 0.0),
    "0 ms: any length; 50 ms in meaRtools, 10 ms in NeuroExplorer.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bursts_max_interval",
    version: 2,
    title: "Bursts (MaxInterval)",
    purpose: "Does an electrode fire in bursts? A burst is a run of spikes that follow each other closely enough.",
    takes: Port::Spikes,
    gives: Port::Bursts,
    optional: false,
    params: &[&MAX_START_INTERVAL_MS, &MAX_END_INTERVAL_MS, &MIN_GAP_MS, &MIN_DURATION_MS, &MIN_SPIKES],
    source: "MaxInterval method of the NeuroExplorer manual; compared with others in Cotterill et al. 2016, doi:10.1152/jn.00093.2016",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let of = |param| values.text(param);
    let merged = if values.number(&MIN_GAP_MS) > 0.0 {
        format!("Bursts less than {} ms apart are merged.", of(&MIN_GAP_MS))
    } else {
        "Bursts are not merged, however close they are.".to_owned()
    };
    let length = if values.number(&MIN_DURATION_MS) > 0.0 {
        format!("and lasts at least {} ms", of(&MIN_DURATION_MS))
    } else {
        "and may be of any length".to_owned()
    };
    format!(
        "A burst begins with two spikes at most {} ms apart and goes on while each spike follows within {} ms; an \
         interval that is exactly at its limit counts. {merged} A burst has at least {} spikes {length}. {}",
        of(&MAX_START_INTERVAL_MS),
        of(&MAX_END_INTERVAL_MS),
        of(&MIN_SPIKES),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    #[expect(clippy::cast_possible_truncation, reason = "the ranges bound it")]
    let frames = |param| (values.number(param) / 1000.0 * of.rate_hz()).round() as i64;
    let limits = MaxInterval {
        max_start_interval: frames(&MAX_START_INTERVAL_MS),
        max_end_interval: frames(&MAX_END_INTERVAL_MS),
        min_gap: frames(&MIN_GAP_MS),
        min_duration: frames(&MIN_DURATION_MS),
        min_spikes: values.count(&MIN_SPIKES),
    };
    let bursts: Vec<Vec<_>> =
        (0..of.info().n_channels).map(|channel| of.of(channel).map(|train| limits.bursts(train)).collect()).collect();
    let mut limits_ms = vec![values.number(&MAX_START_INTERVAL_MS), values.number(&MAX_END_INTERVAL_MS)];
    limits_ms.dedup();
    outcome(of, &bursts, &|train| limits.bursts(train), Table::default(), &limits_ms)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_of_zero_are_said_in_words() {
        let plain = words(Values::default());
        assert!(plain.contains("Bursts are not merged, however close they are."), "{plain}");
        assert!(plain.contains("has at least 5 spikes and may be of any length."), "{plain}");
        let given = json!({ "min_gap_ms": 200, "min_duration_ms": 10 });
        let limited = words(Values::new(given.as_object().expect("an object")));
        assert!(limited.contains("Bursts less than 200 ms apart are merged."), "{limited}");
        assert!(limited.contains("has at least 5 spikes and lasts at least 10 ms."), "{limited}");
    }
}
