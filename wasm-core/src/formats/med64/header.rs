//! The header that stands before the blocks: 123 bytes, XML, or both.

use crate::formats::OpenError;
use crate::formats::text_header::{bytes, date_time, head, u16_at, u32_at, u64_at};
use crate::io::NamedFile;

/// Bytes of the binary header; of a version with a list of 384 channels, as many more.
const HEADER_BYTES: usize = 123;
const WIDE_CHANNELS: usize = 384;
const WIDE_VERSION: u8 = 6;
/// Channels that the header itself lists.
const CHANNELS: usize = 64;
/// Where its fields are.
const VERSION_AT: usize = 8;
const RATE_AT: usize = 9;
const FACTOR_AT: usize = 33;
const CHANNELS_AT: usize = 41;
const YEAR_AT: usize = 105;
const TIME_AT: usize = 109;
/// Text in front of the data that is believed.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// Microvolts of the unit of conversion factors.
const UV_PER_MV: f64 = 1000.0;

pub struct Header {
    pub file: NamedFile,
    pub version: u8,
    pub rate_hz: f64,
    pub gain_to_uv: f64,
    /// Channels that were recorded, from 0.
    pub channels: Vec<usize>,
    /// Local date and time.
    pub recorded: Option<String>,
    /// First byte of the blocks, and the one behind their last.
    pub data_at: u64,
    pub data_end: u64,
}

impl Header {
    pub fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let size_bytes = file.file.size_bytes();
        if head::<1>(file) != Some(*b"<") {
            return Self::binary(file, 0, size_bytes);
        }
        let start = bytes(file, 0, usize::try_from(size_bytes.min(8192)).unwrap_or(0))?;
        let length = tag(&String::from_utf8_lossy(&start), "headerStringsLength").and_then(|text| text.parse().ok());
        let length: u64 = length.filter(|length| *length <= size_bytes.min(MAX_TEXT_BYTES)).ok_or_else(|| {
            OpenError::field(
                &file.path,
                "headerStringsLength",
                "missing or too large",
                "the length of the XML in bytes",
            )
        })?;
        let text = String::from_utf8_lossy(&bytes(file, 0, usize::try_from(length).unwrap_or(0))?).into_owned();
        let number = |name: &str| tag(&text, name).and_then(|text| text.parse::<f64>().ok());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; checked")]
        let index = number("IndexerTableOffsert").or_else(|| number("IndexerTableOffset")).map(|offset| offset as u64);
        let Some(data_end) = index else {
            let mut header = Self::binary(file, length, size_bytes)?;
            header.gain_to_uv = number("ConversionFactor").map_or(header.gain_to_uv, |factor| factor * UV_PER_MV);
            return Ok(header);
        };
        if !(length..=size_bytes).contains(&data_end) {
            let expected = format!("{length} to {size_bytes}");
            return Err(OpenError::field(&file.path, "IndexerTableOffset", data_end, expected));
        }
        let missing = |name: &str| OpenError::field(&file.path, name, "missing", "a number");
        let rate_hz = ["SamplingFrequency", "SamplingFreq_Hz", "sampling"].into_iter().find_map(number);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; a version")]
        let version = number("WriteFormatVersion").unwrap_or(0.0) as u8;
        Self {
            file: file.clone(),
            version,
            rate_hz: rate_hz.ok_or_else(|| missing("SamplingFrequency"))?,
            gain_to_uv: number("ConversionFactor").ok_or_else(|| missing("ConversionFactor"))? * UV_PER_MV,
            channels: listed(&text).ok_or_else(|| missing("ActiveChannels"))?,
            recorded: None,
            data_at: length,
            data_end,
        }
        .checked()
    }

    /// The binary header at a place.
    fn binary(file: &NamedFile, at: u64, data_end: u64) -> Result<Self, OpenError> {
        let fixed = bytes(file, at, HEADER_BYTES)?;
        let version = fixed.get(VERSION_AT).copied().unwrap_or(0);
        let number = |at: usize| f64::from_bits(u64_at(&fixed, at));
        let mut data_at = at + HEADER_BYTES as u64;
        let flags = if version == WIDE_VERSION {
            let wide = bytes(file, data_at, WIDE_CHANNELS)?;
            data_at += WIDE_CHANNELS as u64;
            wide
        } else {
            fixed.get(CHANNELS_AT..CHANNELS_AT + CHANNELS).unwrap_or_default().to_vec()
        };
        if flags.iter().any(|flag| *flag > 1) {
            let found = "other bytes than 0 and 1";
            return Err(OpenError::field(&file.path, "list of channels", found, "0 or 1 for each channel"));
        }
        let [month, day] = [YEAR_AT + 2, YEAR_AT + 3].map(|at| u32::from(fixed.get(at).copied().unwrap_or(0)));
        let second = u32_at(&fixed, TIME_AT) / 1000;
        let date = [u32::from(u16_at(&fixed, YEAR_AT)), month, day];
        let recorded = date_time(date, [second / 3600, second / 60 % 60, second % 60]);
        Self {
            file: file.clone(),
            version,
            rate_hz: number(RATE_AT),
            gain_to_uv: number(FACTOR_AT) * UV_PER_MV,
            channels: (0..flags.len()).filter(|at| flags[*at] == 1).collect(),
            recorded,
            data_at,
            data_end,
        }
        .checked()
    }

    /// The header, unless it is that of something else.
    fn checked(self) -> Result<Self, OpenError> {
        let wrong = |field: &str, found: &dyn std::fmt::Display, expected: &str| {
            Err(OpenError::field(&self.file.path, field, found, expected))
        };
        if !(self.rate_hz > 0.0 && self.rate_hz <= 1e6) {
            return wrong("sampling frequency", &self.rate_hz, "above 0 and at most 1,000,000 Hz");
        }
        if !(self.gain_to_uv.is_finite() && self.gain_to_uv != 0.0) {
            return wrong("conversion factor", &self.gain_to_uv, "millivolts of a step");
        }
        if self.channels.is_empty() {
            return wrong("list of channels", &"empty", "at least one channel");
        }
        Ok(self)
    }
}

/// The text between `<name>` and `</name>`.
fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let after = text.split_once(&format!("<{name}>"))?.1;
    Some(after.split_once(&format!("</{name}>"))?.0.trim())
}

/// Channels that are on: a list of their numbers, or 0 or 1 for each.
fn listed(text: &str) -> Option<Vec<usize>> {
    let numbers = tag(text, "ActiveChannels")?.split([',', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty());
    let numbers: Vec<usize> =
        numbers.map(|word| word.parse().ok().filter(|n| *n < WIDE_CHANNELS)).collect::<Option<_>>()?;
    let n_channels = tag(text, "NumberChannels").and_then(|text| text.parse::<usize>().ok());
    let is_flags =
        numbers.iter().all(|number| *number <= 1) && (numbers.len() >= 128 || n_channels == Some(numbers.len()));
    Some(if is_flags { (0..numbers.len()).filter(|at| numbers[*at] == 1).collect() } else { numbers })
}
