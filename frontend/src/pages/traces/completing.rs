//! A view that was answered from a sample, and what was left out of it, as it is read.

use std::rc::Rc;

use wasm_core::view::{Detail, ViewRequest};

use super::asking::{Ask, Seen};
use super::parts::{Part, Source, Waiting};
use crate::plots::traces::TraceData;

/// Time between two pictures of a view that is being completed.
const PICTURE_MS: f64 = 300.0;

/// A view of which every frame is read, part by part.
pub struct Completing {
    /// The wish, for every frame.
    pub ask: Rc<Ask>,
    /// Parts that no worker has been asked for yet.
    pub waiting: Waiting,
    sampled: Rc<TraceData>,
    read: TraceData,
    n_parts: usize,
    n_read: usize,
    pictured_ms: f64,
}

impl Completing {
    pub fn new(source: Source<'_>, ask: &Ask, sampled: Rc<TraceData>, now_ms: f64) -> Self {
        let request = ViewRequest { whole: true, thresholds_uv: None, ..ask.request.clone() };
        let waiting = Waiting::new(source, ask.stream, &request);
        // A sample may stand for its neighbours, so what is read takes its place.
        let read = TraceData { min_uv: Vec::new(), max_uv: Vec::new(), ..(*sampled).clone() };
        let (n_parts, n_read, pictured_ms) = (waiting.len(), 0, now_ms);
        Self { ask: Rc::new(Ask { request, ..ask.clone() }), waiting, sampled, read, n_parts, n_read, pictured_ms }
    }

    /// Takes a part; gives a picture where it is time for one, and of every frame at the end.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn take(&mut self, part: Part, now_ms: f64) -> Option<Seen> {
        self.read.widen(part.n_columns, part.columns, &part.min_uv, &part.max_uv);
        self.n_read += 1;
        let is_whole = self.n_read == self.n_parts;
        if !is_whole && now_ms - self.pictured_ms <= PICTURE_MS {
            return None;
        }
        self.pictured_ms = now_ms;
        let data = Rc::new(self.read.over(&self.sampled));
        let detail = if is_whole { Detail::Every } else { Detail::Sampled };
        Some(Seen::View { data, detail, share: self.n_read as f64 / self.n_parts as f64 })
    }
}
