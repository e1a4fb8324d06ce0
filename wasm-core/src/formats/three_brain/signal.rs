//! The continuous signal of both versions.

use std::sync::Arc;

use super::converter::{Converter, Recorded, old_scale};
use super::{PITCH_UM, positions, well_name};
use crate::formats::OpenError;
use crate::formats::hdf5::{Axes, H5, H5Source, Part};
use crate::formats::interleaved::uniform;
use crate::formats::joined::{Picked, Shared};
use crate::recording::{FrameSource, SegmentInfo, StreamInfo, StreamKind};

/// Version 3: one signal of all channels. Those that the system keeps for itself are a stream of
/// their own.
pub fn version_3(file: &H5, notes: &mut Vec<String>) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    const RAW: &str = "3BData/Raw";
    if !file.has(RAW) {
        let found = "missing: this file holds results or compressed events, not a continuous signal";
        return Err(file.problem(RAW, &found));
    }
    let variable = |name: &str| file.number(&format!("3BRecInfo/3BRecVars/{name}"));
    let (gain_to_uv, offset_to_uv) = old_scale(file)?;
    let bits = variable("BitDepth")?;
    let rows = file.column("3BRecInfo/3BMeaStreams/Raw/Chs", "Row")?;
    let columns = file.column("3BRecInfo/3BMeaStreams/Raw/Chs", "Col")?;
    let signal = file.signal(RAW)?;
    let ids: Vec<String> = (1..=rows.len()).map(|at| at.to_string()).collect();
    let (n_frames, axes) = match *signal.shape() {
        [n] if !ids.is_empty() => (n / ids.len() as u64, Axes::Flat),
        [n, m] if m == ids.len() as u64 => (n, Axes::FramesChannels),
        _ => return Err(file.problem(RAW, &format!("of shape {:?}", signal.shape()))),
    };
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    let stated = variable("NRecFrames").ok().filter(|stated| *stated != n_frames as f64);
    notes.extend(stated.map(|stated| {
        format!(
            "{}: NRecFrames is {stated:.0}, and {RAW} holds {n_frames} frames of {} channels.",
            file.path(),
            ids.len()
        )
    }));
    let mut info = uniform("Signals", variable("SamplingRate")?, signal.sample_type, ids, gain_to_uv);
    info.offset_to_uv.fill(offset_to_uv);
    // Rows are counted along x, as probeinterface lays the chip.
    let position = |(row, column): (&f64, &f64)| [(row - 1.0) * PITCH_UM, (column - 1.0) * PITCH_UM];
    info.positions_um = Some(rows.iter().zip(&columns).map(position).collect());
    info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
    let system = system_channels(file, &rows, &columns);
    let source = H5Source::new(info.clone(), vec![Part::whole(signal)], axes)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a converter has 12 to 16 bits")]
    let zero = bits.exp2().min(65_535.0) as u16;
    let is_inverted = variable("SignalInversion").is_ok_and(|sign| sign < 0.0);
    let source = if is_inverted { source.inverted_at(zero) } else { source };
    if system.is_empty() {
        return Ok(vec![Box::new(source)]);
    }
    let source: Arc<dyn FrameSource> = Arc::new(source);
    let (own, others): (Vec<usize>, Vec<usize>) = (0..info.n_channels).partition(|channel| system.contains(channel));
    if others.is_empty() {
        return Ok(vec![Box::new(Shared(source))]);
    }
    let mut calibration = picked(&info, &own);
    calibration.name = "Calibration".into();
    calibration.kind = StreamKind::Auxiliary;
    Ok(vec![
        Box::new(Picked::new(picked(&info, &others), Arc::clone(&source), others)),
        Box::new(Picked::new(calibration, source, own)),
    ])
}

/// Channels of the chip that the system uses for itself: for calibration and triggers.
fn system_channels(file: &H5, rows: &[f64], columns: &[f64]) -> Vec<usize> {
    const TABLE: &str = "3BRecInfo/3BMeaChip/SysChs";
    if !file.has(TABLE) {
        return Vec::new();
    }
    let column = |name: &str| file.column(TABLE, name).unwrap_or_default();
    let system: Vec<(f64, f64)> = column("Row").into_iter().zip(column("Col")).collect();
    let is_system = |at: &usize| system.contains(&(rows[*at], columns[*at]));
    (0..rows.len().min(columns.len())).filter(is_system).collect()
}

