//! Events on the clock of a stream.

use super::{SegmentInfo, StreamInfo};
use crate::events::{Event, Events};

impl Events {
    /// Puts events of one stretch of time into the segments of a stream of the same clock: each
    /// goes to the last segment that has begun.
    #[must_use]
    pub fn in_segments_of(mut self, stream: &StreamInfo) -> Self {
        self.for_each(|event: &mut Event| {
            let began = |segment: &SegmentInfo| segment.t_start_s <= event.time_s;
            event.segment = stream.segments.iter().rposition(began).unwrap_or(0);
        });
        self
    }
}
