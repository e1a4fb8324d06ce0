//! All spikes of a culture in one list.

use super::{CommonBurst, CultureTrains};
use crate::analyses::SegmentTrains;

/// Bits for the electrode of a spike; the others are for its frame, which lies below it in no segment of
/// less than 2^43 frames. A sort of single numbers is several times as fast as one of pairs.
const OWNER_BITS: u32 = 20;
const MAX_FRAME: i64 = (1 << 43) - 1;

/// The spikes of all trains of a segment in order of time, and the place of the train of each. Equal times
/// stay apart.
pub struct Pool {
    keys: Vec<u64>,
}

impl Pool {
    /// Puts the trains together.
    pub fn new(segment: &SegmentTrains<'_>) -> Self {
        let mut keys = Vec::with_capacity(segment.trains.iter().map(|train| train.len()).sum());
        for (owner, train) in (0_u64..1 << OWNER_BITS).zip(&segment.trains) {
            let key = |frame: &i64| ((*frame).clamp(0, MAX_FRAME).cast_unsigned() << OWNER_BITS) | owner;
            keys.extend(train.iter().map(key));
        }
        keys.sort_unstable();
        Self { keys }
    }

    /// Number of spikes.
    pub fn n(&self) -> usize {
        self.keys.len()
    }

    /// The frame of a spike.
    pub fn frame(&self, at: usize) -> i64 {
        (self.keys[at] >> OWNER_BITS).cast_signed()
    }

    /// The place of its train.
    pub fn owner(&self, at: usize) -> usize {
        usize::try_from(self.keys[at] & ((1 << OWNER_BITS) - 1)).unwrap_or_default()
    }
}

/// Tells which electrodes fire in a stretch of spikes, without a list that is cleared each time.
pub struct Seen {
    /// The stretch in which each electrode was last seen.
    last: Vec<u64>,
    stretch: u64,
    n_active: usize,
}

impl Seen {
    /// Nothing is seen yet.
    pub fn new(trains: &CultureTrains<'_>) -> Self {
        let n_trains = trains.segments.iter().map(|segment| segment.trains.len()).max().unwrap_or(0);
        Self { last: vec![0; n_trains], stretch: 0, n_active: trains.n_active }
    }

    /// Begins another stretch.
    pub fn clear(&mut self) {
        self.stretch += 1;
    }

    /// Sees an electrode: whether it is new in this stretch, and whether it is new and active, as numbers.
    pub fn see(&mut self, owner: usize) -> (usize, usize) {
        let is_new = self.last[owner] != self.stretch;
        self.last[owner] = self.stretch;
        (usize::from(is_new), usize::from(is_new && owner < self.n_active))
    }
}

/// The bursts from stretches of the spikes of each segment, given by the places of their first and last
/// spike; each spike lies in one of them at most.
pub fn bursts_of(trains: &CultureTrains<'_>, stretches: impl Fn(&Pool) -> Vec<(usize, usize)>) -> Vec<CommonBurst> {
    let mut seen = Seen::new(trains);
    let mut bursts = Vec::new();
    for (segment, own) in trains.segments.iter().enumerate() {
        let pool = Pool::new(own);
        for (first, last) in stretches(&pool) {
            seen.clear();
            let (mut n_electrodes, mut n_active) = (0, 0);
            for at in first..=last {
                let (is_new, is_new_and_active) = seen.see(pool.owner(at));
                n_electrodes += is_new;
                n_active += is_new_and_active;
            }
            let n_spikes = (last - first + 1) as u64;
            let (start, end) = (pool.frame(first), pool.frame(last));
            bursts.push(CommonBurst { segment, start, end, n_spikes, n_electrodes, n_active });
        }
    }
    bursts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_are_in_order_and_keep_their_train() {
        let trains = vec![&[5_i64, 9][..], &[], &[1, 5, 7]];
        let segment = SegmentTrains { n_frames: 10, trains };
        let pool = Pool::new(&segment);
        let all: Vec<(i64, usize)> = (0..pool.n()).map(|at| (pool.frame(at), pool.owner(at))).collect();
        assert_eq!(all, [(1, 2), (5, 0), (5, 2), (7, 2), (9, 0)]);
        let trains = CultureTrains { segments: vec![segment], n_active: 1 };
        let burst = |start, end, n_spikes, n_electrodes, n_active| CommonBurst {
            segment: 0,
            start,
            end,
            n_spikes,
            n_electrodes,
            n_active,
        };
        assert_eq!(bursts_of(&trains, |_| vec![(0, 2), (3, 3)]), [burst(1, 5, 3, 2, 1), burst(7, 7, 1, 1, 0)]);
    }
}
