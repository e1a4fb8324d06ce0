//! Where electrodes of standard arrays lie, by their labels.
//!
//! On arrays of 8 x 8 the first digit is the column and the second the row, counted from the
//! upper left (MEA manual of the vendor, "MEA layouts"): `47` is column 4, row 7, and the corners
//! are left out. Larger arrays have letters for columns, without I and Q, and numbers for rows:
//! `D12`. Several arrays beside each other have a letter before the two digits. The distance of
//! electrodes is in the array's name, such as 200 µm in `60MEA200/30iR-Ti`.

use std::collections::{BTreeSet, HashSet};

use super::text;
use crate::formats::hdf5::H5;
use crate::formats::wells;

/// Letters of columns, in order.
const COLUMNS: &str = "ABCDEFGHJKLMNOPR";
/// Electrodes on a side of an array whose labels are two digits.
const SIDE: u32 = 8;
/// Distance where the array's name has none: that of the vendor's standard array of 60.
const PITCH_UM: f64 = 200.0;
/// Arrays whose electrodes do not lie in a square grid, or not where labels of one say.
const OTHER_LAYOUTS: [&str; 8] = ["hexa", "6x10", "quadrant", "linear", "well", "hd", "ecog", "flex"];
/// Where the reference electrode of an array of 60 lies: the labels leave out `15`.
const REFERENCE: Cell = [1, 5];

/// Column and row, from 1.
type Cell = [u32; 2];

/// An electrode as a table of channels describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Electrode {
    /// Label of the electrode, such as `47`.
    pub label: String,
    /// Number of its group: of its well, on a plate.
    pub group: i64,
}

/// What labels tell of an array.
#[derive(Debug, Default, PartialEq)]
pub struct Layout {
    /// Places in micrometres, x to the right and y downward.
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// The well or array of each electrode, where there are several.
    pub wells: Option<Vec<String>>,
    /// What is not in the file but assumed.
    pub notes: Vec<String>,
}

/// Name and layout of the array of a file.
pub fn array(file: &H5) -> String {
    ["MeaName", "MeaLayout"].map(|name| text(file, "Data", name).unwrap_or_default()).join(" ")
}

/// Labels as names, where they say more than the ids.
pub fn names(electrodes: &[Electrode], ids: &[String]) -> Option<Vec<String>> {
    let labels = || electrodes.iter().map(|electrode| &electrode.label);
    let says_more = labels().any(|label| !label.is_empty()) && !labels().eq(ids.iter());
    says_more.then(|| labels().cloned().collect())
}

fn is_reference(label: &str) -> bool {
    label.to_lowercase().starts_with("ref")
}

/// `47`: column 4, row 7.
fn two_digits(label: &str) -> Option<Cell> {
    let [column, row] = *label.as_bytes() else { return None };
    let cell = [column, row].map(|digit| u32::from(digit.wrapping_sub(b'0')));
    cell.iter().all(|place| (1..=SIDE).contains(place)).then_some(cell)
}

/// `D12`: the fourth column, row 12.
fn letter_and_number(label: &str) -> Option<Cell> {
    let letter = label.chars().next()?.to_ascii_uppercase();
    let column = u32::try_from(COLUMNS.find(letter)?).ok()? + 1;
    let row = label.get(1..)?.parse().ok().filter(|row| (1..=16).contains(row))?;
    Some([column, row])
}

/// The distance of electrodes in an array's name: the number before the slash.
fn pitch_um(array: &str) -> Option<f64> {
    let (before, after) = array.split_once('/')?;
    let n_digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = before.get(before.len() - n_digits..)?.parse::<f64>().ok()?;
    (after.starts_with(|c: char| c.is_ascii_digit()) && (10.0..=2000.0).contains(&number)).then_some(number)
}

