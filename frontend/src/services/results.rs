//! Results that this browser sent to the cloud as files, to share them without their recordings.

mod sending;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use wasm_core::secret::Secret;

use super::cloud::{self, CloudError};
use super::memory::shelf::{Shelf, Unstored};

pub use sending::{Draft, send};

/// A result in the cloud that this browser sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// Id of the result in the cloud.
    pub result_id: String,
    /// What makes this browser its owner.
    pub owner_key: Secret,
    /// Name of the recording.
    pub name: String,
    /// What the person calls it; the name where they do not.
    pub title: String,
    /// The note that the owner writes.
    #[serde(default)]
    pub note: String,
    /// Length of the recording.
    pub duration_s: f64,
    /// Size of the file.
    pub size_bytes: f64,
    /// When it was sent, in milliseconds since 1970.
    pub created_ms: f64,
    /// What the addresses of its links end with.
    #[serde(default)]
    pub links: Vec<Secret>,
}

impl Sent {
    /// The result's address in the API.
    pub fn path(&self) -> String {
        format!("/results/{}", self.result_id)
    }
}

thread_local! {
    static UNSTORED: Unstored<Sent> = const { RefCell::new(None) };
}

fn shelf() -> Shelf<Sent> {
    Shelf { key: "neurocyte-results", id: |sent| &sent.result_id, unstored: &UNSTORED }
}

/// All results that were sent, the newest first.
pub fn all() -> Vec<Sent> {
    shelf().all()
}

/// The result with this id.
pub fn get(result_id: &str) -> Option<Sent> {
    shelf().get(result_id)
}

/// Remembers a result, or what has changed of it.
pub fn put(sent: Sent) {
    shelf().put(sent);
}

/// Changes a result if it is remembered.
pub fn update(result_id: &str, change: impl FnOnce(&mut Sent)) {
    shelf().update(result_id, change);
}

/// Deletes a result with its links from the cloud, and forgets it.
pub async fn delete(sent: &Sent) -> Result<(), CloudError> {
    let deleted = cloud::delete(&sent.path(), Some(sent.owner_key.reveal())).await;
    match deleted {
        Err(error) if !error.is_missing() => Err(error),
        _ => {
            shelf().forget(&sent.result_id);
            Ok(())
        }
    }
}
