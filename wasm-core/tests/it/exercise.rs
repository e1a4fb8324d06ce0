//! Everything that opening makes possible, done to files that may be damaged.

use wasm_core::engine::Engine;
use wasm_core::formats::open;
use wasm_core::io::FileSet;
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{measure_noise, of_stored};

/// Longest recording that is analysed as well, in frames.
const ANALYSED_FRAMES: u64 = 5000;
/// Most channels of one.
const ANALYSED_CHANNELS: usize = 512;

/// Opens, reads, looks and analyses. Errors are welcome, panics are not.
pub fn exercise(files: &FileSet) {
    let Ok(recording) = open(files) else { return };
    if let Some(stored) = &recording.spikes {
        let result = of_stored(stored, "damaged", recording.format, &recording.facts, &recording.notes);
        assert_eq!(result.summary.channels.len(), stored.info.n_channels, "a line for every channel");
    }
    for stream in &recording.streams {
        let info = stream.info();
        for (segment, found) in info.segments.iter().enumerate().take(3) {
            let n = usize::try_from(found.n_frames.min(64)).expect("small");
            // Reading may fail, but says so.
            drop(stream.read(segment, 0, n));
            assert!(stream.read(segment, found.n_frames, 1).is_err(), "a frame behind the last one is none");
        }
        // Whatever opens can be analysed, or says why not.
        if let Ok(engine) = Engine::new(info, &Pipeline::default())
            && info.n_frames() < ANALYSED_FRAMES
            && info.n_channels <= ANALYSED_CHANNELS
        {
            drop(measure_noise(&engine, stream.as_ref()));
        }
    }
}
