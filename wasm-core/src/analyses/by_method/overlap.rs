//! Bursts of electrodes first, then their overlap.
//!
//! Wagenaar, Pine & Potter 2006, doi:10.1186/1471-2202-7-11.

use super::{CommonBurst, CultureTrains};
use crate::analyses::{Burst, MaxInterval};

/// Limits of a network burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// What makes a burst of an electrode.
    pub bursts: MaxInterval,
    /// Fewest electrodes that burst at once.
    pub min_electrodes: usize,
    /// Stretches with so many electrodes that are at most so many frames apart are one.
    pub max_gap: i64,
}

/// A network burst, and how far the bursts of its electrodes reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlapping {
    /// From where enough electrodes burst at once to where they no longer do.
    pub burst: CommonBurst,
    /// First frame of the first burst of an electrode that takes part.
    pub whole_start: i64,
    /// Last frame of the last one.
    pub whole_end: i64,
}

impl Overlap {
    /// The network bursts among the trains.
    #[must_use]
    pub fn bursts(&self, trains: &CultureTrains<'_>) -> Vec<CommonBurst> {
        self.overlapping(trains).into_iter().map(|found| found.burst).collect()
    }

    /// The bursts of the network with how far they reach.
    #[must_use]
    pub fn overlapping(&self, trains: &CultureTrains<'_>) -> Vec<Overlapping> {
        let mut found = Vec::new();
        for (segment, own) in trains.segments.iter().enumerate() {
            let bursts: Vec<Vec<Burst>> = own.trains.iter().map(|train| self.bursts.bursts(train)).collect();
            let cores = self.cores(&bursts);
            found.extend(cores.into_iter().map(|core| {
                let (mut all, mut n_spikes, mut n_active) = (Vec::new(), 0, 0);
                for (at, (train, bursts)) in own.trains.iter().zip(&bursts).enumerate() {
                    let from = bursts.partition_point(|burst| burst.end < core.0);
                    let until = bursts.partition_point(|burst| burst.start <= core.1);
                    if from < until {
                        all.push((bursts[from].start, bursts[until - 1].end));
                        n_active += usize::from(at < trains.n_active);
                    }
                    n_spikes += within(train, core);
                }
                let burst =
                    CommonBurst { segment, start: core.0, end: core.1, n_spikes, n_electrodes: all.len(), n_active };
                Overlapping {
                    burst,
                    whole_start: all.iter().map(|own| own.0).fold(core.0, i64::min),
                    whole_end: all.iter().map(|own| own.1).fold(core.1, i64::max),
                }
            }));
        }
        found
    }

    /// First and last frame of the stretches in which enough electrodes burst at once.
    fn cores(&self, bursts: &[Vec<Burst>]) -> Vec<(i64, i64)> {
        let mut starts: Vec<i64> = bursts.iter().flatten().map(|burst| burst.start).collect();
        let mut ends: Vec<i64> = bursts.iter().flatten().map(|burst| burst.end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        let least = self.min_electrodes.max(1);
        let mut cores: Vec<(i64, i64)> = Vec::new();
        let (mut starts, mut n_bursting, mut open) = (starts.into_iter().peekable(), 0_usize, None);
        for end in ends {
            // A burst begins before it ends, and one that begins where another ends meets it.
            while let Some(start) = starts.next_if(|start| *start <= end) {
                n_bursting += 1;
                if n_bursting == least {
                    open = Some(start);
                }
            }
            if n_bursting == least
                && let Some(start) = open.take()
            {
                match cores.last_mut() {
                    Some(before) if start - before.1 <= self.max_gap => before.1 = end,
                    _ => cores.push((start, end)),
                }
            }
            n_bursting = n_bursting.saturating_sub(1);
        }
        cores
    }
}

/// Spikes from one frame to another, both included.
fn within(train: &[i64], (from, to): (i64, i64)) -> u64 {
    let first = train.partition_point(|frame| *frame < from);
    train[first..].partition_point(|frame| *frame <= to) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    #[test]
    fn a_core_is_where_enough_electrodes_burst_at_once() {
        let fixed =
            MaxInterval { max_start_interval: 10, max_end_interval: 10, min_gap: 0, min_duration: 0, min_spikes: 3 };
        let run = |from: i64, to: i64| (from..=to).step_by(10);
        let one: Vec<i64> = run(0, 100).chain(run(300, 400)).collect();
        let two: Vec<i64> = run(50, 200).chain(run(400, 450)).collect();
        let three: Vec<i64> = run(80, 130).chain([395, 401]).collect();
        let of = |min_electrodes: usize, max_gap: i64| {
            let segments = vec![SegmentTrains { n_frames: 1000, trains: vec![&one, &two, &three] }];
            let rule = Overlap { bursts: fixed, min_electrodes, max_gap };
            let told = |found: &Overlapping| {
                let burst = found.burst;
                ((burst.start, burst.end, burst.n_electrodes), (found.whole_start, found.whole_end), burst.n_spikes)
            };
            rule.overlapping(&CultureTrains { segments, n_active: 2 }).iter().map(told).collect::<Vec<_>>()
        };
        // Each of the first two fires at 80, 90 and 100; the third at the same times.
        assert_eq!(of(3, 0), [((80, 100, 3), (0, 200), 9)]);
        // One ends at 400 where another begins.
        assert_eq!(of(2, 0), [((50, 130, 3), (0, 200), 21), ((400, 400, 2), (300, 450), 2)]);
        assert_eq!(of(2, 270), [((50, 400, 3), (0, 450), 41)]);
        assert!(of(4, 0).is_empty());
        let none = CultureTrains { segments: Vec::new(), n_active: 0 };
        assert!(Overlap { bursts: fixed, min_electrodes: 1, max_gap: 0 }.bursts(&none).is_empty());
    }
}
