//! A clock of seconds: its mean step, its scatter, and where it shifts for good.

use std::ops::Range;

use super::{Clock, Run, Stamp, Stamps, mend, one, split};

/// Places at which the clock is looked at to learn its step and its scatter.
const PROBES: u64 = 16;
/// Stamps that are read at each, at most and at least; of a short clock a part of all, so that one
/// gap lies in few of the windows.
const WINDOW: u64 = 1024;
const MIN_WINDOW: u64 = 4;
const WINDOWS_OF_ALL: u64 = 32;
/// The clock is exact where this share of its steps is equal to this part of a step, and a step
/// longer than so many is a pause.
const EXACT_SHARE: f64 = 0.75;
const EXACT: f64 = 1e-3;
const PAUSE: f64 = 1.5;
/// Stamps before and after a step whose mean levels are compared.
const LEVEL: usize = 256;
/// Steps by which a level must shift for a gap, and times the clock's scatter.
const MIN_SHIFT_STEPS: f64 = 0.5;
const SHIFT_SCATTERS: f64 = 1.5;

/// Reads a clock of at least one stamp.
#[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
pub fn read<E>(n: u64, stamps: Stamps<'_, E>) -> Result<Clock, E> {
    let habits = Habits::learn(n, stamps)?;
    let Habits { step, scatter } = habits;
    let tolerance = habits.tolerance();
    let fits = |from: Stamp, to: Stamp| ((to.1 - from.1) - (to.0 - from.0) as f64 * step).abs() <= tolerance;
    let mut found = vec![one(0, stamps)?];
    let last = one(n - 1, stamps)?;
    let mut n_damaged = 0;
    let mut leaves: Vec<Range<u64>> = Vec::new();
    // Levels need the stamps around a leaf, so leaves are noted first and then read with them.
    let mut note = |range: Range<u64>, _: &[f64], noted: &mut Vec<Stamp>| {
        noted.push((range.start, f64::NAN));
        leaves.push(range);
    };
    split(found[0], last, stamps, &fits, &mut note, &mut Vec::new())?;
    for leaf in joined(&leaves) {
        let around = leaf.start.saturating_sub(LEVEL as u64)..(leaf.end + LEVEL as u64).min(n);
        let values = stamps(around.clone())?;
        let own = (around.start..).zip(&values).filter(|(at, _)| leaf.contains(at));
        n_damaged += own.filter(|(_, value)| !value.is_finite()).count() as u64;
        let shifts = habits.shifts(&values).into_iter().map(|(at, value)| (around.start + at as u64, value));
        // A shift in the margin belongs to the leaf there.
        found.extend(shifts.filter(|(at, _)| (leaf.start + 1..leaf.end).contains(at)));
    }
    let run = |at: usize, (first, start): &Stamp| {
        let end = found.get(at + 1).map_or(n, |(next, _)| *next);
        Run { first: *first, n: end - first, start: *start }
    };
    let runs: Vec<Run> = found.iter().enumerate().map(|(at, stamp)| run(at, stamp)).collect();
    let near = tolerance.max(scatter);
    let goes_on =
        |run: &Run, later: &Run| ((later.start - run.start) - (later.first - run.first) as f64 * step).abs() <= near;
    let (runs, n_between) = mend(&runs, goes_on);
    let step = fit(&runs, habits, stamps)?;
    Ok(Clock { runs, step, n_damaged: n_damaged + n_between })
}

/// Leaves that touch, as one; they come in order.
fn joined(leaves: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for leaf in leaves {
        match joined.last_mut().filter(|last| leaf.start <= last.end && leaf.end - last.start <= 4 * super::LEAF) {
            Some(last) => last.end = leaf.end,
            None => joined.push(leaf.clone()),
        }
    }
    joined
}

/// The mean step over all runs. Where a round rate lies within what the clock's scatter leaves
/// open, it is that rate.
#[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
fn fit<E>(runs: &[Run], habits: Habits, stamps: Stamps<'_, E>) -> Result<f64, E> {
    let (mut length, mut n_steps) = (0.0, 0.0);
    for run in runs.iter().filter(|run| run.n > 1) {
        let span = one(run.first + run.n - 1, stamps)?.1 - run.start;
        if span.is_finite() {
            length += span;
            n_steps += (run.n - 1) as f64;
        }
    }
    let step = if n_steps > 0.0 { length / n_steps } else { habits.step };
    let rate_hz = 1.0 / step;
    // Both ends may be off by the scatter, and those of each run by what a double rounds.
    let rounding = runs.iter().map(|run| run.start.abs()).sum::<f64>() * f64::EPSILON;
    let open_hz = rate_hz * ((habits.scatter + rounding) / length.max(f64::MIN_POSITIVE)).min(1e-3);
    let round = [1000.0, 100.0, 10.0, 1.0].map(|unit| (rate_hz / unit).round() * unit);
    let found = round.into_iter().find(|round_hz| *round_hz > 0.0 && (round_hz - rate_hz).abs() <= open_hz);
    Ok(found.map_or(step, |round_hz| 1.0 / round_hz))
}

/// Properties of the clock that hold everywhere.
#[derive(Clone, Copy)]
struct Habits {
    /// Seconds from one stamp to the next, on average.
    step: f64,
    /// Seconds by which stamps lie around the line, from the lowest to the highest.
    scatter: f64,
}

