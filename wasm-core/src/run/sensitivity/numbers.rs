//! The numbers of the headline whose dependence on the threshold is told.

use super::Headline;
use crate::analyses::{MIN_DURATION_S, definitions};

/// A number of the headline.
#[derive(Clone, Copy, Debug)]
pub struct HeadlineNumber {
    /// Field of `summary.json` that holds the number, by which its definition is found.
    pub id: &'static str,
    /// Takes it from a headline; none where it is absent.
    pub value: fn(&Headline) -> Option<f64>,
    /// Differences up to this one are none.
    pub(super) none: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a count for people")]
const ACTIVE: HeadlineNumber =
    HeadlineNumber { id: "active_electrodes", value: |of| Some(of.active_electrodes as f64), none: 0.0 };
const RATE: HeadlineNumber = HeadlineNumber { id: "mean_rate_hz", value: |of| of.mean_rate_hz, none: 0.0 };
const BURSTS: HeadlineNumber = HeadlineNumber { id: "bursts_per_min", value: |of| of.bursts_per_min, none: 0.0 };
#[expect(clippy::cast_precision_loss, reason = "a count for people")]
const BURST_COUNT: HeadlineNumber = HeadlineNumber { id: "n_bursts", value: |of| Some(of.n_bursts as f64), none: 0.0 };
const NETWORK: HeadlineNumber =
    HeadlineNumber { id: "network_bursts_per_min", value: |of| of.network_bursts_per_min, none: 0.0 };
const SYNCHRONY: HeadlineNumber =
    HeadlineNumber { id: "synchrony_sttc", value: |of| of.synchrony_sttc, none: STTC_DIGIT };

/// Synchrony lies around zero where there is none, and is shown with two digits: a step of the last says nothing.
pub(super) const STTC_DIGIT: f64 = 0.01;

/// The five numbers of a recording of so many seconds, in their order; a short one has its bursts counted, as they have
/// no rate.
#[must_use]
pub fn headline_numbers(duration_s: f64) -> [HeadlineNumber; 5] {
    let bursts = if duration_s < MIN_DURATION_S { BURST_COUNT } else { BURSTS };
    [ACTIVE, RATE, bursts, NETWORK, SYNCHRONY]
}

impl HeadlineNumber {
    /// The name and the unit of the number.
    pub(super) fn names(&self) -> (&'static str, &'static str) {
        let known = definitions().into_iter().find(|known| known.id == self.id);
        known.map_or((self.id, ""), |known| (known.name, known.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_definition() {
        for duration_s in [1.0, 100.0] {
            assert!(headline_numbers(duration_s).iter().all(|number| number.names().0 != number.id));
        }
        assert_eq!(headline_numbers(MIN_DURATION_S)[2].names(), ("Burst rate", "per min"));
        assert_eq!(headline_numbers(1.0)[2].names(), ("Bursts", ""));
    }
}
