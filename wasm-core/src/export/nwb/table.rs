//! A table of the schema: columns, some of which hold a list for each row.

use super::ids::{Ids, Kind};
use crate::export::hdf5::{Array, Dataset, Group, Values};

const COLUMN: Kind = ("hdmf-common", "VectorData");
const INDEX: Kind = ("hdmf-common", "VectorIndex");
const REGION: Kind = ("hdmf-common", "DynamicTableRegion");
const ROW_IDS: Kind = ("hdmf-common", "ElementIdentifiers");

/// A table that grows by columns.
pub struct DynamicTable<'a> {
    ids: &'a Ids,
    path: &'a str,
    columns: Vec<String>,
    members: Vec<(String, Dataset)>,
}

impl<'a> DynamicTable<'a> {
    /// A table without columns.
    pub const fn new(ids: &'a Ids, path: &'a str) -> Self {
        Self { ids, path, columns: Vec::new(), members: Vec::new() }
    }

    fn with(mut self, name: &str, kind: Kind, description: &str, dataset: Dataset) -> Self {
        let dataset = dataset.attribute("description", description);
        let dataset = self.ids.dataset(&format!("{}/{name}", self.path), kind, dataset);
        self.members.push((name.to_owned(), dataset));
        self
    }

    /// Adds where the list of each row ends in the column of this name.
    fn with_ends(self, name: &str, ends: &[u64]) -> Self {
        // Programs subtract ends from one another, and may take 64 bits without a sign for fractions.
        let short: Option<Vec<u32>> = ends.iter().map(|end| u32::try_from(*end).ok()).collect();
        let values = short.map_or_else(|| Values::U64(ends.to_vec()), Values::U32);
        let target = Array::reference(&format!("{}/{name}", self.path));
        let index = Dataset::new(Array::list(values)).attribute("target", target);
        self.with(&format!("{name}_index"), INDEX, &format!("Where the list of each row ends in {name}."), index)
    }

    /// Adds a column of one value per row.
    pub fn column(mut self, name: &str, description: &str, array: Array) -> Self {
        self.columns.push(name.to_owned());
        self.with(name, COLUMN, description, Dataset::new(array))
    }

    /// Adds a column of a list per row; `ends` tells where each ends.
    pub fn lists(mut self, name: &str, description: &str, dataset: Dataset, ends: &[u64]) -> Self {
        self.columns.push(name.to_owned());
        self.with(name, COLUMN, description, dataset).with_ends(name, ends)
    }

    /// Adds a column of a list per row of rows of another table.
    pub fn rows_of(mut self, table: &str, name: &str, description: &str, rows: Vec<i64>, ends: &[u64]) -> Self {
        self.columns.push(name.to_owned());
        let dataset = Dataset::new(Array::list(Values::I64(rows))).attribute("table", Array::reference(table));
        self.with(name, REGION, description, dataset).with_ends(name, ends)
    }

    /// The table, with an id for each of its rows.
    pub fn finish(self, kind: Kind, description: &str, n_rows: usize) -> Group {
        let Self { ids, path, columns, members } = self;
        let rows = Dataset::new(Array::list(Values::I64((0..).take(n_rows).collect())));
        let group = ids
            .group(path, kind)
            .attribute("colnames", Array::texts(columns))
            .attribute("description", description)
            .dataset("id", ids.dataset(&format!("{path}/id"), ROW_IDS, rows));
        members.into_iter().fold(group, |group, (name, dataset)| group.dataset(&name, dataset))
    }
}
