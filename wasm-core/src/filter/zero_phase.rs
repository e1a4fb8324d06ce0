//! Forward-backward filtering of sixteen channels at a time.

use super::sections::{Section, impulse_response_frames};

/// Channels that are filtered together: one cache line of `f32`, and two AVX2, four
/// SSE or four wasm registers, enough independent work to hide the recursion's latency.
pub const LANES: usize = 16;

/// What a block's margins may leave of the signal's size. Local field potentials are
/// some hundred times larger than the noise, so 1e-6 keeps the error of a block far
/// below a thousandth of the noise.
const MARGIN_ERROR: f64 = 1e-6;

/// A zero-phase filter, ready to run.
#[derive(Clone, Debug)]
pub struct ZeroPhase {
    sections: Vec<[f32; 5]>,
    margin_frames: usize,
}

impl ZeroPhase {
    /// Takes a designed cascade; `None` when its response is longer than 65,536 frames.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
    pub fn new(sections: &[Section]) -> Option<Self> {
        let margin_frames = impulse_response_frames(sections, MARGIN_ERROR)?;
        let narrow = |s: &Section| [s.b[0], s.b[1], s.b[2], s.a[0], s.a[1]].map(|value| value as f32);
        Some(Self { sections: sections.iter().map(narrow).collect(), margin_frames })
    }

    /// Frames that a block needs on each side.
    #[must_use]
    pub const fn margin_frames(&self) -> usize {
        self.margin_frames
    }

    /// Filters `frames` in place, forward and then backward, from a state of rest.
    ///
    /// Values within [`Self::margin_frames`] of either end are not settled.
    pub fn run(&self, frames: &mut [[f32; LANES]]) {
        // The number of sections is a compile-time constant of each kernel, so that the
        // states stay in registers; longer cascades run in pieces of five.
        for sections in self.sections.chunks(5) {
            match sections {
                [a] => both_ways(&[*a], frames),
                [a, b] => both_ways(&[*a, *b], frames),
                [a, b, c] => both_ways(&[*a, *b, *c], frames),
                [a, b, c, d] => both_ways(&[*a, *b, *c, *d], frames),
                [a, b, c, d, e] => both_ways(&[*a, *b, *c, *d, *e], frames),
                _ => {}
            }
        }
    }
}

fn both_ways<const N: usize>(sections: &[[f32; 5]; N], frames: &mut [[f32; LANES]]) {
    one_way(sections, frames.iter_mut());
    one_way(sections, frames.iter_mut().rev());
}

/// Transposed direct form II; products and sums are rounded separately on every
/// platform, because wasm has no fused multiply-add and results must not differ.
fn one_way<'a, const N: usize>(sections: &[[f32; 5]; N], frames: impl Iterator<Item = &'a mut [f32; LANES]>) {
    let mut state_1 = [[0.0_f32; LANES]; N];
    let mut state_2 = [[0.0_f32; LANES]; N];
    for frame in frames {
        let mut value = *frame;
        for (index, [b0, b1, b2, a1, a2]) in sections.iter().enumerate() {
            let (s1, s2) = (&mut state_1[index], &mut state_2[index]);
            for lane in 0..LANES {
                let x = value[lane];
                let y = b0 * x + s1[lane];
                s1[lane] = b1 * x - a1 * y + s2[lane];
                s2[lane] = b2 * x - a2 * y;
                value[lane] = y;
            }
        }
        *frame = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Band, design};

    /// Written by `golden/filters.py`: an input and what `scipy.signal.sosfiltfilt` makes of it.
    const GOLDEN: &str = include_str!("../../golden/sosfiltfilt.json");

    #[derive(serde::Deserialize)]
    struct Case {
        sampling_frequency_hz: f64,
        low_hz: f64,
        high_hz: f64,
        order: usize,
        input: Vec<f32>,
        output: Vec<f32>,
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    fn output_is_that_of_scipy_within_a_thousandth_of_its_rms() {
        let case: Case = serde_json::from_str(GOLDEN).expect("golden file");
        let band = Band::BandPass { low_hz: case.low_hz, high_hz: case.high_hz };
        let filter = ZeroPhase::new(&design(case.order, band, case.sampling_frequency_hz)).expect("stable");
        let mut frames: Vec<[f32; LANES]> = case.input.iter().map(|value| [*value - case.input[0]; LANES]).collect();
        filter.run(&mut frames);
        let settled = filter.margin_frames()..case.input.len() - filter.margin_frames();
        assert!(settled.len() > 2000, "the golden input is long enough");
        let rms = (case.output[settled.clone()].iter().map(|v| v * v).sum::<f32>() / settled.len() as f32).sqrt();
        for at in settled {
            for lane in [0, LANES - 1] {
                assert!((frames[at][lane] - case.output[at]).abs() < 1e-3 * rms, "frame {at}");
            }
        }
    }
}
