//! Electrodes that are not worth analysing: dead, noisy, saturated, or outside the tissue.
//!
//! Both methods look at excerpts of the high-passed signal, in microvolts, spread over the
//! recording. `mad` compares each channel's noise with the median channel's and suits any
//! array; `coherence+psd` compares each channel with those near it along a probe.

use serde::{Deserialize, Serialize};

use super::median;
use super::spectrum::welch;

/// Cut-off of the high-pass before either method, in hertz: `SpikeInterface`'s.
pub const HIGH_PASS_HZ: f64 = 300.0;
/// Length of an excerpt in milliseconds: `SpikeInterface`'s.
pub const EXCERPT_MS: f64 = 300.0;
/// Excerpts. `SpikeInterface` draws 100 at random; a label is the most frequent of them,
/// and a fifth as many, evenly spread, rarely disagree.
pub const N_EXCERPTS: u64 = 20;

/// A channel is noisy above this many times the median channel's deviation: `SpikeInterface`'s.
const NOISY_TIMES: f32 = 5.0;
/// And dead below the median's by the same factor.
const DEAD_TIMES: f32 = 0.2;

/// Density above which the highest frequencies mean noise, in µV²/Hz (International Brain Laboratory).
const HIGH_FREQUENCY_UV2_PER_HZ: f64 = 0.02;
/// What counts as the highest frequencies: above this part of the Nyquist frequency.
const HIGH_FREQUENCY_PART: f64 = 0.8;
/// Piece of the spectrum.
const WELCH_MS: f64 = 10.0;
/// Likeness to the others, less its local trend, below which a channel is dead.
const DEAD_LIKENESS: f64 = -0.5;
/// And above which it is noisy.
const NOISY_LIKENESS: f64 = 1.0;
/// Trend of the likeness below which the upper end of a probe lies outside the tissue.
const OUTSIDE_TREND: f64 = 0.25;
/// Channels over which the trend is the median.
const TREND_CHANNELS: usize = 11;

/// The state of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelLabel {
    /// Worth analysing.
    Good,
    /// Sees nothing.
    Dead,
    /// Sees too much.
    Noise,
    /// Lies outside the tissue.
    Out,
    /// The amplifier of the channel was at its limit.
    Saturated,
}

/// The method that finds bad channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BadChannelMethod {
    /// By the median absolute deviation of each channel.
    #[serde(rename = "mad")]
    Mad,
    /// By likeness to the others and power at the highest frequencies.
    #[serde(rename = "coherence+psd")]
    CoherencePsd,
}

/// A piece of the high-passed signal, `[channels][frames]`, in microvolts.
pub type Excerpt = Vec<Vec<f32>>;

/// Labels by the deviation of each channel in each excerpt, `[excerpts][channels]`: the mean
/// over excerpts more than 5 x above or below that of the median channel, flat ones apart. Noisy as in
/// `spikeinterface.preprocessing.detect_bad_channels(method="mad")`, which knows no dead ones.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of excerpts")]
pub fn by_deviation(deviations_uv: &[Vec<f32>]) -> Vec<ChannelLabel> {
    let n_channels = deviations_uv.first().map_or(0, Vec::len);
    let mean = |channel: usize| {
        deviations_uv.iter().map(|excerpt| excerpt[channel]).sum::<f32>() / deviations_uv.len().max(1) as f32
    };
    let means: Vec<f32> = (0..n_channels).map(mean).collect();
    // Electrodes that are switched off say nothing of what is typical of the others.
    let typical = median_or_zero(means.iter().filter(|value| **value > 0.0).map(|value| f64::from(*value)));
    let label = |value: &f32| match f64::from(*value) {
        value if value > f64::from(NOISY_TIMES) * typical => ChannelLabel::Noise,
        value if value <= f64::from(DEAD_TIMES) * typical => ChannelLabel::Dead,
        _ => ChannelLabel::Good,
    };
    means.iter().map(label).collect()
}

/// Labels of one excerpt's channels, in the order of their depth from tip to top: the method
/// of the International Brain Laboratory (2022, "Spike sorting pipeline"), as
/// `spikeinterface.preprocessing.detect_bad_channels_ibl` computes it.
#[must_use]
pub fn by_coherence_and_spectrum(excerpt: &[Vec<f32>], sampling_frequency_hz: f64) -> Vec<ChannelLabel> {
    let (likeness, trend) = likeness_and_trend(excerpt);
    let mut labels = Vec::with_capacity(excerpt.len());
    for (channel, (likeness, trend)) in excerpt.iter().zip(likeness.iter().zip(&trend)) {
        let apart = likeness - trend;
        let noisy =
            apart > NOISY_LIKENESS || high_frequency_power(channel, sampling_frequency_hz) > HIGH_FREQUENCY_UV2_PER_HZ;
        labels.push(match (noisy, apart < DEAD_LIKENESS) {
            (true, _) => ChannelLabel::Noise,
            (false, true) => ChannelLabel::Dead,
            (false, false) => ChannelLabel::Good,
        });
    }
    for (label, _) in labels.iter_mut().zip(&trend).rev().take_while(|(_, trend)| **trend < OUTSIDE_TREND) {
        *label = ChannelLabel::Out;
    }
    labels
}

