//! The three steps of a run, as Step Functions calls them. Each may be repeated: it writes
//! the same objects again.

mod ahead;
mod analyse;
mod ended;
mod marks;
mod merging;
mod plan;
mod reasons;
mod reduce;
mod source;
mod wanted;

pub use analyse::analyse;
pub use ended::{Ended, ReduceCall, reduce_or_record};
pub use plan::plan;
pub use reasons::reason_of_ending;
pub use reduce::{record_failure, reduce};

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};
use wasm_core::api::{CreateRecording, StartRun};
use wasm_core::events::Event;
use wasm_core::pipeline::PipelineError;
use wasm_core::recording::ReadError;
use wasm_core::run::Slice;

use crate::keys::{Id, ObjectKey, RunKey};
use crate::store::{Store, StoreError};

/// The input of an execution: the key of the run's request object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRef {
    /// Such as `recordings/ID/runs/ID/request.json`.
    pub request_key: String,
}

/// A slice to analyse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceRef {
    /// Key of the run's request.
    pub request_key: String,
    /// Index among the plan's slices.
    pub slice: usize,
}

/// The output of Plan, which the map takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Key of the run's request.
    pub request_key: String,
    /// Index of each slice. Step Functions passes at most 256 kB, so nothing else.
    pub slices: Vec<usize>,
}

/// The input of Reduce: a finished map, or the error that ended the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReduceInput {
    /// Key of the run's request.
    pub request_key: String,
    /// The error that Step Functions caught.
    #[serde(default)]
    pub failure: Option<Caught>,
}

/// An error as Step Functions reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Caught {
    /// The name of the error.
    pub error: String,
    /// The message of the error.
    #[serde(default)]
    pub cause: String,
}

/// `plan.json`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Plan {
    slices: Vec<Slice>,
    noise_uv: Vec<f32>,
    worker_s: f64,
    /// Chunks that were read.
    #[serde(default)]
    n_objects: u64,
    /// Seconds since 1970.
    started_at_s: f64,
}

/// `slices/NNNNNN.json`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SliceSums {
    counts: Vec<i64>,
    sums: Vec<i64>,
    n_objects: u64,
    n_writes: u64,
    worker_s: f64,
    peak_memory_bytes: Option<u64>,
}

/// `recording.json`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRecording {
    /// The recording as it was announced.
    pub recording: CreateRecording,
    /// SHA-256 of the owner's key.
    pub owner_sha256: String,
    /// Hash of the invitation that it was uploaded with; none of earlier versions.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// `failure.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Why, in words.
    pub reason: String,
}

impl Failed {
    /// Whether a chunk of the recording is damaged, so that every other attempt fails too.
    #[must_use]
    pub fn is_of_damage(&self) -> bool {
        self.reason.contains(UPLOAD_AGAIN)
    }
}

/// What helps where a chunk of a recording is damaged.
const UPLOAD_AGAIN: &str = "Delete the recording and upload it again.";

/// Why a step could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// S3 could not or would not; the error knows whether trying again may help.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An object could not be fetched, which may pass, or decoded, which does not.
    #[error("{}", of_read(.0))]
    Read(#[from] ReadError),
    /// The owner must change the pipeline.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// An object that must be there is not.
    #[error("{key} is missing")]
    Missing {
        /// The key of the object.
        key: String,
    },
    /// An object does not hold what it must.
    #[error("{key} is damaged: {reason}")]
    Damaged {
        /// The key of the object.
        key: String,
        /// The fault, in words.
        reason: String,
    },
    /// More slices than Step Functions takes from Plan to the map.
    #[error(
        "the recording has {found} slices, and a run in the cloud takes at most {most}; \
         analyse it with the command line, or upload it in parts"
    )]
    TooManySlices {
        /// Slices of this recording.
        found: usize,
        /// Slices that a run may have.
        most: usize,
    },
    /// A fault of this program.
    #[error("the step did not finish: {0}")]
    Panicked(String),
    /// The call itself makes no sense.
    #[error("{0} is not the key of a run's request")]
    NotARequest(String),
}

impl StepError {
    /// The error's name in the state machine, which tries `Retryable` ones again.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(StoreError::Unavailable { .. }) => "Retryable",
            // A chunk that is not there, or that S3 refuses, is so the next time too.
            Self::Read(ReadError::Io { source, .. }) => match source.kind() {
                ErrorKind::NotFound | ErrorKind::PermissionDenied => "Final",
                _ => "Retryable",
            },
            _ => "Final",
        }
    }
}

