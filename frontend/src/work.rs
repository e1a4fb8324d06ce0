//! The workers' side. This one opens recordings, shows them and finds their spikes, with synchronous reads;
//! [`analyst`] holds a result. Each is a program of its own, so that what a first look needs is there first.

pub mod analyst;
mod columns;
mod files;
mod listening;
mod raster;
mod remote;
mod result;
mod slices;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_core::analyses::welch;
use wasm_core::engine::{Engine, WaveformSums, Workspace, noise_sample};
use wasm_core::field::{FieldPlan, decimated};
use wasm_core::formats::{self, OpenError, PlainBinary};
use wasm_core::io::FileSet;
use wasm_core::pipeline::Pipeline;
use wasm_core::quality::bad_channels;
use wasm_core::recording::{FrameSource, Recording, StoredSpikes, StreamInfo};
use wasm_core::run::{self, Slice, SliceResult};
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::view::{ViewRequest, Viewer};
use wasm_core::zarr::{
    ChunkId, Level, ZarrSource, chunk_frames, encode_chunk_at, read_chunk, sample_bytes, try_packing,
};

use crate::bridge::signal::{Reply, Request, UPLOADED};
use crate::bridge::stored::StoredOf;
use crate::bridge::{Failure, Remedy, buffer, floats_buffer};
use listening::problem;

/// Rate of the simulated recording that the start page offers.
const SIMULATED_RATE_HZ: f64 = 20_000.0;
/// Seed of the simulated recording: everybody sees the same one.
const SIMULATED_SEED: u64 = 1;

/// Signal that a spectrum is made of, at most: seconds, and samples of all channels.
const SPECTRUM_S: f64 = 10.0;
const SPECTRUM_SAMPLES: f64 = 2e7;

/// Times that the view of an uploaded recording is begun again before its objects are read one by one: three rows
/// of 4,096 channels are brought in nine.
const TRIALS: usize = 12;

/// An answer: the small part and what is attached.
type Answer = listening::Answer<Reply>;

/// What a worker holds between requests.
#[derive(Default)]
struct Worker {
    recording: Option<Recording>,
    /// Where an uploaded recording is read from.
    remote: Option<remote::Remote>,
    /// The viewer of the last stream and pipeline.
    viewer: Option<(usize, Pipeline, Viewer)>,
    /// Waveforms of the run under way, and its number.
    sums: Option<(u32, WaveformSums)>,
    /// Memory of the engine, used again from request to request.
    workspace: Workspace,
    /// Noise that the last surveyed block of a stream and pipeline makes expect of the next.
    expected_uv: Option<(usize, Pipeline, Vec<f32>)>,
}

/// Listens for requests until the page closes the worker.
pub fn listen() {
    let worker = Rc::new(RefCell::new(Worker::default()));
    listening::listen(move |request: Request, attached: Vec<JsValue>| {
        let worker = Rc::clone(&worker);
        async move { answered(&worker, request, &attached).await }
    });
}

/// Answers a request. The view of an uploaded recording is tried until all of its objects are there: they come
/// many at a time, which synchronous reads cannot.
async fn answered(worker: &RefCell<Worker>, request: Request, attached: &[JsValue]) -> Answer {
    let remote = worker.borrow().remote.clone().filter(|_| matches!(request, Request::View { .. }));
    if let Some(remote) = remote {
        for _ in 0..TRIALS {
            let (answer, lacking) = remote.tried(|| worker.borrow_mut().answer(request.clone(), attached));
            if lacking.is_empty() {
                return answer;
            }
            remote.bring(lacking).await.map_err(|reason| problem(&reason))?;
        }
    }
    worker.borrow_mut().answer(request, attached)
}

