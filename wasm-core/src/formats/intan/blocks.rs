//! The one-file layout: blocks of 60 or 128 frames, in each the signals channel by channel.

use super::describe;
use super::header::{Header, Kind};
use crate::formats::OpenError;
use crate::formats::clock::{self, Counts};
use crate::formats::interleaved::unpack_bits;
use crate::io::{NamedFile, SharedFile};
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

/// Frames after which the clock begins again: it has 32 bits.
pub const CLOCK_WRAPS_AT: u64 = 1 << 32;

/// Where a stream's samples lie inside a block.
struct BlockStream {
    info: StreamInfo,
    /// Where the blocks of each segment are.
    segments: Vec<Vec<Run>>,
    block_bytes: u64,
    /// Bytes from the block's start to this stream.
    within_bytes: usize,
    /// Samples of a channel per block.
    samples: usize,
    /// Digital lines: one word per frame, these bits.
    bits: Option<Vec<u8>>,
    is_stim: bool,
}

/// The timestamps between which a file lies, the latter not included.
pub struct Clock {
    pub start: i64,
    pub end: i64,
}

/// The clock of a file.
pub fn clock(file: &NamedFile, header: &Header) -> Result<Clock, OpenError> {
    let (_, block_bytes) = layout(header);
    let n_blocks = n_blocks(file, header, block_bytes)?;
    let stamp = |block: u64| timestamp(file, header, block, block_bytes).map(i64::from);
    let block_frames = i64::try_from(header.block_frames()).unwrap_or(i64::MAX);
    Ok(Clock { start: stamp(0)?, end: stamp(n_blocks - 1)?.saturating_add(block_frames) })
}

/// The kinds in a block, each with the byte at which it begins and the samples of a channel; and
/// the bytes of a block.
fn layout(header: &Header) -> (Vec<(Kind, usize, usize)>, u64) {
    let block_frames = header.block_frames();
    let mut within_bytes = 4 * block_frames;
    let mut layouts = Vec::new();
    for kind in header.kinds_in_block() {
        let channels = header.of(kind);
        let samples = match kind {
            Kind::Auxiliary => block_frames / 4,
            Kind::Supply | Kind::Temperature => 1,
            _ => block_frames,
        };
        let digital = matches!(kind, Kind::DigitalIn | Kind::DigitalOut);
        let columns = if digital { 1 } else { channels.len() };
        layouts.push((kind, within_bytes, samples));
        within_bytes += 2 * samples * columns;
    }
    (layouts, within_bytes as u64)
}

/// Whole blocks behind the header; a file without any is refused.
fn n_blocks(file: &NamedFile, header: &Header, block_bytes: u64) -> Result<u64, OpenError> {
    let data_bytes = file.file.size_bytes().saturating_sub(header.size_bytes);
    let n_blocks = data_bytes / block_bytes;
    if n_blocks > 0 {
        return Ok(n_blocks);
    }
    let expected = format!("at least one block of {block_bytes} bytes after the header");
    Err(OpenError::field(&file.path, "data", format!("{data_bytes} bytes"), expected))
}

/// Says that a file ends in the middle of a block, if it does.
pub fn cut_note(file: &NamedFile, header: &Header) -> Option<String> {
    let left_over = file.file.size_bytes().saturating_sub(header.size_bytes) % layout(header).1;
    let note = || format!("{} is cut in the middle of a block: its last {left_over} bytes are left out.", file.path);
    (left_over > 0).then(note)
}

/// Timestamp of a block's first frame.
fn timestamp(file: &NamedFile, header: &Header, block: u64, block_bytes: u64) -> Result<i32, OpenError> {
    let mut bytes = [0; 4];
    let at = header.size_bytes + block * block_bytes;
    file.file.read_exact_at(at, &mut bytes).map_err(OpenError::io(&file.path))?;
    Ok(i32::from_le_bytes(bytes))
}

/// The streams of a session's files, in order; all headers go together.
pub fn streams(
    parts: &[(&NamedFile, Header)],
    notes: &mut Vec<String>,
) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    let header = &parts[0].1;
    let block_frames = header.block_frames();
    let (mut layouts, block_bytes) = layout(header);
    let mut found = Vec::new();
    for (file, header) in parts {
        found.extend(runs(file, header, n_blocks(file, header, block_bytes)?, block_bytes, notes)?);
    }
    let segments = joined(found, block_frames as u64);
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    layouts.sort_by_key(|(kind, _, _)| *kind);
    for (kind, within_bytes, samples) in layouts {
        let channels = header.of(kind);
        let mut info = describe(header, kind, &channels, false);
        let rate_hz = header.rate_hz(Kind::Amplifier);
        let segment = |runs: &Vec<Run>| SegmentInfo {
            n_frames: runs.iter().map(|run| run.n_blocks).sum::<u64>() * samples as u64,
            t_start_s: runs[0].timestamp / rate_hz,
        };
        info.segments = segments.iter().map(segment).collect();
        let digital = matches!(kind, Kind::DigitalIn | Kind::DigitalOut);
        streams.push(Box::new(BlockStream {
            info,
            segments: segments.clone(),
            block_bytes,
            within_bytes,
            samples,
            bits: digital
                .then(|| channels.iter().map(|channel| u8::try_from(channel.native_order).unwrap_or(0)).collect()),
            is_stim: kind == Kind::Stim,
        }));
    }
    Ok(streams)
}

