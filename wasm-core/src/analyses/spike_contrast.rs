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
        let merged: Vec<Merged> = segments.iter().map(Merged::new).collect();
        self.widths.iter().map(|width| at_width(&merged, self.margin, *width)).collect()
    }
}

/// The spikes of all trains of a segment in order, each with the place of its train.
struct Merged {
    n_frames: i64,
    n_trains: usize,
    spikes: Vec<(i64, u32)>,
}

impl Merged {
    fn new(segment: &SegmentTrains<'_>) -> Self {
        let mut spikes: Vec<(i64, u32)> = Vec::with_capacity(segment.trains.iter().map(|train| train.len()).sum());
        for (place, train) in (0_u32..).zip(&segment.trains) {
            spikes.extend(train.iter().map(|frame| (*frame, place)));
        }
        spikes.sort_unstable();
        Self { n_frames: segment.n_frames, n_trains: segment.trains.len(), spikes }
    }
}

/// Contrast times the share of trains that fire together, in half-overlapping bins of this width.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn at_width(segments: &[Merged], margin: i64, width: f64) -> Option<f64> {
    let n_trains = segments.iter().map(|segment| segment.n_trains).max().unwrap_or(0);
    let n_spikes: usize = segments.iter().map(|segment| segment.spikes.len()).sum();
    let mut sums = Sums::default();
    for segment in segments {
        sums.add(&halves(segment, margin, width / 2.0));
    }
    if n_trains < 2 || sums.inside == 0 {
        return None;
    }
    let contrast = sums.change as f64 / (2 * n_spikes) as f64;
    let together = (sums.shared as f64 / sums.inside as f64 - 1.0) / (n_trains - 1) as f64;
    Some(contrast * together)
}

/// Sums over all bins.
#[derive(Default)]
struct Sums {
    /// Spikes in bins.
    inside: u64,
    /// The same times the trains that fire in the bin.
    shared: u64,
    /// The change of the spikes from bin to bin.
    change: u64,
}

/// Half a bin that holds spikes.
#[derive(Clone, Copy, Default)]
struct Half {
    at: i64,
    spikes: u64,
    /// Trains that fire in it.
    trains: u64,
    /// Trains that fire in it and in the half before.
    both: u64,
}

/// A segment in halves of bins. Bin k is made of the halves k - 1 and k, so that there is none before the first half
/// and none behind the last.
struct Halves {
    /// Halves of the segment.
    n: i64,
    /// Those that hold spikes, in order: as many as there are spikes at most, however long the segment is.
    busy: Vec<Half>,
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "frames and bins within the segment")]
fn halves(segment: &Merged, margin: i64, half: f64) -> Halves {
    let n_frames = segment.n_frames.max(0) + 2 * margin;
    let n = libm::ceil(n_frames as f64 / half) as i64;
    let mut busy: Vec<Half> = Vec::new();
    // The last half in which each train was met.
    let mut met_in = vec![-2_i64; segment.n_trains];
    for (frame, train) in segment.spikes.iter().filter(|_| n > 0) {
        let at = (((frame + margin) as f64 / half) as i64).clamp(0, n - 1);
        if busy.last().is_none_or(|last| last.at != at) {
            busy.push(Half { at, ..Half::default() });
        }
        let (Some(own), Some(met_in)) = (busy.last_mut(), met_in.get_mut(*train as usize)) else { continue };
        own.spikes += 1;
        if *met_in != at {
            own.trains += 1;
            own.both += u64::from(*met_in == at - 1);
            *met_in = at;
        }
    }
    Halves { n, busy }
}

impl Sums {
    fn add(&mut self, halves: &Halves) {
        for (place, own) in halves.busy.iter().enumerate() {
            // Halves without spikes are not in the list.
            let (earlier, later) = halves.busy.split_at(place);
            let before = |at: i64| earlier.iter().rev().take(2).find(|half| half.at == at).copied().unwrap_or_default();
            let is_busy = |at: i64| later.iter().skip(1).take(2).any(|half| half.at == at);
            // The bin that this half ends.
            if own.at >= 1 {
                let first = before(own.at - 1);
                let spikes = first.spikes + own.spikes;
                self.inside += spikes;
                self.shared += spikes * (first.trains + own.trains - own.both);
            }
            // The bin that it begins, where the next half is silent.
            if own.at + 1 < halves.n && !is_busy(own.at + 1) {
                self.inside += own.spikes;
                self.shared += own.spikes * own.trains;
            }
            // From one bin to the next one half comes and the one two before goes.
            if own.at >= 2 {
                self.change += own.spikes.abs_diff(before(own.at - 2).spikes);
            }
            if own.at + 2 < halves.n && !is_busy(own.at + 2) {
                self.change += own.spikes;
            }
        }
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

    /// Silence takes neither time nor memory: centuries between two volleys.
    #[test]
    fn long_silence_costs_nothing() {
        let train = [5000, 5010, 1 << 50, (1 << 50) + 10];
        let segments = [SegmentTrains { n_frames: 1 << 51, trains: vec![&train[..], &train] }];
        let found = ContrastScales { margin: 100, widths: vec![1000.0, 100.0] }.synchrony(&segments);
        assert!(found.iter().flatten().all(|found| (found - 1.0).abs() < 1e-12), "{found:?}");
        assert_eq!(found.len(), 2);
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
