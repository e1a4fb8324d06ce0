//! Upload: read, compress and send row by row, straight to S3.
//!
//! What is done next is decided by [`wasm_core::upload::Upload`]; `carrier.rs` does it.

mod carrier;
mod hands;

use std::rc::Rc;

use wasm_core::upload::{Counts, n_packers};

use super::cloud::CloudError;
use super::line::Line;
use super::memory::Remembered;
use super::session::Session;
use super::work::{Action, Step};
use crate::bridge::signal::{Reply, Request};
use hands::Hands;

/// Sends what is missing; `Ok(false)` when it was stopped. A lost connection is waited for.
pub async fn run(
    session: &Session,
    stream: usize,
    recording: &Remembered,
    line: &Rc<Line>,
) -> Result<bool, CloudError> {
    line.happens(Action::Begin(Step::Uploading(Counts::default(), None)));
    let path = format!("/recordings/{}", recording.recording_id);
    let hands = Hands { session, stream, path: &path, key: recording.owner_key.reveal(), line };
    let done = line.watched(carrier::carry(&hands)).await;
    if line.wish().is_end() { Ok(false) } else { done.map(|()| true) }
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
