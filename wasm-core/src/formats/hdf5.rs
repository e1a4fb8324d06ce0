//! HDF5 files through the same positional reads as every other format.

mod chunked;
mod container;
mod index;
mod lzf;
mod signal;
mod source;
mod stream;
mod superblock;
mod tables;

pub use signal::Signal;
pub use source::{Axes, H5Source, Part};

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hdf5_reader::storage::{BlockCacheStorage, Storage, StorageBuffer};
use hdf5_reader::{Attribute, Dataset, ExternalLinkResolver, FilterRegistry, Hdf5File, OpenOptions};

use super::compression::{self, MAX_CHUNK_BYTES};
use super::error::OpenError;
use super::maxwell::filter as maxwell_filter;
use crate::io::{FileSet, NamedFile, SharedFile};
use container::Container;
use signal::{Frames, Stored};

/// The first bytes of the superblock, at 0 or after a user block of 512 bytes doubled.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// User blocks larger than this do not occur.
const MAX_USER_BLOCK: u64 = 1 << 16;

/// Metadata is read in pieces of this size, and this many are kept.
const CACHE_BLOCK_BYTES: usize = 64 << 10;
const CACHE_BLOCKS: usize = 64;
/// Decoded chunks that are kept: a window's edges share them.
const CHUNK_CACHE_BYTES: usize = 48 << 20;
/// Largest selection that is decoded; a hostile size is refused before it is allocated.
const MAX_READ_BYTES: usize = 1 << 30;
/// The message of the library about a virtual dataset.
const VIRTUAL: &str = "unsupported layout class 3";
/// Missing files that are named.
const MAX_MISSING: usize = 16;

/// Datasets by their paths, along their first axis.
type KnownFrames = HashMap<String, Arc<(Frames, Arc<Stored>)>>;

/// An opened file.
pub struct H5 {
    container: Container,
    /// Files that were dropped with it, which it may link to.
    links: Arc<Links>,
    chunk_sizes: ChunkSizes,
    inferred: Arc<AtomicBool>,
    frames: Mutex<KnownFrames>,
}

struct ReadAtStorage(SharedFile);

impl Storage for ReadAtStorage {
    fn len(&self) -> u64 {
        self.0.size_bytes()
    }

    fn read_range(&self, offset: u64, len: usize) -> hdf5_reader::error::Result<StorageBuffer> {
        if offset.checked_add(len as u64).is_none_or(|end| end > self.0.size_bytes()) {
            return Err(hdf5_reader::error::Error::InvalidData(format!("bytes {offset} to +{len} lie behind the end")));
        }
        let mut bytes = vec![0; len];
        self.0.read_exact_at(offset, &mut bytes).map_err(hdf5_reader::error::Error::Io)?;
        Ok(StorageBuffer::from_vec(bytes))
    }
}

/// Where the superblock of an HDF5 file is.
fn start_of(file: &NamedFile) -> Option<u64> {
    let mut starts =
        std::iter::once(0).chain((9..).map(|power| 1_u64 << power).take_while(|start| *start <= MAX_USER_BLOCK));
    let mut head = [0; SIGNATURE.len()];
    starts.find(|start| file.file.read_exact_at(*start, &mut head).is_ok() && head == SIGNATURE)
}

/// Whether the file begins as an HDF5 file does.
pub fn is_hdf5(file: &NamedFile) -> bool {
    start_of(file).is_some()
}

/// The bytes that a file should have, by its own account, where it has fewer.
pub fn missing_end(file: &NamedFile) -> Option<u64> {
    superblock::claimed_bytes(file, start_of(file)?).filter(|claimed| *claimed > file.file.size_bytes())
}

/// Numbers of samples that a file's chunks hold, for the filter that must be told.
type ChunkSizes = Arc<Mutex<Vec<usize>>>;

