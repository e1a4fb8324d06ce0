//! What a run costs on AWS: list prices of us-east-1, November 2026.

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
pub const EXPECTED_SAMPLES_PER_S: f64 = 60e6;

/// Cost of a run that keeps workers busy for `worker_s` seconds and reads `n_objects`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of objects")]
pub fn run_usd(worker_s: f64, n_objects: u64, n_slices: u64) -> f64 {
    worker_s * WORKER_GB * LAMBDA_USD_PER_GB_S
        + n_objects as f64 * S3_USD_PER_GET
        + (n_slices + 2) as f64 * (LAMBDA_USD_PER_REQUEST + 2.0 * S3_USD_PER_PUT + STEP_FUNCTIONS_USD_PER_TRANSITION)
}
