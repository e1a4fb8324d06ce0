//! MB/s and bytes of each level of packing: `pack [FILE...]`, or `pack --simulate [ELECTRODES]`.
//!
//! Rows are pco's levels with what is guessed of a channel and with pco's own search, then the named
//! levels; the last column compares bytes with those of level "small". One core, without reading.

use std::sync::Arc;
use std::time::Instant;

use wasm_core::formats;
use wasm_core::io::{FileSet, NamedFile};
use wasm_core::recording::{FrameSource, StreamInfo};
use wasm_core::sample::SampleType;
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::zarr::{Level, chunk_frames, encode_chunk_at, encode_chunk_by, read_chunk};

/// Rows of chunks that are packed at most, from the start of the longest segment.
const MAX_ROWS: u64 = 3;

/// Raw chunks, with the frames of each.
struct Raw {
    sample_type: SampleType,
    chunks: Vec<(Vec<u8>, usize)>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_none_or(|first| first == "--simulate") {
        let n_channels = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(64);
        let spec = SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s: 10.0, seed: 1 };
        measure("simulated", &Simulation::new(spec));
        return;
    }
    for path in arguments {
        let Ok(content) = std::fs::read(&path) else {
            println!("{path} could not be read");
            continue;
        };
        let files = FileSet::new(vec![NamedFile { path: path.clone(), file: Arc::new(content) }]);
        match formats::open(&files) {
            Ok(recording) => recording.streams.iter().take(1).for_each(|stream| measure(&path, stream.as_ref())),
            Err(error) => println!("{path}: {error}"),
        }
    }
}

fn measure(name: &str, source: &dyn FrameSource) {
    let raw = raw(source);
    println!("{name}\tMB/s\tbytes\tof small");
    let small = timed(&raw, |bytes, n| encode_chunk_at(Level::Small, raw.sample_type, bytes, n).unwrap_or_default()).1;
    for is_searched in [false, true] {
        for pco_level in 2..=8 {
            let what = format!("pco {pco_level}, {}", if is_searched { "searched" } else { "guessed" });
            let way = (pco_level, is_searched);
            print(&what, &raw, small, |bytes, n| encode_chunk_by(way, raw.sample_type, bytes, n).unwrap_or_default());
        }
    }
    for level in Level::ALL {
        print(level.word(), &raw, small, |bytes, n| {
            encode_chunk_at(level, raw.sample_type, bytes, n).unwrap_or_default()
        });
    }
}

/// A row of the table.
fn print(what: &str, raw: &Raw, small: usize, pack: impl Fn(&[u8], usize) -> Vec<u8>) {
    let (mb_per_s, n_bytes) = timed(raw, pack);
    println!("{what}\t{mb_per_s:.0}\t{n_bytes}\t{:.1} %", share(n_bytes, small));
}

/// The first rows of the longest segment.
fn raw(source: &dyn FrameSource) -> Raw {
    let info: &StreamInfo = source.info();
    let segment = (0..info.segments.len()).max_by_key(|at| info.segments[*at].n_frames).unwrap_or(0);
    let frames = chunk_frames(info, segment);
    let n_rows = info.segments.get(segment).map_or(0, |found| found.n_frames / frames.max(1)).min(MAX_ROWS);
    let n_frames = usize::try_from(frames).unwrap_or(0);
    let rows = (0..n_rows).filter_map(|row| read_chunk(source, segment, row).ok()).flatten();
    Raw { sample_type: info.sample_type, chunks: rows.map(|chunk| (chunk, n_frames)).collect() }
}

/// MB/s of the raw bytes, and bytes after packing: the faster of two tries.
#[expect(clippy::cast_precision_loss, reason = "bytes")]
fn timed(raw: &Raw, pack: impl Fn(&[u8], usize) -> Vec<u8>) -> (f64, usize) {
    let n_raw: usize = raw.chunks.iter().map(|(chunk, _)| chunk.len()).sum();
    let once = || {
        let start = Instant::now();
        let n_bytes = raw.chunks.iter().map(|(chunk, n_frames)| pack(chunk, *n_frames).len()).sum::<usize>();
        (n_raw as f64 / 1e6 / start.elapsed().as_secs_f64().max(1e-9), n_bytes)
    };
    let (first, second) = (once(), once());
    (first.0.max(second.0), second.1)
}

#[expect(clippy::cast_precision_loss, reason = "bytes")]
fn share(n_bytes: usize, of: usize) -> f64 {
    n_bytes as f64 / of.max(1) as f64 * 100.0
}
