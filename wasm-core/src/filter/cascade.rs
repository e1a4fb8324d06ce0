//! A cascade that runs over sixteen channels at a time, a few frames at a time.

use super::sections::{Section, impulse_response_frames};
use crate::simd::widest;

/// Channels that are filtered together: one cache line of `f32`, and two AVX2, four
/// SSE or four wasm registers, enough independent work to hide the recursion's latency.
pub const LANES: usize = 16;

/// The samples of sixteen channels at one frame.
pub type Cell = [f32; LANES];

/// What a block's margins may leave of the signal's size. Local field potentials are
/// some hundred times larger than the noise, so 1e-6 keeps the error of a block far
/// below a thousandth of the noise.
const MARGIN_ERROR: f64 = 1e-6;

/// Sections that run in one pass: the most whose states stay in sixteen registers, which are
/// half as wide in the browser.
const SECTIONS_PER_PASS: usize = if cfg!(target_arch = "wasm32") { 1 } else { 3 };

/// A filter in single precision, ready to run.
#[derive(Clone, Debug)]
pub struct Cascade {
    kernel: Kernel,
    input_gain: f32,
    margin_frames: usize,
}

#[derive(Clone, Debug)]
enum Kernel {
    /// Every section is `1 - z^-2` over its poles `a1, a2`: what a band-pass comes to when
    /// each section gets one zero at 0 Hz and one at half the rate. Five operations instead of nine.
    Differences(Vec<[f32; 2]>),
    /// `b0, b1, b2, a1, a2`.
    General(Vec<[f32; 5]>),
}

/// What the sections remember between two frames: two cells each.
#[derive(Clone, Debug)]
pub struct State(Vec<[Cell; 2]>);

/// The way through time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// First frame first.
    Forward,
    /// Last frame first.
    Backward,
}

impl Cascade {
    /// Takes a designed cascade; `None` when its response is longer than 65,536 frames.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
    pub fn new(sections: &[Section]) -> Option<Self> {
        let margin_frames = impulse_response_frames(sections, MARGIN_ERROR)?;
        let (kernel, gain) = if let Some(gain) = difference_gain(sections) {
            (Kernel::Differences(sections.iter().map(|s| s.a.map(|a| a as f32)).collect()), gain)
        } else {
            let narrow = |s: &Section| [s.b[0], s.b[1], s.b[2], s.a[0], s.a[1]].map(|value| value as f32);
            (Kernel::General(sections.iter().map(narrow).collect()), 1.0)
        };
        Some(Self { kernel, input_gain: gain as f32, margin_frames })
    }

    /// Frames that a block needs on each side.
    #[must_use]
    pub const fn margin_frames(&self) -> usize {
        self.margin_frames
    }

    /// What the input of one way through is to be multiplied by: the part of the gain that
    /// the sections leave out.
    #[must_use]
    pub const fn input_gain(&self) -> f32 {
        self.input_gain
    }

    /// A state of rest.
    #[must_use]
    pub fn at_rest(&self) -> State {
        let n_sections = match &self.kernel {
            Kernel::Differences(sections) => sections.len(),
            Kernel::General(sections) => sections.len(),
        };
        State(vec![[[0.0; LANES]; 2]; n_sections])
    }

    /// Filters the cells `0, stride, 2 * stride, …` in place, going on from `state`.
    ///
    /// Transposed direct form II; products and sums are rounded separately on every
    /// platform, because wasm has no fused multiply-add and results must not differ.
    pub fn run(&self, direction: Direction, state: &mut State, cells: &mut [Cell], stride: usize) {
        widest(
            #[inline(always)]
            || match &self.kernel {
                Kernel::Differences(sections) => passes(sections, &Difference, direction, state, cells, stride),
                Kernel::General(sections) => passes(sections, &General, direction, state, cells, stride),
            },
        );
    }
}

/// The gain of a cascade whose zeros lie half at 0 Hz and half at half the rate.
fn difference_gain(sections: &[Section]) -> Option<f64> {
    let mut gain = 1.0;
    let mut balance = 0;
    for Section { b: [b0, b1, b2], .. } in sections {
        gain *= b0;
        balance += match (b1 / b0, b2 / b0) {
            (0.0, -1.0) => 0,
            (2.0, 1.0) => 1,
            (-2.0, 1.0) => -1,
            _ => return None,
        };
    }
    (balance == 0).then_some(gain)
}

/// One frame of one section: takes the input and returns the output.
trait Step<const C: usize> {
    fn step(&self, coefficients: &[f32; C], state: &mut [Cell; 2], input: Cell) -> Cell;
}

struct Difference;

impl Step<2> for Difference {
    #[inline(always)]
    fn step(&self, [a1, a2]: &[f32; 2], [s1, s2]: &mut [Cell; 2], input: Cell) -> Cell {
        let mut output = [0.0; LANES];
        for lane in 0..LANES {
            let x = input[lane];
            // The states hold their negatives, which saves a subtraction.
            let y = x - s1[lane];
            s1[lane] = s2[lane] + a1 * y;
            s2[lane] = x + a2 * y;
            output[lane] = y;
        }
        output
    }
}

