//! Starts the local cloud and waits for Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use local_cloud::{Config, serve};

/// Neurocyte on this machine: site, API, S3 and analysis in one process.
#[derive(Parser)]
struct Options {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder for recordings and results, kept between runs
    #[arg(long, default_value = ".neurocyte")]
    data: PathBuf,
    /// Folder of the built site
    #[arg(long)]
    site: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    lambda::log::begin_on_this_machine();
    let config = Config { port: options.port, data: options.data, site: options.site };
    match serve(config).await {
        Ok(running) => {
            println!("Neurocyte is ready: {}", running.link());
            println!(
                "The link holds an invitation: the page keeps it in your browser, and only with it can it upload."
            );
            running.until_interrupted().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("neurocyte: {error}");
            ExitCode::FAILURE
        }
    }
}
