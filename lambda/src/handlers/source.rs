//! A recording's chunks in S3 as a source of frames, for work on a blocking thread.

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;
use wasm_core::recording::StreamInfo;
use wasm_core::zarr::{ObjectStore, ZarrSource};

use super::StepError;
use crate::keys::{Id, ObjectKey};
use crate::store::{Store, StoreError};

/// Fetches objects from a blocking thread and counts them.
pub struct Chunks {
    store: Store,
    recording: Id,
    runtime: Handle,
    n_fetched: Arc<AtomicU64>,
}

impl ObjectStore for Chunks {
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>> {
        self.n_fetched.fetch_add(1, Ordering::Relaxed);
        let key = ObjectKey::Traces(self.recording.clone(), name.to_owned());
        match self.runtime.block_on(self.store.get(&key)) {
            Ok(Some(bytes)) => Ok(bytes.into()),
            Ok(None) => Err(Error::new(ErrorKind::NotFound, format!("there is no {}", key.path()))),
            Err(error @ StoreError::Refused { .. }) => Err(Error::new(ErrorKind::PermissionDenied, error)),
            Err(error) => Err(Error::other(error)),
        }
    }
}

/// The recording's stream, and the number of objects fetched through it so far.
pub fn open(store: &Store, recording: &Id, info: StreamInfo) -> (ZarrSource<Chunks>, Arc<AtomicU64>) {
    let n_fetched = Arc::new(AtomicU64::new(0));
    let chunks = Chunks {
        store: store.clone(),
        recording: recording.clone(),
        runtime: Handle::current(),
        n_fetched: Arc::clone(&n_fetched),
    };
    (ZarrSource::new(info, chunks), n_fetched)
}

/// Runs work that blocks; a panic there becomes an error of the step.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StepError::Panicked(error.to_string()))?
}
