//! Network bursts as bursts of electrodes that overlap.

use super::of_bursts::MIN_SPIKES;
use super::of_network::{BURSTS, Electrodes, chance_words, each, frames_within, outcome, share_of};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{MaxInterval, Overlap, SpikeTrains, beside_chance};
use crate::table::Table;

const BURSTS_BY: ParamSpec = ParamSpec::choice(
    "bursts_by",
    "Bursts by",
    &[("fixed", "One interval"), ("max_interval", "MaxInterval")],
    "One interval for start and end, as well-plate systems count.",
);
const MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_interval_ms",
    ("Each within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms: well-plate systems.",
)
.only_if(&BURSTS_BY, &["fixed"]);
const MAX_START_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_start_interval_ms",
    ("Starts within", "ms"),
    (1.0, 5000.0),
    (1.0, 170.0),
    "170 ms: NeuroExplorer and Cotterill et al. 2016; 100 ms in meaRtools.",
)
.only_if(&BURSTS_BY, &["max_interval"]);
const MAX_END_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_end_interval_ms",
    ("Goes on within", "ms"),
    (1.0, 5000.0),
    (1.0, 300.0),
    "300 ms: NeuroExplorer and Cotterill et al. 2016; 250 ms in meaRtools.",
)
.only_if(&BURSTS_BY, &["max_interval"]);
const BURST_GAP_MS: ParamSpec = ParamSpec::number(
    "burst_gap_ms",
    ("Merge below", "ms"),
    (0.0, 10_000.0),
    (1.0, 200.0),
    "200 ms: NeuroExplorer and Cotterill et al. 2016; 300 ms in meaRtools.",
)
.only_if(&BURSTS_BY, &["max_interval"]);
const MIN_DURATION_MS: ParamSpec = ParamSpec::number(
    "min_duration_ms",
    ("Lasts at least", "ms"),
    (0.0, 10_000.0),
    (1.0, 10.0),
    "10 ms: NeuroExplorer and Cotterill et al. 2016; 50 ms in meaRtools.",
)
.only_if(&BURSTS_BY, &["max_interval"]);
const MIN_ELECTRODES: ParamSpec = ParamSpec::number(
    "min_electrodes",
    ("At least", "electrodes"),
    (2.0, 1000.0),
    (1.0, 3.0),
    "3 electrodes: two burst together often.",
);
const MIN_PERCENT: ParamSpec = ParamSpec::number(
    "min_percent",
    ("And at least", "% of active"),
    (0.0, 100.0),
    (1.0, 25.0),
    "25 %: MEAlytics; 50 % in CureQ.",
);
const MIN_GAP_MS: ParamSpec = ParamSpec::number(
    "min_gap_ms",
    ("Join up to", "ms"),
    (0.0, 10_000.0),
    (10.0, 300.0),
    "300 ms: the shortest interval between bursts in meaRtools, as for the network bursts above.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_bursts_overlap",
    version: 1,
    title: "Network bursts (overlap of bursts)",
    purpose: "Do many electrodes burst at once? Each is looked at first, then how many are in a burst.",
    takes: Port::Spikes,
    gives: Port::NetworkBursts,
    optional: true,
    params: &[
        &BURSTS_BY,
        &MAX_INTERVAL_MS,
        &MAX_START_INTERVAL_MS,
        &MAX_END_INTERVAL_MS,
        &BURST_GAP_MS,
        &MIN_DURATION_MS,
        &MIN_SPIKES,
        &MIN_ELECTRODES,
        &MIN_PERCENT,
        &MIN_GAP_MS,
    ],
    source: "Electrode bursts first, then their overlap: Wagenaar, Pine & Potter 2006, doi:10.1186/1471-2202-7-11",
    words,
    work: Work::Spikes,
};

fn is_fixed(values: Values<'_>) -> bool {
    values.name(&BURSTS_BY) == "fixed"
}

fn words(values: Values<'_>) -> String {
    let of = |param| values.text(param);
    let bursts = if is_fixed(values) {
        format!(
            "An electrode is in a burst while it fires at least {} spikes of which each follows the one before within {} ms.",
            of(&MIN_SPIKES),
            of(&MAX_INTERVAL_MS)
        )
    } else {
        format!(
            "A burst of an electrode begins with two spikes at most {} ms apart and goes on while each spike follows \
             within {} ms; bursts less than {} ms apart are one, and what is shorter than {} ms or has fewer than {} \
             spikes is none.",
            of(&MAX_START_INTERVAL_MS),
            of(&MAX_END_INTERVAL_MS),
            of(&BURST_GAP_MS),
            of(&MIN_DURATION_MS),
            of(&MIN_SPIKES)
        )
    };
    format!(
        "{bursts} A network burst is where at least {} electrodes and {} % of the active ones are in a burst at \
         once; those at most {} ms apart are one. Start and duration are those of that stretch; the bursts of its \
         electrodes reach further, as the list tells. {}",
        of(&MIN_ELECTRODES),
        of(&MIN_PERCENT),
        of(&MIN_GAP_MS),
        chance_words(),
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let frames = |param| frames_within(of, values.number(param));
    let (min_spikes, fixed) = (values.count(&MIN_SPIKES), frames(&MAX_INTERVAL_MS));
    let bursts = if is_fixed(values) {
        MaxInterval { max_start_interval: fixed, max_end_interval: fixed, min_gap: 0, min_duration: 0, min_spikes }
    } else {
        MaxInterval {
            max_start_interval: frames(&MAX_START_INTERVAL_MS),
            max_end_interval: frames(&MAX_END_INTERVAL_MS),
            min_gap: frames(&BURST_GAP_MS),
            min_duration: frames(&MIN_DURATION_MS),
            min_spikes,
        }
    };
    let all = each(of, Electrodes::Active, |trains, _| {
        let least = share_of(trains.n_active, values.number(&MIN_PERCENT)).max(values.count(&MIN_ELECTRODES));
        let rule = Overlap { bursts, min_electrodes: least, max_gap: frames(&MIN_GAP_MS) };
        (Ok(beside_chance(trains, |trains| rule.bursts(trains))), Some(rule.overlapping(trains)))
    });
    let whole = || all.iter().filter_map(|own| own.more.as_ref()).flatten();
    let of_list = Table::default()
        .numbers(
            ("whole_start_s", "First burst starts", "s"),
            whole().map(|found| Some(of.time_s(found.burst.segment, found.whole_start))),
        )
        .numbers(
            ("whole_duration_s", "All bursts last", "s"),
            whole().map(|found| Some(of.seconds(found.whole_end - found.whole_start))),
        );
    outcome(of, BURSTS, &all, Table::default(), of_list)
}
