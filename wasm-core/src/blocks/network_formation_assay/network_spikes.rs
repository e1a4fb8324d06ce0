//! Network spikes: moments at which many electrodes fire within one short bin.
//!
//! Eytan & Marom 2006, doi:10.1523/JNEUROSCI.1627-06.2006, as the assay counts them.

use std::cmp::Reverse;

use crate::analyses::SegmentTrains;

/// Bins to each side of the fullest in which its half is looked for.
pub const REACH: i64 = 100;

/// What makes a network spike; times in frames.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Length of a bin.
    pub bin: i64,
    /// Fewest electrodes in the fullest bin.
    pub min_electrodes: usize,
    /// An electrode joins with so many spikes in the fullest bin. All but one of the fewest electrodes must.
    pub min_spikes: usize,
    /// How far the fullest bin must be from both ends of a segment.
    pub ends: i64,
}

/// A network spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkSpike {
    /// Segment of the network spike.
    pub segment: usize,
    /// First frame of its fullest bin.
    pub peak: i64,
    /// Electrodes that fire in that bin.
    pub n_electrodes: usize,
    /// Spikes in that bin of the electrodes that join.
    pub n_spikes: usize,
    /// Bins between the places where half as many electrodes fire, by straight lines between bins; none
    /// where there is no such place within [`REACH`].
    pub width: Option<f64>,
}

/// A bin and the number of electrodes that fire in it.
type Busy = (i64, usize);

/// The network spikes of some trains: of each stretch of bins without an empty one the fullest, the first
/// of equals.
pub fn network_spikes(segments: &[SegmentTrains<'_>], limits: &Limits) -> Vec<NetworkSpike> {
    let mut found = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let last = segment.n_frames.max(0) / limits.bin;
        let busy = busy(segment, limits.bin);
        for stretch in busy.chunk_by(|before, after| after.0 == before.0 + 1) {
            let fullest = (0..stretch.len()).max_by_key(|place| (stretch[*place].1, Reverse(*place))).unwrap_or(0);
            let (bin, n_electrodes) = stretch[fullest];
            let (peak, end) = (bin * limits.bin, (bin + 1) * limits.bin);
            let to_end = (segment.n_frames - end).max(0);
            if n_electrodes < limits.min_electrodes || peak.min(to_end) < limits.ends {
                continue;
            }
            let (n_joined, n_spikes) = joined(segment, peak, end, limits.min_spikes);
            if n_joined + 1 >= limits.min_electrodes {
                let width = width(stretch, fullest, last);
                found.push(NetworkSpike { segment: at, peak, n_electrodes, n_spikes, width });
            }
        }
    }
    found
}

/// The bins in which electrodes fire, in order.
fn busy(segment: &SegmentTrains<'_>, bin: i64) -> Vec<Busy> {
    let mut bins: Vec<i64> = Vec::new();
    for train in &segment.trains {
        let mut own: Vec<i64> = train.iter().map(|frame| frame / bin).collect();
        own.dedup();
        bins.extend(own);
    }
    bins.sort_unstable();
    bins.chunk_by(|before, after| before == after).map(|same| (same[0], same.len())).collect()
}

/// Electrodes with enough spikes from `start` on and before `end`, and how many spikes these are.
fn joined(segment: &SegmentTrains<'_>, start: i64, end: i64, min_spikes: usize) -> (usize, usize) {
    let inside = |train: &&[i64]| {
        let before = train.partition_point(|frame| *frame < start);
        train[before..].partition_point(|frame| *frame < end)
    };
    let own = segment.trains.iter().map(inside).filter(|n| *n >= min_spikes);
    own.fold((0, 0), |(n_joined, n_spikes), n| (n_joined + 1, n_spikes + n))
}

/// Width at half maximum of a stretch around its fullest bin; `last` is the last bin of the segment.
#[expect(clippy::cast_precision_loss, reason = "counts of electrodes and bins")]
fn width(stretch: &[Busy], fullest: usize, last: i64) -> Option<f64> {
    let (peak, n_electrodes) = stretch[fullest];
    let half = n_electrodes as f64 / 2.0;
    let (lowest, highest) = ((peak - REACH).max(0), (peak + REACH).min(last));
    // Beside a stretch nothing fires.
    let height = |place: Option<usize>| place.and_then(|place| stretch.get(place)).map_or(0.0, |(_, n)| *n as f64);
    let (mut left, mut right) = (fullest, fullest);
    while stretch[left].0 > lowest && height(left.checked_sub(1)) >= half {
        left -= 1;
    }
    while stretch[right].0 < highest && height(Some(right + 1)) >= half {
        right += 1;
    }
    if stretch[left].0 <= lowest || stretch[right].0 >= highest {
        return None;
    }
    let (before, after) = (height(left.checked_sub(1)), height(Some(right + 1)));
    let (first, end) = (height(Some(left)), height(Some(right)));
    let start = stretch[left].0 as f64 - 1.0 + (half - before) / (first - before);
    Some(stretch[right].0 as f64 + (end - half) / (end - after) - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { bin: 10, min_electrodes: 3, min_spikes: 1, ends: 0 }
    }

    fn found(trains: &[&[i64]], limits: &Limits) -> Vec<NetworkSpike> {
        network_spikes(&[SegmentTrains { n_frames: 1000, trains: trains.to_vec() }], limits)
    }

    #[test]
    fn the_fullest_bin_of_a_stretch_is_a_network_spike() {
        // Bins 50 to 52 hold 1, 3 and 2 electrodes; bin 60 holds two.
        let trains: [&[i64]; 3] = [&[505, 511, 512, 600], &[515, 521, 601], &[519, 525]];
        let own = found(&trains, &limits());
        // Half of 3 lies a quarter into the step from 1 to 3, and a quarter into that from 2 to nothing.
        let width = 52.25 - 50.25;
        let expected = NetworkSpike { segment: 0, peak: 510, n_electrodes: 3, n_spikes: 4, width: Some(width) };
        assert_eq!(own, [expected]);
        let asked = |min_spikes, ends| found(&trains, &Limits { min_spikes, ends, ..limits() }).len();
        // Of three electrodes two must join; one has two spikes in the bin.
        assert_eq!((asked(1, 480), asked(1, 481), asked(2, 0)), (1, 0, 0));
        assert!(found(&[], &limits()).is_empty() && found(&[&[], &[]], &limits()).is_empty());
    }

    #[test]
    fn firing_all_the_time_has_no_width() {
        let dense: Vec<i64> = (0..100).map(|at| at * 10).collect();
        let own = found(&[&dense, &dense, &dense], &limits());
        let told: Vec<_> = own.iter().map(|spike| (spike.peak, spike.n_electrodes, spike.width)).collect();
        assert_eq!(told, [(0, 3, None)], "one stretch, its first bin");
    }
}