/// Positions and wells of electrodes, where their labels tell them.
pub fn layout(electrodes: &[Electrode], array: &str) -> Layout {
    let mut layout = Layout::default();
    let references: Vec<&str> =
        electrodes.iter().map(|electrode| electrode.label.as_str()).filter(|label| is_reference(label)).collect();
    if !references.is_empty() {
        layout.notes.push(format!(
            "channel {} is the reference electrode; take it out where it is connected to ground.",
            references.join(", ")
        ));
    }
    let groups = groups(electrodes);
    let is_plate = groups.is_some();
    let (wells, labels): (Vec<String>, Vec<&str>) = groups
        .or_else(|| arrays(electrodes))
        .unwrap_or_else(|| electrodes.iter().map(|electrode| (String::new(), electrode.label.as_str())).collect())
        .into_iter()
        .unzip();
    let has_wells = wells.iter().any(|well| !well.is_empty());
    if has_wells {
        layout.wells = Some(wells.clone());
    }
    if is_plate {
        layout.notes.push("wells are named after the numbers of their groups, row by row.".into());
    }
    let Some(cells) = cells(&labels) else { return layout };
    let lower = array.to_lowercase();
    if !is_plate && OTHER_LAYOUTS.iter().any(|other| lower.contains(other)) {
        layout.notes.push(format!("where the electrodes of the array “{}” lie is not known.", array.trim()));
        return layout;
    }
    let pitch_um = pitch_um(array).unwrap_or_else(|| {
        layout.notes.push(format!("electrodes are taken to be {PITCH_UM} µm apart, as the file does not say."));
        PITCH_UM
    });
    let names: Vec<&String> = wells.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let side = cells.iter().flatten().copied().max().unwrap_or(0);
    let position = |(cell, well): (&Cell, &String)| {
        let number = names.iter().position(|name| *name == well).unwrap_or(0);
        let place = place_of_well(well, number, names.len());
        std::array::from_fn(|axis| (f64::from(cell[axis] - 1) + f64::from(place[axis] * (side + 2))) * pitch_um)
    };
    layout.positions_um = Some(cells.iter().zip(&wells).map(position).collect());
    if has_wells {
        layout.notes.push("distances between wells are those of the drawing, not of the plate.".into());
    }
    layout
}

/// Wells of the largest plate.
const MAX_WELLS: usize = 384;

/// Column and row of a well on the drawing, by its name or else its number.
fn place_of_well(name: &str, number: usize, n_wells: usize) -> [u32; 2] {
    let named = (0..n_wells.min(MAX_WELLS)).find(|well| wells::name(*well, n_wells).is_some_and(|known| known == name));
    wells::place(named.unwrap_or(number), n_wells).map(|place| u32::try_from(place).unwrap_or(0))
}

/// Wells of a plate: labels come again in each group, and only once within it.
fn groups(electrodes: &[Electrode]) -> Option<Vec<(String, &str)>> {
    let distinct: HashSet<&str> = electrodes.iter().map(|electrode| electrode.label.as_str()).collect();
    let within: HashSet<(&str, i64)> =
        electrodes.iter().map(|electrode| (electrode.label.as_str(), electrode.group)).collect();
    let numbers: BTreeSet<i64> = electrodes.iter().map(|electrode| electrode.group).collect();
    if distinct.len() == electrodes.len() || within.len() < electrodes.len() || numbers.len() < 2 {
        return None;
    }
    let of_group = |group: i64| {
        let at = numbers.iter().position(|number| *number == group).unwrap_or(0);
        wells::name(at, numbers.len()).unwrap_or_else(|| format!("group {group}"))
    };
    Some(electrodes.iter().map(|electrode| (of_group(electrode.group), electrode.label.as_str())).collect())
}

