//! Open Ephys binary: `structure.oebin` beside `continuous/*/continuous.dat`.
//!
//! Layout: [Record Node]/experimentN/recordingM/structure.oebin. Record nodes give streams,
//! experiments and recordings give segments. Streams are split and named as neo does.

mod events;
mod settings;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::interleaved::{Interleaved, SegmentFile, segments, uniform};
use super::{Attempt, OpenError, npy};
use crate::events::Events;
use crate::io::{FileSet, NamedFile, join, read_text};
use crate::recording::{FrameSource, Recording};
use crate::sample::SampleType;

#[derive(Deserialize)]
struct Structure {
    #[serde(default)]
    continuous: Vec<Continuous>,
    #[serde(default)]
    events: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Continuous {
    folder_name: String,
    sample_rate: f64,
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    #[serde(rename = "channel_name")]
    name: String,
    bit_volts: f64,
    #[serde(default)]
    units: String,
}

impl Continuous {
    /// Whether recordings can be segments of one stream.
    fn goes_with(&self, other: &Self) -> bool {
        let channels = |of: &Self| -> Vec<(String, u64)> {
            of.channels.iter().map(|channel| (channel.name.clone(), channel.bit_volts.to_bits())).collect()
        };
        self.sample_rate == other.sample_rate && channels(self) == channels(other)
    }
}

/// One stream's files in one recording.
struct Piece<'a> {
    described: Continuous,
    data: &'a NamedFile,
    t_start_s: f64,
    /// Which recording of the session, counted from 0.
    recording: usize,
}

pub fn open(files: &FileSet) -> Attempt {
    files.iter().any(|file| file.name() == "structure.oebin").then(|| read(files))
}

fn read(files: &FileSet) -> Result<Recording, OpenError> {
    let (found, sessions) = first_session(files);
    let mut notes = Vec::new();
    let mut events = Events::default();
    // All nodes record the same events; with each recording whether some were found.
    let mut recordings: Vec<((u32, u32), bool)> = Vec::new();
    let mut streams: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
    let mut missing = None;
    for (place, oebin) in found {
        let text = read_text(oebin).map_err(OpenError::io(&oebin.path))?;
        let structure: Structure = serde_json::from_str(&text).map_err(|error| {
            OpenError::field(&oebin.path, "content", error, "Open Ephys's JSON with a list “continuous”")
        })?;
        let recording = (place.experiment, place.recording);
        if recordings.last().is_none_or(|(last, _)| *last != recording) {
            recordings.push((recording, false));
        }
        let segment = recordings.len() - 1;
        if let Some((_, found @ false)) = recordings.last_mut() {
            let n_before = events.len();
            for described in structure.events.into_iter().filter_map(|value| serde_json::from_value(value).ok()) {
                events::read(files, oebin.folder(), segment, &described, &mut events);
            }
            *found = events.len() > n_before;
        }
        for described in structure.continuous {
            let folder = join(oebin.folder(), &format!("continuous/{}", described.folder_name.trim_end_matches('/')));
            let Some(data) = get_any_case(files, &join(&folder, "continuous.dat")) else {
                let data = join(&folder, "continuous.dat");
                notes.push(format!("{}: {data} is not there; that stream is left out.", oebin.path));
                missing.get_or_insert(OpenError::MissingPartner { path: oebin.path.clone(), missing: data });
                continue;
            };
            let t_start_s = start_s(files, data.folder(), described.sample_rate);
            notes.extend(lost_frames(files, data));
            let short = described.folder_name.split('/').next().unwrap_or_default();
            let name = if place.node.is_empty() { short.to_owned() } else { format!("{}#{short}", place.node) };
            streams.entry(name).or_default().push(Piece { described, data, t_start_s, recording: segment });
        }
    }
    if let Some(missing) = missing.filter(|_| streams.is_empty()) {
        return Err(missing);
    }
    let (mut neural, mut adc, mut sync) = (Streams::new(), Streams::new(), Streams::new());
    let mut recorded: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (name, pieces) in &streams {
        let pieces = alike(pieces, &mut notes);
        recorded.insert(name, pieces.iter().map(|piece| piece.recording).collect());
        split(files, name, &pieces, &mut neural, &mut adc, &mut sync)?;
    }
    sort(&mut neural);
    neural.extend(adc);
    neural.extend(sync);
    // A stream may lack some recordings: events follow the first, as they are shown with it.
    let first = neural.first().and_then(|stream| recorded.get(stream.info().name.as_str()));
    let events = match first {
        Some(recordings) => events.of_segments(recordings),
        None => events,
    };
    let others: Vec<&str> = sessions[1..].iter().map(String::as_str).collect();
    let recording = Recording { notes, ..Recording::of_streams("openephys_binary", neural) };
    Ok(recording.beside(&sessions[0], &others).with_events(events))
}

/// The descriptions of the first session's recordings in order, and the folders of all sessions.
fn first_session(files: &FileSet) -> (Vec<(Place, &NamedFile)>, Vec<String>) {
    let described = files.iter().filter(|file| file.name() == "structure.oebin");
    let mut found: Vec<(Place, &NamedFile)> = described.map(|file| (Place::of(file), file)).collect();
    found.sort_by(|a, b| (a.0.experiment, a.0.recording, &a.0.node).cmp(&(b.0.experiment, b.0.recording, &b.0.node)));
    let mut sessions: Vec<String> = found.iter().map(|(place, _)| place.session.clone()).collect();
    sessions.sort();
    sessions.dedup();
    found.retain(|(place, _)| place.session == sessions[0]);
    (found, sessions)
}

