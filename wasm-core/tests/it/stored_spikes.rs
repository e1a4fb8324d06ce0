//! Spikes that files hold come out as they were put in, and make a result.

use wasm_core::formats::open;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{Length, Recording, StoredSpikes};
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
    assert_eq!(
        message("electrode,time_s\nE1,0.5\nE1,0,512\n"),
        "list.csv: line 3, length is 3 values for 2 titles, expected one value for each title: write decimals with a \
         point (0.512), or part the columns by semicolons or tabs; a text with a comma stands in quotes"
    );
    assert_eq!(
        message("electrode,time_s\nE1,\"0,512\"\n"),
        "list.csv: line 2, time is “0,512”, expected a number, its decimals behind a point"
    );
    let told = message("electrode,time_s\nE1;0,512\n");
    assert!(told.starts_with("list.csv: line 2, electrode is “E1;0”, expected a name without “;”"), "{told}");
    // The first of these columns may be the names of rows: which is the electrode cannot be told.
    assert!(message("electrode time_s\n1 12 0.5\n").starts_with("list.csv: line 2, length is 3 values for 2 titles"));
    for title in ["time_s", "Electrode"] {
        let told = message(&format!("Electrode,time_s,{title}\nA,0.5,1\n"));
        assert!(told.starts_with(&format!("list.csv: title “{title}” is there more than once, expected")), "{told}");
    }
    let told = message("electrode,time_s\nA,0\nA,1e300\n");
    assert!(told.starts_with("list.csv: column “time_s” is a list of times from 0.0 s to 1e300 s"), "{told}");
    assert!(told.contains("at most 13 days apart"), "{told}");
    let mut alone = spikes::phy();
    alone.remove(0);
    let error = open(&file_set(&alone)).err().expect("no rate").to_string();
    assert_eq!(error, "sorted/spike_times.npy needs params.py beside it; add it to the drop");
}

/// Opens a table, and what may lie beside it.
fn table(text: &str, beside: &[(&str, &str)]) -> Recording {
    let beside = beside.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let files: Files = std::iter::once(("list.csv".to_owned(), text.as_bytes().to_vec())).chain(beside).collect();
    open(&file_set(&files)).expect("opens")
}

/// Times in seconds on the clock of the table.
#[expect(clippy::cast_precision_loss, reason = "frames of a short recording")]
fn times_s(stored: &StoredSpikes) -> Vec<f64> {
    let StoredSpikes { info, spikes, .. } = stored;
    let start_s = info.segments[0].t_start_s;
    spikes.iter().map(|spike| start_s + spike.sample_index as f64 / info.sampling_frequency_hz).collect()
}

#[test]
fn decimal_commas_are_read_where_something_else_parts_the_columns() {
    for text in [
        "electrode;time_s\nE1;0,512\nE1;2\n",
        "electrode\ttime_s\nE1\t0,512\nE1\t2\n",
        "electrode time_s\nE1 0,512\nE1 2\n",
    ] {
        assert_eq!(times_s(&table(text, &[]).spikes.expect("spikes")), [0.512, 2.0], "{text}");
    }
}

#[test]
fn lines_with_fewer_values_are_told() {
    let notes = table("electrode,time_s,segment\nA,0.5,0\nA,1\nA\n", &[]).notes;
    let told = |text: &str| notes.iter().any(|note| note.contains(text));
    assert!(told("list.csv: 2 lines have fewer values than the 3 titles, first line 3"), "{notes:?}");
    assert!(told("2 lines have no time, no electrode or no segment and are left out"), "{notes:?}");
    // Spreadsheets write empty cells and lines.
    let notes = table("electrode,time_s\nA,0.5,\nA,1\n,,\n", &[]).notes;
    assert!(!notes.iter().any(|note| note.contains("fewer") || note.contains("left out")), "{notes:?}");
}

