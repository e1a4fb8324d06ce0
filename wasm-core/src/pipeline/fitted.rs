//! The default pipeline as it fits a recording.

use serde_json::Value;

use super::Pipeline;
use crate::recording::StreamInfo;

/// Frames a second below which a spike of a millisecond has not even three frames. Local field
/// potentials are stored at 1,000 to 2,500 Hz.
pub(super) const MIN_RATE_HZ: f64 = 3000.0;

/// Electrodes from which on the median of all is a reference. An electrode that is the median itself
/// becomes zero, which makes its noise look small: of few electrodes each is that often. Noise
/// alone then crosses 5 times the noise so often a minute and electrode (independent noise at
/// 20 kHz, counted by simulation): 250 times with 4 electrodes, 32 with 8, 4 with 16, 0.7
/// with 64, and 0.4 without a reference.
pub const MIN_REFERENCE_ELECTRODES: usize = 16;

impl Pipeline {
    /// The default pipeline with its filter fitted to a rate: the upper cut-off lowered to nine
    /// tenths of the Nyquist frequency where 3,000 Hz lie above that, and no filter where the
    /// rate is too slow for spikes. A slow recording can then be looked at, though
    /// spikes cannot be found in it.
    #[must_use]
    pub fn fitted_to(sampling_frequency_hz: f64) -> Self {
        let mut pipeline = Self::default();
        let highest_hz = (sampling_frequency_hz * 0.45 / 50.0).floor() * 50.0;
        if Self::is_too_slow_for_spikes(sampling_frequency_hz) {
            pipeline.set("filter", "btype", "none".into());
        } else if highest_hz < 3000.0 {
            pipeline.set("filter", "freq_max_hz", Value::from(highest_hz));
        }
        pipeline
    }

    /// The default pipeline for a stream: fitted to its rate, and without a reference where so few
    /// electrodes would make it that it finds spikes in noise.
    #[must_use]
    pub fn for_stream(info: &StreamInfo) -> Self {
        let mut pipeline = Self::fitted_to(info.sampling_frequency_hz);
        if info.n_channels < MIN_REFERENCE_ELECTRODES {
            pipeline.set("common_reference", "operator", "none".into());
        }
        pipeline
    }

    /// Whether a recording has so few frames a second that spikes cannot be found in it.
    #[must_use]
    pub fn is_too_slow_for_spikes(sampling_frequency_hz: f64) -> bool {
        sampling_frequency_hz < MIN_RATE_HZ
    }
}
