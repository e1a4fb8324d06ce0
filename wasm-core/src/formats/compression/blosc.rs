//! Blosc 1: blocks of shuffled bytes or bits, with one of several compressors inside.

use super::bitshuffle::bit_unshuffle;
use super::blosclz::blosclz;
use super::{lz4, zlib, zstd};

/// The header of a Blosc 1 buffer (c-blosc `README_CHUNK_FORMAT`).
struct Blosc<'a> {
    flags: u8,
    type_size: usize,
    n_bytes: usize,
    block_size: usize,
    bytes: &'a [u8],
}

const BLOSC_HEADER_BYTES: usize = 16;
const BLOSC_SHUFFLE: u8 = 1;
const BLOSC_STORED: u8 = 2;
const BLOSC_BITSHUFFLE: u8 = 4;
const BLOSC_WHOLE_BLOCKS: u8 = 16;

/// A Blosc 1 buffer of at most `limit` bytes, with `BloscLZ`, LZ4, Zstandard or zlib inside.
pub fn blosc(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let header = bytes.get(..BLOSC_HEADER_BYTES).ok_or("Blosc data end early")?;
    let size = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize;
    let blosc = Blosc {
        flags: header[2],
        type_size: usize::from(header[3]).max(1),
        n_bytes: size(4),
        block_size: size(8),
        bytes,
    };
    if blosc.n_bytes > limit {
        return Err(format!("Blosc data claim {} bytes; a chunk has at most {limit}", blosc.n_bytes));
    }
    if blosc.flags & BLOSC_STORED != 0 {
        let stored = bytes[BLOSC_HEADER_BYTES..].get(..blosc.n_bytes).ok_or("Blosc data end early")?;
        return Ok(stored.to_vec());
    }
    if blosc.block_size == 0 {
        return if blosc.n_bytes == 0 { Ok(Vec::new()) } else { Err("Blosc data have blocks of no size".into()) };
    }
    let mut out = Vec::new();
    for at in 0..blosc.n_bytes.div_ceil(blosc.block_size) {
        out.extend(blosc.block(at)?);
    }
    Ok(out)
}

impl Blosc<'_> {
    fn number(&self, at: usize) -> Result<usize, String> {
        let bytes = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or("Blosc data end early")?;
        Ok(u32::from_le_bytes(*bytes) as usize)
    }

    fn block(&self, at: usize) -> Result<Vec<u8>, String> {
        let size = self.block_size.min(self.n_bytes - at * self.block_size);
        let whole = size == self.block_size;
        let split = self.flags & BLOSC_WHOLE_BLOCKS == 0
            && whole
            && self.type_size <= 16
            && self.block_size / self.type_size >= 128;
        let n_streams = if split { self.type_size } else { 1 };
        let mut place = self.number(BLOSC_HEADER_BYTES + 4 * at)?;
        let mut out = Vec::new();
        for _ in 0..n_streams {
            let stored = self.number(place)?;
            let part = place.checked_add(4).and_then(|start| self.bytes.get(start..start.checked_add(stored)?));
            let part = part.ok_or("Blosc data end early")?;
            place += 4 + stored;
            out.extend(self.stream(part, size / n_streams)?);
        }
        if out.len() != size {
            return Err(format!("a Blosc block holds {} bytes instead of {size}", out.len()));
        }
        Ok(if self.flags & BLOSC_SHUFFLE != 0 && self.type_size > 1 {
            unshuffle(&out, self.type_size)
        } else if self.flags & BLOSC_BITSHUFFLE != 0 {
            bit_unshuffle(&out, self.type_size)
        } else {
            out
        })
    }

    fn stream(&self, part: &[u8], size: usize) -> Result<Vec<u8>, String> {
        if part.len() == size {
            return Ok(part.to_vec());
        }
        match self.flags >> 5 {
            0 => blosclz(part, size),
            1 => lz4(part, size),
            3 => zlib(part, size),
            4 => zstd(part, size),
            other => Err(format!("Blosc's compressor {other} is not supported; BloscLZ, LZ4, zlib and Zstandard are")),
        }
    }
}

/// From all first bytes, all second bytes, … to elements.
fn unshuffle(bytes: &[u8], type_size: usize) -> Vec<u8> {
    let n = bytes.len() / type_size;
    let mut out = bytes.to_vec();
    for (element, value) in out.chunks_exact_mut(type_size).enumerate() {
        for (byte, value) in value.iter_mut().enumerate() {
            *value = bytes[byte * n + element];
        }
    }
    out
}
