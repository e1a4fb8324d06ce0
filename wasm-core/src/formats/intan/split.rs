//! The split layouts: beside `info.rhd`, one file per kind of signal or one per channel.
//!
//! `time.dat` counts frames, from a negative number where a trigger came later; where it leaves
//! numbers out, frames are missing in all files. Slow signals repeat their values so that all
//! files have as many frames; older programs may have written them at their own rate, which the
//! files' lengths tell.

use super::blocks::{CLOCK_WRAPS_AT, current};
use super::describe;
use super::header::{Channel, Header, Kind};
use crate::formats::OpenError;
use crate::formats::clock::{self, Clock, Counts};
use crate::formats::interleaved::{Interleaved, SegmentFile, cut_notes};
use crate::formats::text_header::bytes;
use crate::io::{FileSet, NamedFile, SharedFile};
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

/// Bytes of a number of `time.dat`, and of a sample.
const STAMP_BYTES: u64 = 4;
const SAMPLE_BYTES: u64 = 2;

/// What all files of the folder share.
struct Folder<'a> {
    files: &'a FileSet,
    info_file: &'a NamedFile,
    header: &'a Header,
    /// The clock, and the number of its stamps.
    clock: Option<(Clock, u64)>,
}

pub fn streams(
    files: &FileSet,
    info_file: &NamedFile,
    header: &Header,
    notes: &mut Vec<String>,
) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    let per_signal = header.kinds().iter().any(|kind| files.get_in(info_file.folder(), signal_file(*kind)).is_some());
    let clock = files.get_in(info_file.folder(), "time.dat").and_then(|file| read_clock(file, notes));
    let folder = Folder { files, info_file, header, clock };
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    // Temperature is not written in these layouts.
    for kind in header.kinds().into_iter().filter(|kind| *kind != Kind::Temperature) {
        let stream = if per_signal { folder.per_signal(kind, notes)? } else { folder.per_channel(kind, notes)? };
        streams.extend(stream);
    }
    if streams.is_empty() {
        return Err(folder.missing(signal_file(Kind::Amplifier).to_owned()));
    }
    Ok(streams)
}

/// The runs of frames that `time.dat` counts.
fn read_clock(file: &NamedFile, notes: &mut Vec<String>) -> Option<(Clock, u64)> {
    let n = file.file.size_bytes() / STAMP_BYTES;
    let counts = Counts::Frames { wraps_at: Some(CLOCK_WRAPS_AT) };
    let read = clock::read(n, counts, |range| {
        let size = usize::try_from((range.end - range.start) * STAMP_BYTES).unwrap_or(usize::MAX);
        let stamps = bytes(file, range.start * STAMP_BYTES, size)?;
        let stamps = stamps.as_chunks::<4>().0.iter().map(|stamp| f64::from(i32::from_le_bytes(*stamp)));
        Ok::<_, OpenError>(stamps.collect())
    });
    match read {
        Ok(clock) => {
            notes.extend(clock.note(&file.path));
            (n > 0).then_some((clock, n))
        }
        Err(error) => {
            notes.push(format!("{error}. The recording is taken to have no gap."));
            None
        }
    }
}

/// Whether so many frames are one of every few; the last group may be cut.
const fn fits(n_all: u64, by: u64, n_frames: u64) -> bool {
    n_all / by == n_frames || n_all.div_ceil(by) == n_frames
}

/// Where a segment begins in a file, and what it is.
type Placed = (u64, SegmentInfo);

