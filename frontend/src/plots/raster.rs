//! Spikes over time and channels, and the population rate.

mod order;
mod paint;
mod sheet;
mod sight;

use std::ops::Range;

pub use order::{Facts, ORDERS, Order, Rows};
pub use paint::{Look, draw, rate};
pub use sheet::Sheet;
pub use sight::Sight;

/// Spikes of one segment, sorted by time. There may be a million, so they equal themselves alone.
#[derive(Clone, Debug, Default)]
pub struct Spikes {
    /// Seconds from the segment's start.
    pub times_s: Vec<f64>,
    /// Channel of each.
    pub channels: Vec<u32>,
    /// Amplitude of each in microvolts.
    pub amplitudes_uv: Vec<f32>,
}

impl PartialEq for Spikes {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Spikes {
    /// Indices of the spikes within a time.
    #[must_use]
    pub fn within(&self, from_s: f64, to_s: f64) -> std::ops::Range<usize> {
        self.times_s.partition_point(|time| *time < from_s)..self.times_s.partition_point(|time| *time <= to_s)
    }

    /// Times of one channel.
    pub fn of(&self, channel: usize) -> impl Iterator<Item = (f64, f32)> + '_ {
        let all = self.times_s.iter().zip(&self.channels).zip(&self.amplitudes_uv);
        all.filter(move |((_, at), _)| **at as usize == channel).map(|((time, _), amplitude)| (*time, *amplitude))
    }
}

/// A stretch of time that is shaded or framed, over some rows or over all.
#[derive(Clone, Debug, PartialEq)]
pub struct Shade {
    /// Start and end in seconds.
    pub times: (f64, f64),
    /// The first row and the end; all rows without.
    pub rows: Option<Range<usize>>,
}

/// The spike of a channel that lies closest to a time, at most `within_s` away: its time and its amplitude.
#[must_use]
pub fn nearest(spikes: &Spikes, channel: usize, time_s: f64, within_s: f64) -> Option<(f64, f32)> {
    let own = spikes.within(time_s - within_s, time_s + within_s);
    let own = own.filter(|at| spikes.channels[*at] as usize == channel);
    let away = |at: &usize| (spikes.times_s[*at] - time_s).abs();
    let at = own.min_by(|a, b| away(a).total_cmp(&away(b)))?;
    Some((spikes.times_s[at], spikes.amplitudes_uv.get(at).copied().unwrap_or_default()))
}

/// Spikes per second of all channels in bins of the window.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins")]
pub fn population_rate(spikes: &Spikes, from_s: f64, to_s: f64, n_bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; n_bins];
    let span = (to_s - from_s).max(1e-9);
    for at in spikes.within(from_s, to_s) {
        let bin = ((spikes.times_s[at] - from_s) / span * n_bins as f64) as usize;
        counts[bin.min(n_bins - 1)] += 1.0;
    }
    counts.iter().map(|count| count / (span / n_bins as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_spike_is_one_of_the_same_channel() {
        let spikes = Spikes {
            times_s: vec![1.0, 1.1, 1.2, 5.0],
            channels: vec![0, 1, 0, 0],
            amplitudes_uv: vec![-1.0, -2.0, -3.0, -4.0],
        };
        assert_eq!(nearest(&spikes, 0, 1.12, 0.5), Some((1.2, -3.0)));
        assert_eq!(nearest(&spikes, 1, 1.0, 0.5), Some((1.1, -2.0)));
        assert_eq!((nearest(&spikes, 0, 3.0, 0.5), nearest(&spikes, 7, 1.0, 0.5)), (None, None));
    }
}