/// Says how many frames the acquisition lost on the way, if some.
fn lost_frames(files: &FileSet, data: &NamedFile) -> Option<String> {
    let n_lost = files.get_in(data.folder(), "sample_numbers.npy").and_then(npy::n_left_out).filter(|n| *n > 0.0)?;
    let path = &data.path;
    Some(format!("{path}: {n_lost} frames were lost while recording; what follows them is shown that much earlier."))
}

/// The wide-band stream of electrodes is what a person means: LFP has a lower rate, and other
/// devices have no electrodes.
fn sort(streams: &mut Streams) {
    let is_other = |name: &str| ["NI-DAQ", "OneBox-ADC", "BreakoutBoard"].iter().any(|device| name.contains(device));
    streams.sort_by(|a, b| {
        let (a, b) = (a.info(), b.info());
        is_other(&a.name).cmp(&is_other(&b.name)).then(b.sampling_frequency_hz.total_cmp(&a.sampling_frequency_hz))
    });
}

/// The recordings of a stream that are as its first, which are segments; others are named.
fn alike<'a>(pieces: &'a [Piece<'a>], notes: &mut Vec<String>) -> Vec<&'a Piece<'a>> {
    let mut found: Vec<&Piece> = Vec::new();
    for piece in pieces {
        let is_alike = found.first().is_none_or(|first| piece.described.goes_with(&first.described));
        if is_alike {
            found.push(piece);
        } else {
            let path = &piece.data.path;
            notes.push(format!("{path} has other channels, scales or another rate than the first recording and is left out; open it by itself."));
        }
    }
    found
}

/// Where a `structure.oebin` lies.
struct Place {
    /// The folder of the session, above its record nodes.
    session: String,
    node: String,
    experiment: u32,
    recording: u32,
}

impl Place {
    fn of(file: &NamedFile) -> Self {
        let mut parents = file.folder().rsplit('/');
        let mut number =
            |prefix: &str| parents.next().and_then(|name| name.strip_prefix(prefix)?.parse().ok()).unwrap_or(0);
        let (recording, experiment) = (number("recording"), number("experiment"));
        let above = parents.clone();
        let node = parents.next().filter(|name| name.starts_with("Record")).unwrap_or_default().to_owned();
        let above: Vec<&str> = if node.is_empty() { above.collect() } else { parents.collect() };
        let session = above.into_iter().rev().collect::<Vec<_>>().join("/");
        Self { session, node, experiment, recording }
    }
}

/// Folder names in `structure.oebin` sometimes differ from the disk's in case.
fn get_any_case<'a>(files: &'a FileSet, path: &str) -> Option<&'a NamedFile> {
    files.get(path).or_else(|| files.iter().find(|file| file.path.eq_ignore_ascii_case(path)))
}

/// The first frame's number over the rate. From version 0.6 numbers are in
/// `sample_numbers.npy` and `timestamps.npy` holds seconds of another clock.
fn start_s(files: &FileSet, folder: &str, rate_hz: f64) -> f64 {
    let numbers = files.get_in(folder, "sample_numbers.npy").or_else(|| files.get_in(folder, "timestamps.npy"));
    numbers.and_then(npy::first_number).map_or(0.0, |first| first / rate_hz)
}

type Streams = Vec<Box<dyn FrameSource>>;

/// Splits a stream's columns into neural, converter and synchronisation channels.
fn split(
    files: &FileSet,
    name: &str,
    pieces: &[&Piece],
    neural: &mut Streams,
    adc: &mut Streams,
    sync: &mut Streams,
) -> Result<(), OpenError> {
    let Some(first) = pieces.first() else { return Ok(()) };
    let channels = &first.described.channels;
    let wrong = |field: &str, found: String, expected: &str| OpenError::field(&first.data.path, field, found, expected);
    let rate_hz = first.described.sample_rate;
    if !(rate_hz > 0.0) {
        return Err(wrong("sample_rate", rate_hz.to_string(), "above 0"));
    }
    let kind = |channel: &Channel| {
        if channel.name.contains("SYNC") {
            2
        } else {
            usize::from(channel.name.contains("ADC") && !name.contains("OneBox"))
        }
    };
    let kinds: Vec<usize> = channels.iter().map(kind).collect();
    let mut at = 0;
    for run in kinds.chunk_by(|a, b| a == b) {
        let columns = at..at + run.len();
        at += run.len();
        let (suffix, into) = match run[0] {
            0 => ("", &mut *neural),
            1 => ("_ADC", &mut *adc),
            _ => ("SYNC", &mut *sync),
        };
        let own = &channels[columns.clone()];
        let ids = own.iter().map(|channel| channel.name.clone()).collect();
        let mut info = uniform(&format!("{name}{suffix}"), rate_hz, SampleType::Int16, ids, 1.0);
        info.gain_to_uv = own.iter().map(|channel| channel.bit_volts * uv_per(channel)).collect();
        if run[0] == 0 {
            info.positions_um = settings::positions_um(files, first.data.folder(), name, info.n_channels);
        }
        let segment = |piece: &&Piece| SegmentFile {
            path: piece.data.path.clone(),
            file: piece.data.file.clone(),
            offset_bytes: 0,
        };
        let raw: Vec<SegmentFile> = pieces.iter().map(segment).collect();
        info.segments = segments(&raw, channels.len() * 2, |at| pieces[at].t_start_s);
        into.push(Box::new(Interleaved::new(info, raw, channels.len(), columns)));
    }
    Ok(())
}

/// Microvolts of the unit that the file names; without one, electrodes are in microvolts
/// and converters in volts.
fn uv_per(channel: &Channel) -> f64 {
    match channel.units.as_str() {
        "V" => 1e6,
        "mV" => 1e3,
        "" if channel.name.contains("ADC") => 1e6,
        _ => 1.0,
    }
}
