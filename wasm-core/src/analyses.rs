//! From spikes to what a person asks: active, bursting, connected?
//!
//! Every function takes spike trains in frames, one sorted list per channel and segment; times
//! are compared as integers, so that no tolerance can widen a window.

mod avalanches;
mod bad_channels;
mod band_power;
mod beside_random;
mod branching;
mod bursts;
mod by_method;
mod coincidence;
mod connectivity;
mod correlogram;
mod definitions;
#[cfg(test)]
mod field_golden;
mod graph;
mod interval;
mod log_isi;
mod network;
mod parallel;
mod phase;
mod poisson_surprise;
mod psth;
pub(crate) mod random;
mod random_firing;
mod rank_surprise;
mod recruitment;
mod rotated;
mod saturation;
mod shifted;
mod signed_rank;
mod spectrum;
mod spike_contrast;
mod spike_distances;
mod spike_trains;
mod synchrony;

pub use avalanches::{AvalancheCounts, Avalanches, mean_counted, pooled_interval};
pub use bad_channels::{
    BadChannelMethod, ChannelLabel, EXCERPT_MS, Excerpt, HIGH_PASS_HZ, N_EXCERPTS, by_coherence_and_spectrum,
    by_deviation, most_frequent,
};
pub use band_power::{
    Bins, FREQUENCY_BANDS, FrequencyBand, HUM_RATIO, Hum, MAINS_HZ, MAINS_WIDTH_HZ, MeanList, PowerCourse,
};
pub use beside_random::{BesideRandom, FAST_INTERVALS, MANY_OUTSIDE, TIMES_AS_FAST};
pub use branching::{DECAY_MAX_LAGS, DECAY_MIN_LAGS, DECAY_MIN_R_SQUARED, Decay, NoDecay, decay, regressions};
pub use bursts::{BURST_MAX_ISI_S, BURST_MIN_SPIKES, Burst, BurstSums, MaxInterval, bursts, runs};
pub use by_method::{
    BesideChance, CommonBurst, CultureTrains, DEVIATIONS, HALF_WIDTH_BINS, ISI_N_VOID, IsiN, MANY_FOUND, NetworkSpike,
    NetworkSpikes, Overlap, Overlapping, PopulationRate, SpanLimit, Spans, Tally, Verdict, WellPlate, beside_chance,
};
pub use coincidence::{CoincidenceFilter, without_coincident};
pub(crate) use connectivity::benjamini_hochberg;
pub use connectivity::{Compared, EdgeRule, Null, PairVerdict, compare_pairs, judge_pairs};
pub use correlogram::{Correlogram, Correlograms, DelayBins, DelayPeak};
pub(crate) use definitions::sentences;
pub use definitions::{Definition, definitions};
pub use graph::{Graph, HUB_Z, LOUVAIN_RUNS, Measures, Node, RichClub, Role, SmallWorld};
pub use interval::{Interval, MIN_RESAMPLED, RESAMPLES, bootstrap_mean, garwood, jackknife, wilson};
pub use log_isi::{LOG_ISI_MIN_SPIKES, Limit, limit, log_isi_bursts};
pub use network::{
    NETWORK_MIN_ACTIVE, NetworkActivity, NetworkBurst, NetworkLimits, SAME_NEURON_UM, SHIFTED_COPIES, network_bursts,
};
pub use phase::{Directions, PHASE_FILTER_ORDER, SETTLED_PERIODS, between, degrees, phases, unsettled};
pub use poisson_surprise::{
    POISSON_LOOK_AHEAD, POISSON_MIN_SPIKES, POISSON_MIN_SURPRISE, PoissonSurprise, mean_interval,
};
pub use psth::{EventKind, Response, TrialBins, TrialWindow, Trials, event_kinds};
pub use random_firing::{
    ByChance, RANDOM_COPIES, RANDOM_SPIKES, REFRACTORY_S, RandomBursts, Spread, drawn_bursts, random_bursts,
};
pub use rank_surprise::{RANK_MAX_INTERVALS, RANK_MAX_PROBABILITY, RANK_SHORT_PERCENT, RankSurprise};
pub use recruitment::{Joined, LEADER_DRAWS, LEADER_PERCENT, Recruitment, Shape, ShapeMeasures, most_led_by_chance};
pub use rotated::{BinWidth, Binned, BusyBins};
pub use saturation::Limits;
pub use shifted::Shifted;
pub use signed_rank::SignedRank;
pub use spectrum::{Periodogram, Spectrum, welch};
pub use spike_contrast::{CONTRAST_SHRINK, ContrastScales};
pub use spike_distances::{DistinctTrains, SpikeDistances};
pub use spike_trains::{Intervals, SpikeTrains};
pub use synchrony::{PairSums, STTC_DT_S, SYNCHRONY_MIN_ACTIVE, mean_sttc, sttc_matrix};

