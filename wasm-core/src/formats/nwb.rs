//! Neurodata Without Borders (HDF5): every `ElectricalSeries` with the electrodes table, the
//! units table as spikes, and what [`nwb_events`] finds.

use super::hdf5::{Axes, H5, H5Source};
use super::interleaved::uniform;
use super::{OpenError, Recording, channel_count, nwb_events};
use crate::recording::{FrameSource, SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// The table that all series refer to.
const ELECTRODES: &str = "general/extracellular_ephys/electrodes";
/// The table of sorted units, and the frames per second in which their times are kept.
const UNITS: &str = "units";
const UNIT_FRAMES_HZ: f64 = 1e6;
/// Timestamps from which a rate is taken.
const RATE_STAMPS: u64 = 1000;
/// Depth at which series are looked for: `processing/module/interface/series`.
const MAX_DEPTH: usize = 4;

/// Whether the file says that it is NWB.
pub fn is_nwb(file: &H5) -> bool {
    file.attribute_text("", "nwb_version").is_some() || file.has("nwb_version")
}

/// Opens every series, acquisition before processed ones.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let mut paths = Vec::new();
    for top in ["acquisition", "processing"] {
        if file.has(top) {
            find(file, top, 1, &mut paths);
        }
    }
    // A series that cannot be read takes nothing from the others.
    let mut streams = Vec::new();
    let mut notes = Vec::new();
    let mut problem = None;
    for path in &paths {
        match series(file, path) {
            Ok(stream) => streams.push(stream),
            Err(error) => {
                notes.push(format!("One series could not be read: {error}."));
                problem = problem.or(Some(error));
            }
        }
    }
    if let (Some(error), true) = (problem, streams.is_empty()) {
        return Err(error);
    }
    let units = file.has(&format!("{UNITS}/spike_times")).then(|| units(file));
    let spikes = match units {
        None if streams.is_empty() => {
            return Err(file.problem("acquisition", &"without an ElectricalSeries, and there is no units table"));
        }
        // A units table that cannot be read takes nothing from the signal.
        Some(Err(error)) if !streams.is_empty() => {
            notes.push(format!("The sorted units could not be read: {error}."));
            None
        }
        units => units.transpose()?,
    };
    let recording = Recording { format: "nwb", streams, spikes, events: Vec::new(), notes };
    Ok(recording.with_events(nwb_events::read(file)))
}

/// Units as channels. Times are seconds: frames of a microsecond keep them.
fn units(file: &H5) -> Result<StoredSpikes, OpenError> {
    let times = file.numbers(&format!("{UNITS}/spike_times"))?;
    let ends = file.numbers(&format!("{UNITS}/spike_times_index"))?;
    let named = file.strings(&format!("{UNITS}/unit_name"));
    let numbered = || Ok(file.numbers(&format!("{UNITS}/id"))?.iter().map(|id| format!("{id:.0}")).collect());
    let ids: Vec<String> = named.or_else(|_: OpenError| numbered())?;
    if ids.len() != ends.len() {
        return Err(file.problem(UNITS, &format!("{} ids for {} units", ids.len(), ends.len())));
    }
    let mut info = uniform("units", UNIT_FRAMES_HZ, SampleType::Float64, ids, 1.0);
    let earliest = times.iter().copied().fold(0.0, f64::min);
    info.segments = vec![SegmentInfo { n_frames: 0, t_start_s: earliest }];
    let mut spikes = Vec::with_capacity(times.len());
    let mut from = 0;
    for (unit, end) in (0..).zip(&ends) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; places in the list")]
        let to = (*end as usize).clamp(from, times.len());
        for time_s in &times[from..to] {
            #[expect(clippy::cast_possible_truncation, reason = "saturating; microseconds")]
            let sample_index = ((time_s - earliest) * UNIT_FRAMES_HZ).round() as i64;
            spikes.push(Spike { segment_index: 0, sample_index, channel_index: unit, amplitude_uv: 0.0 });
        }
        from = to;
    }
    Ok(StoredSpikes::new(info, spikes, "whoever sorted the units of the file".into()))
}

