//! HDF5 files through the same positional reads as every other format.

mod source;
mod superblock;

pub use source::{Axes, H5Source};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hdf5_reader::messages::datatype::Datatype;
use hdf5_reader::storage::{BlockCacheStorage, Storage, StorageBuffer};
use hdf5_reader::{Attribute, Dataset, FilterRegistry, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};

use super::compression::{self, MAX_CHUNK_BYTES};
use super::error::OpenError;
use super::maxwell_filter;
use crate::io::{NamedFile, SharedFile};
use crate::sample::SampleType;

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

/// Values of a table that a reader takes whole: electrodes, channels.
const MAX_TABLE_VALUES: u64 = 1 << 22;
const MAX_TABLE_BYTES: usize = 64 << 20;

/// An opened file.
pub struct H5 {
    path: String,
    file: Hdf5File,
    chunk_sizes: ChunkSizes,
    inferred: Arc<AtomicBool>,
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

impl H5 {
    /// Opens the file's structure; reads no signal.
    pub fn open(file: &NamedFile) -> Result<Self, OpenError> {
        let storage =
            BlockCacheStorage::new(Arc::new(ReadAtStorage(Arc::clone(&file.file))), CACHE_BLOCK_BYTES, CACHE_BLOCKS);
        let (chunk_sizes, inferred) = (ChunkSizes::default(), Arc::default());
        let options = OpenOptions::default()
            .with_filter_registry(filters(&chunk_sizes, &inferred))
            .with_chunk_cache_bytes(CHUNK_CACHE_BYTES)
            .with_max_chunk_bytes(MAX_CHUNK_BYTES)
            .with_max_read_bytes(MAX_READ_BYTES);
        let opened = Hdf5File::from_storage_with_options(Arc::new(storage), options);
        let path = file.path.clone();
        let opened =
            opened.map_err(|error| OpenError::field(&path, "HDF5 structure", error, "a complete HDF5 file"))?;
        Ok(Self { path, file: opened, chunk_sizes, inferred })
    }

    /// The file's path in the drop.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a group or dataset exists.
    pub fn has(&self, path: &str) -> bool {
        self.file.group(path).is_ok() || self.file.dataset(path).is_ok()
    }

    /// A dataset.
    pub fn dataset(&self, path: &str) -> Result<Dataset, OpenError> {
        self.file.dataset(path).map_err(|error| self.problem(path, &error))
    }

    /// A dataset of samples, and their type.
    pub fn signal(&self, path: &str) -> Result<(Dataset, SampleType), OpenError> {
        let dataset = self.dataset(path)?;
        let kind = sample_type(&dataset).ok_or_else(|| self.problem(path, &"not a dataset of plain numbers"))?;
        if let Some(chunk) = dataset.chunks() {
            let size = chunk.iter().fold(1_usize, |size, extent| size.saturating_mul(*extent as usize));
            self.chunk_sizes.lock().unwrap_or_else(PoisonError::into_inner).push(size);
        }
        Ok((dataset, kind))
    }

    /// Names of the groups and of the datasets in a group, sorted.
    pub fn members(&self, path: &str) -> Result<(Vec<String>, Vec<String>), OpenError> {
        let names = self.file.group(path).and_then(|group| group.member_names());
        let (mut groups, mut datasets) = names.map_err(|error| self.problem(path, &error))?;
        groups.sort();
        datasets.sort();
        Ok((groups, datasets))
    }

    /// Names of the groups in a group, in the order in which they were made where the file
    /// keeps it.
    pub fn groups_as_made(&self, path: &str) -> Result<Vec<String>, OpenError> {
        let names = self.file.group(path).and_then(|group| group.member_names());
        Ok(names.map_err(|error| self.problem(path, &error))?.0)
    }

    /// Something in the file that is not as it should be.
    pub fn problem(&self, what: &str, found: &dyn std::fmt::Display) -> OpenError {
        OpenError::field(&self.path, what, found, "what this format holds there")
    }

    /// All values of a small dataset of numbers.
    pub fn numbers(&self, path: &str) -> Result<Vec<f64>, OpenError> {
        let dataset = self.dataset(path)?;
        let bytes = self.table_bytes(path, &dataset)?;
        numbers(dataset.dtype(), &bytes, 0, dataset_item(dataset.dtype()))
            .ok_or_else(|| self.problem(path, &"not a table of numbers"))
    }

    /// The first value of a small dataset of numbers.
    pub fn number(&self, path: &str) -> Result<f64, OpenError> {
        self.numbers(path)?.first().copied().ok_or_else(|| self.problem(path, &"empty"))
    }

    /// One field of a small table of records.
    pub fn column(&self, path: &str, field: &str) -> Result<Vec<f64>, OpenError> {
        let dataset = self.dataset(path)?;
        let problem = || self.problem(&format!("{path}.{field}"), &"not a column of numbers");
        let Datatype::Compound { size, fields } = dataset.dtype() else { return Err(problem()) };
        let found = fields.iter().find(|found| found.name == field).ok_or_else(problem)?;
        let bytes = self.table_bytes(path, &dataset)?;
        numbers(&found.datatype, &bytes, found.byte_offset as usize, *size as usize).ok_or_else(problem)
    }

