//! A recording's chunks in S3 as a source of frames, for work on a blocking thread.

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use wasm_core::Bytes;
use wasm_core::recording::StreamInfo;
use wasm_core::zarr::{ChunkId, ObjectStore, ZarrSource};

use super::StepError;
use super::ahead::Ahead;
use crate::keys::{Id, ObjectKey};
use crate::store::{Store, StoreError};
use crate::threads::lock;

/// A chunk on its way.
type UnderWay = JoinHandle<Result<Option<Bytes>, StoreError>>;

/// Fetches objects for blocking threads, ahead of them, and counts them.
pub struct Chunks {
    store: Store,
    recording: Id,
    runtime: Handle,
    n_fetched: Arc<AtomicU64>,
    ahead: Mutex<Ahead<ChunkId, UnderWay>>,
}

impl Chunks {
    fn fetch(&self, name: String) -> UnderWay {
        self.n_fetched.fetch_add(1, Ordering::Relaxed);
        let (store, key) = (self.store.clone(), ObjectKey::Traces(self.recording.clone(), name));
        self.runtime.spawn(async move { store.get(&key).await })
    }
}

impl ObjectStore for Chunks {
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>> {
        let under_way = match ChunkId::parse(name) {
            Some(id) => lock(&self.ahead).take(id, |id| self.fetch(id.name())),
            None => self.fetch(name.to_owned()),
        };
        match self.runtime.block_on(under_way) {
            Ok(Ok(Some(bytes))) => Ok(bytes.into()),
            Ok(Ok(None)) => {
                let key = ObjectKey::Traces(self.recording.clone(), name.to_owned());
                Err(Error::new(ErrorKind::NotFound, format!("there is no {}", key.path())))
            }
            Ok(Err(error @ StoreError::Refused { .. })) => Err(Error::new(ErrorKind::PermissionDenied, error)),
            Ok(Err(error)) => Err(Error::other(error)),
            Err(error) => Err(Error::other(error)),
        }
    }
}

impl Drop for Chunks {
    /// Of work that was given up, nothing needs to come any more.
    fn drop(&mut self) {
        lock(&self.ahead).begun().for_each(JoinHandle::abort);
    }
}

/// The recording's stream, and the number of objects fetched through it so far. The chunks in `order` are fetched
/// ahead of each of `n_readers` threads.
pub fn open(
    store: &Store,
    recording: &Id,
    info: StreamInfo,
    (order, n_readers): (Vec<ChunkId>, usize),
) -> (ZarrSource<Chunks>, Arc<AtomicU64>) {
    let n_fetched = Arc::new(AtomicU64::new(0));
    let chunks = Chunks {
        store: store.clone(),
        recording: recording.clone(),
        runtime: Handle::current(),
        n_fetched: Arc::clone(&n_fetched),
        ahead: Mutex::new(Ahead::new(order, n_readers)),
    };
    (ZarrSource::new(info, chunks), n_fetched)
}

/// Runs work that blocks; a panic there becomes an error of the step.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StepError::Panicked(error.to_string()))?
}
