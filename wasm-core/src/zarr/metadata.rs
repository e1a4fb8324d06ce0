//! The small objects that make a prefix a Zarr group which `SpikeInterface` loads.

use serde_json::{Value, json};

use crate::chunk::{chunk_channels, chunk_frames};
use crate::recording::{StreamInfo, probe_group};
use crate::sample::SampleType;

/// All objects but the chunks, as `(name, bytes)`.
#[must_use]
pub fn metadata_objects(info: &StreamInfo) -> Vec<(String, Vec<u8>)> {
    let mut objects = Vec::new();
    let mut json_object = |name: &str, value: &Value| objects.push((name.to_owned(), value.to_string().into_bytes()));
    json_object(".zgroup", &json!({ "zarr_format": 2 }));
    json_object("properties/.zgroup", &json!({ "zarr_format": 2 }));
    json_object(".zattrs", &attributes(info));
    for (segment, found) in info.segments.iter().enumerate() {
        let eight_bit = matches!(info.sample_type, SampleType::Int8 | SampleType::Uint8);
        let array = json!({
            "zarr_format": 2,
            "shape": [found.n_frames, info.n_channels],
            "chunks": [chunk_frames(info, segment).max(1), chunk_channels(info)],
            "dtype": info.sample_type.numpy(),
            // Readers do not use the level: it is 8 whatever the chunks were packed with.
            "compressor": if eight_bit { Value::Null } else { json!({ "id": "pcodec", "level": 8 }) },
            "fill_value": 0,
            "order": "F",
            "filters": null,
        });
        json_object(&format!("traces_seg{segment}/.zarray"), &array);
    }
    let doubles = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let starts: Vec<f64> = info.segments.iter().map(|segment| segment.t_start_s).collect();
    let mut column = |name: &str, dtype: &str, length: usize, fill: Value, bytes: Vec<u8>| {
        let array = json!({
            "zarr_format": 2, "shape": [length], "chunks": [length], "dtype": dtype,
            "compressor": null, "fill_value": fill, "order": "C", "filters": null,
        });
        objects.push((format!("{name}/.zarray"), array.to_string().into_bytes()));
        objects.push((format!("{name}/0"), bytes));
    };
    let n = info.n_channels;
    let (dtype, ids) = fixed_width(&info.channel_ids);
    column("channel_ids", &dtype, n, json!(""), ids);
    if let Some(names) = &info.channel_names {
        let (dtype, names) = fixed_width(names);
        column("properties/channel_name", &dtype, n, json!(""), names);
    }
    if let Some(wells) = &info.wells {
        let (dtype, wells) = fixed_width(wells);
        column("properties/well", &dtype, n, json!(""), wells);
    }
    column("properties/gain_to_uV", "<f8", n, json!(0.0), doubles(&info.gain_to_uv));
    column("properties/offset_to_uV", "<f8", n, json!(0.0), doubles(&info.offset_to_uv));
    column("t_starts", "<f8", starts.len(), json!(0.0), doubles(&starts));
    objects
}

/// Texts as NumPy's text of fixed width: its dtype and bytes.
fn fixed_width(texts: &[String]) -> (String, Vec<u8>) {
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
    let letters = texts.iter().flat_map(|text| text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width));
    (format!("<U{width}"), letters.flat_map(u32::to_le_bytes).collect())
}

/// `.zattrs`, with the electrode positions as a probe.
fn attributes(info: &StreamInfo) -> Value {
    let mut attributes = json!({
        "zarr_class_info": {
            "class": "spikeinterface.core.zarrextractors.ZarrRecordingExtractor",
            "module": "spikeinterface",
            "version": "0.105.3",
        },
        "sampling_frequency": info.sampling_frequency_hz,
        "num_segments": info.segments.len(),
        "annotations": { "is_filtered": false },
    });
    if let Some(positions) = &info.positions_um {
        attributes["probegroup"] = json!({ "probe_ids": ["0"], "probes": probe_group(positions)["probes"] });
    }
    attributes
}
