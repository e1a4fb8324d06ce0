//! Header of an EDF: who, when, and what each signal is.

use super::kinds::{is_electrode, unit_uv};
use crate::formats::OpenError;
use crate::formats::text_header::{bytes, date_time, decoded, shared};
use crate::formats::told::Facts;
use crate::io::NamedFile;

const HEADER_BYTES: usize = 256;
const SIGNAL_BYTES: usize = 256;
/// Widths of the columns that a signal's header is made of, in order: label, transducer,
/// dimension, physical and digital limits, prefilter, samples per record, reserved.
const WIDTHS: [usize; 10] = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
const MAX_SIGNALS: usize = 4096;
/// Two digits of a year from here on belong to the 20th century.
const FIRST_YEAR: u32 = 85;
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// The header, which stands before the records.
pub struct Header {
    pub signals: Vec<Signal>,
    /// Bytes before the first record, of a record, and of a sample.
    pub data_at: u64,
    pub record_bytes: u64,
    pub sample_bytes: usize,
    /// Seconds of a record.
    pub seconds: f64,
    /// Number of records; -1 while recording.
    pub n_claimed: Option<f64>,
    /// Whether the file says that records need not follow one another.
    pub has_gaps: bool,
    pub facts: Facts,
    pub notes: Vec<String>,
}

/// A signal of the file.
pub struct Signal {
    pub label: String,
    pub unit: String,
    /// Units of a step and of a stored zero; none where the limits give no scale.
    pub scale: Option<(f64, f64)>,
    pub n_samples: usize,
    /// First byte of its samples in the first record.
    pub first_byte: u64,
    transducer: String,
    prefilter: String,
}

/// A number in a field; some programs write decimals by commas.
fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite())
}

impl Header {
    /// # Errors
    /// Where the places of samples in the file cannot be told.
    pub fn read(file: &NamedFile, is_bdf: bool) -> Result<Self, OpenError> {
        let fixed = bytes(file, 0, HEADER_BYTES)?;
        let text = |from: usize, size: usize| decoded(&fixed[from..from + size]);
        let required = |field: &str, from: usize, size: usize| {
            let wrong = || OpenError::field(&file.path, field, text(from, size), "a number");
            number(&text(from, size)).ok_or_else(wrong)
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small")]
        let n_signals = required("number of signals", 252, 4)?.clamp(0.0, 1e6) as usize;
        if n_signals > MAX_SIGNALS {
            return Err(OpenError::field(&file.path, "number of signals", n_signals, format!("at most {MAX_SIGNALS}")));
        }
        let table = bytes(file, HEADER_BYTES as u64, n_signals * SIGNAL_BYTES)?;
        let data_at = (HEADER_BYTES + n_signals * SIGNAL_BYTES) as u64;
        let sample_bytes = if is_bdf { 3 } else { 2 };
        let mut signals = Vec::new();
        let mut record_bytes = 0;
        for at in 0..n_signals {
            let signal = Signal::read(file, &table, n_signals, at, data_at + record_bytes)?;
            record_bytes += (signal.n_samples * sample_bytes) as u64;
            signals.push(signal);
        }
        if record_bytes == 0 {
            return Err(OpenError::field(&file.path, "samples per record", 0, "at least one"));
        }
        let seconds = required("duration of a record", 244, 8)?;
        let has_signal = signals.iter().any(|signal| !signal.is_annotation() && signal.n_samples > 0);
        if has_signal && seconds <= 0.0 {
            return Err(OpenError::field(&file.path, "duration of a record", seconds, "above 0 seconds"));
        }
        let facts = facts([text(8, 80), text(88, 80), text(168, 8), text(176, 8)], &signals);
        Ok(Self {
            notes: notes(file, &signals),
            signals,
            data_at,
            record_bytes,
            sample_bytes,
            seconds,
            n_claimed: number(&text(236, 8)),
            has_gaps: ["EDF+D", "BDF+D"].contains(&text(192, 5).as_str()),
            facts,
        })
    }
}

impl Signal {
    fn read(file: &NamedFile, table: &[u8], n: usize, at: usize, first_byte: u64) -> Result<Self, OpenError> {
        let column = |column: usize| {
            let before: usize = WIDTHS[..column].iter().sum();
            decoded(&table[before * n + at * WIDTHS[column]..][..WIDTHS[column]])
        };
        let label = column(0);
        let wrong = || OpenError::field(&file.path, &format!("samples per record of {label}"), column(8), "a number");
        let n_samples = number(&column(8)).ok_or_else(wrong)?;
        let limits: Vec<f64> = (3..7).filter_map(|index| number(&column(index))).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the file's size")]
        let n_samples = n_samples.clamp(0.0, 1e8) as usize;
        let (unit, transducer, prefilter) = (column(2), column(1), column(7));
        Ok(Self { scale: scale(&limits), unit, transducer, prefilter, n_samples, first_byte, label })
    }

    /// Whether it holds texts instead of samples.
    pub fn is_annotation(&self) -> bool {
        self.label.ends_with(" Annotations")
    }

    /// Whether it comes from an electrode.
    pub fn is_electrode(&self) -> bool {
        is_electrode(&self.label, &self.unit)
    }

