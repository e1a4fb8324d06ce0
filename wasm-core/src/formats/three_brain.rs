//! 3Brain `.brw`: version 3 (`3BData/Raw`) and version 4 (`Well_…/Raw`); `.bxr`: spikes.
//!
//! Recordings that keep only stretches around events, or a wavelet transform, are told
//! apart and refused with the reason: they hold no continuous signal.

mod spikes;

use serde_json::Value;

use super::hdf5::{Axes, H5, H5Source};
use super::interleaved::uniform;
use super::{OpenError, Recording};
use crate::recording::{FrameSource, SegmentInfo, StreamInfo};
use crate::sample::SampleType;

/// Distance of neighbouring electrodes by the plate's model (3Brain's product pages, as
/// probeinterface reads them); 42 µm where the file names none.
const PITCHES_UM: &[(&str, f64)] = &[("accura", 60.0), ("coreplate", 60.0), ("stimulo", 81.0)];
const PITCH_UM: f64 = 42.0;

/// Whether the file has 3Brain's structure.
pub fn is_three_brain(file: &H5) -> bool {
    file.has("3BRecInfo") || file.has("ExperimentSettings") || file.has("ExperimentInfo")
}

/// Opens version 3 or 4.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let is_old = file.has("3BRecInfo");
    let spikes = if is_old { spikes::version_3(file)? } else { spikes::version_4(file)? };
    // Files of results hold spikes and no signal.
    if spikes.is_some() && !has_signal(file)? {
        return Ok(Recording { spikes, ..Recording::of_streams("3brain", Vec::new()) });
    }
    let streams = if is_old { vec![version_3(file)?] } else { version_4(file)? };
    Ok(Recording { spikes, ..Recording::of_streams("3brain", streams) })
}

fn has_signal(file: &H5) -> Result<bool, OpenError> {
    let (groups, _) = file.members("")?;
    Ok(file.has("3BData/Raw") || groups.iter().any(|group| file.has(&format!("{group}/Raw"))))
}

/// From version 3's converter: microvolts of a step and of a stored zero.
fn old_scale(file: &H5) -> Result<(f64, f64), OpenError> {
    let variable = |name: &str| file.number(&format!("3BRecInfo/3BRecVars/{name}"));
    let (min_uv, max_uv, bits) = (variable("MinVolt")?, variable("MaxVolt")?, variable("BitDepth")?);
    Ok(((max_uv - min_uv) / bits.exp2(), min_uv))
}

fn version_3(file: &H5) -> Result<Box<dyn FrameSource>, OpenError> {
    if !file.has("3BData/Raw") {
        return Err(file
            .problem("3BData/Raw", &"missing: this file holds results or compressed events, not a continuous signal"));
    }
    let variable = |name: &str| file.number(&format!("3BRecInfo/3BRecVars/{name}"));
    let (gain_to_uv, offset_to_uv) = old_scale(file)?;
    let bits = variable("BitDepth")?;
    let rows = file.column("3BRecInfo/3BMeaStreams/Raw/Chs", "Row")?;
    let columns = file.column("3BRecInfo/3BMeaStreams/Raw/Chs", "Col")?;
    let (dataset, sample_type) = file.signal("3BData/Raw")?;
    let ids: Vec<String> = (1..=rows.len()).map(|at| at.to_string()).collect();
    let (n_frames, axes) = match *dataset.shape() {
        [n] if !ids.is_empty() => (n / ids.len() as u64, Axes::Flat),
        [n, m] if m == ids.len() as u64 => (n, Axes::FramesChannels),
        _ => return Err(file.problem("3BData/Raw", &format!("of shape {:?}", dataset.shape()))),
    };
    let mut info = uniform("Signals", variable("SamplingRate")?, sample_type, ids, gain_to_uv);
    info.offset_to_uv.fill(offset_to_uv);
    // Rows are counted along x, as probeinterface lays the chip.
    let position = |(row, column): (&f64, &f64)| [(row - 1.0) * PITCH_UM, (column - 1.0) * PITCH_UM];
    info.positions_um = Some(rows.iter().zip(&columns).map(position).collect());
    info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
    let source = H5Source::new(info, file.path(), vec![dataset], axes);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a converter has 12 to 16 bits")]
    let zero = bits.exp2().min(65_535.0) as u16;
    Ok(Box::new(if variable("SignalInversion")? < 0.0 { source.inverted_at(zero) } else { source }))
}

