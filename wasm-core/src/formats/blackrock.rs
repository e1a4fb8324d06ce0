//! Blackrock `.ns1` to `.ns6`, specification 2.1 to 3.0, with the spikes of the `.nev` beside.
//!
//! Data sections are segments: a pause ends one. Files with a clock per sample (precision
//! time protocol) are cut where the clock jumps. Analogue inputs are streams of their own.

mod events;
mod header;
mod sections;

use std::ops::Range;
use std::sync::Arc;

use super::format::{Claim, Format, Reader};
use super::interleaved::{Interleaved, RowLayout, SegmentFile};
use super::joined::Picked;
use super::text_header::{ending, head};
use super::told::Facts;
use super::{OpenError, Recording, Support, stand_in};
use crate::events::Events;
use crate::io::{FileSet, NamedFile};
use crate::recording::{Fact, FrameSource, SegmentInfo, StreamInfo, StreamKind};
use crate::sample::SampleType;
use events::is_events;
use header::{Header, part};
use sections::{Layout, Section, Sections};

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Blackrock .ns1 to .ns6, .nev",
    give: "the files of one recording",
    tested: "2.1, 2.2, 2.3, 3.0 with a clock per sample; spikes",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["blackrock"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The `.nsx` files of a drop, with the `.nev` beside.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let ours: Vec<&NamedFile> = files.iter().filter(|file| version(file).is_some()).collect();
    let events = files.iter().find(|file| is_events(file));
    if ours.is_empty() && events.is_none() {
        return None;
    }
    Some(Claim::certain(move || open_files(files, &ours, events)))
}

/// Opens them, the fastest first.
fn open_files(files: &FileSet, ours: &[&NamedFile], events: Option<&NamedFile>) -> Result<Recording, OpenError> {
    let (mut streams, mut notes, mut facts) = (Vec::new(), Vec::new(), Facts::default());
    let mut failed = None;
    for file in ours {
        match open_file(file, files) {
            Ok(opened) => {
                streams.extend(opened.streams);
                notes.extend(opened.notes);
                opened.facts.into_iter().for_each(|fact| facts.add(&fact.name, fact.value));
            }
            Err(error) => {
                notes.push(format!("A file is left out: {error}."));
                failed.get_or_insert(error);
            }
        }
    }
    let found = events.map(events::open);
    if let Some(error) = failed.filter(|_| streams.is_empty() && !matches!(found, Some(Ok(_)))) {
        return Err(error);
    }
    // Electrodes first, and of those the fastest.
    let order =
        |stream: &dyn FrameSource| (stream.info().kind == StreamKind::Auxiliary, stream.info().sampling_frequency_hz);
    streams.sort_by(|a, b| {
        let ((a_kind, a_hz), (b_kind, b_hz)) = (order(a.as_ref()), order(b.as_ref()));
        a_kind.cmp(&b_kind).then(b_hz.total_cmp(&a_hz))
    });
    // A pointer in place of a file of the recording.
    let is_ours =
        |file: &&NamedFile| ending(file).strip_prefix('n').is_some_and(|rest| rest == "ev" || rest.starts_with('s'));
    let lost = files.iter().filter(is_ours);
    notes.extend(lost.filter_map(stand_in::of).map(|error| format!("A file is left out: {error}.")));
    let (spikes, events) = match (found, streams.first()) {
        (Some(Ok(opened)), stream) => {
            opened.facts.into_iter().for_each(|fact| facts.add(&fact.name, fact.value));
            notes.extend(opened.notes);
            // Where the clock began again the events have segments of their own.
            let is_one = opened.spikes.info.segments.len() == 1;
            let events = match stream.filter(|_| is_one) {
                Some(stream) => opened.events.in_segments_of(stream.info()),
                None => opened.events,
            };
            let spikes = match stream {
                Some(stream) => opened.spikes.in_segments_of(stream.info()),
                None => opened.spikes,
            };
            (Some(spikes), events)
        }
        (Some(Err(error)), None) => return Err(error),
        (Some(Err(error)), Some(_)) => {
            notes.push(format!("Spikes and events are left out: {error}."));
            (None, Events::default())
        }
        (None, _) => (None, Events::default()),
    };
    let recording = Recording::of_streams("blackrock", streams);
    Ok(Recording { spikes, notes, facts: facts.list(), ..recording }.with_events(events))
}

