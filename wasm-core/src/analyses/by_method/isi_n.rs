//! Network bursts by the time that N spikes in a row take, whichever electrodes they are of.
//!
//! Bakkum et al. 2014, doi:10.3389/fncom.2013.00193.

use super::pooled::{Pool, bursts_of};
use super::{CommonBurst, CultureTrains};

/// Limits of a network burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsiN {
    /// Spikes of a window.
    pub n_spikes: usize,
    /// The longest time from the first to the last of them, in frames; equal counts as inside.
    pub max_span: i64,
    /// Fewest electrodes of a network burst.
    pub min_electrodes: usize,
}

impl IsiN {
    /// The network bursts: windows of [`Self::n_spikes`] spikes within [`Self::max_span`] are of one burst where they
    /// share a spike, and every spike of such a window is in it.
    #[must_use]
    pub fn bursts(&self, trains: &CultureTrains<'_>) -> Vec<CommonBurst> {
        let mut bursts = bursts_of(trains, |pool| self.stretches(pool));
        bursts.retain(|burst| burst.n_electrodes >= self.min_electrodes);
        bursts
    }

    fn stretches(&self, pool: &Pool) -> Vec<(usize, usize)> {
        let reach = self.n_spikes.saturating_sub(1);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for first in 0..pool.n().saturating_sub(reach) {
            let last = first + reach;
            if pool.frame(last) - pool.frame(first) > self.max_span {
                continue;
            }
            match found.last_mut() {
                Some(before) if first <= before.1 => before.1 = last,
                _ => found.push((first, last)),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    #[test]
    fn windows_that_share_a_spike_are_one_burst() {
        let of = |trains: Vec<&[i64]>| {
            let trains = CultureTrains { segments: vec![SegmentTrains { n_frames: 1000, trains }], n_active: 2 };
            let found = IsiN { n_spikes: 3, max_span: 10, min_electrodes: 2 }.bursts(&trains);
            found.iter().map(|burst| (burst.start, burst.end, burst.n_spikes, burst.n_electrodes)).collect::<Vec<_>>()
        };
        // 0 to 10 is exactly the limit; 18 and 28 share a window with 21; 100 to 111 is too long.
        let one: &[i64] = &[0, 10, 21, 100, 111];
        assert_eq!(of(vec![one, &[4, 18, 28, 105]]), [(0, 10, 3, 2), (18, 28, 3, 2)]);
        assert_eq!(of(vec![one, &[4, 14, 18, 28, 105]]), [(0, 28, 7, 2)]);
        assert!(of(vec![&[0, 1, 2, 3][..], &[]]).is_empty(), "one electrode");
        assert!(of(vec![&[][..], &[]]).is_empty() && of(vec![&[1][..], &[2]]).is_empty() && of(Vec::new()).is_empty());
    }
}
