//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Any failure, as one line.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The workspace's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a program in the workspace's folder; its output goes where ours goes.
pub fn run(program: &str, arguments: &[&str]) -> Outcome {
    let status = Command::new(program).args(arguments).current_dir(root()).status();
    let status = status.map_err(|error| format!("{program} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} {} failed", arguments.join(" ")).into()) }
}

/// What a program prints, or `None` when it fails or is missing.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(root()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
