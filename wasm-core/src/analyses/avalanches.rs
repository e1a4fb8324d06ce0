//! Neuronal avalanches: stretches of time in which no bin is silent.
//!
//! Beggs & Plenz 2003, doi:10.1523/JNEUROSCI.23-35-11167.2003. Independent electrodes make
//! avalanches, too, so that none of these numbers means anything without those of shifted copies.

use std::collections::BTreeMap;

use super::{BinWidth, Binned, SegmentTrains};

/// How many avalanches there are of each size or duration.
pub type AvalancheCounts = BTreeMap<u64, u64>;

/// The avalanches of a culture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Avalanches {
    /// How many have so many spikes.
    pub sizes: AvalancheCounts,
    /// How many last so many bins.
    pub durations: AvalancheCounts,
    /// Electrodes that take part, on average.
    pub mean_electrodes: Option<f64>,
    /// Spikes in the second bin of an avalanche divided by those in its first, on average; 0 where there
    /// is no second (Beggs & Plenz 2003).
    pub branching_first_bins: Option<f64>,
    /// Spikes in a bin divided by those in the bin before, on average over all bins before that are not
    /// silent.
    pub branching_all_bins: Option<f64>,
}

/// The mean interval between the spikes of all trains together, as the width of a bin: never below a
/// frame. `None` of fewer than three spikes, or where all fall on one frame.
#[must_use]
pub fn pooled_interval(segments: &[SegmentTrains<'_>]) -> Option<BinWidth> {
    let (mut frames, mut bins) = (0_i64, 0_i64);
    for segment in segments {
        let first = segment.trains.iter().filter_map(|train| train.first()).min();
        let last = segment.trains.iter().filter_map(|train| train.last()).max();
        if let (Some(first), Some(last)) = (first, last) {
            let n: usize = segment.trains.iter().map(|train| train.len()).sum();
            frames = frames.saturating_add(last - first);
            bins = bins.saturating_add(i64::try_from(n).unwrap_or(i64::MAX) - 1);
        }
    }
    let width = if bins > frames { BinWidth::of_frames(1) } else { BinWidth { frames, bins } };
    (bins >= 2 && frames > 0).then_some(width)
}

/// A sum of ratios, and how many there are.
#[derive(Default)]
struct Ratios {
    sum: f64,
    n: u64,
}

impl Ratios {
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
    fn add(&mut self, later: usize, earlier: usize) {
        self.sum += later as f64 / earlier as f64;
        self.n += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of bins")]
    fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }
}

impl Avalanches {
    /// Finds the avalanches; none goes on from a segment to the next.
    #[must_use]
    pub fn new(binned: &Binned) -> Self {
        let mut found = Self::default();
        let (mut first_bins, mut all_bins) = (Ratios::default(), Ratios::default());
        let mut electrodes = Electrodes::default();
        for spikes in binned.in_order() {
            let busy: Vec<&[(i64, u32)]> = spikes.chunk_by(|one, next| one.0 == next.0).collect();
            let follows = |one: &[(i64, u32)], next: &[(i64, u32)]| next[0].0 - one[0].0 == 1;
            for avalanche in busy.chunk_by(|one, next| follows(one, next)) {
                let n_spikes: usize = avalanche.iter().map(|bin| bin.len()).sum();
                *found.sizes.entry(n_spikes as u64).or_default() += 1;
                *found.durations.entry(avalanche.len() as u64).or_default() += 1;
                first_bins.add(avalanche.get(1).map_or(0, |bin| bin.len()), avalanche[0].len());
                electrodes.add(avalanche.iter().flat_map(|bin| bin.iter()).map(|spike| spike.1));
            }
            for pair in busy.windows(2) {
                all_bins.add(if follows(pair[0], pair[1]) { pair[1].len() } else { 0 }, pair[0].len());
            }
        }
        found.mean_electrodes = electrodes.mean();
        found.branching_first_bins = first_bins.mean();
        found.branching_all_bins = all_bins.mean();
        found
    }

    /// Number of avalanches.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.sizes.values().sum()
    }
}

/// How many electrodes take part in avalanches.
#[derive(Default)]
struct Electrodes {
    /// The last avalanche in which each was met.
    met_in: Vec<u64>,
    n_avalanches: u64,
    n_met: u64,
}

