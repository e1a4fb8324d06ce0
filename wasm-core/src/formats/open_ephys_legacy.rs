//! Open Ephys' old format: one `.continuous` file per channel, records of 1,024 samples.
//!
//! Files of further recordings end in `_2`, `_3`, …; they are segments. Streams are told by
//! the channels' names (CH, ADC, AUX), as neo tells them, and by the record node and processor
//! that wrote them where there are several.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::interleaved::uniform;
use super::records::{Encoding, Part, Records, Track};
use super::text_header::{bytes, ending, head, latin1, stem, u16_at, u64_at};
use super::{Attempt, OpenError, Recording};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo};
use crate::sample::SampleType;

const HEADER_BYTES: u64 = 1024;
/// Timestamp, number of samples, recording number; samples; ten marker bytes.
const RECORD_BYTES: u64 = 2070;
const RECORD_HEADER_BYTES: u64 = 12;
const RECORD_SAMPLES: u64 = 1024;

/// Opens the `.continuous` files of a drop.
pub fn open(files: &FileSet) -> Attempt {
    let ours: Vec<&NamedFile> = files
        .iter()
        .filter(|file| ending(file) == "continuous" && head::<7>(file).is_some_and(|head| head == *b"header."))
        .collect();
    let has_events = files.iter().any(|file| ending(file) == "events");
    (!ours.is_empty()).then(|| open_files(&ours, has_events))
}

/// Who wrote a file: the folder of its record node, and processor and stream, such as `100_ProbeA-AP`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    folder: String,
    prefix: String,
}

/// One file.
struct Channel {
    file: NamedFile,
    source: Source,
    /// Such as `CH12`.
    name: String,
    /// Which recording of the session, from 1.
    part: u32,
    rate_hz: f64,
    bit_volts: f64,
    n_records: u64,
}

fn open_files(files: &[&NamedFile], has_events: bool) -> Result<Recording, OpenError> {
    let mut channels: Vec<Channel> = Vec::new();
    for file in files {
        channels.push(Channel::read(file)?);
    }
    channels.retain(|channel| channel.n_records > 0);
    // Channels of one kind from one source, by recording.
    let mut streams: BTreeMap<(bool, String, Source), BTreeMap<u32, Vec<&Channel>>> = BTreeMap::new();
    for channel in &channels {
        let key = (channel.kind() != "CH", channel.kind(), channel.source.clone());
        streams.entry(key).or_default().entry(channel.part).or_default().push(channel);
    }
    if streams.is_empty() {
        return Err(OpenError::NoSignal { format: "openephys_legacy" });
    }
    let several = |of: &dyn Fn(&Source) -> &str, kind: &str| {
        let named: BTreeSet<&str> =
            streams.keys().filter(|(_, known, _)| known == kind).map(|(_, _, source)| of(source)).collect();
        named.len() > 1
    };
    let mut opened = Vec::new();
    for ((_, kind, source), parts) in &streams {
        let mut name = vec!["Signals", kind.as_str()];
        if several(&|source| &source.folder, kind) {
            name.push(source.folder.rsplit('/').next().unwrap_or_default());
        }
        if several(&|source| &source.prefix, kind) {
            name.push(&source.prefix);
        }
        name.retain(|word| !word.is_empty());
        opened.push(stream(&name.join(" "), parts)?);
    }
    let mut recording = Recording::of_streams("openephys_legacy", opened);
    if has_events {
        recording.notes.push("The .events file beside the signals is not read.".into());
    }
    Ok(recording)
}

