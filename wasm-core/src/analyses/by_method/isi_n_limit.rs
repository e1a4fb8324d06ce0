//! The longest time that N spikes in a row take within a network burst, from the spikes themselves.
//!
//! Bakkum et al. 2014, doi:10.3389/fncom.2013.00193: that time has one peak within network bursts and one
//! between them. The authors chose the valley by eye; here a rule does. With one peak there is nothing to separate.

use super::CultureTrains;
use super::pooled::Pool;

/// How deep a valley is that separates: 1 - valley / square root of the product of its peaks.
pub const ISI_N_VOID: f64 = 0.7;

/// Bins of the histogram: 20 a decade from 10 µs to 31.6 s.
const N_BINS: usize = 130;
const FIRST_DECADE: f64 = -5.0;
const DECADES: f64 = 0.05;

/// Deviation of the Gaussian that smooths the histogram, and where it is cut, in bins.
const SIGMA_BINS: f64 = 2.0;
const REACH_BINS: usize = 8;

/// Where a limit comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpanLimit {
    /// The valley between two peaks, in seconds.
    Valley(f64),
    /// Two peaks without a valley that is deep enough.
    NoSeparation,
    /// Fewer than two peaks.
    OnePeak,
    /// Fewer than N spikes.
    TooFew,
}

impl SpanLimit {
    /// The name of the limit in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valley(_) => "valley",
            Self::NoSeparation => "no_separation",
            Self::OnePeak => "one_peak",
            Self::TooFew => "too_few",
        }
    }
}

/// How long N spikes in a row take.
#[derive(Clone, Debug, PartialEq)]
pub struct Spans {
    /// Edges of the bins in seconds, one more than bins.
    pub edges_s: Vec<f64>,
    /// Windows in each bin; a time on an edge lies in the bin above, and what lies outside is not counted.
    pub counts: Vec<u32>,
    /// The limit that they suggest.
    pub limit: SpanLimit,
}

#[expect(clippy::cast_precision_loss, reason = "a few bins")]
fn edge_s(at: usize, further: f64) -> f64 {
    libm::pow(10.0, FIRST_DECADE + DECADES * (at as f64 + further))
}

impl Spans {
    /// Counts the windows of `n_spikes` spikes in a row, within each segment.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "half a minute of frames")]
    pub fn new(trains: &CultureTrains<'_>, n_spikes: usize, rate_hz: f64) -> Self {
        let edges_s: Vec<f64> = (0..=N_BINS).map(|at| edge_s(at, 0.0)).collect();
        // Whole frames: a time that is exactly on an edge must not fall below it.
        let edges: Vec<i64> = edges_s.iter().map(|edge| libm::ceil(edge * rate_hz - 1e-6) as i64).collect();
        let mut counts = vec![0_u32; N_BINS];
        let mut n_windows = 0;
        let reach = n_spikes.saturating_sub(1);
        for segment in &trains.segments {
            let pool = Pool::new(segment);
            for first in 0..pool.n().saturating_sub(reach) {
                n_windows += 1;
                let span = pool.frame(first + reach) - pool.frame(first);
                let above = edges.partition_point(|edge| *edge <= span);
                if (1..=N_BINS).contains(&above) {
                    counts[above - 1] += 1;
                }
            }
        }
        let limit = if n_windows == 0 { SpanLimit::TooFew } else { limit_of(&smoothed(&counts)) };
        Self { edges_s, counts, limit }
    }
}

/// The valley between the two peaks that stand out most.
fn limit_of(smooth: &[f64]) -> SpanLimit {
    let mut peaks: Vec<(usize, f64)> = peaks(smooth).into_iter().map(|at| (at, prominence(smooth, at))).collect();
    peaks.sort_by(|one, other| other.1.total_cmp(&one.1));
    let [(one, _), (other, _), ..] = peaks.as_slice() else { return SpanLimit::OnePeak };
    let (first, second) = (*one.min(other), *one.max(other));
    let lowest = (first..=second).min_by(|a, b| smooth[*a].total_cmp(&smooth[*b]));
    let Some(valley) = lowest else { return SpanLimit::OnePeak };
    if 1.0 - smooth[valley] / libm::sqrt(smooth[first] * smooth[second]) < ISI_N_VOID {
        return SpanLimit::NoSeparation;
    }
    // The middle of the bin.
    SpanLimit::Valley(edge_s(valley, 0.5))
}

