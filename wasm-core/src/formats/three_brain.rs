//! 3Brain `.brw`: version 3 (`3BData/Raw`) and version 4 (`Well_…/Raw`); `.bxr`: spikes.
//!
//! Recordings that keep only stretches around events, or a wavelet transform, are told
//! apart and refused with the reason: they hold no continuous signal.

mod converter;
mod facts;
mod signal;
mod spikes;

use super::format::{Format, Reader};
use super::hdf5::H5;
use super::{OpenError, Recording, Support};

/// Distance of neighbouring electrodes where the file names no plate.
const PITCH_UM: f64 = 42.0;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "3Brain .brw, .bxr",
    give: "the file",
    tested: "version 3 and 4, raw; spikes",
    positions: "chip layout",
    neo: ".brw",
    spikeinterface: ".brw",
};

/// The format.
pub const FORMAT: Format = Format { names: &["3brain"], support: &SUPPORT, reader: Reader::Hdf5(is_three_brain, open) };

/// Whether the file has 3Brain's structure.
pub fn is_three_brain(file: &H5) -> bool {
    file.has("3BRecInfo") || file.has("ExperimentSettings") || file.has("ExperimentInfo")
}

/// Opens version 3 or 4.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let is_old = file.has("3BRecInfo");
    let mut notes = Vec::new();
    let spikes = if is_old { spikes::version_3(file, &mut notes) } else { spikes::version_4(file, &mut notes) };
    // Spikes that cannot be read do not refuse a signal beside them.
    let (spikes, failed) = match spikes {
        Ok(spikes) => (spikes, None),
        Err(error @ OpenError::Io { .. }) => return Err(error),
        Err(error) => {
            notes.push(format!("The stored spikes are left out. {error}."));
            (None, Some(error))
        }
    };
    let has_signal = has_signal(file)?;
    let streams = match failed {
        // Files of results hold spikes and no signal.
        Some(error) if !has_signal => return Err(error),
        None if spikes.is_some() && !has_signal => Vec::new(),
        _ if is_old => signal::version_3(file, &mut notes)?,
        _ => signal::version_4(file, &mut notes)?,
    };
    let facts = if is_old { facts::version_3(file) } else { facts::version_4(file) };
    Ok(Recording { spikes, facts, notes, ..Recording::of_streams("3brain", streams) })
}

fn has_signal(file: &H5) -> Result<bool, OpenError> {
    let (groups, _) = file.members("")?;
    Ok(file.has("3BData/Raw") || groups.iter().any(|group| file.has(&format!("{group}/Raw"))))
}

/// `A1` of `Well_A1`.
fn well_name(group: &str) -> &str {
    group.strip_prefix("Well_").unwrap_or(group)
}

/// Stored channels are numbered row by row over a square plate. Where all of a square are stored,
/// it is the plate, as probeinterface takes it; else one of 16, 32 or 64 electrodes a side.
#[expect(clippy::cast_precision_loss, reason = "a number of channels")]
fn positions(indices: &[f64], pitch_um: f64) -> Vec<[f64; 2]> {
    let largest = indices.iter().copied().fold(0.0, f64::max);
    let whole = (indices.len() as f64).sqrt();
    let is_whole = whole.fract() == 0.0 && largest < whole * whole;
    let sides = [16.0, 32.0, 64.0].into_iter().find(|side| largest < side * side);
    let side = if is_whole { whole } else { sides.unwrap_or_else(|| (largest + 1.0).sqrt().ceil()) }.max(1.0);
    indices.iter().map(|index| [(index / side).floor() * pitch_um, (index % side) * pitch_um]).collect()
}
