//! Plexon `.plx`, versions 100 to 107: spikes by channel and unit, continuous signals, events.
//!
//! Blocks of all channels follow one another and tell their own length, so a file is walked from
//! end to end when it is opened. Of a large one with continuous signals only the ends are looked
//! at, and the signals are found where they are asked for.

mod blocks;
mod continuous;
mod ends;
mod pauses;
mod rates;
mod seek;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::format::{Claim, Format, Reader};
use super::interleaved::uniform;
use super::limits::{MAX_STORED_SPIKES, too_many_spikes};
use super::text_header::{bytes, date_time, decoded, head, peak, u16_at, u32_at, u64_at};
use super::told::Facts;
use super::{OpenError, Recording, Support};
use crate::events::{Event, Events};
use crate::io::{FileSet, NamedFile};
use crate::recording::{SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;
use blocks::Kind;
use continuous::Track;
use seek::Seeker;

const MAGIC: &[u8; 4] = b"PLEX";
/// Lengths of the header, and of the descriptions of channels behind it.
const HEADER_BYTES: usize = 7504;
const SPIKE_CHANNEL_BYTES: usize = 1020;
const OTHER_CHANNEL_BYTES: usize = 296;
/// Places in the header: comment, date and time in numbers of four bytes, the last timestamp, and
/// the programs that recorded and processed.
const COMMENT: std::ops::Range<usize> = 8..136;
const DATE_AT: usize = 160;
const LAST_STAMP_AT: usize = 192;
const RECORDED_BY: std::ops::Range<usize> = 210..228;
const PROCESSED_BY: std::ops::Range<usize> = 228..246;
/// Ticks of a recording that are believed: a year of the fastest clock.
const MAX_TICKS: f64 = 1e12;
/// Channels that a file may have before it is taken for damaged.
const MAX_CHANNELS: u32 = 4096;
/// The largest file that is walked although it has continuous signals.
const WALKED_BYTES: u64 = 256 << 20;

/// What is said of a large file.
const UNREAD_SPIKES: &str = "Spikes and events of this file lie between its signals. They were not read, because \
    that would take reading all of a large file; find the spikes again.";

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Plexon .plx",
    give: "the file",
    tested: "spikes of versions 101 and 106; continuous signals of 105, compared with neo",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["plexon"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The first Plexon file of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let file = files.iter().find(|file| head::<4>(file).is_some_and(|head| head == *MAGIC))?;
    Some(Claim::certain(move || open_file(file)))
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let header = bytes(file, 0, HEADER_BYTES)?;
    let [n_spike, n_event, n_slow] = [140, 144, 148].map(|at| u32_at(&header, at));
    if [n_spike, n_event, n_slow].iter().any(|n| *n > MAX_CHANNELS) {
        let found = format!("{n_spike}, {n_event} and {n_slow}");
        return Err(OpenError::field(&file.path, "numbers of channels", found, format!("at most {MAX_CHANNELS} each")));
    }
    let clock_hz = f64::from(u32_at(&header, 136));
    let table = bytes(file, HEADER_BYTES as u64, n_spike as usize * SPIKE_CHANNEL_BYTES)?;
    let channels: BTreeMap<u16, Channel> =
        table.chunks_exact(SPIKE_CHANNEL_BYTES).map(|entry| Channel::read(entry, &header)).collect();
    let after_channels = (HEADER_BYTES + table.len()) as u64;
    let table = bytes(file, after_channels, n_event as usize * OTHER_CHANNEL_BYTES)?;
    let sources: BTreeMap<u16, String> =
        table.chunks_exact(OTHER_CHANNEL_BYTES).map(|entry| (u16_at(entry, 32), decoded(&entry[..32]))).collect();
    let after_spikes = after_channels + table.len() as u64;
    let table = bytes(file, after_spikes, n_slow as usize * OTHER_CHANNEL_BYTES)?;
    let slow = table.chunks_exact(OTHER_CHANNEL_BYTES).map(|entry| Track::read(entry, &header));
    // Signals keep the order of their descriptions.
    let mut tracks: Vec<Track> = slow.collect();
    let first_byte = after_spikes + table.len() as u64;
    if file.file.size_bytes() > WALKED_BYTES {
        let spike_channels: BTreeSet<u16> = channels.keys().copied().collect();
        if let Some(seeker) = Seeker::new(file, &header, first_byte, &mut tracks, &spike_channels)? {
            let streams = continuous::streams(file, tracks, clock_hz, Some(&Arc::new(seeker)))?;
            let notes = vec![UNREAD_SPIKES.to_owned()];
            let facts = facts(&header).list();
            return Ok(Recording { facts, notes, ..Recording::of_streams("plexon", streams) });
        }
    }

    let (units, events) = walk(file, first_byte, (clock_hz, &sources), &mut tracks)?;
    let mut recording = Recording::of_streams("plexon", continuous::streams(file, tracks, clock_hz, None)?);
    recording.facts = facts(&header).list();
    let found = stored(&channels, &units, clock_hz, last_stamp(&header));
    recording.spikes = match recording.streams.first() {
        Some(stream) => (!found.spikes.is_empty()).then(|| found.in_segments_of(stream.info())),
        None => Some(found),
    };
    let events = match recording.streams.first() {
        Some(stream) => events.in_segments_of(stream.info()),
        None => events,
    };
    Ok(recording.with_events(events))
}

/// Walks all blocks from this byte on: spikes and events are collected, pieces of signals go to their tracks.
fn walk(
    file: &NamedFile,
    first_byte: u64,
    (clock_hz, sources): (f64, &BTreeMap<u16, String>),
    tracks: &mut [Track],
) -> Result<(Units, Events), OpenError> {
    let track_of: BTreeMap<u16, usize> = tracks.iter().map(|track| track.number).zip(0..).collect();
    let mut units = Units::new();
    let mut n_spikes = 0_usize;
    let mut events = Events::default();
    blocks::for_each(file, first_byte..file.file.size_bytes(), |block, samples| {
        match block.kind {
            Kind::Spike => {
                n_spikes += 1;
                units.entry((block.channel, block.unit)).or_default().push((block.stamp, peak(samples)));
            }
            #[expect(clippy::cast_precision_loss, reason = "ticks of a recording")]
            Kind::Event => events.push(Event {
                segment: 0,
                time_s: block.stamp as f64 / clock_hz,
                duration_s: 0.0,
                source: sources.get(&block.channel).cloned().unwrap_or_else(|| block.channel.to_string()),
                label: block.unit.to_string(),
            }),
            Kind::Continuous if block.is_signal() => {
                if let Some(at) = track_of.get(&block.channel) {
                    tracks[*at].push(block.stamp, block.place, block.n_samples as u64);
                }
            }
            Kind::Continuous | Kind::Other => {}
        }
        n_spikes <= MAX_STORED_SPIKES
    })?;
    if n_spikes > MAX_STORED_SPIKES { Err(too_many_spikes(&file.path)) } else { Ok((units, events)) }
}

/// Spikes by channel and unit: their stamps and peaks.
type Units = BTreeMap<(u16, u16), Vec<(i64, i16)>>;

/// The last timestamp that the header tells, where it tells one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a number of ticks")]
fn last_stamp(header: &[u8]) -> Option<u64> {
    let ticks = f64::from_bits(u64_at(header, LAST_STAMP_AT));
    (1.0..MAX_TICKS).contains(&ticks).then_some(ticks as u64)
}

/// What the header tells of the session.
fn facts(header: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let part = |number: usize| u32_at(header, DATE_AT + 4 * number);
    facts.add_some("Recorded", date_time([part(0), part(1), part(2)], [part(3), part(4), part(5)]));
    facts.add("Comment", decoded(&header[COMMENT]));
    facts.add("Program", decoded(&header[RECORDED_BY]));
    facts.add("Processed by", decoded(&header[PROCESSED_BY]));
    facts.add("Format version", u32_at(header, 4).to_string());
    facts
}

/// Spikes of all units; as long as the header says, where it tells a last timestamp.
fn stored(channels: &BTreeMap<u16, Channel>, units: &Units, clock_hz: f64, last: Option<u64>) -> StoredSpikes {
    // A channel of one unit keeps its plain name.
    let n_units = |channel: u16| units.range((channel, 0)..=(channel, u16::MAX)).count();
    let id = |(channel, unit): &(u16, u16)| {
        let name = channels.get(channel).map_or_else(|| channel.to_string(), |channel| channel.name.clone());
        if n_units(*channel) > 1 { format!("{name}#{unit}") } else { name }
    };
    let mut info = uniform("spikes", clock_hz, SampleType::Int16, units.keys().map(id).collect(), 1.0);
    info.segments = vec![SegmentInfo { n_frames: last.unwrap_or(0), t_start_s: 0.0 }];
    let mut spikes = Vec::new();
    for (channel_index, ((channel, _), own)) in (0..).zip(units) {
        let gain_to_uv = channels.get(channel).map_or(1.0, |channel| channel.gain_to_uv);
        #[expect(clippy::cast_possible_truncation, reason = "amplitudes are kept in f32")]
        let spike = |(sample_index, peak): &(i64, i16)| Spike {
            segment_index: 0,
            sample_index: *sample_index,
            channel_index,
            amplitude_uv: (f64::from(*peak) * gain_to_uv) as f32,
        };
        spikes.extend(own.iter().map(spike));
    }
    StoredSpikes::new(info, spikes, "the recording system, while it recorded".into())
}

struct Channel {
    name: String,
    gain_to_uv: f64,
}

impl Channel {
    /// A spike channel's number and description. Scales changed from version to version:
    /// millivolts at full scale, bits, and the gains of amplifier and preamplifier.
    fn read(entry: &[u8], header: &[u8]) -> (u16, Self) {
        let version = u32_at(header, 4);
        let gain = f64::from(u32_at(entry, 76)).max(1.0);
        let at = |place: usize| f64::from(u16_at(header, place));
        let half_scale = f64::from(i32::from(header[202]).clamp(1, 32) - 1).exp2();
        let mv = match version {
            ..103 => 3000.0 / (2048.0 * gain * 1000.0),
            103 | 104 => at(204) / (half_scale * gain * 1000.0),
            _ => at(204) / (half_scale * gain * at(208).max(1.0)),
        };
        (u16_at(entry, 64), Self { name: decoded(&entry[..32]), gain_to_uv: mv * 1000.0 })
    }
}