impl Folder<'_> {
    fn get(&self, name: &str) -> Option<&NamedFile> {
        self.files.get_in(self.info_file.folder(), name)
    }

    fn missing(&self, missing: String) -> OpenError {
        OpenError::MissingPartner { path: self.info_file.path.clone(), missing }
    }

    /// A file that is not there: an error for amplifiers, unless there is their low-gain copy.
    fn not_there(&self, kind: Kind, name: String, notes: &mut Vec<String>) -> Result<(), OpenError> {
        if kind == Kind::Amplifier && !self.header.kinds().contains(&Kind::Dc) {
            return Err(self.missing(name));
        }
        notes.push(format!("{}: {name} is not there; that stream is left out.", self.info_file.path));
        Ok(())
    }

    /// Frames of the clock for each frame of a file with so many: 1, or what the system divides
    /// the rate of slow signals by.
    fn division(&self, kind: Kind, n_frames: u64) -> u64 {
        let slow = [4, self.header.block_frames() as u64];
        let is_slow = matches!(kind, Kind::Auxiliary | Kind::Supply);
        let amplifier = self
            .get(signal_file(Kind::Amplifier))
            .map(|file| file.file.size_bytes() / (SAMPLE_BYTES * self.header.of(Kind::Amplifier).len() as u64).max(1));
        let Some(n_all) = self.clock.as_ref().map(|(_, n)| *n).or(amplifier).filter(|_| is_slow) else { return 1 };
        slow.into_iter().find(|by| n_all > *by && fits(n_all, *by, n_frames)).unwrap_or(1)
    }

    /// The segments of a file of so many frames; its rate is put right.
    fn placed(
        &self,
        kind: Kind,
        n_frames: u64,
        info: &mut StreamInfo,
        what: &str,
        notes: &mut Vec<String>,
    ) -> Vec<Placed> {
        let by = self.division(kind, n_frames);
        let all_hz = self.header.rate_hz(Kind::Amplifier);
        info.sampling_frequency_hz = match by {
            1 => all_hz,
            4 => self.header.rate_hz(Kind::Auxiliary),
            _ => self.header.rate_hz(Kind::Supply),
        };
        let Some((clock, n_stamps)) = &self.clock else {
            return vec![(0, SegmentInfo { n_frames, t_start_s: 0.0 })];
        };
        if !fits(*n_stamps, by, n_frames) {
            notes.push(format!("{what} holds {n_frames} frames, and time.dat the times of {n_stamps}."));
        }
        let mut placed = Vec::new();
        for (at, run) in clock.runs.iter().enumerate() {
            let first = run.first / by;
            // What has no time follows what has.
            let end = clock.runs.get(at + 1).map_or(n_frames, |next| next.first / by).min(n_frames);
            if first < end {
                placed.push((first, SegmentInfo { n_frames: end - first, t_start_s: run.start / all_hz }));
            }
        }
        placed
    }

    /// A stream of a file with all channels of a kind.
    fn per_signal(&self, kind: Kind, notes: &mut Vec<String>) -> Result<Option<Box<dyn FrameSource>>, OpenError> {
        let name = signal_file(kind);
        let Some(data) = self.get(name) else {
            self.not_there(kind, name.to_owned(), notes)?;
            return Ok(None);
        };
        let channels = self.header.of(kind);
        let digital = matches!(kind, Kind::DigitalIn | Kind::DigitalOut);
        let row_bytes = SAMPLE_BYTES * if digital { 1 } else { channels.len() as u64 };
        let raw = |offset_bytes: u64| SegmentFile { path: data.path.clone(), file: data.file.clone(), offset_bytes };
        notes.extend(cut_notes(&[raw(0)], usize::try_from(row_bytes).unwrap_or(usize::MAX)));
        let mut info = describe(self.header, kind, &channels, true);
        let placed = self.placed(kind, data.file.size_bytes() / row_bytes.max(1), &mut info, &data.path, notes);
        let files = placed.iter().map(|(first, _)| raw(first * row_bytes)).collect();
        info.segments = placed.into_iter().map(|(_, segment)| segment).collect();
        Ok(Some(if digital {
            let bits = channels.iter().map(|channel| u8::try_from(channel.native_order).unwrap_or(0)).collect();
            Box::new(Interleaved::digital(info, files, bits))
        } else if kind == Kind::Stim {
            Box::new(Stimulation(Interleaved::whole(info, files)))
        } else {
            Box::new(Interleaved::whole(info, files))
        }))
    }

    /// A stream of a file for each channel of a kind.
    fn per_channel(&self, kind: Kind, notes: &mut Vec<String>) -> Result<Option<Box<dyn FrameSource>>, OpenError> {
        let all = self.header.of(kind);
        let found = |channel: &&Channel| self.get(&channel_file(kind, &channel.native_name));
        let channels: Vec<&Channel> = all.iter().copied().filter(|channel| found(channel).is_some()).collect();
        // Electrodes that were never stimulated have no file.
        let lost = all.iter().find(|channel| found(channel).is_none()).filter(|_| kind != Kind::Stim);
        if let Some(lost) = lost {
            let name = channel_file(kind, &lost.native_name);
            if channels.is_empty() {
                self.not_there(kind, name, notes)?;
            } else {
                let n_lost = all.len() - channels.len();
                notes.push(format!("{}: {name} is not there; {n_lost} channels are left out.", self.info_file.path));
            }
        }
        if channels.is_empty() {
            return Ok(None);
        }
        let own: Vec<&NamedFile> = channels.iter().filter_map(found).collect();
        let lengths = || own.iter().map(|file| file.file.size_bytes() / SAMPLE_BYTES);
        let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        if shortest < longest {
            let short = own.iter().find(|file| file.file.size_bytes() / SAMPLE_BYTES == shortest);
            let path = short.map_or("", |file| file.path.as_str());
            notes.push(format!(
                "{path} holds {shortest} of the {longest} frames of other channels: only what all have is shown."
            ));
        }
        let mut info = describe(self.header, kind, &channels, true);
        let first_path = own.first().map_or("", |file| file.path.as_str());
        let placed = self.placed(kind, shortest, &mut info, first_path, notes);
        let firsts = placed.iter().map(|(first, _)| *first).collect();
        info.segments = placed.into_iter().map(|(_, segment)| segment).collect();
        let files = own.iter().map(|file| (file.path.clone(), file.file.clone())).collect();
        let stream = Planar { info, files, firsts };
        Ok(Some(if kind == Kind::Stim { Box::new(Stimulation(stream)) } else { Box::new(stream) }))
    }
}

