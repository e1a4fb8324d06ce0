//! Intan `.rhd` and `.rhs` in their three layouts: one file; one file per kind of signal;
//! one file per channel. Layout from Intan's "RHD2000 Application note: data file formats".

mod blocks;
mod header;
mod split;

use super::{Attempt, OpenError};
use crate::formats::interleaved::uniform;
use crate::io::{FileSet, NamedFile};
use crate::recording::{Recording, StreamInfo};
use crate::sample::SampleType;
use header::{Channel, Header, Kind};

pub fn open(files: &FileSet) -> Attempt {
    let header = files.iter().find(|file| Header::looks_like(file))?;
    Some(read(files, header))
}

fn read(files: &FileSet, file: &NamedFile) -> Result<Recording, OpenError> {
    let header = Header::read(file)?;
    let stem = file.name().rsplit_once('.').map_or(file.name(), |(stem, _)| stem);
    let streams = if stem.eq_ignore_ascii_case("info") {
        split::streams(files, file, &header)?
    } else {
        blocks::streams(file, &header)?
    };
    Ok(Recording { format: "intan", spikes: None, streams, events: Vec::new(), notes: header.notes() })
}

/// A stream's description without its segments. Where channels have files of their own,
/// amplifiers are stored signed.
fn describe(header: &Header, kind: Kind, channels: &[&Channel], split: bool) -> StreamInfo {
    let (native_gain, native_offset) = header.scale(kind);
    let signed = (split && matches!(kind, Kind::Amplifier)) || matches!(kind, Kind::Temperature | Kind::Stim);
    let sample_type = if signed { SampleType::Int16 } else { SampleType::Uint16 };
    let suffix = match kind {
        Kind::Dc => "_DC",
        Kind::Stim => "_STIM",
        _ => "",
    };
    let ids = channels.iter().map(|channel| format!("{}{suffix}", channel.native_name)).collect();
    let mut info = uniform(header.stream_name(kind), header.rate_hz(kind), sample_type, ids, native_gain);
    if !(split && matches!(kind, Kind::Amplifier)) {
        info.offset_to_uv.fill(native_offset);
    }
    info
}
