//! Tables as text.

/// A cell of a table of text, quoted where it must be (RFC 4180).
#[must_use]
pub fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
