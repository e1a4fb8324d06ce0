//! Peaks: extrema in time above a floor.

use super::block::{Engine, FilteredBlock};
use crate::filter::LANES;
use crate::pipeline::PeakSign;
use crate::spikes::Spike;

/// Peaks are kept from this many times the noise, so that the threshold can be moved
/// afterwards without reading the recording again. Being an extremum does not depend on
/// the threshold, so the result is that of a new run.
pub const FLOOR: f32 = 4.0;

impl Engine {
    /// The smallest absolute value of a kept peak, per channel, in microvolts. Infinite for
    /// a channel without noise: a disconnected electrode has no spikes.
    #[must_use]
    pub fn floors(&self, noise_uv: &[f32]) -> Vec<f32> {
        let factor = FLOOR.min(self.settings.detect_threshold);
        noise_uv.iter().map(|noise| if *noise > 0.0 { factor * noise } else { f32::INFINITY }).collect()
    }

    /// Peaks of the block's own frames, sorted by frame and channel.
    ///
    /// A negative peak lies below minus the floor, strictly below the `exclude_sweep_frames`
    /// before it and not above those after it, so the first of equal values wins: the rule
    /// of `SpikeInterface`'s `detect_peaks(method="by_channel")`. At the ends of a segment
    /// the neighbourhood is what there is of it.
    #[must_use]
    pub fn peaks(&self, block: &FilteredBlock, floors_uv: &[f32]) -> Vec<Spike> {
        let sweep = self.settings.exclude_sweep_frames;
        let (neg, pos) = match self.settings.peak_sign {
            PeakSign::Neg => (true, false),
            PeakSign::Pos => (false, true),
            PeakSign::Both => (true, true),
        };
        let mut peaks = Vec::new();
        for group in 0..self.info.n_channels.div_ceil(LANES) {
            let frames = block.group(group);
            let floor: [f32; LANES] =
                std::array::from_fn(|lane| floors_uv.get(group * LANES + lane).copied().unwrap_or(f32::INFINITY));
            for at in block.own.clone() {
                let frame = &frames[at];
                // Most frames hold nothing: one comparison of sixteen lanes settles them.
                let any = frame.iter().zip(&floor).fold(false, |any, (value, floor)| any | (value.abs() > *floor));
                if !any {
                    continue;
                }
                for lane in 0..LANES {
                    let value = frame[lane];
                    let is_peak = (neg && value < -floor[lane] && is_extremum(frames, at, lane, sweep, |v| v))
                        || (pos && value > floor[lane] && is_extremum(frames, at, lane, sweep, |v| -v));
                    if is_peak {
                        peaks.push(Spike {
                            segment_index: u16::try_from(block.segment).unwrap_or(u16::MAX),
                            sample_index: i64::try_from(block.first_frame).unwrap_or(i64::MAX)
                                + i64::try_from(at).unwrap_or(0),
                            channel_index: u32::try_from(group * LANES + lane).unwrap_or(u32::MAX),
                            amplitude_uv: value,
                        });
                    }
                }
            }
        }
        peaks.sort_unstable_by_key(Spike::key);
        peaks
    }
}

/// Whether frame `at` is the minimum of its neighbourhood after `sign` has been applied.
#[inline]
fn is_extremum(frames: &[[f32; LANES]], at: usize, lane: usize, sweep: usize, sign: impl Fn(f32) -> f32) -> bool {
    let value = sign(frames[at][lane]);
    frames[at.saturating_sub(sweep)..at].iter().all(|frame| value < sign(frame[lane]))
        && frames[at + 1..(at + 1 + sweep).min(frames.len())].iter().all(|frame| value <= sign(frame[lane]))
}