struct General;

impl Step<5> for General {
    #[inline(always)]
    fn step(&self, [b0, b1, b2, a1, a2]: &[f32; 5], [s1, s2]: &mut [Cell; 2], input: Cell) -> Cell {
        let mut output = [0.0; LANES];
        for lane in 0..LANES {
            let x = input[lane];
            let y = b0 * x + s1[lane];
            s1[lane] = b1 * x - a1 * y + s2[lane];
            s2[lane] = b2 * x - a2 * y;
            output[lane] = y;
        }
        output
    }
}

/// Runs a long cascade a few sections at a time.
#[inline(always)]
fn passes<const C: usize>(
    sections: &[[f32; C]],
    step: &impl Step<C>,
    direction: Direction,
    state: &mut State,
    cells: &mut [Cell],
    stride: usize,
) {
    for (sections, state) in sections.chunks(SECTIONS_PER_PASS).zip(state.0.chunks_mut(SECTIONS_PER_PASS)) {
        // The number of sections is a compile-time constant of each pass.
        match sections {
            [a] => pass(&[*a], step, direction, state, cells, stride),
            [a, b] => pass(&[*a, *b], step, direction, state, cells, stride),
            [a, b, c] => pass(&[*a, *b, *c], step, direction, state, cells, stride),
            _ => {}
        }
    }
}

#[inline(always)]
fn pass<const N: usize, const C: usize>(
    sections: &[[f32; C]; N],
    step: &impl Step<C>,
    direction: Direction,
    state: &mut [[Cell; 2]],
    cells: &mut [Cell],
    stride: usize,
) {
    let Some(state) = state.first_chunk_mut::<N>() else { return };
    let n_frames = cells.len().div_ceil(stride);
    let mut own = *state;
    for at in 0..n_frames {
        let at = match direction {
            Direction::Forward => at,
            Direction::Backward => n_frames - 1 - at,
        };
        let cell = &mut cells[at * stride];
        let mut value = *cell;
        for index in 0..N {
            value = step.step(&sections[index], &mut own[index], value);
        }
        *cell = value;
    }
    *state = own;
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
        let filter = Cascade::new(&design(case.order, band, case.sampling_frequency_hz)).expect("stable");
        let mut frames: Vec<[f32; LANES]> = case
            .input
            .iter()
            .map(|value| [(*value - case.input[0]) * filter.input_gain() * filter.input_gain(); LANES])
            .collect();
        for direction in [Direction::Forward, Direction::Backward] {
            filter.run(direction, &mut filter.at_rest(), &mut frames, 1);
        }
        let settled = filter.margin_frames()..case.input.len() - filter.margin_frames();
        assert!(settled.len() > 2000, "the golden input is long enough");
        let rms = (case.output[settled.clone()].iter().map(|v| v * v).sum::<f32>() / settled.len() as f32).sqrt();
        for at in settled {
            for lane in [0, LANES - 1] {
                assert!((frames[at][lane] - case.output[at]).abs() < 1e-3 * rms, "frame {at}");
            }
        }
    }

    /// One way through the cascade in double precision.
    fn slowly(sections: &[Section], values: &mut [f64]) {
        for section in sections {
            let (mut s1, mut s2) = (0.0, 0.0);
            for value in values.iter_mut() {
                let (x, y) = (*value, section.b[0] * *value + s1);
                s1 = section.b[1] * x - section.a[0] * y + s2;
                s2 = section.b[2] * x - section.a[1] * y;
                *value = y;
            }
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "sample numbers and samples")]
    fn every_order_and_kind_keeps_single_precision() {
        // Field potentials a hundred times larger than what passes.
        let wave = |hz: f64, at: usize| (at as f64 / 20_000.0 * hz * std::f64::consts::TAU).sin();
        let input: Vec<f64> =
            (0..4000).map(|at| 1000.0 * wave(5.0, at) + 10.0 * wave(900.0, at) + 10.0 * wave(1733.0, at)).collect();
        for order in 1..=10 {
            for band in [
                Band::BandPass { low_hz: 300.0, high_hz: 3000.0 },
                Band::HighPass { low_hz: 300.0 },
                Band::LowPass { high_hz: 3000.0 },
            ] {
                let sections = design(order, band, 20_000.0);
                let mut expected = input.clone();
                slowly(&sections, &mut expected);
                let filter = Cascade::new(&sections).expect("stable");
                let mut frames: Vec<Cell> =
                    input.iter().map(|value| [*value as f32 * filter.input_gain(); LANES]).collect();
                filter.run(Direction::Forward, &mut filter.at_rest(), &mut frames, 1);
                let settled = 1000..4000;
                let rms = (expected[settled.clone()].iter().map(|v| v * v).sum::<f64>() / 3000.0).sqrt();
                for at in settled {
                    let error = (f64::from(frames[at][3]) - expected[at]).abs();
                    assert!(error < 1e-3 * rms, "order {order}, {band:?}, frame {at}: {error} of {rms}");
                }
            }
        }
    }
}
