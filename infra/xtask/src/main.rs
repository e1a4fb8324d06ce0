//! The project's commands; `cargo xtask --help` lists them.

mod bench;
mod check;
mod emulate;
mod serve;
mod shell;
mod site;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Neurocyte's development commands
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the site and start the local cloud on 127.0.0.1
    Serve(serve::Options),
    /// Build the site into target/site
    Site,
    /// Time the analysis side by side with SpikeInterface
    Bench(bench::Options),
    /// Run every check that continuous integration runs
    Test,
    /// Run the core's tests on aarch64, through an emulator
    Emulate,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Site => site::build().map(|folder| println!("{}", folder.display())),
        Command::Bench(options) => bench::run(&options),
        Command::Test => check::run_checks(),
        Command::Emulate => emulate::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
