//! NeuroScope: `.dat`, `.lfp` or `.eeg` with an `.xml` of the same name.
//!
//! Wide-band signals are sampled at the acquisition system's rate, field potentials at a rate of
//! their own (NeuroScope's manual, "parameter file").

use roxmltree::{Document, Node};

use super::format::{Claim, Format, Reader};
use super::interleaved::{Interleaved, SegmentFile, cut_notes, segments, uniform};
use super::text_header::ending;
use super::told::Facts;
use super::{OpenError, Recording, Support, stand_in};
use crate::io::{FileSet, NamedFile, read_text};
use crate::recording::FrameSource;
use crate::sample::SampleType;

/// Endings of data files, wide-band first, and whether they hold field potentials.
const ENDINGS: [(&str, bool); 4] = [("dat", false), ("fil", false), ("lfp", true), ("eeg", true)];
/// What NeuroScope takes for field potentials where the parameters do not tell.
const DEFAULT_FIELD_HZ: f64 = 1250.0;
/// Bits of a sample, and the type that it is stored in.
const SAMPLE_TYPES: [(f64, SampleType); 4] =
    [(12.0, SampleType::Int16), (14.0, SampleType::Int16), (16.0, SampleType::Int16), (32.0, SampleType::Int32)];

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "NeuroScope .dat, .lfp, .eeg",
    give: "the file with its .xml",
    tested: "12 to 32 bits",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "with the rate of .dat",
};

/// The format.
pub const FORMAT: Format = Format { names: &["neuroscope"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The data files beside a NeuroScope parameter file.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    // Another program's parameters, or those of a session without its signal, may lie beside.
    let mut found: Vec<_> = described(files).collect();
    found.sort_by_key(|(_, _, data)| data.is_empty());
    let (parameters, text, data) = found.into_iter().next()?;
    if data.is_empty() {
        let missing = format!("{}.dat", parameters.path.rsplit_once('.')?.0);
        return Some(Claim::refused(OpenError::MissingPartner { path: parameters.path.clone(), missing }));
    }
    Some(Claim::certain(move || open_files(parameters, &text, &data)))
}

/// Whether there are such files with their data.
pub fn is_there(files: &FileSet) -> bool {
    described(files).any(|(_, _, data)| !data.is_empty())
}

/// Parameter files with their text, and the data files of the same name.
fn described(files: &FileSet) -> impl Iterator<Item = (&NamedFile, String, Vec<&NamedFile>)> {
    files.iter().filter(|file| ending(file) == "xml").filter_map(|file| {
        let text = read_text(file).ok()?;
        let stem = file.path.rsplit_once('.')?.0;
        let data = ENDINGS.iter().filter_map(|(ending, _)| files.get(&format!("{stem}.{ending}"))).collect();
        (text.contains("acquisitionSystem") && text.contains("nChannels")).then_some((file, text, data))
    })
}

/// What the parameters tell of the samples.
struct Parameters {
    sample_type: SampleType,
    n_channels: usize,
    gain_to_uv: f64,
    wide_band_hz: f64,
    /// None where the parameters do not tell.
    field_hz: Option<f64>,
}

impl Parameters {
    fn read(path: &str, document: &Document) -> Result<Self, OpenError> {
        let number = |name: &str| {
            let text = text_of(document, "acquisitionSystem", name).unwrap_or("missing");
            text.trim().parse::<f64>().map_err(|_| OpenError::field(path, name, text, "a number"))
        };
        let n_bits = number("nBits")?;
        let known = SAMPLE_TYPES.iter().find(|(bits, _)| *bits == n_bits);
        let (_, sample_type) = known.ok_or_else(|| OpenError::field(path, "nBits", n_bits, "12, 14, 16 or 32"))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a channel count")]
        let n_channels = number("nChannels")?.clamp(0.0, 65_535.0) as usize;
        let field_hz = text_of(document, "fieldPotentials", "lfpSamplingRate");
        let field_hz = field_hz.and_then(|text| text.trim().parse::<f64>().ok()).filter(|rate_hz| *rate_hz > 0.0);
        Ok(Self {
            sample_type: *sample_type,
            n_channels,
            gain_to_uv: number("voltageRange")? * 1e6 / n_bits.exp2() / number("amplification")?,
            wide_band_hz: number("samplingRate")?,
            field_hz,
        })
    }
}

/// The text of an element within another, or anywhere where that one lacks it.
fn text_of<'a>(document: &'a Document, within: &str, name: &str) -> Option<&'a str> {
    let named = |node: &Node| node.has_tag_name(name);
    let own = document.descendants().find(|node| node.has_tag_name(within));
    let found = own.and_then(|own| own.descendants().find(named)).or_else(|| document.descendants().find(named));
    found.and_then(|node| node.text())
}

