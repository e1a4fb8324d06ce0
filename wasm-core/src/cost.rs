//! What a run costs on AWS: list prices of us-east-1, November 2026.

use crate::recording::StreamInfo;
use crate::run::cloud_slices;
use crate::zarr::{CHUNK_CHANNELS, chunks_of};

/// Lambda on arm64, per GB-second.
pub const LAMBDA_USD_PER_GB_S: f64 = 0.000_013_333_4;
/// Lambda, per request.
pub const LAMBDA_USD_PER_REQUEST: f64 = 0.20 / 1e6;
/// S3 PUT, per request.
pub const S3_USD_PER_PUT: f64 = 0.005 / 1e3;
/// S3 GET, per request.
pub const S3_USD_PER_GET: f64 = 0.000_4 / 1e3;
/// S3 storage, per GB and month.
pub const S3_USD_PER_GB_MONTH: f64 = 0.023;
/// Step Functions, per state transition.
pub const STEP_FUNCTIONS_USD_PER_TRANSITION: f64 = 0.025 / 1e3;

/// Memory of an analysing function in GB: one processor core costs 1,769 MB.
pub const WORKER_GB: f64 = 1.769;

/// Samples per second that one Lambda core analyses, for the estimate before a run; the
/// receipt afterwards holds what it really took.
const EXPECTED_SAMPLES_PER_S: f64 = 60e6;

/// Memory of the function that puts slices together, in GB.
pub const REDUCE_GB: f64 = 3.008;

/// What a run does that AWS asks money for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Seconds of all workers together.
    pub worker_s: f64,
    /// Seconds of putting slices together.
    pub reduce_s: f64,
    /// Objects read.
    pub n_reads: u64,
    /// Objects written.
    pub n_writes: u64,
    /// Slices.
    pub n_slices: u64,
}

/// Objects that a run writes once: its plan and how far that is, the results and the receipt.
const WRITES_OF_A_RUN: u64 = 14;

impl Work {
    /// What the run of a recording will come to, before anything is known of it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub fn expected(info: &StreamInfo) -> Self {
        let n_chunks = chunks_of(info).count() as u64;
        let n_groups = info.n_channels.div_ceil(CHUNK_CHANNELS).max(1) as u64;
        let n_slices = cloud_slices(info).len() as u64;
        // Margins are read twice; a slice writes an outline for each group, its sums and its peaks.
        Self {
            worker_s: (info.n_frames() * info.n_channels as u64) as f64 / EXPECTED_SAMPLES_PER_S,
            reduce_s: 0.0,
            n_reads: n_chunks * 5 / 4 + 2 * n_slices,
            n_writes: n_slices * (n_groups + 2) + WRITES_OF_A_RUN,
            n_slices,
        }
    }

    /// Its price in US dollars.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of objects")]
    pub fn usd(self) -> f64 {
        // Plan and Reduce are calls too.
        let n_calls = (self.n_slices + 2) as f64;
        (self.worker_s * WORKER_GB + self.reduce_s * REDUCE_GB) * LAMBDA_USD_PER_GB_S
            + self.n_reads as f64 * S3_USD_PER_GET
            + self.n_writes as f64 * S3_USD_PER_PUT
            + n_calls * (LAMBDA_USD_PER_REQUEST + STEP_FUNCTIONS_USD_PER_TRANSITION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_of_12_gb_costs_less_than_a_cent() {
        let work = Work { worker_s: 103.0, reduce_s: 3.0, n_reads: 1900, n_writes: 220, n_slices: 12 };
        assert!((work.usd() - 0.004_763).abs() < 1e-5, "{}", work.usd());
    }
}
