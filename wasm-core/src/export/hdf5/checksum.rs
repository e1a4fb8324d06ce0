//! The checksum of metadata: Bob Jenkins' lookup3 (HDF5 File Format Specification, appendix of checksums).

/// Bytes that are mixed at a time.
const BLOCK: usize = 12;

/// The checksum of some bytes.
pub fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xDEAD_BEEF_u32.wrapping_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let mut state = [start; 3];
    let mut rest = bytes;
    while rest.len() > BLOCK {
        let (block, after) = rest.split_at(BLOCK);
        state = mixed(added(state, block));
        rest = after;
    }
    // Nothing at all is not mixed.
    if rest.is_empty() { state[2] } else { last(added(state, rest)) }
}

/// The state with up to twelve bytes added; what is missing of them is zero.
fn added(state: [u32; 3], bytes: &[u8]) -> [u32; 3] {
    let mut block = [0; BLOCK];
    block[..bytes.len()].copy_from_slice(bytes);
    let word = |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
    [state[0].wrapping_add(word(0)), state[1].wrapping_add(word(4)), state[2].wrapping_add(word(8))]
}

fn mixed([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    a = a.wrapping_sub(c) ^ c.rotate_left(4);
    c = c.wrapping_add(b);
    b = b.wrapping_sub(a) ^ a.rotate_left(6);
    a = a.wrapping_add(c);
    c = c.wrapping_sub(b) ^ b.rotate_left(8);
    b = b.wrapping_add(a);
    a = a.wrapping_sub(c) ^ c.rotate_left(16);
    c = c.wrapping_add(b);
    b = b.wrapping_sub(a) ^ a.rotate_left(19);
    a = a.wrapping_add(c);
    c = c.wrapping_sub(b) ^ b.rotate_left(4);
    b = b.wrapping_add(a);
    [a, b, c]
}

fn last([mut a, mut b, mut c]: [u32; 3]) -> u32 {
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first two values are those that the author of the function publishes.
    #[test]
    fn known_texts_have_their_known_sums() {
        assert_eq!(lookup3(b""), 0xDEAD_BEEF);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
        assert_eq!(lookup3(b"twelve bytes"), 0x597B_94CE);
        assert_eq!(lookup3(b"OHDR"), 0x33BD_5D0A);
    }
}