impl Worker {
    fn answer(&mut self, request: Request, attached: &[JsValue]) -> Answer {
        match request {
            Request::Open { paths, described } => {
                let files = files::file_set(&paths, attached);
                let recording = open(&files, described.as_ref())?;
                let from_file = formats::opened_from(&files, &recording);
                Ok(self.opened(recording, from_file))
            }
            Request::Simulate { n_channels, duration_s } => Ok(self.opened(simulated(n_channels, duration_s), None)),
            Request::OpenRemote { stream, reads_url, slices, events, owner_key } => {
                let store = remote::Remote::new(reads_url, owner_key);
                self.remote = Some(store.clone());
                let streams: Vec<Box<dyn FrameSource>> =
                    vec![Box::new(ZarrSource::new(*stream, store).with_outline(slices))];
                Ok(self.opened(Recording { events, ..Recording::of_streams(UPLOADED, streams) }, None))
            }
            Request::View { stream, pipeline, view, part } => self.view(stream, pipeline, &view, part),
            Request::Noise { stream, pipeline, index } => self.noise(stream, pipeline, index),
            Request::Analyse { run, stream, pipeline, noise_uv, slice } => {
                self.analyse(run, stream, &pipeline, &noise_uv, slice)
            }
            Request::Field { stream, pipeline, slice } => self.field(stream, &pipeline, slice),
            Request::Sums { run } => Ok(self.sums_of(run)),
            Request::BadChannels { stream, method } => {
                let labels = bad_channels(self.source(stream)?, method)?;
                Ok((Reply::BadChannels { labels }, Vec::new()))
            }
            Request::Spectrum { stream, pipeline, segment, around, channel } => {
                self.spectrum(stream, &pipeline, (segment, around), channel)
            }
            Request::TryPacking { stream } => {
                let (raw_bytes, packed_bytes) = try_packing(self.source(stream)?)?;
                Ok((Reply::Packed { raw_bytes, packed_bytes }, Vec::new()))
            }
            Request::Encode { stream, segment, row, groups, level } => {
                self.encode(stream, (segment, row), &groups, level)
            }
            Request::StoredSpikes => self.stored_spikes(),
        }
    }

    /// The sums of the waveforms that this worker found in a run.
    fn sums_of(&mut self, run: u32) -> (Reply, Vec<JsValue>) {
        let sums = self.sums.take().filter(|(known, _)| *known == run).map(|(_, sums)| sums);
        let sums = SliceResult { peaks: Vec::new(), waveforms: sums.unwrap_or_default(), further: Vec::new() };
        (Reply::Sums, vec![buffer(&slices::to_bytes(&sums))])
    }

    fn opened(&mut self, recording: Recording, from_file: Option<String>) -> (Reply, Vec<JsValue>) {
        let streams: Vec<StreamInfo> = recording.streams.iter().map(|stream| stream.info().clone()).collect();
        // The spikes themselves stay here: there may be a hundred million.
        let stored = recording.spikes.as_ref().map(|stored| (Box::new(without_spikes(stored)), stored.spikes.len()));
        let reply = Reply::Opened {
            format: recording.format.to_owned(),
            streams,
            stored,
            events: recording.events.clone(),
            facts: recording.facts.clone(),
            notes: recording.notes.clone(),
            from_file,
        };
        self.recording = Some(recording);
        self.viewer = None;
        (reply, Vec::new())
    }

    /// The spikes that the files hold.
    fn stored_spikes(&self) -> Answer {
        let recording = self.recording.as_ref().ok_or_else(|| problem("no recording is open"))?;
        let stored = recording.spikes.as_ref().ok_or_else(|| problem("the files hold no spikes"))?;
        let of = StoredOf {
            stored: without_spikes(stored),
            n_spikes: columns::n_of_segments(&stored.info, &stored.spikes),
            format: recording.format.to_owned(),
            facts: recording.facts.clone(),
            notes: recording.notes.clone(),
            events: recording.events.clone(),
        };
        Ok((Reply::StoredSpikes { of: Box::new(of) }, columns::of_spikes(&stored.spikes)))
    }

    fn source(&self, stream: usize) -> Result<&dyn FrameSource, Failure> {
        source(self.recording.as_ref(), stream)
    }

