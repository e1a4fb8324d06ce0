//! The command line over its own recordings.

use clap::Parser;
use lambda::cli::{Cli, run};
use wasm_core::spikes::read_parquet;

fn neurocyte(arguments: &[&str]) {
    let cli = Cli::try_parse_from([&["neurocyte"], arguments].concat()).expect("known arguments");
    run(&cli).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
}

/// Writes a culture of so many channels and seconds into the folder.
fn simulate(folder: &str, channels: &str, seconds: &str) {
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
