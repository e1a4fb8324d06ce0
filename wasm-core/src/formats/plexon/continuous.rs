//! Plexon's continuous signals: short pieces of each channel, all over the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::super::OpenError;
use super::super::interleaved::uniform;
use super::super::text_header::{decoded, u16_at, u32_at};
use super::seek::Seeker;
use crate::io::{NamedFile, SharedFile};
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, StreamKind, check_range};
use crate::sample::{Layout, RawBlock, SampleType};

/// A stretch that holds the pieces of a window is read at once while it is at most so many
/// times as long as they are, and a little; else other signals lie between them.
const MAX_STRETCH: u64 = 4;
const STRETCH_BYTES: u64 = 64 << 10;

/// What neo calls the streams of Plexon's own channel names.
const STREAM_NAMES: [(&str, &str); 4] = [
    ("WB", "WB-Wideband"),
    ("FP", "FPl-Low Pass Filtered"),
    ("SP", "SPKC-High Pass Filtered"),
    ("AI", "AI-Auxiliary Input"),
];

/// What names of auxiliary inputs begin with.
const AUXILIARY: &str = "AI";

/// A continuous channel and where its samples are.
pub(super) struct Track {
    pub(super) number: u16,
    name: String,
    rate_hz: f64,
    gain_to_uv: f64,
    /// Clock ticks of one sample.
    sample_ticks: f64,
    /// Frames of every block, where the clock's ticks are too coarse to tell one frame from the next.
    block_frames: u64,
    segments: Vec<Segment>,
}

#[derive(Default)]
struct Segment {
    /// Clock tick of the first sample.
    start: i64,
    n_frames: u64,
    /// Stamp and samples of its last block.
    last: (i64, u64),
    pieces: Vec<Piece>,
}

/// Consecutive samples of a channel.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) first_frame: u64,
    pub(super) n_frames: u64,
    /// First byte in the file.
    pub(super) place: u64,
}

impl Track {
    /// A channel's description. Scales changed from version to version, as those
    /// of spikes did.
    pub(super) fn read(entry: &[u8], header: &[u8]) -> Self {
        let clock_hz = f64::from(u32_at(header, 136));
        let rate_hz = f64::from(u32_at(entry, 36));
        let gain = f64::from(u32_at(entry, 40)).max(1.0);
        let preamplifier = f64::from(u32_at(entry, 48)).max(1.0);
        let half_scale = f64::from(i32::from(header[203]).clamp(1, 32) - 1).exp2();
        let mv = match u32_at(header, 4) {
            ..102 => 5000.0 / (2048.0 * gain * 1000.0),
            102 => 5000.0 / (2048.0 * gain * preamplifier),
            _ => f64::from(u16_at(header, 206)) / (half_scale * gain * preamplifier),
        };
        Self {
            number: u16_at(entry, 32),
            name: decoded(&entry[..32]),
            rate_hz,
            gain_to_uv: mv * 1000.0,
            sample_ticks: clock_hz / rate_hz,
            block_frames: 1,
            segments: Vec::new(),
        }
    }

    /// Frames from one stamp to another.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ticks")]
    pub(super) fn frame_of(&self, start: i64, stamp: i64) -> u64 {
        let n_blocks = (stamp - start) as f64 / self.ticks_of(self.block_frames);
        (n_blocks.round() as u64).saturating_mul(self.block_frames)
    }

    /// Takes a rate that was measured, and the frames of the blocks that keep it.
    pub(super) const fn set_step(&mut self, sample_ticks: f64, block_frames: u64) {
        (self.sample_ticks, self.block_frames) = (sample_ticks, block_frames);
    }

    /// Clock ticks of so many samples.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    pub(super) fn ticks_of(&self, n_frames: u64) -> f64 {
        n_frames as f64 * self.sample_ticks
    }

    /// Clock tick at which a segment begins.
    pub(super) fn start_of(&self, segment: usize) -> i64 {
        self.segments.get(segment).map_or(0, |segment| segment.start)
    }

    /// The stamp of a frame of a segment.
    #[expect(clippy::cast_possible_truncation, reason = "ticks")]
    pub(super) fn stamp_of(&self, segment: usize, frame: u64) -> i64 {
        self.start_of(segment).saturating_add(self.ticks_of(frame) as i64)
    }

    /// Gives the track segments whose pieces are not known: first stamps and frames.
    pub(super) fn set_segments(&mut self, segments: Vec<(i64, u64)>) {
        let segment = |(start, n_frames)| Segment { start, n_frames, ..Segment::default() };
        self.segments = segments.into_iter().map(segment).collect();
    }

    /// Whether a block of this stamp goes on where `n_frames` from `start` end.
    #[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^53")]
    pub(super) fn goes_on(&self, (start, n_frames): (i64, u64), stamp: i64) -> bool {
        (stamp as f64 - start as f64 - self.ticks_of(n_frames)).abs() <= self.sample_ticks.max(1.0)
    }

    /// Takes a block; one that does not begin where the last ended begins a segment. The rates of
    /// headers are whole numbers, so ends are not counted from the segment's start.
    pub(super) fn push(&mut self, stamp: i64, place: u64, n_frames: u64) {
        let goes_on = self.segments.last().is_some_and(|segment| self.goes_on(segment.last, stamp));
        if !goes_on {
            self.segments.push(Segment { start: stamp, ..Segment::default() });
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.pieces.push(Piece { first_frame: segment.n_frames, n_frames, place });
            segment.n_frames += n_frames;
            segment.last = (stamp, n_frames);
        }
    }

    /// The letters in front of the channel's number.
    fn prefix(&self) -> &str {
        self.name.split(|letter: char| letter.is_ascii_digit()).next().unwrap_or_default()
    }

    fn starts(&self) -> Vec<i64> {
        self.segments.iter().map(|segment| segment.start).collect()
    }
}

