//! Samples of all channels, frame after frame, in one file per segment: what most
//! formats come down to once their metadata is read.

use std::ops::Range;

use crate::io::SharedFile;
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, StreamKind, check_range};
use crate::sample::{Layout, RawBlock, SampleType};

/// One segment's file.
pub struct SegmentFile {
    /// Path of the file, for messages.
    pub path: String,
    /// Bytes of the file.
    pub file: SharedFile,
    /// Bytes before the first frame.
    pub offset_bytes: u64,
}

impl SegmentFile {
    /// Whole frames of `row_bytes` that the file holds.
    pub fn n_frames(&self, row_bytes: usize) -> u64 {
        self.file.size_bytes().saturating_sub(self.offset_bytes) / (row_bytes as u64).max(1)
    }
}

/// Where a stream's samples are in a row of bytes.
pub struct RowLayout {
    row_bytes: usize,
    bytes: Range<usize>,
}

impl RowLayout {
    /// Rows of `row_channels` behind `prefix_bytes` of something else, of which the stream takes `columns`.
    pub fn new(prefix_bytes: u64, row_channels: usize, columns: Range<usize>, sample_type: SampleType) -> Self {
        let size = sample_type.size_bytes();
        let prefix = usize::try_from(prefix_bytes).unwrap_or(usize::MAX / 2);
        Self {
            row_bytes: prefix + row_channels * size,
            bytes: prefix + columns.start * size..prefix + columns.end * size,
        }
    }
}

/// A stream over such files.
pub struct Interleaved {
    info: StreamInfo,
    files: Vec<SegmentFile>,
    rows: RowLayout,
    /// Extracts one bit of each word instead of the word, for digital lines.
    bits: Option<Vec<u8>>,
}

impl Interleaved {
    /// A stream that takes `columns` of rows of `row_channels`.
    pub fn new(info: StreamInfo, files: Vec<SegmentFile>, row_channels: usize, columns: Range<usize>) -> Self {
        let rows = RowLayout::new(0, row_channels, columns, info.sample_type);
        Self::with_rows(info, files, rows)
    }

    /// A stream of rows that hold other bytes too.
    pub const fn with_rows(info: StreamInfo, files: Vec<SegmentFile>, rows: RowLayout) -> Self {
        Self { info, files, rows, bits: None }
    }

    /// A stream that takes all columns.
    pub fn whole(info: StreamInfo, files: Vec<SegmentFile>) -> Self {
        let n_channels = info.n_channels;
        Self::new(info, files, n_channels, 0..n_channels)
    }

    /// Digital lines packed in one unsigned 16-bit word per frame: channel `i` is bit `bits[i]`.
    pub fn digital(info: StreamInfo, files: Vec<SegmentFile>, bits: Vec<u8>) -> Self {
        let rows = RowLayout::new(0, 1, 0..1, info.sample_type);
        Self { info, files, rows, bits: Some(bits) }
    }
}

impl FrameSource for Interleaved {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn piece_frames(&self) -> Option<usize> {
        let bytes = self.files.iter().map(|file| file.file.piece_bytes());
        // The longest of the files' pieces, if all have one.
        let longest = bytes.collect::<Option<Vec<usize>>>()?.into_iter().max()?;
        Some(longest / self.rows.row_bytes.max(1))
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut block = RawBlock::default();
        self.read_into(segment, start, n_frames, &mut block)?;
        Ok(block)
    }

    fn read_into(&self, segment: usize, start: u64, n_frames: usize, block: &mut RawBlock) -> Result<(), ReadError> {
        check_range(&self.info, segment, start, n_frames)?;
        let RowLayout { row_bytes, bytes: taken } = &self.rows;
        let row_bytes = *row_bytes;
        let file = &self.files[segment];
        let mut rows = std::mem::take(&mut block.bytes);
        rows.resize(n_frames * row_bytes, 0);
        let at = file.offset_bytes + start * row_bytes as u64;
        let failed = |source| ReadError::Io { path: file.path.clone(), source };
        file.file.read_exact_at(at, &mut rows).map_err(failed)?;
        let bytes = match &self.bits {
            Some(bits) => unpack_bits(&rows, bits),
            None if *taken == (0..row_bytes) => rows,
            None => take_bytes(&rows, row_bytes, taken),
        };
        let n_channels = self.info.n_channels;
        *block =
            RawBlock { sample_type: self.info.sample_type, layout: Layout::Interleaved, n_frames, n_channels, bytes };
        Ok(())
    }
}

fn take_bytes(rows: &[u8], row_bytes: usize, taken: &Range<usize>) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() / row_bytes * taken.len());
    for row in rows.chunks_exact(row_bytes) {
        out.extend_from_slice(&row[taken.clone()]);
    }
    out
}

/// `[frames]` words to `[frames, bits]` words of 0 or 1.
pub fn unpack_bits(words: &[u8], bits: &[u8]) -> Vec<u8> {
    let words = words.as_chunks::<2>().0.iter().map(|word| u16::from_le_bytes(*word));
    words.flat_map(|word| bits.iter().flat_map(move |bit| ((word >> (bit & 15)) & 1).to_le_bytes())).collect()
}

/// Segments of one stream whose files hold rows of `row_bytes`.
pub fn segments(files: &[SegmentFile], row_bytes: usize, t_start_s: impl Fn(usize) -> f64) -> Vec<SegmentInfo> {
    let segment = |(at, file): (usize, &SegmentFile)| SegmentInfo {
        n_frames: file.n_frames(row_bytes),
        t_start_s: t_start_s(at),
    };
    files.iter().enumerate().map(segment).collect()
}

/// Says which files end in the middle of a row: they were cut, or are described wrongly.
pub fn cut_notes(files: &[SegmentFile], row_bytes: usize) -> Vec<String> {
    let left_over =
        |file: &SegmentFile| file.file.size_bytes().saturating_sub(file.offset_bytes) % row_bytes.max(1) as u64;
    let cut = files.iter().map(|file| (file, left_over(file))).filter(|(_, n_bytes)| *n_bytes > 0);
    cut.map(|(file, n_bytes)| {
        format!(
            "{} ends in the middle of a frame: its last {n_bytes} bytes are left out. It was cut, or its number of channels or type is another.",
            file.path
        )
    })
    .collect()
}

/// Information about a stream with one gain and no offset, to be completed by the reader.
pub fn uniform(name: &str, rate_hz: f64, sample_type: SampleType, ids: Vec<String>, gain_to_uv: f64) -> StreamInfo {
    StreamInfo {
        name: name.to_owned(),
        kind: StreamKind::Electrodes,
        sampling_frequency_hz: rate_hz,
        n_channels: ids.len(),
        sample_type,
        gain_to_uv: vec![gain_to_uv; ids.len()],
        offset_to_uv: vec![0.0; ids.len()],
        channel_ids: ids,
        channel_names: None,
        positions_um: None,
        wells: None,
        empty_wells: Vec::new(),
        segments: Vec::new(),
    }
}
