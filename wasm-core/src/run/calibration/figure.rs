//! Both recordings over the threshold as a figure.

use super::{Calibration, CountedAt};
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::significant;

/// The axis of the thresholds ends here, or behind the chosen one.
const USUAL_END: f64 = 8.0;

/// Rates at thresholds.
type Curve = Vec<(f64, f64)>;

impl Calibration<'_> {
    /// Rates against the threshold: a named curve for each recording, the accepted rate level, and the chosen threshold
    /// upright. Where nothing was found, a curve ends: there is no zero on its axis.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let limit = self.limit_per_min;
        let (begin, end) = self.ends();
        let (silent, active) = self.curves();
        let known = silent.iter().chain(&active).map(|(_, rate)| *rate).chain(Some(limit).filter(|limit| *limit > 0.0));
        let (low, high) = known.fold((f64::INFINITY, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
        let range = if high > 0.0 { (low / 2.0, high * 2.0) } else { (0.1, 10.0) };
        let level = if limit > 0.0 { vec![(begin, limit), (end, limit)] } else { Vec::new() };
        let series =
            |(number, (name, points)): (u8, (&str, Curve))| Layer::Series { name: name.into(), number, points };
        let curves = [("Active recording", active), ("Silent recording", silent), ("Accepted rate", level)];
        let mut layers: Vec<Layer> = (0..).zip(curves).map(series).collect();
        layers.extend(self.threshold().map(|at| Layer::Limit { at }));
        Figure {
            id: "calibration".into(),
            title: "Spikes of the silent and the active recording".into(),
            sentence: format!(
                "One curve is the active recording, one the silent recording; the level line is the accepted rate of {} \
                 spikes per minute and electrode. {}",
                significant(limit),
                self.sentence()
            ),
            x: Axis::linear("Threshold", "x noise", (begin, end)),
            y: Axis::log("Spikes", "per min and electrode", range),
            layers,
        }
    }

    /// Which recording has no curve in the figure, and why; none where both have one.
    #[must_use]
    pub fn missing(&self) -> Option<&'static str> {
        let (silent, active) = self.curves();
        match (silent.is_empty(), active.is_empty()) {
            (false, false) => None,
            (true, false) => Some("The silent recording has no curve: it has no spikes at these thresholds."),
            (false, true) => Some("The active recording has no curve: it has no spikes at these thresholds."),
            (true, true) => Some("There are no curves: neither recording has spikes at these thresholds."),
        }
    }

    /// Both ends of the axis of the thresholds.
    fn ends(&self) -> (f64, f64) {
        let counts = self.counts;
        let end = self.threshold().map_or(USUAL_END, |threshold| USUAL_END.max(threshold + 1.0));
        let begin = counts.at.first().map_or(USUAL_END, |first| first.threshold).min(end);
        (begin, counts.at.last().map_or(end, |last| end.min(last.threshold)).max(begin))
    }

    /// Rates above zero of the silent and of the active recording.
    fn curves(&self) -> (Curve, Curve) {
        let (counts, (_, end)) = (self.counts, self.ends());
        let curve = |rate: &dyn Fn(&CountedAt) -> f64| -> Curve {
            let shown = counts.at.iter().filter(|at| at.threshold <= end);
            shown.map(|at| (at.threshold, rate(at))).filter(|(_, rate)| *rate > 0.0).collect()
        };
        (curve(&|at| counts.silent_per_min(at.n_silent)), curve(&|at| counts.active_per_min(at.n_active)))
    }
}
