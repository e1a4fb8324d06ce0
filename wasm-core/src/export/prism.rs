//! A number of a table as Prism's column tables take it: a column for each group, its values below.

use std::collections::BTreeMap;

use crate::recording::plate_order;
use crate::table::{Table, Values};

/// One column for each name in `group_column`, in the order of wells on a plate, with the values of `value_column`
/// in the order of their rows: a row for each electrode of a well, say. What is absent stays an empty cell, and
/// shorter columns end with them. None where there is no such column, or its values are no numbers.
#[must_use]
pub fn prism_wide(table: &Table, group_column: &str, value_column: &str) -> Option<Table> {
    let Values::Text(groups) = table.column(group_column)? else { return None };
    let column = table.columns.iter().find(|column| column.name == value_column)?;
    let mut wide: BTreeMap<_, (&str, Vec<Option<f64>>)> = BTreeMap::new();
    for (group, value) in groups.iter().zip(numbers(&column.values)?) {
        wide.entry((plate_order(group), group)).or_insert_with(|| (group.as_str(), Vec::new())).1.push(value);
    }
    let n_rows = wide.values().map(|(_, values)| values.len()).max().unwrap_or(0);
    let id = format!("{}-{value_column}-prism", table.id);
    let title = format!("{}: {}", table.title, column.title);
    Some(wide.into_values().fold(Table::new(&id, &title), |table, (group, mut values)| {
        values.resize(n_rows, None);
        table.numbers((group, group, column.unit.as_str()), values)
    }))
}

/// The values as numbers, if they are.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn numbers(values: &Values) -> Option<Vec<Option<f64>>> {
    match values {
        Values::Number(values) => Some(values.clone()),
        Values::Count(values) => Some(values.iter().map(|value| Some(*value as f64)).collect()),
        Values::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn electrodes() -> Table {
        let wells = ["A10", "A2", "A2", "A10", "A2"].map(str::to_owned);
        Table::new("electrodes", "Electrodes")
            .texts(("well", "Well"), wells)
            .counts(("n_spikes", "Spikes"), [1, 2, 3, 4, 5])
            .numbers(("rate_hz", "Firing rate", "Hz"), [Some(0.1), Some(0.25), None, Some(4.0), Some(0.5)])
    }

    #[test]
    fn wells_become_columns_in_the_order_of_the_plate() {
        let wide = prism_wide(&electrodes(), "well", "rate_hz").expect("a table");
        assert_eq!(wide.to_csv(), "A2,A10\n0.25,0.1\n,4\n0.5,\n");
        assert_eq!((wide.id.as_str(), wide.columns[0].unit.as_str()), ("electrodes-rate_hz-prism", "Hz"));
        let counts = prism_wide(&electrodes(), "well", "n_spikes").expect("a table");
        assert_eq!(counts.to_csv(), "A2,A10\n2,1\n3,4\n5,\n");
    }

    #[test]
    fn what_is_no_number_or_no_group_is_none() {
        for (group, value) in [("well", "well"), ("n_spikes", "rate_hz"), ("row", "rate_hz"), ("well", "none")] {
            assert_eq!(prism_wide(&electrodes(), group, value), None, "{group} {value}");
        }
        let nothing = Table::new("electrodes", "Electrodes").texts(("well", "Well"), []).numbers(("n", "N", ""), []);
        assert_eq!(prism_wide(&nothing, "well", "n").map(|wide| wide.columns), Some(Vec::new()));
    }
}
