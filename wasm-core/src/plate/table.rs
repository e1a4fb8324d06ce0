//! The numbers of the summary of each well, as a table.

use crate::recording::StreamKind;
use crate::run::{Culture, Summary};
use crate::table::Table;

/// A row for each well, in the word for what its channels are.
#[must_use]
pub fn wells_table(summary: &Summary, kind: StreamKind) -> Table {
    let wells = &summary.wells;
    let of = |value: &dyn Fn(&Culture) -> Option<f64>| wells.iter().map(value).collect::<Vec<_>>();
    Table::new("wells", "Wells")
        .texts(("well", "Well"), wells.iter().map(|well| well.well.clone().unwrap_or_default()))
        .counts(("n_electrodes", &kind.worded("Electrodes")), wells.iter().map(|well| well.n_electrodes as u64))
        .counts(("active_electrodes", "Active"), wells.iter().map(|well| well.active_electrodes as u64))
        .numbers(("mean_rate_hz", "Rate", "Hz"), of(&|well| well.mean_rate_hz))
        .numbers(("bursts_per_min", "Bursts", "per min"), of(&|well| well.bursts_per_min))
        .numbers(("network_bursts_per_min", "Network bursts", "per min"), of(&|well| well.network_bursts_per_min))
        .numbers(
            ("network_bursts_per_min_shifted", "In shifted copies", "per min"),
            of(&|well| well.network_bursts_per_min_shifted),
        )
        .numbers(("network_burst_participants", "Take part", ""), of(&|well| well.network_burst_participants))
        .numbers(("network_burst_duration_s", "Duration", "s"), of(&|well| well.network_burst_duration_s))
        .numbers(("synchrony_sttc", "Synchrony", "STTC"), of(&|well| well.synchrony_sttc))
}
