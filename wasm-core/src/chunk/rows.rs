//! Decoded rows of chunks.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::recording::ReadError;

/// Rows that are kept: a block's margins reach into the next one, and threads are not at the
/// same block.
const MIN_ROWS: usize = 2;
const MAX_ROWS: usize = 3;

/// Bytes beyond which no more than the fewest rows are kept.
const KEPT_BYTES: u64 = 768 << 20;

/// The chunks of the last rows, by their place. Threads that want the same row share the
/// work: decoding takes longer than all that comes after it.
pub struct DecodedRows<K> {
    n_rows: usize,
    chunks: Mutex<Kept<K>>,
}

/// Chunks by their place, and the places in the order in which they came.
struct Kept<K> {
    slots: HashMap<K, Arc<Slot>>,
    order: VecDeque<K>,
}

/// A chunk's bytes, once somebody has decoded them. Who holds the lock is at it.
type Slot = Mutex<Option<Arc<Vec<u8>>>>;

impl<K: Copy + Eq + Hash> DecodedRows<K> {
    /// Nothing yet, of rows of so many bytes.
    #[must_use]
    pub fn new(row_bytes: u64) -> Self {
        let n_rows = if row_bytes.saturating_mul(MAX_ROWS as u64) <= KEPT_BYTES { MAX_ROWS } else { MIN_ROWS };
        Self::keeping(n_rows)
    }

    /// Nothing yet; so many rows are kept.
    #[must_use]
    pub fn keeping(n_rows: usize) -> Self {
        Self { n_rows, chunks: Mutex::new(Kept { slots: HashMap::new(), order: VecDeque::new() }) }
    }

    /// The chunks of a row. Each thread decodes what nobody has begun, and then waits for the rest.
    ///
    /// # Errors
    /// When a chunk cannot be read or decoded.
    pub fn row(
        &self,
        places: &[K],
        decode: impl Fn(K) -> Result<Vec<u8>, ReadError>,
    ) -> Result<Vec<Arc<Vec<u8>>>, ReadError> {
        let slots: Vec<Arc<Slot>> = places.iter().map(|place| self.slot(*place, places.len())).collect();
        let fill = |place: K, slot: &mut Option<Arc<Vec<u8>>>| match slot {
            Some(bytes) => Ok(Arc::clone(bytes)),
            None => Ok(Arc::clone(slot.insert(Arc::new(decode(place)?)))),
        };
        for (place, slot) in places.iter().zip(&slots) {
            if let Ok(mut slot) = slot.try_lock() {
                fill(*place, &mut slot)?;
            }
        }
        let wait =
            |(place, slot): (&K, &Arc<Slot>)| fill(*place, &mut slot.lock().unwrap_or_else(PoisonError::into_inner));
        places.iter().zip(&slots).map(wait).collect()
    }

    fn slot(&self, place: K, row_chunks: usize) -> Arc<Slot> {
        let mut kept = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = kept.slots.get(&place) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot::default());
        kept.slots.insert(place, Arc::clone(&slot));
        kept.order.push_back(place);
        if kept.order.len() > self.n_rows * row_chunks
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.slots.remove(&oldest);
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn threads_share_the_decoding_of_a_row() {
        let rows = DecodedRows::new(16);
        let n_decoded = AtomicUsize::new(0);
        let places: Vec<u8> = (0..16).collect();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let decode = |place: u8| {
                        n_decoded.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(std::time::Duration::from_millis(1));
                        Ok(vec![place])
                    };
                    let row = rows.row(&places, decode).expect("decodes");
                    assert!(row.iter().zip(&places).all(|(bytes, place)| **bytes == [*place]));
                });
            }
        });
        assert_eq!(n_decoded.load(Ordering::Relaxed), 16, "each chunk once");
    }

    #[test]
    fn a_chunk_that_failed_is_tried_again() {
        let rows = DecodedRows::new(16);
        let damaged = |_| Err(ReadError::Damaged { path: "chunk".into(), reason: "cut".into() });
        assert!(rows.row(&[1], damaged).is_err());
        assert!(rows.row(&[1], |place| Ok(vec![place])).is_ok());
    }
}
