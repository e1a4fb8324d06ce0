//! Spike-contrast: synchrony of many trains at the time scale at which it is greatest.
//!
//! Ciba et al. 2018, doi:10.1016/j.jneumeth.2017.09.008. At each width of a bin two things are asked:
//! how sharply the spikes of all trains together come and go from bin to bin, and how many trains
//! fire in a bin that has spikes. Synchrony is their product.

use super::SegmentTrains;

/// Each bin is this much as wide as the one before.
pub const CONTRAST_SHRINK: f64 = 0.9;

/// The widths of bins at which trains are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct ContrastScales {
    /// Frames that are looked at before the start and after the end: the shortest interval of a train.
    pub margin: i64,
    /// Widths in frames, from half the longest segment downwards. A width is no time that anybody names, so
    /// it need not be whole.
    pub widths: Vec<f64>,
}

impl ContrastScales {
    /// Widths from half the longest segment down to `min_width` frames or half the shortest interval of a
    /// train, whichever is more. `None` where no train has an interval.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    pub fn new(segments: &[SegmentTrains<'_>], min_width: f64) -> Option<Self> {
        let trains = segments.iter().flat_map(|segment| &segment.trains);
        let margin = trains.flat_map(|train| train.windows(2)).map(|pair| pair[1] - pair[0]).min()?;
        let longest = segments.iter().map(|segment| segment.n_frames).max()?;
        let least = min_width.max(margin as f64 / 2.0).max(1.0);
        let smaller = |width: &f64| Some(width * CONTRAST_SHRINK);
        let widths = std::iter::successors(Some(longest as f64 / 2.0), smaller);
        Some(Self { margin, widths: widths.take_while(|width| *width >= least).collect() })
    }

    /// The synchrony at each width; `None` where no bin has a spike, or there are not two trains.
    #[must_use]
    pub fn synchrony(&self, segments: &[SegmentTrains<'_>]) -> Vec<Option<f64>> {
        self.widths.iter().map(|width| at_width(segments, self.margin, *width)).collect()
    }
}

/// Contrast times the share of trains that fire together, in half-overlapping bins of this width.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn at_width(segments: &[SegmentTrains<'_>], margin: i64, width: f64) -> Option<f64> {
    let n_trains = segments.iter().map(|segment| segment.trains.len()).max().unwrap_or(0);
    let n_spikes: usize = segments.iter().flat_map(|segment| &segment.trains).map(|train| train.len()).sum();
    // Spikes in bins, the same times the trains that fire in the bin, and the change from bin to bin.
    let (mut inside, mut shared, mut change) = (0_u64, 0_u64, 0_u64);
    for segment in segments {
        let halves = Halves::new(segment, margin, width / 2.0);
        let bins = halves.spikes.windows(2).map(|pair| u64::from(pair[0]) + u64::from(pair[1]));
        let mut before = None;
        for (spikes, trains) in bins.zip(halves.trains.iter().skip(1)) {
            inside += spikes;
            shared += spikes * u64::from(*trains);
            change += before.map_or(0, |before: u64| before.abs_diff(spikes));
            before = Some(spikes);
        }
    }
    if n_trains < 2 || inside == 0 {
        return None;
    }
    let contrast = change as f64 / (2 * n_spikes) as f64;
    let together = (shared as f64 / inside as f64 - 1.0) / (n_trains - 1) as f64;
    Some(contrast * together)
}

/// A segment in halves of bins.
struct Halves {
    /// Spikes in each half.
    spikes: Vec<u32>,
    /// Trains that fire in each bin. Bin k is made of the halves k - 1 and k, so that the first and the
    /// last are no bins.
    trains: Vec<u32>,
}

