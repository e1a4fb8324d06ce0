//! A run: what it will take, what it took, and what of that is paid for.

use std::collections::BTreeSet;

use super::uses::{LOGS_GB_PER_CALL, call};
use super::{Bill, Paid, Prices, Stage, Use};
use crate::engine::{BLOCK_FRAMES, noise_sample};
use crate::pipeline::NoiseMethod;
use crate::recording::StreamInfo;
use crate::run::{Slice, cloud_slices};
use crate::zarr::{CHUNK_CHANNELS, CHUNK_FRAMES};

/// Memory of Plan in GB. The memory of each function is that of `infra/template.yaml`: a processor core costs 1,769 MB.
pub const PLAN_GB: f64 = 3.008;
/// Memory of Analyse in GB.
pub const ANALYSE_GB: f64 = 1.769;
/// Memory of Reduce in GB.
pub const REDUCE_GB: f64 = 3.008;

/// Events that the bucket sends for each object: one where `infra/template.yaml` has them on, else none.
pub const EVENTS_PER_OBJECT: f64 = 0.0;

/// Processor time of Analyse for a sample (frame x channel), measured: 18.6 to 20 ns.
const ANALYSE_NS_PER_SAMPLE: f64 = 19.6;
/// Processor time of Plan for a sample of the rows of chunks that it decodes: 0.55 s for a row of 1,024 channels.
const PLAN_NS_PER_SAMPLE: f64 = 8.2;

/// Seconds from the request of a function to the first byte of S3.
const FIRST_BYTE_S: f64 = 0.030;
/// Bytes per second of a connection to S3.
const BYTES_PER_S: f64 = 85e6;
/// Seconds of a small request.
const SMALL_REQUEST_S: f64 = 0.035;

/// Threads of Plan: the cores that it sees, if as many rows of decoded chunks fit [`ROWS_BYTES`].
const PLAN_THREADS: u64 = 2;
/// Memory of Plan for rows of decoded chunks.
const ROWS_BYTES: u64 = 384 << 20;

/// Slices that are analysed at a time, as `infra/state-machine.asl.json` says.
const AT_A_TIME: u64 = 8;

/// Objects that a run writes once: the plan, the eight marks of how far that is, six results and the receipt.
pub const WRITES_OF_A_RUN: u64 = 16;
/// Small objects that every slice reads: recording, request, plan, and whether the run is still wanted.
const SMALL_READS_PER_SLICE: u64 = 5;
/// Small objects that Plan and Reduce read together.
const SMALL_READS_OF_A_RUN: u64 = 10;

/// Seconds between looks of the page at a run, with the answer.
const LOOK_S: f64 = 0.85;
/// Keys of a page of a listing.
const KEYS_PER_LISTING: f64 = 1000.0;

/// How a function fetches chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetching {
    /// One, which is then decoded, then the next.
    OneByOne,
    /// Some of a row while one is decoded.
    Ahead,
}

impl Fetching {
    /// As `lambda/src/handlers/source.rs` does it.
    pub const NOW: Self = Self::Ahead;

    /// Seconds of work and waiting. Fetched ahead, four chunks are on their way at a time and a row's
    /// first is still waited for: 15 % of Analyse and 25 % of Plan, as measured with a prototype.
    fn seconds(self, work_s: f64, wait_s: f64, rest: f64) -> f64 {
        match self {
            Self::OneByOne => work_s + wait_s,
            Self::Ahead => work_s.max(wait_s / 4.0) * rest,
        }
    }
}

/// The work of a run that AWS asks money for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// Seconds of Plan.
    pub plan_s: f64,
    /// Seconds of all slices together.
    pub analyse_s: f64,
    /// Seconds of Reduce.
    pub reduce_s: f64,
    /// Seconds from start to end in which a page looks how far it is; none where nobody does.
    pub followed_s: f64,
    /// Objects read, but for those that every slice reads.
    pub n_reads: u64,
    /// Objects written.
    pub n_writes: u64,
    /// Slices; none where the work was not cut.
    pub n_slices: u64,
}

impl Work {
    /// The expected work of a recording's run, before anything is known of it.
    #[must_use]
    pub fn expected(info: &StreamInfo) -> Self {
        Self::expected_with(info, Fetching::NOW)
    }

    /// The expected work of a recording's run where chunks are fetched in this way.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub fn expected_with(info: &StreamInfo, fetching: Fetching) -> Self {
        let slices = cloud_slices(info);
        let (n_slices, n_groups) = (slices.len() as u64, info.n_channels.div_ceil(CHUNK_CHANNELS).max(1) as u64);
        let n_samples = info.n_frames() as f64 * info.n_channels as f64;
        let chunk_s = FIRST_BYTE_S + super::uses::packed_chunk_bytes(info) / BYTES_PER_S;

        let plan_rows = rows_of_plan(info);
        let row_samples = CHUNK_FRAMES * info.n_channels.max(1) as u64;
        let row_bytes = row_samples * info.sample_type.size_bytes() as u64;
        let threads = (ROWS_BYTES / row_bytes.max(1)).clamp(1, PLAN_THREADS) as f64;
        let plan_reads = plan_rows * n_groups;
        let plan_work_s = plan_rows as f64 * row_samples as f64 * PLAN_NS_PER_SAMPLE * 1e-9;
        let plan_s = fetching.seconds(plan_work_s, plan_reads as f64 * chunk_s / threads, 1.25);

