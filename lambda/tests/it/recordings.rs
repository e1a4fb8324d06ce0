//! Real recordings against what neo and h5py read from them.
//!
//! The recordings lie outside the repository; where they are missing the test says so.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};
use wasm_core::events::Event;
use wasm_core::recording::{FrameSource, Recording, StoredSpikes, StreamInfo};

use crate::shared::shared;

/// What the reference readers said of each stream.
fn entries(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("reference.json")).expect("readable");
    let mut reference: Value = serde_json::from_str(&text).expect("JSON");
    match reference["entries"].take() {
        Value::Array(entries) => entries,
        other => panic!("entries are a list, not {other}"),
    }
}

/// Readers whose entries describe what `open` gives, stream by stream.
const READERS: &[&str] = &[
    "neo.SpikeGLXRawIO",
    "neo.OpenEphysBinaryRawIO",
    "neo.IntanRawIO",
    "neo.BiocamRawIO",
    "neo.MEArecRawIO",
    "neo.NeuralynxRawIO",
    "neo.OpenEphysRawIO",
    "neo.EDFRawIO",
    "neo.BlackrockRawIO",
    "neo.SpikeGadgetsRawIO",
    "neo.RawMCSRawIO",
    "neo.NeuroScopeRawIO",
    "spikeinterface.load",
    "spikeinterface.read_nwb_recording",
    "h5py Stream_0",
    "h5py Stream_1",
    "h5py acquisition/ECoG",
    "h5py acquisition/ECoG2",
    "h5py acquisition/ElectricalSeriesRaw",
    "h5py processing/ecephys/LFP/ElectricalSeriesLFP",
    "maxwell_401.py (own decoder) + h5py",
    "numpy",
];

fn close(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-9 * want.abs().max(1.0)
}

/// One number for all channels, or one for each.
fn per_channel(value: &Value, n: usize) -> Option<Vec<f64>> {
    value.as_f64().map(|value| vec![value; n]).or_else(|| value.as_array()?.iter().map(Value::as_f64).collect())
}

fn check_info(entry: &Value, info: &StreamInfo, wrong: &mut Vec<String>) {
    let mut expect = |what: &str, same: bool, got: String| {
        if !same {
            wrong.push(format!("{what}: got {got}, expected {}", entry[what]));
        }
    };
    expect("n_channels", entry["n_channels"].as_u64() == Some(info.n_channels as u64), info.n_channels.to_string());
    let rate = info.sampling_frequency_hz;
    let same_rate = entry["sampling_rate_hz"].as_f64().is_some_and(|wanted| (wanted / rate - 1.0).abs() < 1e-11);
    expect("sampling_rate_hz", same_rate, rate.to_string());
    expect("dtype", entry["dtype"] == info.sample_type.name(), info.sample_type.name().into());
    // neo's ids repeat the index where the file has a name; names are what people use.
    let same_ids = |key: &str| {
        entry[key].as_array().is_some_and(|ids| ids.iter().zip(&info.channel_ids).all(|(a, b)| a == b.as_str()))
    };
    if entry["channel_ids"].is_array() {
        expect("channel_ids", same_ids("channel_ids"), format!("{:?}", info.channel_ids.first()));
    }
    if let Some(gains) = per_channel(&entry["gain_uV"], info.n_channels) {
        let same = gains.len() == info.n_channels && gains.iter().zip(&info.gain_to_uv).all(|(a, b)| close(*b, *a));
        expect("gain_uV", same, format!("{:?}", info.gain_to_uv.first()));
    }
    if let Some(offsets) = per_channel(&entry["offset_uV"], info.n_channels) {
        let same = entry["gain_uV"].is_null() || offsets.iter().zip(&info.offset_to_uv).all(|(a, b)| close(*b, *a));
        expect("offset_uV", same, format!("{:?}", info.offset_to_uv.first()));
    }
    if let Some(positions) = entry["electrode_positions_um"].as_array() {
        let found = info.positions_um.as_ref();
        let same = found.is_some_and(|found| positions.iter().zip(found).all(|(a, b)| a[0] == b[0] && a[1] == b[1]));
        expect("electrode_positions_um", same, format!("{found:?}"));
    }
}

