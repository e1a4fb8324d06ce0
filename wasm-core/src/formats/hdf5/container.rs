//! One HDF5 file: its bytes, its structure, and the filters that decode its chunks.

use std::sync::Arc;

use hdf5_reader::{FilterRegistry, Hdf5File};

use crate::io::SharedFile;
use crate::recording::ReadError;

/// A file that datasets lie in: the one that was opened, or another that it links to.
#[derive(Clone)]
pub struct Container {
    /// Path of the file in the drop.
    pub path: String,
    /// Bytes of the file.
    pub file: SharedFile,
    /// Structure of the file.
    pub hdf5: Hdf5File,
    /// The decoders of its chunks.
    pub filters: Arc<FilterRegistry>,
    /// The dataset that is read, for messages.
    pub dataset: String,
}

impl Container {
    /// Fills `out` from an address in the file, which counts from behind a user block.
    pub fn read(&self, address: u64, out: &mut [u8]) -> Result<(), ReadError> {
        let at = self.hdf5.superblock().base_address.saturating_add(address);
        self.file.read_exact_at(at, out).map_err(|source| ReadError::Io { path: self.path.clone(), source })
    }

    /// Something in the file that does not decode.
    pub fn damaged(&self, reason: impl std::fmt::Display) -> ReadError {
        ReadError::Damaged { path: self.path.clone(), reason: format!("dataset {}: {reason}", self.dataset) }
    }
}
