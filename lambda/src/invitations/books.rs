//! What an invitation has used: two books of numbered entries, one of uploads and one of runs.
//!
//! An entry's key is its number, and it is written only if nothing has that key yet. Who writes
//! number *n* has therefore seen all before it, and nobody else can write it: however many requests
//! come at once, none passes a limit. No entry is ever changed or removed, so deleting a recording
//! gives nothing back.

use futures_util::future::{try_join, try_join3};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use wasm_core::api::{Allowance, limits};
use wasm_core::numbers::counted;
use wasm_core::run::Receipt;
use wasm_core::size;

use crate::handlers::{StepError, required, to_json};
use crate::keys::{Id, InvitationBook, ObjectKey, RunKey, invitation_book_prefix};
use crate::store::{Store, StoreError};
use crate::time::now_s;

/// Tries to write an entry while others write too.
pub const TRIES: usize = 5;

/// Seconds after which a run that nobody heard of counts as ended.
const LONGEST_RUN_S: u64 = 24 * 60 * 60;

/// Seconds after which a run whose request is not there was never started: no call of the API takes as long.
const LONGEST_CALL_S: u64 = 60;

/// Entries that are read at a time.
const READS_AT_A_TIME: usize = 16;

/// What was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uploaded {
    /// A recording, by its id.
    Recording(String),
    /// A result that came as a file, by its id.
    Result(String),
}

/// `invitations/HASH/uploads/NNNN.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadEntry {
    /// What.
    pub of: Uploaded,
    /// What it counts for, in bytes.
    pub bytes: u64,
    /// The same of this and all entries before.
    pub total_bytes: u64,
    /// Objects that the upload writes.
    pub n_puts: u64,
    /// When, in seconds since 1970.
    pub at_s: u64,
}

/// `invitations/HASH/runs/NNNN.json`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEntry {
    /// Id of the recording.
    pub recording: String,
    /// Id of the run.
    pub run: String,
    /// Times that the run was gone on with before; none in entries of earlier versions.
    #[serde(default)]
    pub attempt: usize,
    /// What it was expected to cost.
    pub expected_usd: f64,
    /// When, in seconds since 1970.
    pub at_s: u64,
}

/// `invitations/HASH/ended/NNNN.json`: the run of this number has ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndedEntry {
    /// What it cost; none where it left no receipt.
    pub cost_usd: Option<f64>,
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The invitation allows no more.
    #[error("{0}")]
    Limit(String),
    /// It does later.
    #[error("{0}")]
    Later(String),
    /// S3 could not or would not.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl Refusal {
    fn contended() -> Self {
        Self::Later("Others use this invitation at the same moment; try again.".into())
    }
}

/// Numbers of a book's entries, in order.
async fn numbers(store: &Store, hash: &str, book: InvitationBook) -> Result<Vec<usize>, StepError> {
    let prefix = invitation_book_prefix(hash, book);
    let keys = store.list(&prefix).await?;
    Ok(keys.iter().filter_map(|key| key.strip_prefix(&prefix)?.strip_suffix(".json")?.parse().ok()).collect())
}

fn key(hash: &str, book: InvitationBook, number: usize) -> ObjectKey {
    ObjectKey::InvitationEntry(hash.to_owned(), book, number)
}

