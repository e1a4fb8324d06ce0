//! The programs that deploy: AWS SAM, cargo-lambda and zig, which links for Amazon's C library, and the
//! AWS command line. All come as Python packages, into environments below `target`.

use std::path::PathBuf;
use std::process::Command;

use super::FOLDER;
use crate::shell::{self, Outcome, output, root};

/// Versions that were tried together.
const BUILDING: &[&str] = &["aws-sam-cli==1.170.0", "cargo-lambda==1.9.2", "ziglang==0.17.1"];

/// Apart: it wants other versions of what both stand on.
const UPLOADING: &[&str] = &["awscli>=1.40,<2"];

/// Programs in their environments.
pub struct Tools {
    building: PathBuf,
    uploading: PathBuf,
}

impl Tools {
    /// Installs what is missing.
    pub fn install() -> Outcome<Self> {
        if output("python3", &["-c", "import ensurepip"]).is_none() {
            let packages = ["install", "--yes", "--quiet", "--quiet", "python3", "python3-venv"];
            shell::run("apt-get", &packages).map_err(|_| "this needs Python 3 with venv; install it")?;
        }
        let tools =
            Self { building: environment("building", BUILDING)?, uploading: environment("uploading", UPLOADING)? };
        // Binaries for the processors of the functions.
        crate::site::add_target("aarch64-unknown-linux-gnu")?;
        Ok(tools)
    }

    /// Runs `sam` in `infra`, where `samconfig.toml` is.
    pub fn sam(&self, arguments: &[&str]) -> Outcome {
        let status = self.sam_command(arguments).status()?;
        if status.success() { Ok(()) } else { Err(format!("sam {} failed", arguments.join(" ")).into()) }
    }

    fn sam_command(&self, arguments: &[&str]) -> Command {
        let mut command = Self::command(&self.building, "sam", arguments);
        command.current_dir(root().join("infra")).env("SAM_CLI_TELEMETRY", "0");
        command
    }

    /// The AWS command line.
    pub fn aws(&self, arguments: &[&str]) -> Command {
        let mut command = Self::command(&self.uploading, "aws", arguments);
        command.env("AWS_PAGER", "");
        command
    }

    /// A program of an environment, with the others of it on the path: `sam` calls `cargo lambda`, which
    /// calls zig through Python.
    fn command(environment: &std::path::Path, program: &str, arguments: &[&str]) -> Command {
        let programs = environment.join("bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(programs.clone()).chain(std::env::split_paths(&path));
        let mut command = shell::command(&programs.join(program).to_string_lossy(), arguments);
        if let Ok(path) = std::env::join_paths(paths) {
            command.env("PATH", path);
        }
        command.env("VIRTUAL_ENV", environment);
        command
    }
}

/// A Python environment with these packages; one that was made with the same is taken as it is.
fn environment(name: &str, packages: &[&str]) -> Outcome<PathBuf> {
    let folder = root().join(FOLDER).join(name);
    let (list, wanted) = (folder.join("packages.txt"), packages.join("\n"));
    if std::fs::read_to_string(&list).is_ok_and(|there| there == wanted) {
        return Ok(folder);
    }
    let path = folder.to_string_lossy().into_owned();
    shell::run("python3", &["-m", "venv", &path])?;
    let python = folder.join("bin/python").to_string_lossy().into_owned();
    shell::run(&python, &[&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"], packages].concat())?;
    // Last, so that an installation that broke off is made again.
    std::fs::write(list, wanted)?;
    Ok(folder)
}
