//! What people write for others to read.

use super::CreateRecording;
use crate::recording::{Fact, StreamInfo};
use crate::run::RecordingSummary;

/// Whether a character stands for itself: it is no control character, begins no new line, and does not turn the
/// direction of what follows, with which a text can be made to look like another one. Marks that say the direction
/// of a single place (U+061C, U+200E, U+200F) are part of Arabic and Hebrew text and stay.
#[must_use]
pub fn is_plain(letter: char) -> bool {
    // Separators of lines and paragraphs, embeddings and overrides; isolates.
    let turns = matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !letter.is_control() && !turns
}

/// The same in a note, which may have lines, and tabs as they are pasted from a table.
#[must_use]
pub fn is_plain_in_note(letter: char) -> bool {
    is_plain(letter) || matches!(letter, '\n' | '\t')
}

/// Puts a space in the place of every character that is not [plain](is_plain): names come from files, which may be
/// called anything.
fn make_plain(text: &mut String) {
    if !text.chars().all(is_plain) {
        *text = text.chars().map(|letter| if is_plain(letter) { letter } else { ' ' }).collect();
    }
}

fn make_all_plain<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    texts.into_iter().for_each(make_plain);
}

fn make_facts_plain(facts: &mut [Fact]) {
    make_all_plain(facts.iter_mut().flat_map(|fact| [&mut fact.name, &mut fact.value]));
}

/// The same for the texts of a stream.
pub fn make_stream_plain(stream: &mut StreamInfo) {
    make_plain(&mut stream.name);
    make_all_plain(&mut stream.channel_ids);
    make_all_plain(stream.channel_names.iter_mut().flatten());
    make_all_plain(stream.wells.iter_mut().flatten());
    make_all_plain(&mut stream.empty_wells);
}

/// The same for all texts of a recording that is announced.
pub fn make_recording_plain(recording: &mut CreateRecording) {
    make_plain(&mut recording.name);
    make_plain(&mut recording.format);
    make_stream_plain(&mut recording.stream);
    make_all_plain(&mut recording.notes);
    make_facts_plain(&mut recording.facts);
    make_all_plain(recording.events.iter_mut().flat_map(|event| [&mut event.source, &mut event.label]));
}

/// The same for what a result says of its recording: an earlier version, or whoever made a file, may have written it.
pub fn make_summary_plain(summary: &mut RecordingSummary) {
    make_plain(&mut summary.name);
    make_plain(&mut summary.format);
    make_plain(&mut summary.stream);
    make_all_plain(&mut summary.notes);
    make_facts_plain(&mut summary.facts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Event;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn what_turns_or_breaks_a_text_is_not_plain() {
        for letter in ['\n', '\t', '\u{7}', '\u{85}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(!is_plain(letter), "{letter:?}");
        }
        for letter in "aä µΩ“”ש\u{200f}\u{2027}\u{2065}日😀".chars() {
            assert!(is_plain(letter), "{letter:?}");
        }
        assert!(is_plain_in_note('\n') && is_plain_in_note('\t') && !is_plain_in_note('\u{202e}'));
    }

    #[test]
    fn every_text_of_a_recording_is_made_plain() {
        let odd = |name: &str| format!("{name}\u{202e}\n\0");
        let plain = |name: &str| format!("{name}   ");
        let spec = SimulationSpec { n_channels: 1, sampling_frequency_hz: 20_000.0, duration_s: 0.1, seed: 1 };
        let mut stream = Simulation::new(spec).info().clone();
        stream.name = odd("stream");
        stream.channel_ids = vec![odd("id")];
        stream.channel_names = Some(vec![odd("name")]);
        stream.wells = Some(vec![odd("A1")]);
        stream.empty_wells = vec![odd("A2")];
        let event = Event { segment: 0, time_s: 0.0, duration_s: 0.0, source: odd("port"), label: odd("on") };
        let facts = vec![Fact { name: odd("Operator"), value: odd("Ana") }];
        let mut recording = CreateRecording {
            name: odd("culture"),
            format: odd("format"),
            notes: vec![odd("note")],
            facts,
            events: vec![event],
            stream,
        };
        let (name, facts) = (recording.name.clone(), recording.facts.clone());
        let mut summary = RecordingSummary::new(&name, "f", &recording.stream, &facts, &recording.notes);
        make_recording_plain(&mut recording);
        let stream = &recording.stream;
        let texts = [&recording.name, &recording.format, &stream.name, &stream.channel_ids[0], &stream.empty_wells[0]];
        assert_eq!(texts.map(Clone::clone), ["culture", "format", "stream", "id", "A2"].map(plain));
        let lists = (stream.channel_names.clone(), stream.wells.clone(), recording.notes.clone());
        assert_eq!(lists, (Some(vec![plain("name")]), Some(vec![plain("A1")]), vec![plain("note")]));
        assert_eq!(recording.facts, [Fact { name: plain("Operator"), value: plain("Ana") }]);
        assert_eq!((&recording.events[0].source, &recording.events[0].label), (&plain("port"), &plain("on")));
        make_summary_plain(&mut summary);
        assert_eq!((&summary.name, &summary.facts), (&plain("culture"), &recording.facts));
        assert_eq!((&summary.stream, &summary.notes), (&plain("stream"), &recording.notes));
        let before = recording.clone();
        make_recording_plain(&mut recording);
        assert_eq!(recording, before, "what is plain stays");
    }
}
