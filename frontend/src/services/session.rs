//! An opened recording: its workers and what they said of it.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join;
use wasm_bindgen::JsValue;
use wasm_core::analyses::{BadChannelMethod, ChannelLabel};
use wasm_core::events::Event;
use wasm_core::formats::PlainBinary;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{StoredSpikes, StreamInfo};
use wasm_core::run::Slice;

use super::drop::DroppedFile;
use super::fingerprint;
use super::noise_memory::{ExcerptNoise, NoiseMemory, Way};
use super::pool::{Pool, WorkFailure};
use crate::bridge::{Reply, Request, UPLOADED};

/// A recording on the workbench.
pub struct Session {
    /// Its workers.
    pub pool: Pool,
    /// Name of the file or folder.
    pub name: String,
    /// Format it was read from.
    pub format: String,
    /// Its streams, the one a person would mean first.
    pub streams: Vec<StreamInfo>,
    /// Spikes that the files hold, without the spikes, and their number.
    pub stored: Option<(Box<StoredSpikes>, usize)>,
    /// Pulses, messages and annotations, by segment and time.
    pub events: Rc<Vec<Event>>,
    /// What a person should know about how it was read.
    pub notes: Vec<String>,
    /// Recognises the same files when they are dropped again.
    pub fingerprint: String,
    noise: RefCell<NoiseMemory>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.pool == other.pool
    }
}

impl Session {
    /// Opens files in all workers; `closed` are paths that the browser may not read.
    pub async fn open(
        files: &[DroppedFile],
        closed: &[String],
        described: Option<PlainBinary>,
    ) -> Result<Rc<Self>, WorkFailure> {
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        let attached: Vec<JsValue> = files.iter().map(|file| file.file.clone().into()).collect();
        let description = described.as_ref().map(|described| serde_json::to_string(described).unwrap_or_default());
        let request = Request::Open { paths: paths.clone(), described };
        let (opened, print) =
            join(Self::start(name_of(&paths), String::new(), request, &attached), fingerprint::of(files)).await;
        let mut session = opened?;
        if let Some(session) = Rc::get_mut(&mut session) {
            // The same bytes, described otherwise, are another recording.
            session.fingerprint = print + &description.unwrap_or_default();
            session
                .notes
                .extend(closed.iter().map(|path| format!("{path}: the browser may not read it; it is left out.")));
        }
        Ok(session)
    }

    /// Opens a simulated recording in all workers.
    pub async fn simulate(n_channels: usize, duration_s: f64) -> Result<Rc<Self>, WorkFailure> {
        let fingerprint = format!("simulated:{n_channels}:{duration_s}");
        Self::start("Simulated culture".into(), fingerprint, Request::Simulate { n_channels, duration_s }, &[]).await
    }

    /// Opens an uploaded recording for its traces, with the events that came with it.
    pub async fn remote(
        stream: StreamInfo,
        events: Vec<Event>,
        reads_url: String,
        slices: Vec<Slice>,
        owner_key: Option<String>,
    ) -> Result<Rc<Self>, WorkFailure> {
        let request = Request::OpenRemote { stream, reads_url, slices, owner_key };
        let mut session = Self::start(String::new(), String::new(), request, &[]).await?;
        if let Some(session) = Rc::get_mut(&mut session) {
            session.events = Rc::new(events);
        }
        Ok(session)
    }

    /// Whether its chunks come from the cloud: a row of them is fetched and decoded by one worker,
    /// not by each.
    pub fn is_uploaded(&self) -> bool {
        self.format == UPLOADED
    }

    async fn start(
        name: String,
        fingerprint: String,
        request: Request,
        attached: &[JsValue],
    ) -> Result<Rc<Self>, WorkFailure> {
        let pool = Pool::take();
        match pool.call_all(&request, attached).await? {
            (Reply::Opened { format, streams, stored, events, notes, from_file }, _) => {
                let (events, noise) = (Rc::new(events), RefCell::default());
                let name = from_file.unwrap_or(name);
                Ok(Rc::new(Self { pool, name, format, streams, stored, events, notes, fingerprint, noise }))
            }
            _ => Err(WorkFailure::unexpected()),
        }
    }

    /// Labels of all channels.
    pub async fn bad_channels(
        &self,
        stream: usize,
        method: BadChannelMethod,
    ) -> Result<Vec<ChannelLabel>, WorkFailure> {
        // The last worker: the first stays free for the traces.
        let worker = self.pool.len().saturating_sub(1);
        match self.pool.call(worker, Request::BadChannels { stream, method }, Vec::new()).await? {
            (Reply::BadChannels { labels }, _) => Ok(labels),
            _ => Err(WorkFailure::unexpected()),
        }
    }

    /// Noise of an excerpt of the sample, which is measured only once.
    pub async fn noise(
        &self,
        worker: usize,
        stream: usize,
        pipeline: &Pipeline,
        index: usize,
    ) -> Result<Rc<ExcerptNoise>, WorkFailure> {
        loop {
            let way = self.noise.borrow_mut().ask(stream, pipeline, index);
            match way {
                Way::Known(noise) => return Ok(noise),
                // After a failure, or when all was forgotten, one of those who wait measures.
                Way::Wait(noise) => {
                    if let Ok(noise) = noise.await {
                        return Ok(noise);
                    }
                }
                Way::Measure => break,
            }
        }
        let measured = self.measure_noise(worker, stream, pipeline, index).await.map(Rc::new);
        self.noise.borrow_mut().measured(stream, pipeline, index, measured.as_ref().ok());
        measured
    }

    /// Measures the noise of an excerpt, whether or not it is known.
    pub async fn measure_noise(
        &self,
        worker: usize,
        stream: usize,
        pipeline: &Pipeline,
        index: usize,
    ) -> Result<ExcerptNoise, WorkFailure> {
        match self.pool.call(worker, Request::Noise { stream, pipeline: pipeline.clone(), index }, Vec::new()).await? {
            (Reply::Noise { noise_uv: levels_uv, rate_hz, took_ms }, _) => {
                Ok(ExcerptNoise { levels_uv, rate_hz, took_ms })
            }
            _ => Err(WorkFailure::unexpected()),
        }
    }
}

/// The folder that all files share, or the first file that is not one beside another.
fn name_of(paths: &[String]) -> String {
    let top = |path: &String| path.split_once('/').map(|(top, _)| top.to_owned());
    let folder =
        paths.first().and_then(top).filter(|folder| paths.iter().all(|path| top(path).as_ref() == Some(folder)));
    folder
        .or_else(|| paths.iter().find(|path| !path.ends_with(".meta") && !path.ends_with(".json")).cloned())
        .unwrap_or_default()
}
