//! Network bursts by the methods that others use, each beside what it finds where there is no network:
//! in copies of the culture in which every electrode is moved along the recording by a time of its own.

mod bins;
mod isi_n;
mod isi_n_limit;
mod network_spikes;
mod overlap;
mod pooled;
mod population_rate;
mod verdict;
mod well_plate;

pub use isi_n::IsiN;
pub use isi_n_limit::{ISI_N_VOID, SpanLimit, Spans};
pub use network_spikes::{HALF_WIDTH_BINS, NetworkSpike, NetworkSpikes};
pub use overlap::{Overlap, Overlapping};
pub use population_rate::PopulationRate;
pub use verdict::{DEVIATIONS, MANY_FOUND, Verdict};
pub use well_plate::WellPlate;

use super::shifted::Shifted;
use super::{SHIFTED_COPIES, SegmentTrains, mean};

/// The trains of a culture that a method looks at.
#[derive(Clone, Debug)]
pub struct CultureTrains<'a> {
    /// Trains of each segment: the active electrodes come first, then others, if the method takes them.
    pub segments: Vec<SegmentTrains<'a>>,
    /// How many of the trains are of active electrodes.
    pub n_active: usize,
}

/// A moment at which many electrodes fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommonBurst {
    /// Segment in which it lies.
    pub segment: usize,
    /// Frame at which it begins.
    pub start: i64,
    /// Frame at which it ends: that of its last spike, or the one behind its last bin.
    pub end: i64,
    /// Spikes in it.
    pub n_spikes: u64,
    /// Electrodes that take part.
    pub n_electrodes: usize,
    /// Electrodes that take part and are active.
    pub n_active: usize,
}

/// The counts of a shifted copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of network bursts.
    pub n: usize,
    /// Sum of the electrodes that take part.
    pub n_electrodes: usize,
}

/// The counts of a method, beside those that it finds in shifted copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BesideChance {
    /// In the culture, in order of time.
    pub bursts: Vec<CommonBurst>,
    /// In each of [`SHIFTED_COPIES`] copies.
    pub shifted: Vec<Tally>,
}

/// Searches a culture and its shifted copies.
#[must_use]
pub fn beside_chance(
    trains: &CultureTrains<'_>,
    search: impl Fn(&CultureTrains<'_>) -> Vec<CommonBurst>,
) -> BesideChance {
    let tally = |copy: u64| {
        let moved = Shifted::new(&trains.segments, copy);
        let found = search(&CultureTrains { segments: moved.segments(), n_active: trains.n_active });
        Tally { n: found.len(), n_electrodes: found.iter().map(|burst| burst.n_electrodes).sum() }
    };
    BesideChance { bursts: search(trains), shifted: (0..SHIFTED_COPIES).map(tally).collect() }
}

#[expect(clippy::cast_precision_loss, reason = "counts of bursts and electrodes")]
impl BesideChance {
    /// How many there are in a shifted copy, on average.
    #[must_use]
    pub fn n_shifted(&self) -> f64 {
        mean(self.shifted.iter().map(|tally| tally.n as f64)).unwrap_or_default()
    }

    /// How much that differs from copy to copy: the deviation of a sample; none of fewer than two copies.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        let mean = self.n_shifted();
        let squares: f64 = self.shifted.iter().map(|tally| (tally.n as f64 - mean) * (tally.n as f64 - mean)).sum();
        (self.shifted.len() >= 2).then(|| libm::sqrt(squares / (self.shifted.len() - 1) as f64))
    }

    /// Electrodes that take part in a shifted copy, on average over all that were found there.
    #[must_use]
    pub fn n_electrodes_shifted(&self) -> Option<f64> {
        let n: usize = self.shifted.iter().map(|tally| tally.n).sum();
        let n_electrodes: usize = self.shifted.iter().map(|tally| tally.n_electrodes).sum();
        (n > 0).then(|| n_electrodes as f64 / n as f64)
    }

    /// How many more there are in the culture than in a copy.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.bursts.len() as f64 - self.n_shifted()
    }

    /// The verdict that follows.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::new(self.bursts.len(), &self.shifted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_counted_beside_the_culture() {
        let burst = CommonBurst { segment: 0, start: 0, end: 5, n_spikes: 9, n_electrodes: 4, n_active: 3 };
        let of = |n: usize, copies: &[usize]| BesideChance {
            bursts: vec![burst; n],
            shifted: copies.iter().map(|n| Tally { n: *n, n_electrodes: 3 * n }).collect(),
        };
        let found = of(4, &[1, 3]);
        assert_eq!((found.n_shifted(), found.excess(), found.n_electrodes_shifted()), (2.0, 2.0, Some(3.0)));
        assert!(found.deviation().is_some_and(|value| (value - libm::sqrt(2.0)).abs() < 1e-12));
        assert_eq!(found.verdict(), Verdict::Chance);
        assert_eq!((of(0, &[1, 3]).verdict(), of(0, &[0]).n_electrodes_shifted()), (Verdict::NoneFound, None));
        assert_eq!(of(1, &[0]).deviation(), None);
    }

    #[test]
    fn a_common_moment_is_lost_in_the_copies() {
        // Eight trains at 1 kHz that fire ten spikes at once each five seconds.
        let train: Vec<i64> = (0..20).flat_map(|at| (0..10).map(move |k| at * 5000 + 700 + k * 3)).collect();
        let segments = vec![SegmentTrains { n_frames: 100_000, trains: vec![train.as_slice(); 8] }];
        let trains = CultureTrains { segments, n_active: 8 };
        let rule = WellPlate { max_interval: 20, min_spikes: 50, min_electrodes: 6 };
        let found = beside_chance(&trains, |trains| rule.bursts(trains));
        assert_eq!((found.bursts.len(), found.n_shifted(), found.verdict()), (20, 0.0, Verdict::MoreThanChance));
        assert_eq!(found, beside_chance(&trains, |trains| rule.bursts(trains)));
    }
}
