//! All runs of a recording: when each was started, where it is, and with what.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use wasm_core::api::{ListedRun, RunList, StartRun, limits};

use super::access::owned;
use super::error::ApiError;
use super::path::Path;
use super::runs::status_of;
use crate::handlers::{StepError, required};
use crate::keys::{ObjectKey, RunKey, runs_prefix};
use crate::store::Store;

/// Requests of runs that are read at a time.
const READS_AT_A_TIME: usize = 16;

pub async fn list(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<RunList>, ApiError> {
    let (recording, _) = owned(&store, &headers, &id).await?;
    let dated = store.list_dated(&runs_prefix(&recording)).await?;
    let mut runs: Vec<(RunKey, Option<f64>)> =
        dated.iter().filter_map(|(key, written_s)| Some((ObjectKey::run_of_request(key)?, *written_s))).collect();
    runs.sort_by(|(_, one), (_, other)| other.unwrap_or(0.0).total_cmp(&one.unwrap_or(0.0)));
    let n_runs = runs.len() as u64;
    runs.truncate(limits::RUNS_LISTED);
    let keys: Vec<String> = dated.into_iter().map(|(key, _)| key).collect();
    let found = runs.into_iter().map(|(run, started_at_s)| {
        let (store, keys) = (&store, &keys);
        async move { listed(store, keys, run, started_at_s).await }
    });
    let runs = stream::iter(found).buffered(READS_AT_A_TIME).try_collect::<Vec<Option<ListedRun>>>().await?;
    Ok(Json(RunList { runs: runs.into_iter().flatten().collect(), n_runs }))
}

/// A run; none where it was deleted meanwhile, or another version wrote what cannot be read: the others are listed
/// all the same.
async fn listed(
    store: &Store,
    keys: &[String],
    run: RunKey,
    started_at_s: Option<f64>,
) -> Result<Option<ListedRun>, ApiError> {
    let run_id = run.run.as_str().to_owned();
    let status = match status_of(store, &run, keys).await {
        Ok(Some(status)) => status,
        Ok(None) | Err(ApiError::NotFound(_) | ApiError::Damaged(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    match required(store, &ObjectKey::Request(run)).await {
        Ok(StartRun { pipeline, .. }) => Ok(Some(ListedRun { run_id, started_at_s, status, pipeline })),
        Err(StepError::Missing { .. } | StepError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
