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
    /// Id of the recording in the cloud.
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
    /// The latest run of the recording.
    pub run_id: Option<String>,
    /// The run before that, whose result is there if the latest is stopped.
    #[serde(default)]
    pub earlier_run_id: Option<String>,
    /// What the latest run was computed with.
    #[serde(default)]
    pub pipeline: Option<Pipeline>,
    /// Links that were made to results of the recording.
    #[serde(default)]
    pub links: Vec<Link>,
}

/// A link to a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The run that it shows.
    pub run_id: String,
    /// What the link's address ends with.
    pub token: Secret,
}

impl Remembered {
    /// Whether it was uploaded from this stream of these files.
    pub fn is_of(&self, fingerprint: &str, stream: &str) -> bool {
        self.fingerprint == fingerprint && self.stream == stream
    }

    /// A run was started, or gone on with: it is the latest.
    fn begin(&mut self, run_id: &str) {
        if self.run_id.as_deref() != Some(run_id) {
            self.earlier_run_id = self.run_id.replace(run_id.to_owned());
        }
    }

    /// A run was stopped: the one before is the latest again. Nothing changes where another run is the latest,
    /// or where that was told before.
    fn stop(&mut self, run_id: &str) {
        if self.run_id.as_deref() == Some(run_id) {
            self.run_id = self.earlier_run_id.take();
        } else if self.earlier_run_id.as_deref() == Some(run_id) {
            self.earlier_run_id = None;
        }
    }
}

thread_local! {
    static UNSTORED: Unstored<Remembered> = const { RefCell::new(None) };
}

fn shelf() -> Shelf<Remembered> {
    Shelf { key: "neurocyte-recordings", id: |known| &known.recording_id, unstored: &UNSTORED }
}

/// All recordings, the newest first.
pub fn all() -> Vec<Remembered> {
    shelf().all()
}

/// The recording with this id.
pub fn get(recording_id: &str) -> Option<Remembered> {
    shelf().get(recording_id)
}

/// What the latest run of this stream of these files was computed with.
pub fn pipeline_of(fingerprint: &str, stream: &str) -> Option<Pipeline> {
    all().into_iter().filter(|known| known.is_of(fingerprint, stream)).find_map(|known| known.pipeline)
}

/// The recording that this stream of these files was uploaded as, and its latest run: what has a run was uploaded
/// whole.
pub fn run_of(fingerprint: &str, stream: &str) -> Option<(String, String)> {
    let mut same = all().into_iter().filter(|known| known.is_of(fingerprint, stream));
    same.find_map(|known| Some((known.recording_id, known.run_id?)))
}

/// Remembers a recording, or what has changed of it.
pub fn put(recording: Remembered) {
    shelf().put(recording);
}

/// Changes a recording if it is remembered.
pub fn update(recording_id: &str, change: impl FnOnce(&mut Remembered)) {
    shelf().update(recording_id, change);
}

/// Remembers that a run was started, and with what.
pub fn started(recording_id: &str, run_id: &str, pipeline: &Pipeline) {
    update(recording_id, |known| {
        known.pipeline = Some(pipeline.clone());
        known.begin(run_id);
    });
}

/// Remembers that a run which had ended goes on.
pub fn resumed(recording_id: &str, run_id: &str) {
    update(recording_id, |known| known.begin(run_id));
}

/// Remembers that a run was stopped.
pub fn stopped(recording_id: &str, run_id: &str) {
    update(recording_id, |known| known.stop(run_id));
}

/// Forgets a recording.
pub fn forget(recording_id: &str) {
    shelf().forget(recording_id);
}

/// A recording that was uploaded and never run; for tests.
#[cfg(test)]
pub fn uploaded(recording_id: &str) -> Remembered {
    Remembered {
        recording_id: recording_id.to_owned(),
        owner_key: Secret::new(format!("key of {recording_id}")),
        name: "culture.raw".into(),
        stream: "0".into(),
        fingerprint: "1:2:3".into(),
        duration_s: 12.0,
        created_ms: 1e12,
        run_id: None,
        earlier_run_id: None,
        pipeline: None,
        links: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_run_is_known_whichever_was_stopped() {
        let mut known = uploaded("r");
        let runs = |known: &Remembered| (known.run_id.clone(), known.earlier_run_id.clone());
        for run in ["a", "b", "b"] {
            known.begin(run);
        }
        assert_eq!(runs(&known), (Some("b".into()), Some("a".into())));
        // Stop was clicked twice.
        known.stop("b");
        known.stop("b");
        assert_eq!(runs(&known), (Some("a".into()), None));
        // It goes on, and then an earlier one is stopped.
        known.begin("b");
        known.stop("a");
        assert_eq!(runs(&known), (Some("b".into()), None));
    }
}
