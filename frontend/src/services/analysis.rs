//! “Analyse here”: the run of the cloud, in this page's workers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join_all;
use wasm_bindgen::JsValue;
use wasm_core::engine::{BLOCK_FRAMES, combine_noise, noise_sample};
use wasm_core::pipeline::{Pipeline, PipelineError, Settings};
use wasm_core::recording::StreamInfo;
use wasm_core::run::{Portions, Receipt, RecordingSummary, Slice, Stage, slices};

use super::pool::{Answer, WorkFailure};
use super::session::Session;
use crate::bridge::{Reply, Request};

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

/// Analyses a stream; the answer is a [`Reply::Result`], or `None` when it was stopped. With each step
/// comes what was searched in it, if it was the search.
pub async fn run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    stop: Rc<Cell<bool>>,
    on_progress: impl Fn(Progress, Option<Searched>),
) -> Result<Option<((Reply, Vec<JsValue>), Receipt)>, WorkFailure> {
    let start = now_ms();
    let info = &session.streams[stream];
    let invalid = |error: PipelineError| WorkFailure::new(error.to_string());
    let settings = Settings::new(pipeline, info.sampling_frequency_hz).map_err(invalid)?;
    let sample = noise_sample(info, settings.noise);
    let n_noise = sample.len();
    let slices = slices(info, BLOCKS_PER_SLICE);
    let progress = Cell::new(Progress { done: 0, total: n_noise + slices.len(), n_spikes: 0 });
    let advance = |n_spikes: usize, searched: Option<Searched>| {
        let now = progress.get();
        progress.set(Progress { done: now.done + 1, n_spikes: now.n_spikes + n_spikes, ..now });
        on_progress(progress.get(), searched);
    };
    let busy_ms = Cell::new(0.0);

    let noise = RefCell::new(vec![Vec::new(); n_noise]);
    // Some blocks were measured for the map before; their time counts too.
    let noise_ms = Cell::new(0.0);
    each(session, n_noise, &stop, &busy_ms, async |worker, index| {
        let measured = session.noise(worker, stream, pipeline, index).await?;
        noise.borrow_mut()[index].clone_from(&measured.levels_uv);
        noise_ms.set(noise_ms.get() + measured.took_ms);
        advance(0, None);
        Ok(())
    })
    .await?;
    if stop.get() {
        return Ok(None);
    }
    busy_ms.set(0.0);
    let noise_uv = combine_noise(&sample, &noise.into_inner());

    // A number that no other run of this page has.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since the page was opened"
    )]
    let run = start as u32;
    let parts = RefCell::new(vec![JsValue::NULL; slices.len()]);
    each(session, slices.len(), &stop, &busy_ms, async |worker, index| {
        let (pipeline, noise_uv) = (pipeline.clone(), noise_uv.clone());
        let request = Request::Analyse { run, stream, pipeline, noise_uv, slice: slices[index] };
        if let (Reply::Analysed { n_spikes }, mut attached) = session.pool.call(worker, request, Vec::new()).await? {
            parts.borrow_mut()[index] = attached.pop().unwrap_or_default();
            advance(n_spikes, Some(Searched::slice(info, slices[index], n_spikes)));
        }
        Ok(())
    })
    .await?;
    if stop.get() {
        return Ok(None);
    }
    let analyse_ms = busy_ms.get();
    let reduce_start = now_ms();
    let recording = RecordingSummary::new(&session.name, &session.format, info, &session.facts, &session.notes);
    let request = Request::Reduce { info: info.clone(), pipeline: pipeline.clone(), recording, noise_uv };
    let mut parts = parts.into_inner();
    for worker in 0..session.pool.len() {
        parts.extend(session.pool.call(worker, Request::Sums { run }, Vec::new()).await?.1);
    }
    let answer: Answer = session.pool.call(0, request, parts).await;
    let end = now_ms();
    let stage = |name: &str, ms: f64| Stage { name: name.into(), worker_s: ms / 1000.0 };
    let receipt = Receipt {
        place: "browser".into(),
        n_workers: session.pool.len(),
        wall_s: (end - start) / 1000.0,
        stages: vec![stage("noise", noise_ms.get()), stage("analyse", analyse_ms), stage("reduce", end - reduce_start)],
        n_samples: info.n_frames() * info.n_channels as u64,
        peak_memory_bytes: None,
        cost_usd: 0.0,
    };
    Ok(Some((answer?, receipt)))
}

/// Hands `n` pieces of work to the workers, one each at a time, until all are done or `stop` is set.
async fn each(
    session: &Session,
    n: usize,
    stop: &Cell<bool>,
    busy_ms: &Cell<f64>,
    work: impl AsyncFn(usize, usize) -> Result<(), WorkFailure>,
) -> Result<(), WorkFailure> {
    let portions = RefCell::new(Portions::new(n, session.pool.len()));
    let one = async |worker: usize| {
        loop {
            let taken = portions.borrow_mut().take(worker);
            let Some(index) = taken.filter(|_| !stop.get()) else { return Ok(()) };
            let start = now_ms();
            if let Err(failure) = work(worker, index).await {
                portions.borrow_mut().stop();
                return Err(failure);
            }
            busy_ms.set(busy_ms.get() + now_ms() - start);
        }
    };
    join_all((0..session.pool.len()).map(one)).await.into_iter().collect()
}
