//! Portions: which worker does which tasks.

use std::ops::Range;

/// Pieces of work in order, shared out to workers. Each takes its own stretch from front to back, for
/// what lies together is decoded once; who has nothing left takes half of the longest rest.
#[derive(Clone, Debug)]
pub struct Portions {
    left: Vec<Range<usize>>,
}

impl Portions {
    /// So many pieces for so many workers.
    #[must_use]
    pub fn new(n_pieces: usize, n_workers: usize) -> Self {
        let n_workers = n_workers.max(1);
        let start = |worker: usize| worker * n_pieces / n_workers;
        Self { left: (0..n_workers).map(|worker| start(worker)..start(worker + 1)).collect() }
    }

    /// The next piece for a worker; none where nothing is left.
    pub fn take(&mut self, worker: usize) -> Option<usize> {
        if self.left.get(worker)?.is_empty() {
            let longest = self.left.iter_mut().max_by_key(ExactSizeIterator::len)?;
            let middle = longest.start + longest.len() / 2;
            let taken = middle..longest.end;
            longest.end = middle;
            self.left[worker] = taken;
        }
        self.left[worker].next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_taken_once_and_a_slow_worker_is_helped() {
        for (n_pieces, n_workers) in [(0, 2), (1, 2), (7, 2), (100, 8), (5, 0)] {
            let mut portions = Portions::new(n_pieces, n_workers);
            // The last worker takes one piece only, then is slow.
            let slow = n_workers.max(1) - 1;
            let mut taken: Vec<usize> = portions.take(slow).into_iter().collect();
            while let Some(piece) = portions.take(0) {
                taken.push(piece);
            }
            taken.sort_unstable();
            assert_eq!(taken, (0..n_pieces).collect::<Vec<_>>(), "{n_pieces} pieces, {n_workers} workers");
        }
    }

    #[test]
    fn a_worker_goes_through_its_own_stretch_in_order() {
        let mut portions = Portions::new(10, 2);
        assert_eq!([portions.take(0), portions.take(1), portions.take(0)], [Some(0), Some(5), Some(1)]);
    }
}
