//! Correlation and mutual information of trains in short bins.

use crate::analyses::SegmentTrains;

/// The share of bins that an electrode must exceed to tell anything: Ball et al. 2017.
const MIN_SHARE: f64 = 0.001;

/// The length of a bin: `den / num` frames.
#[derive(Clone, Copy, Debug)]
pub struct Pitch {
    /// Bins in `den` frames.
    pub num: u64,
    /// Frames in `num` bins.
    pub den: u64,
}

/// Which trains fire in which bins, the segments one behind another.
pub struct SharedBins {
    /// Bin and train, each pair once, in order.
    busy: Vec<(u64, usize)>,
    n_bins: u64,
    /// Bins in which each train fires.
    n_busy: Vec<u64>,
}

impl SharedBins {
    /// Bins begin with each segment.
    pub fn new(segments: &[SegmentTrains<'_>], pitch: Pitch) -> Self {
        let n_trains = segments.first().map_or(0, |segment| segment.trains.len());
        let (mut busy, mut n_bins) = (Vec::new(), 0_u64);
        for segment in segments {
            let n_frames = u64::try_from(segment.n_frames).unwrap_or(0);
            let n_own = n_frames.saturating_mul(pitch.num).div_ceil(pitch.den);
            // What lies at the very end is of the last bin.
            let last = n_own.saturating_sub(1);
            for (at, train) in segment.trains.iter().enumerate() {
                let bin = |frame: &i64| u64::try_from(*frame).unwrap_or(0).saturating_mul(pitch.num) / pitch.den;
                busy.extend(train.iter().map(|frame| (n_bins + bin(frame).min(last), at)));
            }
            n_bins += n_own;
        }
        busy.sort_unstable();
        busy.dedup();
        let mut n_busy = vec![0; n_trains];
        for (_, at) in &busy {
            n_busy[*at] += 1;
        }
        Self { busy, n_bins, n_busy }
    }

    /// Mean correlation (Pearson) of all pairs of trains, 1 in bins in which a train fires and 0 in the
    /// others; none of fewer than two trains that fire in some bins and not in all.
    ///
    /// With n bins, of which train i fires in a(i) and both of a pair in c(i, j), a correlation is
    /// (n c(i, j) - a(i) a(j)) / (s(i) s(j)), where s(i)² = a(i) (n - a(i)). Its sum over all pairs needs
    /// only one pass over the bins: the sum of 1 / (s(i) s(j)) over the pairs in a bin is half of the square
    /// of the sum of 1 / s(i) less the sum of the squares.
    #[expect(clippy::cast_precision_loss, reason = "counts of bins and trains")]
    pub fn correlation(&self) -> Option<f64> {
        let n_bins = self.n_bins as f64;
        let inverse = |n_busy: &u64| {
            let n_busy = *n_busy as f64;
            let square = n_busy * (n_bins - n_busy);
            if square > 0.0 { 1.0 / libm::sqrt(square) } else { 0.0 }
        };
        let inverses: Vec<f64> = self.n_busy.iter().map(inverse).collect();
        let n = inverses.iter().filter(|inverse| **inverse > 0.0).count() as f64;
        let mut shared = 0.0;
        for bin in self.busy.chunk_by(|before, after| before.0 == after.0).filter(|bin| bin.len() > 1) {
            shared += twice_the_pairs(bin.iter().map(|(_, at)| inverses[*at]));
        }
        let by_chance =
            twice_the_pairs(self.n_busy.iter().zip(&inverses).map(|(n_busy, inverse)| *n_busy as f64 * inverse));
        (n >= 2.0).then(|| (n_bins * shared - by_chance) / (n * (n - 1.0)))
    }

    /// The normalised mutual information (multiinformation) of the trains in bits: the entropies of all
    /// trains less that of their patterns, divided by the number of trains less one. Trains that fire in
    /// fewer than one bin of a thousand, or in more than all but these, are left out; none of fewer than two
    /// others. Ball et al. 2017, doi:10.1016/j.neunet.2017.07.009.
    #[expect(clippy::cast_precision_loss, reason = "counts of bins and trains")]
    pub fn information(&self) -> Option<f64> {
        let n_bins = self.n_bins as f64;
        let share = |n: u64| n as f64 / n_bins;
        let single = |n_busy: u64| surprise(share(n_busy)) + surprise(1.0 - share(n_busy));
        let least = surprise(MIN_SHARE) + surprise(1.0 - MIN_SHARE);
        let entropies: Vec<Option<f64>> =
            self.n_busy.iter().map(|n_busy| Some(single(*n_busy)).filter(|entropy| *entropy > least)).collect();
        let kept: Vec<f64> = entropies.iter().copied().flatten().collect();
        let told: Vec<(u64, usize)> = self.busy.iter().copied().filter(|(_, at)| entropies[*at].is_some()).collect();
        let mut patterns: Vec<&[(u64, usize)]> = told.chunk_by(|before, after| before.0 == after.0).collect();
        patterns.sort_unstable_by(|one, other| one.iter().map(|(_, at)| at).cmp(other.iter().map(|(_, at)| at)));
        let n_silent = self.n_bins - patterns.len() as u64;
        let same = patterns.chunk_by(|one, other| one.iter().map(|(_, at)| at).eq(other.iter().map(|(_, at)| at)));
        let together: f64 = same.map(|same| surprise(share(same.len() as u64))).sum();
        let all: f64 = kept.iter().sum();
        let n = kept.len() as f64;
        (n >= 2.0).then(|| (all - together - surprise(share(n_silent))) / (n - 1.0))
    }
}

/// The sum of the products of all ordered pairs.
fn twice_the_pairs(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) = values.fold((0.0, 0.0), |(sum, squares), value| (sum + value, squares + value * value));
    sum * sum - squares
}

