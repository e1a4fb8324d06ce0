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
