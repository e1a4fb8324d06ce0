//! Blackrock `.ns1` to `.ns6`, specification 2.1 to 3.0, with the spikes of the `.nev` beside.
//!
//! Data packets are segments: a pause ends one. Files with a clock per sample (precision
//! time protocol) are cut where the clock jumps.

use super::blackrock_events::{self, is_events};
use super::interleaved::{Interleaved, RowLayout, SegmentFile, uniform};
use super::text_header::{bytes, ending, head, latin1, u16_at, u32_at, u64_at};
use super::{Attempt, OpenError, Recording};
use crate::events::Events;
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo};
use crate::sample::SampleType;

/// Rate of the system's clock, of which every stream's rate is a fraction.
const CLOCK_HZ: f64 = 30_000.0;
/// Fixed part of a header since 2.2, and each channel's part.
const BASIC_BYTES: usize = 314;
const CHANNEL_BYTES: usize = 66;
/// Microvolts of a step where a 2.1 file has no `.nev` beside it: what the amplifiers are set to.
const DEFAULT_GAIN_UV: f64 = 0.25;
/// What a `.nev` file holds for analogue inputs, and the nanovolts that are meant.
const OVERFLOWN: u16 = 21_516;
const ANALOG_INPUT_NV: f64 = 152_592.547;
/// Packets that a file may have before it is taken for damaged.
const MAX_PACKETS: usize = 1 << 16;

/// Opens the `.nsx` files of a drop, the fastest first.
pub fn open(files: &FileSet) -> Attempt {
    let ours: Vec<&NamedFile> = files.iter().filter(|file| version(file).is_some()).collect();
    let events = files.iter().find(|file| is_events(file));
    if ours.is_empty() && events.is_none() {
        return None;
    }
    let streams: Result<Vec<_>, OpenError> = ours.iter().map(|file| open_file(file, files)).collect();
    Some(streams.and_then(|mut streams| {
        streams.sort_by(|a, b| b.info().sampling_frequency_hz.total_cmp(&a.info().sampling_frequency_hz));
        let found = events.map(blackrock_events::open).transpose()?;
        let (spikes, events) = match (found, streams.first()) {
            (Some((spikes, events)), Some(stream)) => {
                // Where the clock began anew the events have segments of their own.
                let is_one = spikes.info.segments.len() == 1;
                let events = if is_one { events.in_segments_of(stream.info()) } else { events };
                (Some(spikes.in_segments_of(stream.info())), events)
            }
            (found, _) => found.map_or((None, Events::default()), |(spikes, events)| (Some(spikes), events)),
        };
        Ok(Recording { spikes, ..Recording::of_streams("blackrock", streams) }.with_events(events))
    }))
}

