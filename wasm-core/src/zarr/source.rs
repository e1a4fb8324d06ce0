//! An uploaded recording as a source of frames.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::chunk::{CHUNK_CHANNELS, CHUNK_FRAMES, ChunkId, block, chunk_channels, chunk_frames, decode_chunk};
use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::RawBlock;

/// Where the objects of a group are.
pub trait ObjectStore: Send + Sync {
    /// The bytes of an object, by its name inside the group.
    ///
    /// # Errors
    /// When there is no such object or it cannot be fetched.
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>>;
}

/// Reads frames from chunks, keeping the last two rows decoded.
pub struct ZarrSource<S> {
    info: StreamInfo,
    store: S,
    decoded: Mutex<VecDeque<(ChunkId, Arc<Vec<u8>>)>>,
}

impl<S: ObjectStore> ZarrSource<S> {
    /// A stream whose chunks lie in `store`.
    pub fn new(info: StreamInfo, store: S) -> Self {
        Self { info, store, decoded: Mutex::default() }
    }

    /// A chunk's samples, `[channels, frames]`.
    fn chunk(&self, id: ChunkId) -> Result<Arc<Vec<u8>>, ReadError> {
        let lock = || self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = lock().iter().find(|(held, _)| *held == id) {
            return Ok(Arc::clone(bytes));
        }
        let name = id.name();
        let bytes = self.store.get(&name).map_err(|source| ReadError::Io { path: name, source })?;
        let n_frames = usize::try_from(chunk_frames(&self.info, id.segment)).unwrap_or(0);
        let bytes = Arc::new(decode_chunk(self.info.sample_type, &bytes, n_frames * chunk_channels(&self.info))?);
        let mut decoded = lock();
        decoded.push_back((id, Arc::clone(&bytes)));
        // Two rows: a block's margins reach into the next one.
        if decoded.len() > 2 * self.info.n_channels.div_ceil(CHUNK_CHANNELS) {
            decoded.pop_front();
        }
        Ok(bytes)
    }
}

impl<S: ObjectStore> FrameSource for ZarrSource<S> {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let size = self.info.sample_type.size_bytes();
        let mut out = vec![0; size_bytes];
        let end = start + n_frames as u64;
        let row_bytes = usize::try_from(chunk_frames(&self.info, segment)).unwrap_or(0) * size;
        let bytes_of = |frames: u64| usize::try_from(frames).unwrap_or(0) * size;
        for row in start / CHUNK_FRAMES..end.div_ceil(CHUNK_FRAMES) {
            let first = row * CHUNK_FRAMES;
            let (from, to) = (start.max(first), end.min(first + CHUNK_FRAMES));
            let (at, length, within) = (bytes_of(from - start), bytes_of(to - from), bytes_of(from - first));
            for (group, channels) in out.chunks_mut(CHUNK_CHANNELS * n_frames.max(1) * size).enumerate() {
                let chunk = self.chunk(ChunkId { segment, row, group })?;
                for (channel, samples) in channels.chunks_exact_mut(n_frames * size).zip(chunk.chunks_exact(row_bytes))
                {
                    channel[at..at + length].copy_from_slice(&samples[within..within + length]);
                }
            }
        }
        Ok(block(&self.info, n_frames, out))
    }
}
