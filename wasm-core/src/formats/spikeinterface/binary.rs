//! `SpikeInterface`'s binary folder: `binary.json` beside raw files.

use serde_json::Value;

use crate::formats::format::Claim;
use crate::formats::frame_times::{self, Timed};
use crate::formats::interleaved::{Interleaved, SegmentFile, cut_notes, uniform};
use crate::formats::text_header::bytes;
use crate::formats::{OpenError, npy, probe, python_json, stand_in};
use crate::io::{FileSet, NamedFile, join, read_text};
use crate::recording::{Recording, StreamInfo};
use crate::sample::SampleType;

/// The first folder of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let mut described = files.iter().filter(|file| file.name() == "binary.json");
    let first = described.next()?;
    let others: Vec<&str> = described.map(NamedFile::folder).collect();
    Some(Claim::certain(move || read(files, first).map(|recording| recording.beside(first.folder(), &others))))
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
    let listed = strings(&kwargs["file_paths"]).ok_or_else(|| wrong("file_paths", "a list of file names"))?;
    let raw = raw_files(files, description, &listed, offset_bytes)?;

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
    let names = |name: &str| npy::names(property(name)?, n_channels);
    info.channel_names =
        names("channel_name").or_else(|| names("channel_names")).filter(|names| *names != info.channel_ids);
    info.wells = names("well");
    notes.extend(cut_notes(&raw, n_channels * sample_type.size_bytes()));
    let times = |at: usize| Times::find(files, description.folder(), at);
    let parts = segments(&raw, times, &kwargs["t_starts"], &mut info, &mut notes)?;
    info.positions_um = positions(files, description.folder(), n_channels)?;
    // Positions that were set without a probe.
    if info.positions_um.is_none()
        && let Some(file) = property("location")
    {
        info.positions_um = npy::places(file, n_channels);
    }
    Ok(Recording { notes, ..Recording::of_streams("si_binary", vec![Box::new(Interleaved::whole(info, parts))]) })
}

/// The files of samples that the description names, in its order.
fn raw_files(
    files: &FileSet,
    description: &NamedFile,
    names: &[String],
    offset_bytes: u64,
) -> Result<Vec<SegmentFile>, OpenError> {
    let mut raw = Vec::new();
    for name in names {
        // Absolute paths are written when the folder was not portable; the file's name is what counts.
        let short = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let found = files.get(&join(description.folder(), name)).or_else(|| files.get_in(description.folder(), short));
        let missing = || OpenError::MissingPartner { path: description.path.clone(), missing: name.clone() };
        let file = found.ok_or_else(missing)?;
        if let Some(error) = stand_in::of(file) {
            return Err(error);
        }
        raw.push(SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes });
    }
    Ok(raw)
}

/// Where each segment begins; they go to the stream with the rate that their times tell. A file with pauses holds
/// several.
fn segments<'a>(
    raw: &[SegmentFile],
    times: impl Fn(usize) -> Option<Times<'a>>,
    starts: &Value,
    info: &mut StreamInfo,
    notes: &mut Vec<String>,
) -> Result<Vec<SegmentFile>, OpenError> {
    let (row_bytes, rate_hz) = (info.n_channels * info.sample_type.size_bytes(), info.sampling_frequency_hz);
    let mut parts = Vec::new();
    for (at, file) in raw.iter().enumerate() {
        let n_frames = file.n_frames(row_bytes);
        let t_start_s = starts.get(at).and_then(Value::as_f64).unwrap_or(0.0);
        let timed = match times(at) {
            Some(times) => times.read(n_frames, rate_hz, t_start_s)?,
            None => Timed::none(n_frames, t_start_s),
        };
        notes.extend(timed.notes);
        info.sampling_frequency_hz = timed.measured_hz.unwrap_or(info.sampling_frequency_hz);
        for (first_frame, segment) in timed.segments {
            let offset_bytes = file.offset_bytes + first_frame * row_bytes as u64;
            parts.push(SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes });
            info.segments.push(segment);
        }
    }
    Ok(parts)
}

/// The positions of a probe that lies beside the description.
fn positions(files: &FileSet, folder: &str, n_channels: usize) -> Result<Option<Vec<[f64; 2]>>, OpenError> {
    let file = ["probegroup.json", "probe.json"].into_iter().find_map(|name| files.get_in(folder, name));
    match file {
        Some(file) => Ok(probe::positions(&parse(file)?, n_channels)),
        None => Ok(None),
    }
}

/// Times of a segment's frames in seconds, which were set by hand.
enum Times<'a> {
    /// As NumPy writes them, before version 0.105.
    List(&'a NamedFile, npy::List<'a>),
    /// Doubles and nothing else.
    Plain(&'a NamedFile),
}

impl<'a> Times<'a> {
    fn find(files: &'a FileSet, folder: &str, at: usize) -> Option<Self> {
        let file = |ending: &str| files.get_in(folder, &format!("times_cached_seg{at}.{ending}"));
        let plain = file("raw").map(Self::Plain);
        plain.or_else(|| file("npy").and_then(|file| Some(Self::List(file, npy::List::open(file).ok()?))))
    }

    fn read(&self, n_frames: u64, rate_hz: f64, t_start_s: f64) -> Result<Timed, OpenError> {
        let (file, n_times) = match self {
            Self::List(file, list) => (file, list.len),
            Self::Plain(file) => (file, file.file.size_bytes() / 8),
        };
        frame_times::read(&file.path, (n_frames, n_times), rate_hz, t_start_s, |range| match self {
            Self::List(_, list) => list.doubles(&range),
            Self::Plain(file) => {
                let size = usize::try_from((range.end - range.start) * 8).unwrap_or(usize::MAX);
                let raw = bytes(file, range.start * 8, size)?;
                Ok(raw.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number)).collect())
            }
        })
    }
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
