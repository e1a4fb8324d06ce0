//! Spikes that the system found: cut out of the signal, or their times alone.

use std::collections::HashMap;
use std::ops::Range;

use super::channels::{self, Channel};
use super::labels::{self, Electrode};
use super::stream::Stream;
use super::{numbered, text};
use crate::formats::hdf5::{Axes, H5, H5Source, Part};
use crate::formats::interleaved::uniform;
use crate::formats::{OpenError, channel_count};
use crate::recording::{FrameSource, SegmentInfo, StoredSpikes, StreamInfo, StreamKind};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// Values of cut-outs that are read at a time.
const PIECE_VALUES: usize = 1 << 20;
/// Frames per second where nothing tells the rate of the signal: times are microseconds.
const CLOCK_HZ: f64 = 1e6;

/// The spikes of one electrode in one recording.
struct Train {
    channel: Channel,
    times_us: Vec<f64>,
    /// Microvolts; zero where the file has times alone.
    amplitudes_uv: Vec<f32>,
}

/// Reads the spikes of all recordings. What cannot be read is named.
pub fn read(
    file: &H5,
    recordings: &[String],
    stream: Option<&Stream>,
    notes: &mut Vec<String>,
) -> Option<StoredSpikes> {
    let stream = stream.filter(|stream| stream.source.info().kind == StreamKind::Electrodes);
    let mut found_by = None;
    let mut trains = Vec::new();
    for recording in recordings {
        let place = format!("Data/{recording}");
        // The same spikes are stored twice: cut out, and as times alone.
        let cut = filled(detectors(file, &format!("{place}/SegmentStream"), cut_outs, notes));
        let lists = if cut.is_empty() {
            filled(detectors(file, &format!("{place}/TimeStampStream"), time_stamps, notes))
        } else {
            cut
        };
        let n_lists = lists.len();
        let (label, own) = lists.into_iter().next().unwrap_or_default();
        if n_lists > 1 {
            notes.push(format!("{place}: of {n_lists} lists of spikes that of “{label}” is read."));
        }
        if !own.is_empty() {
            found_by.get_or_insert(label);
        }
        trains.push(own);
    }
    let found_by = format!("Multi Channel Systems, {}", found_by?);
    let mut electrodes: Vec<Channel> = stream.map(|stream| stream.channels.clone()).unwrap_or_default();
    let mut places: HashMap<i64, u32> = (0..).zip(&electrodes).map(|(at, channel)| (channel.id, at)).collect();
    for train in trains.iter().flatten() {
        places.entry(train.channel.id).or_insert_with(|| {
            electrodes.push(train.channel.clone());
            u32::try_from(electrodes.len() - 1).unwrap_or(u32::MAX)
        });
    }
    let mut info = describe(file, stream, &electrodes, notes);
    let of_recording = |at: usize| stream.map_or(0..0, |stream| stream.of_recording(at).1);
    info.segments = stream.map_or_else(Vec::new, |stream| stream.source.info().segments.clone());
    let (mut spikes, mut n_lost) = placed(&info, &trains, &places, of_recording);
    let is_inside = |spike: &&Spike| {
        let segment = info.segments.get(spike.segment_index as usize);
        segment.is_some_and(|segment| u64::try_from(spike.sample_index).is_ok_and(|frame| frame < segment.n_frames))
    };
    // Of a signal that was saved for a short time alone, the recording's own length counts.
    if 2 * spikes.iter().filter(is_inside).count() < spikes.len() + n_lost {
        info.segments =
            recordings.iter().map(|recording| of_duration(file, recording, info.sampling_frequency_hz)).collect();
        (spikes, n_lost) = placed(&info, &trains, &places, |at| at..at + 1);
    }
    if n_lost > 0 {
        notes.push(format!(
            "{}: {n_lost} stored spikes have no time within the recording, and are left out.",
            file.path()
        ));
    }
    Some(StoredSpikes::new(info, spikes, found_by))
}

/// The spikes of all trains in the segments of their recordings, and how many have no place there.
fn placed(
    info: &StreamInfo,
    trains: &[Vec<Train>],
    places: &HashMap<i64, u32>,
    of_recording: impl Fn(usize) -> Range<usize>,
) -> (Vec<Spike>, usize) {
    let (mut spikes, mut n_lost) = (Vec::new(), 0);
    for (at, trains) in trains.iter().enumerate() {
        for train in trains {
            let channel_index = places.get(&train.channel.id).copied().unwrap_or(u32::MAX);
            for (time_us, amplitude_uv) in train.times_us.iter().zip(&train.amplitudes_uv) {
                match place(info, of_recording(at), time_us * 1e-6) {
                    Some((segment_index, sample_index)) => {
                        spikes.push(Spike { segment_index, sample_index, channel_index, amplitude_uv: *amplitude_uv });
                    }
                    None => n_lost += 1,
                }
            }
        }
    }
    (spikes, n_lost)
}

