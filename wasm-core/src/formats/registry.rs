//! The formats that can be opened. A new one is a file in its vendor's folder, a `mod` line in `formats.rs`, and an
//! import and a line here.

use super::format::{Claim, Confidence, Format, Reader, Recognise};
use super::{
    Support, alf, axion, blackrock, edf, in_hdf5, intan, maxwell, mcs, mearec, med64, neuralynx, neuroscope, nix, nwb,
    open_ephys, phy, plain_binary, plexon, spike_list, spikegadgets, spikeglx, spikeinterface, three_brain,
};
use crate::io::FileSet;

/// All formats. The surest opens the files, and of those that are equally sure the first: formats with
/// a file that describes the others come first, plain binary, which fits anything, last.
pub const FORMATS: &[&Format] = &[
    &open_ephys::FORMAT,
    &spikeglx::FORMAT,
    &spikeinterface::BINARY,
    &spikeinterface::ZARR,
    &intan::FORMAT,
    &maxwell::FORMAT,
    &three_brain::FORMAT,
    &mcs::H5_EXPORT,
    &nwb::FORMAT,
    &nix::FORMAT,
    &mearec::FORMAT,
    &axion::FORMAT,
    &plexon::FORMAT,
    &neuralynx::FORMAT,
    &edf::FORMAT,
    &open_ephys::LEGACY,
    &blackrock::FORMAT,
    &spikegadgets::FORMAT,
    &mcs::RAW_EXPORT,
    &med64::FORMAT,
    &neuroscope::FORMAT,
    &spike_list::FORMAT,
    &phy::FORMAT,
    &alf::FORMAT,
    &plain_binary::FORMAT,
];

/// Their descriptions, as the page and `docs/formats.md` list them: multielectrode arrays first. A test
/// compares them with [`FORMATS`].
pub const SUPPORT: &[&Support] = &[
    &maxwell::SUPPORT,
    &mcs::SUPPORT,
    &three_brain::SUPPORT,
    &axion::SUPPORT,
    &intan::SUPPORT,
    &open_ephys::SUPPORT,
    &spikeglx::SUPPORT,
    &nwb::SUPPORT,
    &blackrock::SUPPORT,
    &neuralynx::SUPPORT,
    &edf::SUPPORT,
    &med64::SUPPORT,
    &spikegadgets::SUPPORT,
    &neuroscope::SUPPORT,
    &plexon::SUPPORT,
    &phy::SUPPORT,
    &nix::SUPPORT,
    &mearec::SUPPORT,
    &spikeinterface::SUPPORT,
    &plain_binary::SUPPORT,
];

/// The claim of the format that is surest of the files.
pub fn surest(files: &FileSet) -> Option<Claim<'_>> {
    // The formats in HDF5 share a container: it is asked once, in the place of the first of them.
    let mut container: Option<Recognise> = Some(in_hdf5::claim);
    let mut surest: Option<Claim<'_>> = None;
    for format in FORMATS {
        let recognise = match format.reader {
            Reader::Files(recognise) => Some(recognise),
            Reader::Hdf5(..) => container.take(),
        };
        let Some(claim) = recognise.and_then(|recognise| recognise(files)) else { continue };
        if claim.confidence == Confidence::Certain {
            return Some(claim);
        }
        if surest.as_ref().is_none_or(|found| claim.confidence > found.confidence) {
            surest = Some(claim);
        }
    }
    surest
}

/// The kinds in one line, for a message.
pub fn in_words() -> String {
    SUPPORT.iter().map(|kind| kind.name).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_format_is_described_and_every_description_is_of_one() {
        let described: BTreeSet<&str> = SUPPORT.iter().map(|kind| kind.name).collect();
        assert_eq!(described.len(), SUPPORT.len(), "two descriptions have one name");
        let of_formats: BTreeSet<&str> = FORMATS.iter().map(|format| format.support.name).collect();
        assert_eq!(of_formats, described);
    }

    #[test]
    fn no_two_formats_have_one_name() {
        let names: BTreeSet<&str> = FORMATS.iter().filter_map(|format| format.names.first().copied()).collect();
        assert_eq!(names.len(), FORMATS.len());
    }
}
