//! “Analyse here”: the run of the cloud, in this page's workers.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::stream::{FuturesUnordered, StreamExt};
use wasm_bindgen::JsValue;
use wasm_core::engine::BLOCK_FRAMES;
use wasm_core::pipeline::{Pipeline, PipelineError, Settings};
use wasm_core::recording::StreamInfo;
use wasm_core::run::{
    ANALYSE, Cut, FIELD, Job, NOISE, Next, REDUCE, Receipt, RecordingSummary, Slice, Task, stages_of,
};

use super::line::Line;
use super::noise_memory::ExcerptNoise;
use super::pool::WorkFailure;
use super::session::Session;
use super::work::{Action, Step};
use crate::bridge::result;
use crate::bridge::signal::{Reply, Request};

/// Blocks that a worker is given at a time: between two pieces of work it comes to rest, which is
/// when the browser frees what was read before.
const BLOCKS_PER_SLICE: u64 = 1;

/// Progress of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Searching {
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

/// Analyses a stream; the answer is a [`result::Reply::Result`], or `None` when it was stopped. With each step that
/// `line` is told of comes what was searched in it, if it was the search.
pub async fn run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    line: &Line,
    on_searched: impl FnMut(Option<Searched>),
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
    let hands = Hands { session, stream, pipeline, run };
    let mut carried = Carried {
        job: Job::new(stages_of(pipeline), info, settings.noise, cut),
        n_spikes: 0,
        parts: BTreeMap::new(),
        field: BTreeMap::new(),
    };
    carried.carry(&hands, line, on_searched).await?;
    if line.wish().is_end() {
        return Ok(None);
    }
    let reduce_start = now_ms();
    let Carried { mut job, parts, field, .. } = carried;
    let (field, of_field): (Vec<Slice>, Vec<JsValue>) = field.into_iter().unzip();
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
struct Carried {
    job: Job,
    n_spikes: usize,
    /// What was found in each slice.
    parts: BTreeMap<Slice, JsValue>,
    /// Field potentials of each slice.
    field: BTreeMap<Slice, JsValue>,
}

impl Carried {
    /// Has the workers do tasks, each one at a time, until there are none, one fails, or the person ends it: what is
    /// under way then is finished.
    async fn carry(
        &mut self,
        hands: &Hands<'_>,
        line: &Line,
        mut on_searched: impl FnMut(Option<Searched>),
    ) -> Result<(), WorkFailure> {
        let next = move |job: &mut Job, worker: usize| match job.next(worker) {
            Next::Task(task) => Some(async move {
                let done = hands.carry(worker, &task).await;
                (worker, task, done)
            }),
            Next::Wait | Next::Ended => None,
        };
        let (workers, mut failure) = (0..hands.session.pool.len().max(1), None);
        while !self.job.has_ended() {
            // Who has no task waits until all others have none either.
            let mut under_way: FuturesUnordered<_> =
                workers.clone().filter_map(|worker| next(&mut self.job, worker)).collect();
            while let Some((worker, task, done)) = under_way.next().await {
                match done {
                    Ok(done) => {
                        let searched = self.take(&hands.session.streams[hands.stream], &task, done);
                        on_searched(searched);
                        let progress = self.job.progress();
                        let (done, total, n_spikes) = (progress.done, progress.total, self.n_spikes);
                        line.happens(Action::Further(Step::Searching(Searching { done, total, n_spikes })));
                    }
                    Err(reason) => failure = failure.or(Some(reason)),
                }
                if failure.is_some() || line.wish().is_end() {
                    self.job.stop();
                }
                under_way.extend(next(&mut self.job, worker));
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Takes what came of a task; gives what was searched in it.
    fn take(&mut self, info: &StreamInfo, task: &Task, done: Done) -> Option<Searched> {
        match done {
            Done::Measured { at, noise } => {
                // Some excerpts were measured for the map before; their time counts too.
                self.job.took(&NOISE, noise.took_ms / 1000.0);
                self.job.measured(at, noise.levels_uv.clone());
                None
            }
            Done::Analysed { slice, n_spikes, part, took_ms } => {
                self.parts.insert(slice, part);
                self.n_spikes += n_spikes;
                self.job.took(&ANALYSE, took_ms / 1000.0);
                self.job.searched(task);
                Some(Searched::slice(info, slice, n_spikes))
            }
            Done::Field { slice, part, took_ms } => {
                self.field.insert(slice, part);
                self.job.took(&FIELD, took_ms / 1000.0);
                self.job.searched(task);
                None
            }
        }
    }
}

/// The outcome of a task.
enum Done {
    Measured { at: usize, noise: Rc<ExcerptNoise> },
    Analysed { slice: Slice, n_spikes: usize, part: JsValue, took_ms: f64 },
    Field { slice: Slice, part: JsValue, took_ms: f64 },
}

/// The services that a task needs.
struct Hands<'a> {
    session: &'a Session,
    stream: usize,
    pipeline: &'a Pipeline,
    /// A number that no other run of this page has.
    run: u32,
}

impl Hands<'_> {
    /// Has a worker do a task.
    async fn carry(&self, worker: usize, task: &Task) -> Result<Done, WorkFailure> {
        let (stream, pipeline, start) = (self.stream, self.pipeline.clone(), now_ms());
        let call = |request| self.session.pool.call(worker, request, Vec::new());
        match task {
            Task::Measure { at, .. } => {
                let noise = self.session.noise(worker, stream, &pipeline, *at).await?;
                Ok(Done::Measured { at: *at, noise })
            }
            Task::Analyse { slice, noise_uv } => {
                let (run, slice, noise_uv) = (self.run, *slice, noise_uv.to_vec());
                let (reply, attached) = call(Request::Analyse { run, stream, pipeline, noise_uv, slice }).await?;
                let Reply::Analysed { n_spikes } = reply else { return Err(WorkFailure::unexpected()) };
                Ok(Done::Analysed { slice, n_spikes, part: last(attached), took_ms: now_ms() - start })
            }
            Task::Field(slice) => {
                let slice = *slice;
                let (reply, attached) = call(Request::Field { stream, pipeline, slice }).await?;
                let Reply::Field = reply else { return Err(WorkFailure::unexpected()) };
                Ok(Done::Field { slice, part: last(attached), took_ms: now_ms() - start })
            }
            // A job without early blocks has none of these.
            Task::Search(_) | Task::Settle { .. } => Err(WorkFailure::unexpected()),
        }
    }
}

fn last(attached: Vec<JsValue>) -> JsValue {
    attached.into_iter().next_back().unwrap_or_default()
}
