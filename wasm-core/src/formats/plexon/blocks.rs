//! The blocks of a `.plx`: one after the other to the file's end, each telling its own length.

use std::ops::Range;

use super::super::OpenError;
use super::super::text_header::{bytes, u16_at, u32_at};
use crate::io::NamedFile;

/// What stands before a block's samples.
pub const HEADER_BYTES: usize = 16;
/// Bytes that are read at first, in case few are needed, and at most at a time.
pub const FIRST_STEP_BYTES: u64 = 16 << 10;
const STEP_BYTES: u64 = 1 << 20;

/// The kind of a block's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Spike,
    Event,
    Continuous,
    /// No kind that is known.
    Other,
}

/// A block's header, and where its samples are.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub kind: Kind,
    /// Clock ticks.
    pub stamp: i64,
    pub channel: u16,
    /// Unit of a spike, value of an event.
    pub unit: u16,
    pub n_samples: usize,
    /// First byte of the samples in the file.
    pub place: u64,
}

impl Header {
    /// Reads the header that begins at byte `at` of the file.
    pub fn read(block: &[u8], at: u64) -> Self {
        Self {
            kind: match u16_at(block, 0) {
                1 => Kind::Spike,
                4 => Kind::Event,
                5 => Kind::Continuous,
                _ => Kind::Other,
            },
            stamp: i64::from(u16_at(block, 2)) << 32 | i64::from(u32_at(block, 4)),
            channel: u16_at(block, 8),
            unit: u16_at(block, 10),
            n_samples: usize::from(u16_at(block, 12)) * usize::from(u16_at(block, 14)),
            place: at + HEADER_BYTES as u64,
        }
    }

    /// The first byte of the block in the file.
    pub const fn start(&self) -> u64 {
        self.place - HEADER_BYTES as u64
    }

    /// Whether it holds samples of a continuous signal.
    pub fn is_signal(&self) -> bool {
        self.kind == Kind::Continuous && self.n_samples > 0
    }

    /// Bytes from this block to the next.
    pub const fn size(&self) -> u64 {
        HEADER_BYTES as u64 + 2 * self.n_samples as u64
    }
}

/// Shows each whole block that begins in `range`, with its samples, until `show` returns false.
/// `range` begins where a block does.
pub fn for_each(
    file: &NamedFile,
    range: Range<u64>,
    mut show: impl FnMut(&Header, &[u8]) -> bool,
) -> Result<(), OpenError> {
    let size_bytes = file.file.size_bytes();
    let mut at = range.start;
    let mut step_bytes = FIRST_STEP_BYTES;
    while at < range.end && at + HEADER_BYTES as u64 <= size_bytes {
        let piece = bytes(file, at, usize::try_from(step_bytes.min(size_bytes - at)).unwrap_or(usize::MAX))?;
        let mut within = 0;
        while let Some(block) = piece.get(within..within + HEADER_BYTES) {
            let header = Header::read(block, at + within as u64);
            let end = usize::try_from(header.size()).ok().and_then(|size| within.checked_add(size));
            let Some(samples) = end.and_then(|end| piece.get(within + HEADER_BYTES..end)) else { break };
            if at + within as u64 >= range.end || !show(&header, samples) {
                return Ok(());
            }
            within += HEADER_BYTES + samples.len();
        }
        if within == 0 && step_bytes < STEP_BYTES {
            step_bytes = STEP_BYTES;
            continue;
        }
        step_bytes = (2 * step_bytes).min(STEP_BYTES);
        // A block that is longer than a piece, or the file's cut end: neither holds a spike.
        let passed = if within == 0 { Header::read(&piece, at).size() } else { within as u64 };
        at = at.saturating_add(passed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_as_long_as_it_claims_on_every_platform() {
        // In 32 bits this one would have no length, and reading would never go on.
        let mut bytes = [0; HEADER_BYTES];
        bytes[12..14].copy_from_slice(&43_053_u16.to_le_bytes());
        bytes[14..16].copy_from_slice(&49_880_u16.to_le_bytes());
        assert_eq!(Header::read(&bytes, 0).size(), 1 << 32);
    }
}
