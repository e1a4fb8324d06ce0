//! Channels that come in records of a fixed number of samples, in one file or one file each.

use std::ops::Range;
use std::sync::Arc;

use crate::io::{NamedFile, SharedFile};
use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

/// How a stored sample becomes the stream's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As the stream's type says, little-endian.
    Plain,
    /// Big-endian 16-bit.
    BigEndian16,
    /// Little-endian 24-bit, widened to 32.
    Little24,
}

impl Encoding {
    fn stored_bytes(self, info: &StreamInfo) -> usize {
        match self {
            Self::Plain => info.sample_type.size_bytes(),
            Self::BigEndian16 => 2,
            Self::Little24 => 3,
        }
    }

    fn decode(self, stored: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Plain => out.extend_from_slice(stored),
            Self::BigEndian16 => out.extend(stored.as_chunks::<2>().0.iter().flat_map(|[high, low]| [*low, *high])),
            Self::Little24 => out.extend(stored.as_chunks::<3>().0.iter().flat_map(|[low, middle, high]| {
                let sign = if *high >= 0x80 { 0xff } else { 0 };
                [*low, *middle, *high, sign]
            })),
        }
    }
}

/// Where one channel's samples are.
pub struct Track {
    /// First byte of the first record's samples.
    pub first_byte: u64,
    /// Bytes from one record to the next.
    pub record_bytes: u64,
    /// Samples of a record.
    pub record_samples: usize,
    /// Where each segment begins.
    pub segments: Vec<Part>,
}

/// Where a segment of a channel begins.
pub struct Part {
    /// The file's path, for messages.
    pub path: String,
    /// The file.
    pub file: SharedFile,
    /// Its first record.
    pub record: u64,
}

impl Part {
    /// The records of a file from `record` on.
    pub fn new(file: &NamedFile, record: u64) -> Self {
        Self { path: file.path.clone(), file: Arc::clone(&file.file), record }
    }
}

/// A stream of such channels.
pub struct Records {
    info: StreamInfo,
    tracks: Vec<Track>,
    encoding: Encoding,
}

/// Bytes that were read last: channels of one file share records.
struct Held<'a> {
    file: &'a SharedFile,
    start: u64,
    bytes: Vec<u8>,
}

impl Records {
    /// A stream with one track per channel.
    pub const fn new(info: StreamInfo, tracks: Vec<Track>, encoding: Encoding) -> Self {
        Self { info, tracks, encoding }
    }

    /// Reads whole records where other channels of the stream are in them too, else only this channel's bytes.
    fn fetch<'a>(&self, track: &Track, part: &'a Part, records: Range<u64>) -> Result<Held<'a>, ReadError> {
        let is_shared = track.first_byte != self.tracks[0].first_byte || {
            let second = self.tracks.get(1);
            second
                .is_some_and(|second| second.segments.first().is_some_and(|other| Arc::ptr_eq(&other.file, &part.file)))
        };
        let size = (track.record_samples * self.encoding.stored_bytes(&self.info)) as u64;
        let base = if is_shared { self.tracks[0].first_byte } else { track.first_byte };
        let start = base + records.start * track.record_bytes;
        let last = track.first_byte + (records.end - 1) * track.record_bytes + size;
        let end = if is_shared { (base + records.end * track.record_bytes).max(last) } else { last };
        // The last record may be cut behind this channel's samples.
        let end = end.min(part.file.size_bytes());
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX)];
        let failed = |source| ReadError::Io { path: part.path.clone(), source };
        part.file.read_exact_at(start, &mut bytes).map_err(failed)?;
        Ok(Held { file: &part.file, start, bytes })
    }
}

impl FrameSource for Records {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let size = self.encoding.stored_bytes(&self.info) as u64;
        let mut out = Vec::with_capacity(size_bytes);
        let mut held: Option<Held> = None;
        for track in self.tracks.iter().filter(|_| n_frames > 0) {
            let part = &track.segments[segment];
            let samples = track.record_samples as u64;
            let end = start + n_frames as u64;
            let records = part.record + start / samples..part.record + end.div_ceil(samples);
            let first_byte = track.first_byte + records.start * track.record_bytes;
            if !held.as_ref().is_some_and(|held| Arc::ptr_eq(held.file, &part.file) && held.start <= first_byte) {
                held = Some(self.fetch(track, part, records.clone())?);
            }
            let Some(Held { start: base, bytes, .. }) = &held else { continue };
            for record in records {
                let first_sample = (record - part.record) * samples;
                let wanted = start.max(first_sample)..end.min(first_sample + samples);
                let place =
                    track.first_byte + record * track.record_bytes + (wanted.start - first_sample) * size - base;
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                let n_bytes = usize::try_from((wanted.end - wanted.start) * size).unwrap_or(usize::MAX);
                let stored = place.checked_add(n_bytes).and_then(|end| bytes.get(place..end));
                let cut = || ReadError::Damaged { path: part.path.clone(), reason: format!("record {record} is cut") };
                self.encoding.decode(stored.ok_or_else(cut)?, &mut out);
            }
        }
        let n_channels = self.info.n_channels;
        Ok(RawBlock { sample_type: self.info.sample_type, layout: Layout::Planar, n_frames, n_channels, bytes: out })
    }
}
