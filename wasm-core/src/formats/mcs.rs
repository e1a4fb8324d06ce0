//! Multi Channel Systems: the HDF5 files of its DataManager, and raw exports.

mod h5;
mod raw;

use super::Support;
use super::format::{Format, Reader};

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Multi Channel Systems .h5, raw export",
    give: "the file",
    tested: "DataManager HDF5 with its spikes, MC_DataTool raw",
    positions: "labels of standard arrays",
    neo: "raw export only",
    spikeinterface: "yes",
};

/// HDF5 of the DataManager.
pub const H5_EXPORT: Format =
    Format { names: &["mcs_h5"], support: &SUPPORT, reader: Reader::Hdf5(h5::is_mcs, h5::open) };

/// Raw exports.
pub const RAW_EXPORT: Format = Format { names: &["mcs_raw"], support: &SUPPORT, reader: Reader::Files(raw::recognise) };
