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

/// Bursts, summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BurstSums {
    /// Their number.
    pub n: u64,
    /// Intervals between spikes inside them.
    pub n_intervals: u64,
    /// The time from first to last spike, of all together.
    pub time: f64,
}

impl BurstSums {
    /// Adds up bursts; the time is in frames.
    #[expect(clippy::cast_precision_loss, reason = "frames")]
    pub fn of<'a>(bursts: impl IntoIterator<Item = &'a Burst>) -> Self {
        bursts.into_iter().fold(Self::default(), |sums, burst| Self {
            n: sums.n + 1,
            n_intervals: sums.n_intervals + burst.n_spikes as u64 - 1,
            time: sums.time + (burst.end - burst.start) as f64,
        })
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { n: self.n + other.n, n_intervals: self.n_intervals + other.n_intervals, time: self.time + other.time }
    }

    /// Their spikes; one that ends a burst and begins the next counts twice.
    #[must_use]
    pub const fn n_spikes(&self) -> u64 {
        self.n_intervals + self.n
    }

    /// The mean interval inside them; none without bursts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub fn mean_interval(&self) -> Option<f64> {
        (self.n_intervals > 0).then(|| self.time / self.n_intervals as f64)
    }
}

/// Runs of at least [`BURST_MIN_SPIKES`] spikes with no interval above [`BURST_MAX_ISI_S`]
/// (equal counts as inside).
#[must_use]
pub fn bursts(train: &[i64], sampling_frequency_hz: f64) -> Vec<Burst> {
    let max_isi = frames(BURST_MAX_ISI_S, sampling_frequency_hz);
    runs(train, BURST_MIN_SPIKES, |interval| interval <= max_isi)
}

/// Runs of at least so many spikes of which every interval, in frames, is `inside`.
#[must_use]
pub fn runs(train: &[i64], min_spikes: usize, inside: impl Fn(i64) -> bool) -> Vec<Burst> {
    train
        .chunk_by(|before, after| inside(after - before))
        .filter(|run| run.len() >= min_spikes)
        .map(|run| Burst { start: run[0], end: run[run.len() - 1], n_spikes: run.len() })
        .collect()
}

/// The limits of the `MaxInterval` method, times in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxInterval {
    /// Largest interval that starts a burst.
    pub max_start_interval: i64,
    /// Largest interval inside a burst.
    pub max_end_interval: i64,
    /// Bursts that are closer than this, from last to first spike, are one.
    pub min_gap: i64,
    /// Shortest burst, from first to last spike.
    pub min_duration: i64,
    /// Fewest spikes of a burst.
    pub min_spikes: usize,
}

impl MaxInterval {
    /// The bursts of a train: a burst starts with an interval of at most
    /// [`Self::max_start_interval`] and goes on while intervals are at most
    /// [`Self::max_end_interval`]; then those close together are merged, from the left; then
    /// those too short are dropped. As the manuals of `NeuroExplorer` and `MC_Rack` tell it.
    #[must_use]
    pub fn bursts(&self, train: &[i64]) -> Vec<Burst> {
        let mut found: Vec<Burst> = Vec::new();
        let mut open: Option<usize> = None;
        let mut close = |first: usize, last: usize| {
            let burst = Burst { start: train[first], end: train[last], n_spikes: last - first + 1 };
            match found.last_mut() {
                Some(before) if burst.start - before.end < self.min_gap => {
                    let skipped = train[..first].partition_point(|frame| *frame <= before.end);
                    before.n_spikes += burst.n_spikes + (first - skipped);
                    before.end = burst.end;
                }
                _ => found.push(burst),
            }
        };
        for (at, pair) in train.windows(2).enumerate() {
            let interval = pair[1] - pair[0];
            match open {
                None if interval <= self.max_start_interval => open = Some(at),
                Some(first) if interval > self.max_end_interval => {
                    close(first, at);
                    open = None;
                }
                _ => {}
            }
        }
        if let Some(first) = open {
            close(first, train.len() - 1);
        }
        found.retain(|burst| burst.end - burst.start >= self.min_duration && burst.n_spikes >= self.min_spikes);
        found
    }
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

    #[test]
    fn max_interval_starts_ends_merges_and_drops() {
        let limits = MaxInterval {
            max_start_interval: 100,
            max_end_interval: 250,
            min_gap: 300,
            min_duration: 50,
            min_spikes: 5,
        };
        // 250 is inside but starts none; the lone spike between two bursts that merge is theirs.
        let train = [0, 250, 350, 450, 700, 951, 1000, 1010, 1020, 5000, 5010, 5020, 5030, 5040, 9000, 9100];
        assert_eq!(
            limits.bursts(&train),
            [Burst { start: 250, end: 1020, n_spikes: 8 }],
            "the second lasts 40, the third has two spikes"
        );
        assert!(limits.bursts(&[]).is_empty() && limits.bursts(&[5]).is_empty());
        let fixed =
            MaxInterval { max_start_interval: 100, max_end_interval: 100, min_gap: 0, min_duration: 0, min_spikes: 5 };
        assert_eq!(fixed.bursts(&train), bursts(&train, 1000.0));
    }
}
