//! What is subtracted from the channels of a frame.

use super::median::Median;
use crate::filter::Cell;
use crate::pipeline::{ReferenceOperator, Settings};
use crate::recording::StreamInfo;
use crate::simd::widest;

/// The reference of a stream.
pub struct Reference {
    operator: ReferenceOperator,
    n_channels: usize,
}

/// Medians that are used again from frame to frame.
#[derive(Default)]
pub struct ReferenceState {
    median: Median,
}

impl Reference {
    /// The reference that the pipeline asks for.
    pub fn new(info: &StreamInfo, settings: &Settings) -> Self {
        // The reference of a lone channel is the channel itself; subtracting it would leave nothing.
        let operator = if info.n_channels < 2 { ReferenceOperator::None } else { settings.reference };
        Self { operator, n_channels: info.n_channels }
    }

    /// Subtracts it from a frame of all channels.
    #[expect(clippy::cast_precision_loss, reason = "channel counts are small")]
    pub fn subtract(&self, state: &mut ReferenceState, row: &mut [Cell]) {
        let channels = &row.as_flattened()[..self.n_channels];
        let reference = match self.operator {
            ReferenceOperator::None => return,
            ReferenceOperator::Mean => channels.iter().sum::<f32>() / self.n_channels as f32,
            ReferenceOperator::Median => state.median.of(channels),
        };
        widest(
            #[inline(always)]
            || {
                for value in row.as_flattened_mut() {
                    *value -= reference;
                }
            },
        );
    }
}
