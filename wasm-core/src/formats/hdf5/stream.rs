//! A compressed chunk that is longer than what is wanted of it, decoded piece by piece.
//!
//! Software that writes one electrode a chunk makes chunks as long as the recording. Whoever
//! decodes such a chunk for every window takes time that grows with the square of the length.
//! Here a decoder stays where it stopped, so that windows in order cost their own bytes; copies of
//! it are kept every so many bytes, so that a window elsewhere costs no more than that distance.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::container::Container;
use super::lzf::Lzf;
use crate::recording::ReadError;

/// Compressed bytes that are read at once, at least and at most: a browser takes a millisecond for
/// a read of any length.
const READ_BYTES: (u64, u64) = (1 << 14, 1 << 20);
/// Bytes that are decoded at once where nobody wants them.
const SKIP_BYTES: u64 = 1 << 15;

/// The compression of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// zlib.
    Deflate,
    /// LZF.
    Lzf,
}

impl Codec {
    /// Bytes of a decoder at rest.
    pub const fn state_bytes(self) -> u64 {
        match self {
            Self::Deflate => 44 << 10,
            Self::Lzf => 9 << 10,
        }
    }
}

/// Where a chunk's compressed bytes are.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Address in the file.
    pub address: u64,
    /// Compressed bytes.
    pub size: u64,
}

#[derive(Clone)]
enum Decoder {
    Deflate(Box<InflateState>),
    Lzf(Lzf),
}

/// A decoder, and how far it has come.
struct Cursor {
    decoder: Decoder,
    /// Compressed bytes taken.
    input: u64,
    /// Decoded bytes given.
    output: u64,
    /// Compressed bytes that were read, and where the first of them lies in the chunk.
    code: Vec<u8>,
    code_at: u64,
}

/// A compressed chunk and its decoders.
pub struct Stream {
    place: Place,
    codec: Codec,
    /// Decoded bytes between two kept copies of a decoder.
    interval: u64,
    /// Decoders that may go on at once: a shuffled chunk is read in several places in turn.
    n_live: usize,
    /// Compressed bytes that are read at once.
    read_bytes: u64,
    decoders: Mutex<Decoders>,
}

#[derive(Default)]
struct Decoders {
    live: Vec<Cursor>,
    kept: BTreeMap<u64, Cursor>,
}

impl Stream {
    /// Each of the decoders that go on at once keeps about `read_bytes` of what it decodes.
    pub fn new(place: Place, codec: Codec, interval: u64, n_live: usize, read_bytes: u64) -> Self {
        let read_bytes = read_bytes.clamp(READ_BYTES.0, READ_BYTES.1);
        Self { place, codec, interval: interval.max(1), n_live, read_bytes, decoders: Mutex::default() }
    }

    /// Fills `out` with decoded bytes from `offset` on.
    pub fn read(&self, container: &Container, offset: u64, out: &mut [u8]) -> Result<(), ReadError> {
        let mut decoders = self.decoders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cursor = self.nearest(&mut decoders, offset);
        let mut skipped = vec![0; usize::try_from(SKIP_BYTES).unwrap_or(0)];
        while cursor.output < offset {
            // Copies are kept at whole multiples of the interval.
            let stop = offset.min((cursor.output / self.interval + 1) * self.interval);
            let n = usize::try_from((stop - cursor.output).min(SKIP_BYTES)).unwrap_or(0);
            self.advance(container, &mut cursor, &mut skipped[..n])?;
            self.keep(&mut decoders, &cursor);
        }
        let mut rest = out;
        while !rest.is_empty() {
            let stop = (cursor.output / self.interval + 1) * self.interval;
            let n = usize::try_from(stop - cursor.output).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at_mut(n);
            self.advance(container, &mut cursor, now)?;
            self.keep(&mut decoders, &cursor);
            rest = later;
        }
        if decoders.live.len() >= self.n_live.max(1) {
            decoders.live.remove(0);
        }
        decoders.live.push(cursor);
        Ok(())
    }

