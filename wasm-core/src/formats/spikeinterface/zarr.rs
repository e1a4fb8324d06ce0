//! `SpikeInterface`'s Zarr folder (version 2), Neurocyte's own uploads among them.

mod array;

use serde_json::Value;

use crate::chunk::DecodedRows;
use crate::formats::format::Claim;
use crate::formats::frame_times::{self, Timed};
use crate::formats::interleaved::uniform;
use crate::formats::{OpenError, Recording, probe, python_json};
use crate::io::{FileSet, NamedFile, join, read_text};
use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};
use crate::transpose::{Strides, transpose};
use array::{Array, MAX_CHUNK_S};

/// Where microvolts of a step, and of zero, are kept.
const GAIN: &str = "properties/gain_to_uV";
const OFFSET: &str = "properties/offset_to_uV";

/// The group whose attributes describe a recording.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let attributes = files.iter().filter(|file| file.name() == ".zattrs").filter_map(|file| {
        let json = python_json::parse(&read_text(file).ok()?).ok()?;
        (json["sampling_frequency"].is_number() && json["num_segments"].is_number()).then_some((file, json))
    });
    // Sorted spikes have the same attributes, and no traces.
    let has_traces = |file: &NamedFile| files.get(&join(file.folder(), "traces_seg0/.zarray")).is_some();
    let (mut recordings, others): (Vec<_>, Vec<_>) = attributes.partition(|(file, _)| has_traces(file));
    if recordings.is_empty() {
        let (file, json) = others.into_iter().next()?;
        return Some(Claim::certain(move || open_group(files, file, &json)));
    }
    let (file, json) = recordings.remove(0);
    let others: Vec<&str> = recordings.iter().map(|(file, _)| file.folder()).collect();
    let open = move || open_group(files, file, &json).map(|recording| recording.beside(file.folder(), &others));
    Some(Claim::certain(open))
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
        let mut array = Array::open(files, &join(folder, &format!("traces_seg{at}")))?;
        array.max_chunk_frames = max_chunk_frames;
        Ok(array)
    };
    let arrays: Vec<Array> = (0..n_segments).map(traces).collect::<Result<_, OpenError>>()?;
    let first = arrays.first().ok_or_else(|| OpenError::NoSignal { path: folder.to_owned(), format: "si_zarr" })?;
    let n_channels = first.shape.1;
    let mut info = described(files, folder, json, (rate_hz, first))?;
    let starts = numbers(files, folder, "t_starts").unwrap_or_default();
    let (mut parts, mut notes) = (Vec::new(), Vec::new());
    if !has(files, folder, GAIN) {
        notes.push(format!("There is no gain ({GAIN}): values are taken as µV."));
    }
    for (at, array) in arrays.iter().enumerate() {
        if array.shape.1 != n_channels || array.dtype != first.dtype {
            return Err(OpenError::field(
                &array.path,
                "shape or dtype",
                array.shape.1,
                format!("{n_channels} channels like segment 0"),
            ));
        }
        let t_start_s = starts.get(at).copied().filter(|start| start.is_finite()).unwrap_or(0.0);
        let timed = timed(files, &join(folder, &format!("times_seg{at}")), array.shape.0, rate_hz, t_start_s);
        notes.extend(timed.notes);
        info.sampling_frequency_hz = timed.measured_hz.unwrap_or(info.sampling_frequency_hz);
        for (first_frame, segment) in timed.segments {
            parts.push((at, first_frame));
            info.segments.push(segment);
        }
    }
    let n_missing: u64 = arrays.iter().map(Array::n_missing).sum();
    if n_missing > 0 {
        notes.push(format!(
            "{n_missing} chunks of the folder are not there and read as zeros; if it was copied, the copy may be incomplete."
        ));
    }
    let frame_bytes = (info.n_channels * info.sample_type.size_bytes()) as u64;
    let decoded = DecodedRows::new(first.chunks.0.saturating_mul(frame_bytes));
    let source = ZarrFolder { info, arrays, parts, decoded };
    Ok(Recording { notes, ..Recording::of_streams("si_zarr", vec![Box::new(source)]) })
}

/// The list of numbers of this name.
fn numbers(files: &FileSet, folder: &str, name: &str) -> Option<Vec<f64>> {
    Array::open(files, &join(folder, name)).ok()?.numbers()
}

