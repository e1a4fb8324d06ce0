//! The result of a run: from all its slices, or from spikes that a file holds.

use super::{Detections, Measured, RecordingSummary, SliceResult, Summary};
use super::{detected, spikes_key, stored_notes};
use crate::analyses::SpikeTrains;
use crate::engine::{Engine, Waveforms};
use crate::pipeline::Pipeline;
use crate::recording::{Fact, StoredSpikes};
use crate::spikes::Spike;

/// The result of a run.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The numbers that people look at.
    pub summary: Summary,
    /// Spikes above the pipeline's threshold, sorted.
    pub spikes: Vec<Spike>,
    /// Peaks above the floor, sorted: what the threshold can be moved over.
    pub peaks: Vec<Spike>,
    /// Mean waveforms of the spikes.
    pub waveforms: Waveforms,
    /// The spikes of all detections as trains, from which analyses start.
    pub detections: Detections,
}

/// The result of all slices together, in whatever order they were added.
#[must_use]
pub fn reduce(
    engine: &Engine,
    pipeline: &Pipeline,
    recording: RecordingSummary,
    noise_uv: &[f32],
    whole: SliceResult,
) -> RunResult {
    let SliceResult { peaks, waveforms, further } = whole;
    let (peaks, further) = (detected::sorted(peaks), detected::found(engine, further));
    let threshold = engine.settings().detection.detect_threshold;
    let spikes = engine.spikes(&peaks, &engine.thresholds(noise_uv));
    let dead = dead_channels(noise_uv);
    let trains = SpikeTrains::new(engine.info(), &spikes, None);
    let measured = Measured { trains: &trains, pipeline, noise_uv, threshold, dead: &dead, spikes: &spikes };
    let summary = Summary::new(recording, &measured);
    let detections = Detections { first: trains, key: spikes_key(&spikes), further };
    RunResult { summary, spikes, peaks, waveforms: engine.waveforms(&waveforms), detections }
}

/// Channels that held one value throughout: one without a signal has no noise either.
pub(super) fn dead_channels(noise_uv: &[f32]) -> Vec<usize> {
    let is_dead = |(_, noise_uv): &(usize, &f32)| **noise_uv == 0.0;
    noise_uv.iter().enumerate().filter(is_dead).map(|(channel, _)| channel).collect()
}

/// The result that stored spikes make: nothing is detected again, so the pipeline is empty.
#[must_use]
pub fn of_stored(stored: &StoredSpikes, name: &str, format: &str, facts: &[Fact], notes: &[String]) -> RunResult {
    let mut recording = RecordingSummary::new(name, format, &stored.info, facts, notes);
    let counted_over = stored.notes();
    let found_by = format!("The spikes are those stored in the file, found by {}.", stored.found_by);
    let others = notes.iter().filter(|note| !counted_over.contains(note)).cloned();
    recording.notes =
        counted_over.iter().cloned().chain([found_by]).chain(others).chain(stored_notes::of(stored)).collect();
    let spikes = stored.spikes.clone();
    let trains = SpikeTrains::new(&stored.info, &spikes, stored.observed_s.as_deref());
    let measured = Measured {
        trains: &trains,
        pipeline: &Pipeline::empty(),
        noise_uv: &stored.noise_uv,
        threshold: 0.0,
        dead: &[],
        spikes: &spikes,
    };
    let summary = Summary::new(recording, &measured);
    let waveforms = Waveforms { n_frames: 0, n_before: 0, mean_uv: Vec::new() };
    let detections = Detections { first: trains, key: spikes_key(&spikes), further: Vec::new() };
    RunResult { summary, peaks: spikes.clone(), spikes, waveforms, detections }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{FrameSource, StreamInfo, StreamKind};
    use crate::simulation::{Simulation, SimulationSpec};

    /// Units that fire each second of a minute, the first two at the same time, the others somewhere else and in the
    /// first half alone.
    fn units() -> StoredSpikes {
        let spec = SimulationSpec { n_channels: 5, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 1 };
        let info = StreamInfo { kind: StreamKind::Units, positions_um: None, ..Simulation::new(spec).info().clone() };
        let train = |channel_index: u32| {
            let (n, after) = if channel_index < 2 { (60, 0) } else { (30, i64::from(channel_index) * 4000) };
            (0..n).map(move |second| Spike {
                segment_index: 0,
                sample_index: second * 20_000 + after,
                channel_index,
                amplitude_uv: -20.0,
            })
        };
        StoredSpikes::new(info, (0..5).flat_map(train).collect(), "a test".into())
    }

    #[test]
    fn units_that_were_observed_for_a_part_are_left_out_of_pairs_and_networks() {
        let of = |stored: &StoredSpikes| of_stored(stored, "name", "format", &[], &[]).summary;
        let is_said = |summary: &Summary| {
            let said = "3 of 5 units were observed for a part of the time only; they are left out of synchrony and";
            summary.recording.notes.iter().any(|note| note.starts_with(said))
        };
        let whole = of(&units());
        assert!(!is_said(&whole) && whole.headline.n_network_bursts.is_some());
        assert!(whole.headline.synchrony_sttc.is_some_and(|sttc| sttc < 0.5), "{:?}", whole.headline.synchrony_sttc);
        let partly = of(&StoredSpikes { observed_s: Some(vec![60.0, 60.0, 30.0, 30.0, 30.0]), ..units() });
        assert!(is_said(&partly), "{:?}", partly.recording.notes);
        // The pair that is left fires together.
        assert_eq!(partly.headline.synchrony_sttc, Some(1.0));
        let reason = "not enough active electrodes that were observed all the time (2 of the 4 that are needed)";
        assert_eq!(partly.headline.n_network_bursts, None);
        assert_eq!(partly.headline.absent["n_network_bursts"], reason);
        // Rates are those of the time in which each was observed.
        assert_eq!((partly.headline.active_electrodes, partly.headline.mean_rate_hz), (5, Some(1.0)));
    }
}
