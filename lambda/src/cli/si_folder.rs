//! The JSON files that make a folder of raw files one that `SpikeInterface` loads.

use std::path::Path;

use serde_json::{Value, json};
use wasm_core::formats::probe_group;
use wasm_core::recording::StreamInfo;

use super::{Outcome, output};

/// Names of the raw files, one per segment.
pub fn traces(info: &StreamInfo) -> Vec<String> {
    (0..info.segments.len()).map(|segment| format!("traces_cached_seg{segment}.raw")).collect()
}

/// Writes what describes the raw files of a stream.
pub fn describe(info: &StreamInfo, folder: &Path) -> Outcome {
    for (name, content) in descriptions(info) {
        output::write(&folder.join(name), serde_json::to_string_pretty(&content)?.as_bytes())?;
    }
    Ok(())
}

fn descriptions(info: &StreamInfo) -> Vec<(&'static str, Value)> {
    let kwargs = json!({
        "file_paths": traces(info),
        "sampling_frequency": info.sampling_frequency_hz,
        "t_starts": info.segments.iter().map(|segment| segment.t_start_s).collect::<Vec<_>>(),
        "num_channels": info.n_channels,
        "dtype": info.sample_type.numpy(),
        "channel_ids": info.channel_ids,
        "time_axis": 0,
        "file_offset": 0,
        "gain_to_uV": info.gain_to_uv,
        "offset_to_uV": info.offset_to_uv,
        "is_filtered": false,
    });
    let names = info.channel_names.as_ref();
    let properties = names.map_or_else(|| json!({}), |names| json!({ "channel_name": names }));
    let binary = json!({
        "class": "spikeinterface.core.binaryrecordingextractor.BinaryRecordingExtractor",
        "module": "spikeinterface",
        "version": "0.105.3",
        "kwargs": kwargs,
        "annotations": { "is_filtered": false },
        "properties": properties,
        "relative_paths": true,
    });
    let folder = json!({
        "class": "spikeinterface.core.binaryfolder.BinaryFolderRecording",
        "module": "spikeinterface.core.binaryfolder",
        "version": "0.105.3",
        "kwargs": { "folder_path": "." },
        "annotations": {},
        "properties": {},
        "relative_paths": true,
    });
    let mut files = vec![("binary.json", binary), ("si_folder.json", folder)];
    if let Some(positions) = &info.positions_um {
        files.push(("probegroup.json", probe_group(positions)));
    }
    files
}
