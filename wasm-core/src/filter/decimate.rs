//! Fewer frames per second: a low-pass of finite response that computes only the frames that stay.

use std::f64::consts::PI;

/// Taps on each side of the middle one, for each frame that is left out.
const REACH_PER_FACTOR: usize = 10;

/// Keeps one frame in `factor`, after a linear-phase low-pass at the new Nyquist frequency
/// (Hamming window, `20 * factor + 1` taps), without delay: `scipy.signal.decimate` with
/// `ftype="fir"`. Beyond the ends the signal counts as zero.
#[derive(Clone, Debug)]
pub struct Decimator {
    factor: usize,
    /// From the middle tap outwards; the response is symmetric.
    taps: Vec<f32>,
}

impl Decimator {
    /// Designs the low-pass. `factor` is at least 1; with 1 nothing is changed.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a few thousand taps, used in f32"
    )]
    pub fn new(factor: usize) -> Self {
        let factor = factor.max(1);
        if factor == 1 {
            return Self { factor, taps: vec![1.0] };
        }
        let reach = REACH_PER_FACTOR * factor;
        let tap = |at: usize| {
            let x = PI * at as f64 / factor as f64;
            let sinc = if at == 0 { 1.0 } else { libm::sin(x) / x };
            // The window's middle lies on the middle tap.
            sinc * (0.54 + 0.46 * libm::cos(PI * at as f64 / reach as f64))
        };
        let half: Vec<f64> = (0..=reach).map(tap).collect();
        let sum = half[0] + 2.0 * half[1..].iter().sum::<f64>();
        Self { factor, taps: half.iter().map(|tap| (tap / sum) as f32).collect() }
    }

    /// Frames that an output frame looks at on each side of its own.
    #[must_use]
    pub const fn reach(&self) -> usize {
        self.taps.len() - 1
    }

    /// Output frames of a signal of `n_frames`.
    #[must_use]
    pub const fn n_outputs(&self, n_frames: u64) -> u64 {
        n_frames.div_ceil(self.factor as u64)
    }

    /// Input frame in the middle of an output frame.
    #[must_use]
    pub const fn middle(&self, output: u64) -> u64 {
        output * self.factor as u64
    }

    /// One output frame of all channels, added to `sums`. `rows` are `[frames, channels]` from
    /// frame `first` of the signal and hold all that is within reach of it.
    #[expect(clippy::cast_possible_truncation, reason = "places within rows that are in memory")]
    pub fn add(&self, output: u64, rows: &[f32], first: u64, sums: &mut [f32]) {
        let n_channels = sums.len();
        let middle = self.middle(output);
        let n_rows = (rows.len() / n_channels.max(1)) as u64;
        let from = middle.saturating_sub(self.reach() as u64).max(first);
        let to = (middle + self.reach() as u64 + 1).min(first + n_rows);
        for frame in from..to {
            let tap = self.taps[frame.abs_diff(middle) as usize];
            let row = &rows[(frame - first) as usize * n_channels..][..n_channels];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += tap * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `golden/filters.py`: inputs, factors and what `scipy.signal.decimate` makes of them.
    const GOLDEN: &str = include_str!("../../golden/decimate.json");

    #[derive(serde::Deserialize)]
    struct Case {
        factor: usize,
        input: Vec<f32>,
        output: Vec<f32>,
    }

    #[test]
    fn equals_scipy_in_one_piece_and_in_many() {
        let cases: Vec<Case> = serde_json::from_str(GOLDEN).expect("golden file");
        for Case { factor, input, output } in cases {
            let decimator = Decimator::new(factor);
            let n_frames = input.len() as u64;
            assert_eq!(decimator.n_outputs(n_frames), output.len() as u64, "factor {factor}");
            for (at, expected) in (0..).zip(&output) {
                let (mut whole, mut part) = ([0.0], [0.0]);
                decimator.add(at, &input, 0, &mut whole);
                assert!(
                    (whole[0] - expected).abs() < 2e-3,
                    "factor {factor}, frame {at}: {} is not {expected}",
                    whole[0]
                );
                // A piece that holds just what is within reach gives the same bits.
                let from = decimator.middle(at).saturating_sub(decimator.reach() as u64);
                let to = (decimator.middle(at) + decimator.reach() as u64 + 1).min(n_frames);
                let piece = &input[usize::try_from(from).expect("small")..usize::try_from(to).expect("small")];
                decimator.add(at, piece, from, &mut part);
                assert_eq!(whole, part);
            }
        }
    }
}
