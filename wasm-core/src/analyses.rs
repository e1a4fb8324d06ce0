//! From spikes to what a person asks: active, bursting, connected?
//!
//! Every function takes spike trains in frames, one sorted list per channel, of one
//! segment; times are compared as integers, so that no tolerance can widen a window.

mod bad_channels;
mod bursts;
mod coincidence;
mod network;
mod saturation;
mod spectrum;
mod synchrony;

pub use bad_channels::{
    BadChannelMethod, ChannelLabel, EXCERPT_MS, Excerpt, HIGH_PASS_HZ, N_EXCERPTS, by_coherence_and_spectrum,
    by_deviation, most_frequent,
};
pub use bursts::{BURST_MAX_ISI_S, BURST_MIN_SPIKES, Burst, bursts};
pub use coincidence::without_coincident;
pub use network::{NETWORK_BIN_S, NETWORK_MIN_SHARE, NetworkBurst, network_bursts};
pub use saturation::Limits;
pub use spectrum::{Spectrum, welch};
pub use synchrony::{STTC_DT_S, STTC_MAX_CHANNELS, mean_sttc, sttc};

/// An electrode is active from this rate: 5 spikes per minute, the usual cut for cultures.
pub const ACTIVE_RATE_HZ: f64 = 5.0 / 60.0;

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

/// Frames in a time, rounded to the nearest.
#[expect(clippy::cast_possible_truncation, reason = "times of seconds at kilohertz rates")]
fn frames(seconds: f64, sampling_frequency_hz: f64) -> i64 {
    (seconds * sampling_frequency_hz).round() as i64
}
