//! One chunk: up to 65,536 frames of up to 64 channels, in one object.

mod claims;
mod guess;
mod level;
mod packing;
mod rows;

use std::ops::Range;

use bytemuck::Pod;
use pco::data_types::Number;
use pco::standalone::{DecompressorItem, FileDecompressor};
use serde::{Deserialize, Serialize};

use crate::recording::{FrameSource, ReadError, StreamInfo};
use crate::sample::SampleType;
use claims::unbelievable;
pub use level::{Level, Speed};
pub use packing::{encode_chunk, encode_chunk_at, encode_chunk_by};
pub use rows::DecodedRows;

/// Frames of a chunk: 3.3 s at 20 kHz, and eight blocks of the engine's grid.
pub const CHUNK_FRAMES: u64 = 65_536;

/// Channels of a chunk: what the viewer shows at once. 8 MB raw, about 3 MB compressed.
pub const CHUNK_CHANNELS: usize = 64;

/// Frames that are read at a time, so that a row takes no more memory than its chunks.
const PIECE_FRAMES: usize = 8192;

/// Place of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChunkId {
    /// Segment.
    pub segment: usize,
    /// Index along the frames.
    pub row: u64,
    /// Index along the channels.
    pub group: usize,
}

impl ChunkId {
    /// The object's name inside the group, such as `traces_seg0/3.1`.
    #[must_use]
    pub fn name(self) -> String {
        format!("traces_seg{}/{}.{}", self.segment, self.row, self.group)
    }

    /// The chunk of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (segment, place) = name.strip_prefix("traces_seg")?.split_once('/')?;
        let (row, group) = place.split_once('.')?;
        Some(Self { segment: segment.parse().ok()?, row: row.parse().ok()?, group: group.parse().ok()? })
    }

    /// Whether the stream has this chunk.
    #[must_use]
    pub fn is_in(self, info: &StreamInfo) -> bool {
        info.segments.get(self.segment).is_some_and(|segment| self.row < segment.n_frames.div_ceil(CHUNK_FRAMES))
            && self.group < info.n_channels.div_ceil(CHUNK_CHANNELS)
    }
}

/// All chunks of a stream, row by row.
pub fn chunks_of(info: &StreamInfo) -> impl Iterator<Item = ChunkId> + '_ {
    info.segments.iter().enumerate().flat_map(move |(segment, found)| {
        (0..found.n_frames.div_ceil(CHUNK_FRAMES)).flat_map(move |row| {
            (0..info.n_channels.div_ceil(CHUNK_CHANNELS)).map(move |group| ChunkId { segment, row, group })
        })
    })
}

/// Chunks that hold some frames of a segment, row by row: those that reading these frames takes, in this order.
pub fn chunks_in(info: &StreamInfo, segment: usize, frames: Range<u64>) -> impl Iterator<Item = ChunkId> + use<> {
    let n_groups = info.n_channels.div_ceil(CHUNK_CHANNELS);
    let rows = frames.start / CHUNK_FRAMES..frames.end.div_ceil(CHUNK_FRAMES);
    rows.flat_map(move |row| (0..n_groups).map(move |group| ChunkId { segment, row, group }))
}

/// Frames that every chunk of a segment has, the last one padded with zeros.
#[must_use]
pub fn chunk_frames(info: &StreamInfo, segment: usize) -> u64 {
    info.segments.get(segment).map_or(0, |segment| segment.n_frames.min(CHUNK_FRAMES))
}

/// Bytes of a chunk's samples, without the zeros that pad it.
#[must_use]
pub fn sample_bytes(info: &StreamInfo, chunk: ChunkId) -> u64 {
    let n_frames = info.segments.get(chunk.segment).map_or(0, |segment| segment.n_frames);
    let n_frames = n_frames.saturating_sub(chunk.row.saturating_mul(CHUNK_FRAMES)).min(CHUNK_FRAMES);
    let n_channels = info.n_channels.saturating_sub(chunk.group.saturating_mul(CHUNK_CHANNELS)).min(CHUNK_CHANNELS);
    n_frames * (n_channels * info.sample_type.size_bytes()) as u64
}

/// Channels that every chunk has, the last group padded with zeros.
pub(crate) fn chunk_channels(info: &StreamInfo) -> usize {
    info.n_channels.min(CHUNK_CHANNELS)
}

/// Reads the frames of a whole row of chunks and cuts out the groups: `[channels, frames]`,
/// padded, ready for [`encode_chunk`].
///
/// # Errors
/// When the source cannot give the frames.
pub fn read_chunk(source: &dyn FrameSource, segment: usize, row: u64) -> Result<Vec<Vec<u8>>, ReadError> {
    let info = source.info();
    let start = row * CHUNK_FRAMES;
    let available = info.segments.get(segment).map_or(0, |segment| segment.n_frames).saturating_sub(start);
    let n_frames = usize::try_from(available.min(CHUNK_FRAMES)).unwrap_or(0);
    let size = info.sample_type.size_bytes();
    let padded_frames = usize::try_from(chunk_frames(info, segment)).unwrap_or(0);
    let n_groups = info.n_channels.div_ceil(CHUNK_CHANNELS);
    let mut groups = vec![vec![0; chunk_channels(info) * padded_frames * size]; n_groups];
    for first in (0..n_frames).step_by(PIECE_FRAMES) {
        let n = PIECE_FRAMES.min(n_frames - first);
        let piece = source.read(segment, start + first as u64, n)?.into_planar();
        for (channel, signal) in piece.bytes.chunks_exact(n * size).enumerate() {
            let place = (channel % CHUNK_CHANNELS * padded_frames + first) * size;
            groups[channel / CHUNK_CHANNELS][place..place + signal.len()].copy_from_slice(signal);
        }
    }
    Ok(groups)
}

