//! Multi Channel Systems HDF5, as the DataManager exports it: `Data/Recording_n/AnalogStream/Stream_n`.
//!
//! Rows, times and scales follow the format's description ("MCS HDF5 Format Definitions", beside
//! the vendor's `McsPyDataTools`). Recordings of a file are segments of its streams, and so are
//! the stretches of a recording between which samples are missing.

mod channels;
mod events;
mod facts;
pub mod labels;
mod spikes;
mod stream;
mod stretches;

use crate::events::Events;
use crate::formats::hdf5::H5;
use crate::formats::{OpenError, Recording};
use stream::Stream;

/// Whether the file has this structure.
pub fn is_mcs(file: &H5) -> bool {
    file.has("Data/Recording_0")
}

/// Opens all analogue streams, electrodes before the rest and raw before filtered, and the
/// spikes that the system found.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let recordings = numbered(file.members("Data")?.0, "Recording_");
    let mut notes = Vec::new();
    let mut streams = Vec::new();
    let mut failed = None;
    for name in stream_names(file, &recordings) {
        match Stream::read(file, &recordings, &name, &mut notes) {
            Ok(stream) => streams.push(stream),
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("{name} is left out. {error}."));
                failed.get_or_insert(error);
            }
        }
    }
    streams.sort_by_key(Stream::rank);
    let spikes = spikes::read(file, &recordings, streams.first(), &mut notes);
    if let (true, None, Some(error)) = (streams.is_empty(), &spikes, failed) {
        return Err(error);
    }
    let chip = format!("Data/{}/FrameStream", recordings.first().map_or("", String::as_str));
    if streams.is_empty() && file.has(&chip) {
        let found = "there, a signal of a chip with thousands of sensors, which is not read";
        return Err(file.problem(&chip, &found));
    }
    let mut events = Events::default();
    for (at, recording) in recordings.iter().enumerate() {
        let own = streams.first().map(|stream| stream.of_recording(at));
        events::read(file, recording, own.as_ref(), at, &mut events);
    }
    let facts = facts::read(file, &recordings, streams.first());
    let streams = streams.into_iter().map(|stream| stream.source).collect();
    let recording = Recording { spikes, facts, notes, ..Recording::of_streams("mcs_h5", streams) };
    Ok(recording.with_events(events))
}

/// Names that begin so, in the order of the numbers at their ends: the file lists them by name,
/// and `Recording_10` would come before `Recording_2`.
fn numbered(names: Vec<String>, prefix: &str) -> Vec<String> {
    let number = |name: &String| name.strip_prefix(prefix).and_then(|number| number.parse::<u64>().ok());
    let mut found: Vec<String> = names.into_iter().filter(|name| number(name).is_some()).collect();
    found.sort_by_key(number);
    found
}

/// Names of the analogue streams of all recordings.
fn stream_names(file: &H5, recordings: &[String]) -> Vec<String> {
    let of = |recording: &String| file.members(&format!("Data/{recording}/AnalogStream")).map(|(groups, _)| groups);
    let mut names: Vec<String> = recordings.iter().filter_map(|recording| of(recording).ok()).flatten().collect();
    names.sort();
    names.dedup();
    numbered(names, "Stream_")
}

/// A text attribute without the blanks and line ends that the system fills it up with.
fn text(file: &H5, place: &str, name: &str) -> Option<String> {
    let text = file.attribute_text(place, name)?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!text.is_empty()).then(|| text.to_owned())
}
