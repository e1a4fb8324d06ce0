//! Tables of a result, with every digit that is known: numbers are written as short as they can be
//! read back exactly, and what is absent is an empty cell.

use std::fmt::{Display, Write};

use super::{ChannelSummary, Culture, Summary};
use crate::csv::cell;
use crate::recording::{StreamInfo, StreamKind};
use crate::spikes::Spike;

/// The channels: a line each, in the order of the stream.
#[must_use]
pub fn channels_csv(summary: &Summary) -> String {
    let titles = [
        "id",
        "name",
        "well",
        "n_spikes",
        "rate_hz",
        "n_bursts",
        "mean_amplitude_uv",
        "noise_uv",
        "threshold_uv",
        "left_out",
        "dead",
    ];
    table(&titles, summary.channels.iter().map(of_channel))
}

fn of_channel(channel: &ChannelSummary) -> [String; 11] {
    [
        cell(&channel.id),
        cell(channel.name.as_deref().unwrap_or_default()),
        cell(channel.well.as_deref().unwrap_or_default()),
        channel.n_spikes.to_string(),
        known(channel.rate_hz),
        channel.n_bursts.to_string(),
        known(channel.mean_amplitude_uv),
        known(channel.noise_uv),
        known(channel.threshold_uv),
        channel.left_out.to_string(),
        channel.dead.to_string(),
    ]
}

/// The wells of a plate: a line each; only the titles where there are none. The last column tells
/// why numbers are absent.
#[must_use]
pub fn wells_csv(summary: &Summary) -> String {
    let titles = [
        "well",
        "n_electrodes",
        "active_electrodes",
        "mean_rate_hz",
        "n_bursts",
        "bursts_per_min",
        "n_network_bursts",
        "network_bursts_per_min",
        "network_bursts_per_min_shifted",
        "network_burst_participants",
        "network_burst_participation",
        "network_burst_duration_s",
        "synchrony_sttc",
        "absent",
    ];
    table(&titles, summary.wells.iter().map(of_well))
}

fn of_well(well: &Culture) -> [String; 14] {
    let absent: Vec<String> = well.absent.iter().map(|(field, reason)| format!("{field}: {reason}")).collect();
    [
        cell(well.well.as_deref().unwrap_or_default()),
        well.n_electrodes.to_string(),
        well.active_electrodes.to_string(),
        known(well.mean_rate_hz),
        well.n_bursts.to_string(),
        known(well.bursts_per_min),
        known(well.n_network_bursts),
        known(well.network_bursts_per_min),
        known(well.network_bursts_per_min_shifted),
        known(well.network_burst_participants),
        known(well.network_burst_participation),
        known(well.network_burst_duration_s),
        known(well.synchrony_sttc),
        cell(&absent.join("; ")),
    ]
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
fn table<const N: usize>(titles: &[&str; N], lines: impl Iterator<Item = [String; N]>) -> String {
    let mut text = titles.join(",") + "\n";
    for line in lines {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", line.join(","));
    }
    text
}
