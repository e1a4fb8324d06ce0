//! A run: plan it in slices, analyse each, put the slices together.
//!
//! The same three steps run in Lambda, in the local cloud, on the command line and in the
//! browser's workers: a [`Job`] hands them out.
//!
//! ```
//! use wasm_core::engine::{Engine, Workspace};
//! use wasm_core::pipeline::Pipeline;
//! use wasm_core::recording::FrameSource;
//! use wasm_core::run::{self, RecordingSummary, SliceResult};
//! use wasm_core::simulation::{Simulation, SimulationSpec};
//!
//! let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 2.0, seed: 1 };
//! let culture = Simulation::new(spec);
//! let pipeline = Pipeline::for_stream(culture.info());
//! let engine = Engine::new(culture.info(), &pipeline)?;
//!
//! let noise_uv = run::measure_noise(&engine, &culture)?;
//! let mut whole = SliceResult::empty(&engine);
//! for slice in run::slices(culture.info(), 4) {
//!     let part = run::analyse(&engine, &culture, slice, &noise_uv, &mut Workspace::default(), |_| Ok(true))?;
//!     part.into_iter().for_each(|part| whole.add(part));
//! }
//! let about = RecordingSummary::new("culture", "simulated", culture.info(), &[], &[]);
//! let result = run::reduce(&engine, &pipeline, about, &noise_uv, whole);
//!
//! assert_eq!(result.summary.headline.n_spikes, result.spikes.len() as u64);
//! // Two seconds are too short for rates: the number is absent, and its reason is there.
//! assert!(result.summary.headline.bursts_per_min.is_none());
//! assert!(result.summary.headline.absent.contains_key("bursts_per_min"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod absent;
mod by_method;
mod calibration;
mod culture;
mod detected;
mod fingerprint;
mod intervals;
mod job;
mod merge;
mod of_well;
mod pictures;
mod portions;
mod receipt;
mod results;
mod sensitivity;
mod sizes;
mod stored_notes;
mod summary;
mod tables;

pub use crate::analyses::{Definition, definitions};
pub use crate::grid::Slice;
pub use by_method::{ByMethod, Method, MethodsOf, by_method, methods_table};
pub use calibration::{
    Calibration, CalibrationCounts, CalibrationError, CountedAt, FALSE_RATE_PER_MIN, calibration, same_search,
};
pub use culture::Culture;
pub use detected::Detected;
pub use fingerprint::fingerprint;
pub use intervals::Intervals;
pub use job::{ANALYSE, Cut, FIELD, Job, NOISE, Next, Progress, REDUCE, STAGES, Stage, Task, stages_of};
pub use merge::{BYTES_PER_SPIKE, Merge, MergeError, Merged, Outputs};
pub use of_well::ShownWell;
pub use pictures::pictures;
pub use receipt::{Receipt, StageTime};
pub use results::{BlockResult, Cache, RESULTS_VERSION, ResultSet, results, some_results, spikes_key};
pub use sensitivity::{
    AboveFloor, AtThreshold, Change, HeadlineNumber, Sensitivity, headline_numbers, sensitivity, thresholds_from,
};
pub use summary::{ChannelSummary, Headline, Measured, RecordingSummary, SUMMARY_VERSION, Summary};
pub use tables::{channels_csv, spikes_csv, wells_csv};

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use crate::analyses::SpikeTrains;
use crate::chunk::CHUNK_FRAMES;
use crate::engine::{
    BLOCK_FRAMES, BlockId, Engine, NoiseExcerpt, RawWindow, Scan, WaveformSums, Waveforms, Workspace, blocks_of,
    noise_sample,
};
use crate::events::Event;
use crate::field::FieldPotentials;
use crate::pipeline::{NoiseMethod, Pipeline};
use crate::recording::{Fact, FrameSource, ReadError, StoredSpikes, StreamInfo};
use crate::spikes::Spike;

/// Cuts a stream into slices of at most `blocks_per_slice`. The cut changes who does the
/// work, never the result.
#[must_use]
pub fn slices(info: &StreamInfo, blocks_per_slice: u64) -> Vec<Slice> {
    let mut slices = Vec::new();
    for (segment, found) in info.segments.iter().enumerate() {
        let n_blocks = found.n_frames.div_ceil(BLOCK_FRAMES);
        for first_block in (0..n_blocks).step_by(usize::try_from(blocks_per_slice).unwrap_or(usize::MAX).max(1)) {
            slices.push(Slice { segment, first_block, n_blocks: blocks_per_slice.max(1).min(n_blocks - first_block) });
        }
    }
    slices
}

