//! Multi Channel Systems raw export: a text header that ends in `EOH`, then `uint16` frames.
//!
//! `Streams` names the columns: `El_47` is electrode 47, `An_A1` an analogue input, `Di_D1` a
//! digital port. Each kind has a scale of its own.

use std::sync::Arc;

use super::h5::labels::{self, Electrode};
use crate::formats::format::Claim;
use crate::formats::interleaved::{Interleaved, SegmentFile, cut_notes, segments, uniform};
use crate::formats::joined::Picked;
use crate::formats::text_header::head;
use crate::formats::told::Facts;
use crate::formats::{OpenError, Recording, first_of};
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, StreamInfo, StreamKind};
use crate::sample::SampleType;

/// Headers end within this many bytes.
const HEADER_BYTES: usize = 16_384;
const BEGINNING: &[u8] = b"MC_DataTool binary conversion";
/// What names of electrodes begin with.
const ELECTRODE: &str = "El";

/// The first raw export of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let begins = |file: &&NamedFile| head::<29>(file).is_some_and(|head| head == *BEGINNING);
    first_of(&files.iter().filter(begins).collect::<Vec<_>>(), open_file)
}

/// The header's lines, and where it ends.
struct Header {
    path: String,
    text: String,
    end: usize,
}

impl Header {
    fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let size = usize::try_from(file.file.size_bytes().min(HEADER_BYTES as u64)).unwrap_or(0);
        let mut header = vec![0; size];
        file.file.read_exact_at(0, &mut header).map_err(OpenError::io(&file.path))?;
        let end = header.windows(3).position(|window| window == b"EOH");
        let end = end.ok_or_else(|| {
            OpenError::field(&file.path, "header", "without an end", format!("EOH in the first {HEADER_BYTES} bytes"))
        })?;
        // Windows-1252; the micro sign is the only letter beyond ASCII.
        let text = header[..end].iter().map(|byte| char::from(*byte)).collect();
        Ok(Self { path: file.path.clone(), text, end })
    }

    fn find(&self, key: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim))
    }

    fn value(&self, key: &str) -> Result<&str, OpenError> {
        self.find(key).ok_or_else(|| OpenError::field(&self.path, key, "missing", format!("{key} = …")))
    }

    fn number(&self, key: &str) -> Result<f64, OpenError> {
        let text = self.value(key)?;
        text.parse::<f64>().map_err(|_| OpenError::field(&self.path, key, text, "a number"))
    }

    /// Microvolts of a step of a kind of column; all have that of electrodes where they have no own.
    fn step_uv(&self, kind: &str) -> Result<f64, OpenError> {
        let key = if self.find(kind).is_some() { kind } else { ELECTRODE };
        let scaling = self.value(key)?.replace("/AD", "");
        let digits = scaling.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(scaling.len());
        let gain: f64 = scaling[..digits]
            .parse()
            .map_err(|_| OpenError::field(&self.path, key, &scaling, "microvolts per step"))?;
        Ok(gain
            * match scaling[digits..].trim() {
                "mV" => 1000.0,
                "V" => 1e6,
                "nV" => 1e-3,
                _ => 1.0,
            })
    }
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let header = Header::read(file)?;
    let names: Vec<&str> = header.value("Streams")?.split(';').map(str::trim).filter(|name| !name.is_empty()).collect();
    let (rate_hz, zero) = (header.number("Sample rate")?, header.number("ADC zero")?);
    // Carriage return and line feed follow the end mark.
    let raw =
        || vec![SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: header.end as u64 + 5 }];
    let row_bytes = SampleType::Uint16.size_bytes() * names.len();
    let mut notes = cut_notes(&raw(), row_bytes);
    let describe = |stream: &str, columns: &[usize]| -> Result<StreamInfo, OpenError> {
        let ids = columns.iter().map(std::string::ToString::to_string).collect();
        let mut info = uniform(stream, rate_hz, SampleType::Uint16, ids, 1.0);
        info.gain_to_uv =
            columns.iter().map(|column| header.step_uv(kind_of(names[*column]))).collect::<Result<_, _>>()?;
        info.offset_to_uv = info.gain_to_uv.iter().map(|gain| -gain * zero).collect();
        info.channel_names = Some(columns.iter().map(|column| names[*column].to_owned()).collect());
        info.segments = segments(&raw(), row_bytes, |_| 0.0);
        Ok(info)
    };
    let all: Vec<usize> = (0..names.len()).collect();
    let whole = Interleaved::whole(describe("Signals", &all)?, raw());
    let whole: Arc<dyn FrameSource> = Arc::new(whole);
    let is_electrode = |column: &usize| kind_of(names[*column]) == ELECTRODE;
    let (electrodes, others): (Vec<usize>, Vec<usize>) = all.into_iter().partition(is_electrode);
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    if !electrodes.is_empty() {
        let mut info = describe("Signals", &electrodes)?;
        let electrode = |column: &usize| Electrode { label: label_of(names[*column]).to_owned(), group: 0 };
        let layout = labels::layout(&electrodes.iter().map(electrode).collect::<Vec<_>>(), "");
        info.positions_um = layout.positions_um;
        notes.extend(layout.notes.into_iter().map(|note| format!("{}: {note}", file.path)));
        streams.push(if others.is_empty() {
            Box::new(Interleaved::whole(info, raw()))
        } else {
            Box::new(Picked::new(info, Arc::clone(&whole), electrodes))
        });
    }
    if !others.is_empty() {
        let mut info = describe("Signals of other inputs", &others)?;
        info.kind = StreamKind::Auxiliary;
        streams.push(Box::new(Picked::new(info, whole, others)));
    }
    let mut facts = Facts::default();
    facts.add("Program", format!("MC_DataTool {}", header.text.lines().nth(1).unwrap_or_default().trim()));
    facts.add_some("Original file", header.find("MC_REC file").map(|name| name.trim_matches('"')));
    Ok(Recording { notes, facts: facts.list(), ..Recording::of_streams("mcs_raw", streams) })
}

/// `El` of `El_47`; names without a kind are electrodes.
fn kind_of(name: &str) -> &str {
    name.split_once('_').map_or(ELECTRODE, |(kind, _)| kind)
}

/// `47` of `El_47`.
fn label_of(name: &str) -> &str {
    name.split_once('_').map_or(name, |(_, label)| label)
}
