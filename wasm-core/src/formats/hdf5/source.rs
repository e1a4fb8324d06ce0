//! A stream whose segments are datasets.

use hdf5_reader::{Dataset, SliceInfo, SliceInfoElem};

use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock, SampleType};

/// How a dataset's axes hold channels and frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// `[channels, frames]`
    ChannelsFrames,
    /// `[frames, channels]`
    FramesChannels,
    /// `[frames * channels]`, the channels of a frame beside one another.
    Flat,
    /// `[frames]` of one channel.
    OneChannel,
}

/// A stream whose segments are datasets.
pub struct H5Source {
    info: StreamInfo,
    path: String,
    segments: Vec<Dataset>,
    axes: Axes,
    /// Rows of the channel axis that the stream takes; all when none are given.
    channels: Option<Vec<usize>>,
    /// Samples are stored as this number minus the signal.
    inverted_at: Option<u16>,
}

impl H5Source {
    /// A stream over `segments`, whose lengths `info` holds.
    pub fn new(info: StreamInfo, path: &str, segments: Vec<Dataset>, axes: Axes) -> Self {
        Self { info, path: path.to_owned(), segments, axes, channels: None, inverted_at: None }
    }

    /// Takes only these rows of the channel axis, in this order.
    pub fn with_channels(mut self, channels: Vec<usize>) -> Self {
        self.channels = Some(channels);
        self
    }

    /// Turns stored values around: `zero` minus each.
    pub const fn inverted_at(mut self, zero: u16) -> Self {
        self.inverted_at = Some(zero);
        self
    }

    fn damaged(&self, reason: &dyn std::fmt::Display) -> ReadError {
        ReadError::Damaged { path: self.path.clone(), reason: reason.to_string() }
    }

    /// Little-endian bytes of a selection, in the dataset's order.
    fn selection(&self, dataset: &Dataset, selections: Vec<SliceInfoElem>) -> Result<Vec<u8>, ReadError> {
        macro_rules! read {
            ($kind:ty) => {{
                let values =
                    dataset.read_slice::<$kind>(&SliceInfo { selections }).map_err(|error| self.damaged(&error))?;
                values.into_iter().flat_map(<$kind>::to_le_bytes).collect()
            }};
        }
        Ok(match self.info.sample_type {
            SampleType::Int8 => read!(i8),
            SampleType::Uint8 => read!(u8),
            SampleType::Int16 => read!(i16),
            SampleType::Uint16 => read!(u16),
            SampleType::Int32 => read!(i32),
            SampleType::Uint32 => read!(u32),
            SampleType::Int64 => read!(i64),
            SampleType::Uint64 => read!(u64),
            SampleType::Float32 => read!(f32),
            SampleType::Float64 => read!(f64),
        })
    }
}

impl FrameSource for H5Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        check_range(&self.info, segment, start, n_frames)?;
        let dataset = &self.segments[segment];
        let n_stored = match self.axes {
            Axes::ChannelsFrames => dataset.shape().first().copied().unwrap_or(0),
            Axes::FramesChannels => dataset.shape().get(1).copied().unwrap_or(0),
            Axes::Flat => self.info.n_channels as u64,
            Axes::OneChannel => 1,
        };
        let slice = |start: u64, n: u64| SliceInfoElem::Slice { start, end: start + n, step: 1 };
        let n = n_frames as u64;
        let selections = match self.axes {
            Axes::ChannelsFrames => vec![slice(0, n_stored), slice(start, n)],
            Axes::FramesChannels => vec![slice(start, n), slice(0, n_stored)],
            Axes::Flat => vec![slice(start * n_stored, n * n_stored)],
            Axes::OneChannel => vec![slice(start, n)],
        };
        let mut bytes = if n_frames == 0 { Vec::new() } else { self.selection(dataset, selections)? };
        if let Some(zero) = self.inverted_at {
            for sample in bytes.as_chunks_mut::<2>().0 {
                *sample = zero.wrapping_sub(u16::from_le_bytes(*sample)).to_le_bytes();
            }
        }
        let layout = if self.axes == Axes::ChannelsFrames { Layout::Planar } else { Layout::Interleaved };
        let n_stored = usize::try_from(n_stored).unwrap_or(0);
        let block = RawBlock { sample_type: self.info.sample_type, layout, n_frames, n_channels: n_stored, bytes };
        Ok(match &self.channels {
            None => block,
            Some(channels) => block.take_channels(channels),
        })
    }
}
