//! What recordings tell besides signals and spikes: pulses, messages, annotations.

use serde::{Deserialize, Serialize};

use crate::recording::{SegmentInfo, StreamInfo};

/// Events that are kept of a recording.
pub const MAX_EVENTS: usize = 100_000;

/// Something at a time: a pulse on a digital line, a message, an annotation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Segment in which it happened.
    pub segment: usize,
    /// Seconds, on the clock of the segments' `t_start_s`.
    pub time_s: f64,
    /// Seconds that it lasted; zero for an instant.
    pub duration_s: f64,
    /// Where it comes from, such as a digital line.
    pub source: String,
    /// What it says.
    pub label: String,
}

impl Event {
    /// Puts events of one stretch of time into the segments of a stream of the same clock: each
    /// goes to the last segment that has begun. Events that have segments of their own keep them.
    #[must_use]
    pub fn in_segments_of(mut events: Vec<Self>, stream: &StreamInfo) -> Vec<Self> {
        if events.iter().all(|event| event.segment == 0) {
            for event in &mut events {
                let began = |segment: &SegmentInfo| segment.t_start_s <= event.time_s;
                event.segment = stream.segments.iter().rposition(began).unwrap_or(0);
            }
        }
        events
    }
}

/// A table with a line for each event: `segment_index,time_s,duration_s,source,label`.
#[must_use]
pub fn to_csv(events: &[Event]) -> String {
    let mut csv = String::from("segment_index,time_s,duration_s,source,label\n");
    for Event { segment, time_s, duration_s, source, label } in events {
        csv += &format!("{segment},{time_s:.6},{duration_s:.6},{},{}\n", csv_cell(source), csv_cell(label));
    }
    csv
}

/// A cell of a table of text, quoted where it must be (RFC 4180).
#[must_use]
pub fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let event =
            Event { segment: 1, time_s: 2.5, duration_s: 0.0, source: "port, 2".into(), label: "say \"go\"".into() };
        let line = to_csv(&[event]).lines().nth(1).map(str::to_owned);
        assert_eq!(line.as_deref(), Some("1,2.500000,0.000000,\"port, 2\",\"say \"\"go\"\"\""));
    }
}
