//! From steps to microvolts, the rate, and the stretches that were recorded.

use serde_json::Value;

use super::PITCH_UM;
use crate::formats::OpenError;
use crate::formats::clock::{Clock, Counts};
use crate::formats::hdf5::H5;
use crate::formats::interleaved::uniform;
use crate::formats::stretches::Stretches;
use crate::recording::StreamInfo;
use crate::sample::SampleType;

/// Distance of neighbouring electrodes by the plate's model (3Brain's product pages, as
/// probeinterface reads them); 42 µm where the file names none.
const PITCHES_UM: &[(&str, f64)] = &[("accura", 60.0), ("coreplate", 60.0), ("stimulo", 81.0)];

/// From version 3's converter: microvolts of a step and of a stored zero.
pub fn old_scale(file: &H5) -> Result<(f64, f64), OpenError> {
    let variable = |name: &str| file.number(&format!("3BRecInfo/3BRecVars/{name}"));
    let (min_uv, max_uv, bits) = (variable("MinVolt")?, variable("MaxVolt")?, variable("BitDepth")?);
    Ok(((max_uv - min_uv) / bits.exp2(), min_uv))
}

/// The settings of version 4: JSON in a dataset whose name differs between programs.
pub fn settings(file: &H5) -> Result<(&'static str, Value), OpenError> {
    let name = if file.has("ExperimentSettings") { "ExperimentSettings" } else { "ExperimentInfo" };
    let text = file.strings(name)?.into_iter().next().unwrap_or_default();
    let json = serde_json::from_str(text.trim_end_matches('\0')).map_err(|error| file.problem(name, &error))?;
    Ok((name, json))
}

/// The converter of version 4.
pub struct Converter {
    pub gain_to_uv: f64,
    pub offset_to_uv: f64,
    pub sampling_frequency_hz: f64,
    pub pitch_um: f64,
}

impl Converter {
    pub fn read(file: &H5) -> Result<Self, OpenError> {
        let (name, json) = settings(file)?;
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

    pub fn stream(&self, name: &str, sample_type: SampleType, n_channels: usize) -> StreamInfo {
        let ids = (1..=n_channels).map(|at| at.to_string()).collect();
        let mut info = uniform(name, self.sampling_frequency_hz, sample_type, ids, self.gain_to_uv);
        info.offset_to_uv.fill(self.offset_to_uv);
        info
    }
}

/// The stretches of time that a file of version 4 was recorded in: rows of the number of their
/// first frame and of the one behind their last.
pub struct Recorded(Vec<(u64, u64)>);

impl Recorded {
    /// The stretches of the file; none where it has no such table. Rows that cannot be are left aside.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small and positive")]
    pub fn read(file: &H5) -> Self {
        let numbers = if file.has("TOC") { file.numbers("TOC").unwrap_or_default() } else { Vec::new() };
        let mut rows: Vec<(u64, u64)> = Vec::new();
        for row in numbers.chunks_exact(2) {
            let fits = row.iter().all(|frame| (0.0..1e15).contains(frame)) && row[0] < row[1];
            let (from, to) = (row[0] as u64, row[1] as u64);
            if fits && rows.last().is_none_or(|(_, end)| *end <= from) {
                rows.push((from, to));
            }
        }
        Self(rows)
    }

    /// Frames of all stretches; zero where there is no table.
    pub fn n_frames(&self) -> u64 {
        self.0.iter().fold(0, |sum, (from, to)| sum.saturating_add(to - from))
    }

    /// The stretches as runs of frames that lie behind one another in a dataset of `n_frames`.
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    pub fn clock(&self, n_frames: u64) -> Clock {
        let mut first = 0_u64;
        let mut starts = Vec::new();
        for (from, to) in &self.0 {
            if first < n_frames {
                starts.push((first, *from as f64));
            }
            first = first.saturating_add(to - from);
        }
        Stretches::new(starts, 1.0).clock(n_frames, Counts::Frames { wraps_at: None })
    }
}
