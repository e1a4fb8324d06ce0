//! Tags: what people and AxIS noted while it recorded, when it stimulated, what each well got, and
//! names and values of the recording.

use std::collections::BTreeMap;

use super::headers::{text, well_name};
use super::settings::Settings;
use crate::events::{Event, Events};
use crate::formats::OpenError;
use crate::formats::text_header::{bytes, u16_at, u32_at, u64_at};
use crate::formats::told::number;
use crate::io::NamedFile;

/// Kinds of tags: a well's treatment, those that tell of a time, a name and a value.
const WELL: u16 = 1;
const USER_NOTE: u16 = 2;
const SYSTEM_NOTE: u16 = 3;
const STIMULATION: u16 = 5;
const NAMED_VALUE: u16 = 11;
/// Kind, fourteen bytes of date, sixteen of name, revision; then rate, first sample, duration.
const NAME_AT: usize = 16;
const REVISION_AT: usize = 32;
const EVENT_AT: usize = 36;
const AFTER_EVENT: usize = EVENT_AT + 24;
/// What is read of a tag, and how many are.
const MAX_TAG_BYTES: u64 = 1 << 10;
const MAX_TAGS: usize = 4096;
/// Prefixes of amounts, by the power of ten that their stored number is multiplied with.
const PREFIXES: [(i8, &str); 8] = [(0, ""), (2, "c"), (3, "m"), (6, "µ"), (9, "n"), (12, "p"), (15, "f"), (-3, "k")];

/// The newest revision of each tag, by its name.
#[derive(Default)]
pub struct Tags {
    newest: BTreeMap<[u8; 16], (u32, Tag)>,
    n_met: usize,
}

/// The content of a tag.
enum Tag {
    Event(Event),
    Well(Well),
    NamedValue(String, String),
    /// Nothing that is shown; a deleted tag too.
    Other,
}

/// A well and its treatment.
struct Well {
    row: u8,
    column: u8,
    is_on: bool,
    is_control: bool,
    treatment: String,
    amount: String,
    remark: String,
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
            self.newest.insert(name, (revision, read(&tag)));
        }
        Ok(())
    }

    /// All that tell of a time, with the rest told to `settings`; and how many tags were not read.
    pub fn tell(self, settings: &mut Settings) -> (Events, usize) {
        let mut events = Events::default();
        let mut wells = Vec::new();
        for (_, tag) in self.newest.into_values() {
            match tag {
                Tag::Event(event) => events.push(event),
                Tag::Well(well) => wells.push(well),
                // Numbers of the chips' lots say nothing of the experiment.
                Tag::NamedValue(name, value) if !name.starts_with("BioCoreLotCode") => settings.take(&name, &value),
                Tag::NamedValue(..) | Tag::Other => {}
            }
        }
        wells.sort_by_key(|well| (well.row, well.column));
        let is_plate = wells.iter().any(|well| well.is_on);
        let off: Vec<String> =
            wells.iter().filter(|well| is_plate && !well.is_on).map(|well| well_name(well.row, well.column)).collect();
        settings.facts.add("Wells switched off", off.join(", "));
        for well in wells.iter().filter(|well| well.is_on) {
            let name = well_name(well.row, well.column);
            settings.facts.add(&format!("Well {name} treatment"), &well.treatment);
            settings.facts.add(&format!("Well {name} concentration"), &well.amount);
            settings.facts.add(&format!("Well {name} remark"), &well.remark);
            settings.facts.add(&format!("Well {name} role"), if well.is_control { "control" } else { "" });
        }
        (events, self.n_met.saturating_sub(MAX_TAGS))
    }
}

fn read(tag: &[u8]) -> Tag {
    let found = match u16_at(tag, 0) {
        WELL => well(tag).map(Tag::Well),
        NAMED_VALUE => named_value(tag),
        _ => event(tag).map(Tag::Event),
    };
    found.unwrap_or(Tag::Other)
}

fn named_value(tag: &[u8]) -> Option<Tag> {
    let (name, end) = text(tag, EVENT_AT)?;
    let (value, _) = text(tag, end)?;
    Some(Tag::NamedValue(name, value))
}

/// Column and row of the well, two bytes that are zero, whether it is on and a control, its colour;
/// then what it got, a remark, and how much: a number, a power of ten and a unit.
fn well(tag: &[u8]) -> Option<Well> {
    const TEXTS_AT: usize = EVENT_AT + 8;
    let fixed = tag.get(EVENT_AT..EVENT_AT + 5)?;
    let (column, row, bits) = (fixed[0], fixed[1], fixed[4]);
    if column == 0 || row == 0 {
        return None;
    }
    let (is_on, is_control) = (bits & 1 != 0, bits & 2 != 0);
    let texts = text(tag, TEXTS_AT).and_then(|(treatment, end)| {
        let (remark, end) = text(tag, end)?;
        Some((treatment, remark, end))
    });
    let (treatment, remark, end) = texts.unwrap_or_default();
    let amount = amount(tag, end).unwrap_or_default();
    Some(Well { row, column, is_on, is_control, treatment, amount, remark })
}

/// An amount such as `30 µM`, which is stored as 3e-5, the power 6 and `M`.
fn amount(tag: &[u8], at: usize) -> Option<String> {
    let rest = tag.get(at..).filter(|rest| at > 0 && rest.len() >= 9)?;
    let base = Some(f64::from_bits(u64_at(rest, 0))).filter(|base| base.is_finite())?;
    let power = rest[8].cast_signed();
    let (unit, _) = text(rest, 9)?;
    let prefix = PREFIXES.iter().find(|(known, _)| *known == power).map(|(_, prefix)| *prefix);
    let (value, prefix) = prefix.map_or((base, ""), |prefix| (base * 10.0_f64.powi(i32::from(power)), prefix));
    Some(format!("{} {prefix}{unit}", number(value)).trim().to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_their_prefix() {
        let stored = |base: f64, power: i8, unit: &str| {
            let mut bytes = vec![0];
            bytes.extend(base.to_le_bytes());
            bytes.push(power.cast_unsigned());
            bytes.extend(u32::try_from(unit.len()).expect("short").to_le_bytes());
            bytes.extend(unit.bytes());
            amount(&bytes, 1)
        };
        assert_eq!(stored(30e-6, 6, "M").as_deref(), Some("30 µM"));
        assert_eq!(stored(0.1, 0, "%").as_deref(), Some("0.1 %"));
        assert_eq!(stored(f64::NAN, 0, ""), None);
    }
}
