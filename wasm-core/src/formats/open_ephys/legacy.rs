//! Open Ephys' old format: one `.continuous` file per channel, records of 1,024 samples.
//!
//! Files of further recordings end in `_2`, `_3`, …; they are segments, and so are the parts of
//! a file between which records are missing or the clock began again. Streams are told by
//! the channels' names (CH, ADC, AUX), as neo tells them, and by the record node and processor
//! that wrote them where there are several.

mod channel;
mod events;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::formats::format::Claim;
use crate::formats::interleaved::uniform;
use crate::formats::records::{Encoding, Part, Records, Track};
use crate::formats::text_header::{ending, head};
use crate::formats::told::{Facts, of_words};
use crate::formats::{OpenError, Recording};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo, StreamKind};
use crate::sample::SampleType;
use channel::{Channel, Run, Source};

const HEADER_BYTES: u64 = 1024;
/// Timestamp, number of samples, recording number; samples; ten marker bytes.
const RECORD_BYTES: u64 = 2070;
const RECORD_HEADER_BYTES: u64 = 12;
const RECORD_SAMPLES: u64 = 1024;

/// The `.continuous` files of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let ours: Vec<&NamedFile> = files
        .iter()
        .filter(|file| ending(file) == "continuous" && head::<7>(file).is_some_and(|head| head == *b"header."))
        .collect();
    let event_files: Vec<&NamedFile> = files.iter().filter(|file| ending(file) == "events").collect();
    (!ours.is_empty()).then(|| Claim::certain(move || open_files(&ours, &event_files)))
}

fn open_files(files: &[&NamedFile], event_files: &[&NamedFile]) -> Result<Recording, OpenError> {
    let mut notes = Vec::new();
    let mut channels: Vec<Channel> = Vec::new();
    let mut failed = None;
    for file in files {
        match Channel::read(file) {
            Ok(channel) => channels.push(channel),
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("{} is left out. {error}.", file.path));
                failed.get_or_insert(error);
            }
        }
    }
    if let Some(failed) = failed.filter(|_| channels.is_empty()) {
        return Err(failed);
    }
    let n_cut = channels.iter().filter(|channel| channel.is_cut()).count();
    if let Some(cut) = channels.iter().find(|channel| channel.is_cut()) {
        let path = &cut.file.path;
        notes.push(format!(
            "{n_cut} files are cut in the middle of a record, such as {path}: what is left of it is left out."
        ));
    }
    channels.retain(|channel| channel.n_records > 0);
    // Channels of one kind from one source, by recording.
    let mut streams: BTreeMap<(bool, String, Source), BTreeMap<u32, Vec<&Channel>>> = BTreeMap::new();
    for channel in &channels {
        let key = (channel.stream_kind() != StreamKind::Electrodes, channel.kind.clone(), channel.source.clone());
        streams.entry(key).or_default().entry(channel.part).or_default().push(channel);
    }
    if streams.is_empty() {
        return Err(OpenError::NoSignal { path: files[0].path.clone(), format: "openephys_legacy" });
    }
    let several = |of: &dyn Fn(&Source) -> &str, kind: &str| {
        let named: BTreeSet<&str> =
            streams.keys().filter(|(_, known, _)| known == kind).map(|(_, _, source)| of(source)).collect();
        named.len() > 1
    };
    let mut opened = Vec::new();
    let mut events = None;
    for ((_, kind, source), parts) in &streams {
        let mut name = vec!["Signals", kind.as_str()];
        if several(&|source| &source.folder, kind) {
            name.push(source.folder.rsplit('/').next().unwrap_or_default());
        }
        if several(&|source| &source.prefix, kind) {
            name.push(&source.prefix);
        }
        name.retain(|word| !word.is_empty());
        let Opened { source, segments } = stream(&name.join(" "), parts, &mut notes)?;
        events.get_or_insert_with(|| {
            let segments = parts.keys().copied().zip(segments).collect();
            events::read(event_files, source.info(), &segments)
        });
        opened.push(source);
    }
    let mut recording = Recording::of_streams("openephys_legacy", opened).with_events(events.unwrap_or_default());
    recording.notes.extend(notes);
    let mut facts = Facts::default();
    facts.add_some("Recorded", channels.first().map(|channel| of_words(&channel.created)));
    recording.facts = facts.list();
    Ok(recording)
}

/// A stream, and the segments that each of its recordings became.
struct Opened {
    source: Box<dyn FrameSource>,
    segments: Vec<Range<usize>>,
}

