//! Spikes and their file.
//!
//! ```
//! use wasm_core::spikes::{Spike, read_parquet, write_parquet};
//!
//! let spike = Spike { segment_index: 0, sample_index: 2_000, channel_index: 7, amplitude_uv: -61.5 };
//! let file = write_parquet(&[spike])?;
//! assert_eq!(read_parquet(file.into())?, [spike]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod parquet;

pub use self::parquet::{
    ROW_GROUP, SpikeFileError, SpikeWriter, read_at_most, read_parquet, write_parquet, write_parquet_of,
};

/// One detected spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// Segment of the recording.
    pub segment_index: u32,
    /// Frame within the segment.
    pub sample_index: i64,
    /// Channel of the stream.
    pub channel_index: u32,
    /// Filtered and referenced value at the peak, in microvolts; 0 where files hold a spike without its size, see
    /// [`Spike::known_uv`].
    pub amplitude_uv: f32,
}

impl Spike {
    /// The order of spikes in every file: segment, frame, channel.
    #[must_use]
    pub const fn key(&self) -> (u32, i64, u32) {
        (self.segment_index, self.sample_index, self.channel_index)
    }

    /// The size of the spike in microvolts; none where nobody recorded it. No peak has a size of 0.
    #[must_use]
    pub fn known_uv(&self) -> Option<f32> {
        Some(self.amplitude_uv).filter(|uv| *uv != 0.0 && uv.is_finite())
    }
}

/// The spikes of trains, one for each channel, in one segment; for tests.
#[cfg(test)]
pub(crate) fn of_trains(trains: &[Vec<i64>]) -> Vec<Spike> {
    let spike = |channel_index: u32, sample_index: i64| Spike {
        segment_index: 0,
        sample_index,
        channel_index,
        amplitude_uv: -50.0,
    };
    let of = |(channel, train): (u32, &Vec<i64>)| train.iter().map(|at| spike(channel, *at)).collect::<Vec<_>>();
    let mut spikes: Vec<Spike> = (0..).zip(trains).flat_map(of).collect();
    spikes.sort_by_key(Spike::key);
    spikes
}

/// The spikes whose size exceeds their channel's threshold.
#[must_use]
pub fn above(peaks: &[Spike], thresholds_uv: &[f32]) -> Vec<Spike> {
    let passes = |peak: &&Spike| {
        thresholds_uv.get(peak.channel_index as usize).is_some_and(|threshold| peak.amplitude_uv.abs() > *threshold)
    };
    peaks.iter().filter(passes).copied().collect()
}
