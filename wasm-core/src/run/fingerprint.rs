//! A fingerprint: a number that tells one result from another at a glance.

use super::results::Hash;
use super::{ResultSet, Summary};

/// A fingerprint of the numbers and of what they depend on: spikes, pipeline and versions of the analyses. The name
/// of the file and notes do not count. It finds a mix-up; it is no seal.
#[must_use]
pub fn fingerprint(summary: &Summary, results: &ResultSet) -> String {
    let mut hash = Hash::new(results.blocks.len() as u64);
    let numbers = (&summary.pipeline, &summary.headline, &summary.wells, &summary.channels);
    hash.text(&serde_json::to_string(&numbers).unwrap_or_default());
    for block in &results.blocks {
        hash.text(&block.id);
        hash.text(&block.key);
    }
    hash.hex()
}
