//! What a reader gives: streams of segments, with rates, gains and positions.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::events::{Event, Events};
use crate::sample::{RawBlock, SampleType};
use crate::spikes::Spike;

/// A run of frames without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentInfo {
    /// Number of frames.
    pub n_frames: u64,
    /// Time of the first frame in the recording system's clock, in seconds.
    pub t_start_s: f64,
}

/// Signals that share a clock and a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// The stream's name, as neo gives it where neo reads the format.
    pub name: String,
    /// Frames per second.
    pub sampling_frequency_hz: f64,
    /// Number of channels.
    pub n_channels: usize,
    /// Type of the stored samples.
    #[serde(rename = "dtype")]
    pub sample_type: SampleType,
    /// One id per channel.
    pub channel_ids: Vec<String>,
    /// Microvolts of one step, per channel.
    pub gain_to_uv: Vec<f64>,
    /// Microvolts of a stored zero, per channel.
    pub offset_to_uv: Vec<f64>,
    /// Electrode positions `[x, y]` in micrometres, when the files give them.
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// Well of each channel, for multi-well plates.
    pub wells: Option<Vec<String>>,
    /// Runs of frames without a gap.
    pub segments: Vec<SegmentInfo>,
}

impl StreamInfo {
    /// Frames of all segments.
    #[must_use]
    pub fn n_frames(&self) -> u64 {
        self.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.n_frames))
    }

    /// Length of all segments in seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frame counts stay far below 2^53")]
    pub fn duration_s(&self) -> f64 {
        self.n_frames() as f64 / self.sampling_frequency_hz
    }

    /// Bytes of all samples as stored.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.n_frames() * (self.n_channels * self.sample_type.size_bytes()) as u64
    }

    /// Channels of each well, wells in the order in which they occur; one group where there
    /// are no wells.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let Some(wells) = &self.wells else { return vec![(0..self.n_channels).collect()] };
        let mut names: Vec<&str> = Vec::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (channel, well) in wells.iter().enumerate() {
            let at = names.iter().position(|name| name == well).unwrap_or_else(|| {
                names.push(well);
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[at].push(channel);
        }
        groups
    }

    /// Frames in `milliseconds`, rounded down as `SpikeInterface` does.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated to be small and positive")]
    pub fn frames_from_ms(&self, milliseconds: f64) -> usize {
        (milliseconds * self.sampling_frequency_hz / 1000.0) as usize
    }
}

/// A stream that can be read at any frame.
pub trait FrameSource: Send + Sync {
    /// What the stream holds.
    fn info(&self) -> &StreamInfo;

    /// Reads frames `start..start + n_frames` of a segment, all channels, as stored.
    ///
    /// # Errors
    /// When the range lies outside the segment, or the file cannot be read or decoded.
    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError>;

    /// As [`Self::read`], into memory that may be used again.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn read_into(&self, segment: usize, start: u64, n_frames: usize, block: &mut RawBlock) -> Result<(), ReadError> {
        *block = self.read(segment, start, n_frames)?;
        Ok(())
    }

    /// Frames that are hardly read faster with others than by themselves; `None` where many are
    /// best read at once.
    fn piece_frames(&self) -> Option<usize> {
        None
    }

    /// Frames that the source decodes together, where it decodes more than it is asked for.
    fn stretch_frames(&self) -> Option<u64> {
        None
    }

    /// The stored outline of a channel over a range of frames, where the source has one.
    ///
    /// # Errors
    /// When the outline is there but cannot be read.
    fn outline(&self, _segment: usize, _channel: usize, _frames: Range<u64>) -> Result<Option<Outline>, ReadError> {
        Ok(None)
    }
}

/// Smallest and largest values of equal bins of frames, in stored steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Frame at which the first bin begins.
    pub first_frame: u64,
    /// Frames of a bin.
    pub bin_frames: u64,
    /// `(smallest, largest)` of each bin.
    pub bins: Vec<(f32, f32)>,
}

/// An opened recording.
pub struct Recording {
    /// The format's name, such as `spikeglx`.
    pub format: &'static str,
    /// Streams; the wide-band neural one that a person would mean comes first. None where
    /// the files hold spikes alone.
    pub streams: Vec<Box<dyn FrameSource>>,
    /// Spikes that the files hold, found by the recording system or sorted since.
    pub spikes: Option<StoredSpikes>,
    /// What the files tell besides, sorted by segment and time.
    pub events: Vec<Event>,
    /// What a person should know about how the files were read.
    pub notes: Vec<String>,
}

/// Spikes as the files hold them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSpikes {
    /// Electrodes or units as channels, with their rate and segments; no samples belong to it.
    pub info: StreamInfo,
    /// Sorted by segment, frame and channel. Amplitudes are zero where the files hold none.
    #[serde(skip)]
    pub spikes: Vec<Spike>,
    /// Noise of each channel in microvolts; zero where the files do not tell.
    pub noise_uv: Vec<f32>,
    /// Who found them and how, as far as the files tell.
    pub found_by: String,
}

