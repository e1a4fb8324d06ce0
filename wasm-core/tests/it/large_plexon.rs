//! A Plexon file of 12 GB, which exists only where it is looked at.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "fields of the format, ticks, and samples that may wrap"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasm_core::formats::open;
use wasm_core::io::{FileSet, NamedFile, ReadAt};
use wasm_core::recording::Recording;

const CHANNELS: u64 = 8;
/// Samples of a block, and the blocks of each channel in a round.
const SAMPLES: u64 = 250;
const BLOCKS: u64 = 4;
const ROUND_FRAMES: u64 = SAMPLES * BLOCKS;
/// Rounds with few spikes between the signals, then as many with many.
const HALF: u64 = 320_000;
const SPIKES: [[u64; 4]; 2] = [[0, 3, 1, 7], [40, 0, 25, 60]];
const SPIKE_SAMPLES: u64 = 32;
const HEADER: u64 = 7504 + 1020 + CHANNELS * 296;

const fn block_bytes(n_samples: u64) -> u64 {
    16 + 2 * n_samples
}

fn round_bytes(half: usize) -> u64 {
    BLOCKS * CHANNELS * block_bytes(SAMPLES) + SPIKES[half].iter().sum::<u64>() * block_bytes(SPIKE_SAMPLES)
}

fn sample(channel: u64, frame: u64) -> [u8; 2] {
    ((frame * 31 + channel * 7) as u16).to_le_bytes()
}

fn block(kind: u16, stamp: u64, channel: u64, n_samples: u64) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend(((stamp >> 32) as u16).to_le_bytes());
    bytes.extend((stamp as u32).to_le_bytes());
    for value in [channel as u16, 0, 1, n_samples as u16] {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

#[derive(Default)]
struct Virtual {
    header: Vec<u8>,
    /// Rounds before which nothing was recorded, and for how many ticks.
    pauses: Vec<(u64, u64)>,
    /// Clock ticks of a sample, as the recording system knew them.
    sample_ticks: f64,
    /// Number of the first channel.
    first_number: u64,
    /// Changes a byte here and there behind the header.
    is_damaged: bool,
    n_read: Arc<AtomicU64>,
}

impl Virtual {
    fn new() -> Self {
        Self::of(0, 40_000, 1.0)
    }

    /// Channels from a number on, of a rate that the header gives as a whole number.
    fn of(first_number: u64, rate_hz: u32, sample_ticks: f64) -> Self {
        let mut header = vec![0; HEADER as usize];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"PLEX");
        for (at, value) in [(4, 106_u32), (136, 40_000), (140, 1), (144, 0), (148, CHANNELS as u32)] {
            put(at, &value.to_le_bytes());
        }
        put(202, &[16, 16]);
        for at in [204, 206, 208] {
            put(at, &1000_u16.to_le_bytes());
        }
        put(7504, b"sig001");
        put(7504 + 64, &1_u16.to_le_bytes());
        for channel in 0..CHANNELS {
            // Samples are counted by channel number, where there is room.
            let number = first_number + channel;
            if number < 212 {
                put(5456 + 4 * (300 + number as usize), &((2 * HALF * ROUND_FRAMES) as u32).to_le_bytes());
            }
            let at = 7504 + 1020 + 296 * channel as usize;
            put(at, format!("WB{:02}", channel + 1).as_bytes());
            put(at + 32, &(number as u16).to_le_bytes());
            for (at, value) in [(at + 36, rate_hz), (at + 40, 1), (at + 48, 1)] {
                put(at, &value.to_le_bytes());
            }
        }
        Self { header, sample_ticks, first_number, ..Self::default() }
    }

    fn named(self, path: &str) -> FileSet {
        FileSet::new(vec![NamedFile { path: path.into(), file: Arc::new(self) }])
    }

    fn round(&self, round: u64) -> Vec<u8> {
        let half = usize::from(round >= HALF);
        let paused: u64 = self.pauses.iter().filter(|(at, _)| *at <= round).map(|(_, ticks)| ticks).sum();
        let mut bytes = Vec::new();
        for (part, n_spikes) in (0..BLOCKS).zip(SPIKES[half]) {
            let first = round * ROUND_FRAMES + part * SAMPLES;
            let stamp = (first as f64 * self.sample_ticks) as u64 + paused;
            for channel in 0..CHANNELS {
                bytes.extend(block(5, stamp, self.first_number + channel, SAMPLES));
                bytes.extend((first..first + SAMPLES).flat_map(|frame| sample(channel, frame)));
            }
            for spike in 0..n_spikes {
                bytes.extend(block(1, stamp + spike, 1, SPIKE_SAMPLES));
                bytes.extend((0..SPIKE_SAMPLES).flat_map(|at| sample(at, spike)));
            }
        }
        bytes
    }
}

