//! Events: pulses, messages and annotations of a recording, beside signals and spikes.

use serde::{Deserialize, Serialize};

use crate::csv::cell;

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
    /// The text of the event.
    pub label: String,
}

/// The first `n` events, their texts cut to so many characters.
#[must_use]
pub fn shortened(events: &[Event], n: usize, n_chars: usize) -> Vec<Event> {
    let short = |text: &str, n_chars: usize| text.chars().take(n_chars).collect::<String>();
    let one = |event: &Event| {
        let source = short(&event.source, n_chars / 2);
        let label = short(&event.label, n_chars - source.chars().count());
        Event { source, label, ..event.clone() }
    };
    events.iter().take(n).map(one).collect()
}

/// Events as a reader meets them: of very many only the first are kept.
#[derive(Debug, Default)]
pub struct Events {
    kept: Vec<Event>,
    n_met: usize,
}

impl Events {
    /// Takes another one.
    pub fn push(&mut self, event: Event) {
        self.n_met += 1;
        if self.kept.len() < MAX_EVENTS && event.time_s.is_finite() && event.duration_s.is_finite() {
            self.kept.push(event);
        }
    }

    /// One of those kept.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Event> {
        self.kept.get_mut(at)
    }

    /// Number of those kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.kept.len()
    }

    /// Number of those that were met, kept or not.
    #[must_use]
    pub const fn n_met(&self) -> usize {
        self.n_met
    }

    /// Whether none is kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Changes each of those kept.
    pub(crate) fn for_each(&mut self, change: impl FnMut(&mut Event)) {
        self.kept.iter_mut().for_each(change);
    }

    /// The events of some segments alone, which are all that a stream has, in this order.
    #[must_use]
    pub fn of_segments(mut self, segments: &[usize]) -> Self {
        let n_before = self.kept.len();
        self.kept.retain_mut(|event| {
            let place = segments.iter().position(|segment| *segment == event.segment);
            event.segment = place.unwrap_or_default();
            place.is_some()
        });
        self.n_met -= n_before - self.kept.len();
        self
    }

    /// The events that were kept, sorted by segment and time, and how many there were.
    #[must_use]
    pub fn sorted(mut self) -> (Vec<Event>, usize) {
        self.kept.sort_by(|a, b| a.segment.cmp(&b.segment).then(a.time_s.total_cmp(&b.time_s)));
        (self.kept, self.n_met)
    }
}

/// A table with a line for each event: `segment_index,time_s,duration_s,source,label`. Times have
/// nanoseconds, finer than any clock here.
#[must_use]
pub fn to_csv(events: &[Event]) -> String {
    let mut csv = String::from("segment_index,time_s,duration_s,source,label\n");
    for Event { segment, time_s, duration_s, source, label } in events {
        csv += &format!("{segment},{time_s:.9},{duration_s:.9},{},{}\n", cell(source), cell(label));
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let event =
            Event { segment: 1, time_s: 2.5, duration_s: 0.0, source: "port, 2".into(), label: "say \"go\"".into() };
        let line = to_csv(&[event]).lines().nth(1).map(str::to_owned);
        assert_eq!(line.as_deref(), Some("1,2.500000000,0.000000000,\"port, 2\",\"say \"\"go\"\"\""));
    }
}
