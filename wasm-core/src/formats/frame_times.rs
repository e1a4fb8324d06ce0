//! Times that were set by hand, one for each frame of a segment: the clock of SpikeInterface's
//! folders.

use std::ops::Range;

use super::OpenError;
use super::clock::{self, Counts};
use crate::recording::SegmentInfo;

/// Part by which the stated rate may differ from that of the times.
const MAX_RATE_DIFFERENCE: f64 = 1e-3;

/// The segments and the rate that times give.
pub struct Timed {
    /// First frames and descriptions of the segments that it falls into.
    pub segments: Vec<(u64, SegmentInfo)>,
    /// Frames per second, where the stated rate is another.
    pub measured_hz: Option<f64>,
    pub notes: Vec<String>,
}

impl Timed {
    /// A segment without times.
    pub fn none(n_frames: u64, t_start_s: f64) -> Self {
        Self { segments: vec![(0, SegmentInfo { n_frames, t_start_s })], measured_hz: None, notes: Vec::new() }
    }
}

/// Reads the `n_times` times of a segment of `n_frames` at the rate that is stated. Where there are
/// not as many as frames only the first counts. `path` is where they are, `t_start_s` what is
/// stated besides.
///
/// # Errors
/// The errors of `times`.
pub fn read(
    path: &str,
    (n_frames, n_times): (u64, u64),
    stated_hz: f64,
    t_start_s: f64,
    mut times: impl FnMut(Range<u64>) -> Result<Vec<f64>, OpenError>,
) -> Result<Timed, OpenError> {
    if n_frames == 0 || n_times == 0 {
        return Ok(Timed::none(n_frames, t_start_s));
    }
    if n_times != n_frames {
        let first = times(0..1)?.first().copied().filter(|time_s| time_s.is_finite());
        let mut timed = Timed::none(n_frames, first.unwrap_or(t_start_s));
        timed.notes.push(format!("{path} holds {n_times} times for {n_frames} frames: only the first of them counts."));
        return Ok(timed);
    }
    let clock = clock::read(n_frames, Counts::Seconds, times)?;
    let measured_hz = Some(1.0 / clock.step).filter(|measured_hz| measured_hz.is_finite() && *measured_hz > 0.0);
    let measured_hz = measured_hz.filter(|measured_hz| (measured_hz / stated_hz - 1.0).abs() > MAX_RATE_DIFFERENCE);
    let mut notes: Vec<String> = clock.note(path).into_iter().collect();
    notes.extend(measured_hz.map(|measured_hz| {
        format!("{path} tells {measured_hz:.3} Hz where {stated_hz} Hz is stated; the times are believed.")
    }));
    let known = |segment: SegmentInfo| {
        let t_start_s = if segment.t_start_s.is_finite() { segment.t_start_s } else { t_start_s };
        SegmentInfo { t_start_s, ..segment }
    };
    let segments = clock.runs.iter().map(|run| run.first).zip(clock.segments(1.0).into_iter().map(known)).collect();
    Ok(Timed { segments, measured_hz, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(times: &[f64], n_frames: u64) -> Timed {
        let part = |range: Range<u64>| {
            let at = |place: u64| usize::try_from(place).expect("small");
            Ok(times[at(range.start)..at(range.end)].to_vec())
        };
        read("times.npy", (n_frames, times.len() as u64), 1000.0, 3.0, part).expect("reads")
    }

    #[test]
    fn gaps_are_segments_and_a_start_alone_is_a_start() {
        let gap: Vec<f64> =
            (0..3000_u32).map(|at| 5.0 + f64::from(at + if at < 1500 { 0 } else { 2000 }) / 1000.0).collect();
        let timed = told(&gap, 3000);
        let segments: Vec<_> =
            timed.segments.iter().map(|(first, info)| (*first, info.n_frames, info.t_start_s)).collect();
        assert_eq!((segments, timed.measured_hz), (vec![(0, 1500, 5.0), (1500, 1500, 8.5)], None));
        let start = told(&[12.5, 12.6], 80);
        assert_eq!((start.segments[0].1.t_start_s, start.notes.len(), start.measured_hz), (12.5, 1, None));
        assert_eq!(told(&[], 80).segments[0].1.t_start_s, 3.0);
    }

    #[test]
    fn times_of_another_rate_are_believed() {
        let slow: Vec<f64> = (0..3000_u32).map(|at| f64::from(at) / 500.0).collect();
        let timed = told(&slow, 3000);
        assert!(
            timed.measured_hz.is_some_and(|measured_hz| (measured_hz - 500.0).abs() < 1e-6) && timed.notes.len() == 1
        );
    }
}
