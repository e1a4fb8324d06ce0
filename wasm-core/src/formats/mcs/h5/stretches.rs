//! Stretches of a recording without a gap: rows of the time of their first sample in
//! microseconds, and of the places of their first and last sample.

use crate::formats::clock::{Clock, Counts};
use crate::formats::hdf5::H5;
use crate::formats::stretches::Stretches;

/// Reads the table of a stream of so many frames. Without one the recording begins at 0 and has
/// no gap. What is wrong with the table is the second value.
pub fn read(file: &H5, table: &str, n_frames: u64, tick_us: f64) -> (Clock, Option<String>) {
    let numbers = if file.has(table) { file.numbers(table) } else { Ok(Vec::new()) };
    let (numbers, unreadable) = match numbers {
        Ok(numbers) => (numbers, None),
        Err(error) => (Vec::new(), Some(format!("{error}. The recording is taken to have no gap."))),
    };
    let (starts, note) = starts(&numbers, n_frames);
    let clock = Stretches::new(starts, tick_us * 1e-6).clock(n_frames, Counts::Seconds);
    (clock, unreadable.or_else(|| note.map(|note| format!("{}, {table}: {note}", file.path()))))
}

/// First sample and its time in seconds of each stretch.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "checked against the number of frames, which stays far below 2^53"
)]
fn starts(numbers: &[f64], n_frames: u64) -> (Vec<(u64, f64)>, Option<String>) {
    let mut starts: Vec<(u64, f64)> = Vec::new();
    let mut n_wrong = 0_u64;
    let mut end = 0;
    for row in numbers.chunks(3) {
        let is_place = |value: f64| value >= 0.0 && value < n_frames as f64;
        let [time_us, first, last] = *row else { continue };
        let follows = starts.is_empty() || first as u64 >= end;
        if !time_us.is_finite() || !is_place(first) || !(last >= first) || !follows {
            n_wrong += 1;
            continue;
        }
        // A stretch that is said to be longer begins all the same.
        n_wrong += u64::from(!is_place(last));
        // What no row lists belongs to the stretch before it, and at the start to the first.
        let first = if starts.is_empty() { 0 } else { first as u64 };
        starts.push((first, time_us * 1e-6));
        end = (last as u64).saturating_add(1);
    }
    let note = if n_wrong > 0 && n_frames > 0 {
        Some(format!("{n_wrong} rows do not fit {n_frames} samples; what does not fit is left aside."))
    } else if end < n_frames && !starts.is_empty() {
        Some(format!("the last {} samples are in no row; they are taken to follow without a gap.", n_frames - end))
    } else {
        None
    };
    (starts, note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_starts_and_those_that_cannot_be_are_said() {
        let told = |numbers: &[f64]| starts(numbers, 1000);
        assert_eq!(told(&[0.0, 0.0, 399.0, 5e6, 400.0, 999.0]), (vec![(0, 0.0), (400, 5.0)], None));
        assert!(told(&[0.0, 0.0, 2000.0]).1.is_some_and(|note| note.contains("1 rows do not fit")));
        assert!(told(&[0.0, 0.0, 899.0]).1.is_some_and(|note| note.contains("last 100 samples")));
    }
}
