//! Times the engine's stages on one block of 1,024 channels: a line each of name, tab,
//! nanoseconds per sample. `cargo xtask bench` puts them beside the copying of memory.

use std::hint::black_box;
use std::time::Instant;

use wasm_core::engine::{BLOCK_FRAMES, BlockId, Engine, Workspace};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::FrameSource;
use wasm_core::sample::RawBlock;
use wasm_core::simulation::{Simulation, SimulationSpec};

const N_CHANNELS: usize = 1024;
/// Runs of each stage; the fastest counts, because a shared processor only ever slows down.
const RUNS: usize = 9;

fn main() {
    // Long enough for the noise to be measured as in a long recording; one block of it is rendered.
    let spec = SimulationSpec { n_channels: N_CHANNELS, sampling_frequency_hz: 20_000.0, duration_s: 12.0, seed: 1 };
    let source = Simulation::new(spec);
    let id = BlockId { segment: 0, index: 1 };
    let mut workspace = Workspace::default();

    let from = vec![1_f32; samples()];
    let mut to = from.clone();
    time("copy", || black_box(&mut to).copy_from_slice(black_box(&from)));

    let stages = [
        ("decode, scale, search", "none", "none"),
        ("and the band-pass, both ways", "bandpass", "none"),
        ("and the median reference: a whole scan", "bandpass", "median"),
    ];
    for (name, filter, reference) in stages {
        let mut pipeline = Pipeline::default();
        pipeline.set("filter", "btype", filter.into());
        pipeline.set("common_reference", "operator", reference.into());
        let engine = Engine::new(source.info(), &pipeline).expect("a valid pipeline");
        let mut window = engine.window(&source, id, RawBlock::default());
        let noise_uv = engine.noise(&engine.filter(&mut window, &mut workspace).expect("a simulation always reads"));
        time(name, || drop(black_box(engine.scan(&mut window, &noise_uv, &mut workspace))));
        if reference == "median" {
            time("and the noise: a survey", || drop(black_box(engine.survey(&mut window, &noise_uv, &mut workspace))));
        }
    }
}

/// Samples of a block.
fn samples() -> usize {
    usize::try_from(BLOCK_FRAMES).expect("a block fits memory") * N_CHANNELS
}

#[expect(clippy::cast_precision_loss, reason = "a number of samples")]
fn time(name: &str, mut work: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name}\t{:.3}", best / samples() as f64 * 1e9);
}
