//! Tables as text.

/// A cell of a table of text, quoted where it must be (RFC 4180). Names and labels come from files of others, and a
/// program of spreadsheets computes a cell that begins as a formula does: an apostrophe before it makes it text. A
/// number stays as it is.
#[must_use]
pub fn cell(text: &str) -> String {
    let text = if is_formula(text) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Whether a program of spreadsheets would compute this text. A sign alone is none.
fn is_formula(text: &str) -> bool {
    text.len() > 1 && text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_begins_as_a_formula_is_text() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("-A3", "'-A3"),
            ("-2+3", "'-2+3"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"http://evil\",\"x\")", "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn numbers_and_names_stay_as_they_are() {
        for text in ["", "-", "+", "-2", "+0.5", "-1e-300", "A-3", "A1=B2", "µ-7"] {
            assert_eq!(cell(text), text);
        }
    }
}
