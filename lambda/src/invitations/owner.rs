//! What the owner of the bucket does: invite, look at what was used, revoke.

use wasm_core::api::{Allowance, limits};
use wasm_core::cost::{self, Paid};
use wasm_core::regions::priced;
use wasm_core::secret::Secret;
use wasm_core::size;

use super::books::{EndedEntry, RunEntry, UploadEntry, Uploaded, end_of, entries};
use super::{Invitation, find};
use crate::handlers::{StepError, to_json};
use crate::keys::{INVITATIONS_PREFIX, Id, InvitationBook, ObjectKey};
use crate::random;
use crate::region;
use crate::store::{Store, StoreError};
use crate::time::{SECONDS_PER_DAY, now_s};

/// An invitation that is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Who is invited, or to what.
    pub name: String,
    /// What it allows.
    pub limits: Allowance,
    /// Days until it expires.
    pub days: u32,
}

/// One that allows as much as any can: for whoever runs the cloud.
#[must_use]
pub fn widest(name: &str) -> Invite {
    let most = Allowance {
        bytes: 1 << 50,
        runs: limits::INVITATION_RUNS,
        concurrent_runs: limits::INVITATION_CONCURRENT_RUNS,
    };
    Invite { name: name.to_owned(), limits: most, days: limits::INVITATION_DAYS }
}

/// Why nobody could be invited, or no invitation be shown or revoked.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// A value is outside what is accepted, or no invitation fits.
    #[error("{0}")]
    Wrong(String),
    /// The system has no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] std::io::Error),
    /// S3 could not or would not.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<StoreError> for InviteError {
    fn from(error: StoreError) -> Self {
        Self::Step(error.into())
    }
}

/// Makes an invitation and gives its code, which is told once.
///
/// # Errors
/// When a value is outside its bounds, or S3 refuses or cannot be reached.
pub async fn make(store: &Store, wish: Invite) -> Result<Secret, InviteError> {
    check(&wish)?;
    let code = random::hex(32)?;
    let created_at_s = now_s();
    let invitation = Invitation {
        name: wish.name,
        created_at_s,
        expires_at_s: created_at_s + u64::from(wish.days) * SECONDS_PER_DAY,
        limits: wish.limits,
        revoked_at_s: None,
    };
    store.put_new(&ObjectKey::Invitation(random::sha256_hex(&code)), to_json(&invitation)).await?;
    Ok(code.into())
}

fn check(wish: &Invite) -> Result<(), InviteError> {
    let n_chars = wish.name.chars().count();
    if !(1..=limits::INVITATION_NAME_CHARS).contains(&n_chars) || wish.name.chars().any(char::is_control) {
        return Err(InviteError::Wrong(format!(
            "the name must have 1 to {} characters on one line, not {n_chars}",
            limits::INVITATION_NAME_CHARS
        )));
    }
    let Allowance { bytes, runs, concurrent_runs } = wish.limits;
    for (what, value, most) in [
        ("runs", runs, limits::INVITATION_RUNS),
        ("runs at a time", concurrent_runs, limits::INVITATION_CONCURRENT_RUNS),
        ("days", wish.days.into(), limits::INVITATION_DAYS.into()),
    ] {
        if !(1..=most).contains(&value) {
            return Err(InviteError::Wrong(format!("{what} must be 1 to {most}, not {value}")));
        }
    }
    if bytes < limits::CHARGED_CHUNK_BYTES {
        let least = size::of(limits::CHARGED_CHUNK_BYTES);
        return Err(InviteError::Wrong(format!("bytes must be at least {least}, what one small recording counts for")));
    }
    Ok(())
}

/// Hashes of all invitations.
async fn hashes(store: &Store) -> Result<Vec<String>, StoreError> {
    let keys = store.list(INVITATIONS_PREFIX).await?;
    Ok(keys.iter().filter_map(|key| ObjectKey::hash_of_invitation(key).map(str::to_owned)).collect())
}

