//! Milliseconds of each analysis on simulated spikes: `blocks [ELECTRODES] [SPIKES]`.

use std::hint::black_box;
use std::time::Instant;

use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::{BLOCKS, run_of};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::FrameSource;
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::spikes::Spike;

const RATE_HZ: f64 = 20_000.0;
const N_FRAMES: u64 = 300 * 20_000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<u64>().ok());
    let (n_channels, n_spikes) = (arguments.next().unwrap_or(1024), arguments.next().unwrap_or(1_000_000));
    let spec = SimulationSpec {
        n_channels: usize::try_from(n_channels).unwrap_or(1),
        sampling_frequency_hz: RATE_HZ,
        duration_s: 300.0,
        seed: 1,
    };
    let simulation = Simulation::new(spec);
    let info = simulation.info();
    // A multiplicative sequence: half of the spikes alone, half within 300 ms of a common burst every 5 s.
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut spikes: Vec<Spike> = (0..n_spikes)
        .map(|at| {
            let frame = if at % 2 == 0 { next(N_FRAMES) } else { next(N_FRAMES / 100_000) * 100_000 + next(6000) };
            Spike {
                segment_index: 0,
                sample_index: frame.cast_signed(),
                channel_index: u32::try_from(next(n_channels)).unwrap_or(0),
                amplitude_uv: -50.0,
            }
        })
        .collect();
    spikes.sort_unstable_by_key(Spike::key);
    let start = Instant::now();
    let trains = SpikeTrains::new(info, &spikes, None);
    println!("trains\t{:.1}", start.elapsed().as_secs_f64() * 1000.0);
    for spec in BLOCKS {
        let mut pipeline = Pipeline::empty();
        let Some(id) = run_of(spec).and_then(|_| pipeline.add_analysis(spec.kind)) else { continue };
        let Some(block) = pipeline.blocks.iter().find(|block| block.id == id) else { continue };
        let start = Instant::now();
        let outcome = run_of(spec).map(|run| run(&trains, block.values()));
        let took = start.elapsed().as_secs_f64() * 1000.0;
        drop(black_box(outcome));
        println!("{}\t{took:.1}", spec.kind);
    }
}
