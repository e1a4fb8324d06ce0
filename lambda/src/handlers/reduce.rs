//! Reduce: put the slices together, or say why there is nothing to put together.

use std::sync::Arc;
use std::time::Instant;

use wasm_core::api::CreateRecording;
use wasm_core::cost::Work;
use wasm_core::engine::Engine;
use wasm_core::field::{FIELD_FILE, FieldBuilder, FieldPlan, FieldPotentials, from_le_bytes};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use wasm_core::regions::priced;
use wasm_core::report;
use wasm_core::run::{self, ANALYSE, Merged, NOISE, REDUCE, Receipt, RecordingSummary, ResultSet};

use super::merging::{Files, Finished, ReadSlices};
use super::reasons::reason_of_step;
use super::{
    Failed, Plan, ReduceInput, StepError, context, damaged, events, has_ended, now_s, required, run_key, to_json,
};
use crate::keys::{NOISE_MARKS, ObjectKey, RESULT_FILES, RunKey, attempts_prefix};
use crate::memory::peak_memory_bytes;
use crate::region;
use crate::store::{Store, StoreError};

/// Writes the results; the receipt comes last.
///
/// # Errors
/// When a slice is missing, or S3 refuses or cannot be reached.
pub async fn reduce(store: &Store, input: ReduceInput) -> Result<(), StepError> {
    let run = run_key(&input.request_key)?;
    if let Some(caught) = input.failure {
        return record_failure(store, run, reason_of_step(&caught.error, &caught.cause)).await;
    }
    if has_ended(store, &run).await? {
        return Ok(());
    }
    let start = Instant::now();
    let (recording, request) = context(store, &run).await?;
    let plan: Plan = required(store, &ObjectKey::Plan(run.clone())).await?;
    let info = &recording.stream;
    let engine = Engine::new(info, &request.pipeline)?;
    let mut files = Files::new(store, &run, &engine, &plan.noise_uv)?;
    let read = files.read(store, &run, &engine, plan.slices.len()).await?;
    let CreateRecording { name, format, facts, notes, .. } = &recording;
    let field = field(store, &run, &plan, (&recording, &request.pipeline)).await?;
    let n_of_field = if field.is_some() { plan.slices.len() as u64 } else { 0 };
    let described = RecordingSummary::new(name, format, info, facts, notes);
    let (merged, files) = files.finish(&engine, &request.pipeline, described, &plan.noise_uv)?;
    let field_file = field.as_ref().map(|field| field.to_bytes());
    let detections = merged.detections.with_events(&events(store, &run.recording).await?).with_field(field);
    let merged = Merged { detections, ..merged };
    let results = merged.detections.results(&request.pipeline);
    // Nothing is written for a recording that was deleted meanwhile, or a run that was stopped.
    if has_ended(store, &run).await? {
        files.give_up().await;
        return Ok(());
    }
    let n_written = write(store, &run, files, &merged, (&results, &request.pipeline)).await?;
    if let Some(bytes) = field_file {
        store.put(&ObjectKey::Result(run.clone(), FIELD_FILE), bytes).await?;
    }
    let reduce_s = start.elapsed().as_secs_f64();
    let wall_s = now_s() - begun_at_s(store, &run, &plan).await?;
    let receipt = receipt(info, &plan, &read, (n_of_field, n_written), (reduce_s, wall_s));
    if !has_ended(store, &run).await? {
        store.put(&ObjectKey::Receipt(run), to_json(&receipt)).await?;
    }
    Ok(())
}

/// Writes the files of a result but for the field potentials; gives the requests that the tables took.
async fn write(
    store: &Store,
    run: &RunKey,
    tables: Finished,
    merged: &Merged,
    (results, pipeline): (&ResultSet, &Pipeline),
) -> Result<u64, StepError> {
    let file = |name| ObjectKey::Result(run.clone(), name);
    store.put(&file("summary.json"), to_json(&merged.summary)).await?;
    store.put(&file("results.json"), to_json(results)).await?;
    let pictures = run::pictures(&merged.detections.first, &merged.waveforms);
    let page =
        report::illustrated(&merged.summary, results, pipeline, (&pictures, merged.detections.first.info().kind));
    store.put(&file("report.html"), page.into_bytes()).await?;
    let n_written = tables.write().await?;
    store.put(&file("waveforms.npy"), merged.waveforms.to_npy()).await?;
    Ok(n_written)
}

