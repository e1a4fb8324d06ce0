//! Moments at which many electrodes burst together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::of_rate::Rate;
use super::of_rows::{row_of_each, with_segments, with_wells};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{
    NETWORK_MIN_ACTIVE, NetworkActivity, NetworkBurst, NetworkLimits, SHIFTED_COPIES, SpikeTrains, mean,
};
use crate::figure::{Axis, Figure, Histogram, Layer, OVER_WELLS};
use crate::numbers::counted;
use crate::recording::n_wells;
use crate::table::Table;

const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("Joins with", "spikes"),
    (2.0, 100.0),
    (1.0, 3.0),
    "3 spikes: Cotterill et al. 2016; an electrode may join with few.",
);
const MAX_INTERVAL_MS: ParamSpec = ParamSpec::number(
    "max_interval_ms",
    ("Each within", "ms"),
    (5.0, 2000.0),
    (5.0, 200.0),
    "200 ms. Where electrodes fire so densely that this has most of them in a burst all the time, half of it is tried.",
);
const MIN_ELECTRODES: ParamSpec = ParamSpec::number(
    "min_electrodes",
    ("At least", "electrodes"),
    (2.0, 1000.0),
    (1.0, 3.0),
    "3 electrodes: two fire together often. More are asked for where chance would bring three together.",
);
const MIN_PERCENT: ParamSpec = ParamSpec::number(
    "min_percent",
    ("And at least", "% of active"),
    (1.0, 100.0),
    (1.0, 25.0),
    "25 %: MEAlytics; Axion's software takes 25 to 35 %.",
);
const MIN_GAP_MS: ParamSpec = ParamSpec::number(
    "min_gap_ms",
    ("Merge up to", "ms"),
    (1.0, 10_000.0),
    (10.0, 300.0),
    "300 ms: the shortest interval between bursts in meaRtools.",
);

/// Bars of the counts in shifted copies.
const N_BARS: usize = 40;

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "network_bursts",
    version: 1,
    title: "Network bursts",
    purpose: "Does the culture fire as a network? More electrodes burst at once than chance brings together.",
    takes: Port::Spikes,
    gives: Port::NetworkBursts,
    optional: false,
    params: &[&MIN_SPIKES, &MAX_INTERVAL_MS, &MIN_ELECTRODES, &MIN_PERCENT, &MIN_GAP_MS],
    source: "Electrode bursts first, then their overlap: Wagenaar, Pine & Potter 2006, doi:10.1186/1471-2202-7-11; chance: Neurocyte",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "An electrode joins while it fires at least {} spikes of which each follows the one before within {} ms. A \
         network burst is where at least {} electrodes, {} % of the active ones, and more than independent electrodes \
         would bring together by chance join at once; those at most {} ms apart are one. The same search over \
         {SHIFTED_COPIES} copies, in which every electrode is moved along the recording by a time of its own, tells \
         what chance brings.",
        values.text(&MIN_SPIKES),
        values.text(&MAX_INTERVAL_MS),
        values.text(&MIN_ELECTRODES),
        values.text(&MIN_PERCENT),
        values.text(&MIN_GAP_MS),
    )
}

/// Network bursts of one culture.
struct Own {
    /// One of its channels.
    first: usize,
    n_active: usize,
    /// Why too few of them can be compared.
    few: Option<String>,
    /// None where too few electrodes are active.
    found: Option<Arc<NetworkActivity>>,
}