/// Writes an entry; false where that number is there already.
async fn written(store: &Store, key: &ObjectKey, entry: &impl Serialize) -> Result<bool, StepError> {
    match store.put_new(key, to_json(entry)).await {
        Ok(()) => Ok(true),
        Err(StoreError::Exists { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Bytes of all uploads so far, of which there are `n`.
async fn total_bytes(store: &Store, hash: &str, n: usize) -> Result<u64, StepError> {
    let Some(last) = n.checked_sub(1) else { return Ok(0) };
    Ok(required::<UploadEntry>(store, &key(hash, InvitationBook::Uploads, last)).await?.total_bytes)
}

/// What is used.
///
/// # Errors
/// When S3 refuses or cannot be reached, or an entry is damaged.
pub async fn used(store: &Store, hash: &str) -> Result<Allowance, StepError> {
    let book = |book| numbers(store, hash, book);
    let books = try_join3(book(InvitationBook::Uploads), book(InvitationBook::Runs), book(InvitationBook::Ended));
    let (uploads, runs, ended) = books.await?;
    let bytes = total_bytes(store, hash, uploads.len()).await?;
    let open = still_open(runs.len(), &ended);
    let n_open = looked_at(store, hash, open).await?.iter().filter(|(_, _, end)| end.is_none()).count();
    Ok(Allowance { bytes, runs: runs.len() as u64, concurrent_runs: n_open as u64 })
}

/// Enters an upload, unless that would pass the limit.
///
/// # Errors
/// When the limit is reached, or as above.
pub async fn take_upload(
    store: &Store,
    hash: &str,
    allowed: Allowance,
    of: &Uploaded,
    bytes: u64,
    n_puts: u64,
) -> Result<(), Refusal> {
    for _ in 0..TRIES {
        let n = numbers(store, hash, InvitationBook::Uploads).await?.len();
        if n >= limits::INVITATION_UPLOADS {
            return Err(Refusal::Limit(format!(
                "An invitation takes {} uploads, and this one has had them all. Ask for another one.",
                limits::INVITATION_UPLOADS
            )));
        }
        let before = total_bytes(store, hash, n).await?;
        let total_bytes = before.saturating_add(bytes);
        if total_bytes > allowed.bytes {
            let left = allowed.bytes.saturating_sub(before);
            return Err(Refusal::Limit(format!(
                "This invitation takes {} in all, of which {} are left; this upload counts for {}. What is smaller is \
                 taken; for more, ask for another invitation.",
                size::of(allowed.bytes),
                size::of(left),
                size::of(bytes)
            )));
        }
        let entry = UploadEntry { of: of.clone(), bytes, total_bytes, n_puts, at_s: now_s() };
        if written(store, &key(hash, InvitationBook::Uploads, n), &entry).await? {
            return Ok(());
        }
    }
    Err(Refusal::contended())
}

/// Enters an attempt at a run, unless that would pass a limit. One that is entered and under way counts once,
/// however often it is asked for; the next one begins only when the one before has ended.
///
/// # Errors
/// When a limit is reached, or as above.
pub async fn take_run(
    store: &Store,
    hash: &str,
    allowed: Allowance,
    run: &RunKey,
    attempt: usize,
    expected_usd: f64,
) -> Result<(), Refusal> {
    for _ in 0..TRIES {
        let (runs, ended) = (InvitationBook::Runs, InvitationBook::Ended);
        let (runs, ended) = try_join(numbers(store, hash, runs), numbers(store, hash, ended)).await?;
        let n = runs.len();
        let open = still_open(n, &ended);
        let mut n_open = 0;
        for (number, entry, end) in looked_at(store, hash, open).await? {
            let is_own = entry.run == run.run.as_str() && entry.recording == run.recording.as_str();
            // What an attempt cost that ended without a word, nobody knows.
            let end = end.or((is_own && entry.attempt < attempt).then_some(EndedEntry { cost_usd: None }));
            match end {
                Some(end) => {
                    written(store, &key(hash, InvitationBook::Ended, number), &end).await?;
                }
                None if is_own => return Ok(()),
                None => n_open += 1,
            }
        }
        if n as u64 >= allowed.runs {
            return Err(Refusal::Limit(format!(
                "This invitation allows {}, and all were used. Ask for another one.",
                counted(allowed.runs, "run")
            )));
        }
        if n_open >= allowed.concurrent_runs {
            return Err(Refusal::Later(format!(
                "This invitation allows {} at a time, and as many are under way. Wait until one has ended, or stop one.",
                counted(allowed.concurrent_runs, "run")
            )));
        }
        let entry = RunEntry {
            recording: run.recording.as_str().to_owned(),
            run: run.run.as_str().to_owned(),
            attempt,
            expected_usd,
            at_s: now_s(),
        };
        if written(store, &key(hash, InvitationBook::Runs, n), &entry).await? {
            return Ok(());
        }
    }
    Err(Refusal::contended())
}

/// Numbers of the runs, of which there are `n`, whose end is not written down.
fn still_open(n: usize, ended: &[usize]) -> Vec<usize> {
    (0..n).filter(|number| ended.binary_search(number).is_err()).collect()
}

/// Runs that are not known to have ended, and how each did. No more are open than may run at a time.
async fn looked_at(
    store: &Store,
    hash: &str,
    open: Vec<usize>,
) -> Result<Vec<(usize, RunEntry, Option<EndedEntry>)>, StepError> {
    let looks = open.into_iter().map(|number| async move {
        let entry: RunEntry = required(store, &key(hash, InvitationBook::Runs, number)).await?;
        let end = end_of(store, &entry).await?;
        Ok::<_, StepError>((number, entry, end))
    });
    stream::iter(looks).buffered(READS_AT_A_TIME).try_collect().await
}

/// How a run ended; none where it has not.
pub(super) async fn end_of(store: &Store, entry: &RunEntry) -> Result<Option<EndedEntry>, StepError> {
    const WITHOUT_RECEIPT: Option<EndedEntry> = Some(EndedEntry { cost_usd: None });
    let (Some(recording), Some(run)) = (Id::parse(&entry.recording), Id::parse(&entry.run)) else {
        return Ok(WITHOUT_RECEIPT);
    };
    let run = RunKey { recording, run };
    match required::<Receipt>(store, &ObjectKey::Receipt(run.clone())).await {
        Ok(receipt) => return Ok(Some(EndedEntry { cost_usd: Some(receipt.cost_usd) })),
        Err(StepError::Missing { .. }) => {}
        // It is there, if of another version.
        Err(StepError::Damaged { .. }) => return Ok(WITHOUT_RECEIPT),
        Err(error) => return Err(error),
    }
    let age_s = now_s().saturating_sub(entry.at_s);
    if age_s > LONGEST_RUN_S || is_there(store, &ObjectKey::Failure(run.clone())).await? {
        return Ok(WITHOUT_RECEIPT);
    }
    // A run goes with its recording, whatever was written of it at the same moment.
    if !is_there(store, &ObjectKey::Recording(run.recording.clone())).await? {
        return Ok(WITHOUT_RECEIPT);
    }
    let is_lost = age_s > LONGEST_CALL_S && !is_there(store, &ObjectKey::Request(run)).await?;
    Ok(if is_lost { WITHOUT_RECEIPT } else { None })
}

/// Whether an object is there, whatever it holds.
async fn is_there(store: &Store, key: &ObjectKey) -> Result<bool, StoreError> {
    Ok(store.get(key).await?.is_some())
}

/// Entries of a book, in order.
pub(super) async fn entries<T: serde::de::DeserializeOwned>(
    store: &Store,
    hash: &str,
    book: InvitationBook,
) -> Result<Vec<(usize, T)>, StepError> {
    let reads = numbers(store, hash, book).await?.into_iter().map(|number| async move {
        let entry: T = required(store, &key(hash, book, number)).await?;
        Ok::<_, StepError>((number, entry))
    });
    stream::iter(reads).buffered(READS_AT_A_TIME).try_collect().await
}
