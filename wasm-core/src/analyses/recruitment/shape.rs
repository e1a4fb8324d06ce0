//! The rate of all electrodes around the onsets of network bursts.

use crate::analyses::{CultureTrains, NetworkBurst};

/// The mean rate around the onset of a network burst.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The middle of each bin in milliseconds from the onset, and the rate of an active electrode in Hz.
    pub points: Vec<(f64, f64)>,
    /// Network bursts that it is the mean of: those of which nothing lies outside their segment.
    pub n_bursts: usize,
}

/// The measures of a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapeMeasures {
    /// The highest rate from the onset on in Hz.
    pub peak_hz: f64,
    /// When it is reached, in milliseconds from the onset.
    pub peak_ms: f64,
    /// From a tenth to nine tenths of the peak, on the way up to it.
    pub rise_ms: Option<f64>,
    /// From half of the peak on the way up to half of it on the way down.
    pub half_width_ms: Option<f64>,
}

impl Shape {
    /// The mean of all network bursts, from `before_ms` before their onset to `after_ms` behind it, in bins of
    /// `bin_ms`; those that do not fit whole are left out. None without active electrodes or a network burst to look
    /// at.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a second of frames and bins, which the ranges bound"
    )]
    pub fn new(
        trains: &CultureTrains<'_>,
        bursts: &[NetworkBurst],
        (before_ms, after_ms, bin_ms): (f64, f64, f64),
        rate_hz: f64,
    ) -> Option<Self> {
        let n_before = libm::floor(before_ms / bin_ms + 1e-9) as i64;
        let n_after = libm::floor(after_ms / bin_ms + 1e-9) as i64;
        let edge = |bin: i64| libm::ceil(bin as f64 * bin_ms * rate_hz / 1000.0 - 1e-6) as i64;
        let edges: Vec<i64> = (-n_before..=n_after).map(edge).collect();
        let (first, last) = (*edges.first()?, *edges.last()?);
        let mut counts = vec![0_u64; edges.len() - 1];
        let mut n_bursts = 0;
        for burst in bursts {
            let Some(segment) = trains.segments.get(burst.segment) else { continue };
            if burst.start + first < 0 || burst.start + last > segment.n_frames {
                continue;
            }
            n_bursts += 1;
            for train in segment.trains.iter().take(trains.n_active) {
                let from = train.partition_point(|frame| *frame < burst.start + first);
                let near = train[from..].iter().map(|frame| frame - burst.start).take_while(|lag| *lag < last);
                for lag in near {
                    // The first edge lies at or below every lag.
                    let bin = edges.partition_point(|edge| *edge <= lag).saturating_sub(1);
                    counts[bin] += 1;
                }
            }
        }
        if n_bursts == 0 || trains.n_active == 0 {
            return None;
        }
        let per = n_bursts as f64 * trains.n_active as f64 * bin_ms / 1000.0;
        let middle = |at: usize| (at as f64 - n_before as f64 + 0.5) * bin_ms;
        let points = counts.iter().enumerate().map(|(at, count)| (middle(at), *count as f64 / per)).collect();
        Some(Self { points, n_bursts })
    }

    /// Peak, rise and width; none without spikes from the onset on.
    #[must_use]
    pub fn measures(&self) -> Option<ShapeMeasures> {
        let behind = self.points.iter().enumerate().filter(|(_, point)| point.0 > 0.0);
        let (top, (peak_ms, peak_hz)) = behind.rev().max_by(|one, other| one.1.1.total_cmp(&other.1.1))?;
        if !(*peak_hz > 0.0) {
            return None;
        }
        let up = |share: f64| crossing(self.points[..=top].iter().rev(), share * peak_hz);
        let down = crossing(self.points[top..].iter(), 0.5 * peak_hz);
        Some(ShapeMeasures {
            peak_hz: *peak_hz,
            peak_ms: *peak_ms,
            rise_ms: up(0.1).zip(up(0.9)).map(|(low, high)| high - low),
            half_width_ms: up(0.5).zip(down).map(|(from, to)| to - from),
        })
    }
}

/// Where the line through points, from a peak on, first falls to a level.
fn crossing<'a>(points: impl Iterator<Item = &'a (f64, f64)>, level: f64) -> Option<f64> {
    let mut before: Option<&(f64, f64)> = None;
    for point in points {
        if let Some(above) = before
            && point.1 <= level
        {
            let part = (above.1 - level) / (above.1 - point.1);
            return Some(above.0 + part * (point.0 - above.0));
        }
        before = Some(point);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SegmentTrains;

    #[test]
    fn a_triangle_is_measured_exactly() {
        // Up by 1 Hz each bin to 10 Hz at 95 ms, down by 2 Hz each.
        let height = |at: i32| f64::from(if at <= 10 { at } else { 30 - 2 * at }).max(0.0);
        let points = (0..20).map(|at| (f64::from(at) * 10.0 - 5.0, height(at))).collect();
        let found = Shape { points, n_bursts: 1 }.measures().expect("a peak");
        assert_eq!((found.peak_hz, found.peak_ms), (10.0, 95.0));
        assert!(found.rise_ms.is_some_and(|value| (value - 80.0).abs() < 1e-9), "{found:?}");
        assert!(found.half_width_ms.is_some_and(|value| (value - 75.0).abs() < 1e-9), "{found:?}");
        let flat = Shape { points: vec![(-5.0, 1.0), (5.0, 1.0)], n_bursts: 1 }.measures().expect("a peak");
        assert_eq!((flat.rise_ms, flat.half_width_ms), (None, None));
        assert_eq!(Shape { points: vec![(5.0, 0.0)], n_bursts: 1 }.measures(), None);
    }

    #[test]
    fn spikes_are_counted_around_the_onset() {
        let burst =
            |start: i64| NetworkBurst { segment: 0, start, end: start + 9, n_participants: 2, participation: 1.0 };
        // At 1 kHz: one spike 1 ms before, two in the first bin of 10 ms, one at its end.
        let trains = vec![&[999, 1000, 1009, 1010][..], &[]];
        let trains = CultureTrains { segments: vec![SegmentTrains { n_frames: 2000, trains }], n_active: 2 };
        let window = (20.0, 30.0, 10.0);
        let found = Shape::new(&trains, &[burst(1000), burst(10)], window, 1000.0).expect("a burst");
        // Of the second the start is not recorded.
        assert_eq!(found.n_bursts, 1);
        assert_eq!(found.points, [(-15.0, 0.0), (-5.0, 50.0), (5.0, 100.0), (15.0, 50.0), (25.0, 0.0)]);
        assert_eq!(Shape::new(&trains, &[], window, 1000.0), None);
    }
}
