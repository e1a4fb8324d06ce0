//! Reduce: put the slices together, or say why there is nothing to put together.

use std::sync::Arc;
use std::time::Instant;

use wasm_core::api::CreateRecording;
use wasm_core::cost::Work;
use wasm_core::engine::{Engine, WaveformSums};
use wasm_core::field::{FIELD_FILE, FieldBuilder, FieldPlan, FieldPotentials, from_le_bytes};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamKind;
use wasm_core::regions::priced;
use wasm_core::report;
use wasm_core::run::{self, ANALYSE, Detected, NOISE, REDUCE, Receipt, RecordingSummary, RunResult, SliceResult};
use wasm_core::spikes::{Spike, read_parquet, write_parquet};

use super::reasons::reason_of_step;
use super::{
    Failed, Plan, ReduceInput, SliceSums, StepError, context, damaged, events, has_ended, now_s, required, run_key,
    to_json,
};
use crate::keys::{NOISE_MARKS, ObjectKey, RunKey};
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
    let mut whole = SliceResult::empty(&engine);
    let (mut analyse_s, mut n_objects, mut memory) = (0.0, plan.n_objects, peak_memory_bytes());
    // The plan and its marks; what is written below is added there.
    let mut n_writes = (2 + NOISE_MARKS) as u64;
    for at in 0..plan.slices.len() {
        let sums: SliceSums = required(store, &ObjectKey::SliceSums(run.clone(), at)).await?;
        let peaks = peaks_of(store, &ObjectKey::SlicePeaks(run.clone(), at)).await?;
        analyse_s += sums.worker_s;
        let further = further_of(store, &run, at, whole.further.len()).await?;
        // Its sums and peaks are read here.
        n_objects += sums.n_objects + 2 + further.len() as u64;
        n_writes += sums.n_writes;
        memory = memory.max(sums.peak_memory_bytes);
        let n_frames = engine.waveform_sums().n_frames;
        let waveforms = WaveformSums { n_frames, counts: sums.counts, sums: sums.sums };
        whole.add(SliceResult { peaks, waveforms, further });
    }
    let CreateRecording { name, format, facts, notes, .. } = &recording;
    let field = field(store, &run, &plan, (&recording, &request.pipeline)).await?;
    if field.is_some() {
        n_objects += plan.slices.len() as u64;
    }
    let described = RecordingSummary::new(name, format, info, facts, notes);
    let result = run::reduce(&engine, &request.pipeline, described, &plan.noise_uv, whole);
    let result = result.with_events(&events(store, &run.recording).await?);
    let field_file = field.as_ref().map(|field| field.to_bytes());
    let result = result.with_field(field);
    let mut files = files(&run, &result, &request.pipeline, info.kind)?;
    files.extend(field_file.map(|bytes| (ObjectKey::Result(run.clone(), FIELD_FILE), bytes)));
    n_writes += files.len() as u64;
    // Nothing is written for a recording that was deleted meanwhile, or a run that was stopped.
    if has_ended(store, &run).await? {
        return Ok(());
    }
    for (key, bytes) in files {
        store.put(&key, bytes).await?;
    }
    let reduce_s = start.elapsed().as_secs_f64();
    let (price_region, prices) = priced(region::here().as_deref());
    let receipt = Receipt {
        place: if is_lambda() { "lambda" } else { "local" }.into(),
        n_workers: plan.slices.len().min(workers_at_a_time()),
        wall_s: now_s() - plan.started_at_s,
        stages: vec![NOISE.took(plan.worker_s), ANALYSE.took(analyse_s), REDUCE.took(reduce_s)],
        n_samples: info.n_frames() * info.n_channels as u64,
        peak_memory_bytes: memory,
        cost_usd: Work {
            plan_s: plan.worker_s,
            analyse_s,
            reduce_s,
            followed_s: now_s() - plan.started_at_s,
            n_reads: n_objects,
            n_writes,
            n_slices: plan.slices.len() as u64,
        }
        .usd(&prices),
        price_region: Some(price_region.into()),
    };
    if !has_ended(store, &run).await? {
        store.put(&ObjectKey::Receipt(run), to_json(&receipt)).await?;
    }
    Ok(())
}

/// The files of a result.
fn files(
    run: &RunKey,
    result: &RunResult,
    pipeline: &Pipeline,
    kind: StreamKind,
) -> Result<Vec<(ObjectKey, Vec<u8>)>, StepError> {
    let file = |name| ObjectKey::Result(run.clone(), name);
    let (spikes, peaks) = (file("spikes.parquet"), file("peaks.parquet"));
    let spike_table = write_parquet(&result.spikes).map_err(damaged(&spikes))?;
    let peak_table = write_parquet(&result.peaks).map_err(damaged(&peaks))?;
    let results = result.results(pipeline);
    let pictures = run::pictures(&result.trains, &result.waveforms);
    let page = report::illustrated(&result.summary, &results, pipeline, (&pictures, kind));
    let mut files = vec![
        (file("summary.json"), to_json(&result.summary)),
        (file("results.json"), to_json(&results)),
        (file("report.html"), page.into_bytes()),
        (spikes, spike_table),
        (peaks, peak_table),
    ];
    files.extend(tables_of(run, &result.further)?);
    files.push((file("waveforms.npy"), result.waveforms.to_npy()));
    Ok(files)
}

/// Peaks that a slice wrote.
async fn peaks_of(store: &Store, key: &ObjectKey) -> Result<Vec<Spike>, StepError> {
    let bytes = store.get(key).await?.ok_or_else(|| StepError::Missing { key: key.path() })?;
    read_parquet(bytes).map_err(damaged(key))
}

/// Peaks of a slice that each of `n` detections behind the first found.
async fn further_of(store: &Store, run: &RunKey, slice: usize, n: usize) -> Result<Vec<Vec<Spike>>, StepError> {
    let mut further = Vec::with_capacity(n);
    for at in 0..n {
        further.push(peaks_of(store, &ObjectKey::SliceDetected(run.clone(), slice, at)).await?);
    }
    Ok(further)
}

/// The spikes of each detection behind the first as a file.
fn tables_of(run: &RunKey, further: &[Detected]) -> Result<Vec<(ObjectKey, Vec<u8>)>, StepError> {
    let table = |of: &Detected| -> Result<(ObjectKey, Vec<u8>), StepError> {
        let key = ObjectKey::Detected(run.clone(), of.id.clone());
        let table = write_parquet(&of.spikes).map_err(damaged(&key))?;
        Ok((key, table))
    };
    further.iter().map(table).collect()
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
