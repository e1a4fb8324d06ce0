//! `cargo xtask serve`: build everything in release, then become the local cloud.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::shell::{self, Outcome};
use crate::site;

#[derive(Args)]
pub struct Options {
    /// Port on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder for recordings and results, kept between runs
    #[arg(long, default_value = ".neurocyte")]
    data: PathBuf,
}

/// Builds and serves.
pub fn run(options: &Options) -> Outcome {
    check_port(options.port)?;
    eprintln!("Building the site and the local cloud; the first time takes some minutes.");
    // Each build has stretches that keep only one core busy; side by side they fill both.
    let cloud = shell::start("cargo", &["build", "--quiet", "--release", "--package", "local-cloud"])?;
    let site = site::build();
    cloud.finish()?;
    let site = site?;
    let mut command = Command::new(shell::root().join("target/release/local-cloud"));
    command.args(["--port", &options.port.to_string(), "--data"]).arg(&options.data).arg("--site").arg(site);
    // As for the functions in AWS, or memory grows from slice to slice: see `infra/template.yaml`.
    command.env("MALLOC_MMAP_THRESHOLD_", "1048576");
    // Only returns when the program cannot be started.
    Err(command.exec().into())
}

/// Better said now than after minutes of building.
fn check_port(port: u16) -> Outcome {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Err(format!("port {port} is in use, perhaps by another Neurocyte; stop it or choose another with --port")
                .into())
        }
        Err(error) => Err(format!("port {port}: {error}").into()),
    }
}