/// Consecutive blocks of a file without a gap.
#[derive(Clone)]
struct Run {
    path: String,
    file: SharedFile,
    /// Byte of the file's first block.
    data_at: u64,
    first_block: u64,
    n_blocks: u64,
    /// The clock's value of the first frame.
    timestamp: f64,
}

/// Runs that follow one another without a gap are one segment, also from file to file.
#[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
fn joined(runs: Vec<Run>, block_frames: u64) -> Vec<Vec<Run>> {
    let mut segments: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        let follows = segments.last().and_then(|segment| segment.last()).is_some_and(|last| {
            let end = last.timestamp + (last.n_blocks * block_frames) as f64;
            (run.timestamp - end).rem_euclid(CLOCK_WRAPS_AT as f64) == 0.0
        });
        match segments.last_mut().filter(|_| follows) {
            Some(segment) => segment.push(run),
            None => segments.push(vec![run]),
        }
    }
    segments
}

/// Splits the blocks where timestamps jump; the frames of a block follow one another.
fn runs(
    file: &NamedFile,
    header: &Header,
    n_blocks: u64,
    block_bytes: u64,
    notes: &mut Vec<String>,
) -> Result<Vec<Run>, OpenError> {
    let frames = header.block_frames() as u64;
    let counts = Counts::Frames { wraps_at: Some(CLOCK_WRAPS_AT) };
    let clock = clock::read(n_blocks * frames, counts, |range| {
        let mut values = Vec::new();
        for block in range.start / frames..range.end.div_ceil(frames) {
            let stamp = f64::from(timestamp(file, header, block, block_bytes)?);
            let own = (block * frames).max(range.start)..((block + 1) * frames).min(range.end);
            #[expect(clippy::cast_precision_loss, reason = "frames of a block")]
            values.extend(own.map(|frame| stamp + (frame - block * frames) as f64));
        }
        Ok::<_, OpenError>(values)
    })?;
    notes.extend(clock.note(&file.path));
    let run = |(at, run): (usize, &clock::Run)| {
        let first_block = run.first / frames;
        let end = clock.runs.get(at + 1).map_or(n_blocks, |next| next.first / frames);
        Run {
            path: file.path.clone(),
            file: file.file.clone(),
            data_at: header.size_bytes,
            first_block,
            n_blocks: end.saturating_sub(first_block),
            timestamp: run.start,
        }
    };
    Ok(clock.runs.iter().enumerate().map(run).filter(|run| run.n_blocks > 0).collect())
}

impl Header {
    /// Kinds in the order in which a block holds them.
    fn kinds_in_block(&self) -> Vec<Kind> {
        let order: &[Kind] = if self.is_rhs {
            &[Kind::Amplifier, Kind::Dc, Kind::Stim, Kind::AdcIn, Kind::AdcOut, Kind::DigitalIn, Kind::DigitalOut]
        } else {
            &[
                Kind::Amplifier,
                Kind::Auxiliary,
                Kind::Supply,
                Kind::Temperature,
                Kind::AdcIn,
                Kind::DigitalIn,
                Kind::DigitalOut,
            ]
        };
        order.iter().copied().filter(|kind| !self.of(*kind).is_empty()).collect()
    }
}

impl FrameSource for BlockStream {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let n_channels = self.info.n_channels;
        let columns = if self.bits.is_some() { 1 } else { n_channels };
        let samples = self.samples as u64;
        let (first, last) = (start / samples, (start + n_frames as u64).div_ceil(samples));
        let stream_bytes = 2 * self.samples * columns;
        let mut block = vec![0; stream_bytes];
        let mut bytes = Vec::with_capacity(size_bytes);
        let mut runs = self.segments[segment].iter();
        let (mut run, mut begun) = (runs.next(), 0);
        for index in first..last {
            while let Some(passed) = run.filter(|run| index >= begun + run.n_blocks) {
                (run, begun) = (runs.next(), begun + passed.n_blocks);
            }
            // The range was checked: there is a run for each block of it.
            let Some(Run { path, file, data_at, first_block, .. }) = run else { break };
            let at = data_at + (first_block + index - begun) * self.block_bytes + self.within_bytes as u64;
            file.read_exact_at(at, &mut block).map_err(|source| ReadError::Io { path: path.clone(), source })?;
            let from = usize::try_from(start.saturating_sub(index * samples)).unwrap_or(0);
            let to = usize::try_from((start + n_frames as u64 - index * samples).min(samples)).unwrap_or(0);
            if let Some(bits) = &self.bits {
                bytes.extend(unpack_bits(&block[2 * from..2 * to], bits));
                continue;
            }
            for frame in from..to {
                for channel in 0..columns {
                    let at = 2 * (channel * self.samples + frame);
                    let word = [block[at], block[at + 1]];
                    bytes.extend(if self.is_stim { current(word) } else { word });
                }
            }
        }
        Ok(RawBlock { sample_type: self.info.sample_type, layout: Layout::Interleaved, n_frames, n_channels, bytes })
    }
}

/// A stimulation word as signed steps: eight bits of size, the ninth is the sign.
pub fn current(word: [u8; 2]) -> [u8; 2] {
    let size = i16::from(word[0]);
    (if word[1] & 1 == 0 { size } else { -size }).to_le_bytes()
}
