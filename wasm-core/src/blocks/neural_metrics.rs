//! The columns of Axion's Neural Metric Tool, a row for each well.
//!
//! The tool has no paper. Its columns are described by the United States Environmental Protection Agency (after
//! the `AxIS` User Guide 1.5) and by Kosnik et al. 2020, doi:10.1007/s00204-019-02636-x. How it goes from electrodes
//! to wells, and what it leaves empty, follows from 54 tables that the tool wrote for others (1,296 wells), which
//! hold the values of each electrode beside those of its well.

mod columns;
mod electrode;
mod inside;
mod network;

use self::columns::columns;
use self::electrode::Electrode;
use self::network::Network;
use super::of_cultures::cultures;
use super::of_network::{chance_words, frames_within};
use super::of_rows::row_of_each;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{ACTIVE_MIN_SPIKES, SpikeTrains};

const ACTIVE_PER_MIN: ParamSpec = ParamSpec::number(
    "active_per_min",
    ("Active from", "spikes per min"),
    (0.1, 600.0),
    (0.1, 5.0),
    "5 spikes per minute: the Active Electrode Criterion in the tables of the tool.",
);
const MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_interval_ms",
    ("Burst: each within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms: Max ISI of the ISI Threshold in the tables of the tool.",
);
const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("Burst: at least", "spikes"),
    (2.0, 1000.0),
    (1.0, 5.0),
    "5 spikes: the tables of the tool.",
);
const NETWORK_MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "network_max_interval_ms",
    ("Network burst: each within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms from a spike of the well to the next one: the tables of the tool. With many electrodes it is always shorter, and all is one burst.",
);
const NETWORK_MIN_SPIKES: ParamSpec = ParamSpec::number(
    "network_min_spikes",
    ("Network burst: at least", "spikes"),
    (2.0, 10_000.0),
    (1.0, 50.0),
    "50 spikes, for wells of 16 electrodes: the tables of the tool.",
);
const NETWORK_MIN_PERCENT: ParamSpec = ParamSpec::number(
    "network_min_percent",
    ("Network burst: from at least", "% of electrodes"),
    (0.0, 100.0),
    (1.0, 35.0),
    "35 %: the tables of the tool. Of all electrodes of the well: where 8 of 16 fire it still takes 6.",
);

/// The columns of the tool, and a control.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "neural_metrics",
    version: 1,
    title: "Neural Metric Tool (Axion)",
    purpose: "What is each well like in the columns of Axion's Neural Metric Tool, to lay beside its tables?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[
        &ACTIVE_PER_MIN,
        &MAX_INTERVAL_MS,
        &MIN_SPIKES,
        &NETWORK_MAX_INTERVAL_MS,
        &NETWORK_MIN_SPIKES,
        &NETWORK_MIN_PERCENT,
    ],
    source: "Axion's Neural Metric Tool, which has no paper: its columns as the US EPA describes them after the AxIS User Guide 1.5 (github.com/Kelly-Carstens-EPA/CCTE_Shafer_MEA_acute_pre-processing_projects) and Kosnik et al. 2020, doi:10.1007/s00204-019-02636-x; tables of the tool in github.com/Molecularbiologyworld/py-mea-axion",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let of = |param| values.text(param);
    let electrodes = format!(
        "Mean Firing Rate is the mean over all electrodes of a well, silent ones too; Weighted Mean Firing Rate is \
         that over the active ones, with at least {} spikes per minute and {ACTIVE_MIN_SPIKES} spikes in all. A burst \
         is a run of at least {} spikes of an electrode of which each follows the one before within {} ms. Bursts \
         and bursting electrodes are not compared with chance here, as in the tool: electrodes that fire fast at \
         random have them too. The analyses “Bursts” compare them; “Network bursts against chance” is of network bursts \
         alone. Each electrode has its own mean first; Avg is the mean of these over the electrodes, Std their standard \
         deviation (1/(n-1)). The electrodes are those with a value: active ones for the coefficient of variation of the \
         interval (ISI); with a burst for what bursts are like; with two bursts for the Inter-Burst Interval (IBI), \
         from start to start, and with three for its coefficient of variation; all that fire for Burst Percentage, \
         the share of their spikes in bursts. Mean and median ISI within a burst, and their ratio, are taken in each \
         burst, then averaged.",
        of(&ACTIVE_PER_MIN),
        of(&MIN_SPIKES),
        of(&MAX_INTERVAL_MS),
    );
    let network = format!(
        "A network burst is a run of at least {} spikes of a well, whichever electrodes they are of, in which each \
         follows the one before within {} ms and at least {} % of all its electrodes take part. Here Avg and Std are \
         over the network bursts. Network Burst Percentage is their share of the spikes of the well. The coefficient \
         of variation of the Network IBI, from start to start, has the deviation of all intervals (1/n), as in the \
         tool, and needs three network bursts. Without a network burst frequency and percentage are empty, as in the \
         tool. {}",
        of(&NETWORK_MIN_SPIKES),
        of(&NETWORK_MAX_INTERVAL_MS),
        of(&NETWORK_MIN_PERCENT),
        chance_words(),
    );
    format!(
        "{electrodes} {network} A Std of one value is empty; for the IBI and its coefficient of variation the tool \
         writes 0. Left out, as it is not known how the tool computes them, are Normalized Duration IQR, Network \
         Normalized Duration IQR, all areas and widths of cross-correlations, Synchrony Index and Kreuz SPIKE Distance; \
         so are its metrics of the average network burst and of resistance."
    )
}

