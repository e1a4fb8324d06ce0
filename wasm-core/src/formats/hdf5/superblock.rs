//! The length that an HDF5 file states.
//!
//! Layout: HDF5 File Format Specification, II.A, “Format Signature and Superblock”.

use super::SIGNATURE;
use crate::io::NamedFile;

/// More than any version of the superblock needs.
const HEAD_BYTES: usize = 64;

/// The end-of-file address in the superblock at byte `start`, where the file has one.
pub(super) fn claimed_bytes(file: &NamedFile, start: u64) -> Option<u64> {
    let mut head = [0; HEAD_BYTES];
    file.file.read_exact_at(start, &mut head).ok()?;
    let version = *head.get(SIGNATURE.len())?;
    // The first of the addresses, and the byte with their size: older versions describe trees before.
    let (addresses, size) = match version {
        0 => (24, head[13]),
        1 => (28, head[13]),
        2 | 3 => (12, head[9]),
        _ => return None,
    };
    // Base, then free space or the superblock's extension, then the end.
    let size = usize::from(size).min(8);
    let address = head.get(addresses + 2 * size..addresses + 3 * size)?;
    let mut bytes = [0; 8];
    bytes[..size].copy_from_slice(address);
    // All bits set stand for no address.
    address.iter().any(|byte| *byte != 0xFF).then(|| u64::from_le_bytes(bytes))
}
