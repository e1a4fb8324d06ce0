//! MaxWell's HDF5 filter 401, as inferred from public recordings.
//!
//! The vendor's plugin is closed. A chunk is one stream of bits, most significant first: ten
//! bits of the first sample, then each sample as its difference from the one before it.
//! `00` is no change, `01` one up, `10` one down; two to six ones, a zero and a sign bit are
//! steps of that size; seven ones and ten bits are a value by itself. A chunk that does not
//! end within seven bits of its last byte was not written this way, and is refused.

/// The filter's number.
pub const ID: u16 = 401;

/// Bits of a value by itself.
const VALUE_BITS: u32 = 10;
/// Ones that announce one.
const ESCAPE_ONES: u32 = 7;
/// A sample takes at least two bits, so no chunk decodes to more than this times its bytes.
const SAMPLES_PER_BYTE: usize = 4;

/// Decodes a chunk to little-endian `u16`. Unused bits of the last byte may read like further
/// samples, so the number of samples must be one of `sizes`.
///
/// # Errors
/// When the bits do not fit the inferred layout.
pub fn decode(bytes: &[u8], sizes: &[usize]) -> Result<Vec<u8>, String> {
    let mut bits = Bits { bytes, at: 0 };
    let limit = sizes.iter().copied().max().unwrap_or(0).min(bytes.len().saturating_mul(SAMPLES_PER_BYTE));
    let mut out = Vec::with_capacity(2 * limit);
    let mut value = bits.take(VALUE_BITS).ok_or("a chunk is shorter than one sample")?;
    loop {
        if value >= 1 << VALUE_BITS {
            return Err("a sample leaves the ten bits of the converter, so the inferred layout does not fit".into());
        }
        #[expect(clippy::cast_possible_truncation, reason = "ten bits")]
        out.extend((value as u16).to_le_bytes());
        if bits.left() < 8 && sizes.contains(&(out.len() / 2)) {
            return Ok(out);
        }
        value = bits.next_value(value).ok_or_else(|| {
            format!(
                "a chunk ends after {} samples, where {sizes:?} were expected: the inferred layout does not fit",
                out.len() / 2
            )
        })?;
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits taken so far.
    at: usize,
}

impl Bits<'_> {
    const fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    /// The next 32 bits, zeros beyond the end.
    fn window(&self) -> u32 {
        let first = self.at / 8;
        let byte = |at: usize| u64::from(self.bytes.get(first + at).copied().unwrap_or(0));
        let joined = (0..5).fold(0, |joined, at| joined << 8 | byte(at));
        #[expect(clippy::cast_possible_truncation, reason = "the upper bits were taken before")]
        let window = (joined >> (8 - self.at % 8)) as u32;
        window
    }

    fn take(&mut self, n: u32) -> Option<u32> {
        let value = self.window() >> (32 - n);
        self.skip(n)?;
        Some(value)
    }

    fn skip(&mut self, n: u32) -> Option<()> {
        self.at += n as usize;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    fn next_value(&mut self, previous: u32) -> Option<u32> {
        let ones = self.window().leading_ones();
        match ones {
            0 => Some(previous + self.take(2)?),
            1 => {
                self.skip(2)?;
                Some(previous.wrapping_sub(1))
            }
            2..ESCAPE_ONES => {
                self.skip(ones + 1)?;
                let down = self.take(1)? == 1;
                Some(if down { previous.wrapping_sub(ones) } else { previous + ones })
            }
            _ => {
                self.skip(ESCAPE_ONES)?;
                self.take(VALUE_BITS)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_understood() {
        // 500; 00: 500; 01: 501; 10: 500; 110 1: 498; 1110 0: 501; 1111111 and 0000001111: 15; padding.
        let bits = "0111110100 00 01 10 1101 11100 11111110000001111";
        let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
        let bytes: Vec<u8> = bits
            .chunks(8)
            .map(|bits| (0..8).fold(0, |byte, at| byte << 1 | bits.get(at).copied().unwrap_or(0)))
            .collect();
        let samples: Vec<u16> = [500_u16, 500, 501, 500, 498, 501, 15].to_vec();
        let expected: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        assert_eq!(decode(&bytes, &[7]), Ok(expected));
        assert!(decode(&bytes, &[6]).is_err() && decode(&bytes[..3], &[7]).is_err() && decode(&[], &[7]).is_err());
    }
}
