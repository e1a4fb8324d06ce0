//! A number over the wells: as a picture of the plate, and well by well.

use std::collections::BTreeMap;

use super::{OfWell, OverWells, Plate, numbered};
use crate::figure::{Axis, Figure, Layer, OVER_WELLS};
use crate::table::{Table, four_digits};

impl Plate {
    /// Both figures of each number of a table of wells.
    #[must_use]
    pub fn figures(&self, table: &Table) -> Vec<Figure> {
        let all = numbered(table).into_iter().filter_map(|column| self.over_wells(table, column));
        all.flat_map(|over| over.figures()).collect()
    }
}

impl OverWells {
    /// Both figures.
    #[must_use]
    pub fn figures(&self) -> [Figure; 2] {
        [self.heat_map(), self.by_well()]
    }

    /// The plate, each well in the colour of its number.
    #[must_use]
    pub fn heat_map(&self) -> Figure {
        let places: Vec<(f64, f64)> = self.wells.iter().map(|well| well.place).collect();
        let end = |of: fn(&(f64, f64)) -> f64| places.iter().map(of).fold(0.0, f64::max) + 0.5;
        Figure {
            id: format!("plate-{}", self.name),
            title: self.figure_title(),
            sentence: format!("{} Pale wells have no number.", self.sentence()),
            x: Axis::linear(&self.title, &self.unit, (-0.5, end(|place| place.0))),
            // The first row is on top.
            y: Axis::linear("", "", (end(|place| place.1), -0.5)),
            layers: vec![Layer::Wells {
                names: self.wells.iter().map(|well| well.well.clone()).collect(),
                values: self.wells.iter().map(known).collect(),
                range: self.range(),
                places,
            }],
        }
    }

    /// A point for each well, in the plate's order; a shaded step has none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "wells of a plate")]
    pub fn by_well(&self) -> Figure {
        let (low, high) = self.range();
        let each = || self.wells.iter().enumerate().map(|(at, well)| (at as f64, known(well)));
        let points: Vec<(f64, f64)> = each().filter_map(|(at, value)| Some((at + 0.5, value?))).collect();
        let spans = each().filter(|(_, value)| value.is_none()).map(|(at, _)| (at, at + 1.0)).collect();
        Figure {
            id: format!("wells-{}", self.name),
            title: format!("{}, by well", self.figure_title()),
            sentence: format!("{} Shaded wells have no number.", self.sentence()),
            x: Axis::linear(OVER_WELLS, "", (0.0, self.wells.len() as f64)),
            y: Axis::linear(&self.title, &self.unit, (low, high + (high - low) * 0.05)),
            layers: vec![
                Layer::Spans { spans },
                Layer::Points { points },
                Layer::Names { names: self.wells.iter().map(|well| well.well.clone()).collect() },
            ],
        }
    }

    fn figure_title(&self) -> String {
        match self.wells.as_slice() {
            [one] => format!("{}, well {}", self.title, one.well),
            all => format!("{}, all {} wells", self.title, all.len()),
        }
    }

    /// From 0, or from what is below it.
    fn range(&self) -> (f64, f64) {
        let values = || self.wells.iter().filter_map(known);
        let (low, high) = (values().fold(0.0, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        (low, if high > low { high } else { low + 1.0 })
    }

    /// A number with its unit.
    #[must_use]
    pub fn with_unit(&self, value: f64) -> String {
        if self.unit.is_empty() { four_digits(value) } else { format!("{} {}", four_digits(value), self.unit) }
    }

    /// The largest and the smallest, and why numbers are absent, each reason once.
    fn sentence(&self) -> String {
        let values = || self.wells.iter().filter_map(|well| Some((well, known(well)?)));
        let lowest = values().min_by(|(_, one), (_, other)| one.total_cmp(other));
        let highest = values().rev().max_by(|(_, one), (_, other)| one.total_cmp(other));
        let told = |(well, value): (&OfWell, f64)| format!("{} (well {})", self.with_unit(value), well.well);
        let (n, n_all) = (values().count(), self.wells.len());
        let mut sentence = match lowest.zip(highest) {
            Some((lowest, highest)) => {
                format!("{n} of {n_all} wells have this number, from {} to {}.", told(lowest), told(highest))
            }
            None => format!("None of {n_all} wells has this number."),
        };
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for well in &self.wells {
            if let Err(reason) = &well.value {
                reasons.entry(reason).or_default().push(&well.well);
            }
        }
        for (reason, wells) in reasons {
            sentence.push_str(&format!(" Not of {}: {reason}.", wells.join(", ")));
        }
        sentence
    }
}

/// The number, if it is known.
fn known(well: &OfWell) -> Option<f64> {
    well.value.as_ref().ok().copied()
}
