//! Spikes as the folder that phy shows and SpikeInterface reads: a cluster for each channel that has spikes.
//!
//! Layout: `params.py`, lists of `NumPy`, tables of text with tabs between (the template-gui folder of phy 2).

use std::fmt::Write;

use crate::recording::StreamInfo;
use crate::spikes::Spike;

/// What phy calls clusters that may hold several neurons, and those that nobody has judged.
const CROSSINGS: &str = "mua";
const STORED: &str = "unsorted";

/// Names and contents of the files. `spikes` are sorted; `is_found` tells whether they were found in the signal,
/// not taken as files held them. A cluster has the number of its channel. There is one time in phy: segments
/// follow one another without the gaps between. A size that nobody recorded is NaN, and there is no list of sizes where
/// none was: phy and SpikeInterface open the folder all the same. Without any spikes neither does.
#[must_use]
pub fn files(info: &StreamInfo, spikes: &[Spike], is_found: bool) -> Vec<(&'static str, Vec<u8>)> {
    let group = if is_found { CROSSINGS } else { STORED };
    let offsets = offsets(info);
    let is_known = |spike: &&Spike| {
        (spike.channel_index as usize) < info.n_channels && (spike.segment_index as usize) < offsets.len()
    };
    let of_spikes = || spikes.iter().filter(is_known);
    let n_spikes = of_spikes().count();
    let mut counts = vec![0_u64; info.n_channels];
    for spike in of_spikes() {
        counts[spike.channel_index as usize] += 1;
    }
    let frame = |spike: &Spike| spike.sample_index.saturating_add(offsets[spike.segment_index as usize]);
    let clusters = npy("<i4", &n_spikes.to_string(), of_spikes().flat_map(|spike| spike.channel_index.to_le_bytes()));
    let has_size = of_spikes().any(|spike| spike.known_uv().is_some());
    let amplitudes = of_spikes().flat_map(|spike| spike.known_uv().map_or(f64::NAN, f64::from).to_le_bytes());
    let amplitudes = has_size.then(|| ("amplitudes.npy", npy("<f8", &n_spikes.to_string(), amplitudes)));
    let channels = (0_i32..).take(info.n_channels).flat_map(i32::to_le_bytes);
    let mut files = vec![
        ("params.py", params(info).into_bytes()),
        (
            "spike_times.npy",
            npy("<i8", &n_spikes.to_string(), of_spikes().flat_map(|spike| frame(spike).to_le_bytes())),
        ),
        ("spike_clusters.npy", clusters.clone()),
        ("spike_templates.npy", clusters),
        ("channel_map.npy", npy("<i4", &info.n_channels.to_string(), channels)),
        ("cluster_group.tsv", groups(&counts, group).into_bytes()),
        ("cluster_info.tsv", clusters_of(info, &counts, group).into_bytes()),
    ];
    files.extend(amplitudes);
    if let Some(positions) = &info.positions_um {
        let places = positions.iter().flatten().flat_map(|place| place.to_le_bytes());
        files.push(("channel_positions.npy", npy("<f8", &format!("{}, 2", positions.len()), places)));
    }
    files
}

/// Frames before each segment.
fn offsets(info: &StreamInfo) -> Vec<i64> {
    let before = |sum: &mut u64, n_frames: u64| {
        let own = *sum;
        *sum = sum.saturating_add(n_frames);
        Some(i64::try_from(own).unwrap_or(i64::MAX))
    };
    info.segments.iter().map(|segment| segment.n_frames).scan(0, before).collect()
}

/// A list or a table of `NumPy`, its extents as Python writes them (`NumPy` enhancement proposal 1).
fn npy(kind: &str, extents: &str, values: impl Iterator<Item = u8>) -> Vec<u8> {
    // A list of one extent needs a comma to be one.
    let comma = if extents.contains(',') { "" } else { "," };
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({extents}{comma}), }}");
    // The preamble and header fill a multiple of 64 bytes and end with a line feed.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(padded + 1).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(format!("{header:padded$}\n").into_bytes());
    bytes.extend(values);
    bytes
}

/// There is no signal in the folder: the list of its files is empty.
fn params(info: &StreamInfo) -> String {
    let (n_channels, kind, rate_hz) = (info.n_channels, info.sample_type.name(), info.sampling_frequency_hz);
    format!(
        "dat_path = []\nn_channels_dat = {n_channels}\ndtype = '{kind}'\noffset = 0\nsample_rate = {rate_hz:?}\n\
         hp_filtered = False\n"
    )
}

/// Clusters with spikes, and the spikes of each.
fn with_spikes(counts: &[u64]) -> impl Iterator<Item = (usize, u64)> {
    counts.iter().copied().enumerate().filter(|(_, count)| *count > 0)
}

fn groups(counts: &[u64], group: &str) -> String {
    let mut text = String::from("cluster_id\tgroup\n");
    for (cluster, _) in with_spikes(counts) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{cluster}\t{group}");
    }
    text
}

/// The table of clusters: the channel of each, with the names of the electrode and of the well.
fn clusters_of(info: &StreamInfo, counts: &[u64], group: &str) -> String {
    let has_wells = info.wells.is_some();
    let mut text = String::from("cluster_id\tch\telectrode\tn_spikes\tgroup");
    text.push_str(if has_wells { "\twell\n" } else { "\n" });
    for (cluster, n_spikes) in with_spikes(counts) {
        let electrode = cell(info.channel_label(cluster));
        // Writing to a string does not fail.
        let _ = write!(text, "{cluster}\t{cluster}\t{electrode}\t{n_spikes}\t{group}");
        if let Some(wells) = &info.wells {
            let _ = write!(text, "\t{}", cell(wells.get(cluster).map_or("", String::as_str)));
        }
        text.push('\n');
    }
    text
}

/// A cell of a table with tabs between.
fn cell(text: &str) -> String {
    text.replace(['\t', '\n', '\r', '"'], " ")
}