/// Major version of the layout: 2.1 has another header than what followed.
fn version(file: &NamedFile) -> Option<Version> {
    match &head::<8>(file)? {
        b"NEURALSG" => Some(Version::Old),
        b"NEURALCD" => Some(Version::Sections { stamp_bytes: 4 }),
        b"BRSMPGRP" => Some(Version::Sections { stamp_bytes: 8 }),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Version {
    Old,
    Sections { stamp_bytes: u64 },
}

/// The content of one file.
struct Opened {
    streams: Vec<Box<dyn FrameSource>>,
    notes: Vec<String>,
    facts: Vec<Fact>,
}

fn open_file(file: &NamedFile, files: &FileSet) -> Result<Opened, OpenError> {
    let Some(Version::Sections { stamp_bytes }) = version(file) else { return old(file, files) };
    let mut header = header::new(file)?;
    let n_channels = header.info.n_channels;
    let layout = Layout { resolution_hz: header.resolution_hz, stamp_bytes, row_bytes: 2 * n_channels as u64 };
    let Sections { segments, is_per_sample, notes } = layout.sections(file, header.data_at)?;
    header.info.segments = segments.iter().map(|section| section.info.clone()).collect();
    let prefix_bytes = if is_per_sample { layout.header_bytes() } else { 0 };
    Ok(opened(file, header, &segments, prefix_bytes, notes))
}

/// A file of version 2.1: one stretch of samples.
fn old(file: &NamedFile, files: &FileSet) -> Result<Opened, OpenError> {
    let mut header = header::old(file, files)?;
    let row_bytes = 2 * header.info.n_channels as u64;
    // neo leaves the last frame out, which an interrupted recording cuts.
    let n_frames = (file.file.size_bytes().saturating_sub(header.data_at) / row_bytes).saturating_sub(1);
    let info = SegmentInfo { n_frames, t_start_s: 0.0 };
    header.info.segments = vec![info.clone()];
    let section = Section { info, first_byte: header.data_at };
    Ok(opened(file, header, &[section], 0, Vec::new()))
}

/// The streams of a file: electrodes, and analogue inputs.
fn opened(file: &NamedFile, header: Header, sections: &[Section], prefix_bytes: u64, notes: Vec<String>) -> Opened {
    let Header { info, is_analogue, facts, .. } = header;
    let source = |info: StreamInfo, columns: Range<usize>| {
        let segment = |section: &Section| SegmentFile {
            path: file.path.clone(),
            file: Arc::clone(&file.file),
            offset_bytes: section.first_byte,
        };
        let rows = RowLayout::new(prefix_bytes, is_analogue.len(), columns, SampleType::Int16);
        Interleaved::with_rows(info, sections.iter().map(segment).collect(), rows)
    };
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    for is_input in [false, true] {
        let channels: Vec<usize> = (0..is_analogue.len()).filter(|at| is_analogue[*at] == is_input).collect();
        let (Some(first), Some(last)) = (channels.first().copied(), channels.last().copied()) else { continue };
        // A file of inputs alone keeps its name.
        let suffix = if is_input && channels.len() < is_analogue.len() { " analogue" } else { "" };
        let kind = if is_input { StreamKind::Auxiliary } else { StreamKind::Electrodes };
        let own = part(&info, &channels, format!("{}{suffix}", info.name), kind);
        if last - first + 1 == channels.len() {
            streams.push(Box::new(source(own, first..last + 1)));
        } else {
            let whole = source(info.clone(), 0..is_analogue.len());
            streams.push(Box::new(Picked::new(own, Arc::new(whole), channels)));
        }
    }
    Opened { streams, notes, facts: facts.list() }
}
