//! Decimals written with a comma in a table that is parted by commas. Each becomes two cells, and where a table has
//! titles enough for them, nothing else tells: all times are whole numbers, and digits of one length, as `000082`,
//! follow each.

/// Lines from which on this is no chance.
const MIN_LINES: u64 = 20;

/// Times, each with the cell behind it.
#[derive(Default)]
pub struct Commas {
    n_lines: u64,
    /// Line, time and digits of the first.
    first: (u64, String, String),
    /// Whether digits begin with a zero, as those of no other number do.
    has_zero: bool,
    /// Whether a line is of another form.
    is_other: bool,
}

impl Commas {
    /// Takes the cells of a line with its number.
    pub fn take(&mut self, time: &str, behind: &str, line: u64) {
        if self.is_other {
            return;
        }
        let is_digits = |cell: &str| !cell.is_empty() && cell.bytes().all(|digit| digit.is_ascii_digit());
        if self.n_lines == 0 {
            self.first = (line, time.to_owned(), behind.to_owned());
        }
        let is_whole = is_digits(time.trim_start_matches('-'));
        self.is_other = !is_whole || !is_digits(behind) || behind.len() != self.first.2.len();
        self.has_zero |= behind.starts_with('0');
        self.n_lines += 1;
    }

    /// The line of the first such number and what stands there, where all lines have one with at least so many digits
    /// behind its comma.
    pub fn found(&self, min_digits: usize) -> Option<(u64, String)> {
        let (line, time, digits) = &self.first;
        let is_found = !self.is_other && self.has_zero && self.n_lines >= MIN_LINES && digits.len() >= min_digits;
        is_found.then(|| {
            (*line, format!("“{time}” with “{digits}” in the next column, and alike in all {} lines", self.n_lines))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(n: u64, of: impl Fn(u64) -> (String, String)) -> Option<(u64, String)> {
        let mut commas = Commas::default();
        for line in 2..n + 2 {
            let (time, behind) = of(line);
            commas.take(&time, &behind, line);
        }
        commas.found(3)
    }

    #[test]
    fn digits_of_one_length_behind_whole_times_are_decimals() {
        let parted = |line: u64| ((line / 7).to_string(), format!("{:06}", line * 8191 % 1_000_000));
        let told = found(20, parted).expect("found");
        assert_eq!(told.0, 2);
        assert_eq!(told.1, "“0” with “016382” in the next column, and alike in all 20 lines");
        assert_eq!(found(19, parted), None, "too few lines");
        // Amplitudes of their own: of several lengths, with a sign or a point, without zeros before them.
        assert_eq!(found(400, |line| (line.to_string(), line.to_string())), None);
        assert_eq!(found(40, |line| (line.to_string(), format!("-0{line}"))), None);
        assert_eq!(found(40, |line| (line.to_string(), format!("{}", 100 + line))), None);
        assert_eq!(found(40, |line| (format!("{line}.5"), "012".into())), None);
        assert_eq!(found(40, |line| (line.to_string(), "01".into())), None, "two digits");
        assert_eq!(found(40, |line| (line.to_string(), String::new())), None);
    }
}
