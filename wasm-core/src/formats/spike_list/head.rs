//! The first lines of a table: comments, what parts the cells, titles.

use super::columns::Columns;
use crate::formats::text_table::{Lines, Row, Separator, is_comment};
use crate::io::NamedFile;

/// Bytes that are read at once to tell whether a file is a table, and lines that are looked at.
const PIECE_BYTES: usize = 16 << 10;
const MAX_LINES: u64 = 500;

/// The start of a file.
pub enum Head {
    /// Titles of a table of spikes, behind this many lines.
    Titles(Box<Columns>, u64),
    /// This line instead.
    Other(String),
    /// Nothing but comments.
    Nothing,
}

/// What parts the cells, as spreadsheets say it in a first line such as `sep=;`.
fn stated_separator(line: &str) -> Option<char> {
    let line = line.trim_start_matches('"');
    let (name, value) = line.split_at_checked(4)?;
    name.eq_ignore_ascii_case("sep=").then(|| value.chars().next()).flatten()
}

/// Reads the first lines of a file.
///
/// # Errors
/// When they cannot be read or unpacked, or one of them has no end.
pub fn read(file: &NamedFile) -> std::io::Result<Head> {
    let mut lines = Lines::open(file, PIECE_BYTES)?;
    let mut separator = None;
    // Titles may stand in a comment.
    let mut comment: Option<(String, u64)> = None;
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next_line()?.filter(|_| number <= MAX_LINES) else { break };
        if line.trim().is_empty() {
            continue;
        }
        if let Some(stated) = stated_separator(&line) {
            separator = Some(stated);
            continue;
        }
        if is_comment(&line) {
            let titles = line.trim_start().trim_start_matches(['#', '%', '/']).trim_start();
            comment = Some((titles.to_owned(), number));
            continue;
        }
        let titles = Columns::read(&line, separator).map(|columns| (columns, number));
        let in_comment = || comment.as_ref().and_then(|(text, at)| Some((Columns::read(text, separator)?, *at)));
        let line = line.into_owned();
        let found = titles.or_else(in_comment);
        return Ok(match found {
            Some((columns, at)) if has_rows(&columns, at == number, &line, &mut lines) => {
                Head::Titles(Box::new(columns), at)
            }
            _ => Head::Other(line),
        });
    }
    Ok(Head::Nothing)
}

/// Whether a row follows titles that are parted by blanks: any sentence may hold such words.
fn has_rows(columns: &Columns, is_titles: bool, line: &str, lines: &mut Lines) -> bool {
    if columns.separator != Separator::Blanks {
        return true;
    }
    let row = if is_titles {
        lines.next_line().ok().flatten().map(std::borrow::Cow::into_owned)
    } else {
        Some(line.to_owned())
    };
    row.is_some_and(|row| {
        let row = Row::new(&row, columns.separator);
        columns.number(row.cell(columns.time)).is_ok() && !row.cell(columns.electrode).is_empty()
    })
}
