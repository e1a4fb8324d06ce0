//! The columns, in the tool's order and under its names; behind them the control.

use super::super::of_bursts::deviation;
use super::Well;
use super::electrode::Electrode;
use super::network::NetworkBurst;
use crate::analyses::mean;
use crate::table::Table;

/// All columns, behind those that the table has.
pub fn columns(table: Table, wells: &[Well]) -> Table {
    let table = of_activity(table, wells);
    let table = of_bursts(table, wells);
    let table = of_network_bursts(table, wells);
    table
        .numbers(
            ("n_network_bursts_shifted", "Network bursts in shifted copies", ""),
            wells.iter().map(|well| Some(well.network.n_shifted)),
        )
        .texts(("chance", "Network bursts against chance"), wells.iter().map(|well| well.network.verdict.to_owned()))
}

fn of_activity(table: Table, wells: &[Well]) -> Table {
    let average = |value: fn(&Electrode) -> Option<f64>| averages(&of_electrodes(wells, value));
    table
        .counts(("n_spikes", "Number of Spikes"), sums(wells, |own| own.n_spikes))
        .numbers(("mean_firing_rate_hz", "Mean Firing Rate", "Hz"), average(|own| own.rate_hz))
        .numbers(("isi_cv_avg", "ISI Coefficient of Variation - Avg", ""), average(|own| own.isi_cv))
        .counts(("active_electrodes", "Number of Active Electrodes"), sums(wells, |own| u64::from(own.is_active)))
        .numbers(
            ("weighted_mean_firing_rate_hz", "Weighted Mean Firing Rate", "Hz"),
            average(|own| own.rate_hz.filter(|_| own.is_active)),
        )
}

fn of_bursts(table: Table, wells: &[Well]) -> Table {
    let of = |value: fn(&Electrode) -> Option<f64>| of_electrodes(wells, value);
    let table = table.counts(("n_bursts", "Number of Bursts"), sums(wells, |own| own.n_bursts)).counts(
        ("bursting_electrodes", "Number of Bursting Electrodes"),
        sums(wells, |own| u64::from(own.n_bursts > 0)),
    );
    let table = both(table, ("burst_duration", "_s"), ("Burst Duration", "s"), &of(|own| own.duration_s));
    let table = both(table, ("spikes_per_burst", ""), ("Number of Spikes per Burst", ""), &of(|own| own.spikes));
    let table = both(table, ("mean_isi_within_burst", "_s"), ("Mean ISI within Burst", "s"), &of(|own| own.mean_isi_s));
    let table =
        both(table, ("median_isi_within_burst", "_s"), ("Median ISI within Burst", "s"), &of(|own| own.median_isi_s));
    let table = both(
        table,
        ("median_to_mean_isi_within_burst", ""),
        ("Median/Mean ISI within Burst", ""),
        &of(|own| own.median_to_mean),
    );
    let table = both(table, ("inter_burst_interval", "_s"), ("Inter-Burst Interval", "s"), &of(|own| own.ibi_s));
    let table = both(table, ("burst_frequency", "_hz"), ("Burst Frequency", "Hz"), &of(|own| own.bursts_hz));
    let table = both(table, ("ibi_cv", ""), ("IBI Coefficient of Variation", ""), &of(|own| own.ibi_cv));
    both(table, ("percent_spikes_in_bursts", ""), ("Burst Percentage", "%"), &of(|own| own.percent_inside))
}

fn of_network_bursts(table: Table, wells: &[Well]) -> Table {
    let of = |value: fn(&NetworkBurst) -> Option<f64>| -> Vec<Vec<f64>> {
        wells.iter().map(|well| well.network.bursts.iter().filter_map(value).collect()).collect()
    };
    let table = table
        .counts(
            ("n_network_bursts", "Number of Network Bursts"),
            wells.iter().map(|well| well.network.bursts.len() as u64),
        )
        .numbers(
            ("network_burst_frequency_hz", "Network Burst Frequency", "Hz"),
            wells.iter().map(|well| well.network.bursts_hz),
        );
    let table = both(
        table,
        ("network_burst_duration", "_s"),
        ("Network Burst Duration", "s"),
        &of(|burst| Some(burst.duration_s)),
    );
    let table = both(
        table,
        ("spikes_per_network_burst", ""),
        ("Number of Spikes per Network Burst", ""),
        &of(|burst| Some(burst.n_spikes)),
    );
    let table = both(
        table,
        ("mean_isi_within_network_burst", "_s"),
        ("Mean ISI within Network Burst", "s"),
        &of(|burst| burst.inside.map(|inside| inside.mean)),
    );
    let table = both(
        table,
        ("median_isi_within_network_burst", "_s"),
        ("Median ISI within Network Burst", "s"),
        &of(|burst| burst.inside.map(|inside| inside.median)),
    );
    let table = both(
        table,
        ("median_to_mean_isi_within_network_burst", ""),
        ("Median/Mean ISI within Network Burst", ""),
        &of(|burst| burst.inside.and_then(|inside| inside.ratio)),
    );
    let table = both(
        table,
        ("electrodes_per_network_burst", ""),
        ("Number of Elecs Participating in Burst", ""),
        &of(|burst| Some(burst.n_electrodes)),
    );
    let table = both(
        table,
        ("spikes_per_network_burst_per_channel", ""),
        ("Number of Spikes per Network Burst per Channel", ""),
        &of(|burst| Some(burst.n_spikes / burst.n_electrodes)),
    );
    table
        .numbers(
            ("percent_spikes_in_network_bursts", "Network Burst Percentage", "%"),
            wells.iter().map(|well| well.network.percent_inside),
        )
        .numbers(
            ("network_ibi_cv", "Network IBI Coefficient of Variation", ""),
            wells.iter().map(|well| well.network.ibi_cv),
        )
}

/// A count over the electrodes of each well.
fn sums(wells: &[Well], count: fn(&Electrode) -> u64) -> Vec<u64> {
    wells.iter().map(|well| well.electrodes.iter().map(count).sum::<u64>()).collect()
}

/// A value of the electrodes of each well, of those that have it.
fn of_electrodes(wells: &[Well], value: fn(&Electrode) -> Option<f64>) -> Vec<Vec<f64>> {
    wells.iter().map(|well| well.electrodes.iter().filter_map(value).collect()).collect()
}

fn averages(values: &[Vec<f64>]) -> Vec<Option<f64>> {
    values.iter().map(|own| mean(own.iter().copied())).collect()
}

/// Adds mean and deviation of the values of each well. Names are what stands before `_avg` and `_std`, and the
/// unit behind; then the title, and the unit on screen.
fn both(table: Table, (name, suffix): (&str, &str), (title, unit): (&str, &str), values: &[Vec<f64>]) -> Table {
    table.numbers((&format!("{name}_avg{suffix}"), &format!("{title} - Avg"), unit), averages(values)).numbers(
        (&format!("{name}_std{suffix}"), &format!("{title} - Std"), unit),
        values.iter().map(|own| deviation(own)),
    )
}
