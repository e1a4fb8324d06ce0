//! What is asked of the workers, and what is seen of it.

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use wasm_core::view::{Detail, ViewRequest};

use super::Window;
use crate::plots::traces::TraceData;

/// A wish.
#[derive(Clone, Debug)]
pub struct Ask {
    pub pipeline: Rc<Pipeline>,
    pub stream: usize,
    pub request: ViewRequest,
    pub window: Window,
}

impl Ask {
    /// Whether the other asks for the same channels of the same segment, perhaps at another time.
    pub fn shows_signals_of(&self, other: &Self) -> bool {
        let signals = |ask: &Self| (ask.stream, ask.request.segment, ask.request.filtered);
        signals(self) == signals(other) && self.request.channels == other.request.channels
    }

    /// Whether it also asks for the same frames, perhaps filtered otherwise.
    pub fn is_place_of(&self, other: &Self) -> bool {
        let place = |ask: &Self| (ask.request.start, ask.request.n_frames, ask.request.n_columns);
        self.shows_signals_of(other) && place(self) == place(other)
    }

    /// Whether nothing but spikes would change.
    pub fn only_marks_anew(&self, shown: &Self) -> bool {
        self.pipeline == shown.pipeline && self.is_place_of(shown)
    }
}

/// The last answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Nothing,
    View {
        data: Rc<TraceData>,
        detail: Detail,
        /// The part of the frames that was read, beyond the sample where there is one.
        share: f64,
    },
    Problem(String),
}

/// What is known of a view, and what was asked for it.
pub struct Known {
    pub ask: Rc<Ask>,
    pub data: Rc<TraceData>,
    pub extent: Extent,
}

/// How much of a view is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What had arrived when it was given up.
    Some,
    /// A sample of it, or all of it after a sample: no spikes are marked in it.
    Sampled,
    /// All of it.
    Whole,
}