impl Halves {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "frames and bins within the segment"
    )]
    fn new(segment: &SegmentTrains<'_>, margin: i64, half: f64) -> Self {
        let n_frames = segment.n_frames.max(0) + 2 * margin;
        let n = libm::ceil(n_frames as f64 / half) as usize;
        let (mut spikes, mut trains) = (vec![0_u32; n], vec![0_u32; n + 1]);
        if n == 0 {
            return Self { spikes, trains };
        }
        for train in &segment.trains {
            // The first bin in which this train was not met.
            let mut next = 0;
            for frame in *train {
                let at = (((frame + margin) as f64 / half) as usize).min(n - 1);
                spikes[at] += 1;
                if next < at + 2 {
                    for bin in &mut trains[next.max(at)..at + 2] {
                        *bin += 1;
                    }
                    next = at + 2;
                }
            }
        }
        Self { spikes, trains }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(trains: &[&[i64]], n_frames: i64, min_width: f64) -> Option<f64> {
        let segments = [SegmentTrains { n_frames, trains: trains.to_vec() }];
        let scales = ContrastScales::new(&segments, min_width)?;
        scales.synchrony(&segments).into_iter().flatten().reduce(f64::max)
    }

    #[test]
    fn identical_trains_have_one() {
        let train: Vec<i64> = (1..60).map(|at| at * 1000).collect();
        for n in [2, 3, 10] {
            let found = most(&vec![&train[..]; n], 60_000, 10.0).expect("they fire");
            assert!((found - 1.0).abs() < 1e-12, "{n} trains: {found}");
        }
        // Also where spikes are not evenly spread.
        let uneven: Vec<i64> = (1..40).map(|at| at * at * 30).collect();
        let found = most(&[&uneven, &uneven], 60_000, 10.0).expect("they fire");
        assert!((found - 1.0).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_has_no_pair_has_none() {
        assert_eq!(most(&[], 1000, 10.0), None);
        assert_eq!(most(&[&[], &[]], 1000, 10.0), None);
        assert_eq!(most(&[&[1], &[1]], 1000, 10.0), None, "no interval");
        assert_eq!(most(&[&[1, 500, 800]], 1000, 10.0), None, "one train");
    }

    #[test]
    fn trains_between_each_other_have_none_at_a_fine_scale() {
        let one: Vec<i64> = (1..60).map(|at| at * 1000).collect();
        let other: Vec<i64> = one.iter().map(|frame| frame + 500).collect();
        let segments = [SegmentTrains { n_frames: 60_500, trains: vec![&one[..], &other[..]] }];
        let scales = ContrastScales { margin: 1000, widths: vec![100.0] };
        assert_eq!(scales.synchrony(&segments), [Some(0.0)]);
        let scales = ContrastScales::new(&segments, 10.0).expect("intervals");
        assert_eq!(scales.margin, 1000);
        assert!(scales.widths[0] == 30_250.0 && scales.widths.last().is_some_and(|width| *width >= 500.0));
        assert!(most(&[&one, &other], 60_500, 10.0).is_some_and(|found| found < 0.5));
    }

    #[test]
    fn a_bin_by_hand() {
        // Halves of ten frames without margin: train 1 has 2, 0, 1, 0 spikes, train 2 has 1, 0, 0, 1. Bins:
        // 3, 1, 2 with 2, 1 and 2 trains.
        let segments = [SegmentTrains { n_frames: 40, trains: vec![&[1, 2, 25][..], &[3, 35]] }];
        let found = ContrastScales { margin: 0, widths: vec![20.0] }.synchrony(&segments);
        let wanted = (2.0 + 1.0) / 10.0 * ((6.0 + 1.0 + 4.0) / 6.0 - 1.0);
        assert!(found[0].is_some_and(|found| (found - wanted).abs() < 1e-12), "{found:?}");
        // Two segments of the same: sums twice as large, the same answer.
        let twice = [segments[0].clone(), segments[0].clone()];
        let again = ContrastScales { margin: 0, widths: vec![20.0] }.synchrony(&twice);
        assert!(again[0].is_some_and(|found| (found - wanted).abs() < 1e-12), "{again:?}");
    }
}
