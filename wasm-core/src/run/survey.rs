//! The search of blocks whose noise is not known yet, in the pass that measures noise.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::engine::{BLOCK_FRAMES, BlockId, Engine, NoiseExcerpt, Scan, Workspace, blocks_of, noise_sample};
use crate::pipeline::NoiseMethod;
use crate::recording::{FrameSource, ReadError};

/// Frames on which the first guess at the noise of surveyed frames is made.
const GUESS_FRAMES: u64 = 1024;

/// Part of the first guess at the noise that is believed: among a thousand channels some are guessed too high, and
/// what was not searched deep enough for one of them must be searched again.
const GUESS_CAUTION: f32 = 0.85;

/// Measures the noise of an excerpt and searches it in the same pass, so that a block of the
/// noise sample need not be read twice. `expected_uv` carries a guess at the noise from one
/// to the next and begins empty; it changes how much work is done, never a result.
///
/// # Errors
/// When the source cannot give the frames.
pub fn survey(
    engine: &Engine,
    source: &dyn FrameSource,
    excerpt: &NoiseExcerpt,
    expected_uv: &mut Vec<f32>,
    workspace: &mut Workspace,
) -> Result<(Vec<f32>, Scan), ReadError> {
    let NoiseExcerpt { segment, frames, .. } = excerpt;
    guess(engine, source, *segment, frames.clone(), expected_uv, workspace)?;
    let mut window = engine.window_of(source, *segment, frames.clone(), std::mem::take(&mut workspace.raw));
    let (noise_uv, scan) = engine.survey(&mut window, expected_uv, workspace)?;
    workspace.raw = window.into_memory();
    // A burst raises an excerpt's noise; those after it must still be searched deep enough.
    for (expected, noise) in expected_uv.iter_mut().zip(&noise_uv) {
        *expected = noise.min(*expected * 1.05);
    }
    Ok((noise_uv, scan))
}

/// Searches a block before its noise is known, without measuring the noise. `expected_uv` carries a guess at it, as
/// in [`survey`].
///
/// # Errors
/// When the source cannot give the block.
pub fn search(
    engine: &Engine,
    source: &dyn FrameSource,
    id: BlockId,
    expected_uv: &mut Vec<f32>,
    workspace: &mut Workspace,
) -> Result<Scan, ReadError> {
    let mut window = engine.window(source, id, std::mem::take(&mut workspace.raw));
    guess(engine, source, id.segment, window.own.clone(), expected_uv, workspace)?;
    let scan = engine.scan_expecting(&mut window, expected_uv, workspace)?;
    workspace.raw = window.into_memory();
    Ok(scan)
}

/// The first guess at the noise, from the start of some frames.
fn guess(
    engine: &Engine,
    source: &dyn FrameSource,
    segment: usize,
    frames: Range<u64>,
    expected_uv: &mut Vec<f32>,
    workspace: &mut Workspace,
) -> Result<(), ReadError> {
    if expected_uv.is_empty() {
        let start = frames.start..frames.end.min(frames.start + GUESS_FRAMES);
        *expected_uv = engine.noise_in(source, segment, start, workspace)?;
        for noise in &mut *expected_uv {
            *noise *= GUESS_CAUTION;
        }
    }
    Ok(())
}

/// The longest stretch whose peaks are kept until the noise is known; longer ones are decoded twice instead.
const MAX_STRETCH_FRAMES: u64 = 16 * BLOCK_FRAMES;

/// Blocks to search in the pass that measures their noise, for [`Cut::early`](super::Cut::early): none where the noise
/// sample does not consist of blocks, as that of a short recording, whose excerpts overlap.
#[must_use]
pub fn early_blocks(source: &dyn FrameSource, method: NoiseMethod) -> Vec<BlockId> {
    let info = source.info();
    let sample: Option<Vec<BlockId>> = noise_sample(info, method).iter().map(|excerpt| excerpt.block(info)).collect();
    sample.map_or_else(Vec::new, |sample| with_neighbours(source, &sample))
}

/// The blocks of a noise sample, and those that the source decodes with it anyway, in order: decoding
/// takes longer than searching, and should be done once. A recording with few others is taken
/// whole, so that no thread is left alone with them.
fn with_neighbours(source: &dyn FrameSource, sample: &[BlockId]) -> Vec<BlockId> {
    let all: Vec<BlockId> = blocks_of(source.info()).collect();
    if all.len() <= sample.len() + sample.len().div_ceil(4) {
        return all;
    }
    let together = source.stretch_frames().filter(|n_frames| (1..=MAX_STRETCH_FRAMES).contains(n_frames));
    let Some(stretch_frames) = together else { return sample.to_vec() };
    let stretch = |id: &BlockId| (id.segment, id.index * BLOCK_FRAMES / stretch_frames);
    let touched: BTreeSet<_> = sample.iter().map(stretch).collect();
    all.into_iter().filter(|id| touched.contains(&stretch(id))).collect()
}
