//! Bursts of one electrode: spikes that follow each other closely.

use super::frames;

/// Largest interval inside a burst. 100 ms and 5 spikes are the values that well-plate
/// systems use, and a fixed-interval case of `NeuroExplorer`'s `MaxInterval` method.
pub const BURST_MAX_ISI_S: f64 = 0.1;

/// Fewest spikes of a burst.
pub const BURST_MIN_SPIKES: usize = 5;

/// A burst of one electrode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// Frame of its first spike.
    pub start: i64,
    /// Frame of its last spike.
    pub end: i64,
    /// Number of its spikes.
    pub n_spikes: usize,
}

/// Runs of at least [`BURST_MIN_SPIKES`] spikes with no interval above [`BURST_MAX_ISI_S`]
/// (equal counts as inside).
#[must_use]
pub fn bursts(train: &[i64], sampling_frequency_hz: f64) -> Vec<Burst> {
    let max_isi = frames(BURST_MAX_ISI_S, sampling_frequency_hz);
    train
        .chunk_by(|before, after| after - before <= max_isi)
        .filter(|run| run.len() >= BURST_MIN_SPIKES)
        .map(|run| Burst { start: run[0], end: run[run.len() - 1], n_spikes: run.len() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_exactly_100_ms_is_inside() {
        // At 1,000 Hz a frame is a millisecond.
        let train = [0, 100, 200, 300, 400, 501, 520, 540, 560, 2000, 2001, 2002, 2003, 2004, 2005];
        let found = bursts(&train, 1000.0);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], Burst { start: 0, end: 400, n_spikes: 5 });
        assert_eq!(found[1].n_spikes, 6);
    }
}
