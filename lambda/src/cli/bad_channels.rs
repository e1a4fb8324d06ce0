//! `neurocyte bad-channels`.

use wasm_core::analyses::BadChannelMethod;
use wasm_core::quality::{bad_channels, bad_ids};

use super::{BadChannels, Outcome, open_path, print_json};

pub fn run(options: &BadChannels) -> Outcome {
    let recording = open_path(&options.path)?;
    let source = recording.stream(options.stream.as_deref())?;
    let method: BadChannelMethod = serde_json::from_value(options.method.clone().into())?;
    let labels = bad_channels(source, method)?;
    let bad = bad_ids(source.info(), &labels);
    let answer = serde_json::json!({ "method": method, "bad_channel_ids": bad, "channel_labels": labels });
    print_json(&answer)
}
