//! Where texts lie: collections of objects that are known by the address of the collection and a number.

/// The least size of a collection that libraries read.
const MIN_BYTES: usize = 4096;
/// Bytes after which the next object begins a new collection: readers keep whole collections.
const FULL_BYTES: usize = 64 << 10;
/// Bytes before the objects of a collection, and before the bytes of an object.
const HEAD_BYTES: usize = 16;

/// Collections to be written once everything else is.
#[derive(Default)]
pub struct Heap {
    collections: Vec<Collection>,
}

#[derive(Default)]
struct Collection {
    objects: Vec<u8>,
    n_objects: u16,
}

impl Heap {
    /// Adds an object: the place of its collection among all, and its number there.
    pub fn add(&mut self, object: &[u8]) -> (usize, u16) {
        let needed = HEAD_BYTES + object.len().next_multiple_of(8);
        let is_full =
            |last: &Collection| last.n_objects == u16::MAX || HEAD_BYTES + last.objects.len() + needed > FULL_BYTES;
        if self.collections.last().is_none_or(is_full) {
            self.collections.push(Collection::default());
        }
        let place = self.collections.len() - 1;
        let last = &mut self.collections[place];
        last.n_objects += 1;
        last.objects.extend(last.n_objects.to_le_bytes());
        // Referred to once.
        last.objects.extend([1, 0, 0, 0, 0, 0]);
        last.objects.extend((object.len() as u64).to_le_bytes());
        last.objects.extend(object);
        last.objects.resize(last.objects.len().next_multiple_of(8), 0);
        (place, last.n_objects)
    }

    /// Writes the collections behind `bytes`; their addresses.
    pub fn write(&self, bytes: &mut Vec<u8>) -> Vec<u64> {
        let mut addresses = Vec::with_capacity(self.collections.len());
        for collection in &self.collections {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            let start = bytes.len();
            addresses.push(start as u64);
            let size = (HEAD_BYTES + collection.objects.len()).max(MIN_BYTES);
            bytes.extend(b"GCOL\x01\0\0\0");
            bytes.extend((size as u64).to_le_bytes());
            bytes.extend(&collection.objects);
            // What is free is an object with the number 0, if its head has room.
            let free = start + size - bytes.len();
            if free >= HEAD_BYTES {
                bytes.extend([0; 8]);
                bytes.extend((free as u64).to_le_bytes());
            }
            bytes.resize(start + size, 0);
        }
        addresses
    }
}
