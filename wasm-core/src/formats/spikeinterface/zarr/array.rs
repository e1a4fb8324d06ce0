//! An array of a Zarr folder: chunks of one or two dimensions, decoded one by one.

use std::ops::Range;

use serde_json::Value;

use crate::chunk::decode_chunk;
use crate::formats::OpenError;
use crate::formats::compression::{self, MAX_CHUNK_BYTES};
use crate::io::{FileSet, MAX_HEADER_BYTES, join, read_text};
use crate::recording::ReadError;
use crate::sample::{Layout, RawBlock, SampleType};

/// Chunks of up to [`MAX_CHUNK_BYTES`] are decoded whatever is stored of them. SpikeInterface makes
/// chunks of a second of all channels: larger ones may last some seconds, and hold so often more
/// than is stored.
pub const MAX_CHUNK_S: f64 = 8.0;
const MAX_RATIO: usize = 1 << 14;

/// Compressors of chunks.
const COMPRESSORS: &[&str] = &["blosc", "zstd", "lz4", "zlib", "gzip", "pcodec"];

/// An array of one or two dimensions.
pub struct Array {
    pub path: String,
    files: FileSet,
    /// Rows and columns; one column for a list.
    pub shape: (u64, usize),
    pub chunks: (u64, usize),
    pub dtype: String,
    is_list: bool,
    fills_with_zero: bool,
    pub by_columns: bool,
    compressor: Option<String>,
    separator: String,
    /// Frames of a chunk that takes more than [`MAX_CHUNK_BYTES`].
    pub max_chunk_frames: u64,
}

impl Array {
    pub fn open(files: &FileSet, folder: &str) -> Result<Self, OpenError> {
        let path = join(folder, ".zarray");
        let missing = || OpenError::MissingPartner { path: folder.to_owned(), missing: ".zarray".into() };
        let file = files.get(&path).ok_or_else(missing)?;
        let text = read_text(file).map_err(OpenError::io(&path))?;
        let json: Value =
            serde_json::from_str(&text).map_err(|error| OpenError::field(&path, "content", error, "JSON"))?;
        let wrong = |field: &str, expected: &str| OpenError::field(&path, field, &json[field], expected);
        let extents = |field: &str| -> Result<(u64, usize, bool), OpenError> {
            let list: Option<Vec<u64>> =
                json[field].as_array().and_then(|list| list.iter().map(Value::as_u64).collect());
            let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            match list.as_deref() {
                Some([rows]) => Ok((*rows, 1, true)),
                Some([rows, columns]) if *columns <= 1 << 20 => Ok((*rows, size(*columns), false)),
                _ => Err(wrong(field, "one or two extents")),
            }
        };
        let (shape, chunks) = (extents("shape")?, extents("chunks")?);
        if chunks.0 == 0 || chunks.1 == 0 {
            return Err(wrong("chunks", "extents above 0"));
        }
        if chunks.2 != shape.2 {
            return Err(wrong("chunks", "as many extents as the shape"));
        }
        if json["filters"].as_array().is_some_and(|filters| !filters.is_empty()) {
            return Err(wrong("filters", "none"));
        }
        let compressor = json["compressor"]["id"].as_str();
        if compressor.is_some_and(|name| !COMPRESSORS.contains(&name)) {
            return Err(OpenError::field(&path, "compressor", compressor.unwrap_or_default(), COMPRESSORS.join(", ")));
        }
        let prefix = format!("{folder}/");
        Ok(Self {
            path: path.clone(),
            files: FileSet::new(files.iter().filter(|file| file.path.starts_with(&prefix)).cloned().collect()),
            shape: (shape.0, shape.1),
            chunks: (chunks.0, chunks.1),
            dtype: json["dtype"].as_str().unwrap_or_default().to_owned(),
            is_list: shape.2,
            fills_with_zero: json["fill_value"].as_f64().is_none_or(|value| value == 0.0),
            by_columns: json["order"] == "F",
            compressor: compressor.map(str::to_owned),
            separator: json["dimension_separator"].as_str().unwrap_or(".").to_owned(),
            max_chunk_frames: 0,
        })
    }

    pub fn sample_type(&self) -> Result<SampleType, OpenError> {
        let wrong = || OpenError::field(&self.path, "dtype", &self.dtype, "a little-endian NumPy type such as <i2");
        SampleType::parse(&self.dtype).ok_or_else(wrong)
    }

    /// Chunks that are not stored.
    pub fn n_missing(&self) -> u64 {
        let columns = self.shape.1.div_ceil(self.chunks.1) as u64;
        let expected = self.shape.0.div_ceil(self.chunks.0).saturating_mul(columns);
        expected.saturating_sub(self.files.iter().filter(|file| !file.name().starts_with('.')).count() as u64)
    }

