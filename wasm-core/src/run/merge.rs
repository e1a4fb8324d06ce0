//! Puts slices together one after the other, in the memory of one: for recordings whose spikes fit no memory.
//!
//! Slices come in the order of time, each sorted, so what follows from one is written before the next is taken.
//! These stay in memory: the trains, from which all analyses start, [`BYTES_PER_SPIKE`] for each spike; a row group of
//! each file, which is written when it is full; sums for each channel; and the last slice.

mod frames;
#[cfg(test)]
mod tests;

use std::io::Write;

use super::reduce::dead_channels;
use super::sizes::Sizes;
use super::{Detected, Detections, Measured, RecordingSummary, SliceResult, Summary};
use crate::analyses::{CoincidenceFilter, SpikeTrains};
use crate::engine::{Engine, WaveformSums, Waveforms};
use crate::pipeline::{Detection, Pipeline};
use crate::recording::StreamKind;
use crate::spikes::{Spike, SpikeFileError, SpikeWriter, above};
use frames::Frames;

pub use frames::BYTES_PER_SPIKE;

/// Where the files of a run go.
#[derive(Debug)]
pub struct Outputs<W> {
    /// Peaks above the floor.
    pub peaks: W,
    /// Spikes.
    pub spikes: W,
    /// Spikes of each detection behind the first.
    pub further: Vec<W>,
}

/// Why slices could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The tables could not be written.
    #[error(transparent)]
    Table(#[from] SpikeFileError),
    /// A slice holds peaks of frames before those of an earlier one.
    #[error("its spikes are not in the order of time, behind those of the slices before it")]
    Order,
    /// A slice of another recording or pipeline.
    #[error("it holds spikes of channels, segments or detections that are not there")]
    Foreign,
}

/// Slices on their way to a result.
pub struct Merge<W: Write + Send> {
    shape: (usize, usize),
    thresholds_uv: Vec<f32>,
    peaks: SpikeWriter<W>,
    /// The spikes of each detection, the first one first.
    detected: Vec<Counted<W>>,
    waveforms: WaveformSums,
    /// The last peak of each list.
    last: Vec<Option<Spike>>,
}

/// The spikes of a detection, as far as they have come.
struct Counted<W: Write + Send> {
    filter: Option<CoincidenceFilter>,
    file: SpikeWriter<W>,
    frames: Frames,
    sizes: Sizes,
}

/// What all slices give together. The spikes themselves are in the files.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The numbers that people look at.
    pub summary: Summary,
    /// Mean waveforms of the spikes.
    pub waveforms: Waveforms,
    /// The spikes of all detections as trains, from which analyses start; their lists of spikes are empty.
    pub detections: Detections,
}

