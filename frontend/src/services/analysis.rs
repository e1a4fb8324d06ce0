//! “Analyse here”: the run of the cloud, in this page's workers.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::join_all;
use wasm_bindgen::JsValue;
use wasm_core::engine::BLOCK_FRAMES;
use wasm_core::pipeline::{Pipeline, PipelineError, Settings};
use wasm_core::recording::StreamInfo;
use wasm_core::run::{
    self, ANALYSE, Cut, FIELD, Job, NOISE, Next, REDUCE, Receipt, RecordingSummary, Slice, Task, stages_of,
};

use super::pool::WorkFailure;
use super::session::Session;
use crate::bridge::result;
use crate::bridge::signal::{Reply, Request};

/// Blocks that a worker is given at a time: between two pieces of work it comes to rest, which is
/// when the browser frees what was read before.
const BLOCKS_PER_SLICE: u64 = 1;

/// What the screen shows while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Pieces done.
    pub done: usize,
    /// Pieces there are.
    pub total: usize,
    /// Spikes found so far.
    pub n_spikes: usize,
}

/// A stretch of the recording that was searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Searched {
    /// Segment of the stream.
    pub segment: usize,
    /// Start in seconds from the segment's start.
    pub from_s: f64,
    /// End.
    pub to_s: f64,
    /// Spikes per second of all channels.
    pub rate_hz: f64,
}

impl Searched {
    /// A slice in which so many spikes were found.
    #[expect(clippy::cast_precision_loss, reason = "frames and counts stay far below 2^53")]
    fn slice(info: &StreamInfo, slice: Slice, n_spikes: usize) -> Self {
        let n_frames = info.segments.get(slice.segment).map_or(0, |segment| segment.n_frames);
        let seconds = |block: u64| (block * BLOCK_FRAMES).min(n_frames) as f64 / info.sampling_frequency_hz;
        let (from_s, to_s) = (seconds(slice.first_block), seconds(slice.first_block + slice.n_blocks));
        let rate_hz = n_spikes as f64 / (to_s - from_s).max(1e-9);
        Self { segment: slice.segment, from_s, to_s, rate_hz }
    }
}

/// Milliseconds on the page's clock.
pub fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Analyses a stream; the answer is a [`result::Reply::Result`], or `None` when it was stopped. With each step
/// comes what was searched in it, if it was the search.
pub async fn run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    stop: Rc<Cell<bool>>,
    on_progress: impl Fn(Progress, Option<Searched>),
) -> Result<Option<((result::Reply, Vec<JsValue>), Receipt)>, WorkFailure> {
    let start = now_ms();
    session.pool.warm_analyst();
    let info = &session.streams[stream];
    let invalid = |error: PipelineError| WorkFailure::new(error.to_string());
    let settings = Settings::new(pipeline, info.sampling_frequency_hz).map_err(invalid)?;
    let n_workers = session.pool.len();
    // Each worker decodes for itself.
    let cut = Cut { blocks_per_slice: BLOCKS_PER_SLICE, n_stretches: n_workers, early: Vec::new() };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since the page was opened"
    )]
    let run = start as u32;
    let carried = Carried {
        session,
        stream,
        pipeline,
        run,
        stop: &stop,
        job: RefCell::new(Job::new(stages_of(pipeline), info, settings.noise, cut)),
        n_spikes: Cell::new(0),
        parts: RefCell::default(),
        field: RefCell::default(),
        on_progress,
    };
    while !carried.job.borrow().has_ended() {
        let workers = (0..n_workers.max(1)).map(|worker| carried.do_tasks(worker));
        join_all(workers).await.into_iter().collect::<Result<(), WorkFailure>>()?;
    }
    if stop.get() {
        return Ok(None);
    }
    let reduce_start = now_ms();
    let (mut job, parts) = (carried.job.into_inner(), carried.parts.into_inner());
    let (field, of_field): (Vec<Slice>, Vec<JsValue>) = carried.field.into_inner().into_iter().unzip();
    let recording = RecordingSummary::new(&session.name, &session.format, info, &session.facts, &session.notes);
    let noise_uv = job.noise_uv().map_or_else(Vec::new, |noise_uv| noise_uv.to_vec());
    let request = result::Request::Reduce {
        info: info.clone(),
        pipeline: pipeline.clone(),
        recording: Box::new(recording),
        noise_uv,
        field,
        events: session.events.to_vec(),
    };
    let mut parts: Vec<JsValue> = parts.into_values().collect();
    for worker in 0..n_workers {
        parts.extend(session.pool.call(worker, Request::Sums { run }, Vec::new()).await?.1);
    }
    parts.extend(of_field);
    let answer = session.pool.ask(request, parts).await;
    let end = now_ms();
    job.took(&REDUCE, (end - reduce_start) / 1000.0);
    Ok(Some((answer?, job.receipt("browser", n_workers, (end - start) / 1000.0))))
}