    /// A decoded chunk of `size`-byte items; the fill value, zero, where none is stored.
    pub fn chunk(&self, row: u64, column: usize, size: usize) -> Result<Vec<u8>, ReadError> {
        let name = if self.is_list { row.to_string() } else { format!("{row}{}{column}", self.separator) };
        let path = join(self.path.trim_end_matches("/.zarray"), &name);
        let damaged = |reason: String| ReadError::Damaged { path: path.clone(), reason };
        let n_items = usize::try_from(self.chunks.0).ok().and_then(|rows| rows.checked_mul(self.chunks.1));
        let n_bytes = n_items.and_then(|n| n.checked_mul(size)).unwrap_or(usize::MAX);
        let file = self.files.get(&path);
        // A large chunk is believed where so much is stored of it.
        let stored = file.map_or(0, |file| usize::try_from(file.file.size_bytes()).unwrap_or(usize::MAX));
        let is_long = self.chunks.0 > self.max_chunk_frames || stored < n_bytes / MAX_RATIO;
        if n_bytes > MAX_CHUNK_BYTES && is_long {
            let seconds = format!("of {MAX_CHUNK_S} s or more than {MAX_CHUNK_BYTES} bytes");
            return Err(damaged(format!("{stored} bytes are stored of a chunk of {n_bytes}; none {seconds} is read")));
        }
        let Some(file) = file else {
            return if self.fills_with_zero {
                Ok(vec![0; n_bytes])
            } else {
                Err(damaged("it is missing, and the array's fill_value is not 0".into()))
            };
        };
        if stored > n_bytes.saturating_mul(2).max(MAX_CHUNK_BYTES) {
            return Err(damaged(format!("it has {stored} bytes for {n_bytes}")));
        }
        let mut stored = vec![0; stored];
        file.file.read_exact_at(0, &mut stored).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        let decoded = match self.compressor.as_deref() {
            None => Ok(stored),
            Some("blosc") => compression::blosc(&stored, n_bytes),
            Some("zstd") => compression::zstd(&stored, n_bytes),
            Some("lz4") => compression::lz4_with_size(&stored, n_bytes),
            Some("zlib") => compression::zlib(&stored, n_bytes),
            Some("gzip") => compression::gzip(&stored, n_bytes),
            Some("pcodec") => match SampleType::parse(&self.dtype) {
                Some(kind) => return decode_chunk(kind, &stored, n_bytes / size).map_err(|error| error.of(&path)),
                None => Err("pcodec holds numbers only".into()),
            },
            // Opening takes no others.
            Some(other) => Err(format!("its compressor is {other}")),
        }
        .map_err(damaged)?;
        if decoded.len() == n_bytes {
            Ok(decoded)
        } else {
            Err(damaged(format!("it decodes to {} bytes, expected {n_bytes}", decoded.len())))
        }
    }

    /// All bytes of a small list.
    fn list(&self, size: usize) -> Option<Vec<u8>> {
        let n_bytes = usize::try_from(self.shape.0).ok()?.checked_mul(size)?;
        if !self.is_list || n_bytes as u64 > MAX_HEADER_BYTES {
            return None;
        }
        let mut out = Vec::new();
        for row in 0..self.shape.0.div_ceil(self.chunks.0) {
            out.extend(self.chunk(row, 0, size).ok()?);
        }
        out.truncate(n_bytes);
        Some(out)
    }

    /// Whether it is a list of doubles.
    pub fn is_doubles(&self) -> bool {
        self.is_list && self.dtype == "<f8"
    }

    /// Some numbers of a list of doubles of any length. The chunk that was decoded last is kept in
    /// `decoded` with its number.
    ///
    /// # Errors
    /// When a chunk cannot be read.
    pub fn doubles(&self, range: &Range<u64>, decoded: &mut Option<(u64, Vec<u8>)>) -> Result<Vec<f64>, ReadError> {
        const SIZE: usize = 8;
        let rows = self.chunks.0;
        let mut out = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let row = at / rows;
            let chunk = match decoded.take() {
                Some((known, chunk)) if known == row => chunk,
                _ => self.chunk(row, 0, SIZE)?,
            };
            let end = range.end.min((row + 1) * rows);
            let within = usize::try_from(at - row * rows).unwrap_or(usize::MAX);
            let n = usize::try_from(end - at).unwrap_or(usize::MAX);
            let numbers = chunk.as_chunks::<SIZE>().0.iter().skip(within).take(n);
            out.extend(numbers.map(|number| f64::from_le_bytes(*number)));
            *decoded = Some((row, chunk));
            at = end;
        }
        Ok(out)
    }

    pub fn numbers(&self) -> Option<Vec<f64>> {
        if self.dtype == "<i8" {
            #[expect(clippy::cast_precision_loss, reason = "gains and ids")]
            return Some(
                self.list(8)?.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes) as f64).collect(),
            );
        }
        let kind = SampleType::parse(&self.dtype)?;
        let bytes = self.list(kind.size_bytes())?;
        if kind == SampleType::Float64 {
            return Some(bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect());
        }
        let n_frames = bytes.len() / kind.size_bytes();
        let block = RawBlock { sample_type: kind, layout: Layout::Interleaved, n_frames, n_channels: 1, bytes };
        Some(block.channel(0).into_iter().map(f64::from).collect())
    }

    /// Text of fixed width, or whole numbers.
    pub fn strings(&self) -> Option<Vec<String>> {
        let Some(width) = self.dtype.strip_prefix("<U").and_then(|width| width.parse::<usize>().ok()) else {
            return Some(self.numbers()?.iter().map(|number| format!("{number:.0}")).collect());
        };
        if !(1..=1 << 10).contains(&width) {
            return None;
        }
        let bytes = self.list(4 * width)?;
        let text = |bytes: &[u8]| {
            let letters = bytes.as_chunks::<4>().0.iter().map(|letter| u32::from_le_bytes(*letter));
            letters.take_while(|letter| *letter != 0).filter_map(char::from_u32).collect()
        };
        Some(bytes.chunks_exact(4 * width).map(text).collect())
    }
}
