//! Who may: the owner's key, and the ids in an address.

use axum::http::{HeaderMap, header};

use super::error::{ApiError, missing};
use super::results::StoredResult;
use crate::handlers::{StoredRecording, required};
use crate::keys::{Id, ObjectKey, RunKey};
use crate::random::sha256_hex;
use crate::store::Store;

/// The recording, if the request bears its owner's key.
pub async fn owned(store: &Store, headers: &HeaderMap, recording_id: &str) -> Result<(Id, StoredRecording), ApiError> {
    let id = Id::parse(recording_id).ok_or(ApiError::NotFound("such recording"))?;
    let stored: StoredRecording = required(store, &ObjectKey::Recording(id.clone())).await?;
    if is_owner(headers, &stored.owner_sha256) { Ok((id, stored)) } else { Err(ApiError::Forbidden) }
}

/// The result that came as a file, if the request bears its owner's key.
pub async fn owned_result(store: &Store, headers: &HeaderMap, result_id: &str) -> Result<Id, ApiError> {
    const RESULT: &str = "such result";
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
