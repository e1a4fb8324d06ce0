//! An uploaded recording as a source of frames.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::chunk::{
    CHUNK_CHANNELS, CHUNK_FRAMES, ChunkId, DecodedRows, chunk_channels, chunk_frames, chunks_in, decode_chunk,
};
use crate::envelope::{self, ENVELOPE_FRAMES, EnvelopeId};
use crate::grid::Slice;
use crate::recording::{FrameSource, Outline, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};
use crate::transpose::{Strides, transpose};

/// Bins of outlines that are kept, 8 bytes each: an hour of 64 channels at 20 kHz and some.
const MAX_BINS: usize = 24 << 20;

/// Minima and maxima, each `[channels, bins]`.
type Extremes = (Vec<f32>, Vec<f32>);

/// Where the objects of a group are.
pub trait ObjectStore: Send + Sync {
    /// The bytes of an object, by its name inside the group.
    ///
    /// # Errors
    /// When there is no such object or it cannot be fetched.
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>>;

    /// Is told, before the first of some objects is asked for, that all of them will be.
    fn announce(&self, _names: &dyn Fn() -> Vec<String>) {}
}

/// Reads frames from chunks.
pub struct ZarrSource<S> {
    info: StreamInfo,
    store: S,
    /// Slices of the run whose outline is stored.
    slices: Vec<Slice>,
    outlines: Mutex<HashMap<EnvelopeId, Arc<Extremes>>>,
    decoded: DecodedRows<ChunkId>,
}

impl<S: ObjectStore> ZarrSource<S> {
    /// A stream whose chunks lie in `store`.
    pub fn new(info: StreamInfo, store: S) -> Self {
        let decoded = DecodedRows::new(CHUNK_FRAMES * (info.n_channels * info.sample_type.size_bytes()) as u64);
        Self { info, store, slices: Vec::new(), outlines: Mutex::default(), decoded }
    }

    /// This source with the outline that a run of these slices stored.
    #[must_use]
    pub fn with_outline(mut self, slices: Vec<Slice>) -> Self {
        self.slices = slices;
        self
    }

    /// Minima and maxima of a slice and group.
    fn extremes(&self, id: EnvelopeId, n_bins: usize) -> Result<Arc<Extremes>, ReadError> {
        let lock = || self.outlines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&id) {
            return Ok(Arc::clone(known));
        }
        let name = id.name();
        let bytes = self.store.get(&name).map_err(|source| ReadError::Io { path: name.clone(), source })?;
        let n_channels = (self.info.n_channels - id.group * CHUNK_CHANNELS).min(CHUNK_CHANNELS);
        let found = Arc::new(envelope::decode(&bytes, n_channels, n_bins).map_err(|error| error.of(&name))?);
        let mut known = lock();
        let n_known: usize = known.values().map(|one| one.0.len()).sum();
        if n_known + found.0.len() > MAX_BINS {
            known.clear();
        }
        known.insert(id, Arc::clone(&found));
        drop(known);
        Ok(found)
    }

    /// The chunks of a row.
    fn row(&self, segment: usize, row: u64) -> Result<Vec<Arc<Vec<u8>>>, ReadError> {
        let first = row * CHUNK_FRAMES;
        let ids: Vec<ChunkId> = chunks_in(&self.info, segment, first..first + 1).collect();
        self.store.announce(&|| ids.iter().map(|id| id.name()).collect());
        self.decoded.row(&ids, |id| self.decode(id))
    }

    /// Decodes chunks of the row that holds a frame, those that nobody has begun: for a thread beside the one that
    /// reads that row. What fails is met by the reader too.
    pub fn help(&self, segment: usize, frame: u64) {
        drop(self.row(segment, frame / CHUNK_FRAMES));
    }

    /// A chunk's samples, `[channels, frames]`.
    fn decode(&self, id: ChunkId) -> Result<Vec<u8>, ReadError> {
        let name = id.name();
        let bytes = self.store.get(&name).map_err(|source| ReadError::Io { path: name.clone(), source })?;
        let n_frames = usize::try_from(chunk_frames(&self.info, id.segment)).unwrap_or(0);
        let samples = decode_chunk(self.info.sample_type, &bytes, n_frames * chunk_channels(&self.info));
        samples.map_err(|error| error.of(&format!("{name} (a chunk of the recording)")))
    }
}

impl<S: ObjectStore> FrameSource for ZarrSource<S> {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut block = RawBlock::default();
        self.read_into(segment, start, n_frames, &mut block)?;
        Ok(block)
    }

    fn read_into(&self, segment: usize, start: u64, n_frames: usize, memory: &mut RawBlock) -> Result<(), ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let size = self.info.sample_type.size_bytes();
        let mut out = std::mem::take(&mut memory.bytes);
        out.resize(size_bytes, 0);
        let end = start + n_frames as u64;
        let row_bytes = usize::try_from(chunk_frames(&self.info, segment)).unwrap_or(0) * size;
        let index = |frames: u64| usize::try_from(frames).unwrap_or(0);
        let frame_bytes = self.info.n_channels * size;
        for row in start / CHUNK_FRAMES..end.div_ceil(CHUNK_FRAMES) {
            let first = row * CHUNK_FRAMES;
            let (from, to) = (start.max(first), end.min(first + CHUNK_FRAMES));
            let chunks = self.row(segment, row)?;
            for (group, chunk) in chunks.iter().enumerate() {
                let channel = group * CHUNK_CHANNELS;
                let n_channels = CHUNK_CHANNELS.min(self.info.n_channels - channel);
                let to_channel = &mut out[index(from - start) * frame_bytes + channel * size..];
                let strides = Strides { from: row_bytes, to: frame_bytes, item: size };
                transpose(&chunk[index(from - first) * size..], to_channel, (n_channels, index(to - from)), strides);
            }
        }
        let Self { info: StreamInfo { sample_type, n_channels, .. }, .. } = self;
        let (sample_type, n_channels) = (*sample_type, *n_channels);
        *memory = RawBlock { sample_type, layout: Layout::Interleaved, n_frames, n_channels, bytes: out };
        Ok(())
    }

    fn outline(&self, segment: usize, channel: usize, frames: Range<u64>) -> Result<Option<Outline>, ReadError> {
        let n_frames = self.info.segments.get(segment).map_or(0, |segment| segment.n_frames);
        let mut outline = Outline { first_frame: 0, bin_frames: ENVELOPE_FRAMES, bins: Vec::new() };
        let (group, row) = (channel / CHUNK_CHANNELS, channel % CHUNK_CHANNELS);
        let own_frames = |slice: &Slice| envelope::frames_of(*slice, n_frames);
        let is_within = |own: &Range<u64>| own.end > frames.start && frames.end > own.start;
        let slices = || self.slices.iter().enumerate().filter(|(_, slice)| slice.segment == segment);
        let within = || slices().map(|(at, slice)| (at, own_frames(slice))).filter(|(_, own)| is_within(own));
        self.store.announce(&|| within().map(|(slice, _)| EnvelopeId { slice, group }.name()).collect());
        for (at, own) in within() {
            if outline.bins.is_empty() {
                outline.first_frame = own.start;
            }
            let n_bins = usize::try_from((own.end - own.start).div_ceil(ENVELOPE_FRAMES)).unwrap_or(0);
            let (min, max) = &*self.extremes(EnvelopeId { slice: at, group }, n_bins)?;
            let bins = row * n_bins..(row + 1) * n_bins;
            outline.bins.extend(min[bins.clone()].iter().copied().zip(max[bins].iter().copied()));
        }
        Ok((!outline.bins.is_empty()).then_some(outline))
    }
}
