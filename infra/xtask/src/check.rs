//! `cargo xtask test`: format, lints, all tests natively, and the page in a browser. Continuous integration also runs
//! `cargo xtask test-wasm` and `cargo xtask doc`.

mod skipped;

use crate::shell::{Outcome, command, need, output, run};
use crate::site;

/// Runs the checks in the order in which they fail fastest.
pub fn run_checks() -> Outcome {
    add_component("rustfmt")?;
    add_component("clippy")?;
    run("cargo", &["fmt", "--all", "--check"])?;
    // The end-to-end tests drive a real browser.
    need(&["chromium", "chromedriver"], &["chromium", "chromium-driver"])?;
    site::build_for_tests()?;
    skipped::forget()?;
    let tested = linted(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
        .and_then(|()| linted(&["test", "--workspace", "--doc"]));
    // Also after a failure, and last, where it is read.
    println!("{}", skipped::report()?);
    tested
}

/// Runs cargo with Clippy in the compiler's place, so that what the workspace depends on is compiled once, not also
/// for Clippy; the page too, whose code is the same on every target. The two variables are those by which
/// `cargo clippy` does it.
fn linted(arguments: &[&str]) -> Outcome {
    let clippy = output("rustup", &["which", "clippy-driver"]).ok_or("there is no clippy-driver")?;
    let mut cargo = command("cargo", arguments);
    cargo.args(["--profile", "verify"]).env("RUSTC_WORKSPACE_WRAPPER", clippy.trim());
    cargo.env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__");
    if cargo.status()?.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" ")).into()) }
}

fn add_component(name: &str) -> Outcome {
    let installed = output("rustup", &["component", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line.starts_with(name)) {
        return Ok(());
    }
    run("rustup", &["component", "add", name])
}
