//! The project's commands; `cargo xtask --help` lists them.

mod bench;
mod check;
mod deploy;
mod doc;
mod emulate;
mod serve;
mod shell;
mod site;
mod test_wasm;

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
    /// Check format and lints, and run all tests natively, with the page in a browser
    Test,
    /// Run the core's tests as WebAssembly, in a browser
    TestWasm(test_wasm::Options),
    /// Build the documentation of all crates; a link that leads nowhere is an error
    Doc,
    /// Run the core's tests on aarch64, through an emulator
    Emulate,
    /// Build all of it and put it into AWS, or say what that would do
    Deploy(deploy::Options),
    /// Take it out of AWS; recordings and results stay
    Undeploy(deploy::UndeployOptions),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Site => site::build().map(|folder| println!("{}", folder.display())),
        Command::Bench(options) => bench::run(&options),
        Command::Test => check::run_checks(),
        Command::TestWasm(options) => test_wasm::run(&options),
        Command::Doc => doc::run(),
        Command::Emulate => emulate::run(),
        Command::Deploy(options) => deploy::run(&options),
        Command::Undeploy(options) => deploy::undo(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
