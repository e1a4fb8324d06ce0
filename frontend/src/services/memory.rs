//! What this browser remembers: its recordings and their keys.

pub mod shelf;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use wasm_core::pipeline::Pipeline;
use wasm_core::secret::Secret;

use shelf::{Shelf, Unstored};

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
    static UNSTORED: Unstored<Remembered> = const { RefCell::new(None) };
}

fn shelf() -> Shelf<Remembered> {
    Shelf { key: "neurocyte-recordings", unstored: &UNSTORED }
}

/// All, newest first.
pub fn all() -> Vec<Remembered> {
    shelf().all()
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
    shelf().keep(recordings);
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
    shelf().keep(recordings);
}