fn check_segments(entry: &Value, source: &dyn FrameSource, wrong: &mut Vec<String>) {
    let info = source.info();
    let segments = entry["segments"].as_array().expect("segments");
    if segments.len() != info.segments.len() {
        wrong.push(format!("{} segments, expected {}", info.segments.len(), segments.len()));
        return;
    }
    for (at, segment) in segments.iter().enumerate() {
        let own = &info.segments[at];
        if segment["n_samples"].as_u64() != Some(own.n_frames) {
            wrong.push(format!("segment {at}: {} frames, expected {}", own.n_frames, segment["n_samples"]));
            continue;
        }
        // neo read the two rates of this folder one by one; together they share the earlier start.
        let is_part = entry["path"] == "neuralynx/set1";
        let differs = |start: f64| !(close(own.t_start_s, start) || is_part && (own.t_start_s - start).abs() < 1e-3);
        if segment["t_start_s"].as_f64().is_some_and(differs) {
            wrong.push(format!("segment {at}: starts at {}, expected {}", own.t_start_s, segment["t_start_s"]));
        }
        let n = usize::try_from(segment["hash_frames"].as_u64().unwrap_or(0)).expect("small");
        let bytes = source.read(at, 0, n).expect("reads").into_interleaved().bytes;
        let hash = format!("{:x}", Sha256::digest(&bytes));
        if segment["sha256"] != hash.as_str() {
            wrong.push(format!("segment {at}: other samples"));
        }
    }
}

/// Where the file's own clock or the specification decides against the reference reader: path,
/// field, and what is right.
const DEPARTURES: [(&str, &str); 4] = [
    // auxiliary.dat has as many values per channel as time.dat, each four times: 30 kHz.
    ("intan/etd/intan_fpc_test_231117_052630/info.rhd", "sampling_rate_hz: got 30000,"),
    ("intan/one_file_per_signal/info.rhd", "sampling_rate_hz: got 30000,"),
    // Field potentials are sampled at lfpSamplingRate.
    ("neuroscope/etd/dataset_1/YutaMouse42-151117.lfp", "sampling_rate_hz: got 1250,"),
    ("neuroscope/etd/dataset_1/YutaMouse42-151117.eeg", "sampling_rate_hz: got 1250,"),
];

/// EDF: neo keeps what is no electrode among the electrodes, and counts one step too many. Samples
/// are compared in the order of the file, over all streams of a rate, and scales with the specification.
fn check_edf(path: &Path, entry: &Value, recording: &Recording) -> Vec<String> {
    let mut wrong = Vec::new();
    let rate_hz = entry["sampling_rate_hz"].as_f64().expect("a rate");
    let streams = recording.streams.iter().filter(|stream| stream.info().sampling_frequency_hz == rate_hz);
    let mut channels: Vec<(usize, &dyn FrameSource, usize)> = streams
        .flat_map(|stream| {
            let ids = stream.info().channel_ids.iter().enumerate();
            ids.map(|(at, id)| (id.parse::<usize>().expect("a number"), stream.as_ref(), at))
        })
        .collect();
    channels.sort_by_key(|(id, ..)| *id);
    if entry["n_channels"].as_u64() != Some(channels.len() as u64) {
        return vec![format!("{} channels, expected {}", channels.len(), entry["n_channels"])];
    }
    let header = std::fs::read(path).expect("readable");
    let text = |from: usize, size: usize| String::from_utf8_lossy(&header[from..from + size]).trim().to_owned();
    let n_signals: usize = text(252, 4).parse().expect("a number of signals");
    for (id, stream, at) in &channels {
        let number = |before: usize| text(256 + before * n_signals + 8 * id, 8).parse::<f64>().expect("a limit");
        let [low, high, digital_low, digital_high] = [104, 112, 120, 128].map(number);
        let unit_uv = match text(256 + 96 * n_signals + 8 * id, 8).as_str() {
            "V" => 1e6,
            "mV" => 1e3,
            "nV" => 1e-3,
            _ => 1.0,
        };
        let gain = (high - low) / (digital_high - digital_low) * unit_uv;
        let info = stream.info();
        if !close(info.gain_to_uv[*at], gain) || !close(info.offset_to_uv[*at], low * unit_uv - digital_low * gain) {
            wrong.push(format!("channel {id}: gain {}, expected {gain}", info.gain_to_uv[*at]));
        }
    }
    for (segment, expected) in entry["segments"].as_array().expect("segments").iter().enumerate() {
        let n = usize::try_from(expected["hash_frames"].as_u64().unwrap_or(0)).expect("small");
        let columns = channels.iter().map(|(_, stream, at)| {
            let planar = stream.read(segment, 0, n).expect("reads").into_planar();
            let size = planar.sample_type.size_bytes();
            (size, planar.bytes[at * n * size..(at + 1) * n * size].to_vec())
        });
        let columns: Vec<(usize, Vec<u8>)> = columns.collect();
        let frame = |frame: usize| {
            columns.iter().flat_map(move |(size, bytes)| bytes[frame * size..(frame + 1) * size].to_vec())
        };
        let bytes: Vec<u8> = (0..n).flat_map(frame).collect();
        if expected["sha256"] != format!("{:x}", Sha256::digest(&bytes)).as_str() {
            wrong.push(format!("segment {segment}: other samples"));
        }
    }
    wrong
}

