//! Plexon `.plx`, versions 100 to 107: spikes by channel and unit, continuous signals, events.
//!
//! Blocks of all channels follow one another and tell their own length, so the file is walked
//! from end to end when it is opened.

mod continuous;

use std::collections::BTreeMap;

use super::interleaved::uniform;
use super::text_header::{bytes, head, latin1, peak, u16_at, u32_at};
use super::{Attempt, OpenError, Recording};
use crate::events::{Event, Events};
use crate::io::{FileSet, NamedFile};
use crate::recording::{SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;
use continuous::Track;

const MAGIC: &[u8; 4] = b"PLEX";
/// Lengths of the header, and of the descriptions of channels behind it.
const HEADER_BYTES: usize = 7504;
const SPIKE_CHANNEL_BYTES: usize = 1020;
const OTHER_CHANNEL_BYTES: usize = 296;
/// Channels that a file may have before it is taken for damaged.
const MAX_CHANNELS: u32 = 4096;
/// What stands before a block's samples, and the kinds of blocks.
const BLOCK_BYTES: usize = 16;
const SPIKE: u16 = 1;
const EVENT: u16 = 4;
const CONTINUOUS: u16 = 5;
/// Bytes that are read at a time.
const STEP_BYTES: u64 = 1 << 20;

/// Opens the first Plexon file of a drop.
pub fn open(files: &FileSet) -> Attempt {
    files.iter().find(|file| head::<4>(file).is_some_and(|head| head == *MAGIC)).map(open_file)
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
        table.chunks_exact(OTHER_CHANNEL_BYTES).map(|entry| (u16_at(entry, 32), latin1(&entry[..32]))).collect();
    let after_spikes = after_channels + table.len() as u64;
    let table = bytes(file, after_spikes, n_slow as usize * OTHER_CHANNEL_BYTES)?;
    let slow = table.chunks_exact(OTHER_CHANNEL_BYTES).map(|entry| Track::read(entry, &header));
    // Signals keep the order of their descriptions.
    let (numbers, mut tracks): (Vec<u16>, Vec<Track>) = slow.unzip();
    let track_of: BTreeMap<u16, usize> = numbers.into_iter().zip(0..).collect();

    let mut units: BTreeMap<(u16, u16), Vec<(i64, i16)>> = BTreeMap::new();
    let mut events = Events::default();
    for_each_block(file, after_spikes + table.len() as u64, |block, place, samples| {
        let stamp = i64::from(u16_at(block, 2)) << 32 | i64::from(u32_at(block, 4));
        let channel = u16_at(block, 8);
        match u16_at(block, 0) {
            SPIKE => units.entry((channel, u16_at(block, 10))).or_default().push((stamp, peak(samples))),
            #[expect(clippy::cast_precision_loss, reason = "ticks of a recording")]
            EVENT => events.push(Event {
                segment: 0,
                time_s: stamp as f64 / clock_hz,
                duration_s: 0.0,
                source: sources.get(&channel).cloned().unwrap_or_else(|| channel.to_string()),
                label: u16_at(block, 10).to_string(),
            }),
            CONTINUOUS if !samples.is_empty() => {
                if let Some(at) = track_of.get(&channel) {
                    tracks[*at].push(stamp, place, samples.len() as u64 / 2);
                }
            }
            _ => {}
        }
    })?;
    // A channel of one unit keeps its plain name.
    let n_units = |channel: u16| units.range((channel, 0)..=(channel, u16::MAX)).count();
    let id = |(channel, unit): &(u16, u16)| {
        let name = channels.get(channel).map_or_else(|| channel.to_string(), |channel| channel.name.clone());
        if n_units(*channel) > 1 { format!("{name}#{unit}") } else { name }
    };
    let mut info = uniform("spikes", clock_hz, SampleType::Int16, units.keys().map(id).collect(), 1.0);
    info.segments = vec![SegmentInfo { n_frames: 0, t_start_s: 0.0 }];
    let mut spikes = Vec::new();
    for (channel_index, ((channel, _), own)) in (0..).zip(&units) {
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
    let mut recording = Recording::of_streams("plexon", continuous::streams(file, tracks, clock_hz)?);
    let found = StoredSpikes::new(info, spikes, "the recording system, while it recorded".into());
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
        (u16_at(entry, 64), Self { name: latin1(&entry[..32]), gain_to_uv: mv * 1000.0 })
    }
}

/// Shows each whole block: its header, and where its samples are and what they are.
fn for_each_block(file: &NamedFile, first: u64, mut show: impl FnMut(&[u8], u64, &[u8])) -> Result<(), OpenError> {
    let size_bytes = file.file.size_bytes();
    let mut at = first;
    while at + BLOCK_BYTES as u64 <= size_bytes {
        let piece = bytes(file, at, usize::try_from(STEP_BYTES.min(size_bytes - at)).unwrap_or(usize::MAX))?;
        let mut within = 0;
        while let Some(block) = piece.get(within..within + BLOCK_BYTES) {
            let n_samples = usize::from(u16_at(block, 12)) * usize::from(u16_at(block, 14));
            let Some(samples) = piece.get(within + BLOCK_BYTES..within + BLOCK_BYTES + 2 * n_samples) else { break };
            show(block, at + (within + BLOCK_BYTES) as u64, samples);
            within += BLOCK_BYTES + 2 * n_samples;
        }
        if within == 0 {
            // A block that is longer than a piece, or the file's cut end: neither holds a spike.
            let n_samples = u64::from(u16_at(&piece, 12)) * u64::from(u16_at(&piece, 14));
            within = BLOCK_BYTES;
            at = at.saturating_add(2 * n_samples);
        }
        at += within as u64;
    }
    Ok(())
}