fn find(file: &H5, path: &str, depth: usize, found: &mut Vec<String>) {
    let is_series = file.attribute_text(path, "neurodata_type").is_some_and(|kind| kind == "ElectricalSeries");
    if is_series && file.has(&format!("{path}/data")) {
        found.push(path.to_owned());
    } else if depth < MAX_DEPTH
        && let Ok((groups, _)) = file.members(path)
    {
        for group in groups {
            find(file, &format!("{path}/{group}"), depth + 1, found);
        }
    }
}

fn series(file: &H5, path: &str) -> Result<Box<dyn FrameSource>, OpenError> {
    let data = format!("{path}/data");
    let (dataset, sample_type) = file.signal(&data)?;
    let (n_frames, n_channels, axes) = match *dataset.shape() {
        [n_frames] => (n_frames, 1, Axes::OneChannel),
        [n_frames, n_channels] => (n_frames, n_channels, Axes::FramesChannels),
        _ => return Err(file.problem(&data, &format!("of shape {:?}", dataset.shape()))),
    };
    let n_channels =
        channel_count(n_channels).ok_or_else(|| file.problem(&data, &format!("of {n_channels} channels")))?;
    let (rate_hz, t_start_s) = clock(file, path)?;
    let rows = file.numbers(&format!("{path}/electrodes")).unwrap_or_default();
    let ids = (rows.len() == n_channels).then(|| electrode_ids(file, &rows)).flatten();
    let ids = ids.unwrap_or_else(|| (0..n_channels).map(|at| at.to_string()).collect());
    let conversion = file.attribute_number(&data, "conversion").unwrap_or(1.0);
    let mut info = uniform(path, rate_hz, sample_type, ids, conversion * 1e6);
    info.offset_to_uv.fill(file.attribute_number(&data, "offset").unwrap_or(0.0) * 1e6);
    let per_channel = format!("{path}/channel_conversion");
    if file.has(&per_channel) {
        for (gain, factor) in info.gain_to_uv.iter_mut().zip(file.numbers(&per_channel)?) {
            *gain *= factor;
        }
    }
    info.positions_um = (rows.len() == n_channels).then(|| positions(file, &rows)).flatten();
    info.segments = vec![SegmentInfo { n_frames, t_start_s }];
    Ok(Box::new(H5Source::new(info, file.path(), vec![dataset], axes)))
}

/// Rate and start: as written, or from the timestamps.
fn clock(file: &H5, path: &str) -> Result<(f64, f64), OpenError> {
    let start = format!("{path}/starting_time");
    if file.has(&start) {
        let rate_hz =
            file.attribute_number(&start, "rate").ok_or_else(|| file.problem(&start, &"without the attribute rate"))?;
        return Ok((rate_hz, file.number(&start)?));
    }
    let stamps = file.first_numbers(&format!("{path}/timestamps"), RATE_STAMPS)?;
    let mut steps: Vec<f64> = stamps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    let middle = match steps.len() {
        0 => return Err(file.problem(&format!("{path}/timestamps"), &"fewer than two")),
        n => f64::midpoint(steps[(n - 1) / 2], steps[n / 2]),
    };
    Ok((1.0 / middle, stamps[0]))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "row numbers")]
fn picked<T: Clone>(column: &[T], rows: &[f64]) -> Option<Vec<T>> {
    rows.iter().map(|row| column.get(*row as usize).cloned()).collect()
}

/// Names where the table has them, else the electrodes' ids.
fn electrode_ids(file: &H5, rows: &[f64]) -> Option<Vec<String>> {
    if let Ok(names) = file.strings(&format!("{ELECTRODES}/channel_name")) {
        return picked(&names, rows);
    }
    let ids = file.numbers(&format!("{ELECTRODES}/id")).ok()?;
    Some(picked(&ids, rows)?.iter().map(|id| format!("{id:.0}")).collect())
}

/// Positions on the probe; those in the brain do not say how electrodes lie to one another.
fn positions(file: &H5, rows: &[f64]) -> Option<Vec<[f64; 2]>> {
    let x = picked(&file.numbers(&format!("{ELECTRODES}/rel_x")).ok()?, rows)?;
    let y = picked(&file.numbers(&format!("{ELECTRODES}/rel_y")).ok()?, rows)?;
    let known = x.iter().chain(&y).all(|value| value.is_finite());
    known.then(|| x.iter().zip(&y).map(|(x, y)| [*x, *y]).collect())
}