fn filters(sizes: &ChunkSizes, inferred: &Arc<AtomicBool>) -> FilterRegistry {
    let mut registry = FilterRegistry::new();
    let decode = |decode: fn(&[u8], usize) -> Result<Vec<u8>, String>| -> hdf5_reader::filters::FilterFn {
        Box::new(move |filter, bytes, _| {
            // The chunk's size is among a filter's parameters where the format needs it.
            let size = filter.client_data.get(2).copied().unwrap_or(0) as usize;
            decode(bytes, size).map_err(hdf5_reader::error::Error::FilterError)
        })
    };
    registry.register(32_000, decode(compression::lzf));
    registry.register(32_001, decode(|bytes, _| compression::blosc(bytes, MAX_CHUNK_BYTES)));
    registry.register(32_015, decode(|bytes, _| compression::zstd(bytes, MAX_CHUNK_BYTES)));
    registry.register(
        32_008,
        Box::new(|filter, bytes, _| {
            // Version (two numbers), size of an element, elements of a block, compressor.
            let at = |place: usize| filter.client_data.get(place).copied().unwrap_or(0);
            let settings = compression::Bitshuffle { type_size: at(2) as usize, n_block: at(3) as usize, kind: at(4) };
            settings.decode(bytes).map_err(hdf5_reader::error::Error::FilterError)
        }),
    );
    let (sizes, inferred) = (Arc::clone(sizes), Arc::clone(inferred));
    registry.register(
        maxwell_filter::ID,
        Box::new(move |_, bytes, _| {
            inferred.store(true, Ordering::Relaxed);
            let sizes = sizes.lock().unwrap_or_else(PoisonError::into_inner);
            maxwell_filter::decode(bytes, &sizes).map_err(hdf5_reader::error::Error::FilterError)
        }),
    );
    registry
}

/// Files that links lead to: those that were dropped too.
struct Links {
    files: FileSet,
    chunk_sizes: ChunkSizes,
    inferred: Arc<AtomicBool>,
    /// The file that the last link led to.
    last: Mutex<Option<Container>>,
    /// Names that a link asked for in vain.
    missing: Mutex<Vec<String>>,
}

impl ExternalLinkResolver for Links {
    fn resolve_external_link(&self, filename: &str) -> hdf5_reader::error::Result<Option<Hdf5File>> {
        let name = filename.rsplit(['/', '\\']).next().unwrap_or(filename);
        let Some(file) = self.files.iter().find(|file| file.name() == name).filter(|file| is_hdf5(file)) else {
            let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            if missing.len() < MAX_MISSING && !missing.iter().any(|known| known == filename) {
                missing.push(filename.to_owned());
            }
            return Ok(None);
        };
        let container = container_of(file, &self.chunk_sizes, &self.inferred, None)?;
        let hdf5 = container.hdf5.clone();
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(container);
        Ok(Some(hdf5))
    }
}

fn container_of(
    file: &NamedFile,
    chunk_sizes: &ChunkSizes,
    inferred: &Arc<AtomicBool>,
    links: Option<&Arc<Links>>,
) -> hdf5_reader::error::Result<Container> {
    let storage =
        BlockCacheStorage::new(Arc::new(ReadAtStorage(Arc::clone(&file.file))), CACHE_BLOCK_BYTES, CACHE_BLOCKS);
    let mut options = OpenOptions::default()
        .with_filter_registry(filters(chunk_sizes, inferred))
        .with_chunk_cache_bytes(CHUNK_CACHE_BYTES)
        .with_max_chunk_bytes(MAX_CHUNK_BYTES)
        .with_max_read_bytes(MAX_READ_BYTES);
    if let Some(links) = links {
        options = options.with_external_link_resolver(Arc::clone(links) as Arc<dyn ExternalLinkResolver>);
    }
    let hdf5 = Hdf5File::from_storage_with_options(Arc::new(storage), options)?;
    let filters = Arc::new(filters(chunk_sizes, inferred));
    Ok(Container { path: file.path.clone(), file: Arc::clone(&file.file), hdf5, filters, dataset: String::new() })
}

impl H5 {
    /// Opens the file's structure; reads no signal. What it links to is looked for in `files`.
    pub fn open(file: &NamedFile, files: &FileSet) -> Result<Self, OpenError> {
        let (chunk_sizes, inferred) = (ChunkSizes::default(), Arc::default());
        let links = Arc::new(Links {
            files: files.clone(),
            chunk_sizes: Arc::clone(&chunk_sizes),
            inferred: Arc::clone(&inferred),
            last: Mutex::default(),
            missing: Mutex::default(),
        });
        let container = container_of(file, &chunk_sizes, &inferred, Some(&links))
            .map_err(|error| OpenError::field(&file.path, "HDF5 structure", error, "a complete HDF5 file"))?;
        Ok(Self { container, links, chunk_sizes, inferred, frames: Mutex::default() })
    }

