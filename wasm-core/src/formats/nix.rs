//! NIX (`.nix`, HDF5) as neo writes it: signals and spike trains of each segment; and signals
//! of other programs that have a sampled time axis.
//!
//! Layout: the NIX data model, <https://nixio.readthedocs.io>.

mod trains;

use std::collections::BTreeMap;

use super::format::{Format, Reader};
use super::hdf5::{Axes, H5, H5Source, Part};
use super::interleaved::uniform;
use super::told::Facts;
use super::{OpenError, Recording, Support, channel_count};
use crate::recording::{FrameSource, ReadError, SegmentInfo, StreamInfo};
use crate::sample::{Layout, RawBlock, SampleType};

/// What neo calls its kinds of objects.
const SIGNAL: &str = "neo.analogsignal";
const SEGMENT: &str = "neo.segment";

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "NIX .nix",
    give: "the file",
    tested: "1.1 as neo writes it: signals, spike trains",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "as neo",
};

/// The format.
pub const FORMAT: Format = Format { names: &["nix"], support: &SUPPORT, reader: Reader::Hdf5(is_nix, open) };

/// Whether the file says that it is NIX.
pub fn is_nix(file: &H5) -> bool {
    file.attribute_text("", "format").is_some_and(|format| format == "nix")
}

/// A signal of one segment: a dataset per channel, or one for all.
struct Signal {
    name: String,
    rate_hz: f64,
    gain_to_uv: f64,
    t_start_s: f64,
    /// Paths of the arrays of its channels.
    arrays: Vec<String>,
}

/// Opens every signal; segments of neo are segments.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let mut parts = Vec::new();
    let mut facts = Facts::default();
    // Names are random; the order in which blocks and groups were made is that of the recording.
    for block in file.groups_as_made("data")? {
        let block = format!("data/{block}");
        facts.add_some("Written", file.attribute_text(&block, "created_at"));
        facts.add_some("Definition", file.attribute_text(&block, "definition"));
        let groups = format!("{block}/groups");
        let made = if file.has(&groups) { file.groups_as_made(&groups)? } else { Vec::new() };
        let made = made.into_iter().map(|name| format!("{groups}/{name}"));
        let segments: Vec<String> = made.filter(|path| kind(file, path).as_deref() == Some(SEGMENT)).collect();
        parts.extend(if segments.is_empty() { vec![block] } else { segments });
    }
    let mut notes = Vec::new();
    let signals: Result<Vec<_>, OpenError> = parts.iter().map(|part| signals(file, part, &mut notes)).collect();
    let signals = signals?;
    let mut trains = trains::read(file, &parts, &mut notes)?;
    let mut n_segments = parts.len();
    // Segments are counted among those with a signal, so that signals and trains are side by side.
    let has_signal = |at: usize| !signals[at].is_empty();
    if trains.iter().all(|train| train.times_s.is_empty() || has_signal(train.segment)) {
        let counted = |at: usize| (0..at).filter(|before| has_signal(*before)).count();
        trains.retain(|train| has_signal(train.segment));
        for train in &mut trains {
            train.segment = counted(train.segment);
        }
        n_segments = counted(parts.len());
    } else if (0..parts.len()).any(has_signal) && !(0..parts.len()).all(has_signal) {
        notes.push("Spike trains lie in segments without a signal too: segments of spikes are counted apart.".into());
    }
    let columns = columns(signals);
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    let mut failed = None;
    for column in &columns {
        match stream(file, column) {
            Ok(stream) => streams.push(stream),
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("{} is left out. {error}.", column[0].name));
                failed.get_or_insert(error);
            }
        }
    }
    let beside = streams.first().map(|stream| stream.info());
    let spikes = trains::spikes(&trains, n_segments, beside);
    if let (true, None, Some(error)) = (streams.is_empty(), &spikes, failed) {
        return Err(error);
    }
    Ok(Recording { spikes, facts: facts.list(), notes, ..Recording::of_streams("nix", streams) })
}

/// The signals of each stream, one for each segment.
fn columns(signals: Vec<Vec<Signal>>) -> Vec<Vec<Signal>> {
    let mut columns: Vec<Vec<Signal>> = Vec::new();
    for signals in signals {
        // Segments hold the same signals in the same order, or they are streams of their own.
        let mut taken = vec![false; columns.len()];
        for signal in signals {
            let fits = |column: &Vec<Signal>| {
                let first = &column[0];
                (first.rate_hz, first.arrays.len()) == (signal.rate_hz, signal.arrays.len())
            };
            match (0..taken.len()).find(|at| !taken[*at] && fits(&columns[*at])) {
                Some(at) => {
                    taken[at] = true;
                    columns[at].push(signal);
                }
                None => columns.push(vec![signal]),
            }
        }
    }
    // neo leaves names empty unless they are given; streams are told apart by theirs.
    for (at, column) in columns.iter_mut().enumerate() {
        if column[0].name.is_empty() {
            column[0].name = format!("signal {at}");
        }
    }
    columns
}

fn paths(file: &H5, path: &str) -> Result<Vec<String>, OpenError> {
    Ok(file.members(path)?.0.into_iter().map(|name| format!("{path}/{name}")).collect())
}

fn kind(file: &H5, path: &str) -> Option<String> {
    file.attribute_text(path, "type")
}

/// A property that neo keeps beside an object.
fn property(file: &H5, path: &str, name: &str) -> Option<String> {
    file.strings(&format!("{path}/metadata/properties/{name}")).ok()?.into_iter().next()
}

/// Seconds of a unit of time; without one, seconds are meant.
fn seconds(unit: Option<&str>) -> f64 {
    match unit.map(|unit| unit.trim_start_matches("1/")) {
        Some("ms" | "kHz") => 1e-3,
        Some("us" | "µs" | "MHz") => 1e-6,
        _ => 1.0,
    }
}

