//! Why files could not be opened as a recording.

use super::registry::in_words;

/// Grouped by what the person can do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing was given.
    #[error("there are no files to open")]
    NoFiles,
    /// No reader knows the files.
    #[error("no reader knows {}; readable are: {}", names.join(", "), in_words())]
    Unknown {
        /// The first few files.
        names: Vec<String>,
    },
    /// A file without a byte.
    #[error("{path} is empty, expected a recording")]
    Empty {
        /// The file.
        path: String,
    },
    /// A format that is known and not read.
    #[error("{path} is {what}; give {instead}")]
    Closed {
        /// The file.
        path: String,
        /// The format of the file.
        what: &'static str,
        /// The files that could be read in its place.
        instead: &'static str,
    },
    /// A file that stands in for another, or that is of an everyday kind and holds no recording.
    #[error("{path} is {what}; {advice}")]
    StandIn {
        /// The file.
        path: String,
        /// The kind of file that it is.
        what: String,
        /// The advice to the person.
        advice: String,
    },
    /// The files hold no signal.
    #[error("{path}: the signal is empty ({format}), expected at least one channel with one frame")]
    NoSignal {
        /// A file of the recording.
        path: String,
        /// The format.
        format: &'static str,
    },
    /// A file that belongs to the recording was not given.
    #[error("{path} needs {missing} beside it; add it to the drop")]
    MissingPartner {
        /// The file that is there.
        path: String,
        /// The file that is missing.
        missing: String,
    },
    /// A field is absent or has a value that makes no sense.
    #[error("{path}: {field} is {found}, expected {expected}")]
    Field {
        /// The file.
        path: String,
        /// The field, or the byte.
        field: String,
        /// The value that is there.
        found: String,
        /// The values that would be accepted.
        expected: String,
    },
    /// The platform could not read a file.
    #[error("{path} could not be read: {source}")]
    Io {
        /// The file.
        path: String,
        /// The platform's reason.
        source: std::io::Error,
    },
}

impl OpenError {
    /// A wrong field.
    pub(super) fn field(
        path: &str,
        field: &str,
        found: impl std::fmt::Display,
        expected: impl std::fmt::Display,
    ) -> Self {
        Self::Field {
            path: path.to_owned(),
            field: field.to_owned(),
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }

    /// A file that could not be read.
    pub(super) fn io(path: &str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