/// Says of a chunk that does not decode what helps: what is stored is never replaced.
fn of_read(error: &ReadError) -> String {
    match error {
        ReadError::Damaged { .. } => format!("{error}. {UPLOAD_AGAIN}"),
        _ => error.to_string(),
    }
}

fn run_key(request_key: &str) -> Result<RunKey, StepError> {
    ObjectKey::run_of_request(request_key).ok_or_else(|| StepError::NotARequest(request_key.to_owned()))
}

/// Reads a JSON object that must be there.
pub(crate) async fn required<T: serde::de::DeserializeOwned>(store: &Store, key: &ObjectKey) -> Result<T, StepError> {
    let bytes = store.get(key).await?.ok_or_else(|| StepError::Missing { key: key.path() })?;
    serde_json::from_slice(&bytes).map_err(damaged(key))
}

/// Says which object does not hold what it must.
fn damaged<E: std::fmt::Display>(key: &ObjectKey) -> impl FnOnce(E) -> StepError {
    let key = key.path();
    move |error| StepError::Damaged { key, reason: error.to_string() }
}

/// Serializes one of our own types, which cannot fail.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Whether a run was stopped, has failed, is done, or has lost its recording: its steps do nothing more.
async fn has_ended(store: &Store, run: &RunKey) -> Result<bool, StepError> {
    Ok(store.get(&ObjectKey::Failure(run.clone())).await?.is_some()
        || store.get(&ObjectKey::Receipt(run.clone())).await?.is_some()
        || store.get(&ObjectKey::Recording(run.recording.clone())).await?.is_none())
}

/// The recording and the request of a run.
async fn context(store: &Store, run: &RunKey) -> Result<(CreateRecording, StartRun), StepError> {
    let stored: StoredRecording = required(store, &ObjectKey::Recording(run.recording.clone())).await?;
    Ok((stored.recording, required(store, &ObjectKey::Request(run.clone())).await?))
}

/// The events of a recording; none where it has none.
pub(crate) async fn events(store: &Store, recording: &Id) -> Result<Vec<Event>, StepError> {
    match required(store, &ObjectKey::Events(recording.clone())).await {
        Err(StepError::Missing { .. }) => Ok(Vec::new()),
        events => events,
    }
}

/// Slices of a run, once it is planned.
pub(crate) async fn slices(store: &Store, run: &RunKey) -> Result<Option<Vec<Slice>>, StepError> {
    match required::<Plan>(store, &ObjectKey::Plan(run.clone())).await {
        Err(StepError::Missing { .. }) => Ok(None),
        plan => Ok(Some(plan?.slices)),
    }
}

pub(crate) fn now_s() -> f64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0.0, |time| time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Asked;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let asked = || Asked { action: "read", bucket: "lab-bucket".into(), key: "a/b".into() };
        let read = |kind: ErrorKind| ReadError::Io { path: "traces_seg0/0.0".into(), source: kind.into() };
        for (error, name) in [
            (StepError::Store(StoreError::Unavailable { asked: asked(), reason: "SlowDown".into() }), "Retryable"),
            (StepError::Store(StoreError::Refused { asked: asked(), reason: "AccessDenied".into() }), "Final"),
            (StepError::Store(StoreError::Exists { key: "a/b".into() }), "Final"),
            (StepError::Read(read(ErrorKind::Other)), "Retryable"),
            (StepError::Read(read(ErrorKind::NotFound)), "Final"),
            (StepError::Read(read(ErrorKind::PermissionDenied)), "Final"),
            (StepError::Missing { key: "a/b".into() }, "Final"),
            (StepError::TooManySlices { found: 2, most: 1 }, "Final"),
        ] {
            assert_eq!(error.name(), name, "{error}");
        }
    }

    #[test]
    fn of_a_damaged_chunk_it_is_said_what_helps() {
        let damaged = ReadError::Damaged { path: "traces_seg0/1.0".into(), reason: "cut".into() };
        let reason = StepError::Read(damaged).to_string();
        assert_eq!(reason, "traces_seg0/1.0 is damaged: cut. Delete the recording and upload it again.");
        assert!(Failed { reason }.is_of_damage());
        assert!(!Failed { reason: "You stopped this run.".into() }.is_of_damage());
    }
}
