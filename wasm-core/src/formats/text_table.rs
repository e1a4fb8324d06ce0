//! Tables of text, of spikes or of events: their lines, cells and titles, and what is said of those that do not fit.

mod cells;
mod commas;
mod lengths;
mod lines;
mod titles;

pub use cells::{Row, Separator};
pub use commas::Commas;
pub use lengths::{Lengths, expected as expected_length, lines_left_out};
pub use lines::{Lines, PIECE_BYTES};
pub use titles::{Unit, doubled, has, parts as title_parts, seconds, unit_of_time};

use super::OpenError;
use crate::io::NamedFile;

/// Letters of a line that are shown.
const SHOWN_LETTERS: usize = 80;

/// Whether a line says something about the table and belongs to none of its columns.
pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with('%') || line.starts_with("//")
}

/// The start of a line in quotes, for people.
pub fn excerpt(line: &str) -> String {
    format!("“{}”", line.chars().take(SHOWN_LETTERS).collect::<String>())
}

/// What is said of a title that several columns have.
pub fn title_twice(file: &NamedFile, title: &str) -> OpenError {
    let expected = "each title once: take one of these columns out, or call it otherwise";
    OpenError::field(&file.path, &format!("title “{title}”"), "there more than once", expected)
}
