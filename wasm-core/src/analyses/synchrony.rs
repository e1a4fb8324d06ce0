//! Synchrony: the spike time tiling coefficient.
//!
//! Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014: unlike a correlation it does
//! not grow with the firing rate.

use super::frames;

/// Coincidence window to each side.
pub const STTC_DT_S: f64 = 0.05;

/// Pairs are taken among at most this many electrodes, spread evenly over the active ones:
/// all pairs of 1,024 electrodes would be 260 times as many.
pub const STTC_MAX_CHANNELS: usize = 64;

/// The coefficient of two sorted trains within `0..=end`, all in frames; `dt` is inclusive.
/// `None` when a train is empty.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "frame counts stay far below 2^53")]
pub fn sttc(a: &[i64], b: &[i64], dt: i64, end: i64) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (share_a, share_b) = (share_near(a, b, dt), share_near(b, a, dt));
    let tile = |train: &[i64]| tiled(train, dt, end) as f64 / end.max(1) as f64;
    let (tile_a, tile_b) = (tile(a), tile(b));
    // 0/0 means that every spike is tiled and every time too: full agreement.
    let term = |share: f64, tile: f64| if share * tile == 1.0 { 1.0 } else { (share - tile) / (1.0 - share * tile) };
    Some(0.5 * (term(share_a, tile_b) + term(share_b, tile_a)))
}

/// Share of `a`'s spikes that have a spike of `b` within `dt`.
#[expect(clippy::cast_precision_loss, reason = "spike counts")]
fn share_near(a: &[i64], b: &[i64], dt: i64) -> f64 {
    let mut at = 0;
    let mut near = 0_usize;
    for spike in a {
        while at + 1 < b.len() && b[at] < spike - dt {
            at += 1;
        }
        near += usize::from((b[at] - spike).abs() <= dt);
    }
    near as f64 / a.len() as f64
}

/// Frames of `0..=end` within `dt` of a spike, overlaps counted once.
fn tiled(train: &[i64], dt: i64, end: i64) -> i64 {
    let mut covered = 0;
    let mut reached = 0;
    for spike in train {
        let (from, to) = ((spike - dt).max(reached), (spike + dt).min(end));
        covered += (to - from).max(0);
        reached = reached.max(to);
    }
    covered
}

/// Mean coefficient over the pairs of the trains, see [`STTC_MAX_CHANNELS`]; `None` below
/// two trains.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "pair counts")]
pub fn mean_sttc(trains: &[&[i64]], n_frames: i64, sampling_frequency_hz: f64) -> Option<f64> {
    let n = trains.len().min(STTC_MAX_CHANNELS);
    let chosen: Vec<&[i64]> = (0..n).map(|at| trains[at * trains.len() / n]).collect();
    let dt = frames(STTC_DT_S, sampling_frequency_hz);
    let pairs = chosen.iter().enumerate().flat_map(|(at, a)| chosen[at + 1..].iter().map(move |b| (a, b)));
    let values: Vec<f64> = pairs.filter_map(|(a, b)| sttc(a, b, dt, n_frames)).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_values_of_the_published_reference() {
        // The vectors of elephant's tests, from the authors' C code; times x 100.
        let a = [130, 756, 1587, 2823, 3090, 3420, 3820, 4320];
        let b = [102, 271, 1882, 2846, 2879, 4360];
        let value = sttc(&a, &b, 500, 5000).expect("both fire");
        assert!((value - 0.495_860_165_593_376_2).abs() < 1e-12, "{value}");
        let a = [100, 200, 300, 400, 500];
        let near = a.map(|at| at + 1);
        assert_eq!(sttc(&a, &near, 5, 550), Some(1.0));
        assert_eq!(sttc(&a, &[], 5, 550), None);
    }
}