fn open_files(parameters: &NamedFile, text: &str, data: &[&NamedFile]) -> Result<Recording, OpenError> {
    let path = &parameters.path;
    let document = Document::parse(text).map_err(|error| OpenError::field(path, "XML", error, "well-formed XML"))?;
    let told = Parameters::read(path, &document)?;
    if let Some(error) = data.iter().find_map(|file| stand_in::of(file)) {
        return Err(error);
    }
    let row_bytes = told.n_channels * told.sample_type.size_bytes();
    let is_field = |file: &NamedFile| ENDINGS.iter().any(|(known, is_field)| *is_field && *known == ending(file));
    let mut notes = Vec::new();
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    for file in data {
        let name = if data.len() == 1 { "Signals".to_owned() } else { format!("Signals {}", ending(file)) };
        let ids = (0..told.n_channels).map(|at| at.to_string()).collect();
        let field_hz = told.field_hz.unwrap_or(DEFAULT_FIELD_HZ);
        let rate_hz = if is_field(file) { field_hz } else { told.wide_band_hz };
        let mut info = uniform(&name, rate_hz, told.sample_type, ids, told.gain_to_uv);
        let raw = vec![SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: 0 }];
        info.segments = segments(&raw, row_bytes, |_| 0.0);
        notes.extend(cut_notes(&raw, row_bytes));
        streams.push(Box::new(Interleaved::whole(info, raw)));
    }
    if let Some(file) = data.iter().find(|file| is_field(file) && told.field_hz.is_none()) {
        notes.push(format!(
            "{path} has no lfpSamplingRate: {} is taken to be sampled at {DEFAULT_FIELD_HZ} Hz, as NeuroScope does.",
            file.path
        ));
    }
    notes.extend(skipped_note(path, &document));
    let facts = facts(&document).list();
    Ok(Recording { facts, notes, ..Recording::of_streams("neuroscope", streams) })
}

/// Names the channels that someone marked as not to be shown.
fn skipped_note(path: &str, document: &Document) -> Option<String> {
    let anatomy = document.descendants().find(|node| node.has_tag_name("anatomicalDescription"))?;
    let is_skipped = |node: &Node| node.has_tag_name("channel") && node.attribute("skip") == Some("1");
    let skipped: Vec<&str> = anatomy.descendants().filter(is_skipped).filter_map(|node| node.text()).collect();
    let shown = skipped.iter().take(20).copied().collect::<Vec<_>>().join(", ");
    let more = if skipped.len() > 20 { " and more" } else { "" };
    let list = || format!("{path} marks channels {shown}{more} as skipped; they are read like the others.");
    (!skipped.is_empty()).then(list)
}

/// What the parameters tell of the session.
fn facts(document: &Document) -> Facts {
    let mut facts = Facts::default();
    for (name, element) in
        [("Recorded", "date"), ("Operator", "experimenters"), ("Description", "description"), ("Remark", "notes")]
    {
        facts.add_some(name, text_of(document, "generalInfo", element));
    }
    let groups = document.descendants().find(|node| node.has_tag_name("anatomicalDescription"));
    let groups = groups.into_iter().flat_map(|node| node.descendants()).filter(|node| node.has_tag_name("group"));
    for (number, group) in (1..).zip(groups).take(64) {
        let channels: Vec<&str> = group.children().filter_map(|node| node.text()).map(str::trim).collect();
        let channels: Vec<&str> = channels.into_iter().filter(|text| !text.is_empty()).collect();
        facts.add(&format!("Channels of group {number}"), channels.join(", "));
    }
    facts
}
