//! The numbers of the network formation assay of the United States Environmental Protection Agency.
//!
//! Brown et al. 2016, doi:10.1093/toxsci/kfw147, and Frank et al. 2017, doi:10.1093/toxsci/kfx169. Columns
//! have the names of the agency's tables, so that old spreadsheets go on. In `ToxCast`, after
//! `CCTE_Shafer_MEA_dev_`, they are:
//!
//! | column | `ToxCast` |
//! | --- | --- |
//! | `meanfiringrate` | `firing_rate_mean` |
//! | `burst.per.min` | `burst_rate` |
//! | `mean.isis` | `per_burst_interspike_interval` |
//! | `per.spikes.in.burst` | `per_burst_spike_percent` |
//! | `mean.dur` | `burst_duration_mean` |
//! | `mean.IBIs` | `interburst_interval_mean` |
//! | `nAE` | `active_electrodes_number` |
//! | `nABE` | `bursting_electrodes_number` |
//! | `ns.n` | `network_spike_number` |
//! | `ns.peak.m` | `network_spike_peak` |
//! | `ns.durn.m` | `spike_duration_mean` |
//! | `ns.percent.of.spikes.in.ns` | `per_network_spike_spike_percent` |
//! | `ns.mean.insis` | `inter_network_spike_interval_mean` |
//! | `ns.durn.sd` | `network_spike_duration_std` |
//! | `ns.mean.spikes.in.ns` | `per_network_spike_spike_number_mean` |
//! | `r` | `correlation_coefficient_mean` |
//! | `mi` | `mutual_information_norm` |

mod network_spikes;
mod of_well;
mod shared_bins;

use self::network_spikes::{Limits, REACH};
use self::of_well::{Rules, Well};
use self::shared_bins::Pitch;
use super::of_cultures::cultures;
use super::of_rows::row_of_each;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{ACTIVE_SPIKES_PER_MIN, MaxInterval, SHIFTED_COPIES, SpikeTrains};
use crate::table::Table;

const MAX_START_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_start_interval_ms",
    ("Burst starts within", "ms"),
    (1.0, 5000.0),
    (1.0, 100.0),
    "100 ms: Brown et al. 2016.",
);
const MAX_END_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_end_interval_ms",
    ("Goes on within", "ms"),
    (1.0, 5000.0),
    (1.0, 250.0),
    "250 ms: Brown et al. 2016.",
);
const MIN_GAP_MS: ParamSpec =
    ParamSpec::number("min_gap_ms", ("Merge below", "ms"), (0.0, 10_000.0), (1.0, 800.0), "800 ms: Brown et al. 2016.");
const MIN_DURATION_MS: ParamSpec = ParamSpec::number(
    "min_duration_ms",
    ("Lasts at least", "ms"),
    (0.0, 10_000.0),
    (1.0, 50.0),
    "50 ms: Brown et al. 2016.",
);
const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("Has at least", "spikes"),
    (2.0, 1000.0),
    (1.0, 5.0),
    "5 spikes: Brown et al. 2016.",
);
const BURSTING_PER_MIN: ParamSpec = ParamSpec::number(
    "bursting_per_min",
    ("Bursting from", "bursts per min"),
    (0.1, 60.0),
    (0.1, 0.5),
    "0.5 bursts per minute: the agency's scripts.",
);
const NETWORK_BIN_MS: ParamSpec = ParamSpec::number(
    "network_bin_ms",
    ("Network spike within", "ms"),
    (1.0, 1000.0),
    (1.0, 50.0),
    "50 ms: the assay; 10 ms in Eytan & Marom 2006, 3 ms in Cotterill et al. 2016.",
);
const NETWORK_MIN_ELECTRODES: ParamSpec = ParamSpec::number(
    "network_min_electrodes",
    ("Of at least", "electrodes"),
    (2.0, 1000.0),
    (1.0, 5.0),
    "5 of the 16 electrodes of a well: the assay.",
);
const NETWORK_MIN_SPIKES: ParamSpec = ParamSpec::number(
    "network_min_spikes",
    ("All but one with at least", "spikes"),
    (1.0, 100.0),
    (1.0, 2.0),
    "2 spikes: the agency's scripts ask for them, though the descriptions of the assay do not; 1 follows the descriptions.",
);
const ENDS_S: ParamSpec = ParamSpec::number(
    "ends_s",
    ("Away from ends", "s"),
    (0.0, 60.0),
    (0.1, 5.0),
    "5 s: the agency's scripts leave out network spikes in the first and last 100 bins of 50 ms.",
);
const CORRELATION_BIN_MS: ParamSpec = ParamSpec::number(
    "correlation_bin_ms",
    ("Correlation in bins of", "ms"),
    (1.0, 1000.0),
    (1.0, 10.0),
    "10 ms: the agency's scripts count in hundredths of a second; their notes say milliseconds.",
);
const INFORMATION_BINS_PER_S: ParamSpec = ParamSpec::number(
    "information_bins_per_s",
    ("Information in bins", "per s"),
    (10.0, 2000.0),
    (1.0, 333.0),
    "333 in a second, 3 ms each: the agency's scripts; Ball et al. 2017.",
);

