//! The rate with what was found in it, and how many there are beside how many chance brings.

use super::super::of_rate::Rate;
use super::{Counted, Own};
use crate::analyses::{BesideChance, CommonBurst, SHIFTED_COPIES, SpikeTrains, Verdict, mean};
use crate::figure::{Axis, Figure, Histogram, Layer, OVER_WELLS};
use crate::numbers;
use crate::recording::n_wells;

/// Bars of the counts in shifted copies.
const N_BARS: usize = 40;

/// The culture that is drawn: of a plate the well with most of them beyond chance.
pub fn drawn<M>(all: &[Own<M>]) -> Option<&Own<M>> {
    let excess = |own: &Own<M>| own.known().map_or(f64::NEG_INFINITY, BesideChance::excess);
    all.iter().rev().max_by(|one, other| excess(one).total_cmp(&excess(other)))
}

/// How many there are, and what chance brings.
fn told<M>(counted: Counted, own: &Own<M>) -> String {
    let what = counted.words();
    match &own.found {
        Ok(found) => {
            let verdict = found.verdict();
            let verdict = if verdict == Verdict::NoneFound { String::new() } else { format!(": {}", verdict.words()) };
            let joining =
                mean(found.bursts.iter().map(|burst| f64::from(u32::try_from(burst.n_electrodes).unwrap_or(0))));
            let joining = joining.zip(found.n_electrodes_shifted()).map_or_else(String::new, |(own, copies)| {
                format!(" (electrodes that join: {own:.1}, in copies {copies:.1})")
            });
            format!(
                "{}, {:.1} on average in shifted copies{verdict}{joining}",
                numbers::counted(found.bursts.len() as u64, what.trim_end_matches('s')),
                found.n_shifted()
            )
        }
        Err(reason) => format!("No {what}: {reason}"),
    }
}

/// The rate of the active electrodes together, and where they lie. What chance brings as well is not marked, as marks
/// would pass for network bursts.
pub fn over_time<M>(of: &SpikeTrains, counted: Counted, all: &[Own<M>]) -> Figure {
    let own = drawn(all);
    let active = own.map_or(&[][..], |own| own.active.as_slice());
    let is_more = own.and_then(Own::known).is_some_and(|found| found.verdict() == Verdict::MoreThanChance);
    let bursts = own.filter(|_| is_more).map_or(&[][..], Own::bursts);
    let Rate { x, y, line, length_s } = Rate::new(of, active);
    let span = |burst: &CommonBurst| (of.time_s(burst.segment, burst.start), of.time_s(burst.segment, burst.end));
    let well = own.map_or_else(String::new, |own| own.place(of));
    let sentence = own.map_or_else(String::new, |own| told(counted, own));
    let has_any = own.is_some_and(|own| !own.bursts().is_empty());
    let marked = match (is_more, has_any) {
        (true, _) => format!("They are marked in the rate{well} over {length_s:.0} s."),
        (false, true) => format!(
            "They are not marked in the rate{well} over {length_s:.0} s, as they do not tell a network from chance; \
             the list has them."
        ),
        (false, false) => format!("The rate{well} over {length_s:.0} s."),
    };
    Figure {
        id: "rate".into(),
        title: format!("Firing rate{well} and its {}", counted.words()),
        sentence: format!("{sentence}. {marked}"),
        x,
        y,
        layers: vec![Layer::Spans { spans: bursts.iter().map(span).collect() }, line],
    }
}

/// How many there are beside how many chance brings.
pub fn beside<M>(of: &SpikeTrains, counted: Counted, all: &[Own<M>]) -> Figure {
    match all {
        [one] if of.info().wells.is_none() => of_one(counted, one),
        _ => of_wells(of, counted, all),
    }
}

/// How many each copy holds, with a line at the culture's own.
#[expect(clippy::cast_precision_loss, reason = "counts of bursts")]
fn of_one<M>(counted: Counted, own: &Own<M>) -> Figure {
    let n = own.bursts().len() as f64;
    let counts: Vec<f64> =
        own.known().into_iter().flat_map(|found| &found.shifted).map(|tally| tally.n as f64).collect();
    let most = counts.iter().copied().fold(n, f64::max);
    let x = Axis::linear(&counted.title(), "", (0.0, 1.05 * most + 1.0));
    let histogram = Histogram::new(counts, &x, N_BARS);
    Figure {
        id: "chance".into(),
        title: format!("{} in shifted copies", counted.title()),
        sentence: format!("{}. The line is the culture, the bars are {SHIFTED_COPIES} copies.", told(counted, own)),
        y: Axis::linear("Shifted copies", "", (0.0, histogram.most().max(1.0))),
        x,
        layers: vec![histogram.bars(), Layer::Limit { at: n }],
    }
}

/// A bar for each well, and a point at the mean of its copies; a well without a number is shaded.
#[expect(clippy::cast_precision_loss, reason = "counts of bursts and wells")]
fn of_wells<M>(of: &SpikeTrains, counted: Counted, all: &[Own<M>]) -> Figure {
    let heights: Vec<f64> = all.iter().map(|own| own.bursts().len() as f64).collect();
    let known = all.iter().enumerate().filter_map(|(at, own)| Some((at, own.known()?)));
    let points: Vec<(f64, f64)> = known.map(|(at, found)| (at as f64 + 0.5, found.n_shifted())).collect();
    let most = points.iter().map(|point| point.1).chain(heights.iter().copied()).fold(0.0, f64::max);
    let n = all.iter().filter_map(Own::known).filter(|found| found.verdict() == Verdict::MoreThanChance).count();
    let n_chance = heights.iter().filter(|height| **height > 0.0).count() - n;
    let lacking = all.iter().enumerate().filter(|(_, own)| own.found.is_err());
    let spans: Vec<(f64, f64)> = lacking.map(|(at, _)| (at as f64, at as f64 + 1.0)).collect();
    let what = counted.words();
    let n_all = n_wells(of.info()).max(all.len());
    let lacking = match n_all - points.len() {
        0 => String::new(),
        n => format!(" {n} have no number (shaded), which the table explains."),
    };
    Figure {
        id: "chance".into(),
        title: format!("{} of each well, and by chance", counted.title()),
        sentence: format!(
            "{n} of {n_all} wells have more {what} than chance brings, {n_chance} have some that chance may bring.{lacking} \
             Bars are wells, points the mean of their shifted copies."
        ),
        x: Axis::linear(OVER_WELLS, "", (0.0, heights.len() as f64)),
        y: Axis::linear(&counted.title(), "", (0.0, if most > 0.0 { most } else { 1.0 })),
        layers: vec![
            Layer::Spans { spans },
            Layer::Bars { edges: (0..=heights.len()).map(|at| at as f64).collect(), heights },
            Layer::Points { points },
        ],
    }
}
