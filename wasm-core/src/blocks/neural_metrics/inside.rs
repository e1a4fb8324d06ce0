//! The intervals inside one burst, of an electrode or of a well.

use crate::analyses::median;

/// Statistics of intervals, in frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inside {
    /// Their mean.
    pub mean: f64,
    /// Their median.
    pub median: f64,
    /// Median by mean; none where all spikes share a frame.
    pub ratio: Option<f64>,
}

impl Inside {
    /// The intervals between the sorted frames of a burst; none of fewer than two spikes.
    #[expect(clippy::cast_precision_loss, reason = "frames and spikes stay far below 2^53")]
    pub fn new(frames: &[i64]) -> Option<Self> {
        let intervals = || frames.windows(2).map(|pair| pair[1] - pair[0]);
        let median = median(intervals().map(|interval| interval as f64))?;
        let mean = intervals().sum::<i64>() as f64 / intervals().len() as f64;
        Some(Self { mean, median, ratio: (mean > 0.0).then(|| median / mean) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_median_of_a_burst() {
        // Intervals 10, 10, 10, 80.
        let odd = Inside::new(&[0, 10, 20, 30, 110]);
        assert_eq!(odd, Some(Inside { mean: 27.5, median: 10.0, ratio: Some(10.0 / 27.5) }));
        // Intervals 10, 20, 90: the one in the middle.
        assert_eq!(Inside::new(&[5, 15, 35, 125]).map(|inside| inside.median), Some(20.0));
        // Intervals 10 and 20: the mean of both.
        assert_eq!(Inside::new(&[0, 10, 30]).map(|inside| inside.median), Some(15.0));
        assert_eq!(Inside::new(&[7, 7, 7]), Some(Inside { mean: 0.0, median: 0.0, ratio: None }));
        assert_eq!((Inside::new(&[7]), Inside::new(&[])), (None, None));
    }
}
