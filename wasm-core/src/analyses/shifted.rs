//! Copies of a culture in which nothing is common any more.

use super::SegmentTrains;
use super::random::Random;

/// Trains of which each is moved along its segment by a time of its own; what leaves at the end comes
/// in at the start.
pub struct Shifted {
    /// Length and trains of each segment.
    segments: Vec<(i64, Vec<Vec<i64>>)>,
}

impl Shifted {
    /// A copy; each number gives another one, the same on every platform.
    #[must_use]
    pub fn new(segments: &[SegmentTrains<'_>], copy: u64) -> Self {
        let mut random = Random::new(copy);
        let mut moved = Vec::with_capacity(segments.len());
        for SegmentTrains { n_frames, trains } in segments {
            let own = trains.iter().map(|train| rotated(train, random.below(*n_frames), *n_frames));
            moved.push((*n_frames, own.collect()));
        }
        Self { segments: moved }
    }

    /// The trains of the copy.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentTrains<'_>> {
        self.segments
            .iter()
            .map(|(n_frames, trains)| SegmentTrains {
                n_frames: *n_frames,
                trains: trains.iter().map(Vec::as_slice).collect(),
            })
            .collect()
    }
}

/// A sorted train, moved by `shift` of `n_frames` frames: what wraps around comes first, and nothing
/// has to be sorted.
fn rotated(train: &[i64], shift: i64, n_frames: i64) -> Vec<i64> {
    let to = |frame: &i64| frame.saturating_add(shift);
    let around = |frame: i64| if frame >= n_frames { frame - n_frames.max(0) } else { frame };
    let mut moved: Vec<i64> = train.iter().map(|frame| around(to(frame))).collect();
    moved.rotate_left(train.partition_point(|frame| to(frame) < n_frames));
    // Spikes outside their segment, if a file has any.
    if !moved.is_sorted() {
        moved.sort_unstable();
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_at_the_end_comes_in_at_the_start() {
        assert_eq!(rotated(&[0, 10, 70, 99], 40, 100), [10, 39, 40, 50]);
        assert_eq!(rotated(&[0, 10, 70, 99], 0, 100), [0, 10, 70, 99]);
        assert_eq!(rotated(&[], 7, 100), [0_i64; 0]);
        assert_eq!(rotated(&[3, 5], 0, 0), [3, 5]);
        assert!(rotated(&[-5, 40, 130], 70, 100).is_sorted());
    }

    #[test]
    fn a_copy_keeps_the_intervals_and_moves_each_train_for_itself() {
        let train: Vec<i64> = (0..50).map(|at| at * at).collect();
        let segments = [(3000, &train), (2500, &train)]
            .map(|(n_frames, train)| SegmentTrains { n_frames, trains: vec![train.as_slice(); 3] });
        let copy = Shifted::new(&segments, 5);
        for (segment, moved) in segments.iter().zip(copy.segments()) {
            for own in &moved.trains {
                assert!(own.is_sorted() && own.iter().all(|frame| (0..segment.n_frames).contains(frame)));
                // Moved back by the right time it is the train again.
                let is_back = |first: &i64| {
                    let shift = own[0] - first;
                    let mut back: Vec<i64> = own.iter().map(|at| (at - shift).rem_euclid(segment.n_frames)).collect();
                    back.sort_unstable();
                    back == train
                };
                assert!(train.iter().any(is_back), "{own:?}");
            }
            assert!(moved.trains[0] != moved.trains[1] && moved.trains[1] != moved.trains[2]);
        }
        let first = |copy: u64| Shifted::new(&segments, copy).segments()[0].trains[0].to_vec();
        assert_eq!(first(7), first(7));
        assert_ne!(first(7), first(8));
    }
}