/// The seventeen numbers of the assay, and a control.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_formation_assay",
    version: 1,
    title: "Network formation assay (EPA)",
    purpose: "How far has the network of a well developed, by the 17 numbers of the US EPA's assay of developmental neurotoxicity?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[
        &MAX_START_INTERVAL_MS,
        &MAX_END_INTERVAL_MS,
        &MIN_GAP_MS,
        &MIN_DURATION_MS,
        &MIN_SPIKES,
        &BURSTING_PER_MIN,
        &NETWORK_BIN_MS,
        &NETWORK_MIN_ELECTRODES,
        &NETWORK_MIN_SPIKES,
        &ENDS_S,
        &CORRELATION_BIN_MS,
        &INFORMATION_BINS_PER_S,
    ],
    source: "Brown et al. 2016, doi:10.1093/toxsci/kfw147; Frank et al. 2017, doi:10.1093/toxsci/kfx169; network spikes: Eytan & Marom 2006, doi:10.1523/JNEUROSCI.1627-06.2006; mutual information: Ball et al. 2017, doi:10.1016/j.neunet.2017.07.009",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let of = |param| values.text(param);
    let bursts = format!(
        "An electrode is active (AE) from {ACTIVE_SPIKES_PER_MIN} spikes per minute. A burst begins with two spikes at \
         most {} ms apart and goes on while each spike follows within {} ms; bursts less than {} ms apart are one; \
         what is shorter than {} ms or has fewer than {} spikes is none. An electrode is actively bursting (ABE) from \
         {} bursts per minute. Bursts and bursting electrodes are not compared with chance here, as in the assay: \
         electrodes that fire fast at random have them too. The analyses “Bursts” compare them. Firing rate and burst \
         rate are means over the active electrodes. Interval inside bursts, share of spikes in bursts, duration of \
         bursts and time between them (end to start) are means over the electrodes that are active and actively \
         bursting, of the mean of each.",
        of(&MAX_START_INTERVAL_MS),
        of(&MAX_END_INTERVAL_MS),
        of(&MIN_GAP_MS),
        of(&MIN_DURATION_MS),
        of(&MIN_SPIKES),
        of(&BURSTING_PER_MIN),
    );
    let network = format!(
        "In bins of {} ms the electrodes that fire are counted, active or not. Of each stretch of bins without an empty \
         one the fullest is a network spike if it holds at least {} electrodes (its peak), if as many, or one fewer, \
         have at least {} spikes in it, and if it lies at least {} s from both ends. Its duration is the time between \
         the places, by straight lines between bins, where half as many electrodes fire, if these lie within {REACH} \
         bins. Its spikes are those in the fullest bin, of the electrodes that have enough of them there. The same rule \
         over {SHIFTED_COPIES} copies, in which every electrode is moved along the recording by a time of its own, tells \
         what chance brings.",
        of(&NETWORK_BIN_MS),
        of(&NETWORK_MIN_ELECTRODES),
        of(&NETWORK_MIN_SPIKES),
        of(&ENDS_S),
    );
    let shared = format!(
        "The correlation is Pearson's, of bins of {} ms with or without spikes, mean over all pairs of active \
         electrodes. The mutual information is normalised multiinformation in bits: the entropies of the electrodes, \
         with or without spikes in 1/{} s, less the entropy of their patterns, divided by their number less one, over \
         electrodes that fire in more than one bin of a thousand.",
        of(&CORRELATION_BIN_MS),
        of(&INFORMATION_BINS_PER_S),
    );
    format!(
        "{bursts} {network} {shared} These are the rules of the agency's public scripts, with four differences: an \
         interval exactly at a limit is inside, burst rates are not rounded, time is that of the recording, not from \
         the first spike to the last, and what is not defined is empty, where the scripts write 0 in some columns."
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let cultures = match cultures(of) {
        Ok(cultures) => cultures,
        Err(reason) => return Outcome::absent(reason),
    };
    let rules = rules(of.rate_hz(), values);
    let wells: Vec<Well> = cultures.iter().map(|culture| Well::new(of, culture, &rules)).collect();
    let table = row_of_each(of, ("culture", "Culture"), cultures.iter().map(|culture| culture[0]));
    Outcome { tables: vec![columns(table, &wells)], figures: Vec::new(), absent: None }
}

