//! Which channels lie near which.

use std::ops::RangeInclusive;

use crate::pipeline::PipelineError;
use crate::recording::StreamInfo;

/// For each channel the others whose electrodes lie at a distance within `distances_um`, in
/// the same well; in order.
///
/// # Errors
/// When the stream has no positions; `step` is what asked for them.
pub fn neighbours(
    info: &StreamInfo,
    distances_um: RangeInclusive<f64>,
    step: &'static str,
) -> Result<Vec<Vec<usize>>, PipelineError> {
    let positions = info.positions_um.as_ref().ok_or(PipelineError::NoPositions { step })?;
    let well = |channel: usize| info.wells.as_ref().and_then(|wells| wells.get(channel));
    let near = |one: usize, other: usize| {
        let [dx, dy] = [0, 1].map(|axis| positions[one][axis] - positions[other][axis]);
        one != other && well(one) == well(other) && distances_um.contains(&(dx * dx + dy * dy).sqrt())
    };
    let of = |one: usize| (0..positions.len()).filter(|other| near(one, *other)).collect();
    Ok((0..positions.len()).map(of).collect())
}