#[expect(clippy::cast_precision_loss, reason = "sample counts")]
fn stream(name: &str, parts: &BTreeMap<u32, Vec<&Channel>>, notes: &mut Vec<String>) -> Result<Opened, OpenError> {
    let members = members(parts, notes)?;
    let first = members[0].parts[0].0;
    let track = |_: &Member| Track {
        first_byte: HEADER_BYTES + RECORD_HEADER_BYTES,
        record_bytes: RECORD_BYTES,
        record_samples: usize::try_from(RECORD_SAMPLES).unwrap_or(1),
        segments: Vec::new(),
    };
    let mut tracks: Vec<Track> = members.iter().map(track).collect();
    let mut segments = Vec::new();
    let mut of_parts = Vec::new();
    for part in 0..parts.len() {
        let files = || members.iter().map(|member| member.parts[part].0);
        let longest = files().map(|file| file.n_records).max().unwrap_or(0);
        // Files may end a record apart; more than a twentieth is a copy that broke off.
        let shortest = files().min_by_key(|file| file.n_records).filter(|file| file.n_records * 20 < longest * 19);
        notes.extend(shortest.map(|shortest| {
            format!(
                "{} holds {} of the {longest} records of other channels: only what all have is shown.",
                shortest.file.path, shortest.n_records
            )
        }));
        let runs: Vec<&[Run]> = members.iter().map(|member| member.parts[part].1.as_slice()).collect();
        let before = segments.len();
        for Common { timestamp, n_frames, records } in common(&runs) {
            for ((track, member), record) in tracks.iter_mut().zip(&members).zip(records) {
                track.segments.push(Part::new(&member.parts[part].0.file, record));
            }
            segments.push(SegmentInfo { n_frames, t_start_s: timestamp as f64 / first.rate_hz });
        }
        of_parts.push(before..segments.len());
    }
    let channels = || members.iter().map(|member| member.parts[0].0);
    let ids = channels().map(|channel| channel.number().to_string()).collect();
    let to_uv = if first.is_electrode() { 1.0 } else { 1e6 };
    let mut info = uniform(name, first.rate_hz, SampleType::Int16, ids, 1.0);
    info.gain_to_uv = channels().map(|channel| channel.bit_volts * to_uv).collect();
    info.kind = first.stream_kind();
    let is_named = channels().any(|channel| !channel.label.is_empty() && channel.label != channel.name);
    info.channel_names = is_named.then(|| channels().map(|channel| channel.label.clone()).collect());
    info.segments = segments;
    Ok(Opened { source: Box::new(Records::new(info, tracks, Encoding::BigEndian16)), segments: of_parts })
}

/// A channel of a stream: its file of each recording, and that file's runs.
struct Member<'a> {
    parts: Vec<(&'a Channel, Vec<Run>)>,
}

/// The channels of a stream that go together, in order; a note names those that do not.
fn members<'a>(parts: &BTreeMap<u32, Vec<&'a Channel>>, notes: &mut Vec<String>) -> Result<Vec<Member<'a>>, OpenError> {
    let mut wanted: Vec<&Channel> = parts.values().next().cloned().unwrap_or_default();
    wanted.sort_by_key(|channel| channel.number());
    let mut members = Vec::new();
    let mut damaged = None;
    let mut clocks = Vec::new();
    for channel in wanted {
        let read = |part: &Vec<&'a Channel>| {
            let channel = same_channel(part, channel)?;
            Ok((channel, channel.runs(&mut clocks)?))
        };
        match parts.values().map(read).collect() {
            Ok(parts) => members.push(Member { parts }),
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("Channel {} is left out. {error}.", channel.name));
                damaged.get_or_insert(error);
            }
        }
    }
    // All files of a recording have the same clock: one stands for all.
    notes.extend(clocks.into_iter().next());
    for part in 0..parts.len() {
        let alike = |runs: &[Run]| members.iter().filter(|member| member.parts[part].1 == runs).count();
        let Some(usual) = members.iter().map(|member| &member.parts[part].1).max_by_key(|runs| alike(runs)).cloned()
        else {
            break;
        };
        members.retain(|member| {
            let (channel, runs) = &member.parts[part];
            let fits = go_together(runs, &usual);
            if !fits {
                let path = &channel.file.path;
                notes.push(format!(
                    "Channel {} is left out: in {path} other records are missing than in most files.",
                    channel.name
                ));
            }
            fits
        });
    }
    match damaged {
        Some(error) if members.is_empty() => Err(error),
        _ => Ok(members),
    }
}

/// The file of a recording that holds a channel of the first one.
fn same_channel<'a>(part: &[&'a Channel], wanted: &Channel) -> Result<&'a Channel, OpenError> {
    let found = part.iter().find(|channel| channel.name == wanted.name).ok_or_else(|| {
        let found = format!("without channel {}", wanted.name);
        OpenError::field(&wanted.file.path, "recording", found, "all channels in each recording")
    })?;
    if (found.rate_hz, found.bit_volts) != (wanted.rate_hz, wanted.bit_volts) {
        let expected = format!("{} and {} as in the first recording", wanted.rate_hz, wanted.bit_volts);
        let values = format!("{} and {}", found.rate_hz, found.bit_volts);
        return Err(OpenError::field(&found.file.path, "sampleRate and bitVolts", values, expected));
    }
    Ok(found)
}

/// Whether channels of these runs can be put side by side. They may begin and end some records
/// apart, as long as nothing is missing between.
fn go_together(one: &[Run], other: &[Run]) -> bool {
    let overlap = |one: &Run, other: &Run| one.timestamp < other.end() && other.timestamp < one.end();
    match (one, other) {
        ([one], [other]) => {
            one.timestamp.abs_diff(other.timestamp).is_multiple_of(RECORD_SAMPLES) && overlap(one, other)
        }
        _ => one == other,
    }
}

/// A stretch that all channels have.
struct Common {
    timestamp: u64,
    n_frames: u64,
    /// Where it begins in each channel's file.
    records: Vec<u64>,
}

/// What channels that go together have in common.
fn common(channels: &[&[Run]]) -> Vec<Common> {
    let Some(first) = channels.first() else { return Vec::new() };
    let stretch = |at: usize| {
        let runs = channels.iter().map(|runs| &runs[at]);
        let timestamp = runs.clone().map(|run| run.timestamp).max().unwrap_or(0);
        let end = runs.clone().map(Run::end).min().unwrap_or(0);
        let records = runs.map(|run| run.record + (timestamp - run.timestamp) / RECORD_SAMPLES).collect();
        Common { timestamp, n_frames: end.saturating_sub(timestamp), records }
    };
    (0..first.len()).map(stretch).collect()
}
