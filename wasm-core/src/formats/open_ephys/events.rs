//! Events that lie beside the signals: pulses on digital lines, and messages.
//!
//! `structure.oebin` lists their folders. Lines hold `states.npy` (`channel_states.npy` before
//! version 0.6): the line's number where it rises, and its negative where it falls. Messages
//! hold `text.npy`. Frame numbers are in `sample_numbers.npy`, before version 0.6 in
//! `timestamps.npy`, and count as those of the signals do.

use std::collections::HashMap;

use serde::Deserialize;

use super::super::npy;
use crate::events::{Event, Events};
use crate::io::{FileSet, join};

/// A source of events as `structure.oebin` describes it.
#[derive(Deserialize)]
pub struct Described {
    folder_name: String,
    #[serde(default)]
    channel_name: String,
    #[serde(default)]
    sample_rate: f64,
}

/// Reads the events of one source in a recording, whose folder this is; none where files are
/// missing or of another kind, such as tracked positions.
pub fn read(files: &FileSet, recording: &str, segment: usize, described: &Described, events: &mut Events) {
    let folder = join(recording, &format!("events/{}", described.folder_name.trim_end_matches('/')));
    let file = |names: [&str; 2]| names.into_iter().find_map(|name| files.get(&join(&folder, name)));
    let frames = file(["sample_numbers.npy", "timestamps.npy"]).and_then(|file| npy::integers(file).ok());
    let Some(frames) = frames.filter(|_| described.sample_rate > 0.0) else { return };
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    let seconds = |frame: i64| frame as f64 / described.sample_rate;
    let event = |frame: i64, label: String| Event {
        segment,
        time_s: seconds(frame),
        duration_s: 0.0,
        source: described.channel_name.clone(),
        label,
    };
    if let Some(states) = file(["states.npy", "channel_states.npy"]).and_then(|file| npy::integers(file).ok()) {
        // Where the last rise of each line is in the list.
        let mut risen: HashMap<i64, usize> = HashMap::new();
        for (frame, state) in frames.into_iter().zip(states) {
            if state > 0 {
                risen.insert(state, events.len());
                events.push(event(frame, format!("line {state}")));
            } else if let Some(at) = risen.remove(&state.saturating_neg())
                && let Some(rise) = events.get_mut(at)
            {
                rise.duration_s = seconds(frame) - rise.time_s;
            }
        }
        return;
    }
    let texts = files.get(&join(&folder, "text.npy")).and_then(|file| npy::texts(file).ok()).unwrap_or_default();
    for (frame, text) in frames.into_iter().zip(texts) {
        events.push(event(frame, text));
    }
}
