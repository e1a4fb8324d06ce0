//! Several named files in one byte string, for a fuzzer that knows only byte strings.
//!
//! Each file is a length of its path (one byte), the path, a length (four bytes,
//! little-endian) and its bytes; a length beyond the end means all that is left.

use std::sync::Arc;

use wasm_core::io::{FileSet, NamedFile};

/// The files of a byte string; any byte string has some meaning.
pub fn unpack(mut bytes: &[u8]) -> FileSet {
    let mut files = Vec::new();
    while let Some((&length, rest)) = bytes.split_first() {
        let (path, rest) = rest.split_at(rest.len().min(usize::from(length)));
        let Some((size, rest)) = rest.split_first_chunk() else { break };
        let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX);
        let (content, rest) = rest.split_at(rest.len().min(size));
        files.push(NamedFile { path: String::from_utf8_lossy(path).into_owned(), file: Arc::new(content.to_vec()) });
        bytes = rest;
    }
    FileSet::new(files)
}
