//! The rows of a table of spikes, and what Axion writes around them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::beside::plain_id;
use super::columns::Columns;
use crate::formats::OpenError;
use crate::formats::axion::settings::Settings;
use crate::formats::limits::{MAX_STORED_SPIKES, too_many_spikes};
use crate::formats::text_table::{
    Commas, Lengths, Lines, PIECE_BYTES, Row, Separator, Unit, expected_length, is_comment,
};
use crate::io::NamedFile;
use crate::recording::TimedSpike;

/// Electrodes and segments that a table may name before it is taken for something else.
const MAX_ELECTRODES: usize = 1 << 16;
const MAX_SEGMENTS: usize = 1 << 20;
/// Rows beside which Axion writes its settings, and rows of its table of wells.
const MAX_SETTINGS: u64 = 1000;
const MAX_WELL_ROWS: usize = 64;
/// What Axion's first title is, and its table of wells behind the spikes begins with.
const AXION: &str = "investigator";
const FOOTER: &str = "well information";
/// What is said to be wrong of a line with too many values.
const LENGTH: &str = "length";
/// Digits behind a comma that are taken for decimals; amplitudes are no such numbers.
const MIN_DECIMALS: usize = 3;
/// Rows of the table of wells that say nothing of the experiment.
const UNTOLD: &[&str] = &["well", "color", "colour"];

/// The content of a table.
#[derive(Default)]
pub struct Table {
    /// Place of the electrode, time as it stands there, microvolts.
    pub rows: Vec<TimedSpike>,
    /// Place of each row's segment; empty where the table has no such column.
    pub segments: Vec<u32>,
    /// Number and start of each segment, by its place.
    pub segment_numbers: Vec<(i64, f64)>,
    /// Electrodes by their place, with the names and wells that the table gives them.
    pub ids: Vec<String>,
    pub names: Vec<String>,
    pub wells: Vec<String>,
    /// Spikes without a time, an electrode, or the segment that others have.
    pub n_left_out: u64,
    pub settings: Settings,
    /// Wells that were switched off.
    pub wells_off: Vec<String>,
    pub notes: Vec<String>,
    /// Whether AxIS wrote it.
    is_axion: bool,
    lengths: Lengths,
    commas: Commas,
    place_of: HashMap<String, u32>,
    segment_of: HashMap<i64, u32>,
}