/// What plain binary needs beside it, as the reference describes it; the file itself is linked to.
fn described(data: &Path, entry: &Value) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    std::os::unix::fs::symlink(data.canonicalize()?, folder.path().join("recording.raw"))?;
    let description = serde_json::json!({
        "sampling_frequency_hz": entry["sampling_rate_hz"],
        "n_channels": entry["n_channels"],
        "dtype": entry["dtype"],
        "gain_to_uv": 1.0,
    });
    std::fs::write(folder.path().join("recording.json"), description.to_string())?;
    Ok(folder)
}

fn check(folder: &Path, entry: &Value) -> Vec<String> {
    let path = folder.join(entry["path"].as_str().expect("path"));
    let described = (entry["format"] == "raw_binary").then(|| described(&path, entry).expect("a folder"));
    let path = described.as_ref().map_or(path, |folder| folder.path().join("recording.raw"));
    let recording = match lambda::cli::open_path(&path) {
        Ok(recording) => recording,
        Err(error) => return vec![error.to_string()],
    };
    if entry["format"] == "edf" {
        return check_edf(&path, entry, &recording);
    }
    // neo read some Neuralynx folders in parts, and numbers streams and filters within each.
    let plain = |name: &str| match name.strip_prefix("stream").and_then(|rest| rest.split_once('_')) {
        Some((number, rest)) if number.parse::<u32>().is_ok() => {
            rest.split("_DSP").next().unwrap_or_default().to_owned()
        }
        _ => name.to_owned(),
    };
    let by_name = |recording: &Recording, name: &str| {
        recording.streams.iter().position(|stream| plain(&stream.info().name) == plain(name))
    };
    let name = entry["stream_name"].as_str();
    // MaxWell's signals are numbered in the file's store; SpikeInterface calls all of NWB's by the whole path.
    let stored = name.and_then(|name| name.strip_prefix("data_store/data")?.get(..4)?.parse::<usize>().ok());
    let by_given_name = || name.map_or(Some(0), |name| by_name(&recording, name));
    let Some(at) = stored.map_or_else(by_given_name, Some) else {
        let names: Vec<_> = recording.streams.iter().map(|stream| stream.info().name.clone()).collect();
        return vec![format!("no stream {name:?} among {names:?}")];
    };
    let mut wrong = Vec::new();
    check_info(entry, recording.streams[at].info(), &mut wrong);
    check_segments(entry, recording.streams[at].as_ref(), &mut wrong);
    wrong
}

