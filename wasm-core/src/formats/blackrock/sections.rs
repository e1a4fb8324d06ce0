//! Data sections of Blackrock files: a byte that is 1, a timestamp, a number of frames, the frames.
//!
//! A section without frames is what a pause or a synchronised start may leave; one that does not
//! state its frames is what an interrupted recording leaves. They are told apart by what follows.

use std::ops::Range;

use crate::formats::OpenError;
use crate::formats::clock::{self, Counts};
use crate::formats::text_header::{bytes, u32_at, u64_at};
use crate::io::NamedFile;
use crate::recording::SegmentInfo;

/// Sections that are looked at.
const MAX_SECTIONS: usize = 1 << 16;
/// Packets of one frame that are looked at to tell that a file is made of them.
const N_PROBES: u64 = 16;
/// Seconds by which a section that does not state its frames may begin after the one before.
const MAX_PAUSE_S: f64 = 86_400.0;
/// Sections without frames that may follow one another.
const MAX_EMPTY: u32 = 8;
/// Packets from this size on are not read for their timestamp alone.
const APART_BYTES: u64 = 200;
/// Bytes of packets that are read at once.
const PIECE_BYTES: u64 = 1 << 20;

/// What the sections of a file begin with.
pub struct Layout {
    pub resolution_hz: f64,
    pub stamp_bytes: u64,
    /// Bytes of a frame of all channels.
    pub row_bytes: u64,
}

/// Where the frames of a segment are.
pub struct Section {
    pub info: SegmentInfo,
    pub first_byte: u64,
}

/// The sections of a file.
#[derive(Default)]
pub struct Sections {
    pub segments: Vec<Section>,
    /// Whether each frame has a header of its own.
    pub is_per_sample: bool,
    pub notes: Vec<String>,
}

/// A section's header.
struct Header {
    is_section: bool,
    stamp: u64,
    n_frames: u64,
}

impl Layout {
    /// One byte of kind, the timestamp, the number of frames.
    pub const fn header_bytes(&self) -> u64 {
        1 + self.stamp_bytes + 4
    }

    fn header(&self, file: &NamedFile, at: u64) -> Result<Header, OpenError> {
        let header = bytes(file, at, usize::try_from(self.header_bytes()).unwrap_or(13))?;
        let n_at = usize::try_from(1 + self.stamp_bytes).unwrap_or(9);
        Ok(Header {
            is_section: header[0] == 1,
            stamp: self.stamp(&header),
            n_frames: u64::from(u32_at(&header, n_at)),
        })
    }

    fn stamp(&self, header: &[u8]) -> u64 {
        if self.stamp_bytes == 8 { u64_at(header, 1) } else { u64::from(u32_at(header, 1)) }
    }

    #[expect(clippy::cast_precision_loss, reason = "clock ticks")]
    fn seconds(&self, stamp: u64) -> f64 {
        stamp as f64 / self.resolution_hz
    }

    /// Finds the sections from byte `start` on.
    ///
    /// # Errors
    /// Where there is none, or the file cannot be read.
    pub fn sections(&self, file: &NamedFile, start: u64) -> Result<Sections, OpenError> {
        let size = file.file.size_bytes();
        let path = &file.path;
        let mut found = Sections::default();
        let (mut at, mut n_looked_at) = (start, 0);
        while at + self.header_bytes() <= size {
            let Header { is_section, stamp, n_frames } = self.header(file, at)?;
            if !is_section && found.segments.is_empty() {
                return Err(OpenError::field(
                    path,
                    &format!("byte {at}"),
                    "something else",
                    "1, which begins a section",
                ));
            }
            n_looked_at += 1;
            if !is_section || n_looked_at > MAX_SECTIONS {
                let n_left = size - at;
                found.notes.push(format!("{path}: its last {n_left} bytes begin no section of data and are not read."));
                return Ok(found);
            }
            let first_byte = at + self.header_bytes();
            let available = (size - first_byte) / self.row_bytes;
            if n_frames == 1 && n_looked_at == 1 && self.is_per_sample(file, start)? {
                return self.per_sample(file, start);
            }
            let is_empty = n_frames == 0 && (available == 0 || self.begins_section(file, first_byte, stamp, 0));
            let n_held = match n_frames {
                0 if is_empty => 0,
                0 => available,
                stated => stated.min(available),
            };
            if n_frames == 0 && !is_empty {
                found.notes.push(format!(
                    "{path} does not state how long its last section is, as where a recording was interrupted: all that follows is taken for it."
                ));
            }
            if n_held < n_frames {
                found
                    .notes
                    .push(format!("{path} is cut: its last section states {n_frames} frames and holds {n_held}."));
            }
            if n_held > 0 {
                let info = SegmentInfo { n_frames: n_held, t_start_s: self.seconds(stamp) };
                found.segments.push(Section { info, first_byte });
            }
            at = if n_held < n_frames { size } else { first_byte + n_held * self.row_bytes };
        }
        Ok(found)
    }

    /// Whether a section begins at a byte, behind one of this timestamp: its end is the file's or the
    /// begin of another. One that does not state its frames, or was cut, is told by its time.
    fn begins_section(&self, file: &NamedFile, at: u64, before: u64, depth: u32) -> bool {
        let size = file.file.size_bytes();
        let Ok(Header { is_section: true, stamp, n_frames }) = self.header(file, at) else { return false };
        let end =
            n_frames.checked_mul(self.row_bytes).and_then(|n_bytes| n_bytes.checked_add(at + self.header_bytes()));
        let is_soon = stamp >= before && self.seconds(stamp - before) <= MAX_PAUSE_S;
        match end {
            Some(end) if end == size => true,
            Some(end) if end < size && n_frames > 0 => {
                is_soon || self.header(file, end).is_ok_and(|next| next.is_section)
            }
            // Silence may look like a section of the same time.
            Some(end) if end < size && depth < MAX_EMPTY => {
                (is_soon && stamp > before) || self.begins_section(file, end, stamp, depth + 1)
            }
            _ => is_soon,
        }
    }