/// Revokes the invitation whose hash begins with `id`; gives its name. What was uploaded stays, and
/// can be looked at, shared and deleted.
///
/// # Errors
/// When not exactly one fits, or S3 refuses or cannot be reached.
pub async fn revoke(store: &Store, id: &str) -> Result<String, InviteError> {
    let fitting: Vec<String> = hashes(store).await?.into_iter().filter(|hash| hash.starts_with(id)).collect();
    let [hash] = fitting.as_slice() else {
        let n = fitting.len();
        return Err(InviteError::Wrong(format!(
            "“{id}” begins the id of {n} invitations, not of one; see invite list"
        )));
    };
    let Some(invitation) = find(store, hash).await? else {
        return Err(InviteError::Wrong(format!("the invitation {hash} is gone")));
    };
    let revoked_at_s = invitation.revoked_at_s.or_else(|| Some(now_s()));
    let revoked = Invitation { revoked_at_s, ..invitation };
    store.put(&ObjectKey::Invitation(hash.clone()), to_json(&revoked)).await?;
    Ok(revoked.name)
}

/// What an invitation used and cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its hash, whose beginning names it.
    pub hash: String,
    /// The invitation.
    pub invitation: Invitation,
    /// What was used, runs under way among it.
    pub used: Allowance,
    /// Recordings and results that were announced.
    pub n_uploads: usize,
    /// Those of them that are still there.
    pub n_kept: usize,
    /// What uploads and runs cost, in US dollars; runs without a receipt with what was expected of them.
    pub spent_usd: f64,
    /// Runs whose cost is only expected.
    pub n_unpriced: usize,
    /// What a month of keeping what is there costs at most, in US dollars: as if nothing had compressed.
    pub month_usd: f64,
}

/// All invitations with what they used, the newest first.
///
/// # Errors
/// When S3 refuses or cannot be reached, or an object is damaged.
pub async fn accounts(store: &Store) -> Result<Vec<Account>, InviteError> {
    let mut all = Vec::new();
    for hash in hashes(store).await? {
        // It may be gone since it was listed.
        if let Some(invitation) = find(store, &hash).await? {
            all.push(account(store, hash, invitation).await?);
        }
    }
    all.sort_by_key(|account| std::cmp::Reverse(account.invitation.created_at_s));
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "prices")]
async fn account(store: &Store, hash: String, invitation: Invitation) -> Result<Account, StepError> {
    let uploads: Vec<(usize, UploadEntry)> = entries(store, &hash, InvitationBook::Uploads).await?;
    let runs: Vec<(usize, RunEntry)> = entries(store, &hash, InvitationBook::Runs).await?;
    let ended: Vec<(usize, EndedEntry)> = entries(store, &hash, InvitationBook::Ended).await?;
    let (mut n_kept, mut kept_bytes) = (0, 0_u64);
    for (_, entry) in &uploads {
        if is_there(store, &entry.of).await? {
            n_kept += 1;
            kept_bytes = kept_bytes.saturating_add(entry.bytes);
        }
    }
    let (mut spent_usd, mut n_unpriced, mut n_open) = (0.0, 0, 0);
    for (number, run) in &runs {
        let known = ended.iter().find(|(of, _)| of == number).map(|(_, end)| *end);
        let end = match known {
            Some(end) => Some(end),
            None => end_of(store, run).await?,
        };
        n_open += u64::from(end.is_none());
        let cost_usd = end.and_then(|end| end.cost_usd);
        n_unpriced += usize::from(cost_usd.is_none());
        spent_usd += cost_usd.unwrap_or(run.expected_usd);
    }
    let (_, prices) = priced(region::here().as_deref());
    spent_usd += uploads.iter().map(|(_, entry)| prices.usd(Paid::Put, entry.n_puts as f64)).sum::<f64>();
    let bytes = uploads.last().map_or(0, |(_, entry)| entry.total_bytes);
    Ok(Account {
        used: Allowance { bytes, runs: runs.len() as u64, concurrent_runs: n_open },
        n_uploads: uploads.len(),
        n_kept,
        spent_usd,
        n_unpriced,
        month_usd: cost::month_usd(kept_bytes as f64, &prices),
        hash,
        invitation,
    })
}

async fn is_there(store: &Store, of: &Uploaded) -> Result<bool, StepError> {
    let key = match of {
        Uploaded::Recording(id) => Id::parse(id).map(ObjectKey::Recording),
        Uploaded::Result(id) => Id::parse(id).map(ObjectKey::SentResult),
    };
    let Some(key) = key else { return Ok(false) };
    Ok(store.get(&key).await?.is_some())
}