impl Electrodes {
    fn add(&mut self, electrodes: impl Iterator<Item = u32>) {
        self.n_avalanches += 1;
        for electrode in electrodes {
            let at = electrode as usize;
            if at >= self.met_in.len() {
                self.met_in.resize(at + 1, 0);
            }
            if self.met_in[at] != self.n_avalanches {
                self.met_in[at] = self.n_avalanches;
                self.n_met += 1;
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
    fn mean(&self) -> Option<f64> {
        (self.n_avalanches > 0).then(|| self.n_met as f64 / self.n_avalanches as f64)
    }
}

/// The mean size or duration.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
pub fn mean_counted(counts: &AvalancheCounts) -> Option<f64> {
    let n: u64 = counts.values().sum();
    let sum: u64 = counts.iter().map(|(value, count)| value * count).sum();
    (n > 0).then(|| sum as f64 / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(trains: &[&[i64]], n_frames: i64, width: BinWidth) -> Avalanches {
        Avalanches::new(&Binned::new(&[SegmentTrains { n_frames, trains: trains.to_vec() }], width))
    }

    #[test]
    fn avalanches_are_stretches_of_busy_bins() {
        // Bins of ten frames: 0 and 1; 3; 6, 7 and 8.
        let trains = [&[1, 2, 12, 65][..], &[5, 31, 66, 71, 72, 73, 81]];
        let found = of(&trains, 100, BinWidth::of_frames(10));
        assert_eq!(found.sizes, BTreeMap::from([(1, 1), (4, 1), (6, 1)]));
        assert_eq!(found.durations, BTreeMap::from([(1, 1), (2, 1), (3, 1)]));
        assert_eq!((found.n(), found.mean_electrodes), (3, Some(5.0 / 3.0)));
        let close = |value: Option<f64>, wanted: f64| value.is_some_and(|value| (value - wanted).abs() < 1e-12);
        assert!(close(found.branching_first_bins, (1.0 / 3.0 + 0.0 + 3.0 / 2.0) / 3.0), "{found:?}");
        // The bins before: 0, 1, 3, 6 and 7; after the last there is nothing to compare.
        assert!(close(found.branching_all_bins, (1.0 / 3.0 + 0.0 + 0.0 + 1.5 + 1.0 / 3.0) / 5.0), "{found:?}");
        assert_eq!(mean_counted(&found.sizes), Some(11.0 / 3.0));
    }

    #[test]
    fn the_bin_is_the_pooled_interval() {
        let segment = |trains: &[&'static [i64]]| SegmentTrains { n_frames: 100, trains: trains.to_vec() };
        let width = pooled_interval(&[segment(&[&[10, 50], &[20, 90]])]);
        assert_eq!(width, Some(BinWidth { frames: 80, bins: 3 }));
        // Over segments: (80 + 40) frames in 3 + 1 intervals.
        let width =
            pooled_interval(&[segment(&[&[10, 50], &[20, 90]]), segment(&[&[10], &[50]]), segment(&[&[], &[]])]);
        assert_eq!(width, Some(BinWidth { frames: 120, bins: 4 }));
        assert_eq!(pooled_interval(&[segment(&[&[10], &[20]])]), None);
        assert_eq!(pooled_interval(&[segment(&[&[10, 10], &[10]])]), None);
        assert_eq!(pooled_interval(&[segment(&[&[1, 2], &[1, 2]])]), Some(BinWidth::of_frames(1)));
        assert_eq!(pooled_interval(&[]), None);
    }

    #[test]
    fn segments_do_not_touch_and_nothing_has_no_avalanche() {
        let train: &[i64] = &[9];
        let segments = [0, 1].map(|_| SegmentTrains { n_frames: 10, trains: vec![train] });
        let found = Avalanches::new(&Binned::new(&segments, BinWidth::of_frames(5)));
        assert_eq!((found.sizes, found.branching_all_bins), (BTreeMap::from([(1, 2)]), None));
        let nothing = of(&[&[], &[]], 100, BinWidth::of_frames(5));
        assert_eq!(nothing, Avalanches::default());
        assert_eq!(mean_counted(&nothing.sizes), None);
    }
}
