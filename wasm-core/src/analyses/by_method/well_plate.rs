//! The rule of well-plate systems: runs of all spikes of a well.

use super::pooled::{Pool, bursts_of};
use super::{CommonBurst, CultureTrains};

/// Limits of a network burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WellPlate {
    /// Largest interval between a spike and the next one, of whichever electrode, in frames; equal counts as inside.
    pub max_interval: i64,
    /// Fewest spikes.
    pub min_spikes: usize,
    /// Fewest electrodes.
    pub min_electrodes: usize,
}

impl WellPlate {
    /// The network bursts.
    #[must_use]
    pub fn bursts(&self, trains: &CultureTrains<'_>) -> Vec<CommonBurst> {
        let mut bursts = bursts_of(trains, |pool| self.runs(pool));
        bursts.retain(|burst| burst.n_electrodes >= self.min_electrodes);
        bursts
    }

    fn runs(&self, pool: &Pool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut first = 0;
        for at in 0..pool.n() {
            let is_last = at + 1 == pool.n() || pool.frame(at + 1) - pool.frame(at) > self.max_interval;
            if is_last {
                if at + 1 - first >= self.min_spikes {
                    found.push((first, at));
                }
                first = at + 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    fn find(segments: &[Vec<&[i64]>]) -> Vec<(usize, i64, i64, u64, usize)> {
        let segments = segments.iter().map(|trains| SegmentTrains { n_frames: 10_000, trains: trains.clone() });
        let trains = CultureTrains { segments: segments.collect(), n_active: 1 };
        let told = |burst: &CommonBurst| (burst.segment, burst.start, burst.end, burst.n_spikes, burst.n_active);
        WellPlate { max_interval: 100, min_spikes: 4, min_electrodes: 2 }.bursts(&trains).iter().map(told).collect()
    }

    #[test]
    fn a_run_of_many_spikes_of_enough_electrodes() {
        // An interval of exactly 100 is inside, one of 101 is not; the third run is of one electrode.
        let one: &[i64] = &[0, 200, 401, 1000, 1010, 1020, 1030];
        let other: &[i64] = &[100, 300, 5000, 5010];
        assert_eq!(find(&[vec![one, other]]), [(0, 0, 300, 4, 1)]);
        // No run goes on in the next segment.
        assert!(find(&[vec![&[9990, 9995][..], &[9999]], vec![&[0][..], &[]]]).is_empty());
        assert!(find(&[]).is_empty() && find(&[vec![&[][..], &[]]]).is_empty());
    }
}
