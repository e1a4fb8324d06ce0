//! `SpikeInterface`'s binary folder: `binary.json` beside raw files.

use serde_json::Value;

use super::interleaved::{Interleaved, SegmentFile, cut_notes, segments, uniform};
use super::{Attempt, OpenError, npy, probe, python_json};
use crate::io::{FileSet, NamedFile, join, read_text};
use crate::recording::Recording;
use crate::sample::SampleType;

pub fn open(files: &FileSet) -> Attempt {
    let mut described = files.iter().filter(|file| file.name() == "binary.json");
    let first = described.next()?;
    let others: Vec<&str> = described.map(NamedFile::folder).collect();
    Some(read(files, first).map(|recording| recording.beside(first.folder(), &others)))
}

fn read(files: &FileSet, description: &NamedFile) -> Result<Recording, OpenError> {
    let path = &description.path;
    let json = parse(description)?;
    let kwargs = &json["kwargs"];
    let wrong = |field: &str, expected: &str| OpenError::field(path, field, &kwargs[field], expected);

    let rate_hz = kwargs["sampling_frequency"].as_f64().filter(|rate| *rate > 0.0);
    let rate_hz = rate_hz.ok_or_else(|| wrong("sampling_frequency", "a number above 0"))?;
    let n_channels = kwargs["num_channels"].as_u64().or_else(|| kwargs["num_chan"].as_u64());
    let n_channels =
        n_channels.filter(|n| (1..=65_536).contains(n)).ok_or_else(|| wrong("num_channels", "1 to 65,536"))?;
    let n_channels = usize::try_from(n_channels).unwrap_or(0);
    let sample_type = kwargs["dtype"].as_str().and_then(SampleType::parse);
    let sample_type = sample_type.ok_or_else(|| wrong("dtype", "a little-endian NumPy type such as <i2"))?;
    if kwargs["time_axis"].as_u64().unwrap_or(0) != 0 {
        return Err(wrong("time_axis", "0 (frames first)"));
    }
    let offset_bytes = kwargs["file_offset"].as_u64().unwrap_or(0);
    let mut raw = Vec::new();
    for name in strings(&kwargs["file_paths"]).ok_or_else(|| wrong("file_paths", "a list of file names"))? {
        // Absolute paths are written when the folder was not portable; the file's name is what counts.
        let short = name.rsplit(['/', '\\']).next().unwrap_or(&name);
        let found = files.get(&join(description.folder(), &name)).or_else(|| files.get_in(description.folder(), short));
        let file = found.ok_or_else(|| OpenError::MissingPartner { path: path.clone(), missing: name.clone() })?;
        raw.push(SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes });
    }

    let ids = strings(&kwargs["channel_ids"]).filter(|ids| ids.len() == n_channels);
    let ids = ids.unwrap_or_else(|| (0..n_channels).map(|at| at.to_string()).collect());
    let mut info = uniform("traces", rate_hz, sample_type, ids, 1.0);
    let mut notes = Vec::new();
    // Properties that were set later count, as they do for SpikeInterface.
    let property = |name: &str| files.get(&join(description.folder(), &format!("properties/{name}.npy")));
    let set = |name: &str| npy::doubles(property(name)?, n_channels);
    if let Some(gains) = set("gain_to_uV").or_else(|| per_channel(&kwargs["gain_to_uV"], n_channels)) {
        info.gain_to_uv = gains;
    } else {
        notes.push("binary.json gives no gain: amplitudes are in steps of the converter, shown as µV.".to_owned());
    }
    if let Some(offsets) = set("offset_to_uV").or_else(|| per_channel(&kwargs["offset_to_uV"], n_channels)) {
        info.offset_to_uv = offsets;
    }
    let starts = kwargs["t_starts"].as_array().cloned().unwrap_or_default();
    // Times that were set by hand, one for each frame, say it better.
    let times = |at: usize, ending: &str| files.get_in(description.folder(), &format!("times_cached_seg{at}.{ending}"));
    let t_start_s = |at: usize| {
        let mut first = [0; 8];
        let raw = times(at, "raw").and_then(|file| file.file.read_exact_at(0, &mut first).ok());
        raw.map(|()| f64::from_le_bytes(first))
            // Versions before 0.105 wrote them as NumPy does.
            .or_else(|| times(at, "npy").and_then(npy::first_number))
            .filter(|time| time.is_finite())
            .or_else(|| starts.get(at).and_then(Value::as_f64))
            .unwrap_or(0.0)
    };
    let row_bytes = n_channels * sample_type.size_bytes();
    info.segments = segments(&raw, row_bytes, t_start_s);
    notes.extend(cut_notes(&raw, row_bytes));
    for name in ["probegroup.json", "probe.json"] {
        if let Some(file) = files.get_in(description.folder(), name) {
            info.positions_um = probe::positions(&parse(file)?, n_channels);
            break;
        }
    }
    // Positions that were set without a probe.
    if info.positions_um.is_none()
        && let Some(file) = property("location")
    {
        info.positions_um = npy::places(file, n_channels);
    }
    Ok(Recording { notes, ..Recording::of_streams("si_binary", vec![Box::new(Interleaved::whole(info, raw))]) })
}

fn parse(file: &NamedFile) -> Result<Value, OpenError> {
    let text = read_text(file).map_err(OpenError::io(&file.path))?;
    python_json::parse(&text).map_err(|error| OpenError::field(&file.path, "content", error, "JSON"))
}

/// A list of names or numbers.
fn strings(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(value.as_array()?.iter().map(text).collect())
}

/// One number for all channels, or a list of them.
fn per_channel(value: &Value, n_channels: usize) -> Option<Vec<f64>> {
    if let Some(number) = value.as_f64() {
        return Some(vec![number; n_channels]);
    }
    let list: Option<Vec<f64>> = value.as_array()?.iter().map(Value::as_f64).collect();
    list.filter(|list| list.len() == n_channels)
}
