//! Readers of recordings: chosen by content, never by a file's ending alone.

mod alf;
mod axion;
mod blackrock;
mod clock;
mod closed;
mod compression;
mod edf;
mod error;
mod event_list;
mod format;
mod frame_times;
mod hdf5;
mod in_hdf5;
mod intan;
mod interleaved;
mod joined;
mod limits;
mod maxwell;
mod mcs;
mod mearec;
mod med64;
mod neuralynx;
mod neuropixels;
mod neuroscope;
mod nix;
mod npy;
mod npy_clusters;
mod nwb;
mod open_ephys;
mod phy;
mod plain_binary;
mod plates;
mod plexon;
mod probe;
mod python_json;
mod records;
mod registry;
mod spike_list;
mod spikegadgets;
mod spikeglx;
mod spikeinterface;
mod stand_in;
mod stretches;
mod support;
mod text_header;
mod text_table;
mod three_brain;
pub(crate) mod told;
mod unplaced;
mod wells;

pub use crate::recording::probe_group;
pub use error::OpenError;
pub use event_list::{NAME_ENDING as EVENTS_ENDING, add as add_events};
use format::{Claim, first_of};
pub use format::{Confidence, Format};
#[cfg(test)]
pub(crate) use interleaved::uniform;
use limits::MAX_STORED_SPIKES;
pub use plain_binary::PlainBinary;
pub use registry::{FORMATS, SUPPORT};
pub use support::Support;

use crate::io::{FileSet, NamedFile};
use crate::recording::{Length, Recording, StreamInfo, StreamKind};

/// No amplifier is faster; a larger number is damage.
const MAX_RATE_HZ: f64 = 1e6;
/// Channels of a stream that are believed.
const MAX_CHANNELS: usize = 1 << 16;
/// Frames of a segment that are believed: a year at 30 kHz.
const MAX_FRAMES: u64 = 1 << 40;

/// Endings of files that hold nothing but samples, whose content no reader looks at.
const SAMPLES: [&str; 6] = ["dat", "bin", "raw", "cbin", "lfp", "eeg"];

/// Files among which the one that was opened is looked for.
const MAX_TRIED_ALONE: usize = 8;

/// The file among several that a recording came from: the one that opens to the same by itself.
/// `None` where it took more than one, or they lie in a folder, whose name says more.
#[must_use]
pub fn opened_from(files: &FileSet, recording: &Recording) -> Option<String> {
    let is_heap = (2..=MAX_TRIED_ALONE).contains(&files.len()) && files.iter().all(|file| !file.path.contains('/'));
    let same = |alone: &Recording| {
        alone.format == recording.format
            && alone.spikes == recording.spikes
            && alone.streams.iter().map(|stream| stream.info()).eq(recording.streams.iter().map(|stream| stream.info()))
    };
    let opens_alone = |file: &&NamedFile| open(&FileSet::new(vec![(*file).clone()])).is_ok_and(|alone| same(&alone));
    files.iter().filter(|_| is_heap).find(opens_alone).map(|file| file.path.clone())
}

/// Opens a dropped file, several files, or a folder, with the tables of events beside.
///
/// ```
/// use std::sync::Arc;
///
/// use wasm_core::formats;
/// use wasm_core::io::{FileSet, NamedFile};
///
/// let file = |path: &str, bytes: Vec<u8>| NamedFile { path: path.into(), file: Arc::new(bytes) };
/// let described = r#"{ "sampling_frequency_hz": 20000, "n_channels": 2, "dtype": "int16", "gain_to_uv": 0.195 }"#;
/// // One second of two channels, two bytes a sample.
/// let samples = vec![0; 20_000 * 2 * 2];
/// let files = FileSet::new(vec![file("culture.dat", samples), file("culture.json", described.into())]);
///
/// let recording = formats::open(&files)?;
/// let info = recording.stream(None)?.info();
/// assert_eq!((info.n_channels, info.n_frames()), (2, 20_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When no reader knows the files, or the one that does finds them wrong; the message
/// names the file, the field and what was expected.
pub fn open(files: &FileSet) -> Result<Recording, OpenError> {
    let Some((others, tables)) = event_list::apart(files) else { return open_recording(files) };
    let mut recording = open_recording(&others)?;
    for table in &tables {
        if let Err(error) = event_list::add(&mut recording, table) {
            recording.notes.push(format!("Events are left out: {error}."));
        }
    }
    Ok(recording)
}

/// Opens files without looking for events beside.
fn open_recording(files: &FileSet) -> Result<Recording, OpenError> {
    if files.is_empty() {
        return Err(OpenError::NoFiles);
    }
    let opened = registry::surest(files).map_or_else(|| Err(unknown(files)), Claim::open);
    // A file that stands in for another may be why a reader failed; in place of samples it is noise.
    let stands_in =
        |wanted: &dyn Fn(&NamedFile) -> bool| files.iter().filter(|file| wanted(file)).find_map(stand_in::of);
    let mut recording = match opened {
        Err(error) => return Err(stand_in::reason(files).or_else(|| without_data(files)).unwrap_or(error)),
        Ok(recording) => match stands_in(&|file| SAMPLES.contains(&text_header::ending(file).as_str())) {
            Some(error) => return Err(error),
            None => recording,
        },
    };
    // Streams without channels or frames are what interrupted recordings leave.
    recording.streams.retain(|stream| stream.info().n_channels > 0 && stream.info().n_frames() > 0);
    if recording.streams.is_empty() && recording.spikes.is_none() {
        let path = files.iter().next().map(|file| file.path.clone()).unwrap_or_default();
        return Err(without_data(files).unwrap_or(OpenError::NoSignal { path, format: recording.format }));
    }
    settle_spikes(&mut recording);
    unplaced::drop_wild_positions(&mut recording);
    let stored = recording.spikes.iter().map(|stored| &stored.info);
    let path = &called(files);
    let mut notes = Vec::new();
    for info in recording.streams.iter().map(|stream| stream.info()).chain(stored) {
        check(path, info)?;
        notes.extend(without_gain(info));
    }
    recording.notes.extend(notes);
    Ok(recording)
}

