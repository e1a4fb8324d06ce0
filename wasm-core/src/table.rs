//! Named tables: the form in which every analysis gives its numbers.
//!
//! A column has a name with its unit as a suffix, as the files have it, and a title for people. What
//! is not known is absent, never 0.
//!
//! ```
//! use wasm_core::table::Table;
//!
//! let table = Table::new("bursts", "Bursts")
//!     .texts(("electrode", "Electrode"), ["A1".to_owned(), "A2".to_owned()])
//!     .counts(("n_spikes", "Spikes"), [12, 4])
//!     .numbers(("duration_s", "Duration", "s"), [Some(0.25), None]);
//! assert_eq!(table.to_csv(), "electrode,n_spikes,duration_s\nA1,12,0.25\nA2,4,\n");
//! ```

mod parquet;

pub(crate) use self::parquet::{is_flat, read as read_column, read_each as read_each_row, write as write_column};

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::csv::cell;
use crate::decimals::trimmed;

/// A table. All columns have the same number of rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Name in files, unique within its block.
    pub id: String,
    /// Title on screen.
    pub title: String,
    /// Columns.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name in files.
    pub name: String,
    /// Title on screen.
    pub title: String,
    /// Unit; empty for counts, shares and names.
    pub unit: String,
    /// One value per row.
    #[serde(flatten)]
    pub values: Values,
}

impl Column {
    /// The title with the unit, as a heading: `Rate (Hz)`.
    #[must_use]
    pub fn heading(&self) -> String {
        if self.unit.is_empty() { self.title.clone() } else { format!("{} ({})", self.title, self.unit) }
    }
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "values", rename_all = "snake_case")]
pub enum Values {
    /// Numbers; `None` is absent.
    Number(Vec<Option<f64>>),
    /// Whole numbers.
    Count(Vec<u64>),
    /// Names.
    Text(Vec<String>),
}

