//! Messages that say what values are (IV.A.2.d, the datatype) and how many (IV.A.2.b, the dataspace).

use super::Values;

/// IEEE numbers: class and version, order and place of the sign, size, then offset and precision in bits,
/// place and size of exponent and mantissa, bias of the exponent.
const DOUBLE: [u8; 20] = [0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xFF, 0x03, 0, 0];
const SINGLE: [u8; 20] = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
/// A sequence of bytes that is a text, ends with a zero in memory and is UTF-8; 16 bytes tell where it lies.
const TEXT: [u8; 8] = [0x19, 0x01, 0x01, 0, 16, 0, 0, 0];
/// The address of an object.
const REFERENCE: [u8; 8] = [0x17, 0, 0, 0, 8, 0, 0, 0];

/// The datatype of values.
pub fn datatype(values: &Values) -> Vec<u8> {
    match values {
        Values::F64(_) => DOUBLE.to_vec(),
        Values::F32(_) => SINGLE.to_vec(),
        Values::I64(_) => whole(8, true).to_vec(),
        Values::I32(_) => whole(4, true).to_vec(),
        Values::U64(_) => whole(8, false).to_vec(),
        Values::U32(_) => whole(4, false).to_vec(),
        Values::U8(_) => whole(1, false).to_vec(),
        Values::Text(_) => [&TEXT[..], &whole(1, false)].concat(),
        Values::Reference(_) => REFERENCE.to_vec(),
    }
}

/// A whole number of so many bytes, little-endian.
const fn whole(n_bytes: u8, is_signed: bool) -> [u8; 12] {
    [0x10, if is_signed { 0x08 } else { 0 }, 0, 0, n_bytes, 0, 0, 0, 0, 0, 8 * n_bytes, 0]
}

/// The extents; none for a single value.
pub fn dataspace(shape: &[u64]) -> Vec<u8> {
    let rank = u8::try_from(shape.len()).unwrap_or(u8::MAX);
    let mut bytes = vec![2, rank, 0, u8::from(rank > 0)];
    bytes.extend(shape.iter().flat_map(|extent| extent.to_le_bytes()));
    bytes
}
