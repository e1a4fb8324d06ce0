//! Files that mtscomp compressed, as the International Brain Laboratory shares them: `.cbin` with
//! a `.ch` beside it.
//!
//! Chunks of frames, a second each, hold differences from frame to frame, from channel to channel,
//! or both, packed by zlib. The `.ch` is JSON and says where chunks begin. Facts from the format's
//! description (<https://github.com/int-brain-lab/mtscomp>).

use std::sync::Arc;

use serde_json::Value;

use crate::chunk::DecodedRows;
use crate::formats::compression::{MAX_CHUNK_BYTES, zlib};
use crate::formats::{OpenError, channel_count};
use crate::io::{FileSet, NamedFile, ReadAt, SharedFile, read_text};
use crate::recording::ReadError;
use crate::transpose::{Strides, transpose};

/// Bytes of a sample; mtscomp packs other types too, `SpikeGLX` has but this one.
const SAMPLE_BYTES: usize = size_of::<i16>();

/// The file's bytes as they were before.
struct Unpacked {
    path: String,
    file: SharedFile,
    row_bytes: usize,
    /// Frames at which chunks begin, and the end of the last one.
    bounds: Vec<u64>,
    /// Bytes of the file at which chunks begin, and the end of the last one.
    offsets: Vec<u64>,
    /// Whether a chunk holds one channel after the other.
    by_channels: bool,
    time_differences: bool,
    channel_differences: bool,
    decoded: DecodedRows<usize>,
}

/// The `.bin` that a `.cbin` of so many channels was made of.
///
/// # Errors
/// When the `.ch` is missing, or does not describe such a file.
pub fn unpacked(files: &FileSet, packed: &NamedFile, n_channels: usize) -> Result<NamedFile, OpenError> {
    let path = format!("{}.ch", packed.path.trim_end_matches(".cbin"));
    let missing = || OpenError::MissingPartner { path: packed.path.clone(), missing: path.clone() };
    let text = read_text(files.get(&path).ok_or_else(missing)?).map_err(OpenError::io(&path))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| OpenError::field(&path, "content", error, "JSON"))?;
    let check = |field: &str, is_right: bool, expected: &str| {
        if is_right { Ok(()) } else { Err(OpenError::field(&path, field, &json[field], expected)) }
    };
    check("algorithm", json["algorithm"].as_str().is_none_or(|name| name == "zlib"), "zlib")?;
    check("dtype", json["dtype"].as_str() == Some("int16"), "int16")?;
    let claimed = json["n_channels"].as_u64().and_then(channel_count);
    check("n_channels", claimed == Some(n_channels), &format!("{n_channels} as in the .meta"))?;
    let list =
        |field: &str| -> Vec<u64> { json[field].as_array().into_iter().flatten().map_while(Value::as_u64).collect() };
    let (bounds, offsets) = (list("chunk_bounds"), list("chunk_offsets"));
    let row_bytes = n_channels * SAMPLE_BYTES;
    let largest = |list: &[u64]| list.windows(2).map(|two| two[1].saturating_sub(two[0])).max().unwrap_or(0);
    let chunk_bytes = largest(&bounds).saturating_mul(row_bytes as u64);
    let grows = bounds.is_sorted_by(|a, b| a < b) && bounds.first() == Some(&0);
    check(
        "chunk_bounds",
        grows && chunk_bytes <= MAX_CHUNK_BYTES as u64,
        "frames that grow from 0, by at most 64 MB at a time",
    )?;
    let fits = offsets.is_sorted() && offsets.last().is_some_and(|end| *end <= packed.file.size_bytes());
    check(
        "chunk_offsets",
        fits && offsets.len() == bounds.len() && largest(&offsets) <= MAX_CHUNK_BYTES as u64,
        &format!("{} bytes that grow, up to {} in all", bounds.len(), packed.file.size_bytes()),
    )?;
    let file = Unpacked {
        path: packed.path.clone(),
        file: Arc::clone(&packed.file),
        row_bytes,
        bounds,
        offsets,
        by_channels: json["chunk_order"].as_str().is_none_or(|order| order == "F"),
        time_differences: json["do_time_diff"].as_bool().unwrap_or(true),
        channel_differences: json["do_spatial_diff"].as_bool().unwrap_or(false),
        decoded: DecodedRows::new(chunk_bytes),
    };
    Ok(NamedFile { path: packed.path.clone(), file: Arc::new(file) })
}

impl Unpacked {
    /// A chunk's frames, all channels of each.
    fn chunk(&self, at: usize) -> Result<Vec<u8>, ReadError> {
        let failed = |source| ReadError::Io { path: self.path.clone(), source };
        let length = |list: &[u64]| usize::try_from(list[at + 1] - list[at]).unwrap_or(usize::MAX);
        let (n_frames, n_channels) = (length(&self.bounds), self.row_bytes / SAMPLE_BYTES);
        let mut packed = vec![0; length(&self.offsets)];
        self.file.read_exact_at(self.offsets[at], &mut packed).map_err(failed)?;
        let damaged = |reason| ReadError::Damaged { path: self.path.clone(), reason: format!("chunk {at}: {reason}") };
        let size_bytes = n_frames * self.row_bytes;
        let bytes = zlib(&packed, size_bytes).map_err(damaged)?;
        if bytes.len() != size_bytes {
            return Err(damaged(format!("{} bytes instead of {size_bytes}", bytes.len())));
        }
        let mut values: Vec<i16> = bytes.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
        let (row, along, across) = if self.by_channels {
            (n_frames, self.time_differences, self.channel_differences)
        } else {
            (n_channels, self.channel_differences, self.time_differences)
        };
        if along {
            values.chunks_exact_mut(row).for_each(|row| add_up(row, 1));
        }
        if across {
            add_up(&mut values, row);
        }
        let bytes: Vec<u8> = values.into_iter().flat_map(i16::to_le_bytes).collect();
        if !self.by_channels {
            return Ok(bytes);
        }
        let mut turned = vec![0; size_bytes];
        let strides = Strides { from: n_frames * SAMPLE_BYTES, to: self.row_bytes, item: SAMPLE_BYTES };
        transpose(&bytes, &mut turned, (n_channels, n_frames), strides);
        Ok(turned)
    }
}

