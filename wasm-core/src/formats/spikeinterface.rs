//! `SpikeInterface`'s folders of recordings.

mod binary;
mod zarr;

use super::Support;
use super::format::{Format, Reader};

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "SpikeInterface folder",
    give: "the folder",
    tested: "binary and Zarr of 0.97 to 0.105, with blosc, zstd, lz4, zlib, gzip, pcodec",
    positions: "probe",
    neo: "no",
    spikeinterface: "yes",
};

/// The binary folder.
pub const BINARY: Format =
    Format { names: &["si_binary"], support: &SUPPORT, reader: Reader::Files(binary::recognise) };

/// The Zarr folder.
pub const ZARR: Format = Format { names: &["si_zarr"], support: &SUPPORT, reader: Reader::Files(zarr::recognise) };
