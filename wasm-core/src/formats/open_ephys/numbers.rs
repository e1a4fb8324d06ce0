//! The numbers of a recording's frames, beside its `continuous.dat`.
//!
//! From version 0.6 they are in `sample_numbers.npy`, and `timestamps.npy` holds seconds of a clock
//! that devices share; before, `timestamps.npy` holds the numbers. Where numbers are left out,
//! frames were lost.

use std::ops::Range;

use crate::formats::OpenError;
use crate::formats::clock::{self, Clock, Counts, Run};
use crate::formats::npy::{self, Header};
use crate::formats::text_header::bytes;
use crate::io::{FileSet, NamedFile};

/// Bytes of a number.
const NUMBER_BYTES: u64 = 8;

/// A list of numbers.
struct Numbers<'a> {
    file: &'a NamedFile,
    header: Header,
    /// Whether these are seconds.
    is_seconds: bool,
}

impl<'a> Numbers<'a> {
    fn find(files: &'a FileSet, folder: &str) -> Option<Self> {
        let read = |name: &str| {
            let file = files.get_in(folder, name)?;
            let header = npy::header(file)?;
            let is_seconds = header.descr == "<f8";
            let is_known = is_seconds || matches!(header.descr.as_str(), "<i8" | "<u8");
            is_known.then_some(Self { file, header, is_seconds })
        };
        read("sample_numbers.npy").filter(|numbers| !numbers.is_seconds).or_else(|| read("timestamps.npy"))
    }

    /// Numbers that the file really holds.
    fn len(&self) -> u64 {
        let there = self.file.file.size_bytes().saturating_sub(self.header.data_at) / NUMBER_BYTES;
        self.header.shape.first().copied().unwrap_or(0).min(there)
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    fn read(&self, range: Range<u64>) -> Result<Vec<f64>, OpenError> {
        let size = usize::try_from((range.end - range.start) * NUMBER_BYTES).unwrap_or(usize::MAX);
        let raw = bytes(self.file, self.header.data_at + range.start * NUMBER_BYTES, size)?;
        let numbers = raw.as_chunks::<8>().0.iter();
        Ok(if self.is_seconds {
            numbers.map(|number| f64::from_le_bytes(*number)).collect()
        } else {
            numbers.map(|number| i64::from_le_bytes(*number) as f64).collect()
        })
    }
}

/// Runs of the frames of a `continuous.dat`, with the time at which each begins in seconds; and
/// what a person should know.
pub fn read(files: &FileSet, data: &NamedFile, row_bytes: u64, rate_hz: f64) -> (Vec<Run>, Vec<String>) {
    let (n_frames, left_over) = (data.file.size_bytes() / row_bytes.max(1), data.file.size_bytes() % row_bytes.max(1));
    let mut notes = Vec::new();
    let whole = |start: f64| vec![Run { first: 0, n: n_frames, start }];
    let numbers = Numbers::find(files, data.folder());
    let n_numbers = numbers.as_ref().map(Numbers::len);
    let listed = n_numbers.filter(|n| *n != n_frames);
    if left_over > 0 || listed.is_some() {
        notes.push(cut_note(data, n_frames, left_over, listed, numbers.as_ref().map(|numbers| numbers.file)));
    }
    let Some(numbers) = numbers else { return (whole(0.0), notes) };
    let counts = if numbers.is_seconds { Counts::Seconds } else { Counts::Frames { wraps_at: None } };
    let units_per_s = if numbers.is_seconds { 1.0 } else { rate_hz };
    match clock::read(n_frames.min(numbers.len()), counts, |range| numbers.read(range)) {
        Ok(mut clock) => {
            notes.extend(clock.note(&numbers.file.path));
            notes.extend(lost_note(data, &clock, numbers.is_seconds));
            // What has no number follows what has.
            let n_with = clock.runs.iter().map(|run| run.n).sum::<u64>();
            if let Some(last) = clock.runs.last_mut() {
                last.n += n_frames.saturating_sub(n_with);
            }
            let is_clock = clock.runs.iter().all(|run| run.start.is_finite()) && clock.step > 0.0;
            // Stamps that stand still were never set.
            if clock.runs.is_empty() || numbers.is_seconds && !is_clock {
                return (whole(0.0), notes);
            }
            let timed = |run: &Run| Run { start: run.start / units_per_s, ..*run };
            (clock.runs.iter().map(timed).collect(), notes)
        }
        Err(error) => {
            notes.push(format!("{error}. The recording is taken to have no gap."));
            (whole(0.0), notes)
        }
    }
}

/// Says that a file ends in the middle of a frame, or does not hold as many as there are numbers.
fn cut_note(
    data: &NamedFile,
    n_frames: u64,
    left_over: u64,
    listed: Option<u64>,
    numbers: Option<&NamedFile>,
) -> String {
    let mut told = Vec::new();
    if left_over > 0 {
        told.push(format!("it ends in the middle of a frame, and its last {left_over} bytes are left out"));
    }
    if let (Some(listed), Some(numbers)) = (listed, numbers) {
        let more = if listed > n_frames { "it was cut" } else { "the rest is taken to follow" };
        told.push(format!("it holds {n_frames} frames, and {} lists {listed}: {more}", numbers.name()));
    }
    format!("{}: {}.", data.path, told.join("; "))
}

/// Says how many frames the acquisition lost on the way, if some.
#[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
fn lost_note(data: &NamedFile, clock: &Clock, is_seconds: bool) -> Option<String> {
    let step = if is_seconds { clock.step } else { 1.0 };
    let gap = |pair: &[Run]| ((pair[1].start - pair[0].start) / step - pair[0].n as f64).round().max(0.0);
    let n_lost: f64 = clock.runs.windows(2).map(gap).sum();
    (n_lost > 0.0)
        .then(|| format!("{}: {n_lost} frames were lost while recording; a segment begins behind each gap.", data.path))
}
