//! An `ElectricalSeries`: samples, scale, clock and electrodes.

use super::electrodes;
use crate::formats::clock::{self, Counts};
use crate::formats::hdf5::{Axes, H5, H5Source, Part};
use crate::formats::interleaved::uniform;
use crate::formats::{OpenError, channel_count};
use crate::recording::{FrameSource, SegmentInfo, StreamKind};

/// Opens a series.
pub fn open(file: &H5, path: &str, notes: &mut Vec<String>) -> Result<Box<dyn FrameSource>, OpenError> {
    let data = format!("{path}/data");
    let signal = file.signal(&data).map_err(|error| elsewhere(file, &data, error))?;
    let rows = file.numbers(&format!("{path}/electrodes")).unwrap_or_default();
    let n_rows = rows.len() as u64;
    let (n_frames, n_channels, axes) = match *signal.shape() {
        [n_frames] => (n_frames, 1, Axes::OneChannel),
        [n_channels, n_frames] if n_rows == n_channels && n_rows != n_frames && n_rows > 0 => {
            notes.push(format!(
                "{}: {data} is stored as channels x time: its {n_rows} electrodes say so; the specification has time x channels.",
                file.path()
            ));
            (n_frames, n_channels, Axes::ChannelsFrames)
        }
        [n_frames, n_channels] => (n_frames, n_channels, Axes::FramesChannels),
        _ => return Err(file.problem(&data, &format!("of shape {:?}", signal.shape()))),
    };
    let n_channels =
        channel_count(n_channels).ok_or_else(|| file.problem(&data, &format!("of {n_channels} channels")))?;
    let (rate_hz, segments) = times(file, path, n_frames, notes)?;
    let is_listed = rows.len() == n_channels;
    if !is_listed && !rows.is_empty() {
        notes.push(format!(
            "{}: {path} has {n_channels} channels and names {n_rows} electrodes: which is which is not known, so channels are numbered.",
            file.path()
        ));
    }
    let ids = is_listed.then(|| electrodes::ids(file, &rows)).flatten();
    let ids = ids.unwrap_or_else(|| (0..n_channels).map(|at| at.to_string()).collect());
    let conversion = file.attribute_number(&data, "conversion").unwrap_or(1.0);
    let mut info = uniform(path, rate_hz, signal.sample_type, ids, conversion * 1e6);
    info.channel_names = is_listed.then(|| electrodes::names(file, &rows)).flatten();
    info.offset_to_uv.fill(file.attribute_number(&data, "offset").unwrap_or(0.0) * 1e6);
    let per_channel = format!("{path}/channel_conversion");
    if file.has(&per_channel) {
        for (gain, factor) in info.gain_to_uv.iter_mut().zip(file.numbers(&per_channel)?) {
            *gain *= factor;
        }
    }
    info.positions_um = is_listed.then(|| electrodes::positions(file, &rows)).flatten();
    let mut first_frame = 0;
    let mut parts = Vec::new();
    for segment in &segments {
        parts.push(Part { signal: signal.clone(), first_frame });
        first_frame += segment.n_frames;
    }
    info.segments = segments;
    // What was applied is not what electrodes recorded.
    if path.starts_with("stimulus/") {
        info.kind = StreamKind::Auxiliary;
        notes
            .push(format!("{}: {path} is what was applied, not recorded: it is not searched for spikes.", file.path()));
    }
    Ok(Box::new(H5Source::new(info, parts, axes)?))
}

/// Says where a dataset lies that could not be opened, if it is in another file.
fn elsewhere(file: &H5, data: &str, error: OpenError) -> OpenError {
    match file.missing_files().as_slice() {
        [] => error,
        missing => {
            let found = format!("a link into {}, which was not given", missing.join(", "));
            OpenError::field(file.path(), data, found, "that file in the same drop")
        }
    }
}

/// Rate and segments: as written, or from the timestamps, whose gaps begin segments.
fn times(file: &H5, path: &str, n_frames: u64, notes: &mut Vec<String>) -> Result<(f64, Vec<SegmentInfo>), OpenError> {
    let start = format!("{path}/starting_time");
    if file.has(&start) {
        let rate_hz =
            file.attribute_number(&start, "rate").ok_or_else(|| file.problem(&start, &"without the attribute rate"))?;
        return Ok((rate_hz, vec![SegmentInfo { n_frames, t_start_s: file.number(&start)? }]));
    }
    let stamps = format!("{path}/timestamps");
    let Some(n_stamps) = file.length(&stamps) else {
        let found = "without starting_time and without timestamps, so its rate is not known";
        return Err(file.problem(path, &found));
    };
    if n_stamps != n_frames {
        notes.push(format!("{}: {stamps} has {n_stamps} values for {n_frames} frames.", file.path()));
    }
    let clock = clock::read(n_stamps.min(n_frames), Counts::Seconds, |range| file.numbers_in(&stamps, range))?;
    if n_stamps.min(n_frames) < 2 || !(clock.step > 0.0 && clock.step.is_finite()) {
        let found = format!("{n_stamps} values that make no rate");
        return Err(OpenError::field(file.path(), &stamps, found, "at least two times in seconds that ascend"));
    }
    notes.extend(clock.note(&format!("{}: {stamps}", file.path())));
    let mut segments = clock.segments(1.0);
    // Frames behind the last timestamp go on.
    if let Some(last) = segments.last_mut() {
        last.n_frames += n_frames.saturating_sub(n_stamps);
    }
    Ok((1.0 / clock.step, segments))
}