fn version_4(file: &H5) -> Result<Vec<Box<dyn FrameSource>>, OpenError> {
    let converter = Converter::read(file)?;
    let (groups, _) = file.members("")?;
    let wells: Vec<&String> = groups.iter().filter(|group| group.starts_with("Well_")).collect();
    let mut streams = Vec::new();
    for well in &wells {
        let path = format!("{well}/Raw");
        if !file.has(&path) {
            let (_, datasets) = file.members(well)?;
            let kind = datasets.iter().find(|name| name.contains("Sparse") || name.contains("Wavelet"));
            let kind = kind.map_or("nothing that is a signal", |name| name.as_str());
            return Err(file.problem(
                &path,
                &format!("missing: the well holds {kind}, which keeps no continuous signal; export it as raw"),
            ));
        }
        let (dataset, sample_type) = file.signal(&path)?;
        // BrainWave 6 names the channels otherwise where it kept them all.
        let stored = file.numbers(&format!("{well}/StoredChIdxs"));
        let indices =
            stored.or_else(|missing| file.numbers(&format!("{well}/NoisePlateElIdxs")).map_err(|_| missing))?;
        let n_channels = indices.len();
        let name = if wells.len() == 1 { "Signals".to_owned() } else { format!("Signals {well}") };
        let n_values = dataset.shape().first().copied().unwrap_or(0);
        let segments = vec![SegmentInfo { n_frames: n_values / (n_channels as u64).max(1), t_start_s: 0.0 }];
        let mut info = converter.stream(&name, sample_type, n_channels);
        info.positions_um = Some(positions(&indices, converter.pitch_um));
        info.wells = (wells.len() > 1).then(|| vec![(*well).clone(); n_channels]);
        info.segments = segments;
        streams.push(Box::new(H5Source::new(info, file.path(), vec![dataset], Axes::Flat)) as Box<dyn FrameSource>);
    }
    if streams.is_empty() {
        return Err(file.problem("Well_…", &"missing"));
    }
    Ok(streams)
}

/// Stored channels are numbered row by row over a square plate. Where all of a square are stored,
/// it is the plate, as probeinterface takes it; else one of 16, 32 or 64 electrodes a side.
#[expect(clippy::cast_precision_loss, reason = "a number of channels")]
fn positions(indices: &[f64], pitch_um: f64) -> Vec<[f64; 2]> {
    let largest = indices.iter().copied().fold(0.0, f64::max);
    let whole = (indices.len() as f64).sqrt();
    let is_whole = whole.fract() == 0.0 && largest < whole * whole;
    let sides = [16.0, 32.0, 64.0].into_iter().find(|side| largest < side * side);
    let side = if is_whole { whole } else { sides.unwrap_or_else(|| (largest + 1.0).sqrt().ceil()) }.max(1.0);
    indices.iter().map(|index| [(index / side).floor() * pitch_um, (index % side) * pitch_um]).collect()
}

/// From steps to microvolts, and the rate.
struct Converter {
    gain_to_uv: f64,
    offset_to_uv: f64,
    sampling_frequency_hz: f64,
    pitch_um: f64,
}

impl Converter {
    fn read(file: &H5) -> Result<Self, OpenError> {
        let name = if file.has("ExperimentSettings") { "ExperimentSettings" } else { "ExperimentInfo" };
        let text = file.strings(name)?.into_iter().next().unwrap_or_default();
        let json: Value =
            serde_json::from_str(text.trim_end_matches('\0')).map_err(|error| file.problem(name, &error))?;
        let number = |pointer: &str| {
            json.pointer(pointer)
                .and_then(Value::as_f64)
                .ok_or_else(|| file.problem(&format!("{name}{pointer}"), &"missing"))
        };
        let (min_uv, max_uv, low, high, factor, rate) = if name == "ExperimentSettings" {
            let value = |field: &str| number(&format!("/ValueConverter/{field}"));
            (
                value("MinAnalogValue")?,
                value("MaxAnalogValue")?,
                value("MinDigitalValue")?,
                value("MaxDigitalValue")?,
                value("ScaleFactor")?,
                number("/TimeConverter/FrameRate")?,
            )
        } else {
            let value = |field: &str| number(&format!("/SignalConverter/DigitalToAnalogConverter/{field}"));
            (
                value("MinAnalogValueMicroVolt")?,
                value("MaxAnalogValueMicroVolt")?,
                value("MinDigitalValue")?,
                value("MaxDigitalValue")?,
                1.0,
                number("/SignalConverter/SampleToTimeConverter/FrameRateHertz")?,
            )
        };
        let gain_to_uv = factor * (max_uv - min_uv) / (high - low);
        let model = json.pointer("/MeaPlate/Model").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let pitch_um =
            PITCHES_UM.iter().find(|(name, _)| model.starts_with(name)).map_or(PITCH_UM, |(_, pitch)| *pitch);
        Ok(Self { gain_to_uv, offset_to_uv: min_uv, sampling_frequency_hz: rate, pitch_um })
    }

    fn stream(&self, name: &str, sample_type: SampleType, n_channels: usize) -> StreamInfo {
        let ids = (1..=n_channels).map(|at| at.to_string()).collect();
        let mut info = uniform(name, self.sampling_frequency_hz, sample_type, ids, self.gain_to_uv);
        info.offset_to_uv.fill(self.offset_to_uv);
        info
    }
}
