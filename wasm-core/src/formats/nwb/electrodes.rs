//! The electrodes table, whose rows series refer to.

use crate::formats::hdf5::H5;

const TABLE: &str = "general/extracellular_ephys/electrodes";

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "row numbers")]
fn picked<T: Clone>(column: &[T], rows: &[f64]) -> Option<Vec<T>> {
    rows.iter().map(|row| column.get(*row as usize).filter(|_| *row >= 0.0).cloned()).collect()
}

/// Names where the table has them, else the electrodes' ids.
pub fn ids(file: &H5, rows: &[f64]) -> Option<Vec<String>> {
    if let Ok(names) = file.strings(&format!("{TABLE}/channel_name")) {
        return picked(&names, rows);
    }
    let ids = file.numbers(&format!("{TABLE}/id")).ok()?;
    Some(picked(&ids, rows)?.iter().map(|id| format!("{id:.0}")).collect())
}

/// What a person calls the electrodes, where the table has a column of labels beside the ids.
pub fn names(file: &H5, rows: &[f64]) -> Option<Vec<String>> {
    let column = ["label", "electrode_name", "contact_name", "name"];
    let names = column.iter().find_map(|column| file.strings(&format!("{TABLE}/{column}")).ok())?;
    picked(&names, rows).filter(|names| names.iter().any(|name| !name.is_empty()))
}

/// Positions on the probe; those in the brain do not say how electrodes lie to one another.
pub fn positions(file: &H5, rows: &[f64]) -> Option<Vec<[f64; 2]>> {
    let x = picked(&file.numbers(&format!("{TABLE}/rel_x")).ok()?, rows)?;
    let y = picked(&file.numbers(&format!("{TABLE}/rel_y")).ok()?, rows)?;
    let known = x.iter().chain(&y).all(|value| value.is_finite());
    known.then(|| x.iter().zip(&y).map(|(x, y)| [*x, *y]).collect())
}