/// A burst of three electrodes 10 s before the stimulus stays where it is: moved to 0 it would be a false response.
#[test]
fn spikes_before_zero_keep_their_times() {
    let text = "electrode,time_s\nA,-10\nB,-9.999\nA,0.5\nB,59\n";
    let expected = [-10.0, -9.999, 0.5, 59.0];
    let is_same = |stored: &StoredSpikes| {
        times_s(stored).iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9)
    };
    // Nothing tells the length; 60 s from 0; 60 s from -10 s, in which 59 s does not lie; 70 s from there.
    for (beside, length_s, told) in [
        (None, 69.0, None),
        (Some(r#"{ "duration_s": 60 }"#), 70.0, Some("2 of 4 spikes lie before 0 s")),
        (Some(r#"{ "duration_s": 60, "t_start_s": 0 }"#), 70.0, Some("to begin with the first of them, at -10 s")),
        (Some(r#"{ "duration_s": 70, "t_start_s": -10 }"#), 70.0, None),
        (Some(r#"{ "duration_s": 80 }"#), 80.0, Some("times begin at -10 s")),
    ] {
        let beside: Vec<(&str, &str)> = beside.into_iter().map(|json| ("list.json", json)).collect();
        let recording = table(text, &beside);
        let stored = recording.spikes.as_ref().expect("spikes");
        assert!(is_same(stored), "{beside:?}: {:?}", times_s(stored));
        let segment = &stored.info.segments[0];
        assert_eq!(segment.t_start_s, -10.0, "{beside:?}");
        assert!((stored.info.duration_s() - length_s).abs() < 1e-5, "{beside:?}: {}", stored.info.duration_s());
        let is_told = |told: &str| recording.notes.iter().any(|note| note.contains(told));
        assert!(told.is_none_or(is_told), "{:?}", recording.notes);
        assert_eq!(told.is_some_and(|told| told != "times begin at -10 s"), is_told("lie before"), "{beside:?}");
    }
}

#[test]
fn descriptions_that_cannot_be_used_are_told() {
    let text = "electrode,time_s\nA,0.5\nA,1.5\n";
    let notes = |name: &str, json: &str| table(text, &[(name, json)]).notes;
    for (json, told) in [
        (
            r#"{ "duration_s": NaN }"#,
            "list.json: duration_s is null or NaN, expected a number of seconds; it is not used.",
        ),
        (r#"{ "electrodes": 60 }"#, "list.json: electrodes is 60, expected a list; it is not used."),
        (r#"{ "n_spikes": "two" }"#, "list.json: n_spikes is \"two\", expected a whole number; it is not used."),
    ] {
        let notes = notes("list.json", json);
        assert!(notes.iter().any(|note| note == told), "{notes:?}");
    }
    assert!(
        notes("list.json", r#"{ "duration_s": 2, "electrodes": ["A"] }"#).iter().all(|note| !note.contains("not used"))
    );
    let told = notes("metadata.json", r#"{ "duration_s": 2 }"#);
    let expected = "metadata.json: not read. What describes list.csv must be called list.json.";
    assert!(told.iter().any(|note| note == expected), "{told:?}");
    // What is wrong and not absent is refused, by name.
    for (json, expected) in [
        (r#"{ "duration_s": -1 }"#, "list.json: duration_s is -1, expected a number of seconds above 0"),
        (r#"{ "time_unit": 3 }"#, "list.json: time_unit is 3, expected s, ms, us or ns"),
        ("sixty seconds", "list.json: content is "),
    ] {
        let files: Files = [("list.csv", text), ("list.json", json)]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .collect();
        let told = open(&file_set(&files)).err().expect("refused").to_string();
        assert!(told.starts_with(expected), "{told}");
    }
}

/// A message about several files in no folder names the first of them.
#[test]
fn what_is_wrong_of_several_files_has_a_name() {
    let files: Files =
        [("list.csv", "electrode,time_s\nA,1700000000\n"), ("list.json", r#"{ "duration_s": 60, "t_start_s": 0 }"#)]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .collect();
    let told = open(&file_set(&files)).err().expect("refused").to_string();
    assert!(told.starts_with("list.csv and 1 more: number of frames of spikes is "), "{told}");
}
