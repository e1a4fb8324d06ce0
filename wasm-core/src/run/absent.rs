//! Why a number is absent. A number is right or it is not there, and then the reason is.

use std::collections::BTreeMap;

use crate::recording::told_length;

/// Names of numbers that are absent, and why.
#[derive(Default)]
pub(super) struct Absent(pub(super) BTreeMap<String, String>);

impl Absent {
    /// A number, unless there is a reason against it, which is then noted under its name.
    pub(super) fn unless<T>(&mut self, reason: Option<&str>, field: &str, value: impl FnOnce() -> T) -> Option<T> {
        let Some(reason) = reason else { return Some(value()) };
        self.0.insert(field.to_owned(), reason.to_owned());
        None
    }
}

/// Seconds below which a number of spikes is no rate.
pub(crate) const MIN_RATE_S: f64 = 1.0;

/// The reason why a recording of so many seconds has no rates.
pub(super) fn too_short_for_rates(duration_s: f64) -> Option<String> {
    (!(duration_s >= MIN_RATE_S))
        .then(|| format!("too short: {}, at least {MIN_RATE_S} s is needed for a rate", told_length(duration_s)))
}

/// The reason why so few neurons have no network, however many electrodes see them.
pub(super) fn too_few_sources(n_sources: usize, n_needed: usize) -> Option<String> {
    (n_sources < n_needed).then(|| {
        format!(
            "too many electrodes see the same neurons ({n_sources} with neurons of their own, {n_needed} are needed)"
        )
    })
}
