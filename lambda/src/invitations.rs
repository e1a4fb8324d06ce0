//! Invitations: who may upload, how much, until when. Made and revoked by the owner of the bucket
//! ([`owner`]); what each has used is in its [`books`].
//!
//! A code is 256 random bits; the bucket holds its hash alone, so that a look into it gives no
//! working link.

pub mod books;
pub mod owner;

use serde::{Deserialize, Serialize};
use wasm_core::api::InvitationState;

use crate::handlers::{StepError, required};
use crate::keys::ObjectKey;
use crate::store::Store;
use crate::time::date;

pub use wasm_core::api::{Allowance, is_code};
pub use wasm_core::secret::Secret;

/// `invitations/HASH.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Who was invited, or to what.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub created_at_s: u64,
    /// When it expires, in seconds since 1970.
    pub expires_at_s: u64,
    /// What it allows.
    pub limits: Allowance,
    /// When it was revoked, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at_s: Option<u64>,
}

impl Invitation {
    /// Why it allows nothing now, in words; none where it does.
    #[must_use]
    pub fn why_closed(&self, now_s: u64) -> Option<String> {
        const ASK: &str = "Ask the person who sent it for another one.";
        let Self { name, revoked_at_s, expires_at_s, .. } = self;
        if let Some(revoked_at_s) = revoked_at_s {
            return Some(format!("The invitation “{name}” was revoked on {}. {ASK}", date(*revoked_at_s)));
        }
        (*expires_at_s <= now_s).then(|| format!("The invitation “{name}” expired on {}. {ASK}", date(*expires_at_s)))
    }
}

/// The invitation of this hash; none where there is none.
///
/// # Errors
/// When S3 refuses or cannot be reached, or the object is damaged.
pub async fn find(store: &Store, hash: &str) -> Result<Option<Invitation>, StepError> {
    match required(store, &ObjectKey::Invitation(hash.to_owned())).await {
        Err(StepError::Missing { .. }) => Ok(None),
        found => found.map(Some),
    }
}

/// An invitation and what is used of it.
///
/// # Errors
/// When S3 refuses or cannot be reached, or an object is damaged.
pub async fn state(store: &Store, hash: &str, invitation: Invitation) -> Result<InvitationState, StepError> {
    let used = books::used(store, hash).await?;
    let Invitation { name, expires_at_s, limits, .. } = invitation;
    Ok(InvitationState { name, expires_at_s, limits, used })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_open_until_it_expires_or_is_revoked() {
        let limits = Allowance { bytes: 1, runs: 1, concurrent_runs: 1 };
        let open =
            Invitation { name: "Ana".into(), created_at_s: 0, expires_at_s: 951_782_400, limits, revoked_at_s: None };
        assert_eq!(open.why_closed(951_782_399), None);
        assert!(open.why_closed(951_782_400).is_some_and(|why| why.contains("“Ana” expired on 2000-02-29")));
        let revoked = Invitation { revoked_at_s: Some(0), ..open };
        assert!(revoked.why_closed(1).is_some_and(|why| why.contains("was revoked on 1970-01-01")));
    }
}
