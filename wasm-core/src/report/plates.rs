//! The part of a report that only plates have: pictures of the plate, and the well that other figures show.

use super::Section;
use super::markup::paragraph;
use super::sections::{FIGURE, drawn};
use crate::plate::{Plate, leading, wells_table};
use crate::recording::StreamKind;
use crate::run::{BlockResult, ResultSet, Summary};
use crate::table::Table;

/// Numbers of the summary that are shown over the plate.
const SHOWN: [&str; 4] = ["mean_rate_hz", "bursts_per_min", "network_bursts_per_min", "synchrony_sttc"];

/// The section of the wells with pictures of the plate.
pub fn wells(
    section: Option<Section>,
    plate: Option<&Plate>,
    (summary, results, kind): (&Summary, &ResultSet, StreamKind),
) -> Option<Section> {
    let (mut section, plate) = section.zip(plate)?;
    if let Some(shown) = &results.shown_well {
        section.body.push_str(&paragraph("soft", &shown.words()));
    }
    let table = wells_table(summary, kind);
    let columns = table.columns.iter().enumerate();
    let shown = columns.filter(|(_, column)| SHOWN.contains(&column.name.as_str())).map(|(at, _)| at);
    section.body.push_str(&pictures(plate, &table, shown));
    Some(section)
}

/// The section of an analysis with its first number over the plate, where it has a table of wells.
pub fn analysis(mut section: Section, plate: Option<&Plate>, block: &BlockResult) -> Section {
    if let Some((plate, table)) = plate.zip(block.table("wells")) {
        section.body.push_str(&pictures(plate, table, leading(table).into_iter()));
    }
    section
}

/// Columns of a table over the plate, beside each other.
fn pictures(plate: &Plate, table: &Table, columns: impl Iterator<Item = usize>) -> String {
    let figures = columns.filter_map(|column| plate.over_wells(table, column));
    let figures: String = figures.map(|over| drawn(&over.heat_map(), "picture", FIGURE)).collect();
    if figures.is_empty() { figures } else { format!("<div class=\"evidence\">\n{figures}</div>\n") }
}
