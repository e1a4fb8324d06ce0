//! The executions that carry a run: they are started once, noticed when they die, stopped, and
//! followed by another that goes on where the last one ended.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use wasm_core::api::StartedRun;

use super::access::{RECORDING, owned_run, unless_deleted};
use super::error::ApiError;
use super::path::Path;
use super::runs::take_run;
use crate::executions::{Ending, Executions, Found};
use crate::handlers::{Failed, now_s, reason_of_ending, record_failure, required};
use crate::keys::{ObjectKey, RunKey, attempts_prefix};
use crate::store::{Store, StoreError};

/// Seconds after which a run whose execution is not there was not started. Step Functions shows an
/// execution some seconds after its start at the latest.
const LOST_AFTER_S: f64 = 300.0;

/// Seconds after which no request is under way any more: a function is ended after 29.
const LONGEST_CALL_S: f64 = 30.0;

const NOT_STARTED: &str = "The run was not started: the request for it was lost. You can go on with it.";

/// What is said to whoever comes while another attempt begins.
pub const UNDER_WAY: &str = "Somebody is going on with this run at this moment; look at it again in half a minute.";

const DAMAGED: &str = "What is stored of this recording is damaged, so this run would fail again. Delete the recording \
    and upload it again.";

/// Times that a run was gone on with: the number of its last attempt. Its objects are looked
/// through where they are at hand.
pub fn last(run: &RunKey, keys: &[String]) -> usize {
    let prefix = attempts_prefix(run);
    keys.iter().filter(|key| key.starts_with(&prefix)).count()
}

/// The same, where they are not.
pub async fn newest(store: &Store, run: &RunKey) -> Result<usize, StoreError> {
    Ok(last(run, &store.list(&attempts_prefix(run)).await?))
}

/// Starts a run whose request is stored.
pub async fn start(store: &Store, executions: Option<&Executions>, run: &RunKey) -> Result<(), ApiError> {
    let Some(executions) = executions else { return Ok(()) };
    // A request that is repeated after the run was gone on with finds that attempt under way.
    let attempt = newest(store, run).await?;
    Ok(executions.start(run, attempt).await?)
}

/// Ends the execution of an attempt at a run, so that nothing more of it is paid for.
pub async fn stop(executions: Option<&Executions>, run: &RunKey, attempt: usize) -> Result<(), ApiError> {
    let Some(executions) = executions else { return Ok(()) };
    Ok(executions.stop(run, attempt).await?)
}

/// Why nobody works on a run that has neither result nor reason; `None` while somebody does, or
/// where that is not known. `keys` are the run's objects.
pub async fn dead(
    store: &Store,
    executions: Option<&Executions>,
    run: &RunKey,
    keys: &[String],
) -> Result<Option<String>, ApiError> {
    let Some(executions) = executions else { return Ok(None) };
    let attempt = last(run, keys);
    match executions.look(run, attempt).await {
        Ok(Found::Running) => Ok(None),
        Ok(Found::Ended(ending)) => ended(store, run, &ending).await,
        Ok(Found::Missing) => Ok((age_of(store, run, attempt).await? > LOST_AFTER_S).then(|| NOT_STARTED.to_owned())),
        // The objects tell how far the run is; the next look asks again.
        Err(error) => {
            tracing::error!(reason = error.to_string(), "run not looked at");
            Ok(None)
        }
    }
}

