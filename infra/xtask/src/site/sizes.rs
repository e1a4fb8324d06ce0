//! How much of the site a browser loads.

use std::fs;
use std::path::Path;

use super::compress::with_ending;
use crate::shell::Outcome;

/// Programs, and the most bytes that each may have, packed by brotli, with the JavaScript that calls it: the page's
/// own is there before a person has found their file, that of a first look before they have opened it.
const BOUNDS: [(&str, Option<u64>); 3] = [("app", Some(400_000)), ("worker", Some(1_200_000)), ("analyst", None)];

/// What each program takes, in words; what is above its bound is said.
pub fn told(site: &Path) -> Outcome<String> {
    let mut told = Vec::new();
    for (program, bound) in BOUNDS {
        let mut bytes = 0;
        for file in [format!("{program}.js"), format!("{program}_bg.wasm")] {
            bytes += fs::metadata(with_ending(&site.join(file), "br"))?.len();
        }
        told.push(line(program, bytes, bound));
    }
    Ok(format!("Compressed: {}.", told.join(", ")))
}

fn line(program: &str, bytes: u64, bound: Option<u64>) -> String {
    let kilobytes = bytes.div_ceil(1000);
    match bound.filter(|bound| bytes > *bound) {
        Some(bound) => format!("{program} {kilobytes} kB, ABOVE ITS BOUND of {} kB", bound / 1000),
        None => format!("{program} {kilobytes} kB"),
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn what_is_too_large_is_said() {
        assert_eq!(line("app", 399_001, Some(400_000)), "app 400 kB");
        assert_eq!(line("app", 401_000, Some(400_000)), "app 401 kB, ABOVE ITS BOUND of 400 kB");
        assert_eq!(line("analyst", 2_000_000, None), "analyst 2000 kB");
    }
}
