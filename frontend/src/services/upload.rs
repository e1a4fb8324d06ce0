//! Upload: read, compress and send row by row, straight to S3.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use futures_util::future::join_all;
use gloo_net::http::{Method, RequestBuilder};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_core::api::{ChunkList, ChunkToUpload, SignUploads, Signed, SignedRequest};
use wasm_core::zarr::{ChunkId, chunks_of};

use super::cloud::{self, Cause, CloudError};
use super::memory::Remembered;
use super::pool::WorkFailure;
use super::session::Session;
use crate::bridge::{Reply, Request};

/// Rows in work at a time: one is sent while the next is compressed.
const ROWS_AT_A_TIME: usize = 2;
/// Chunks of a row that are sent at a time; browsers open six connections to a host.
const PUTS_AT_A_TIME: usize = 6;
/// Tries of one request; the waits between them add up to half a minute.
const TRIES: u32 = 6;
/// Milliseconds between looks at a paused upload.
const PAUSED_MS: u32 = 200;

/// What the person wants of a running upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    Go,
    /// Wait; what is under way is finished.
    Pause,
    /// Stop; what is sent stays, and a later upload goes on from there.
    Stop,
    /// As stop, because the page was left; a run that has begun goes on.
    Leave,
}

impl Wish {
    /// Whether the work ends here.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Stop | Self::Leave)
    }
}

/// Where an upload is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Chunks that were sent before, in an earlier session.
    pub chunks_before: usize,
    /// Chunks that are there.
    pub chunks_done: usize,
    /// Chunks there must be.
    pub chunks: usize,
    /// Compressed bytes sent now.
    pub sent_bytes: u64,
    /// Bytes that these were before compression.
    pub raw_bytes: u64,
}

/// Sends what is missing; `Ok(false)` when it was stopped.
pub async fn run(
    session: &Session,
    stream: usize,
    recording: &Remembered,
    wish: Rc<Cell<Wish>>,
    on_progress: impl Fn(Progress),
) -> Result<bool, CloudError> {
    let info = &session.streams[stream];
    let path = format!("/recordings/{}", recording.recording_id);
    let key = Some(recording.owner_key.as_str());
    let list_path = format!("{path}/chunks");
    let list: ChunkList = retried(|| cloud::get(&list_path, key)).await?;
    let present: HashSet<ChunkId> = list.present.into_iter().collect();
    let all: Vec<ChunkId> = chunks_of(info).collect();
    let mut rows: Vec<(usize, u64)> =
        all.iter().filter(|chunk| !present.contains(chunk)).map(|chunk| (chunk.segment, chunk.row)).collect();
    rows.dedup();
    let before = present.len();
    let progress = Cell::new(Progress {
        chunks_before: before,
        chunks_done: before,
        chunks: all.len(),
        sent_bytes: 0,
        raw_bytes: 0,
    });
    on_progress(progress.get());
    let next = Cell::new(0);
    let one = async |worker: usize| -> Result<(), CloudError> {
        loop {
            wait_while_paused(&wish).await;
            let at = next.replace(next.get() + 1);
            let Some((segment, row)) = rows.get(at).copied().filter(|_| !wish.get().is_end()) else {
                return Ok(());
            };
            let encoded = session.pool.call(worker, Request::Encode { stream, segment, row }, Vec::new()).await;
            let (Reply::Encoded { chunks, raw_bytes }, attached) =
                encoded.map_err(|failure| CloudError::lasting(failure.reason))?
            else {
                return Err(CloudError::lasting(WorkFailure::unexpected().reason));
            };
            let per_chunk = raw_bytes / chunks.len().max(1) as u64;
            let missing: Vec<_> =
                chunks.into_iter().zip(attached).filter(|((chunk, _), _)| !present.contains(chunk)).collect();
            for some in missing.chunks(PUTS_AT_A_TIME) {
                wait_while_paused(&wish).await;
                if wish.get().is_end() {
                    return Ok(());
                }
                send(&path, key, some).await?;
                let sent: u64 = some.iter().map(|(_, buffer)| size_of(buffer)).sum();
                let now = progress.get();
                progress.set(Progress {
                    chunks_done: now.chunks_done + some.len(),
                    sent_bytes: now.sent_bytes + sent,
                    raw_bytes: now.raw_bytes + per_chunk * some.len() as u64,
                    ..now
                });
                on_progress(progress.get());
            }
        }
    };
    let failures = RefCell::new(None);
    // The last workers: the first stays free for the traces where there are more than two.
    join_all((0..session.pool.len()).rev().take(ROWS_AT_A_TIME).map(async |worker| {
        if let Err(error) = one(worker).await {
            next.set(rows.len());
            failures.borrow_mut().get_or_insert(error);
        }
    }))
    .await;
    match failures.into_inner() {
        Some(error) => Err(error),
        None => Ok(!wish.get().is_end()),
    }
}

