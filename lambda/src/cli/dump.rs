//! `neurocyte dump`.

use std::io::Write;

use super::files::keep_apart;
use super::{Dump, Outcome, open_path, output};

/// Frames that are read at a time; keeps memory bounded for any number of frames.
const AT_A_TIME: u64 = 4096;

pub fn run(options: &Dump) -> Outcome {
    let recording = open_path(&options.path)?;
    let source = recording.stream(options.stream.as_deref())?;
    let end = options.start.saturating_add(options.frames);
    // An impossible range fails before a file is made.
    wasm_core::recording::check_range(source.info(), options.segment, options.start, usize::try_from(options.frames)?)?;
    keep_apart(&options.out, &options.path)?;
    output::write_pieces(&options.out, |out| {
        let mut at = options.start;
        while at < end {
            let n_frames = usize::try_from((end - at).min(AT_A_TIME))?;
            out.write_all(&source.read(options.segment, at, n_frames)?.into_interleaved().bytes)?;
            at += n_frames as u64;
        }
        Ok(())
    })
}
