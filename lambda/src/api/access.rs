//! Who may: the owner's key, and the ids in an address.

use axum::http::{HeaderMap, header};

use super::error::{ApiError, missing};
use super::results::StoredResult;
use crate::handlers::{StoredRecording, required};
use crate::keys::{Id, ObjectKey, RunKey};
use crate::random::sha256_hex;
use crate::store::Store;

/// Says of a recording that it is not there.
pub const RECORDING: &str = "such recording";

/// Says the same of a result that came as a file.
pub const RESULT: &str = "such result";

/// The recording, if the request bears its owner's key.
pub async fn owned(store: &Store, headers: &HeaderMap, recording_id: &str) -> Result<(Id, StoredRecording), ApiError> {
    let id = Id::parse(recording_id).ok_or(ApiError::NotFound(RECORDING))?;
    let stored: StoredRecording = required(store, &ObjectKey::Recording(id.clone())).await?;
    if is_owner(headers, &stored.owner_sha256) { Ok((id, stored)) } else { Err(ApiError::Forbidden) }
}

/// The result that came as a file, if the request bears its owner's key.
pub async fn owned_result(store: &Store, headers: &HeaderMap, result_id: &str) -> Result<Id, ApiError> {
    let id = Id::parse(result_id).ok_or(ApiError::NotFound(RESULT))?;
    let key = ObjectKey::SentResult(id.clone());
    let stored: StoredResult = required(store, &key).await.map_err(missing(RESULT))?;
    if is_owner(headers, &stored.owner_sha256) { Ok(id) } else { Err(ApiError::Forbidden) }
}

/// Whether a request bears the key of this hash.
fn is_owner(headers: &HeaderMap, owner_sha256: &str) -> bool {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // Hashes of secrets are compared, so timing tells nothing about the secret.
    bearer.is_some_and(|key| sha256_hex(key) == owner_sha256)
}

/// Takes back what was just written of a recording or a result that somebody deleted meanwhile, and says that it is
/// gone. `announced` is what goes last when one is deleted, or an object that tells a deletion what belongs to it. Who
/// deletes looks once more after that, and who writes looks here after writing: one of both sees what the other did.
pub async fn unless_deleted(
    store: &Store,
    announced: &ObjectKey,
    written: &[String],
    what: &'static str,
) -> Result<(), ApiError> {
    if store.get(announced).await?.is_some() {
        return Ok(());
    }
    store.delete(written).await?;
    Err(ApiError::NotFound(what))
}

/// The run of an owned recording.
pub async fn owned_run(
    store: &Store,
    headers: &HeaderMap,
    recording_id: &str,
    run_id: &str,
) -> Result<(RunKey, StoredRecording), ApiError> {
    let (recording, stored) = owned(store, headers, recording_id).await?;
    let run = Id::parse(run_id).ok_or(ApiError::NotFound("such run"))?;
    Ok((RunKey { recording, run }, stored))
}
