//! Why something cannot be written.

/// Why something cannot be written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name or an attribute is longer than a message of an object header can be.
    #[error("{path} has a name or an attribute of {n_bytes} bytes, and HDF5 takes at most 65,535")]
    TooLong {
        /// The object.
        path: String,
        /// Length of the message.
        n_bytes: usize,
    },
    /// There are more or fewer values than the extents say.
    #[error("{path} has {n_values} values for the extents {shape:?}")]
    Shape {
        /// The object.
        path: String,
        /// Number of values.
        n_values: usize,
        /// Extents.
        shape: Vec<u64>,
    },
    /// A reference leads nowhere.
    #[error("a reference leads to {path}, which is not in the file")]
    NoTarget {
        /// Where it leads.
        path: String,
    },
}

/// The length of a name, a text or a message as it is stored.
pub fn short(path: &str, n_bytes: usize) -> Result<[u8; 2], WriteError> {
    let length = u16::try_from(n_bytes).map_err(|_| WriteError::TooLong { path: path.to_owned(), n_bytes })?;
    Ok(length.to_le_bytes())
}
