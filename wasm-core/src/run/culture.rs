//! Numbers of one culture: all electrodes of a recording, or those of a well.
//!
//! Cultures of different wells know nothing of each other, so network bursts and synchrony are
//! looked for within each of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ChannelSummary;
use super::absent::{Absent, too_few_sources, too_short_for_rates};
use super::intervals::Intervals;
use crate::analyses::{
    NETWORK_MIN_ACTIVE, NetworkActivity, NetworkBurst, NetworkLimits, PairSums, SYNCHRONY_MIN_ACTIVE, SpikeTrains,
    mean, too_few_active, too_short,
};

/// A culture's numbers. A number is right or absent; `absent` says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Culture {
    /// Name of the culture's well; none where the recording has no wells.
    pub well: Option<String>,
    /// Electrodes.
    pub n_electrodes: usize,
    /// Electrodes with enough spikes, see [`crate::analyses::is_active`].
    pub active_electrodes: usize,
    /// Mean firing rate of the active electrodes.
    pub mean_rate_hz: Option<f64>,
    /// Bursts of the active electrodes in all.
    pub n_bursts: u64,
    /// Bursts per minute of an active electrode, on average.
    pub bursts_per_min: Option<f64>,
    /// Network bursts.
    pub n_network_bursts: Option<u64>,
    /// Network bursts per minute of recorded time.
    pub network_bursts_per_min: Option<f64>,
    /// Network bursts per minute in shifted copies of the trains, by the same search.
    pub network_bursts_per_min_shifted: Option<f64>,
    /// The same where the trains are shifted by little, so that a rate that changes slowly stays; results of earlier
    /// versions do not tell, and it is not asked where the copies above hold half as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_bursts_per_min_near: Option<f64>,
    /// Electrodes that take part in a network burst, on average.
    pub network_burst_participants: Option<f64>,
    /// Electrodes that take part in a network burst, on average, as a share of the active ones.
    pub network_burst_participation: Option<f64>,
    /// Length of a network burst in seconds, on average.
    pub network_burst_duration_s: Option<f64>,
    /// Mean spike time tiling coefficient of all pairs of active electrodes.
    pub synchrony_sttc: Option<f64>,
    /// Names of numbers above that are absent, and why.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
    /// Intervals of numbers above.
    #[serde(default, skip_serializing_if = "Intervals::is_empty")]
    pub intervals: Intervals,
}

/// The trains that the numbers of all cultures of a recording are computed from.
pub(super) struct Trains<'a> {
    pub(super) trains: &'a SpikeTrains,
    pub(super) channels: &'a [ChannelSummary],
}

impl Trains<'_> {
    /// Mean bursts per minute of channels, each over the time in which it was observed.
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub(super) fn bursts_per_min(&self, channels: &[usize]) -> f64 {
        let of = |at: &usize| self.channels[*at].n_bursts as f64 * 60.0 / self.trains.observed_s(*at);
        mean(channels.iter().map(of)).unwrap_or_default()
    }
}

impl Culture {
    /// A well of the plate in which no channel lies.
    pub(super) fn without_electrodes(of: &Trains<'_>, well: &str) -> Self {
        Self { well: Some(well.to_owned()), ..Self::new(of, &[]) }
    }

    /// The numbers of the channels `group`.
    #[expect(clippy::cast_precision_loss, reason = "counts and means for people")]
    pub(super) fn new(of: &Trains<'_>, group: &[usize]) -> Self {
        let info = of.trains.info();
        let active = of.trains.active(group);
        let compared = of.trains.active(&of.trains.throughout(group));
        let segments = of.trains.segments_of(&compared);
        let rate_hz = info.sampling_frequency_hz;
        let duration_s = info.duration_s();
        let per_min = |count: f64| count * 60.0 / duration_s;
        let short = too_short(duration_s);
        let none = too_short_for_rates(duration_s).or_else(|| too_few_active(active.len(), 1));
        let few = short.clone().or_else(|| of.trains.too_few_compared(group, NETWORK_MIN_ACTIVE));
        let lone = short.clone().or_else(|| of.trains.too_few_compared(group, SYNCHRONY_MIN_ACTIVE));
        let search = || of.trains.network_bursts(group, &NetworkLimits::default());
        let network = if few.is_none() { search() } else { Arc::default() };
        let NetworkActivity { bursts, n_shifted, n_near, n_sources, .. } = &*network;
        let few = few.or_else(|| too_few_sources(*n_sources, NETWORK_MIN_ACTIVE));
        let quiet = few.clone().or_else(|| bursts.is_empty().then(|| "no network bursts".into()));
        let over_bursts = |value: &dyn Fn(&NetworkBurst) -> f64| mean(bursts.iter().map(value)).unwrap_or_default();
        let pairs = lone.is_none().then(|| PairSums::new(&segments, rate_hz));
        let sttc = pairs.as_ref().and_then(PairSums::mean);
        let mut intervals = Intervals::over_electrodes(of, group, &active);
        if few.is_none() {
            intervals.counted("network_bursts_per_min", bursts.len() as u64, duration_s);
        }
        if let Some(pairs) = &pairs {
            intervals.over_pairs("synchrony_sttc", pairs, compared.len());
        }
        let dense = "the electrodes fire so densely that no time is away from their spikes";
        let untold = lone.or_else(|| sttc.is_none().then(|| dense.into()));
        let mut absent = Absent::default();
        let (short_or_none, few, quiet) = (short.as_deref().or(none.as_deref()), few.as_deref(), quiet.as_deref());
        Self {
            well: info.wells.as_ref().and_then(|wells| wells.get(*group.first()?).cloned()),
            n_electrodes: group.len(),
            active_electrodes: active.len(),
            mean_rate_hz: absent.unless(none.as_deref(), "mean_rate_hz", || {
                mean(active.iter().filter_map(|at| of.channels[*at].rate_hz)).unwrap_or_default()
            }),
            n_bursts: active.iter().map(|at| of.channels[*at].n_bursts).sum(),
            bursts_per_min: absent.unless(short_or_none, "bursts_per_min", || of.bursts_per_min(&active)),
            n_network_bursts: absent.unless(few, "n_network_bursts", || bursts.len() as u64),
            network_bursts_per_min: absent.unless(few, "network_bursts_per_min", || per_min(bursts.len() as f64)),
            network_bursts_per_min_shifted: absent
                .unless(few, "network_bursts_per_min_shifted", || per_min(*n_shifted)),
            network_bursts_per_min_near: n_near.filter(|_| few.is_none()).map(per_min),
            network_burst_participants: absent
                .unless(quiet, "network_burst_participants", || over_bursts(&|burst| burst.n_participants as f64)),
            network_burst_participation: absent
                .unless(quiet, "network_burst_participation", || over_bursts(&|burst| burst.participation)),
            network_burst_duration_s: absent.unless(quiet, "network_burst_duration_s", || {
                over_bursts(&|burst| (burst.end - burst.start) as f64 / rate_hz)
            }),
            synchrony_sttc: absent.unless(untold.as_deref(), "synchrony_sttc", || sttc.unwrap_or_default()),
            absent: absent.0,
            intervals,
        }
    }
}
