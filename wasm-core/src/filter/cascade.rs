//! A cascade that runs over sixteen channels at a time, a few frames at a time.

use std::array::from_fn;

use super::double;
use super::sections::{Section, impulse_response_frames};
use crate::simd::{is_widest, widest};

/// Channels that are filtered together: one cache line of `f32`, and two AVX2, four
/// SSE or four wasm registers, enough independent work to hide the recursion's latency.
pub const LANES: usize = 16;

/// The samples of sixteen channels at one frame.
pub type Cell = [f32; LANES];

/// The share of the signal's change since the margin's first frame that a margin may leave, where
/// the filter starts settled. Field potentials change by some hundred times the noise within a
/// margin, so 1e-5 keeps the error of a block below a thousandth of the noise: under waves of
/// 2 mV at 10 Hz it is 0.0005 uV.
const MARGIN_ERROR: f64 = 1e-5;

/// Sections and groups of sixteen channels that run in one pass.
///
/// The states of a pass must stay in registers, or each step waits for memory; and a pass must
/// hold enough independent work to hide the latency of the recursion.
#[derive(Clone, Copy)]
struct PassSize {
    sections: usize,
    groups: usize,
}

impl PassSize {
    fn of_this_processor() -> Self {
        if is_widest() {
            Self { sections: 5, groups: 2 }
        } else if cfg!(target_arch = "wasm32") {
            // A browser's registers hold four values.
            Self { sections: 1, groups: 1 }
        } else {
            Self { sections: 3, groups: 1 }
        }
    }
}

/// A filter, ready to run: in single precision where that suffices.
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
    /// `b0, b1, b2, a1, a2`, where single precision does not suffice.
    Double(Vec<[f64; 5]>),
}

/// The memory of the sections between two frames: two cells each, `[group][section]`; in double
/// precision twice as many.
pub type States = Vec<[Cell; 2]>;

/// The way through time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// First frame first.
    Forward,
    /// Last frame first.
    Backward,
}

impl Cascade {
    /// Takes a designed cascade; `None` when it is empty or its response is longer than 65,536 frames.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
    pub fn new(sections: &[Section]) -> Option<Self> {
        let margin_frames = impulse_response_frames(sections, MARGIN_ERROR).filter(|_| !sections.is_empty())?;
        let (kernel, gain) = if let Some(gain) = difference_gain(sections) {
            (Kernel::Differences(sections.iter().map(|s| s.a.map(|a| a as f32)).collect()), gain)
        } else {
            let narrow = |s: &Section| [s.b[0], s.b[1], s.b[2], s.a[0], s.a[1]].map(|value| value as f32);
            (Kernel::General(sections.iter().map(narrow).collect()), 1.0)
        };
        let single = Self { kernel, input_gain: gain as f32, margin_frames };
        if double::is_single_enough(&single, sections) {
            return Some(single);
        }
        Some(Self { kernel: Kernel::Double(double::coefficients(sections)), input_gain: 1.0, margin_frames })
    }

    /// Frames that a block needs on each side.
    #[must_use]
    pub const fn margin_frames(&self) -> usize {
        self.margin_frames
    }

    /// The factor for the input of one way through: the part of the gain that the sections leave out.
    #[must_use]
    pub const fn input_gain(&self) -> f32 {
        self.input_gain
    }

    /// The states of a filter that has always seen `row`, in memory that may be used again.
    ///
    /// A filter that starts so answers what changes after its first frame alone, as
    /// `scipy.signal.sosfilt_zi` has it; one at rest would answer the whole value with a step.
    pub fn steady(&self, states: &mut States, row: &[Cell]) {
        states.clear();
        if let Kernel::Double(sections) = &self.kernel {
            double::steady(sections, states, row);
        }
        for input in row {
            match &self.kernel {
                Kernel::Double(_) => {}
                Kernel::Differences(sections) => {
                    // No constant passes the first section.
                    states.push([*input; 2]);
                    states.extend(sections[1..].iter().map(|_| [[0.0; LANES]; 2]));
                }
                Kernel::General(sections) => {
                    let mut input = *input;
                    for section @ [b0, _, b2, _, a2] in sections {
                        let gain = gain_of_constants(section);
                        let output = input.map(|x| gain * x);
                        states.push([
                            from_fn(|lane| output[lane] - b0 * input[lane]),
                            from_fn(|lane| b2 * input[lane] - a2 * output[lane]),
                        ]);
                        input = output;
                    }
                }
            }
        }
    }