impl<W: Write + Send> Merge<W> {
    /// No slice yet. There must be as many further outputs as detections behind the first.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn new(engine: &Engine, noise_uv: &[f32], to: Outputs<W>) -> Result<Self, MergeError> {
        let settings = engine.settings();
        if to.further.len() != settings.further.len() {
            return Err(MergeError::Foreign);
        }
        let counted = |detection: &Detection, to: W| Counted::new(engine, detection, to);
        let mut detected = vec![counted(&settings.detection, to.spikes)?];
        for (detection, to) in settings.further.iter().zip(to.further) {
            detected.push(counted(detection, to)?);
        }
        let info = engine.info();
        Ok(Self {
            shape: (info.segments.len(), info.n_channels),
            thresholds_uv: engine.thresholds(noise_uv),
            peaks: SpikeWriter::new(StreamKind::Electrodes, to.peaks)?,
            last: vec![None; detected.len()],
            detected,
            waveforms: engine.waveform_sums(),
        })
    }

    /// Takes the slice that follows.
    ///
    /// # Errors
    /// When it does not follow, or cannot be written.
    pub fn push(&mut self, slice: &SliceResult) -> Result<(), MergeError> {
        if slice.further.len() + 1 != self.detected.len()
            || slice.waveforms.counts.len() != self.waveforms.counts.len()
            || slice.waveforms.sums.len() != self.waveforms.sums.len()
        {
            return Err(MergeError::Foreign);
        }
        let lists = || std::iter::once(&slice.peaks).chain(&slice.further);
        for (list, last) in lists().zip(&mut self.last) {
            check(list, last, self.shape)?;
        }
        self.peaks.push(&slice.peaks)?;
        let mut detected = self.detected.iter_mut();
        if let Some(first) = detected.next() {
            first.push(above(&slice.peaks, &self.thresholds_uv))?;
        }
        for (of, spikes) in detected.zip(&slice.further) {
            of.push(spikes.clone())?;
        }
        self.waveforms.merge(&slice.waveforms);
        Ok(())
    }

    /// Bytes of memory that are held, but for the sums of each channel.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.peaks.held_bytes() + self.detected.iter().map(Counted::held_bytes).sum::<usize>()
    }

    /// The result, once all slices are there; the files are then whole.
    ///
    /// # Errors
    /// When the ends of the files cannot be written.
    pub fn finish(
        self,
        engine: &Engine,
        pipeline: &Pipeline,
        recording: RecordingSummary,
        noise_uv: &[f32],
    ) -> Result<Merged, MergeError> {
        let settings = engine.settings();
        self.peaks.finish()?;
        let ids = std::iter::once(&settings.detection).chain(&settings.further).map(|detection| detection.id.clone());
        let mut all = Vec::with_capacity(self.detected.len());
        for (id, of) in ids.zip(self.detected) {
            let (frames, sizes) = of.finish()?;
            let key = frames.key(sizes.n_spikes());
            let trains = SpikeTrains::of_frames(engine.info(), frames.into_trains(), None);
            all.push((Detected { id, spikes: Vec::new(), trains, key }, sizes));
        }
        let mut all = all.into_iter();
        let Some((Detected { trains, key, .. }, sizes)) = all.next() else { return Err(MergeError::Foreign) };
        let dead = dead_channels(noise_uv);
        let threshold = settings.detection.detect_threshold;
        let measured = Measured { trains: &trains, pipeline, noise_uv, threshold, dead: &dead, spikes: &[] };
        let summary = Summary::with_sizes(recording, &measured, &sizes);
        let waveforms = engine.waveforms(&self.waveforms);
        let further = all.map(|(of, _)| of).collect();
        Ok(Merged { summary, waveforms, detections: Detections { first: trains, key, further } })
    }
}

impl<W: Write + Send> Counted<W> {
    fn new(engine: &Engine, detection: &Detection, to: W) -> Result<Self, MergeError> {
        let info = engine.info();
        Ok(Self {
            filter: engine.coincidence_filter(detection),
            file: SpikeWriter::new(StreamKind::Electrodes, to)?,
            frames: Frames::new(info.segments.len(), info.n_channels),
            sizes: Sizes::new(info.n_channels),
        })
    }

    fn push(&mut self, spikes: Vec<Spike>) -> Result<(), MergeError> {
        let staying = match &mut self.filter {
            Some(filter) => filter.push(&spikes),
            None => spikes,
        };
        self.keep(&staying)
    }

    fn keep(&mut self, spikes: &[Spike]) -> Result<(), MergeError> {
        for spike in spikes {
            self.frames.push(spike);
            self.sizes.add(spike);
        }
        self.file.push(spikes)?;
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        self.file.held_bytes() + self.frames.held_bytes()
    }

    fn finish(mut self) -> Result<(Frames, Sizes), MergeError> {
        if let Some(mut filter) = self.filter.take() {
            self.keep(&filter.finish())?;
        }
        self.file.finish()?;
        Ok((self.frames, self.sizes))
    }
}

/// Whether a list of peaks follows what came before it.
fn check(list: &[Spike], last: &mut Option<Spike>, shape: (usize, usize)) -> Result<(), MergeError> {
    let (n_segments, n_channels) = shape;
    let is_known =
        |spike: &Spike| (spike.segment_index as usize) < n_segments && (spike.channel_index as usize) < n_channels;
    if !list.iter().all(is_known) {
        return Err(MergeError::Foreign);
    }
    let follows = last.zip(list.first()).is_none_or(|(last, first)| last.key() < first.key());
    if !follows || !list.is_sorted_by_key(Spike::key) {
        return Err(MergeError::Order);
    }
    *last = list.last().copied().or(*last);
    Ok(())
}
