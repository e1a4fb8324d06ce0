//! The output of every burst method: tables of bursts, electrodes and wells, with the counts of random firing beside
//! them, and two figures.

mod random;

pub use random::chance_words;
use random::{beside_random, told_random, with_random};

use super::of_rows::{with_segments, with_wells};
use super::{Outcome, ParamSpec};
use crate::analyses::{BesideRandom, Burst, Intervals, MIN_DURATION_S, SpikeTrains, mean};
use crate::figure::{Axis, Figure, Histogram, Layer};
use crate::numbers::count;
use crate::table::Table;

/// Spikes of a burst, at least.
pub const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("Has at least", "spikes"),
    (2.0, 1000.0),
    (1.0, 5.0),
    "5 spikes: well-plate systems and meaRtools; 3 in NeuroExplorer.",
);

/// Bins of a histogram.
const N_BINS: usize = 50;

/// The standard deviation of a sample, as R has it; none of fewer than two.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied()).filter(|_| values.len() >= 2)?;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some(libm::sqrt(squares / (values.len() - 1) as f64))
}

/// The coefficient of variation with that deviation.
pub fn variation(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied()).filter(|mean| *mean > 0.0)?;
    deviation(values).map(|deviation| deviation / mean)
}

/// The bursts of one electrode, a list per segment.
struct Own<'a> {
    bursts: &'a [Vec<Burst>],
}

impl Own<'_> {
    fn each(&self) -> impl Iterator<Item = &Burst> {
        self.bursts.iter().flatten()
    }

    fn n(&self) -> u64 {
        self.each().count() as u64
    }

    /// From the end of a burst to the start of the next, within a segment.
    fn gaps_s(&self, of: &SpikeTrains) -> Vec<f64> {
        let pairs = self.bursts.iter().flat_map(|own| own.windows(2));
        pairs.map(|pair| of.seconds(pair[1].start - pair[0].end)).collect()
    }
}

/// Spikes in the bursts of one electrode, a list per segment. Where a burst starts with the spike with which the one
/// before it ends, that spike counts once.
pub fn n_inside(segments: &[Vec<Burst>]) -> u64 {
    let n: u64 = segments.iter().flatten().map(|burst| burst.n_spikes as u64).sum();
    let pairs = segments.iter().flat_map(|own| own.windows(2));
    n - pairs.filter(|pair| pair[1].start == pair[0].end).count() as u64
}

/// Tables and figures of bursts, `[channel][segment]`, which `find` finds in a train. `limits_ms` are drawn into the
/// intervals.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes and bursts")]
pub fn outcome(
    of: &SpikeTrains,
    bursts: &[Vec<Vec<Burst>>],
    find: &dyn Fn(&[i64]) -> Vec<Burst>,
    more: Table,
    limits_ms: &[f64],
) -> Outcome {
    let own = |channel: usize| Own { bursts: &bursts[channel] };
    let channels: Vec<usize> = (0..bursts.len()).collect();
    let info = of.info();
    let per_min = |channel: usize| {
        let observed_s = of.observed_s(channel);
        // As in the summary: a short recording has no numbers per minute.
        let is_long = info.duration_s() >= MIN_DURATION_S && observed_s > 0.0;
        is_long.then(|| own(channel).n() as f64 * 60.0 / observed_s)
    };
    let inside = |channel: usize| n_inside(&bursts[channel]);
    let duration = |burst: &Burst| of.seconds(burst.end - burst.start);
    let numbers = |value: &dyn Fn(usize) -> Option<f64>| channels.iter().map(|at| value(*at)).collect::<Vec<_>>();
    let share = |channel: usize| {
        let n = of.n_spikes(channel);
        (n > 0).then(|| inside(channel) as f64 * 100.0 / n as f64)
    };
    let durations = |channel: usize| mean(own(channel).each().map(duration));
    let sizes = |channel: usize| mean(own(channel).each().map(|burst| burst.n_spikes as f64));
    let rates = |channel: usize| {
        let lasting = own(channel);
        let lasting: Vec<f64> = lasting
            .each()
            .filter(|burst| burst.end > burst.start)
            .map(|burst| (burst.n_spikes - 1) as f64 / duration(burst))
            .collect();
        mean(lasting)
    };
    let electrodes = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), channels.iter().map(|at| info.channel_label(*at).to_owned()));
    let mut electrodes = with_wells(electrodes, of, channels.iter().copied())
        .counts(("n_bursts", "Bursts"), channels.iter().map(|at| own(*at).n()))
        .numbers(("bursts_per_min", "Burst rate", "per min"), numbers(&per_min))
        .counts(("n_spikes_in_bursts", "Spikes in bursts"), channels.iter().map(|at| inside(*at)))
        .numbers(("percent_spikes_in_bursts", "Share of spikes in bursts", "%"), numbers(&share))
        .numbers(("mean_duration_s", "Duration", "s"), numbers(&durations))
        .numbers(("mean_spikes", "Spikes per burst", ""), numbers(&sizes))
        .numbers(("mean_rate_inside_hz", "Rate in bursts", "Hz"), numbers(&rates))
        .numbers(("mean_ibi_s", "Time between bursts", "s"), numbers(&|at| mean(own(at).gaps_s(of))))
        .numbers(("cv_ibi", "Variation of that time", ""), numbers(&|at| variation(&own(at).gaps_s(of))));
    electrodes.columns.extend(more.columns);
    let beside: Vec<BesideRandom> = channels.iter().map(|at| beside_random(of, *at, &bursts[*at], find)).collect();
    let electrodes = with_random(electrodes, &beside);
    let mut tables = Vec::new();
    if info.wells.is_some() {
        tables.push(wells(of, bursts, &beside, &per_min));
    }
    tables.push(electrodes);
    tables.push(list(of, bursts));
    let all = beside.into_iter().fold(BesideRandom::default(), BesideRandom::and);
    Outcome { tables, figures: vec![intervals(of, limits_ms), lengths(of, bursts, &all)], absent: None }
}

