//! Tables of avalanches.

use std::collections::BTreeSet;

use super::Own;
use crate::analyses::{AvalancheCounts, Avalanches, Decay, SHIFTED_COPIES, SpikeTrains, mean, mean_counted};
use crate::blocks::of_rows::{row_of_each, with_wells};
use crate::table::Table;

/// Which numbers of avalanches a table counts.
#[derive(Clone, Copy)]
pub struct Counted {
    id: &'static str,
    title: &'static str,
    /// Name and title of the column.
    column: (&'static str, &'static str),
    counts: fn(&Avalanches) -> &AvalancheCounts,
}

/// By spikes.
pub const SIZES: Counted = Counted {
    id: "sizes",
    title: "Sizes of avalanches",
    column: ("size_spikes", "Spikes"),
    counts: |found| &found.sizes,
};

/// By bins.
pub const DURATIONS: Counted = Counted {
    id: "durations",
    title: "Durations of avalanches",
    column: ("duration_bins", "Bins"),
    counts: |found| &found.durations,
};

/// A row for each culture.
pub fn cultures(of: &SpikeTrains, all: &[Own], mr_bin_ms: f64) -> Table {
    let table = row_of_each(of, ("cultures", "Cultures"), all.iter().map(|own| own.first))
        .counts(("electrodes", "Electrodes that fire"), all.iter().map(|own| own.n_firing as u64))
        .numbers(("bin_ms", "Bin", "ms"), all.iter().map(|own| Some(own.bin_ms)));
    branching(avalanches(table, all), all, mr_bin_ms)
}

/// The mean of a number over the shifted copies of a culture.
fn shifted(own: &Own, value: &dyn Fn(&Avalanches) -> Option<f64>) -> Option<f64> {
    mean(own.shifted.iter().filter_map(value))
}

/// The largest size or duration.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn most(counts: &AvalancheCounts) -> Option<f64> {
    counts.keys().next_back().map(|value| *value as f64)
}

#[expect(clippy::cast_precision_loss, reason = "counts of avalanches")]
fn avalanches(table: Table, all: &[Own]) -> Table {
    let of = |value: &dyn Fn(&Avalanches) -> Option<f64>| all.iter().map(|own| value(&own.found)).collect::<Vec<_>>();
    let copies =
        |value: &dyn Fn(&Avalanches) -> Option<f64>| all.iter().map(|own| shifted(own, value)).collect::<Vec<_>>();
    let n = |found: &Avalanches| Some(found.n() as f64);
    let size = |found: &Avalanches| mean_counted(&found.sizes);
    let largest = |found: &Avalanches| most(&found.sizes);
    let duration = |found: &Avalanches| mean_counted(&found.durations);
    let longest = |found: &Avalanches| most(&found.durations);
    let electrodes = |found: &Avalanches| found.mean_electrodes;
    table
        .numbers(("n_avalanches", "Avalanches", ""), of(&n))
        .numbers(("n_avalanches_shifted", "In shifted copies", ""), copies(&n))
        .numbers(("mean_size_spikes", "Spikes of an avalanche", ""), of(&size))
        .numbers(("mean_size_spikes_shifted", "In shifted copies", ""), copies(&size))
        .numbers(("max_size_spikes", "Most spikes", ""), of(&largest))
        .numbers(("max_size_spikes_shifted", "In shifted copies", ""), copies(&largest))
        .numbers(("mean_size_electrodes", "Electrodes of an avalanche", ""), of(&electrodes))
        .numbers(("mean_size_electrodes_shifted", "In shifted copies", ""), copies(&electrodes))
        .numbers(("mean_duration_bins", "Bins of an avalanche", ""), of(&duration))
        .numbers(("mean_duration_bins_shifted", "In shifted copies", ""), copies(&duration))
        .numbers(("max_duration_bins", "Most bins", ""), of(&longest))
        .numbers(("max_duration_bins_shifted", "In shifted copies", ""), copies(&longest))
}