    /// The first `n` values of a dataset of one dimension, however long it is.
    pub fn first_numbers(&self, path: &str, n: u64) -> Result<Vec<f64>, OpenError> {
        let dataset = self.dataset(path)?;
        let end = n.min(dataset.shape().first().copied().unwrap_or(0));
        let selections = (0..dataset.ndim())
            .map(|axis| SliceInfoElem::Slice { start: 0, end: if axis == 0 { end } else { 1 }, step: 1 })
            .collect();
        let selection = SliceInfo { selections };
        macro_rules! read {
            ($($kind:ty),*) => {
                $(if let Ok(values) = dataset.read_slice::<$kind>(&selection) {
                    #[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "times and counters")]
                    return Ok(values.into_iter().map(|value| value as f64).collect());
                })*
            };
        }
        read!(f64, f32, i64, u64, i32, u32);
        Err(self.problem(path, &"not a list of numbers"))
    }

    /// The first value of a dataset, if it has one.
    pub fn first_number(&self, path: &str) -> Option<f64> {
        self.first_numbers(path, 1).ok()?.first().copied()
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
        let of_group = self.file.group(path).ok().and_then(|group| group.attribute(name).ok());
        of_group.or_else(|| self.file.dataset(path).ok()?.attribute(name).ok())
    }

    /// Whether any chunk read so far went through the filter whose layout is inferred.
    pub fn met_inferred_filter(&self) -> bool {
        self.inferred.load(Ordering::Relaxed)
    }

    /// All values of a small dataset of text.
    pub fn strings(&self, path: &str) -> Result<Vec<String>, OpenError> {
        let dataset = self.dataset(path)?;
        self.check_small(path, &dataset)?;
        let text = dataset.read_strings().or_else(|_| dataset.read_string().map(|text| vec![text]));
        text.map_err(|error| self.problem(path, &error))
    }

    fn table_bytes(&self, path: &str, dataset: &Dataset) -> Result<Vec<u8>, OpenError> {
        self.check_small(path, dataset)?;
        dataset.read_native_bytes().map_err(|error| self.problem(path, &error))
    }

    /// Refuses to take a dataset whole that no electrode table comes near.
    fn check_small(&self, path: &str, dataset: &Dataset) -> Result<(), OpenError> {
        let n_values = dataset.num_elements().map_err(|error| self.problem(path, &error))?;
        let n_bytes = dataset.raw_byte_len().map_err(|error| self.problem(path, &error))?;
        if n_values > MAX_TABLE_VALUES || n_bytes > MAX_TABLE_BYTES {
            return Err(self.problem(path, &format!("a table of {n_values} values in {n_bytes} bytes")));
        }
        Ok(())
    }
}

fn dataset_item(kind: &Datatype) -> usize {
    match kind {
        Datatype::FixedPoint { size, .. } | Datatype::FloatingPoint { size, .. } => usize::from(*size),
        Datatype::Enum { base, .. } => dataset_item(base),
        _ => 0,
    }
}

/// Numbers of a type, one every `stride` bytes from `offset`, in the machine's byte order.
#[expect(clippy::cast_precision_loss, reason = "identifiers and coordinates are small")]
fn numbers(kind: &Datatype, bytes: &[u8], offset: usize, stride: usize) -> Option<Vec<f64>> {
    if stride == 0 {
        return None;
    }
    let convert = |item: &[u8]| -> Option<f64> {
        let item = item.get(offset..offset + dataset_item(kind))?;
        Some(match (kind, item) {
            (Datatype::FloatingPoint { .. }, item) => match *item {
                [a, b, c, d] => f64::from(f32::from_ne_bytes([a, b, c, d])),
                _ => f64::from_ne_bytes(item.try_into().ok()?),
            },
            (Datatype::Enum { .. } | Datatype::FixedPoint { signed: false, .. }, [value]) => f64::from(*value),
            (_, [value]) => f64::from(value.cast_signed()),
            (Datatype::FixedPoint { signed, .. }, item) => match (*signed, item.len()) {
                (true, 2) => f64::from(i16::from_ne_bytes(item.try_into().ok()?)),
                (false, 2) => f64::from(u16::from_ne_bytes(item.try_into().ok()?)),
                (true, 4) => f64::from(i32::from_ne_bytes(item.try_into().ok()?)),
                (false, 4) => f64::from(u32::from_ne_bytes(item.try_into().ok()?)),
                (true, 8) => i64::from_ne_bytes(item.try_into().ok()?) as f64,
                (false, 8) => u64::from_ne_bytes(item.try_into().ok()?) as f64,
                _ => return None,
            },
            _ => return None,
        })
    };
    bytes.chunks_exact(stride).map(convert).collect()
}

/// The sample type of a dataset, if it holds plain numbers.
fn sample_type(dataset: &Dataset) -> Option<SampleType> {
    Some(match dataset.dtype() {
        Datatype::FixedPoint { size: 1, signed: true, .. } => SampleType::Int8,
        Datatype::FixedPoint { size: 1, signed: false, .. } => SampleType::Uint8,
        Datatype::FixedPoint { size: 2, signed: true, .. } => SampleType::Int16,
        Datatype::FixedPoint { size: 2, signed: false, .. } => SampleType::Uint16,
        Datatype::FixedPoint { size: 4, signed: true, .. } => SampleType::Int32,
        Datatype::FixedPoint { size: 4, signed: false, .. } => SampleType::Uint32,
        Datatype::FixedPoint { size: 8, signed: true, .. } => SampleType::Int64,
        Datatype::FixedPoint { size: 8, signed: false, .. } => SampleType::Uint64,
        Datatype::FloatingPoint { size: 4, .. } => SampleType::Float32,
        Datatype::FloatingPoint { size: 8, .. } => SampleType::Float64,
        _ => return None,
    })
}
