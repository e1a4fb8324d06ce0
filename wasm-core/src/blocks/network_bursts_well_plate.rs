//! Network bursts by the rule of well-plate systems.

use super::of_network::{BURSTS, Electrodes, chance_words, each, frames_within, outcome, share_of};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{SpikeTrains, WellPlate, beside_chance};
use crate::table::Table;

const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("At least", "spikes"),
    (2.0, 10_000.0),
    (1.0, 50.0),
    "50 spikes: well-plate systems, for wells of 16 electrodes.",
);
const MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_interval_ms",
    ("Each within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms from a spike of the well to the next one: well-plate systems. With many electrodes it is always shorter, and all is one burst.",
);
const MIN_PERCENT: ParamSpec = ParamSpec::number(
    "min_percent",
    ("From at least", "%"),
    (0.0, 100.0),
    (1.0, 35.0),
    "35 %: Axion's software takes 25 to 35 %.",
);
const PERCENT_OF: ParamSpec = ParamSpec::choice(
    "percent_of",
    "Of",
    &[("all", "All electrodes"), ("active", "Active electrodes")],
    "All electrodes of the well: well-plate systems. A table of spikes may not know the silent ones.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_bursts_well_plate",
    version: 1,
    title: "Network bursts (well-plate rule)",
    purpose: "How many network bursts does a well have as well-plate software counts them?",
    takes: Port::Spikes,
    gives: Port::NetworkBursts,
    optional: true,
    params: &[&MIN_SPIKES, &MAX_INTERVAL_MS, &MIN_PERCENT, &PERCENT_OF],
    source: "Rule of well-plate software: 50 spikes, 100 ms, 35 % of the electrodes, as py-mea-span has it",
    words,
    work: Work::Spikes,
};

fn is_of_active(values: Values<'_>) -> bool {
    values.name(&PERCENT_OF) == "active"
}

fn words(values: Values<'_>) -> String {
    let which = if is_of_active(values) { "active electrodes" } else { "electrodes" };
    format!(
        "A network burst is a run of at least {} spikes of a well, whichever of its {which} they are of, in which \
         each follows the one before within {} ms and at least {} % of the {which} take part. {} The rule is made for \
         wells of about 16 electrodes: many electrodes together always fire within such an interval.",
        values.text(&MIN_SPIKES),
        values.text(&MAX_INTERVAL_MS),
        values.text(&MIN_PERCENT),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let is_of_active = is_of_active(values);
    let which = if is_of_active { Electrodes::Active } else { Electrodes::Firing };
    let all = each(of, which, |trains, n_electrodes| {
        let n = if is_of_active { trains.n_active } else { n_electrodes };
        let rule = WellPlate {
            max_interval: frames_within(of, values.number(&MAX_INTERVAL_MS)),
            min_spikes: values.count(&MIN_SPIKES),
            min_electrodes: share_of(n, values.number(&MIN_PERCENT)),
        };
        (Ok(beside_chance(trains, |trains| rule.bursts(trains))), None::<()>)
    });
    outcome(of, BURSTS, &all, Table::default(), Table::default())
}