#[expect(clippy::cast_precision_loss, reason = "sample counts")]
fn stream(name: &str, parts: &BTreeMap<u32, Vec<&Channel>>) -> Result<Box<dyn FrameSource>, OpenError> {
    let mut members: Vec<&Channel> = parts.values().next().cloned().unwrap_or_default();
    members.sort_by_key(|channel| channel.number());
    let rate_hz = members[0].rate_hz;
    let track = |_: &&Channel| Track {
        first_byte: HEADER_BYTES + RECORD_HEADER_BYTES,
        record_bytes: RECORD_BYTES,
        record_samples: usize::try_from(RECORD_SAMPLES).unwrap_or(1),
        segments: Vec::new(),
    };
    let mut tracks: Vec<Track> = members.iter().map(track).collect();
    let mut segments = Vec::new();
    for part in parts.values() {
        let mut ranges = Vec::new();
        for member in &members {
            let found = part.iter().find(|channel| channel.name == member.name).ok_or_else(|| {
                let found = format!("without channel {}", member.name);
                OpenError::field(&member.file.path, "recording", found, "all channels in each recording")
            })?;
            if (found.rate_hz, found.bit_volts) != (member.rate_hz, member.bit_volts) {
                let expected = format!("{} and {} as in the first recording", member.rate_hz, member.bit_volts);
                let values = format!("{} and {}", found.rate_hz, found.bit_volts);
                return Err(OpenError::field(&found.file.path, "sampleRate and bitVolts", values, expected));
            }
            ranges.push((found, found.continuous_range()?));
        }
        // Channels may begin and end some records apart; what all of them have counts.
        let start = ranges.iter().map(|(_, range)| range.start).max().unwrap_or(0);
        let end = ranges.iter().map(|(_, range)| range.end).min().unwrap_or(0);
        for (track, (channel, range)) in tracks.iter_mut().zip(&ranges) {
            track.segments.push(Part::new(&channel.file, start.saturating_sub(range.start) / RECORD_SAMPLES));
        }
        segments.push(SegmentInfo { n_frames: end.saturating_sub(start), t_start_s: start as f64 / rate_hz });
    }
    let ids = members.iter().map(|channel| channel.number().to_string()).collect();
    let to_uv = if members[0].kind() == "CH" { 1.0 } else { 1e6 };
    let mut info = uniform(name, rate_hz, SampleType::Int16, ids, 1.0);
    info.gain_to_uv = members.iter().map(|channel| channel.bit_volts * to_uv).collect();
    info.segments = segments;
    Ok(Box::new(Records::new(info, tracks, Encoding::BigEndian16)))
}

impl Channel {
    fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let text = latin1(&bytes(file, 0, usize::try_from(HEADER_BYTES).unwrap_or(0))?);
        let number = |key: &str| {
            let value = text.split(';').find_map(|line| {
                let (name, value) = line.trim().strip_prefix("header.")?.split_once('=')?;
                (name.trim() == key).then(|| value.trim().to_owned())
            });
            let parsed = value.as_deref().and_then(|value| value.parse::<f64>().ok());
            parsed
                .ok_or_else(|| OpenError::field(&file.path, key, value.unwrap_or_else(|| "missing".into()), "a number"))
        };
        // `100_CH1`, `100_CH1_2` of the second recording, `100_1_CH1` or `100_RhythmData-A_CH1`.
        let parts: Vec<&str> = stem(file).split('_').collect();
        let is_name = |part: &&str| {
            part.len() > 2
                && part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.ends_with(|c: char| c.is_ascii_digit())
        };
        let at = parts.iter().rposition(|part| is_name(part) && !part.contains('-')).unwrap_or(parts.len() - 1);
        Ok(Self {
            file: file.clone(),
            source: Source { folder: file.folder().to_owned(), prefix: parts[..at].join("_") },
            name: parts[at].to_owned(),
            part: parts.get(at + 1).and_then(|part| part.parse().ok()).unwrap_or(1),
            rate_hz: number("sampleRate")?,
            bit_volts: number("bitVolts")?,
            n_records: (file.file.size_bytes() - HEADER_BYTES) / RECORD_BYTES,
        })
    }

    fn kind(&self) -> String {
        self.name.chars().take_while(|c| !c.is_ascii_digit()).collect()
    }

    fn number(&self) -> u32 {
        self.name.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
    }

    fn timestamp(&self, record: u64) -> Result<u64, OpenError> {
        let header = bytes(&self.file, HEADER_BYTES + record * RECORD_BYTES, 12)?;
        if u64::from(u16_at(&header, 8)) != RECORD_SAMPLES {
            let found = u16_at(&header, 8);
            return Err(OpenError::field(
                &self.file.path,
                &format!("samples of record {record}"),
                found,
                RECORD_SAMPLES,
            ));
        }
        Ok(u64_at(&header, 0))
    }

    /// Timestamps from the first sample to behind the last. A file whose records do not follow
    /// one another is refused, rather than joining what lies apart.
    fn continuous_range(&self) -> Result<Range<u64>, OpenError> {
        let (first, last) = (self.timestamp(0)?, self.timestamp(self.n_records - 1)?);
        let expected = first.saturating_add((self.n_records - 1) * RECORD_SAMPLES);
        if last == expected {
            return Ok(first..last + RECORD_SAMPLES);
        }
        let expected = format!("{expected}: records are missing or repeated");
        Err(OpenError::field(&self.file.path, "timestamp of the last record", last, expected))
    }
}
