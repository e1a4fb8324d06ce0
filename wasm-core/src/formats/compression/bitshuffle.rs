//! Bitshuffle: all first bits, all second bits and so on, then compressed.

use super::{MAX_CHUNK_BYTES, lz4, zstd};

/// HDF5's filter 32008 (<https://github.com/kiyo-masui/bitshuffle>), by the numbers that a file gives it.
pub struct Bitshuffle {
    /// Bytes of an element.
    pub type_size: usize,
    /// Elements of a block; 0 for the usual eight kilobytes.
    pub n_block: usize,
    /// 0 without a compressor, 2 for LZ4, 3 for Zstandard.
    pub kind: u32,
}

impl Bitshuffle {
    /// The chunk's bytes.
    pub fn decode(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let Self { type_size, n_block, kind } = *self;
        let usual = || (8192 / type_size.max(1) / 8 * 8).max(128);
        let mut n_block = if n_block == 0 { usual() } else { n_block };
        if type_size == 0 || type_size > 64 || n_block > MAX_CHUNK_BYTES {
            return Err(format!("bitshuffle with elements of {type_size} bytes in blocks of {n_block}"));
        }
        let end = || "bitshuffle data end early".to_owned();
        let mut rest = bytes;
        let mut size = bytes.len();
        if kind != 0 {
            let (total, after) = rest.split_first_chunk().ok_or_else(end)?;
            let (block_bytes, after) = after.split_first_chunk().ok_or_else(end)?;
            size = usize::try_from(u64::from_be_bytes(*total)).unwrap_or(usize::MAX);
            n_block = u32::from_be_bytes(*block_bytes) as usize / type_size;
            rest = after;
        }
        if size > MAX_CHUNK_BYTES || n_block == 0 || n_block > MAX_CHUNK_BYTES {
            return Err(format!("bitshuffle data claim {size} bytes in blocks of {n_block} elements"));
        }
        let n_elements = size / type_size;
        let mut out = Vec::new();
        // Bits of eight elements at a time are turned; up to seven at the end are left as they are.
        let turned = n_elements / 8 * 8;
        for first in (0..turned).step_by(n_block) {
            let block_bytes = (turned - first).min(n_block) * type_size;
            let stored = if kind == 0 {
                block_bytes
            } else {
                let (stored, after) = rest.split_first_chunk().ok_or_else(end)?;
                rest = after;
                u32::from_be_bytes(*stored) as usize
            };
            let (part, after) = rest.split_at_checked(stored).ok_or_else(end)?;
            rest = after;
            let block = match kind {
                0 => part.to_vec(),
                2 => lz4(part, block_bytes)?,
                3 => zstd(part, block_bytes)?,
                other => {
                    return Err(format!("bitshuffle's compressor {other} is not supported; LZ4 and Zstandard are"));
                }
            };
            if block.len() != block_bytes {
                return Err(format!("a bitshuffle block holds {} bytes instead of {block_bytes}", block.len()));
            }
            out.extend(bit_unshuffle(&block, type_size));
        }
        out.extend(rest.get(..size - turned * type_size).ok_or_else(end)?);
        Ok(out)
    }
}

/// From all first bits, all second bits, … to elements, where their number is a multiple of eight.
pub fn bit_unshuffle(bytes: &[u8], type_size: usize) -> Vec<u8> {
    let n = bytes.len() / type_size;
    let mut out = bytes.to_vec();
    if !n.is_multiple_of(8) || n == 0 {
        return out;
    }
    let planes = &bytes[..n * type_size];
    for (element, value) in out.chunks_exact_mut(type_size).take(n).enumerate() {
        for (byte, value) in value.iter_mut().enumerate() {
            *value = 0;
            for bit in 0..8 {
                let plane = planes[(byte * 8 + bit) * (n / 8) + element / 8];
                *value |= (plane >> (element % 8) & 1) << bit;
            }
        }
    }
    out
}
