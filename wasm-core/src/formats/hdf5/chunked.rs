//! Frames of a dataset that is stored in chunks, walked by the file's chunks.
//!
//! Chunks side by side make a row: all channels of some frames. A row is decoded once and kept
//! while it is in use. Where a row is too long for that, because its chunks are, it is decoded in
//! parts (see [`super::stream`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hdf5_reader::chunk_index::ChunkEntry;
use hdf5_reader::filters::{FILTER_DEFLATE, FILTER_FLETCHER32, FILTER_SHUFFLE, apply_pipeline_with_limit};
use hdf5_reader::messages::filter_pipeline::FilterDescription;

use super::container::Container;
use super::index::ChunkIndex;
use super::stream::{Codec, Place, Stream};
use crate::chunk::DecodedRows;
use crate::formats::compression::MAX_CHUNK_BYTES;
use crate::recording::ReadError;
use crate::transpose::{Strides, transpose};

/// h5py's LZF.
const FILTER_LZF: u16 = 32_000;

/// Decoded bytes of a row, or part of one, that is taken at once, and of all that are kept.
const ROW_BYTES: u64 = 16 << 20;
const KEPT_BYTES: u64 = 48 << 20;
/// A recording with long chunks that decodes to so few bytes is kept whole: the noise is measured all
/// over it before it is searched, and it need not be decoded twice.
const KEPT_WHOLE_BYTES: u64 = if cfg!(target_pointer_width = "32") { KEPT_BYTES } else { 192 << 20 };
/// Frames of a part come in multiples of this number.
const PART_FRAMES: u64 = 1024;
/// Bytes of all decoders that are kept to go on from, and least bytes between two of a chunk.
const DECODER_BYTES: u64 = if cfg!(target_pointer_width = "32") { 48 << 20 } else { 160 << 20 };
const MIN_INTERVAL: u64 = 256 << 10;
/// Compressed bytes that all decoders together read ahead.
const AHEAD_BYTES: u64 = 32 << 20;

/// A dataset of two axes, time and channels; one of a single axis has one channel.
pub struct Chunked {
    index: ChunkIndex,
    filters: Vec<FilterDescription>,
    item_bytes: usize,
    /// The value of chunks that were never written.
    fill: Vec<u8>,
    /// Extents of the dataset and of a chunk, `(frames, channels)`.
    extent: (u64, u64),
    chunk: (u64, u64),
    /// Frames of a part: those of a row, unless rows are too long.
    part_frames: u64,
    rows: DecodedRows<Part>,
    streams: Mutex<HashMap<(u64, u64), Arc<Stream>>>,
}

/// A part of a chunk: row of chunks, part of the row, chunk of the row.
type Part = (u64, u64, u64);

/// How the active filters of a long chunk are undone piece by piece.
struct Steps {
    codec: Option<Codec>,
    is_shuffled: bool,
}

impl Chunked {
    /// Along `index.time_axis` lie the frames.
    pub fn new(index: ChunkIndex, filters: Vec<FilterDescription>, fill: &[u8]) -> Self {
        let extent_of = |axis: usize| index.shape.get(axis).copied().unwrap_or(1);
        let chunk_of = |axis: usize| index.chunk.get(axis).map_or(1, |extent| u64::from(*extent)).max(1);
        let (time, across) = (index.time_axis, 1 - index.time_axis);
        let (extent, chunk) = ((extent_of(time), extent_of(across)), (chunk_of(time), chunk_of(across)));
        let item_bytes = index.item_bytes;
        let frame_bytes = (extent.1.div_ceil(chunk.1) * chunk.1).saturating_mul(item_bytes as u64).max(1);
        let is_streamed = |mask: u32| steps(&filters, mask).is_some();
        let is_long = chunk.0.saturating_mul(frame_bytes) > ROW_BYTES && is_streamed(0);
        let part_frames = if is_long {
            (ROW_BYTES / frame_bytes / PART_FRAMES * PART_FRAMES).max(PART_FRAMES).min(chunk.0)
        } else {
            chunk.0
        };
        let fits = extent.0.saturating_mul(frame_bytes) <= KEPT_WHOLE_BYTES;
        let kept_bytes = if is_long && fits { KEPT_WHOLE_BYTES } else { KEPT_BYTES };
        let n_rows = (kept_bytes / part_frames.saturating_mul(frame_bytes).max(1)).clamp(2, 4096);
        let mut fill = fill.to_vec();
        fill.resize(item_bytes, 0);
        Self {
            index,
            filters,
            item_bytes,
            fill,
            extent,
            chunk,
            part_frames,
            rows: DecodedRows::keeping(usize::try_from(n_rows).unwrap_or(2)),
            streams: Mutex::default(),
        }
    }

