//! NeuroScope: `.dat`, `.lfp` or `.eeg` with an `.xml` of the same name.

use roxmltree::Document;

use super::interleaved::{Interleaved, SegmentFile, segments, uniform};
use super::text_header::ending;
use super::{Attempt, OpenError, Recording};
use crate::io::{FileSet, NamedFile, read_text};
use crate::recording::FrameSource;
use crate::sample::SampleType;

/// Endings of data files: wide-band first.
const ENDINGS: [&str; 3] = ["dat", "lfp", "eeg"];

/// Opens the data files beside a NeuroScope parameter file.
pub fn open(files: &FileSet) -> Attempt {
    // Another program's parameters, or those of a session without its signal, may lie beside.
    let mut found: Vec<_> = described(files).collect();
    found.sort_by_key(|(_, _, data)| data.is_empty());
    let (parameters, text, data) = found.into_iter().next()?;
    if data.is_empty() {
        let missing = format!("{}.dat", parameters.path.rsplit_once('.')?.0);
        return Some(Err(OpenError::MissingPartner { path: parameters.path.clone(), missing }));
    }
    Some(open_files(parameters, &text, &data))
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
        let data = ENDINGS.iter().filter_map(|ending| files.get(&format!("{stem}.{ending}"))).collect();
        (text.contains("acquisitionSystem") && text.contains("nChannels")).then_some((file, text, data))
    })
}

fn open_files(parameters: &NamedFile, text: &str, data: &[&NamedFile]) -> Result<Recording, OpenError> {
    let document =
        Document::parse(text).map_err(|error| OpenError::field(&parameters.path, "XML", error, "well-formed XML"))?;
    let number = |name: &str| {
        let text = document
            .descendants()
            .find(|node| node.has_tag_name(name))
            .and_then(|node| node.text())
            .unwrap_or("missing");
        text.trim().parse::<f64>().map_err(|_| OpenError::field(&parameters.path, name, text, "a number"))
    };
    let (n_bits, rate_hz) = (number("nBits")?, number("samplingRate")?);
    if n_bits != 16.0 {
        return Err(OpenError::field(&parameters.path, "nBits", n_bits, "16"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a channel count")]
    let n_channels = number("nChannels")?.clamp(0.0, 65_535.0) as usize;
    let gain_to_uv = number("voltageRange")? * 1e6 / n_bits.exp2() / number("amplification")?;
    let stream = |file: &&NamedFile| -> Box<dyn FrameSource> {
        let name = if data.len() == 1 { "Signals".to_owned() } else { format!("Signals {}", ending(file)) };
        let ids = (0..n_channels).map(|at| at.to_string()).collect();
        let mut info = uniform(&name, rate_hz, SampleType::Int16, ids, gain_to_uv);
        let files = vec![SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: 0 }];
        info.segments = segments(&files, 2 * n_channels, |_| 0.0);
        Box::new(Interleaved::whole(info, files))
    };
    let mut recording = Recording::of_streams("neuroscope", data.iter().map(stream).collect());
    let field_hz = number("lfpSamplingRate").ok().filter(|field_hz| *field_hz != rate_hz);
    if let Some(field_hz) = field_hz.filter(|_| data.iter().any(|file| ending(file) != "dat")) {
        recording.notes.push(format!(
            "{}: field potentials are sampled at {field_hz} Hz; times here count, as neo's do, at {rate_hz} Hz.",
            parameters.path
        ));
    }
    Ok(recording)
}