async fn wait_while_paused(wish: &Cell<Wish>) {
    while wish.get() == Wish::Pause {
        TimeoutFuture::new(PAUSED_MS).await;
    }
}

fn size_of(buffer: &JsValue) -> u64 {
    u64::from(js_sys::Uint8Array::new(buffer).length())
}

type Encoded = ((ChunkId, u32), JsValue);

/// Has some chunks signed and sends them together.
async fn send(path: &str, key: Option<&str>, chunks: &[Encoded]) -> Result<(), CloudError> {
    let wanted = |((chunk, crc32c), buffer): &Encoded| ChunkToUpload {
        chunk: *chunk,
        size_bytes: size_of(buffer),
        crc32c: *crc32c,
    };
    let request = SignUploads { chunks: chunks.iter().map(wanted).collect() };
    let sign_path = format!("{path}/uploads");
    let mut tries = 0;
    loop {
        let signed: Signed = retried(|| cloud::call(Method::POST, &sign_path, key, Some(&request))).await?;
        let puts =
            signed.requests.iter().zip(chunks).map(|(request, (_, buffer))| retried(move || put(request, buffer)));
        match join_all(puts).await.into_iter().collect() {
            // A signature lasts some minutes; a laptop that slept, or a slow line, needs a new one.
            Err(CloudError { cause: Cause::Status(403), .. }) if tries + 1 < TRIES => tries += 1,
            done => return done,
        }
    }
}

/// One upload; that the object is there already is as good as having sent it.
async fn put(request: &SignedRequest, buffer: &JsValue) -> Result<(), CloudError> {
    let lost = |error: gloo_net::Error| CloudError {
        cause: Cause::Unreachable,
        message: format!("The connection was lost ({error}). What was sent is kept."),
    };
    let mut builder = RequestBuilder::new(&request.url).method(Method::PUT);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let response = builder.body(buffer.clone()).map_err(lost)?.send().await.map_err(lost)?;
    match response.status() {
        200 | 412 => Ok(()),
        status => Err(CloudError {
            cause: Cause::Status(status),
            message: format!("The storage refused a chunk with status {status}. What was sent is kept."),
        }),
    }
}

/// Tries again with growing pauses where trying again can help.
pub async fn retried<T, F: Future<Output = Result<T, CloudError>>>(request: impl Fn() -> F) -> Result<T, CloudError> {
    let mut tries = 0;
    loop {
        match request().await {
            Err(error) if tries + 1 < TRIES && error.may_pass() => {
                TimeoutFuture::new(1000 << tries).await;
                tries += 1;
            }
            done => return done,
        }
    }
}

/// What an upload will take, tried on a little of the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Compressed bytes of the whole recording.
    pub compressed_bytes: f64,
    /// Seconds that compressing takes on this machine.
    pub compress_s: f64,
}

/// Compresses some frames from the middle of the recording.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub async fn estimate(session: &Session, stream: usize) -> Option<Estimate> {
    let start = super::analysis::now_ms();
    let worker = session.pool.len().saturating_sub(1);
    let tried = session.pool.call(worker, Request::TryPacking { stream }, Vec::new()).await;
    let Ok((Reply::Packed { raw_bytes, packed_bytes }, _)) = tried else { return None };
    let seconds = (super::analysis::now_ms() - start) / 1000.0;
    let share = session.streams[stream].size_bytes() as f64 / raw_bytes.max(1) as f64;
    Some(Estimate {
        compressed_bytes: packed_bytes as f64 * share,
        compress_s: seconds * share / ROWS_AT_A_TIME as f64,
    })
}
