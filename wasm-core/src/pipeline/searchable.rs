//! Whether spikes can be looked for in a stream at all.

use super::{Pipeline, PipelineError};
use crate::recording::{StreamInfo, StreamKind};

/// Says why a stream is not searched for spikes.
///
/// # Errors
/// When its channels are no electrodes, or its rate is too slow for spikes.
pub fn check_searchable(info: &StreamInfo) -> Result<(), PipelineError> {
    let sampling_frequency_hz = info.sampling_frequency_hz;
    if info.kind == StreamKind::Auxiliary {
        return Err(PipelineError::NoElectrodes { stream: info.name.clone() });
    }
    if Pipeline::is_too_slow_for_spikes(sampling_frequency_hz) {
        return Err(PipelineError::TooSlow { stream: info.name.clone(), sampling_frequency_hz });
    }
    Ok(())
}
