//! Correlograms: how often one train fires so long before or behind another, and how often it would by chance.
//!
//! Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86597-4.

use std::cmp::Reverse;

use super::SegmentTrains;

/// The bins of a correlogram, in whole frames. The bin in the middle begins half a bin before a delay of 0 and
/// ends half a bin behind it; a delay on the limit of two bins belongs to the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelayBins {
    /// Frames of a bin, at least 1.
    pub width: i64,
    /// Bins to each side of the one in the middle.
    pub n_beside: i64,
}

impl DelayBins {
    /// Number of bins.
    #[must_use]
    pub fn n(&self) -> usize {
        usize::try_from(2 * self.n_beside + 1).unwrap_or_default()
    }

    /// The middle of a bin in frames.
    #[must_use]
    pub fn delay(&self, bin: usize) -> i64 {
        (i64::try_from(bin).unwrap_or_default() - self.n_beside) * self.width
    }

    /// The bin of a delay; none, or one that does not exist, where it lies outside. Twice the delay is taken,
    /// as half a bin may be half a frame.
    fn bin(&self, delay: i64) -> Option<usize> {
        usize::try_from((2 * delay + self.width).div_euclid(2 * self.width) + self.n_beside).ok()
    }

    /// The first and the last delay of a bin.
    fn ends(&self, bin: usize) -> (i64, i64) {
        let middle = 2 * self.delay(bin);
        let before = (self.width - middle).div_euclid(2);
        (-before, (middle + self.width - 1).div_euclid(2))
    }

    /// Counts from each spike of `a` the delays to the spikes of `b`, each train being walked through once.
    fn count(&self, a: &[i64], b: &[i64], counts: &mut [u64]) {
        let (first, last) = (self.ends(0).0, self.ends(self.n().saturating_sub(1)).1);
        let mut from = 0;
        for spike in a {
            from += b[from..].iter().take_while(|other| **other - spike < first).count();
            for other in b[from..].iter().take_while(|other| **other - spike <= last) {
                if let Some(count) = self.bin(other - spike).and_then(|bin| counts.get_mut(bin)) {
                    *count += 1;
                }
            }
        }
    }

    /// For each bin, the share of all pairs of moments of a segment that lie so far apart.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn shares(&self, n_frames: i64) -> Vec<f64> {
        let n = n_frames.max(1) as f64;
        let pairs = |(first, last): (i64, i64)| -> f64 {
            (first..=last).map(|delay| (n_frames - delay.abs()).max(0) as f64).sum()
        };
        (0..self.n()).map(|bin| pairs(self.ends(bin)) / n / n).collect()
    }
}

/// Delays between two trains, or within one.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlogram {
    /// Bins of the correlogram.
    pub bins: DelayBins,
    /// Delays in each.
    pub counts: Vec<u64>,
    /// Delays in each that trains would have which know nothing of each other: `n_a n_b` times the share of all
    /// pairs of moments, which is close to the length of the bin by that of the recording.
    pub expected: Vec<f64>,
}

/// The highest bin of a correlogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DelayPeak {
    /// The middle of the bin in frames; above 0 where the second train follows.
    pub delay: i64,
    /// Delays in it.
    pub count: u64,
    /// Delays that chance would bring into the bin.
    pub expected: f64,
    /// `(count - expected) / sqrt(expected)`: a count that chance brings varies as a Poisson law has it (Abeles
    /// 1982, doi:10.1016/0165-0270(82)90002-4).
    pub z: f64,
    /// The logarithm of the probability that chance brings so many or more into this bin; 0 where it would bring
    /// as many on average.
    pub ln_p: f64,
}

impl Correlogram {
    /// The highest bin: of several the one closest to 0, and the earlier of two. None without a delay.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn peak(&self) -> Option<DelayPeak> {
        let middle = self.counts.len() / 2;
        let order = |bin: &usize| (self.counts[*bin], Reverse(bin.abs_diff(middle)), Reverse(*bin));
        let bin = (0..self.counts.len()).max_by_key(order)?;
        let (count, expected) = (self.counts[bin], self.expected[bin]);
        (count > 0 && expected > 0.0).then(|| DelayPeak {
            delay: self.bins.delay(bin),
            count,
            expected,
            z: (count as f64 - expected) / libm::sqrt(expected),
            ln_p: ln_at_least(count as f64, expected),
        })
    }
}