impl Values {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Count(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn head(&self, n_rows: usize) -> Self {
        let n = n_rows.min(self.len());
        match self {
            Self::Number(values) => Self::Number(values[..n].to_vec()),
            Self::Count(values) => Self::Count(values[..n].to_vec()),
            Self::Text(values) => Self::Text(values[..n].to_vec()),
        }
    }

    /// A value with every digit that is known; empty where it is absent.
    #[must_use]
    pub fn exact(&self, row: usize) -> String {
        match self {
            Self::Number(values) => values.get(row).copied().flatten().map_or_else(String::new, every_digit),
            Self::Count(values) => values.get(row).map_or_else(String::new, u64::to_string),
            Self::Text(values) => values.get(row).cloned().unwrap_or_default(),
        }
    }

    /// A value with four digits, for people; a dash where it is absent.
    #[must_use]
    pub fn shown(&self, row: usize) -> String {
        match self {
            Self::Number(values) => values.get(row).copied().flatten().map_or_else(|| "–".into(), four_digits),
            _ => self.exact(row),
        }
    }
}

/// A number as short as it can be read back exactly; very small and very large ones with a power of ten.
#[must_use]
pub fn every_digit(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let is_plain = (1e-5..1e15).contains(&value.abs());
    if is_plain { value.to_string() } else { format!("{value:e}") }
}

/// A number with four significant digits.
pub(crate) fn four_digits(value: f64) -> String {
    significant(value, 4)
}

/// A number with three significant digits, for where there is little room.
pub(crate) fn three_digits(value: f64) -> String {
    significant(value, 3)
}

/// A number with so many significant digits, at least one; whole numbers keep all of theirs.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few digits")]
fn significant(value: f64, n_digits: u8) -> String {
    if !value.is_finite() {
        return format!("{value}");
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let decade = libm::floor(libm::log10(value.abs()));
    if decade < -4.0 {
        return format!("{value:.*e}", usize::from(n_digits - 1));
    }
    let behind_first = f64::from(n_digits - 1);
    trimmed(value, (behind_first - decade).clamp(0.0, behind_first + 4.0) as usize)
}

impl Table {
    /// A table without columns.
    #[must_use]
    pub fn new(id: &str, title: &str) -> Self {
        Self { id: id.to_owned(), title: title.to_owned(), columns: Vec::new() }
    }

    fn with(mut self, (name, title, unit): (&str, &str, &str), values: Values) -> Self {
        let [name, title, unit] = [name, title, unit].map(str::to_owned);
        self.columns.push(Column { name, title, unit, values });
        self
    }

    /// Adds a column of numbers: its name, its title and its unit.
    #[must_use]
    pub fn numbers(self, names: (&str, &str, &str), values: impl IntoIterator<Item = Option<f64>>) -> Self {
        // What cannot be written as a number is absent.
        let known = |value: Option<f64>| value.filter(|value| value.is_finite());
        self.with(names, Values::Number(values.into_iter().map(known).collect()))
    }

    /// Adds a column of whole numbers: its name and its title.
    #[must_use]
    pub fn counts(self, (name, title): (&str, &str), values: impl IntoIterator<Item = u64>) -> Self {
        self.with((name, title, ""), Values::Count(values.into_iter().collect()))
    }

    /// Adds a column of names: its name and its title.
    #[must_use]
    pub fn texts(self, (name, title): (&str, &str), values: impl IntoIterator<Item = String>) -> Self {
        self.with((name, title, ""), Values::Text(values.into_iter().collect()))
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// A table of the first rows.
    #[must_use]
    pub fn head(&self, n_rows: usize) -> Self {
        let head = |column: &Column| Column {
            name: column.name.clone(),
            title: column.title.clone(),
            unit: column.unit.clone(),
            values: column.values.head(n_rows),
        };
        Self { id: self.id.clone(), title: self.title.clone(), columns: self.columns.iter().map(head).collect() }
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values)
    }

    /// The table as text: a line of names, then a line per row. Numbers are as short as they can be
    /// read back exactly, and what is absent is an empty cell.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| cell(&column.name)).collect();
        let mut text = names.join(",") + "\n";
        for row in 0..self.n_rows() {
            let cells: Vec<String> = self.columns.iter().map(|column| cell(&column.values.exact(row))).collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", cells.join(","));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_with_every_digit_and_shown_with_four() {
        let table = Table::new("bursts", "Bursts")
            .texts(("electrode", "Electrode"), ["A1".to_owned(), "B, 2".to_owned()])
            .counts(("n_spikes", "Spikes"), [5, 7])
            .numbers(("duration_s", "Duration", "s"), [Some(0.1 + 0.2), None]);
        assert_eq!(table.to_csv(), "electrode,n_spikes,duration_s\nA1,5,0.30000000000000004\n\"B, 2\",7,\n");
        let shown = |column: usize| (0..2).map(|row| table.columns[column].values.shown(row)).collect::<Vec<_>>();
        assert_eq!((shown(1), shown(2)), (vec!["5".into(), "7".into()], vec!["0.3".into(), "–".into()]));
        let text = serde_json::to_string(&table).expect("JSON");
        assert_eq!(serde_json::from_str::<Table>(&text).expect("a table"), table);
        assert_eq!(table.head(1).n_rows(), 1);
    }

    #[test]
    fn people_see_four_digits() {
        assert_eq!([-0.0, -1e-300].map(|zero| four_digits(zero * 1e-300)), ["0", "0"], "nothing has no sign");
        let shown = [0.0, 12.0, 123_456.7, 0.001_234_56, 0.000_012_3, -2.5, 99.999].map(four_digits);
        assert_eq!(shown, ["0", "12", "123457", "0.001235", "1.230e-5", "-2.5", "100"]);
        let short = [0.878_6, 0.001_234_56, 0.000_012_3, 12.34, 123_456.7].map(three_digits);
        assert_eq!(short, ["0.879", "0.00123", "1.23e-5", "12.3", "123457"]);
    }
}
