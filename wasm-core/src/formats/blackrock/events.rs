//! Blackrock `.nev`: the spikes that the system found, what came in at its digital port and the
//! comments that people wrote, specification 2.1 to 3.0.
//!
//! A channel is an electrode and the unit that online sorting gave it (0: none, 255: noise),
//! named as neo names it. Clocks that start again begin a segment.

use std::collections::HashMap;

use super::header::{Events as Electrodes, origin};
use crate::events::{Event, Events};
use crate::formats::OpenError;
use crate::formats::interleaved::uniform;
use crate::formats::limits::{MAX_STORED_SPIKES, too_many_spikes};
use crate::formats::text_header::{bytes, decoded, for_each_record, head, latin1, peak, u16_at, u32_at, u64_at};
use crate::formats::told::Facts;
use crate::io::NamedFile;
use crate::recording::{Fact, SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;

const BASIC_BYTES: usize = 336;
/// Digital packets: why they were written, a byte that is kept free, then the port's value.
const DIGITAL: u16 = 0;
/// Identifiers of packets: spikes carry their electrode's number.
const ELECTRODES: std::ops::RangeInclusive<u16> = 1..=2048;
const COMMENT: u16 = 0xFFFF;
/// What a comment says where the clock was set to zero.
const RESTART: &[u8] = b"critical load restart";
/// Segments that a file may have before it is taken for damaged.
const MAX_SEGMENTS: usize = 1000;

/// Which input a packet tells of, by the bits that say why it was written.
fn input(reason: u8) -> String {
    match reason {
        _ if reason & 0x01 != 0 => "digital port".into(),
        _ if reason & 0x80 != 0 => "serial port".into(),
        // Bits 1 to 5 are the analogue inputs, 6 is a clock of the system's.
        _ if reason & 0x3E != 0 => format!("analogue input {}", reason.trailing_zeros()),
        _ => "periodic sample".into(),
    }
}

/// The text of a comment: its character set, flags, a colour, then the text itself.
fn comment(packet: &[u8]) -> String {
    const TEXT: usize = 6;
    const UTF_16: u8 = 1;
    let text = packet.get(TEXT..).unwrap_or_default();
    if packet.first() == Some(&UTF_16) {
        let units = text.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
        return String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>());
    }
    latin1(text)
}

/// Whether the file holds Blackrock's events.
pub fn is_events(file: &NamedFile) -> bool {
    head::<8>(file).is_some_and(|head| [*b"NEURALEV", *b"BREVENTS"].contains(&head))
}

/// The content of a file.
pub struct Opened {
    pub spikes: StoredSpikes,
    pub events: Events,
    pub facts: Vec<Fact>,
    pub notes: Vec<String>,
}

/// What the fixed part of the header says of packets.
struct Basic {
    version: (u8, u8),
    stamp_bytes: usize,
    header_bytes: u64,
    packet_bytes: usize,
    /// Ticks of timestamps and frames of waveforms in a second.
    ticks: u32,
    clock_hz: f64,
    sample_hz: f64,
}

impl Basic {
    fn read(file: &NamedFile, basic: &[u8]) -> Result<Self, OpenError> {
        let version = (basic[8], basic[9]);
        let stamp_bytes = if version.0 >= 3 { 8 } else { 4 };
        let packet_bytes = u32_at(basic, 16) as usize;
        let (clock_hz, sample_hz) = (f64::from(u32_at(basic, 20)), f64::from(u32_at(basic, 24)));
        let is_sane = (stamp_bytes + 8..=4096).contains(&packet_bytes) && clock_hz > 0.0 && sample_hz > 0.0;
        if !is_sane {
            let found = format!("{packet_bytes} bytes at {clock_hz} Hz");
            return Err(OpenError::field(&file.path, "packets", found, "a size of 12 to 4,096 bytes and a clock"));
        }
        let (header_bytes, ticks) = (u64::from(u32_at(basic, 12)), u32_at(basic, 20));
        Ok(Self { version, stamp_bytes, header_bytes, packet_bytes, ticks, clock_hz, sample_hz })
    }

    /// Clocks of nanoseconds count from 1970: they are brought to the rate of the waveforms, and
    /// frames counted from the first event.
    fn is_world_clock(&self) -> bool {
        self.clock_hz > 1e6
    }
}

/// Packets as they are met.
#[derive(Default)]
struct Packets {
    /// Electrode and unit of each spike.
    units: Vec<(u16, u8)>,
    /// Segment, timestamp and peak of each spike.
    spikes: Vec<(u32, u64, i16)>,
    events: Events,
    /// First timestamp of each segment.
    starts: Vec<Option<u64>>,
    /// Largest timestamp of the segment.
    last: u64,
    is_full: bool,
}