/// Rows of chunks of one slice in the cloud, at least. A slice reads up to two rows more for its margins, so
/// longer slices waste less; shorter ones spread over more functions.
const MIN_ROWS_PER_SLICE: u64 = 4;

/// Samples of a slice in the cloud, at most: forty seconds of one core. Each slice costs calls, writes and a
/// look at it by whoever puts them together, however few channels it has,
const SLICE_SAMPLES: u64 = 1 << 31;

/// but this many rows it may have, and no more: the stored outline of a slice and a group of channels is then no
/// larger than a chunk, and does not keep a viewer waiting.
const MOST_ROWS_PER_SLICE: RangeInclusive<u64> = 8..=64;

/// Slices that a recording is cut into if its rows allow.
const WANTED_SLICES: u64 = 16;

/// Blocks of a slice in the cloud.
#[must_use]
pub fn cloud_blocks_per_slice(info: &StreamInfo) -> u64 {
    let rows = info.n_frames().div_ceil(CHUNK_FRAMES);
    let most = SLICE_SAMPLES / (CHUNK_FRAMES * info.n_channels.max(1) as u64);
    let most = most.clamp(*MOST_ROWS_PER_SLICE.start(), *MOST_ROWS_PER_SLICE.end());
    let rows_per_slice = (rows / WANTED_SLICES).clamp(MIN_ROWS_PER_SLICE, most);
    rows_per_slice * (CHUNK_FRAMES / BLOCK_FRAMES)
}

/// The slices of a run in the cloud.
#[must_use]
pub fn cloud_slices(info: &StreamInfo) -> Vec<Slice> {
    slices(info, cloud_blocks_per_slice(info))
}

/// As [`slices`], without the blocks that are done.
#[must_use]
pub fn slices_without(info: &StreamInfo, blocks_per_slice: u64, done: &[BlockId]) -> Vec<Slice> {
    if done.is_empty() {
        return slices(info, blocks_per_slice);
    }
    let mut left: Vec<Slice> = Vec::new();
    for id in slices(info, blocks_per_slice).into_iter().flat_map(Slice::blocks).filter(|id| !done.contains(id)) {
        match left.last_mut() {
            Some(slice)
                if slice.segment == id.segment
                    && slice.first_block + slice.n_blocks == id.index
                    && slice.n_blocks < blocks_per_slice =>
            {
                slice.n_blocks += 1;
            }
            _ => left.push(Slice { segment: id.segment, first_block: id.index, n_blocks: 1 }),
        }
    }
    left
}

/// Frames on which the first guess at the noise of surveyed frames is made, and the part of
/// it that is believed: among a thousand channels some are guessed too high, and what
/// was not searched deep enough for one of them must be searched again.
const GUESS_FRAMES: u64 = 1024;
const GUESS_CAUTION: f32 = 0.85;

/// Measures the noise of an excerpt and searches it in the same pass, so that a block of the
/// noise sample need not be read twice. `expected_uv` carries a guess at the noise from one
/// to the next and begins empty; it changes how much work is done, never a result.
///
/// # Errors
/// When the source cannot give the frames.
pub fn survey(
    engine: &Engine,
    source: &dyn FrameSource,
    excerpt: &NoiseExcerpt,
    expected_uv: &mut Vec<f32>,
    workspace: &mut Workspace,
) -> Result<(Vec<f32>, Scan), ReadError> {
    let NoiseExcerpt { segment, frames, .. } = excerpt;
    guess(engine, source, *segment, frames.clone(), expected_uv, workspace)?;
    let mut window = engine.window_of(source, *segment, frames.clone(), std::mem::take(&mut workspace.raw));
    let (noise_uv, scan) = engine.survey(&mut window, expected_uv, workspace)?;
    workspace.raw = window.into_memory();
    // A burst raises an excerpt's noise; those after it must still be searched deep enough.
    for (expected, noise) in expected_uv.iter_mut().zip(&noise_uv) {
        *expected = noise.min(*expected * 1.05);
    }
    Ok((noise_uv, scan))
}