/// A run that the workers of this page carry.
struct Carried<'a, F> {
    session: &'a Session,
    stream: usize,
    pipeline: &'a Pipeline,
    /// A number that no other run of this page has.
    run: u32,
    stop: &'a Cell<bool>,
    job: RefCell<Job>,
    n_spikes: Cell<usize>,
    /// What was found in each slice.
    parts: RefCell<BTreeMap<Slice, JsValue>>,
    /// Field potentials of each slice.
    field: RefCell<BTreeMap<Slice, JsValue>>,
    on_progress: F,
}

impl<F: Fn(Progress, Option<Searched>)> Carried<'_, F> {
    /// Has a worker do tasks, one at a time, until there is none for it.
    async fn do_tasks(&self, worker: usize) -> Result<(), WorkFailure> {
        loop {
            if self.stop.get() {
                self.job.borrow_mut().stop();
            }
            let next = self.job.borrow_mut().next(worker);
            let Next::Task(task) = next else { return Ok(()) };
            let searched = self.carry(worker, &task).await.inspect_err(|_| self.job.borrow_mut().stop())?;
            let run::Progress { done, total, .. } = self.job.borrow().progress();
            (self.on_progress)(Progress { done, total, n_spikes: self.n_spikes.get() }, searched);
        }
    }

    /// Has a worker do a task and tells the job; gives what was searched in it.
    async fn carry(&self, worker: usize, task: &Task) -> Result<Option<Searched>, WorkFailure> {
        match task {
            Task::Measure { at, .. } => {
                let measured = self.session.noise(worker, self.stream, self.pipeline, *at).await?;
                let mut job = self.job.borrow_mut();
                // Some excerpts were measured for the map before; their time counts too.
                job.took(&NOISE, measured.took_ms / 1000.0);
                job.measured(*at, measured.levels_uv.clone());
                Ok(None)
            }
            Task::Analyse { slice, noise_uv } => {
                let (run, stream, slice) = (self.run, self.stream, *slice);
                let (pipeline, noise_uv) = (self.pipeline.clone(), noise_uv.to_vec());
                let start = now_ms();
                let request = Request::Analyse { run, stream, pipeline, noise_uv, slice };
                let (reply, mut attached) = self.session.pool.call(worker, request, Vec::new()).await?;
                let Reply::Analysed { n_spikes } = reply else { return Err(WorkFailure::unexpected()) };
                self.parts.borrow_mut().insert(slice, attached.pop().unwrap_or_default());
                self.n_spikes.set(self.n_spikes.get() + n_spikes);
                let mut job = self.job.borrow_mut();
                job.took(&ANALYSE, (now_ms() - start) / 1000.0);
                job.searched(task);
                Ok(Some(Searched::slice(&self.session.streams[stream], slice, n_spikes)))
            }
            Task::Field(slice) => {
                let (stream, pipeline, slice) = (self.stream, self.pipeline.clone(), *slice);
                let start = now_ms();
                let request = Request::Field { stream, pipeline, slice };
                let (reply, mut attached) = self.session.pool.call(worker, request, Vec::new()).await?;
                let Reply::Field = reply else { return Err(WorkFailure::unexpected()) };
                self.field.borrow_mut().insert(slice, attached.pop().unwrap_or_default());
                let mut job = self.job.borrow_mut();
                job.took(&FIELD, (now_ms() - start) / 1000.0);
                job.searched(task);
                Ok(None)
            }
            // A job without early blocks has none of these.
            Task::Search(_) | Task::Settle { .. } => Err(WorkFailure::unexpected()),
        }
    }
}
