//! `cargo xtask test`: every check that continuous integration runs.

use crate::shell::{Outcome, output, run};
use crate::site;

/// Runs the checks in the order in which they fail fastest.
pub fn run_checks() -> Outcome {
    add_component("rustfmt")?;
    add_component("clippy")?;
    run("cargo", &["fmt", "--all", "--check"])?;
    site::add_target(site::TARGET)?;
    run("cargo", &["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let wasm =
        ["clippy", "--release", "--package", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
    run("cargo", &wasm)?;
    install_browser()?;
    site::build()?;
    run("cargo", &["test", "--release", "--workspace", "--no-fail-fast"])
}

fn add_component(name: &str) -> Outcome {
    let installed = output("rustup", &["component", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line.starts_with(name)) {
        return Ok(());
    }
    run("rustup", &["component", "add", name])
}

/// The end-to-end tests drive a real browser.
fn install_browser() -> Outcome {
    if output("chromium", &["--version"]).is_some() && output("chromedriver", &["--version"]).is_some() {
        return Ok(());
    }
    if output("apt-get", &["--version"]).is_none() {
        return Err("the end-to-end tests need the programs chromium and chromedriver; install both".into());
    }
    run("apt-get", &["update", "--quiet", "--quiet"])?;
    run("apt-get", &["install", "--yes", "--quiet", "--quiet", "chromium", "chromium-driver"])
}
