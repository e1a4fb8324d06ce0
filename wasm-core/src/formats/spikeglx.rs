//! `SpikeGLX`: raw `.bin` files, or `.cbin` packed by mtscomp, each described by a `.meta` of the
//! same stem.
//!
//! A file's stream, gate and trigger are told by `fileName` inside its meta, because people
//! rename files; gates and triggers are segments. Facts from the `SpikeGLX` manual ("Metadata
//! tags") and the probe tables that imec publishes.

mod facts;
mod meta;
mod mtscomp;
mod probe_table;
mod scaling;

use std::collections::BTreeMap;

use super::format::{Claim, Format, Reader};
use super::interleaved::{Interleaved, SegmentFile, cut_notes, segments, uniform};
use super::text_header::is_uuid;
use super::{OpenError, Support};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, Recording, StreamInfo, StreamKind};
use crate::sample::SampleType;
use meta::Meta;

/// What names of neural inputs of National Instruments' devices begin with.
const NEURAL: &str = "MN";
/// How far the measured rates of the parts of one recording may lie apart.
const MAX_DRIFT: f64 = 1e-4;

/// One meta with its data.
struct Part {
    meta: Meta,
    data: NamedFile,
}

impl Part {
    /// A meta and the data beside it.
    fn read(files: &FileSet, file: &NamedFile) -> Result<Self, OpenError> {
        let stem = file.path.trim_end_matches(".meta");
        let (bin, cbin) = (format!("{stem}.bin"), format!("{stem}.cbin"));
        let meta = Meta::read(file)?;
        // Servers put a number of their own into each file's name.
        let plain = |path: &str| path.split('.').filter(|part| !is_uuid(part)).collect::<Vec<_>>().join(".");
        let same = |wanted: &String| {
            files.get(wanted).or_else(|| files.iter().find(|other| plain(&other.path) == plain(wanted)))
        };
        let data = match (same(&bin), same(&cbin)) {
            (Some(data), _) => data.clone(),
            (None, Some(packed)) => mtscomp::unpacked(files, packed, meta.n_saved()?)?,
            (None, None) => return Err(OpenError::MissingPartner { path: file.path.clone(), missing: bin }),
        };
        Ok(Self { meta, data })
    }

    /// Says how much of the data its meta knows of is there, if not all.
    #[expect(clippy::cast_precision_loss, reason = "bytes of a file stay far below 2^53")]
    fn cut_note(&self) -> Option<String> {
        let (size, known) = (self.data.file.size_bytes(), self.meta.number("fileSizeBytes")?);
        let note = || format!("{} is cut: it holds {size} of the {known} bytes of its meta.", self.data.path);
        ((size as f64) < known).then(note)
    }
}

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "SpikeGLX .bin or .cbin with .meta",
    give: "the folder, or the files of one stem",
    tested: "NP1, NP2, quad-base, NI-DAQ, OneBox; gates and triggers; packed by mtscomp 1.0",
    positions: "Neuropixels, by part number",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["spikeglx"], support: &SUPPORT, reader: Reader::Files(recognise) };

fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let is_meta = |file: &&NamedFile| file.path.ends_with(".meta") && Meta::looks_like(file);
    let metas: Vec<&NamedFile> = files.iter().filter(is_meta).collect();
    if metas.is_empty() {
        // A lone data file of SpikeGLX is told by its name.
        let stem = |path: &str| -> Option<String> {
            let stem = path.strip_suffix(".bin").or_else(|| path.strip_suffix(".cbin"))?;
            [".ap", ".lf", ".nidq", ".obx"].iter().any(|kind| stem.ends_with(kind)).then(|| stem.to_owned())
        };
        let (lone, stem) = files.iter().find_map(|file| Some((file, stem(&file.path)?)))?;
        let missing = format!("{stem}.meta");
        return Some(Claim::refused(OpenError::MissingPartner { path: lone.path.clone(), missing }));
    }
    Some(Claim::certain(move || read(files, &metas)))
}

fn read(files: &FileSet, metas: &[&NamedFile]) -> Result<Recording, OpenError> {
    let mut notes = Vec::new();
    let mut streams: BTreeMap<String, BTreeMap<(i64, i64), Part>> = BTreeMap::new();
    let mut failed = None;
    for file in metas {
        let part = match Part::read(files, file) {
            Ok(part) => part,
            Err(error @ OpenError::Io { .. }) => return Err(error),
            // A meta without its data is left beside many recordings.
            Err(error) => {
                if !matches!(error, OpenError::MissingPartner { .. }) {
                    notes.push(format!("{} is left out. {error}.", file.path));
                }
                failed.get_or_insert(error);
                continue;
            }
        };
        let (name, place) = (part.meta.stream_name(), part.meta.place());
        if streams.entry(name.clone()).or_default().insert(place, part).is_some() {
            let expected = "one file per stream, gate and trigger; drop one run at a time";
            return Err(OpenError::field(&file.path, "fileName", name, expected));
        }
    }
    if let Some(failed) = failed.take().filter(|_| streams.is_empty()) {
        return Err(failed);
    }
    let n_segments = streams.values().map(BTreeMap::len).max().unwrap_or(0);
    let mut signals: Vec<Box<dyn FrameSource>> = Vec::new();
    let mut others: Vec<Box<dyn FrameSource>> = Vec::new();
    for (name, parts) in &streams {
        if parts.len() < n_segments {
            notes.push(format!("{name} has {} of {n_segments} gates and triggers.", parts.len()));
        }
        match stream(name, &parts.values().collect::<Vec<_>>(), &mut notes) {
            Ok(Split { signal, other }) => {
                signals.push(Box::new(signal));
                others.extend(other.map(|stream| Box::new(stream) as Box<dyn FrameSource>));
            }
            Err(error) => {
                notes.push(format!("{name} is left out. {error}."));
                failed.get_or_insert(error);
            }
        }
    }
    if let Some(failed) = failed.filter(|_| signals.is_empty()) {
        return Err(failed);
    }
    sort(&mut signals);
    sort(&mut others);
    signals.extend(others);
    let metas = streams.iter().filter_map(|(name, parts)| Some((name.as_str(), &parts.values().next()?.meta)));
    let facts = facts::read(metas);
    Ok(Recording { facts, notes, ..Recording::of_streams("spikeglx", signals) })
}

