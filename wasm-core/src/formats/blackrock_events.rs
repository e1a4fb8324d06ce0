//! Blackrock `.nev`: the spikes that the system found, what came in at its digital port and the
//! comments that people wrote, specification 2.1 to 3.0.
//!
//! A channel is an electrode and the unit that online sorting gave it (0: none, 255: noise),
//! named as neo names it. Clocks that start again begin a segment.

use std::collections::HashMap;

use super::OpenError;
use super::blackrock::event_gains;
use super::interleaved::uniform;
use super::text_header::{bytes, for_each_record, head, latin1, peak, u16_at, u32_at, u64_at};
use crate::events::{Event, Events};
use crate::io::NamedFile;
use crate::recording::{SegmentInfo, StoredSpikes};
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

/// Reads all spikes, and what else is told.
pub fn open(file: &NamedFile) -> Result<(StoredSpikes, Events), OpenError> {
    let basic = bytes(file, 0, BASIC_BYTES)?;
    let version = (basic[8], basic[9]);
    let stamp_bytes = if version.0 >= 3 { 8 } else { 4 };
    let (header_bytes, packet_bytes) = (u32_at(&basic, 12), u32_at(&basic, 16) as usize);
    let clock_hz = f64::from(u32_at(&basic, 20));
    let sample_hz = f64::from(u32_at(&basic, 24));
    let is_sane = (stamp_bytes + 8..=4096).contains(&packet_bytes) && clock_hz > 0.0 && sample_hz > 0.0;
    if !is_sane {
        let found = format!("{packet_bytes} bytes at {clock_hz} Hz");
        return Err(OpenError::field(&file.path, "packets", found, "a size of 12 to 4,096 bytes and a clock"));
    }
    // Clocks of nanoseconds count from 1970: they are brought to the rate of the waveforms,
    // and frames counted from the first event.
    let is_world_clock = clock_hz > 1e6;
    let ticks_per_frame = if is_world_clock { clock_hz / sample_hz } else { 1.0 };
    let gains: HashMap<u16, f64> = event_gains(file)?.into_iter().collect();
    let restarts = version >= (2, 3);
    let second = u64::from(u32_at(&basic, 20));

    let mut units: Vec<(u16, u8)> = Vec::new();
    let mut events = Vec::new();
    let mut told = Events::default();
    let mut starts: Vec<Option<u64>> = vec![None];
    let mut last = 0;
    for_each_record(file, u64::from(header_bytes)..file.file.size_bytes(), packet_bytes, |packet| {
        let stamp = if stamp_bytes == 8 { u64_at(packet, 0) } else { u64::from(u32_at(packet, 0)) };
        let (kind, rest) = (u16_at(packet, stamp_bytes), &packet[stamp_bytes + 2..]);
        let is_spike = ELECTRODES.contains(&kind);
        let is_restart = kind == COMMENT && rest.get(6..).is_some_and(|text| text.starts_with(RESTART));
        // Packets of different kinds are some frames out of order; a clock that starts again is not.
        if restarts && (is_restart || stamp.saturating_add(second) < last) {
            if starts.len() < MAX_SEGMENTS {
                starts.push(None);
            }
            last = 0;
        }
        if let Some(start) = starts.last_mut() {
            *start = Some(start.unwrap_or(stamp).min(stamp));
        }
        last = last.max(stamp);
        if is_spike {
            units.push((kind, rest[0]));
            events.push((starts.len() - 1, stamp, peak(&rest[2..])));
        }
        let found = match kind {
            DIGITAL => Some((input(rest[0]), u16_at(rest, 2).to_string())),
            COMMENT => Some(("comments".into(), comment(rest))),
            _ => None,
        };
        if let Some((source, label)) = found {
            #[expect(clippy::cast_precision_loss, reason = "a time for people")]
            let time_s = stamp as f64 / clock_hz;
            told.push(Event { segment: starts.len() - 1, time_s, duration_s: 0.0, source, label });
        }
    })?;
    let mut known = units.clone();
    known.sort_unstable();
    known.dedup();
    let ids = known.iter().map(|(electrode, unit)| format!("ch{electrode}#{unit}")).collect();
    let mut info = uniform("nev", clock_hz / ticks_per_frame, SampleType::Int16, ids, 1.0);
    let starts: Vec<u64> = starts.iter().map(|start| if is_world_clock { start.unwrap_or(0) } else { 0 }).collect();
    #[expect(clippy::cast_precision_loss, reason = "a time for people")]
    let segment = |start: &u64| SegmentInfo { n_frames: 0, t_start_s: *start as f64 / clock_hz };
    info.segments = starts.iter().map(segment).collect();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "stamps of a recording; amplitudes are kept in f32"
    )]
    let spike = |((electrode, unit), (segment, stamp, peak)): (&(u16, u8), &(usize, u64, i16))| Spike {
        segment_index: u16::try_from(*segment).unwrap_or(u16::MAX),
        sample_index: ((stamp - starts[*segment]) as f64 / ticks_per_frame).round() as i64,
        channel_index: known.binary_search(&(*electrode, *unit)).map_or(u32::MAX, |at| at as u32),
        amplitude_uv: (f64::from(*peak) * gains.get(electrode).copied().unwrap_or(0.25)) as f32,
    };
    let spikes = units.iter().zip(&events).map(spike).collect();
    Ok((StoredSpikes::new(info, spikes, "the recording system, while it recorded".into()), told))
}
