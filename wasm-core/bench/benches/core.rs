//! Times the parts that decide how long an analysis takes: `cargo bench --manifest-path wasm-core/bench/Cargo.toml`.
//! Add a word to time only what has it in its name, such as `-- decode`.
//!
//! Each line is a block of 8,192 frames of 64 channels, on one thread. What is compared with other programs is in
//! `cargo xtask bench`.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use wasm_core::engine::{BLOCK_FRAMES, BlockId, Engine, Workspace};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::FrameSource;
use wasm_core::sample::RawBlock;
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::zarr::{chunk_frames, decode_chunk, encode_chunk, read_chunk};

const N_CHANNELS: usize = 64;
/// Electrodes of a dense array.
const N_DENSE: usize = 4096;

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    block(&mut criterion);
    chunk(&mut criterion);
    engine(&mut criterion);
    criterion.final_summary();
}

fn simulation(n_channels: usize, duration_s: f64) -> Simulation {
    Simulation::new(SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s, seed: 1 })
}

/// The filter alone, then all that is done to a block: filter, reference and detection.
fn block(criterion: &mut Criterion) {
    let source = simulation(N_CHANNELS, 2.0);
    let id = BlockId { segment: 0, index: 1 };
    let mut workspace = Workspace::default();
    let mut group = criterion.benchmark_group("block");
    group.throughput(Throughput::Elements(BLOCK_FRAMES * N_CHANNELS as u64));
    for (name, filter) in [("without a filter", "none"), ("band-pass", "bandpass")] {
        let mut pipeline = Pipeline::default();
        pipeline.set("filter", "btype", filter.into());
        pipeline.set("common_reference", "operator", "none".into());
        let engine = Engine::new(source.info(), &pipeline).expect("a valid pipeline");
        let mut window = engine.window(&source, id, RawBlock::default());
        group.bench_function(name, |bencher| {
            bencher.iter(|| drop(black_box(engine.filter(&mut window, &mut workspace))));
        });
    }
    let engine = Engine::new(source.info(), &Pipeline::default()).expect("a valid pipeline");
    let mut window = engine.window(&source, id, RawBlock::default());
    let noise_uv = engine.noise(&engine.filter(&mut window, &mut workspace).expect("a simulation always reads"));
    group.bench_function("filter, reference, detection", |bencher| {
        bencher.iter(|| drop(black_box(engine.scan(&mut window, &noise_uv, &mut workspace))));
    });
    group.finish();
}

/// A chunk of an uploaded recording, packed and unpacked.
fn chunk(criterion: &mut Criterion) {
    let source = simulation(N_CHANNELS, 0.5);
    let sample_type = source.info().sample_type;
    let n_frames = usize::try_from(chunk_frames(source.info(), 0)).expect("a chunk fits memory");
    let groups = read_chunk(&source, 0, 0).expect("a simulation always reads");
    let raw = groups.first().expect("a group of channels");
    let packed = encode_chunk(sample_type, raw, n_frames).expect("packed");
    let mut group = criterion.benchmark_group("chunk");
    group.throughput(Throughput::Bytes(raw.len() as u64));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| drop(black_box(encode_chunk(sample_type, black_box(raw), n_frames))));
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| drop(black_box(decode_chunk(sample_type, black_box(&packed), n_frames * N_CHANNELS))));
    });
    group.finish();
}

/// What is made before the first block of a dense array: neighbours are looked for here.
fn engine(criterion: &mut Criterion) {
    let source = simulation(N_DENSE, 0.1);
    let mut group = criterion.benchmark_group("engine of 4,096 electrodes");
    group.sample_size(10);
    for (name, reference) in [("global reference", "global"), ("local reference", "local")] {
        let mut pipeline = Pipeline::default();
        pipeline.set("common_reference", "reference", reference.into());
        group.bench_function(name, |bencher| {
            bencher.iter(|| drop(black_box(Engine::new(source.info(), black_box(&pipeline)))));
        });
    }
    group.finish();
}
