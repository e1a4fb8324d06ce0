//! `cargo xtask test`: every check that continuous integration runs.

mod skipped;

use crate::shell::{Outcome, need, output, run};
use crate::site;

/// Runs the checks in the order in which they fail fastest.
pub fn run_checks() -> Outcome {
    add_component("rustfmt")?;
    add_component("clippy")?;
    run("cargo", &["fmt", "--all", "--check"])?;
    // The page too: it is the same code on every target.
    run("cargo", &["clippy", "--profile", "verify", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    // The end-to-end tests drive a real browser.
    need(&["chromium", "chromedriver"], &["chromium", "chromium-driver"])?;
    site::build_for_tests()?;
    skipped::forget()?;
    let targets = ["test", "--profile", "verify", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"];
    let tested = run("cargo", &targets).and(run("cargo", &["test", "--profile", "verify", "--doc", "--workspace"]));
    // Also after a failure, and last, where it is read.
    println!("{}", skipped::report()?);
    tested
}

fn add_component(name: &str) -> Outcome {
    let installed = output("rustup", &["component", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line.starts_with(name)) {
        return Ok(());
    }
    run("rustup", &["component", "add", name])
}
