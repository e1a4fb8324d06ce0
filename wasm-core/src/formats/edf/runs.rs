//! Records that follow one another, by the times that begin their annotations.

use super::annotations::{self, Place, Start};
use crate::formats::OpenError;
use crate::io::NamedFile;

/// Part of a record by which written times may differ from those that follow one another.
const MAX_JITTER: f64 = 1e-3;
/// Part of the whole by which the last time may differ where the header rounds a record's length:
/// it has eight digits.
const MAX_DRIFT: f64 = 1e-4;

/// Records that follow one another without a gap.
pub struct Run {
    /// The first.
    pub record: u64,
    pub n_records: u64,
    pub t_start_s: f64,
}

/// The runs of a file, and the time of its first record on the annotations' clock that its
/// segments count from. `place` is where the first annotations are; `has_gaps` what the file says.
pub fn find(
    file: &NamedFile,
    place: Option<&Place>,
    n_records: u64,
    seconds: f64,
    has_gaps: bool,
) -> Result<(Vec<Run>, f64), OpenError> {
    let one = || vec![Run { record: 0, n_records, t_start_s: 0.0 }];
    let Some(place) = place else {
        if has_gaps {
            let expected = "one, because this file has gaps";
            return Err(OpenError::field(&file.path, "signals", "none called Annotations", expected));
        }
        return Ok((one(), 0.0));
    };
    if has_gaps {
        return Ok((grouped(file, place, seconds)?, 0.0));
    }
    // Without gaps the signal's clock begins with the first record, wherever that is on the
    // annotations'. A file that says so and whose last time tells otherwise is looked through.
    let start = |record: u64| annotations::of_record(file, place, record).map(|bytes| annotations::start(&bytes).ok());
    let Some(first) = start(0)? else { return Ok((one(), 0.0)) };
    let last = start(n_records.saturating_sub(1))?;
    if last.is_some_and(|last| is_late(&first, &last, n_records, seconds))
        && let Ok(runs) = grouped(file, place, seconds)
        && runs.len() > 1
    {
        return Ok((runs, 0.0));
    }
    Ok((one(), first.time_s))
}

/// Whether the last record begins where a gap must lie before it.
#[expect(clippy::cast_precision_loss, reason = "numbers of records")]
fn is_late(first: &Start, last: &Start, n_records: u64, seconds: f64) -> bool {
    let expected_s = n_records.saturating_sub(1) as f64 * seconds;
    (last.time_s - first.time_s - expected_s).abs() > 0.5 * seconds + MAX_DRIFT * expected_s
}

fn grouped(file: &NamedFile, place: &Place, seconds: f64) -> Result<Vec<Run>, OpenError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before: Option<Start> = None;
    for record in 0..place.n_records {
        let annotations = annotations::of_record(file, place, record)?;
        let start = annotations::start(&annotations).map_err(|time| {
            let field = format!("time of record {record}");
            OpenError::field(&file.path, &field, format!("“{time}”"), "seconds, such as +1.5")
        })?;
        let t_start_s = start.time_s;
        let goes_on = before.replace(start).is_some_and(|before| follows(&before, t_start_s, seconds));
        match runs.last_mut().filter(|_| goes_on) {
            Some(run) => run.n_records += 1,
            None => runs.push(Run { record, n_records: 1, t_start_s }),
        }
    }
    Ok(runs)
}

/// Whether a record begins where the one before ended. Where records do not last a whole number of
/// the digits that times are written with, both may be rounded.
fn follows(before: &Start, time_s: f64, seconds: f64) -> bool {
    let digits = seconds / before.unit_s;
    let is_whole = (digits - digits.round()).abs() < 1e-6;
    let slack_s = MAX_JITTER * seconds + if is_whole { 0.0 } else { before.unit_s };
    (time_s - before.time_s - seconds).abs() < slack_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_times_open_no_gap_and_real_gaps_do() {
        let at = |time_s: f64, unit_s: f64| Start { time_s, unit_s };
        // Thirtieths of a second, written with two digits.
        let times = [0.0, 0.03, 0.07, 0.1, 0.13];
        assert!(times.windows(2).all(|two| follows(&at(two[0], 0.01), two[1], 1.0 / 30.0)));
        assert!(!follows(&at(0.1, 0.01), 0.2, 1.0 / 30.0));
        // Whole seconds that are written as such.
        assert!(follows(&at(1.0, 1.0), 2.0, 1.0));
        assert!(!follows(&at(1.0, 1.0), 3.0, 1.0));
    }
}
