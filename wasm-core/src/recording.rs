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

/// What the channels of a stream are connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// Electrodes: spikes are looked for here, and only here.
    #[default]
    Electrodes,
    /// Anything else: auxiliary and analogue inputs, triggers, status words, synchronisation.
    Auxiliary,
}

/// Something that the files tell about how they were recorded, such as a date or a plate type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is, in words for the screen: `Operator`.
    pub name: String,
    /// Its value, as the file writes it.
    pub value: String,
}

/// Signals that share a clock and a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// The stream's name, as neo gives it where neo reads the format.
    pub name: String,
    /// What its channels are connected to.
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

    /// What a channel is called on screen and in tables: its name where it has one, else its id.
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

/// What sorts the names of wells as they lie on a plate: `A2` before `A10`, `Z1` before `AA1`.
pub(crate) fn plate_order(name: &str) -> (usize, String, u64, String) {
    let digits = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let (letters, rest) = name.split_at(digits);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().unwrap_or(u64::MAX);
    (letters.len(), letters.to_owned(), number, rest[end..].to_owned())
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
    /// What the files tell about how they were recorded.
    pub facts: Vec<Fact>,
    /// What a person should know about how the files were read.
    pub notes: Vec<String>,
}

/// How the length of a spike table is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// The files state it, or the signal beside does.
    Stated,
    /// Frames count from the start of the recording; its end is taken to be the last spike.
    ToLastSpike,
    /// Nothing tells it: it is taken from the first spike to the last.
    FirstToLastSpike,
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
    /// How the length is known.
    pub length: Length,
    /// Seconds in which each channel was observed, where it was not the whole length.
    pub observed_s: Option<Vec<f64>>,
}

/// A spike of a table of times: channel, seconds, microvolts.
pub type TimedSpike = (u32, f64, f32);

impl StoredSpikes {
    /// Sorts spikes. Segments of which `info` gives the length keep it, and grow where spikes lie
    /// behind it; the others end with their last spike. Spikes of channels or segments that are
    /// not in `info`, or before frame 0, are dropped.
    #[must_use]
    pub fn new(mut info: StreamInfo, mut spikes: Vec<Spike>, found_by: String) -> Self {
        let is_stated = info.segments.iter().any(|segment| segment.n_frames > 0);
        spikes.retain(|spike| {
            (spike.channel_index as usize) < info.n_channels
                && (spike.segment_index as usize) < info.segments.len()
                && spike.sample_index >= 0
        });
        if !spikes.is_sorted_by_key(Spike::key) {
            spikes.sort_unstable_by_key(Spike::key);
        }
        for spike in &spikes {
            let segment = &mut info.segments[spike.segment_index as usize];
            let frame = spike.sample_index.cast_unsigned();
            // A spike at just the stated end makes a segment no longer.
            if frame > segment.n_frames || !is_stated {
                segment.n_frames = segment.n_frames.max(frame + 1);
            }
        }
        let length = if is_stated { Length::Stated } else { Length::ToLastSpike };
        Self { noise_uv: vec![0.0; info.n_channels], info, spikes, found_by, length, observed_s: None }
    }

