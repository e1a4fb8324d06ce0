//! Intan `.rhd` and `.rhs` in their three layouts: one file; one file per kind of signal;
//! one file per channel. Layout from Intan's "RHD2000 Application note: data file formats".

mod blocks;
mod header;
mod split;

use super::format::{Claim, Format, Reader};
use super::text_header::stem;
use super::{OpenError, Support, first_of, neuroscope};
use crate::formats::interleaved::uniform;
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, Recording, StreamInfo, StreamKind};
use crate::sample::SampleType;
use header::{Channel, Header, Kind};

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Intan .rhd, .rhs",
    give: "the file, or the folder of info.rhd",
    tested: "1.0 to 3.x, all three layouts",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["intan"], support: &SUPPORT, reader: Reader::Files(recognise) };

fn recognise(files: &FileSet) -> Option<Claim<'_>> {
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
        return first_of(&others, move |file| {
            let header = Header::read(file)?;
            let mut notes = Vec::new();
            let mut recording = recording(split::streams(files, file, &header, &mut notes)?, &header);
            recording.notes.extend(notes);
            Ok(recording)
        });
    }
    Some(Claim::certain(move || session(&ours)))
}

fn recording(streams: Vec<Box<dyn FrameSource>>, header: &Header) -> Recording {
    Recording { facts: header.facts(), notes: header.notes(), ..Recording::of_streams("intan", streams) }
}

/// The files of one session, which the system begins again every so many minutes: their clock
/// runs on from file to file. Files of another recording are left out, and named.
fn session(files: &[&NamedFile]) -> Result<Recording, OpenError> {
    let header = Header::read(files[0])?;
    let mut end = blocks::clock(files[0], &header)?.end;
    let mut parts = vec![(files[0], header)];
    let mut others = Vec::new();
    for file in &files[1..] {
        let continues = Header::read(file).and_then(|header| Ok((blocks::clock(file, &header)?, header)));
        match continues {
            Ok((clock, header))
                if session_of(file).is_some_and(|session| session_of(files[0]) == Some(session))
                    && header.goes_with(&parts[0].1)
                    && clock.start >= end =>
            {
                end = clock.end;
                parts.push((file, header));
            }
            _ => others.push(file.path.as_str()),
        }
    }
    let mut notes = Vec::new();
    let mut recording = recording(blocks::streams(&parts, &mut notes)?, &parts[0].1);
    recording.notes.extend(notes);
    recording.notes.extend(parts.iter().filter_map(|(file, header)| blocks::cut_note(file, header)));
    Ok(recording.beside(&files[0].path, &others))
}

/// The folder and the name before date and time, such as `culture` of `culture_210101_120100.rhd`;
/// none where the name has neither.
fn session_of(file: &NamedFile) -> Option<(&str, &str)> {
    let is_stamp = |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, time) = stem(file).rsplit_once('_')?;
    let (name, date) = before.rsplit_once('_')?;
    (is_stamp(date) && is_stamp(time)).then_some((file.folder(), name))
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
    // The same electrodes at low gain, and what stimulates them, are not searched.
    info.kind = if kind == Kind::Amplifier { StreamKind::Electrodes } else { StreamKind::Auxiliary };
    let is_named = channels.iter().any(|channel| channel.custom_name != channel.native_name);
    let name = |channel: &&Channel| format!("{}{suffix}", channel.custom_name);
    info.channel_names = is_named.then(|| channels.iter().map(name).collect());
    if !(split && matches!(kind, Kind::Amplifier)) {
        info.offset_to_uv.fill(native_offset);
    }
    info
}