impl Habits {
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    fn learn<E>(n: u64, stamps: Stamps<'_, E>) -> Result<Self, E> {
        let window = (n / WINDOWS_OF_ALL).clamp(MIN_WINDOW, WINDOW).min(n);
        let mut windows: Vec<(u64, Vec<f64>)> = Vec::new();
        for probe in 0..=PROBES {
            let first = u64::try_from(u128::from(n - window) * u128::from(probe) / u128::from(PROBES)).unwrap_or(0);
            if windows.last().is_none_or(|(last, _)| *last < first) {
                windows.push((first, stamps(first..first + window)?));
            }
        }
        let exact = exact_step(&windows);
        let inside = windows.iter().filter_map(|(_, values)| {
            let steps = values.len().saturating_sub(1) as f64;
            let slope = (values.last()? - values.first()?) / steps;
            Some(slope).filter(|slope| slope.is_finite())
        });
        let between = windows.windows(2).filter_map(|pair| {
            let slope = (pair[1].1.first()? - pair[0].1.first()?) / (pair[1].0 - pair[0].0) as f64;
            Some(slope).filter(|slope| slope.is_finite())
        });
        let fine = exact.or_else(|| middle(inside.collect(), 0.5));
        let coarse = middle(between.collect(), 0.5);
        let scatter_at = |step: f64| {
            if exact.is_some() {
                return Some(0.0);
            }
            let of_window = |(_, values): &(u64, Vec<f64>)| scatter(values, step);
            middle(windows.iter().map(of_window).filter(|scatter| scatter.is_finite()).collect(), 0.75)
        };
        let Some(fine) = fine else { return Ok(Self { step: f64::NAN, scatter: 0.0 }) };
        let rough = scatter_at(fine).unwrap_or(0.0);
        // Far apart, rounding counts less; but gaps between most windows would count too.
        let step = coarse.filter(|coarse| (coarse - fine).abs() <= 2.0 * rough / window as f64 + 1e-4 * fine.abs());
        let step = step.unwrap_or(fine);
        Ok(Self { step, scatter: scatter_at(step).unwrap_or(0.0) })
    }

    fn tolerance(&self) -> f64 {
        (MIN_SHIFT_STEPS * self.step).max(SHIFT_SCATTERS * self.scatter)
    }

    /// Places at which the stamps shift for good, and the stamps there.
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    fn shifts(&self, values: &[f64]) -> Vec<(usize, f64)> {
        let tolerance = self.tolerance();
        let Some(first) = values.iter().copied().find(|value| value.is_finite()) else { return Vec::new() };
        let off: Vec<f64> =
            values.iter().enumerate().map(|(at, value)| value - first - at as f64 * self.step).collect();
        let known: Vec<usize> = (0..off.len()).filter(|at| off[*at].is_finite()).collect();
        let jumps = |bound: f64| {
            let pairs = known.windows(2).filter(|pair| (off[pair[1]] - off[pair[0]]).abs() > bound);
            pairs.map(|pair| pair[1]).collect::<Vec<usize>>()
        };
        // Levels end where the clock certainly jumps.
        let certain = jumps(tolerance);
        let level = |range: Range<usize>| {
            let finite = off[range].iter().filter(|value| value.is_finite());
            let (sum, n) = finite.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
            sum / f64::from(n.max(1))
        };
        let mut found: Vec<(usize, f64)> = Vec::new();
        for at in jumps(MIN_SHIFT_STEPS * self.step) {
            let begun = certain.partition_point(|jump| *jump < at).checked_sub(1).map_or(0, |before| certain[before]);
            let begun = begun.max(found.last().map_or(0, |(last, _)| *last)).max(at.saturating_sub(LEVEL));
            let ends = certain.get(certain.partition_point(|jump| *jump <= at)).copied().unwrap_or(off.len());
            let ends = ends.min(at + LEVEL);
            if (level(at..ends) - level(begun..at)).abs() > tolerance {
                found.push((at, values[at]));
            }
        }
        found
    }
}

/// The step of a clock without scatter, however often it pauses: most steps are equal, and so is
/// the mean of all that are no pause.
#[expect(clippy::cast_precision_loss, reason = "some thousand steps")]
fn exact_step(windows: &[(u64, Vec<f64>)]) -> Option<f64> {
    let steps = || windows.iter().flat_map(|(_, values)| values.windows(2)).map(|pair| pair[1] - pair[0]);
    let usual = middle(steps().filter(|step| step.is_finite()).collect(), 0.5).filter(|usual| *usual > 0.0)?;
    let is_usual = |step: f64| (step - usual).abs() <= EXACT * usual.abs();
    let mean = |of: &dyn Fn(f64) -> bool| {
        let (sum, n) = steps().filter(|step| of(*step)).fold((0.0, 0_usize), |(sum, n), step| (sum + step, n + 1));
        (sum / n.max(1) as f64, n)
    };
    let (exact, n_usual) = mean(&is_usual);
    let (without_pauses, _) = mean(&|step| step.abs() <= PAUSE * usual);
    let mostly = n_usual as f64 >= EXACT_SHARE * steps().count() as f64;
    (mostly && is_usual(without_pauses)).then_some(exact)
}

/// How far stamps lie from the lowest to the highest beside a line of this step.
#[expect(clippy::cast_precision_loss, reason = "a thousand stamps")]
fn scatter(values: &[f64], step: f64) -> f64 {
    let first = values.first().copied().unwrap_or(f64::NAN);
    let off = values.iter().enumerate().map(|(at, value)| value - first - at as f64 * step);
    let (low, high) = off
        .filter(|off| off.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), off| (low.min(off), high.max(off)));
    high - low
}

/// The value below which this share of the values lies.
fn middle(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    let at = (share * (values.len().saturating_sub(1)) as f64).round() as usize;
    values.get(at).copied()
}
