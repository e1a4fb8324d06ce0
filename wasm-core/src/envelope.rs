//! Min/max envelopes: what is drawn when a pixel holds many frames.

/// Smallest and largest value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Smallest.
    pub min: f32,
    /// Largest.
    pub max: f32,
}

impl Extent {
    /// Of no value at all; any value widens it.
    pub const EMPTY: Self = Self { min: f32::INFINITY, max: f32::NEG_INFINITY };

    /// The extent with one more value.
    #[must_use]
    pub const fn with(self, value: f32) -> Self {
        Self { min: self.min.min(value), max: self.max.max(value) }
    }
}

/// Reduces a signal to `n_bins` extents of equal width; a bin without a frame of its own
/// takes the frame at its place, so that no column is empty.
#[must_use]
pub fn bins(values: &[f32], n_bins: usize) -> Vec<Extent> {
    if values.is_empty() {
        return vec![Extent::EMPTY; n_bins];
    }
    let at = |bin: usize| bin * values.len() / n_bins.max(1);
    let of = |bin: usize| {
        let range = at(bin)..at(bin + 1).max(at(bin) + 1).min(values.len());
        values[range].iter().fold(Extent::EMPTY, |extent, value| extent.with(*value))
    };
    (0..n_bins).map(of).collect()
}