/// Compresses up to 8,192 frames from the middle of the longest segment, as [`encode_chunk_at`]
/// would; returns the bytes before and after.
///
/// # Errors
/// When the source cannot give the frames.
pub fn try_packing(source: &dyn FrameSource) -> Result<(u64, u64), ReadError> {
    let info = source.info();
    let Some(segment) = (0..info.segments.len()).max_by_key(|at| info.segments[*at].n_frames) else {
        return Ok((0, 0));
    };
    let available = info.segments[segment].n_frames;
    let n_frames = available.min(PIECE_FRAMES as u64);
    let start = (available - n_frames) / 2;
    let raw = source.read(segment, start, usize::try_from(n_frames).unwrap_or(0))?.into_planar();
    let group_bytes = CHUNK_CHANNELS * raw.n_frames * info.sample_type.size_bytes();
    let mut packed_bytes = 0;
    for group in raw.bytes.chunks(group_bytes.max(1)) {
        packed_bytes += encode_chunk_at(Level::default(), info.sample_type, group, raw.n_frames)?.len() as u64;
    }
    Ok((raw.bytes.len() as u64, packed_bytes))
}

/// Decompresses a chunk of exactly `n_values` samples to little-endian bytes. Who knows the chunk's name puts it into
/// the error ([`ReadError::of`]).
///
/// # Errors
/// When the bytes are not such a chunk.
pub fn decode_chunk(sample_type: SampleType, bytes: &[u8], n_values: usize) -> Result<Vec<u8>, ReadError> {
    match sample_type {
        SampleType::Int8 | SampleType::Uint8 if bytes.len() == n_values => Ok(bytes.to_vec()),
        SampleType::Int8 | SampleType::Uint8 => Err(length(n_values, bytes.len())),
        SampleType::Int16 => decode::<i16>(bytes, n_values),
        SampleType::Uint16 => decode::<u16>(bytes, n_values),
        SampleType::Int32 => decode::<i32>(bytes, n_values),
        SampleType::Uint32 => decode::<u32>(bytes, n_values),
        SampleType::Int64 => decode::<i64>(bytes, n_values),
        SampleType::Uint64 => decode::<u64>(bytes, n_values),
        SampleType::Float32 => decode::<f32>(bytes, n_values),
        SampleType::Float64 => decode::<f64>(bytes, n_values),
    }
}

/// All platforms that this is built for keep the low byte first, as chunks do.
#[cfg(not(target_endian = "little"))]
compile_error!("samples would need their bytes swapped");

fn decode<T: Number + Pod>(bytes: &[u8], n_values: usize) -> Result<Vec<u8>, ReadError> {
    let mut out = vec![0; n_values * size_of::<T>()];
    // Memory comes aligned for every type from every allocator that is known, but need not.
    if let Ok(values) = bytemuck::try_cast_slice_mut::<u8, T>(&mut out) {
        fill(bytes, values)?;
    } else {
        let mut values = vec![T::zeroed(); n_values];
        fill(bytes, &mut values)?;
        out.copy_from_slice(bytemuck::cast_slice(&values));
    }
    Ok(out)
}

/// Decompresses as many values as there are places.
fn fill<T: Number>(bytes: &[u8], values: &mut [T]) -> Result<(), ReadError> {
    let n_values = values.len();
    let (file, mut rest) = FileDecompressor::new(bytes).map_err(|error| damaged(&error))?;
    let mut left = values;
    loop {
        if let Some(reason) = unbelievable(rest, file.format_version().major, left.len(), size_of::<T>()) {
            return Err(damaged(&reason));
        }
        match file.chunk_decompressor(rest).map_err(|error| damaged(&error))? {
            DecompressorItem::EndOfData(_) if left.is_empty() => return Ok(()),
            DecompressorItem::EndOfData(_) => return Err(length(n_values, n_values - left.len())),
            DecompressorItem::Chunk(mut part) => {
                let (to, others) = left.split_at_mut(part.n());
                part.read(to).map_err(|error| damaged(&error))?;
                left = others;
                rest = part.into_src();
            }
        }
    }
}

fn damaged(reason: &dyn std::fmt::Display) -> ReadError {
    ReadError::Damaged { path: "a chunk".into(), reason: reason.to_string() }
}

fn length(expected: usize, found: usize) -> ReadError {
    damaged(&format!("it holds {found} samples where {expected} were expected"))
}
