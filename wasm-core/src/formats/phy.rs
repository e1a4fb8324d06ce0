//! phy's folder of sorted spikes: `spike_times.npy`, `spike_clusters.npy` and `params.py`.

use std::collections::HashMap;

use super::interleaved::uniform;
use super::npy;
use super::{Attempt, OpenError, Recording};
use crate::io::{FileSet, NamedFile, read_text};
use crate::recording::{SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// Opens the spikes of a folder without the signal that they were sorted from.
pub fn open(files: &FileSet) -> Attempt {
    let times = times(files)?;
    let params = files.get_in(times.folder(), "params.py");
    Some(match params {
        None => Err(OpenError::MissingPartner { path: times.path.clone(), missing: "params.py".into() }),
        Some(params) => {
            let streams = Vec::new();
            spikes(files, params).map(|spikes| Recording { spikes, ..Recording::of_streams("phy", streams) })
        }
    })
}

fn times(files: &FileSet) -> Option<&NamedFile> {
    files
        .iter()
        .find(|file| file.name() == "spike_times.npy" && files.get_in(file.folder(), "spike_clusters.npy").is_some())
}

/// The spikes beside a `params.py`, if they were sorted.
pub fn spikes(files: &FileSet, params: &NamedFile) -> Result<Option<StoredSpikes>, OpenError> {
    let folder = params.folder();
    let (Some(times), Some(clusters)) =
        (files.get_in(folder, "spike_times.npy"), files.get_in(folder, "spike_clusters.npy"))
    else {
        return Ok(None);
    };
    let rate_hz = number(params, "sample_rate", "a number of Hz")?;
    let frames = npy::integers(times)?;
    let units = npy::integers(clusters)?;
    if frames.len() != units.len() {
        let found = format!("{} entries for {} spikes", units.len(), frames.len());
        return Err(OpenError::field(&clusters.path, "length", found, "one cluster per spike"));
    }
    let mut known = units.clone();
    known.sort_unstable();
    known.dedup();
    let place_of: HashMap<i64, u32> = (0..).zip(&known).map(|(at, unit)| (*unit, at)).collect();
    let names = known.iter().map(i64::to_string).collect();
    let mut info = uniform("units", rate_hz, SampleType::Int16, names, 1.0);
    info.segments = vec![SegmentInfo { n_frames: 0, t_start_s: 0.0 }];
    let spike = |(frame, unit): (&i64, &i64)| Spike {
        segment_index: 0,
        sample_index: *frame,
        channel_index: place_of[unit],
        amplitude_uv: 0.0,
    };
    let spikes = frames.iter().zip(&units).map(spike).collect();
    Ok(Some(StoredSpikes::new(info, spikes, "the spike sorting that phy shows".into())))
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