#[test]
fn every_reference_entry_of_our_formats_matches() {
    let Some(folder) = shared("recordings", 137, "streams of reference.json") else { return };
    let formats = [
        "spikeglx",
        "openephys_binary",
        "intan",
        "si_binary",
        "3brain",
        "mearec",
        "nwb",
        "mcs_h5",
        "maxwell",
        "neuralynx",
        "edf",
        "openephys_legacy",
        "blackrock",
        "spikegadgets",
        "rawmcs",
        "neuroscope",
        "si_zarr",
        "raw_binary",
    ];
    let mut n_checked = 0;
    let mut failures = Vec::new();
    for entry in &entries(&folder) {
        let ours = entry["format"].as_str().is_some_and(|format| formats.contains(&format));
        let reader = entry["reader"].as_str().unwrap_or_default();
        if !ours || !READERS.contains(&reader) || !entry["segments"].is_array() {
            continue;
        }
        n_checked += 1;
        let is_departure = |problem: &String| {
            DEPARTURES.iter().any(|(path, right)| entry["path"] == *path && problem.starts_with(right))
        };
        for problem in check(&folder, entry).into_iter().filter(|problem| !is_departure(problem)) {
            failures.push(format!("{} {}: {problem}", entry["path"], entry["stream_name"]));
        }
    }
    assert!(failures.is_empty(), "{} of {n_checked}:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(n_checked, 137);
}

#[test]
fn biosemi_files_hold_24_bits() {
    let Some(folder) = shared("recordings", 2, "BioSemi files") else { return };
    let mut n_checked = 0;
    for entry in &entries(&folder) {
        let Some(hashes) = entry["sha256_each_first1000_i32"].as_array().filter(|_| entry["format"] == "bdf") else {
            continue;
        };
        let recording = lambda::cli::open_path(&folder.join(entry["path"].as_str().expect("path"))).expect("opens");
        let planar = recording.streams[0].read(0, 0, 1000).expect("reads").into_planar();
        for (hash, channel) in hashes.iter().zip(planar.bytes.chunks_exact(4000)) {
            assert_eq!(*hash, format!("{:x}", Sha256::digest(channel)), "{}", entry["path"]);
        }
        n_checked += 1;
    }
    assert_eq!(n_checked, 2);
}

/// The first 1,000 samples of each signal as `neo.rawio.NIXRawIO` 0.14.6 reads them; it knows two
/// segments in each of two blocks.
#[test]
fn nix_signals_are_those_of_neo() {
    let Some(folder) = shared("recordings", 3, "NIX signals") else { return };
    let recording = lambda::cli::open_path(&folder.join("nix/etd/nixio_fr.nix")).expect("opens");
    assert_eq!((recording.format, recording.streams.len()), ("nix", 3));
    for (stream, (n_channels, n_frames, gain_to_uv, hash)) in recording.streams.iter().zip([
        (1, 30, 1e3, "31b978576d3a37d5"),
        (3, 50, 1e6, "9d3510ffd736370f"),
        (5, 100, 1e3, "9c5fa8a3a8e89644"),
    ]) {
        let info = stream.info();
        let lengths: Vec<u64> = info.segments.iter().map(|segment| segment.n_frames).collect();
        assert_eq!((info.n_channels, lengths, info.gain_to_uv[0]), (n_channels, vec![n_frames; 4], gain_to_uv));
        for segment in 0..4 {
            let bytes = stream.read(segment, 0, usize::try_from(n_frames).expect("short")).expect("reads");
            let found = format!("{:x}", Sha256::digest(bytes.into_interleaved().bytes));
            assert!(found.starts_with(hash), "{}: {found}", info.name);
        }
    }
}

#[test]
fn numpy_arrays_open_with_a_rate_beside_them() {
    let Some(folder) = shared("recordings", 1, "NumPy array") else { return };
    let data = folder.join("npy/chelsea_int16.npy");
    let error = lambda::cli::open_path(&data).err().expect("has no rate").to_string();
    assert!(error.contains("sampling_frequency_hz"), "{error}");
}

#[test]
fn electrode_positions_are_those_of_probeinterface() {
    let Some(folder) = shared("recordings", 16, "probes") else { return };
    let mut n_checked = 0;
    for entry in &entries(&folder) {
        let Some(positions) = entry["contact_positions_um"].as_array() else { continue };
        let meta = folder.join(entry["path"].as_str().expect("path"));
        let bin = meta.with_extension("bin");
        if entry["format"] != "spikeglx" || !bin.exists() {
            continue;
        }
        let recording = lambda::cli::open_path(&bin).expect("opens");
        let found = recording.streams[0].info().positions_um.as_ref().expect("positions");
        for (at, (a, b)) in positions.iter().zip(found).enumerate() {
            assert!(
                close(b[0], a[0].as_f64().expect("x")) && close(b[1], a[1].as_f64().expect("y")),
                "{}: contact {at} is {b:?}, expected {a}",
                meta.display()
            );
        }
        n_checked += 1;
    }
    assert_eq!(n_checked, 15);
    // Open Ephys counts from the probe's edge, probeinterface from its first electrode.
    let recording = lambda::cli::open_path(&folder.join("openephys_binary/neuropixels_v0.6")).expect("opens");
    let positions = recording.streams[0].info().positions_um.as_ref().expect("positions");
    let from_first: Vec<[f64; 2]> =
        positions.iter().take(4).map(|p| [p[0] - positions[0][0], p[1] - positions[0][1]]).collect();
    assert_eq!(from_first, [[0.0, 0.0], [48.0, 0.0], [0.0, 20.0], [48.0, 20.0]]);
}

/// Spikes of each channel.
fn counts(stored: &StoredSpikes, segment: u32) -> Vec<u64> {
    let mut counts = vec![0; stored.info.n_channels];
    for spike in stored.spikes.iter().filter(|spike| spike.segment_index == segment) {
        counts[spike.channel_index as usize] += 1;
    }
    counts
}

#[test]
fn stored_spikes_are_those_that_neo_finds() {
    let Some(folder) = shared("recordings", 9, "files of stored spikes, read by neo") else { return };
    let mut n_checked = 0;
    for entry in &entries(&folder) {
        if entry["kind"] != "spikes" || (entry["format"] != "blackrock" && entry["format"] != "plexon") {
            continue;
        }
        let path = folder.join(entry["path"].as_str().expect("path"));
        let stored = lambda::cli::open_path(&path).expect("opens").spikes.expect("spikes");
        let names: Vec<&str> =
            entry["spike_channel_names"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
        assert_eq!(entry["n_spike_channels"].as_u64(), Some(stored.info.n_channels as u64), "{}", path.display());
        assert_eq!(stored.info.channel_ids[..names.len()], names, "{}", path.display());
        let wanted: Vec<u64> =
            entry["spike_counts_seg0"].as_array().expect("counts").iter().filter_map(Value::as_u64).collect();
        assert_eq!(counts(&stored, 0)[..wanted.len()], wanted, "{}", path.display());
        n_checked += 1;
    }
    assert_eq!(n_checked, 9);
}

/// Number, sum of times and sum of durations of events in seconds, as neo 0.14.6 (Blackrock,
/// Plexon), pyedflib 0.1.42 (EDF+), NumPy (Open Ephys) and h5py (MCS) read them.
#[test]
fn events_are_those_that_others_read() {
    let Some(folder) = shared("recordings", 9, "files of events") else { return };
    for (path, n, times_s, durations_s) in [
        ("blackrock/etd/blackrock_2_1/l101210-001.nev", 8, 7.861_066_7, 0.0),
        ("plexon/explore1.plx", 2, 61.6679, 0.0),
        ("edf/test_edf_overlapping_annotations.edf", 38, 2249.27, 123.5),
        ("edf/subsecond_starttime.edf", 2, 5.443_360, 0.0),
        ("openephys_binary/neuropixels_v0.6/Record Node 104", 5390, 8_825_551.220_867, 1571.1054),
        ("mcs_h5/W8_Standard_all_500Hz.h5", 12, 114.784, 0.0),
        ("blackrock/etd/FileSpec2.3001.nev", 193, 1_790.600_966_7, 0.0),
        ("nwb/matnwb_ecephys_tutorial_1.nwb", 3, 4.1, 1.9),
        // By the bytes: two messages in each recording, five pulses in the first.
        ("openephys_legacy/etd/OpenEphys_SampleData_3", 9, 1964.1575, 0.0),
    ] {
        let events = lambda::cli::open_path(&folder.join(path)).expect(path).events;
        let sum = |of: fn(&Event) -> f64| events.iter().map(of).sum::<f64>();
        assert_eq!(events.len(), n, "{path}");
        assert!((sum(|event| event.time_s) - times_s).abs() < 1e-4, "{path}: {}", sum(|event| event.time_s));
        assert!((sum(|event| event.duration_s) - durations_s).abs() < 1e-4, "{path}");
    }
}

/// What is known of other files: their number of spikes, from a reading of their bytes with
/// `NumPy`, h5py or a count of lines.
#[test]
fn other_stored_spikes_are_all_there() {
    let Some(folder) = shared("recordings", 4, "other files of stored spikes") else { return };
    for (path, format, n_spikes, n_channels) in [
        ("axion/HD_Neuron_Pulsing_09MAY2024_01_Hour_000.spk", "axion", 25_043, 192),
        ("axion_spike_list/exampleRecording_1012016_plate1_DIV3_spike_list.csv.gz", "spike_list", 100_957, 0),
        ("3brain/bwpy_sorted_spikes.bxr", "3brain", 9836, 4096),
    ] {
        let recording = lambda::cli::open_path(&folder.join(path)).expect(path);
        assert_eq!(recording.format, format, "{path}");
        let stored = recording.spikes.expect(path);
        assert_eq!(stored.spikes.len(), n_spikes, "{path}");
        assert!(n_channels == 0 || stored.info.n_channels == n_channels, "{path}: {}", stored.info.n_channels);
    }
    let error = lambda::cli::open_path(&folder.join("raw_phy/template")).err().expect("has no rate").to_string();
    assert!(error.contains("params.py"), "{error}");
    let axion = lambda::cli::open_path(&folder.join("axion/HD_Neuron_Pulsing_09MAY2024_01_Hour_000.spk"));
    let stored = axion.expect("opens").spikes.expect("spikes");
    // Its own detector allows no two spikes of an electrode within 2.24 ms (28 frames).
    let mut last = vec![i64::MIN / 2; stored.info.n_channels];
    for spike in &stored.spikes {
        let last = &mut last[spike.channel_index as usize];
        assert!(spike.sample_index - *last >= 28, "{spike:?}");
        *last = spike.sample_index;
    }
    let noise: Vec<f32> = stored.noise_uv.iter().copied().filter(|noise| *noise > 0.0).collect();
    assert!(noise.iter().all(|noise| (1.0..2.6).contains(noise)), "{noise:?}");
}
