//! What analyses with a row of numbers for each culture share.

use crate::analyses::SpikeTrains;
use crate::table::Table;

/// The cultures that have electrodes; or why there are no numbers of any.
pub fn cultures(of: &SpikeTrains) -> Result<Vec<&Vec<usize>>, String> {
    if let Some(reason) = of.too_short() {
        return Err(reason);
    }
    let cultures: Vec<&Vec<usize>> = of.cultures().iter().filter(|culture| !culture.is_empty()).collect();
    if cultures.is_empty() { Err("no electrodes".to_owned()) } else { Ok(cultures) }
}

/// A table with a row for each of them: with the names of wells, where there are wells.
pub fn row_of_each(of: &SpikeTrains, cultures: &[&Vec<usize>]) -> Table {
    if of.info().wells.is_none() {
        return Table::new("culture", "Culture");
    }
    let names = cultures.iter().map(|culture| of.well(culture[0]).to_owned());
    Table::new("wells", "Wells").texts(("well", "Well"), names)
}
