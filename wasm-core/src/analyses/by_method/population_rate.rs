//! Network bursts as peaks of the rate of all electrodes together.
//!
//! The rate is counted in bins and smoothed by a Gaussian; a peak stands above a multiple of its root mean square,
//! as in the example scripts of `MaxWell`. That has no floor: independent electrodes have such peaks
//! all the time. A least number of electrodes is one, and shifted copies tell the rest.

use super::bins::Bins;
use super::{CommonBurst, CultureTrains};
use crate::analyses::SegmentTrains;

/// Longer recordings are not counted: their bins would fill the memory.
const MAX_BINS: i64 = 1 << 22;

/// Where the Gaussian is cut, in deviations.
const REACH: f64 = 3.0;

/// Limits of a network burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PopulationRate {
    /// Width of a bin in frames.
    pub bin_frames: f64,
    /// Deviation of the Gaussian in bins; 0 for none.
    pub sigma_bins: f64,
    /// A peak is above so many root mean squares of the rate.
    pub peak_rms: f64,
    /// The burst reaches as far as the rate is above this share of its peak.
    pub edge: f64,
    /// Least share of the electrodes in percent.
    pub min_percent: f64,
    /// Fewest electrodes; 0 for none.
    pub min_electrodes: usize,
}

impl PopulationRate {
    fn bins(&self) -> Bins {
        Bins::new(self.bin_frames)
    }

    /// Whether there are more bins than can be counted.
    #[must_use]
    pub fn is_too_long(&self, trains: &CultureTrains<'_>) -> bool {
        let n_bins = trains.segments.iter().map(|segment| self.bins().n(segment.n_frames));
        n_bins.fold(0, i64::saturating_add) > MAX_BINS
    }

    /// The network bursts among the trains of active electrodes, each with all spikes from its first to its last bin;
    /// none of recordings that are too long.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of bins")]
    pub fn bursts(&self, trains: &CultureTrains<'_>) -> Vec<CommonBurst> {
        if self.is_too_long(trains) {
            return Vec::new();
        }
        let rates: Vec<Vec<f64>> = trains.segments.iter().map(|segment| self.rate(segment)).collect();
        let n_bins: usize = rates.iter().map(Vec::len).sum();
        let squares: f64 = rates.iter().flatten().map(|rate| rate * rate).sum();
        let rms = libm::sqrt(squares / n_bins.max(1) as f64);
        let mut found = Vec::new();
        for (at, (segment, rate)) in trains.segments.iter().zip(&rates).enumerate() {
            let stretches = self.stretches(rate, rms);
            let bursts = stretches.into_iter().map(|(first, behind)| self.burst(segment, at, first, behind));
            found.extend(bursts.filter(|burst| self.is_enough(burst, segment.trains.len())));
        }
        found
    }

    /// Spikes in each bin, smoothed; at both ends the weights outside are left out.
    fn rate(&self, segment: &SegmentTrains<'_>) -> Vec<f64> {
        let bins = self.bins();
        let n_bins = usize::try_from(bins.n(segment.n_frames)).unwrap_or_default();
        let mut counts = vec![0_u32; n_bins];
        for frame in segment.trains.iter().copied().flatten() {
            let bin = usize::try_from(bins.at(*frame)).unwrap_or(usize::MAX);
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
        let kernel = self.kernel();
        let reach = kernel.len() / 2;
        let mut padded = vec![0.0; n_bins + 2 * reach];
        // Most bins of a quiet culture are empty.
        for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            for (sum, weight) in padded[at..].iter_mut().zip(&kernel) {
                *sum += f64::from(*count) * weight;
            }
        }
        let mut sums = vec![0.0; kernel.len() + 1];
        for (at, weight) in kernel.iter().enumerate() {
            sums[at + 1] = sums[at] + weight;
        }
        let inside = |at: usize| sums[kernel.len().min(n_bins - at + reach)] - sums[reach.saturating_sub(at)];
        (0..n_bins).map(|at| padded[at + reach] / inside(at)).collect()
    }

    /// The Gaussian, its top in the middle.
    #[expect(clippy::cast_possible_truncation, reason = "the range of the deviation bounds it")]
    fn kernel(&self) -> Vec<f64> {
        if !(self.sigma_bins > 0.0) {
            return vec![1.0];
        }
        let reach = libm::ceil(REACH * self.sigma_bins) as i32;
        let weight = |at: i32| {
            let deviations = f64::from(at) / self.sigma_bins;
            libm::exp(-0.5 * deviations * deviations)
        };
        (-reach..=reach).map(weight).collect()
    }

