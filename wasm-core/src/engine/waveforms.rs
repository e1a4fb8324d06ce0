//! Mean waveforms, summed exactly so that the order of blocks cannot show.

use super::block::{Engine, FilteredBlock};
use super::peaks::Peak;
use crate::simd::widest;
use crate::spikes::Spike;

/// Steps per microvolt of the fixed-point sums: fine against any amplifier's noise, and a
/// channel would need 10^9 spikes of 10 mV to overflow.
const STEPS_PER_UV: f32 = 1024.0;

/// Sums of the waveforms of each channel, in 1/1024 microvolt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaveformSums {
    /// Frames of a waveform.
    pub n_frames: usize,
    /// Waveforms summed, per channel.
    pub counts: Vec<i64>,
    /// `[channels, n_frames]`.
    pub sums: Vec<i64>,
}

/// Waveforms of a piece of a list.
const PIECE: usize = 256;

/// Waveforms one by one, until it is known which of them count. They wait in 16-bit steps of
/// their own size, which keeps four digits in half the memory; and they lie in pieces of equal
/// size, because a list that grows by being copied takes three times its memory on the way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WaveformList {
    n_frames: usize,
    pieces: Vec<Piece>,
    /// The waveform at work.
    values_uv: Vec<f32>,
}

#[derive(Clone, Debug, PartialEq)]
struct Piece {
    peaks: Vec<WaveformPeak>,
    /// `[waveforms, n_frames]`.
    steps: Vec<i16>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct WaveformPeak {
    channel: u32,
    amplitude_uv: f32,
    /// Microvolts of a step.
    step_uv: f32,
}

impl WaveformList {
    /// An empty list of waveforms of `n_frames`.
    pub(super) const fn new(n_frames: usize) -> Self {
        Self { n_frames, pieces: Vec::new(), values_uv: Vec::new() }
    }

    /// Takes the waveform of a peak.
    pub(super) fn push(&mut self, peak: Peak, waveform_uv: impl Iterator<Item = f32>) {
        if self.pieces.last().is_none_or(|piece| piece.peaks.len() == PIECE) {
            let steps = Vec::with_capacity(PIECE * self.n_frames);
            self.pieces.push(Piece { peaks: Vec::with_capacity(PIECE), steps });
        }
        self.values_uv.clear();
        self.values_uv.extend(waveform_uv);
        let size_uv = self.values_uv.iter().fold(0_f32, |size, value| size.max(value.abs()));
        if let Some(Piece { peaks, steps }) = self.pieces.last_mut() {
            let per_uv = if size_uv > 0.0 { f32::from(i16::MAX) / size_uv } else { 0.0 };
            let Peak { channel, amplitude_uv, .. } = peak;
            peaks.push(WaveformPeak { channel, amplitude_uv, step_uv: size_uv / f32::from(i16::MAX) });
            #[expect(clippy::cast_possible_truncation, reason = "at most 32,767 by their own size")]
            steps.extend(self.values_uv.iter().map(|value| rounded(value * per_uv) as i16));
        }
    }

    /// Adds those whose peak goes beyond its channel's threshold.
    pub(super) fn add_beyond(&self, thresholds_uv: &[f32], sums: &mut WaveformSums) {
        for Piece { peaks, steps } in &self.pieces {
            for (peak, steps) in peaks.iter().zip(steps.chunks_exact(self.n_frames.max(1))) {
                let channel = peak.channel as usize;
                if peak.amplitude_uv.abs() > thresholds_uv[channel] {
                    sums.add(channel, steps, peak.step_uv);
                }
            }
        }
    }
}

/// Mean waveforms of each channel, in microvolts.
#[derive(Clone, Debug, PartialEq)]
pub struct Waveforms {
    /// Frames of a waveform.
    pub n_frames: usize,
    /// Frames before the peak.
    pub n_before: usize,
    /// `[channels, n_frames]`; zero where a channel has no spikes.
    pub mean_uv: Vec<f32>,
}

impl Engine {
    /// Frames of a waveform before its peak.
    #[must_use]
    pub const fn waveform_before(&self) -> usize {
        self.waveform.0
    }

    /// Frames of a waveform.
    #[must_use]
    pub const fn waveform_frames(&self) -> usize {
        self.waveform.0 + self.waveform.1
    }

