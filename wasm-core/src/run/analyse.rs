//! The search of a slice once the noise is known, and what several slices give together.

use super::Slice;
use crate::engine::{Engine, RawWindow, Scan, WaveformSums, Workspace};
use crate::recording::{FrameSource, ReadError};
use crate::spikes::Spike;

/// The result of a slice.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    /// Peaks above the floor, sorted.
    pub peaks: Vec<Spike>,
    /// Sums of the spikes' waveforms.
    pub waveforms: WaveformSums,
    /// Peaks of each detection behind the first beyond its threshold, sorted.
    pub further: Vec<Vec<Spike>>,
}

impl SliceResult {
    /// The result of no slice, to which others are added.
    #[must_use]
    pub fn empty(engine: &Engine) -> Self {
        let further = vec![Vec::new(); engine.settings().further.len()];
        Self { peaks: Vec::new(), waveforms: engine.waveform_sums(), further }
    }

    /// Adds another slice, so that the sums of many take no more memory than those of one.
    /// Peaks are sorted when all are there.
    pub fn add(&mut self, other: Self) {
        self.peaks.extend(other.peaks);
        self.waveforms.merge(&other.waveforms);
        self.add_further(other.further);
    }

    /// Adds what counts of a block that was searched, now that the noise is known; `false`, and nothing is added,
    /// where it was not searched that deep.
    pub fn settle(&mut self, engine: &Engine, scan: &Scan, noise_uv: &[f32]) -> bool {
        let Some(peaks) = scan.settle(engine, noise_uv, &mut self.waveforms) else { return false };
        self.peaks.extend(peaks);
        self.add_further(scan.further(engine, noise_uv));
        true
    }

    fn add_further(&mut self, other: Vec<Vec<Spike>>) {
        self.further.resize_with(self.further.len().max(other.len()), Vec::new);
        for (own, other) in self.further.iter_mut().zip(other) {
            own.extend(other);
        }
    }
}

/// Analyses a slice. `observe` is shown each block before it is searched; returning `false`
/// stops the work, and the result is then `None`.
///
/// # Errors
/// When the source cannot give a block.
pub fn analyse(
    engine: &Engine,
    source: &dyn FrameSource,
    slice: Slice,
    noise_uv: &[f32],
    workspace: &mut Workspace,
    mut observe: impl FnMut(&mut RawWindow) -> Result<bool, ReadError>,
) -> Result<Option<SliceResult>, ReadError> {
    let mut result = SliceResult::empty(engine);
    for id in slice.blocks() {
        let mut window = engine.window(source, id, std::mem::take(&mut workspace.raw));
        if !observe(&mut window)? {
            return Ok(None);
        }
        let scan = engine.scan(&mut window, noise_uv, workspace)?;
        workspace.raw = window.into_memory();
        // With the noise itself a block is searched deep enough.
        result.settle(engine, &scan, noise_uv);
    }
    Ok(Some(result))
}