/// Adds to each value the one `step` before it. Overflow wraps, as it did when they were subtracted.
fn add_up(values: &mut [i16], step: usize) {
    for at in step..values.len() {
        values[at] = values[at].wrapping_add(values[at - step]);
    }
}

impl ReadAt for Unpacked {
    fn size_bytes(&self) -> u64 {
        self.bounds.last().map_or(0, |n_frames| n_frames * self.row_bytes as u64)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let end = offset.saturating_add(buffer.len() as u64);
        if end > self.size_bytes() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let row_bytes = self.row_bytes as u64;
        let index = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut place = offset;
        while place < end {
            let at = self.bounds.partition_point(|first| first * row_bytes <= place) - 1;
            let chunk = self.decoded.row(&[at], |at| self.chunk(at)).map_err(std::io::Error::other)?;
            let first = self.bounds[at] * row_bytes;
            let until = end.min(self.bounds[at + 1] * row_bytes);
            buffer[index(place - offset)..index(until - offset)]
                .copy_from_slice(&chunk[0][index(place - first)..index(until - first)]);
            place = until;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Seven frames of three channels, with steps that overflow.
    const VALUES: [[i16; 3]; 7] = [
        [1, -2, 30_000],
        [5, -9, -30_000],
        [7, 0, 12],
        [i16::MIN, 4, 13],
        [i16::MAX, 4, 13],
        [-1, 8, 14],
        [0, 16, -15],
    ];

    fn difference(values: &mut [i16], step: usize) {
        for at in (step..values.len()).rev() {
            values[at] = values[at].wrapping_sub(values[at - step]);
        }
    }

    /// Chunks of four and three frames.
    fn packed(by_channels: bool, time: bool, channels: bool) -> FileSet {
        let mut data = Vec::new();
        let mut offsets = vec![0];
        for chunk in [&VALUES[..4], &VALUES[4..]] {
            let mut rows: Vec<i16> = chunk.as_flattened().to_vec();
            if time {
                difference(&mut rows, 3);
            }
            if channels {
                rows.chunks_exact_mut(3).for_each(|row| difference(row, 1));
            }
            if by_channels {
                rows = (0..3).flat_map(|channel| rows.iter().skip(channel).step_by(3).copied()).collect();
            }
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            let bytes: Vec<u8> = rows.into_iter().flat_map(i16::to_le_bytes).collect();
            encoder.write_all(&bytes).expect("packs");
            data.extend(encoder.finish().expect("packs"));
            offsets.push(data.len());
        }
        let order = if by_channels { "F" } else { "C" };
        let ch = serde_json::json!({
            "version": "1.0", "algorithm": "zlib", "do_time_diff": time, "do_spatial_diff": channels, "dtype": "int16",
            "n_channels": 3, "sample_rate": 30_000.0, "chunk_bounds": [0, 4, 7], "chunk_offsets": offsets,
            "chunk_order": order,
        });
        let named = |path: &str, bytes: Vec<u8>| NamedFile { path: path.into(), file: Arc::new(bytes) };
        FileSet::new(vec![named("a.cbin", data), named("a.ch", ch.to_string().into_bytes())])
    }

    #[test]
    fn every_way_to_pack_gives_the_samples_back() {
        let expected: Vec<u8> = VALUES.as_flattened().iter().flat_map(|value| value.to_le_bytes()).collect();
        for mode in 0..8 {
            let files = packed(mode & 1 == 0, mode & 2 == 0, mode & 4 == 0);
            let found = unpacked(&files, files.get("a.cbin").expect("there"), 3).expect("opens").file;
            assert_eq!(found.size_bytes(), 42);
            for range in [0..42, 5..31, 24..25, 41..42, 7..7] {
                let mut bytes = vec![0; range.len()];
                found.read_exact_at(range.start as u64, &mut bytes).expect("reads");
                assert_eq!(bytes, expected[range]);
            }
            assert!(found.read_exact_at(40, &mut [0; 3]).is_err());
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let files = packed(true, true, false);
        let packed = files.get("a.cbin").expect("there");
        let message = unpacked(&files, packed, 4).err().expect("refused").to_string();
        assert_eq!(message, "a.ch: n_channels is 3, expected 4 as in the .meta");
        let alone = FileSet::new(vec![packed.clone()]);
        let message = unpacked(&alone, packed, 3).err().expect("refused").to_string();
        assert_eq!(message, "a.cbin needs a.ch beside it; add it to the drop");
    }
}
