//! HDF5 is a container: what a file is shows in the groups that it holds.

use super::format::{Claim, Reader, first_of};
use super::registry::FORMATS;
use super::text_header::ending;
use super::{OpenError, Recording, hdf5};
use crate::io::{FileSet, NamedFile};

/// The first HDF5 file of a drop, whatever it holds.
pub fn claim(files: &FileSet) -> Option<Claim<'_>> {
    let ours: Vec<&NamedFile> = files.iter().filter(|file| hdf5::is_hdf5(file)).collect();
    first_of(&ours, move |file| open(file, files))
}

fn open(file: &NamedFile, files: &FileSet) -> Result<Recording, OpenError> {
    let Some(wanted) = hdf5::missing_end(file) else { return read(file, files) };
    // Whatever else is wrong with a file that was cut comes from that.
    let length = format!("{} bytes", file.file.size_bytes());
    let expected = format!("{wanted} bytes, as its HDF5 superblock says: it was cut, perhaps while it was copied");
    match read(file, files) {
        Ok(mut recording) => {
            recording.notes.push(format!("{} is cut: {length} long, expected {expected}.", file.path));
            Ok(recording)
        }
        Err(error @ OpenError::Io { .. }) => Err(error),
        Err(_) => Err(OpenError::field(&file.path, "length", length, expected)),
    }
}

/// Reads a file by the first format whose groups it has.
fn read(file: &NamedFile, files: &FileSet) -> Result<Recording, OpenError> {
    let opened = hdf5::H5::open(file, files)?;
    let known = FORMATS.iter().find_map(|format| match format.reader {
        Reader::Hdf5(is_ours, open) if is_ours(&opened) => Some(open),
        _ => None,
    });
    let recording = known.map_or_else(|| Err(unknown(file)), |open| open(&opened))?;
    if recording.streams.is_empty() && recording.spikes.is_none() {
        return Err(OpenError::NoSignal { path: file.path.clone(), format: recording.format });
    }
    Ok(recording)
}

/// Why a file of no known format is refused.
fn unknown(file: &NamedFile) -> OpenError {
    match ending(file).as_str() {
        "mat" => OpenError::Closed {
            path: file.path.clone(),
            what: "a MATLAB file",
            instead: "the signal as plain binary with NAME.json, or the spikes as a .csv",
        },
        _ => OpenError::StandIn {
            path: file.path.clone(),
            what: "an HDF5 file whose groups are empty, damaged, or of no known recording system".into(),
            advice: "give the file as it was recorded".into(),
        },
    }
}
