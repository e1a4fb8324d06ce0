//! MaxWell `.raw.h5`: the old layout with `/sig`, and wells with recordings.
//!
//! Streams are wells, as neo names them; further recordings of a well are streams of their own, and
//! where there are several wells their first recordings are joined once more as the whole plate.
//! Rows of the data are routed channels, which need not be all that are mapped. Each frame has a
//! number: where numbers are left out, frames are missing.

mod agreement;
mod facts;
pub mod filter;
mod place;
mod plate;
mod spikes;

use std::sync::Arc;

use super::format::{Format, Reader};
use super::hdf5::H5;
use super::joined::Shared;
use super::{OpenError, Recording, Support};
use crate::recording::FrameSource;
use place::{Opened, Place};
use spikes::SpikeTables;

/// The version that still has `/sig`.
const OLD_VERSION: f64 = 20_160_704.0;
/// Rate of old files, which do not store it.
const OLD_RATE_HZ: f64 = 20_000.0;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "MaxWell .raw.h5",
    give: "the file",
    tested: "MaxOne and MaxTwo, format 20190530; filter 401 by an inferred layout, said with every result",
    positions: "mapping",
    neo: "with the vendor's plugin",
    spikeinterface: "with the vendor's plugin",
};

/// The format.
pub const FORMAT: Format = Format { names: &["maxwell"], support: &SUPPORT, reader: Reader::Hdf5(is_maxwell, open) };

/// Whether the file has MaxWell's structure.
pub fn is_maxwell(file: &H5) -> bool {
    file.has("version") && (file.has("wells") || (file.has("sig") && file.has("mapping")))
}

/// Opens an old or a new file.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let version = file.strings("version")?.first().and_then(|text| text.trim().parse::<f64>().ok());
    let version = version.ok_or_else(|| file.problem("version", &"not a number"))?;
    let mut notes = Vec::new();
    let places =
        if version <= OLD_VERSION || !file.has("wells") { vec![Place::old()] } else { places(file, &mut notes)? };
    let mut wells = Vec::new();
    let mut further: Vec<Box<dyn FrameSource>> = Vec::new();
    let mut tables = SpikeTables::default();
    let mut failed = None;
    let mut n_further_spikes = 0;
    for place in places {
        let opened = match place.open(file, &mut notes) {
            Ok(opened) => opened,
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("{} is left out. {error}.", place.name));
                failed.get_or_insert(error);
                continue;
            }
        };
        let own = if place.recording == 0 {
            tables.add(file, &place, &opened, &mut notes)
        } else {
            n_further_spikes += file.length(&place.spikes).unwrap_or(0);
            agreement::some_spikes(file, &place, &opened)
        };
        if opened.is_inferred {
            notes.push(agreement::note(&place, &opened, &own));
        }
        if place.recording == 0 {
            wells.push(opened);
        } else {
            further.push(Box::new(Shared(opened.source)));
        }
    }
    if let (true, Some(error)) = (wells.is_empty() && further.is_empty(), failed) {
        return Err(error);
    }
    let spikes = tables.into_spikes();
    if n_further_spikes > 0 && spikes.is_some() {
        notes.push(format!(
            "Stored spikes are those of the first recording of each well; {n_further_spikes} of further recordings are not shown."
        ));
    }
    let plate = plate::join(&wells, &mut notes);
    let facts = facts::read(file, &wells);
    let shared = |well: &Opened| Box::new(Shared(Arc::clone(&well.source))) as Box<dyn FrameSource>;
    let mut streams: Vec<Box<dyn FrameSource>> = wells.iter().map(shared).collect();
    streams.extend(further);
    streams.extend(plate.map(|plate| Box::new(plate) as Box<dyn FrameSource>));
    Ok(Recording { spikes, facts, notes, ..Recording::of_streams("maxwell", streams) })
}

/// All wells of the first recording, then those of the next.
fn places(file: &H5, notes: &mut Vec<String>) -> Result<Vec<Place>, OpenError> {
    let (wells, _) = file.members("wells")?;
    let mut places = Vec::new();
    for well in &wells {
        let (recordings, _) = file.members(&format!("wells/{well}"))?;
        for (at, recording) in recordings.iter().enumerate() {
            if file.has(&format!("wells/{well}/{recording}/groups/routed/raw")) {
                places.push(Place::of_well(well, at, recording, wells.len()));
            } else {
                notes.push(format!("{well}, {recording}: no electrodes are routed, so there is no signal"));
            }
        }
    }
    places.sort_by_key(|place| place.recording);
    Ok(places)
}
