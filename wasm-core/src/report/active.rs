//! Whether enough electrodes are active to say that a culture is, and whether noise alone explains their spikes.

use crate::analyses::{ACTIVE_SPIKES_PER_MIN, NETWORK_MIN_ACTIVE, is_active};
use crate::run::ChannelSummary;

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

/// How often noise crosses k x noise at most, in Hz, before exp(-k²/2): 4,000 in a band up to 6 kHz (Rice 1944), and up
/// to twenty times as often where few electrodes have a common reference.
const MOST_HZ: f64 = 80_000.0;

/// How far the peaks of noise lie above a threshold of k x noise, on average: 1 / k noises, for values that are
/// normally distributed; few electrodes with a common reference reach a little further.
const BEYOND: f64 = 2.5;

/// The mean peak of the active electrodes in units of their thresholds, where it is as low as that of noise which
/// crosses so many x noise, and as rarely; none where peaks are higher, more, or not known.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
pub fn peaks_of_noise(channels: &[ChannelSummary], threshold: f64) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0);
    for channel in channels {
        let Some(rate_hz) = channel.rate_hz.filter(|rate_hz| *rate_hz > 0.0) else { continue };
        if is_active(channel.n_spikes, channel.n_spikes as f64 / rate_hz) {
            if rate_hz > MOST_HZ * libm::exp(-threshold * threshold / 2.0) {
                return None;
            }
            let peak = f64::from(channel.mean_amplitude_uv?.abs()) / f64::from(channel.threshold_uv?);
            (sum, n) = (sum + peak * channel.n_spikes as f64, n + channel.n_spikes);
        }
    }
    let mean = (n > 0).then(|| sum / n as f64)?;
    (mean < 1.0 + BEYOND / (threshold * threshold)).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_that_barely_cross_the_threshold_are_those_of_noise() {
        let channel = |n_spikes: u64, rate_hz: f64, peak_uv: f32| ChannelSummary {
            threshold_uv: Some(20.0),
            n_spikes,
            rate_hz: Some(rate_hz),
            mean_amplitude_uv: Some(peak_uv),
            ..ChannelSummary::default()
        };
        // Noise of a normal distribution reaches 5.2 x noise on average above 5, so 1.04 x the threshold.
        let noise = [channel(20, 0.2, -20.8), channel(25, 0.25, -20.8)];
        assert!(peaks_of_noise(&noise, 5.0).is_some_and(|peak| (peak - 1.04).abs() < 1e-6));
        assert_eq!(peaks_of_noise(&[channel(20, 0.2, -20.8), channel(25, 0.25, -28.0)], 5.0), None);
        // Above 4 x noise it lies further beyond.
        let low = [channel(20, 0.2, -22.8)];
        assert!(peaks_of_noise(&low, 5.0).is_none() && peaks_of_noise(&low, 4.0).is_some());
        // As many as noise never brings.
        assert_eq!(peaks_of_noise(&[channel(200, 2.0, -20.8)], 5.0), None);
        // None is active.
        assert_eq!(peaks_of_noise(&[channel(1, 0.01, -20.8)], 5.0), None);
    }

    #[test]
    fn few_electrodes_are_no_active_culture() {
        assert!(are_few(1, 64, Some(0.2)) && are_few(1, 64, Some(12.0)) && are_few(1, 16, None));
        // Of a thousand electrodes noise makes more active, all of them slow: 3 x 5 per minute are 0.25 Hz.
        assert!(are_few(60, 1024, Some(0.2)) && !are_few(60, 1024, Some(0.25)) && !are_few(60, 1024, Some(4.0)));
        // More than a tenth, however slow.
        assert!(!are_few(2, 16, Some(0.1)) && !are_few(1, 1, Some(0.1)) && !are_few(30, 64, Some(0.1)));
    }
}
