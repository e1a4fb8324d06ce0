//! MED64 `.modat` and `.modax`: a header, then blocks of some hundred milliseconds.
//!
//! The layout is that of the crate med64 0.0.2 (MIT), which reads and writes it: a header of 123
//! bytes, for version 6 with 384 more; blocks of 35 bytes about their place and time, the
//! size of the samples, and these, frame after frame. `.modax` has XML in front, and may do without
//! the binary header. No recording of the vendor could be compared: each that is opened says so.

mod header;

use std::ops::Range;

use super::clock::{self, Clock, Counts, Run};
use super::format::{Claim, Format, Reader};
use super::interleaved::uniform;
use super::text_header::{bytes, ending, u32_at, u64_at};
use super::told::Facts;
use super::{OpenError, Recording, Support, first_of};
use crate::io::{FileSet, NamedFile, SharedFile};
use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock, SampleType};
use header::Header;

/// Bytes of a block before its samples: place, times, number of frames and marks, then the size.
const BLOCK_HEADER_BYTES: u64 = 39;
/// Where the block's times in milliseconds, its number of frames and its size are.
const TRACE_OFFSET_AT: usize = 8;
const BLOCK_OFFSET_AT: usize = 16;
const POINTS_AT: usize = 24;
const SIZE_AT: usize = 35;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "MED64 .modat, .modax",
    give: "the file",
    tested: "what the crate med64 documents; no recording of the vendor, said with every result",
    positions: "none in the files",
    neo: "no",
    spikeinterface: "no",
};

/// The format.
pub const FORMAT: Format = Format { names: &["med64"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The first recording of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let is_ours = |file: &&NamedFile| ["modat", "modax"].contains(&ending(file).as_str());
    first_of(&files.iter().filter(is_ours).collect::<Vec<_>>(), open_file)
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let header = Header::read(file)?;
    let blocks = Blocks::find(file, &header)?;
    let mut notes = vec![format!(
        "{}: the layout of MED64 files is known from the crate med64 alone; no recording of the vendor was compared.",
        file.path
    )];
    let left_over = (header.data_end - header.data_at) % blocks.block_bytes;
    if left_over > 0 {
        notes.push(format!("{} is cut in the middle of a block: its last {left_over} bytes are left out.", file.path));
    }
    let clock = blocks.clock(&header, &mut notes)?;
    let ids = header.channels.iter().map(|channel| (channel + 1).to_string()).collect();
    let mut info = uniform("Signals", header.rate_hz, SampleType::Int16, ids, header.gain_to_uv);
    info.segments = clock.segments(1.0);
    let firsts = clock.runs.iter().map(|run| run.first).collect();
    let mut facts = Facts::default();
    facts.add_some("Recorded", header.recorded.as_ref());
    facts.add("Program", format!("MED64, data format {}", header.version));
    let source = Source { info, path: file.path.clone(), file: file.file.clone(), blocks, firsts };
    let recording = Recording::of_streams("med64", vec![Box::new(source)]);
    Ok(Recording { facts: facts.list(), notes, ..recording })
}

/// Where blocks lie; all are of one size.
#[derive(Clone, Copy)]
struct Blocks {
    data_at: u64,
    block_bytes: u64,
    /// Frames of a block.
    points: u64,
    row_bytes: u64,
    /// Number of blocks.
    count: u64,
}

impl Blocks {
    /// By the first block.
    fn find(file: &NamedFile, header: &Header) -> Result<Self, OpenError> {
        let head = bytes(file, header.data_at, usize::try_from(BLOCK_HEADER_BYTES).unwrap_or(0))?;
        let (points, size) = (u64::from(u32_at(&head, POINTS_AT)), u64::from(u32_at(&head, SIZE_AT)));
        let row_bytes = (SampleType::Int16.size_bytes() * header.channels.len()) as u64;
        if points == 0 || size != points * row_bytes {
            let found = format!("{size} bytes for {points} frames of {} channels", header.channels.len());
            let expected = format!("{row_bytes} bytes for each frame");
            return Err(OpenError::field(&file.path, "first block", found, expected));
        }
        let block_bytes = BLOCK_HEADER_BYTES + size;
        let count = (header.data_end - header.data_at) / block_bytes;
        Ok(Self { data_at: header.data_at, block_bytes, points, row_bytes, count })
    }

    /// Runs of frames without a gap, by the times of the blocks.
    #[expect(clippy::cast_precision_loss, reason = "frames of a block")]
    fn clock(&self, header: &Header, notes: &mut Vec<String>) -> Result<Clock, OpenError> {
        let file = &header.file;
        let n_frames = self.count * self.points;
        let clock = clock::read(n_frames, Counts::Seconds, |range: Range<u64>| {
            let mut times = Vec::new();
            for block in range.start / self.points..range.end.div_ceil(self.points) {
                let at = self.data_at + block * self.block_bytes;
                let head = bytes(file, at, usize::try_from(BLOCK_HEADER_BYTES).unwrap_or(0))?;
                let ms = |at: usize| f64::from_bits(u64_at(&head, at));
                let start_s = (ms(TRACE_OFFSET_AT) + ms(BLOCK_OFFSET_AT)) / 1000.0;
                let first = block * self.points;
                let own = first.max(range.start)..(first + self.points).min(range.end);
                times.extend(own.map(|frame| start_s + (frame - first) as f64 / header.rate_hz));
            }
            Ok::<_, OpenError>(times)
        })?;
        notes.extend(clock.note(&file.path));
        let grows = clock.runs.iter().all(|run| run.start.is_finite())
            && clock.runs.windows(2).all(|pair| pair[0].start < pair[1].start);
        if grows {
            return Ok(clock);
        }
        notes.push(format!(
            "{}: the times of its blocks do not grow; the recording is taken to have no gap.",
            file.path
        ));
        let run = Run { first: 0, n: n_frames, start: 0.0 };
        Ok(Clock { runs: vec![run], step: 1.0 / header.rate_hz, n_damaged: clock.n_damaged })
    }
}

/// The frames of such blocks.
struct Source {
    info: StreamInfo,
    path: String,
    file: SharedFile,
    blocks: Blocks,
    /// First frame of each segment.
    firsts: Vec<u64>,
}

impl FrameSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut bytes = vec![0; check_range(&self.info, segment, start, n_frames)?];
        let Blocks { data_at, block_bytes, points, row_bytes, .. } = self.blocks;
        let first = self.firsts.get(segment).copied().unwrap_or(0) + start;
        let mut frame = first;
        let mut rest = bytes.as_mut_slice();
        while !rest.is_empty() {
            let within = frame % points;
            let wanted = (points - within) * row_bytes;
            let length = usize::try_from(wanted).unwrap_or(usize::MAX).min(rest.len());
            let (own, after) = rest.split_at_mut(length);
            let at = data_at + frame / points * block_bytes + BLOCK_HEADER_BYTES + within * row_bytes;
            let failed = |source| ReadError::Io { path: self.path.clone(), source };
            self.file.read_exact_at(at, own).map_err(failed)?;
            frame += points - within;
            rest = after;
        }
        let n_channels = self.info.n_channels;
        Ok(RawBlock { sample_type: SampleType::Int16, layout: Layout::Interleaved, n_frames, n_channels, bytes })
    }
}
