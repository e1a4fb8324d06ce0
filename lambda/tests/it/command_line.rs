//! The command line over its own recordings.

use clap::Parser;
use lambda::cli::{Cli, run};
use wasm_core::pipeline::Pipeline;
use wasm_core::run::ResultSet;
use wasm_core::spikes::read_parquet;
use wasm_core::table::Values;

pub fn neurocyte(arguments: &[&str]) {
    let cli = Cli::try_parse_from([&["neurocyte"], arguments].concat()).expect("known arguments");
    run(&cli).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
}

/// Writes a culture of so many channels and seconds into the folder.
pub fn simulate(folder: &str, channels: &str, seconds: &str) {
    neurocyte(&[
        "simulate",
        "--channels",
        channels,
        "--rate",
        "20000",
        "--seconds",
        seconds,
        "--seed",
        "7",
        "--out",
        folder,
    ]);
}

/// Three rows of chunks, whose blocks several threads search, some before the noise is known.
#[test]
fn the_uploaded_form_gives_the_same_spikes_with_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, packed) = (path("culture"), path("culture.zarr"));
    simulate(&culture, "70", "8");
    neurocyte(&["pack", &culture, "--out", &packed]);
    let spikes = |from: &str, threads: &str| {
        let out = path(&format!("result-{threads}"));
        neurocyte(&["analyze", from, "--threads", threads, "--out", &out]);
        std::fs::read(format!("{out}/spikes.parquet")).expect("spikes")
    };
    let expected = spikes(&culture, "1");
    assert!(expected.len() > 10_000, "spikes were found");
    for threads in ["1", "2", "3"] {
        assert_eq!(spikes(&packed, threads), expected, "{threads} threads");
    }
}

#[test]
fn snippets_have_the_spikes_amplitudes_at_their_peaks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, out) = (path("culture"), path("result"));
    simulate(&culture, "20", "3");
    neurocyte(&["analyze", &culture, "--threads", "2", "--snippets", "--out", &out]);
    let read = |name: &str| std::fs::read(format!("{out}/{name}")).expect("written");
    let spikes = read_parquet(read("spikes.parquet").into()).expect("spikes");
    let file = read("snippets.npy");
    let header_bytes = 10 + usize::from(u16::from_le_bytes([file[8], file[9]]));
    assert!(String::from_utf8_lossy(&file[..header_bytes]).contains(&format!("({}, 60)", spikes.len())));
    let values: Vec<f32> =
        file[header_bytes..].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert!(spikes.len() > 100 && values.len() == spikes.len() * 60);
    for (spike, snippet) in spikes.iter().zip(values.chunks_exact(60)) {
        let is_whole = (20..60_000 - 40).contains(&spike.sample_index);
        assert!(
            if is_whole { snippet[20] == spike.amplitude_uv } else { snippet[20].is_nan() },
            "{spike:?}: {snippet:?}"
        );
    }
}

/// A row for each threshold, of which that of the run has the numbers of the summary.
#[test]
fn the_numbers_over_the_threshold_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, out) = (path("culture"), path("result"));
    simulate(&culture, "20", "31");
    neurocyte(&["analyze", &culture, "--threads", "2", "--out", &out, "--also", "sensitivity"]);
    let read = |name: &str| std::fs::read_to_string(format!("{out}/{name}")).expect("written");
    let table = read("sensitivity.csv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let thresholds: Vec<&str> = rows.iter().skip(1).map(|row| row[0]).collect();
    assert_eq!(thresholds, ["4", "4.5", "5", "5.5", "6", "6.5", "7", "7.5", "8"]);
    let summary: serde_json::Value = serde_json::from_str(&read("summary.json")).expect("JSON");
    for (at, name) in rows[0].iter().enumerate().filter(|(_, name)| !["threshold_x_noise", "absent"].contains(*name)) {
        let (found, known) = (rows[3][at].parse::<f64>().ok(), summary["headline"][*name].as_f64());
        // JSON is read to the last digit but one.
        let is_same = found.zip(known).is_none_or(|(found, known)| (found - known).abs() <= 1e-12 * known.abs());
        assert!(is_same && found.is_some() == known.is_some(), "{name}: {found:?} is not {known:?}");
    }
    let spikes: Vec<u64> = rows.iter().skip(1).map(|row| row[1].parse().expect("a count")).collect();
    assert!(spikes.is_sorted_by(|one, other| one >= other) && spikes[8] > 0, "{spikes:?}");
    for number in ["active_electrodes", "mean_rate_hz", "bursts_per_min", "network_bursts_per_min", "synchrony_sttc"] {
        let picture = read(&format!("figures/sensitivity_{number}.svg"));
        assert!(picture.contains("The line is the threshold of 5 x noise."), "{picture}");
    }
}

