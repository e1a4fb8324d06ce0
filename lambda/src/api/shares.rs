//! Shares: a link that shows one result, until it expires or is revoked.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use wasm_core::api::{
    CreateShare, CreatedShare, ShareAbout, SharedContent, SharedFile, SharedResult, SignReads, Signed, is_plain,
    is_plain_in_note, limits,
};

use super::access::{RECORDING, owned, owned_run, unless_deleted};
use super::error::{ApiError, missing};
use super::path::Path;
use super::recordings::refused;
use super::results::StoredResult;
use super::runs::{links, sign};
use crate::handlers::{StoredRecording, required, to_json};
use crate::keys::{Id, ObjectKey, RunKey};
use crate::random::{self, sha256_hex};
use crate::store::Store;
use crate::time::{SECONDS_PER_DAY, now_s};

/// What a share's object holds; its key is the hash of the token, so that a look into the
/// bucket gives no working link.
#[derive(Serialize, Deserialize)]
struct Share {
    #[serde(flatten)]
    of: ShareOf,
    #[serde(flatten)]
    about: ShareAbout,
}

/// What a share shows.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum ShareOf {
    /// A run of an uploaded recording.
    Run { recording_id: String, run_id: String },
    /// A result that came as a file.
    File { result_id: String },
}

pub async fn create(
    State(store): State<Store>,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Json<CreateShare>, JsonRejection>,
) -> Result<Json<CreatedShare>, ApiError> {
    let (run, stored) = owned_run(&store, &headers, &id, &run).await?;
    let wish = checked(body)?;
    // Only a finished run can be shared.
    links(&store, &run, stored).await?;
    let of = ShareOf::Run { recording_id: id, run_id: run.run.as_str().to_owned() };
    let announced = (ObjectKey::Recording(run.recording.clone()), RECORDING);
    made(&store, wish, of, announced, |hash| ObjectKey::ShareOf(run.recording, hash)).await.map(Json)
}

/// What is asked for, if it is within the bounds.
pub fn checked(body: Result<Json<CreateShare>, JsonRejection>) -> Result<CreateShare, ApiError> {
    let Json(mut wish) = body?;
    // Lines end as on every system.
    wish.note = wish.note.replace("\r\n", "\n").replace('\r', "\n");
    if !(1..=limits::SHARE_DAYS).contains(&wish.days) {
        return Err(ApiError::Invalid(format!("days must be 1 to {}", limits::SHARE_DAYS)));
    }
    for (what, text, limit) in
        [("title", &wish.title, limits::SHARE_TITLE_CHARS), ("note", &wish.note, limits::SHARE_NOTE_CHARS)]
    {
        let n_chars = text.chars().count();
        if n_chars > limit {
            return Err(refused(what, format!("at most {limit} characters"), n_chars));
        }
        // Only a note has lines.
        let is_note = what == "note";
        if !text.chars().all(|letter| if is_note { is_plain_in_note(letter) } else { is_plain(letter) }) {
            let rest = if is_note { "" } else { ", on one line" };
            return Err(ApiError::Invalid(format!(
                "{what} must be plain text{rest}, without control characters and marks that turn its direction"
            )));
        }
    }
    Ok(wish)
}

