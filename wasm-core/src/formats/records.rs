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
    /// First record of the segment.
    pub record: u64,
}

impl Part {
    /// The records of a file from `record` on.
    pub fn new(file: &NamedFile, record: u64) -> Self {
        Self { path: file.path.clone(), file: Arc::clone(&file.file), record }
    }
}

impl Track {
    /// First byte of a sample of a segment.
    fn place(&self, part: &Part, sample: u64, sample_bytes: u64) -> u64 {
        let samples = self.record_samples as u64;
        self.first_byte + (part.record + sample / samples) * self.record_bytes + sample % samples * sample_bytes
    }
}

/// A channel has little of a record where the record is so many times longer.
const SPARSE: u64 = 4;

/// A stream of such channels.
pub struct Records {
    info: StreamInfo,
    tracks: Vec<Track>,
    encoding: Encoding,
    /// Whether all channels lie in the same records, which are then read once.
    is_shared: bool,
}

/// Bytes that were read last.
struct Held<'a> {
    file: &'a SharedFile,
    range: Range<u64>,
    bytes: Vec<u8>,
}

impl Records {
    /// A stream with one track per channel.
    pub fn new(info: StreamInfo, tracks: Vec<Track>, encoding: Encoding) -> Self {
        let first = tracks.first();
        let beside = |track: &Track| {
            first.is_some_and(|first| {
                let same_file = first.segments.iter().zip(&track.segments).all(|(a, b)| Arc::ptr_eq(&a.file, &b.file));
                same_file && (first.first_byte..first.first_byte + first.record_bytes).contains(&track.first_byte)
            })
        };
        // Of a few channels among many only their own parts of a record are read.
        let own_bytes = tracks.iter().map(|track| (track.record_samples * encoding.stored_bytes(&info)) as u64);
        let record_bytes = first.map_or(0, |first| first.record_bytes);
        let are_most = 2 * own_bytes.sum::<u64>() >= record_bytes;
        Self { is_shared: tracks.len() > 1 && are_most && tracks.iter().all(beside), info, tracks, encoding }
    }

    /// The bytes that hold samples `wanted` of a track; with those of the other channels where
    /// they share records.
    fn range(&self, track: &Track, part: &Part, wanted: &Range<u64>) -> Range<u64> {
        let size = self.encoding.stored_bytes(&self.info) as u64;
        if self.is_shared {
            let samples = track.record_samples as u64;
            let place = |record: u64| self.tracks[0].first_byte + (part.record + record) * track.record_bytes;
            // The last record may be cut.
            place(wanted.start / samples)..place(wanted.end.div_ceil(samples)).min(part.file.size_bytes())
        } else {
            track.place(part, wanted.start, size)..track.place(part, wanted.end - 1, size) + size
        }
    }
}

/// The bytes of a range, which are read unless they were read last.
fn fetch<'a, 'b>(held: &'b mut Option<Held<'a>>, part: &'a Part, range: &Range<u64>) -> Result<&'b [u8], ReadError> {
    let is_held = |held: &Held| Arc::ptr_eq(held.file, &part.file) && held.range == *range;
    if !held.as_ref().is_some_and(is_held) {
        let mut bytes = vec![0; usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX)];
        let failed = |source| ReadError::Io { path: part.path.clone(), source };
        part.file.read_exact_at(range.start, &mut bytes).map_err(failed)?;
        *held = Some(Held { file: &part.file, range: range.clone(), bytes });
    }
    Ok(held.as_ref().map_or(&[], |held| &held.bytes))
}

impl FrameSource for Records {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let size = self.encoding.stored_bytes(&self.info) as u64;
        let wanted = start..start + n_frames as u64;
        let mut out = Vec::with_capacity(size_bytes);
        let mut held: Option<Held> = None;
        for track in self.tracks.iter().filter(|_| n_frames > 0) {
            let part = &track.segments[segment];
            let samples = track.record_samples as u64;
            // A channel with little of a record is read record by record, others in one go.
            let is_sparse = !self.is_shared && track.record_bytes > SPARSE * samples * size;
            let all = self.range(track, part, &wanted);
            let mut at = wanted.start;
            while at < wanted.end {
                let end = wanted.end.min((at / samples + 1) * samples);
                let range = if is_sparse { self.range(track, part, &(at..end)) } else { all.clone() };
                let bytes = fetch(&mut held, part, &range)?;
                let place = usize::try_from(track.place(part, at, size) - range.start).unwrap_or(usize::MAX);
                let n_bytes = usize::try_from((end - at) * size).unwrap_or(usize::MAX);
                let stored = place.checked_add(n_bytes).and_then(|end| bytes.get(place..end));
                let cut =
                    || ReadError::Damaged { path: part.path.clone(), reason: format!("it ends within sample {at}") };
                self.encoding.decode(stored.ok_or_else(cut)?, &mut out);
                at = end;
            }
        }
        let n_channels = self.info.n_channels;
        Ok(RawBlock { sample_type: self.info.sample_type, layout: Layout::Planar, n_frames, n_channels, bytes: out })
    }
}
