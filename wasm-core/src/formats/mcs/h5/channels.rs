//! The table of a stream's channels: where their samples are, what a step is worth.
//!
//! Columns are found by name: tables of older programs have fewer of them.

use super::labels::Electrode;
use crate::formats::hdf5::H5;
use crate::formats::{OpenError, channel_count};

/// A channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The system's number.
    pub id: i64,
    /// Row of the samples.
    pub row: usize,
    /// Name and group of the electrode.
    pub electrode: Electrode,
    /// Unit of the values, such as `V`.
    pub unit: String,
    /// One step, in microvolts where the unit is volts, else in the unit.
    pub gain: f64,
    /// What a stored zero stands for.
    pub offset: f64,
    /// Microseconds between two samples.
    pub tick_us: f64,
    /// Kind and cut-off frequency of the high-pass and the low-pass filter, as the file writes them.
    pub filters: [String; 2],
}

/// Microvolts of a volt, as a power of ten.
const MICROVOLT_EXPONENT: f64 = 6.0;

/// A small whole number.
#[expect(clippy::cast_possible_truncation, reason = "checked to be small and whole")]
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 1e15).then_some(value as i64)
}

/// The channels of a table, in its order.
pub fn read(file: &H5, table: &str) -> Result<Vec<Channel>, OpenError> {
    let ids = file.column(table, "ChannelID")?;
    channel_count(ids.len() as u64).ok_or_else(|| file.problem(table, &format!("of {} channels", ids.len())))?;
    let ticks = file.column(table, "Tick")?;
    let (factors, exponents) = (file.column(table, "ConversionFactor")?, file.column(table, "Exponent")?);
    let numbers = |name: &str| file.column(table, name).unwrap_or_default();
    let texts = |name: &str| file.texts(table, name).unwrap_or_default();
    let (rows, zeros, groups) = (numbers("RowIndex"), numbers("ADZero"), numbers("GroupID"));
    let (labels, units) = (texts("Label"), texts("Unit"));
    let passes = ["HighPass", "LowPass"]
        .map(|pass| (texts(&format!("{pass}FilterType")), texts(&format!("{pass}FilterCutOffFrequency"))));
    let tidy = |texts: &[String], at: usize| {
        let text = texts.get(at).map(String::as_str).unwrap_or_default();
        text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
    };
    let mut channels = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        let wrong = |field: &str, found: f64| file.problem(&format!("{table}.{field} of channel {at}"), &found);
        let number = |values: &[f64], or: f64| values.get(at).copied().unwrap_or(or);
        // Tables of sources have no rows. A row that cannot be is one that does not exist.
        let stored = |row: &f64| whole(*row).and_then(|row| usize::try_from(row).ok()).unwrap_or(usize::MAX);
        let row = rows.get(at).map_or(at, stored);
        let tick_us = number(&ticks, 0.0);
        if !(tick_us > 0.0 && tick_us.is_finite()) {
            return Err(wrong("Tick", tick_us));
        }
        let unit = tidy(&units, at);
        let in_volts = unit.is_empty() || unit.eq_ignore_ascii_case("V");
        // Factors are whole numbers of 10^exponent units. Digital words have none: a step is a step.
        let factor = number(&factors, 0.0) * 10_f64.powf(number(&exponents, 0.0));
        let gain = match factor {
            0.0 => 1.0,
            _ if in_volts => number(&factors, 0.0) * 10_f64.powf(number(&exponents, 0.0) + MICROVOLT_EXPONENT),
            factor => factor,
        };
        let filter = |(kinds, cutoffs): &(Vec<String>, Vec<String>)| {
            let (kind, cutoff) = (tidy(kinds, at), tidy(cutoffs, at));
            // -1 stands for no filter.
            if cutoff.starts_with('-') { String::new() } else { format!("{kind} {cutoff}").trim().to_owned() }
        };
        channels.push(Channel {
            id: whole(*id).ok_or_else(|| wrong("ChannelID", *id))?,
            row,
            electrode: Electrode { label: tidy(&labels, at), group: whole(number(&groups, 0.0)).unwrap_or(0) },
            unit,
            gain,
            offset: if factor == 0.0 { 0.0 } else { -number(&zeros, 0.0) * gain },
            tick_us,
            filters: [filter(&passes[0]), filter(&passes[1])],
        });
    }
    Ok(channels)
}

/// The channels of a stream whose samples have so many rows. Those whose row does not exist, or
/// is that of another channel, are left out, and named.
pub fn with_rows(channels: Vec<Channel>, n_rows: u64, what: &str, notes: &mut Vec<String>) -> Vec<Channel> {
    let mut taken = std::collections::HashSet::new();
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for channel in channels {
        if (channel.row as u64) < n_rows && taken.insert(channel.row) {
            kept.push(channel);
        } else {
            left_out.push(format!("{} (row {})", channel.id, channel.row));
        }
    }
    if !left_out.is_empty() {
        left_out.truncate(8);
        let named = left_out.join(", ");
        notes.push(format!("{what}: channels {named} have no row of their own among {n_rows}, and are left out."));
    }
    kept
}
