//! The bound on the spikes that are kept in memory.

use super::OpenError;

/// Spikes that a reader keeps. A browser's memory ends at 4 GB; this many take 1.4 GB, and nearly
/// as much again while a table of them is read. Elsewhere the machine's memory is the only bound.
pub const MAX_STORED_SPIKES: usize = if cfg!(target_pointer_width = "32") { 60_000_000 } else { usize::MAX / 64 };

/// The error of a file that holds more.
pub fn too_many_spikes(path: &str) -> OpenError {
    OpenError::field(
        path,
        "number of spikes",
        format!("above {MAX_STORED_SPIKES}, which is all that a browser's memory holds"),
        format!("at most {MAX_STORED_SPIKES} here; the command line has no such bound"),
    )
}
