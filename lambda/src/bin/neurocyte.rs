//! The command line.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let outcome = match lambda::cli::Cli::try_parse() {
        Ok(cli) => lambda::cli::run(&cli).map_err(|error| error.to_string()),
        // Help and version are no errors.
        Err(asked) if !asked.use_stderr() => asked.exit(),
        Err(error) => Err(lambda::cli::in_one_line(&error.to_string())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("neurocyte: {reason}");
            ExitCode::FAILURE
        }
    }
}