    /// Frames that are decoded together.
    pub const fn part_frames(&self) -> u64 {
        self.part_frames
    }

    /// Fills `out`, `[frames, channels]`, with frames from `start` on, as stored.
    pub fn read(&self, container: &Container, start: u64, out: &mut [u8]) -> Result<(), ReadError> {
        let index = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let frame_bytes = index(self.extent.1).saturating_mul(self.item_bytes).max(1);
        let end = start + (out.len() / frame_bytes) as u64;
        let n_chunks = self.extent.1.div_ceil(self.chunk.1);
        let mut at = start;
        while at < end {
            let (row, within) = (at / self.chunk.0, at % self.chunk.0);
            let part = within / self.part_frames;
            let first = row * self.chunk.0 + part * self.part_frames;
            let to = end.min(first + self.part_frames).min((row + 1) * self.chunk.0);
            let parts: Vec<Part> = (0..n_chunks).map(|chunk| (row, part, chunk)).collect();
            let decoded = self.rows.row(&parts, |part| self.decode(container, part))?;
            let frames_held = index(self.frames_of(row, part));
            for (chunk, bytes) in (0..).zip(&decoded) {
                let channel = chunk * self.chunk.1;
                let n_channels = index(self.chunk.1.min(self.extent.1 - channel));
                let column = index(channel) * self.item_bytes;
                let target = &mut out[index(at - start) * frame_bytes + column..];
                let (skipped, n_frames) = (index(at - first), index(to - at));
                if self.index.time_axis == 0 {
                    let row_bytes = index(self.chunk.1) * self.item_bytes;
                    let own = n_channels * self.item_bytes;
                    for frame in 0..n_frames {
                        let from = &bytes[(skipped + frame) * row_bytes..][..own];
                        target[frame * frame_bytes..][..own].copy_from_slice(from);
                    }
                } else {
                    let strides =
                        Strides { from: frames_held * self.item_bytes, to: frame_bytes, item: self.item_bytes };
                    transpose(&bytes[skipped * self.item_bytes..], target, (n_channels, n_frames), strides);
                }
            }
            at = to;
        }
        Ok(())
    }

    /// Frames that a part holds in memory.
    fn frames_of(&self, row: u64, part: u64) -> u64 {
        if self.part_frames == self.chunk.0 {
            return self.chunk.0;
        }
        let first = part * self.part_frames;
        let in_row = self.chunk.0.min(self.extent.0.saturating_sub(row * self.chunk.0));
        self.part_frames.min(in_row.saturating_sub(first))
    }

    /// A part's items in the chunk's order.
    fn decode(&self, container: &Container, (row, part, chunk): Part) -> Result<Vec<u8>, ReadError> {
        let place = if self.index.time_axis == 0 { (row, chunk) } else { (chunk, row) };
        let n_frames = self.frames_of(row, part);
        let n_items = n_frames.saturating_mul(self.chunk.1);
        let n_bytes = usize::try_from(n_items.saturating_mul(self.item_bytes as u64)).unwrap_or(usize::MAX);
        if n_bytes > MAX_CHUNK_BYTES {
            return Err(container.damaged(format!(
                "a chunk has {n_bytes} bytes; with its filters at most {MAX_CHUNK_BYTES} are decoded at once"
            )));
        }
        let Some(entry) = self.index.get(container, place)? else {
            return Ok(self.fill.iter().copied().cycle().take(n_bytes).collect());
        };
        if self.part_frames < self.chunk.0 {
            return self.decode_part(container, &entry, (row, part, chunk), n_bytes);
        }
        let size = if entry.size > 0 { entry.size } else { n_bytes as u64 };
        if size > container.file.size_bytes() {
            return Err(container.damaged(format!("a chunk claims {size} bytes, more than the file has")));
        }
        let mut raw = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        container.read(entry.address, &mut raw)?;
        let bytes = if self.filters.is_empty() {
            raw
        } else {
            let (filters, registry) = (&self.filters, Some(container.filters.as_ref()));
            let limit = Some(n_bytes.saturating_add(1));
            apply_pipeline_with_limit(&raw, filters, entry.filter_mask, self.item_bytes, registry, limit)
                .map_err(|error| container.damaged(format!("a chunk does not decode: {error}")))?
        };
        if bytes.len() < n_bytes {
            return Err(container.damaged(format!("a chunk decodes to {} bytes of {n_bytes}", bytes.len())));
        }
        Ok(bytes)
    }

