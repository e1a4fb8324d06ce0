//! Equal bins of a segment, counted from its first frame.

/// The width of a bin in frames, which need not be whole: 3 ms at 12.5 kHz are 37.5 frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins(f64);

impl Bins {
    /// Bins of at least one frame.
    pub fn new(n_frames: f64) -> Self {
        Self(n_frames.max(1.0))
    }

    /// The bin in which a frame lies.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "frames stay far below 2^53")]
    pub fn at(self, frame: i64) -> i64 {
        libm::floor(frame.max(0) as f64 / self.0) as i64
    }

    /// The first whole frame in a bin.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "frames stay far below 2^53")]
    pub fn first_frame(self, bin: i64) -> i64 {
        libm::ceil(bin as f64 * self.0 - 1e-6) as i64
    }

    /// Bins of a segment; the last is one that is not whole, or empty.
    pub fn n(self, n_frames: i64) -> i64 {
        self.at(n_frames).saturating_add(1)
    }

    /// So many bins, in frames.
    pub fn frames(self, n_bins: f64) -> f64 {
        n_bins * self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_need_not_be_whole() {
        let bins = Bins::new(37.5);
        assert_eq!([0, 37, 38, 74, 75, 112, 113].map(|frame| bins.at(frame)), [0, 0, 1, 1, 2, 2, 3]);
        assert_eq!([0, 1, 2, 3].map(|bin| bins.first_frame(bin)), [0, 38, 75, 113]);
        assert_eq!((bins.n(75), bins.n(74), bins.at(-3), bins.frames(2.0)), (3, 2, 0, 75.0));
        assert_eq!(Bins::new(0.2).at(7), 7);
    }
}