/// A Gaussian mean of the counts, which go on mirrored beyond both ends.
#[expect(clippy::cast_precision_loss, reason = "a few bins")]
fn smoothed(counts: &[u32]) -> Vec<f64> {
    let weight = |at: usize| libm::exp(-0.5 / (SIGMA_BINS * SIGMA_BINS) * (at * at) as f64);
    let weights: Vec<f64> = (0..=REACH_BINS).map(weight).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    let n = counts.len();
    let left = |at: usize, by: usize| f64::from(counts[if by > at { by - at - 1 } else { at - by }]);
    let right = |at: usize, by: usize| f64::from(counts[if at + by >= n { 2 * n - 1 - at - by } else { at + by }]);
    // Both sides are added first: what is symmetric stays so to the last bit.
    let mean = |at: usize| {
        let sides = (1..=REACH_BINS).rev().map(|by| (left(at, by) + right(at, by)) * (weights[by] / sum));
        sides.fold(f64::from(counts[at]) * (weights[0] / sum), |sum, side| sum + side)
    };
    (0..n).map(mean).collect()
}

/// Places above both neighbours, and the middles of even stretches above both of theirs; no ends.
fn peaks(values: &[f64]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 1;
    while at + 1 < values.len() {
        let mut next = at + 1;
        if values[at - 1] < values[at] {
            while next + 1 < values.len() && values[next] == values[at] {
                next += 1;
            }
            if values[next] < values[at] {
                found.push(usize::midpoint(at, next - 1));
            } else {
                next = at + 1;
            }
        }
        at = next;
    }
    found
}

/// How far a peak stands above the higher of the two lowest places between it and what is higher, or the end.
fn prominence(values: &[f64], peak: usize) -> f64 {
    let top = values[peak];
    let left = lowest(values[..=peak].iter().rev(), top);
    let right = lowest(values[peak..].iter(), top);
    top - left.max(right)
}

/// The lowest place on the way to what is higher than `top`.
fn lowest<'a>(side: impl Iterator<Item = &'a f64>, top: f64) -> f64 {
    side.take_while(|value| **value <= top).copied().fold(top, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    fn spans(trains: Vec<&[i64]>, n_spikes: usize) -> Spans {
        let trains = CultureTrains { segments: vec![SegmentTrains { n_frames: 2_000_000, trains }], n_active: 0 };
        Spans::new(&trains, n_spikes, 1000.0)
    }

    #[test]
    fn a_valley_separates_what_lies_in_bursts_from_what_lies_between() {
        // Ten spikes each 5 to 6 ms, every two seconds.
        let train: Vec<i64> = (0..200).flat_map(|at| (0..10).map(move |k| at * 2000 + k * 5 + (k * at) % 2)).collect();
        let found = spans(vec![&train], 4);
        let SpanLimit::Valley(limit_s) = found.limit else { panic!("{:?}", found.limit) };
        assert!((0.02..1.9).contains(&limit_s), "{limit_s}");
        assert_eq!(found.counts.iter().sum::<u32>(), 1997);
        let even: Vec<i64> = (0..500).map(|at| at * 100).collect();
        assert_eq!(spans(vec![&even], 4).limit, SpanLimit::OnePeak);
        assert_eq!(spans(vec![&[1, 2][..], &[3]], 4).limit, SpanLimit::TooFew);
        assert_eq!(spans(Vec::new(), 4).limit.name(), "too_few");
    }

    #[test]
    fn a_time_on_an_edge_lies_in_the_bin_above() {
        let found = spans(vec![&[0, 100]], 2);
        let at = found.counts.iter().position(|count| *count > 0).expect("a window");
        assert!((found.edges_s[at] - 0.1).abs() < 1e-12, "{}", found.edges_s[at]);
    }

    #[test]
    fn peaks_are_middles_and_stand_above_their_surroundings() {
        let values = [0.0, 3.0, 1.0, 2.0, 2.0, 2.0, 0.5, 5.0, 5.0];
        assert_eq!(peaks(&values), [1, 4]);
        assert_eq!((prominence(&values, 1), prominence(&values, 4)), (2.5, 1.0));
        assert!(peaks(&[]).is_empty() && peaks(&[1.0, 2.0]).is_empty());
        let smooth = smoothed(&[7; 20]);
        assert!(smooth.iter().all(|value| (value - 7.0).abs() < 1e-12), "{smooth:?}");
    }
}
