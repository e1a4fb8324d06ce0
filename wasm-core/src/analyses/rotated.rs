//! Spikes in bins, and copies of them in which nothing is common any more: every train is moved along
//! its segment by a time of its own, and what leaves at the end comes in at the start.

use super::SegmentTrains;
use super::random::Random;

/// The width of a bin as a fraction of whole numbers: so many frames hold so many bins. No spike
/// comes into the wrong bin by rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinWidth {
    /// Frames, at least 1.
    pub frames: i64,
    /// Bins in these frames.
    pub bins: i64,
}

impl BinWidth {
    /// A width of whole frames, at least one.
    #[must_use]
    pub fn of_frames(frames: i64) -> Self {
        Self { frames: frames.max(1), bins: 1 }
    }

    /// The bin in which a frame lies; bins start with the segment.
    #[must_use]
    pub fn bin_of(self, frame: i64) -> i64 {
        frame.saturating_mul(self.bins) / self.frames.max(1)
    }

    /// Frames of a bin.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    pub fn n_frames(self) -> f64 {
        self.frames as f64 / self.bins as f64
    }
}

/// The bins of a segment that hold spikes, of all trains together: as many as there are spikes at most, however long
/// the segment is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusyBins {
    /// All bins of the segment.
    pub n_bins: i64,
    /// Bin and spikes of those that hold some, in order.
    pub busy: Vec<(i64, u32)>,
}

/// The bins in which spikes lie, train by train.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binned {
    segments: Vec<Bins>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bins {
    n_bins: i64,
    /// A sorted list of bins for each train, a bin for each spike.
    trains: Vec<Vec<i64>>,
}

