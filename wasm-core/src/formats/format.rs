//! A format is one value, in the module of its vendor.

use super::hdf5::{self, H5};
use super::{OpenError, Recording, Support};
use crate::io::{FileSet, NamedFile};

/// A format that can be opened.
#[derive(Debug)]
pub struct Format {
    /// Names of the format in results; no other format has the first.
    pub names: &'static [&'static str],
    /// The row on the page and in `docs/formats.md`: what to give, what was tested, and who else reads it.
    pub support: &'static Support,
    /// The function that recognises it.
    pub(super) reader: Reader,
}

/// How sure a format is that files are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Nothing speaks against it: samples and nothing else fit any system.
    Fits,
    /// Titles of columns or names of files are those that its program gives.
    Named,
    /// A signature, a file that describes the others, or an ending that no other system has.
    Certain,
}

/// The function that recognises a format.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    /// A look at the files.
    Files(Recognise),
    /// The groups of an HDF5 file: whether they are those of the format, and who opens it.
    Hdf5(fn(&H5) -> bool, fn(&H5) -> Result<Recording, OpenError>),
}

/// The answer of a format to a set of files: a claim, or `None` where they are not its own.
pub type Recognise = fn(&FileSet) -> Option<Claim<'_>>;

/// Files that a format takes for its own. It carries what recognising them has found, so that
/// nothing is looked for twice.
pub struct Claim<'a> {
    /// Confidence that the format is right.
    pub confidence: Confidence,
    open: Box<dyn FnOnce() -> Result<Recording, OpenError> + 'a>,
}

impl<'a> Claim<'a> {
    /// A claim of a format that is sure.
    pub fn certain(open: impl FnOnce() -> Result<Recording, OpenError> + 'a) -> Self {
        Self { confidence: Confidence::Certain, open: Box::new(open) }
    }

    /// A claim of files that are certainly a format's, and cannot be opened.
    pub fn refused(error: OpenError) -> Self {
        Self::certain(move || Err(error))
    }

    /// This claim, less sure.
    pub fn only(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }

    /// Opens the files.
    pub fn open(self) -> Result<Recording, OpenError> {
        (self.open)()
    }
}

impl Format {
    /// How sure the format is that files are its own; `None` where they are not.
    #[must_use]
    pub fn recognise(&self, files: &FileSet) -> Option<Confidence> {
        match self.reader {
            Reader::Files(recognise) => recognise(files).map(|claim| claim.confidence),
            Reader::Hdf5(is_ours, _) => {
                let file = files.iter().find(|file| hdf5::is_hdf5(file))?;
                H5::open(file, files).is_ok_and(|opened| is_ours(&opened)).then_some(Confidence::Certain)
            }
        }
    }
}

/// Of several files that each hold a recording the first, with a note that names the others.
pub fn first_of<'a>(
    files: &[&'a NamedFile],
    open: impl FnOnce(&NamedFile) -> Result<Recording, OpenError> + 'a,
) -> Option<Claim<'a>> {
    let (&first, others) = files.split_first()?;
    let others: Vec<&'a str> = others.iter().map(|file| file.path.as_str()).collect();
    Some(Claim::certain(move || open(first).map(|recording| recording.beside(&first.path, &others))))
}