    /// Stretches around peaks, from the left: first bin and the one behind the last.
    fn stretches(&self, rate: &[f64], rms: f64) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        if !(rms > 0.0) {
            return found;
        }
        let level = self.peak_rms * rms;
        let (mut at, mut ended) = (0, 0);
        while at < rate.len() {
            if rate[at] <= level {
                at += 1;
                continue;
            }
            let (mut start, mut end) = (at, at);
            while end < rate.len() && rate[end] > level {
                end += 1;
            }
            let edge = self.edge * rate[at..end].iter().copied().fold(0.0, f64::max);
            // Not before the end of the burst before.
            while start > ended && rate[start - 1] > edge {
                start -= 1;
            }
            while end < rate.len() && rate[end] > edge {
                end += 1;
            }
            found.push((start, end));
            (at, ended) = (end, end);
        }
        found
    }

    fn burst(&self, segment: &SegmentTrains<'_>, at: usize, first: usize, behind: usize) -> CommonBurst {
        let frame = |bin: usize| self.bins().first_frame(i64::try_from(bin).unwrap_or(i64::MAX));
        // The last bin may reach beyond the recording.
        let (start, end) = (frame(first), frame(behind).min(segment.n_frames));
        let (mut n_spikes, mut n_electrodes) = (0, 0);
        for train in &segment.trains {
            let from = train.partition_point(|spike| *spike < start);
            let n = train[from..].partition_point(|spike| *spike < end);
            n_spikes += n as u64;
            n_electrodes += usize::from(n > 0);
        }
        CommonBurst { segment: at, start, end, n_spikes, n_electrodes, n_active: n_electrodes }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
    fn is_enough(&self, burst: &CommonBurst, n_trains: usize) -> bool {
        let n = burst.n_electrodes;
        n >= self.min_electrodes && n as f64 * 100.0 >= self.min_percent * n_trains as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> PopulationRate {
        PopulationRate {
            bin_frames: 20.0,
            sigma_bins: 0.0,
            peak_rms: 1.2,
            edge: 0.3,
            min_percent: 35.0,
            min_electrodes: 0,
        }
    }

    fn find(rule: PopulationRate, trains: Vec<&[i64]>) -> Vec<(i64, i64, u64, usize)> {
        let n_active = trains.len();
        let trains = CultureTrains { segments: vec![SegmentTrains { n_frames: 1000, trains }], n_active };
        let told = |burst: &CommonBurst| (burst.start, burst.end, burst.n_spikes, burst.n_electrodes);
        rule.bursts(&trains).iter().map(told).collect()
    }

    #[test]
    fn a_peak_reaches_down_to_its_edge() {
        // Bins of 20: 10 spikes in the bin at 100, 4 in the one behind, 1 in the next.
        let one: Vec<i64> = (100..110).chain(120..122).chain([140]).collect();
        let other: Vec<i64> = (120..122).chain([700]).collect();
        assert_eq!(find(rule(), vec![&one, &other]), [(100, 140, 14, 2)]);
        assert_eq!(find(PopulationRate { edge: 0.05, ..rule() }, vec![&one, &other]), [(100, 160, 15, 2)]);
        assert!(find(PopulationRate { min_electrodes: 3, ..rule() }, vec![&one, &other]).is_empty());
        assert!(find(rule(), vec![&one[..], &[], &[]]).is_empty(), "a third of them");
        assert!(find(rule(), vec![&[][..], &[]]).is_empty() && find(rule(), Vec::new()).is_empty());
    }

    #[test]
    fn smoothing_keeps_an_even_rate_even() {
        let even: Vec<i64> = (0..50).map(|at| at * 20).collect();
        let segment = SegmentTrains { n_frames: 999, trains: vec![&even] };
        let rate = PopulationRate { sigma_bins: 5.0, ..rule() }.rate(&segment);
        assert_eq!(rate.len(), 50);
        assert!(rate.iter().all(|rate| (rate - 1.0).abs() < 1e-12), "{rate:?}");
        let long = SegmentTrains { n_frames: i64::MAX, trains: vec![&even] };
        let trains = CultureTrains { segments: vec![long], n_active: 1 };
        assert!(rule().is_too_long(&trains) && rule().bursts(&trains).is_empty());
    }
}