/// What files are called together: their folder; the first of several that lie in none.
fn called(files: &FileSet) -> String {
    let Some(first) = files.iter().next() else { return String::new() };
    match (files.len(), first.folder()) {
        (1, _) => first.path.clone(),
        (n, "") => format!("{} and {} more", first.path, n - 1),
        (_, folder) => folder.to_owned(),
    }
}

/// Says so where files hold nothing, whatever else they lack; a description of the signal is no signal.
fn without_data(files: &FileSet) -> Option<OpenError> {
    let mut data = files.iter().filter(|file| text_header::ending(file) != "json").peekable();
    let path = data.peek()?.path.clone();
    data.all(|file| file.file.size_bytes() == 0).then_some(OpenError::Empty { path })
}

/// Why files that no format takes for its own are refused.
fn unknown(files: &FileSet) -> OpenError {
    let empty = files.iter().find(|file| file.file.size_bytes() == 0);
    let empty = empty.map(|file| OpenError::Empty { path: file.path.clone() });
    let known =
        closed::reason(files).or_else(|| stand_in::reason(files)).or(empty).or_else(|| spike_list::reason(files));
    let names = || files.iter().take(5).map(|file| file.path.clone()).collect();
    known.unwrap_or_else(|| OpenError::Unknown { names: names() })
}

/// Says which channels have a gain of 0, so that nothing is left of them.
fn without_gain(info: &StreamInfo) -> Option<String> {
    let zero: Vec<usize> = (0..info.n_channels).filter(|at| info.gain_to_uv[*at] == 0.0).collect();
    let first = zero.first()?;
    Some(format!(
        "{} of {} channels of {} have a gain of 0 (first: {}): all their values are 0 µV, and no spikes are found on them.",
        zero.len(),
        info.n_channels,
        info.name,
        info.channel_label(*first)
    ))
}

/// Puts stored spikes onto the time of the signal beside, which tells how long the recording was,
/// and says what their rates are counted over.
fn settle_spikes(recording: &mut Recording) {
    let Some(mut stored) = recording.spikes.take() else { return };
    let signal = recording.streams.iter().map(|stream| stream.info()).find(|info| info.kind == StreamKind::Electrodes);
    if let Some(signal) = signal.filter(|_| stored.length != Length::Stated) {
        stored = stored.in_segments_of(signal);
    }
    // Beside a signal they are not what is counted: a result of theirs says over what, then.
    if recording.streams.is_empty() {
        // What every rate depends on comes first.
        recording.notes.splice(..0, stored.notes());
    }
    recording.spikes = Some(stored);
}

/// A number of channels that is believed: lists of that length are made before anything is read.
fn channel_count(claimed: u64) -> Option<usize> {
    usize::try_from(claimed).ok().filter(|n| *n <= MAX_CHANNELS)
}

/// Checks a stream for everything that later steps rely on, whatever the files claim.
fn check(path: &str, info: &StreamInfo) -> Result<(), OpenError> {
    let wrong = |field: &str, found: &dyn std::fmt::Display, expected: &str| {
        Err(OpenError::field(path, &format!("{field} of {}", info.name), found, expected))
    };
    let (rate_hz, n) = (info.sampling_frequency_hz, info.n_channels);
    if !(rate_hz > 0.0 && rate_hz <= MAX_RATE_HZ) {
        return wrong("sampling rate", &rate_hz, "above 0 and at most 1,000,000 Hz");
    }
    if n > MAX_CHANNELS {
        return wrong("number of channels", &n, "at most 65,536");
    }
    if info.segments.iter().any(|segment| segment.n_frames > MAX_FRAMES) {
        return wrong("number of frames", &info.n_frames(), "at most 2^40 in a segment");
    }
    if info.segments.iter().any(|segment| !segment.t_start_s.is_finite()) {
        return wrong("start of a segment", &"not finite", "a time in seconds");
    }
    let lengths = [info.channel_ids.len(), info.gain_to_uv.len(), info.offset_to_uv.len()];
    let optional = [
        info.positions_um.as_ref().map(Vec::len),
        info.wells.as_ref().map(Vec::len),
        info.channel_names.as_ref().map(Vec::len),
    ];
    if lengths != [n; 3] || optional.into_iter().flatten().any(|length| length != n) {
        return wrong(
            "lists of ids, names, gains, offsets, positions and wells",
            &"of different lengths",
            "one value per channel",
        );
    }
    if !info.gain_to_uv.iter().chain(&info.offset_to_uv).all(|value| value.is_finite()) {
        return wrong("gains and offsets", &"not all finite", "numbers");
    }
    Ok(())
}