impl Binned {
    /// Puts spikes into bins; the last bin of a segment may be a part of one.
    #[must_use]
    pub fn new(segments: &[SegmentTrains<'_>], width: BinWidth) -> Self {
        Self::within(segments, width, |n_frames| width.bin_of(n_frames) + 1)
    }

    /// Puts spikes into whole bins: what lies behind the last whole bin of a segment is left out.
    #[must_use]
    pub fn whole(segments: &[SegmentTrains<'_>], width: BinWidth) -> Self {
        Self::within(segments, width, |n_frames| width.bin_of(n_frames))
    }

    fn within(segments: &[SegmentTrains<'_>], width: BinWidth, n_bins: impl Fn(i64) -> i64) -> Self {
        let of_segment = |segment: &SegmentTrains<'_>| {
            let n_bins = n_bins(segment.n_frames.max(0));
            let bins = |train: &&[i64]| -> Vec<i64> {
                train.iter().map(|frame| width.bin_of(*frame)).filter(|bin| (0..n_bins).contains(bin)).collect()
            };
            Bins { n_bins, trains: segment.trains.iter().map(bins).collect() }
        };
        Self { segments: segments.iter().map(of_segment).collect() }
    }

    /// A copy in which every train is moved by a number of bins of its own; each number gives another
    /// copy, the same on every platform.
    #[must_use]
    pub fn shifted(&self, copy: u64) -> Self {
        let mut random = Random::new(copy);
        let mut segments = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let n_bins = segment.n_bins;
            let moved = |train: &Vec<i64>| -> Vec<i64> {
                let shift = random.below(n_bins);
                let stay = train.partition_point(|bin| bin + shift < n_bins);
                let wrapped = train[stay..].iter().map(|bin| bin + shift - n_bins);
                wrapped.chain(train[..stay].iter().map(|bin| bin + shift)).collect()
            };
            segments.push(Bins { n_bins, trains: segment.trains.iter().map(moved).collect() });
        }
        Self { segments }
    }

    /// The bins of each segment that hold spikes.
    #[must_use]
    pub fn busy(&self) -> Vec<BusyBins> {
        let of_segment = |segment: &Bins| {
            let mut spikes: Vec<i64> = segment.trains.iter().flatten().copied().collect();
            spikes.sort_unstable();
            let bins = spikes.chunk_by(|one, next| one == next);
            let busy = bins.map(|own| (own[0], u32::try_from(own.len()).unwrap_or(u32::MAX))).collect();
            BusyBins { n_bins: segment.n_bins, busy }
        };
        self.segments.iter().map(of_segment).collect()
    }

    /// The bin and the train of each spike, in order, a list for each segment.
    #[must_use]
    pub fn in_order(&self) -> Vec<Vec<(i64, u32)>> {
        let of_segment = |segment: &Bins| {
            let mut spikes: Vec<(i64, u32)> = Vec::with_capacity(segment.trains.iter().map(Vec::len).sum());
            for (train, bins) in (0_u32..).zip(&segment.trains) {
                spikes.extend(bins.iter().map(|bin| (*bin, train)));
            }
            spikes.sort_unstable();
            spikes
        };
        self.segments.iter().map(of_segment).collect()
    }

    /// The counts as trains whose frames are bins.
    #[must_use]
    pub fn trains(&self) -> Vec<SegmentTrains<'_>> {
        let mut segments = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let trains = segment.trains.iter().map(Vec::as_slice).collect();
            segments.push(SegmentTrains { n_frames: segment.n_bins, trains });
        }
        segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_start_with_the_segment_and_parts_are_told() {
        let train = [0, 9, 10, 35, 39, 40];
        let segments = [SegmentTrains { n_frames: 40, trains: vec![&train[..], &[]] }];
        let width = BinWidth::of_frames(10);
        let busy = |n_bins: i64, busy: &[(i64, u32)]| vec![BusyBins { n_bins, busy: busy.to_vec() }];
        assert_eq!(Binned::whole(&segments, width).busy(), busy(4, &[(0, 2), (1, 1), (3, 2)]));
        assert_eq!(Binned::new(&segments, width).busy(), busy(5, &[(0, 2), (1, 1), (3, 2), (4, 1)]));
        // Two bins in five frames.
        let uneven = BinWidth { frames: 5, bins: 2 };
        assert_eq!([0, 2, 3, 4, 5].map(|frame| uneven.bin_of(frame)), [0, 0, 1, 1, 2]);
        assert_eq!((uneven.n_frames(), BinWidth::of_frames(0).n_frames()), (2.5, 1.0));
        assert_eq!(Binned::whole(&segments, width).in_order()[0], [(0, 0), (0, 0), (1, 0), (3, 0), (3, 0)]);
        assert!(Binned::new(&[], width).busy().is_empty());
    }

    #[test]
    fn a_copy_keeps_every_train_in_order_and_in_its_segment() {
        let (one, other) = ([0, 5, 99], [7, 8, 20]);
        let segment = |n_frames: i64| SegmentTrains { n_frames, trains: vec![&one[..], &other[..]] };
        let binned = Binned::whole(&[segment(100), segment(200)], BinWidth::of_frames(1));
        let mut starts = Vec::new();
        for copy in 0..50 {
            let shifted = binned.shifted(copy);
            assert_eq!(shifted, binned.shifted(copy));
            for (segment, n) in shifted.trains().iter().zip([100, 200]) {
                assert_eq!(segment.n_frames, n);
                for (train, own) in segment.trains.iter().zip([one, other]) {
                    assert!(train.len() == 3 && train.is_sorted() && train[0] >= 0 && train[2] < n, "{train:?}");
                    // The intervals are the same around the circle.
                    let circle = |train: &[i64]| {
                        let mut steps: Vec<i64> =
                            (0..3).map(|at| (train[(at + 1) % 3] - train[at]).rem_euclid(n)).collect();
                        steps.sort_unstable();
                        steps
                    };
                    assert_eq!(circle(train), circle(&own));
                }
            }
            starts.push(shifted.trains()[0].trains[0][0]);
        }
        starts.sort_unstable();
        starts.dedup();
        assert!(starts.len() > 20, "{starts:?}");
    }
}
