//! Upload: read, compress and send row by row, straight to S3.
//!
//! What is done next is decided by [`wasm_core::upload::Upload`]; `carrier.rs` does it.

mod carrier;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_core::upload::{Limit, Upload, n_packers};

use super::cloud::CloudError;
use super::line::{Line, Signal};
use super::memory::Remembered;
use super::session::Session;
use super::transfer::UnderWay;
use crate::bridge::signal::{Reply, Request};
use carrier::Carrier;

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
    /// What it waits for most, where that is known.
    pub limit: Option<Limit>,
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
    let upload = RefCell::new(Upload::new(info, n_packers(info, session.pool.len())));
    let under_way = Rc::new(UnderWay::default());
    let report = || {
        let (counts, limit) = (upload.borrow().counts(), upload.borrow().limit());
        // What is there is not known before; only that the line is lost.
        if counts.before.is_none() && line.signal() == Signal::There {
            return;
        }
        on_progress(Progress {
            chunks_before: counts.before.unwrap_or(0),
            chunks_done: counts.done,
            chunks: counts.all,
            sent_bytes: counts.sent_bytes,
            raw_bytes: counts.raw_bytes,
            under_way_bytes: under_way.bytes.get(),
            under_way_chunks: under_way.objects.get(),
            signal: line.signal(),
            limit,
        });
    };
    let path = format!("/recordings/{}", recording.recording_id);
    let carrier =
        Carrier::new(session, stream, (path.as_str(), recording.owner_key.reveal()), line, &under_way, &upload);
    match line.watched(carrier.carry(&report), &report).await {
        _ if line.wish().is_end() => Ok(false),
        done => done.map(|()| true),
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
    let info = &session.streams[stream];
    let share = info.size_bytes() as f64 / raw_bytes.max(1) as f64;
    Some(Estimate {
        compressed_bytes: packed_bytes as f64 * share,
        compress_s: seconds * share / n_packers(info, session.pool.len()) as f64,
    })
}