    /// The file's path in the drop.
    pub fn path(&self) -> &str {
        &self.container.path
    }

    /// Files that links of the file lead to and that were not given, of the links followed so far.
    pub fn missing_files(&self) -> Vec<String> {
        self.links.missing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was read of tables so far.
    fn known_frames(&self) -> MutexGuard<'_, KnownFrames> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a group or dataset exists.
    pub fn has(&self, path: &str) -> bool {
        self.container.hdf5.group(path).is_ok() || self.container.hdf5.dataset(path).is_ok()
    }

    /// A dataset.
    pub fn dataset(&self, path: &str) -> Result<Dataset, OpenError> {
        self.container.hdf5.dataset(path).map_err(|error| {
            let text = error.to_string();
            if text.contains(VIRTUAL) {
                let found = "a virtual dataset, whose samples lie in other datasets or files";
                return OpenError::field(self.path(), path, found, "the samples in the file itself");
            }
            self.problem(path, &text)
        })
    }

    /// A dataset and the file that it lies in, which may be another that a link leads to.
    fn stored(&self, path: &str) -> Result<Stored, OpenError> {
        let last = || self.links.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last() = None;
        let dataset = self.dataset(path)?;
        let mut container = last().take().unwrap_or_else(|| self.container.clone());
        path.clone_into(&mut container.dataset);
        Stored::new(container, dataset).map_err(|error| self.problem(path, &error))
    }

    /// A dataset of samples.
    pub fn signal(&self, path: &str) -> Result<Arc<Signal>, OpenError> {
        let stored = Arc::new(self.stored(path)?);
        if let Some(chunk) = stored.dataset.chunks() {
            let size = chunk.iter().fold(1_usize, |size, extent| size.saturating_mul(*extent as usize));
            self.chunk_sizes.lock().unwrap_or_else(PoisonError::into_inner).push(size);
        }
        let signal = Signal::new(stored).ok_or_else(|| self.problem(path, &"not a dataset of plain numbers"))?;
        Ok(Arc::new(signal))
    }

    /// Names of the groups and of the datasets in a group, sorted.
    pub fn members(&self, path: &str) -> Result<(Vec<String>, Vec<String>), OpenError> {
        let names = self.container.hdf5.group(path).and_then(|group| group.member_names());
        let (mut groups, mut datasets) = names.map_err(|error| self.problem(path, &error))?;
        groups.sort();
        datasets.sort();
        Ok((groups, datasets))
    }

    /// Names of the groups in a group, in the order in which they were made where the file
    /// keeps it.
    pub fn groups_as_made(&self, path: &str) -> Result<Vec<String>, OpenError> {
        let names = self.container.hdf5.group(path).and_then(|group| group.member_names());
        Ok(names.map_err(|error| self.problem(path, &error))?.0)
    }

    /// Something in the file that is not as it should be.
    pub fn problem(&self, what: &str, found: &dyn std::fmt::Display) -> OpenError {
        OpenError::field(self.path(), what, found, "what files of this kind hold at this place")
    }

    /// A text attribute of a group or dataset.
    pub fn attribute_text(&self, path: &str, name: &str) -> Option<String> {
        let attribute = self.attribute(path, name)?;
        attribute.read_string().ok().or_else(|| attribute.read_strings().ok()?.into_iter().next())
    }

    /// A number attribute of a group or dataset.
    pub fn attribute_number(&self, path: &str, name: &str) -> Option<f64> {
        self.attribute(path, name)?.read_as_f64().ok()
    }

    fn attribute(&self, path: &str, name: &str) -> Option<Attribute> {
        let of_group = self.container.hdf5.group(path).ok().and_then(|group| group.attribute(name).ok());
        of_group.or_else(|| self.container.hdf5.dataset(path).ok()?.attribute(name).ok())
    }

    /// Whether any chunk read so far went through the filter whose layout is inferred.
    pub fn met_inferred_filter(&self) -> bool {
        self.inferred.load(Ordering::Relaxed)
    }
}
