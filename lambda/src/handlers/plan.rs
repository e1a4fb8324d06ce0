//! Plan: measure the noise, cut the recording into slices.

use std::sync::atomic::Ordering;
use std::time::Instant;

use wasm_core::engine::{Engine, NoiseExcerpt, noise_sample};
use wasm_core::recording::{ReadError, StreamInfo};
use wasm_core::run::{Cut, Job, NOISE, Task, cloud_blocks_per_slice};
use wasm_core::zarr::{CHUNK_FRAMES, ChunkId, chunks_in};

use super::marks::Marks;
use super::{Plan, Planned, RunRef, StepError, context, has_ended, now_s, run_key, slices, source, to_json};
use crate::keys::{ObjectKey, RunKey, slices_prefix};
use crate::store::Store;
use crate::threads::{Thread, carry};

/// Threads that measure the noise, and the memory that the rows of decoded chunks may take which
/// each of them holds.
const MAX_THREADS: usize = 4;
const ROWS_BYTES: u64 = 384 << 20;

/// Slices whose indexes fit into the 256 kB that Step Functions passes on, with room to spare.
const MAX_SLICES: usize = 30_000;

/// Measures the noise and writes the plan; of a run that was stopped there is nothing to plan. A
/// run that is gone on with keeps its plan, and what is left of it is done.
///
/// # Errors
/// When the recording cannot be read or the pipeline does not fit it.
pub async fn plan(store: &Store, input: RunRef) -> Result<Planned, StepError> {
    let run = run_key(&input.request_key)?;
    let started_at_s = now_s();
    if has_ended(store, &run).await? {
        return Ok(Planned { request_key: input.request_key, slices: Vec::new() });
    }
    if let Some(slices) = left(store, &run).await? {
        return Ok(Planned { request_key: input.request_key, slices });
    }
    let (recording, request) = context(store, &run).await?;
    let info = recording.stream;
    let engine = Engine::new(&info, &request.pipeline)?;
    let cut = Cut { blocks_per_slice: cloud_blocks_per_slice(&info), ..Cut::default() };
    let job = Job::new(&[NOISE], &info, engine.settings().noise, cut);
    if job.slices().len() > MAX_SLICES {
        return Err(StepError::TooManySlices { found: job.slices().len(), most: MAX_SLICES });
    }
    let (n_readers, n_helpers) = n_threads(&info);
    let order = excerpts(&info, &engine);
    let (source, n_fetched) = source::open(store, &run.recording, info, (order, n_readers));
    let start = Instant::now();
    let marks = Marks::new(store, &run, job.progress().total);
    let job = source::blocking(move || {
        let measure = |task: &Task, thread: &mut Thread| {
            let Task::Measure { excerpt, .. } = task else { return Ok(Vec::new()) };
            let noise_uv = std::thread::scope(|scope| {
                for _ in 0..n_helpers {
                    scope.spawn(|| source.help(excerpt.segment, excerpt.frames.start));
                }
                engine.noise_of_excerpt(&source, excerpt, &mut thread.workspace)
            })?;
            marks.advance();
            Ok::<_, ReadError>(noise_uv)
        };
        let stop_if_ended = |job: &mut Job| {
            if marks.has_ended() {
                job.stop();
            }
        };
        Ok(carry(n_readers, job, measure, stop_if_ended)?)
    })
    .await?;
    // Nothing is written for a recording that was deleted meanwhile.
    let has_ended = has_ended(store, &run).await?;
    let Some(noise_uv) = job.noise_uv().filter(|_| !has_ended) else {
        return Ok(Planned { request_key: input.request_key, slices: Vec::new() });
    };
    let worker_s = start.elapsed().as_secs_f64();
    let n_objects = n_fetched.load(Ordering::Relaxed);
    let (slices, noise_uv) = (job.slices().to_vec(), noise_uv.to_vec());
    let plan = Plan { slices, noise_uv, worker_s, n_objects, started_at_s };
    store.put(&ObjectKey::Plan(run), to_json(&plan)).await?;
    Ok(Planned { request_key: input.request_key, slices: (0..plan.slices.len()).collect() })
}

/// Slices of a run that was planned before which are not analysed yet; `None` where it was not.
async fn left(store: &Store, run: &RunKey) -> Result<Option<Vec<usize>>, StepError> {
    let Some(slices) = slices(store, run).await? else { return Ok(None) };
    let there = store.list(&slices_prefix(run)).await?;
    let is_left = |at: &usize| there.binary_search(&ObjectKey::SlicePeaks(run.clone(), *at).path()).is_err();
    Ok(Some((0..slices.len()).filter(is_left).collect()))
}

/// Chunks that the excerpts of the noise sample lie in, with their margins, in the order in which they are measured.
fn excerpts(info: &StreamInfo, engine: &Engine) -> Vec<ChunkId> {
    let sample = noise_sample(info, engine.settings().noise);
    let chunks = |excerpt: &NoiseExcerpt| {
        chunks_in(info, excerpt.segment, engine.frames_read(excerpt.segment, excerpt.frames.clone()))
    };
    sample.iter().flat_map(chunks).collect()
}

/// Threads that measure, each in a row of its own; and threads beside each of them that help to decode its row,
/// where rows are so large that few fit into the memory.
fn n_threads(info: &StreamInfo) -> (usize, usize) {
    let row_bytes = CHUNK_FRAMES * (info.n_channels * info.sample_type.size_bytes()).max(1) as u64;
    let fitting = usize::try_from(ROWS_BYTES / row_bytes).unwrap_or(MAX_THREADS).max(1);
    let n_cores = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let n_readers = n_cores.min(fitting);
    (n_readers, n_cores / n_readers - 1)
}
