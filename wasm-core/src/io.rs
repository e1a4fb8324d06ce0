//! Positional reads over named files: the only way a reader sees bytes.
//!
//! Readers are synchronous. In the browser a file is a `Blob` read by
//! `FileReaderSync` inside a worker, natively it is a file handle, in tests it
//! is a byte vector. No reader ever asks for a whole recording.

use std::sync::Arc;

/// A file that can be read at any offset.
pub trait ReadAt: Send + Sync {
    /// Length in bytes.
    fn size_bytes(&self) -> u64;

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// When the range lies outside the file or the platform cannot read it.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()>;

    /// Bytes of a read that a longer one is hardly faster than; `None` where one long read is best.
    fn piece_bytes(&self) -> Option<usize> {
        None
    }
}

/// A file shared by the streams of a recording and by the threads that analyse it.
pub type SharedFile = Arc<dyn ReadAt>;

impl ReadAt for Vec<u8> {
    fn size_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn piece_bytes(&self) -> Option<usize> {
        Some(1 << 16)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let out_of_range = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let start = usize::try_from(offset).map_err(|_| out_of_range())?;
        let end = start.checked_add(buffer.len()).ok_or_else(out_of_range)?;
        buffer.copy_from_slice(self.get(start..end).ok_or_else(out_of_range)?);
        Ok(())
    }
}

/// One file of a dropped selection, with its path relative to the drop (`/` separated).
#[derive(Clone)]
pub struct NamedFile {
    /// Path such as `run_g0/run_g0_t0.imec0.ap.bin`.
    pub path: String,
    /// Bytes of the file.
    pub file: SharedFile,
}

impl NamedFile {
    /// The path's last component.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path without its last component; empty at the top.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// The files a person dropped or named, sorted by path.
#[derive(Clone, Default)]
pub struct FileSet {
    files: Vec<NamedFile>,
}

impl FileSet {
    /// Takes files in any order; paths use `/`. What macOS writes beside files is left out.
    #[must_use]
    pub fn new(mut files: Vec<NamedFile>) -> Self {
        files.retain(|file| !file.name().starts_with("._") && file.name() != ".DS_Store");
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// All files in path order.
    pub fn iter(&self) -> impl Iterator<Item = &NamedFile> {
        self.files.iter()
    }

    /// The file at exactly this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&NamedFile> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }

    /// The file `name` in `folder` (empty for the top).
    #[must_use]
    pub fn get_in(&self, folder: &str, name: &str) -> Option<&NamedFile> {
        self.get(&join(folder, name))
    }

    /// Number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Joins a folder and a relative path with `/`, resolving `.` components.
#[must_use]
pub fn join(folder: &str, name: &str) -> String {
    let name = name.trim_start_matches("./").trim_end_matches('/');
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The largest text or header that a reader takes whole; real ones stay below 1 MB.
pub const MAX_HEADER_BYTES: u64 = 16 << 20;

/// Reads a small file (metadata, header) whole.
///
/// # Errors
/// When the file is larger than [`MAX_HEADER_BYTES`] or cannot be read.
pub fn read_small(file: &NamedFile) -> std::io::Result<Vec<u8>> {
    let size_bytes = file.file.size_bytes();
    if size_bytes > MAX_HEADER_BYTES {
        return Err(std::io::Error::other(format!(
            "{size_bytes} bytes, but a metadata file has at most {MAX_HEADER_BYTES}"
        )));
    }
    let mut bytes = vec![0; usize::try_from(size_bytes).unwrap_or(usize::MAX)];
    file.file.read_exact_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Reads a small text file; invalid UTF-8 is replaced.
///
/// # Errors
/// As [`read_small`].
pub fn read_text(file: &NamedFile) -> std::io::Result<String> {
    Ok(String::from_utf8_lossy(&read_small(file)?).into_owned())
}
