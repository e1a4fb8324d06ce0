//! What the tests skipped, because inputs that lie beside the repository are not there. Each such
//! test adds a line to a list: the number of its cases, and what they are.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use crate::shell::{Outcome, root};

/// The list: `CARGO_TARGET_TMPDIR` of the tests; `tests/shared.rs` has the same name.
fn list() -> PathBuf {
    root().join("target/tmp/skipped.txt")
}

/// Begins a new list.
pub fn forget() -> Outcome {
    match fs::remove_file(list()) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(format!("{}: {error}", list().display()).into()),
        _ => Ok(()),
    }
}

/// What the tests since then skipped, for people.
pub fn report() -> Outcome<String> {
    match fs::read_to_string(list()) {
        Ok(lines) => Ok(words(&lines)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(words("")),
        Err(error) => Err(format!("{}: {error}", list().display()).into()),
    }
}

fn words(lines: &str) -> String {
    let mut lines: Vec<&str> = lines.lines().collect();
    if lines.is_empty() {
        return "\nNo case was skipped.".into();
    }
    // Tests run side by side, in no order.
    lines.sort_unstable();
    let count = |line: &&str| line.split_once(' ').and_then(|(n, _)| n.parse::<u64>().ok());
    let total: u64 = lines.iter().filter_map(count).sum();
    let (n_tests, each) = (lines.len(), lines.join("\n  "));
    format!("\nSKIPPED: {total} cases of {n_tests} tests, which this run therefore does not vouch for:\n  {each}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted() {
        assert_eq!(words(""), "\nNo case was skipped.");
        let found = words("9 files (lambda): x is not there\n137 streams (lambda): x is not there\n");
        assert!(found.contains("146 cases of 2 tests") && found.contains("\n  9 files (lambda)"), "{found}");
    }
}
