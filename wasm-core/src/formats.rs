//! Readers of recordings: chosen by content, never by a file's ending alone.

mod error;
mod intan;
mod interleaved;
mod npy;
mod open_ephys;
mod plain_binary;
mod probe;
mod si_binary;
mod spikeglx;

pub use error::OpenError;
pub use plain_binary::PlainBinary;

use crate::io::FileSet;
use crate::recording::Recording;

/// What a reader says to a set of files: not mine, or the attempt to open them.
type Attempt = Option<Result<Recording, OpenError>>;

/// The formats in words, for the start page and for messages.
pub const READABLE: &[&str] = &[
    "SpikeGLX (.bin with its .meta)",
    "Open Ephys binary (folder with structure.oebin)",
    "Intan .rhd (one file, or the folder of info.rhd)",
    "SpikeInterface binary folder (binary.json)",
    "plain binary (with params.py or NAME.json beside it)",
];

/// No amplifier is faster; a larger number is damage.
const MAX_RATE_HZ: f64 = 1e6;

/// Opens a dropped file, several files, or a folder.
///
/// # Errors
/// When no reader knows the files, or the one that does finds them wrong; the message
/// names the file, the field and what was expected.
pub fn open(files: &FileSet) -> Result<Recording, OpenError> {
    if files.is_empty() {
        return Err(OpenError::NoFiles);
    }
    // Formats with a descriptive file come first; plain binary fits anything.
    let readers: [fn(&FileSet) -> Attempt; 5] =
        [open_ephys::open, spikeglx::open, si_binary::open, intan::open, plain_binary::open];
    let mut recording = readers.iter().find_map(|open| open(files)).unwrap_or_else(|| {
        Err(OpenError::Unknown { names: files.iter().take(5).map(|file| file.path.clone()).collect() })
    })?;
    // Streams without channels or frames are what interrupted recordings leave.
    recording.streams.retain(|stream| stream.info().n_channels > 0 && stream.info().n_frames() > 0);
    if recording.streams.is_empty() {
        return Err(OpenError::NoSignal { format: recording.format });
    }
    for info in recording.streams.iter().map(|stream| stream.info()) {
        let rate_hz = info.sampling_frequency_hz;
        if !(rate_hz > 0.0 && rate_hz <= MAX_RATE_HZ) {
            return Err(OpenError::field(&info.name, "sampling rate", rate_hz, "above 0 and at most 1,000,000 Hz"));
        }
    }
    Ok(recording)
}