    /// Filters the rows of `from`, `stride` cells from one to the next, into those of `to`,
    /// going on from `states`; cells beyond the last group are left alone.
    ///
    /// Transposed direct form II; products and sums are rounded separately on every
    /// platform, because wasm has no fused multiply-add and results must not differ.
    pub fn run(&self, direction: Direction, states: &mut States, from: &[Cell], to: &mut [Cell], stride: usize) {
        let size = PassSize::of_this_processor();
        widest(
            #[inline(always)]
            || match &self.kernel {
                Kernel::Differences(sections) => {
                    groups(sections, &Difference, states, Way { direction, stride, size }, from, to);
                }
                Kernel::Double(sections) => double::run(sections, direction, states, from, to, stride),
                Kernel::General(sections) => {
                    groups(sections, &General, states, Way { direction, stride, size }, from, to);
                }
            },
        );
    }
}

/// What a section makes of a constant; nothing where rounding put a pole at 0 Hz.
#[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
fn gain_of_constants(section: &[f32; 5]) -> f32 {
    let [b0, b1, b2, a1, a2] = section.map(f64::from);
    let gain = (b0 + b1 + b2) / (1.0 + a1 + a2);
    if gain.is_finite() { gain as f32 } else { 0.0 }
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

/// How a cascade goes through rows of cells.
#[derive(Clone, Copy)]
struct Way {
    direction: Direction,
    stride: usize,
    size: PassSize,
}

/// Runs over all groups, one or two at a time.
#[inline(always)]
fn groups<const C: usize>(
    sections: &[[f32; C]],
    step: &impl Step<C>,
    states: &mut [[Cell; 2]],
    way: Way,
    from: &[Cell],
    to: &mut [Cell],
) {
    let n_sections = sections.len();
    let n_groups = states.len() / n_sections;
    let paired = if way.size.groups == 2 { n_groups / 2 * 2 } else { 0 };
    let (pairs, singles) = states.split_at_mut(paired * n_sections);
    for (at, states) in pairs.chunks_exact_mut(2 * n_sections).enumerate() {
        passes::<2, C>(sections, step, states, way, &from[2 * at..], &mut to[2 * at..]);
    }
    for (at, states) in (paired..).zip(singles.chunks_exact_mut(n_sections)) {
        passes::<1, C>(sections, step, states, way, &from[at..], &mut to[at..]);
    }
}

/// Runs a long cascade a few sections at a time, the later ones in place.
#[inline(always)]
fn passes<const G: usize, const C: usize>(
    sections: &[[f32; C]],
    step: &impl Step<C>,
    states: &mut [[Cell; 2]],
    way: Way,
    from: &[Cell],
    to: &mut [Cell],
) {
    let n_sections = sections.len();
    for (at, some) in sections.chunks(way.size.sections).enumerate() {
        let place = (at * way.size.sections, n_sections);
        let from = (at == 0).then_some(from);
        // The number of sections is a compile-time constant of each pass.
        match some {
            [a] => pass::<G, 1, C>(&[*a], step, states, place, way, from, to),
            [a, b] => pass::<G, 2, C>(&[*a, *b], step, states, place, way, from, to),
            [a, b, c] => pass::<G, 3, C>(&[*a, *b, *c], step, states, place, way, from, to),
            [a, b, c, d] => pass::<G, 4, C>(&[*a, *b, *c, *d], step, states, place, way, from, to),
            [a, b, c, d, e] => pass::<G, 5, C>(&[*a, *b, *c, *d, *e], step, states, place, way, from, to),
            _ => {}
        }
    }
}

/// `N` sections over `G` groups. `place` is the first section's and the number of all.
#[inline(always)]
fn pass<const G: usize, const N: usize, const C: usize>(
    sections: &[[f32; C]; N],
    step: &impl Step<C>,
    states: &mut [[Cell; 2]],
    (first, n_sections): (usize, usize),
    Way { direction, stride, .. }: Way,
    from: Option<&[Cell]>,
    to: &mut [Cell],
) {
    let n_rows = to.len().div_ceil(stride);
    let mut own: [[[Cell; 2]; N]; G] = from_fn(|group| from_fn(|index| states[group * n_sections + first + index]));
    for at in 0..n_rows {
        let row = stride
            * match direction {
                Direction::Forward => at,
                Direction::Backward => n_rows - 1 - at,
            };
        let mut cells: [Cell; G] = from_fn(|group| from.unwrap_or(to)[row + group]);
        for index in 0..N {
            for group in 0..G {
                cells[group] = step.step(&sections[index], &mut own[group][index], cells[group]);
            }
        }
        to[row..row + G].copy_from_slice(&cells);
    }
    for (group, own) in own.iter().enumerate() {
        states[group * n_sections + first..][..N].copy_from_slice(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Band, design};

    /// Written by `golden/filters.py`: an input and what `scipy.signal.sosfiltfilt` makes of it.
    const GOLDEN: &str = include_str!("../../golden/sosfiltfilt.json");

    #[derive(serde::Deserialize)]
    struct Golden {
        sampling_frequency_hz: f64,
        input: Vec<f32>,
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        low_hz: f64,
        high_hz: f64,
        order: usize,
        output: Vec<f32>,
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    fn output_is_that_of_scipy_within_a_thousandth_of_its_rms() {
        let Golden { sampling_frequency_hz, input, cases } = serde_json::from_str(GOLDEN).expect("golden file");
        for (case, is_single) in cases.iter().zip([true, false, false]) {
            let band = Band::BandPass { low_hz: case.low_hz, high_hz: case.high_hz };
            let filter = Cascade::new(&design(case.order, band, sampling_frequency_hz)).expect("stable");
            assert_eq!(
                !matches!(filter.kernel, Kernel::Double(_)),
                is_single,
                "order {} to {}",
                case.order,
                case.high_hz
            );
            let gain = filter.input_gain() * filter.input_gain();
            let mut frames: Vec<[f32; LANES]> = input.iter().map(|value| [(*value - input[0]) * gain; LANES]).collect();
            for direction in [Direction::Forward, Direction::Backward] {
                frames = one_way(&filter, direction, &frames);
            }
            let settled = filter.margin_frames()..input.len() - filter.margin_frames();
            assert!(settled.len() > 1000, "the golden input is long enough");
            let rms = (case.output[settled.clone()].iter().map(|v| v * v).sum::<f32>() / settled.len() as f32).sqrt();
            for at in settled {
                for lane in [0, LANES - 1] {
                    let error = (frames[at][lane] - case.output[at]).abs();
                    assert!(error < 1e-3 * rms, "frame {at} of order {} to {} Hz", case.order, case.high_hz);
                }
            }
        }
    }

    /// One way through a single group.
    fn one_way(filter: &Cascade, direction: Direction, frames: &[Cell]) -> Vec<Cell> {
        let (mut states, mut to) = (States::new(), frames.to_vec());
        let first = match direction {
            Direction::Forward => &frames[..1],
            Direction::Backward => &frames[frames.len() - 1..],
        };
        filter.steady(&mut states, first);
        filter.run(direction, &mut states, frames, &mut to, 1);
        to
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
    fn a_constant_has_settled_at_the_first_frame() {
        for (band, gain) in [
            (Band::BandPass { low_hz: 300.0, high_hz: 3000.0 }, 0.0),
            (Band::HighPass { low_hz: 300.0 }, 0.0),
            (Band::LowPass { high_hz: 300.0 }, 1.0),
        ] {
            let filter = Cascade::new(&design(5, band, 20_000.0)).expect("stable");
            for frame in one_way(&filter, Direction::Forward, &vec![[1000.0 * filter.input_gain(); LANES]; 600]) {
                assert!((frame[5] - 1000.0 * gain).abs() < 0.01, "{band:?}: {}", frame[5]);
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
                let frames: Vec<Cell> =
                    input.iter().map(|value| [*value as f32 * filter.input_gain(); LANES]).collect();
                let frames = one_way(&filter, Direction::Forward, &frames);
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
