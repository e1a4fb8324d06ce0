//! `SpikeGLX`: raw `.bin` files, or `.cbin` packed by mtscomp, each described by a `.meta` of the
//! same stem.
//!
//! A file's stream, gate and trigger are told by `fileName` inside its meta, because people
//! rename files; gates and triggers are segments. Facts from the `SpikeGLX` manual ("Metadata
//! tags") and the probe tables that imec publishes.

mod meta;
mod mtscomp;
mod probe_table;
mod scaling;

use std::collections::BTreeMap;

use super::interleaved::{Interleaved, SegmentFile, cut_notes, segments, uniform};
use super::{Attempt, OpenError};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, Recording, StreamInfo};
use crate::sample::SampleType;
use meta::Meta;

/// How far the measured rates of the parts of one recording may lie apart.
const MAX_DRIFT: f64 = 1e-4;

/// One meta with its data.
struct Part {
    meta: Meta,
    data: NamedFile,
}

impl Part {
    /// Says how much of the data its meta knows of is there, if not all.
    #[expect(clippy::cast_precision_loss, reason = "bytes of a file stay far below 2^53")]
    fn cut_note(&self) -> Option<String> {
        let (size, known) = (self.data.file.size_bytes(), self.meta.number("fileSizeBytes")?);
        let note = || format!("{} is cut: it holds {size} of the {known} bytes of its meta.", self.data.path);
        ((size as f64) < known).then(note)
    }
}

pub fn open(files: &FileSet) -> Attempt {
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
        return Some(Err(OpenError::MissingPartner { path: lone.path.clone(), missing }));
    }
    Some(read(files, &metas))
}

fn read(files: &FileSet, metas: &[&NamedFile]) -> Result<Recording, OpenError> {
    let mut notes = Vec::new();
    let mut streams: BTreeMap<String, BTreeMap<(i64, i64), Part>> = BTreeMap::new();
    let mut lone = None;
    for file in metas {
        let stem = file.path.trim_end_matches(".meta");
        let (bin, cbin) = (format!("{stem}.bin"), format!("{stem}.cbin"));
        let meta = Meta::read(file)?;
        let data = match (files.get(&bin), files.get(&cbin)) {
            (Some(data), _) => data.clone(),
            (None, Some(packed)) => mtscomp::unpacked(files, packed, meta.n_saved()?)?,
            (None, None) => {
                lone = Some((file.path.clone(), bin));
                continue;
            }
        };
        let (name, place) = (meta.stream_name(), meta.place());
        if streams.entry(name.clone()).or_default().insert(place, Part { meta, data }).is_some() {
            let expected = "one file per stream, gate and trigger; drop one run at a time";
            return Err(OpenError::field(&file.path, "fileName", name, expected));
        }
    }
    if let (true, Some((path, missing))) = (streams.is_empty(), lone) {
        return Err(OpenError::MissingPartner { path, missing });
    }
    let n_segments = streams.values().map(BTreeMap::len).max().unwrap_or(0);
    let mut signals: Vec<Box<dyn FrameSource>> = Vec::new();
    let mut sync: Vec<Box<dyn FrameSource>> = Vec::new();
    for (name, parts) in &streams {
        if parts.len() < n_segments {
            notes.push(format!("{name} has {} of {n_segments} gates and triggers.", parts.len()));
        }
        let (signal, sync_stream) = stream(name, &parts.values().collect::<Vec<_>>(), &mut notes)?;
        signals.push(Box::new(signal));
        sync.extend(sync_stream.map(|stream| Box::new(stream) as Box<dyn FrameSource>));
    }
    sort(&mut signals);
    sort(&mut sync);
    signals.extend(sync);
    Ok(Recording { format: "spikeglx", spikes: None, streams: signals, events: Vec::new(), notes })
}

/// Rates fall from AP over NI-DAQ to LF; AP is what a person means, also beside a fast NI-DAQ.
fn sort(streams: &mut [Box<dyn FrameSource>]) {
    streams.sort_by(|a, b| {
        let (a, b) = (a.info(), b.info());
        let is_ap = |name: &str| name.contains(".ap");
        is_ap(&b.name).cmp(&is_ap(&a.name)).then(b.sampling_frequency_hz.total_cmp(&a.sampling_frequency_hz))
    });
}

/// Builds a stream, and the one of its synchronisation words if it has any.
fn stream(
    name: &str,
    parts: &[&Part],
    notes: &mut Vec<String>,
) -> Result<(Interleaved, Option<Interleaved>), OpenError> {
    let meta = &parts[0].meta;
    let names = meta.channel_names()?;
    let n_saved = names.len();
    let rate_hz = meta.rate_hz()?;
    let scaling = scaling::gains_to_uv(meta, &names)?;
    notes.extend(scaling.notes);
    let n_sync = if meta.has_sync() { names.iter().rev().take_while(|name| name.starts_with("SY")).count() } else { 0 };
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
    let n_signal = n_saved - n_sync;
    let mut info = build(name, 0..n_signal)?;
    info.positions_um = probe_table::positions(meta, n_signal);
    let cut: Vec<String> = parts.iter().filter_map(|part| part.cut_note()).collect();
    notes.extend(if cut.is_empty() { cut_notes(&files(), n_saved * 2) } else { cut });
    let signal = Interleaved::new(info, files(), n_saved, 0..n_signal);
    let sync = if n_sync > 0 {
        let info = build(&format!("{name}-SYNC"), n_signal..n_saved)?;
        Some(Interleaved::new(info, files(), n_saved, n_signal..n_saved))
    } else {
        None
    };
    Ok((signal, sync))
}
