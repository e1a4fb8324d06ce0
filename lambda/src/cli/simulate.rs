//! `neurocyte simulate`: a `SpikeInterface` binary folder and the truth beside it.

use std::os::unix::fs::FileExt;

use indicatif::ProgressBar;
use wasm_core::recording::FrameSource;
use wasm_core::simulation::{Simulation, SimulationSpec};
use wasm_core::spikes::{Spike, write_parquet};

use super::{Outcome, Simulate, output, si_folder};
use crate::threads::{parallel, threads_or_all};

/// The spikes that are known.
const TRUTH: &str = "truth.parquet";

/// Frames that a worker renders at a time.
const AT_A_TIME: u64 = 8192;

#[expect(clippy::cast_precision_loss, reason = "a check of plausibility")]
pub fn run(options: &Simulate) -> Outcome {
    if !(1..=65_536).contains(&options.channels) {
        return Err("--channels must be 1 to 65,536".into());
    }
    if !(options.rate >= 1000.0 && options.rate <= 100_000.0) {
        return Err("--rate must be 1,000 to 100,000 Hz".into());
    }
    if !(options.seconds > 0.0 && options.seconds * options.rate * (options.channels as f64) < 1e13) {
        return Err("--seconds must be above 0, and the recording below 20 TB".into());
    }
    if options.seconds * options.rate < 1.0 {
        return Err("--seconds must be long enough for one frame".into());
    }
    let simulation = Simulation::new(SimulationSpec {
        n_channels: options.channels,
        sampling_frequency_hz: options.rate,
        duration_s: options.seconds,
        seed: options.seed,
    });
    output::folder_of_recording(&options.out, TRUTH)?;
    write_traces(&simulation, &options.out.join("traces_cached_seg0.raw"))?;
    let truth: Vec<Spike> = simulation
        .truth()
        .iter()
        .map(|spike| Spike {
            segment_index: 0,
            sample_index: spike.sample_index,
            channel_index: spike.channel_index,
            amplitude_uv: -simulation.amplitude_uv(spike),
        })
        .collect();
    output::write(&options.out.join(TRUTH), &write_parquet(&truth)?)?;
    si_folder::describe(simulation.info(), &options.out)
}

/// Renders with all cores and writes each piece at its place.
fn write_traces(simulation: &Simulation, path: &std::path::Path) -> Outcome {
    let info = simulation.info();
    let n_frames = info.n_frames();
    let row_bytes = (info.n_channels * info.sample_type.size_bytes()) as u64;
    let file = output::create(path)?;
    file.set_len(n_frames * row_bytes)?;
    let bar = ProgressBar::new(n_frames * row_bytes);
    let n_pieces = usize::try_from(n_frames.div_ceil(AT_A_TIME))?;
    let written = parallel(threads_or_all(None), n_pieces, |at| {
        let start = at as u64 * AT_A_TIME;
        let n_frames = usize::try_from(AT_A_TIME.min(n_frames - start)).map_err(|error| error.to_string())?;
        let block = simulation.read(0, start, n_frames).map_err(|error| error.to_string())?;
        file.write_all_at(&block.bytes, start * row_bytes).map_err(|error| error.to_string())?;
        bar.inc(block.bytes.len() as u64);
        Ok::<_, String>(())
    });
    bar.finish_and_clear();
    written.map_err(|reason| format!("{}: {reason}", path.display()))?;
    Ok(())
}
