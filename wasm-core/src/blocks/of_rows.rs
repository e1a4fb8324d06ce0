//! The columns that tell where the rows of a table come from: culture, well, segment.

use crate::analyses::SpikeTrains;
use crate::table::Table;

/// A table with the well of each row, which a channel tells; the table as it is where there are no wells.
pub fn with_wells(table: Table, of: &SpikeTrains, channels: impl Iterator<Item = usize>) -> Table {
    if of.info().wells.is_none() {
        return table;
    }
    table.texts(("well", "Well"), channels.map(|channel| of.well(channel).to_owned()))
}

/// A table with the segment of each row; the table as it is where there is one segment.
pub fn with_segments(table: Table, of: &SpikeTrains, segments: impl Iterator<Item = usize>) -> Table {
    if of.frames().len() < 2 {
        return table;
    }
    table.counts(("segment", "Segment"), segments.map(|segment| segment as u64))
}

/// A table with a row for each culture, which one of its channels tells: the wells, where there are wells, else with
/// this id and title.
pub fn row_of_each(of: &SpikeTrains, (id, title): (&str, &str), channels: impl Iterator<Item = usize>) -> Table {
    let name = if of.info().wells.is_some() { ("wells", "Wells") } else { (id, title) };
    with_wells(Table::new(name.0, name.1), of, channels)
}
