//! Open Ephys binary: `structure.oebin` beside `continuous/*/continuous.dat`.
//!
//! Layout: [Record Node]/experimentN/recordingM/structure.oebin. Record nodes give streams,
//! experiments and recordings give segments, and so do the runs of a recording between which frames
//! were lost. Streams are split and named as neo does; accelerometers, which neo leaves among the
//! electrodes, are a stream of their own.

mod events;
mod legacy;
mod numbers;
mod settings;
mod split;
mod structure;

use std::collections::BTreeMap;

use super::clock::Run;
use super::format::{Claim, Format, Reader};
use super::{OpenError, Support};
use crate::events::Events;
use crate::io::{FileSet, NamedFile, join, read_text};
use crate::recording::{FrameSource, Recording, SegmentInfo, StreamKind};
use structure::{Continuous, Structure};

/// Devices without electrodes, by what their streams are called.
const OTHER_DEVICES: [&str; 8] =
    ["NI-DAQ", "OneBox-ADC", "BreakoutBoard", "Bno", "AnalogIO", "DigitalIO", "MemoryUsage", "Heartbeat"];

/// One stream's files in one recording.
struct Piece<'a> {
    described: Continuous,
    data: &'a NamedFile,
    /// Runs of frames without a gap, with their times in seconds.
    runs: Vec<Run>,
    /// Which recording of the session, counted from 0.
    recording: usize,
}

/// The streams of a session by their names.
type Pieces<'a> = BTreeMap<String, Vec<Piece<'a>>>;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Open Ephys",
    give: "the session folder, or .continuous files",
    tested: "binary 0.4.4 to 0.6, legacy .continuous",
    positions: "Neuropixels, from settings.xml",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["openephys_binary"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The old format.
pub const LEGACY: Format =
    Format { names: &["openephys_legacy"], support: &SUPPORT, reader: Reader::Files(legacy::recognise) };

fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    files.iter().any(|file| file.name() == "structure.oebin").then(|| Claim::certain(move || read(files)))
}

fn read(files: &FileSet) -> Result<Recording, OpenError> {
    let (found, sessions) = first_session(files);
    let mut notes = Vec::new();
    let mut events = Events::default();
    // All nodes record the same events; with each recording whether some were found.
    let mut recordings: Vec<((u32, u32), bool)> = Vec::new();
    let mut streams = Pieces::new();
    let mut failed = None;
    for (place, oebin) in &found {
        let recording = (place.experiment, place.recording);
        if recordings.last().is_none_or(|(last, _)| *last != recording) {
            recordings.push((recording, false));
        }
        let at = recordings.len() - 1;
        let structure = match read_structure(oebin) {
            Ok(structure) => structure,
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("{} is left out. {error}.", oebin.folder()));
                failed.get_or_insert(error);
                continue;
            }
        };
        if let Some((_, found @ false)) = recordings.last_mut() {
            let n_before = events.len();
            for described in structure.events.iter().cloned().filter_map(|value| serde_json::from_value(value).ok()) {
                events::read(files, oebin.folder(), at, &described, &mut events);
            }
            *found = events.len() > n_before;
        }
        for described in structure.continuous {
            match piece(files, oebin, described, at, &mut notes) {
                Ok(piece) => {
                    let short = piece.described.folder_name.split('/').next().unwrap_or_default().to_owned();
                    let name = if place.node.is_empty() { short } else { format!("{}#{short}", place.node) };
                    streams.entry(name).or_default().push(piece);
                }
                Err(error) => {
                    notes.push(format!("{}: a stream is left out. {error}.", oebin.path));
                    failed.get_or_insert(error);
                }
            }
        }
    }
    if let Some(failed) = failed.filter(|_| streams.is_empty()) {
        return Err(failed);
    }
    let facts = settings::facts(files, found.first().map_or("", |(_, oebin)| oebin.folder()));
    let mut recording = with_streams(files, &streams, notes, events);
    recording.facts = facts;
    let others: Vec<&str> = sessions[1..].iter().map(String::as_str).collect();
    Ok(recording.beside(&sessions[0], &others))
}