/// Channels of one name, rate and timing form a stream; the fastest comes first, and what is
/// not a neural signal last. Where a file was cut, some channels have a piece more than others:
/// what all have counts.
#[expect(clippy::cast_precision_loss, reason = "ticks of a recording's clock")]
pub(super) fn streams(
    file: &NamedFile,
    tracks: Vec<Track>,
    clock_hz: f64,
    seeker: Option<&Arc<Seeker>>,
) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    let mut groups: BTreeMap<(String, u64, Vec<i64>), Vec<Track>> = BTreeMap::new();
    for track in tracks.into_iter().filter(|track| !track.segments.is_empty()) {
        if track.rate_hz <= 0.0 {
            let field = format!("sampling rate of {}", track.name);
            return Err(OpenError::field(&file.path, &field, track.rate_hz, "above 0 Hz"));
        }
        let key = (track.prefix().to_owned(), track.rate_hz.to_bits(), track.starts());
        groups.entry(key).or_default().push(track);
    }
    let mut streams: Vec<Pieces> = Vec::new();
    for ((prefix, _, starts), tracks) in groups {
        let known = STREAM_NAMES.iter().find(|(known, _)| *known == prefix);
        let name = known.map_or(prefix.as_str(), |(_, name)| name);
        let ids = tracks.iter().map(|track| track.name.clone()).collect();
        let mut info = uniform(name, tracks[0].rate_hz, SampleType::Int16, ids, 1.0);
        info.gain_to_uv = tracks.iter().map(|track| track.gain_to_uv).collect();
        if prefix.starts_with(AUXILIARY) {
            info.kind = StreamKind::Auxiliary;
        }
        let segment = |(at, start): (usize, &i64)| SegmentInfo {
            n_frames: tracks.iter().map(|track| track.segments[at].n_frames).min().unwrap_or(0),
            t_start_s: *start as f64 / clock_hz,
        };
        info.segments = starts.iter().enumerate().map(segment).collect();
        let (path, seeker) = (file.path.clone(), seeker.map(Arc::clone));
        streams.push(Pieces { info, path, file: SharedFile::clone(&file.file), tracks, seeker });
    }
    let order = |stream: &Pieces| (stream.info.kind == StreamKind::Auxiliary, -stream.info.sampling_frequency_hz);
    streams.sort_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
    Ok(streams.into_iter().map(|stream| Box::new(stream) as Box<dyn FrameSource>).collect())
}

/// A stream whose channels lie in pieces.
struct Pieces {
    info: StreamInfo,
    path: String,
    file: SharedFile,
    tracks: Vec<Track>,
    /// Finds the pieces where they are not known.
    seeker: Option<Arc<Seeker>>,
}

impl Pieces {
    /// The pieces of a window, where they must be looked for.
    fn sought(&self, segment: usize, wanted: &Range<u64>) -> Result<Option<Vec<Vec<Piece>>>, ReadError> {
        let Some(seeker) = self.seeker.as_ref().filter(|_| !wanted.is_empty()) else { return Ok(None) };
        let tracks: Vec<&Track> = self.tracks.iter().collect();
        let damaged = |error: OpenError| ReadError::Damaged { path: self.path.clone(), reason: error.to_string() };
        seeker.pieces(&tracks, segment, wanted.clone()).map(Some).map_err(damaged)
    }

    fn bytes(&self, place: u64, size: u64) -> Result<Vec<u8>, ReadError> {
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        let failed = |source| ReadError::Io { path: self.path.clone(), source };
        self.file.read_exact_at(place, &mut bytes).map_err(failed)?;
        Ok(bytes)
    }
}

impl FrameSource for Pieces {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let size_bytes = check_range(&self.info, segment, start, n_frames)?;
        let wanted = start..start + n_frames as u64;
        // Places and sizes in bytes of what is wanted of each piece, channel by channel.
        let mut places: Vec<(u64, u64)> = Vec::new();
        let sought = self.sought(segment, &wanted)?;
        for (at, track) in self.tracks.iter().enumerate().filter(|_| n_frames > 0) {
            let pieces = sought.as_ref().map_or(&track.segments[segment].pieces, |sought| &sought[at]);
            let first = pieces.partition_point(|piece| piece.first_frame + piece.n_frames <= wanted.start);
            for piece in pieces[first..].iter().take_while(|piece| piece.first_frame < wanted.end) {
                let from = wanted.start.max(piece.first_frame);
                let to = wanted.end.min(piece.first_frame + piece.n_frames);
                places.push((piece.place + 2 * (from - piece.first_frame), 2 * (to - from)));
            }
        }
        let begin = places.iter().map(|(place, _)| *place).min().unwrap_or(0);
        let end = places.iter().map(|(place, size)| place + size).max().unwrap_or(0);
        let together = end - begin <= MAX_STRETCH * size_bytes as u64 + STRETCH_BYTES;
        let stretch = if together { self.bytes(begin, end - begin)? } else { Vec::new() };
        let mut bytes = Vec::with_capacity(size_bytes);
        for (place, size) in places {
            if together {
                let from = usize::try_from(place - begin).unwrap_or(usize::MAX);
                bytes.extend_from_slice(&stretch[from..][..usize::try_from(size).unwrap_or(0)]);
            } else {
                bytes.extend(self.bytes(place, size)?);
            }
        }
        let n_channels = self.info.n_channels;
        Ok(RawBlock { sample_type: SampleType::Int16, layout: Layout::Planar, n_frames, n_channels, bytes })
    }
}
