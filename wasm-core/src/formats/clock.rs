//! Gaps and rates from a clock that a file carries: a number or a time for every frame or record.
//!
//! One rule for all formats. Whole numbers follow one another by one; anything else is a gap.
//! Times follow one another by the mean step; a gap is a lasting shift of more than the
//! tolerance: half a step, or 1.5 times the scatter that the clock shows everywhere (rounding,
//! jitter, stamps of whole packets), whichever is larger. A stretch whose ends are as far apart
//! as its stamps say has no gap, so little is read where nothing is missing. Stamps that leave
//! the line and come back to it are damaged; they make no gap.

mod seconds;

use std::ops::Range;

use crate::recording::SegmentInfo;

/// Gaps that are looked for; what follows more of them is left as one run.
const MAX_RUNS: usize = 100_000;
/// Stretches of at most so many stamps are read whole.
const LEAF: u64 = 4096;
/// A run of fewer stamps may be damage, where a later one goes on as if it were not there.
const SHORT_RUN: u64 = 64;
/// Short runs over which the line is looked for again.
const MAX_DAMAGED_RUNS: usize = 4096;

/// The unit of time stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Whole frames; after the number before `wraps_at` comes zero (2^32 for 32 bits).
    Frames {
        /// The number after the largest.
        wraps_at: Option<u64>,
    },
    /// Seconds.
    Seconds,
}

/// Stamps that follow one another without a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Place of the first stamp.
    pub first: u64,
    /// Number of stamps.
    pub n: u64,
    /// Value of the first stamp; where the clock wraps it goes on counting.
    pub start: f64,
}

/// The runs and the rate of a clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// Runs without a gap, in the order of the file. None where there are no stamps.
    pub runs: Vec<Run>,
    /// The mean step from one stamp to the next: 1 for frames, seconds from a fit over all runs.
    pub step: f64,
    /// Stamps that do not lie where those around them say.
    pub n_damaged: u64,
}

impl Clock {
    /// The runs as segments, where a unit of the stamps is so many seconds.
    pub fn segments(&self, unit_s: f64) -> Vec<SegmentInfo> {
        let segment = |run: &Run| SegmentInfo { n_frames: run.n, t_start_s: run.start * unit_s };
        self.runs.iter().map(segment).collect()
    }

    /// Says how many stamps are damaged, if some are.
    pub fn note(&self, what: &str) -> Option<String> {
        (self.n_damaged > 0).then(|| {
            format!("{what}: {} values of the clock are damaged; the signal is taken to run on there.", self.n_damaged)
        })
    }
}

/// Reads a clock of `n` stamps. `stamps` gives those of a range.
///
/// # Errors
/// The errors of `stamps`.
pub fn read<E>(n: u64, counts: Counts, mut stamps: impl FnMut(Range<u64>) -> Result<Vec<f64>, E>) -> Result<Clock, E> {
    if n == 0 {
        return Ok(Clock { runs: Vec::new(), step: f64::NAN, n_damaged: 0 });
    }
    let clock = match counts {
        Counts::Frames { wraps_at } => frames(n, wraps_at, &mut stamps)?,
        Counts::Seconds => seconds::read(n, &mut stamps)?,
    };
    Ok(without_damaged_end(clock))
}

/// Reads stamps of a range.
type Stamps<'a, E> = &'a mut dyn FnMut(Range<u64>) -> Result<Vec<f64>, E>;

/// Looks through a stretch: its places, its values, and the list of stamps with which runs begin.
type Leaf<'a> = &'a mut dyn FnMut(Range<u64>, &[f64], &mut Vec<Stamp>);

/// The place and value of a stamp.
type Stamp = (u64, f64);

