//! The cultures that an analysis with a row of numbers for each of them goes over.

use crate::analyses::SpikeTrains;

/// The cultures that have electrodes; or why there are no numbers of any.
pub fn cultures(of: &SpikeTrains) -> Result<Vec<&Vec<usize>>, String> {
    if let Some(reason) = of.too_short() {
        return Err(reason);
    }
    let cultures: Vec<&Vec<usize>> = of.cultures().iter().filter(|culture| !culture.is_empty()).collect();
    if cultures.is_empty() { Err("no electrodes".to_owned()) } else { Ok(cultures) }
}