/// The correlograms of some trains.
#[derive(Clone, Debug)]
pub struct Correlograms<'a> {
    segments: &'a [SegmentTrains<'a>],
    bins: DelayBins,
    /// Of each segment.
    shares: Vec<Vec<f64>>,
}

impl<'a> Correlograms<'a> {
    /// The correlograms of the trains of some segments.
    #[must_use]
    pub fn new(segments: &'a [SegmentTrains<'a>], bins: DelayBins) -> Self {
        Self { segments, bins, shares: segments.iter().map(|segment| bins.shares(segment.n_frames)).collect() }
    }

    /// From the spikes of one train to those of another, all segments together.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn of_pair(&self, a: usize, b: usize) -> Correlogram {
        let n = self.bins.n();
        let mut found = Correlogram { bins: self.bins, counts: vec![0; n], expected: vec![0.0; n] };
        for (segment, shares) in self.segments.iter().zip(&self.shares) {
            let (a, b) = (segment.trains[a], segment.trains[b]);
            self.bins.count(a, b, &mut found.counts);
            let n_pairs = a.len() as f64 * b.len() as f64;
            for (expected, share) in found.expected.iter_mut().zip(shares) {
                *expected += n_pairs * share;
            }
        }
        found
    }

    /// From the spikes of a train to all its others.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn of_one(&self, at: usize) -> Correlogram {
        let mut found = self.of_pair(at, at);
        let middle = found.counts.len() / 2;
        for (segment, shares) in self.segments.iter().zip(&self.shares) {
            // A spike and itself are no pair.
            let n = segment.trains[at].len();
            found.counts[middle] -= n as u64;
            for (expected, share) in found.expected.iter_mut().zip(shares) {
                *expected -= n as f64 * share;
            }
        }
        found
    }
}

