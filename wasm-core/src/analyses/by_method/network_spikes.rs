//! Network spikes: bins of a few milliseconds in which many electrodes fire.
//!
//! Eytan & Marom 2006, doi:10.1523/JNEUROSCI.1627-06.2006, as `sjemea` and `meaRtools` count them: a network
//! spike has *more than* N electrodes.

use super::bins::Bins;
use super::pooled::{Pool, Seen};
use super::{CommonBurst, CultureTrains};

/// So many bins to each side of its peak the width of a network spike is looked for, as in `sjemea`.
pub const HALF_WIDTH_BINS: i64 = 100;

/// Limits of a network spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkSpikes {
    /// Width of a bin in frames.
    pub bin_frames: f64,
    /// More electrodes than this fire within a bin.
    pub more_than: usize,
}

/// A network spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkSpike {
    /// The bins around its peak in which at least half as many electrodes fire, with the electrodes of the peak.
    pub burst: CommonBurst,
    /// First frame of its peak, the first of its bins with most electrodes.
    pub at: i64,
    /// Width at half of its height in frames; none where it is wider than what was looked at.
    pub width_frames: Option<f64>,
}

/// The activity in a bin.
#[derive(Clone, Copy, Default)]
struct Bin {
    at: i64,
    n_spikes: u64,
    n_electrodes: usize,
    n_active: usize,
}

impl NetworkSpikes {
    /// The network spikes as bursts.
    #[must_use]
    pub fn bursts(&self, trains: &CultureTrains<'_>) -> Vec<CommonBurst> {
        self.spikes(trains).into_iter().map(|spike| spike.burst).collect()
    }

    /// The network spikes: one for each stretch of bins with spikes in which a bin has enough electrodes.
    #[must_use]
    pub fn spikes(&self, trains: &CultureTrains<'_>) -> Vec<NetworkSpike> {
        let bins = Bins::new(self.bin_frames);
        let mut seen = Seen::new(trains);
        let mut found = Vec::new();
        for (segment, own) in trains.segments.iter().enumerate() {
            let filled = filled(&Pool::new(own), bins, &mut seen);
            for stretch in filled.chunk_by(|before, after| after.at == before.at + 1) {
                let Some(peak) = stretch.iter().rev().max_by_key(|bin| bin.n_electrodes) else { continue };
                if peak.n_electrodes > self.more_than {
                    let n_bins = bins.n(own.n_frames);
                    found.push(NetworkSpike::new(Around { stretch, peak, bins, n_bins }, segment));
                }
            }
        }
        found
    }
}

/// The bins in which any electrode fires.
fn filled(pool: &Pool, bins: Bins, seen: &mut Seen) -> Vec<Bin> {
    let mut filled: Vec<Bin> = Vec::new();
    for place in 0..pool.n() {
        let at = bins.at(pool.frame(place));
        if filled.last().is_none_or(|bin| bin.at != at) {
            filled.push(Bin { at, ..Bin::default() });
            seen.clear();
        }
        let (is_new, is_new_and_active) = seen.see(pool.owner(place));
        if let Some(bin) = filled.last_mut() {
            bin.n_spikes += 1;
            bin.n_electrodes += is_new;
            bin.n_active += is_new_and_active;
        }
    }
    filled
}

/// A peak and what lies around it.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// Bins with spikes, without a gap.
    stretch: &'a [Bin],
    peak: &'a Bin,
    bins: Bins,
    /// Bins of the segment.
    n_bins: i64,
}

impl Around<'_> {
    /// The bin at a place; an empty one outside the stretch.
    fn bin(&self, at: i64) -> Bin {
        let place = self.stretch.first().and_then(|first| usize::try_from(at - first.at).ok());
        place.and_then(|place| self.stretch.get(place).copied()).unwrap_or(Bin { at, ..Bin::default() })
    }

    /// Electrodes that fire in a bin.
    #[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
    fn height(&self, at: i64) -> f64 {
        self.bin(at).n_electrodes as f64
    }

    /// Half of the height of the peak.
    fn half(&self) -> f64 {
        self.height(self.peak.at) / 2.0
    }

    /// The first and the last bin with at least half of the height, and whether both were reached.
    fn reach(&self) -> (i64, i64, bool) {
        let (mut left, mut right) = (self.peak.at, self.peak.at);
        let lowest = (self.peak.at - HALF_WIDTH_BINS).max(0);
        let highest = (self.peak.at + HALF_WIDTH_BINS).min(self.n_bins - 1);
        while left > lowest && self.height(left - 1) >= self.half() {
            left -= 1;
        }
        while right < highest && self.height(right + 1) >= self.half() {
            right += 1;
        }
        (left, right, left != lowest && right != highest)
    }

    /// Bins between where straight lines from bin to bin cross half of the height.
    #[expect(clippy::cast_precision_loss, reason = "counts of bins")]
    fn width(&self, left: i64, right: i64) -> f64 {
        let part = |inside: i64, outside: i64| {
            (self.height(inside) - self.half()) / (self.height(inside) - self.height(outside))
        };
        (right - left) as f64 + part(left, left - 1) + part(right, right + 1)
    }
}

impl NetworkSpike {
    fn new(around: Around<'_>, segment: usize) -> Self {
        let Around { peak, bins, .. } = around;
        let (left, right, is_reached) = around.reach();
        let burst = CommonBurst {
            segment,
            start: bins.first_frame(left),
            end: bins.first_frame(right + 1),
            n_spikes: (left..=right).map(|at| around.bin(at).n_spikes).sum(),
            n_electrodes: peak.n_electrodes,
            n_active: peak.n_active,
        };
        let width_frames = is_reached.then(|| bins.frames(around.width(left, right)));
        Self { burst, at: bins.first_frame(peak.at), width_frames }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    fn find(trains: &[Vec<i64>], more_than: usize) -> Vec<NetworkSpike> {
        let segments = vec![SegmentTrains { n_frames: 1000, trains: trains.iter().map(Vec::as_slice).collect() }];
        NetworkSpikes { bin_frames: 3.0, more_than }.spikes(&CultureTrains { segments, n_active: 3 })
    }

    #[test]
    fn more_than_n_electrodes_and_the_width_at_half_height() {
        // Four electrodes in the bin at 300, three before it, one before that and two behind; one fires twice.
        let trains = [vec![294, 297, 300, 303], vec![298, 301], vec![299, 302, 304, 305], vec![302, 600]];
        assert!(find(&trains, 4).is_empty());
        let found = find(&trains, 3);
        assert_eq!(found.len(), 1);
        let NetworkSpike { burst, at, width_frames } = found[0];
        assert_eq!((burst.start, burst.end, burst.n_spikes, burst.n_electrodes, burst.n_active), (297, 306, 10, 4, 3));
        // From 3 to 1 half of 4 lies in the middle; from 2 to 0 at the bin itself.
        assert_eq!((at, width_frames), (300, Some(3.0 * (2.0 + 0.5))));
        assert_eq!(find(&trains, 0).len(), 2);
        assert!(find(&[], 0).is_empty() && find(&[Vec::new()], 0).is_empty());
    }

    #[test]
    fn what_begins_with_the_recording_has_no_width() {
        let found = find(&[vec![0, 501], vec![1, 502]], 1);
        assert_eq!(found.iter().map(|spike| spike.width_frames.is_some()).collect::<Vec<_>>(), [false, true]);
    }
}
