//! `receipt.json`: what a run took, and what that costs.

use serde::{Deserialize, Serialize};

/// Where the time went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageTime {
    /// `noise`, `analyse`, `reduce` and the like.
    pub name: String,
    /// Seconds of all workers together.
    pub worker_s: f64,
}

/// The receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Where it ran: `browser`, `local` or `lambda`.
    pub place: String,
    /// Workers at a time.
    pub n_workers: usize,
    /// Seconds from start to end.
    pub wall_s: f64,
    /// Where the time went.
    pub stages: Vec<StageTime>,
    /// Samples analysed: frames x channels.
    pub n_samples: u64,
    /// Largest resident memory of a worker's process in bytes, where the platform tells.
    pub peak_memory_bytes: Option<u64>,
    /// The cost of the work on AWS at list price, in US dollars.
    pub cost_usd: f64,
    /// The region whose list prices these are; none where the work cost nothing, or of an earlier version.
    #[serde(default)]
    pub price_region: Option<String>,
}
