//! Tags: what people and AxIS noted while it recorded, and when it stimulated.

use std::collections::BTreeMap;

use crate::events::{Event, Events};
use crate::formats::OpenError;
use crate::formats::text_header::{bytes, u16_at, u32_at, u64_at};
use crate::io::NamedFile;

/// Kinds of tags that tell of a time.
const USER_NOTE: u16 = 2;
const SYSTEM_NOTE: u16 = 3;
const STIMULATION: u16 = 5;
/// Kind, fourteen bytes of date, sixteen of name, revision; then rate, first sample, duration.
const NAME_AT: usize = 16;
const REVISION_AT: usize = 32;
const EVENT_AT: usize = 36;
const AFTER_EVENT: usize = EVENT_AT + 24;
/// What is read of a tag, and how many are.
const MAX_TAG_BYTES: u64 = 1 << 10;
const MAX_TAGS: usize = 4096;

/// The newest revision of each tag, by its name.
#[derive(Default)]
pub struct Tags {
    newest: BTreeMap<[u8; 16], (u32, Option<Event>)>,
    n_met: usize,
}

impl Tags {
    /// Takes the tag in `length` bytes from `at`; a tag of another kind, such as a deleted one,
    /// takes the place of its older revisions.
    pub fn take(&mut self, file: &NamedFile, at: u64, length: u64) -> Result<(), OpenError> {
        self.n_met += 1;
        if self.n_met > MAX_TAGS || length < EVENT_AT as u64 {
            return Ok(());
        }
        let tag = bytes(file, at, usize::try_from(length.min(MAX_TAG_BYTES)).unwrap_or(usize::MAX))?;
        let Some(name) = tag[NAME_AT..].first_chunk().copied() else { return Ok(()) };
        let revision = u32_at(&tag, REVISION_AT);
        if self.newest.get(&name).is_none_or(|(known, _)| *known <= revision) {
            self.newest.insert(name, (revision, event(&tag)));
        }
        Ok(())
    }

    /// All that tell of a time; and how many tags were not read.
    pub fn events(self) -> (Events, usize) {
        let mut events = Events::default();
        self.newest.into_values().filter_map(|(_, event)| event).for_each(|event| events.push(event));
        (events, self.n_met.saturating_sub(MAX_TAGS))
    }
}

fn event(tag: &[u8]) -> Option<Event> {
    let kind = u16_at(tag, 0);
    let rest = tag.get(AFTER_EVENT..)?;
    let (source, label) = match kind {
        // Well and electrode, zero for all, then a text.
        USER_NOTE | SYSTEM_NOTE => {
            let length = usize::try_from(i32::from_le_bytes(*rest.get(4..)?.first_chunk()?)).ok()?;
            let text = &rest[8..rest.len().min(length.checked_add(8)?)];
            let source = if kind == USER_NOTE { "note" } else { "AxIS" };
            (source, String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
        }
        // Version and two spare bytes, names of waveform and channels, then the pattern's number.
        STIMULATION => ("stimulation", u16_at(rest.get(..40)?, 36).to_string()),
        _ => return None,
    };
    let ticks = |at: usize| u64_at(tag, at).cast_signed();
    let rate_hz = f64::from_bits(u64_at(tag, EVENT_AT));
    #[expect(clippy::cast_precision_loss, reason = "samples of a recording")]
    let seconds = |samples: i64| samples as f64 / rate_hz;
    Some(Event {
        segment: 0,
        time_s: seconds(ticks(EVENT_AT + 8)),
        duration_s: seconds(ticks(EVENT_AT + 16).max(0)),
        source: source.into(),
        label,
    })
}
