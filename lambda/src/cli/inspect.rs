//! `neurocyte inspect`.

use std::collections::BTreeMap;

use super::{Inspect, Outcome, open_path, print, print_json};

pub fn run(options: &Inspect) -> Outcome {
    let recording = open_path(&options.path)?;
    let streams: Vec<_> = recording.streams.iter().map(|stream| stream.info()).collect();
    let spikes = recording.spikes.as_ref().map(|stored| {
        let mut n_spikes = vec![0_u64; stored.info.n_channels];
        stored.spikes.iter().for_each(|spike| n_spikes[spike.channel_index as usize] += 1);
        serde_json::json!({
            "found_by": stored.found_by,
            "sampling_frequency_hz": stored.info.sampling_frequency_hz,
            "is_sampling_frequency_recorded": stored.recorded_rate_hz().is_some(),
            "n_channels": stored.info.n_channels,
            "channel_ids": stored.info.channel_ids,
            "channel_names": stored.info.channel_names,
            "n_spikes": n_spikes,
            "positions_um": stored.info.positions_um,
            "wells": stored.info.wells,
            "empty_wells": stored.info.empty_wells,
            "segments": stored.info.segments,
            "length": stored.length,
            "observed_s": stored.observed_s,
        })
    });
    let mut n_events = BTreeMap::new();
    for event in &recording.events {
        *n_events.entry(&event.source).or_insert(0_u64) += 1;
    }
    let answer = serde_json::json!({
        "format": recording.format,
        "streams": streams,
        "spikes": spikes,
        "n_events": n_events,
        "facts": recording.facts,
        "notes": recording.notes,
    });
    if options.json { print(&format!("{answer}\n")) } else { print_json(&answer) }
}
