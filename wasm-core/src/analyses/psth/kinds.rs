//! Which kinds of events a recording has.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::events::Event;

/// Events of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventKind {
    /// Where they come from.
    pub source: String,
    /// The label of its events; empty where kinds are told by the source alone.
    pub label: String,
    /// Their places in the list of all.
    pub events: Vec<usize>,
}

impl EventKind {
    /// The name of the kind on screen.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.source.as_str(), self.label.as_str()) {
            (source, "") => source.to_owned(),
            ("", label) => label.to_owned(),
            (source, label) => format!("{label}, {source}"),
        }
    }
}

/// The kinds of some events, by source and label or by source alone: the most frequent first, those of equal number
/// in the order of their names.
#[must_use]
pub fn event_kinds(events: &[Event], by_label: bool) -> Vec<EventKind> {
    let mut known: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        let label = if by_label { event.label.as_str() } else { "" };
        known.entry((event.source.as_str(), label)).or_default().push(at);
    }
    let kind = |((source, label), events): ((&str, &str), Vec<usize>)| EventKind {
        source: source.to_owned(),
        label: label.to_owned(),
        events,
    };
    let mut kinds: Vec<EventKind> = known.into_iter().map(kind).collect();
    kinds.sort_by_key(|kind| Reverse(kind.events.len()));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(source: &str, label: &str) -> Event {
        Event { segment: 0, time_s: 0.0, duration_s: 0.0, source: source.into(), label: label.into() }
    }

    #[test]
    fn the_most_frequent_kind_comes_first() {
        let events = [event("port", "2"), event("port", "1"), event("light", ""), event("port", "1"), event("", "go")];
        let told = |by_label| -> Vec<(String, Vec<usize>)> {
            event_kinds(&events, by_label).into_iter().map(|kind| (kind.name(), kind.events)).collect()
        };
        let kind = |name: &str, events: &[usize]| (name.to_owned(), events.to_vec());
        assert_eq!(
            told(true),
            [kind("1, port", &[1, 3]), kind("go", &[4]), kind("light", &[2]), kind("2, port", &[0])]
        );
        assert_eq!(told(false), [kind("port", &[0, 1, 3]), kind("", &[4]), kind("light", &[2])]);
        assert!(event_kinds(&[], true).is_empty());
    }
}