/// Arrays beside each other: a letter, then two digits of an array of 8 x 8.
fn arrays(electrodes: &[Electrode]) -> Option<Vec<(String, &str)>> {
    let split = |electrode: &'_ Electrode| -> Option<(String, usize)> {
        let label = &electrode.label;
        let (letter, digits) = label.split_at_checked(1)?;
        let is_one = letter.bytes().all(|byte| (b'A'..=b'H').contains(&byte));
        (is_one && (two_digits(digits).is_some() || is_reference(digits))).then(|| (letter.to_owned(), 1))
    };
    // Labels such as `A12` alone may be those of one larger array, whose rows end at 16.
    let is_beyond = |electrode: &Electrode| letter_and_number(&electrode.label).is_none();
    if !electrodes.iter().any(is_beyond) {
        return None;
    }
    electrodes
        .iter()
        .map(|electrode| {
            split(electrode).map(|(letter, from)| (letter, electrode.label.get(from..).unwrap_or_default()))
        })
        .collect()
}

/// Cells of all labels, where all have one: of two digits, or of letters and numbers.
fn cells(labels: &[&str]) -> Option<Vec<Cell>> {
    let all = |parse: fn(&str) -> Option<Cell>| -> Option<Vec<Cell>> {
        labels.iter().map(|label| if is_reference(label) { Some(REFERENCE) } else { parse(label) }).collect()
    };
    let in_columns = |cells: &Vec<Cell>| {
        let columns: HashSet<u32> = cells.iter().map(|[column, _]| *column).collect();
        // `E1` to `E8` are numbers of electrodes, not a column.
        columns.len() > 1
    };
    all(two_digits).or_else(|| all(letter_and_number).filter(in_columns)).filter(|cells| !cells.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn electrodes(labels: &[(&str, i64)]) -> Vec<Electrode> {
        labels.iter().map(|(label, group)| Electrode { label: (*label).to_owned(), group: *group }).collect()
    }

    #[test]
    fn digits_are_column_and_row() {
        let found = layout(&electrodes(&[("12", 0), ("47", 0), ("Ref", 0)]), "60MEA100/10iR-Ti");
        assert_eq!(found.positions_um, Some(vec![[0.0, 100.0], [300.0, 600.0], [0.0, 400.0]]));
        assert_eq!((found.wells, found.notes.len()), (None, 1), "the reference is named");
        let assumed = layout(&electrodes(&[("12", 0), ("47", 0)]), "60MEA");
        assert_eq!(assumed.positions_um.expect("known")[0], [0.0, 200.0]);
        assert!(assumed.notes[0].contains("200 µm"), "{:?}", assumed.notes);
    }

    #[test]
    fn letters_are_columns_without_i_and_q() {
        let found = layout(&electrodes(&[("A2", 0), ("J16", 0), ("R1", 0)]), "256MEA200/30iR-ITO");
        assert_eq!(found.positions_um, Some(vec![[0.0, 200.0], [1600.0, 3000.0], [3000.0, 0.0]]));
        for labels in [[("E1", 0), ("E2", 0)], [("I1", 0), ("A2", 0)], [("A17", 0), ("B1", 0)], [("", 0), ("", 0)]] {
            assert_eq!(layout(&electrodes(&labels), "").positions_um, None, "{labels:?}");
        }
        assert_eq!(layout(&electrodes(&[("12", 0), ("21", 0)]), "60HexaMEA40/10iR").positions_um, None);
    }

    #[test]
    fn wells_and_arrays_lie_beside_each_other() {
        let plate: Vec<(&str, i64)> = (0..6).flat_map(|group| [("11", group), ("22", group)]).collect();
        let found = layout(&electrodes(&plate), "24W300/30G");
        let wells = found.wells.expect("wells");
        assert_eq!((wells[0].as_str(), wells[3].as_str(), wells[11].as_str()), ("A1", "A2", "B3"));
        let positions = found.positions_um.expect("known");
        assert_eq!((positions[1], positions[2], positions[11]), ([300.0, 300.0], [1200.0, 0.0], [2700.0, 1500.0]));
        let two = layout(&electrodes(&[("A21", 0), ("A87", 0), ("B21", 0)]), "");
        assert_eq!(two.wells, Some(["A", "A", "B"].map(str::to_owned).to_vec()));
        assert_eq!(two.positions_um.expect("known")[2], [(1.0 + 10.0) * 200.0, 0.0]);
    }
}
