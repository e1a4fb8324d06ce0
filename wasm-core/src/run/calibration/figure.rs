//! Both recordings over the threshold as a figure.

use super::{Calibration, CountedAt};
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::significant;

/// The axis of the thresholds ends here, or behind the chosen one.
const USUAL_END: f64 = 8.0;

/// Every so many thresholds the silent recording has a dot.
const DOTS: usize = 5;

impl Calibration<'_> {
    /// Rates against the threshold: the silent recording with dots, the active one without, the accepted rate level, and
    /// the chosen threshold upright. Where nothing was found, a curve ends: there is no zero on its axis.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let (counts, limit) = (self.counts, self.limit_per_min);
        let end = self.threshold().map_or(USUAL_END, |threshold| USUAL_END.max(threshold + 1.0));
        let begin = counts.at.first().map_or(USUAL_END, |first| first.threshold).min(end);
        let end = counts.at.last().map_or(end, |last| end.min(last.threshold)).max(begin);
        let curve = |rate: &dyn Fn(&CountedAt) -> f64| -> Vec<(f64, f64)> {
            let shown = counts.at.iter().filter(|at| at.threshold <= end);
            shown.map(|at| (at.threshold, rate(at))).filter(|(_, rate)| *rate > 0.0).collect()
        };
        let silent = curve(&|at| counts.silent_per_min(at.n_silent));
        let active = curve(&|at| counts.active_per_min(at.n_active));
        let known = silent.iter().chain(&active).map(|(_, rate)| *rate).chain(Some(limit).filter(|limit| *limit > 0.0));
        let (low, high) = known.fold((f64::INFINITY, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
        let range = if high > 0.0 { (low / 2.0, high * 2.0) } else { (0.1, 10.0) };
        let dots = Layer::Points { points: silent.iter().step_by(DOTS).copied().collect() };
        let level = vec![(begin, limit), (end, limit)];
        let lines = [silent, active, level]
            .into_iter()
            .filter(|points| points.len() > 1 && points.iter().all(|(_, rate)| *rate > 0.0));
        let mut layers: Vec<Layer> = lines.map(|points| Layer::Line { points }).collect();
        layers.push(dots);
        layers.extend(self.threshold().map(|at| Layer::Limit { at }));
        Figure {
            id: "calibration".into(),
            title: "Spikes of the silent and the active recording".into(),
            sentence: format!(
                "The curve with dots is the silent recording, the other one the active recording; the level line is the \
                 accepted rate of {}. {}",
                significant(limit),
                self.sentence()
            ),
            x: Axis::linear("Threshold", "x noise", (begin, end)),
            y: Axis::log("Spikes", "per min and electrode", range),
            layers,
        }
    }
}