/// Major version of the layout: 2.1 has another header than what followed.
fn version(file: &NamedFile) -> Option<Layout> {
    match &head::<8>(file)? {
        b"NEURALSG" => Some(Layout::Old),
        b"NEURALCD" => Some(Layout::Packets { stamp_bytes: 4 }),
        b"BRSMPGRP" => Some(Layout::Packets { stamp_bytes: 8 }),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Layout {
    Old,
    Packets { stamp_bytes: u64 },
}

fn open_file(file: &NamedFile, files: &FileSet) -> Result<Box<dyn FrameSource>, OpenError> {
    match version(file) {
        Some(Layout::Packets { stamp_bytes }) => packets(file, stamp_bytes),
        _ => old(file, files),
    }
}

fn name(file: &NamedFile) -> String {
    format!("nsx{}", ending(file).trim_start_matches("ns"))
}

fn old(file: &NamedFile, files: &FileSet) -> Result<Box<dyn FrameSource>, OpenError> {
    let basic = bytes(file, 0, 32)?;
    let period = u32_at(&basic, 24);
    let n_channels = u32_at(&basic, 28) as usize;
    if period == 0 || n_channels == 0 || n_channels > usize::from(u16::MAX) {
        return Err(OpenError::field(
            &file.path,
            "period and channel count",
            format!("{period} and {n_channels}"),
            "both above zero",
        ));
    }
    let list = bytes(file, 32, 4 * n_channels)?;
    let ids: Vec<u32> = (0..n_channels).map(|at| u32_at(&list, 4 * at)).collect();
    let mut info = uniform(
        &name(file),
        CLOCK_HZ / f64::from(period),
        SampleType::Int16,
        ids.iter().map(u32::to_string).collect(),
        DEFAULT_GAIN_UV,
    );
    let same_stem = |other: &&NamedFile| {
        ending(other) == "nev" && other.path.rsplit_once('.').map(|p| p.0) == file.path.rsplit_once('.').map(|p| p.0)
    };
    if let Some(events) = files.iter().find(same_stem) {
        let gains = event_gains(events)?;
        for (gain, id) in info.gain_to_uv.iter_mut().zip(&ids) {
            if let Some((_, found)) = gains.iter().find(|(known, _)| u32::from(*known) == *id) {
                *gain = *found;
            }
        }
    }
    let segment =
        SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: 32 + 4 * n_channels as u64 };
    // neo leaves the last frame out, which an interrupted recording cuts.
    let n_frames = segment.n_frames(2 * n_channels).saturating_sub(1);
    info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
    Ok(Box::new(Interleaved::whole(info, vec![segment])))
}

/// Microvolts of a step for each electrode, from the `NEUEVWAV` headers of a `.nev` file.
pub(super) fn event_gains(file: &NamedFile) -> Result<Vec<(u16, f64)>, OpenError> {
    const EXTENDED_BYTES: usize = 32;
    let basic = bytes(file, 0, 336)?;
    let n_extended = (u32_at(&basic, 332) as usize).min(1 << 16);
    let table = bytes(file, 336, n_extended * EXTENDED_BYTES)?;
    let waves = table.chunks_exact(EXTENDED_BYTES).filter(|entry| entry.starts_with(b"NEUEVWAV"));
    // Nanovolts of a step follow the electrode, the connector and its pin. Analogue inputs
    // overflow the field; the vendor's own loader knows the value that is meant.
    let nanovolts = |stored: u16| if stored == OVERFLOWN { ANALOG_INPUT_NV } else { f64::from(stored) };
    Ok(waves.map(|entry| (u16_at(entry, 8), nanovolts(u16_at(entry, 12)) / 1000.0)).collect())
}

fn packets(file: &NamedFile, stamp_bytes: u64) -> Result<Box<dyn FrameSource>, OpenError> {
    let basic = bytes(file, 0, BASIC_BYTES)?;
    let header_bytes = u64::from(u32_at(&basic, 10));
    let (period, resolution_hz, n_channels) = (u32_at(&basic, 286), u32_at(&basic, 290), u32_at(&basic, 310) as usize);
    if period == 0 || resolution_hz == 0 || n_channels == 0 || n_channels > usize::from(u16::MAX) {
        let found = format!("{period}, {resolution_hz} and {n_channels}");
        return Err(OpenError::field(&file.path, "period, clock and channel count", found, "all above zero"));
    }
    let table = bytes(file, BASIC_BYTES as u64, n_channels * CHANNEL_BYTES)?;
    let channels: Vec<&[u8]> = table.chunks_exact(CHANNEL_BYTES).collect();
    let ids = channels.iter().map(|channel| u16_at(channel, 2).to_string()).collect();
    let rate_hz = CLOCK_HZ / f64::from(period);
    let mut info = uniform(&name(file), rate_hz, SampleType::Int16, ids, 1.0);
    for (at, channel) in channels.iter().enumerate() {
        (info.gain_to_uv[at], info.offset_to_uv[at]) = scaling(channel);
    }
    let clock =
        Clock { rate_hz, resolution_hz: f64::from(resolution_hz), stamp_bytes, row_bytes: 2 * n_channels as u64 };
    let found = clock.segments(file, header_bytes)?;
    info.segments = found.iter().map(|segment| segment.info.clone()).collect();
    let files = found
        .iter()
        .map(|segment| SegmentFile {
            path: file.path.clone(),
            file: file.file.clone(),
            offset_bytes: segment.first_byte,
        })
        .collect();
    let prefix = if found.iter().any(|segment| segment.one_sample_packets) { clock.header_bytes() } else { 0 };
    let rows = RowLayout::new(prefix, n_channels, 0..n_channels, SampleType::Int16);
    Ok(Box::new(Interleaved::with_rows(info, files, rows)))
}

/// Microvolts of a step and of a stored zero.
fn scaling(channel: &[u8]) -> (f64, f64) {
    let limit = |at: usize| f64::from(u16_at(channel, at).cast_signed());
    let (low, high, analog_low, analog_high) = (limit(22), limit(24), limit(26), limit(28));
    let unit_uv = if latin1(&channel[30..46]).starts_with("mV") { 1000.0 } else { 1.0 };
    if high == low {
        return (unit_uv, 0.0);
    }
    let gain = (analog_high - analog_low) / (high - low);
    (gain * unit_uv, (analog_low - low * gain) * unit_uv)
}

/// Timestamps of packets.
struct Clock {
    rate_hz: f64,
    resolution_hz: f64,
    stamp_bytes: u64,
    row_bytes: u64,
}

struct Segment {
    info: SegmentInfo,
    first_byte: u64,
    one_sample_packets: bool,
}

impl Clock {
    /// One byte of kind, the timestamp, the number of samples.
    const fn header_bytes(&self) -> u64 {
        1 + self.stamp_bytes + 4
    }

    /// Timestamp and number of samples of the packet at a byte.
    fn packet(&self, file: &NamedFile, at: u64) -> Result<(u64, u64), OpenError> {
        let header = bytes(file, at, usize::try_from(self.header_bytes()).unwrap_or(13))?;
        if header[0] != 1 {
            return Err(OpenError::field(
                &file.path,
                &format!("byte {at}"),
                header[0],
                "1, which begins a data packet",
            ));
        }
        let stamp = if self.stamp_bytes == 8 { u64_at(&header, 1) } else { u64::from(u32_at(&header, 1)) };
        Ok((stamp, u64::from(u32_at(&header, usize::try_from(1 + self.stamp_bytes).unwrap_or(9)))))
    }

    #[expect(clippy::cast_precision_loss, reason = "clock ticks")]
    fn segments(&self, file: &NamedFile, start: u64) -> Result<Vec<Segment>, OpenError> {
        let size = file.file.size_bytes();
        let mut at = start;
        let mut found = Vec::new();
        while at + self.header_bytes() <= size {
            let (stamp, n_samples) = self.packet(file, at)?;
            let first_byte = at + self.header_bytes();
            let available = (size - first_byte) / self.row_bytes;
            if n_samples == 1 && available > 1 && self.packet(file, first_byte + self.row_bytes).is_ok() {
                return self.per_sample(file, start);
            }
            // An interrupted recording leaves the count at zero or beyond the end.
            let n_frames = if n_samples == 0 { available } else { n_samples.min(available) };
            let info = SegmentInfo { n_frames, t_start_s: stamp as f64 / self.resolution_hz };
            found.push(Segment { info, first_byte, one_sample_packets: false });
            if found.len() > MAX_PACKETS {
                return Err(OpenError::field(
                    &file.path,
                    "data packets",
                    found.len(),
                    format!("at most {MAX_PACKETS}"),
                ));
            }
            at = first_byte + n_frames * self.row_bytes;
        }
        found.retain(|segment| segment.info.n_frames > 0);
        Ok(found)
    }

    /// Packets of one sample each: a segment ends where the clock jumps, found by halving.
    #[expect(clippy::cast_precision_loss, reason = "clock ticks")]
    fn per_sample(&self, file: &NamedFile, start: u64) -> Result<Vec<Segment>, OpenError> {
        let packet_bytes = self.header_bytes() + self.row_bytes;
        let n = (file.file.size_bytes() - start) / packet_bytes;
        let stamp = |at: u64| self.packet(file, start + at * packet_bytes).map(|(stamp, _)| stamp);
        let mut starts = vec![0];
        self.split(file, (0, stamp(0)?), (n - 1, stamp(n - 1)?), &stamp, &mut starts)?;
        let segment = |(at, first): (usize, &u64)| {
            let end = starts.get(at + 1).copied().unwrap_or(n);
            let info = SegmentInfo { n_frames: end - first, t_start_s: stamp(*first)? as f64 / self.resolution_hz };
            Ok(Segment { info, first_byte: start + first * packet_bytes, one_sample_packets: true })
        };
        starts.iter().enumerate().map(segment).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "clock ticks")]
    fn split(
        &self,
        file: &NamedFile,
        from: (u64, u64),
        to: (u64, u64),
        stamp: &impl Fn(u64) -> Result<u64, OpenError>,
        starts: &mut Vec<u64>,
    ) -> Result<(), OpenError> {
        let ticks = self.resolution_hz / self.rate_hz;
        let expected = (to.0 - from.0) as f64 * ticks;
        let elapsed = to.1 as f64 - from.1 as f64;
        // Half a sample, and the drift between two crystals.
        if (elapsed - expected).abs() <= ticks * 0.5 + expected * 1e-4 && to.0 - from.0 != 1 || to.0 <= from.0 {
            return Ok(());
        }
        if starts.len() > MAX_PACKETS {
            let found = format!("more than {MAX_PACKETS} jumps of the clock");
            return Err(OpenError::field(&file.path, "timestamps", found, "a clock that runs on"));
        }
        if to.0 - from.0 == 1 {
            if (elapsed - expected).abs() > ticks {
                starts.push(to.0);
            }
            return Ok(());
        }
        let middle = u64::midpoint(from.0, to.0);
        let middle = (middle, stamp(middle)?);
        self.split(file, from, middle, stamp, starts)?;
        self.split(file, middle, to, stamp, starts)
    }
}