impl Table {
    /// Reads a table whose titles stand behind `n_head` lines.
    ///
    /// # Errors
    /// Where a cell holds something else than it must, or the file cannot be read.
    pub fn read(file: &NamedFile, columns: &Columns, n_head: u64) -> Result<Self, OpenError> {
        let failed = |error: std::io::Error, is_packed: bool| {
            if is_packed {
                OpenError::field(&file.path, "gzip", error, "a whole file")
            } else {
                OpenError::io(&file.path)(error)
            }
        };
        let mut lines = Lines::open(file, PIECE_BYTES).map_err(|error| failed(error, false))?;
        let is_packed = lines.is_packed;
        let mut table = Self { lengths: Lengths::new(&columns.titles), ..Self::default() };
        loop {
            let number = lines.number + 1;
            let line = match lines.next_line() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                // What comes before the damage counts.
                Err(error) if is_packed && !table.rows.is_empty() => {
                    table.notes.push(format!("{} is damaged behind line {}: {error}.", file.path, number - 1));
                    break;
                }
                Err(error) => return Err(failed(error, is_packed)),
            };
            if number <= n_head {
                let row = Row::new(&line, columns.separator);
                if number == n_head && columns.time >= 2 && row.cell(0).eq_ignore_ascii_case(AXION) {
                    table.is_axion = true;
                    table.settings.take(row.cell(0), row.cell(1));
                }
                continue;
            }
            if is_footer(&line) {
                let first = line.into_owned();
                table.take_wells(first, columns, &mut lines);
                break;
            }
            let row = Row::new(&line, columns.separator);
            if table.is_axion && number <= MAX_SETTINGS {
                table.settings.take(row.cell(0), row.cell(1));
            }
            let is_row = !line.trim().is_empty() && !is_comment(&line);
            if is_row {
                table.take(&row, columns, number).map_err(|problem| problem.of(file, number))?;
            }
            if table.rows.len() >= MAX_STORED_SPIKES {
                return Err(too_many_spikes(&file.path));
            }
        }
        if let Some((line, found)) = table.commas.found(MIN_DECIMALS) {
            return Err(OpenError::field(
                &file.path,
                &format!("line {line}, time"),
                found,
                expected_length(columns.separator),
            ));
        }
        table.notes.extend(table.lengths.note(&file.path));
        Ok(table)
    }

    fn take(&mut self, row: &Row, columns: &Columns, line: u64) -> Result<(), Problem> {
        let (time, electrode) = (row.cell(columns.time), row.cell(columns.electrode));
        // Axion's notes go on to the left of the table beyond its last line; spreadsheets end in empty lines.
        if time.is_empty() && electrode.is_empty() && (self.is_axion || row.n_filled() == 0) {
            return Ok(());
        }
        let too_long = |found| Problem { field: LENGTH, found, expected: expected_length(columns.separator) };
        self.lengths.take(row, line).map_err(too_long)?;
        if may_have_commas(row, columns) {
            self.commas.take(time, row.cell(columns.time + 1), line);
        }
        let number = |field: &'static str, cell: &str| {
            let expected = if cell.contains(',') { "a number, its decimals behind a point" } else { "a number" };
            columns.number(cell).map_err(|found| Problem { field, found: found.to_owned(), expected })
        };
        let time = number("time", time)?;
        let segment = columns.segment.map_or(Ok(Some(0.0)), |at| number("segment", row.cell(at)))?;
        let (Some(time), Some(segment), false) = (time, segment, electrode.is_empty()) else {
            self.n_left_out += 1;
            return Ok(());
        };
        // A spike without an amplitude is one all the same.
        let amplitude = columns.amplitude.map_or(Ok(None), |at| number("amplitude", row.cell(at)))?;
        let place = self.place(row, columns, electrode)?;
        if columns.segment.is_some() || columns.start.is_some() {
            let start_s = columns.start.map_or(Ok(None), |at| number("segment_start_s", row.cell(at)))?;
            let segment = self.segment(segment, start_s.unwrap_or(0.0))?;
            self.segments.push(segment);
        }
        #[expect(clippy::cast_possible_truncation, reason = "amplitudes are kept in f32")]
        self.rows.push((place, time, (amplitude.unwrap_or(0.0) * columns.gain_to_uv) as f32));
        Ok(())
    }

    /// The place of an electrode; of one in a well of its own column, by both.
    fn place(&mut self, row: &Row, columns: &Columns, electrode: &str) -> Result<u32, Problem> {
        let well = columns.well.map_or("", |at| row.cell(at));
        let id = plain_id(electrode);
        let is_told = id
            .strip_prefix(well)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| !c.is_alphanumeric()));
        let id = if well.is_empty() || is_told { Cow::Borrowed(id) } else { Cow::Owned(format!("{well}_{id}")) };
        if let Some(place) = self.place_of.get(id.as_ref()) {
            return Ok(*place);
        }
        // Semicolons that part nothing: `E1;0,5` under titles with a comma has the right number of values.
        if matches!(row, Row::Plain(_, Separator::Letter(','))) && electrode.contains([';', '\t']) {
            let expected = "a name without “;” and tabs: lines are parted as their titles are";
            return Err(Problem { field: "electrode", found: electrode.to_owned(), expected });
        }
        if self.ids.len() >= MAX_ELECTRODES {
            return Err(Problem { field: "electrode", found: electrode.to_owned(), expected: "one of at most 65,536" });
        }
        let place = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.place_of.insert(id.clone().into_owned(), place);
        self.ids.push(id.into_owned());
        self.names.push(columns.name.map_or("", |at| row.cell(at)).to_owned());
        self.wells.push(well.to_owned());
        Ok(place)
    }

    fn segment(&mut self, number: f64, start_s: f64) -> Result<u32, Problem> {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be a whole number")]
        let whole = number as i64;
        #[expect(clippy::cast_precision_loss, reason = "compared with where it came from")]
        let is_whole = whole as f64 == number;
        if !is_whole {
            return Err(Problem { field: "segment", found: number.to_string(), expected: "a whole number" });
        }
        if let Some(place) = self.segment_of.get(&whole) {
            return Ok(*place);
        }
        if self.segment_numbers.len() >= MAX_SEGMENTS {
            return Err(Problem { field: "segment", found: whole.to_string(), expected: "one of at most 1,048,576" });
        }
        let place = u32::try_from(self.segment_numbers.len()).unwrap_or(u32::MAX);
        self.segment_of.insert(whole, place);
        self.segment_numbers.push((whole, start_s));
        Ok(place)
    }

    /// Axion's table of wells: their names in its first or second line, then a line for each thing
    /// that is told of them.
    fn take_wells(&mut self, first: String, columns: &Columns, lines: &mut Lines) {
        let mut rows = vec![first];
        while let Ok(Some(line)) = lines.next_line() {
            if rows.len() >= MAX_WELL_ROWS {
                break;
            }
            rows.push(line.into_owned());
        }
        let mut wells: Vec<String> = Vec::new();
        for row in rows {
            let cells = Row::new(&row, columns.separator).cells();
            let Some((title, values)) = cells.split_first().filter(|(title, _)| !title.is_empty()) else { continue };
            let lower = title.to_lowercase();
            if values.iter().all(String::is_empty) {
                continue;
            }
            if lower.starts_with(FOOTER) || lower == "well" {
                wells = values.to_vec();
                continue;
            }
            for (well, value) in wells.iter().zip(values).filter(|(well, _)| !well.is_empty()) {
                let is_no = ["false", "no", "off", "0"].contains(&value.to_lowercase().as_str());
                if lower == "active" && is_no {
                    self.wells_off.push(well.clone());
                }
                if !UNTOLD.contains(&lower.as_str()) && lower != "active" && !is_no {
                    self.settings.facts.add(&format!("Well {well} {lower}"), value);
                }
            }
        }
        self.settings.facts.add("Wells switched off", self.wells_off.join(", "));
    }
}

/// Whether decimals with a comma could fill the columns of a row: nobody counts parts of frames, and digits may be the
/// name of an electrode.
fn may_have_commas(row: &Row, columns: &Columns) -> bool {
    let is_comma = matches!(row, Row::Plain(_, Separator::Letter(',')));
    is_comma && columns.unit != Unit::Frames && columns.electrode != columns.time + 1
}

fn is_footer(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches('"');
    line.get(..FOOTER.len()).is_some_and(|start| start.eq_ignore_ascii_case(FOOTER))
}

/// A cell that holds something else than it must.
struct Problem {
    field: &'static str,
    found: String,
    expected: &'static str,
}

impl Problem {
    fn of(self, file: &NamedFile, line: u64) -> OpenError {
        let field = format!("line {line}, {}", self.field);
        let found = if self.field == LENGTH { self.found } else { format!("“{}”", self.found) };
        OpenError::field(&file.path, &field, found, self.expected)
    }
}
