//! Tables of a result, with every digit that is known: numbers are written as short as they can be
//! read back exactly, and what is absent is an empty cell.

use std::fmt::{Display, Write};

use super::{ChannelSummary, Culture, Summary};
use crate::csv::cell;
use crate::recording::{StreamInfo, StreamKind};
use crate::spikes::Spike;

/// A column of a table: its title, and its cell in a line.
type Column<T> = (&'static str, fn(&T) -> String);

const OF_CHANNELS: &[Column<ChannelSummary>] = &[
    ("id", |of| cell(&of.id)),
    ("name", |of| cell(of.name.as_deref().unwrap_or_default())),
    ("well", |of| cell(of.well.as_deref().unwrap_or_default())),
    ("n_spikes", |of| of.n_spikes.to_string()),
    ("rate_hz", |of| known(of.rate_hz)),
    ("n_bursts", |of| of.n_bursts.to_string()),
    ("mean_amplitude_uv", |of| known(of.mean_amplitude_uv)),
    ("noise_uv", |of| known(of.noise_uv)),
    ("threshold_uv", |of| known(of.threshold_uv)),
    ("left_out", |of| of.left_out.to_string()),
    ("dead", |of| of.dead.to_string()),
];

/// The last column tells why numbers are absent.
const OF_WELLS: &[Column<Culture>] = &[
    ("well", |of| cell(of.well.as_deref().unwrap_or_default())),
    ("n_electrodes", |of| of.n_electrodes.to_string()),
    ("active_electrodes", |of| of.active_electrodes.to_string()),
    ("mean_rate_hz", |of| known(of.mean_rate_hz)),
    ("n_bursts", |of| of.n_bursts.to_string()),
    ("bursts_per_min", |of| known(of.bursts_per_min)),
    ("n_network_bursts", |of| known(of.n_network_bursts)),
    ("network_bursts_per_min", |of| known(of.network_bursts_per_min)),
    ("network_bursts_per_min_shifted", |of| known(of.network_bursts_per_min_shifted)),
    ("network_burst_participants", |of| known(of.network_burst_participants)),
    ("network_burst_participation", |of| known(of.network_burst_participation)),
    ("network_burst_duration_s", |of| known(of.network_burst_duration_s)),
    ("synchrony_sttc", |of| known(of.synchrony_sttc)),
    ("absent", |of| {
        let absent: Vec<String> = of.absent.iter().map(|(field, reason)| format!("{field}: {reason}")).collect();
        cell(&absent.join("; "))
    }),
];

/// The channels: a line each, in the order of the stream.
#[must_use]
pub fn channels_csv(summary: &Summary) -> String {
    table(OF_CHANNELS, &summary.channels)
}

/// The wells of a plate: a line each; only the titles where there are none.
#[must_use]
pub fn wells_csv(summary: &Summary) -> String {
    table(OF_WELLS, &summary.wells)
}

/// The spikes: a line each, in their order. `time_s` counts in the recording system's clock; less
/// `segment_start_s` it is the time within the segment. Spikes of units have the unit in place of the
/// channel. A size that nobody recorded is an empty cell.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
pub fn spikes_csv(info: &StreamInfo, spikes: &[Spike]) -> String {
    let of = if info.kind == StreamKind::Units { "unit" } else { "channel" };
    let mut text =
        format!("segment_index,segment_start_s,sample_index,time_s,{of}_index,{of}_id,{of}_name,amplitude_uv\n");
    let names: Vec<String> = (0..info.n_channels).map(|channel| names_of(info, channel)).collect();
    for spike in spikes {
        let (segment, sample, channel) = spike.key();
        let start_s = info.segments.get(segment as usize).map_or(0.0, |segment| segment.t_start_s);
        let time_s = start_s + sample as f64 / info.sampling_frequency_hz;
        let names = names.get(channel as usize).map_or(",", String::as_str);
        // Writing to a string does not fail.
        let amplitude_uv = known(spike.known_uv());
        let _ = writeln!(text, "{segment},{start_s},{sample},{time_s},{channel},{names},{amplitude_uv}");
    }
    text
}

/// Id and name of a channel, as two cells.
fn names_of(info: &StreamInfo, channel: usize) -> String {
    let name = info.channel_names.as_ref().and_then(|names| names.get(channel));
    let id = info.channel_ids.get(channel).map_or("", String::as_str);
    format!("{},{}", cell(id), cell(name.map_or("", String::as_str)))
}

/// A number as short as it can be read back exactly; nothing where it is absent.
fn known<T: Display>(number: Option<T>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

/// A table of cells, with lines that end as Unix ends them.
fn table<T>(columns: &[Column<T>], lines: &[T]) -> String {
    let titles: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    let mut text = titles.join(",") + "\n";
    for line in lines {
        let cells: Vec<String> = columns.iter().map(|(_, cell)| cell(line)).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}
