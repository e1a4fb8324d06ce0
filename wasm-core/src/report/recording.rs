//! The recording: its facts and its notes.

use super::Section;
use super::markup::{facts, list};
use crate::decimals::grouped;
use crate::numbers::{count, counted, duration};
use crate::recording::{StreamKind, TIMES_HZ};
use crate::run::{ChannelSummary, Summary};

/// Electrodes that are named at most.
const MAX_NAMED: usize = 20;

/// Facts of the files that are shown at most.
const MAX_FACTS: usize = 60;

/// Facts and notes.
pub fn section(summary: &Summary, kind: StreamKind) -> Section {
    let recording = &summary.recording;
    let n_segments = recording.segments.len() as u64;
    let segments = if n_segments > 1 { format!(", in {n_segments} segments") } else { String::new() };
    let mut own: Vec<(String, String)> = [
        ("Format", recording.format.clone()),
        ("Stream", recording.stream.clone()),
        ("Length", format!("{}{segments}", duration(summary.headline.duration_s))),
        ("Sampling rate", sampling_rate(summary)),
        ("Electrodes", count(summary.channels.len() as u64)),
        ("Spikes", count(summary.headline.n_spikes)),
    ]
    .map(|(name, value)| (kind.worded(name), value))
    .into();
    if !summary.wells.is_empty() {
        own.push(("Wells".into(), count(summary.wells.len() as u64)));
    }
    own.extend(named("Left out", summary.channels.iter().filter(|channel| channel.left_out)));
    own.extend(named("Dead", summary.channels.iter().filter(|channel| channel.dead)));
    let mut body = facts("facts", &own);
    if !recording.notes.is_empty() {
        body.push_str("<h3>Notes</h3>\n");
        body.push_str(&list("notes", &recording.notes));
    }
    if !recording.facts.is_empty() {
        let told = recording.facts.iter().take(MAX_FACTS);
        let mut told: Vec<_> = told.map(|fact| (fact.name.clone(), fact.value.clone())).collect();
        if let n @ 1.. = recording.facts.len().saturating_sub(MAX_FACTS) {
            told.push(("And".into(), format!("{} in summary.json", counted(n as u64, "more fact"))));
        }
        body.push_str("<h3>What the files tell</h3>\n");
        body.push_str(&facts("facts small", &told));
    }
    Section::new("recording", "Recording", body)
}

/// The rate of the recording system, where somebody recorded it.
fn sampling_rate(summary: &Summary) -> String {
    let rate_hz = summary.recording.sampling_frequency_hz;
    if rate_hz == TIMES_HZ && !summary.pipeline.has_signal() {
        "none is stored; times are in steps of 1 µs".to_owned()
    } else {
        format!("{} Hz", grouped(rate_hz))
    }
}

/// Electrodes by name; none where there are none.
fn named<'a>(what: &str, channels: impl Iterator<Item = &'a ChannelSummary>) -> Option<(String, String)> {
    let names: Vec<&str> = channels.map(|channel| channel.name.as_deref().unwrap_or(&channel.id)).collect();
    let more = match names.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let shown = names.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| (what.to_owned(), format!("{shown}{more}")))
}
