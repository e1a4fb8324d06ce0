//! Neuralynx `.ncs` folders: one file per channel, records of 512 samples with timestamps.
//!
//! Where timestamps do not follow one another a new segment begins. Channels of equal rate,
//! range and filters form a stream, named as neo names it, if they were recorded together:
//! where neo refuses files of different extents in one folder, they are streams of their own.

use std::collections::BTreeSet;

use super::interleaved::uniform;
use super::records::{Encoding, Part, Records, Track};
use super::text_header::{bytes, ending, for_each_record, head, latin1, stem, u16_at, u32_at, u64_at};
use super::{Attempt, OpenError, Recording};
use crate::events::{Event, Events};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo};
use crate::sample::SampleType;

const HEADER_BYTES: u64 = 16_384;
const RECORD_BYTES: u64 = 1044;
/// Records of a `.nev` file: timestamp at byte 6, port at 16, text from 56.
const EVENT_BYTES: usize = 184;
/// Timestamp, channel, rate and number of valid samples.
const RECORD_HEADER_BYTES: u64 = 20;
const RECORD_SAMPLES: u64 = 512;
/// Part of a sample by which timestamps may be off where microseconds cannot hold them exactly.
const ROUNDING_SAMPLES: f64 = 0.2;

/// Segments that are believed.
const MAX_SEGMENTS: usize = 10_000;

/// Files up to this size are looked through for gaps.
const SCANNED_BYTES: u64 = 6 << 20;

/// What separates streams besides the rate and range.
const FILTER_KEYS: &[&str] = &[
    "DSPLowCutFilterEnabled",
    "DspLowCutFrequency",
    "DspLowCutFilterType",
    "DspLowCutNumTaps",
    "DSPHighCutFilterEnabled",
    "DspHighCutFrequency",
    "DspHighCutFilterType",
    "DspHighCutNumTaps",
    "DspDelayCompensation",
];

fn is_neuralynx(file: &NamedFile) -> bool {
    head::<8>(file).is_some_and(|head| head == *b"########")
}

/// Opens the `.ncs` files of a drop.
pub fn open(files: &FileSet) -> Attempt {
    let ours: Vec<&NamedFile> = files.iter().filter(|file| is_neuralynx(file)).collect();
    let first = ours.first()?;
    let signals: Vec<&NamedFile> =
        ours.iter().copied().filter(|file| ending(file) == "ncs" && file.file.size_bytes() > HEADER_BYTES).collect();
    if signals.is_empty() {
        return Some(Err(OpenError::field(
            &first.path,
            "drop",
            "without .ncs samples",
            "the .ncs files of the session",
        )));
    }
    Some(open_signals(&ours, &signals))
}

fn open_signals(ours: &[&NamedFile], signals: &[&NamedFile]) -> Result<Recording, OpenError> {
    let channels: Result<Vec<Channel>, OpenError> = signals.iter().map(|file| Channel::read(file)).collect();
    let channels = channels?;
    let filters: BTreeSet<&Filters> = channels.iter().map(|channel| &channel.filters).collect();
    let mut groups: Vec<Vec<&Channel>> = Vec::new();
    for channel in &channels {
        match groups.iter_mut().find(|members| members[0].goes_with(channel)) {
            Some(members) => members.push(channel),
            None => groups.push(vec![channel]),
        }
    }
    groups.sort_by(|a, b| b[0].rate_hz.total_cmp(&a[0].rate_hz));
    let mut opened = Vec::new();
    for (at, members) in groups.iter().enumerate() {
        let key = members[0].key();
        let filter = filters.iter().position(|filter| *filter == key.2).unwrap_or(0);
        let name = format!("stream{at}_{:.0}Hz_{}mVRange_DSPFilter{filter}", key.0.floor(), key.1.unwrap_or(0) / 1000);
        opened.push(Stream::new(&name, members)?);
    }
    let own_start = opened.iter().filter_map(|stream| stream.start_us).min();
    let zero_us = ours.iter().filter_map(|file| first_event_us(file)).chain(own_start).min().unwrap_or(0);
    let streams: Vec<_> = opened.into_iter().map(|stream| stream.finish(zero_us)).collect();
    let mut events = Events::default();
    for file in ours.iter().filter(|file| ending(file) == "nev") {
        read_events(file, zero_us, &mut events)?;
    }
    let events = match streams.first() {
        Some(stream) => events.in_segments_of(stream.info()),
        None => events,
    };
    let mut recording = Recording::of_streams("neuralynx", streams).with_events(events);
    recording.notes.extend(cut_note(signals));
    Ok(recording)
}

