//! The spikes of a segment on a circle, and how many of each train lie near those of another.

use std::ops::Range;

/// A stretch of a circle, from its first frame to the one `length` later, both of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// May lie before the start of the circle.
    pub start: i64,
    pub length: i64,
}

/// The times within `dt` of the spikes of a train, overlaps once, on a circle of `n_frames`. The frames of the train
/// are sorted and lie on it.
pub fn tiles(train: &[i64], dt: i64, n_frames: i64) -> Vec<Tile> {
    let runs = train.chunk_by(|before, after| after - before <= 2 * dt);
    let tile = |run: &[i64]| Tile { start: run[0] - dt, length: run[run.len() - 1] - run[0] + 2 * dt };
    let mut tiles: Vec<Tile> = runs.map(tile).collect();
    let n = tiles.len();
    if n > 1 {
        // What reaches over the end may meet what begins before the start.
        let (first, last) = (tiles[0], tiles[n - 1]);
        let start = last.start - n_frames;
        if start + last.length >= first.start {
            tiles[0] = Tile { start, length: first.start + first.length - start };
            tiles.truncate(n - 1);
        }
    }
    tiles
}

/// The spikes of all trains of a segment, in order of time. The tiles of a train are then stretches of that list, so
/// that all other trains are counted in one go and only spikes inside tiles are looked at: of 1,000 trains that tile
/// 8 % of the time each, that is a twelfth of asking every spike of every other train.
pub struct Circle {
    n_frames: i64,
    frames: Vec<i64>,
    /// The train of each spike.
    owners: Vec<u32>,
    /// How many spikes lie before each stretch of `1 << bits` frames, about one spike each.
    starts: Vec<u32>,
    bits: u32,
    /// How many spikes of each train lie before every `step`-th place, so that long stretches, as bursts make
    /// them, need not be walked through.
    sums: Vec<u32>,
    step: usize,
}

impl Circle {
    /// The frames of the trains lie in `0..n_frames`, of which there is at least one.
    pub fn new(trains: &[Vec<i64>], n_frames: i64) -> Self {
        let mut spikes: Vec<(i64, u32)> = Vec::with_capacity(trains.iter().map(Vec::len).sum());
        for (owner, train) in (0_u32..).zip(trains) {
            spikes.extend(train.iter().map(|frame| (*frame, owner)));
        }
        spikes.sort_unstable();
        let (frames, owners): (Vec<i64>, Vec<u32>) = spikes.into_iter().unzip();
        let per_spike = n_frames.unsigned_abs() / frames.len().max(1) as u64;
        let bits = per_spike.max(1).ilog2();
        let mut starts = Vec::new();
        let mut n_before = 0_u32;
        for stretch in 0..=(n_frames >> bits) + 1 {
            while frames.get(n_before as usize).is_some_and(|frame| *frame < stretch << bits) {
                n_before += 1;
            }
            starts.push(n_before);
        }
        let step = trains.len().max(1);
        let mut counts = vec![0_u32; trains.len()];
        let mut sums = counts.clone();
        for owners in owners.chunks_exact(step) {
            for owner in owners {
                counts[*owner as usize] += 1;
            }
            sums.extend_from_slice(&counts);
        }
        Self { n_frames, frames, owners, starts, bits, sums, step }
    }

    /// Adds to each train's count its spikes inside tiles that are moved by `shift` frames.
    pub fn add_near(&self, tiles: &[Tile], shift: i64, near: &mut [u32]) {
        for tile in tiles {
            let from = (tile.start + shift).rem_euclid(self.n_frames);
            // Once around is everywhere.
            let behind = from + tile.length.min(self.n_frames - 1) + 1;
            if behind <= self.n_frames {
                self.count(self.n_before(from)..self.n_before(behind), near);
            } else {
                self.count(self.n_before(from)..self.frames.len(), near);
                self.count(0..self.n_before(behind - self.n_frames), near);
            }
        }
    }

    /// How many spikes lie before a frame of `0..=n_frames`.
    fn n_before(&self, frame: i64) -> usize {
        let stretch = usize::try_from(frame >> self.bits).unwrap_or_default();
        let (from, to) = (self.starts[stretch] as usize, self.starts[stretch + 1] as usize);
        from + self.frames[from..to].partition_point(|own| *own < frame)
    }

    fn count(&self, places: Range<usize>, near: &mut [u32]) {
        let (first, last) = (places.start.div_ceil(self.step), places.end / self.step);
        if first < last {
            let n_trains = near.len();
            let (before, after) = (&self.sums[first * n_trains..], &self.sums[last * n_trains..]);
            for (near, (before, after)) in near.iter_mut().zip(before.iter().zip(after)) {
                *near += after - before;
            }
            self.walk(places.start..first * self.step, near);
            self.walk(last * self.step..places.end, near);
        } else {
            self.walk(places, near);
        }
    }

    fn walk(&self, places: Range<usize>, near: &mut [u32]) {
        for owner in &self.owners[places] {
            near[*owner as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tiles_meet_over_the_end() {
        let tile = |start, length| Tile { start, length };
        assert_eq!(tiles(&[10, 14, 50], 3, 100), [tile(7, 10), tile(47, 6)]);
        assert_eq!(tiles(&[1, 50, 98], 3, 100), [tile(-5, 9), tile(47, 6)]);
        assert_eq!(tiles(&[1, 98], 3, 100), [tile(-5, 9)]);
        assert_eq!(tiles(&[5], 60, 100), [tile(-55, 120)]);
        assert_eq!(tiles(&[], 3, 100), []);
    }

    proptest! {
        #[test]
        fn counts_are_those_of_every_pair_of_spikes(
            trains in prop::collection::vec(prop::collection::vec(0_i64..500, 0..40), 1..6),
            dt in 0_i64..120,
            shift in -600_i64..600,
        ) {
            let sorted = |mut train: Vec<i64>| { train.sort_unstable(); train };
            let trains: Vec<Vec<i64>> = trains.into_iter().map(sorted).collect();
            let circle = Circle::new(&trains, 500);
            let apart = |a: i64, b: i64| { let way = (a - b).rem_euclid(500); way.min(500 - way) };
            for own in &trains {
                let mut near = vec![0; trains.len()];
                let own_tiles = tiles(own, dt, 500);
                circle.add_near(&own_tiles, shift, &mut near);
                let is_near = |spike: &&i64| own.iter().any(|other| apart(**spike, other + shift) <= dt);
                let wanted: Vec<usize> = trains.iter().map(|other| other.iter().filter(is_near).count()).collect();
                prop_assert_eq!(near.iter().map(|count| *count as usize).collect::<Vec<_>>(), wanted);
                // Time that is tiled: half-open steps of one frame.
                let mut is_tiled = vec![false; 500];
                for at in own.iter().flat_map(|spike| (-dt..dt).map(move |by| (spike + by).rem_euclid(500))) {
                    is_tiled[usize::try_from(at).expect("small")] = true;
                }
                let n_tiled = i64::try_from(is_tiled.iter().filter(|tiled| **tiled).count()).expect("small");
                prop_assert_eq!(own_tiles.iter().map(|tile| tile.length).sum::<i64>().min(500), n_tiled);
            }
        }
    }
}