/// Searches a block before its noise is known, without measuring it; as [`survey`].
///
/// # Errors
/// When the source cannot give the block.
pub fn search(
    engine: &Engine,
    source: &dyn FrameSource,
    id: BlockId,
    expected_uv: &mut Vec<f32>,
    workspace: &mut Workspace,
) -> Result<Scan, ReadError> {
    let mut window = engine.window(source, id, std::mem::take(&mut workspace.raw));
    guess(engine, source, id.segment, window.own.clone(), expected_uv, workspace)?;
    let scan = engine.scan_expecting(&mut window, expected_uv, workspace)?;
    workspace.raw = window.into_memory();
    Ok(scan)
}

/// The first guess at the noise, from the start of some frames.
fn guess(
    engine: &Engine,
    source: &dyn FrameSource,
    segment: usize,
    frames: Range<u64>,
    expected_uv: &mut Vec<f32>,
    workspace: &mut Workspace,
) -> Result<(), ReadError> {
    if expected_uv.is_empty() {
        let start = frames.start..frames.end.min(frames.start + GUESS_FRAMES);
        *expected_uv = engine.noise_in(source, segment, start, workspace)?;
        for noise in &mut *expected_uv {
            *noise *= GUESS_CAUTION;
        }
    }
    Ok(())
}

/// What is found in a block before the noise is known is kept until it is: stretches that are
/// longer are decoded twice instead.
const MAX_STRETCH_FRAMES: u64 = 16 * BLOCK_FRAMES;

/// Blocks to search in the pass that measures their noise, for [`Cut::early`]: none where the noise
/// sample does not consist of blocks, as that of a short recording, whose excerpts overlap.
#[must_use]
pub fn early_blocks(source: &dyn FrameSource, method: NoiseMethod) -> Vec<BlockId> {
    let info = source.info();
    let sample: Option<Vec<BlockId>> = noise_sample(info, method).iter().map(|excerpt| excerpt.block(info)).collect();
    sample.map_or_else(Vec::new, |sample| with_neighbours(source, &sample))
}

/// The blocks of a noise sample, and those that the source decodes with it anyway, in order: decoding
/// takes longer than searching, and should be done once. A recording with few others is taken
/// whole, so that no thread is left alone with them.
fn with_neighbours(source: &dyn FrameSource, sample: &[BlockId]) -> Vec<BlockId> {
    let all: Vec<BlockId> = blocks_of(source.info()).collect();
    if all.len() <= sample.len() + sample.len().div_ceil(4) {
        return all;
    }
    let together = source.stretch_frames().filter(|n_frames| (1..=MAX_STRETCH_FRAMES).contains(n_frames));
    let Some(stretch_frames) = together else { return sample.to_vec() };
    let stretch = |id: &BlockId| (id.segment, id.index * BLOCK_FRAMES / stretch_frames);
    let touched: BTreeSet<_> = sample.iter().map(stretch).collect();
    all.into_iter().filter(|id| touched.contains(&stretch(id))).collect()
}

/// Noise of every channel in microvolts, measured on excerpts spread over the recording.
///
/// # Errors
/// When the source cannot give one.
pub fn measure_noise(engine: &Engine, source: &dyn FrameSource) -> Result<Vec<f32>, ReadError> {
    let cut = Cut { blocks_per_slice: u64::MAX, ..Cut::default() };
    let mut job = Job::new(&[NOISE], engine.info(), engine.settings().noise, cut);
    let mut workspace = Workspace::default();
    while let Next::Task(Task::Measure { at, excerpt, .. }) = job.next(0) {
        job.measured(at, engine.noise_of_excerpt(source, &excerpt, &mut workspace)?);
    }
    Ok(job.noise_uv().map_or_else(Vec::new, |noise_uv| noise_uv.to_vec()))
}

/// What the analysis of a slice gives.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    /// Peaks above the floor, sorted.
    pub peaks: Vec<Spike>,
    /// Sums of the spikes' waveforms.
    pub waveforms: WaveformSums,
    /// Peaks of each detection behind the first beyond its threshold, sorted.
    pub further: Vec<Vec<Spike>>,
}