    /// A spike's waveform in microvolts, from the block of the grid that holds its frame; not a
    /// number throughout where the segment's end cuts it.
    pub fn snippet<'a>(&self, block: &'a FilteredBlock, spike: &Spike) -> impl Iterator<Item = f32> + use<'a> {
        let first_frame = spike.sample_index.cast_unsigned().checked_sub(self.waveform.0 as u64);
        let first = first_frame.and_then(|frame| usize::try_from(frame.checked_sub(block.span.first_frame)?).ok());
        let n_frames = self.waveform_frames();
        let held = first.filter(|first| first + n_frames <= block.span.n_frames);
        let frames = held.map_or(0..0, |first| first..first + n_frames);
        let missing = n_frames - frames.len();
        block.channel(spike.channel_index as usize, frames).chain(std::iter::repeat_n(f32::NAN, missing))
    }

    /// Empty sums for this engine's channels.
    #[must_use]
    pub fn waveform_sums(&self) -> WaveformSums {
        let n_frames = self.waveform_frames();
        WaveformSums { n_frames, counts: vec![0; self.info.n_channels], sums: vec![0; self.info.n_channels * n_frames] }
    }

    /// The means of the sums.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "means are shown, not computed with"
    )]
    pub fn waveforms(&self, sums: &WaveformSums) -> Waveforms {
        let mean = |(at, sum): (usize, &i64)| {
            let count = sums.counts[at / sums.n_frames];
            if count == 0 { 0.0 } else { (*sum as f64 / count as f64 / f64::from(STEPS_PER_UV)) as f32 }
        };
        Waveforms {
            n_frames: sums.n_frames,
            n_before: self.waveform.0,
            mean_uv: sums.sums.iter().enumerate().map(mean).collect(),
        }
    }
}

impl Waveforms {
    /// As a `NumPy` file, `float32` `[channels, n_frames]`.
    #[must_use]
    pub fn to_npy(&self) -> Vec<u8> {
        let n_channels = self.mean_uv.len().checked_div(self.n_frames).unwrap_or(0);
        let mut bytes = npy_header(n_channels, self.n_frames);
        bytes.extend(self.mean_uv.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    /// Reads what [`Self::to_npy`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_npy(bytes: &[u8], n_before: usize, n_channels: usize) -> Option<Self> {
        let header_bytes = usize::from(u16::from_le_bytes(bytes.get(8..10)?.try_into().ok()?));
        let values = bytes.get(10 + header_bytes..)?.as_chunks::<4>().0;
        let mean_uv: Vec<f32> = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
        Some(Self { n_frames: mean_uv.len().checked_div(n_channels)?, n_before, mean_uv })
    }
}

/// The header of a `NumPy` file, before its values: `float32` `[rows, columns]` (`NumPy`
/// enhancement proposal 1).
#[must_use]
pub fn npy_header(rows: usize, columns: usize) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // The preamble and header fill a multiple of 64 bytes and end with a line feed.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(padded + 1).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(format!("{header:padded$}\n").into_bytes());
    bytes
}

/// The nearest whole number, halves away from zero.
#[expect(clippy::cast_possible_truncation, reason = "rounded on purpose; saturates")]
#[inline(always)]
fn rounded(value: f32) -> i32 {
    (value + 0.5_f32.copysign(value)) as i32
}

impl WaveformSums {
    /// Adds one waveform of a channel, in steps of `step_uv` microvolts.
    fn add(&mut self, channel: usize, waveform: &[i16], step_uv: f32) {
        self.counts[channel] += 1;
        let sums = &mut self.sums[channel * self.n_frames..];
        let scale = step_uv * STEPS_PER_UV;
        widest(
            #[inline(always)]
            || {
                for (sum, value) in sums.iter_mut().zip(waveform) {
                    *sum += i64::from(rounded(f32::from(*value) * scale));
                }
            },
        );
    }

    /// Adds the sums of other blocks.
    pub fn merge(&mut self, other: &Self) {
        for (sum, value) in self.sums.iter_mut().zip(&other.sums) {
            *sum += value;
        }
        for (count, value) in self.counts.iter_mut().zip(&other.counts) {
            *count += value;
        }
    }
}