/// What the numbers are counted by; times in frames.
pub struct Rules {
    /// Spikes per minute from which an electrode is active.
    pub active_per_min: f64,
    /// Largest interval inside a burst.
    pub max_interval: i64,
    /// Fewest spikes of a burst.
    pub min_spikes: usize,
    /// Largest interval inside a network burst, from a spike of the well to the next one.
    pub network_max_interval: i64,
    /// Fewest spikes of a network burst.
    pub network_min_spikes: usize,
    /// Share of all electrodes of the well that take part in one.
    pub network_min_percent: f64,
}

impl Rules {
    fn new(of: &SpikeTrains, values: Values<'_>) -> Self {
        // As the block of bursts by a fixed interval has it: both count the same.
        #[expect(clippy::cast_possible_truncation, reason = "the range bounds it")]
        let max_interval = (values.number(&MAX_INTERVAL_MS) / 1000.0 * of.rate_hz()).round() as i64;
        Self {
            active_per_min: values.number(&ACTIVE_PER_MIN),
            max_interval,
            min_spikes: values.count(&MIN_SPIKES),
            network_max_interval: frames_within(of, values.number(&NETWORK_MAX_INTERVAL_MS)),
            network_min_spikes: values.count(&NETWORK_MIN_SPIKES),
            network_min_percent: values.number(&NETWORK_MIN_PERCENT),
        }
    }
}

/// The numbers of one well.
pub struct Well {
    /// Numbers of each electrode of the well.
    pub electrodes: Vec<Electrode>,
    /// Network bursts of the well.
    pub network: Network,
}

impl Well {
    fn new(of: &SpikeTrains, culture: &[usize], rules: &Rules) -> Self {
        Self {
            electrodes: culture.iter().map(|channel| Electrode::new(of, *channel, rules)).collect(),
            network: Network::new(of, culture, rules),
        }
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let cultures = match cultures(of) {
        Ok(cultures) => cultures,
        Err(reason) => return Outcome::absent(reason),
    };
    let rules = Rules::new(of, values);
    let wells: Vec<Well> = cultures.iter().map(|culture| Well::new(of, culture, &rules)).collect();
    let table = row_of_each(of, ("culture", "Culture"), cultures.iter().map(|culture| culture[0]));
    Outcome { tables: vec![columns(table, &wells)], figures: Vec::new(), absent: None }
}
