//! Shares: a link that shows one result, until it expires or is revoked.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse};
use serde::{Deserialize, Serialize};
use wasm_core::api::{CreateShare, CreatedShare, ResultLinks, SignReads, Signed, limits};

use super::access::{owned, owned_run};
use super::error::{ApiError, missing};
use super::runs::{links, sign};
use crate::handlers::{StoredRecording, required, to_json};
use crate::keys::{Id, ObjectKey, RunKey};
use crate::random::{self, sha256_hex};
use crate::store::Store;

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// What a share's object holds; its key is the hash of the token, so that a look into the
/// bucket gives no working link.
#[derive(Serialize, Deserialize)]
struct Share {
    recording_id: String,
    run_id: String,
    expires_at_s: u64,
}

pub async fn create(
    State(store): State<Store>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Json<CreateShare>, JsonRejection>,
) -> Result<Json<CreatedShare>, ApiError> {
    let (run, stored) = owned_run(&store, &headers, &id, &run).await?;
    let Json(CreateShare { days }) = body?;
    if !(1..=limits::SHARE_DAYS).contains(&days) {
        return Err(ApiError::Invalid(format!("days must be 1 to {}", limits::SHARE_DAYS)));
    }
    // Only a finished run can be shared.
    links(&store, &run, stored, None).await?;
    let token = random::hex(32)?;
    let expires_at_s = now_s() + u64::from(days) * SECONDS_PER_DAY;
    let share = Share { recording_id: id, run_id: run.run.as_str().to_owned(), expires_at_s };
    let hash = sha256_hex(&token);
    store.put(&ObjectKey::ShareOf(run.recording, hash.clone()), b"{}".to_vec()).await?;
    store.put_new(&ObjectKey::Share(hash), to_json(&share)).await?;
    Ok(Json(CreatedShare { token: token.into(), expires_at_s }))
}

pub async fn revoke(
    State(store): State<Store>,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (recording, _) = owned(&store, &headers, &id).await?;
    let hash = sha256_hex(&token);
    let key = ObjectKey::Share(hash.clone());
    let share: Share = required(&store, &key).await.map_err(missing("such share"))?;
    if share.recording_id != id {
        return Err(ApiError::NotFound("such share"));
    }
    store.delete(&[key.path(), ObjectKey::ShareOf(recording, hash).path()]).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn resolve(State(store): State<Store>, Path(token): Path<String>) -> Result<Json<ResultLinks>, ApiError> {
    let (run, stored, expires_at_s) = shared(&store, &token).await?;
    links(&store, &run, stored, Some(expires_at_s)).await.map(Json)
}

/// The page at a share's own address: always the same page, with status 404 when the share is
/// gone, so that a revoked link is one to programs too.
pub async fn page(State(store): State<Store>, Path(token): Path<String>) -> impl IntoResponse {
    const PAGE: &str = include_str!("../../../www/index.html");
    let status = match shared(&store, &token).await {
        Ok(_) => StatusCode::OK,
        Err(ApiError::NotFound(_)) => StatusCode::NOT_FOUND,
        // Whether the link works is not known now.
        Err(error) => error.into_response().status(),
    };
    let headers = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(PAGE))
}

pub async fn sign_reads(
    State(store): State<Store>,
    Path(token): Path<String>,
    body: Result<Json<SignReads>, JsonRejection>,
) -> Result<Json<Signed>, ApiError> {
    let (run, stored, _) = shared(&store, &token).await?;
    let Json(wanted) = body?;
    sign(&store, &run, &stored.recording.stream, &wanted).await.map(Json)
}

/// What a token shows, unless it expired or was revoked.
async fn shared(store: &Store, token: &str) -> Result<(RunKey, StoredRecording, u64), ApiError> {
    const SHARED: &str = "such shared result";
    let gone = || ApiError::NotFound(SHARED);
    let share: Share = required(store, &ObjectKey::Share(sha256_hex(token))).await.map_err(missing(SHARED))?;
    if share.expires_at_s <= now_s() {
        return Err(gone());
    }
    let id = |text: &str| Id::parse(text).ok_or_else(gone);
    let run = RunKey { recording: id(&share.recording_id)?, run: id(&share.run_id)? };
    let stored = required(store, &ObjectKey::Recording(run.recording.clone())).await.map_err(missing(SHARED))?;
    Ok((run, stored, share.expires_at_s))
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
