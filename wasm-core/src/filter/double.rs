//! A cascade in double precision, for filters that single precision does not carry: very low,
//! very narrow or very steep ones, whose poles lie so near the unit circle that rounding moves
//! them, or is amplified beyond the noise.

use std::array::from_fn;

use super::cascade::{Cascade, Cell, Direction, LANES, States};
use super::sections::Section;

/// The samples of sixteen channels at one frame.
type Wide = [f64; LANES];

/// Frames on which single precision is tried: several times the memory of what it carries.
const TRIED_FRAMES: usize = 2048;
/// Height of the slow wave under the noise of the trial, and frames of its period: field
/// potentials are some hundred times the noise.
const WAVE: f32 = 100.0;
const WAVE_FRAMES: u16 = 1024;
/// Part of its output by which single precision may be off.
const MAX_ERROR: f64 = 1e-3;

/// `b0, b1, b2, a1, a2` of each section.
pub fn coefficients(sections: &[Section]) -> Vec<[f64; 5]> {
    sections.iter().map(|Section { b: [b0, b1, b2], a: [a1, a2] }| [*b0, *b1, *b2, *a1, *a2]).collect()
}

/// Whether single precision makes the same of a signal, up to a thousandth: noise over a slow
/// wave. Its numbers are whole, so that every processor comes to the same answer.
pub fn is_single_enough(single: &Cascade, sections: &[Section]) -> bool {
    let mut noise = 1_u32;
    let signal: Vec<f32> = (0..TRIED_FRAMES)
        .map(|frame| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let sign = if noise >> 31 == 0 { -1.0 } else { 1.0 };
            let phase = u16::try_from(frame % usize::from(WAVE_FRAMES)).unwrap_or(0);
            let triangle = f32::from(phase.abs_diff(WAVE_FRAMES / 2)) / f32::from(WAVE_FRAMES / 2);
            sign + WAVE * triangle
        })
        .collect();
    let cells: Vec<Cell> = signal.iter().map(|value| [value * single.input_gain(); LANES]).collect();
    let (mut states, mut seen) = (States::new(), cells.clone());
    single.steady(&mut states, &cells[..1]);
    single.run(Direction::Forward, &mut states, &cells, &mut seen, 1);
    let coefficients = coefficients(sections);
    // One lane of it: this is asked whenever a control moves.
    let first = Double::steady(&coefficients, &[signal[0]; LANES]).states;
    let mut states: Vec<[f64; 2]> = first.iter().map(|[s1, s2]| [s1[0], s2[0]]).collect();
    let (mut error, mut size) = (0.0, 0.0);
    for (value, seen) in signal.iter().zip(&seen) {
        let expected =
            coefficients.iter().zip(&mut states).fold(f64::from(*value), |x, (section, state)| step(section, state, x));
        error += (f64::from(seen[0]) - expected).powi(2);
        size += expected.powi(2);
    }
    error <= MAX_ERROR * MAX_ERROR * size
}

/// One frame of one section, transposed direct form II.
fn step([b0, b1, b2, a1, a2]: &[f64; 5], [s1, s2]: &mut [f64; 2], x: f64) -> f64 {
    let y = b0 * x + *s1;
    *s1 = b1 * x - a1 * y + *s2;
    *s2 = b2 * x - a2 * y;
    y
}

/// One group of channels on its way.
struct Double<'a> {
    sections: &'a [[f64; 5]],
    states: Vec<[Wide; 2]>,
}

impl<'a> Double<'a> {
    /// A group that has always seen `input`.
    fn steady(sections: &'a [[f64; 5]], input: &Cell) -> Self {
        let mut input = input.map(f64::from);
        let states = sections
            .iter()
            .map(|[b0, b1, b2, a1, a2]| {
                let gain = (b0 + b1 + b2) / (1.0 + a1 + a2);
                let output = input.map(|x| if gain.is_finite() { gain * x } else { 0.0 });
                let state = [
                    from_fn(|lane| output[lane] - b0 * input[lane]),
                    from_fn(|lane| b2 * input[lane] - a2 * output[lane]),
                ];
                input = output;
                state
            })
            .collect();
        Self { sections, states }
    }

    /// One frame.
    fn step(&mut self, input: &Wide) -> Wide {
        let mut cell = *input;
        for (section, [s1, s2]) in self.sections.iter().zip(&mut self.states) {
            for lane in 0..LANES {
                let mut state = [s1[lane], s2[lane]];
                cell[lane] = step(section, &mut state, cell[lane]);
                [s1[lane], s2[lane]] = state;
            }
        }
        cell
    }

    /// The memory as pairs of singles, which hold 48 bits of the 53.
    fn pack(self) -> impl Iterator<Item = [Cell; 2]> {
        self.states.into_iter().flatten().map(|wide| {
            let high = wide.map(single);
            [high, from_fn(|lane| single(wide[lane] - f64::from(high[lane])))]
        })
    }

    fn unpack(sections: &'a [[f64; 5]], states: &[[Cell; 2]]) -> Self {
        let wide = |[high, low]: &[Cell; 2]| from_fn(|lane| f64::from(high[lane]) + f64::from(low[lane]));
        Self { sections, states: states.as_chunks().0.iter().map(|[s1, s2]| [wide(s1), wide(s2)]).collect() }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is left over is kept, or below the noise")]
const fn single(value: f64) -> f32 {
    value as f32
}

/// The states of a cascade that has always seen `row`.
pub fn steady(sections: &[[f64; 5]], states: &mut States, row: &[Cell]) {
    states.extend(row.iter().flat_map(|input| Double::steady(sections, input).pack()));
}

/// Filters rows as [`Cascade::run`] does.
pub fn run(
    sections: &[[f64; 5]],
    direction: Direction,
    states: &mut States,
    from: &[Cell],
    to: &mut [Cell],
    stride: usize,
) {
    let n_rows = to.len().div_ceil(stride);
    for (group, packed) in states.chunks_exact_mut(2 * sections.len()).enumerate() {
        let mut double = Double::unpack(sections, packed);
        for at in 0..n_rows {
            let row = match direction {
                Direction::Forward => at,
                Direction::Backward => n_rows - 1 - at,
            };
            let cell = row * stride + group;
            to[cell] = double.step(&from[cell].map(f64::from)).map(single);
        }
        packed.iter_mut().zip(double.pack()).for_each(|(to, from)| *to = from);
    }
}
