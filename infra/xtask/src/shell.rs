//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// Any failure, as one line.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The workspace's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A program in the workspace's folder, without what cargo says to this one about its package:
/// build scripts that look at it would otherwise run again after each change between cargo
/// called by hand and cargo called here.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    for (name, _) in std::env::vars_os() {
        let ours = name.to_string_lossy();
        if ours.starts_with("CARGO_PKG_") || ours.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a program in the workspace's folder; its output goes where ours goes.
pub fn run(program: &str, arguments: &[&str]) -> Outcome {
    start(program, arguments)?.finish()
}

/// Starts a program in the workspace's folder and goes on.
pub fn start(program: &str, arguments: &[&str]) -> Outcome<Started> {
    let child = command(program, arguments).spawn();
    let child = child.map_err(|error| format!("{program} could not be started: {error}"))?;
    Ok(Started { child, what: format!("{program} {}", arguments.join(" ")) })
}

/// A program that is running.
pub struct Started {
    child: Child,
    what: String,
}

impl Started {
    /// Waits until it ends.
    pub fn finish(mut self) -> Outcome {
        if self.child.wait()?.success() { Ok(()) } else { Err(format!("{} failed", self.what).into()) }
    }
}

/// What a program prints, or `None` when it fails or is missing.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Installs packages of the platform where one of the programs in them is missing.
pub fn need(programs: &[&str], packages: &[&str]) -> Outcome {
    if programs.iter().all(|program| output(program, &["--version"]).is_some()) {
        return Ok(());
    }
    if output("apt-get", &["--version"]).is_none() {
        return Err(format!("this needs the programs {}; install them", programs.join(" and ")).into());
    }
    let update = run("apt-get", &["update", "--quiet", "--quiet"]);
    let install = || run("apt-get", &[&["install", "--yes", "--quiet", "--quiet"], packages].concat());
    update.and_then(|()| install()).map_err(|_| {
        let (programs, packages) = (programs.join(" and "), packages.join(" "));
        format!("this needs {programs}; run: sudo apt-get install {packages}").into()
    })
}
