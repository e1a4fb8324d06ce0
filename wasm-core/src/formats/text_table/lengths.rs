//! How many values the lines of a table have beside its titles. Where a line has more, its values are no longer those
//! of their titles, as decimals written with a comma make them.

use super::cells::{Row, Separator};
use crate::numbers::counted;

/// The lines of a table against its titles.
#[derive(Default)]
pub struct Lengths {
    n_titles: usize,
    n_short: u64,
    first_short: u64,
}

impl Lengths {
    /// For lines under these titles; empty ones at the end do not count.
    pub fn new(titles: &[String]) -> Self {
        let n_titles = titles.iter().rposition(|title| !title.is_empty()).map_or(0, |at| at + 1);
        Self { n_titles, ..Self::default() }
    }

    /// Takes a line with its number.
    ///
    /// # Errors
    /// Where it has more values than there are titles; says how many.
    pub fn take(&mut self, row: &Row, line: u64) -> Result<(), String> {
        let n_cells = row.n_cells();
        if n_cells > self.n_titles {
            let n_values = row.n_filled();
            if n_values > self.n_titles {
                return Err(format!("{n_values} values for {} titles", self.n_titles));
            }
        }
        if n_cells < self.n_titles {
            if self.n_short == 0 {
                self.first_short = line;
            }
            self.n_short += 1;
        }
        Ok(())
    }

    /// Says how many lines have fewer values than there are titles.
    pub fn note(&self, path: &str) -> Option<String> {
        let Self { n_titles, n_short, first_short } = self;
        (*n_short > 0).then(|| {
            format!(
                "{path}: {} fewer values than the {n_titles} titles, first line {first_short}; what is missing there \
                 is taken to be absent.",
                lines_have(*n_short)
            )
        })
    }
}

/// So many lines, as the start of a sentence that says what they have.
fn lines_have(n: u64) -> String {
    format!("{} {}", counted(n, "line"), if n == 1 { "has" } else { "have" })
}

/// Says that so many lines are left out, because they lack something.
pub fn lines_left_out(n: u64, lack: &str) -> String {
    format!("{} {lack} and {} left out", lines_have(n), if n == 1 { "is" } else { "are" })
}

/// The content that a line must have, in words.
pub fn expected(separator: Separator) -> &'static str {
    match separator {
        Separator::Letter(',') => {
            "one value for each title: write decimals with a point (0.512), or part the columns by semicolons or tabs; \
             a text with a comma stands in quotes"
        }
        Separator::Letter(_) => {
            "one value for each title; a text with the sign that parts the columns stands in quotes"
        }
        Separator::Blanks => "one value for each title",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(lengths: &mut Lengths, line: &str, letter: char) -> Result<(), String> {
        lengths.take(&Row::new(line, Separator::Letter(letter)), 7)
    }

    #[test]
    fn lines_are_compared_with_their_titles() {
        let titles = ["electrode", "time_s", ""].map(str::to_owned);
        let mut lengths = Lengths::new(&titles);
        assert_eq!(taken(&mut lengths, "E1,0,512", ','), Err("3 values for 2 titles".into()));
        assert_eq!(taken(&mut lengths, "\"E1, left\",0,512", ','), Err("3 values for 2 titles".into()));
        // Spreadsheets leave empty cells at the end.
        for (line, letter) in
            [("E1,0.512,,", ','), ("\"E1, left\",0.512,", ','), ("E1;0,512", ';'), ("E1\t0,5\t", '\t')]
        {
            assert_eq!(taken(&mut lengths, line, letter), Ok(()), "{line}");
        }
        assert_eq!(lengths.note("t.csv"), None);
        assert_eq!(taken(&mut lengths, "E1", ','), Ok(()));
        assert!(
            lengths.note("t.csv").is_some_and(|note| note.starts_with("t.csv: 1 line has") && note.contains("line 7"))
        );
    }

    #[test]
    fn one_line_has_and_more_have() {
        assert_eq!([1, 2, 1500].map(lines_have), ["1 line has", "2 lines have", "1,500 lines have"]);
        assert_eq!(lines_left_out(1, "no time"), "1 line has no time and is left out");
        assert_eq!(lines_left_out(2, "no time"), "2 lines have no time and are left out");
    }

    #[test]
    fn blanks_part_values_too() {
        let mut lengths = Lengths::new(&["time_s", "electrode"].map(str::to_owned));
        assert_eq!(lengths.take(&Row::new("0.5  A", Separator::Blanks), 2), Ok(()));
        assert_eq!(lengths.take(&Row::new("1 0.5 A", Separator::Blanks), 3), Err("3 values for 2 titles".into()));
    }
}
