//! The tables and figures of methods that tell how surprising each burst is.

use super::{Outcome, of_bursts};
use crate::analyses::{Burst, SpikeTrains, mean};
use crate::table::Table;

/// Tables and figures of bursts with their surprise, `[channel][segment]`, which `find` finds in a train; `more` are
/// further columns of the electrodes.
pub fn outcome(
    of: &SpikeTrains,
    found: &[Vec<Vec<(Burst, f64)>>],
    find: &dyn Fn(&[i64]) -> Vec<Burst>,
    more: Table,
) -> Outcome {
    let bursts: Vec<Vec<Vec<Burst>>> = found
        .iter()
        .map(|own| own.iter().map(|segment| segment.iter().map(|(burst, _)| *burst).collect()).collect())
        .collect();
    let more = more
        .numbers(("mean_surprise", "Surprise of a burst", ""), found.iter().map(|own| mean(surprises(own))))
        .numbers(
            ("max_surprise", "Of the most surprising", ""),
            found.iter().map(|own| surprises(own).reduce(f64::max)),
        );
    // A limit of intervals is each electrode's own.
    of_bursts::outcome(of, &bursts, find, more, &[])
}

fn surprises(own: &[Vec<(Burst, f64)>]) -> impl Iterator<Item = f64> {
    own.iter().flatten().map(|(_, surprise)| *surprise)
}
