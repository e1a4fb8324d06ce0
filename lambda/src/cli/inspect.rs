//! `neurocyte inspect`.

use super::{Inspect, Outcome, open_path};

pub fn run(options: &Inspect) -> Outcome {
    let recording = open_path(&options.path)?;
    let streams: Vec<_> = recording.streams.iter().map(|stream| stream.info()).collect();
    let answer = serde_json::json!({ "format": recording.format, "streams": streams, "notes": recording.notes });
    if options.json {
        println!("{answer}");
    } else {
        println!("{}", serde_json::to_string_pretty(&answer)?);
    }
    Ok(())
}
