//! phy's folder of sorted spikes: `spike_times.npy`, `spike_clusters.npy` and `params.py`.

mod signal;

use super::format::{Claim, Confidence, Format, Reader};
use super::interleaved::uniform;
use super::npy::List;
use super::npy_clusters::Clusters;
use super::{OpenError, Support};
use crate::io::{FileSet, NamedFile, read_text};
use crate::recording::{SegmentInfo, StoredSpikes, StreamKind};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// Spikes per second that no cell fires for long: lists of fractions that would tell more are in
/// seconds, not in frames.
const MAX_UNIT_HZ: f64 = 1000.0;

/// Sorted spikes, and what a person should know about how they were read.
pub struct Sorted {
    pub spikes: StoredSpikes,
    pub notes: Vec<String>,
}

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "phy folder, IBL spikes, spike tables",
    give: "the folder with params.py or spikes.times.npy; a .csv, with NAME.json",
    tested: "spike_times.npy; ALF names; spikes.csv of this program",
    positions: "NAME.json",
    neo: "no",
    spikeinterface: "phy",
};

/// The format. Where the signal is there, it is plain binary.
pub const FORMAT: Format =
    Format { names: &["phy", "plain_binary"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The folder of a `params.py`; without one, lists of spikes that need it.
fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let params = files.iter().find(|file| file.name() == "params.py");
    let claim = params.map(|params| Claim::certain(move || signal::open(files, params))).or_else(|| {
        let is_times =
            |file: &&NamedFile| lists(files, file.folder()).is_some_and(|(times, _)| times.path == file.path);
        let path = files.iter().find(is_times)?.path.clone();
        Some(Claim::refused(OpenError::MissingPartner { path, missing: "params.py".into() }))
    });
    claim.map(|claim| claim.only(Confidence::Named))
}

/// The lists of times and of clusters in a folder; before someone has curated them clusters are templates.
fn lists<'a>(files: &'a FileSet, folder: &str) -> Option<(&'a NamedFile, &'a NamedFile)> {
    let clusters = ["spike_clusters.npy", "spike_templates.npy"];
    let clusters = clusters.iter().find_map(|name| files.get_in(folder, name))?;
    Some((files.get_in(folder, "spike_times.npy")?, clusters))
}

/// The spikes beside a `params.py`, if they were sorted.
pub fn sorted(files: &FileSet, params: &NamedFile) -> Result<Option<Sorted>, OpenError> {
    let Some((times, clusters)) = lists(files, params.folder()) else { return Ok(None) };
    let rate_hz = number(params, "sample_rate", "a number of Hz")?;
    let frames = List::open(times)?;
    let clusters = Clusters::open(clusters, times, frames.len)?;
    let (units, known, place_of) = (&clusters.list, &clusters.known, clusters.places());
    let names = known.iter().map(i64::to_string).collect();
    let mut notes = Vec::new();
    let scale = scale(&frames, known.len(), rate_hz, &times.path, &mut notes)?;
    let (mut spikes, mut n_left_out) = (Vec::new(), 0_u64);
    for part in frames.parts() {
        let clusters = units.integers(&part)?;
        let at = |sample_index: i64, unit: i64| {
            let channel_index = place_of.get(&unit).copied()?;
            (sample_index >= 0).then_some(Spike { segment_index: 0, sample_index, channel_index, amplitude_uv: 0.0 })
        };
        let n_before = spikes.len();
        match scale {
            None => spikes
                .extend(frames.integers(&part)?.into_iter().zip(clusters).filter_map(|(frame, unit)| at(frame, unit))),
            #[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a recording")]
            Some(scale) => {
                let frames = frames.doubles(&part)?.into_iter().zip(clusters).filter(|(time, _)| time.is_finite());
                spikes.extend(frames.filter_map(|(time, unit)| at((time * scale).round() as i64, unit)));
            }
        }
        n_left_out += (part.end - part.start) - (spikes.len() - n_before) as u64;
    }
    if n_left_out > 0 {
        notes.push(format!("{}: {n_left_out} times are no numbers or below zero and are left out.", times.path));
    }
    let mut info = uniform("units", rate_hz, SampleType::Int16, names, 1.0);
    info.kind = StreamKind::Units;
    info.segments = vec![SegmentInfo { n_frames: 0, t_start_s: 0.0 }];
    let spikes = StoredSpikes::new(info, spikes, "the spike sorting that phy shows".into());
    Ok(Some(Sorted { spikes, notes }))
}

