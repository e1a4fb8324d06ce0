//! Neuralynx `.ncs` folders: one file per channel, records of 512 samples with timestamps.
//!
//! Where timestamps do not follow one another a new segment begins. Channels of equal rate,
//! range and filters form a stream, named as neo names it, if they were recorded together:
//! where neo refuses files of different extents in one folder, they are streams of their own.

mod clock;
mod header;
mod source;

use std::collections::BTreeSet;

use super::format::{Claim, Format, Reader};
use super::interleaved::uniform;
use super::text_header::{bytes, ending, for_each_record, head, latin1, stem, u16_at, u64_at};
use super::{OpenError, Recording, Support, stand_in};
use crate::events::{Event, Events};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo, StreamInfo};
use crate::sample::SampleType;
use header::{Channel, Filters};
use source::{Source, Stretch};

const HEADER_BYTES: u64 = 16_384;
const RECORD_BYTES: u64 = 1044;
/// Records of a `.nev` file: timestamp at byte 6, port at 16, text from 56.
const EVENT_BYTES: usize = 184;
/// Timestamp, channel, rate and number of valid samples.
const RECORD_HEADER_BYTES: u64 = 20;
const RECORD_SAMPLES: u64 = 512;
/// Channels that are left out and named.
const MAX_NAMED: usize = 5;

fn is_neuralynx(file: &NamedFile) -> bool {
    head::<8>(file).is_some_and(|head| head == *b"########")
}

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Neuralynx .ncs",
    give: "the folder",
    tested: "Cheetah 1.1 to 5.7, gaps",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["neuralynx"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The `.ncs` files of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let ours: Vec<&NamedFile> = files.iter().filter(|file| is_neuralynx(file)).collect();
    let first = ours.first()?;
    let signals: Vec<&NamedFile> = files.iter().filter(|file| ending(file) == "ncs").collect();
    if signals.is_empty() {
        let expected = "the .ncs files of the session";
        return Some(Claim::refused(OpenError::field(&first.path, "drop", "without .ncs samples", expected)));
    }
    Some(Claim::certain(move || open_signals(&ours, &signals)))
}

/// Reads the channels that can be read, and says which cannot.
fn channels(signals: &[&NamedFile]) -> Result<(Vec<Channel>, Vec<String>), OpenError> {
    let (mut channels, mut left_out) = (Vec::new(), Vec::new());
    let mut first_error = None;
    for file in signals {
        let read = match stand_in::of(file) {
            Some(error) => Err(error),
            None if !is_neuralynx(file) => {
                Err(OpenError::field(&file.path, "first bytes", "something else", "########, which begins an .ncs"))
            }
            None => Channel::read(file),
        };
        match read {
            Ok(channel) => channels.push(channel),
            Err(error) => {
                left_out.push(format!("A channel is left out: {error}."));
                first_error.get_or_insert(error);
            }
        }
    }
    let n_more = left_out.len().saturating_sub(MAX_NAMED);
    left_out.truncate(MAX_NAMED);
    left_out.extend((n_more > 0).then(|| format!("{n_more} more channels are left out.")));
    match first_error {
        Some(error) if channels.is_empty() => Err(error),
        _ => Ok((channels, left_out)),
    }
}

fn open_signals(ours: &[&NamedFile], signals: &[&NamedFile]) -> Result<Recording, OpenError> {
    let (channels, mut notes) = channels(signals)?;
    let filters: BTreeSet<&Filters> = channels.iter().map(|channel| &channel.filters).collect();
    let mut groups: Vec<Vec<&Channel>> = Vec::new();
    for channel in &channels {
        match groups.iter_mut().find(|members| members[0].goes_with(channel)) {
            Some(members) => members.push(channel),
            None => groups.push(vec![channel]),
        }
    }
    groups.sort_by(|a, b| b[0].rate_hz.total_cmp(&a[0].rate_hz));
    notes.extend(apart_note(&groups));
    let mut opened = Vec::new();
    for (at, members) in groups.iter().enumerate() {
        let key = members[0].key();
        let filter = filters.iter().position(|filter| *filter == key.2).unwrap_or(0);
        let name = format!("stream{at}_{:.0}Hz_{}mVRange_DSPFilter{filter}", key.0.floor(), key.1.unwrap_or(0) / 1000);
        match Stream::new(&name, members, &mut notes) {
            Ok(stream) => opened.push(stream),
            Err(error) if groups.len() > 1 => notes.push(format!("{name} is left out: {error}.")),
            Err(error) => return Err(error),
        }
    }
    let own_start = opened.iter().filter_map(|stream| stream.starts_us.first().copied()).min();
    let zero_us = ours.iter().filter_map(|file| first_event_us(file)).chain(own_start).min().unwrap_or(0);
    let streams: Vec<_> = opened.into_iter().map(|stream| stream.finish(zero_us)).collect();
    let mut events = Events::default();
    for file in ours.iter().filter(|file| ending(file) == "nev") {
        if let Err(error) = read_events(file, zero_us, &mut events) {
            notes.push(format!("Events are left out: {error}."));
        }
    }
    let events = match streams.first() {
        Some(stream) => events.in_segments_of(stream.info()),
        None => events,
    };
    notes.extend(cut_note(signals));
    let facts = header::facts(&channels).list();
    Ok(Recording { facts, notes, ..Recording::of_streams("neuralynx", streams) }.with_events(events))
}