    fn view(&mut self, stream: usize, pipeline: Pipeline, request: &ViewRequest, part: Range<u64>) -> Answer {
        let engine = |worker: &Self| Ok::<_, Failure>(Engine::new(worker.source(stream)?.info(), &pipeline)?);
        let mut viewer = match self.viewer.take() {
            Some((kept, with, viewer)) if kept == stream && with == pipeline => viewer,
            Some((kept, _, viewer)) if kept == stream => viewer.retuned(engine(self)?),
            _ => Viewer::new(engine(self)?),
        };
        let view = viewer.view(source(self.recording.as_ref(), stream)?, request, part, &mut self.workspace);
        self.viewer = Some((stream, pipeline, viewer));
        let view = view?;
        let spikes =
            view.spikes.iter().map(|spike| (spike.channel_index, spike.sample_index, spike.amplitude_uv)).collect();
        let reply = Reply::View { n_columns: view.n_columns, columns: view.columns, spikes, detail: view.detail };
        Ok((reply, vec![floats_buffer(&view.min_uv), floats_buffer(&view.max_uv)]))
    }

    fn analyse(&mut self, run: u32, stream: usize, pipeline: &Pipeline, noise_uv: &[f32], slice: Slice) -> Answer {
        // A run needs the memory more than the next view does.
        if let Some((.., viewer)) = &mut self.viewer {
            viewer.forget();
        }
        let source = source(self.recording.as_ref(), stream)?;
        let engine = Engine::new(source.info(), pipeline)?;
        let result = run::analyse(&engine, source, slice, noise_uv, &mut self.workspace, |_| Ok(true))?;
        let SliceResult { peaks, waveforms, further } = result.ok_or_else(|| problem("the analysis was stopped"))?;
        match &mut self.sums {
            Some((known, sums)) if *known == run => sums.merge(&waveforms),
            sums => *sums = Some((run, waveforms)),
        }
        let waveforms = WaveformSums::default();
        let n_spikes = engine.spikes(&peaks, &engine.thresholds(noise_uv)).len();
        let part = SliceResult { peaks, waveforms, further };
        Ok((Reply::Analysed { n_spikes }, vec![buffer(&slices::to_bytes(&part))]))
    }

    fn field(&self, stream: usize, pipeline: &Pipeline, slice: Slice) -> Answer {
        let source = self.source(stream)?;
        let plan = FieldPlan::new(source.info(), pipeline);
        let plan = plan.ok_or_else(|| problem("the pipeline keeps no field potentials"))?;
        Ok((Reply::Field, vec![floats_buffer(&decimated(source, &plan, slice)?)]))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of peaks")]
    fn noise(&mut self, stream: usize, pipeline: Pipeline, index: usize) -> Answer {
        let start = js_sys::Date::now();
        let source = source(self.recording.as_ref(), stream)?;
        let engine = Engine::new(source.info(), &pipeline)?;
        let sample = noise_sample(source.info(), engine.settings().noise);
        let excerpt = sample.get(index).ok_or_else(|| problem("the recording has no such excerpt"))?;
        let kept = self.expected_uv.take().filter(|(kept, with, _)| *kept == stream && *with == pipeline);
        let mut expected_uv = kept.map_or_else(Vec::new, |(_, _, expected)| expected);
        let (noise_uv, scan) = run::survey(&engine, source, excerpt, &mut expected_uv, &mut self.workspace)?;
        self.expected_uv = Some((stream, pipeline, expected_uv));
        let peaks = if let Some(peaks) = scan.settle(&engine, &noise_uv, &mut engine.waveform_sums()) {
            peaks
        } else {
            // The excerpt is far quieter than the one before: it is searched again, deeper.
            let (segment, frames) = (excerpt.segment, excerpt.frames.clone());
            engine.peaks(&engine.range(source, segment, frames, &mut self.workspace)?, &engine.floors(&noise_uv))
        };
        let n_spikes = engine.spikes(&peaks, &engine.thresholds(&noise_uv)).len();
        let seconds = (excerpt.frames.end - excerpt.frames.start) as f64 / source.info().sampling_frequency_hz;
        let rate_hz = n_spikes as f64 / seconds.max(1e-9);
        Ok((Reply::Noise { noise_uv, rate_hz, took_ms: js_sys::Date::now() - start }, Vec::new()))
    }

    /// Spectra of a channel's signal around a time.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of frames; spectra are drawn in f32"
    )]
    fn spectrum(&self, stream: usize, pipeline: &Pipeline, (segment, around): (usize, u64), channel: usize) -> Answer {
        let source = self.source(stream)?;
        let info = source.info();
        let rate_hz = info.sampling_frequency_hz;
        let n_frames = info.segments.get(segment).map_or(0, |segment| segment.n_frames);
        let wanted = (SPECTRUM_S * rate_hz).min(SPECTRUM_SAMPLES / info.n_channels as f64) as u64;
        let span = wanted.clamp(1, n_frames.max(1));
        let start = around.saturating_sub(span / 2).min(n_frames.saturating_sub(span));
        // Pieces of a second resolve mains hum from its neighbours.
        let piece = (rate_hz.round() as usize).min(usize::try_from(span)?);
        let raw = source.read(segment, start, usize::try_from(span)?)?.channel(channel);
        let (gain, offset) = (info.gain_to_uv[channel] as f32, info.offset_to_uv[channel] as f32);
        let raw: Vec<f32> = raw.into_iter().map(|value| value * gain + offset).collect();
        let engine = Engine::new(info, pipeline)?;
        let block = engine.range(source, segment, start..start + span, &mut Workspace::default())?;
        let filtered: Vec<f32> = block.channel(channel, block.span.own.clone()).collect();
        let [raw, filtered] = [raw, filtered].map(|signal| welch(&signal, rate_hz, piece));
        let narrow = |values: &[f64]| floats_buffer(&values.iter().map(|value| *value as f32).collect::<Vec<_>>());
        let attached = vec![narrow(&raw.frequencies_hz), narrow(&raw.density), narrow(&filtered.density)];
        Ok((Reply::Spectrum { duration_s: span as f64 / rate_hz }, attached))
    }

    fn encode(&self, stream: usize, (segment, row): (usize, u64), groups: &[usize], level: Level) -> Answer {
        let start = js_sys::Date::now();
        let source = self.source(stream)?;
        let info = source.info();
        let n_frames = usize::try_from(chunk_frames(info, segment))?;
        let mut chunks = Vec::new();
        let mut attached = Vec::new();
        let mut raw_bytes = 0;
        let read = read_chunk(source, segment, row)?;
        for (group, raw) in read.iter().enumerate().filter(|(group, _)| groups.contains(group)) {
            let (id, encoded) =
                (ChunkId { segment, row, group }, encode_chunk_at(level, info.sample_type, raw, n_frames)?);
            raw_bytes += sample_bytes(info, id);
            chunks.push((id, wasm_core::crc32c(&encoded)));
            attached.push(buffer(&encoded));
        }
        Ok((Reply::Encoded { chunks, raw_bytes, took_ms: js_sys::Date::now() - start }, attached))
    }
}

