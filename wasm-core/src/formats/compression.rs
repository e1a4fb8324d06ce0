//! Decompressors of chunked formats: LZF, Blosc, bitshuffle, Zstandard, LZ4, deflate.
//!
//! Each takes the size that it may grow to, so that hostile bytes cannot claim more. An error is a reason, which
//! whoever knows the file puts behind its name.

mod bitshuffle;
mod blosc;
mod blosclz;
mod lzf;

pub use bitshuffle::Bitshuffle;
pub use blosc::blosc;
pub use lzf::lzf;

use std::io::Read;

/// Largest chunk that is decoded; a hostile size is refused before it is allocated.
pub const MAX_CHUNK_BYTES: usize = 64 << 20;

/// A Zstandard frame of at most `limit` bytes.
pub fn zstd(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|error| format!("Zstandard: {error}"))?;
    read_limited(decoder, limit)
}

/// A zlib stream of at most `limit` bytes.
pub fn zlib(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    read_limited(flate2::read::ZlibDecoder::new(bytes), limit)
}

/// A gzip file of at most `limit` bytes.
pub fn gzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    read_limited(flate2::read::GzDecoder::new(bytes), limit)
}

/// An LZ4 block of exactly `size` bytes.
fn lz4(bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
    lz4_flex::block::decompress(bytes, size).map_err(|error| format!("LZ4: {error}"))
}

/// LZ4 as numcodecs writes it: the size in front of the block.
pub fn lz4_with_size(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let (size, block) = bytes.split_first_chunk::<4>().ok_or("LZ4 data end early")?;
    let size = u32::from_le_bytes(*size) as usize;
    if size > limit {
        return Err(format!("LZ4 data claim {size} bytes where a chunk has {limit}"));
    }
    lz4(block, size)
}

fn read_limited(source: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut out).map_err(|error| error.to_string())?;
    if out.len() > limit {
        Err(format!("compressed data hold more than the {limit} bytes of a chunk"))
    } else {
        Ok(out)
    }
}
