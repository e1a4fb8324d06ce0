//! Runs: start, follow, stop, read the result.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use wasm_core::api::{ResultLinks, RunStatus, SignReads, Signed, StartRun, StartedRun, detected_file};
use wasm_core::cost::Work;
use wasm_core::engine::check;
use wasm_core::field::FIELD_FILE;
use wasm_core::pipeline::check_searchable;
use wasm_core::recording::StreamInfo;
use wasm_core::regions::priced;
use wasm_core::run::{SUMMARY_VERSION, Summary};
use wasm_core::zarr::chunks_of;

use super::access::{RECORDING, owned, owned_run, unless_deleted};
use super::attempts;
use super::error::{ApiError, missing};
use super::invited::invited_for;
use super::path::Path;
use super::recordings::{bounded, exists, present};
use crate::executions::Executions;
use crate::handlers::{Failed, StepError, StoredRecording, events, required, slices, to_json};
use crate::keys::{Id, NOISE_MARKS, ObjectKey, RESULT_FILES, RunKey, noise_prefix, run_prefix, slices_prefix};
use crate::region;
use crate::store::{Store, StoreError};

pub async fn start(
    State(store): State<Store>,
    State(executions): State<Option<Executions>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<StartRun>, JsonRejection>,
) -> Result<Json<StartedRun>, ApiError> {
    let (recording, stored) = owned(&store, &headers, &id).await?;
    let Json(request) = body?;
    let info = &stored.recording.stream;
    check_searchable(info)
        .and_then(|()| check(info, &request.pipeline))
        .map_err(|error| ApiError::Invalid(error.to_string()))?;
    let (there, needed) = (present(&store, &recording, info).await?.len(), chunks_of(info).count());
    if there < needed {
        return Err(ApiError::Conflict(format!("{there} of {needed} chunks are uploaded; finish the upload first.")));
    }
    let run = match &request.run_id {
        None => Id::random()?,
        Some(id) => Id::parse(id).ok_or_else(|| ApiError::Invalid("run_id must be 32 digits of 0-9 and a-f".into()))?,
    };
    let run = RunKey { recording, run };
    let key = ObjectKey::Request(run.clone());
    let announced = ObjectKey::Recording(run.recording.clone());
    // A request that came before has been counted.
    if store.get(&key).await?.is_none() {
        // A run counts from here on, so a deletion that came meanwhile ends it before.
        unless_deleted(&store, &announced, &[], RECORDING).await?;
        take_run(&store, &headers, (&run, 0), &stored).await?;
    }
    match store.put_new(&key, to_json(&request)).await {
        Ok(()) => {}
        // The same request once more, because its answer was lost, starts nothing.
        Err(StoreError::Exists { .. }) => is_same(&store, &key, &request).await?,
        Err(error) => return Err(error.into()),
    }
    unless_deleted(&store, &announced, &[key.path()], RECORDING).await?;
    attempts::start(&store, executions.as_ref(), &run).await?;
    Ok(Json(StartedRun { run_id: run.run.as_str().to_owned() }))
}

/// Refuses a request whose run has other values.
async fn is_same(store: &Store, key: &ObjectKey, request: &StartRun) -> Result<(), ApiError> {
    match required::<StartRun>(store, key).await {
        Ok(before) if before.pipeline == request.pipeline => Ok(()),
        // One that another version wrote and that cannot be read is not this one.
        Ok(_) | Err(StepError::Damaged { .. }) => Err(ApiError::Conflict(
            "This run_id belongs to a run with other values. Choose another run_id, or leave it out.".into(),
        )),
        Err(error) => Err(error.into()),
    }
}

/// Enters an attempt at a run in the books of the invitation that its recording was uploaded with.
pub async fn take_run(
    store: &Store,
    headers: &HeaderMap,
    (run, attempt): (&RunKey, usize),
    stored: &StoredRecording,
) -> Result<(), ApiError> {
    let invited = invited_for(store, headers, stored).await?;
    let (_, prices) = priced(region::here().as_deref());
    invited.take_run(store, run, attempt, Work::expected(&stored.recording.stream).usd(&prices)).await
}