    /// Microvolts of a step and of a stored zero; other units stand as they are.
    pub fn scale_uv(&self) -> (f64, f64) {
        let uv = unit_uv(&self.unit).unwrap_or(1.0);
        self.scale.map_or((uv, 0.0), |(gain, offset)| (gain * uv, offset * uv))
    }
}

/// The specification's: physical range by digital range. neo counts one step more.
fn scale(limits: &[f64]) -> Option<(f64, f64)> {
    let [low, high, digital_low, digital_high] = *limits else { return None };
    let gain = (high - low) / (digital_high - digital_low);
    (digital_high != digital_low && gain != 0.0 && gain.is_finite()).then_some((gain, low - digital_low * gain))
}

fn notes(file: &NamedFile, signals: &[Signal]) -> Vec<String> {
    let own = || signals.iter().filter(|signal| !signal.is_annotation());
    let list = |of: &dyn Fn(&Signal) -> Option<String>| own().filter_map(of).take(8).collect::<Vec<_>>().join(", ");
    let unscaled = list(&|signal| signal.scale.is_none().then(|| signal.label.clone()));
    let unlike = list(&|signal| {
        let is_other = unit_uv(&signal.unit).is_none() && !signal.is_electrode() && !signal.unit.is_empty();
        is_other.then(|| format!("{} ({})", signal.label, signal.unit))
    });
    let unknown =
        list(&|signal| (unit_uv(&signal.unit).is_none() && signal.is_electrode()).then(|| signal.label.clone()));
    let mut notes = Vec::new();
    if !unknown.is_empty() {
        notes.push(format!("{}: the unit of {unknown} is not known; values are shown as µV.", file.path));
    }
    if !unscaled.is_empty() {
        notes.push(format!(
            "{}: the limits of {unscaled} give no scale; values are in steps of the converter, shown as µV.",
            file.path
        ));
    }
    if !unlike.is_empty() {
        notes.push(format!("{}: values of {unlike} are in the unit named here, shown as µV.", file.path));
    }
    notes
}

/// The facts of the session in the header. The recording's field of EDF+ names the day in full, the
/// administration's code, who recorded, and the equipment; an X stands for nothing.
fn facts([subject, recording, date, time]: [String; 4], signals: &[Signal]) -> Facts {
    let mut facts = Facts::default();
    let parts: Vec<&str> = recording.split_whitespace().collect();
    let is_plus = parts.first() == Some(&"Startdate");
    let full_date = parts.get(1).filter(|_| is_plus).copied();
    facts.add_some("Recorded", recorded(full_date, &date, &time));
    if subject.split_whitespace().any(|part| part != "X") {
        facts.add("Subject", &subject);
    }
    let says = |part: &&&str| **part != "X";
    if is_plus {
        for (name, at) in [("Administration code", 2), ("Operator", 3)] {
            facts.add_some(name, parts.get(at).filter(says));
        }
        let equipment: Vec<&str> = parts.iter().skip(4).filter(says).copied().collect();
        facts.add("Equipment", equipment.join(" "));
    } else {
        facts.add("Recording", &recording);
    }
    let own = || signals.iter().filter(|signal| signal.is_electrode() && !signal.is_annotation());
    facts.add_some("Transducer", shared(own().map(|signal| signal.transducer.as_str())));
    facts.add_some("Prefiltering", shared(own().map(|signal| signal.prefilter.as_str())));
    facts
}

/// Date and time of the start: of the full date `02-MAR-2022` where there is one, else of
/// `02.03.22`.
fn recorded(full_date: Option<&str>, date: &str, time: &str) -> Option<String> {
    let numbers = |text: &str| -> Option<[u32; 3]> {
        let parts = text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?.try_into().ok()
    };
    let in_full = full_date.and_then(|text| {
        let mut parts = text.split('-');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
        Some([year.parse().ok()?, u32::try_from(month).ok()? + 1, day.parse().ok()?])
    });
    let short = || {
        let [day, month, year] = numbers(date)?;
        let century = if year >= FIRST_YEAR { 1900 } else { 2000 };
        Some([if year < 100 { century + year } else { year }, month, day])
    };
    date_time(in_full.or_else(short)?, numbers(time)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_those_of_the_specification() {
        assert_eq!(scale(&[-10.0, 10.0, -50.0, 50.0]), Some((0.2, 0.0)));
        assert_eq!(scale(&[0.0, 100.0, 0.0, 100.0]), Some((1.0, 0.0)));
        assert_eq!(scale(&[0.0, 100.0, 7.0, 7.0]), None);
        assert_eq!(scale(&[5.0, 5.0, 0.0, 100.0]), None);
        assert_eq!(scale(&[5.0, 5.0]), None);
    }

    #[test]
    fn years_have_two_digits_or_four() {
        let of = |full: Option<&str>, date: &str| recorded(full, date, "10.42.19");
        assert_eq!(of(None, "02.03.22").as_deref(), Some("2022-03-02T10:42:19"));
        assert_eq!(of(None, "02.03.85").as_deref(), Some("1985-03-02T10:42:19"));
        assert_eq!(of(None, "02.03.84").as_deref(), Some("2084-03-02T10:42:19"));
        assert_eq!(of(Some("02-MAR-2090"), "02.03.yy").as_deref(), Some("2090-03-02T10:42:19"));
        assert_eq!(of(Some("X"), ""), None);
    }
}