/// Says which files end in the middle of a record, if some do.
fn cut_note(signals: &[&NamedFile]) -> Option<String> {
    let is_cut = |file: &&&NamedFile| !file.file.size_bytes().saturating_sub(HEADER_BYTES).is_multiple_of(RECORD_BYTES);
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

/// Names and values of filter settings.
type Filters = Vec<(String, String)>;

/// Rate, range in microvolts, filters: what channels of one stream share.
type StreamKey<'a> = (f64, Option<i64>, &'a Filters);

/// One `.ncs` file.
struct Channel {
    file: NamedFile,
    id: String,
    rate_hz: f64,
    gain_to_uv: f64,
    input_range_uv: Option<i64>,
    filters: Filters,
    n_records: u64,
    /// Timestamps of the first and the last record.
    first_us: u64,
    last_us: u64,
}

impl Channel {
    fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let size = usize::try_from(HEADER_BYTES.min(file.file.size_bytes())).unwrap_or(0);
        let text = latin1(&bytes(file, 0, size)?);
        let value = |key: &str| -> Option<&str> {
            text.lines().find_map(|line| {
                let (name, value) = line.trim().strip_prefix('-')?.split_once(char::is_whitespace)?;
                (name == key).then(|| value.trim())
            })
        };
        let number = |key: &str| value(key).and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        let required = |key: &str| {
            number(key).ok_or_else(|| OpenError::field(&file.path, key, value(key).unwrap_or("missing"), "a number"))
        };
        let inverted = value("InputInverted").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let volts = required("ADBitVolts")?;
        let filters = FILTER_KEYS.iter().filter_map(|key| Some(((*key).to_owned(), value(key)?.to_owned()))).collect();
        let n_records = (file.file.size_bytes() - HEADER_BYTES) / RECORD_BYTES;
        let stamp_us = |record: u64| -> Result<u64, OpenError> {
            if n_records == 0 { Ok(0) } else { Ok(u64_at(&bytes(file, HEADER_BYTES + record * RECORD_BYTES, 8)?, 0)) }
        };
        Ok(Self {
            file: file.clone(),
            id: value("ADChannel")
                .map_or_else(|| "unknown".to_owned(), |text| text.split_whitespace().next().unwrap_or("").to_owned()),
            rate_hz: required("SamplingFrequency")?,
            gain_to_uv: volts * if inverted { -1e6 } else { 1e6 },
            #[expect(clippy::cast_possible_truncation, reason = "microvolts")]
            input_range_uv: number("InputRange").map(|range| range as i64),
            filters,
            n_records,
            first_us: stamp_us(0)?,
            last_us: stamp_us(n_records.saturating_sub(1))?,
        })
    }

    const fn key(&self) -> StreamKey<'_> {
        (self.rate_hz, self.input_range_uv, &self.filters)
    }

    /// Whether both were recorded together: the same settings, start and end, but for a last
    /// record or two that one of them lacks.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
    fn goes_with(&self, other: &Self) -> bool {
        let record_us = RECORD_SAMPLES as f64 * 1e6 / self.rate_hz;
        let n_more = self.n_records.abs_diff(other.n_records);
        let later_us = self.last_us.abs_diff(other.last_us) as f64;
        self.key() == other.key()
            && self.first_us == other.first_us
            && n_more <= 2
            && (later_us - n_more as f64 * record_us).abs() <= record_us / 4.0
    }

    /// Timestamp and number of valid samples of a record.
    fn record(&self, at: u64) -> Result<(u64, u64), OpenError> {
        let header = bytes(&self.file, HEADER_BYTES + at * RECORD_BYTES, 20)?;
        Ok(stamp(&header))
    }

    /// Records with which segments begin. A short file is looked through; in a long one gaps are
    /// found by halving: a stretch whose ends are as far apart as its records say has none.
    fn segment_starts(&self) -> Result<Vec<u64>, OpenError> {
        let mut starts = vec![0];
        if self.n_records < 2 {
            return Ok(starts);
        }
        let clock = self.clock()?;
        let last = self.n_records - 1;
        if self.n_records * RECORD_BYTES <= SCANNED_BYTES {
            let all = bytes(&self.file, HEADER_BYTES, usize::try_from(self.n_records * RECORD_BYTES).unwrap_or(0))?;
            let records: Vec<(u64, u64)> =
                all.chunks_exact(usize::try_from(RECORD_BYTES).unwrap_or(1)).map(stamp).collect();
            // As neo does: where the last timestamp is the expected one, the rest is not looked at.
            if !clock.fits(records[0], records[records.len() - 1].0, last) {
                let pairs = records.windows(2).zip(1..);
                starts.extend(pairs.filter(|(pair, _)| !clock.follows(pair[0], pair[1].0)).map(|(_, at)| at));
            }
        } else {
            self.split(&clock, (0, self.record(0)?), (last, self.record(last)?), &mut starts)?;
        }
        Ok(starts)
    }

    /// How far apart timestamps are. The first systems counted whole microseconds per sample.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a record")]
    fn clock(&self) -> Result<Clock, OpenError> {
        let sample_us = 1e6 / self.rate_hz;
        let step_us = self.record(1)?.0.saturating_sub(self.record(0)?.0) as f64;
        let whole = step_us == sample_us.floor() * RECORD_SAMPLES as f64;
        Ok(Clock { sample_us: if whole { sample_us.floor() } else { sample_us } })
    }

    fn split(
        &self,
        clock: &Clock,
        from: (u64, (u64, u64)),
        to: (u64, (u64, u64)),
        starts: &mut Vec<u64>,
    ) -> Result<(), OpenError> {
        let n_records = to.0 - from.0;
        if starts.len() > MAX_SEGMENTS {
            let found = format!("more than {MAX_SEGMENTS} gaps");
            return Err(OpenError::field(&self.file.path, "timestamps", found, "a clock that runs on"));
        }
        if n_records == 1 {
            if !clock.follows(from.1, to.1.0) {
                starts.push(to.0);
            }
            return Ok(());
        }
        if clock.fits(from.1, to.1.0, n_records) {
            return Ok(());
        }
        let middle = u64::midpoint(from.0, to.0);
        let middle = (middle, self.record(middle)?);
        self.split(clock, from, middle, starts)?;
        self.split(clock, middle, to, starts)
    }
}

