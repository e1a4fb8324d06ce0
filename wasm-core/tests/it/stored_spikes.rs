//! Spikes that files hold come out as they were put in, and make a result.

use wasm_core::formats::open;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{Length, StoredSpikes};
use wasm_core::run::of_stored;
use wasm_core::table::Values;

use crate::fixtures::{Files, file_set, hdf5, spikes};
use crate::numbers;

/// Opens the files and compares them with what all of these fixtures hold.
fn check(files: &Files, ids: [&str; 3], rate_hz: f64, first_peak_uv: Option<f32>) {
    let recording = open(&file_set(files)).unwrap_or_else(|error| panic!("{}: {error}", files[0].0));
    assert!(recording.streams.is_empty());
    let stored = recording.spikes.expect("spikes");
    assert_eq!(stored.info.channel_ids, ids);
    assert_eq!(stored.spikes.len(), 12);
    for ((frame, electrode), spike) in spikes::spikes().into_iter().zip(&stored.spikes) {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let time_s = spike.sample_index as f64 / stored.info.sampling_frequency_hz;
        // Where nothing tells the length the only segment begins with the first spike.
        let is_from_first = stored.length == Length::FirstToLastSpike;
        let time_s = if is_from_first { stored.info.segments[0].t_start_s + time_s } else { time_s };
        assert!((time_s - f64::from(frame) / rate_hz).abs() < 1e-6, "{} of {frame}: {spike:?}", files[0].0);
        assert_eq!(spike.channel_index, u32::from(electrode));
        if let Some(peak_uv) = first_peak_uv {
            let wanted = peak_uv * (10.0 + f32::from(electrode)) / 10.0;
            assert!((spike.amplitude_uv - wanted).abs() < 1e-4, "{}: {spike:?}", files[0].0);
        }
    }
    let result = of_stored(&stored, "name", recording.format, &[], &[]);
    assert_eq!(result.summary.headline.n_spikes, 12);
    assert_eq!(result.summary.channels[2].n_spikes, 4);
    assert!(result.summary.pipeline.blocks.is_empty());
    assert!(result.summary.recording.notes.iter().any(|note| note.contains("stored in the file")));
}

#[test]
fn every_layout_gives_the_same_spikes() {
    check(&spikes::axion(), ["A1_11", "A1_21", "A2_11"], 12_500.0, Some(10.0));
    check(&spikes::blackrock(), ["ch1#0", "ch2#0", "ch3#0"], 30_000.0, Some(-2.5));
    check(&spikes::plexon(), ["sig01", "sig02#1", "sig02#2"], 20_000.0, Some(-10.0));
    check(&spikes::phy(), ["4", "6", "9"], 20_000.0, None);
    check(&spikes::axion_list(), ["A1_11", "A1_21", "B1_11"], 12_500.0, Some(-10.0));
    check(&spikes::own_list(), ["E0", "E1", "E2"], 20_000.0, Some(-10.0));
    check(&hdf5::spikes_v3(), ["1-1", "1-2", "2-1"], 20_000.0, Some(-10.0));
    check(&hdf5::spikes_v4(), ["0", "1", "64"], 20_000.0, Some(-10.0));
    check(&hdf5::units(), ["3", "5", "8"], 20_000.0, None);
}

/// At the very end of a recording a spike counts in the last bin; behind it, it makes the recording longer, and that
/// is said.
#[test]
fn the_end_of_a_recording_is_of_its_last_bin() {
    let stored = |last: i64| {
        let train: Vec<i64> = (0..60).map(|second| second * 1000).chain([last]).collect();
        StoredSpikes::new(numbers::info(1, 1000.0, &[60_000]), numbers::spikes(&[train]), "a test".into())
    };
    for (last, n_beyond, duration_s) in [(59_999, 0, 60.0), (60_000, 0, 60.0), (61_000, 1, 61.001)] {
        let stored = stored(last);
        assert_eq!((stored.n_beyond, stored.info.duration_s()), (n_beyond, duration_s), "{last}");
        let notes = stored.notes();
        let is_told = notes.iter().any(|note| note.starts_with("1 of 61 spikes lie behind the stated end"));
        assert_eq!(is_told, n_beyond > 0, "{notes:?}");
        let result = of_stored(&stored, "name", "format", &[], &[]);
        let mut pipeline = Pipeline::empty();
        pipeline.add_analysis("firing").expect("an analysis");
        let results = result.detections.results(&pipeline);
        let firing = results.blocks.iter().find(|block| block.kind == "firing").expect("the analysis");
        let counts = firing.table("over_time").and_then(|table| table.column("n_spikes"));
        let Some(Values::Count(counts)) = counts else { panic!("{counts:?}") };
        assert_eq!(counts.iter().sum::<u64>(), 61, "{last}");
    }
}

#[test]
fn spikes_beside_a_signal_are_kept_as_well() {
    let stored = open(&file_set(&hdf5::maxwell())).expect("opens").spikes.expect("spikes");
    let spike = stored.spikes[0];
    assert_eq!((spike.sample_index, spike.channel_index), (5, 0), "the table counts from the system's start");
    assert!((spike.amplitude_uv + 3.0 * 6.25).abs() < 1e-4);
}

#[test]
fn tables_that_are_wrong_say_where() {
    let message = |text: &str| {
        let files = vec![("list.csv".to_owned(), text.as_bytes().to_vec())];
        open(&file_set(&files)).err().expect("refused").to_string()
    };
    assert_eq!(message("time_s,channel\n0.5,A\nsoon,A\n"), "list.csv: line 3, time is “soon”, expected a number");
    assert!(message("a,b\n1,2\n").starts_with("list.csv: first line is “a,b”, expected "));
    let mut alone = spikes::phy();
    alone.remove(0);
    let error = open(&file_set(&alone)).err().expect("no rate").to_string();
    assert_eq!(error, "sorted/spike_times.npy needs params.py beside it; add it to the drop");
}
