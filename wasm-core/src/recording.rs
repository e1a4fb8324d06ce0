//! A recording, as a reader gives it: streams of segments, with rates, gains and positions.

mod events;
mod nearby;
mod of_channels;
mod places;
mod probe_group;
mod stored_spikes;
mod told_length;
mod wells;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::events::{Event, Events};
pub use crate::kind::StreamKind;
use crate::sample::{RawBlock, SampleType};
pub use nearby::Nearby;
pub use probe_group::probe_group;
pub use stored_spikes::{Length, StoredSpikes, TIMES_HZ, TimedSpike, WARNING};
pub use told_length::told_length;
pub use wells::{all_wells, n_wells, titled, well_names, wells_of};

/// A run of frames without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentInfo {
    /// Number of frames.
    pub n_frames: u64,
    /// Time of the first frame in the recording system's clock, in seconds.
    pub t_start_s: f64,
}

/// Something that the files tell about how they were recorded, such as a date or a plate type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The name of the fact on screen, such as `Operator`.
    pub name: String,
    /// The value, as the file writes it.
    pub value: String,
}

/// Signals that share a clock and a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object that describes a stream")]
pub struct StreamInfo {
    /// The stream's name, as neo gives it where neo reads the format.
    pub name: String,
    /// The kind of its channels: electrodes, units, or neither.
    #[serde(default)]
    pub kind: StreamKind,
    /// Frames per second.
    pub sampling_frequency_hz: f64,
    /// Number of channels.
    pub n_channels: usize,
    /// Type of the stored samples.
    #[serde(rename = "dtype")]
    pub sample_type: SampleType,
    /// One id per channel.
    pub channel_ids: Vec<String>,
    /// The name that a person or the recording system gave to each channel, where it says more
    /// than the id.
    #[serde(default)]
    pub channel_names: Option<Vec<String>>,
    /// Microvolts of one step, per channel.
    pub gain_to_uv: Vec<f64>,
    /// Microvolts of a stored zero, per channel.
    pub offset_to_uv: Vec<f64>,
    /// Electrode positions `[x, y]` in micrometres, when the files give them.
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// Well of each channel, for multi-well plates.
    pub wells: Option<Vec<String>>,
    /// Wells of the plate in which no channel lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty_wells: Vec<String>,
    /// Runs of frames without a gap.
    pub segments: Vec<SegmentInfo>,
}

impl StreamInfo {
    /// Frames of all segments.
    #[must_use]
    pub fn n_frames(&self) -> u64 {
        self.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.n_frames))
    }

    /// The name of a channel on screen and in tables: the one that a person gave it, else its id.
    #[must_use]
    pub fn channel_label(&self, channel: usize) -> &str {
        let name = self.channel_names.as_ref().and_then(|names| names.get(channel)).filter(|name| !name.is_empty());
        name.or_else(|| self.channel_ids.get(channel)).map_or("", String::as_str)
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

    /// Channels of each well, wells in the order of their names on the plate (rows of letters,
    /// columns of numbers); one group where there are no wells.
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
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_key(|at| plate_order(names[*at]));
        order.into_iter().map(|at| std::mem::take(&mut groups[at])).collect()
    }

    /// Frames in `milliseconds`, rounded down as `SpikeInterface` does.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated to be small and positive")]
    pub fn frames_from_ms(&self, milliseconds: f64) -> usize {
        (milliseconds * self.sampling_frequency_hz / 1000.0) as usize
    }
}

/// A key that sorts the names of wells as they lie on a plate: `A2` before `A10`, `Z1` before `AA1`.
pub(crate) fn plate_order(name: &str) -> (usize, String, u64, String) {
    let digits = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let (letters, rest) = name.split_at(digits);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().unwrap_or(u64::MAX);
    (letters.len(), letters.to_owned(), number, rest[end..].to_owned())
}

/// A stream that can be read at any frame.
pub trait FrameSource: Send + Sync {
    /// The description of the stream.
    fn info(&self) -> &StreamInfo;

    /// Reads frames `start..start + n_frames` of a segment, all channels, as stored.
    ///
    /// # Errors
    /// When the range lies outside the segment, or the file cannot be read or decoded.
    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError>;

    /// Reads frames as [`Self::read`] does, into memory that may be used again.
    ///
    /// # Errors
    /// The errors of [`Self::read`].
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
    /// Pulses, messages and annotations, sorted by segment and time.
    pub events: Vec<Event>,
    /// Facts that the files tell about how they were recorded.
    pub facts: Vec<Fact>,
    /// Notes for a person about how the files were read.
    pub notes: Vec<String>,
}

impl Recording {
    /// A recording of streams alone.
    #[must_use]
    pub const fn of_streams(format: &'static str, streams: Vec<Box<dyn FrameSource>>) -> Self {
        Self { format, streams, spikes: None, events: Vec::new(), facts: Vec::new(), notes: Vec::new() }
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
        self.take_events(events);
        self
    }

    /// Takes these events in place of those it has; where not all were kept a note says so.
    pub fn take_events(&mut self, events: Events) {
        let (events, n_met) = events.sorted();
        if n_met > events.len() {
            self.notes.push(format!("Of {n_met} events {} are kept, the most there can be.", events.len()));
        }
        self.events = events;
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
        /// The reason, in words.
        reason: String,
    },
}

impl ReadError {
    /// This error, with the file or object that it is about: what decodes bytes does not know where they come from.
    #[must_use]
    pub fn of(self, path: &str) -> Self {
        match self {
            Self::Damaged { reason, .. } => Self::Damaged { path: path.to_owned(), reason },
            other => other,
        }
    }
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
