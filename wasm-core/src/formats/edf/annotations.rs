//! Annotations of EDF+ and BDF+: times and texts in a signal of their own.
//!
//! A record's annotations are lists of `+onset[\x15duration]\x14text\x14…\x14\0`; the first
//! list tells when the record begins and has no text (Kemp & Olivan 2003).

use crate::events::{Event, Events};
use crate::formats::OpenError;
use crate::formats::text_header::{bytes, latin1};
use crate::io::NamedFile;

/// Records whose annotations are read, and bytes of them: each is a read of its own.
const MAX_RECORDS: u64 = 8192;
const MAX_BYTES: u64 = 4 << 20;
/// Digits behind the point that are believed.
const MAX_DIGITS: usize = 12;

/// Where a file's annotations are.
pub struct Place {
    /// First byte of the first record's.
    pub first_byte: u64,
    /// Bytes of them in each record.
    pub size: usize,
    /// Bytes from one record to the next.
    pub record_bytes: u64,
    /// Number of records.
    pub n_records: u64,
    /// The zero of the times.
    pub zero_s: f64,
}

/// When a record begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Seconds since the file's start.
    pub time_s: f64,
    /// Seconds of the last digit that is written.
    pub unit_s: f64,
}

/// The annotations of one record.
pub fn of_record(file: &NamedFile, place: &Place, record: u64) -> Result<Vec<u8>, OpenError> {
    bytes(file, place.first_byte + record * place.record_bytes, place.size)
}

/// When a record begins, as its first list tells; else what stands there.
pub fn start(annotations: &[u8]) -> Result<Start, String> {
    let time = annotations.split(|byte| matches!(byte, 0x14 | 0x15)).next().map(latin1).unwrap_or_default();
    let n_digits = time.split_once('.').map_or(0, |(_, digits)| digits.len().min(MAX_DIGITS));
    match time.parse::<f64>() {
        Ok(time_s) if time_s.is_finite() => {
            let unit_s = (0..n_digits).fold(1.0, |unit_s, _| unit_s / 10.0);
            Ok(Start { time_s, unit_s })
        }
        _ => Err(time),
    }
}

/// Reads the annotations that have a text; returns the number of records that were looked at.
pub fn read(file: &NamedFile, place: &Place, events: &mut Events) -> Result<u64, OpenError> {
    let n_read = place.n_records.min(MAX_RECORDS).min(MAX_BYTES / (place.size as u64).max(1));
    for record in 0..n_read {
        let annotations = of_record(file, place, record)?;
        for list in annotations.split(|byte| *byte == 0).filter(|list| !list.is_empty()) {
            let mut parts = list.split(|byte| *byte == 0x14).map(String::from_utf8_lossy);
            let time = parts.next().unwrap_or_default();
            let (onset, duration) = time.split_once('\x15').unwrap_or((&time, "0"));
            let Ok(time_s) = onset.parse::<f64>() else { continue };
            for text in parts.filter(|text| !text.is_empty()) {
                events.push(Event {
                    segment: 0,
                    time_s: time_s - place.zero_s,
                    duration_s: duration.parse().unwrap_or(0.0),
                    source: "annotations".into(),
                    label: text.into_owned(),
                });
            }
        }
    }
    Ok(n_read)
}
