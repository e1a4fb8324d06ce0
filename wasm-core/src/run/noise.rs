//! The noise of a whole recording, measured at once.

use super::{Cut, Job, NOISE, Next, Task};
use crate::engine::{Engine, Workspace};
use crate::recording::{FrameSource, ReadError};

/// Noise of every channel in microvolts, measured on excerpts spread over the recording.
///
/// # Errors
/// When the source cannot give one.
pub fn measure_noise(engine: &Engine, source: &dyn FrameSource) -> Result<Vec<f32>, ReadError> {
    let cut = Cut { blocks_per_slice: u64::MAX, ..Cut::default() };
    let mut job = Job::new(&[NOISE], engine.info(), engine.settings().noise, cut);
    let mut workspace = Workspace::default();
    while let Next::Task(Task::Measure { at, excerpt, .. }) = job.next(0) {
        job.measured(at, engine.noise_of_excerpt(source, &excerpt, &mut workspace)?);
    }
    Ok(job.noise_uv().map_or_else(Vec::new, |noise_uv| noise_uv.to_vec()))
}
