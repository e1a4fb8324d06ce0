//! EDF(+) and BDF(+): data records in which each signal has its own number of samples.
//!
//! Signals of equal rate form a stream, named as neo names it. Layout: Kemp & Olivan 2003,
//! doi:10.1016/S1388-2457(03)00123-8, and BioSemi's 24-bit variant.

use super::edf_annotations::{self as annotations, Place};
use super::interleaved::uniform;
use super::records::{Encoding, Part, Records, Track};
use super::text_header::{bytes, head, latin1};
use super::{Attempt, OpenError, Recording};
use crate::events::Events;
use crate::io::{FileSet, NamedFile};
use crate::recording::{FrameSource, SegmentInfo};
use crate::sample::SampleType;

const HEADER_BYTES: usize = 256;
const SIGNAL_BYTES: usize = 256;
/// Widths of the columns that a signal's header is made of, in order: label, transducer,
/// dimension, physical and digital limits, prefilter, samples per record, reserved.
const WIDTHS: [usize; 10] = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
const MAX_SIGNALS: usize = 4096;
/// Part of a record by which written times may differ from those that follow one another.
const MAX_JITTER: f64 = 1e-3;

/// Opens the first EDF or BDF file of a drop.
pub fn open(files: &FileSet) -> Attempt {
    files.iter().find_map(|file| {
        let head = head::<8>(file)?;
        let is_bdf = head == *b"\xffBIOSEMI";
        (is_bdf || head == *b"0       ").then(|| open_file(file, is_bdf))
    })
}

/// A signal of the file.
struct Signal {
    label: String,
    unit: String,
    gain: f64,
    offset: f64,
    n_samples: usize,
    first_byte: u64,
}

fn open_file(file: &NamedFile, is_bdf: bool) -> Result<Recording, OpenError> {
    let header = bytes(file, 0, HEADER_BYTES)?;
    let text = |from: usize, size: usize| latin1(&header[from..from + size]);
    let wrong = |field: &str, found: &str| OpenError::field(&file.path, field, found, "a number");
    let number = |field: &str, from: usize, size: usize| {
        text(from, size).parse::<f64>().map_err(|_| wrong(field, &text(from, size)))
    };
    let has_gaps = ["EDF+D", "BDF+D"].contains(&text(192, 5).as_str());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small")]
    let n_signals = number("number of signals", 252, 4)?.clamp(0.0, 1e6) as usize;
    if n_signals > MAX_SIGNALS {
        return Err(OpenError::field(&file.path, "number of signals", n_signals, format!("at most {MAX_SIGNALS}")));
    }
    let seconds = number("duration of a record", 244, 8)?;
    let table = bytes(file, HEADER_BYTES as u64, n_signals * SIGNAL_BYTES)?;
    let data = (HEADER_BYTES + n_signals * SIGNAL_BYTES) as u64;
    let sample_bytes = if is_bdf { 3 } else { 2 };
    let mut signals = Vec::new();
    let mut record_bytes = 0;
    for at in 0..n_signals {
        let signal = Signal::read(file, &table, n_signals, at, data + record_bytes)?;
        record_bytes += (signal.n_samples * sample_bytes) as u64;
        signals.push(signal);
    }
    if record_bytes == 0 {
        return Err(OpenError::field(&file.path, "samples per record", 0, "at least one"));
    }
    let n_claimed = number("number of records", 236, 8).ok().filter(|n| n.is_finite());
    let (n_records, cut) = records_of(file, data, record_bytes, n_claimed)?;
    let is_annotation = |signal: &Signal| signal.label.ends_with(" Annotations");
    let place = |signal: &Signal| Place {
        first_byte: signal.first_byte,
        size: signal.n_samples * sample_bytes,
        record_bytes,
        n_records,
        zero_s: 0.0,
    };
    let mut annotations: Vec<Place> = signals.iter().filter(|signal| is_annotation(signal)).map(place).collect();
    let runs = match annotations.first() {
        Some(place) if has_gaps => runs(file, place, seconds)?,
        None if has_gaps => {
            let expected = "one, because this file has gaps";
            return Err(OpenError::field(&file.path, "signals", "none called Annotations", expected));
        }
        _ => vec![Run { record: 0, n_records, t_start_s: 0.0 }],
    };
    // Without gaps the signal's clock begins with the first record, wherever that is on the annotations'.
    let first = annotations.first().filter(|_| !has_gaps && n_records > 0);
    let first = first.map(|place| annotations::of_record(file, place, 0)).transpose()?;
    let zero_s = first.and_then(|bytes| annotations::start_s(&bytes).ok()).unwrap_or(0.0);
    let mut events = Events::default();
    let mut notes: Vec<String> = cut.into_iter().collect();
    for place in &mut annotations {
        place.zero_s = zero_s;
        let n_read = annotations::read(file, place, &mut events)?;
        if n_read < n_records {
            notes.push(format!("Annotations were read of the first {n_read} of {n_records} records."));
        }
    }
    signals.retain(|signal| !is_annotation(signal));
    let mut sizes: Vec<usize> = Vec::new();
    for signal in &signals {
        if signal.n_samples > 0 && !sizes.contains(&signal.n_samples) {
            sizes.push(signal.n_samples);
        }
    }
    let stream = |n_samples: &usize| {
        let members: Vec<(usize, &Signal)> =
            signals.iter().enumerate().filter(|(_, signal)| signal.n_samples == *n_samples).collect();
        stream(file, &members, &runs, (seconds, record_bytes), is_bdf)
    };
    let format = if is_bdf { "bdf" } else { "edf" };
    let streams: Vec<_> = sizes.iter().map(stream).collect();
    let events = match streams.first() {
        Some(stream) => events.in_segments_of(stream.info()),
        None => events,
    };
    Ok(Recording { notes, ..Recording::of_streams(format, streams) }.with_events(events))
}

