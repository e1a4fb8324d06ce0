//! From frames of a recording to samples at the lower rate.

use super::FieldPlan;
use crate::filter::Decimator;
use crate::grid::Slice;
use crate::recording::{FrameSource, ReadError, StreamInfo};
use crate::sample::{Conversion, RawBlock};

/// Frames that are turned into microvolts at a time.
const AT_A_TIME: usize = 256;

/// The samples of a slice in microvolts, `[samples, electrodes]`: those whose own frame lies in it. The low-pass
/// looks at the frames around, so that the cut changes no bit. Where the segment ends, what is beyond
/// counts as the mean of what is there, so that an offset makes no step.
///
/// # Errors
/// When the source cannot give the frames.
pub fn decimated(source: &dyn FrameSource, plan: &FieldPlan, slice: Slice) -> Result<Vec<f32>, ReadError> {
    let decimator = Decimator::new(plan.factor);
    let (mut raw, mut kept, mut samples) = (RawBlock::default(), Vec::new(), Vec::new());
    for block in slice.blocks() {
        let n_frames = source.info().segments.get(block.segment).map_or(0, |segment| segment.n_frames);
        let own = block.frames(n_frames);
        let factor = plan.factor as u64;
        let (from, to) = (own.start.div_ceil(factor), own.end.div_ceil(factor));
        if plan.channels.is_empty() || from >= to {
            continue;
        }
        let reach = decimator.reach() as u64;
        let first = decimator.middle(from).saturating_sub(reach);
        let end = (decimator.middle(to - 1) + reach + 1).min(n_frames);
        source.read_into(block.segment, first, frames(end - first), &mut raw)?;
        raw = std::mem::take(&mut raw).into_interleaved();
        columns(source.info(), &raw, &plan.channels, &mut kept);
        let mut sums = vec![0.0_f32; plan.channels.len() + 1];
        for output in from..to {
            sums.fill(0.0);
            decimator.add(output, &kept, first, &mut sums);
            if let Some((weight, values)) = sums.split_last() {
                samples.extend(values.iter().map(|value| value / weight));
            }
        }
    }
    Ok(samples)
}

/// Frames of a block and of what lies in reach of it.
fn frames(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// The channels that are kept as rows of microvolts, each with a 1 behind it, whose sum tells how much of the
/// low-pass lay within the segment. A missing sample counts as none.
fn columns(info: &StreamInfo, raw: &RawBlock, channels: &[usize], kept: &mut Vec<f32>) {
    let conversion = microvolts(info);
    let mut rows = vec![0.0_f32; AT_A_TIME * info.n_channels];
    kept.clear();
    kept.reserve(raw.n_frames * (channels.len() + 1));
    for from in (0..raw.n_frames).step_by(AT_A_TIME) {
        let to = (from + AT_A_TIME).min(raw.n_frames);
        raw.rows(from..to, &conversion, &mut rows, info.n_channels);
        for row in rows.chunks_exact(info.n_channels).take(to - from) {
            let values = channels.iter().map(|channel| row.get(*channel).copied().unwrap_or_default());
            kept.extend(values.map(|value| if value.is_finite() { value } else { 0.0 }));
            kept.push(1.0);
        }
    }
}

/// From stored steps to microvolts.
#[expect(clippy::cast_possible_truncation, reason = "kept as f32")]
fn microvolts(info: &StreamInfo) -> Conversion {
    let narrow = |values: &[f64]| values.iter().map(|value| *value as f32).collect();
    Conversion {
        gain: narrow(&info.gain_to_uv),
        offset: narrow(&info.offset_to_uv),
        ..Conversion::identity(info.n_channels)
    }
}

/// Samples as bytes, little-endian.
#[must_use]
pub fn to_le_bytes(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Reads what [`to_le_bytes`] wrote.
#[must_use]
pub fn from_le_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