    /// The decoder that is nearest before an offset; a live one is taken out.
    fn nearest(&self, decoders: &mut Decoders, offset: u64) -> Cursor {
        let live = decoders.live.iter().enumerate().filter(|(_, cursor)| cursor.output <= offset);
        let live = live.max_by_key(|(_, cursor)| cursor.output).map(|(at, cursor)| (at, cursor.output));
        let kept = decoders.kept.range(..=offset).next_back().map(|(_, cursor)| cursor);
        match (live, kept) {
            (Some((at, output)), kept) if kept.is_none_or(|kept| kept.output <= output) => decoders.live.remove(at),
            (_, Some(kept)) => kept.copy(),
            _ => {
                let decoder = match self.codec {
                    Codec::Deflate => Decoder::Deflate(InflateState::new_boxed(DataFormat::Zlib)),
                    Codec::Lzf => Decoder::Lzf(Lzf::default()),
                };
                Cursor { decoder, input: 0, output: 0, code: Vec::new(), code_at: 0 }
            }
        }
    }

    fn keep(&self, decoders: &mut Decoders, cursor: &Cursor) {
        if cursor.output.is_multiple_of(self.interval) && !decoders.kept.contains_key(&cursor.output) {
            decoders.kept.insert(cursor.output, cursor.copy());
        }
    }

    /// Decodes just as many bytes as `out` has.
    fn advance(&self, container: &Container, cursor: &mut Cursor, out: &mut [u8]) -> Result<(), ReadError> {
        let mut written = 0;
        while written < out.len() {
            let held = |cursor: &Cursor| usize::try_from(cursor.input - cursor.code_at).unwrap_or(usize::MAX);
            let code_end = cursor.code_at + cursor.code.len() as u64;
            if cursor.code.len().saturating_sub(held(cursor)) < super::lzf::MAX_CODE && code_end < self.place.size {
                cursor.code_at = cursor.input;
                let n = self.read_bytes.min(self.place.size.saturating_sub(cursor.input));
                cursor.code.resize(usize::try_from(n).unwrap_or(0), 0);
                container.read(self.place.address.saturating_add(cursor.input), &mut cursor.code)?;
            }
            let is_end = cursor.code_at + cursor.code.len() as u64 >= self.place.size;
            let rest = cursor.code.get(held(cursor)..).unwrap_or_default();
            let (taken, given) = cursor
                .decoder
                .decode(rest, is_end, &mut out[written..])
                .map_err(|reason| container.damaged(format!("a chunk does not decode: {reason}")))?;
            if taken == 0 && given == 0 {
                return Err(container.damaged("a compressed chunk ends early"));
            }
            cursor.input += taken as u64;
            cursor.output += given as u64;
            written += given;
        }
        Ok(())
    }
}

impl Cursor {
    /// A copy at rest: without the bytes that were read.
    fn copy(&self) -> Self {
        let decoder = match &self.decoder {
            Decoder::Deflate(state) => Decoder::Deflate(state.clone()),
            Decoder::Lzf(lzf) => Decoder::Lzf(lzf.small_copy()),
        };
        Self { decoder, input: self.input, output: self.output, code: Vec::new(), code_at: self.input }
    }
}

impl Decoder {
    /// Decodes some of `code` into `out`; returns the bytes taken and the bytes written.
    fn decode(&mut self, code: &[u8], is_end: bool, out: &mut [u8]) -> Result<(usize, usize), String> {
        match self {
            Self::Lzf(lzf) => lzf.decode(code, is_end, out),
            Self::Deflate(state) => {
                let done = inflate(state, code, out, MZFlush::None);
                match done.status {
                    // Where nothing was done for want of bytes, the caller says whether that is an error.
                    Ok(MZStatus::Ok | MZStatus::StreamEnd) | Err(MZError::Buf) => {
                        Ok((done.bytes_consumed, done.bytes_written))
                    }
                    other => Err(format!("DEFLATE: {other:?}")),
                }
            }
        }
    }
}
