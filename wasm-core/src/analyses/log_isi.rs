//! Bursts by a limit that each train's own intervals suggest.
//!
//! Pasquale, Martinoia & Chiappalone 2010, doi:10.1007/s10827-009-0175-1: intervals inside and
//! between bursts make two peaks of the histogram of their logarithms, and the limit lies in the
//! valley between them.

use super::bursts::{Burst, runs};

/// Fewest spikes of a burst.
pub const LOG_ISI_MIN_SPIKES: usize = 3;

/// A limit above this many milliseconds is no limit between bursts.
const HIGHEST_LIMIT_MS: f64 = 1000.0;

/// Where a train's limit comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A valley of the histogram, in milliseconds.
    Valley(f64),
    /// No valley separates two peaks.
    NoSeparation,
    /// No peak among short intervals: no bursts.
    NoPeak,
    /// Too few spikes.
    TooFew,
}

impl Limit {
    /// The interval that bursts go by, in milliseconds, where intervals below `short_ms` are short; none where there
    /// are no bursts.
    #[must_use]
    pub fn used_ms(self, short_ms: f64) -> Option<f64> {
        match self {
            Self::TooFew | Self::NoPeak => None,
            Self::Valley(limit_ms) if limit_ms < HIGHEST_LIMIT_MS => Some(limit_ms),
            Self::Valley(_) | Self::NoSeparation => Some(short_ms),
        }
    }

    /// Where the limit comes from, in words.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::Valley(limit_ms) if limit_ms < HIGHEST_LIMIT_MS => "valley between short and long intervals",
            Self::Valley(_) => "default, as the valley lies at 1 s or more",
            Self::NoSeparation => "default, as no valley separates short and long intervals",
            Self::NoPeak => "none, as no peak of short intervals stands out",
            Self::TooFew => "none, as there are too few spikes",
        }
    }
}

/// The limit of intervals given in milliseconds. A peak is a bin above its two neighbours on each
/// side, so that equal ones are none; the largest left of `short_ms` is that of intervals in bursts. A
/// valley separates it from a later peak where `1 - valley / sqrt(peak x peak)` is at least `void`. The
/// histogram has about ten bins a decade from 1 ms on, as the authors' code makes them, and is not
/// smoothed.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few decades and bins"
)]
pub fn limit(intervals_ms: &[f64], short_ms: f64, void: f64) -> Limit {
    let longest = intervals_ms.iter().copied().fold(0.0, f64::max);
    if intervals_ms.len() < 3 || longest <= 1.0 || !longest.is_finite() {
        return Limit::TooFew;
    }
    let decades = libm::ceil(libm::log10(longest));
    let n_edges = (10.0 * decades) as usize;
    let step = decades / (n_edges - 1) as f64;
    let edge = |at: usize| libm::pow(10.0, step * at as f64);
    let edges: Vec<f64> = (0..n_edges).map(edge).collect();
    let n_bins = n_edges - 1;
    let mut counts = vec![0_u32; n_bins];
    for interval in intervals_ms.iter().filter(|interval| **interval >= 1.0) {
        let bin = edges.partition_point(|edge| edge <= interval).saturating_sub(1);
        // The last bin holds its upper edge, too.
        counts[bin.min(n_bins - 1)] += 1;
    }
    let is_peak = |at: &usize| {
        let around = at.saturating_sub(2)..=(at + 2).min(n_bins - 1);
        around.into_iter().all(|other| other == *at || counts[*at] > counts[other])
    };
    let peaks: Vec<usize> = (1..n_bins.saturating_sub(1)).filter(is_peak).collect();
    let short = peaks.iter().copied().filter(|at| edges[*at] < short_ms);
    let Some(first) = short.max_by_key(|at| (counts[*at], std::cmp::Reverse(*at))) else { return Limit::NoPeak };
    for second in peaks.into_iter().filter(|at| *at > first) {
        let Some(valley) = (first..=second).min_by_key(|at| counts[*at]) else { continue };
        let between = libm::sqrt(f64::from(counts[first]) * f64::from(counts[second]));
        if 1.0 - f64::from(counts[valley]) / between >= void {
            return Limit::Valley(edges[valley]);
        }
    }
    Limit::NoSeparation
}

/// The bursts of a train by its limit. Up to `short_ms` they are runs below the limit; above it
/// runs that hold a run at `short_ms`; where nothing separates, or the limit is a second or
/// more, runs at `short_ms`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "frames of an interval")]
pub fn log_isi_bursts(train: &[i64], limit: Limit, short_ms: f64, rate_hz: f64) -> Vec<Burst> {
    let at_most =
        |limit_ms: f64| runs(train, LOG_ISI_MIN_SPIKES, |interval| interval as f64 * 1000.0 / rate_hz <= limit_ms);
    match limit {
        Limit::TooFew | Limit::NoPeak => Vec::new(),
        Limit::Valley(limit_ms) if limit_ms <= short_ms => at_most(limit_ms),
        Limit::Valley(limit_ms) if limit_ms < HIGHEST_LIMIT_MS => {
            let cores = at_most(short_ms);
            let mut wide = at_most(limit_ms);
            wide.retain(|burst| {
                let at = cores.partition_point(|core| core.start < burst.start);
                cores.get(at).is_some_and(|core| core.end <= burst.end)
            });
            wide
        }
        _ => at_most(short_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valley_between_two_peaks_is_the_limit() {
        // Bursts of ten spikes each 5 ms, one each half second.
        let train: Vec<i64> = (0..40).flat_map(|at| (0..10).map(move |k| at * 500 + k * 5 + (k * at) % 2)).collect();
        let intervals: Vec<f64> =
            train.windows(2).map(|pair| f64::from(i32::try_from(pair[1] - pair[0]).expect("small"))).collect();
        let found = limit(&intervals, 100.0, 0.7);
        let Limit::Valley(limit_ms) = found else { panic!("{found:?}") };
        assert!((6.0..400.0).contains(&limit_ms), "{limit_ms}");
        assert_eq!(log_isi_bursts(&train, found, 100.0, 1000.0).len(), 40);
        assert_eq!(limit(&[3.0, 4.0], 100.0, 0.7), Limit::TooFew);
        let slow: Vec<f64> = (0..100).map(|at| 500.0 + f64::from(at)).collect();
        assert_eq!(limit(&slow, 100.0, 0.7), Limit::NoPeak);
        assert_eq!(limit(&[f64::NAN, f64::INFINITY, 1.0, 2.0], 100.0, 0.7), Limit::TooFew);
    }

    #[test]
    fn a_limit_is_found_fallen_back_to_or_absent() {
        let told = |limit: Limit| (limit.used_ms(100.0), limit.told());
        assert_eq!(told(Limit::Valley(80.0)), (Some(80.0), "valley between short and long intervals"));
        assert_eq!(told(Limit::Valley(1000.0)), (Some(100.0), "default, as the valley lies at 1 s or more"));
        let unseparated = "default, as no valley separates short and long intervals";
        assert_eq!(told(Limit::NoSeparation), (Some(100.0), unseparated));
        assert_eq!([Limit::NoPeak, Limit::TooFew].map(|limit| told(limit).0), [None; 2]);
    }
}
