//! EDF(+) and BDF(+): data records in which each signal has its own number of samples.
//!
//! Electrodes of equal rate form a stream, named as neo names it; what is no electrode (triggers,
//! status words, temperature) forms streams of its own. Layout: Kemp & Olivan 2003,
//! doi:10.1016/S1388-2457(03)00123-8, and BioSemi's 24-bit variant.

mod annotations;
mod header;
mod kinds;
mod runs;

use super::format::{Claim, Format, Reader};
use super::interleaved::uniform;
use super::records::{Encoding, Part, Records, Track};
use super::text_header::head;
use super::{OpenError, Recording, Support};
use crate::events::Events;
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo, StreamKind};
use crate::sample::SampleType;
use annotations::Place;
use header::{Header, Signal};
use runs::Run;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "EDF, BDF",
    give: "the file",
    tested: "EDF, EDF+C, EDF+D with its gaps, 24-bit BDF",
    positions: "none in the files",
    neo: "EDF without gaps; BDF cut to 16 bits",
    spikeinterface: "as neo",
};

/// The format.
pub const FORMAT: Format = Format { names: &["edf", "bdf"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The first EDF or BDF file of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let (file, is_bdf) = files.iter().find_map(|file| {
        let head = head::<8>(file)?;
        let is_bdf = head == *b"\xffBIOSEMI";
        (is_bdf || head == *b"0       ").then_some((file, is_bdf))
    })?;
    Some(Claim::certain(move || open_file(file, is_bdf)))
}

fn open_file(file: &NamedFile, is_bdf: bool) -> Result<Recording, OpenError> {
    let mut header = Header::read(file, is_bdf)?;
    let (n_records, cut) = records_of(file, &header)?;
    header.notes.extend(cut);
    let place = |signal: &Signal| Place {
        first_byte: signal.first_byte,
        size: signal.n_samples * header.sample_bytes,
        record_bytes: header.record_bytes,
        n_records,
        zero_s: 0.0,
    };
    let mut annotations: Vec<Place> =
        header.signals.iter().filter(|signal| signal.is_annotation()).map(place).collect();
    let (runs, zero_s) = runs::find(file, annotations.first(), n_records, header.seconds, header.has_gaps)?;
    let mut events = Events::default();
    for place in &mut annotations {
        place.zero_s = zero_s;
        let n_read = annotations::read(file, place, &mut events)?;
        if n_read < n_records {
            header.notes.push(format!("Annotations were read of the first {n_read} of {n_records} records."));
        }
    }
    let streams = streams(file, &header, &runs, is_bdf);
    let events = match streams.first() {
        Some(stream) => events.in_segments_of(stream.info()),
        None => events,
    };
    let recording = Recording::of_streams(if is_bdf { "bdf" } else { "edf" }, streams);
    Ok(Recording { notes: header.notes, facts: header.facts.list(), ..recording }.with_events(events))
}

/// Number of records that the file holds, and a note where the header claims another. The count in
/// the header is -1 while recording; what is there counts.
#[expect(clippy::cast_precision_loss, reason = "numbers of records")]
fn records_of(file: &NamedFile, header: &Header) -> Result<(u64, Option<String>), OpenError> {
    let data_bytes = file.file.size_bytes().saturating_sub(header.data_at);
    let record_bytes = header.record_bytes;
    let n_records = data_bytes / record_bytes;
    if n_records == 0 {
        let expected = format!("at least one record of {record_bytes} bytes");
        return Err(OpenError::field(&file.path, "samples", format!("{data_bytes} bytes"), expected));
    }
    let told = |n: f64| match n_records as f64 {
        held if n > held => {
            Some(format!("{} is cut: it holds {n_records} of the {n} records of its header.", file.path))
        }
        held if n > 0.0 && n < held => {
            Some(format!("{} holds {n_records} records where its header counts {n}; all are read.", file.path))
        }
        _ => None,
    };
    Ok((n_records, header.n_claimed.and_then(told)))
}

/// Streams of equal kind and rate: electrodes first, in the order of the file.
fn streams(file: &NamedFile, header: &Header, runs: &[Run], is_bdf: bool) -> Vec<Box<dyn FrameSource>> {
    // Ids are the places among the signals, without annotations.
    let own = header.signals.iter().filter(|signal| !signal.is_annotation());
    let signals: Vec<(usize, &Signal)> = own.enumerate().filter(|(_, signal)| signal.n_samples > 0).collect();
    let mut groups: Vec<(StreamKind, usize)> = Vec::new();
    for kind in [StreamKind::Electrodes, StreamKind::Auxiliary] {
        for (_, signal) in signals.iter().filter(|(_, signal)| kind_of(signal) == kind) {
            if !groups.contains(&(kind, signal.n_samples)) {
                groups.push((kind, signal.n_samples));
            }
        }
    }
    let stream = |(kind, n_samples): &(StreamKind, usize)| {
        let is_member = |(_, signal): &&(usize, &Signal)| signal.n_samples == *n_samples && kind_of(signal) == *kind;
        let members: Vec<(usize, &Signal)> = signals.iter().filter(is_member).copied().collect();
        stream(file, header, &members, runs, is_bdf)
    };
    groups.iter().map(stream).collect()
}

fn kind_of(signal: &Signal) -> StreamKind {
    if signal.is_electrode() { StreamKind::Electrodes } else { StreamKind::Auxiliary }
}

#[expect(clippy::cast_precision_loss, reason = "samples of a record")]
fn stream(
    file: &NamedFile,
    header: &Header,
    members: &[(usize, &Signal)],
    runs: &[Run],
    is_bdf: bool,
) -> Box<dyn FrameSource> {
    let first = members[0].1;
    let n_samples = first.n_samples;
    let rate_hz = n_samples as f64 / header.seconds;
    let sample_type = if is_bdf { SampleType::Int32 } else { SampleType::Int16 };
    let ids = members.iter().map(|(at, _)| at.to_string()).collect();
    let kind = kind_of(first);
    let suffix = if kind == StreamKind::Auxiliary { " auxiliary" } else { "" };
    let mut info = uniform(&format!("stream (({rate_hz:?},) Hz){suffix}"), rate_hz, sample_type, ids, 1.0);
    info.kind = kind;
    info.channel_names = Some(members.iter().map(|(_, signal)| signal.label.clone()).collect());
    (info.gain_to_uv, info.offset_to_uv) = members.iter().map(|(_, signal)| signal.scale_uv()).unzip();
    let segment = |run: &Run| SegmentInfo { n_frames: run.n_records * n_samples as u64, t_start_s: run.t_start_s };
    info.segments = runs.iter().map(segment).collect();
    let track = |(_, signal): &(usize, &Signal)| Track {
        first_byte: signal.first_byte,
        record_bytes: header.record_bytes,
        record_samples: n_samples,
        segments: runs.iter().map(|run| Part::new(file, run.record)).collect(),
    };
    let encoding = if is_bdf { Encoding::Little24 } else { Encoding::Plain };
    Box::new(Records::new(info, members.iter().map(track).collect(), encoding))
}
