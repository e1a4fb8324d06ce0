//! Clocks that are told by stretch, not by frame: where each begins, and at what time.

use std::ops::Range;

use super::clock::{self, Clock, Counts};

/// Stretches of a signal, in the order of its frames.
pub struct Stretches {
    /// First frame, and its value on the clock.
    starts: Vec<(u64, f64)>,
    /// From one frame to the next, on the clock.
    step: f64,
}

impl Stretches {
    /// Stretches by their first frames, which grow from 0, and the values of these.
    pub fn new(mut starts: Vec<(u64, f64)>, step: f64) -> Self {
        if starts.is_empty() {
            starts.push((0, 0.0));
        }
        Self { starts, step }
    }

    /// The value of each frame of a range.
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    fn values(&self, range: Range<u64>) -> Vec<f64> {
        let mut at = self.starts.partition_point(|(first, _)| *first <= range.start).saturating_sub(1);
        let value = |frame: u64| {
            while self.starts.get(at + 1).is_some_and(|(next, _)| *next <= frame) {
                at += 1;
            }
            let (first, start) = self.starts[at];
            start + frame.saturating_sub(first) as f64 * self.step
        };
        range.map(value).collect()
    }

    /// The runs of `n_frames` without a gap: stretches that follow one another are one.
    pub fn clock(&self, n_frames: u64, counts: Counts) -> Clock {
        let read = clock::read(n_frames, counts, |range| Ok::<_, std::convert::Infallible>(self.values(range)));
        match read {
            Ok(clock) => clock,
            Err(never) => match never {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_follow_one_another_are_one() {
        let runs = |starts: &[(u64, f64)]| {
            let clock = Stretches::new(starts.to_vec(), 50e-6).clock(1000, Counts::Seconds);
            clock.runs.iter().map(|run| (run.first, (run.start * 1e6).round())).collect::<Vec<_>>()
        };
        assert_eq!(runs(&[(0, 0.0), (400, 0.02)]), [(0, 0.0)]);
        assert_eq!(runs(&[(0, 0.0), (400, 5.0)]), [(0, 0.0), (400, 5e6)]);
        assert_eq!(runs(&[(0, 0.1)]), [(0, 1e5)]);
        assert_eq!(runs(&[]), [(0, 0.0)]);
        let frames = Stretches::new(vec![(0, 7.0), (10, 17.0), (20, 30.0)], 1.0);
        let clock = frames.clock(25, Counts::Frames { wraps_at: None });
        assert_eq!(clock.runs.iter().map(|run| run.n).collect::<Vec<_>>(), [20, 5]);
    }
}
