//! Which field potentials a pipeline keeps.

use super::Pipeline;
use crate::blocks::field_potentials::{BLOCK, CHANNEL_IDS, RATE_HZ};
use crate::field::{FieldChoice, FieldPlan};
use crate::recording::StreamInfo;

impl FieldPlan {
    /// The plan of a pipeline for a stream; none where the pipeline keeps no field potentials.
    #[must_use]
    pub fn new(info: &StreamInfo, pipeline: &Pipeline) -> Option<Self> {
        let values = pipeline.block(BLOCK.kind)?.values();
        let (rate_hz, channel_ids) = (values.number(&RATE_HZ), values.ids(&CHANNEL_IDS));
        Some(Self::of(info, &FieldChoice { rate_hz, channel_ids, left_out: pipeline.left_out() }))
    }
}