/// The most frequent of each channel's labels, `[excerpts][channels]`; of equally frequent
/// ones the mildest.
#[must_use]
pub fn most_frequent(labels: &[Vec<ChannelLabel>]) -> Vec<ChannelLabel> {
    use ChannelLabel::{Dead, Good, Noise, Out};
    let n_channels = labels.first().map_or(0, Vec::len);
    let of = |channel: usize| {
        let count = |label: ChannelLabel| labels.iter().filter(|excerpt| excerpt[channel] == label).count();
        // The last of several largest wins, so the mildest comes last.
        [Out, Noise, Dead, Good].into_iter().max_by_key(|label| count(*label)).unwrap_or(Good)
    };
    (0..n_channels).map(of).collect()
}

/// Dot product of each channel with the median of all, by that median's own; and its median
/// over neighbouring channels.
fn likeness_and_trend(excerpt: &[Vec<f32>]) -> (Vec<f64>, Vec<f64>) {
    let centred: Vec<Vec<f64>> = excerpt.iter().map(|channel| centred(channel.iter().map(|v| f64::from(*v)))).collect();
    let n_frames = excerpt.first().map_or(0, Vec::len);
    let across = |frame: usize| median_or_zero(centred.iter().map(|channel| channel[frame]));
    let reference = centred_reference((0..n_frames).map(across));
    let energy: f64 = reference.iter().map(|value| value * value).sum();
    let dot = |channel: &Vec<f64>| channel.iter().zip(&reference).map(|(a, b)| a * b).sum::<f64>();
    let likeness: Vec<f64> =
        centred.iter().map(|channel| if energy > 0.0 { dot(channel) / energy } else { 0.0 }).collect();
    let half = TREND_CHANNELS / 2;
    let around = |at: usize| likeness[at.saturating_sub(half)..(at + half + 1).min(likeness.len())].iter().copied();
    let trend = |at: usize| median_or_zero(around(at));
    let trend = (0..likeness.len()).map(trend).collect();
    (likeness, trend)
}

#[expect(clippy::cast_precision_loss, reason = "a count of frames")]
fn centred(values: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let (sum, n) = values.clone().fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    let mean = sum / n.max(1) as f64;
    values.map(|value| value - mean).collect()
}

fn centred_reference(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    centred(values.iter().copied())
}

/// Mean density above [`HIGH_FREQUENCY_PART`] of the Nyquist frequency.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of bins and frames"
)]
fn high_frequency_power(channel: &[f32], sampling_frequency_hz: f64) -> f64 {
    let spectrum = welch(channel, sampling_frequency_hz, (WELCH_MS * sampling_frequency_hz / 1000.0) as usize);
    let from_hz = sampling_frequency_hz / 2.0 * HIGH_FREQUENCY_PART;
    let above = spectrum.frequencies_hz.iter().zip(&spectrum.density).filter(|(hz, _)| **hz > from_hz);
    let (sum, n) = above.fold((0.0, 0_usize), |(sum, n), (_, density)| (sum + density, n + 1));
    sum / n.max(1) as f64
}

/// The median; zero of nothing.
fn median_or_zero(values: impl IntoIterator<Item = f64>) -> f64 {
    median(values).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `golden/bad_channels.py` with `SpikeInterface`: labels of the excerpts that
    /// [`excerpt`] makes.
    const GOLDEN: &str = include_str!("../../golden/bad_channels.json");

    /// A probe of 32 channels: a signal that all share, noise of their own, and some faults.
    /// `golden/bad_channels.py` computes the same numbers.
    fn excerpt(seed: u32) -> Excerpt {
        let n_frames = 3000;
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24) - 0.5
        };
        let shared: Vec<f64> = (0..n_frames).map(|_| random() * 12.0).collect();
        let mut channel = |at: usize| -> Vec<f32> {
            let (gain, own) = match at {
                5 => (0.02, 0.5),
                9 => (1.0, 90.0),
                14 => (2.6, 4.0),
                28.. => (0.05, 3.0),
                _ => (1.0, 4.0),
            };
            #[expect(clippy::cast_possible_truncation, reason = "signals are f32")]
            shared.iter().map(|shared| (gain * shared + own * random()) as f32).collect()
        };
        (0..32).map(&mut channel).collect()
    }

    #[test]
    fn labels_are_those_of_spikeinterface() {
        let golden: Vec<Vec<usize>> = serde_json::from_str(GOLDEN).expect("golden file");
        let codes = [ChannelLabel::Good, ChannelLabel::Dead, ChannelLabel::Noise, ChannelLabel::Out];
        let mut all = Vec::new();
        for (seed, labels) in (1..).zip(golden) {
            let got = by_coherence_and_spectrum(&excerpt(seed), 30_000.0);
            let want: Vec<ChannelLabel> = labels.iter().map(|code| codes[*code]).collect();
            assert_eq!(got, want, "seed {seed}");
            assert!(codes.iter().all(|code| want.contains(code)), "every label occurs");
            all.push(got);
        }
        assert_eq!(most_frequent(&all).len(), 32);
    }

    #[test]
    fn deviations_far_from_the_median_are_bad() {
        let labels = by_deviation(&[vec![4.0, 5.0, 0.0, 6.0, 90.0], vec![6.0, 5.0, 0.0, 5.0, 10.0]]);
        let expected =
            [ChannelLabel::Good, ChannelLabel::Good, ChannelLabel::Dead, ChannelLabel::Good, ChannelLabel::Noise];
        assert_eq!(labels, expected);
        assert_eq!(most_frequent(&[vec![ChannelLabel::Out], vec![ChannelLabel::Good]]), [ChannelLabel::Good]);
    }
}