impl SliceResult {
    /// That of no slice.
    #[must_use]
    pub fn empty(engine: &Engine) -> Self {
        let further = vec![Vec::new(); engine.settings().further.len()];
        Self { peaks: Vec::new(), waveforms: engine.waveform_sums(), further }
    }

    /// Adds another slice, so that the sums of many take no more memory than those of one.
    /// Peaks are sorted when all are there.
    pub fn add(&mut self, other: Self) {
        self.peaks.extend(other.peaks);
        self.waveforms.merge(&other.waveforms);
        self.add_further(other.further);
    }

    /// Adds what counts of a block that was searched, now that the noise is known; `false`, and nothing is added,
    /// where it was not searched that deep.
    pub fn settle(&mut self, engine: &Engine, scan: &Scan, noise_uv: &[f32]) -> bool {
        let Some(peaks) = scan.settle(engine, noise_uv, &mut self.waveforms) else { return false };
        self.peaks.extend(peaks);
        self.add_further(scan.further(engine, noise_uv));
        true
    }

    fn add_further(&mut self, other: Vec<Vec<Spike>>) {
        self.further.resize_with(self.further.len().max(other.len()), Vec::new);
        for (own, other) in self.further.iter_mut().zip(other) {
            own.extend(other);
        }
    }
}

/// Analyses a slice. `observe` is shown each block before it is searched; returning `false`
/// stops the work, and the result is then `None`.
///
/// # Errors
/// When the source cannot give a block.
pub fn analyse(
    engine: &Engine,
    source: &dyn FrameSource,
    slice: Slice,
    noise_uv: &[f32],
    workspace: &mut Workspace,
    mut observe: impl FnMut(&mut RawWindow) -> Result<bool, ReadError>,
) -> Result<Option<SliceResult>, ReadError> {
    let mut result = SliceResult::empty(engine);
    for id in slice.blocks() {
        let mut window = engine.window(source, id, std::mem::take(&mut workspace.raw));
        if !observe(&mut window)? {
            return Ok(None);
        }
        let scan = engine.scan(&mut window, noise_uv, workspace)?;
        workspace.raw = window.into_memory();
        // With the noise itself a block is searched deep enough.
        result.settle(engine, &scan, noise_uv);
    }
    Ok(Some(result))
}

/// What a run gives.
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
    /// The spikes as trains, from which analyses start.
    pub trains: SpikeTrains,
    /// The spikes of each detection behind the first.
    pub further: Vec<Detected>,
}

impl RunResult {
    /// With the events of the recording, which some analyses take.
    #[must_use]
    pub fn with_events(self, events: &[Event]) -> Self {
        let further = self.further.into_iter().map(|of| of.with_events(events)).collect();
        Self { trains: self.trains.with_events(events), further, ..self }
    }

    /// With figures of this well of a plate; with none, of the most active one.
    #[must_use]
    pub fn showing(self, well: Option<&str>) -> Self {
        Self { trains: self.trains.showing(well), ..self }
    }

    /// With the field potentials of the recording, where they were kept.
    #[must_use]
    pub fn with_field(self, field: Option<Arc<FieldPotentials>>) -> Self {
        let further = self.further.into_iter().map(|of| of.with_field(field.clone())).collect();
        Self { trains: self.trains.with_field(field), further, ..self }
    }

    /// The analyses of a pipeline.
    #[must_use]
    pub fn results(&self, pipeline: &Pipeline) -> ResultSet {
        let first = (&self.trains, spikes_key(&self.spikes));
        some_results(first, &self.further, pipeline, &mut Cache::default(), usize::MAX).0
    }
}

/// The result that stored spikes make: nothing is detected anew, so the pipeline is empty.
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
    RunResult { summary, peaks: spikes.clone(), spikes, waveforms, trains, further: Vec::new() }
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
    RunResult { summary, spikes, peaks, waveforms: engine.waveforms(&waveforms), trains, further }
}

/// Channels that held one value throughout: one without a signal has no noise either.
fn dead_channels(noise_uv: &[f32]) -> Vec<usize> {
    let is_dead = |(_, noise_uv): &(usize, &f32)| **noise_uv == 0.0;
    noise_uv.iter().enumerate().filter(is_dead).map(|(channel, _)| channel).collect()
}
