//! The uploaded recording: a Zarr v2 group in `SpikeInterface`'s layout.
//!
//! `spikeinterface.load()` opens it as it is (the `pcodec` package brings the codec).
//! Chunks hold 65,536 frames of 64 channels, column by column, each channel a pco chunk of
//! its own, so that every channel gets its own statistics.

mod metadata;
mod source;

pub use crate::chunk::{
    CHUNK_CHANNELS, CHUNK_FRAMES, ChunkId, DecodedRows, Level, Speed, chunk_frames, chunks_in, chunks_of, decode_chunk,
    encode_chunk, encode_chunk_at, encode_chunk_by, read_chunk, sample_bytes, try_packing,
};
pub use metadata::metadata_objects;
pub use source::{ObjectStore, ZarrSource};
