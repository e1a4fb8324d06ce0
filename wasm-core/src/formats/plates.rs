//! Axion's multi-well plates: what their types hold, and where electrodes lie by their names.
//!
//! `A1_42` is the electrode in column 4 and row 2 of the well in row A and column 1. Sizes of
//! plates are those of the vendor's loader (AxionFileLoader, MIT, `PlateTypes`).

/// Distance that electrodes of a well are drawn at, as meaRtools draws them. Neither files nor
/// the vendor's loader tell one.
const PITCH_UM: f64 = 200.0;
/// Columns and rows that are left free between wells.
const BETWEEN: u32 = 1;

/// What is said of the places that names give.
pub const LAYOUT_NOTE: &str = "Electrodes lie by the column and row in their names, and wells by theirs. Distances are \
    made up (200 µm from one electrode to the next): the files tell none.";

/// Rows and columns of wells, then columns and rows of a well's electrodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plate {
    well_rows: u32,
    well_columns: u32,
    columns: u32,
    rows: u32,
}

const fn plate(well_rows: u32, well_columns: u32, columns: u32, rows: u32) -> Plate {
    Plate { well_rows, well_columns, columns, rows }
}

/// Plates by their number of wells.
const BY_WELLS: [(u32, Plate); 6] = [
    (1, plate(1, 1, 8, 8)),
    (6, plate(2, 3, 8, 8)),
    (12, plate(3, 4, 8, 8)),
    (24, plate(4, 6, 4, 4)),
    (48, plate(6, 8, 4, 4)),
    (96, plate(8, 12, 3, 3)),
];

/// Numbers of types in files, what they are called, and their wells.
const BY_TYPE: &[(u32, &str, u32)] = &[
    (0x40_0000, "Linear, one well", 1),
    (0x40_0001, "Muse, one well", 1),
    (0x180_0000, "Linear, 6 wells", 6),
    (0x180_0001, "CytoView MEA 24", 24),
    (0x180_0002, "BioCircuit MEA 24", 24),
    (0x180_0003, "CytoView MEA 6", 6),
    (0x180_0004, "Lumos MEA 24", 24),
    (0x300_0000, "Linear, 12 wells", 12),
    (0x300_0001, "CytoView MEA 12", 12),
    (0x300_0002, "Classic MEA 48", 48),
    (0x300_0003, "Classic MEA 96", 96),
    (0x300_0004, "CytoView MEA 48", 48),
    (0x300_0006, "Lumos MEA 48", 48),
    (0x300_0007, "Classic MEA 48 E-Stim+", 48),
    (0x300_0008, "BioCircuit MEA 96", 96),
    (0x300_0009, "CytoView MEA 96", 96),
    (0x300_000A, "Lumos MEA 96", 96),
    (0x300_000B, "BioCircuit MEA 48", 48),
    (0x300_000C, "Classic MEA 48 AccuSpot", 48),
    (0x300_0015, "CytoView MEA 48 Organoid", 48),
    (0x300_0016, "CytoView MEA 12", 12),
];

/// The name of a type, and its plate.
pub fn of_type(number: u32) -> Option<(&'static str, Plate)> {
    let (_, name, n_wells) = BY_TYPE.iter().find(|(known, ..)| *known == number)?;
    Some((*name, of_wells(*n_wells)?))
}

fn of_wells(n_wells: u32) -> Option<Plate> {
    BY_WELLS.iter().find(|(known, _)| *known == n_wells).map(|(_, plate)| *plate)
}

/// The plate of a type as AxIS writes it, such as `Maestro 48-Well (Transparent)` or `CytoView MEA 24`.
pub fn of_text(text: &str) -> Option<Plate> {
    let numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok());
    numbers.filter(|n| *n > 1).find_map(of_wells)
}

/// Where an electrode lies, all counted from 1. The order is that of a plate: well by well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub well_row: u32,
    pub well_column: u32,
    pub column: u32,
    pub row: u32,
}

impl Place {
    /// The place that a name tells, such as `B12_43`, and as people write it: `b12_43`, `B12-43`, `B12 43`, `B02_43`.
    pub fn read(id: &str) -> Option<Self> {
        let (well, electrode) = id.split_once(['_', '-', ' '])?;
        let (well_row, well_column) = well_place(&plain_well(well)?)?;
        let mut digits = electrode.chars();
        let (column, row) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(10)?);
        (digits.next().is_none() && column > 0 && row > 0).then_some(Self { well_row, well_column, column, row })
    }

    /// The well's name.
    pub fn well(&self) -> String {
        let letter = u8::try_from(self.well_row).unwrap_or(1).clamp(1, 26) - 1;
        format!("{}{}", char::from(b'A' + letter), self.well_column)
    }

    /// The electrode's name.
    pub fn id(&self) -> String {
        format!("{}_{:x}{}", self.well(), self.column, self.row)
    }
}

