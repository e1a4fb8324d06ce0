//! `SpikeInterface`'s Zarr folder (version 2), Neurocyte's own uploads among them.

use serde_json::Value;

use super::compression::{self, MAX_CHUNK_BYTES};
use super::interleaved::uniform;
use super::{Attempt, OpenError, Recording, probe, python_json};
use crate::io::{FileSet, MAX_HEADER_BYTES, NamedFile, join, read_text};
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock, SampleType};
use crate::transpose::{Strides, transpose};
use crate::zarr::{DecodedRows, decode_chunk};

/// Chunks of up to [`MAX_CHUNK_BYTES`] are decoded whatever is stored of them. SpikeInterface makes
/// chunks of a second of all channels: larger ones may last some seconds, and hold so often more
/// than is stored.
const MAX_CHUNK_S: f64 = 8.0;
const MAX_RATIO: usize = 1 << 14;

/// Compressors of chunks.
const COMPRESSORS: &[&str] = &["blosc", "zstd", "lz4", "zlib", "gzip", "pcodec"];

/// Opens the group whose attributes describe a recording.
pub fn open(files: &FileSet) -> Attempt {
    let attributes = files.iter().filter(|file| file.name() == ".zattrs").filter_map(|file| {
        let json = python_json::parse(&read_text(file).ok()?).ok()?;
        (json["sampling_frequency"].is_number() && json["num_segments"].is_number()).then_some((file, json))
    });
    // Sorted spikes have the same attributes, and no traces.
    let has_traces = |file: &NamedFile| files.get(&join(file.folder(), "traces_seg0/.zarray")).is_some();
    let (mut recordings, others): (Vec<_>, Vec<_>) = attributes.partition(|(file, _)| has_traces(file));
    if recordings.is_empty() {
        return others.first().map(|(file, json)| open_group(files, file, json));
    }
    let (file, json) = recordings.remove(0);
    let others: Vec<&str> = recordings.iter().map(|(file, _)| file.folder()).collect();
    Some(open_group(files, file, &json).map(|recording| recording.beside(file.folder(), &others)))
}

