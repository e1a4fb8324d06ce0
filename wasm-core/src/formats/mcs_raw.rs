//! Multi Channel Systems raw export: a text header that ends in `EOH`, then `uint16` frames.

use super::interleaved::{Interleaved, SegmentFile, segments, uniform};
use super::text_header::head;
use super::{Attempt, OpenError, Recording, first_of};
use crate::io::{FileSet, NamedFile};
use crate::sample::SampleType;

/// Headers end within this many bytes.
const HEADER_BYTES: usize = 5000;
const BEGINNING: &[u8] = b"MC_DataTool binary conversion";

/// Opens the first raw export of a drop.
pub fn open(files: &FileSet) -> Attempt {
    let begins = |file: &&NamedFile| head::<29>(file).is_some_and(|head| head == *BEGINNING);
    first_of(&files.iter().filter(begins).collect::<Vec<_>>(), open_file)
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let size = usize::try_from(file.file.size_bytes().min(HEADER_BYTES as u64)).unwrap_or(0);
    let mut header = vec![0; size];
    file.file.read_exact_at(0, &mut header).map_err(OpenError::io(&file.path))?;
    let end = header.windows(3).position(|window| window == b"EOH");
    let end =
        end.ok_or_else(|| OpenError::field(&file.path, "header", "without an end", "EOH in the first 5,000 bytes"))?;
    // Windows-1252; the micro sign is the only letter beyond ASCII.
    let text: String = header[..end].iter().map(|byte| char::from(*byte)).collect();
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('='));
        line.map(str::trim).ok_or_else(|| OpenError::field(&file.path, key, "missing", format!("{key} = …")))
    };
    let number = |key: &str| {
        let text = value(key)?;
        text.parse::<f64>().map_err(|_| OpenError::field(&file.path, key, text, "a number"))
    };
    let scaling = value("El")?.replace("/AD", "");
    let digits = scaling.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(scaling.len());
    let gain: f64 =
        scaling[..digits].parse().map_err(|_| OpenError::field(&file.path, "El", &scaling, "microvolts per step"))?;
    let unit_uv = match scaling[digits..].trim() {
        "mV" => 1000.0,
        "V" => 1e6,
        "nV" => 1e-3,
        _ => 1.0,
    };
    let n_channels = value("Streams")?.split(';').filter(|name| !name.trim().is_empty()).count();
    let ids = (0..n_channels).map(|at| at.to_string()).collect();
    let mut info = uniform("Signals", number("Sample rate")?, SampleType::Uint16, ids, gain * unit_uv);
    info.offset_to_uv.fill(-gain * unit_uv * number("ADC zero")?);
    // Carriage return and line feed follow the end mark.
    let files = vec![SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: end as u64 + 5 }];
    info.segments = segments(&files, 2 * n_channels, |_| 0.0);
    Ok(Recording::of_streams("mcs_raw", vec![Box::new(Interleaved::whole(info, files))]))
}
