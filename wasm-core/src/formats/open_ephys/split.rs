//! A stream's columns as streams of electrodes, converters, accelerometers and synchronisation.

use std::sync::Arc;

use super::structure::Kind;
use super::{Piece, is_other_device, settings};
use crate::formats::clock::Run;
use crate::formats::interleaved::{Interleaved, SegmentFile, uniform};
use crate::formats::joined::Picked;
use crate::io::FileSet;
use crate::recording::{FrameSource, SegmentInfo, StreamInfo, StreamKind};
use crate::sample::SampleType;

/// Kinds in the order in which their streams are made.
const KINDS: [Kind; 4] = [Kind::Electrode, Kind::Converter, Kind::Auxiliary, Kind::Synchronisation];

/// Splits a stream's columns by what they are connected to.
pub fn streams(files: &FileSet, name: &str, pieces: &[&Piece]) -> Vec<Box<dyn FrameSource>> {
    let Some(first) = pieces.first() else { return Vec::new() };
    let channels = &first.described.channels;
    let rate_hz = first.described.sample_rate;
    let is_other = is_other_device(name);
    // The converters of a device that has nothing else are its stream.
    let kind_of = |at: usize| match channels[at].kind() {
        Kind::Converter if is_other => Kind::Electrode,
        kind => kind,
    };
    let row_bytes = SampleType::Int16.size_bytes() * channels.len();
    let placed: Vec<(&Piece, Run)> =
        pieces.iter().flat_map(|piece| piece.runs.iter().filter(|run| run.n > 0).map(|run| (*piece, *run))).collect();
    let raw = || -> Vec<SegmentFile> {
        let file = |(piece, run): &(&Piece, Run)| SegmentFile {
            path: piece.data.path.clone(),
            file: piece.data.file.clone(),
            offset_bytes: run.first * row_bytes as u64,
        };
        placed.iter().map(file).collect()
    };
    let segments: Vec<SegmentInfo> =
        placed.iter().map(|(_, run)| SegmentInfo { n_frames: run.n, t_start_s: run.start }).collect();
    let describe = |stream: String, columns: &[usize]| -> StreamInfo {
        let ids = columns.iter().map(|at| channels[*at].name.clone()).collect();
        let mut info = uniform(&stream, rate_hz, SampleType::Int16, ids, 1.0);
        info.gain_to_uv = columns.iter().map(|at| channels[*at].bit_volts * channels[*at].uv_per_unit()).collect();
        info.segments.clone_from(&segments);
        info
    };
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    for kind in KINDS {
        let columns: Vec<usize> = (0..channels.len()).filter(|at| kind_of(*at) == kind).collect();
        let (Some(from), Some(to)) = (columns.first().copied(), columns.last().copied()) else { continue };
        let mut info = describe(format!("{name}{}", kind.suffix()), &columns);
        if kind != Kind::Electrode || is_other {
            info.kind = StreamKind::Auxiliary;
        } else {
            info.positions_um = settings::positions_um(files, first.data.folder(), name, info.n_channels);
        }
        streams.push(if to - from + 1 == columns.len() {
            Box::new(Interleaved::new(info, raw(), channels.len(), from..to + 1))
        } else {
            let all: Vec<usize> = (0..channels.len()).collect();
            let whole = Interleaved::whole(describe(name.to_owned(), &all), raw());
            Box::new(Picked::new(info, Arc::new(whole), columns))
        });
    }
    streams
}
