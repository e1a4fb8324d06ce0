//! Results that come as a file, made from spikes alone: announce, share, revoke, delete.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use wasm_core::api::{CreateResult, CreateShare, CreatedResult, CreatedShare, limits};

use super::access::{RESULT, owned_result};
use super::error::ApiError;
use super::invited::invited;
use super::path::Path;
use super::recordings::refused;
use super::removal::remove_all;
use super::shares::{self, ShareOf};
use crate::handlers::to_json;
use crate::invitations::books::Uploaded;
use crate::keys::{Id, ObjectKey, sent_prefix};
use crate::random;
use crate::store::Store;

/// `result.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResult {
    /// Length of the file.
    pub size_bytes: u64,
    /// CRC-32C of the file.
    pub crc32c: u32,
    /// SHA-256 of the owner's key.
    pub owner_sha256: String,
    /// Hash of the invitation that it was sent with; none of earlier versions.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// Objects that a result writes: what was announced, and its file.
const PUTS_OF_A_RESULT: u64 = 2;

pub async fn create(
    State(store): State<Store>,
    headers: HeaderMap,
    body: Result<Json<CreateResult>, JsonRejection>,
) -> Result<Json<CreatedResult>, ApiError> {
    let invited = invited(&store, &headers).await?;
    let Json(CreateResult { size_bytes, crc32c }) = body?;
    if !(1..=limits::RESULT_BYTES).contains(&size_bytes) {
        return Err(refused("size_bytes", format!("1 to {}", limits::RESULT_BYTES), size_bytes));
    }
    let id = Id::random()?;
    let owner_key = random::hex(32)?;
    let of = Uploaded::Result(id.as_str().to_owned());
    let counted_bytes = size_bytes.max(limits::CHARGED_CHUNK_BYTES);
    invited.take_upload(&store, &of, counted_bytes, PUTS_OF_A_RESULT).await?;
    let owner_sha256 = random::sha256_hex(&owner_key);
    let stored = StoredResult { size_bytes, crc32c, owner_sha256, invitation: Some(invited.hash) };
    store.put_new(&ObjectKey::SentResult(id.clone()), to_json(&stored)).await?;
    let upload = store.sign_put(&ObjectKey::SentFile(id.clone()), size_bytes, crc32c).await?;
    Ok(Json(CreatedResult { result_id: id.as_str().to_owned(), owner_key: owner_key.into(), upload }))
}

pub async fn share(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<CreateShare>, JsonRejection>,
) -> Result<Json<CreatedShare>, ApiError> {
    let id = owned_result(&store, &headers, &id).await?;
    let wish = shares::checked(body)?;
    // Only a file that is there can be shared.
    if !store.list(&sent_prefix(&id)).await?.contains(&ObjectKey::SentFile(id.clone()).path()) {
        return Err(ApiError::Conflict("The file of this result is not there yet; send it first.".into()));
    }
    let of = ShareOf::File { result_id: id.as_str().to_owned() };
    let announced = (ObjectKey::SentResult(id.clone()), RESULT);
    shares::made(&store, wish, of, announced, |hash| ObjectKey::ShareOfSent(id, hash)).await.map(Json)
}

pub async fn revoke(
    State(store): State<Store>,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let id = owned_result(&store, &headers, &id).await?;
    let is_own = |of: &ShareOf| matches!(of, ShareOf::File { result_id } if result_id == id.as_str());
    shares::unmade(&store, &token, is_own, |hash| ObjectKey::ShareOfSent(id.clone(), hash)).await
}

pub async fn remove(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = owned_result(&store, &headers, &id).await?;
    remove_all(&store, &[sent_prefix(&id)], ObjectKey::SentResult(id).path()).await
}