impl Packets {
    fn take(&mut self, basic: &Basic, packet: &[u8]) {
        let at = basic.stamp_bytes;
        let stamp = if at == 8 { u64_at(packet, 0) } else { u64::from(u32_at(packet, 0)) };
        let (kind, rest) = (u16_at(packet, at), &packet[at + 2..]);
        let is_restart = kind == COMMENT && rest.get(6..).is_some_and(|text| text.starts_with(RESTART));
        // Packets of different kinds are some frames out of order; a clock that starts again is not.
        let is_earlier = stamp.saturating_add(u64::from(basic.ticks)) < self.last;
        if basic.version >= (2, 3) && (is_restart || is_earlier) {
            if self.starts.len() < MAX_SEGMENTS {
                self.starts.push(None);
            }
            self.last = 0;
        }
        if let Some(start) = self.starts.last_mut() {
            *start = Some(start.unwrap_or(stamp).min(stamp));
        }
        self.last = self.last.max(stamp);
        let segment = self.starts.len() - 1;
        if ELECTRODES.contains(&kind) && !self.is_full {
            self.units.push((kind, rest[0]));
            self.spikes.push((u32::try_from(segment).unwrap_or(u32::MAX), stamp, peak(&rest[2..])));
            self.is_full = self.units.len() >= MAX_STORED_SPIKES;
        }
        let found = match kind {
            DIGITAL => Some((input(rest[0]), u16_at(rest, 2).to_string())),
            COMMENT => Some(("comments".into(), comment(rest))),
            _ => None,
        };
        if let Some((source, label)) = found {
            #[expect(clippy::cast_precision_loss, reason = "a time for people")]
            let time_s = stamp as f64 / basic.clock_hz;
            self.events.push(Event { segment, time_s, duration_s: 0.0, source, label });
        }
    }
}

/// Reads all spikes, and what else is told.
pub fn open(file: &NamedFile) -> Result<Opened, OpenError> {
    let fixed = bytes(file, 0, BASIC_BYTES)?;
    let basic = Basic::read(file, &fixed)?;
    let electrodes = Electrodes::read(file)?;
    let mut packets = Packets { starts: vec![None], ..Packets::default() };
    let part = basic.header_bytes..file.file.size_bytes();
    for_each_record(file, part.clone(), basic.packet_bytes, |packet| packets.take(&basic, packet))?;
    if packets.is_full {
        return Err(too_many_spikes(&file.path));
    }
    let n_left = part.end.saturating_sub(part.start) % basic.packet_bytes as u64;
    let cut = || format!("{} is cut in the middle of a packet, which is left out.", file.path);
    let notes = (n_left > 0).then(cut).into_iter().collect();
    let spikes = stored(&basic, &electrodes, &packets);
    let mut facts = Facts::default();
    facts.add_some("Recorded", origin(&fixed, 28));
    facts.add("Program", decoded(&fixed[44..76]));
    facts.add("Comment", decoded(&fixed[76..332]));
    Ok(Opened { spikes, events: packets.events, facts: facts.list(), notes })
}

fn stored(basic: &Basic, electrodes: &Electrodes, packets: &Packets) -> StoredSpikes {
    let ticks_per_frame = if basic.is_world_clock() { basic.clock_hz / basic.sample_hz } else { 1.0 };
    let mut known = packets.units.clone();
    known.sort_unstable();
    known.dedup();
    let ids = known.iter().map(|(electrode, unit)| format!("ch{electrode}#{unit}")).collect();
    let mut info = uniform("nev", basic.clock_hz / ticks_per_frame, SampleType::Int16, ids, 1.0);
    let label = |(electrode, unit): &(u16, u8)| {
        let label = electrodes.label(*electrode)?;
        Some(if *unit == 0 { label.to_owned() } else { format!("{label}#{unit}") })
    };
    let names: Vec<Option<String>> = known.iter().map(label).collect();
    let has_names = names.iter().any(Option::is_some);
    info.channel_names = has_names.then(|| names.into_iter().map(Option::unwrap_or_default).collect());
    let start = |start: &Option<u64>| if basic.is_world_clock() { start.unwrap_or(0) } else { 0 };
    let starts: Vec<u64> = packets.starts.iter().map(start).collect();
    #[expect(clippy::cast_precision_loss, reason = "a time for people")]
    let segment = |start: &u64| SegmentInfo { n_frames: 0, t_start_s: *start as f64 / basic.clock_hz };
    info.segments = starts.iter().map(segment).collect();
    let gains: HashMap<u16, f64> =
        known.iter().filter_map(|(electrode, _)| Some((*electrode, electrodes.gain_to_uv(*electrode)?))).collect();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "stamps of a recording; amplitudes are kept in f32"
    )]
    let spike = |((electrode, unit), (segment, stamp, peak)): (&(u16, u8), &(u32, u64, i16))| Spike {
        segment_index: *segment,
        sample_index: (stamp.saturating_sub(starts[*segment as usize]) as f64 / ticks_per_frame).round() as i64,
        channel_index: known.binary_search(&(*electrode, *unit)).map_or(u32::MAX, |at| at as u32),
        amplitude_uv: (f64::from(*peak) * gains.get(electrode).copied().unwrap_or(0.25)) as f32,
    };
    let spikes = packets.units.iter().zip(&packets.spikes).map(spike).collect();
    StoredSpikes::new(info, spikes, "the recording system, while it recorded".into())
}