/// Rates fall from AP over NI-DAQ to LF; AP is what a person means, also beside a fast NI-DAQ.
fn sort(streams: &mut [Box<dyn FrameSource>]) {
    streams.sort_by(|a, b| {
        let (a, b) = (a.info(), b.info());
        let is_ap = |name: &str| name.contains(".ap");
        is_ap(&b.name).cmp(&is_ap(&a.name)).then(b.sampling_frequency_hz.total_cmp(&a.sampling_frequency_hz))
    });
}

/// A file's channels.
struct Split {
    /// The channels that a person means.
    signal: Interleaved,
    /// Words of the synchronisation, or inputs beside the neural ones.
    other: Option<Interleaved>,
}

/// Builds a stream, and the one of its synchronisation words or its auxiliary inputs if it has any.
fn stream(name: &str, parts: &[&Part], notes: &mut Vec<String>) -> Result<Split, OpenError> {
    let meta = &parts[0].meta;
    let names = meta.channel_names()?;
    let n_saved = names.len();
    let rate_hz = meta.rate_hz()?;
    let scaling = scaling::gains_to_uv(meta, &names)?;
    notes.extend(scaling.notes);
    let n_other = n_others(meta, &names);
    let files = || -> Vec<SegmentFile> {
        let file =
            |part: &&Part| SegmentFile { path: part.data.path.clone(), file: part.data.file.clone(), offset_bytes: 0 };
        parts.iter().map(file).collect()
    };
    for part in &parts[1..] {
        let saved = part.meta.n_saved()?;
        if saved != n_saved {
            return Err(OpenError::field(
                part.meta.path(),
                "nSavedChans",
                saved,
                format!("{n_saved} as in {}", meta.path()),
            ));
        }
        let other = &part.meta;
        let same_scale = other.channel_names()? == names && scaling::gains_to_uv(other, &names)?.gains == scaling.gains;
        if (other.rate_hz()? / rate_hz - 1.0).abs() > MAX_DRIFT || !same_scale {
            return Err(OpenError::field(
                other.path(),
                "rate, channels or gains",
                format!("others than in {}", meta.path()),
                "the same in all parts; open them one by one",
            ));
        }
    }
    let build = |stream: &str, columns: std::ops::Range<usize>| -> Result<StreamInfo, OpenError> {
        let ids = names[columns.clone()].iter().map(|channel| format!("{name}#{channel}")).collect();
        let mut info = uniform(stream, rate_hz, SampleType::Int16, ids, 1.0);
        info.gain_to_uv = scaling.gains[columns].to_vec();
        let starts: Result<Vec<f64>, OpenError> = parts.iter().map(|part| part.meta.start_s()).collect();
        let starts = starts?;
        info.segments = segments(&files(), n_saved * 2, |at| starts[at]);
        Ok(info)
    };
    let n_signal = n_saved - n_other;
    let mut info = build(name, 0..n_signal)?;
    // National Instruments' and OneBox's inputs are no electrodes unless they are called neural.
    if !meta.is_imec() && !names[..n_signal].iter().any(|name| name.starts_with(NEURAL)) {
        info.kind = StreamKind::Auxiliary;
    }
    info.positions_um = probe_table::positions(meta, n_signal);
    let cut: Vec<String> = parts.iter().filter_map(|part| part.cut_note()).collect();
    notes.extend(if cut.is_empty() { cut_notes(&files(), n_saved * 2) } else { cut });
    let signal = Interleaved::new(info, files(), n_saved, 0..n_signal);
    let suffix = if meta.has_sync() { "-SYNC" } else { " auxiliary" };
    let other = if n_other > 0 {
        let mut info = build(&format!("{name}{suffix}"), n_signal..n_saved)?;
        info.kind = StreamKind::Auxiliary;
        Some(Interleaved::new(info, files(), n_saved, n_signal..n_saved))
    } else {
        None
    };
    Ok(Split { signal, other })
}

/// Channels at the end that are another stream: words of the synchronisation; and of National
/// Instruments' inputs those behind the neural ones.
fn n_others(meta: &Meta, names: &[String]) -> usize {
    let n_sync = names.iter().rev().take_while(|name| name.starts_with("SY")).count();
    let n_neural = names.iter().take_while(|name| name.starts_with(NEURAL)).count();
    if meta.has_sync() {
        n_sync
    } else if n_neural > 0 {
        names.len() - n_neural
    } else {
        0
    }
}
