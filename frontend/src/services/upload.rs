//! Upload: read, compress and send row by row, straight to S3.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use futures_util::future::join_all;
use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_core::api::{ChunkList, ChunkToUpload, SignUploads, Signed, SignedRequest};
use wasm_core::zarr::{ChunkId, chunks_of};

use super::cloud::{self, Cause, CloudError};
use super::line::{Line, Signal};
use super::memory::Remembered;
use super::pool::WorkFailure;
use super::session::Session;
use super::transfer::{self, Counted, UnderWay};
use crate::bridge::{Reply, Request};

/// Rows in work at a time: one is sent while the next is compressed.
const ROWS_AT_A_TIME: usize = 2;
/// Chunks of a row that are sent at a time; browsers open six connections to a host.
const PUTS_AT_A_TIME: usize = 6;
/// New signatures that are asked for when those of some chunks are refused.
const SIGNATURES: u32 = 6;
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
    /// Compressed bytes that arrived in this session.
    pub sent_bytes: u64,
    /// Bytes that these were before compression.
    pub raw_bytes: u64,
    /// Compressed bytes that were handed to the network and not confirmed yet.
    pub under_way_bytes: f64,
    /// The same in chunks.
    pub under_way_chunks: f64,
    /// What is known of the line.
    pub signal: Signal,
}

/// Sends what is missing; `Ok(false)` when it was stopped. A lost connection is waited for.
pub async fn run(
    session: &Session,
    stream: usize,
    recording: &Remembered,
    line: &Rc<Line>,
    on_progress: impl Fn(Progress),
) -> Result<bool, CloudError> {
    let info = &session.streams[stream];
    let path = format!("/recordings/{}", recording.recording_id);
    let key = Some(recording.owner_key.reveal());
    let all: Vec<ChunkId> = chunks_of(info).collect();
    let sent = Cell::new(Progress {
        chunks_before: 0,
        chunks_done: 0,
        chunks: all.len(),
        sent_bytes: 0,
        raw_bytes: 0,
        under_way_bytes: 0.0,
        under_way_chunks: 0.0,
        signal: Signal::There,
    });
    let under_way = Rc::new(UnderWay::default());
    let is_listed = Cell::new(false);
    let report = || {
        // What is there is not known before; only that the line is lost.
        if !is_listed.get() && line.signal() == Signal::There {
            return;
        }
        on_progress(Progress {
            under_way_bytes: under_way.bytes.get(),
            under_way_chunks: under_way.objects.get(),
            signal: line.signal(),
            ..sent.get()
        });
    };
    let work = async {
        let list_path = format!("{path}/chunks");
        let list: ChunkList = line.retried(|| cloud::get(&list_path, key)).await?;
        let present: HashSet<ChunkId> = list.present.into_iter().collect();
        sent.set(Progress { chunks_before: present.len(), chunks_done: present.len(), ..sent.get() });
        is_listed.set(true);
        report();
        let to = Target { path: &path, key, line, under_way: &under_way };
        send_rows(session, stream, &all, &present, &to, |arrived_bytes, n_chunks, raw_bytes| {
            let now = sent.get();
            sent.set(Progress {
                chunks_done: now.chunks_done + n_chunks,
                sent_bytes: now.sent_bytes + arrived_bytes,
                raw_bytes: now.raw_bytes + raw_bytes,
                ..now
            });
            report();
        })
        .await
    };
    match line.watched(work, &report).await {
        _ if line.wish().is_end() => Ok(false),
        done => done.map(|()| true),
    }
}

/// Where chunks go to.
struct Target<'a> {
    path: &'a str,
    key: Option<&'a str>,
    line: &'a Rc<Line>,
    under_way: &'a Rc<UnderWay>,
}

/// Compresses and sends the rows of chunks that are not all present. `arrived` takes compressed bytes,
/// their chunks, and the bytes that they were before.
async fn send_rows(
    session: &Session,
    stream: usize,
    all: &[ChunkId],
    present: &HashSet<ChunkId>,
    to: &Target<'_>,
    arrived: impl Fn(u64, usize, u64),
) -> Result<(), CloudError> {
    let mut rows: Vec<(usize, u64)> =
        all.iter().filter(|chunk| !present.contains(chunk)).map(|chunk| (chunk.segment, chunk.row)).collect();
    rows.dedup();
    let next = Cell::new(0);
    let one = async |worker: usize| -> Result<(), CloudError> {
        loop {
            wait_while_paused(to.line).await;
            let at = next.replace(next.get() + 1);
            let Some((segment, row)) = rows.get(at).copied().filter(|_| !to.line.wish().is_end()) else {
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
                wait_while_paused(to.line).await;
                if to.line.wish().is_end() {
                    return Ok(());
                }
                let counted = send(to, some).await?;
                // What was under way has arrived.
                drop(counted);
                let bytes: u64 = some.iter().map(|(_, buffer)| size_of(buffer)).sum();
                arrived(bytes, some.len(), per_chunk * some.len() as u64);
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
    failures.into_inner().map_or(Ok(()), Err)
}

async fn wait_while_paused(line: &Line) {
    while line.wish() == Wish::Pause {
        TimeoutFuture::new(PAUSED_MS).await;
    }
}

fn size_of(buffer: &JsValue) -> u64 {
    u64::from(js_sys::Uint8Array::new(buffer).length())
}

type Encoded = ((ChunkId, u32), JsValue);

/// Has some chunks signed and sends them together; all count as under way until the last has arrived.
async fn send(to: &Target<'_>, chunks: &[Encoded]) -> Result<Vec<Counted>, CloudError> {
    let wanted = |((chunk, crc32c), buffer): &Encoded| ChunkToUpload {
        chunk: *chunk,
        size_bytes: size_of(buffer),
        crc32c: *crc32c,
    };
    let request = SignUploads { chunks: chunks.iter().map(wanted).collect() };
    let sign_path = format!("{}/uploads", to.path);
    let mut signatures = 0;
    loop {
        let sign = || cloud::call(Method::POST, &sign_path, to.key, Some(&request));
        let signed: Signed = to.line.retried(sign).await?;
        let puts = signed.requests.iter().zip(chunks);
        let puts = puts.map(|(request, (_, buffer))| to.line.retried(move || put(request, buffer, to)));
        match join_all(puts).await.into_iter().collect() {
            // A signature lasts some minutes; a laptop that slept, or a slow line, needs a new one.
            Err(CloudError { cause: Cause::Status(403), .. }) if signatures + 1 < SIGNATURES => signatures += 1,
            done => return done,
        }
    }
}

/// One upload; that the object is there already is as good as having sent it.
async fn put(request: &SignedRequest, buffer: &JsValue, to: &Target<'_>) -> Result<Counted, CloudError> {
    match transfer::put(request, buffer, to.line, to.under_way).await? {
        (200 | 412, counted) => Ok(counted),
        (status, _) => Err(CloudError {
            cause: Cause::Status(status),
            message: format!("The storage refused a chunk with status {status}. What was sent is kept."),
        }),
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
