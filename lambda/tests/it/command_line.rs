//! The command line over its own recordings.

use clap::Parser;
use lambda::cli::{Cli, run};

fn neurocyte(arguments: &[&str]) {
    let cli = Cli::try_parse_from([&["neurocyte"], arguments].concat()).expect("known arguments");
    run(&cli).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
}

/// Three rows of chunks, whose blocks several threads search, some before the noise is known.
#[test]
fn the_uploaded_form_gives_the_same_spikes_with_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (culture, packed) = (path("culture"), path("culture.zarr"));
    let size = ["--channels", "70", "--rate", "20000", "--seconds", "8", "--seed", "7"];
    neurocyte(&[&["simulate"], &size[..], &["--out", &culture]].concat());
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
