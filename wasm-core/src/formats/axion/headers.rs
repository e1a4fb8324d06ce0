//! The headers of an Axion file: rate, scale, sizes, and where electrodes are wired to.

use crate::formats::text_header::{date_time, u16_at, u32_at, u64_at};

/// An electrode of the plate.
#[derive(Clone)]
pub struct Electrode {
    /// Row and column of the well, then column and row in it, from 1.
    pub well_row: u8,
    pub well_column: u8,
    pub column: u8,
    pub row: u8,
    /// Number on the amplifier, and the amplifier's.
    pub channel_and_chip: [u8; 2],
}

impl Electrode {
    /// Well column and row, electrode column and row, chip, channel, spare.
    pub fn read(entry: [u8; 8]) -> Self {
        let [well_column, well_row, column, row, chip, channel, ..] = entry;
        Self { well_row, well_column, column, row, channel_and_chip: [channel, chip] }
    }

    /// The well's name.
    pub fn well(&self) -> String {
        well_name(self.well_row, self.well_column)
    }

    /// As AxIS prints it.
    pub fn id(&self) -> String {
        format!("{}_{}{}", self.well(), self.column, self.row)
    }
}

/// The name of a well in a row and a column, from 1.
pub fn well_name(row: u8, column: u8) -> String {
    format!("{}{column}", char::from(b'A' + row.saturating_sub(1).min(25)))
}

/// How blocks of data are read.
pub struct VectorHeader {
    pub sampling_frequency_hz: f64,
    pub volts_per_step: f64,
    pub n_channels: usize,
    pub n_samples: u32,
    pub header_bytes: u32,
    /// When the data began, on the clock of the computer that wrote the file.
    pub started: Option<String>,
    /// Seconds, where the header states them.
    pub duration_s: Option<f64>,
}

impl VectorHeader {
    /// Rate, scale, two times of fourteen bytes, first block, channels, samples, header size.
    pub fn read(entry: &[u8]) -> Self {
        Self {
            sampling_frequency_hz: f64::from_bits(u64_at(entry, 0)),
            volts_per_step: f64::from_bits(u64_at(entry, 8)),
            n_channels: u32_at(entry, 52) as usize,
            n_samples: u32_at(entry, 56),
            header_bytes: u32_at(entry, 60),
            started: time(entry, 16),
            duration_s: None,
        }
    }
}

/// Year, month, day, hour, minute, second and millisecond of two bytes each.
fn time(entry: &[u8], at: usize) -> Option<String> {
    let part = |number: usize| u32::from(u16_at(entry, at + 2 * number));
    date_time([part(0), part(1), part(2)], [part(3), part(4), part(5)])
}

/// What newer systems write instead of the headers and the data's own entry.
pub struct Combined {
    pub header: VectorHeader,
    /// Place and length of the data.
    pub data: (u64, u64),
    /// Channel and chip of each column of continuous data.
    pub columns: Vec<[u8; 2]>,
    pub description: String,
}

impl Combined {
    /// Versions and types of two bytes each; rate, scale; numbers of channels, of data sets and of
    /// samples in a block, sizes of the headers of all and of a block; four times of fourteen
    /// bytes; since version 1.1 the duration; a name and a description; place and length of the
    /// data; a checksum; then the channel and chip of each column.
    pub fn read(entry: &[u8]) -> Option<Self> {
        const TIMES_AT: usize = 44;
        const TIMES_END: usize = TIMES_AT + 4 * 14;
        let n_channels = u32_at(entry, 24) as usize;
        let has_duration = (u16_at(entry, 0), u16_at(entry, 2)) >= (1, 1);
        let duration_s = Some(f64::from_bits(u64_at(entry, TIMES_END)))
            .filter(|duration_s| has_duration && duration_s.is_finite() && *duration_s > 0.0);
        let mut at = TIMES_END + if has_duration { 8 } else { 0 };
        let mut texts = Vec::new();
        for _ in 0..2 {
            let (text, end) = text(entry, at)?;
            texts.push(text);
            at = end;
        }
        let columns = entry.get(at.checked_add(20)?..)?.get(..n_channels.checked_mul(2)?)?;
        Some(Self {
            header: VectorHeader {
                sampling_frequency_hz: f64::from_bits(u64_at(entry, 8)),
                volts_per_step: f64::from_bits(u64_at(entry, 16)),
                n_channels,
                n_samples: u32_at(entry, 32),
                header_bytes: u32_at(entry, 40),
                started: time(entry, TIMES_AT),
                duration_s,
            },
            data: (u64_at(entry, at), u64_at(entry, at + 8)),
            columns: columns.as_chunks::<2>().0.to_vec(),
            description: texts.pop()?,
        })
    }
}

/// A text behind its length of four bytes, and where it ends.
pub fn text(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let length = bytes.get(at..)?.first_chunk().map(|length| i32::from_le_bytes(*length))?;
    let start = at.checked_add(4)?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    let text = String::from_utf8_lossy(bytes.get(start..end)?);
    Some((text.trim_end_matches('\0').to_owned(), end))
}