/// Records of so many bytes from byte `data` on, and a note where the header claims more. The count
/// in the header is -1 while recording; what is there counts.
#[expect(clippy::cast_precision_loss, reason = "numbers of records")]
fn records_of(
    file: &NamedFile,
    data: u64,
    record_bytes: u64,
    n_claimed: Option<f64>,
) -> Result<(u64, Option<String>), OpenError> {
    let data_bytes = file.file.size_bytes().saturating_sub(data);
    let n_records = data_bytes / record_bytes;
    if n_records == 0 {
        let expected = format!("at least one record of {record_bytes} bytes");
        return Err(OpenError::field(&file.path, "samples", format!("{data_bytes} bytes"), expected));
    }
    let cut = |n: f64| format!("{} is cut: it holds {n_records} of the {n} records of its header.", file.path);
    Ok((n_records, n_claimed.filter(|n| *n > n_records as f64).map(cut)))
}

/// Records that follow one another without a gap.
struct Run {
    /// The first.
    record: u64,
    n_records: u64,
    t_start_s: f64,
}

/// Groups records by the times that begin their annotations.
#[expect(clippy::cast_precision_loss, reason = "numbers of records")]
fn runs(file: &NamedFile, place: &Place, seconds: f64) -> Result<Vec<Run>, OpenError> {
    let mut runs: Vec<Run> = Vec::new();
    for record in 0..place.n_records {
        let annotations = annotations::of_record(file, place, record)?;
        let time_s = annotations::start_s(&annotations).map_err(|time| {
            let field = format!("time of record {record}");
            OpenError::field(&file.path, &field, format!("“{time}”"), "seconds, such as +1.5")
        })?;
        let goes_on = |run: &&mut Run| {
            let expected = run.t_start_s + run.n_records as f64 * seconds;
            (time_s - expected).abs() < MAX_JITTER * seconds
        };
        match runs.last_mut().filter(goes_on) {
            Some(run) => run.n_records += 1,
            None => runs.push(Run { record, n_records: 1, t_start_s: time_s }),
        }
    }
    Ok(runs)
}

impl Signal {
    fn read(file: &NamedFile, table: &[u8], n: usize, at: usize, first_byte: u64) -> Result<Self, OpenError> {
        let column = |column: usize| {
            let before: usize = WIDTHS[..column].iter().sum();
            latin1(&table[before * n + at * WIDTHS[column]..][..WIDTHS[column]])
        };
        let label = column(0);
        let number = |field: &str, index: usize| {
            column(index)
                .parse::<f64>()
                .map_err(|_| OpenError::field(&file.path, &format!("{field} of {label}"), column(index), "a number"))
        };
        let (low, high) = (number("physical minimum", 3)?, number("physical maximum", 4)?);
        let (digital_low, digital_high) = (number("digital minimum", 5)?, number("digital maximum", 6)?);
        // neo counts the steps with the zero; in 16-bit files that is 1 in 65,535 away from the specification.
        let gain = (high - low) / (digital_high - digital_low + 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the file's size")]
        let n_samples = number("samples per record", 8)?.clamp(0.0, 1e8) as usize;
        Ok(Self { unit: column(2), gain, offset: low - digital_low * gain, n_samples, first_byte, label })
    }

    /// Microvolts of one unit.
    fn unit_uv(&self) -> f64 {
        match self.unit.as_str() {
            "V" => 1e6,
            "mV" => 1e3,
            "nV" => 1e-3,
            _ => 1.0,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "samples of a record")]
fn stream(
    file: &NamedFile,
    members: &[(usize, &Signal)],
    runs: &[Run],
    (seconds, record_bytes): (f64, u64),
    is_bdf: bool,
) -> Box<dyn FrameSource> {
    let n_samples = members[0].1.n_samples;
    let rate_hz = n_samples as f64 / seconds;
    let sample_type = if is_bdf { SampleType::Int32 } else { SampleType::Int16 };
    let ids = members.iter().map(|(at, _)| at.to_string()).collect();
    let mut info = uniform(&format!("stream (({rate_hz:?},) Hz)"), rate_hz, sample_type, ids, 1.0);
    info.gain_to_uv = members.iter().map(|(_, signal)| signal.gain * signal.unit_uv()).collect();
    info.offset_to_uv = members.iter().map(|(_, signal)| signal.offset * signal.unit_uv()).collect();
    let segment = |run: &Run| SegmentInfo { n_frames: run.n_records * n_samples as u64, t_start_s: run.t_start_s };
    info.segments = runs.iter().map(segment).collect();
    let track = |(_, signal): &(usize, &Signal)| Track {
        first_byte: signal.first_byte,
        record_bytes,
        record_samples: n_samples,
        segments: runs.iter().map(|run| Part::new(file, run.record)).collect(),
    };
    let encoding = if is_bdf { Encoding::Little24 } else { Encoding::Plain };
    Box::new(Records::new(info, members.iter().map(track).collect(), encoding))
}
