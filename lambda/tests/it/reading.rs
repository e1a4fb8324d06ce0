//! How much of a file is read: little to open it, and for a window not much more than it holds.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::shared::shared;
use wasm_core::formats::open;
use wasm_core::io::{FileSet, NamedFile, ReadAt};
use wasm_core::recording::FrameSource;

/// A file that counts the bytes asked of it.
struct Counted {
    file: File,
    size_bytes: u64,
    n_read: Arc<AtomicU64>,
}

impl ReadAt for Counted {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.n_read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.file.read_exact_at(buffer, offset)
    }
}

fn counted(paths: &[&Path], n_read: &Arc<AtomicU64>) -> FileSet {
    let named = |path: &&Path| {
        let file = File::open(path).expect("there");
        let size_bytes = file.metadata().expect("a file").len();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        NamedFile { path: name, file: Arc::new(Counted { file, size_bytes, n_read: Arc::clone(n_read) }) }
    };
    FileSet::new(paths.iter().map(named).collect())
}

/// What opening may read of a file of any size.
const OPENING_BYTES: u64 = 8 << 20;
/// What a reader may ask for around a window, whatever its size: headers, indices, the rest of a record.
const AROUND_BYTES: u64 = 256 << 10;

/// Reads a second from the middle of each stream.
fn check_windows(name: &str, streams: &[Box<dyn FrameSource>], n_read: &AtomicU64) {
    for stream in streams {
        let info = stream.info();
        let Some((segment, found)) = info.segments.iter().enumerate().max_by_key(|(_, segment)| segment.n_frames)
        else {
            continue;
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a second of frames")]
        let n_frames = (info.sampling_frequency_hz as u64).clamp(1, found.n_frames);
        let start = (found.n_frames - n_frames) / 2;
        n_read.store(0, Ordering::Relaxed);
        let n = usize::try_from(n_frames).expect("small");
        if stream.read(segment, start, n).is_err() {
            continue;
        }
        // What is stored decides, not what it unpacks to: bits of a digital word, say.
        let window = n_frames * (info.n_channels * info.sample_type.size_bytes()) as u64;
        let read = n_read.load(Ordering::Relaxed);
        assert!(read <= 4 * window + AROUND_BYTES, "{name}, {}: {read} bytes for {window}", info.name);
    }
}

#[test]
fn twelve_gigabytes_open_by_their_first_megabytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (raw, json) = (folder.path().join("culture.raw"), folder.path().join("culture.json"));
    // Sparse: the disk holds nothing of it.
    File::create(&raw).expect("writable").set_len(12_288_000_000).expect("sparse files");
    let described = r#"{ "sampling_frequency_hz": 20000, "n_channels": 1024, "dtype": "int16", "gain_to_uv": 0.2 }"#;
    std::fs::write(&json, described).expect("writable");
    let n_read = Arc::new(AtomicU64::new(0));
    let recording = open(&counted(&[&raw, &json], &n_read)).expect("opens");
    assert_eq!(recording.streams[0].info().n_frames(), 6_000_000);
    assert!(n_read.load(Ordering::Relaxed) < OPENING_BYTES);
    check_windows("culture.raw", &recording.streams, &n_read);
}

/// Real recordings of one file each, chunked and not.
const REAL: &[&str] = &[
    "maxwell/etd/MaxOne_data/Network/000010/data.raw.h5",
    "maxwell/data.raw.h5",
    "3brain/biocam_hw3.0_fw1.6.brw",
    "3brain/biocam_hw3.0_fw1.7.0.12_raw.brw",
    "mcs_h5/W8_Standard_all_500Hz.h5",
    "nwb/generated/hippocampus_blosc_zstd.nwb",
    "mearec/mearec_written_hippocampus.h5",
    "edf/mne_test.edf",
    "bdf/test_generator_2.bdf",
    "blackrock/etd/segment/PauseCorrect/pause_correct.ns2",
    "spikegadgets/etd/W122_06_09_2019_1_fromSD.rec",
    "raw_binary/mcs_like_header.raw",
    "intan/ephys2_sampledata.rhd",
];

#[test]
fn real_recordings_are_read_in_pieces() {
    let Some(folder) = shared("recordings", REAL.len(), "recordings read in pieces") else { return };
    for name in REAL {
        let path = folder.join(name);
        let n_read = Arc::new(AtomicU64::new(0));
        let recording = open(&counted(&[&path], &n_read)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(n_read.load(Ordering::Relaxed) < OPENING_BYTES, "{name}: {n_read:?} bytes to open");
        check_windows(name, &recording.streams, &n_read);
    }
}