/// Time and cost of the whole run. `n_of_field` counts the slices of field potentials, `n_written` the requests that
/// the tables took.
fn receipt(
    info: &StreamInfo,
    plan: &Plan,
    read: &ReadSlices,
    (n_of_field, n_written): (u64, u64),
    (reduce_s, wall_s): (f64, f64),
) -> Receipt {
    let (price_region, prices) = priced(region::here().as_deref());
    let work = Work {
        plan_s: plan.worker_s,
        analyse_s: read.worker_s,
        reduce_s,
        followed_s: wall_s,
        n_reads: plan.n_objects + read.n_reads + n_of_field,
        // The plan and its marks, and what is written here.
        n_writes: read.n_writes + n_written + (NOISE_MARKS + RESULT_FILES.len() + usize::from(n_of_field > 0)) as u64,
        n_slices: plan.slices.len() as u64,
    };
    Receipt {
        place: if is_lambda() { "lambda" } else { "local" }.into(),
        n_workers: plan.slices.len().min(workers_at_a_time()),
        wall_s,
        stages: vec![NOISE.took(plan.worker_s), ANALYSE.took(read.worker_s), REDUCE.took(reduce_s)],
        n_samples: info.n_frames() * info.n_channels as u64,
        peak_memory_bytes: peak_memory_bytes().max(read.peak_memory_bytes),
        cost_usd: work.usd(&prices),
        price_region: Some(price_region.into()),
    }
}

/// When the last attempt at a run began: between two of them nobody waits, and nothing is paid for.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
async fn begun_at_s(store: &Store, run: &RunKey, plan: &Plan) -> Result<f64, StepError> {
    let attempt = store.list(&attempts_prefix(run)).await?.len();
    if attempt == 0 {
        return Ok(plan.started_at_s);
    }
    let written_at_s = store.written_at_s(&ObjectKey::Attempt(run.clone(), attempt)).await?;
    Ok(written_at_s.map_or(plan.started_at_s, |at_s| plan.started_at_s.max(at_s as f64)))
}

/// The field potentials of all slices together, where the run keeps them.
async fn field(
    store: &Store,
    run: &RunKey,
    plan: &Plan,
    (recording, pipeline): (&CreateRecording, &Pipeline),
) -> Result<Option<Arc<FieldPotentials>>, StepError> {
    let Some(kept) = FieldPlan::new(&recording.stream, pipeline) else { return Ok(None) };
    let mut builder = FieldBuilder::new(kept.told(&recording.facts), &recording.stream);
    for (at, slice) in plan.slices.iter().enumerate() {
        let key = ObjectKey::SliceField(run.clone(), at);
        let bytes = store.get(&key).await?.ok_or_else(|| StepError::Missing { key: key.path() })?;
        if !builder.add(*slice, &from_le_bytes(&bytes)) {
            return Err(damaged(&key)("it does not hold the samples of its slice"));
        }
    }
    Ok(builder.finish().map(Arc::new))
}

fn is_lambda() -> bool {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").is_ok()
}

/// Slices that are in work together at most: as the state machine was told, or one for each core.
fn workers_at_a_time() -> usize {
    let told = std::env::var("NEUROCYTE_ANALYSIS_CONCURRENCY").ok().and_then(|text| text.parse().ok());
    told.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Writes `failure.json`, unless the run has one already or its recording is gone.
///
/// # Errors
/// When S3 refuses or cannot be reached.
pub async fn record_failure(store: &Store, run: RunKey, reason: String) -> Result<(), StepError> {
    if has_ended(store, &run).await? {
        return Ok(());
    }
    match store.put_new(&ObjectKey::Failure(run), to_json(&Failed { reason })).await {
        Err(StoreError::Exists { .. }) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