/// Whether a file of the folder holds amplifier signals.
pub fn is_signal(file: &NamedFile, folder: &str) -> bool {
    let (name, amplifier) = (file.name(), signal_file(Kind::Amplifier));
    file.folder() == folder && (name == amplifier || name == signal_file(Kind::Dc) || name.starts_with("amp-"))
}

const fn signal_file(kind: Kind) -> &'static str {
    match kind {
        Kind::Amplifier => "amplifier.dat",
        Kind::Auxiliary => "auxiliary.dat",
        Kind::Supply => "supply.dat",
        Kind::Temperature => "temperature.dat",
        Kind::AdcIn => "analogin.dat",
        Kind::AdcOut => "analogout.dat",
        Kind::DigitalIn => "digitalin.dat",
        Kind::DigitalOut => "digitalout.dat",
        Kind::Dc => "dcamplifier.dat",
        Kind::Stim => "stim.dat",
    }
}

fn channel_file(kind: Kind, native_name: &str) -> String {
    let prefix = match kind {
        Kind::Amplifier => "amp-",
        Kind::Auxiliary => "aux-",
        Kind::Supply => "vdd-",
        Kind::Dc => "dc-",
        Kind::Stim => "stim-",
        Kind::Temperature | Kind::AdcIn | Kind::AdcOut | Kind::DigitalIn | Kind::DigitalOut => "board-",
    };
    format!("{prefix}{native_name}.dat")
}

/// One file per channel.
struct Planar {
    info: StreamInfo,
    files: Vec<(String, SharedFile)>,
    /// First frame of each segment.
    firsts: Vec<u64>,
}

impl FrameSource for Planar {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut bytes = vec![0; check_range(&self.info, segment, start, n_frames)?];
        for ((path, file), channel) in self.files.iter().zip(bytes.chunks_exact_mut((2 * n_frames).max(1))) {
            let failed = |source| ReadError::Io { path: path.clone(), source };
            let first = self.firsts.get(segment).copied().unwrap_or(0);
            file.read_exact_at(SAMPLE_BYTES * (first + start), channel).map_err(failed)?;
        }
        let n_channels = self.info.n_channels;
        Ok(RawBlock { sample_type: self.info.sample_type, layout: Layout::Planar, n_frames, n_channels, bytes })
    }
}

/// Stimulation words as signed steps.
struct Stimulation<S>(S);

impl<S: FrameSource> FrameSource for Stimulation<S> {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut block = self.0.read(segment, start, n_frames)?;
        for word in block.bytes.as_chunks_mut::<2>().0 {
            *word = current(*word);
        }
        Ok(block)
    }
}
