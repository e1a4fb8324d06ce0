//! Recordings of every system, handed to the page: traces appear, and what should be known is said.

use std::path::{Path, PathBuf};

use crate::harness::{Page, Stage};
use crate::shared::shared;

/// Opens files on a fresh page; returns what the page says of the recording.
async fn opened(page: &Page, files: &[PathBuf]) -> String {
    page.go("about:blank").await;
    page.open(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>()).await;
    page.text("facts").await
}

#[tokio::test(flavor = "multi_thread")]
async fn hdf5_systems_open_in_the_page() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm-core/golden/hdf5").canonicalize().expect("golden files");
    let expected = [
        ("mcs.h5", "2 channels"),
        ("session.nwb", "2 channels"),
        ("three_brain_v4.brw", "4 channels"),
        ("maxwell.raw.h5", "3 channels"),
    ];
    for (name, channels) in expected {
        let facts = opened(&page, &[folder.join(name)]).await;
        assert!(facts.contains(channels), "{name}: {facts}");
    }
    let said = page.run("return document.body.innerText").await;
    assert!(
        said.as_str().is_some_and(|text| text.contains("inferred from public files")),
        "MaxWell's decoding is said to be inferred"
    );
    page.go(&page.address).await;
    page.choose(&[&folder.join("three_brain_sparse.brw")]).await;
    assert!(page.text("problem").await.contains("EventsBasedSparseRaw"));
    stage.close().await;
}

/// One real recording of each kind; a folder stands for the files in it.
const REAL: &[&str] = &[
    "maxwell/etd/MaxOne_data/Network/000010/data.raw.h5",
    "3brain/biocam_hw3.0_fw1.6.brw",
    "mcs_h5/W8_Standard_all_500Hz.h5",
    "nwb/generated/hippocampus_blosc_zstd.nwb",
    "mearec/mearec_written_hippocampus.h5",
    "neuralynx/etd/Cheetah_v5.7.4/original_data",
    "edf/mne_test.edf",
    "bdf/test_generator_2.bdf",
    "openephys_legacy/etd/OpenEphys_SampleData_1",
    "blackrock/etd/segment/PauseCorrect/pause_correct.ns2",
    "spikegadgets/etd/W122_06_09_2019_1_fromSD.rec",
    "raw_binary/mcs_like_header.raw",
    "intan/ephys2_sampledata.rhd",
];

#[tokio::test(flavor = "multi_thread")]
async fn real_recordings_open_in_the_page() {
    let Some(recordings) = shared("recordings", REAL.len(), "recordings opened in the page") else { return };
    let recordings = recordings.canonicalize().expect("it is there");
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    for name in REAL {
        let path = recordings.join(name);
        let files = match std::fs::read_dir(&path) {
            Ok(folder) => folder.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect(),
            Err(_) => vec![path],
        };
        let facts = opened(&page, &files).await;
        assert!(facts.contains("channel"), "{name}: {facts}");
    }
    stage.close().await;
}