/// Seconds since an attempt was asked for.
async fn age_of(store: &Store, run: &RunKey, attempt: usize) -> Result<f64, StoreError> {
    let begun = if attempt == 0 { ObjectKey::Request(run.clone()) } else { ObjectKey::Attempt(run.clone(), attempt) };
    Ok(store.written_at_s(&begun).await?.map_or(0.0, age_s))
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
fn age_s(written_at_s: i64) -> f64 {
    now_s() - written_at_s as f64
}

/// Why an execution ended, written down; `None` when it left a result after the run's objects were listed.
async fn ended(store: &Store, run: &RunKey, ending: &Ending) -> Result<Option<String>, ApiError> {
    if store.get(&ObjectKey::Receipt(run.clone())).await?.is_some() {
        return Ok(None);
    }
    let reason = reason_of_ending(&ending.status, &ending.error, &ending.cause);
    record_failure(store, run.clone(), reason).await?;
    // What was written first counts, such as what a slice said.
    let failure = ObjectKey::Failure(run.clone());
    Ok(Some(required::<Failed>(store, &failure).await?.reason))
}

/// Whether somebody goes on with a run at this moment: the attempt is written down and has not begun. The reason for
/// which the one before ended is then about to go, and would not stop this one.
pub async fn is_beginning(
    store: &Store,
    executions: Option<&Executions>,
    run: &RunKey,
    attempt: usize,
) -> Result<bool, ApiError> {
    let Some(executions) = executions.filter(|_| attempt > 0) else { return Ok(false) };
    let is_missing = executions.look(run, attempt).await? == Found::Missing;
    Ok(is_missing && age_of(store, run, attempt).await? < LONGEST_CALL_S)
}

/// Goes on with a run that failed or was stopped: slices that are done are not done again.
pub async fn redrive(
    State(store): State<Store>,
    State(executions): State<Option<Executions>>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<StartedRun>, ApiError> {
    let (run, stored) = owned_run(&store, &headers, &id, &run).await?;
    if store.get(&ObjectKey::Request(run.clone())).await?.is_none() {
        return Err(ApiError::NotFound("such run"));
    }
    if store.get(&ObjectKey::Receipt(run.clone())).await?.is_some() {
        return Err(ApiError::Conflict("The run is done; there is nothing to go on with.".into()));
    }
    let Some(executions) = executions else {
        return Err(ApiError::Conflict(
            "This cloud has no state machine for runs (NEUROCYTE_RUN_MACHINE is not set).".into(),
        ));
    };
    let failure = ObjectKey::Failure(run.clone());
    let attempt = newest(&store, &run).await?;
    let failed = store.get(&failure).await?;
    let has_failed = failed.is_some();
    let failed = failed.and_then(|bytes| serde_json::from_slice::<Failed>(&bytes).ok());
    if failed.is_some_and(|failed| failed.is_of_damage()) {
        return Err(ApiError::Conflict(DAMAGED.into()));
    }
    let started = Json(StartedRun { run_id: run.run.as_str().to_owned() });
    let next = match executions.look(&run, attempt).await? {
        Found::Running if has_failed => {
            return Err(ApiError::Conflict("The run is still being stopped; try again in a moment.".into()));
        }
        // Somebody else went on with it; a reason that is written from now on is that of a stop, and stays.
        Found::Running => return Ok(started),
        Found::Missing => {
            if has_failed && age_of(&store, &run, attempt).await? < LONGEST_CALL_S {
                return Err(ApiError::Conflict(UNDER_WAY.into()));
            }
            // Its start was lost, and it is in the books; or it is so long ago that Step Functions forgot it, and it
            // is a new run.
            take_run(&store, &headers, (&run, attempt), &stored).await?;
            attempt
        }
        Found::Ended(_) => {
            // Who writes the attempt down is the one who goes on: however many ask at once, one run is counted.
            let next = ObjectKey::Attempt(run.clone(), attempt + 1);
            match store.put_new(&next, Vec::new()).await {
                Ok(()) => {}
                Err(StoreError::Exists { .. }) => return Err(ApiError::Conflict(UNDER_WAY.into())),
                Err(error) => return Err(error.into()),
            }
            // Each time counts as a run of the invitation: it is paid for as one.
            if let Err(refused) = take_run(&store, &headers, (&run, attempt + 1), &stored).await {
                store.delete(&[next.path()]).await?;
                return Err(refused);
            }
            attempt + 1
        }
    };
    let announced = ObjectKey::Recording(run.recording.clone());
    unless_deleted(&store, &announced, &[ObjectKey::Attempt(run.clone(), next).path()], RECORDING).await?;
    // Another reason than the one that was read above is that of a stop, and stays.
    if has_failed {
        store.delete(&[failure.path()]).await?;
    }
    executions.start(&run, next).await?;
    Ok(started)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Id;

    #[test]
    fn attempts_are_counted_among_the_objects_of_a_run() {
        let id = |digit: &str| Id::parse(&digit.repeat(32)).expect("an id");
        let run = RunKey { recording: id("a"), run: id("b") };
        let other = RunKey { recording: id("a"), run: id("c") };
        let keys = [
            ObjectKey::Attempt(run.clone(), 1),
            ObjectKey::Attempt(run.clone(), 2),
            ObjectKey::Request(run.clone()),
            ObjectKey::Attempt(other.clone(), 1),
        ];
        let keys = keys.map(|key| key.path());
        assert_eq!((last(&run, &keys), last(&other, &keys), last(&run, &[])), (2, 1, 0));
    }
}
