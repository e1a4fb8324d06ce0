//! The work of a lab in a month.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Bill, Prices, Use, Work, keep, upload, view};
use crate::api::limits;
use crate::recording::{SegmentInfo, StreamInfo, StreamKind};
use crate::sample::SampleType;

/// Recordings of one kind, every month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Recordings that are uploaded and analysed in a month.
    pub recordings_per_month: f64,
    /// Channels of a recording.
    pub channels: usize,
    /// Length of a recording in seconds.
    pub seconds: f64,
    /// Frames per second of a recording.
    pub rate_hz: f64,
    /// Months for which each is kept.
    pub months_kept: f64,
    /// People who open each result once.
    pub viewers: f64,
}

impl Default for Workload {
    /// Five minutes of a high-density array on every working day.
    fn default() -> Self {
        Self {
            recordings_per_month: 20.0,
            channels: 1024,
            seconds: 300.0,
            rate_hz: 20_000.0,
            months_kept: 12.0,
            viewers: 3.0,
        }
    }
}

/// Why a workload cannot be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadError {
    /// The field.
    pub field: &'static str,
    /// The values that it accepts.
    pub accepted: String,
}

impl fmt::Display for WorkloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: give {}", self.field, self.accepted)
    }
}

impl std::error::Error for WorkloadError {}

impl Workload {
    /// Whether every number is one that can be counted.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn check(&self) -> Result<(), WorkloadError> {
        let within = |field: &'static str, value: f64, least: f64, most: f64| {
            let accepted = || WorkloadError { field, accepted: format!("{least} to {most}") };
            if (least..=most).contains(&value) { Ok(()) } else { Err(accepted()) }
        };
        within("recordings a month", self.recordings_per_month, 0.0, 100_000.0)?;
        if !(1..=limits::CHANNELS).contains(&self.channels) {
            return Err(WorkloadError { field: "channels", accepted: format!("1 to {}", limits::CHANNELS) });
        }
        within("seconds of a recording", self.seconds, 1.0, 604_800.0)?;
        within("frames per second", self.rate_hz, 100.0, 50_000.0)?;
        within("months kept", self.months_kept, 0.0, 1200.0)?;
        within("viewers", self.viewers, 0.0, 1000.0)?;
        if self.stream().size_bytes() > limits::RECORDING_BYTES {
            let accepted = "channels, seconds and frames per second of at most 2 TiB together".to_owned();
            return Err(WorkloadError { field: "size of a recording", accepted });
        }
        Ok(())
    }

    /// One of its recordings, of 16-bit samples.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by `check`")]
    pub fn stream(&self) -> StreamInfo {
        let n_frames = libm::round(self.seconds * self.rate_hz) as u64;
        StreamInfo {
            name: String::new(),
            kind: StreamKind::Electrodes,
            sampling_frequency_hz: self.rate_hz,
            n_channels: self.channels,
            sample_type: SampleType::Int16,
            channel_ids: Vec::new(),
            channel_names: None,
            gain_to_uv: Vec::new(),
            offset_to_uv: Vec::new(),
            positions_um: None,
            wells: None,
            empty_wells: Vec::new(),
            segments: vec![SegmentInfo { n_frames, t_start_s: 0.0 }],
        }
    }

    /// What one recording uses until its result is there.
    #[must_use]
    pub fn uses_of_a_recording(&self) -> Vec<Use> {
        let info = self.stream();
        [upload(&info), Work::expected(&info).uses()].concat()
    }

    /// What a month uses, once the first recordings are as old as they get.
    #[must_use]
    pub fn uses_of_a_month(&self) -> Vec<Use> {
        let info = self.stream();
        let mut uses = self.uses_of_a_recording();
        uses.extend(keep(&info, self.months_kept));
        uses.extend(view(&info).into_iter().map(|part| part.times(self.viewers)));
        uses.into_iter().map(|part| part.times(self.recordings_per_month)).collect()
    }

    /// The bill of such a month.
    #[must_use]
    pub fn bill(&self, prices: &Prices) -> Bill {
        Bill::new(&self.uses_of_a_month(), prices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_counted_is_refused_by_its_name() {
        let usual = Workload::default();
        assert_eq!(usual.check(), Ok(()));
        for (workload, field) in [
            (Workload { channels: 0, ..usual }, "channels"),
            (Workload { seconds: f64::NAN, ..usual }, "seconds of a recording"),
            (Workload { recordings_per_month: -1.0, ..usual }, "recordings a month"),
            (Workload { seconds: 604_800.0, ..usual }, "size of a recording"),
        ] {
            assert_eq!(workload.check().map_err(|error| error.field), Err(field));
        }
    }

    #[test]
    fn twice_the_recordings_use_twice_as_much() {
        let one = Workload { recordings_per_month: 1.0, ..Workload::default() };
        let two = Workload { recordings_per_month: 2.0, ..one };
        let amounts = |of: Workload| of.uses_of_a_month().iter().map(|part| part.amount).sum::<f64>();
        assert!((amounts(two) / amounts(one) - 2.0).abs() < 1e-12);
    }
}
