//! What this browser remembers: its recordings and their keys.

use std::cell::RefCell;

use gloo_storage::{LocalStorage, Storage};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_core::pipeline::Pipeline;
use wasm_core::secret::Secret;

const KEY: &str = "neurocyte-recordings";

/// A recording that was uploaded from this browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// Its id in the cloud.
    pub recording_id: String,
    /// What makes this browser its owner.
    pub owner_key: Secret,
    /// Name of the file or folder.
    pub name: String,
    /// Stream that was uploaded.
    pub stream: String,
    /// Recognises the same files when they are dropped again.
    pub fingerprint: String,
    /// Length.
    pub duration_s: f64,
    /// Milliseconds since 1970.
    pub created_ms: f64,
    /// Its latest run.
    pub run_id: Option<String>,
    /// The run before that, whose result is there if the latest is stopped.
    #[serde(default)]
    pub earlier_run_id: Option<String>,
    /// What the latest run was computed with.
    #[serde(default)]
    pub pipeline: Option<Pipeline>,
    /// Links that were made to its results.
    #[serde(default)]
    pub links: Vec<Link>,
}

/// A link to a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The run that it shows.
    pub run_id: String,
    /// What its address ends with.
    pub token: Secret,
}

thread_local! {
    /// What is remembered where nothing more can be stored, as in private windows: until the tab is closed.
    static UNSTORED: RefCell<Option<Vec<Remembered>>> = const { RefCell::new(None) };
}

/// All, newest first.
pub fn all() -> Vec<Remembered> {
    let stored = || stored().into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect();
    UNSTORED.with_borrow(Clone::clone).unwrap_or_else(stored)
}

/// What is stored, each recording by itself: one that another version of this page wrote and this
/// one cannot read stays where it is, as it holds a key.
fn stored() -> Vec<Value> {
    LocalStorage::get(KEY).unwrap_or_default()
}

/// The one with this id.
pub fn get(recording_id: &str) -> Option<Remembered> {
    all().into_iter().find(|recording| recording.recording_id == recording_id)
}

/// What the latest run of this stream of these files was computed with.
pub fn pipeline_of(fingerprint: &str, stream: &str) -> Option<Pipeline> {
    let is_same = |known: &Remembered| known.fingerprint == fingerprint && known.stream == stream;
    all().into_iter().filter(is_same).find_map(|known| known.pipeline)
}

/// Remembers a recording, or what has changed of it.
pub fn put(recording: Remembered) {
    let mut recordings = all();
    match recordings.iter_mut().find(|known| known.recording_id == recording.recording_id) {
        Some(known) => *known = recording,
        None => recordings.insert(0, recording),
    }
    keep(recordings);
}

/// Changes a recording if it is remembered.
pub fn update(recording_id: &str, change: impl FnOnce(&mut Remembered)) {
    if let Some(mut recording) = get(recording_id) {
        change(&mut recording);
        put(recording);
    }
}

/// Remembers that a run was started, and with what,
pub fn started(recording_id: &str, run_id: &str, pipeline: &Pipeline) {
    update(recording_id, |known| {
        known.pipeline = Some(pipeline.clone());
        if known.run_id.as_deref() != Some(run_id) {
            known.earlier_run_id = known.run_id.replace(run_id.to_owned());
        }
    });
}

/// and that it was stopped: the one before is the latest again.
pub fn stopped(recording_id: &str) {
    update(recording_id, |known| known.run_id = known.earlier_run_id.take());
}

/// Forgets a recording.
pub fn forget(recording_id: &str) {
    let mut recordings = all();
    recordings.retain(|recording| recording.recording_id != recording_id);
    keep(recordings);
}

fn keep(recordings: Vec<Remembered>) {
    let is_unread = |entry: &Value| serde_json::from_value::<Remembered>(entry.clone()).is_err();
    let unread = stored().into_iter().filter(is_unread);
    let entries: Vec<Value> =
        recordings.iter().filter_map(|known| serde_json::to_value(known).ok()).chain(unread).collect();
    let is_stored = LocalStorage::set(KEY, &entries).is_ok();
    UNSTORED.set((!is_stored).then_some(recordings));
}