use crate::recording::told_length;

/// An electrode is active from so many spikes per minute, the usual cut for cultures.
pub const ACTIVE_SPIKES_PER_MIN: f64 = 5.0;

/// And from so many spikes: one spike is no activity, however short the recording.
pub const ACTIVE_MIN_SPIKES: u64 = 2;

/// Recordings that are shorter than this allow no number per minute and say nothing about a
/// network.
pub const MIN_DURATION_S: f64 = 30.0;

/// The reason why a recording of so many seconds has no numbers per minute and of the network.
#[must_use]
pub fn too_short(duration_s: f64) -> Option<String> {
    (!(duration_s >= MIN_DURATION_S))
        .then(|| format!("too short: {}, at least {MIN_DURATION_S} s are needed", told_length(duration_s)))
}

/// The reason why so few active electrodes have no mean, or no network.
#[must_use]
pub fn too_few_active(n_active: usize, n_needed: usize) -> Option<String> {
    match n_active {
        enough if enough >= n_needed => None,
        0 => Some("no active electrodes".into()),
        few => Some(format!("not enough active electrodes ({few} of the {n_needed} that are needed)")),
    }
}

/// Whether an electrode with so many spikes in so many seconds is active.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of spikes")]
pub fn is_active(n_spikes: u64, observed_s: f64) -> bool {
    observed_s > 0.0 && n_spikes >= ACTIVE_MIN_SPIKES && n_spikes as f64 * 60.0 >= ACTIVE_SPIKES_PER_MIN * observed_s
}

/// The trains of some channels in one segment, the same channels in each segment.
#[derive(Clone, Debug)]
pub struct SegmentTrains<'a> {
    /// Length of the segment. A spike at `n_frames` itself, the very end, counts; it lies behind the last whole bin.
    /// Where a segment is taken as a circle, its end is its start.
    pub n_frames: i64,
    /// A sorted list of frames for each channel.
    pub trains: Vec<&'a [i64]>,
}

/// Sorts spikes into trains: `[segment][channel]`, each a sorted list of frames.
#[must_use]
pub fn trains(spikes: &[crate::spikes::Spike], n_segments: usize, n_channels: usize) -> Vec<Vec<Vec<i64>>> {
    let mut trains = vec![vec![Vec::new(); n_channels]; n_segments];
    for spike in spikes {
        let segment = trains.get_mut(spike.segment_index as usize);
        if let Some(train) = segment.and_then(|segment| segment.get_mut(spike.channel_index as usize)) {
            train.push(spike.sample_index);
        }
    }
    trains
}

/// The mean; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

/// The value in the middle, or the mean of the two that are; none of nothing.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    if values.is_empty() {
        return None;
    }
    let (middle, is_even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().filter(|_| is_even).max_by(f64::total_cmp);
    Some(f64::midpoint(lower.unwrap_or(*upper), *upper))
}

/// Frames in a time, rounded to the nearest.
#[expect(clippy::cast_possible_truncation, reason = "times of seconds at kilohertz rates")]
fn frames(seconds: f64, sampling_frequency_hz: f64) -> i64 {
    (seconds * sampling_frequency_hz).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!((median([]), median([7.0]), median([3.0, 1.0, 2.0])), (None, Some(7.0), Some(2.0)));
        assert_eq!((median([4.0, 1.0]), median([9.0, -1.0, 3.0, 2.0])), (Some(2.5), Some(2.5)));
    }
}
