//! The page's files, into the bucket that CloudFront reads.

use std::path::Path;

use super::stack::Stack;
use crate::shell::Outcome;

/// Endings of the files, with their media types, in the order in which they are uploaded: what a
/// page loads is there before the page.
const TYPES: &[(&str, &str)] = &[
    ("wasm", "application/wasm"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("html", "text/html; charset=utf-8"),
];

/// Names do not change with what a file holds, so browsers and CloudFront ask whether it did.
const CACHE: &str = "no-cache";

/// Uploads the site. CloudFront compresses; the compressed copies beside the files are for servers
/// that do not.
pub fn upload(stack: &Stack, site: &Path) -> Outcome {
    check(site)?;
    let bucket = format!("s3://{}", stack.output("SiteBucket")?);
    let site = site.to_string_lossy().into_owned();
    for &(ending, media_type) in TYPES {
        let pattern = format!("*.{ending}");
        let chosen = ["--recursive", "--exclude", "*", "--include", pattern.as_str()];
        let described = ["--content-type", media_type, "--cache-control", CACHE, "--only-show-errors"];
        stack.aws(&[&["s3", "cp", site.as_str(), bucket.as_str()], &chosen[..], &described[..]].concat())?;
    }
    Ok(())
}

/// A file of a type that is not listed would be missing on the page.
fn check(folder: &Path) -> Outcome {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            check(&path)?;
        } else if !["gz", "br"].contains(&ending.as_str()) && !TYPES.iter().any(|(known, _)| *known == ending) {
            return Err(format!("{}: no media type is known for this ending", path.display()).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_has_a_type() {
        check(&crate::shell::root().join("www")).expect("known types");
    }

    #[test]
    fn the_page_comes_after_what_it_loads() {
        assert_eq!(TYPES.last().map(|(ending, _)| *ending), Some("html"));
    }
}
