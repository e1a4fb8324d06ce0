//! One number of each well, from a column of a table.

use super::{Plate, Well};
use crate::table::{Table, Values};

/// Columns that say in words why a row lacks numbers.
const REASONS: [&str; 3] = ["absent", "chance", "why_no_m"];

/// One number over a plate.
#[derive(Clone, Debug, PartialEq)]
pub struct OverWells {
    /// Name of the number in files.
    pub name: String,
    /// Title of the number on screen.
    pub title: String,
    /// Unit of the number; empty where it has none.
    pub unit: String,
    /// All wells, in the plate's order.
    pub wells: Vec<OfWell>,
}

/// One well and its number.
#[derive(Clone, Debug, PartialEq)]
pub struct OfWell {
    /// Name of the well.
    pub well: String,
    /// Column and row, from 0.
    pub place: (f64, f64),
    /// The number, or why there is none.
    pub value: Result<f64, String>,
}

/// Places of the columns that hold a number for each well; none of a table that is not one of wells.
#[must_use]
pub fn numbered(table: &Table) -> Vec<usize> {
    if table.id != "wells" || table.column("well").is_none() {
        return Vec::new();
    }
    let columns = table.columns.iter().enumerate();
    columns.filter(|(_, column)| !matches!(column.values, Values::Text(_))).map(|(at, _)| at).collect()
}

/// The column that a table is shown by: the first measured number, else the first count.
#[must_use]
pub fn leading(table: &Table) -> Option<usize> {
    let all = numbered(table);
    let is_measured = |at: &&usize| matches!(table.columns[**at].values, Values::Number(_));
    all.iter().find(is_measured).or(all.first()).copied()
}

impl Plate {
    /// A column of a table of wells over the plate; none where it holds no numbers.
    #[must_use]
    pub fn over_wells(&self, table: &Table, column: usize) -> Option<OverWells> {
        let own = table.columns.get(column)?;
        let Some(Values::Text(names)) = table.column("well") else { return None };
        if !numbered(table).contains(&column) {
            return None;
        }
        let of_well = |well: &Well| {
            let row = names.iter().position(|name| *name == well.name);
            let value = row.and_then(|row| number(&own.values, row));
            let told = || row.and_then(|row| told(table, row));
            OfWell {
                well: well.name.clone(),
                place: well.place,
                value: value.ok_or_else(|| well.reason(&own.name, told())),
            }
        };
        let wells = self.wells.iter().map(of_well).collect();
        Some(OverWells { name: own.name.clone(), title: own.title.clone(), unit: own.unit.clone(), wells })
    }
}

impl Well {
    /// Why a number of this name is not known of it. `told` is what the table says.
    fn reason(&self, name: &str, told: Option<String>) -> String {
        if self.n_electrodes == 0 {
            return "no electrode was recorded".into();
        }
        if self.is_left_out {
            return "all electrodes are left out".into();
        }
        let known = told.or_else(|| self.absent.get(name).cloned());
        known.unwrap_or_else(|| match self.active_electrodes {
            0 => "no active electrodes".into(),
            1 => "the analysis gives no number (1 active electrode)".into(),
            n => format!("the analysis gives no number ({n} active electrodes)"),
        })
    }
}

/// A value as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn number(values: &Values, row: usize) -> Option<f64> {
    match values {
        Values::Number(values) => values.get(row).copied().flatten(),
        Values::Count(values) => values.get(row).map(|value| *value as f64),
        Values::Text(_) => None,
    }
}

/// The reason that a row of a table gives for an absent number.
fn told(table: &Table, row: usize) -> Option<String> {
    REASONS.into_iter().find_map(|name| match table.column(name)? {
        Values::Text(texts) => texts.get(row).filter(|text| !text.is_empty()).cloned(),
        _ => None,
    })
}
