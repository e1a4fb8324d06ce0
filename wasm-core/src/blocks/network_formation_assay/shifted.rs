//! Trains in which nothing is common any more: each is moved along its segment by a time of its own, and
//! what leaves at the end comes in at the start.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::analyses::SegmentTrains;

/// The trains, `[segment][train]`, of a copy; each number gives another one, the same on every platform.
pub fn shifted(segments: &[SegmentTrains<'_>], copy: u64) -> Vec<Vec<Vec<i64>>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(copy);
    let mut moved = Vec::with_capacity(segments.len());
    for segment in segments {
        let mut own = Vec::with_capacity(segment.trains.len());
        for train in &segment.trains {
            own.push(rotated(train, segment.n_frames, below(random.next_u64(), segment.n_frames)));
        }
        moved.push(own);
    }
    moved
}

/// A sorted train that is moved by `shift` of `n_frames` frames.
fn rotated(train: &[i64], n_frames: i64, shift: i64) -> Vec<i64> {
    let stays = train.partition_point(|frame| *frame < n_frames - shift);
    let (head, tail) = train.split_at(stays);
    let (head, tail) = (head.iter().map(|frame| frame + shift), tail.iter().map(|frame| frame + shift - n_frames));
    tail.chain(head).collect()
}

/// A number of `0..n` from 64 random bits.
fn below(bits: u64, n: i64) -> i64 {
    let product = u128::from(bits) * u128::from(n.max(0).cast_unsigned());
    i64::try_from(product >> 64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_moves_each_train_by_a_time_of_its_own() {
        assert_eq!(rotated(&[0, 10, 70, 99], 100, 30), [0, 29, 30, 40]);
        assert_eq!(rotated(&[0, 10], 100, 0), [0, 10]);
        let train: Vec<i64> = (0..50).map(|at| at * at).collect();
        let segment = SegmentTrains { n_frames: 2500, trains: vec![&train[..], &train[..], &[]] };
        let copy = shifted(std::slice::from_ref(&segment), 1);
        assert_eq!(copy, shifted(std::slice::from_ref(&segment), 1));
        assert_ne!(copy, shifted(&[segment], 2));
        assert_ne!(copy[0][0], copy[0][1]);
        assert!(copy[0][..2].iter().all(|own| own.len() == 50 && own.is_sorted()) && copy[0][2].is_empty());
        assert_eq!([below(0, 7), below(u64::MAX, 7), below(u64::MAX, -3)], [0, 6, 0]);
    }
}
