//! Where records of an `.ncs` file do not follow one another, by their timestamps and by how many
//! of their samples are valid.
//!
//! Timestamps are whole microseconds. A record goes on where the valid samples of the one before
//! end, to less than half a sample. A file is looked through where it is short; in a long one
//! stretches whose ends are as far apart as full records are need no look inside.

use super::source::Stretch;
use super::{HEADER_BYTES, RECORD_BYTES, RECORD_SAMPLES};
use crate::formats::OpenError;
use crate::formats::text_header::{bytes, u32_at, u64_at};
use crate::io::NamedFile;

/// Files up to this size are looked through.
const SCANNED_BYTES: u64 = 6 << 20;
/// Records that are read at once where a stretch is looked through.
const LEAF_RECORDS: u64 = 64;
/// Records of a long file whose numbers of valid samples are looked at: where one of them is not
/// full, all are.
const N_PROBES: u64 = 64;
/// Segments that are believed.
const MAX_SEGMENTS: usize = 1 << 16;
/// Part of a sample by which timestamps may be off.
const TOLERANCE_SAMPLES: f64 = 0.5;
/// Part by which the rate of the header may differ from that of the timestamps.
const MAX_RATE_DIFFERENCE: f64 = 1e-3;
/// Steps of a microsecond or so, where records last whole microseconds: so few of them are the
/// ends of what the system wrote in one go, and begin segments as for neo; more are jitter.
const MAX_SMALL_STEPS: usize = 8;

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Record {
    stamp_us: u64,
    n_valid: u64,
}

impl Record {
    fn read(bytes: &[u8]) -> Self {
        Self { stamp_us: u64_at(bytes, 0), n_valid: u64::from(u32_at(bytes, 16)).min(RECORD_SAMPLES) }
    }

    const fn is_full(self) -> bool {
        self.n_valid == RECORD_SAMPLES
    }

    const fn is_zeroed(self) -> bool {
        self.n_valid == 0 && self.stamp_us == 0
    }
}

/// A run of frames without a gap.
pub struct Segment {
    /// First timestamp of the run.
    pub start_us: u64,
    pub n_frames: u64,
    pub stretches: Vec<Stretch>,
}

/// What the records of a file tell.
pub struct Records {
    pub segments: Vec<Segment>,
    /// Records without a valid sample.
    pub n_empty: u64,
    /// Frames per second by the timestamps, where the header says otherwise.
    pub measured_hz: Option<f64>,
}

/// Reads the clock of the first `n_records` records.
///
/// # Errors
/// Where the file cannot be read, or has more gaps than a recording can have.
pub fn read(file: &NamedFile, n_records: u64, rate_hz: f64) -> Result<Records, OpenError> {
    let reader = Reader { file, n_records };
    let clock = Clock { sample_us: reader.sample_us(rate_hz)? };
    let is_other = (clock.sample_us * rate_hz / 1e6 - 1.0).abs() > MAX_RATE_DIFFERENCE;
    // The first systems wrote whole microseconds, whatever the rate was.
    let measured_hz = (is_other && clock.sample_us != (1e6 / rate_hz).floor()).then_some(1e6 / clock.sample_us);
    let boundaries = reader.boundaries(&clock)?;
    // Small steps are told from gaps once it is known how many there are.
    let mut small: Vec<usize> = Vec::new();
    let mut segments: Vec<Segment> = Vec::new();
    let mut n_empty = 0;
    // Where the valid samples of the stretch before end.
    let mut expected_us = f64::NAN;
    for (at, record) in boundaries.iter().enumerate() {
        let end = boundaries.get(at + 1).copied().unwrap_or(n_records);
        let (first, last) = (reader.record(*record)?, reader.record(end - 1)?);
        if first.n_valid == 0 {
            n_empty += end - record;
            continue;
        }
        let n_frames = (end - 1 - record) * RECORD_SAMPLES + last.n_valid;
        let step = clock.step(expected_us, first.stamp_us);
        if step == Step::Small {
            small.push(segments.len());
        }
        if let Some(segment) = segments.last_mut().filter(|_| step == Step::None) {
            segment.stretches.push(Stretch { record: *record, first_frame: segment.n_frames });
            segment.n_frames += n_frames;
        } else {
            let stretches = vec![Stretch { record: *record, first_frame: 0 }];
            segments.push(Segment { start_us: first.stamp_us, n_frames, stretches });
        }
        expected_us = clock.end_us(last);
    }
    if small.len() > MAX_SMALL_STEPS {
        segments = joined(segments, &small);
    }
    if segments.len() > MAX_SEGMENTS {
        let found = format!("more than {MAX_SEGMENTS} gaps");
        return Err(OpenError::field(&file.path, "timestamps", found, "a clock that runs on"));
    }
    Ok(Records { segments, n_empty, measured_hz })
}

