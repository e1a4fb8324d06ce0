//! Numbers of one culture: all electrodes of a recording, or those of a well.
//!
//! Cultures of different wells know nothing of each other, so network bursts and synchrony are
//! looked for within each of them.

use serde::{Deserialize, Serialize};

use super::ChannelSummary;
use crate::analyses::{ACTIVE_RATE_HZ, mean_sttc, network_bursts};
use crate::recording::StreamInfo;

/// Active electrodes below which there is no network to speak of.
const MIN_NETWORK: usize = 2;

/// A culture's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Culture {
    /// Name of its well; none where the recording has no wells.
    pub well: Option<String>,
    /// Electrodes.
    pub n_electrodes: usize,
    /// Electrodes with at least 5 spikes per minute.
    pub active_electrodes: usize,
    /// Mean firing rate of the active electrodes.
    pub mean_rate_hz: f64,
    /// Bursts per minute of an active electrode, on average.
    pub bursts_per_min: f64,
    /// Network bursts per minute; none below two active electrodes.
    pub network_bursts_per_min: Option<f64>,
    /// Mean spike time tiling coefficient of pairs of active electrodes; none below two.
    pub synchrony_sttc: Option<f64>,
}

impl Culture {
    /// The numbers of the channels `group`; `trains` holds the spikes' frames, `[segment][channel]`.
    #[expect(clippy::cast_precision_loss, reason = "counts and means for people")]
    pub(super) fn new(
        info: &StreamInfo,
        group: &[usize],
        channels: &[ChannelSummary],
        trains: &[Vec<Vec<i64>>],
    ) -> Self {
        let rate_hz = info.sampling_frequency_hz;
        let active: Vec<usize> = group.iter().copied().filter(|at| channels[*at].rate_hz >= ACTIVE_RATE_HZ).collect();
        let mut n_network = 0;
        let (mut synchrony, mut weight) = (0.0, 0.0);
        for (segment, trains) in info.segments.iter().zip(trains) {
            let firing: Vec<&[i64]> = active.iter().map(|at| trains[*at].as_slice()).collect();
            let n_frames = i64::try_from(segment.n_frames).unwrap_or(i64::MAX);
            n_network += network_bursts(&firing, n_frames, rate_hz).len();
            if let Some(value) = mean_sttc(&firing, n_frames, rate_hz) {
                synchrony += value * segment.n_frames as f64;
                weight += segment.n_frames as f64;
            }
        }
        let minutes = info.duration_s() / 60.0;
        let per_min = |count: f64| if minutes > 0.0 { count / minutes } else { 0.0 };
        let over_active = |value: &dyn Fn(&ChannelSummary) -> f64| mean(active.iter().map(|at| value(&channels[*at])));
        Self {
            well: info.wells.as_ref().and_then(|wells| wells.get(*group.first()?).cloned()),
            n_electrodes: group.len(),
            active_electrodes: active.len(),
            mean_rate_hz: over_active(&|channel| channel.rate_hz).unwrap_or(0.0),
            bursts_per_min: per_min(over_active(&|channel| channel.n_bursts as f64).unwrap_or(0.0)),
            network_bursts_per_min: (active.len() >= MIN_NETWORK).then(|| per_min(n_network as f64)),
            synchrony_sttc: (weight > 0.0).then(|| synchrony / weight),
        }
    }
}

/// The mean; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::SegmentInfo;
    use crate::sample::SampleType;

    /// Two wells of four electrodes: volleys each second, those of the second well half a second later.
    #[test]
    fn wells_do_not_burst_together() {
        let n = 8;
        let info = StreamInfo {
            name: "plate".into(),
            sampling_frequency_hz: 1000.0,
            n_channels: n,
            sample_type: SampleType::Int16,
            channel_ids: (0..n).map(|at| at.to_string()).collect(),
            gain_to_uv: vec![1.0; n],
            offset_to_uv: vec![0.0; n],
            positions_um: None,
            wells: Some((0..n).map(|at| ["A1", "A2"][at / 4].to_owned()).collect()),
            segments: vec![SegmentInfo { n_frames: 60_000, t_start_s: 0.0 }],
        };
        let train = |channel: usize| -> Vec<i64> {
            let shift = if channel < 4 { 0 } else { 1500 };
            (0..20).flat_map(|volley| (0..10).map(move |k| 500 + volley * 3000 + shift + k * 5)).collect()
        };
        let trains = vec![(0..n).map(train).collect::<Vec<_>>()];
        let channel = |at: usize| ChannelSummary {
            id: at.to_string(),
            left_out: false,
            noise_uv: 1.0,
            threshold_uv: 5.0,
            n_spikes: 200,
            rate_hz: 200.0 / 60.0,
            mean_amplitude_uv: None,
            n_bursts: 20,
        };
        let channels: Vec<ChannelSummary> = (0..n).map(channel).collect();
        for (group, well) in info.groups().iter().zip(["A1", "A2"]) {
            let culture = Culture::new(&info, group, &channels, &trains);
            assert_eq!(culture.well.as_deref(), Some(well));
            assert_eq!((culture.n_electrodes, culture.active_electrodes), (4, 4));
            assert_eq!(culture.network_bursts_per_min, Some(20.0));
            assert!(culture.synchrony_sttc.is_some_and(|value| value > 0.99), "{culture:?}");
        }
        let all: Vec<usize> = (0..n).collect();
        let together = Culture::new(&info, &all, &channels, &trains);
        assert!(together.synchrony_sttc.is_some_and(|value| value < 0.6), "{together:?}");
    }
}