/// Says which channels of equal settings have other records than the rest, if some do.
fn apart_note(groups: &[Vec<&Channel>]) -> Option<String> {
    let alike = |a: &&Vec<&Channel>, b: &Vec<&Channel>| a[0].key() == b[0].key();
    let apart = groups.iter().enumerate().find_map(|(at, members)| {
        let before = groups[..at].iter().find(|before| alike(before, members))?;
        Some((before[0], members[0]))
    });
    let (first, other) = apart?;
    Some(format!(
        "The records of {} differ from those of {}, as where one of them has a gap: they are streams of their own.",
        other.file.path, first.file.path
    ))
}

/// Says which files end in the middle of a record, if some do.
fn cut_note(signals: &[&NamedFile]) -> Option<String> {
    let is_cut = |file: &&&NamedFile| {
        let n_bytes = file.file.size_bytes().saturating_sub(HEADER_BYTES);
        is_neuralynx(file) && !n_bytes.is_multiple_of(RECORD_BYTES)
    };
    let mut cut = signals.iter().filter(is_cut);
    let first = cut.next()?;
    let others = match cut.count() {
        0 => " is".to_owned(),
        n => format!(" and {n} more are"),
    };
    Some(format!("{}{others} cut in the middle of a record, which is left out.", first.path))
}

/// The records of an event file: a timestamp, the value of the digital port and a text.
fn read_events(file: &NamedFile, zero_us: u64, events: &mut Events) -> Result<(), OpenError> {
    for_each_record(file, HEADER_BYTES..file.file.size_bytes(), EVENT_BYTES, |record| {
        let text = latin1(record[56..].split(|byte| *byte == 0).next().unwrap_or_default());
        #[expect(clippy::cast_precision_loss, reason = "microseconds of a recording")]
        events.push(Event {
            segment: 0,
            time_s: (u64_at(record, 6) as f64 - zero_us as f64) * 1e-6,
            duration_s: 0.0,
            source: stem(file).to_owned(),
            label: if text.is_empty() { format!("port {}", u16_at(record, 16)) } else { text },
        });
    })
}

/// The first timestamp of an event or spike file: the session's clock starts there.
fn first_event_us(file: &NamedFile) -> Option<u64> {
    let at = match ending(file).as_str() {
        "nev" => 6,
        "nse" | "ntt" => 0,
        _ => return None,
    };
    bytes(file, HEADER_BYTES + at, 8).ok().map(|bytes| u64_at(&bytes, 0))
}

/// Channels of one stream and where their segments begin.
struct Stream {
    info: StreamInfo,
    files: Vec<NamedFile>,
    stretches: Vec<Vec<Stretch>>,
    /// First timestamp of each segment.
    starts_us: Vec<u64>,
}

impl Stream {
    fn new(name: &str, channels: &[&Channel], notes: &mut Vec<String>) -> Result<Self, OpenError> {
        let first = channels[0];
        let path = &first.file.path;
        let n_records = channels.iter().map(|channel| channel.n_records).min().unwrap_or(0);
        let records = clock::read(&first.file, n_records, first.rate_hz)?;
        if records.n_empty > 0 {
            notes.push(format!("{path}: {} records are empty and left out.", records.n_empty));
        }
        if let Some(measured_hz) = records.measured_hz {
            notes.push(format!(
                "{path}: its timestamps tell {measured_hz:.3} Hz, its header {} Hz; the timestamps are believed.",
                first.rate_hz
            ));
        }
        let ids = channels.iter().map(|channel| channel.id.clone()).collect();
        let rate_hz = records.measured_hz.unwrap_or(first.rate_hz);
        let mut info = uniform(name, rate_hz, SampleType::Int16, ids, 1.0);
        info.gain_to_uv = channels.iter().map(|channel| channel.gain_to_uv).collect();
        info.channel_names = Some(channels.iter().map(|channel| channel.name.clone()).collect());
        let segment = |segment: &clock::Segment| SegmentInfo { n_frames: segment.n_frames, t_start_s: 0.0 };
        info.segments = records.segments.iter().map(segment).collect();
        let starts_us = records.segments.iter().map(|segment| segment.start_us).collect();
        let files = channels.iter().map(|channel| channel.file.clone()).collect();
        let stretches = records.segments.into_iter().map(|segment| segment.stretches).collect();
        Ok(Self { info, files, stretches, starts_us })
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
    fn finish(mut self, zero_us: u64) -> Box<dyn FrameSource> {
        for (segment, start_us) in self.info.segments.iter_mut().zip(&self.starts_us) {
            segment.t_start_s = *start_us as f64 / 1e6 - zero_us as f64 / 1e6;
        }
        Box::new(Source::new(self.info, self.files, self.stretches))
    }
}