/// Microvolts of a unit of voltage.
fn microvolts(unit: Option<&str>) -> f64 {
    match unit {
        Some("V") => 1e6,
        Some("mV") => 1e3,
        Some("nV") => 1e-3,
        _ => 1.0,
    }
}

/// The signals of a segment of neo, or of a whole block, in the order of their names.
fn signals(file: &H5, part: &str, notes: &mut Vec<String>) -> Result<Vec<Signal>, OpenError> {
    let folder = format!("{part}/data_arrays");
    if !file.has(&folder) {
        return Ok(Vec::new());
    }
    // neo cuts a signal into its channels: `neo.analogsignal.<id>.<channel>`.
    let mut found: BTreeMap<(String, String), Vec<(usize, String)>> = BTreeMap::new();
    for path in paths(file, &folder)? {
        let is_neo = kind(file, &path).as_deref() == Some(SIGNAL);
        let first = format!("{path}/dimensions/1");
        let is_sampled = file.attribute_text(&first, "dimension_type").is_some_and(|kind| kind == "sample");
        if !is_neo && (part.contains("/groups/") || !is_sampled) {
            continue;
        }
        let own = file.attribute_text(&path, "name").unwrap_or_else(|| path.clone());
        let (signal, channel) = own.rsplit_once('.').filter(|_| is_neo).unwrap_or((&own, ""));
        let name = property(file, &path, "neo_name").unwrap_or_else(|| signal.to_owned());
        let key = (name, signal.to_owned());
        found.entry(key).or_default().push((channel.parse().unwrap_or(0), path));
    }
    let mut signals = Vec::new();
    for ((name, _), arrays) in found {
        match Signal::read(file, name, arrays) {
            Ok(signal) => signals.push(signal),
            Err(error) => notes.push(format!("A signal is left out. {error}.")),
        }
    }
    Ok(signals)
}

impl Signal {
    fn read(file: &H5, name: String, mut arrays: Vec<(usize, String)>) -> Result<Self, OpenError> {
        arrays.sort();
        let arrays: Vec<String> = arrays.into_iter().map(|(_, path)| path).collect();
        let axis = format!("{}/dimensions/1", arrays[0]);
        let number = |name: &str| file.attribute_number(&axis, name);
        let interval = number("sampling_interval")
            .ok_or_else(|| file.problem(&axis, &"without the attribute sampling_interval"))?;
        let scale = seconds(file.attribute_text(&axis, "unit").as_deref());
        let start = format!("{}/metadata/properties/t_start", arrays[0]);
        let t_start_s = match file.number(&start) {
            Ok(start_in_units) => start_in_units * seconds(file.attribute_text(&start, "unit").as_deref()),
            Err(_) => number("offset").unwrap_or(0.0) * scale,
        };
        let unit = file.attribute_text(&arrays[0], "unit");
        Ok(Self { name, rate_hz: 1.0 / (interval * scale), gain_to_uv: microvolts(unit.as_deref()), t_start_s, arrays })
    }
}

/// A stream of one signal over all segments.
fn stream(file: &H5, signals: &[Signal]) -> Result<Box<dyn FrameSource>, OpenError> {
    let first = &signals[0];
    let mut segments = Vec::new();
    let mut channels: Vec<Vec<_>> = (0..first.arrays.len()).map(|_| Vec::new()).collect();
    let mut shape: Option<(SampleType, usize)> = None;
    for signal in signals {
        let mut n_frames = u64::MAX;
        for (array, channel) in signal.arrays.iter().zip(&mut channels) {
            let path = format!("{array}/data");
            let dataset = file.signal(&path)?;
            let sample_type = dataset.sample_type;
            let (n, width) = match *dataset.shape() {
                [n] => (n, 1),
                [n, width] if signal.arrays.len() == 1 => {
                    (n, channel_count(width).ok_or_else(|| file.problem(&path, &format!("of {width} channels")))?)
                }
                _ => return Err(file.problem(&path, &format!("of shape {:?}", dataset.shape()))),
            };
            if *shape.get_or_insert((sample_type, width)) != (sample_type, width) {
                return Err(file.problem(&path, &"of another type or width than the signal's first array"));
            }
            n_frames = n_frames.min(n);
            channel.push(Part::whole(dataset));
        }
        segments.push(SegmentInfo { n_frames, t_start_s: signal.t_start_s });
    }
    let (sample_type, width) = shape.ok_or_else(|| file.problem(&first.name, &"without data"))?;
    let info = |n_channels: usize| {
        let ids = (0..n_channels).map(|channel| channel.to_string()).collect();
        let mut info = uniform(&first.name, first.rate_hz, sample_type, ids, first.gain_to_uv);
        info.segments.clone_from(&segments);
        info
    };
    let one = |parts| H5Source::new(info(1), parts, Axes::OneChannel);
    Ok(match channels.len() {
        1 if width != 1 => Box::new(H5Source::new(info(width), channels.remove(0), Axes::FramesChannels)?),
        n => Box::new(Channels { info: info(n), channels: channels.into_iter().map(one).collect::<Result<_, _>>()? }),
    })
}

/// Channels that are datasets of their own.
struct Channels {
    info: StreamInfo,
    channels: Vec<H5Source>,
}

impl FrameSource for Channels {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut bytes = Vec::new();
        for channel in &self.channels {
            bytes.extend(channel.read(segment, start, n_frames)?.bytes);
        }
        let (sample_type, n_channels) = (self.info.sample_type, self.info.n_channels);
        Ok(RawBlock { sample_type, layout: Layout::Planar, n_frames, n_channels, bytes })
    }
}