/// The logarithm of the probability of a Poisson count of at least `count`; 0 where that is no more than the mean.
pub(super) fn ln_at_least(count: f64, mean: f64) -> f64 {
    if count <= mean {
        return 0.0;
    }
    // The probabilities of count, count + 1, … as multiples of the first: beyond the mean they fall.
    let (mut sum, mut term, mut at) = (1.0, 1.0, count);
    while term > sum * 1e-16 {
        at += 1.0;
        term *= mean / at;
        sum += term;
    }
    count * libm::log(mean) - mean - libm::lgamma(count + 1.0) + libm::log(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(n_frames: i64, trains: Vec<&[i64]>) -> SegmentTrains<'_> {
        SegmentTrains { n_frames, trains }
    }

    #[test]
    fn a_delay_on_a_limit_belongs_to_the_later_bin() {
        let even = DelayBins { width: 4, n_beside: 1 };
        let found: Vec<Option<usize>> = [-7, -6, -3, -2, 1, 2, 5, 6].map(|delay| even.bin(delay)).to_vec();
        assert_eq!(found, [None, Some(0), Some(0), Some(1), Some(1), Some(2), Some(2), Some(3)]);
        assert_eq!([0, 1, 2].map(|bin| even.ends(bin)), [(-6, -3), (-2, 1), (2, 5)]);
        // A limit between two frames divides nothing.
        let odd = DelayBins { width: 5, n_beside: 1 };
        assert_eq!([0, 1, 2].map(|bin| odd.ends(bin)), [(-7, -3), (-2, 2), (3, 7)]);
        assert_eq!([0, 1, 2].map(|bin| odd.delay(bin)), [-5, 0, 5]);
        // With both widths: what is counted lies within the first and the last delay.
        for bins in [even, odd] {
            let (first, last) = (bins.ends(0).0, bins.ends(2).1);
            assert_eq!(
                [first - 1, first, last, last + 1].map(|delay| bins.bin(delay)),
                [None, Some(0), Some(2), Some(3)]
            );
        }
    }

    #[test]
    fn a_follower_has_its_peak_at_its_delay() {
        let a: Vec<i64> = (0..50).map(|at| 1000 * at + at * at).collect();
        let b: Vec<i64> = a.iter().map(|spike| spike + 75).collect();
        let segments = [segment(60_000, vec![&a[..], &b[..], &[]])];
        let all = Correlograms::new(&segments, DelayBins { width: 25, n_beside: 20 });
        let (there, back) = (all.of_pair(0, 1).peak(), all.of_pair(1, 0).peak());
        let Some((there, back)) = there.zip(back) else { panic!("no peak") };
        assert_eq!((there.delay, there.count, back.delay, back.count), (75, 50, -75, 50));
        // 2,500 pairs, of which a bin of 25 frames holds 25 (60,000 - 75) / 60,000² by chance.
        let expected = 2500.0 * 25.0 * (60_000.0 - 75.0) / 3.6e9;
        assert!((there.expected - expected).abs() < 1e-12, "{}", there.expected);
        assert!((there.z - (50.0 - expected) / expected.sqrt()).abs() < 1e-9, "{}", there.z);
        assert!(there.ln_p < -100.0, "{}", there.ln_p);
        assert_eq!(all.of_pair(0, 2).peak(), None);
        assert_eq!(all.of_one(2).peak(), None);
        // Intervals of a are far longer than the window, and a spike and itself are no pair.
        assert_eq!(all.of_one(0).counts.iter().sum::<u64>(), 0);
        let wide = Correlograms::new(&segments, DelayBins { width: 1001, n_beside: 1 }).of_one(0);
        assert_eq!(wide.counts[1], 0);
        assert_eq!(wide.counts[0], wide.counts[2]);
    }

    #[test]
    fn segments_count_together() {
        let (a, b) = ([100_i64, 250, 700, 705, 900], [110_i64, 400, 420, 890]);
        let one = [segment(1000, vec![&a[..], &b[..]])];
        let two = [one[0].clone(), one[0].clone()];
        let bins = DelayBins { width: 10, n_beside: 5 };
        let (one, two) = (Correlograms::new(&one, bins).of_pair(0, 1), Correlograms::new(&two, bins).of_pair(0, 1));
        assert_eq!(one.counts.iter().map(|count| count * 2).collect::<Vec<_>>(), two.counts);
        assert_eq!(one.expected.iter().map(|expected| expected * 2.0).collect::<Vec<_>>(), two.expected);
    }

    #[test]
    fn the_tail_of_a_poisson_law() {
        // 1 - exp(-m) and 1 - exp(-m) (1 + m).
        for mean in [0.01_f64, 0.3, 0.9] {
            let one = -libm::expm1(-mean);
            assert!((ln_at_least(1.0, mean) - one.ln()).abs() < 1e-12);
            assert!((ln_at_least(2.0, mean) - (one - mean * (-mean).exp()).ln()).abs() < 1e-9);
        }
        // Both with 60 digits.
        assert!((ln_at_least(30.0, 12.5) - (-10.883_029_784_417_056)).abs() < 1e-9, "{}", ln_at_least(30.0, 12.5));
        assert!((ln_at_least(400.0, 5.0) - (-1_361.712_986_190_072_6)).abs() < 1e-8, "{}", ln_at_least(400.0, 5.0));
        assert_eq!((ln_at_least(3.0, 3.0), ln_at_least(2.0, 9.0)), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn equals_all_pairs_by_themselves(
            mut a in prop::collection::vec(0_i64..400, 0..40),
            mut b in prop::collection::vec(0_i64..400, 0..40),
            width in 1_i64..12,
            n_beside in 1_i64..8,
        ) {
            a.sort_unstable();
            b.sort_unstable();
            let bins = DelayBins { width, n_beside };
            let segments = [segment(400, vec![&a[..], &b[..]])];
            let found = Correlograms::new(&segments, bins).of_pair(0, 1);
            for bin in 0..bins.n() {
                let middle = bins.delay(bin);
                let is_inside = |delay: i64| {
                    let twice = 2 * (delay - middle);
                    -width <= twice && twice < width
                };
                let of_spike = |one: &i64| b.iter().filter(|other| is_inside(*other - one)).count() as u64;
                let n = a.iter().map(of_spike).sum::<u64>();
                prop_assert_eq!(found.counts[bin], n);
                let moments = (-399..400_i64).filter(|delay| is_inside(*delay)).map(|delay| 400 - delay.abs());
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let expected = (a.len() * b.len()) as f64 * moments.sum::<i64>() as f64 / 160_000.0;
                prop_assert!((found.expected[bin] - expected).abs() < 1e-9);
            }
        }
    }
}