/// Timestamp and number of valid samples in a record's header.
fn stamp(record: &[u8]) -> (u64, u64) {
    (u64_at(record, 0), u64::from(u32_at(record, 16)).min(RECORD_SAMPLES))
}

/// How timestamps follow one another.
struct Clock {
    sample_us: f64,
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
impl Clock {
    /// Whether the record at `to_us` lies `n` full records after `from`.
    fn fits(&self, from: (u64, u64), to_us: u64, n: u64) -> bool {
        let expected_us = from.0 as f64 + (n * RECORD_SAMPLES) as f64 * self.sample_us;
        (to_us as f64 - expected_us.round()).abs() <= self.tolerance_us()
    }

    /// Whether the next record begins where this one's valid samples end.
    fn follows(&self, from: (u64, u64), to_us: u64) -> bool {
        let expected_us = from.0 as f64 + (from.1 as f64 * self.sample_us).floor();
        (to_us as f64 - expected_us).abs() <= self.tolerance_us()
    }

    /// None where microseconds hold a record exactly.
    fn tolerance_us(&self) -> f64 {
        let record_us = RECORD_SAMPLES as f64 * self.sample_us;
        if record_us.fract() == 0.0 { 0.0 } else { (ROUNDING_SAMPLES * self.sample_us).round() + 1.0 }
    }
}

/// Channels of one stream and where their segments begin.
struct Stream {
    info: crate::recording::StreamInfo,
    tracks: Vec<Track>,
    /// First timestamp of each segment.
    starts_us: Vec<u64>,
    start_us: Option<u64>,
}

impl Stream {
    fn new(name: &str, channels: &[&Channel]) -> Result<Self, OpenError> {
        let first = channels[0];
        let starts = first.segment_starts()?;
        let shortest = channels.iter().map(|channel| channel.n_records).min().unwrap_or(0);
        let mut segments = Vec::new();
        let (mut kept, mut starts_us) = (Vec::new(), Vec::new());
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(shortest).min(shortest);
            if end <= *start {
                continue;
            }
            let (_, n_last) = first.record(end - 1)?;
            segments.push(SegmentInfo { n_frames: (end - 1 - start) * RECORD_SAMPLES + n_last, t_start_s: 0.0 });
            kept.push(*start);
            starts_us.push(first.record(*start)?.0);
        }
        let ids = channels.iter().map(|channel| channel.id.clone()).collect();
        let mut info = uniform(name, first.rate_hz, SampleType::Int16, ids, 1.0);
        info.gain_to_uv = channels.iter().map(|channel| channel.gain_to_uv).collect();
        info.segments = segments;
        let track = |channel: &&Channel| Track {
            first_byte: HEADER_BYTES + RECORD_HEADER_BYTES,
            record_bytes: RECORD_BYTES,
            #[expect(clippy::cast_possible_truncation, reason = "512")]
            record_samples: RECORD_SAMPLES as usize,
            segments: kept.iter().map(|start| Part::new(&channel.file, *start)).collect(),
        };
        let tracks = channels.iter().map(track).collect();
        let start_us = starts_us.first().copied();
        Ok(Self { info, tracks, starts_us, start_us })
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
    fn finish(mut self, zero_us: u64) -> Box<dyn FrameSource> {
        for (segment, start_us) in self.info.segments.iter_mut().zip(&self.starts_us) {
            segment.t_start_s = *start_us as f64 / 1e6 - zero_us as f64 / 1e6;
        }
        Box::new(Records::new(self.info, self.tracks, Encoding::Plain))
    }
}