fn source(recording: Option<&Recording>, stream: usize) -> Result<&dyn FrameSource, Failure> {
    let found = recording.and_then(|recording| recording.streams.get(stream));
    found.map(AsRef::as_ref).ok_or_else(|| problem("no recording is open"))
}

/// The simulated recording that the page offers.
fn simulated(n_channels: usize, duration_s: f64) -> Recording {
    let spec =
        SimulationSpec { n_channels, sampling_frequency_hz: SIMULATED_RATE_HZ, duration_s, seed: SIMULATED_SEED };
    let streams: Vec<Box<dyn FrameSource>> = vec![Box::new(Simulation::new(spec))];
    Recording::of_streams("simulated", streams)
}

/// What files tell of their spikes.
fn without_spikes(stored: &StoredSpikes) -> StoredSpikes {
    StoredSpikes {
        info: stored.info.clone(),
        spikes: Vec::new(),
        noise_uv: stored.noise_uv.clone(),
        found_by: stored.found_by.clone(),
        length: stored.length,
        observed_s: stored.observed_s.clone(),
        n_beyond: stored.n_beyond,
    }
}

fn open(files: &FileSet, described: Option<&PlainBinary>) -> Result<Recording, Failure> {
    if let (Some(described), Some(data)) = (described, files.iter().next()) {
        return described.open(data, "the form").map_err(|error| {
            // What was wrong is set right in the form.
            Failure { reason: error.to_string(), remedy: Remedy { describe: true, add: false } }
        });
    }
    formats::open(files).map_err(|error| {
        let add = matches!(error, OpenError::MissingPartner { .. });
        let describe = files.len() == 1 && (add || matches!(error, OpenError::Unknown { .. }));
        Failure { reason: error.to_string(), remedy: Remedy { describe, add } }
    })
}
