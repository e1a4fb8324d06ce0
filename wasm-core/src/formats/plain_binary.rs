//! Plain binary: samples and nothing else, described beside the file or by the user.

use serde::{Deserialize, Serialize};

use super::format::{Claim, Confidence, Format, Reader};
use super::interleaved::{Interleaved, SegmentFile, cut_notes, segments, uniform};
use super::records::{Encoding, Part, Records, Track};
use super::{OpenError, Support, npy, stand_in};
use crate::io::{FileSet, NamedFile, read_text};
use crate::recording::{Recording, SegmentInfo, StreamInfo};
use crate::sample::SampleType;

/// Endings of files that may hold nothing but samples.
const ENDINGS: &[&str] = &["bin", "dat", "raw", "i16", "int16", "npy"];

/// Files that tell of SpikeInterface's folders without traces.
const WITHOUT_TRACES: &[&str] = &["spikeinterface_info.json", "numpysorting_info.json"];

/// The description that a plain binary file needs: the content of `NAME.json` and of the
/// form on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainBinary {
    /// Frames per second.
    pub sampling_frequency_hz: f64,
    /// Channels of a frame.
    pub n_channels: usize,
    /// Stored type.
    #[serde(rename = "dtype")]
    pub sample_type: SampleType,
    /// Microvolts of one step.
    #[serde(default = "one")]
    pub gain_to_uv: f64,
    /// Microvolts of a stored zero.
    #[serde(default)]
    pub offset_to_uv: f64,
    /// Electrode positions.
    #[serde(default)]
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// Bytes before the first frame.
    #[serde(default)]
    pub file_offset_bytes: u64,
}

const fn one() -> f64 {
    1.0
}

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "NumPy .npy, plain binary",
    give: "the file with NAME.json or params.py, or the form on the page",
    tested: "all integer and float types",
    positions: "NAME.json",
    neo: "with code",
    spikeinterface: "with code",
};

/// The format.
pub const FORMAT: Format = Format { names: &["plain_binary"], support: &SUPPORT, reader: Reader::Files(recognise) };

fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    claim(files).map(|claim| claim.only(Confidence::Fits))
}

fn claim(files: &FileSet) -> Option<Claim<'_>> {
    let plain = || files.iter().filter(|file| is_plain(file));
    let described = plain().find_map(|data| {
        let beside = files.get(&format!("{}.json", stem(data))).or_else(|| files.get(&format!("{}.json", data.path)));
        Some((beside?, data))
    });
    if let Some((json, data)) = described {
        return Some(Claim::certain(move || stand_in::of(data).map_or_else(|| from_json(json, data), Err)));
    }
    // What SpikeInterface keeps beside sorted spikes and analyses is no signal.
    if let Some(info) = files.iter().find(|file| WITHOUT_TRACES.contains(&file.name())) {
        let what = "a SpikeInterface folder of sorted spikes or of an analysis, without traces";
        let instead = "the recording's own folder, with binary.json or traces_seg0";
        return Some(Claim::refused(OpenError::Closed { path: info.path.clone(), what, instead }));
    }
    let data = plain().next()?;
    let missing = || {
        let missing =
            format!("{}.json (sampling_frequency_hz, n_channels, dtype, gain_to_uv) or params.py", stem(data));
        OpenError::MissingPartner { path: data.path.clone(), missing }
    };
    Some(Claim::refused(stand_in::of(data).unwrap_or_else(missing)))
}

/// The path without its ending.
fn stem(file: &NamedFile) -> &str {
    file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem)
}

fn is_plain(file: &NamedFile) -> bool {
    let ending = file.name().rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    ENDINGS.contains(&ending.as_str())
}

fn from_json(json: &NamedFile, data: &NamedFile) -> Result<Recording, OpenError> {
    let text = read_text(json).map_err(OpenError::io(&json.path))?;
    let mut described: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| OpenError::field(&json.path, "content", error, "JSON"))?;
    // What a NumPy file says itself need not be written beside it; opening takes it from there.
    if let (Some(_), Some(fields)) = (npy::header(data), described.as_object_mut()) {
        fields.entry("n_channels").or_insert_with(|| 1.into());
        fields.entry("dtype").or_insert_with(|| "int16".into());
    }
    let described: PlainBinary = serde_json::from_value(described).map_err(|error| {
        OpenError::field(
            &json.path,
            "content",
            error,
            "sampling_frequency_hz, n_channels, dtype, gain_to_uv, offset_to_uv, positions_um",
        )
    })?;
    described.open(data, &json.path)
}