fn rules(rate_hz: f64, values: Values<'_>) -> Rules {
    #[expect(clippy::cast_possible_truncation, reason = "the ranges bound it")]
    let frames = |param, per_s: f64| (values.number(param) / per_s * rate_hz).round() as i64;
    // Bins of the mutual information are no whole number of frames.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "frames of a thousand seconds")]
    let den = (rate_hz * 1000.0).round() as u64;
    Rules {
        bursts: MaxInterval {
            max_start_interval: frames(&MAX_START_INTERVAL_MS, 1000.0),
            max_end_interval: frames(&MAX_END_INTERVAL_MS, 1000.0),
            min_gap: frames(&MIN_GAP_MS, 1000.0),
            min_duration: frames(&MIN_DURATION_MS, 1000.0),
            min_spikes: values.count(&MIN_SPIKES),
        },
        bursting_per_min: values.number(&BURSTING_PER_MIN),
        network: Limits {
            bin: frames(&NETWORK_BIN_MS, 1000.0).max(1),
            min_electrodes: values.count(&NETWORK_MIN_ELECTRODES),
            min_spikes: values.count(&NETWORK_MIN_SPIKES),
            ends: frames(&ENDS_S, 1.0),
        },
        correlation: Pitch { num: 1, den: frames(&CORRELATION_BIN_MS, 1000.0).unsigned_abs().max(1) },
        information: Pitch { num: values.count(&INFORMATION_BINS_PER_S) as u64 * 1000, den: den.max(1) },
    }
}

/// The agency's columns, in its order; behind them the control.
fn columns(table: Table, wells: &[Well]) -> Table {
    let numbers = |value: fn(&Well) -> Option<f64>| wells.iter().map(value).collect::<Vec<_>>();
    table
        .numbers(("meanfiringrate", "Mean firing rate", "Hz"), numbers(|well| well.rate_hz))
        .numbers(("burst.per.min", "Burst rate", "per min"), numbers(|well| well.bursts_per_min))
        .numbers(("mean.isis", "Interval inside bursts", "s"), numbers(|well| well.interval_s))
        .numbers(("per.spikes.in.burst", "Share of spikes in bursts", "%"), numbers(|well| well.percent_in_bursts))
        .numbers(("mean.dur", "Burst duration", "s"), numbers(|well| well.burst_s))
        .numbers(("mean.IBIs", "Time between bursts", "s"), numbers(|well| well.gap_s))
        .counts(("nAE", "Active electrodes (AE)"), wells.iter().map(|well| well.n_active))
        .counts(("nABE", "Actively bursting electrodes (ABE)"), wells.iter().map(|well| well.n_bursting))
        .counts(("ns.n", "Network spikes"), wells.iter().map(|well| well.n_network_spikes))
        .numbers(("ns.peak.m", "Electrodes in a network spike", ""), numbers(|well| well.peak))
        .numbers(("ns.durn.m", "Network spike duration", "s"), numbers(|well| well.width_s))
        .numbers(
            ("ns.percent.of.spikes.in.ns", "Share of spikes in network spikes", "%"),
            numbers(|well| well.percent_in_network_spikes),
        )
        .numbers(("ns.mean.insis", "Time between network spikes", "s"), numbers(|well| well.between_s))
        .numbers(("ns.durn.sd", "Deviation of that duration", "s"), numbers(|well| well.width_deviation_s))
        .numbers(("ns.mean.spikes.in.ns", "Spikes in a network spike", ""), numbers(|well| well.spikes))
        .numbers(("r", "Mean correlation", ""), numbers(|well| well.correlation))
        .numbers(("mi", "Normalised mutual information", ""), numbers(|well| well.information))
        .numbers(("ns.n.shifted", "Network spikes in shifted copies", ""), numbers(|well| well.n_shifted))
}