/// The segments without the steps before those of `small`.
fn joined(segments: Vec<Segment>, small: &[usize]) -> Vec<Segment> {
    let mut joined: Vec<Segment> = Vec::new();
    for (at, segment) in segments.into_iter().enumerate() {
        match joined.last_mut().filter(|_| small.binary_search(&at).is_ok()) {
            Some(before) => before.append(&segment),
            None => joined.push(segment),
        }
    }
    joined
}

impl Segment {
    /// Takes the frames of a segment that goes on here. Full records that follow one another are
    /// one stretch.
    fn append(&mut self, other: &Self) {
        let ends_at = self.stretches.last().map_or(u64::MAX, |last| {
            let n_frames = self.n_frames - last.first_frame;
            if n_frames.is_multiple_of(RECORD_SAMPLES) { last.record + n_frames / RECORD_SAMPLES } else { u64::MAX }
        });
        let is_one = other.stretches.first().is_some_and(|first| first.record == ends_at);
        let n_before = self.n_frames;
        let shifted = |stretch: &Stretch| Stretch { first_frame: n_before + stretch.first_frame, ..*stretch };
        self.stretches.extend(other.stretches.iter().skip(usize::from(is_one)).map(shifted));
        self.n_frames += other.n_frames;
    }
}

/// How a record follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It goes on.
    None,
    /// Off by less than half a sample, where microseconds hold records exactly.
    Small,
    Gap,
}

/// The clock of the records.
struct Clock {
    sample_us: f64,
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
impl Clock {
    /// Where the valid samples of a record end.
    fn end_us(&self, record: Record) -> f64 {
        record.stamp_us as f64 + record.n_valid as f64 * self.sample_us
    }

    /// How a record that begins at `stamp_us` follows one whose samples end at `expected_us`.
    fn step(&self, expected_us: f64, stamp_us: u64) -> Step {
        let off_us = (stamp_us as f64 - expected_us).abs();
        let is_exact = (RECORD_SAMPLES as f64 * self.sample_us).fract() == 0.0;
        // Not a number before the first.
        if !(off_us <= self.tolerance_us()) {
            Step::Gap
        } else if is_exact && off_us >= 1.0 {
            Step::Small
        } else {
            Step::None
        }
    }

    /// Whether the record at `to` lies `n` full records after `from`, so that none between need be
    /// looked at.
    fn fits(&self, from: Record, to: Record, n: u64) -> bool {
        let expected_us = from.stamp_us as f64 + (n * RECORD_SAMPLES) as f64 * self.sample_us;
        let is_exact = (RECORD_SAMPLES as f64 * self.sample_us).fract() == 0.0;
        // Half a sample, but for the single microseconds that are told from gaps.
        let tolerance_us = if is_exact { 0.5 } else { self.tolerance_us() };
        from.is_full() && to.n_valid > 0 && (to.stamp_us as f64 - expected_us).abs() <= tolerance_us
    }

    /// Half a sample, and what rounding takes.
    fn tolerance_us(&self) -> f64 {
        (TOLERANCE_SAMPLES * self.sample_us).max(1.0)
    }
}

/// Reads headers of records.
struct Reader<'a> {
    file: &'a NamedFile,
    n_records: u64,
}