/// Whether the folder has something of this name.
fn has(files: &FileSet, folder: &str, name: &str) -> bool {
    let prefix = format!("{}/", join(folder, name));
    files.iter().any(|file| file.path.starts_with(&prefix))
}

/// A scale of each channel; none where the folder has none of this name.
///
/// # Errors
/// Where it is there and cannot be read: without it all values would be others.
fn scale(files: &FileSet, folder: &str, name: &str, n_channels: usize) -> Result<Option<Vec<f64>>, OpenError> {
    if !has(files, folder, name) {
        return Ok(None);
    }
    let array = Array::open(files, &join(folder, name))?;
    let values = array.numbers().ok_or_else(|| {
        OpenError::field(
            &array.path,
            "content",
            "not readable: damaged, or of another type",
            "a number for each channel",
        )
    })?;
    if values.len() != n_channels {
        let expected = format!("one for each of {n_channels} channels");
        return Err(OpenError::field(&array.path, "content", format!("{} numbers", values.len()), expected));
    }
    Ok(Some(values))
}

/// What the folder tells of its channels, like the first array of traces; no segment yet.
fn described(
    files: &FileSet,
    folder: &str,
    json: &Value,
    (rate_hz, traces): (f64, &Array),
) -> Result<StreamInfo, OpenError> {
    let n_channels = traces.shape.1;
    let texts = |name: &str| {
        let texts = Array::open(files, &join(folder, name)).ok().and_then(|array| array.strings());
        texts.filter(|texts| texts.len() == n_channels)
    };
    let ids = texts("channel_ids").unwrap_or_else(|| (0..n_channels).map(|at| at.to_string()).collect());
    let mut info = uniform("traces", rate_hz, traces.sample_type()?, ids, 1.0);
    info.gain_to_uv = scale(files, folder, GAIN, n_channels)?.unwrap_or(info.gain_to_uv);
    info.offset_to_uv = scale(files, folder, OFFSET, n_channels)?.unwrap_or(info.offset_to_uv);
    // Before SpikeInterface 0.105 it was called otherwise.
    let probes = ["probegroup", "probe"].iter().map(|name| &json[*name]);
    info.positions_um = probes.into_iter().find_map(|probes| probe::positions(probes, n_channels));
    info.wells = texts("properties/well");
    let names = texts("properties/channel_name").or_else(|| texts("properties/channel_names"));
    info.channel_names = names.filter(|names| *names != info.channel_ids);
    Ok(info)
}

/// The segments of an array of traces, by times that were set by hand where there are some.
fn timed(files: &FileSet, folder: &str, n_frames: u64, rate_hz: f64, t_start_s: f64) -> Timed {
    let Some(times) = Array::open(files, folder).ok().filter(|times| times.is_doubles() && times.n_missing() == 0)
    else {
        return Timed::none(n_frames, t_start_s);
    };
    let mut decoded = None;
    let read = frame_times::read(folder, (n_frames, times.shape.0), rate_hz, t_start_s, |range| {
        let failed = |error: ReadError| OpenError::field(folder, "times", error, "a number for each frame");
        times.doubles(&range, &mut decoded).map_err(failed)
    });
    read.unwrap_or_else(|error| {
        let mut timed = Timed::none(n_frames, t_start_s);
        timed.notes.push(format!("Times are left out: {error}."));
        timed
    })
}

/// Array, row and column of a chunk.
type ChunkPlace = (usize, u64, usize);

/// The traces of such a group.
struct ZarrFolder {
    info: StreamInfo,
    arrays: Vec<Array>,
    /// Array and first frame of each segment.
    parts: Vec<(usize, u64)>,
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
        let (at, first_frame) = self.parts[segment];
        let (array, start) = (&self.arrays[at], first_frame + start);
        let n_channels = self.info.n_channels;
        let (rows, columns) = array.chunks;
        let chunk_rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let mut out = vec![0; size_bytes];
        let end = start + n_frames as u64;
        let index = |frames: u64| usize::try_from(frames).unwrap_or(0);
        for row in start / rows..end.div_ceil(rows) {
            let (from, to) = (start.max(row * rows), end.min((row + 1) * rows));
            let (target, within, n) = (index(from - start), index(from - row * rows), index(to - from));
            let places: Vec<ChunkPlace> = (0..n_channels.div_ceil(columns)).map(|column| (at, row, column)).collect();
            let decode = |(at, row, column): ChunkPlace| self.arrays[at].chunk(row, column, size);
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
