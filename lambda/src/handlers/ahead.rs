//! Things that are begun before they are asked for.

use std::collections::HashMap;
use std::hash::Hash;

/// Objects that are on their way, or wait, while a reader works on one. S3 is 30 ms away and gives one connection
/// 85 MB a second, so that a chunk of 3 MB takes as long to come as to be decoded: a few hide the one behind the
/// other, and six of them are 18 MB.
pub const AHEAD: usize = 6;

/// Things in the order in which they will be asked for, each once.
pub struct Ahead<K, T> {
    order: Vec<(K, Stage<T>)>,
    place: HashMap<K, usize>,
    n_begun: usize,
    /// Things that are begun and not taken, at most.
    most: usize,
}

enum Stage<T> {
    ToCome,
    Begun(T),
    Taken,
}

impl<K: Copy + Eq + Hash, T> Ahead<K, T> {
    /// Nothing is begun. Each of some readers goes through the order on a way of its own; what it names twice
    /// is one.
    pub fn new(order: impl IntoIterator<Item = K>, n_readers: usize) -> Self {
        let (mut all, mut place) = (Vec::new(), HashMap::new());
        for key in order {
            place.entry(key).or_insert_with(|| {
                all.push((key, Stage::ToCome));
                all.len() - 1
            });
        }
        Self { order: all, place, n_begun: 0, most: AHEAD * n_readers.max(1) }
    }

    /// What was begun for a key; it is begun now where it was not, or is asked for again. Those behind it are begun.
    pub fn take(&mut self, key: K, mut begin: impl FnMut(K) -> T) -> T {
        let Some(at) = self.place.get(&key).copied() else { return begin(key) };
        let taken = match std::mem::replace(&mut self.order[at].1, Stage::Taken) {
            Stage::Begun(thing) => {
                self.n_begun -= 1;
                thing
            }
            Stage::ToCome | Stage::Taken => begin(key),
        };
        let behind = self.order.iter_mut().skip(at + 1).filter(|(_, stage)| !matches!(stage, Stage::Taken));
        for (key, stage) in behind.take(AHEAD) {
            if self.n_begun >= self.most {
                break;
            }
            if matches!(stage, Stage::ToCome) {
                *stage = Stage::Begun(begin(*key));
                self.n_begun += 1;
            }
        }
        taken
    }

    /// Things that are begun and not taken.
    pub fn begun(&self) -> impl Iterator<Item = &T> {
        self.order.iter().filter_map(|(_, stage)| match stage {
            Stage::Begun(thing) => Some(thing),
            Stage::ToCome | Stage::Taken => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn each_thing_is_begun_once_and_few_wait() {
        let begun = RefCell::new(Vec::new());
        let begin = |key: u32| {
            begun.borrow_mut().push(key);
            key
        };
        // Margins name a row twice.
        let mut ahead = Ahead::new((0..40).chain(30..50), 1);
        for key in 0..50 {
            assert_eq!(ahead.take(key, begin), key);
            assert_eq!(ahead.begun().count(), AHEAD.min(49 - key as usize));
        }
        assert_eq!(*begun.borrow(), (0..50).collect::<Vec<_>>());
        // What is wanted once more, or was not foreseen, comes all the same.
        assert_eq!((ahead.take(3, begin), ahead.take(99, begin)), (3, 99));
        assert_eq!(begun.borrow()[50..], [3, 99]);
    }

    #[test]
    fn readers_on_ways_of_their_own_begin_nothing_twice() {
        let begun = RefCell::new(Vec::new());
        let begin = |key: usize| {
            begun.borrow_mut().push(key);
            key
        };
        // Three readers, each in a row of 16 that nobody else is in.
        let mut ahead = Ahead::new(0..96, 3);
        for rows in [0..3, 3..6] {
            for group in 0..16 {
                for row in rows.clone() {
                    let key = row * 16 + group;
                    assert_eq!(ahead.take(key, begin), key);
                    assert!(ahead.begun().count() <= 3 * AHEAD);
                }
            }
        }
        assert_eq!(ahead.begun().count(), 0);
        let mut all = begun.into_inner();
        all.sort_unstable();
        assert_eq!(all, (0..96).collect::<Vec<_>>());
    }
}