impl StoredSpikes {
    /// Sorts spikes and makes segments as long as their last spike demands. Spikes of channels
    /// or segments that are not in `info` are dropped.
    #[must_use]
    pub fn new(mut info: StreamInfo, mut spikes: Vec<Spike>, found_by: String) -> Self {
        spikes.retain(|spike| {
            (spike.channel_index as usize) < info.n_channels
                && usize::from(spike.segment_index) < info.segments.len()
                && spike.sample_index >= 0
        });
        spikes.sort_by_key(Spike::key);
        for spike in &spikes {
            let segment = &mut info.segments[usize::from(spike.segment_index)];
            segment.n_frames = segment.n_frames.max(spike.sample_index.cast_unsigned() + 1);
        }
        Self { noise_uv: vec![0.0; info.n_channels], info, spikes, found_by }
    }

    /// Spikes of one stretch of time, put into the segments of a stream of the same clock: each
    /// goes to the last segment that has begun. Spikes that have segments of their own keep them.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "frames of a recording")]
    pub fn in_segments_of(mut self, stream: &StreamInfo) -> Self {
        if self.info.segments.len() != 1 || stream.segments.len() < 2 {
            return self;
        }
        let frame_of = |t_start_s: f64| (t_start_s * self.info.sampling_frequency_hz).round() as i64;
        let own_start = frame_of(self.info.segments[0].t_start_s);
        let starts: Vec<i64> = stream.segments.iter().map(|segment| frame_of(segment.t_start_s) - own_start).collect();
        for spike in &mut self.spikes {
            let at = starts.iter().rposition(|start| *start <= spike.sample_index).unwrap_or(0);
            spike.segment_index = u16::try_from(at).unwrap_or(u16::MAX);
            spike.sample_index = (spike.sample_index - starts[at]).max(0);
        }
        let begin = |segment: &SegmentInfo| SegmentInfo { n_frames: 0, t_start_s: segment.t_start_s };
        self.info.segments = stream.segments.iter().map(begin).collect();
        let Self { info, spikes, noise_uv, found_by } = self;
        Self { noise_uv, ..Self::new(info, spikes, found_by) }
    }
}

impl Recording {
    /// A recording of streams alone.
    #[must_use]
    pub const fn of_streams(format: &'static str, streams: Vec<Box<dyn FrameSource>>) -> Self {
        Self { format, streams, spikes: None, events: Vec::new(), notes: Vec::new() }
    }

    /// With a note where other recordings lie beside it.
    #[must_use]
    pub fn beside(mut self, own: &str, others: &[&str]) -> Self {
        if !others.is_empty() {
            self.notes.push(format!(
                "There are {} recordings; this is {own}. Drop another one by itself to see it: {}.",
                others.len() + 1,
                others.iter().take(3).copied().collect::<Vec<_>>().join(", ")
            ));
        }
        self
    }

    /// With these events; where not all were kept a note says so.
    #[must_use]
    pub fn with_events(mut self, events: Events) -> Self {
        let (events, n_met) = events.sorted();
        if n_met > events.len() {
            self.notes.push(format!("Of {n_met} events {} are shown.", events.len()));
        }
        Self { events, ..self }
    }

    /// The stream of this name, or the first.
    ///
    /// # Errors
    /// When the name is given and no stream has it.
    pub fn stream(&self, name: Option<&str>) -> Result<&dyn FrameSource, ReadError> {
        let found = match name {
            None => self.streams.first(),
            Some(name) => self.streams.iter().find(|stream| stream.info().name == name),
        };
        found.map(AsRef::as_ref).ok_or_else(|| ReadError::NoSuchStream {
            name: name.unwrap_or_default().to_owned(),
            known: self.streams.iter().map(|stream| stream.info().name.clone()).collect(),
        })
    }
}

/// Why samples could not be read from an opened stream.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The caller asked for frames that do not exist.
    #[error("frames {start} to {end} of segment {segment} do not exist: it has {n_frames} frames")]
    OutOfRange {
        /// Segment asked for.
        segment: usize,
        /// First frame asked for.
        start: u64,
        /// One past the last frame asked for.
        end: u64,
        /// Frames there are.
        n_frames: u64,
    },
    /// The caller named a stream that does not exist.
    #[error("there is no stream “{name}”; the streams are {known:?}")]
    NoSuchStream {
        /// Name asked for.
        name: String,
        /// Names there are.
        known: Vec<String>,
    },
    /// The platform could not read the file.
    #[error("{path} could not be read: {source}")]
    Io {
        /// The file.
        path: String,
        /// The platform's reason.
        source: std::io::Error,
    },
    /// A compressed piece did not decode.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file or object.
        path: String,
        /// What failed.
        reason: String,
    },
}

/// Checks a frame range against a segment and returns its byte count.
///
/// # Errors
/// [`ReadError::OutOfRange`].
pub fn check_range(info: &StreamInfo, segment: usize, start: u64, n_frames: usize) -> Result<usize, ReadError> {
    let available = info.segments.get(segment).map_or(0, |segment| segment.n_frames);
    let end = start.saturating_add(n_frames as u64);
    if end > available {
        return Err(ReadError::OutOfRange { segment, start, end, n_frames: available });
    }
    Ok(n_frames.saturating_mul(info.n_channels * info.sample_type.size_bytes()))
}
