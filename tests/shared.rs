//! Inputs that lie beside the repository, in `../shared`. Where they are missing, a test that
//! needs them passes, but says how many cases it skipped: at once, and in a list that
//! `cargo xtask test` prints when all tests are done. The tests of every crate include this file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where `cargo xtask test` looks for what was skipped; `infra/xtask/src/check/skipped.rs` has the same name.
const LIST: &str = "skipped.txt";

/// The folder or file `name` of `../shared`. None where it is not there: `n_cases` of `what` are
/// then skipped.
pub fn shared(name: &str, n_cases: usize, what: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    skipped(n_cases, what, &format!("../shared/{name} is not there"));
    None
}

/// Says that `n_cases` of `what` are skipped, and why: at once, and in the list.
pub fn skipped(n_cases: usize, what: &str, why: &str) {
    let package = env!("CARGO_PKG_NAME");
    let line = format!("{n_cases} {what} ({package}): {why}\n");
    // Written past the capture of the test runner, so that it is seen.
    std::io::stderr().write_all(format!("SKIPPED: {line}").as_bytes()).ok();
    // Nothing is written by tests in a browser, whose report has the line above.
    if cfg!(target_family = "wasm") {
        return;
    }
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join(LIST);
    // One write of a short line: tests run side by side.
    let written = OpenOptions::new().create(true).append(true).open(&list);
    let written = written.and_then(|mut file| file.write_all(line.as_bytes()));
    written.unwrap_or_else(|error| panic!("{}: {error}", list.display()));
}
