//! The header of an `.ncs` file: text lines of a name and a value.

use super::{HEADER_BYTES, RECORD_BYTES, RECORD_SAMPLES};
use crate::formats::OpenError;
use crate::formats::text_header::{bytes, date_time, decoded, shared, stem, u64_at};
use crate::formats::told::Facts;
use crate::io::NamedFile;

/// What separates streams besides the rate and range.
const FILTER_KEYS: &[&str] = &[
    "DSPLowCutFilterEnabled",
    "DspLowCutFrequency",
    "DspLowCutFilterType",
    "DspLowCutNumTaps",
    "DSPHighCutFilterEnabled",
    "DspHighCutFrequency",
    "DspHighCutFilterType",
    "DspHighCutNumTaps",
    "DspDelayCompensation",
];

/// Names and values of filter settings.
pub type Filters = Vec<(String, String)>;

/// Rate, range in microvolts, filters: what channels of one stream share.
pub type StreamKey<'a> = (f64, Option<i64>, &'a Filters);

/// One `.ncs` file.
pub struct Channel {
    pub file: NamedFile,
    pub id: String,
    /// What the person who recorded called it.
    pub name: String,
    pub rate_hz: f64,
    pub gain_to_uv: f64,
    pub input_range_uv: Option<i64>,
    pub filters: Filters,
    pub n_records: u64,
    /// Timestamps of the first and the last record.
    pub first_us: u64,
    pub last_us: u64,
    /// Lines of the header: names without their `-`, and values.
    lines: Vec<(String, String)>,
    opened: Option<String>,
}

impl Channel {
    /// # Errors
    /// Where the header lacks the rate or the scale.
    pub fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let size = usize::try_from(HEADER_BYTES.min(file.file.size_bytes())).unwrap_or(0);
        let text = decoded(&bytes(file, 0, size)?);
        let line = |line: &str| {
            let (name, value) = line.trim().strip_prefix('-')?.split_once(char::is_whitespace)?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        let lines: Vec<(String, String)> = text.lines().filter_map(line).collect();
        let value = |key: &str| lines.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        let number = |key: &str| value(key).and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        let required = |key: &str| {
            number(key).ok_or_else(|| OpenError::field(&file.path, key, value(key).unwrap_or("missing"), "a number"))
        };
        let inverted = value("InputInverted").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let volts = required("ADBitVolts")?;
        let filters = FILTER_KEYS.iter().filter_map(|key| Some(((*key).to_owned(), value(key)?.to_owned()))).collect();
        let first_word = |text: &str| text.split_whitespace().next().unwrap_or("").to_owned();
        let n_records = file.file.size_bytes().saturating_sub(HEADER_BYTES) / RECORD_BYTES;
        if n_records == 0 {
            return Err(OpenError::field(&file.path, "records", "none behind the header", "at least one"));
        }
        let stamp_us = |record: u64| -> Result<u64, OpenError> {
            Ok(u64_at(&bytes(file, HEADER_BYTES + record * RECORD_BYTES, 8)?, 0))
        };
        let name = value("AcqEntName").filter(|name| !name.is_empty()).unwrap_or_else(|| stem(file));
        Ok(Self {
            id: value("ADChannel").map_or_else(|| "unknown".to_owned(), first_word),
            name: name.trim_matches('"').to_owned(),
            rate_hz: required("SamplingFrequency")?,
            gain_to_uv: volts * if inverted { -1e6 } else { 1e6 },
            #[expect(clippy::cast_possible_truncation, reason = "microvolts")]
            input_range_uv: number("InputRange").map(|range| range as i64),
            filters,
            first_us: stamp_us(0)?,
            last_us: stamp_us(n_records - 1)?,
            n_records,
            opened: opened(&text).or_else(|| value("TimeCreated").and_then(written)),
            lines,
            file: file.clone(),
        })
    }

    pub const fn key(&self) -> StreamKey<'_> {
        (self.rate_hz, self.input_range_uv, &self.filters)
    }

    /// Whether both were recorded together: the same settings, start and end, but for a last
    /// record or two that one of them lacks.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
    pub fn goes_with(&self, other: &Self) -> bool {
        let record_us = RECORD_SAMPLES as f64 * 1e6 / self.rate_hz;
        let n_more = self.n_records.abs_diff(other.n_records);
        let later_us = self.last_us.abs_diff(other.last_us) as f64;
        self.key() == other.key()
            && self.first_us == other.first_us
            && n_more <= 2
            && (later_us - n_more as f64 * record_us).abs() <= record_us / 4.0
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.lines.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// What all headers tell of the session and the hardware.
pub fn facts(channels: &[Channel]) -> Facts {
    let mut facts = Facts::default();
    facts.add_some("Recorded", channels.iter().find_map(|channel| channel.opened.as_ref()));
    let of_all = |key: &str| {
        let values = channels.iter().map(|channel| channel.value(key).unwrap_or_default());
        shared(values).map(|value| value.replace('"', ""))
    };
    for (name, keys) in [
        ("Program", ["ApplicationName", "CheetahRev"]),
        ("Acquisition system", ["AcquisitionSystem", "HardwareSubSystemType"]),
        ("Probe", ["ProbeName", "ProbeName"]),
        ("Reference", ["ReferenceChannel", "ReferenceChannel"]),
        ("Input range (µV)", ["InputRange", "InputRange"]),
        ("High-pass of the hardware (Hz)", ["DspLowCutFrequency", "AmpLowCut"]),
        ("Low-pass of the hardware (Hz)", ["DspHighCutFrequency", "AmpHiCut"]),
        ("Session", ["SessionUUID", "SessionUUID"]),
    ] {
        facts.add_some(name, keys.iter().find_map(|key| of_all(key).filter(|value| !value.is_empty())));
    }
    facts
}

/// Date and time of `2017/02/16 17:56:04`.
fn written(text: &str) -> Option<String> {
    let numbers: Vec<u32> = numbers(text).collect();
    let [year, month, day, hour, minute, second, ..] = *numbers.as_slice() else { return None };
    date_time([year, month, day], [hour, minute, second])
}

/// Date and time of the line that tells when the file was opened, the month first:
/// `## Time Opened (m/d/y): 3/20/2013  (h:m:s.ms) 14:0:20.3`.
fn opened(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("## Time Opened"))?;
    let numbers: Vec<u32> = numbers(line.split_once("(m/d/y)").map_or(line, |(_, rest)| rest)).collect();
    let [month, day, year, hour, minute, second, ..] = *numbers.as_slice() else { return None };
    date_time([if year < 100 { 2000 + year } else { year }, month, day], [hour, minute, second])
}

fn numbers(text: &str) -> impl Iterator<Item = u32> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_old_and_new_headers() {
        let old = "## Time Opened (m/d/y): 11/29/2013  (h:m:s.ms) 17:5:16.793";
        assert_eq!(opened(old).as_deref(), Some("2013-11-29T17:05:16"));
        assert_eq!(
            opened("## Time Opened: (m/d/y): 12/11/15  At Time: 11:37:39.000").as_deref(),
            Some("2015-12-11T11:37:39")
        );
        assert_eq!(written("2017/02/16 17:56:04").as_deref(), Some("2017-02-16T17:56:04"));
        assert_eq!((opened("-CheetahRev 5"), written("")), (None, None));
    }
}