/// Makes a share of what is announced there and called so; `mark` is the object that tells its owner of it.
pub async fn made(
    store: &Store,
    wish: CreateShare,
    of: ShareOf,
    (announced, what): (ObjectKey, &'static str),
    mark: impl FnOnce(String) -> ObjectKey,
) -> Result<CreatedShare, ApiError> {
    let token = random::hex(32)?;
    let now_s = now_s();
    let expires_at_s = now_s + u64::from(wish.days) * SECONDS_PER_DAY;
    let about = ShareAbout { title: wish.title, note: wish.note, created_at_s: Some(now_s), expires_at_s };
    let hash = sha256_hex(&token);
    let (mark, share) = (mark(hash.clone()), ObjectKey::Share(hash));
    store.put(&mark, b"{}".to_vec()).await?;
    store.put_new(&share, to_json(&Share { of, about })).await?;
    // A deletion under way may have met the mark before the share was there: then the mark is gone first.
    let written = [share.path(), mark.path()];
    for met in [&mark, &announced] {
        unless_deleted(store, met, &written, what).await?;
    }
    Ok(CreatedShare { token: token.into(), expires_at_s })
}

pub async fn revoke(
    State(store): State<Store>,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (recording, _) = owned(&store, &headers, &id).await?;
    let is_own = |of: &ShareOf| matches!(of, ShareOf::Run { recording_id, .. } if *recording_id == id);
    unmade(&store, &token, is_own, |hash| ObjectKey::ShareOf(recording.clone(), hash)).await
}

/// Revokes a share of whoever asks.
pub async fn unmade(
    store: &Store,
    token: &str,
    is_own: impl Fn(&ShareOf) -> bool,
    mark: impl Fn(String) -> ObjectKey,
) -> Result<StatusCode, ApiError> {
    let hash = sha256_hex(token);
    let key = ObjectKey::Share(hash.clone());
    let share: Share = required(store, &key).await.map_err(missing("such share"))?;
    if !is_own(&share.of) {
        return Err(ApiError::NotFound("such share"));
    }
    store.delete(&[key.path(), mark(hash).path()]).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn resolve(State(store): State<Store>, Path(token): Path<String>) -> Result<Json<SharedResult>, ApiError> {
    let (found, about) = shared(&store, &token).await?;
    let shows = match found {
        Found::Run(run, stored) => SharedContent::Run(Box::new(links(&store, &run, *stored).await?)),
        Found::File(id, stored) => {
            let signed = store.sign_get(&ObjectKey::SentFile(id)).await?;
            SharedContent::File { file: SharedFile { size_bytes: stored.size_bytes, url: signed.url } }
        }
    };
    Ok(Json(SharedResult { about, shows }))
}

/// The page at a share's own address: always the same page, with status 404 when the share is
/// gone, so that a revoked link is one to programs too.
pub async fn page(State(store): State<Store>, token: Result<Path<String>, ApiError>) -> Response {
    let found = match token {
        Ok(Path(token)) => shared(&store, &token).await.map(drop),
        Err(error) => Err(error),
    };
    page_with(match found {
        Ok(()) => StatusCode::OK,
        // Whether the link works may not be known now.
        Err(error) => error.into_response().status(),
    })
}

/// What leads nowhere: people who follow a link that was cut see the page, all others a refusal.
pub async fn nowhere(uri: Uri) -> Response {
    if uri.path().starts_with("/share/") { page_with(StatusCode::NOT_FOUND) } else { ApiError::NoRoute.into_response() }
}

fn page_with(status: StatusCode) -> Response {
    const PAGE: &str = include_str!("../../../www/index.html");
    let headers = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(PAGE)).into_response()
}

pub async fn sign_reads(
    State(store): State<Store>,
    Path(token): Path<String>,
    body: Result<Json<SignReads>, JsonRejection>,
) -> Result<Json<Signed>, ApiError> {
    let (Found::Run(run, stored), _) = shared(&store, &token).await? else {
        return Err(ApiError::Invalid("this result was shared without its signal; there is nothing to read".into()));
    };
    let Json(wanted) = body?;
    sign(&store, &run, &stored.recording.stream, &wanted).await.map(Json)
}

/// What a share shows, which is there.
enum Found {
    Run(RunKey, Box<StoredRecording>),
    File(Id, StoredResult),
}

/// What a token shows, unless it expired or was revoked.
async fn shared(store: &Store, token: &str) -> Result<(Found, ShareAbout), ApiError> {
    const SHARED: &str = "such shared result";
    let gone = || ApiError::NotFound(SHARED);
    let Share { of, about } = required(store, &ObjectKey::Share(sha256_hex(token))).await.map_err(missing(SHARED))?;
    if about.expires_at_s <= now_s() {
        return Err(gone());
    }
    let id = |text: &str| Id::parse(text).ok_or_else(gone);
    let found = match of {
        ShareOf::Run { recording_id, run_id } => {
            let run = RunKey { recording: id(&recording_id)?, run: id(&run_id)? };
            let key = ObjectKey::Recording(run.recording.clone());
            Found::Run(run, Box::new(required(store, &key).await.map_err(missing(SHARED))?))
        }
        ShareOf::File { result_id } => {
            let id = id(&result_id)?;
            let key = ObjectKey::SentResult(id.clone());
            Found::File(id, required(store, &key).await.map_err(missing(SHARED))?)
        }
    };
    Ok((found, about))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_earlier_versions_are_read() {
        let earlier = r#"{ "recording_id": "a", "run_id": "b", "expires_at_s": 7 }"#;
        let Share { of, about } = serde_json::from_str(earlier).expect("a share");
        assert!(matches!(of, ShareOf::Run { recording_id, run_id } if recording_id == "a" && run_id == "b"));
        assert_eq!(about, ShareAbout { expires_at_s: 7, ..ShareAbout::default() });
        let written = to_json(&Share { of: ShareOf::File { result_id: "c".into() }, about });
        let read: Share = serde_json::from_slice(&written).expect("a share");
        assert!(matches!(read.of, ShareOf::File { result_id } if result_id == "c"));
    }
}