fn open_group(files: &FileSet, attributes: &NamedFile, json: &Value) -> Result<Recording, OpenError> {
    let folder = attributes.folder();
    let wrong = |field: &str, expected: &str| OpenError::field(&attributes.path, field, &json[field], expected);
    let rate_hz = json["sampling_frequency"].as_f64().ok_or_else(|| wrong("sampling_frequency", "a number"))?;
    let n_segments =
        json["num_segments"].as_u64().filter(|n| *n <= 1 << 16).ok_or_else(|| wrong("num_segments", "a number"))?;
    let is_sorting = files.get(&join(folder, "unit_ids/.zarray")).is_some()
        && files.get(&join(folder, "traces_seg0/.zarray")).is_none();
    if is_sorting {
        return Err(OpenError::field(&attributes.path, "content", "sorted spikes", "a recording with traces_seg0"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; a number of frames")]
    let max_chunk_frames = (MAX_CHUNK_S * rate_hz) as u64;
    let traces = |at: u64| {
        let array = Array::open(files, &join(folder, &format!("traces_seg{at}")))?;
        Ok(Array { max_chunk_frames, ..array })
    };
    let arrays: Vec<Array> = (0..n_segments).map(traces).collect::<Result<_, OpenError>>()?;
    let first = arrays.first().ok_or_else(|| OpenError::NoSignal { path: folder.to_owned(), format: "si_zarr" })?;
    let n_channels = first.shape.1;
    let column = |name: &str| Array::open(files, &join(folder, name)).ok().and_then(|array| array.numbers());
    let ids = Array::open(files, &join(folder, "channel_ids")).ok().and_then(|array| array.strings());
    let ids =
        ids.filter(|ids| ids.len() == n_channels).unwrap_or_else(|| (0..n_channels).map(|at| at.to_string()).collect());
    let mut info = uniform("traces", rate_hz, first.sample_type()?, ids, 1.0);
    let fitting = |values: &Vec<f64>| values.len() == n_channels;
    info.gain_to_uv = column("properties/gain_to_uV").filter(fitting).unwrap_or(info.gain_to_uv);
    info.offset_to_uv = column("properties/offset_to_uV").filter(fitting).unwrap_or(info.offset_to_uv);
    let starts = column("t_starts").unwrap_or_default();
    // Before SpikeInterface 0.105 it was called otherwise.
    let probes = ["probegroup", "probe"].iter().map(|name| &json[*name]);
    info.positions_um = probes.into_iter().find_map(|probes| probe::positions(probes, n_channels));
    let wells = Array::open(files, &join(folder, "properties/well")).ok().and_then(|array| array.strings());
    info.wells = wells.filter(|wells| wells.len() == n_channels);
    for (at, array) in arrays.iter().enumerate() {
        if array.shape.1 != n_channels || array.dtype != first.dtype {
            return Err(OpenError::field(
                &array.path,
                "shape or dtype",
                array.shape.1,
                format!("{n_channels} channels like segment 0"),
            ));
        }
        // Times that were set by hand, one for each frame, say it better.
        let times = Array::open(files, &join(folder, &format!("times_seg{at}"))).ok();
        let set = times.and_then(|times| times.first_number());
        let start = set.or_else(|| starts.get(at).copied());
        let t_start_s = start.filter(|start| start.is_finite()).unwrap_or(0.0);
        info.segments.push(SegmentInfo { n_frames: array.shape.0, t_start_s });
    }
    let n_missing: u64 = arrays.iter().map(Array::n_missing).sum();
    let frame_bytes = (info.n_channels * info.sample_type.size_bytes()) as u64;
    let decoded = DecodedRows::new(first.chunks.0.saturating_mul(frame_bytes));
    let source = ZarrFolder { info, arrays, decoded };
    let mut recording = Recording::of_streams("si_zarr", vec![Box::new(source)]);
    if n_missing > 0 {
        recording.notes.push(format!(
            "{n_missing} chunks of the folder are not there and read as zeros; if it was copied, the copy may be incomplete."
        ));
    }
    Ok(recording)
}

/// An array of one or two dimensions.
struct Array {
    path: String,
    files: FileSet,
    /// Rows and columns; one column for a list.
    shape: (u64, usize),
    chunks: (u64, usize),
    dtype: String,
    is_list: bool,
    fills_with_zero: bool,
    by_columns: bool,
    compressor: Option<String>,
    separator: String,
    /// Frames of a chunk that takes more than [`MAX_CHUNK_BYTES`].
    max_chunk_frames: u64,
}

impl Array {
    fn open(files: &FileSet, folder: &str) -> Result<Self, OpenError> {
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

    fn sample_type(&self) -> Result<SampleType, OpenError> {
        let wrong = || OpenError::field(&self.path, "dtype", &self.dtype, "a little-endian NumPy type such as <i2");
        SampleType::parse(&self.dtype).ok_or_else(wrong)
    }

    /// Chunks that are not stored.
    fn n_missing(&self) -> u64 {
        let columns = self.shape.1.div_ceil(self.chunks.1) as u64;
        let expected = self.shape.0.div_ceil(self.chunks.0).saturating_mul(columns);
        expected.saturating_sub(self.files.iter().filter(|file| !file.name().starts_with('.')).count() as u64)
    }

    /// A decoded chunk of `size`-byte items; the fill value, zero, where none is stored.
    fn chunk(&self, row: u64, column: usize, size: usize) -> Result<Vec<u8>, ReadError> {
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
                Some(kind) => return decode_chunk(kind, &stored, n_bytes / size),
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

    /// The first number of a list of any length.
    fn first_number(&self) -> Option<f64> {
        let chunk = self.chunk(0, 0, 8).ok().filter(|_| self.is_list && self.dtype == "<f8")?;
        chunk.first_chunk().map(|bytes| f64::from_le_bytes(*bytes))
    }

    fn numbers(&self) -> Option<Vec<f64>> {
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
    fn strings(&self) -> Option<Vec<String>> {
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

/// Segment, row and column of a chunk.
type ChunkPlace = (usize, u64, usize);

/// The traces of such a group.
struct ZarrFolder {
    info: StreamInfo,
    arrays: Vec<Array>,
    decoded: DecodedRows<ChunkPlace>,
}

impl FrameSource for ZarrFolder {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn stretch_frames(&self) -> Option<u64> {
        self.arrays.first().map(|array| array.chunks.0)
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let size = self.info.sample_type.size_bytes();
        let array = &self.arrays[segment];
        let n_channels = self.info.n_channels;
        let (rows, columns) = array.chunks;
        let chunk_rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let mut out = vec![0; size_bytes];
        let end = start + n_frames as u64;
        let index = |frames: u64| usize::try_from(frames).unwrap_or(0);
        for row in start / rows..end.div_ceil(rows) {
            let (from, to) = (start.max(row * rows), end.min((row + 1) * rows));
            let (target, within, n) = (index(from - start), index(from - row * rows), index(to - from));
            let places: Vec<ChunkPlace> =
                (0..n_channels.div_ceil(columns)).map(|column| (segment, row, column)).collect();
            let decode = |(segment, row, column): ChunkPlace| self.arrays[segment].chunk(row, column, size);
            for (column, chunk) in self.decoded.row(&places, decode)?.into_iter().enumerate() {
                let first = column * columns;
                let width = columns.min(n_channels - first);
                if array.by_columns {
                    let strides = Strides { from: chunk_rows * size, to: n_channels * size, item: size };
                    let to = &mut out[(target * n_channels + first) * size..];
                    transpose(&chunk[within * size..], to, (width, n), strides);
                } else {
                    for frame in 0..n {
                        let to = ((target + frame) * n_channels + first) * size;
                        let from = (within + frame) * columns * size;
                        out[to..to + width * size].copy_from_slice(&chunk[from..from + width * size]);
                    }
                }
            }
        }
        let layout = Layout::Interleaved;
        Ok(RawBlock { sample_type: self.info.sample_type, layout, n_frames, n_channels, bytes: out })
    }
}
