//! Simulated recordings whose spikes are known.
//!
//! Units sit between the electrodes of a square grid and are seen by their neighbours with
//! amplitudes that fall with distance; they fire in the background, in bursts of their own
//! and in network bursts, over noise, slow field potentials and mains hum. Any stretch can
//! be rendered alone, so that recordings of any length need no memory.

mod random;
mod units;

pub use units::TruthSpike;

use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, StreamKind, check_range};
use crate::sample::{Layout, RawBlock, SampleType};
use random::Random;
use units::Unit;

/// Microvolts per step, that of Intan and Open Ephys amplifiers.
const GAIN_TO_UV: f64 = 0.195;
/// Standard deviation of the noise of an electrode.
const NOISE_UV: f32 = 8.0;
/// Distance between electrodes.
const PITCH_UM: f64 = 100.0;
/// Noise is drawn in blocks of this many frames, each with a seed of its own.
const RENDER_FRAMES: u64 = 1024;

/// The size, length and seed of a simulated recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimulationSpec {
    /// Electrodes.
    pub n_channels: usize,
    /// Frames per second.
    pub sampling_frequency_hz: f64,
    /// Length in seconds.
    pub duration_s: f64,
    /// Seed of the random numbers: the same one gives the same recording.
    pub seed: u64,
}

/// A simulated recording.
pub struct Simulation {
    spec: SimulationSpec,
    info: StreamInfo,
    units: Vec<Unit>,
    truth: Vec<TruthSpike>,
}

impl Simulation {
    /// Draws units and their spikes.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "lengths of recordings"
    )]
    pub fn new(spec: SimulationSpec) -> Self {
        let side = (spec.n_channels as f64).sqrt().ceil().max(1.0) as usize;
        let position = |at: usize| [(at % side) as f64 * PITCH_UM, (at / side) as f64 * PITCH_UM];
        let positions: Vec<[f64; 2]> = (0..spec.n_channels).map(position).collect();
        let n_frames = (spec.duration_s * spec.sampling_frequency_hz).round() as u64;
        let mut random = Random::new(spec.seed, u64::MAX);
        let units = units::draw(&positions, spec.sampling_frequency_hz, &mut random);
        let truth = units::spikes(&units, n_frames, spec.sampling_frequency_hz, &mut random);
        let info = StreamInfo {
            name: "simulated".into(),
            kind: StreamKind::Electrodes,
            sampling_frequency_hz: spec.sampling_frequency_hz,
            n_channels: spec.n_channels,
            sample_type: SampleType::Int16,
            channel_ids: (0..spec.n_channels).map(|at| format!("E{}-{}", at / side + 1, at % side + 1)).collect(),
            channel_names: None,
            gain_to_uv: vec![GAIN_TO_UV; spec.n_channels],
            offset_to_uv: vec![0.0; spec.n_channels],
            positions_um: Some(positions),
            wells: None,
            empty_wells: Vec::new(),
            segments: vec![SegmentInfo { n_frames, t_start_s: 0.0 }],
        };
        Self { spec, info, units, truth }
    }

    /// Every spike that was put in, sorted by frame.
    #[must_use]
    pub fn truth(&self) -> &[TruthSpike] {
        &self.truth
    }

    /// The spikes that were put in, as if a search had found each with 50 µV; for tests.
    #[cfg(test)]
    pub(crate) fn true_spikes(&self) -> Vec<crate::spikes::Spike> {
        let spike = |at: &TruthSpike| crate::spikes::Spike {
            segment_index: 0,
            sample_index: at.sample_index,
            channel_index: at.channel_index,
            amplitude_uv: -50.0,
        };
        self.truth.iter().map(spike).collect()
    }

    /// Size of a spike's negative peak on its largest electrode, in microvolts.
    #[must_use]
    pub fn amplitude_uv(&self, spike: &TruthSpike) -> f32 {
        self.units.get(spike.unit_index as usize).and_then(|unit| unit.footprint.first()).map_or(0.0, |seen| seen.1)
    }

    /// Renders whole blocks: `[frames, channels]`.
    fn render(&self, block: u64, out: &mut [f32]) {
        let n_channels = self.spec.n_channels;
        let mut random = Random::new(self.spec.seed, block);
        for (frame, row) in (block * RENDER_FRAMES..).zip(out.chunks_exact_mut(n_channels)) {
            let common = common_signal_uv(frame, self.spec.sampling_frequency_hz);
            for value in row {
                *value = common + NOISE_UV * random.normal();
            }
        }
        let first = i64::try_from(block * RENDER_FRAMES).unwrap_or(i64::MAX);
        let end = first + i64::try_from(out.len() / n_channels.max(1)).unwrap_or(0);
        // A template reaches beyond its peak on both sides.
        let reach = units::reach_frames(self.spec.sampling_frequency_hz);
        let from = self.truth.partition_point(|spike| spike.sample_index < first - reach);
        for spike in self.truth[from..].iter().take_while(|spike| spike.sample_index < end + reach) {
            let unit = &self.units[spike.unit_index as usize];
            for (offset, shape) in (-unit.n_before..).zip(&unit.template) {
                let frame = spike.sample_index + offset;
                if (first..end).contains(&frame) {
                    let row = usize::try_from(frame - first).unwrap_or(0) * n_channels;
                    for (channel, amplitude_uv) in &unit.footprint {
                        out[row + channel] += amplitude_uv * shape;
                    }
                }
            }
        }
    }
}

/// Slow field potentials and mains hum, the same on all electrodes.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a sum of sines")]
fn common_signal_uv(frame: u64, sampling_frequency_hz: f64) -> f32 {
    let turns = frame as f64 / sampling_frequency_hz * std::f64::consts::TAU;
    (30.0 * libm::sin(3.1 * turns) + 12.0 * libm::sin(11.0 * turns) + 10.0 * libm::sin(50.0 * turns)) as f32
}

impl FrameSource for Simulation {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    #[expect(clippy::cast_possible_truncation, reason = "a clamp into i16 is meant")]
    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let n_channels = self.spec.n_channels;
        let mut bytes = Vec::with_capacity(size_bytes);
        let mut rendered = vec![0.0; RENDER_FRAMES as usize * n_channels];
        let end = start + n_frames as u64;
        for block in start / RENDER_FRAMES..end.div_ceil(RENDER_FRAMES) {
            self.render(block, &mut rendered);
            let first = block * RENDER_FRAMES;
            let within = |frame: u64| usize::try_from(frame - first).unwrap_or(0) * n_channels;
            let wanted = &rendered[within(start.max(first))..within(end.min(first + RENDER_FRAMES))];
            bytes.extend(wanted.iter().flat_map(|value| ((value / GAIN_TO_UV as f32).round() as i16).to_le_bytes()));
        }
        Ok(RawBlock { sample_type: SampleType::Int16, layout: Layout::Interleaved, n_frames, n_channels, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_stretch_is_the_same_stretch() {
        let spec = SimulationSpec { n_channels: 9, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 3 };
        let simulation = Simulation::new(spec);
        let whole = simulation.read(0, 0, 20_000).expect("whole").bytes;
        for (start, n) in [(0, 10), (1000, 100), (1023, 2), (5000, 7777), (19_990, 10)] {
            let part = simulation.read(0, start, n).expect("part").bytes;
            let at = usize::try_from(start).expect("small") * 18;
            assert_eq!(part, whole[at..at + n * 18]);
        }
        assert!(simulation.read(0, 19_999, 2).is_err());
        assert!(!simulation.truth().is_empty());
    }
}
