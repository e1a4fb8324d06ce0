//! The cells of a line.

/// The sign between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Letter(char),
    /// Any number of blanks.
    Blanks,
}

/// A line's cells.
pub enum Row<'a> {
    Plain(&'a str, Separator),
    Quoted(Vec<String>),
}

impl<'a> Row<'a> {
    pub fn new(line: &'a str, separator: Separator) -> Self {
        match separator {
            Separator::Letter(letter) if line.contains('"') => Self::Quoted(quoted(line, letter)),
            _ => Self::Plain(line, separator),
        }
    }

    /// A cell without blanks around it; empty where the line ends before.
    pub fn cell(&self, at: usize) -> &str {
        match self {
            Self::Plain(line, Separator::Letter(letter)) => line.split(*letter).nth(at).unwrap_or_default().trim(),
            Self::Plain(line, Separator::Blanks) => line.split_whitespace().nth(at).unwrap_or_default(),
            Self::Quoted(cells) => cells.get(at).map_or("", String::as_str),
        }
    }

    /// How many cells there are, empty ones among them.
    pub fn n_cells(&self) -> usize {
        match self {
            Self::Plain(line, Separator::Letter(letter)) => line.matches(*letter).count() + 1,
            Self::Plain(line, Separator::Blanks) => line.split_whitespace().count(),
            Self::Quoted(cells) => cells.len(),
        }
    }

    /// How many there are up to the last that is not empty.
    pub fn n_filled(&self) -> usize {
        self.cells().iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1)
    }

    /// All cells.
    pub fn cells(&self) -> Vec<String> {
        let owned = |cell: &str| cell.trim().to_owned();
        match self {
            Self::Plain(line, Separator::Letter(letter)) => line.split(*letter).map(owned).collect(),
            Self::Plain(line, Separator::Blanks) => line.split_whitespace().map(owned).collect(),
            Self::Quoted(cells) => cells.clone(),
        }
    }
}

/// The cells of a line, without their quotes.
fn quoted(line: &str, separator: char) -> Vec<String> {
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            // A quote inside quotes is written twice (RFC 4180).
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}