impl Own {
    /// Why it has no numbers; none where it has.
    fn reason(&self) -> Option<String> {
        if self.found.is_some() {
            return None;
        }
        let shared = || Some("too many electrodes see the same neurons".to_owned());
        self.few.clone().or_else(shared)
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let interval_s = values.number(&MAX_INTERVAL_MS) / 1000.0;
    let limits = NetworkLimits {
        min_spikes: values.count(&MIN_SPIKES),
        intervals_s: [interval_s, interval_s / 2.0],
        min_electrodes: values.count(&MIN_ELECTRODES),
        min_share: values.number(&MIN_PERCENT) / 100.0,
        gap_s: values.number(&MIN_GAP_MS) / 1000.0,
    };
    let own = |culture: &Vec<usize>| {
        let few = of.too_few_compared(culture, NETWORK_MIN_ACTIVE);
        let search = || of.network_bursts(culture, &limits);
        let found = few.is_none().then(search);
        let found = found.filter(|found| found.n_sources >= NETWORK_MIN_ACTIVE);
        Own { first: culture[0], n_active: of.active(&of.throughout(culture)).len(), few, found }
    };
    let all: Vec<Own> = of.cultures().iter().filter(|culture| !culture.is_empty()).map(own).collect();
    if all.iter().all(|own| own.found.is_none()) {
        let reasons: Vec<String> = told_reasons(&all).into_keys().collect();
        return Outcome::absent(if reasons.is_empty() { "no electrodes".to_owned() } else { reasons.join("; ") });
    }
    let beside = if of.info().wells.is_some() { Some(of_wells(of, &all)) } else { in_copies(&all) };
    let figures = std::iter::once(over_time(of, &all)).chain(beside).collect();
    Outcome { tables: vec![cultures(of, &all), list(of, &all)], figures, absent: None }
}

#[expect(clippy::cast_precision_loss, reason = "counts of bursts")]
fn cultures(of: &SpikeTrains, all: &[Own]) -> Table {
    let duration_s = of.info().duration_s();
    let per_min = |count: f64| Some(count * 60.0 / duration_s);
    let over = |own: &Own, value: &dyn Fn(&NetworkBurst) -> f64| mean(own.found.as_ref()?.bursts.iter().map(value));
    row_of_each(of, ("cultures", "Cultures"), all.iter().map(|own| own.first))
        .counts(("active_electrodes", "Active electrodes"), all.iter().map(|own| own.n_active as u64))
        .numbers(
            ("n_network_bursts", "Network bursts", ""),
            all.iter().map(|own| own.found.as_ref().map(|found| found.bursts.len() as f64)),
        )
        .numbers(
            ("network_bursts_per_min", "Rate", "per min"),
            all.iter().map(|own| per_min(own.found.as_ref()?.bursts.len() as f64)),
        )
        .numbers(
            ("network_bursts_per_min_shifted", "In shifted copies", "per min"),
            all.iter().map(|own| per_min(own.found.as_ref()?.n_shifted)),
        )
        .numbers(
            ("duration_s", "Duration", "s"),
            all.iter().map(|own| over(own, &|burst| of.seconds(burst.end - burst.start))),
        )
        .numbers(
            ("participants", "Electrodes that join", ""),
            all.iter().map(|own| over(own, &|burst| burst.n_participants as f64)),
        )
        .numbers(
            ("participation_percent", "Share of the active", "%"),
            all.iter().map(|own| over(own, &|burst| burst.participation * 100.0)),
        )
}

fn list(of: &SpikeTrains, all: &[Own]) -> Table {
    let bursts = || {
        all.iter().flat_map(|own| {
            let found = own.found.iter().flat_map(|found| &found.bursts);
            found.map(move |burst| (own, burst))
        })
    };
    let table = with_wells(Table::new("bursts", "Network bursts"), of, bursts().map(|(own, _)| own.first));
    with_segments(table, of, bursts().map(|(_, burst)| burst.segment))
        .numbers(("start_s", "Start", "s"), bursts().map(|(_, burst)| Some(of.time_s(burst.segment, burst.start))))
        .numbers(("duration_s", "Duration", "s"), bursts().map(|(_, burst)| Some(of.seconds(burst.end - burst.start))))
        .counts(("n_electrodes", "Electrodes"), bursts().map(|(_, burst)| burst.n_participants as u64))
        .numbers(
            ("participation_percent", "Share of the active", "%"),
            bursts().map(|(_, burst)| Some(burst.participation * 100.0)),
        )
}

/// The rate of all active electrodes together, and where the network bursts lie.
fn over_time(of: &SpikeTrains, all: &[Own]) -> Figure {
    let bursts: Vec<&NetworkBurst> =
        all.iter().filter_map(|own| own.found.as_ref()).flat_map(|found| &found.bursts).collect();
    let active: Vec<usize> = of.cultures().iter().flat_map(|culture| of.active(&of.throughout(culture))).collect();
    let Rate { x, y, line, length_s } = Rate::new(of, &active);
    let marked = if bursts.is_empty() { "" } else { ", marked in the rate over time" };
    let span = |burst: &&NetworkBurst| (of.time_s(burst.segment, burst.start), of.time_s(burst.segment, burst.end));
    Figure {
        id: "rate".into(),
        title: "Firing rate and network bursts".into(),
        sentence: format!("{} in {length_s:.0} s{marked}.", counted(bursts.len() as u64, "network burst")),
        x,
        y,
        layers: vec![Layer::Spans { spans: bursts.iter().map(span).collect() }, line],
    }
}

/// Why cultures have no numbers, each reason once, and how many they are.
fn told_reasons(all: &[Own]) -> BTreeMap<String, u64> {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for reason in all.iter().filter_map(Own::reason) {
        *reasons.entry(reason).or_default() += 1;
    }
    reasons
}

/// How many each shifted copy holds, with a line at the culture's own.
#[expect(clippy::cast_precision_loss, reason = "counts of bursts")]
fn in_copies(all: &[Own]) -> Option<Figure> {
    let found = all.iter().find_map(|own| own.found.as_ref())?;
    let n = found.bursts.len() as f64;
    let counts: Vec<f64> = found.in_copies.iter().map(|n| *n as f64).collect();
    let most = counts.iter().copied().fold(n, f64::max);
    let x = Axis::linear("Network bursts", "", (0.0, 1.05 * most + 1.0));
    let histogram = Histogram::new(counts, &x, N_BARS);
    Some(Figure {
        id: "chance".into(),
        title: "Network bursts in shifted copies".into(),
        sentence: format!(
            "{}, {:.1} on average in shifted copies. The line is the culture, the bars are {SHIFTED_COPIES} copies.",
            counted(found.bursts.len() as u64, "network burst"),
            found.n_shifted
        ),
        y: Axis::linear("Shifted copies", "", (0.0, histogram.most().max(1.0))),
        x,
        layers: vec![histogram.bars(), Layer::Limit { at: n }],
    })
}

/// Network bursts per minute of each well; a well without a number is shaded.
#[expect(clippy::cast_precision_loss, reason = "counts of bursts and wells")]
fn of_wells(of: &SpikeTrains, all: &[Own]) -> Figure {
    let minutes = of.info().duration_s() / 60.0;
    let heights: Vec<f64> =
        all.iter().map(|own| own.found.as_ref().map_or(0.0, |found| found.bursts.len() as f64 / minutes)).collect();
    let most = heights.iter().copied().fold(0.0, f64::max);
    let n = heights.iter().filter(|height| **height > 0.0).count();
    let lacking = all.iter().enumerate().filter(|(_, own)| own.found.is_none());
    let spans: Vec<(f64, f64)> = lacking.map(|(at, _)| (at as f64, at as f64 + 1.0)).collect();
    let n_all = n_wells(of.info()).max(heights.len());
    let mut reasons = told_reasons(all);
    if n_all > all.len() {
        reasons.insert("no electrode was recorded".into(), (n_all - all.len()) as u64);
    }
    let each: Vec<String> =
        reasons.iter().map(|(reason, n)| format!(" Not of {}: {reason}.", counted(*n, "well"))).collect();
    let lacking = each.concat();
    let shaded = if spans.is_empty() { "" } else { " Shaded wells have no number." };
    Figure {
        id: "wells".into(),
        title: "Network bursts of each well".into(),
        sentence: format!("{n} of {n_all} wells have network bursts, at most {most:.2} per minute.{lacking}{shaded}"),
        x: Axis::linear(OVER_WELLS, "", (0.0, heights.len() as f64)),
        y: Axis::linear("Network bursts", "per min", (0.0, if most > 0.0 { most } else { 1.0 })),
        layers: vec![
            Layer::Spans { spans },
            Layer::Bars { edges: (0..=heights.len()).map(|at| at as f64).collect(), heights },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::too_few_active;

    #[test]
    fn each_reason_is_told_once() {
        let few = |n_active| too_few_active(n_active, NETWORK_MIN_ACTIVE);
        let lacking = |n_active| Own { first: 0, n_active, few: few(n_active), found: None };
        let known = Own { first: 0, n_active: 5, few: None, found: Some(Arc::default()) };
        let reasons = told_reasons(&[lacking(0), lacking(2), known, lacking(0), lacking(5)]);
        let expected = [
            ("no active electrodes", 2),
            ("not enough active electrodes (2 of the 4 that are needed)", 1),
            ("too many electrodes see the same neurons", 1),
        ];
        assert!(reasons.iter().map(|(reason, n)| (reason.as_str(), *n)).eq(expected));
    }
}
