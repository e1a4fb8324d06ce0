//! `snippets.npy`: the waveform of every spike, cut from the filtered signal.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use indicatif::ProgressBar;
use wasm_core::engine::{BLOCK_FRAMES, BlockId, Engine, npy_header};
use wasm_core::recording::{FrameSource, ReadError};
use wasm_core::spikes::Spike;

use super::Outcome;
use crate::threads::parallel;

/// Blocks whose waveforms are held at a time, for each thread.
const BLOCKS_AT_ONCE: usize = 4;

/// Writes `float32` `[spikes, frames]` in microvolts, in the order of the spikes, which are sorted.
pub fn write(engine: &Engine, source: &dyn FrameSource, spikes: &[Spike], n_threads: usize, path: &Path) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    file.write_all(&npy_header(spikes.len(), engine.waveform_frames())).map_err(failed)?;
    let block = |spike: &Spike| BlockId {
        segment: spike.segment_index as usize,
        index: spike.sample_index.cast_unsigned() / BLOCK_FRAMES,
    };
    let blocks: Vec<&[Spike]> = spikes.chunk_by(|a, b| block(a) == block(b)).collect();
    let bar = ProgressBar::new(blocks.len() as u64);
    for some in blocks.chunks(BLOCKS_AT_ONCE * n_threads) {
        let waveforms = parallel(n_threads, some.len(), |at| {
            let filtered = engine.block(source, block(&some[at][0]))?;
            bar.inc(1);
            let values = some[at].iter().flat_map(|spike| engine.snippet(&filtered, spike));
            Ok::<Vec<u8>, ReadError>(values.flat_map(f32::to_le_bytes).collect())
        })?;
        for bytes in waveforms {
            file.write_all(&bytes).map_err(failed)?;
        }
    }
    bar.finish_and_clear();
    Ok(file.flush().map_err(failed)?)
}
