//! Events of an NWB file: tables of intervals, such as trials, and annotations.

use super::OpenError;
use crate::events::{Event, Events};
use crate::formats::hdf5::H5;

const INTERVALS: &str = "intervals";
/// Where series of annotations lie.
const ANNOTATED: [&str; 2] = ["acquisition", "stimulus/presentation"];
/// Columns of a table that go into a label.
const MAX_COLUMNS: usize = 6;

/// Reads all events; a table that cannot be read has none, and takes nothing from the others.
pub fn read(file: &H5) -> Events {
    let mut events = Events::default();
    let groups = |path: &str| file.members(path).map(|(groups, _)| groups).unwrap_or_default();
    for name in groups(INTERVALS) {
        drop(intervals(file, &name, &mut events));
    }
    for (folder, name) in ANNOTATED.iter().flat_map(|folder| groups(folder).into_iter().map(move |name| (folder, name)))
    {
        let path = format!("{folder}/{name}");
        if file.attribute_text(&path, "neurodata_type").is_some_and(|kind| kind == "AnnotationSeries") {
            drop(annotations(file, &path, &name, &mut events));
        }
    }
    events
}

fn event(time_s: f64, duration_s: f64, source: &str, label: String) -> Event {
    Event { segment: 0, time_s, duration_s, source: source.to_owned(), label }
}

/// A table's rows; each says its number and what the plain columns hold.
fn intervals(file: &H5, name: &str, events: &mut Events) -> Result<(), OpenError> {
    let table = format!("{INTERVALS}/{name}");
    let starts = file.numbers(&format!("{table}/start_time"))?;
    let stops = file.numbers(&format!("{table}/stop_time"))?;
    let (_, columns) = file.members(&table)?;
    let mut told = Vec::new();
    // Columns of lists come with their ends; what they hold does not go row by row.
    let has_ends = |column: &str| columns.iter().any(|other| other.strip_suffix("_index") == Some(column));
    let is_plain = |column: &str| {
        !["id", "start_time", "stop_time"].contains(&column) && !column.ends_with("_index") && !has_ends(column)
    };
    for column in columns.iter().filter(|column| is_plain(column)) {
        let path = format!("{table}/{column}");
        let texts = file.strings(&path).or_else(|_| {
            let numbers = file.numbers(&path)?;
            Ok::<_, OpenError>(numbers.iter().map(f64::to_string).collect())
        });
        if let Some(texts) = texts.ok().filter(|texts| texts.len() == starts.len()) {
            told.push((column, texts));
        }
        if told.len() == MAX_COLUMNS {
            break;
        }
    }
    for (row, (start, stop)) in starts.iter().zip(&stops).enumerate() {
        let cells: Vec<String> = told.iter().map(|(column, texts)| format!("{column} {}", texts[row])).collect();
        let number = (row + 1).to_string();
        let label = if cells.is_empty() { number } else { format!("{number}: {}", cells.join(", ")) };
        events.push(event(*start, (stop - start).max(0.0), name, label));
    }
    Ok(())
}

fn annotations(file: &H5, path: &str, name: &str, events: &mut Events) -> Result<(), OpenError> {
    let texts = file.strings(&format!("{path}/data"))?;
    for (time_s, text) in file.numbers(&format!("{path}/timestamps"))?.into_iter().zip(texts) {
        events.push(event(time_s, 0.0, name, text));
    }
    Ok(())
}