        let analyse_reads = slices.iter().map(|slice| rows_of_slice(info, *slice)).sum::<u64>() * n_groups;
        // Beside its chunks a slice reads small objects, and writes outlines, sums and peaks.
        let small_s = (n_slices * (n_groups + 2 + SMALL_READS_PER_SLICE)) as f64 * SMALL_REQUEST_S;
        let wait_s = analyse_reads as f64 * chunk_s + small_s;
        let analyse_s = fetching.seconds(n_samples * ANALYSE_NS_PER_SAMPLE * 1e-9, wait_s, 1.15);
        // What is small is not fetched ahead: about a second of a slice.
        let analyse_s = analyse_s + if fetching == Fetching::Ahead { n_slices as f64 } else { 0.0 };

        let reduce_s = (2 * n_slices) as f64 * SMALL_REQUEST_S + 1.0 + n_samples * 2e-11;
        let rounds = n_slices.div_ceil(AT_A_TIME) as f64;
        Self {
            plan_s,
            analyse_s,
            reduce_s,
            followed_s: plan_s + rounds * analyse_s / n_slices.max(1) as f64 + reduce_s + 3.0,
            n_reads: analyse_reads + plan_reads + 2 * n_slices,
            n_writes: n_slices * (n_groups + 2) + WRITES_OF_A_RUN,
            n_slices,
        }
    }

    /// The part of it that is paid for.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of objects")]
    pub fn uses(self) -> Vec<Use> {
        let of = |what: &'static str, paid: Paid, amount: f64| Use { stage: Stage::Run, what, paid, amount };
        let (n_slices, n_writes) = (self.n_slices as f64, self.n_writes as f64);
        // Plan and Reduce are calls too.
        let n_calls = n_slices + 2.0;
        let n_looks = self.followed_s / LOOK_S;
        let n_listings = libm::ceil((n_writes + 6.0) / KEYS_PER_LISTING).max(1.0);
        let small_reads = self.n_slices * SMALL_READS_PER_SLICE + SMALL_READS_OF_A_RUN;
        let mut uses = vec![
            of("Lambda: Plan", Paid::ComputeGbS, self.plan_s * PLAN_GB),
            of("Lambda: Analyse", Paid::ComputeGbS, self.analyse_s * ANALYSE_GB),
            of("Lambda: Reduce", Paid::ComputeGbS, self.reduce_s * REDUCE_GB),
            of("Lambda: calls", Paid::Call, n_calls),
            of("S3: reading", Paid::Get, (self.n_reads + small_reads) as f64),
            of("S3: writing", Paid::Put, n_writes),
            // Plan, the map, Reduce, and one of each slice.
            of("Step Functions", Paid::Transition, n_slices + 3.0),
            of("Events of S3", Paid::Event, n_writes * EVENTS_PER_OBJECT),
            of("Logs", Paid::LogsGb, n_calls * LOGS_GB_PER_CALL),
        ];
        // The owner's key and a small object are read, and what is there is listed, which costs as writing does.
        let look = [(Paid::Get, 2.0), (Paid::Put, n_listings)];
        let looks = call(Stage::Run, "The page looks", &look).into_iter().map(|part| part.times(n_looks));
        uses.extend(looks);
        uses
    }

    /// The price of the work in US dollars.
    #[must_use]
    pub fn usd(self, prices: &Prices) -> f64 {
        Bill::new(&self.uses(), prices).total()
    }
}

/// Rows of chunks that Plan decodes: those in which the excerpts of the noise sample and their margins lie.
fn rows_of_plan(info: &StreamInfo) -> u64 {
    let mut rows = BTreeSet::new();
    for excerpt in noise_sample(info, NoiseMethod::Mad) {
        let n_frames = info.segments.get(excerpt.segment).map_or(0, |segment| segment.n_frames);
        let (first, last) = rows_around(excerpt.frames.start, excerpt.frames.end, n_frames);
        rows.extend((first..=last).map(|row| (excerpt.segment, row)));
    }
    rows.len() as u64
}

/// Rows of chunks that a slice decodes, with its margins.
fn rows_of_slice(info: &StreamInfo, slice: Slice) -> u64 {
    let n_frames = info.segments.get(slice.segment).map_or(0, |segment| segment.n_frames);
    let start = slice.first_block * BLOCK_FRAMES;
    let (first, last) = rows_around(start, start + slice.n_blocks * BLOCK_FRAMES, n_frames);
    last - first + 1
}

/// First and last row of a stretch of frames with some more on each side.
fn rows_around(start: u64, end: u64, n_frames: u64) -> (u64, u64) {
    let last_frame = end.min(n_frames.saturating_sub(1));
    (start.saturating_sub(1) / CHUNK_FRAMES, last_frame / CHUNK_FRAMES)
}

#[cfg(test)]
mod tests;