    /// Some frames of a long chunk.
    fn decode_part(
        &self,
        container: &Container,
        entry: &ChunkEntry,
        (row, part, chunk): Part,
        n_bytes: usize,
    ) -> Result<Vec<u8>, ReadError> {
        let unknown = || container.damaged("a long chunk went through filters that others did not");
        let steps = steps(&self.filters, entry.filter_mask).ok_or_else(unknown)?;
        let item = self.item_bytes as u64;
        let n_items = self.chunk.0.saturating_mul(self.chunk.1);
        let n_frames = self.frames_of(row, part);
        let first = part * self.part_frames;
        // Runs of items that lie together: `(first item, items)`.
        let runs: Vec<(u64, u64)> = if self.index.time_axis == 0 {
            vec![(first.saturating_mul(self.chunk.1), n_frames.saturating_mul(self.chunk.1))]
        } else {
            (0..self.chunk.1)
                .map(|channel| (channel.saturating_mul(self.chunk.0).saturating_add(first), n_frames))
                .collect()
        };
        let planes = if steps.is_shuffled { item } else { 1 };
        let stream = self.stream(&steps, entry, (row, chunk), planes.saturating_mul(runs.len() as u64));
        let fetch = |offset: u64, out: &mut [u8]| match &stream {
            Some(stream) => stream.read(container, offset, out),
            None => container.read(entry.address.saturating_add(offset), out),
        };
        let mut bytes = vec![0; n_bytes];
        let mut plane_bytes = Vec::new();
        let mut written = 0;
        for (from, n) in runs {
            let n = usize::try_from(n).unwrap_or(0);
            let own = &mut bytes[written..written + n * self.item_bytes];
            if steps.is_shuffled {
                plane_bytes.resize(n, 0);
                for plane in 0..self.item_bytes {
                    fetch((plane as u64).saturating_mul(n_items).saturating_add(from), &mut plane_bytes)?;
                    let items = own.iter_mut().skip(plane).step_by(self.item_bytes);
                    items.zip(&plane_bytes).for_each(|(byte, stored)| *byte = *stored);
                }
            } else {
                fetch(from.saturating_mul(item), own)?;
            }
            written += n * self.item_bytes;
        }
        Ok(bytes)
    }

    /// The decoder of a long chunk; none where it is stored as it is.
    fn stream(&self, steps: &Steps, entry: &ChunkEntry, key: (u64, u64), n_live: u64) -> Option<Arc<Stream>> {
        let codec = steps.codec?;
        let n_chunks = self.extent.1.div_ceil(self.chunk.1).max(1);
        let most_live = (DECODER_BYTES / codec.state_bytes() / n_chunks).clamp(1, 64);
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        // Decoders of rows that were left behind.
        if streams.len() as u64 > 2 * n_chunks {
            streams.clear();
        }
        let stream = streams.entry(key).or_insert_with(|| {
            let all = self.extent.0.saturating_mul(self.extent.1).saturating_mul(self.item_bytes as u64);
            let n_decoders = (DECODER_BYTES / codec.state_bytes()).max(1);
            let interval = (all / n_decoders).max(MIN_INTERVAL);
            let place = Place { address: entry.address, size: entry.size };
            let n_live = n_live.clamp(1, most_live);
            let read_bytes = AHEAD_BYTES / n_chunks / n_live;
            Arc::new(Stream::new(place, codec, interval, usize::try_from(n_live).unwrap_or(1), read_bytes))
        });
        Some(Arc::clone(stream))
    }
}

/// How to undo the filters that are not masked out, if that can be done piece by piece.
fn steps(filters: &[FilterDescription], mask: u32) -> Option<Steps> {
    let active = filters.iter().enumerate().filter(|(at, _)| mask & (1 << (at & 31)) == 0);
    let mut steps = Steps { codec: None, is_shuffled: false };
    for (_, filter) in active {
        match filter.id {
            FILTER_SHUFFLE if steps.codec.is_none() => steps.is_shuffled = true,
            FILTER_DEFLATE if steps.codec.is_none() => steps.codec = Some(Codec::Deflate),
            FILTER_LZF if steps.codec.is_none() => steps.codec = Some(Codec::Lzf),
            // A checksum behind everything else.
            FILTER_FLETCHER32 => {}
            _ => return None,
        }
    }
    Some(steps)
}