/// Segment and frame of a time: in the last of the recording's segments that has begun.
#[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a recording")]
fn place(info: &StreamInfo, own: Range<usize>, time_s: f64) -> Option<(u32, i64)> {
    let began = |at: &usize| info.segments.get(*at).is_some_and(|segment| segment.t_start_s <= time_s);
    let at = own.rev().find(began)?;
    let frame = ((time_s - info.segments[at].t_start_s) * info.sampling_frequency_hz).round() as i64;
    Some((u32::try_from(at).ok()?, frame))
}

/// Electrodes as channels, without segments.
fn describe(file: &H5, stream: Option<&Stream>, electrodes: &[Channel], notes: &mut Vec<String>) -> StreamInfo {
    let ids: Vec<String> = electrodes.iter().map(|channel| channel.id.to_string()).collect();
    let tick_us = electrodes.first().map(|channel| channel.tick_us).filter(|tick| *tick > 0.0);
    let rate_hz = stream.map(|stream| stream.source.info().sampling_frequency_hz);
    let rate_hz = rate_hz.or_else(|| tick_us.map(|tick| 1e6 / tick)).unwrap_or(CLOCK_HZ);
    let mut info = uniform("spikes", rate_hz, SampleType::Int32, ids, 1.0);
    let named: Vec<Electrode> = electrodes.iter().map(|channel| channel.electrode.clone()).collect();
    let layout = labels::layout(&named, &labels::array(file));
    info.channel_names = labels::names(&named, &info.channel_ids);
    (info.positions_um, info.wells) = (layout.positions_um, layout.wells);
    if stream.is_none() {
        notes.extend(layout.notes.into_iter().map(|note| format!("{}: {note}", file.path())));
    }
    info
}

/// A recording as long as it says to be.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; a number of frames")]
fn of_duration(file: &H5, recording: &str, rate_hz: f64) -> SegmentInfo {
    let seconds = |name: &str| file.attribute_number(&format!("Data/{recording}"), name).unwrap_or(0.0) * 1e-6;
    let start_s = seconds("TimeStamp").max(0.0);
    SegmentInfo { n_frames: (seconds("Duration").max(0.0) * rate_hz).round() as u64, t_start_s: start_s }
}

/// Reads the trains of a stream of spikes at a place.
type ReadTrains = fn(&H5, &str, &mut Vec<String>) -> Result<Vec<Train>, OpenError>;

/// Label and trains of the streams of spikes in a folder.
fn detectors(file: &H5, folder: &str, read: ReadTrains, notes: &mut Vec<String>) -> Vec<(String, Vec<Train>)> {
    let names = numbered(file.members(folder).map(|(groups, _)| groups).unwrap_or_default(), "Stream_");
    let mut found = Vec::new();
    for name in names {
        let place = format!("{folder}/{name}");
        let told = |attribute: &str| text(file, &place, attribute).unwrap_or_default();
        let label = told("Label");
        if ![told("DataSubType"), label.clone()].iter().any(|text| text.to_lowercase().contains("spike")) {
            continue;
        }
        match read(file, &place, notes) {
            Ok(trains) => found.push((if label.is_empty() { name } else { label }, trains)),
            Err(error) => notes.push(format!("The spikes of {place} are left out. {error}.")),
        }
    }
    found
}

/// The lists that hold a spike.
fn filled(mut lists: Vec<(String, Vec<Train>)>) -> Vec<(String, Vec<Train>)> {
    lists.retain(|(_, trains)| trains.iter().any(|train| !train.times_us.is_empty()));
    lists
}

/// Number in a list such as `7` or `7,8`: the first.
fn first_number(text: &str) -> Option<i64> {
    text.split(',').next()?.trim_matches(|c: char| c.is_whitespace() || c == '\0').parse().ok()
}

/// Source channels of entities by the entities' numbers, from a table about them.
fn sources(file: &H5, table: &str, id: &str) -> HashMap<i64, i64> {
    let (ids, texts) =
        (file.column(table, id).unwrap_or_default(), file.texts(table, "SourceChannelIDs").unwrap_or_default());
    #[expect(clippy::cast_possible_truncation, reason = "numbers of entities")]
    let pair = |(id, text): (&f64, &String)| Some((*id as i64, first_number(text)?));
    ids.iter().zip(&texts).filter_map(pair).collect()
}

/// A channel of which nothing but its number and label is known.
fn unknown(id: i64, label: &str) -> Channel {
    Channel {
        id,
        row: 0,
        electrode: Electrode { label: label.to_owned(), group: 0 },
        unit: String::new(),
        gain: 0.0,
        offset: 0.0,
        tick_us: 0.0,
        filters: [String::new(), String::new()],
    }
}

