//! Mean waveforms, summed exactly so that the order of blocks cannot show.

use super::block::{Engine, FilteredBlock};
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

/// Waveforms one by one. They lie in pieces of equal size, because a list that grows by being
/// copied takes three times its memory on the way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WaveformList {
    n_frames: usize,
    pieces: Vec<Vec<f32>>,
}

impl WaveformList {
    /// An empty list of waveforms of `n_frames`.
    pub(super) fn new(n_frames: usize) -> Self {
        Self { n_frames: n_frames.max(1), pieces: Vec::new() }
    }

    /// Takes one waveform.
    pub(super) fn push(&mut self, waveform: impl Iterator<Item = f32>) {
        let full = PIECE * self.n_frames;
        if self.pieces.last().is_none_or(|piece| piece.len() == full) {
            self.pieces.push(Vec::with_capacity(full));
        }
        if let Some(piece) = self.pieces.last_mut() {
            piece.extend(waveform);
        }
    }

    /// The waveforms in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.pieces.iter().flat_map(|piece| piece.chunks_exact(self.n_frames))
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

/// What comes before the values of a `NumPy` file, `float32` `[rows, columns]` (`NumPy`
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

/// A value in the steps of [`WaveformSums`], rounded to the nearest.
#[expect(clippy::cast_possible_truncation, reason = "rounded on purpose; saturates at two volts")]
#[inline(always)]
fn fixed_point(value_uv: f32) -> i32 {
    let steps = value_uv * STEPS_PER_UV;
    (steps + 0.5_f32.copysign(steps)) as i32
}

impl WaveformSums {
    /// Adds one waveform of a channel, in microvolts.
    pub(super) fn add(&mut self, channel: usize, waveform: &[f32]) {
        self.counts[channel] += 1;
        let sums = &mut self.sums[channel * self.n_frames..];
        widest(
            #[inline(always)]
            || {
                for (sum, value) in sums.iter_mut().zip(waveform) {
                    *sum += i64::from(fixed_point(*value));
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