fn one<E>(at: u64, stamps: Stamps<'_, E>) -> Result<Stamp, E> {
    Ok((at, stamps(at..at + 1)?.first().copied().unwrap_or(f64::NAN)))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
fn frames<E>(n: u64, wraps_at: Option<u64>, stamps: Stamps<'_, E>) -> Result<Clock, E> {
    let wraps_at = wraps_at.map(|wraps_at| wraps_at as f64);
    // Forward where that is shorter around the clock.
    let step = |from: f64, to: f64| match wraps_at {
        None => to - from,
        Some(all) => {
            let forward = (to - from).rem_euclid(all);
            if forward > all / 2.0 { forward - all } else { forward }
        }
    };
    let follows = |from: Stamp, to: Stamp| {
        let places = (to.0 - from.0) as f64;
        step(from.1, to.1) == wraps_at.map_or(places, |all| step(0.0, places % all))
    };
    let mut found = vec![one(0, stamps)?];
    let last = one(n - 1, stamps)?;
    split(
        found[0],
        last,
        stamps,
        &follows,
        &mut |range, values, breaks| {
            let places = (range.start..).zip(values.windows(2));
            breaks.extend(
                places
                    .filter(|(at, pair)| !follows((*at, pair[0]), (*at + 1, pair[1])))
                    .map(|(at, pair)| (at + 1, pair[1])),
            );
        },
        &mut found,
    )?;
    let last_of = |run: &Run| (run.first + run.n - 1, run.start + (run.n - 1) as f64);
    let mut runs: Vec<Run> = Vec::new();
    for (at, (first, value)) in found.iter().enumerate() {
        let end = found.get(at + 1).map_or(n, |(next, _)| *next);
        // Wrapped clocks go on counting.
        let start = runs.last().map_or(*value, |run| {
            let (_, last) = last_of(run);
            last + step(wraps_at.map_or(last, |all| last.rem_euclid(all)), *value)
        });
        runs.push(Run { first: *first, n: end - first, start });
    }
    let (runs, n_damaged) = mend(&runs, |run, later| {
        let (place, value) = last_of(run);
        (later.start - value) == (later.first - place) as f64
    });
    Ok(Clock { runs, step: 1.0, n_damaged })
}

/// Looks for breaks between two stamps: into halves while the ends do not fit, and then through
/// all stamps.
fn split<E>(
    from: Stamp,
    to: Stamp,
    stamps: Stamps<'_, E>,
    fits: &dyn Fn(Stamp, Stamp) -> bool,
    leaf: Leaf<'_>,
    breaks: &mut Vec<Stamp>,
) -> Result<(), E> {
    if to.0 <= from.0 || fits(from, to) || breaks.len() > MAX_RUNS {
        return Ok(());
    }
    if to.0 - from.0 <= LEAF {
        let values = stamps(from.0..to.0 + 1)?;
        leaf(from.0..to.0 + 1, &values, breaks);
        return Ok(());
    }
    let middle = one(u64::midpoint(from.0, to.0), stamps)?;
    split(from, middle, stamps, fits, leaf, breaks)?;
    split(middle, to, stamps, fits, leaf, breaks)
}

/// Joins runs that lie on one line with only short runs between them, whose stamps are damaged.
fn mend(runs: &[Run], goes_on: impl Fn(&Run, &Run) -> bool) -> (Vec<Run>, u64) {
    let mut repaired: Vec<Run> = Vec::new();
    let mut n_damaged = 0;
    let mut at = 0;
    while let Some(run) = runs.get(at) {
        let mut run = *run;
        at += 1;
        // Again and again: damage may come in several places of a run.
        loop {
            let later = runs.iter().enumerate().skip(at + 1).take(MAX_DAMAGED_RUNS);
            let mut between_short = later.take_while(|(place, _)| runs[*place - 1].n < SHORT_RUN);
            let Some((place, later)) = between_short.find(|(_, later)| goes_on(&run, later)) else { break };
            n_damaged += later.first - (run.first + run.n);
            run.n = later.first + later.n - run.first;
            at = place + 1;
        }
        repaired.push(run);
    }
    (repaired, n_damaged)
}

/// A clock whose last stamps are damaged, such as the zeros of a file that was not written to its
/// end: short runs that begin before the run in front of them ends belong to it.
#[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
fn without_damaged_end(mut clock: Clock) -> Clock {
    let end = |run: &Run, step: f64| run.start + run.n as f64 * step;
    let step = if clock.step.is_finite() { clock.step } else { 1.0 };
    let kept = clock.runs.iter().rposition(|run| run.n >= SHORT_RUN).map_or(1, |last| last + 1);
    let is_back = |runs: &[Run], last: &Run| runs.iter().all(|run| !(run.start >= end(last, step) - step));
    let (before, after) = clock.runs.split_at(kept.min(clock.runs.len()));
    if let Some(last) = before.last().filter(|last| !after.is_empty() && is_back(after, last)) {
        let n_more: u64 = after.iter().map(|run| run.n).sum();
        let run = Run { n: last.n + n_more, ..*last };
        clock.runs.truncate(kept - 1);
        clock.runs.push(run);
        clock.n_damaged += n_more;
    }
    clock
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers, and a clock in f32")]
mod tests {
    use super::*;

    fn of(values: &[f64], counts: Counts) -> Clock {
        let stamps = |range: Range<u64>| -> Result<Vec<f64>, ()> {
            Ok(values[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec())
        };
        read(values.len() as u64, counts, stamps).unwrap()
    }

    fn runs(clock: &Clock) -> Vec<(u64, u64)> {
        clock.runs.iter().map(|run| (run.first, run.n)).collect()
    }

    /// Times at a rate, with lost frames before some places.
    fn times(n: u64, rate_hz: f64, lost: &[(u64, f64)], round: impl Fn(f64) -> f64) -> Vec<f64> {
        let frame = |at: u64| at as f64 + lost.iter().filter(|(place, _)| *place <= at).map(|(_, n)| n).sum::<f64>();
        (0..n).map(|at| round(5.0 + frame(at) / rate_hz)).collect()
    }

    #[test]
    fn frames_that_are_missing_end_a_run() {
        let mut values: Vec<f64> = (0..30_000).map(|at| f64::from(at) + 17.0).collect();
        assert_eq!(runs(&of(&values, Counts::Frames { wraps_at: None })), [(0, 30_000)]);
        for value in &mut values[20_000..] {
            *value += 1.0;
        }
        for value in &mut values[20_001..] {
            *value += 500.0;
        }
        let clock = of(&values, Counts::Frames { wraps_at: None });
        assert_eq!(runs(&clock), [(0, 20_000), (20_000, 1), (20_001, 9_999)]);
        assert_eq!(clock.runs[2].start, 20_519.0);
    }

    #[test]
    fn a_clock_that_wraps_runs_on() {
        let all = 4_294_967_296.0;
        let value = |at: u64, lost: f64| (all - 100.0 + at as f64 + lost) % all;
        let whole: Vec<f64> = (0..1000).map(|at| value(at, 0.0)).collect();
        let counts = Counts::Frames { wraps_at: Some(1 << 32) };
        assert_eq!(of(&whole, counts).segments(1.0), [SegmentInfo { n_frames: 1000, t_start_s: all - 100.0 }]);
        let gap: Vec<f64> = (0..1000).map(|at| value(at, if at < 50 { 0.0 } else { 300.0 })).collect();
        let clock = of(&gap, counts);
        assert_eq!(runs(&clock), [(0, 50), (50, 950)]);
        assert_eq!(clock.runs[1].start, all + 250.0);
    }

    #[test]
    fn damaged_stamps_make_no_gap() {
        let mut values: Vec<f64> = (0..10_000).map(f64::from).collect();
        values[8900..8910].fill(0.0);
        // The ends fit: nothing is looked at. A gap nearby has it found.
        assert_eq!(runs(&of(&values, Counts::Frames { wraps_at: None })), [(0, 10_000)]);
        values[9000..].iter_mut().for_each(|value| *value += 7.0);
        let clock = of(&values, Counts::Frames { wraps_at: None });
        assert_eq!(runs(&clock), [(0, 9000), (9000, 1000)]);
        assert_eq!(clock.n_damaged, 10);
        let mut seconds = times(20_000, 30_000.0, &[(15_000, 3000.0)], |time_s| time_s);
        seconds[15_500..15_505].fill(0.0);
        seconds[15_900] = f64::NAN;
        let clock = of(&seconds, Counts::Seconds);
        assert_eq!(runs(&clock), [(0, 15_000), (15_000, 5000)]);
        assert!(clock.n_damaged >= 5, "{clock:?}");
    }

    #[test]
    fn rounded_clocks_have_no_gaps_and_the_right_rate() {
        let to = |unit: f64| move |time_s: f64| (time_s / unit).round() * unit;
        let float = |time_s: f64| f64::from((time_s + 1000.0) as f32);
        for n in [3000, 200_000] {
            for rate_hz in [30_000.0, 25_000.0, 20_000.0, 12_207.031_25, 1000.0] {
                for values in [
                    times(n, rate_hz, &[], |time_s| time_s),
                    times(n, rate_hz, &[], to(1e-6)),
                    times(n, rate_hz, &[], to(1e-5)),
                    times(n, rate_hz, &[], to(1e-4)),
                    times(n, rate_hz, &[], float),
                ] {
                    let clock = of(&values, Counts::Seconds);
                    assert_eq!(runs(&clock), [(0, n)], "{n} at {rate_hz} Hz");
                    assert!((clock.step * rate_hz - 1.0).abs() < 1e-3, "{n} at {rate_hz}: {}", 1.0 / clock.step);
                }
            }
        }
    }

    #[test]
    fn gaps_are_found_on_rounded_clocks() {
        let to = |unit: f64| move |time_s: f64| (time_s / unit).round() * unit;
        for (round, lost) in [(1e-9, 1.0), (1e-6, 1.0), (1e-5, 1.0), (1e-4, 60.0)] {
            for places in [vec![1500], vec![40_000, 90_000], vec![100, 400, 90_001]] {
                let gaps: Vec<(u64, f64)> = places.iter().map(|at| (*at, lost)).collect();
                let clock = of(&times(100_000, 30_000.0, &gaps, to(round)), Counts::Seconds);
                let starts: Vec<u64> = clock.runs.iter().skip(1).map(|run| run.first).collect();
                assert_eq!(starts, places, "{lost} lost frames on a clock of {round} s");
            }
        }
    }

    #[test]
    fn sweeps_of_any_length_keep_the_rate() {
        for n_sweep in [30_u64, 1000, 4999, 5000, 10_000, 20_000] {
            let n = n_sweep * 60;
            let gaps: Vec<(u64, f64)> = (1..60).map(|sweep| (sweep * n_sweep, 10_000.0)).collect();
            let clock = of(&times(n, 10_000.0, &gaps, |time_s| time_s), Counts::Seconds);
            assert_eq!(1.0 / clock.step, 10_000.0, "sweeps of {n_sweep}");
            assert_eq!(runs(&clock), (0..60).map(|sweep| (sweep * n_sweep, n_sweep)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn packets_and_jitter_are_no_gaps() {
        // Frames of a packet share a time.
        let packets: Vec<f64> = (0..60_000_u32).map(|at| f64::from(at / 32 * 32) / 30_000.0).collect();
        assert_eq!(runs(&of(&packets, Counts::Seconds)), [(0, 60_000)]);
        let mut noise = 7_u32;
        let jitter: Vec<f64> = (0..60_000_u32)
            .map(|at| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(at) / 30_000.0 + f64::from(noise >> 16) / 65_536.0 * 2e-4
            })
            .collect();
        assert_eq!(runs(&of(&jitter, Counts::Seconds)), [(0, 60_000)]);
        // A clock that is slow by 100 parts in a million for an hour and then fast drifts without a gap.
        let drift: Vec<f64> =
            (0..500_000_u32).map(|at| f64::from(at) / 30_000.0 * (1.0 + f64::from(at) * 4e-10)).collect();
        assert_eq!(runs(&of(&drift, Counts::Seconds)), [(0, 500_000)]);
    }

    #[test]
    fn little_is_read_where_nothing_is_missing() {
        let mut n_read = 0;
        let stamps = |range: Range<u64>| -> Result<Vec<f64>, ()> {
            n_read += range.end - range.start;
            Ok(range.map(|at| at as f64 / 30_000.0 + 1.7e9).collect())
        };
        let clock = read(1 << 30, Counts::Seconds, stamps).unwrap();
        assert_eq!(runs(&clock), [(0, 1 << 30)]);
        assert!((1.0 / clock.step - 30_000.0).abs() < 1e-3, "{}", 1.0 / clock.step);
        assert!(n_read < 40_000, "{n_read}");
    }

    #[test]
    fn few_stamps_are_enough() {
        assert!(of(&[], Counts::Seconds).runs.is_empty());
        assert_eq!(runs(&of(&[3.0], Counts::Seconds)), [(0, 1)]);
        assert_eq!(runs(&of(&[3.0, 3.5], Counts::Seconds)), [(0, 2)]);
        assert_eq!(of(&[3.0, 3.5, 4.0], Counts::Seconds).step, 0.5);
        assert_eq!(runs(&of(&[f64::NAN, f64::NAN], Counts::Seconds)).len(), 1);
    }

    #[test]
    fn zeros_at_the_end_are_damage_and_a_late_frame_is_not() {
        let run = |first, n, start| Run { first, n, start };
        let clock = |runs: Vec<Run>| without_damaged_end(Clock { runs, step: 1.0, n_damaged: 0 });
        let zeros = clock(vec![run(0, 300, 90.0), run(300, 1, 0.0), run(301, 1, 0.0)]);
        assert_eq!((zeros.runs, zeros.n_damaged), (vec![run(0, 302, 90.0)], 2));
        let late = vec![run(0, 300, 90.0), run(300, 1, 500.0)];
        assert_eq!(clock(late.clone()).runs, late);
        let anew = vec![run(0, 300, 90.0), run(300, 300, 0.0)];
        assert_eq!(clock(anew.clone()).runs, anew);
        assert_eq!(clock(vec![run(0, 1, f64::NAN)]).runs.len(), 1);
    }
}
