//! Intan `.rhd` and `.rhs` in their three layouts: one file; one file per kind of signal;
//! one file per channel. Layout from Intan's "RHD2000 Application note: data file formats".

mod blocks;
mod header;
mod split;

use super::text_header::stem;
use super::{Attempt, OpenError, first_of, neuroscope};
use crate::formats::interleaved::uniform;
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, Recording, StreamInfo};
use crate::sample::SampleType;
use header::{Channel, Header, Kind};

pub fn open(files: &FileSet) -> Attempt {
    let ours: Vec<&NamedFile> = files.iter().filter(|file| Header::looks_like(file)).collect();
    let first = ours.first()?;
    let is_split = |file: &&NamedFile| stem(file).eq_ignore_ascii_case("info");
    if is_split(first) {
        // What was merged into one file for NeuroScope keeps the headers of its parts.
        let has_signal = files.iter().any(|file| split::is_signal(file, first.folder()));
        if !has_signal && neuroscope::is_there(files) {
            return None;
        }
        let others: Vec<&NamedFile> = ours.iter().copied().filter(is_split).collect();
        return first_of(&others, |file| {
            let header = Header::read(file)?;
            Ok(recording(split::streams(files, file, &header)?, &header))
        });
    }
    Some(session(&ours))
}

fn recording(streams: Vec<Box<dyn FrameSource>>, header: &Header) -> Recording {
    Recording { format: "intan", spikes: None, streams, events: Vec::new(), notes: header.notes() }
}

/// The files of one session, which the system begins anew every so many minutes: each is a
/// segment. Files of another recording are left out, and named.
fn session(files: &[&NamedFile]) -> Result<Recording, OpenError> {
    let header = Header::read(files[0])?;
    let mut parts = vec![(files[0], header)];
    let mut others = Vec::new();
    for file in &files[1..] {
        match Header::read(file) {
            Ok(header) if header.goes_with(&parts[0].1) && session_of(file) == session_of(files[0]) => {
                parts.push((file, header));
            }
            _ => others.push(file.path.as_str()),
        }
    }
    let streams = blocks::streams(&parts)?;
    Ok(recording(streams, &parts[0].1).beside(&files[0].path, &others))
}

/// The folder and the name without date and time, such as `culture` of `culture_210101_120100.rhd`.
fn session_of(file: &NamedFile) -> (&str, &str) {
    (file.folder(), stem(file).trim_end_matches(|c: char| c.is_ascii_digit() || c == '_'))
}

/// A stream's description without its segments. Where channels have files of their own,
/// amplifiers are stored signed.
fn describe(header: &Header, kind: Kind, channels: &[&Channel], split: bool) -> StreamInfo {
    let (native_gain, native_offset) = header.scale(kind);
    let signed = (split && matches!(kind, Kind::Amplifier)) || matches!(kind, Kind::Temperature | Kind::Stim);
    let sample_type = if signed { SampleType::Int16 } else { SampleType::Uint16 };
    let suffix = match kind {
        Kind::Dc => "_DC",
        Kind::Stim => "_STIM",
        _ => "",
    };
    let ids = channels.iter().map(|channel| format!("{}{suffix}", channel.native_name)).collect();
    let mut info = uniform(header.stream_name(kind), header.rate_hz(kind), sample_type, ids, native_gain);
    if !(split && matches!(kind, Kind::Amplifier)) {
        info.offset_to_uv.fill(native_offset);
    }
    info
}