impl ReadAt for Virtual {
    fn size_bytes(&self) -> u64 {
        HEADER + HALF * (round_bytes(0) + round_bytes(1))
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.n_read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        let (mut at, mut filled) = (offset, 0);
        while filled < buffer.len() {
            let (bytes, begins) = if at < HEADER {
                (self.header.clone(), 0)
            } else {
                let (half, start) = [(1, HEADER + HALF * round_bytes(0)), (0, HEADER)]
                    .into_iter()
                    .find(|(_, start)| at >= *start)
                    .expect("behind the header");
                let within = (at - start) / round_bytes(half);
                (self.round(half as u64 * HALF + within), start + within * round_bytes(half))
            };
            let from = &bytes[(at - begins) as usize..];
            let n = from.len().min(buffer.len() - filled);
            buffer[filled..filled + n].copy_from_slice(&from[..n]);
            filled += n;
            at += n as u64;
        }
        if self.is_damaged {
            for (at, byte) in (offset..).zip(buffer).filter(|(at, _)| *at > HEADER && at % 50_021 == 0) {
                *byte ^= (at / 50_021) as u8;
            }
        }
        Ok(())
    }
}

#[test]
fn a_large_file_is_opened_by_its_ends_and_read_where_it_is_asked() {
    let n_read = Arc::new(AtomicU64::new(0));
    let file = Virtual { n_read: Arc::clone(&n_read), ..Virtual::new() };
    assert!(file.size_bytes() > 12_000_000_000);
    let recording = open(&file.named("large.plx")).expect("opens");
    assert!(n_read.load(Ordering::Relaxed) < 8 << 20, "{n_read:?} bytes to open it");
    assert_eq!((recording.streams.len(), recording.notes.len()), (1, 1));
    let stream = &recording.streams[0];
    let info = stream.info();
    let n_frames = 2 * HALF * ROUND_FRAMES;
    assert_eq!((info.n_channels, info.segments.len(), info.segments[0].n_frames), (8, 1, n_frames));
    // A second at each place, first far from anything that was met.
    for start in [n_frames / 3, n_frames - 40_000, 0, 17, n_frames / 2 - 20_000, n_frames / 3 + 40_000, 123_457] {
        n_read.store(0, Ordering::Relaxed);
        let found = stream.read(0, start, 40_000).expect("reads").into_planar().bytes;
        let read = n_read.load(Ordering::Relaxed);
        let expected: Vec<u8> = (0..CHANNELS)
            .flat_map(|channel| (start..start + 40_000).flat_map(move |frame| sample(channel, frame)))
            .collect();
        assert!(found == expected, "other samples at {start}");
        assert!(read <= 4 * found.len() as u64 + (256 << 10), "{read} bytes for the second at {start}");
    }
}