fn branching(table: Table, all: &[Own], mr_bin_ms: f64) -> Table {
    let first_bins = |found: &Avalanches| found.branching_first_bins;
    let all_bins = |found: &Avalanches| found.branching_all_bins;
    let told = |value: &dyn Fn(Decay) -> f64| all.iter().map(|own| own.branching.told().map(value)).collect::<Vec<_>>();
    table
        .numbers(
            ("branching_first_bins", "Branching, second bin by first", ""),
            all.iter().map(|own| own.found.branching_first_bins),
        )
        .numbers(
            ("branching_first_bins_shifted", "In shifted copies", ""),
            all.iter().map(|own| shifted(own, &first_bins)),
        )
        .numbers(
            ("branching_all_bins", "Branching, each bin by the one before", ""),
            all.iter().map(|own| own.found.branching_all_bins),
        )
        .numbers(("branching_all_bins_shifted", "In shifted copies", ""), all.iter().map(|own| shifted(own, &all_bins)))
        .numbers(
            ("r_1", "Regression of neighbouring bins (r_1)", ""),
            all.iter().map(|own| first(&own.branching.coefficients)),
        )
        .numbers(("r_1_shifted", "In shifted copies", ""), all.iter().map(|own| first(&own.branching.shifted)))
        .numbers(("m", "Branching (m)", ""), told(&|fit| fit.m))
        .numbers(("m_shifted", "In shifted copies", ""), all.iter().map(|own| own.branching.m_shifted))
        .numbers(("tau_ms", "Decay of activity", "ms"), told(&|fit| fit.tau_bins * mr_bin_ms))
        .numbers(("r_squared", "Fit (R²)", ""), all.iter().map(|own| own.branching.fit.map(|fit| fit.r_squared)))
        .texts(("why_no_m", "Why there is no m"), all.iter().map(|own| own.branching.reason.clone()))
}

fn first(values: &[f64]) -> Option<f64> {
    values.first().copied()
}

/// A row for each size or duration that an avalanche has, in the culture or in a copy.
#[expect(clippy::cast_precision_loss, reason = "counts of avalanches")]
pub fn counted(of: &SpikeTrains, all: &[Own], by: Counted) -> Table {
    let mut rows: Vec<(&Own, u64, u64, f64)> = Vec::new();
    for own in all {
        let (found, shifted) = ((by.counts)(&own.found), own.counts_shifted(by.counts));
        let values: BTreeSet<u64> = found.keys().chain(shifted.keys()).copied().collect();
        for value in values {
            let of_copies = shifted.get(&value).copied().unwrap_or_default();
            let n = found.get(&value).copied().unwrap_or_default();
            rows.push((own, value, n, of_copies as f64 / SHIFTED_COPIES as f64));
        }
    }
    with_wells(Table::new(by.id, by.title), of, rows.iter().map(|row| row.0.first))
        .counts(by.column, rows.iter().map(|row| row.1))
        .counts(("n_avalanches", "Avalanches"), rows.iter().map(|row| row.2))
        .numbers(("n_avalanches_shifted", "In a shifted copy", ""), rows.iter().map(|row| Some(row.3)))
}

/// A row for each lag.
#[expect(clippy::cast_precision_loss, reason = "lags")]
pub fn coefficients(of: &SpikeTrains, all: &[Own], mr_bin_ms: f64) -> Table {
    let rows = || all.iter().flat_map(|own| (0..own.branching.coefficients.len()).map(move |at| (own, at)));
    with_wells(Table::new("r_k", "Regression by lag"), of, rows().map(|(own, _)| own.first))
        .numbers(("lag_ms", "Lag", "ms"), rows().map(|(_, at)| Some((at + 1) as f64 * mr_bin_ms)))
        .numbers(("r", "Regression (r_k)", ""), rows().map(|(own, at)| Some(own.branching.coefficients[at])))
        .numbers(("r_shifted", "In shifted copies", ""), rows().map(|(own, at)| own.branching.shifted.get(at).copied()))
        .numbers(
            ("r_fit", "Fit", ""),
            rows().map(|(own, at)| own.branching.told().map(|fit| fit.amplitude * libm::pow(fit.m, (at + 1) as f64))),
        )
}
