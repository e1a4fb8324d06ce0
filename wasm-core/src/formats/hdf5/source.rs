//! A stream whose segments lie in datasets.

use std::sync::Arc;

use super::signal::{Frames, Signal};
use crate::formats::{OpenError, channel_count};
use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

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

/// Where a segment begins: a dataset, and its first frame there.
#[derive(Clone)]
pub struct Part {
    /// The dataset.
    pub signal: Arc<Signal>,
    /// The segment's first frame.
    pub first_frame: u64,
}

impl Part {
    /// A segment that begins where its dataset does.
    pub const fn whole(signal: Arc<Signal>) -> Self {
        Self { signal, first_frame: 0 }
    }
}

/// A stream whose segments lie in datasets.
pub struct H5Source {
    info: StreamInfo,
    segments: Vec<(Part, Arc<Frames>)>,
    axes: Axes,
    /// Rows of the channel axis that the stream takes; all when none are given.
    channels: Option<Vec<usize>>,
    /// Samples are stored as this number minus the signal.
    inverted_at: Option<u16>,
}

impl H5Source {
    /// A stream over one part for each segment, whose lengths `info` holds.
    ///
    /// # Errors
    /// When a dataset's layout is none that is read, or its samples are of another type than `info` says.
    pub fn new(info: StreamInfo, parts: Vec<Part>, axes: Axes) -> Result<Self, OpenError> {
        let mut segments: Vec<(Part, Arc<Frames>)> = Vec::new();
        for part in parts {
            let stored = &part.signal.stored;
            let problem = |found: String| {
                OpenError::field(&stored.container.path, stored.dataset.name(), found, "samples of one type")
            };
            if part.signal.sample_type != info.sample_type {
                return Err(problem(format!("{} beside {}", part.signal.sample_type.name(), info.sample_type.name())));
            }
            // Parts of one dataset share what is decoded.
            let known = segments.iter().find(|(known, _)| Arc::ptr_eq(&known.signal, &part.signal));
            let frames = match known {
                Some((_, frames)) => Arc::clone(frames),
                None => Arc::new(Frames::new(Arc::clone(stored), axes != Axes::ChannelsFrames).map_err(problem)?),
            };
            if channel_count(frames.n_channels()).is_none() {
                return Err(problem(format!("of {} channels", frames.n_channels())));
            }
            segments.push((part, frames));
        }
        Ok(Self { info, segments, axes, channels: None, inverted_at: None })
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

    /// Frames of the dataset that a frame of the stream is, and channels of a stored frame.
    fn scale(&self, frames: &Frames) -> (u64, usize) {
        let stored = usize::try_from(frames.n_channels()).unwrap_or(0);
        if self.axes == Axes::Flat { (self.info.n_channels as u64, self.info.n_channels) } else { (1, stored) }
    }
}

impl FrameSource for H5Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn stretch_frames(&self) -> Option<u64> {
        let (_, frames) = self.segments.first()?;
        Some(frames.part_frames()? / self.scale(frames).0.max(1)).filter(|n_frames| *n_frames > 0)
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut block = RawBlock::default();
        self.read_into(segment, start, n_frames, &mut block)?;
        Ok(block)
    }

    fn read_into(&self, segment: usize, start: u64, n_frames: usize, block: &mut RawBlock) -> Result<(), ReadError> {
        check_range(&self.info, segment, start, n_frames)?;
        let (part, frames) = &self.segments[segment];
        let (per_frame, n_stored) = self.scale(frames);
        let item = self.info.sample_type.size_bytes();
        let mut bytes = std::mem::take(&mut block.bytes);
        bytes.resize(n_frames.saturating_mul(n_stored * item), 0);
        frames.read((part.first_frame + start).saturating_mul(per_frame), &mut bytes)?;
        part.signal.to_little_endian(&mut bytes);
        if let Some(zero) = self.inverted_at {
            for sample in bytes.as_chunks_mut::<2>().0 {
                *sample = zero.wrapping_sub(u16::from_le_bytes(*sample)).to_le_bytes();
            }
        }
        if let Some(channels) = &self.channels {
            bytes = picked(&bytes, n_stored * item, item, channels);
        }
        let n_channels = self.info.n_channels;
        let sample_type = self.info.sample_type;
        *block = RawBlock { sample_type, layout: Layout::Interleaved, n_frames, n_channels, bytes };
        Ok(())
    }
}

/// Some channels of each frame, in another order; those that do not exist are zero.
fn picked(frames: &[u8], frame_bytes: usize, item: usize, channels: &[usize]) -> Vec<u8> {
    let mut out = vec![0; frames.len() / frame_bytes.max(1) * channels.len() * item];
    let targets = out.chunks_exact_mut((channels.len() * item).max(1));
    for (frame, target) in frames.chunks_exact(frame_bytes.max(1)).zip(targets) {
        for (channel, target) in channels.iter().zip(target.chunks_exact_mut(item)) {
            if let Some(sample) = channel.checked_mul(item).and_then(|at| frame.get(at..at + item)) {
                target.copy_from_slice(sample);
            }
        }
    }
    out
}