/// What something of this probability adds to an entropy, in bits.
fn surprise(probability: f64) -> f64 {
    if probability > 0.0 { -probability * libm::log(probability) / std::f64::consts::LN_2 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PITCH: Pitch = Pitch { num: 1, den: 10 };

    fn bins(trains: &[&[i64]], n_frames: i64) -> SharedBins {
        SharedBins::new(&[SegmentTrains { n_frames, trains: trains.to_vec() }], PITCH)
    }

    fn is_near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    #[test]
    fn trains_that_fire_in_the_same_bins_are_one() {
        // Two trains in bins 0, 3 and 7 of ten; twice in one bin is once.
        let same: [&[i64]; 2] = [&[0, 5, 30, 70], &[9, 31, 79]];
        assert!(is_near(bins(&same, 100).correlation(), 1.0));
        // What they share is all that each tells.
        let entropy = surprise(0.3) + surprise(0.7);
        assert!(is_near(bins(&same, 100).information(), entropy));
        // One in a half, the other in the other half.
        let apart: [&[i64]; 2] = [&[0, 10, 20, 30, 40], &[50, 60, 70, 80, 90]];
        assert!(is_near(bins(&apart, 100).correlation(), -1.0));
        assert!(is_near(bins(&apart, 100).information(), 1.0));
        // Three trains: the mean over the pairs is that of 1, -1 and -1.
        let three: [&[i64]; 3] = [apart[0], apart[0], apart[1]];
        assert!(is_near(bins(&three, 100).correlation(), -1.0 / 3.0));
    }

    #[test]
    fn trains_that_know_nothing_of_each_other_share_nothing() {
        // Each of four patterns once.
        let trains: [&[i64]; 2] = [&[0, 10], &[0, 20]];
        assert!(is_near(bins(&trains, 40).correlation(), 0.0));
        assert!(is_near(bins(&trains, 40).information(), 0.0));
    }

    #[test]
    fn fewer_than_two_trains_share_nothing() {
        let always: Vec<i64> = (0..10).map(|at| at * 10).collect();
        let cases: [&[&[i64]]; 4] = [&[], &[&[5]], &[&[5], &[]], &[&[5], &always]];
        for trains in cases {
            let own = bins(trains, 100);
            assert_eq!((own.correlation(), own.information()), (None, None), "{trains:?}");
        }
        assert_eq!(bins(&[&[5], &[5]], 0).correlation(), None);
        assert_eq!(SharedBins::new(&[], PITCH).information(), None);
    }

    #[test]
    fn segments_count_together() {
        let (a, b) = ([0_i64, 10], [0_i64, 94]);
        let segment = || SegmentTrains { n_frames: 95, trains: vec![&a[..], &b[..]] };
        let (one, two) = (SharedBins::new(&[segment()], PITCH), SharedBins::new(&[segment(), segment()], PITCH));
        assert_eq!((one.n_bins, two.n_bins, two.n_busy.as_slice()), (10, 20, &[4, 4][..]));
        assert!(is_near(two.correlation(), one.correlation().unwrap_or(f64::NAN)));
    }
}
