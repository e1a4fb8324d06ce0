//! `cargo xtask test`: every check that continuous integration runs.

mod skipped;

use crate::shell::{Outcome, need, output, run};
use crate::{site, test_wasm};

/// Runs the checks in the order in which they fail fastest.
pub fn run_checks() -> Outcome {
    add_component("rustfmt")?;
    add_component("clippy")?;
    run("cargo", &["fmt", "--all", "--check"])?;
    site::add_target(site::TARGET)?;
    run("cargo", &["clippy", "--profile", "verify", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let page = ["clippy", "--profile", "verify", "--package", "frontend", "--target", site::TARGET];
    run("cargo", &[&page[..], &["--", "-D", "warnings"]].concat())?;
    // The end-to-end tests drive a real browser.
    need(&["chromium", "chromedriver"], &["chromium", "chromium-driver"])?;
    site::build_for_tests()?;
    skipped::forget()?;
    let tested = run("cargo", &["test", "--profile", "verify", "--workspace", "--no-fail-fast"]);
    // The core's once more, as users run it. This line can move, or go: `cargo xtask test-wasm` runs them too.
    let tested = tested.and(test_wasm::run(&test_wasm::Options::default()));
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