impl PlainBinary {
    /// Opens the file; `described_in` is named in messages.
    ///
    /// # Errors
    /// When a value makes no sense for the file.
    pub fn open(&self, data: &NamedFile, described_in: &str) -> Result<Recording, OpenError> {
        if let Some(header) = npy::header(data) {
            return self.open_npy(data, &header);
        }
        self.open_rows(data, described_in)
    }

    /// A `NumPy` array of `[frames, channels]`; where there are more columns than rows it is
    /// taken for `[channels, frames]`.
    fn open_npy(&self, data: &NamedFile, header: &npy::Header) -> Result<Recording, OpenError> {
        let wrong = |field: &str, found: String, expected: &str| OpenError::field(&data.path, field, found, expected);
        let sample_type = SampleType::parse(&header.descr)
            .ok_or_else(|| wrong("descr", header.descr.clone(), "a little-endian type such as <i2"))?;
        let (first, second) = match *header.shape {
            [n] => (n, 1),
            [first, second] => (first, second),
            _ => return Err(wrong("shape", format!("{:?}", header.shape), "one or two extents")),
        };
        let frames_first = first >= second;
        let (n_frames, n_channels) = if frames_first { (first, second) } else { (second, first) };
        let size = sample_type.size_bytes() as u64;
        let needed = first.checked_mul(second).and_then(|n| n.checked_mul(size)?.checked_add(header.data_at));
        if needed.is_none_or(|needed| needed > data.file.size_bytes()) {
            return Err(wrong("shape", format!("{:?}", header.shape), "an array that fits the file"));
        }
        let described = Self {
            n_channels: usize::try_from(n_channels).unwrap_or(usize::MAX),
            sample_type,
            file_offset_bytes: header.data_at,
            ..self.clone()
        };
        // Frames lie apart where the channel is the slower index.
        if frames_first != header.fortran_order {
            return described.open_rows(data, &data.path);
        }
        let mut info = described.info(&data.path)?;
        info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
        let track = |channel: u64| Track {
            first_byte: header.data_at + channel * n_frames * size,
            record_bytes: n_frames * size,
            record_samples: usize::try_from(n_frames).unwrap_or(usize::MAX),
            segments: vec![Part::new(data, 0)],
        };
        let tracks = (0..n_channels).map(track).collect();
        let source = Records::new(info, tracks, Encoding::Plain);
        Ok(Recording::of_streams("plain_binary", vec![Box::new(source)]))
    }

    /// The stream, without its segments.
    fn info(&self, described_in: &str) -> Result<StreamInfo, OpenError> {
        let wrong = |field: &str, found: &dyn std::fmt::Display, expected: &str| {
            OpenError::field(described_in, field, found, expected)
        };
        if !(self.sampling_frequency_hz > 0.0 && self.sampling_frequency_hz <= 1e6) {
            return Err(wrong(
                "sampling_frequency_hz",
                &self.sampling_frequency_hz,
                "above 0 and at most 1,000,000 Hz",
            ));
        }
        if !(1..=65_536).contains(&self.n_channels) {
            return Err(wrong("n_channels", &self.n_channels, "1 to 65,536"));
        }
        if !self.gain_to_uv.is_finite() || self.gain_to_uv == 0.0 {
            return Err(wrong("gain_to_uv", &self.gain_to_uv, "a number other than 0"));
        }
        if self.positions_um.as_ref().is_some_and(|positions| positions.len() != self.n_channels) {
            return Err(wrong("positions_um", &"a list of another length", "one [x, y] per channel"));
        }
        let ids = (0..self.n_channels).map(|at| at.to_string()).collect();
        let mut info = uniform("traces", self.sampling_frequency_hz, self.sample_type, ids, self.gain_to_uv);
        info.offset_to_uv.fill(self.offset_to_uv);
        info.positions_um.clone_from(&self.positions_um);
        Ok(info)
    }

    fn open_rows(&self, data: &NamedFile, described_in: &str) -> Result<Recording, OpenError> {
        let mut info = self.info(described_in)?;
        let raw = vec![SegmentFile {
            path: data.path.clone(),
            file: data.file.clone(),
            offset_bytes: self.file_offset_bytes,
        }];
        let row_bytes = self.n_channels * self.sample_type.size_bytes();
        info.segments = segments(&raw, row_bytes, |_| 0.0);
        Ok(Recording {
            format: "plain_binary",
            spikes: None,
            notes: cut_notes(&raw, row_bytes),
            streams: vec![Box::new(Interleaved::whole(info, raw))],
            events: Vec::new(),
            facts: Vec::new(),
        })
    }
}