/// The description of some channels.
fn picked(info: &StreamInfo, channels: &[usize]) -> StreamInfo {
    StreamInfo {
        n_channels: channels.len(),
        channel_ids: channels.iter().map(|at| info.channel_ids[*at].clone()).collect(),
        gain_to_uv: channels.iter().map(|at| info.gain_to_uv[*at]).collect(),
        offset_to_uv: channels.iter().map(|at| info.offset_to_uv[*at]).collect(),
        positions_um: info.positions_um.as_ref().map(|places| channels.iter().map(|at| places[*at]).collect()),
        ..info.clone()
    }
}

/// Version 4: a stream for each well.
pub fn version_4(file: &H5, notes: &mut Vec<String>) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    let converter = Converter::read(file)?;
    let recorded = Recorded::read(file);
    let (groups, _) = file.members("")?;
    let wells: Vec<&String> = groups.iter().filter(|group| group.starts_with("Well_")).collect();
    let mut streams: Vec<Box<dyn FrameSource>> = Vec::new();
    let mut failed = None;
    for well in &wells {
        match of_well(file, &converter, &recorded, well, wells.len(), notes) {
            Ok(source) => streams.push(Box::new(source)),
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                notes.push(format!("{well} is left out. {error}."));
                failed.get_or_insert(error);
            }
        }
    }
    if streams.is_empty() {
        return Err(failed.unwrap_or_else(|| file.problem("Well_…", &"missing")));
    }
    Ok(streams)
}

fn of_well(
    file: &H5,
    converter: &Converter,
    recorded: &Recorded,
    well: &str,
    n_wells: usize,
    notes: &mut Vec<String>,
) -> Result<H5Source, OpenError> {
    let path = format!("{well}/Raw");
    if !file.has(&path) {
        let (_, datasets) = file.members(well)?;
        let kind = datasets.iter().find(|name| name.contains("Sparse") || name.contains("Wavelet"));
        let kind = kind.map_or("nothing that is a signal", |name| name.as_str());
        let found = format!("missing: the well holds {kind}, which keeps no continuous signal; export it as raw");
        return Err(file.problem(&path, &found));
    }
    let signal = file.signal(&path)?;
    // BrainWave 6 names the channels otherwise where it kept them all.
    let stored = file.numbers(&format!("{well}/StoredChIdxs"));
    let indices = stored.or_else(|missing| file.numbers(&format!("{well}/NoisePlateElIdxs")).map_err(|_| missing))?;
    let n_channels = indices.len();
    let name = if n_wells == 1 { "Signals".to_owned() } else { format!("Signals {well}") };
    let n_values = signal.shape().first().copied().unwrap_or(0);
    let n_frames = n_values / (n_channels as u64).max(1);
    let left_over = n_values % (n_channels as u64).max(1);
    if left_over > 0 {
        notes.push(format!("{}, {path} ends in the middle of a frame: {left_over} values are left out.", file.path()));
    }
    let listed = recorded.n_frames();
    if listed > 0 && listed != n_frames {
        notes.push(format!("{}: TOC lists {listed} frames, and {path} holds {n_frames}.", file.path()));
    }
    let mut info = converter.stream(&name, signal.sample_type, n_channels);
    info.positions_um = Some(positions(&indices, converter.pitch_um));
    info.wells = (n_wells > 1).then(|| vec![well_name(well).to_owned(); n_channels]);
    let clock = recorded.clock(n_frames);
    info.segments = clock.segments(1.0 / converter.sampling_frequency_hz);
    let part = |first_frame: u64| Part { signal: Arc::clone(&signal), first_frame };
    let parts = clock.runs.iter().map(|run| part(run.first)).collect();
    H5Source::new(info, parts, Axes::Flat)
}