    /// Whether the file is made of packets of one frame, as with a clock for each.
    fn is_per_sample(&self, file: &NamedFile, start: u64) -> Result<bool, OpenError> {
        let packet_bytes = self.header_bytes() + self.row_bytes;
        let n = (file.file.size_bytes() - start) / packet_bytes;
        let last = n.saturating_sub(1);
        for probe in 1..=N_PROBES {
            let packet = if last <= N_PROBES { probe.min(last) } else { last / N_PROBES * probe };
            let header = self.header(file, start + packet * packet_bytes)?;
            if !header.is_section || header.n_frames != 1 {
                return Ok(false);
            }
        }
        Ok(n > 1)
    }

    /// Packets of one frame each: a segment ends where the clock jumps.
    fn per_sample(&self, file: &NamedFile, start: u64) -> Result<Sections, OpenError> {
        let packet_bytes = self.header_bytes() + self.row_bytes;
        let n = (file.file.size_bytes() - start) / packet_bytes;
        let first = self.header(file, start)?.stamp;
        // Clocks that count from 1970 need all digits of a difference.
        #[expect(clippy::cast_precision_loss, reason = "ticks of a recording")]
        let seconds = |stamp: u64| (i128::from(stamp) - i128::from(first)) as f64 / self.resolution_hz;
        let clock = clock::read(n, Counts::Seconds, |range: Range<u64>| {
            let stamps = self.stamps(file, start, packet_bytes, range)?;
            Ok::<_, OpenError>(stamps.into_iter().map(seconds).collect())
        })?;
        let segment = |(run, mut info): (&clock::Run, SegmentInfo)| {
            info.t_start_s += self.seconds(first);
            Section { info, first_byte: start + run.first * packet_bytes }
        };
        Ok(Sections {
            segments: clock.runs.iter().zip(clock.segments(1.0)).map(segment).collect(),
            is_per_sample: true,
            notes: clock.note(&file.path).into_iter().collect(),
        })
    }

    /// Timestamps of a range of packets.
    fn stamps(
        &self,
        file: &NamedFile,
        start: u64,
        packet_bytes: u64,
        range: Range<u64>,
    ) -> Result<Vec<u64>, OpenError> {
        let place = |packet: u64| start + packet * packet_bytes;
        if packet_bytes >= APART_BYTES {
            return range.map(|packet| self.header(file, place(packet)).map(|header| header.stamp)).collect();
        }
        let mut stamps = Vec::new();
        let step = (PIECE_BYTES / packet_bytes).max(1);
        let mut at = range.start;
        while at < range.end {
            let end = range.end.min(at + step);
            let piece = bytes(file, place(at), usize::try_from((end - at) * packet_bytes).unwrap_or(usize::MAX))?;
            let packets = piece.chunks_exact(usize::try_from(packet_bytes).unwrap_or(usize::MAX));
            stamps.extend(packets.map(|packet| self.stamp(packet)));
            at = end;
        }
        Ok(stamps)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LAYOUT: Layout = Layout { resolution_hz: 30_000.0, stamp_bytes: 4, row_bytes: 4 };

    /// Sections of these timestamps, stated frames and frames.
    fn file(sections: &[(u32, u32, usize)]) -> NamedFile {
        let mut bytes = Vec::new();
        for (stamp, stated, n_frames) in sections {
            bytes.push(1);
            bytes.extend([*stamp, *stated].iter().flat_map(|value| value.to_le_bytes()));
            bytes.extend((0..*n_frames).flat_map(|_| [7, 0, 9, 0]));
        }
        NamedFile { path: "take.ns5".into(), file: Arc::new(bytes) }
    }

    /// Frames of each segment, places of their first bytes, and the number of notes.
    fn told(sections: &[(u32, u32, usize)]) -> (Vec<(u64, u64)>, usize) {
        let found = LAYOUT.sections(&file(sections), 0).expect("reads");
        let one = |section: &Section| (section.info.n_frames, section.first_byte);
        (found.segments.iter().map(one).collect(), found.notes.len())
    }

    #[test]
    fn sections_without_frames_swallow_nothing() {
        assert_eq!(told(&[(0, 0, 0), (30, 5, 5)]), (vec![(5, 18)], 0));
        assert_eq!(told(&[(0, 3, 3), (40, 0, 0), (50, 0, 0), (60, 5, 5)]), (vec![(3, 9), (5, 48)], 0));
        assert_eq!(told(&[(0, 3, 3), (40, 0, 0)]), (vec![(3, 9)], 0));
        // The last one was being written.
        assert_eq!(told(&[(0, 3, 3), (40, 0, 6)]), (vec![(3, 9), (6, 30)], 1));
        assert_eq!(told(&[(0, 0, 0), (40, 0, 6)]), (vec![(6, 18)], 1));
    }

    #[test]
    fn one_frame_is_a_section_too_and_what_was_cut_is_said() {
        assert_eq!(told(&[(0, 1, 1), (600, 5, 5)]), (vec![(1, 9), (5, 22)], 0));
        assert_eq!(told(&[(0, 4, 4), (600, 1, 1), (900, 5, 2)]), (vec![(4, 9), (1, 34), (2, 47)], 1));
    }
}