/// Frames of a number in a list of times; none for whole numbers, which are frames. Numbers in
/// double precision are frames too where all are whole; fractions are seconds where frames would
/// tell of cells that fire faster than any does.
#[expect(clippy::cast_precision_loss, reason = "numbers of spikes")]
fn scale(
    times: &List,
    n_units: usize,
    rate_hz: f64,
    path: &str,
    notes: &mut Vec<String>,
) -> Result<Option<f64>, OpenError> {
    if !times.is_float() {
        return Ok(None);
    }
    let (mut first, mut last, mut is_whole) = (f64::INFINITY, f64::NEG_INFINITY, true);
    for part in times.parts() {
        for time in times.doubles(&part)?.into_iter().filter(|time| time.is_finite()) {
            (first, last) = (first.min(time), last.max(time));
            is_whole &= time.fract() == 0.0;
        }
    }
    if is_whole {
        return Ok(Some(1.0));
    }
    let unit_hz = times.len as f64 / n_units.max(1) as f64 / ((last - first) / rate_hz);
    let is_seconds = !(unit_hz <= MAX_UNIT_HZ);
    let what = if is_seconds { "seconds" } else { "fractions of frames, and rounded" };
    notes.push(format!("{path} holds numbers that are not whole: they are taken as {what}."));
    Ok(Some(if is_seconds { rate_hz } else { 1.0 }))
}

/// What `params.py` assigns to a name, as text: literals are read, nothing is run.
pub fn assigned(params: &NamedFile, name: &str) -> Result<Option<String>, OpenError> {
    let text = read_text(params).map_err(OpenError::io(&params.path))?;
    let lines = text.trim_start_matches('\u{feff}').lines();
    let assigned = lines.filter_map(|line| without_comment(line).split_once('='));
    Ok(assigned.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next_back())
}

/// A line up to the `#` that no quotes hold.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let comment = line.char_indices().find(|(_, c)| {
        match (quote, *c) {
            (None, '\'' | '"') => quote = Some(*c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        quote.is_none() && *c == '#'
    });
    comment.map_or(line, |(at, _)| &line[..at])
}

/// The quoted texts of a value, such as those of a list or of `r'recording.dat'`; a value
/// without quotes is one as it stands. Backslashes, of Windows or doubled, become slashes.
pub fn texts(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find(['\'', '"']) {
        let quote = &rest[open..=open];
        let Some((text, behind)) = rest[open + 1..].split_once(quote) else { break };
        found.push(text);
        rest = behind;
    }
    if found.is_empty() && !value.is_empty() {
        found.push(value);
    }
    found.into_iter().map(|text| text.replace("\\\\", "/").replace('\\', "/")).collect()
}

/// A number that `params.py` assigns to a name.
pub fn number(params: &NamedFile, name: &str, expected: &str) -> Result<f64, OpenError> {
    let found = assigned(params, name)?;
    let parsed = found.as_deref().and_then(|text| {
        let plain = text.trim_start_matches("float(").trim_start_matches("int(").trim_end_matches(')');
        plain.trim_end_matches('.').replace('_', "").parse::<f64>().ok()
    });
    let missing = || found.clone().unwrap_or_else(|| "missing".into());
    parsed.ok_or_else(|| OpenError::field(&params.path, name, missing(), expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_in_every_style() {
        for (value, expected) in [
            ("r'recording.dat'", &["recording.dat"][..]),
            ("['raw.dat']", &["raw.dat"]),
            ("(r'C:\\data\\a.bin', \"b#2.bin\")", &["C:/data/a.bin", "b#2.bin"]),
            ("Path('../x.bin')", &["../x.bin"]),
            ("bare.dat", &["bare.dat"]),
        ] {
            assert_eq!(texts(value), expected, "{value}");
        }
        assert_eq!(without_comment("dat_path = 'a#b.dat' # where"), "dat_path = 'a#b.dat' ");
    }
}
