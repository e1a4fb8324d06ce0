//! Network bursts: moments at which much of the culture fires together.

use super::frames;

/// Bin of the population rate (`MaxWell`'s example scripts take 20 ms).
pub const NETWORK_BIN_S: f64 = 0.02;

/// Standard deviation of the Gaussian that smooths it. `MaxWell`'s 0.3 s merges bursts that
/// follow each other within a second; 0.1 s, in use too, keeps them apart.
const SMOOTHING_S: f64 = 0.1;

/// A network burst peaks above this many times the root mean square of the smoothed rate.
const PEAK_RMS: f64 = 1.2;

/// It lasts as long as the rate stays above this share of its peak.
const EDGE_SHARE: f64 = 0.3;

/// Share of the active electrodes that must take part (35 %, as well-plate systems ask).
pub const NETWORK_MIN_SHARE: f64 = 0.35;

/// Bins of a week. In anything longer, which damaged times make, no bursts are looked for.
const MAX_BINS: usize = 7 * 86_400 * 50;

/// A network burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkBurst {
    /// First frame.
    pub start: i64,
    /// One past the last frame.
    pub end: i64,
    /// Share of the active electrodes that fire in it.
    pub participation: f64,
}

/// Finds network bursts among the trains of the active electrodes of one segment.
///
/// The population rate in 20 ms bins, smoothed, is cut where it peaks above 1.2 x its root
/// mean square; a burst reaches down to 30 % of its peak and counts when at least 35 % of
/// the trains have a spike in it.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bin counts")]
pub fn network_bursts(trains: &[&[i64]], n_frames: i64, sampling_frequency_hz: f64) -> Vec<NetworkBurst> {
    let bin_frames = frames(NETWORK_BIN_S, sampling_frequency_hz).max(1);
    let n_bins = (n_frames / bin_frames) as usize + 1;
    if trains.len() < 2 || n_bins > MAX_BINS {
        return Vec::new();
    }
    let mut counts = vec![0.0; n_bins];
    for frame in trains.iter().copied().flatten() {
        if let Some(count) = counts.get_mut((frame / bin_frames) as usize) {
            *count += 1.0;
        }
    }
    let rate = smooth(&counts, SMOOTHING_S / NETWORK_BIN_S);
    let rms = (rate.iter().map(|value| value * value).sum::<f64>() / n_bins as f64).sqrt();
    let mut found: Vec<NetworkBurst> = Vec::new();
    let (mut bin, mut ended) = (0, 0);
    while bin < n_bins {
        if rate[bin] <= PEAK_RMS * rms || rms <= 0.0 {
            bin += 1;
            continue;
        }
        let above = rate[bin..].iter().take_while(|value| **value > PEAK_RMS * rms).count();
        let peak = rate[bin..bin + above].iter().copied().fold(0.0, f64::max);
        let inside = |value: &&f64| **value > EDGE_SHARE * peak;
        // Where two bursts meet, the later one begins where the earlier one ended.
        let first = (bin - rate[..bin].iter().rev().take_while(inside).count()).max(ended);
        let last = bin + above + rate[bin + above..].iter().take_while(inside).count();
        let frame_of = |bin: usize| i64::try_from(bin).unwrap_or(i64::MAX) * bin_frames;
        let (start, end) = (frame_of(first), frame_of(last));
        let fires = |train: &&&[i64]| {
            let from = train.partition_point(|frame| *frame < start);
            train.get(from).is_some_and(|frame| *frame < end)
        };
        let participation = trains.iter().filter(fires).count() as f64 / trains.len() as f64;
        if participation >= NETWORK_MIN_SHARE {
            found.push(NetworkBurst { start, end, participation });
        }
        ended = last;
        bin = last.max(bin + 1);
    }
    found
}

/// Gaussian smoothing, cut at three standard deviations and renormalised at the ends.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few bins")]
fn smooth(values: &[f64], sigma_bins: f64) -> Vec<f64> {
    let reach = (3.0 * sigma_bins).ceil() as usize;
    let kernel: Vec<f64> = (0..=reach).map(|at| (-0.5 * (at as f64 / sigma_bins).powi(2)).exp()).collect();
    let at = |centre: usize| {
        let window = centre.saturating_sub(reach)..(centre + reach + 1).min(values.len());
        let (sum, weight) = window.fold((0.0, 0.0), |(sum, weight), index| {
            let k = kernel[index.abs_diff(centre)];
            (sum + k * values[index], weight + k)
        });
        sum / weight
    };
    (0..values.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_volleys_are_found_and_lone_activity_is_not() {
        // Ten trains at 1 kHz: a background spike each 3 s, five volleys, and one
        // train that fires alone for a while.
        let volleys = [5_000, 15_000, 25_000, 35_000, 45_000];
        let train = |channel: i64| {
            let background = (0..20).map(|at| at * 3000 + channel * 297);
            let volley = volleys.iter().flat_map(|at| (0..20).map(move |k| at + k * 10 + channel));
            let alone = (0..if channel == 0 { 40 } else { 0 }).map(|k| 55_000 + k * 5);
            let mut train: Vec<i64> = background.chain(volley).chain(alone).collect();
            train.sort_unstable();
            train
        };
        let trains: Vec<Vec<i64>> = (0..10).map(train).collect();
        let views: Vec<&[i64]> = trains.iter().map(Vec::as_slice).collect();
        let found = network_bursts(&views, 60_000, 1000.0);
        assert_eq!(found.len(), 5, "{found:?}");
        for (burst, at) in found.iter().zip(volleys) {
            assert!(burst.start <= at + 50 && at + 150 <= burst.end, "{burst:?} holds the volley at {at}");
            assert!(burst.participation == 1.0);
        }
    }

    #[test]
    fn a_smaller_burst_right_after_a_larger_one_is_kept() {
        // The valley between them is deeper than 30 % of the first one's peak, not of the second's.
        let train = |channel: i64| {
            let volley = |at: i64, n: i64, step: i64| (0..n).map(move |k| at + k * step + channel);
            volley(10_000, 60, 8).chain(volley(10_690, 30, 16)).collect()
        };
        let trains: Vec<Vec<i64>> = (0..10).map(train).collect();
        let views: Vec<&[i64]> = trains.iter().map(Vec::as_slice).collect();
        let found = network_bursts(&views, 12_500, 1000.0);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].end <= found[1].start, "{found:?}");
    }
}
