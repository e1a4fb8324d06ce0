//! The rate of some electrodes over the whole recording, behind what is marked in it.

use crate::analyses::SpikeTrains;
use crate::figure::{Axis, Histogram, Layer};

/// Bins of the rate.
const N_BINS: usize = 600;

/// A line over time.
pub struct Rate {
    pub x: Axis,
    pub y: Axis,
    pub line: Layer,
    pub length_s: f64,
}

impl Rate {
    /// The mean rate of these electrodes.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and electrodes")]
    pub fn new(of: &SpikeTrains, electrodes: &[usize]) -> Self {
        let (first_s, last_s) = of.span_s();
        let x = Axis::linear("Time", "s", (first_s, last_s));
        let times = of.frames().iter().enumerate().flat_map(|(segment, trains)| {
            electrodes.iter().flat_map(move |at| trains[*at].iter().map(move |frame| of.time_s(segment, *frame)))
        });
        let counts = Histogram::new(times, &x, N_BINS);
        let bin_s = (last_s - first_s) / N_BINS as f64;
        let place = |(at, count): (usize, &u32)| {
            (first_s + (at as f64 + 0.5) * bin_s, f64::from(*count) / bin_s / electrodes.len().max(1) as f64)
        };
        let points: Vec<(f64, f64)> = counts.counts.iter().enumerate().map(place).collect();
        let most = points.iter().fold(0.0, |most: f64, (_, rate)| most.max(*rate));
        let y = Axis::linear("Rate of an active electrode", "Hz", (0.0, if most > 0.0 { most } else { 1.0 }));
        Self { x, y, line: Layer::Line { points }, length_s: last_s - first_s }
    }
}
