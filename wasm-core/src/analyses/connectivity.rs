//! Which pairs of electrodes fire together more often than copies of the recording do.
//!
//! The measure is the spike time tiling coefficient (Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014). For the
//! comparison each segment is a circle, in the recording as in its copies: what is moved beyond the end comes in
//! at the start, tiles too, so that a train tiles the same time in every copy and equal counts are equal values.

mod circle;
mod moments;
mod significance;
mod tail;

use super::SegmentTrains;
use super::parallel::{each, parts};
use super::random::Random;
use super::synchrony::term;
use circle::{Circle, Tile, tiles};
use moments::Moments;

pub(crate) use significance::adjusted as benjamini_hochberg;
pub use significance::{EdgeRule, PairVerdict, judge_pairs};
pub(super) use tail::normal;

/// What a copy of the recording keeps; times are frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// Two trains are moved against each other along the recording, by the same times for all pairs. Nothing stays
    /// common.
    Shift {
        /// By no less than this; by a quarter of a segment that is short.
        least: i64,
    },
    /// Two trains are moved against each other by little: what changes far more slowly, as rates that drift
    /// together, stays common, and each train keeps its intervals (dithering of whole trains: Louis et al. 2010,
    /// doi:10.3389/fncom.2010.00127; Stark & Abeles 2009, doi:10.1016/j.jneumeth.2008.12.029).
    Near {
        /// By no less than this.
        least: i64,
        /// By no more than this.
        most: i64,
    },
    /// Every spike moves to a random place within its window, the same windows for all trains: what is slower than
    /// a window, as network bursts are, stays common (Amarasingham et al. 2012, doi:10.1152/jn.00633.2011).
    Jitter {
        /// Length of a window.
        window: i64,
    },
}

impl Null {
    /// How far trains are moved against each other at least and at most; half of a segment is the farthest.
    const fn reach(self) -> (i64, i64) {
        match self {
            Self::Shift { least } => (least, i64::MAX),
            Self::Near { least, most } => (least, most),
            Self::Jitter { .. } => (0, 0),
        }
    }
}

/// How a pair compares with its copies.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// The coefficient in the recording, as a circle.
    pub observed: f64,
    /// What one coincidence adds to it.
    one_more: f64,
    moments: Moments,
    /// Copies in which it is at least as large.
    n_at_least: u32,
    /// Copies in which it is at most as large.
    n_at_most: u32,
}

/// Compares every pair of trains, `(0, 1), (0, 2), … (1, 2), …`, with `n_copies` copies of the recording.
///
/// The counts of all pairs of a copy are found at once. Two trains that are moved by `s` and by
/// `-s` against each other make two copies from the same counts.
#[must_use]
pub fn compare_pairs(segments: &[SegmentTrains<'_>], dt: i64, null: Null, n_copies: u32, seed: u64) -> Vec<Compared> {
    let own: Vec<Own> = segments.iter().map(Own::new).collect();
    let still = vec![0; own.len()];
    let tiled = Tiled::new(&own, dt);
    let mut pairs = Pairs::new(&own, &tiled.near(&still));
    let mut random = Random::new(seed);
    match null {
        Null::Shift { .. } | Null::Near { .. } => {
            let (least, most) = null.reach();
            for copy in (0..n_copies).step_by(2) {
                let there: Vec<i64> = own.iter().map(|own| own.shift((least, most), &mut random)).collect();
                let back: Vec<i64> = there.iter().map(|shift| -shift).collect();
                let [there, back] = [there, back].map(|shifts| tiled.near(&shifts));
                pairs.add(&there, &back);
                if copy + 1 < n_copies {
                    pairs.add(&back, &there);
                }
            }
        }
        Null::Jitter { window } => {
            for _ in 0..n_copies {
                let moved: Vec<Own> = own.iter().map(|own| own.jittered(window, &mut random)).collect();
                let tiled = Tiled::new(&moved, dt);
                let near = tiled.near(&still);
                pairs.add(&near, &near);
            }
        }
    }
    pairs.compared
}

/// The trains of one segment.
struct Own {
    n_frames: i64,
    /// Sorted frames of `0..n_frames`.
    trains: Vec<Vec<i64>>,
}

impl Own {
    fn new(segment: &SegmentTrains<'_>) -> Self {
        let n_frames = segment.n_frames.max(1);
        let inside = |train: &&[i64]| {
            let mut train: Vec<i64> = train.iter().map(|frame| frame.rem_euclid(n_frames)).collect();
            train.sort_unstable();
            train
        };
        Self { n_frames, trains: segment.trains.iter().map(inside).collect() }
    }

    fn shift(&self, (least, most): (i64, i64), random: &mut Random) -> i64 {
        let least = least.clamp(0, self.n_frames / 4);
        let most = most.clamp(least, self.n_frames / 2);
        least + random.below(most - least + 1)
    }

    fn jittered(&self, window: i64, random: &mut Random) -> Self {
        let window = window.max(1);
        let mut trains = self.trains.clone();
        for train in &mut trains {
            for frame in &mut *train {
                let start = *frame - *frame % window;
                *frame = start + random.below(window.min(self.n_frames - start));
            }
            train.sort_unstable();
        }
        Self { n_frames: self.n_frames, trains }
    }
}

/// Spikes and tiles of all trains, a list per segment.
struct Tiled {
    circles: Vec<Circle>,
    /// `[segment][train]`.
    tiles: Vec<Vec<Vec<Tile>>>,
    /// The share of the time that each train tiles.
    shares: Vec<f64>,
}

impl Tiled {
    #[expect(clippy::cast_precision_loss, reason = "frames")]
    fn new(own: &[Own], dt: i64) -> Self {
        let of = |own: &Own| own.trains.iter().map(|train| tiles(train, dt, own.n_frames)).collect::<Vec<_>>();
        let tiles: Vec<Vec<Vec<Tile>>> = own.iter().map(of).collect();
        let n_frames: i64 = own.iter().map(|own| own.n_frames).sum();
        let share = |train: usize| {
            let each = own.iter().zip(&tiles);
            let tiled = each.map(|(own, tiles)| {
                let n_tiled: i64 = tiles[train].iter().map(|tile| tile.length).sum();
                n_tiled.min(own.n_frames)
            });
            tiled.sum::<i64>() as f64 / n_frames as f64
        };
        let n_trains = own.first().map_or(0, |own| own.trains.len());
        let shares = (0..n_trains).map(share).collect();
        let circles = own.iter().map(|own| Circle::new(&own.trains, own.n_frames)).collect();
        Self { circles, tiles, shares }
    }

    /// Counts, where the tiles of one train are moved by so many frames of each segment.
    fn near(&self, shifts: &[i64]) -> Near<'_> {
        let n_trains = self.shares.len();
        let mut counts = vec![0; n_trains * n_trains];
        each(counts.chunks_exact_mut(n_trains.max(1)).enumerate(), |(train, counts)| {
            for ((circle, tiles), shift) in self.circles.iter().zip(&self.tiles).zip(shifts) {
                circle.add_near(&tiles[train], *shift, counts);
            }
        });
        Near { counts, shares: &self.shares }
    }
}

