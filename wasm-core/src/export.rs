//! Files for other programs: spikes as NWB and as phy's folder, tables as Prism takes them.

pub mod hdf5;
pub mod nwb;
pub mod phy;
pub mod prism;
pub mod zip;
