//! Events beside the signals: pulses in `all_channels.events`, messages in `messages.events`.
//!
//! Both have a file for each recording, named as those of the signals are. A record is a
//! timestamp, a sample position, the kind of event, the processor, 1 where a line rises and 0
//! where it falls, the line, and the recording's number, as the files' own headers describe.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::HEADER_BYTES;
use crate::events::{Event, Events};
use crate::formats::text_header::{for_each_record, stem, u64_at};
use crate::io::{NamedFile, read_text};
use crate::recording::StreamInfo;

const RECORD_BYTES: usize = 16;
/// Kind of a record: a digital line. Others tell when acquisition began.
const LINE: u8 = 3;

/// Reads the events of all recordings into the segments that these became; files that cannot
/// be read hold none.
pub fn read(files: &[&NamedFile], stream: &StreamInfo, segments: &BTreeMap<u32, Range<usize>>) -> Events {
    let mut events = Events::default();
    for file in files {
        let stem = stem(file);
        let part = stem.rsplit('_').next().and_then(|part| part.parse().ok()).unwrap_or(1);
        let Some(segments) = segments.get(&part) else { continue };
        let target = Target { stream, segments: segments.clone() };
        if stem.starts_with("messages") {
            messages(file, &target, &mut events);
        } else {
            lines(file, &target, &mut events);
        }
    }
    events
}

/// Where the events of a recording go.
struct Target<'a> {
    stream: &'a StreamInfo,
    segments: Range<usize>,
}

impl Target<'_> {
    /// The event of a timestamp, in the last of the segments that has begun.
    #[expect(clippy::cast_precision_loss, reason = "timestamps stay far below 2^53")]
    fn event(&self, timestamp: u64, source: String, label: String) -> Event {
        let time_s = timestamp as f64 / self.stream.sampling_frequency_hz;
        let began = |segment: &usize| self.stream.segments[*segment].t_start_s <= time_s;
        let segment = self.segments.clone().rev().find(began).unwrap_or(self.segments.start);
        Event { segment, time_s, duration_s: 0.0, source, label }
    }
}

fn lines(file: &NamedFile, target: &Target, events: &mut Events) {
    // Where the last rise of each line is in the list.
    let mut risen: HashMap<(u8, u8), usize> = HashMap::new();
    let read = for_each_record(file, HEADER_BYTES..file.file.size_bytes(), RECORD_BYTES, |record| {
        let (timestamp, kind, processor, rises, line) =
            (u64_at(record, 0), record[10], record[11], record[12] != 0, record[13]);
        if kind != LINE {
            return;
        }
        let event = target.event(timestamp, format!("processor {processor}"), format!("line {line}"));
        if rises {
            risen.insert((processor, line), events.len());
            events.push(event);
        } else if let Some(rise) = risen.remove(&(processor, line)).and_then(|at| events.get_mut(at)) {
            rise.duration_s = event.time_s - rise.time_s;
        }
    });
    // What was met before the file could not be read on stays.
    drop(read);
}

fn messages(file: &NamedFile, target: &Target, events: &mut Events) {
    for line in read_text(file).unwrap_or_default().lines() {
        let Some((timestamp, text)) = line.trim().split_once(' ') else { continue };
        if let Ok(timestamp) = timestamp.trim_end_matches(',').parse() {
            events.push(target.event(timestamp, "messages".into(), text.trim().to_owned()));
        }
    }
}
