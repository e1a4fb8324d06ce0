//! The claims of a pco chunk's head, checked before memory is taken for them.
//!
//! The layout is that of pco's format description (`docs/format.md` of pco 1.1).

/// Window of a lookback that any chunk may have, as large as pco's own encoder makes it.
const SMALL_WINDOW: usize = 1 << 15;

/// Bits from the low end of the first byte on.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next `n`, at most 25; `None` behind the end.
    fn next(&mut self, n: usize) -> Option<usize> {
        let bit = |at: usize| self.bytes.get(at / 8).map(|byte| usize::from(byte >> (at % 8) & 1));
        let value = (0..n).try_fold(0, |value, place| Some(value | bit(self.at + place)? << place))?;
        self.at += n;
        Some(value)
    }
}

/// The reason not to read the chunk that `rest` begins with, which is to give at most
/// `n_values` numbers of `size` bytes. A head that ends early is left to pco.
pub(super) fn unbelievable(rest: &[u8], major_version: u8, n_values: usize, size: usize) -> Option<String> {
    let mut bits = Bits { bytes: rest, at: 0 };
    let is_end = bits.next(8)? == 0;
    if is_end {
        return None;
    }
    let n = bits.next(24)? + 1;
    if n > n_values {
        return Some(format!("a part of it claims {n} samples where {n_values} are left"));
    }
    match bits.next(4)? {
        // One number as the base.
        1 | 2 => bits.at += 8 * size,
        3 => bits.at += 8,
        4 => {
            let n_unique = bits.next(25)?;
            bits.at = bits.at.next_multiple_of(8);
            let found = rest.len() - bits.at / 8;
            if n_unique * size > found {
                return Some(format!("it claims a dictionary of {n_unique} values, but {found} bytes follow"));
            }
            bits.at += 8 * n_unique * size;
        }
        _ => {}
    }
    let is_lookback = major_version >= 3 && bits.next(4)? == 2;
    if is_lookback {
        // As many as 2³², which is more than the `usize` of a browser holds.
        let window = 2u64 << bits.next(5)?;
        if window > SMALL_WINDOW.max(n.next_power_of_two()) as u64 {
            return Some(format!("it claims to look back {window} samples of {n}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use pco::ChunkConfig;
    use pco::standalone::{FileDecompressor, simple_compress};
    use pco::{DeltaSpec, ModeSpec};

    use super::*;

    /// The claims of a file of one chunk, before and after some bits of its head are set.
    fn claims(config: &ChunkConfig, change: impl Fn(&mut [u8])) -> [Option<String>; 2] {
        let values: Vec<i32> = (0..3000).map(|at| at * 7919 % 50 * 1000).collect();
        let file = simple_compress(&values, config).expect("compresses");
        let (decompressor, rest) = FileDecompressor::new(file.as_slice()).expect("a header");
        let major = decompressor.format_version().major;
        let mut changed = rest.to_vec();
        change(&mut changed);
        [rest, &changed].map(|bytes| unbelievable(bytes, major, values.len(), 4))
    }

    #[test]
    fn a_long_dictionary_is_not_believed() {
        let config = ChunkConfig::default().with_mode_spec(ModeSpec::TryDict);
        let [honest, inflated] = claims(&config, |bytes| bytes[6] = 0xff);
        assert_eq!(honest, None);
        assert!(inflated.is_some_and(|reason| reason.contains("dictionary")));
    }

    #[test]
    fn a_long_window_is_not_believed() {
        let config = ChunkConfig::default().with_mode_spec(ModeSpec::Classic).with_delta_spec(DeltaSpec::TryLookback);
        let [honest, inflated] = claims(&config, |bytes| bytes[5] |= 0x1f);
        assert_eq!(honest, None);
        assert!(inflated.is_some_and(|reason| reason.contains("look back")));
    }

    #[test]
    fn no_more_numbers_than_are_left_are_believed() {
        let [honest, inflated] = claims(&ChunkConfig::default(), |bytes| bytes[3] = 1);
        assert_eq!(honest, None);
        assert!(inflated.is_some_and(|reason| reason.contains("3000 are left")));
    }
}
