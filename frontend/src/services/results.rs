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
    /// Its id in the cloud.
    pub result_id: String,
    /// What makes this browser its owner.
    pub owner_key: Secret,
    /// Name of the recording.
    pub name: String,
    /// What the person calls it; the name where they do not.
    pub title: String,
    /// What they say of it.
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
    /// Its address in the API.
    pub fn path(&self) -> String {
        format!("/results/{}", self.result_id)
    }
}

thread_local! {
    static UNSTORED: Unstored<Sent> = const { RefCell::new(None) };
}

fn shelf() -> Shelf<Sent> {
    Shelf { key: "neurocyte-results", unstored: &UNSTORED }
}

/// All, newest first.
pub fn all() -> Vec<Sent> {
    shelf().all()
}

/// The one with this id.
pub fn get(result_id: &str) -> Option<Sent> {
    all().into_iter().find(|sent| sent.result_id == result_id)
}

/// Remembers a result, or what has changed of it.
pub fn put(sent: Sent) {
    let mut all = all();
    match all.iter_mut().find(|known| known.result_id == sent.result_id) {
        Some(known) => *known = sent,
        None => all.insert(0, sent),
    }
    shelf().keep(all);
}

/// Changes a result if it is remembered.
pub fn update(result_id: &str, change: impl FnOnce(&mut Sent)) {
    if let Some(mut sent) = get(result_id) {
        change(&mut sent);
        put(sent);
    }
}

/// Deletes a result with its links from the cloud, and forgets it.
pub async fn delete(sent: &Sent) -> Result<(), CloudError> {
    let deleted = cloud::delete(&sent.path(), Some(sent.owner_key.reveal())).await;
    match deleted {
        Err(error) if !error.is_missing() => Err(error),
        _ => {
            let mut all = all();
            all.retain(|known| known.result_id != sent.result_id);
            shelf().keep(all);
            Ok(())
        }
    }
}