    /// Spikes of a table of times in seconds on any clock. `observed` are the stretches that were
    /// recorded, `(start, end)` in seconds, sorted, without overlaps: each becomes a segment.
    /// Without them the only segment reaches from the first spike to the last. Times that are
    /// not finite are dropped; the number of them is the second value.
    #[must_use]
    pub fn of_times(
        mut info: StreamInfo,
        times: impl IntoIterator<Item = TimedSpike>,
        observed: &[(f64, f64)],
        found_by: String,
    ) -> (Self, usize) {
        let mut times: Vec<TimedSpike> = times.into_iter().collect();
        let n_all = times.len();
        times.retain(|(_, time_s, _)| time_s.is_finite());
        let n_dropped = n_all - times.len();
        let span = times.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), (_, time_s, _)| {
            (first.min(*time_s), last.max(*time_s))
        });
        let from_spikes = [if times.is_empty() { (0.0, 0.0) } else { span }];
        let stretches = if observed.is_empty() { &from_spikes } else { observed };
        let rate_hz = info.sampling_frequency_hz;
        #[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a stretch")]
        let frame = |time_s: f64, start_s: f64| ((time_s - start_s) * rate_hz).round() as i64;
        info.segments = stretches
            .iter()
            .map(|(from, to)| SegmentInfo { n_frames: frame(*to, *from).max(0).cast_unsigned(), t_start_s: *from })
            .collect();
        let segment_of = |time_s: f64| stretches.partition_point(|(from, _)| *from <= time_s).saturating_sub(1);
        let spikes = times.iter().map(|(channel_index, time_s, amplitude_uv)| {
            let segment = segment_of(*time_s);
            Spike {
                segment_index: u32::try_from(segment).unwrap_or(u32::MAX),
                // What lies before the first stretch is kept at its start.
                sample_index: frame(*time_s, stretches[segment].0).max(0),
                channel_index: *channel_index,
                amplitude_uv: *amplitude_uv,
            }
        });
        let mut stored = Self::new(info, spikes.collect(), found_by);
        stored.length = if observed.is_empty() { Length::FirstToLastSpike } else { Length::Stated };
        (stored, n_dropped)
    }

    /// The same on the segments of the signal beside, whose length is that of the recording. Each
    /// spike goes to the last segment that has begun; spikes that have several segments of their
    /// own keep them. Nothing changes where most spikes lie outside the signal: it is another one.
    #[must_use]
    pub fn in_segments_of(mut self, stream: &StreamInfo) -> Self {
        if self.info.segments.len() != 1 || stream.segments.is_empty() {
            return self;
        }
        let rate_hz = self.info.sampling_frequency_hz;
        #[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a recording")]
        let frames_of = |seconds: f64| (seconds * rate_hz).round() as i64;
        #[expect(clippy::cast_precision_loss, reason = "frames of a recording")]
        let seconds = |segment: &SegmentInfo| segment.n_frames as f64 / stream.sampling_frequency_hz;
        let own_start_s = self.info.segments[0].t_start_s;
        // Differences of times first: clocks that count from 1970 leave no digits for the rest.
        let starts: Vec<i64> =
            stream.segments.iter().map(|segment| frames_of(segment.t_start_s - own_start_s)).collect();
        let lengths: Vec<i64> = stream.segments.iter().map(|segment| frames_of(seconds(segment))).collect();
        let is_sorted = starts.is_sorted();
        let segment_of = |frame: i64| {
            if is_sorted {
                starts.partition_point(|start| *start <= frame).saturating_sub(1)
            } else {
                starts.iter().rposition(|start| *start <= frame).unwrap_or(0)
            }
        };
        let is_inside = |spike: &&Spike| {
            let at = segment_of(spike.sample_index);
            (starts[at]..=starts[at].saturating_add(lengths[at])).contains(&spike.sample_index)
        };
        if 2 * self.spikes.iter().filter(is_inside).count() < self.spikes.len() {
            return self;
        }
        for spike in &mut self.spikes {
            let at = segment_of(spike.sample_index);
            spike.segment_index = u32::try_from(at).unwrap_or(u32::MAX);
            spike.sample_index = spike.sample_index.saturating_sub(starts[at]).max(0);
        }
        let segment = |(segment, length): (&SegmentInfo, &i64)| SegmentInfo {
            n_frames: (*length).max(0).cast_unsigned(),
            t_start_s: segment.t_start_s,
        };
        self.info.segments = stream.segments.iter().zip(&lengths).map(segment).collect();
        let Self { info, spikes, noise_uv, found_by, observed_s, .. } = self;
        Self { noise_uv, observed_s, length: Length::Stated, ..Self::new(info, spikes, found_by) }
    }

    /// What a person should know about the length that rates are counted over.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let length_s = self.info.duration_s();
        let mut notes = Vec::new();
        match self.length {
            Length::Stated => notes.extend(self.early_end(length_s)),
            Length::ToLastSpike => notes.push(format!(
                "The files do not tell how long the recording was: rates are counted up to the last spike, {length_s:.1} s."
            )),
            Length::FirstToLastSpike => notes.push(format!(
                "The files do not tell how long the recording was: rates are counted from the first spike to the last, {length_s:.1} s."
            )),
        }
        notes
    }

    /// Asks where the spikes end long before the recording does.
    #[expect(clippy::cast_precision_loss, reason = "counts and frames")]
    fn early_end(&self, length_s: f64) -> Option<String> {
        let last = self.spikes.last()?;
        let rate_hz = self.info.sampling_frequency_hz;
        let before = self.info.segments.iter().take(last.segment_index as usize).map(|segment| segment.n_frames);
        let last_s = (before.fold(0, u64::saturating_add) as f64 + last.sample_index as f64) / rate_hz;
        let mean_interval_s = last_s / self.spikes.len() as f64;
        let is_early = last_s < EARLY_SHARE * length_s && length_s - last_s > EARLY_INTERVALS * mean_interval_s;
        is_early.then(|| {
            format!(
                "The last stored spike is at {last_s:.1} s of {length_s:.1} s. Is the table cut? Rates of stored spikes are counted over the whole {length_s:.1} s."
            )
        })
    }
}

/// A table ends early where its last spike lies before this share of the recording, and the rest
/// is this many times longer than the mean interval between its spikes.
const EARLY_SHARE: f64 = 0.9;
const EARLY_INTERVALS: f64 = 20.0;

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
