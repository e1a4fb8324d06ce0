//! Parts of a view, and the workers that compute them.

use std::cell::RefCell;
use std::ops::Range;

use wasm_core::view::{Detail, ViewRequest};

use super::asking::Ask;
use crate::bridge::floats;
use crate::bridge::signal::{Reply, Request};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;

/// The worker that computes a part. An uploaded recording is decoded row by row, by the first.
fn worker_of(session: &Session, number: u64) -> usize {
    if session.is_uploaded() {
        return 0;
    }
    usize::try_from(number % session.pool.len().max(1) as u64).unwrap_or(0)
}

/// Parts that no worker has been asked for yet.
pub struct Waiting(RefCell<Vec<(u64, Range<u64>)>>);

impl Waiting {
    pub const fn new(parts: Vec<(u64, Range<u64>)>) -> Self {
        Self(RefCell::new(parts))
    }

    /// The next part for a worker: one that it may know from before, or else one of another's.
    pub fn next(&self, session: &Session, worker: usize) -> Option<Range<u64>> {
        let mut parts = self.0.borrow_mut();
        let own = parts.iter().position(|(number, _)| worker_of(session, *number) == worker);
        let at = own.or_else(|| parts.len().checked_sub(1))?;
        Some(parts.remove(at).1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Forgets them.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

/// A part of a view, as a worker computed it.
pub struct Part {
    pub n_columns: usize,
    pub columns: Range<usize>,
    pub min_uv: Vec<f32>,
    pub max_uv: Vec<f32>,
    /// Channel, frame and amplitude.
    pub spikes: Vec<(u32, i64, f32)>,
    pub detail: Detail,
}

/// Has one worker compute a part.
pub async fn part_of(
    session: &Session,
    ask: &Ask,
    view: &ViewRequest,
    worker: usize,
    part: Range<u64>,
) -> Result<Part, String> {
    let request = Request::View { stream: ask.stream, pipeline: (*ask.pipeline).clone(), view: view.clone(), part };
    let reply = session.pool.call(worker, request, Vec::new()).await.map_err(|failure| failure.reason)?;
    let (Reply::View { n_columns, columns, spikes, detail }, attached) = reply else {
        return Err(WorkFailure::unexpected().reason);
    };
    let [min_uv, max_uv] = [0, 1].map(|at| attached.get(at).map(floats).unwrap_or_default());
    Ok(Part { n_columns, columns, min_uv, max_uv, spikes, detail })
}
