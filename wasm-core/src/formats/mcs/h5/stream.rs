//! An analogue stream over all recordings of a file.

use std::ops::Range;
use std::sync::Arc;

use super::channels::{self, Channel};
use super::labels::{self, Electrode};
use super::{stretches, text};
use crate::formats::OpenError;
use crate::formats::hdf5::{Axes, H5, H5Source, Part};
use crate::formats::interleaved::uniform;
use crate::recording::{FrameSource, SegmentInfo, StreamKind};
use crate::sample::SampleType;

/// Words for streams that hold no electrodes. `Analog` alone says little: it is the type of all.
const NO_ELECTRODES: [&str; 3] = ["digital", "auxiliary", "stimul"];

/// A stream.
pub struct Stream {
    /// Samples of the stream.
    pub source: Box<dyn FrameSource>,
    /// What the system calls it, such as `Electrode Raw Data`.
    pub label: String,
    /// Channels of the stream, in the order of the source.
    pub channels: Vec<Channel>,
    /// The segments that each recording of the file became.
    segments: Vec<Range<usize>>,
}

/// What one recording holds of a stream.
struct Piece {
    channels: Vec<Channel>,
    sample_type: SampleType,
    segments: Vec<SegmentInfo>,
    parts: Vec<Part>,
}

impl Stream {
    /// The stream of this name in all recordings. Recordings that hold other channels than the
    /// first, or cannot be read, are left out and named.
    pub fn read(file: &H5, recordings: &[String], name: &str, notes: &mut Vec<String>) -> Result<Self, OpenError> {
        let mut first: Option<(String, Piece)> = None;
        let mut of_recordings = Vec::new();
        let mut failed = None;
        let n_segments = |first: &Option<(String, Piece)>| first.as_ref().map_or(0, |(_, piece)| piece.segments.len());
        for recording in recordings {
            let before = n_segments(&first);
            let place = format!("Data/{recording}/AnalogStream/{name}");
            if file.has(&format!("{place}/ChannelData")) {
                match Piece::read(file, &place, notes) {
                    Ok(piece) => {
                        if let Some((_, first)) = &mut first {
                            notes.extend(first.append(piece, recording, name));
                        } else {
                            first = Some((place, piece));
                        }
                    }
                    Err(error @ OpenError::Io { .. }) => return Err(error),
                    Err(error) => {
                        notes.push(format!("{recording}, {name} is left out. {error}."));
                        failed.get_or_insert(error);
                    }
                }
            }
            of_recordings.push(before..n_segments(&first));
        }
        let none = || failed.unwrap_or_else(|| file.problem(name, &"without data"));
        let (place, piece) = first.ok_or_else(none)?;
        let told = |attribute: &str| text(file, &place, attribute).unwrap_or_default();
        let label = told("Label");
        let kind = kind([&told("DataSubType"), &told("StreamType"), &label]);
        piece.into_stream(file, name, label, kind, of_recordings, notes)
    }

    /// Electrodes before the rest, and raw before filtered.
    pub fn rank(&self) -> usize {
        let is_auxiliary = self.source.info().kind == StreamKind::Auxiliary;
        usize::from(is_auxiliary) * 2 + usize::from(!self.label.contains("Raw"))
    }

    /// The segments that a recording of the file became.
    pub fn of_recording(&self, at: usize) -> (&[SegmentInfo], Range<usize>) {
        (&self.source.info().segments, self.segments.get(at).cloned().unwrap_or_default())
    }
}

/// What a stream's channels are connected to, by its sub-type, its type and its label.
fn kind(told: [&str; 3]) -> StreamKind {
    let told = told.map(str::to_lowercase);
    let is_other = told.iter().any(|text| NO_ELECTRODES.iter().any(|kind| text.contains(kind)));
    let is_other = is_other || told[2].contains("analog");
    if told.iter().any(|text| text.contains("electrode")) || !is_other {
        StreamKind::Electrodes
    } else {
        StreamKind::Auxiliary
    }
}

impl Piece {
    fn read(file: &H5, place: &str, notes: &mut Vec<String>) -> Result<Self, OpenError> {
        let path = format!("{place}/ChannelData");
        let signal = file.signal(&path)?;
        let [n_rows, n_frames] = *signal.shape() else {
            return Err(file.problem(&path, &format!("of shape {:?}", signal.shape())));
        };
        let table = channels::read(file, &format!("{place}/InfoChannel"))?;
        let n_listed = table.len();
        let channels = channels::with_rows(table, n_rows, &format!("{}, {place}", file.path()), notes);
        let Some(first) = channels.first() else {
            return Err(file.problem(&path, &format!("{n_rows} rows for {n_listed} channels")));
        };
        let stamps = format!("{place}/ChannelDataTimeStamps");
        let (clock, wrong) = stretches::read(file, &stamps, n_frames, first.tick_us);
        notes.extend(wrong);
        let part = |first_frame: u64| Part { signal: Arc::clone(&signal), first_frame };
        Ok(Self {
            sample_type: signal.sample_type,
            segments: clock.segments(1.0),
            parts: clock.runs.iter().map(|run| part(run.first)).collect(),
            channels,
        })
    }

    /// Takes what the next recording holds; says so where that does not go with it.
    fn append(&mut self, next: Self, recording: &str, name: &str) -> Option<String> {
        if self.sample_type != next.sample_type || self.channels != next.channels {
            return Some(format!(
                "{recording}, {name} has other channels, scales, rows or another rate than the recording before, and is left out."
            ));
        }
        self.segments.extend(next.segments);
        self.parts.extend(next.parts);
        None
    }

    fn into_stream(
        self,
        file: &H5,
        name: &str,
        label: String,
        kind: StreamKind,
        segments: Vec<Range<usize>>,
        notes: &mut Vec<String>,
    ) -> Result<Stream, OpenError> {
        let Self { channels, sample_type, segments: own, parts } = self;
        let ids = channels.iter().map(|channel| channel.id.to_string()).collect();
        let tick_us = channels.first().map_or(f64::NAN, |channel| channel.tick_us);
        let mut info = uniform(name, 1e6 / tick_us, sample_type, ids, 1.0);
        info.kind = kind;
        info.gain_to_uv = channels.iter().map(|channel| channel.gain).collect();
        info.offset_to_uv = channels.iter().map(|channel| channel.offset).collect();
        info.segments = own;
        let electrodes: Vec<Electrode> = channels.iter().map(|channel| channel.electrode.clone()).collect();
        info.channel_names = labels::names(&electrodes, &info.channel_ids);
        if kind == StreamKind::Electrodes {
            let layout = labels::layout(&electrodes, &labels::array(file));
            info.positions_um = layout.positions_um;
            info.wells = layout.wells;
            notes.extend(layout.notes.into_iter().map(|note| format!("{}, {name}: {note}", file.path())));
        }
        let other_unit = channels.iter().find(|channel| !["", "V", "NoUnit"].contains(&channel.unit.as_str()));
        notes.extend(
            other_unit.map(|channel| {
                format!("{}, {name}: its values are in {}, not in microvolts.", file.path(), channel.unit)
            }),
        );
        let rows: Vec<usize> = channels.iter().map(|channel| channel.row).collect();
        let in_order = rows.iter().copied().eq(0..rows.len())
            && parts.iter().all(|part| part.signal.shape().first() == Some(&(rows.len() as u64)));
        let source = H5Source::new(info, parts, Axes::ChannelsFrames)?;
        let source = if in_order { source } else { source.with_channels(rows) };
        Ok(Stream { source: Box::new(source), label, channels, segments })
    }
}