/// A long pause, one where spikes become frequent, and two close to each other, the second of
/// which keeps step with the blocks before it.
#[test]
fn pauses_of_a_large_file_are_found_without_walking_it() {
    let pauses = vec![(4321, 2_400_123), (HALF, 200_017), (HALF + 400, 1_000_003), (HALF + 403, 80_000)];
    let n_read = Arc::new(AtomicU64::new(0));
    let file = Virtual { n_read: Arc::clone(&n_read), pauses: pauses.clone(), ..Virtual::new() };
    let recording = open(&file.named("paused.plx")).expect("opens");
    assert!(n_read.load(Ordering::Relaxed) < 8 << 20, "{n_read:?} bytes to open it");
    let stream = &recording.streams[0];
    let starts: Vec<u64> = std::iter::once(0).chain(pauses.iter().map(|(round, _)| *round)).collect();
    let ends = starts[1..].iter().copied().chain([2 * HALF]);
    let mut paused = 0;
    for (segment, (start, end)) in starts.iter().zip(ends).enumerate() {
        let info = &stream.info().segments[segment];
        let n_frames = (end - start) * ROUND_FRAMES;
        let t_start_s = (start * ROUND_FRAMES + paused) as f64 / 40_000.0;
        assert_eq!(info.n_frames, n_frames, "frames of segment {segment}");
        assert!((info.t_start_s - t_start_s).abs() < 1e-9, "{info:?} at {t_start_s} s");
        paused += pauses.get(segment).map_or(0, |(_, ticks)| *ticks);
        for from in [0, n_frames / 2, n_frames - 1000] {
            let found = stream.read(segment, from, 1000).expect("reads").into_planar().bytes;
            let first = start * ROUND_FRAMES + from;
            let expected: Vec<u8> = (0..CHANNELS)
                .flat_map(|channel| (first..first + 1000).flat_map(move |at| sample(channel, at)))
                .collect();
            assert!(found == expected, "other samples in segment {segment} at {from}");
        }
    }
    assert_eq!(stream.info().segments.len(), pauses.len() + 1);
}

/// A rate of 24,414.0625 Hz, which is 24,414 in the header; signals of which half are beyond what
/// the header counts, with a pause and without.
#[test]
fn what_the_header_cannot_say_is_measured() {
    let n_frames = 2 * HALF * ROUND_FRAMES;
    for (file, name, n_segments) in [
        (Virtual::of(0, 24_414, 1.6384), "rounded rate", 1),
        (Virtual::of(208, 40_000, 1.0), "many signals", 1),
        (Virtual { pauses: vec![(HALF / 3, 77_777)], ..Virtual::of(208, 40_000, 1.0) }, "many signals, paused", 2),
    ] {
        let n_read = Arc::clone(&file.n_read);
        let recording = open(&file.named("large.plx")).expect("opens");
        assert!(n_read.load(Ordering::Relaxed) < 8 << 20, "{n_read:?} bytes to open it: {name}");
        assert_eq!(recording.streams.len(), 1, "{name}");
        let stream = &recording.streams[0];
        assert_eq!((stream.info().n_channels, stream.info().segments.len()), (8, n_segments), "{name}");
        let mut begin = 0;
        for (segment, info) in stream.info().segments.iter().enumerate() {
            for start in [0, info.n_frames / 7 * 3, info.n_frames - 3000] {
                let found = stream.read(segment, start, 3000).expect("reads").into_planar().bytes;
                let first = begin + start;
                let expected: Vec<u8> = (0..CHANNELS)
                    .flat_map(|channel| (first..first + 3000).flat_map(move |frame| sample(channel, frame)))
                    .collect();
                assert!(found == expected, "other samples at {start} of segment {segment}: {name}");
            }
            begin += info.n_frames;
        }
        assert_eq!(begin, n_frames, "{name}");
    }
}

/// Two short pauses that together are as long as what a rounded rate may hide.
#[test]
fn short_pauses_are_not_taken_for_a_rounded_rate() {
    let pauses = vec![(HALF / 2, 130), (HALF + 99, 1_130)];
    let recording = open(&Virtual { pauses, ..Virtual::new() }.named("paused.plx")).expect("opens");
    let frames: Vec<u64> = recording.streams[0].info().segments.iter().map(|segment| segment.n_frames).collect();
    let rounds = [HALF / 2, HALF / 2 + 99, HALF - 99];
    assert_eq!(frames, rounds.map(|n| n * ROUND_FRAMES));
}

#[test]
fn damage_in_a_large_file_is_no_panic() {
    for pauses in [Vec::new(), vec![(777, 90_000)]] {
        let file = Virtual { is_damaged: true, pauses, ..Virtual::new() };
        let Ok(recording) = open(&file.named("damaged.plx")) else { continue };
        read_here_and_there(&recording);
    }
}

/// An error, or what is left of the samples.
fn read_here_and_there(recording: &Recording) {
    for stream in &recording.streams {
        for (segment, found) in stream.info().segments.iter().enumerate().take(20) {
            for start in [0, found.n_frames / 3, found.n_frames / 2, found.n_frames.saturating_sub(20_000)] {
                let n_frames = usize::try_from(found.n_frames - start).expect("fits").min(20_000);
                drop(stream.read(segment, start, n_frames));
            }
        }
    }
}