fn read_structure(oebin: &NamedFile) -> Result<Structure, OpenError> {
    let text = read_text(oebin).map_err(OpenError::io(&oebin.path))?;
    let expected = "Open Ephys's JSON with a list “continuous”";
    serde_json::from_str(&text).map_err(|error| OpenError::field(&oebin.path, "content", error, expected))
}

/// A stream in a recording.
fn piece<'a>(
    files: &'a FileSet,
    oebin: &NamedFile,
    described: serde_json::Value,
    recording: usize,
    notes: &mut Vec<String>,
) -> Result<Piece<'a>, OpenError> {
    let described: Continuous = serde_json::from_value(described).map_err(|error| {
        OpenError::field(&oebin.path, "continuous", error, "folder_name, sample_rate, and channels with name and scale")
    })?;
    let folder = join(oebin.folder(), &format!("continuous/{}", described.folder_name.trim_end_matches('/')));
    let path = join(&folder, "continuous.dat");
    let missing = || OpenError::MissingPartner { path: oebin.path.clone(), missing: path.clone() };
    let data = get_any_case(files, &path).ok_or_else(missing)?;
    let rate_hz = described.sample_rate;
    if !(rate_hz > 0.0) {
        return Err(OpenError::field(&oebin.path, "sample_rate", rate_hz, "above 0"));
    }
    let row_bytes = 2 * described.channels.len() as u64;
    let (runs, told) = numbers::read(files, data, row_bytes, rate_hz);
    notes.extend(told);
    Ok(Piece { described, data, runs, recording })
}

/// The streams in the order in which they are shown, with the events of the first.
fn with_streams(files: &FileSet, streams: &Pieces, mut notes: Vec<String>, events: Events) -> Recording {
    let mut signals: Vec<Box<dyn FrameSource>> = Vec::new();
    // The recording of each segment, by stream.
    let mut recorded: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (name, pieces) in streams {
        let pieces = alike(pieces, &mut notes);
        let of = |piece: &&Piece| vec![piece.recording; piece.runs.iter().filter(|run| run.n > 0).count()];
        recorded.insert(name, pieces.iter().flat_map(of).collect());
        signals.extend(split::streams(files, name, &pieces));
    }
    sort(&mut signals);
    // A stream may lack some recordings: events follow the first, as they are shown with it.
    let first = signals.first().map(|stream| (stream.info().name.clone(), stream.info().segments.clone()));
    let first = first.and_then(|(name, segments)| Some((recorded.get(name.as_str())?, segments)));
    let recording = Recording { notes, ..Recording::of_streams("openephys_binary", signals) };
    let Some((recordings, segments)) = first else { return recording.with_events(events) };
    let mut recording = recording.with_events(events.of_segments(recordings));
    for event in &mut recording.events {
        event.segment = last_begun(recordings, &segments, event.segment, event.time_s);
    }
    recording
}

/// Of the segments of one recording, of which the first is given, the last that has begun.
fn last_begun(recordings: &[usize], segments: &[SegmentInfo], first: usize, time_s: f64) -> usize {
    let own = |at: &usize| recordings.get(*at) == recordings.get(first);
    let began = |at: &usize| segments.get(*at).is_some_and(|segment| segment.t_start_s <= time_s);
    (first..segments.len()).take_while(own).filter(began).last().unwrap_or(first)
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

/// Whether a stream is that of a device without electrodes.
fn is_other_device(name: &str) -> bool {
    OTHER_DEVICES.iter().any(|device| name.contains(device))
}

/// The wide-band stream of electrodes is what a person means: LFP has a lower rate. Other devices
/// follow, then converters and accelerometers beside electrodes, and words of synchronisation.
fn sort(streams: &mut [Box<dyn FrameSource>]) {
    streams.sort_by_key(|stream| {
        let info = stream.info();
        let rank = if info.name.ends_with("SYNC") {
            3
        } else if info.kind == StreamKind::Electrodes {
            0
        } else if is_other_device(&info.name) {
            1
        } else {
            2
        };
        // Bits of positive numbers are in the order of these.
        (rank, std::cmp::Reverse(info.sampling_frequency_hz.to_bits()))
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