/// A recording beside itself: all of its spikes are false, whatever the threshold.
#[test]
fn a_threshold_is_found_at_a_stated_false_rate() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, table) = (path("culture"), path("calibration.csv"));
    simulate(&culture, "20", "4");
    neurocyte(&["calibrate", &culture, &culture, "--false-rate", "60/min", "--threads", "2", "--out", &table]);
    let table = std::fs::read_to_string(table).expect("written");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 112, "4 to 15 x noise in tenths");
    let at = |name: &str| rows[0].iter().position(|title| *title == name).expect(name);
    let (silent, active, same) = (at("n_spikes_silent"), at("n_spikes_active"), at("share_false"));
    assert!(rows[1][silent].parse::<u64>().expect("a count") > 100, "{:?}", rows[1]);
    assert!(rows.iter().skip(1).all(|row| row[silent] == row[active] && ["", "1"].contains(&row[same])), "{table}");
    let error = refused(&["calibrate", &path("nowhere"), &culture]);
    assert!(error.contains("nowhere"), "{error}");
}

/// What a command refuses, in one line.
fn refused(arguments: &[&str]) -> String {
    let cli = Cli::try_parse_from([&["neurocyte"], arguments].concat()).expect("known arguments");
    let error = run(&cli).expect_err("refused").to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn recordings_are_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let culture = path("culture");
    simulate(&culture, "5", "1");
    let traces = format!("{culture}/traces_cached_seg0.raw");
    let before = std::fs::read(&traces).expect("traces");
    let dump = |of: &str| refused(&["dump", of, "--start", "0", "--frames", "9", "--out", &traces]);
    for of in [&culture, &traces, &format!("{culture}/binary.json")] {
        assert!(dump(of).contains("traces_cached_seg0.raw: it is part of the recording"), "{}", dump(of));
    }
    for command in ["lfp", "pack"] {
        for of in [&culture, &traces] {
            let reason = refused(&[command, of, "--out", &culture]);
            assert!(reason.contains("culture: it is part of the recording"), "{reason}");
        }
    }
    let others = path("others");
    std::fs::create_dir(&others).expect("a folder");
    std::fs::write(format!("{others}/traces_cached_seg0.raw"), b"mine").expect("a file");
    for command in [
        vec!["simulate", "--channels", "4", "--rate", "20000", "--seconds", "1", "--seed", "1", "--out", &others],
        vec!["pack", &culture, "--out", &others],
        vec!["lfp", &culture, "--out", &others],
    ] {
        assert!(refused(&command).contains("others: it holds other files"), "{command:?}");
    }
    assert!(refused(&["dump", &culture, "--start", "0", "--frames", "9", "--out", &path("none/x")]).contains("none/x"));
    assert_eq!(std::fs::read(&traces).expect("traces"), before);
    // What was written here before may be written again.
    simulate(&culture, "5", "1");
}

#[test]
fn a_file_of_a_folder_stands_for_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let culture = folder.path().join("culture");
    simulate(&culture.display().to_string(), "5", "1");
    for name in ["binary.json", "si_folder.json", "probegroup.json", "traces_cached_seg0.raw"] {
        let recording = lambda::cli::open_path(&culture.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let info = recording.stream(None).expect("a stream").info().clone();
        assert!(info.n_channels == 5 && info.positions_um.is_some(), "{name}");
    }
}

#[test]
fn wrong_arguments_are_told_in_one_line() {
    for arguments in [&["dump"][..], &["analyze", "x", "--out", "y", "--threads", "0"], &["inspect"]] {
        let error = Cli::try_parse_from([&["neurocyte"], arguments].concat()).err().expect("refused").to_string();
        let line = lambda::cli::in_one_line(&error);
        assert!(!line.contains('\n') && !line.starts_with("error") && line.ends_with("see --help"), "{line}");
    }
}

#[test]
fn responses_are_those_to_the_events_that_are_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, chain, table) = (path("culture"), path("pipeline.json"), path("pulses.csv"));
    simulate(&culture, "8", "12");
    let mut pipeline = Pipeline::default();
    let id = pipeline.add_analysis("psth").expect("a known kind");
    std::fs::write(&chain, serde_json::to_string(&pipeline).expect("JSON")).expect("written");
    let lines: Vec<String> = (1..=9).map(|second| format!("{second},on\n")).collect();
    std::fs::write(&table, format!("time_s,label\n{}", lines.concat())).expect("written");
    let analyze = |name: &str, more: &[&str]| -> ResultSet {
        let out = path(name);
        let mut arguments = vec!["analyze", culture.as_str(), "--pipeline", chain.as_str(), "--out", out.as_str()];
        arguments.extend(more);
        neurocyte(&arguments);
        serde_json::from_slice(&std::fs::read(format!("{out}/results.json")).expect("results")).expect("results")
    };
    let block = |of: &ResultSet| (**of.blocks.iter().find(|block| block.id == id).expect("the analysis")).clone();
    let given = block(&analyze("given", &["--events", &table]));
    assert_eq!(given.absent, None);
    let n_trials = given.table("trials").and_then(|trials| trials.column("n_trials").cloned());
    assert_eq!(n_trials, Some(Values::Count(vec![9])));
    let without = block(&analyze("without", &[]));
    assert!(without.absent.is_some_and(|reason| reason.contains("events.csv")));
    assert!(refused(&["analyze", &culture, "--events", &path("none.csv"), "--out", &path("x")]).contains("none.csv"));
}
