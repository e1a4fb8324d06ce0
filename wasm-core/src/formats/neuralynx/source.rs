//! Samples of `.ncs` files: records of 512, of which the last of a stretch may hold fewer.

use crate::io::NamedFile;
use crate::recording::{FrameSource, ReadError, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

use super::{HEADER_BYTES, RECORD_BYTES, RECORD_HEADER_BYTES, RECORD_SAMPLES};

const SAMPLE_BYTES: u64 = 2;

/// Records that follow one another, all full but for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First record of the stretch.
    pub record: u64,
    /// First frame of the stretch in the segment.
    pub first_frame: u64,
}

/// Channels whose records lie alike, each in a file of its own.
pub struct Source {
    info: StreamInfo,
    files: Vec<NamedFile>,
    /// Stretches of each segment, of which there is one where all records are full.
    segments: Vec<Vec<Stretch>>,
}

impl Source {
    /// A stream of one file for each channel, whose segments' lengths `info` holds.
    pub const fn new(info: StreamInfo, files: Vec<NamedFile>, segments: Vec<Vec<Stretch>>) -> Self {
        Self { info, files, segments }
    }

    /// Reads `n` frames of a stretch from frame `within` of it, of one file.
    fn read_stretch(
        file: &NamedFile,
        stretch: Stretch,
        within: u64,
        n: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        let place = |frame: u64| {
            let record = (stretch.record + frame / RECORD_SAMPLES) * RECORD_BYTES;
            HEADER_BYTES + record + RECORD_HEADER_BYTES + frame % RECORD_SAMPLES * SAMPLE_BYTES
        };
        let (start, end) = (place(within), place(within + n - 1) + SAMPLE_BYTES);
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(usize::MAX)];
        let failed = |source| ReadError::Io { path: file.path.clone(), source };
        file.file.read_exact_at(start, &mut bytes).map_err(failed)?;
        let mut at = within;
        while at < within + n {
            let next = (within + n).min((at / RECORD_SAMPLES + 1) * RECORD_SAMPLES);
            let from = usize::try_from(place(at) - start).unwrap_or(usize::MAX);
            let n_bytes = usize::try_from((next - at) * SAMPLE_BYTES).unwrap_or(usize::MAX);
            let samples = bytes.get(from..).and_then(|rest| rest.get(..n_bytes));
            let cut = || ReadError::Damaged { path: file.path.clone(), reason: format!("it ends within frame {at}") };
            out.extend_from_slice(samples.ok_or_else(cut)?);
            at = next;
        }
        Ok(())
    }
}

impl FrameSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let end = start + n_frames as u64;
        let stretches = self.segments.get(segment).map_or(&[][..], Vec::as_slice);
        let first = stretches.partition_point(|stretch| stretch.first_frame <= start).saturating_sub(1);
        let mut bytes = Vec::with_capacity(size_bytes);
        for file in self.files.iter().filter(|_| n_frames > 0) {
            for (at, stretch) in stretches.iter().enumerate().skip(first) {
                if stretch.first_frame >= end {
                    break;
                }
                let until = stretches.get(at + 1).map_or(end, |next| next.first_frame.min(end));
                let from = start.max(stretch.first_frame);
                if until > from {
                    Self::read_stretch(file, *stretch, from - stretch.first_frame, until - from, &mut bytes)?;
                }
            }
        }
        let (sample_type, n_channels) = (self.info.sample_type, self.info.n_channels);
        Ok(RawBlock { sample_type, layout: Layout::Planar, n_frames, n_channels, bytes })
    }
}
