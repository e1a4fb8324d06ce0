//! Whether enough electrodes are active to say that a culture is.

use crate::analyses::{ACTIVE_SPIKES_PER_MIN, NETWORK_MIN_ACTIVE};

/// Share of the electrodes up to which active ones are few.
const FEW_SHARE: f64 = 0.1;

/// How many times the least rate of an active electrode noise may reach: in ten seconds two false detections make an
/// electrode active, at 0.2 Hz, and the least rate is 0.083 Hz.
const NOISE_RATES: f64 = 3.0;

/// Whether so few of many electrodes are active that the culture is not: up to a tenth of all, and either fewer than
/// make a network or so slow that noise above the threshold explains them.
#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
pub fn are_few(n_active: usize, n_electrodes: usize, mean_rate_hz: Option<f64>) -> bool {
    let is_slow = mean_rate_hz.is_some_and(|rate_hz| rate_hz < NOISE_RATES * ACTIVE_SPIKES_PER_MIN / 60.0);
    n_active as f64 <= FEW_SHARE * n_electrodes as f64 && (n_active < NETWORK_MIN_ACTIVE || is_slow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_electrodes_are_no_active_culture() {
        assert!(are_few(1, 64, Some(0.2)) && are_few(1, 64, Some(12.0)) && are_few(1, 16, None));
        // Of a thousand electrodes noise makes more active, all of them slow: 3 x 5 per minute are 0.25 Hz.
        assert!(are_few(60, 1024, Some(0.2)) && !are_few(60, 1024, Some(0.25)) && !are_few(60, 1024, Some(4.0)));
        // More than a tenth, however slow.
        assert!(!are_few(2, 16, Some(0.1)) && !are_few(1, 1, Some(0.1)) && !are_few(30, 64, Some(0.1)));
    }
}