pub async fn status(
    State(store): State<Store>,
    State(executions): State<Option<Executions>>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<RunStatus>, ApiError> {
    let (run, _) = owned_run(&store, &headers, &id, &run).await?;
    let keys = store.list(&run_prefix(&run)).await?;
    let status = status_of(&store, &run, &keys).await?.ok_or(ApiError::NotFound("such run"))?;
    if matches!(status, RunStatus::Planning { .. } | RunStatus::Analysing { .. })
        && let Some(reason) = attempts::dead(&store, executions.as_ref(), &run, &keys).await?
    {
        return Ok(Json(RunStatus::Failed { reason }));
    }
    Ok(Json(status))
}

/// Where a run is, by the keys that there are, which are sorted; none where there is no such run.
pub async fn status_of(store: &Store, run: &RunKey, keys: &[String]) -> Result<Option<RunStatus>, ApiError> {
    let has = |key: &ObjectKey| keys.binary_search(&key.path()).is_ok();
    if has(&ObjectKey::Receipt(run.clone())) {
        return Ok(Some(RunStatus::Done));
    }
    let failure = ObjectKey::Failure(run.clone());
    if has(&failure) {
        let Failed { reason } = required(store, &failure).await?;
        return Ok(Some(RunStatus::Failed { reason }));
    }
    if !has(&ObjectKey::Request(run.clone())) {
        return Ok(None);
    }
    Ok(Some(if let Some(slices) = slices(store, run).await? {
        let prefix = slices_prefix(run);
        let done = keys.iter().filter(|key| key.starts_with(&prefix) && key.ends_with(".parquet")).count();
        RunStatus::Analysing { done: done as u64, total: slices.len() as u64 }
    } else {
        let prefix = noise_prefix(run);
        let marks = keys.iter().filter_map(|key| key.strip_prefix(&prefix)?.parse().ok());
        RunStatus::Planning { done: marks.max().unwrap_or(0), total: NOISE_MARKS as u64 }
    }))
}

pub async fn cancel(
    State(store): State<Store>,
    State(executions): State<Option<Executions>>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (run, _) = owned_run(&store, &headers, &id, &run).await?;
    if store.get(&ObjectKey::Receipt(run.clone())).await?.is_some() {
        return Err(ApiError::Conflict("The run is done; there is nothing to stop.".into()));
    }
    if store.get(&ObjectKey::Request(run.clone())).await?.is_none() {
        return Err(ApiError::NotFound("such run"));
    }
    // Who goes on with the run meanwhile begins another attempt, which is not this one to stop: it ends by the reason
    // that is written here. Where there was one before, it may be about to go.
    let attempt = attempts::newest(&store, &run).await?;
    let failed = Failed { reason: "You stopped this run.".into() };
    let failure = ObjectKey::Failure(run.clone());
    let has_failed = match store.put_new(&failure, to_json(&failed)).await {
        Ok(()) => false,
        Err(StoreError::Exists { .. }) => true,
        Err(error) => return Err(error.into()),
    };
    unless_deleted(&store, &ObjectKey::Recording(run.recording.clone()), &[failure.path()], RECORDING).await?;
    if has_failed && attempts::is_beginning(&store, executions.as_ref(), &run, attempt).await? {
        return Err(ApiError::Conflict(attempts::UNDER_WAY.into()));
    }
    attempts::stop(executions.as_ref(), &run, attempt).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn result(
    State(store): State<Store>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<ResultLinks>, ApiError> {
    let (run, stored) = owned_run(&store, &headers, &id, &run).await?;
    links(&store, &run, stored).await.map(Json)
}

const RESULT: &str = "result of this run";

/// The summary of a run, unless another version wrote it.
async fn summary(store: &Store, run: &RunKey) -> Result<Summary, ApiError> {
    let key = ObjectKey::Result(run.clone(), "summary.json");
    let found: Value = required(store, &key).await.map_err(missing(RESULT))?;
    if found["version"].as_u64() != Some(SUMMARY_VERSION.into()) {
        return Err(ApiError::Outdated);
    }
    serde_json::from_value(found).map_err(|error| ApiError::Damaged(format!("{} is damaged: {error}", key.path())))
}

/// The result as the owner or a share sees it.
pub async fn links(store: &Store, run: &RunKey, stored: StoredRecording) -> Result<ResultLinks, ApiError> {
    let receipt = required(store, &ObjectKey::Receipt(run.clone())).await.map_err(missing(RESULT))?;
    let summary = summary(store, run).await?;
    let slices = slices(store, run).await?.unwrap_or_default();
    let mut files = Vec::new();
    let field = summary.pipeline.block("field_potentials").map(|_| FIELD_FILE);
    for name in RESULT_FILES.iter().copied().chain(field) {
        let signed = store.sign_get(&ObjectKey::Result(run.clone(), name)).await?;
        files.push((name.to_owned(), signed.url));
    }
    for of in summary.pipeline.detectors().iter().skip(1) {
        let signed = store.sign_get(&ObjectKey::Detected(run.clone(), of.block.id.clone())).await?;
        files.push((detected_file(&of.block.id), signed.url));
    }
    let events = events(store, &run.recording).await?;
    Ok(ResultLinks { stream: stored.recording.stream, events, summary, receipt, slices, files })
}

pub async fn sign_reads(
    State(store): State<Store>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Json<SignReads>, JsonRejection>,
) -> Result<Json<Signed>, ApiError> {
    let (run, stored) = owned_run(&store, &headers, &id, &run).await?;
    let Json(wanted) = body?;
    sign(&store, &run, &stored.recording.stream, &wanted).await.map(Json)
}

/// Signs downloads of chunks and outlines, for the owner or for a share.
pub async fn sign(store: &Store, run: &RunKey, info: &StreamInfo, wanted: &SignReads) -> Result<Signed, ApiError> {
    bounded("chunks and envelopes together", wanted.chunks.len() + wanted.envelopes.len())?;
    let mut requests = Vec::new();
    for chunk in &wanted.chunks {
        exists(*chunk, info)?;
        requests.push(store.sign_get(&ObjectKey::Traces(run.recording.clone(), chunk.name())).await?);
    }
    for id in &wanted.envelopes {
        requests.push(store.sign_get(&ObjectKey::Envelope(run.clone(), *id)).await?);
    }
    Ok(Signed { requests })
}
