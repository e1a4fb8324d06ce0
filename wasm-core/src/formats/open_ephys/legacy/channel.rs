//! A file of the old format: its name and header, and the clock of its records.

use super::{HEADER_BYTES, RECORD_BYTES, RECORD_SAMPLES};
use crate::formats::OpenError;
use crate::formats::clock::{self, Counts};
use crate::formats::text_header::{bytes, latin1, stem, u16_at, u64_at};
use crate::io::NamedFile;
use crate::recording::StreamKind;

/// Letters in front of the numbers of channels that are no electrodes.
const NO_ELECTRODES: [&str; 3] = ["ADC", "AUX", "SYNC"];

/// Who wrote a file: the folder of its record node, and processor and stream, such as `100_ProbeA-AP`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub folder: String,
    pub prefix: String,
}

/// One file.
pub struct Channel {
    pub file: NamedFile,
    pub source: Source,
    /// Such as `CH12`.
    pub name: String,
    /// Which recording of the session, from 1.
    pub part: u32,
    pub rate_hz: f64,
    pub bit_volts: f64,
    /// Letters such as `CH` or `ADC`: of the name, or of the header where the name has none.
    pub kind: String,
    pub n_records: u64,
    /// The name in the header, which a person may have changed.
    pub label: String,
    /// When the file was made.
    pub created: String,
}

/// Records that follow one another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub record: u64,
    pub n_records: u64,
    /// Of its first sample.
    pub timestamp: u64,
}

impl Run {
    pub const fn end(&self) -> u64 {
        self.timestamp.saturating_add(self.n_records * RECORD_SAMPLES)
    }
}

/// The letters in front of a channel's number.
fn kind_of(name: &str) -> String {
    name.chars().take_while(|c| !c.is_ascii_digit()).collect()
}

impl Channel {
    pub fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let text = latin1(&bytes(file, 0, usize::try_from(HEADER_BYTES).unwrap_or(0))?);
        let value = |key: &str| {
            text.split(';').find_map(|line| {
                let (name, value) = line.trim().strip_prefix("header.")?.split_once('=')?;
                (name.trim() == key).then(|| value.trim().to_owned())
            })
        };
        let number = |key: &str| {
            let value = value(key);
            let parsed = value.as_deref().and_then(|value| value.parse::<f64>().ok());
            parsed
                .ok_or_else(|| OpenError::field(&file.path, key, value.unwrap_or_else(|| "missing".into()), "a number"))
        };
        // `100_CH1`, `100_CH1_2` of the second recording, `100_1_CH1` or `100_RhythmData-A_CH1`.
        let parts: Vec<&str> = stem(file).split('_').collect();
        let is_name = |part: &&str| {
            part.len() > 2
                && part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.ends_with(|c: char| c.is_ascii_digit())
        };
        let at = parts.iter().rposition(|part| is_name(part) && !part.contains('-')).unwrap_or(parts.len() - 1);
        let name = parts[at].to_owned();
        // `106_17` names no kind: the header does.
        let kind = Some(kind_of(&name)).filter(|kind| !kind.is_empty());
        let kind = kind.unwrap_or_else(|| kind_of(value("channel").unwrap_or_default().trim_matches('\'')));
        Ok(Self {
            file: file.clone(),
            source: Source { folder: file.folder().to_owned(), prefix: parts[..at].join("_") },
            name,
            kind,
            part: parts.get(at + 1).and_then(|part| part.parse().ok()).unwrap_or(1),
            rate_hz: number("sampleRate")?,
            bit_volts: number("bitVolts")?,
            n_records: (file.file.size_bytes() - HEADER_BYTES) / RECORD_BYTES,
            label: value("channel").unwrap_or_default().trim_matches('\'').to_owned(),
            created: value("date_created").unwrap_or_default().trim_matches('\'').to_owned(),
        })
    }

    /// Whether the file ends in the middle of a record.
    pub fn is_cut(&self) -> bool {
        !(self.file.file.size_bytes() - HEADER_BYTES).is_multiple_of(RECORD_BYTES)
    }

    /// Whether its values are microvolts, or volts.
    pub fn is_electrode(&self) -> bool {
        self.kind == "CH"
    }

    pub fn stream_kind(&self) -> StreamKind {
        let is_other = NO_ELECTRODES.iter().any(|other| self.kind.to_uppercase().starts_with(other));
        if is_other { StreamKind::Auxiliary } else { StreamKind::Electrodes }
    }

    pub fn number(&self) -> u32 {
        self.name.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
    }

    /// The number of a record's first sample. Records that were never written hold zeros.
    fn timestamp(&self, record: u64) -> Result<u64, OpenError> {
        let header = bytes(&self.file, HEADER_BYTES + record * RECORD_BYTES, 12)?;
        let found = u16_at(&header, 8);
        if u64::from(found) != RECORD_SAMPLES && header.iter().any(|byte| *byte != 0) {
            let field = format!("samples of record {record}");
            return Err(OpenError::field(&self.file.path, &field, found, RECORD_SAMPLES));
        }
        Ok(u64_at(&header, 0))
    }

    /// The runs of records of the channel.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "timestamps stay far below 2^53; damaged ones saturate"
    )]
    pub fn runs(&self, notes: &mut Vec<String>) -> Result<Vec<Run>, OpenError> {
        let clock = clock::read(self.n_records * RECORD_SAMPLES, Counts::Frames { wraps_at: None }, |range| {
            let mut values = Vec::new();
            for record in range.start / RECORD_SAMPLES..range.end.div_ceil(RECORD_SAMPLES) {
                let stamp = self.timestamp(record)? as f64;
                let first = record * RECORD_SAMPLES;
                let own = first.max(range.start)..(first + RECORD_SAMPLES).min(range.end);
                values.extend(own.map(|sample| stamp + (sample - first) as f64));
            }
            Ok::<_, OpenError>(values)
        })?;
        notes.extend(clock.note(&self.file.path));
        let run = |(at, run): (usize, &clock::Run)| {
            let record = run.first / RECORD_SAMPLES;
            let end = clock.runs.get(at + 1).map_or(self.n_records, |next| next.first / RECORD_SAMPLES);
            Run { record, n_records: end.saturating_sub(record), timestamp: run.start as u64 }
        };
        Ok(clock.runs.iter().enumerate().map(run).filter(|run| run.n_records > 0).collect())
    }
}
