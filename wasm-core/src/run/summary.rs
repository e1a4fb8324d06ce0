//! `summary.json`: what was recorded, how it was analysed, and what came out.

use serde::{Deserialize, Serialize};

use super::culture::{Culture, mean};
use crate::analyses::{ACTIVE_RATE_HZ, bursts, trains};
use crate::pipeline::Pipeline;
use crate::recording::{SegmentInfo, StreamInfo};
use crate::spikes::Spike;

/// Version of the file; grows when a field changes its meaning.
pub const SUMMARY_VERSION: u32 = 1;

/// The file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// [`SUMMARY_VERSION`].
    pub version: u32,
    /// Version of the program that computed it.
    pub neurocyte_version: String,
    /// What was analysed.
    pub recording: RecordingSummary,
    /// With which parameters.
    pub pipeline: Pipeline,
    /// Five numbers.
    pub headline: Headline,
    /// The numbers of each well of a plate; none where there are no wells.
    #[serde(default)]
    pub wells: Vec<Culture>,
    /// One entry per channel, in the stream's order.
    pub channels: Vec<ChannelSummary>,
}

/// The recording, as far as a result needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingSummary {
    /// Name of the file or folder.
    pub name: String,
    /// Format it was read from.
    pub format: String,
    /// Stream that was analysed.
    pub stream: String,
    /// Frames per second.
    pub sampling_frequency_hz: f64,
    /// Segments.
    pub segments: Vec<SegmentInfo>,
    /// Electrode positions, when known.
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// What a person should know about how the files were read.
    pub notes: Vec<String>,
}

impl RecordingSummary {
    /// Describes a stream of the recording `name`.
    #[must_use]
    pub fn new(name: &str, format: &str, info: &StreamInfo, notes: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            format: format.to_owned(),
            stream: info.name.clone(),
            sampling_frequency_hz: info.sampling_frequency_hz,
            segments: info.segments.clone(),
            positions_um: info.positions_um.clone(),
            notes: notes.to_owned(),
        }
    }
}

/// The five numbers that answer “is my culture alive, bursting, connected?”.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// Spikes in all.
    pub n_spikes: u64,
    /// Length in seconds.
    pub duration_s: f64,
    /// Electrodes with at least 5 spikes per minute.
    pub active_electrodes: usize,
    /// Mean firing rate of the active electrodes.
    pub mean_rate_hz: f64,
    /// Bursts per minute of an active electrode, on average.
    pub bursts_per_min: f64,
    /// Network bursts per minute; of a plate, the mean over its wells with two active electrodes or more.
    pub network_bursts_per_min: f64,
    /// Mean spike time tiling coefficient of pairs of active electrodes of one well; none below two.
    pub synchrony_sttc: Option<f64>,
}

/// A channel's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelSummary {
    /// The channel's id.
    pub id: String,
    /// Whether the pipeline leaves the channel out.
    #[serde(default)]
    pub left_out: bool,
    /// Noise in microvolts; zero for a silent channel, on which nothing is detected.
    pub noise_uv: f32,
    /// Absolute threshold in microvolts.
    pub threshold_uv: f32,
    /// Spikes.
    pub n_spikes: u64,
    /// Spikes per second.
    pub rate_hz: f64,
    /// Mean size of the peaks in microvolts, with the sign that most of them have; none without spikes.
    pub mean_amplitude_uv: Option<f32>,
    /// Bursts.
    pub n_bursts: u64,
}

impl Summary {
    /// Computes the numbers from the spikes above `threshold` times the noise.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "counts and means for people")]
    pub fn new(
        info: &StreamInfo,
        pipeline: &Pipeline,
        recording: RecordingSummary,
        noise_uv: &[f32],
        threshold: f32,
        spikes: &[Spike],
    ) -> Self {
        let rate = info.sampling_frequency_hz;
        let duration_s = info.duration_s();
        let minutes = duration_s / 60.0;
        let trains = trains(spikes, info.segments.len(), info.n_channels);

        // Peaks of both signs must not average away: their size, with the sign that most have.
        let mut amplitudes = vec![0.0_f64; info.n_channels];
        let mut signs = vec![0_i64; info.n_channels];
        let mut counts = vec![0_u64; info.n_channels];
        for spike in spikes {
            amplitudes[spike.channel_index as usize] += f64::from(spike.amplitude_uv.abs());
            signs[spike.channel_index as usize] += if spike.amplitude_uv > 0.0 { 1 } else { -1 };
            counts[spike.channel_index as usize] += 1;
        }
        let left_out = pipeline.left_out();
        let channel = |at: usize| {
            let n_bursts = trains.iter().map(|segment| bursts(&segment[at], rate).len() as u64).sum();
            ChannelSummary {
                id: info.channel_ids[at].clone(),
                left_out: left_out.contains(&info.channel_ids[at]),
                noise_uv: noise_uv[at],
                threshold_uv: noise_uv[at] * threshold,
                n_spikes: counts[at],
                rate_hz: if duration_s > 0.0 { counts[at] as f64 / duration_s } else { 0.0 },
                mean_amplitude_uv: (counts[at] > 0).then(|| {
                    let size = (amplitudes[at] / counts[at] as f64) as f32;
                    if signs[at] > 0 { size } else { -size }
                }),
                n_bursts,
            }
        };
        let channels: Vec<ChannelSummary> = (0..info.n_channels).map(channel).collect();

        let cultures: Vec<Culture> =
            info.groups().iter().map(|group| Culture::new(info, group, &channels, &trains)).collect();
        let active = || channels.iter().filter(|channel| channel.rate_hz >= ACTIVE_RATE_HZ);
        let per_min = |count: f64| if minutes > 0.0 { count / minutes } else { 0.0 };
        let headline = Headline {
            n_spikes: spikes.len() as u64,
            duration_s,
            active_electrodes: active().count(),
            mean_rate_hz: mean(active().map(|channel| channel.rate_hz)).unwrap_or(0.0),
            bursts_per_min: per_min(mean(active().map(|channel| channel.n_bursts as f64)).unwrap_or(0.0)),
            network_bursts_per_min: mean(cultures.iter().filter_map(|culture| culture.network_bursts_per_min))
                .unwrap_or(0.0),
            synchrony_sttc: mean(cultures.iter().filter_map(|culture| culture.synchrony_sttc)),
        };
        Self {
            version: SUMMARY_VERSION,
            neurocyte_version: env!("CARGO_PKG_VERSION").to_owned(),
            recording,
            pipeline: pipeline.clone(),
            headline,
            wells: if info.wells.is_some() { cultures } else { Vec::new() },
            channels,
        }
    }
}
