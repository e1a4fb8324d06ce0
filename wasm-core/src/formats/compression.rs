//! Decompressors of chunked formats: LZF, Blosc, bitshuffle, Zstandard, LZ4, deflate.
//!
//! Each takes the size that it may grow to, so that hostile bytes cannot claim more.

use std::io::Read;

/// Largest chunk that is decoded; a hostile size is refused before it is allocated.
pub const MAX_CHUNK_BYTES: usize = 64 << 20;

/// LZF as h5py writes it: runs of literals, and copies of what lies behind.
pub fn lzf(bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let end = || "LZF data end early".to_owned();
    let limit = size.min(MAX_CHUNK_BYTES);
    let mut out: Vec<u8> = Vec::with_capacity(limit.min(bytes.len().saturating_mul(4)));
    let mut rest = bytes.iter();
    while let Some(control) = rest.next() {
        let control = usize::from(*control);
        if control < 32 {
            let (run, after) = rest.as_slice().split_at_checked(control + 1).ok_or_else(end)?;
            out.extend_from_slice(run);
            rest = after.iter();
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += usize::from(*rest.next().ok_or_else(end)?);
            }
            let distance = ((control & 31) << 8) + usize::from(*rest.next().ok_or_else(end)?) + 1;
            copy_back(&mut out, distance, length + 2)?;
        }
        if out.len() > limit {
            return Err(format!("LZF data hold more than the {limit} bytes of a chunk"));
        }
    }
    Ok(out)
}

fn copy_back(out: &mut Vec<u8>, distance: usize, length: usize) -> Result<(), String> {
    let start = out.len().checked_sub(distance).ok_or("compressed data refer to bytes before their start")?;
    for at in start..start + length {
        out.push(out[at]);
    }
    Ok(())
}

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

/// Matches of `BloscLZ` that are further back than this have two more bytes.
const BLOSCLZ_NEAR: usize = 8191;

/// A stream of Blosc's own compressor (c-blosc `blosclz.c`): runs of up to 32 bytes as they are, and
/// matches with what was before.
fn blosclz(bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
    const EARLY: &str = "BloscLZ data end early";
    let mut rest = bytes.iter().copied();
    let mut next = || rest.next().map(usize::from).ok_or_else(|| EARLY.to_owned());
    let mut out = Vec::new();
    let mut control = next()? & 31;
    loop {
        if control < 32 {
            for _ in 0..=control {
                out.push(u8::try_from(next()?).unwrap_or_default());
            }
        } else {
            let mut length = (control >> 5) - 1;
            if length == 6 {
                loop {
                    let more = next()?;
                    length += more;
                    if more != 255 || length > size {
                        break;
                    }
                }
            }
            let (high, low) = ((control & 31) << 8, next()?);
            let far = high == 31 << 8 && low == 255;
            let back = if far { (next()? << 8) + next()? + BLOSCLZ_NEAR } else { high + low } + 1;
            let from = out.len().checked_sub(back).ok_or("a BloscLZ match begins before the data")?;
            for at in from..from + length + 3 {
                out.push(out[at]);
            }
        }
        if out.len() > size {
            return Err(format!("BloscLZ data hold more than {size} bytes"));
        }
        let Ok(following) = next() else { return Ok(out) };
        control = following;
    }
}

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

/// From all first bits, all second bits, … to elements, where their number is a multiple of eight.
fn bit_unshuffle(bytes: &[u8], type_size: usize) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams written by hand after the description in c-blosc's `blosclz.c`.
    #[test]
    fn blosclz_copies_what_was_before() {
        let near = [3, b'a', b'b', b'c', b'd', 6 << 5, 3];
        assert_eq!(blosclz(&near, 12), Ok(b"abcdabcdabcd".to_vec()));
        // Six and ten more, and always three: nineteen of the last byte.
        let run = [0, b'x', 7 << 5, 10, 0];
        assert_eq!(blosclz(&run, 20), Ok(b"x".repeat(20)));
        // Farther than 8,191 bytes back: two more bytes.
        let mut far: Vec<u8> = (0..=255).flat_map(|run: u8| [vec![31], vec![run; 32]].concat()).collect();
        far.splice(..1, [31]);
        let whole = 256 * 32;
        far.extend([2 << 5 | 31, 255, 0, 0]);
        let decoded = blosclz(&far, whole + 4).expect("decodes");
        assert_eq!((decoded.len(), &decoded[whole..]), (whole + 4, &[0, 0, 0, 0][..]));
        // Cut, too long, or pointing before the data.
        for cut in 0..near.len() {
            assert!(blosclz(&near[..cut], 12).map_or(true, |out| out.len() < 12), "{cut} bytes");
        }
        assert!(blosclz(&near, 11).is_err());
        assert!(blosclz(&[0, b'x', 2 << 5, 1], 9).is_err());
    }
}
