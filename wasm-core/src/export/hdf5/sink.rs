//! The bytes of a file as it grows. Addresses that are not known yet (links, references, texts) are filled
//! in when everything lies, and the checksums after them.

use std::collections::HashMap;
use std::ops::Range;

use super::checksum::lookup3;
use super::error::{WriteError, short};
use super::heap::Heap;
use super::{Array, Values};

/// Signature, version 2, addresses and lengths of 8 bytes, no flags, base address 0, no extension.
const SUPERBLOCK: &[u8; 28] = b"\x89HDF\r\n\x1a\n\x02\x08\x08\0\0\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
/// With the end of the file, the address of the root group and the checksum.
const SUPERBLOCK_BYTES: usize = 48;
/// No address.
pub const UNDEFINED: [u8; 8] = [0xFF; 8];
/// Bytes of an object header before its messages.
const PREFIX_BYTES: usize = 10;
/// Extents that values may have.
const MAX_RANK: usize = 32;

/// The object whose address belongs at a place.
pub enum Target {
    /// The object at this path.
    Object(String),
    /// This collection of the heap.
    Collection(usize),
}

/// A file that grows.
pub struct Sink {
    /// The bytes that are written.
    pub bytes: Vec<u8>,
    heap: Heap,
    /// Objects by their paths.
    addresses: HashMap<String, u64>,
    /// Where addresses are still missing.
    places: Vec<(usize, Target)>,
    /// Object headers, behind each of which lies its checksum.
    headers: Vec<Range<usize>>,
}

impl Sink {
    /// A file without objects.
    pub fn new() -> Self {
        Self {
            bytes: vec![0; SUPERBLOCK_BYTES],
            heap: Heap::default(),
            addresses: HashMap::new(),
            places: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Goes on at a multiple of eight bytes; where that is.
    pub fn align(&mut self) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.bytes.len()
    }

    /// Begins the header of an object; where it does.
    pub fn begin_header(&mut self, path: &str) -> usize {
        let start = self.align();
        self.addresses.insert(path.to_owned(), start as u64);
        // Version 2, its size in four bytes.
        self.bytes.extend(b"OHDR\x02\x02\0\0\0\0");
        start
    }

    /// Ends the header of an object.
    pub fn end_header(&mut self, start: usize, path: &str) -> Result<(), WriteError> {
        let end = self.bytes.len();
        let n_bytes = end - start - PREFIX_BYTES;
        let size = u32::try_from(n_bytes).map_err(|_| WriteError::TooLong { path: path.to_owned(), n_bytes })?;
        self.bytes[start + 6..start + PREFIX_BYTES].copy_from_slice(&size.to_le_bytes());
        self.headers.push(start..end);
        self.bytes.extend([0; 4]);
        Ok(())
    }

    /// Begins a message of a header; where its content does.
    pub fn begin_message(&mut self, kind: u8) -> usize {
        self.bytes.extend([kind, 0, 0, 0]);
        self.bytes.len()
    }

    /// Ends a message of a header.
    pub fn end_message(&mut self, at: usize, path: &str) -> Result<(), WriteError> {
        let size = short(path, self.bytes.len() - at)?;
        self.bytes[at - 3..at - 1].copy_from_slice(&size);
        Ok(())
    }

    /// Adds values.
    pub fn array(&mut self, path: &str, Array { shape, values }: &Array) -> Result<(), WriteError> {
        let expected = shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent));
        if expected != Some(values.len() as u64) || shape.len() > MAX_RANK {
            return Err(WriteError::Shape { path: path.to_owned(), n_values: values.len(), shape: shape.clone() });
        }
        match values {
            Values::F64(values) => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::F32(values) => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::I64(values) => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::U64(values) => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::U32(values) => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::I32(values) => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::U8(values) => self.bytes.extend(values),
            Values::Text(values) => values.iter().for_each(|text| self.text(text)),
            Values::Reference(paths) => paths.iter().for_each(|path| self.address(Target::Object(path.clone()))),
        }
        Ok(())
    }

    /// Adds the length of a text, and where it lies; one without letters lies nowhere.
    fn text(&mut self, text: &str) {
        // Programs take a zero for the end.
        let text = text.split('\0').next().unwrap_or_default();
        self.bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        if text.is_empty() {
            self.bytes.extend([0; 12]);
            return;
        }
        let (collection, number) = self.heap.add(text.as_bytes());
        self.address(Target::Collection(collection));
        self.bytes.extend(u32::from(number).to_le_bytes());
    }

    /// Leaves room for an address.
    pub fn address(&mut self, target: Target) {
        self.places.push((self.bytes.len(), target));
        self.bytes.extend(UNDEFINED);
    }

    /// Adds the texts, then everything that was not known before.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        let Self { mut bytes, heap, addresses, places, headers } = self;
        let collections = heap.write(&mut bytes);
        let of_object = |path: String| addresses.get(&path).copied().ok_or(WriteError::NoTarget { path });
        let root = of_object("/".into())?;
        for (at, target) in places {
            let address = match target {
                Target::Collection(number) => collections[number],
                Target::Object(path) => of_object(path)?,
            };
            bytes[at..at + 8].copy_from_slice(&address.to_le_bytes());
        }
        for Range { start, end } in headers {
            let sum = lookup3(&bytes[start..end]);
            bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
        }
        let mut superblock = SUPERBLOCK.to_vec();
        superblock.extend((bytes.len() as u64).to_le_bytes());
        superblock.extend(root.to_le_bytes());
        superblock.extend(lookup3(&superblock).to_le_bytes());
        bytes[..SUPERBLOCK_BYTES].copy_from_slice(&superblock);
        Ok(bytes)
    }
}
