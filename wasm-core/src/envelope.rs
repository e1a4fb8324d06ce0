//! The stored outline of an uploaded recording: the smallest and largest value of every
//! [`ENVELOPE_FRAMES`] frames, so that a shared link shows hours without fetching them.
//!
//! Analysis computes it from what it reads anyway. One object holds a slice of time and a
//! group of channels: all minima, then all maxima, `[2 x channels, bins]`, in stored steps
//! as `float32`, compressed like the recording's own chunks.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::chunk::{CHUNK_CHANNELS, decode_chunk, encode_chunk};
use crate::engine::RawWindow;
use crate::grid::{BLOCK_FRAMES, Slice};
use crate::recording::ReadError;
use crate::sample::SampleType;

/// Frames of a bin: 13 ms at 20 kHz, and 1/64 of the recording's size before compression.
pub const ENVELOPE_FRAMES: u64 = 256;

/// Place of an envelope object in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EnvelopeId {
    /// Index of the slice.
    pub slice: usize,
    /// Group of 64 channels.
    pub group: usize,
}

impl EnvelopeId {
    /// The object's name inside the run, such as `envelope/000003.1`.
    #[must_use]
    pub fn name(self) -> String {
        format!("envelope/{:06}.{}", self.slice, self.group)
    }

    /// The object of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (slice, group) = name.strip_prefix("envelope/")?.split_once('.')?;
        Some(Self { slice: slice.parse().ok()?, group: group.parse().ok()? })
    }
}

/// Frames of a slice in a segment of `n_frames`.
#[must_use]
pub fn frames_of(slice: Slice, n_frames: u64) -> Range<u64> {
    let start = slice.first_block * BLOCK_FRAMES;
    start.min(n_frames)..(start + slice.n_blocks * BLOCK_FRAMES).min(n_frames)
}

/// Collects the envelope of one slice.
pub struct EnvelopeBuilder {
    n_channels: usize,
    /// `[channels][bins]`
    min: Vec<Vec<f32>>,
    max: Vec<Vec<f32>>,
}

impl EnvelopeBuilder {
    /// Of a stream with this many channels.
    #[must_use]
    pub fn new(n_channels: usize) -> Self {
        Self { n_channels, min: vec![Vec::new(); n_channels], max: vec![Vec::new(); n_channels] }
    }

    /// Adds the own frames of the next block.
    ///
    /// # Errors
    /// When they cannot be read.
    #[expect(clippy::cast_possible_truncation, reason = "frames within one block")]
    pub fn add(&mut self, window: &mut RawWindow) -> Result<(), ReadError> {
        let own = (window.own.start - window.first_frame) as usize..(window.own.end - window.first_frame) as usize;
        let n_frames = own.len();
        let (raw, first) = window.frames(own)?;
        for channel in 0..self.n_channels {
            let values = raw.channel(channel);
            for bin in values[first..first + n_frames].chunks(ENVELOPE_FRAMES as usize) {
                self.min[channel].push(bin.iter().copied().fold(f32::INFINITY, f32::min));
                self.max[channel].push(bin.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            }
        }
        Ok(())
    }

    /// The objects of all groups, in order.
    ///
    /// # Errors
    /// When compression fails, which it does not on finite lengths.
    pub fn encode(&self) -> Result<Vec<Vec<u8>>, ReadError> {
        let n_bins = self.min.first().map_or(0, Vec::len);
        let group = |(min, max): (&[Vec<f32>], &[Vec<f32>])| {
            let values = min.iter().chain(max).flatten();
            let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
            encode_chunk(SampleType::Float32, &bytes, n_bins)
        };
        self.min.chunks(CHUNK_CHANNELS).zip(self.max.chunks(CHUNK_CHANNELS)).map(group).collect()
    }
}

/// An envelope object's minima and maxima, each `[channels, bins]` in stored steps.
///
/// # Errors
/// When the bytes are not such an object.
pub fn decode(bytes: &[u8], n_channels: usize, n_bins: usize) -> Result<(Vec<f32>, Vec<f32>), ReadError> {
    let bytes = decode_chunk(SampleType::Float32, bytes, 2 * n_channels * n_bins)?;
    let mut min: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect();
    let max = min.split_off(n_channels * n_bins);
    Ok((min, max))
}
