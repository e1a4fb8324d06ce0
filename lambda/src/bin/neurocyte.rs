//! The command line.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match lambda::cli::run(&lambda::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("neurocyte: {error}");
            ExitCode::FAILURE
        }
    }
}
