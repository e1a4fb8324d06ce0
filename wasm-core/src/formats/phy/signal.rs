//! The signal that phy's spikes were sorted from: plain binary, which `params.py` describes.

use super::{assigned, number, sorted, texts};
use crate::formats::{OpenError, PlainBinary, stand_in};
use crate::io::{FileSet, NamedFile, join};
use crate::recording::Recording;
use crate::sample::SampleType;

/// The signal that phy's `params.py` describes, with the spikes beside it. Spikes are read without
/// their signal as well.
pub fn open(files: &FileSet, params: &NamedFile) -> Result<Recording, OpenError> {
    let path = &params.path;
    let sorted = sorted(files, params)?;
    let (spikes, mut notes) = sorted.map_or_else(Default::default, |sorted| (Some(sorted.spikes), sorted.notes));
    let error = match signal_of(files, params) {
        Ok(mut recording) => {
            recording.spikes = spikes;
            recording.notes.append(&mut notes);
            if assigned(params, "hp_filtered")?.as_deref() == Some("True") {
                let what = "says that the signal was high-pass filtered before it was written";
                recording.notes.push(format!("{path} {what}."));
            }
            return Ok(recording);
        }
        Err(error) if spikes.is_none() => return Err(error),
        Err(error) => error,
    };
    notes.push(match error {
        OpenError::MissingPartner { missing, .. } => {
            format!("The signal that {path} names, {missing}, is not there: drop it too to see it.")
        }
        error => format!("The signal is left out: {error}."),
    });
    Ok(Recording { spikes, notes, ..Recording::of_streams("phy", Vec::new()) })
}

fn signal_of(files: &FileSet, params: &NamedFile) -> Result<Recording, OpenError> {
    let path = &params.path;
    let names = texts(&assigned(params, "dat_path")?.unwrap_or_default());
    let name = names.first().map_or("", String::as_str);
    let short = name.rsplit('/').next().unwrap_or_default();
    // Sorters write their folder beside the signal or below it: it may lie anywhere in the drop.
    let anywhere = || files.iter().filter(|file| file.name() == short).min_by_key(|file| file.path.len());
    let found = files.get(&join(params.folder(), name)).or_else(|| files.get_in(params.folder(), short));
    let missing = || OpenError::MissingPartner { path: path.clone(), missing: short.to_owned() };
    let data = found.or_else(anywhere).ok_or_else(missing)?;
    if let Some(error) = stand_in::of(data) {
        return Err(error);
    }
    let dtype = texts(&assigned(params, "dtype")?.unwrap_or_default()).into_iter().next().unwrap_or_default();
    let sample_type = SampleType::parse(&dtype)
        .ok_or_else(|| OpenError::field(path, "dtype", &dtype, "a NumPy type such as 'int16'"))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturating; the range is checked on opening"
    )]
    let described = PlainBinary {
        sampling_frequency_hz: number(params, "sample_rate", "a number of Hz")?,
        n_channels: number(params, "n_channels_dat", "a number of channels")? as usize,
        sample_type,
        gain_to_uv: 1.0,
        offset_to_uv: 0.0,
        positions_um: None,
        file_offset_bytes: number(params, "offset", "a number of bytes").unwrap_or(0.0) as u64,
    };
    let mut recording = described.open(data, path)?;
    if names.len() > 1 {
        recording.notes.push(format!("{path} names {} files; the signal is that of the first, {short}.", names.len()));
    }
    recording.notes.push("params.py gives no gain: amplitudes are in steps of the converter, shown as µV.".into());
    Ok(recording)
}
