//! What an upload asks of the workers and the cloud.

use std::rc::Rc;

use gloo_net::http::Method;
use wasm_bindgen::JsValue;
use wasm_core::api::{ChunkList, ChunkToUpload, SignUploads, Signed};
use wasm_core::upload::{Packed, Row};
use wasm_core::zarr::{ChunkId, Level};

use crate::bridge::signal::{Reply, Request};
use crate::services::cloud::{self, CloudError};
use crate::services::line::Line;
use crate::services::pool::WorkFailure;
use crate::services::session::Session;

/// Chunks of a row with their bytes.
pub struct Encoded {
    /// Chunks, packed.
    pub chunks: Vec<(Packed, JsValue)>,
    /// Milliseconds that it took.
    pub took_ms: f64,
}

/// The services that a step needs.
pub struct Hands<'a> {
    /// The recording.
    pub session: &'a Session,
    /// Stream of the recording.
    pub stream: usize,
    /// The recording's path in the API.
    pub path: &'a str,
    /// The key of its owner.
    pub key: &'a str,
    /// The line to the cloud.
    pub line: &'a Rc<Line>,
}

impl Hands<'_> {
    /// Chunks that are there; of a long recording they come in several lists.
    pub async fn present(&self) -> Result<Vec<ChunkId>, CloudError> {
        let (mut present, mut behind) = (Vec::new(), None::<ChunkId>);
        loop {
            let query = behind.map(|chunk| format!("?behind={}", chunk.name())).unwrap_or_default();
            let list: ChunkList = cloud::get(&format!("{}/chunks{query}", self.path), Some(self.key)).await?;
            present.extend(list.present);
            behind = list.next;
            if behind.is_none() {
                return Ok(present);
            }
        }
    }

    /// Has chunks signed.
    pub async fn sign(&self, chunks: &[ChunkToUpload]) -> Result<Signed, CloudError> {
        let request = SignUploads { chunks: chunks.to_vec() };
        cloud::call(Method::POST, &format!("{}/uploads", self.path), Some(self.key), Some(&request)).await
    }

    /// Has a worker read and compress chunks of a row.
    pub async fn pack(&self, worker: usize, row: &Row, level: Level) -> Result<Encoded, CloudError> {
        let (stream, row) = (self.stream, row.clone());
        let request = Request::Encode { stream, segment: row.segment, row: row.row, groups: row.groups, level };
        let encoded = self.session.pool.call(worker, request, Vec::new()).await;
        let (reply, attached) = encoded.map_err(|failure| CloudError::lasting(failure.reason))?;
        let Reply::Encoded { chunks, raw_bytes, took_ms } = reply else {
            return Err(CloudError::lasting(WorkFailure::unexpected().reason));
        };
        let raw_bytes = raw_bytes / chunks.len().max(1) as u64;
        let packed = |((chunk, crc32c), bytes): ((ChunkId, u32), JsValue)| {
            let size_bytes = u64::from(js_sys::Uint8Array::new(&bytes).length());
            (Packed { ready: ChunkToUpload { chunk, size_bytes, crc32c }, raw_bytes }, bytes)
        };
        Ok(Encoded { chunks: chunks.into_iter().zip(attached).map(packed).collect(), took_ms })
    }
}
