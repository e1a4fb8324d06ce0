//! Who may upload: whoever has the code of an invitation that is open.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use wasm_core::api::{INVITATION_HEADER, InvitationState, is_code};

use super::error::ApiError;
use crate::handlers::StoredRecording;
use crate::invitations::books::{self, Uploaded};
use crate::invitations::{self, Invitation, find};
use crate::keys::RunKey;
use crate::random::sha256_hex;
use crate::store::Store;
use crate::time::now_s;

const NEEDED: &str = "Uploading needs an invitation. Open the link that the person who runs this cloud sent you, or \
    paste it where this page asks for it.";

/// Of a code that is wrong nothing more is told.
const UNKNOWN: &str = "There is no such invitation; its link may be cut. Ask the person who sent it for another one.";

/// An invitation that is open.
pub struct Invited {
    /// The hash of its code.
    pub hash: String,
    invitation: Invitation,
}

impl Invited {
    /// Enters an upload that counts for so many bytes and writes so many objects.
    pub async fn take_upload(&self, store: &Store, of: &Uploaded, bytes: u64, n_puts: u64) -> Result<(), ApiError> {
        Ok(books::take_upload(store, &self.hash, self.invitation.limits, of, bytes, n_puts).await?)
    }

    /// Enters an attempt at a run.
    pub async fn take_run(
        &self,
        store: &Store,
        run: &RunKey,
        attempt: usize,
        expected_usd: f64,
    ) -> Result<(), ApiError> {
        Ok(books::take_run(store, &self.hash, self.invitation.limits, run, attempt, expected_usd).await?)
    }
}

/// The open invitation whose code a request bears.
pub async fn invited(store: &Store, headers: &HeaderMap) -> Result<Invited, ApiError> {
    let code = headers.get(INVITATION_HEADER).ok_or_else(|| ApiError::Uninvited(NEEDED.into()))?;
    // What cannot be a code costs no look into the bucket.
    let code = code.to_str().ok().filter(|code| is_code(code));
    let code = code.ok_or_else(|| ApiError::Uninvited(UNKNOWN.into()))?;
    open(store, sha256_hex(code)).await
}

/// The open invitation that a recording was uploaded with; for one of earlier versions, which has
/// none, that of the request.
pub async fn invited_for(store: &Store, headers: &HeaderMap, stored: &StoredRecording) -> Result<Invited, ApiError> {
    match &stored.invitation {
        Some(hash) => open(store, hash.clone()).await,
        None => invited(store, headers).await,
    }
}

async fn open(store: &Store, hash: String) -> Result<Invited, ApiError> {
    let Some(invitation) = find(store, &hash).await? else {
        return Err(ApiError::Uninvited(UNKNOWN.into()));
    };
    match invitation.why_closed(now_s()) {
        Some(reason) => Err(ApiError::Uninvited(reason)),
        None => Ok(Invited { hash, invitation }),
    }
}

/// What is left of the invitation that a request bears.
pub async fn state(State(store): State<Store>, headers: HeaderMap) -> Result<Json<InvitationState>, ApiError> {
    let Invited { hash, invitation } = invited(&store, &headers).await?;
    Ok(Json(invitations::state(&store, &hash, invitation).await?))
}