/// Spikes cut out of the signal: `SegmentData_ts_k` has their times, `SegmentData_k` the samples
/// as `[samples, spikes]`. The amplitude is the largest value of each.
fn cut_outs(file: &H5, place: &str, notes: &mut Vec<String>) -> Result<Vec<Train>, OpenError> {
    let tables = ["SourceInfoChannel", "SourceChannelInfo"].map(|name| format!("{place}/{name}"));
    let table = tables.iter().find(|table| file.has(table));
    let channels = table.map_or_else(|| Ok(Vec::new()), |table| channels::read(file, table))?;
    let known: HashMap<i64, Channel> = channels.into_iter().map(|channel| (channel.id, channel)).collect();
    let of_table = sources(file, &format!("{place}/InfoSegment"), "SegmentID");
    let mut trains = Vec::new();
    for name in numbered(file.members(place)?.1, "SegmentData_ts_") {
        let number = name.trim_start_matches("SegmentData_ts_");
        let entity: i64 = number.parse().unwrap_or(-1);
        let samples = format!("{place}/SegmentData_{number}");
        let told = text(file, &samples, "SourceChannelID").as_deref().and_then(first_number);
        #[expect(clippy::cast_possible_truncation, reason = "the number of a channel")]
        let told = told.or_else(|| file.attribute_number(&samples, "SourceChannelID").map(|id| id as i64));
        let id = of_table.get(&entity).copied().or(told).unwrap_or(entity);
        let channel = known.get(&id).cloned().unwrap_or_else(|| unknown(id, ""));
        let times_us = file.numbers(&format!("{place}/{name}"))?;
        let amplitudes_uv = match peaks(file, &samples, times_us.len(), &channel) {
            Ok(peaks) => peaks,
            Err(error) => {
                notes.push(format!("{error}. These spikes have no amplitude."));
                vec![0.0; times_us.len()]
            }
        };
        trains.push(Train { channel, times_us, amplitudes_uv });
    }
    Ok(trains)
}

/// The largest value of each cut-out in microvolts, read some spikes at a time.
#[expect(clippy::cast_possible_truncation, reason = "amplitudes are kept in f32")]
fn peaks(file: &H5, path: &str, n_spikes: usize, channel: &Channel) -> Result<Vec<f32>, OpenError> {
    let signal = file.signal(path)?;
    let shape = signal.shape().to_vec();
    let wrong = || file.problem(path, &format!("of shape {shape:?} for {n_spikes} spikes"));
    let [n_samples, n] = shape[..] else { return Err(wrong()) };
    let n_samples = channel_count(n_samples).filter(|_| n == n_spikes as u64).ok_or_else(wrong)?;
    let rows = (0..n_samples).map(|row| row.to_string()).collect();
    let mut info = uniform("cut-outs", CLOCK_HZ, signal.sample_type, rows, 1.0);
    info.segments = vec![SegmentInfo { n_frames: n, t_start_s: 0.0 }];
    let source = H5Source::new(info, vec![Part::whole(signal)], Axes::ChannelsFrames)?;
    let (gain, offset) = (channel.gain as f32, channel.offset as f32);
    let mut peaks = Vec::new();
    while peaks.len() < n_spikes {
        let length = (PIECE_VALUES / n_samples.max(1)).max(1).min(n_spikes - peaks.len());
        let block = source.read(0, peaks.len() as u64, length).map_err(|error| file.problem(path, &error))?;
        let mut piece = vec![0.0_f32; length];
        for row in 0..n_samples {
            for (peak, value) in piece.iter_mut().zip(block.channel(row)) {
                let value_uv = value * gain + offset;
                if value_uv.abs() > peak.abs() {
                    *peak = value_uv;
                }
            }
        }
        peaks.extend(piece);
    }
    Ok(peaks)
}

/// Times alone: `TimeStampEntity_k`, in microseconds.
fn time_stamps(file: &H5, place: &str, _notes: &mut Vec<String>) -> Result<Vec<Train>, OpenError> {
    let table = format!("{place}/InfoTimeStamp");
    let of_table = sources(file, &table, "TimeStampEntityID");
    let labels = file.texts(&table, "SourceChannelLabels").unwrap_or_default();
    let label_of: HashMap<i64, &String> = {
        let ids = file.column(&table, "TimeStampEntityID").unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "numbers of entities")]
        let pairs = ids.into_iter().map(|id| id as i64).zip(&labels);
        pairs.collect()
    };
    let mut trains = Vec::new();
    for name in numbered(file.members(place)?.1, "TimeStampEntity_") {
        let entity: i64 = name.trim_start_matches("TimeStampEntity_").parse().unwrap_or(-1);
        let id = of_table.get(&entity).copied().unwrap_or(entity);
        let label =
            label_of.get(&entity).map_or("", |label| label.trim_matches(|c: char| c.is_whitespace() || c == '\0'));
        let times_us = file.numbers(&format!("{place}/{name}"))?;
        let amplitudes_uv = vec![0.0; times_us.len()];
        trains.push(Train { channel: unknown(id, label), times_us, amplitudes_uv });
    }
    Ok(trains)
}
