//! Numbers over the wells of a plate: which wells there are, what a table says of each, and why it says nothing.
//!
//! A table of wells has the id `wells` and a column `well`, a row for each. Whatever analysis it is of, its columns
//! become pictures of the plate by one way ([`OverWells`]).

mod figures;
mod grid;
mod over_wells;
mod table;

use std::collections::BTreeMap;

pub use crate::recording::{all_wells, titled, wells_of};
pub use over_wells::{OfWell, OverWells, leading, numbered};
pub use table::wells_table;

use crate::recording::{StreamInfo, well_names};
use crate::run::Summary;

/// The wells of a plate, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// All of them, empty ones too.
    pub wells: Vec<Well>,
}

/// A well.
#[derive(Clone, Debug, PartialEq)]
pub struct Well {
    /// Name of the well, such as `B3`.
    pub name: String,
    /// Column and row on the plate, from 0.
    pub place: (f64, f64),
    /// Electrodes that lie in it.
    pub n_electrodes: usize,
    /// Electrodes of the well that are active.
    pub active_electrodes: usize,
    /// Spikes of all of them.
    pub n_spikes: u64,
    /// Whether the pipeline leaves all of them out.
    pub is_left_out: bool,
    /// Names of numbers of the summary that it does not have, and why.
    absent: BTreeMap<String, String>,
}

impl Plate {
    /// The plate of a result; none where there are no wells.
    #[must_use]
    pub fn new(summary: &Summary) -> Option<Self> {
        let names: Vec<String> = summary.wells.iter().map(|culture| culture.well.clone().unwrap_or_default()).collect();
        let places = grid::places(&names);
        let wells = summary.wells.iter().zip(names).zip(places).map(|((culture, name), place)| {
            let own = || summary.channels.iter().filter(|channel| channel.well.as_deref() == Some(name.as_str()));
            Well {
                place,
                n_electrodes: culture.n_electrodes,
                active_electrodes: culture.active_electrodes,
                n_spikes: own().map(|channel| channel.n_spikes).sum(),
                is_left_out: culture.n_electrodes > 0 && own().all(|channel| channel.left_out),
                absent: culture.absent.clone(),
                name: name.clone(),
            }
        });
        let wells: Vec<Well> = wells.collect();
        (!wells.is_empty()).then_some(Self { wells })
    }

    /// The well with most active electrodes, of equals that with most spikes, then the first: that of which figures
    /// are as long as nobody chooses.
    #[must_use]
    pub fn most_active(&self) -> Option<&Well> {
        let named = self.wells.iter().filter(|well| well.n_electrodes > 0 && !well.name.is_empty());
        named.rev().max_by_key(|well| (well.active_electrodes, well.n_spikes))
    }

    /// The well of this name.
    #[must_use]
    pub fn well(&self, name: &str) -> Option<&Well> {
        self.wells.iter().find(|well| well.name == name)
    }
}

/// Checks that a stream has a well of this name.
///
/// # Errors
/// Where no well has this name: says so, and names the wells there are.
pub fn check_well(info: &StreamInfo, name: &str) -> Result<(), String> {
    let known = well_names(info);
    if known.is_empty() {
        return Err(format!("there is no well “{name}”: the recording has no wells; leave the well away"));
    }
    if known.contains(&name) {
        return Ok(());
    }
    Err(format!("there is no well “{name}” with electrodes; choose one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests;