/// Means over the active electrodes of each well.
fn wells(
    of: &SpikeTrains,
    bursts: &[Vec<Vec<Burst>>],
    beside: &[BesideRandom],
    per_min: &dyn Fn(usize) -> Option<f64>,
) -> Table {
    let cultures = of.cultures();
    let n = |culture: &Vec<usize>| culture.iter().map(|at| Own { bursts: &bursts[*at] }.n()).sum::<u64>();
    let active = |culture: &Vec<usize>| of.active(culture);
    let bursting =
        |culture: &Vec<usize>| active(culture).iter().filter(|at| Own { bursts: &bursts[**at] }.n() > 0).count() as u64;
    let together =
        |culture: &Vec<usize>| culture.iter().map(|at| beside[*at]).fold(BesideRandom::default(), BesideRandom::and);
    let rows: Vec<BesideRandom> = cultures.iter().map(together).collect();
    let table = Table::new("wells", "Wells")
        .texts(("well", "Well"), cultures.iter().map(|culture| of.well(culture[0]).to_owned()))
        .counts(("active_electrodes", "Active electrodes"), cultures.iter().map(|culture| active(culture).len() as u64))
        .counts(("bursting_electrodes", "Active electrodes with bursts"), cultures.iter().map(bursting))
        .counts(("n_bursts", "Bursts"), cultures.iter().map(n))
        .numbers(
            ("bursts_per_min", "Burst rate of an active electrode", "per min"),
            cultures.iter().map(|culture| mean(active(culture).iter().filter_map(|at| per_min(*at)))),
        );
    with_random(table, &rows)
}

/// A row for each burst.
fn list(of: &SpikeTrains, bursts: &[Vec<Vec<Burst>>]) -> Table {
    let all = || {
        bursts.iter().enumerate().flat_map(|(channel, segments)| {
            segments
                .iter()
                .enumerate()
                .flat_map(move |(segment, own)| own.iter().map(move |burst| (channel, segment, burst)))
        })
    };
    let table = with_wells(Table::new("bursts", "Bursts"), of, all().map(|(channel, ..)| channel));
    with_segments(table, of, all().map(|(_, segment, _)| segment))
        .texts(("electrode", "Electrode"), all().map(|(channel, ..)| of.info().channel_label(channel).to_owned()))
        .numbers(("start_s", "Start", "s"), all().map(|(_, segment, burst)| Some(of.time_s(segment, burst.start))))
        .numbers(("duration_s", "Duration", "s"), all().map(|(.., burst)| Some(of.seconds(burst.end - burst.start))))
        .counts(("n_spikes", "Spikes"), all().map(|(.., burst)| burst.n_spikes as u64))
}

/// Intervals of the active electrodes, with the limits of a burst.
fn intervals(of: &SpikeTrains, limits_ms: &[f64]) -> Figure {
    let Intervals { axis, histogram, n_all, n_channels } = of.intervals();
    let n: u64 = histogram.counts.iter().map(|count| u64::from(*count)).sum();
    let (all, others) = if n == *n_all {
        (String::new(), "")
    } else {
        (format!(" of {}", count(*n_all)), "; the others lie outside the axis")
    };
    let limits: Vec<String> = limits_ms.iter().map(|limit| format!("{limit} ms")).collect();
    let at = match limits.as_slice() {
        [] => String::new(),
        [one] => format!(" The limit lies at {one}."),
        several => format!(" The limits lie at {}.", several.join(" and ")),
    };
    let mut layers = vec![histogram.bars()];
    layers.extend(limits_ms.iter().map(|limit| Layer::Limit { at: *limit }));
    Figure {
        id: "intervals".into(),
        title: "Intervals of the active electrodes".into(),
        sentence: format!("{}{all} intervals between spikes of {n_channels} active electrodes{others}.{at}", count(n)),
        x: axis.clone(),
        y: Axis::linear("Intervals", "", (0.0, histogram.most().max(1.0))),
        layers,
    }
}

/// The lengths of bursts, and random firing beside them.
fn lengths(of: &SpikeTrains, bursts: &[Vec<Vec<Burst>>], random: &BesideRandom) -> Figure {
    let lengths: Vec<f64> =
        bursts.iter().flatten().flatten().map(|burst| of.seconds(burst.end - burst.start)).collect();
    let longest = lengths.iter().copied().fold(0.0, f64::max);
    // The longest lies within the last bin.
    let x = Axis::linear("Duration of a burst", "s", (0.0, if longest > 0.0 { longest * 1.001 } else { 1.0 }));
    let histogram = Histogram::new(lengths.iter().copied(), &x, N_BINS);
    let y = Axis::linear("Bursts", "", (0.0, histogram.most().max(1.0)));
    let mean = mean(lengths.iter().copied()).map_or_else(String::new, |mean| format!(", {mean:.3} s long on average"));
    Figure {
        id: "durations".into(),
        title: "How long bursts last".into(),
        sentence: format!("{} bursts{mean}.{}", lengths.len(), told_random(random)),
        x,
        y,
        layers: vec![histogram.bars()],
    }
}
