//! Spikes of one electrode in equal windows.

/// Counts of spikes in whole windows. Only windows with spikes are looked at, so that short ones cost no
/// more than long ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole windows.
    n_windows: u64,
    /// Windows with a spike.
    n_busy: u64,
    /// Spikes in whole windows.
    sum: u64,
    /// Sum of the squares of the counts.
    squares: u64,
}

impl Counts {
    /// Adds a segment of so many frames and its sorted spikes. Windows of `window` frames begin with the
    /// segment; what is left behind the last whole one is not counted.
    pub fn add(&mut self, train: &[i64], n_frames: i64, window: i64) {
        let window = window.max(1);
        let n_windows = n_frames.max(0) / window;
        self.n_windows += n_windows.unsigned_abs();
        let end = n_windows * window;
        let (mut until, mut n) = (0, 0);
        for frame in train.iter().copied().filter(|frame| (0..end).contains(frame)) {
            if frame >= until {
                self.close(n);
                n = 0;
                until = (frame / window + 1) * window;
            }
            n += 1;
        }
        self.close(n);
    }

    /// A window with so many spikes ends.
    fn close(&mut self, n: u64) {
        self.n_busy += u64::from(n > 0);
        self.sum += n;
        self.squares += n * n;
    }

    /// The variance of the counts times the square of the number of windows: a whole number.
    fn spread(&self) -> u128 {
        let squares = u128::from(self.n_windows) * u128::from(self.squares);
        squares - u128::from(self.sum) * u128::from(self.sum)
    }

    /// The share of windows with a spike; none without a window.
    #[expect(clippy::cast_precision_loss, reason = "counts of windows")]
    pub fn presence(&self) -> Option<f64> {
        (self.n_windows > 0).then(|| self.n_busy as f64 / self.n_windows as f64)
    }

    /// Variance of the counts (1/n) divided by their mean; none for fewer than two windows or without a spike in them.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and windows")]
    pub fn fano(&self) -> Option<f64> {
        (self.sum > 0 && self.n_windows >= 2).then(|| self.spread() as f64 / (self.n_windows as f64 * self.sum as f64))
    }

    /// Standard deviation of the counts (1/n) divided by their mean; none for fewer than two windows or
    /// without a spike in them.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and windows")]
    pub fn variation(&self) -> Option<f64> {
        (self.sum > 0 && self.n_windows >= 2).then(|| libm::sqrt(self.spread() as f64) / self.sum as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(train: &[i64], n_frames: i64, window: i64) -> Counts {
        let mut counts = Counts::default();
        counts.add(train, n_frames, window);
        counts
    }

    #[test]
    fn whole_windows_are_counted_and_the_rest_is_not() {
        // Counts 2, 0, 1; the spikes at 30 and 34 lie behind the third window.
        let own = counts(&[0, 9, 20, 30, 34], 35, 10);
        assert_eq!(own, Counts { n_windows: 3, n_busy: 2, sum: 3, squares: 5 });
        assert_eq!(own.presence(), Some(2.0 / 3.0));
        // Mean 1, variance 2/3.
        assert_eq!(own.fano(), Some(2.0 / 3.0));
        assert!(own.variation().is_some_and(|value| (value - libm::sqrt(2.0 / 3.0)).abs() < 1e-12));
        // Segments count together, each from its own start.
        let mut both = own;
        both.add(&[5], 10, 10);
        assert_eq!((both.n_windows, both.n_busy, both.sum), (4, 3, 4));
    }

    #[test]
    fn a_clock_has_no_variance_and_nothing_has_none() {
        let clock: Vec<i64> = (0..100).map(|at| at * 10).collect();
        let own = counts(&clock, 1000, 100);
        assert_eq!((own.presence(), own.fano(), own.variation()), (Some(1.0), Some(0.0), Some(0.0)));
        let silent = counts(&[], 1000, 100);
        assert_eq!((silent.presence(), silent.fano(), silent.variation()), (Some(0.0), None, None));
        let short = counts(&[5], 99, 100);
        assert_eq!((short.presence(), short.fano(), short.variation()), (None, None, None));
        assert_eq!(counts(&[-1, 0, 3], 0, 0), Counts::default());
        // One window tells no variation.
        let one = counts(&[5], 199, 100);
        assert_eq!((one.presence(), one.fano(), one.variation()), (Some(1.0), None, None));
    }
}