impl Reader<'_> {
    fn record(&self, at: u64) -> Result<Record, OpenError> {
        Ok(Record::read(&bytes(self.file, HEADER_BYTES + at * RECORD_BYTES, 20)?))
    }

    /// The headers of `n` records from `first` on.
    fn records(&self, first: u64, n: u64) -> Result<Vec<Record>, OpenError> {
        let size = usize::try_from(n * RECORD_BYTES).unwrap_or(usize::MAX);
        let all = bytes(self.file, HEADER_BYTES + first * RECORD_BYTES, size)?;
        Ok(all.chunks_exact(usize::try_from(RECORD_BYTES).unwrap_or(1)).map(Record::read).collect())
    }

    /// Microseconds of a sample. That of the header's rate, unless full records at several places
    /// are apart by another time: the first systems counted whole microseconds per sample, and
    /// some clocks run a little fast.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a record")]
    fn sample_us(&self, rate_hz: f64) -> Result<f64, OpenError> {
        let stated_us = 1e6 / rate_hz;
        let mut steps = Vec::new();
        let n_pairs = self.n_records.saturating_sub(1);
        for probe in 0..n_pairs.min(N_PROBES) {
            let at = n_pairs * probe / n_pairs.min(N_PROBES);
            let pair = self.records(at, 2)?;
            if let [from, to] = *pair.as_slice()
                && from.is_full()
                && to.stamp_us > from.stamp_us
            {
                steps.push((to.stamp_us - from.stamp_us) as f64);
            }
        }
        steps.sort_by(f64::total_cmp);
        let Some(middle_us) = steps.get(steps.len() / 2) else { return Ok(stated_us) };
        let measured_us = middle_us / RECORD_SAMPLES as f64;
        if measured_us == stated_us.floor() {
            return Ok(measured_us);
        }
        // A step is known to a microsecond. Most steps are like the middle one, or it says nothing.
        let is_near = (middle_us - RECORD_SAMPLES as f64 * stated_us).abs() <= 1.0;
        let n_alike = steps.iter().filter(|step| (*step - middle_us).abs() <= 1.0).count();
        Ok(if is_near || 2 * n_alike <= steps.len() { stated_us } else { self.fitted_us(measured_us)? })
    }

    /// Microseconds of a sample over the whole file, where its ends are as far apart as a step at
    /// several places says; else that step.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a session")]
    fn fitted_us(&self, measured_us: f64) -> Result<f64, OpenError> {
        let (first, last) = (self.record(0)?, self.record(self.n_records - 1)?);
        let n_samples = ((self.n_records - 1) * RECORD_SAMPLES) as f64;
        let fitted_us = (last.stamp_us as f64 - first.stamp_us as f64) / n_samples;
        let is_whole = (fitted_us - measured_us).abs() * RECORD_SAMPLES as f64 <= 1.0;
        Ok(if is_whole { fitted_us } else { measured_us })
    }

    /// Records that do not simply follow a full one: the first; those after one that is not full,
    /// after a gap, and without a valid sample.
    fn boundaries(&self, clock: &Clock) -> Result<Vec<u64>, OpenError> {
        let mut found = vec![0];
        if self.n_records < 2 {
            return Ok(found);
        }
        let last = self.n_records - 1;
        if self.n_records * RECORD_BYTES <= SCANNED_BYTES || self.has_part_filled()? {
            let mut at = 0;
            while at < last {
                let n = LEAF_RECORDS.min(last - at);
                self.scan(clock, at, at + n, &mut found)?;
                at += n;
            }
        } else {
            self.split(clock, (0, self.record(0)?), (last, self.record(last)?), &mut found)?;
        }
        Ok(found)
    }

    /// Whether some records in the middle of a long file are not full although its clock may run on.
    fn has_part_filled(&self) -> Result<bool, OpenError> {
        for probe in 1..N_PROBES {
            let at = u128::from(self.n_records - 1) * u128::from(probe) / u128::from(N_PROBES);
            if !self.record(u64::try_from(at).unwrap_or(0))?.is_full() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn split(
        &self,
        clock: &Clock,
        from: (u64, Record),
        to: (u64, Record),
        found: &mut Vec<u64>,
    ) -> Result<(), OpenError> {
        let n_records = to.0 - from.0;
        if clock.fits(from.1, to.1, n_records) {
            return Ok(());
        }
        if n_records <= LEAF_RECORDS {
            return self.scan(clock, from.0, to.0, found);
        }
        let middle = u64::midpoint(from.0, to.0);
        let middle = (middle, self.record(middle)?);
        // Zeros that a full disk or a power cut leaves go on to the end.
        if [from.1, middle.1, to.1].iter().all(|record| record.is_zeroed()) {
            return Ok(());
        }
        self.split(clock, from, middle, found)?;
        self.split(clock, middle, to, found)
    }

    /// Looks at the records from one to another, which is included.
    fn scan(&self, clock: &Clock, from: u64, to: u64, found: &mut Vec<u64>) -> Result<(), OpenError> {
        let records = self.records(from, to - from + 1)?;
        for (at, pair) in (from + 1..).zip(records.windows(2)) {
            let goes_on = pair[0].is_full()
                && pair[1].n_valid > 0
                && clock.step(clock.end_us(pair[0]), pair[1].stamp_us) == Step::None;
            if !goes_on {
                found.push(at);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A file of records of these stamps and numbers of valid samples.
    fn file(records: &[(u64, u32)]) -> NamedFile {
        let mut bytes = vec![0; usize::try_from(HEADER_BYTES).expect("small")];
        for (stamp_us, n_valid) in records {
            bytes.extend(stamp_us.to_le_bytes());
            bytes.extend([0; 8]);
            bytes.extend(n_valid.to_le_bytes());
            bytes.extend([0; 1024]);
        }
        NamedFile { path: "CSC1.ncs".into(), file: Arc::new(bytes) }
    }

    /// Starts and lengths of the segments, and stretches of each.
    fn told(records: &[(u64, u32)], rate_hz: f64) -> Vec<(u64, u64, usize)> {
        let found = read(&file(records), records.len() as u64, rate_hz).expect("reads");
        found.segments.iter().map(|segment| (segment.start_us, segment.n_frames, segment.stretches.len())).collect()
    }

    #[test]
    fn records_that_are_not_full_join_what_their_clock_joins() {
        let part_filled = [(1000, 512), (17_000, 320), (27_000, 512), (43_000, 100)];
        assert_eq!(told(&part_filled, 32_000.0), [(1000, 512 + 320 + 512 + 100, 2)]);
        let gap = [(1000, 512), (17_000, 320), (33_000, 512)];
        assert_eq!(told(&gap, 32_000.0), [(1000, 832, 1), (33_000, 512, 1)]);
        let empty = [(1000, 512), (17_000, 0), (17_000, 512)];
        assert_eq!(told(&empty, 32_000.0), [(1000, 1024, 2)]);
        let zeroed = [(1000, 512), (0, 0), (33_000, 512), (0, 0), (0, 0)];
        assert_eq!(told(&zeroed, 32_000.0), [(1000, 512, 1), (33_000, 512, 1)]);
    }

    #[test]
    fn rounded_and_drifting_clocks_have_no_gaps() {
        let stamps = |record_us: f64| -> Vec<(u64, u32)> {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
            let record = |at: u32| ((f64::from(at) * record_us).floor() as u64 + 5, 512);
            (0..100).map(record).collect()
        };
        for record_us in [512e6 / 32_556.0, 512e6 / 32_556.0 * 1.0002] {
            assert_eq!(told(&stamps(record_us), 32_556.0), [(5, 51_200, 1)], "{record_us}");
        }
        // One step of a microsecond begins a segment, many do not.
        let mut one = stamps(16_000.0);
        one[50..].iter_mut().for_each(|(stamp_us, _)| *stamp_us -= 1);
        assert_eq!(told(&one, 32_000.0).len(), 2);
        let many: Vec<(u64, u32)> = (0..100).map(|at| (at * 16_000 + at % 2, 512)).collect();
        assert_eq!(told(&many, 32_000.0), [(0, 51_200, 1)]);
    }
}
