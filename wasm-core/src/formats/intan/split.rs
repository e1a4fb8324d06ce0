//! The split layouts: beside `info.rhd`, one file per kind of signal or one per channel.

use super::blocks::current;
use super::describe;
use super::header::{Channel, Header, Kind};
use crate::formats::OpenError;
use crate::formats::interleaved::{Interleaved, SegmentFile, segments};
use crate::io::{FileSet, NamedFile, SharedFile};
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

pub fn streams(
    files: &FileSet,
    info_file: &NamedFile,
    header: &Header,
) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    let folder = info_file.folder();
    let per_signal = header.kinds().iter().any(|kind| files.get_in(folder, signal_file(*kind)).is_some());
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    for kind in header.kinds() {
        // Temperature is not written in these layouts.
        if kind == Kind::Temperature {
            continue;
        }
        let mut channels = header.of(kind);
        // Electrodes that were never stimulated have no file, and amplifiers may be left unsaved.
        if !per_signal && matches!(kind, Kind::Stim | Kind::Amplifier) {
            let is_there = |name: &str| files.get_in(folder, &channel_file(kind, name)).is_some();
            let stored: Vec<&Channel> =
                channels.iter().copied().filter(|channel| is_there(&channel.native_name)).collect();
            let is_optional = kind == Kind::Stim || header.kinds().contains(&Kind::Dc);
            if is_optional && stored.is_empty() {
                continue;
            }
            if kind == Kind::Stim {
                channels = stored;
            }
        }
        let mut info = describe(header, kind, &channels, true);
        if per_signal {
            let name = signal_file(kind);
            let missing = || OpenError::MissingPartner { path: info_file.path.clone(), missing: name.to_owned() };
            let data = files.get_in(folder, name).ok_or_else(missing)?;
            let raw = vec![SegmentFile { path: data.path.clone(), file: data.file.clone(), offset_bytes: 0 }];
            let digital = matches!(kind, Kind::DigitalIn | Kind::DigitalOut);
            info.segments = segments(&raw, if digital { 2 } else { 2 * channels.len() }, |_| 0.0);
            streams.push(if digital {
                let bits = channels.iter().map(|channel| u8::try_from(channel.native_order).unwrap_or(0)).collect();
                Box::new(Interleaved::digital(info, raw, bits))
            } else if kind == Kind::Stim {
                Box::new(Stimulation(Interleaved::whole(info, raw)))
            } else {
                Box::new(Interleaved::whole(info, raw))
            });
        } else {
            streams.push(per_channel(files, info_file, kind, &channels, info)?);
        }
    }
    Ok(streams)
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

fn per_channel(
    files: &FileSet,
    info_file: &NamedFile,
    kind: Kind,
    channels: &[&Channel],
    mut info: StreamInfo,
) -> Result<Box<dyn FrameSource>, OpenError> {
    let file_of = |channel: &&Channel| {
        let name = channel_file(kind, &channel.native_name);
        let found = files.get_in(info_file.folder(), &name);
        found.ok_or_else(|| OpenError::MissingPartner { path: info_file.path.clone(), missing: name })
    };
    let found: Vec<&NamedFile> = channels.iter().map(file_of).collect::<Result<_, _>>()?;
    let shortest = found.iter().map(|file| file.file.size_bytes() / 2).min().unwrap_or(0);
    info.segments = vec![SegmentInfo { n_frames: shortest, t_start_s: 0.0 }];
    let files = found.iter().map(|file| (file.path.clone(), file.file.clone())).collect();
    let stream = Planar { info, files };
    Ok(if kind == Kind::Stim { Box::new(Stimulation(stream)) } else { Box::new(stream) })
}

/// One file per channel.
struct Planar {
    info: StreamInfo,
    files: Vec<(String, SharedFile)>,
}

impl FrameSource for Planar {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut bytes = vec![0; check_range(&self.info, segment, start, n_frames)?];
        for ((path, file), channel) in self.files.iter().zip(bytes.chunks_exact_mut((2 * n_frames).max(1))) {
            let failed = |source| ReadError::Io { path: path.clone(), source };
            file.read_exact_at(2 * start, channel).map_err(failed)?;
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
