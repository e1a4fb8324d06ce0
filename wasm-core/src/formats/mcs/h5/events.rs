//! Events of a recording: rows of times and durations in microseconds.

use std::ops::Range;

use super::{numbered, text};
use crate::events::{Event, Events};
use crate::formats::hdf5::H5;
use crate::recording::SegmentInfo;

/// Reads the events of a recording into the segments that it became: each goes to the last that
/// has begun. Without a signal a recording is one segment.
pub fn read(
    file: &H5,
    recording: &str,
    segments: Option<&(&[SegmentInfo], Range<usize>)>,
    at: usize,
    events: &mut Events,
) {
    let segment_of = |time_s: f64| match segments {
        None => Some(at),
        Some((all, own)) => {
            let began = |segment: &usize| all.get(*segment).is_some_and(|segment| segment.t_start_s <= time_s);
            own.clone().rev().find(began).or_else(|| own.clone().next())
        }
    };
    let base = format!("Data/{recording}/EventStream");
    for stream in file.members(&base).map(|(groups, _)| groups).unwrap_or_default() {
        let place = format!("{base}/{stream}");
        // Streams that the system adds by itself have no label, but say what they are.
        let source = text(file, &place, "Label").or_else(|| text(file, &place, "DataSubType"));
        let source = source.unwrap_or_else(|| stream.clone());
        let (_, datasets) = file.members(&place).unwrap_or_default();
        for entity in numbered(datasets, "EventEntity_") {
            let numbers = file.numbers(&format!("{place}/{entity}")).unwrap_or_default();
            let (times_us, durations_us) = numbers.split_at(numbers.len() / 2);
            for (time_us, duration_us) in times_us.iter().zip(durations_us) {
                let time_s = time_us * 1e-6;
                if let Some(segment) = segment_of(time_s) {
                    events.push(Event {
                        segment,
                        time_s,
                        duration_s: duration_us * 1e-6,
                        source: source.clone(),
                        label: format!("event {}", entity.trim_start_matches("EventEntity_")),
                    });
                }
            }
        }
    }
}
