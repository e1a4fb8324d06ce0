//! A number over the threshold as a figure.

use super::{AtThreshold, HeadlineNumber, Sensitivity, THRESHOLDS};
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::significant;

impl Sensitivity {
    /// A number over the threshold, with a line at the present one. The axis of the number holds zero, so that flat is
    /// flat.
    #[must_use]
    pub fn figure(&self, number: &HeadlineNumber, present: &AtThreshold) -> Figure {
        let (name, unit) = number.names();
        let values: Vec<(f64, Option<f64>)> =
            self.at().iter().map(|at| (at.threshold, (number.value)(&at.headline))).collect();
        let known = |values: &[(f64, Option<f64>)]| -> Vec<(f64, f64)> {
            values.iter().filter_map(|(threshold, value)| Some((*threshold, (*value)?))).collect()
        };
        // Where it is absent the line is broken.
        let runs = values.chunk_by(|one, other| one.1.is_some() == other.1.is_some()).map(known);
        let lines = runs.filter(|run| run.len() > 1).map(|points| Layer::Line { points });
        let mut points = known(values.as_slice());
        let sentence = sentence(&points, values.len(), unit);
        points.extend((number.value)(&present.headline).map(|value| (present.threshold, value)));
        let (low, high) =
            points.iter().fold((0.0_f64, 0.0_f64), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
        let range = if high > low { (1.1 * low, 1.1 * high) } else { (0.0, 1.0) };
        let told = self.change(number).map_or_else(String::new, |change| format!(" {}", change.sentence()));
        let ends = (THRESHOLDS[0].min(present.threshold), THRESHOLDS[THRESHOLDS.len() - 1].max(present.threshold));
        let mut layers: Vec<Layer> = lines.collect();
        layers.extend([Layer::Points { points }, Layer::Limit { at: present.threshold }]);
        Figure {
            id: format!("sensitivity_{}", number.id),
            title: format!("{name} over the threshold"),
            sentence: format!(
                "{sentence}{told} The line is the threshold of {} x noise.",
                significant(present.threshold)
            ),
            x: Axis::linear("Threshold", "x noise", ends),
            y: Axis::linear(name, unit, range),
            layers,
        }
    }
}

/// Where a number begins and where it ends.
fn sentence(known: &[(f64, f64)], n_all: usize, unit: &str) -> String {
    let at = |(threshold, value): &(f64, f64)| {
        let value = format!("{} {unit}", significant(*value));
        format!("{} at {} x noise", value.trim_end(), significant(*threshold))
    };
    let absent = match n_all - known.len() {
        0 => String::new(),
        n => format!(", absent at {n} of {n_all} thresholds"),
    };
    match known {
        [] if n_all == 0 => "No threshold was looked at yet.".into(),
        [] => "Absent at all thresholds.".into(),
        [one] => format!("{}{absent}.", at(one)),
        [first, .., last] => format!("From {} to {}{absent}.", at(first), at(last)),
    }
}
