//! `neurocyte events`.

use wasm_core::events::to_csv;

use super::{Events, Outcome, open_path, print};

pub fn run(options: &Events) -> Outcome {
    let csv = to_csv(&open_path(&options.path)?.events);
    match &options.out {
        Some(path) => Ok(std::fs::write(path, csv).map_err(|error| format!("{}: {error}", path.display()))?),
        None => print(&csv),
    }
}