/// A well such as `b2` or `B02` as plates name it, `B2`. The rows of the largest plate are A to P.
fn plain_well(name: &str) -> Option<String> {
    let (letter, number) = name.split_at_checked(1)?;
    let is_small = letter.bytes().all(|letter| (b'a'..=b'p').contains(&letter));
    let letter = if is_small { letter.to_ascii_uppercase() } else { letter.to_owned() };
    Some(format!("{letter}{}", number.trim_start_matches('0')))
}

/// Row and column of a well such as `B12`, from 1.
pub fn well_place(name: &str) -> Option<(u32, u32)> {
    let (letter, number) = name.split_at_checked(1)?;
    let letter = letter.bytes().next().filter(u8::is_ascii_uppercase)?;
    let is_plain = number.bytes().all(|digit| digit.is_ascii_digit()) && !number.starts_with('0');
    let column = number.parse::<u32>().ok().filter(|column| is_plain && (1..=48).contains(column))?;
    Some((u32::from(letter - b'A') + 1, column))
}

impl Plate {
    /// Number of wells.
    pub const fn n_wells(&self) -> u32 {
        self.well_rows * self.well_columns
    }

    /// All electrodes, well by well. The middle of a well of three by three is empty.
    pub fn electrodes(&self) -> Vec<Place> {
        let is_empty = |column: u32, row: u32| (self.columns, self.rows, column, row) == (3, 3, 2, 2);
        let mut places = Vec::new();
        for well in 0..self.n_wells() {
            let (well_row, well_column) = (well / self.well_columns + 1, well % self.well_columns + 1);
            for column in 1..=self.columns {
                let rows = (1..=self.rows).filter(|row| !is_empty(column, *row));
                places.extend(rows.map(|row| Place { well_row, well_column, column, row }));
            }
        }
        places
    }

    /// Whether an electrode is one of the plate's.
    pub const fn has(&self, place: &Place) -> bool {
        let has_well = place.well_row <= self.well_rows && place.well_column <= self.well_columns;
        has_well && place.column <= self.columns && place.row <= self.rows
    }
}

/// Positions in micrometres: wells beside each other, in each of them electrodes by column, to the
/// right, and row, downwards. Without a known plate wells are as large as the largest is known to be.
pub fn positions(places: &[Place], plate: Option<Plate>) -> Vec<[f64; 2]> {
    let largest = |of: fn(&Place) -> u32| places.iter().map(of).max().unwrap_or(1);
    let guess = |n: u32| if n <= 4 { 4 } else { n.max(8) };
    let (columns, rows) = plate.map_or_else(
        || (guess(largest(|place| place.column)), guess(largest(|place| place.row))),
        |plate| (plate.columns, plate.rows),
    );
    let at = |well: u32, size: u32, own: u32| f64::from((well - 1) * (size + BETWEEN) + own - 1) * PITCH_UM;
    let position = |place: &Place| [at(place.well_column, columns, place.column), at(place.well_row, rows, place.row)];
    places.iter().map(position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_places() {
        let place = Place::read("B12_43").expect("a name");
        assert_eq!((place.well_row, place.well_column, place.column, place.row), (2, 12, 4, 3));
        assert_eq!((place.well(), place.id()), ("B12".to_owned(), "B12_43".to_owned()));
        for name in ["B12", "12_43", "B0_11", "B1_4", "B1_432", "BB_11", "z1_11", "B1_00", "Ref", "é1_11", ""] {
            assert_eq!(Place::read(name), None, "{name}");
        }
        for name in ["b12_43", "B12-43", "B12 43", "B012_43"] {
            assert_eq!(Place::read(name), Some(place), "{name}");
        }
    }

    #[test]
    fn types_of_plates_hold_the_electrodes_of_the_vendor_s_loader() {
        for (text, n_wells, n) in [
            ("Maestro 48-Well (Transparent)", 48, 768),
            ("CytoView MEA 24", 24, 384),
            ("CytoView MEA 6", 6, 384),
            ("12 Well", 12, 768),
            ("Classic MEA 96", 96, 768),
        ] {
            let plate = of_text(text).expect(text);
            assert_eq!((plate.n_wells(), plate.electrodes().len()), (n_wells, n), "{text}");
            assert!(plate.electrodes().iter().all(|place| plate.has(place)) && plate.electrodes().is_sorted());
        }
        assert_eq!(of_text("P200D30S"), None);
        assert_eq!(of_type(0x180_0001).map(|(name, plate)| (name, plate.n_wells())), Some(("CytoView MEA 24", 24)));
    }

    #[test]
    fn wells_lie_beside_each_other_and_electrodes_by_column_and_row() {
        let places: Vec<Place> =
            ["A1_11", "A1_21", "A1_12", "A2_11", "B1_11"].iter().filter_map(|id| Place::read(id)).collect();
        let expected = [[0.0, 0.0], [200.0, 0.0], [0.0, 200.0], [1000.0, 0.0], [0.0, 1000.0]];
        assert_eq!(positions(&places, of_text("48 Well")), expected);
        assert_eq!(positions(&places, None), expected);
    }
}
