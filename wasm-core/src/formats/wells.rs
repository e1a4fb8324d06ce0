//! Wells of a plate that its files number and do not name: their names, and places on the map.

/// Rows and columns of plates by their number of wells.
const PLATES: [(usize, [usize; 2]); 6] =
    [(6, [2, 3]), (12, [3, 4]), (24, [4, 6]), (48, [6, 8]), (96, [8, 12]), (384, [16, 24])];

/// Columns of a plate; of one of no usual size, those of a square.
fn n_columns(n_wells: usize) -> usize {
    let known = PLATES.iter().find(|(n, _)| *n == n_wells).map(|(_, [_, columns])| *columns);
    known.unwrap_or_else(|| (1..=n_wells).find(|side| side * side >= n_wells).unwrap_or(1))
}

/// Column and row of a well, counted row by row, both from 0.
pub fn place(well: usize, n_wells: usize) -> [usize; 2] {
    let columns = n_columns(n_wells).max(1);
    [well % columns, well / columns]
}

/// The name of a well, such as `B3`, on a plate of a usual size.
pub fn name(well: usize, n_wells: usize) -> Option<String> {
    let is_usual = PLATES.iter().any(|(n, _)| *n == n_wells) && well < n_wells;
    let [column, row] = is_usual.then(|| place(well, n_wells))?;
    let letter = u8::try_from(row).ok().filter(|row| *row < 26)?;
    Some(format!("{}{}", char::from(b'A' + letter), column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wells_are_counted_row_by_row() {
        assert_eq!(
            (name(0, 24).as_deref(), name(6, 24).as_deref(), name(95, 96).as_deref()),
            (Some("A1"), Some("B1"), Some("H12"))
        );
        assert_eq!((name(24, 24), name(2, 5)), (None, None));
        assert_eq!((place(5, 6), place(4, 5), place(0, 0)), ([2, 1], [1, 1], [0, 0]));
    }
}