/// How many spikes of each train lie in the tiles of each other.
struct Near<'a> {
    /// `[train that tiles][train that is counted]`, one row after the other.
    counts: Vec<u32>,
    shares: &'a [f64],
}

/// All pairs while copies are added.
struct Pairs {
    n_spikes: Vec<f64>,
    compared: Vec<Compared>,
    n_copies: u32,
}

impl Pairs {
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
    fn new(own: &[Own], seen: &Near<'_>) -> Self {
        let n_trains = seen.shares.len();
        let count = |train: usize| own.iter().map(|own| own.trains[train].len()).sum::<usize>() as f64;
        let n_spikes: Vec<f64> = (0..n_trains).map(count).collect();
        let mut compared = Vec::with_capacity(n_trains * n_trains.saturating_sub(1) / 2);
        for a in 0..n_trains {
            for b in a + 1..n_trains {
                compared.push(Compared {
                    observed: coefficient(&n_spikes, (a, b), seen, seen),
                    one_more: f64::midpoint(1.0 / n_spikes[a], 1.0 / n_spikes[b]),
                    moments: Moments::default(),
                    n_at_least: 0,
                    n_at_most: 0,
                });
            }
        }
        Self { n_spikes, compared, n_copies: 0 }
    }

    /// Adds a copy: the counts where the first train of a pair is moved, and those where the second is moved the
    /// other way.
    fn add(&mut self, first: &Near<'_>, second: &Near<'_>) {
        self.n_copies += 1;
        let n_copies = f64::from(self.n_copies);
        let n_trains = self.n_spikes.len();
        let n_spikes = &self.n_spikes;
        let rows = parts(&mut self.compared, (0..n_trains).rev());
        each(rows.enumerate(), |(a, row)| {
            for (b, pair) in (a + 1..n_trains).zip(row) {
                let value = coefficient(n_spikes, (a, b), first, second);
                pair.moments.add(value, n_copies);
                pair.n_at_least += u32::from(value >= pair.observed);
                pair.n_at_most += u32::from(value <= pair.observed);
            }
        });
    }
}

fn coefficient(n_spikes: &[f64], (a, b): (usize, usize), first: &Near<'_>, second: &Near<'_>) -> f64 {
    let n_trains = n_spikes.len();
    let near_a = f64::from(first.counts[a * n_trains + b]) / n_spikes[b];
    let near_b = f64::from(second.counts[b * n_trains + a]) / n_spikes[a];
    f64::midpoint(term(near_a, first.shares[a]), term(near_b, second.shares[b]))
}
