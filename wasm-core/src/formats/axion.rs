//! Axion `.raw` and `.spk`: continuous voltage and spikes of multi-well plates, in the
//! layout that the vendor's own loader (AxionFileLoader, MIT) documents.
//!
//! A channel is known by its amplifier chip and its number there; its id is the well and the
//! electrode's column and row, as AxIS prints them.

mod blocks;
mod headers;
pub mod settings;
mod tags;

use super::format::{Claim, Format, Reader};
use super::plates::{self, LAYOUT_NOTE};
use super::text_header::{bytes, decoded, head, u16_at, u32_at, u64_at};
use super::{OpenError, Recording, Support, first_of};
use crate::io::{FileSet, NamedFile};
use blocks::Blocks;
use headers::{Combined, Electrode, VectorHeader};
use settings::Settings;
use tags::Tags;

const MAGIC: &[u8; 8] = b"AxionBio";
/// Entries that the first header and each further one have room for.
const PRIMARY_ENTRIES: usize = 123;
const FURTHER_ENTRIES: usize = 126;
/// Places in the first header.
const ENTRIES_START_AT: usize = 26;
const ENTRIES_AT: usize = 34;
/// Headers that a file may have before it is taken for damaged.
const MAX_HEADERS: usize = 1024;
/// What is read of a combined header: it ends with lists that do not matter here.
const MAX_COMBINED_BYTES: usize = 1 << 20;
/// What is read of a description.
const MAX_DESCRIPTION_BYTES: u64 = 1 << 16;
/// A plate has at most 96 wells of 64 electrodes.
const MAX_CHANNELS: usize = 96 * 64;

/// Kind of a file that holds spikes.
const SPIKES: u16 = 1;

/// Kinds of an entry.
const TERMINATE: u8 = 0;
const NOTES: u8 = 1;
const CHANNEL_ARRAY: u8 = 2;
const BLOCK_VECTOR_HEADER: u8 = 3;
const BLOCK_VECTOR_DATA: u8 = 4;
const EXTENSION: u8 = 5;
const TAG: u8 = 6;
const COMBINED_HEADER: u8 = 7;
/// Two versions, a type, two times and a name stand before the description of an extension.
const DESCRIPTION_AT: u64 = 3 * 2 + 2 * 14 + 50;
/// Name and width of the texts that a note begins with.
const NOTE_TEXTS: [(&str, usize); 3] = [("Investigator", 50), ("Recording name", 50), ("Description", 500)];

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "Axion .raw, .spk, spike list",
    give: "the file",
    tested: ".spk of AxIS 3.6, spike_list.csv; .raw of both layouts, by their description",
    positions: "names of electrodes; distances made up",
    neo: "no",
    spikeinterface: "no",
};

/// The format.
pub const FORMAT: Format = Format { names: &["axion"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The first Axion file of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let is_axion = |file: &&NamedFile| head::<8>(file).is_some_and(|head| head == *MAGIC);
    first_of(&files.iter().filter(is_axion).collect::<Vec<_>>(), open_file)
}

/// The parts of a file that matter.
#[derive(Default)]
struct Parts {
    channels: Option<Vec<Electrode>>,
    plate_type: u32,
    header: Option<VectorHeader>,
    data: Option<(u64, u64)>,
    /// Channel and chip of each column, where they do not follow the channel array.
    columns: Option<Vec<[u8; 2]>>,
    tags: Tags,
    settings: Settings,
    /// Texts of the newest note, for files without tags.
    note: Vec<u8>,
    /// Whether the file ends before its entries do.
    is_cut: bool,
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let start = bytes(file, 0, ENTRIES_AT + 8 * PRIMARY_ENTRIES)?;
    let (kind, major) = (u16_at(&start, 8), u16_at(&start, 10));
    if major != 1 {
        return Err(OpenError::field(&file.path, "header version", major, "1 (record or convert with a current AxIS)"));
    }
    if kind > SPIKES {
        return Err(OpenError::field(&file.path, "kind of data", kind, "0 (continuous voltage) or 1 (spikes)"));
    }
    let mut parts = entries(file, &start)?;
    let (events, n_unread) = std::mem::take(&mut parts.tags).tell(&mut parts.settings);
    let missing = |what: &str| OpenError::field(&file.path, what, "missing", "an entry of header version 1");
    let header = parts.header.take().ok_or_else(|| missing("block vector header"))?;
    let mut electrodes = parts.channels.take().ok_or_else(|| missing("channel array"))?;
    // Spikes tell their channel themselves.
    if let Some(columns) = parts.columns.as_ref().filter(|_| kind != SPIKES) {
        electrodes = in_order(file, &electrodes, columns)?;
    }
    let (first_byte, n_bytes) = parts.data.ok_or_else(|| missing("block vector data"))?;
    let mut notes = vec![LAYOUT_NOTE.to_owned()];
    if parts.is_cut {
        notes.push(format!("{} is cut: it ends within its data or its tags; what is there is read.", file.path));
    }
    if n_unread > 0 {
        notes.push(format!("{n_unread} of the file's tags were not read: it has very many."));
    }
    let by_type = plates::of_type(parts.plate_type);
    let mut settings = parts.settings;
    if kind != SPIKES {
        settings.facts.add_some("Recorded", header.started.as_ref());
    }
    settings.facts.add_some("Plate type", by_type.map(|(name, _)| name));
    note_facts(&parts.note, &mut settings);
    let blocks = Blocks {
        file,
        header,
        electrodes,
        plate: by_type.map(|(_, plate)| plate).or(settings.plate),
        bytes: first_byte..first_byte.saturating_add(n_bytes).min(file.file.size_bytes()).max(first_byte),
        section_s: settings.section_s,
    };
    let recording = if kind == SPIKES { blocks.spikes()? } else { blocks.voltage()? };
    Ok(Recording { notes, facts: settings.facts.list(), ..recording }.with_events(events))
}

/// What the note's fields tell, which newer systems write as tags as well.
fn note_facts(note: &[u8], settings: &mut Settings) {
    let mut at = 0;
    for (name, width) in NOTE_TEXTS {
        let text = note.get(at..at + width).map(decoded).unwrap_or_default();
        settings.take(name, &text);
        at += width;
    }
}

/// The electrodes of the columns.
fn in_order(file: &NamedFile, channels: &[Electrode], columns: &[[u8; 2]]) -> Result<Vec<Electrode>, OpenError> {
    let of = |column: &[u8; 2]| {
        let found = channels.iter().find(|electrode| electrode.channel_and_chip == *column).cloned();
        let [channel, chip] = column;
        let unknown = || {
            OpenError::field(&file.path, "column", format!("channel {channel} of chip {chip}"), "one of the plate's")
        };
        found.ok_or_else(unknown)
    };
    columns.iter().map(of).collect()
}

/// Walks the entries, header after header. A file that was cut ends where it does.
fn entries(file: &NamedFile, start: &[u8]) -> Result<Parts, OpenError> {
    let mut parts = Parts::default();
    let size_bytes = file.file.size_bytes();
    let mut at = u64_at(start, ENTRIES_START_AT);
    let mut slots: Vec<u64> = (0..PRIMARY_ENTRIES).map(|slot| u64_at(start, ENTRIES_AT + 8 * slot)).collect();
    for _ in 0..MAX_HEADERS {
        for slot in slots {
            let kind = slot.to_be_bytes()[0];
            // All ones: to the end of the file.
            let length = match slot << 8 >> 8 {
                length if length == u64::MAX >> 8 => size_bytes.saturating_sub(at),
                length => length,
            };
            if kind == TERMINATE {
                return Ok(parts);
            }
            let is_beyond = at.saturating_add(length) > size_bytes;
            // Data that are there count; anything else needs all of its bytes.
            if is_beyond && (kind == BLOCK_VECTOR_DATA || parts.data.is_some()) {
                parts.is_cut = true;
                parts.data = parts.data.or(Some((at, size_bytes.saturating_sub(at))));
                return Ok(parts);
            }
            if is_beyond {
                return Err(OpenError::field(
                    &file.path,
                    &format!("entry of kind {kind}"),
                    format!("{length} bytes"),
                    "an entry inside the file",
                ));
            }
            parts.take(file, kind, at, length)?;
            at = at.saturating_add(length);
        }
        let Ok(further) = bytes(file, at, 8 + 8 * FURTHER_ENTRIES) else {
            parts.is_cut = true;
            return Ok(parts);
        };
        if further[..8] != *MAGIC {
            return Err(OpenError::field(&file.path, &format!("byte {at}"), "something else", "a further header"));
        }
        slots = (0..FURTHER_ENTRIES).map(|slot| u64_at(&further, 8 + 8 * slot)).collect();
        // The checksum and four reserved bytes follow.
        at += 8 + 8 * FURTHER_ENTRIES as u64 + 8;
    }
    Err(OpenError::field(&file.path, "headers", format!("more than {MAX_HEADERS}"), "a terminating entry"))
}

impl Parts {
    fn take(&mut self, file: &NamedFile, kind: u8, at: u64, length: u64) -> Result<(), OpenError> {
        let part = |at: u64, length: u64| bytes(file, at, usize::try_from(length).unwrap_or(usize::MAX));
        match kind {
            CHANNEL_ARRAY if self.channels.is_none() => {
                let start = bytes(file, at, 8)?;
                self.plate_type = u32_at(&start, 0);
                let n = u32_at(&start, 4) as usize;
                if n > MAX_CHANNELS {
                    return Err(OpenError::field(&file.path, "electrodes", n, format!("at most {MAX_CHANNELS}")));
                }
                let table = bytes(file, at + 8, 8 * n)?;
                self.channels = Some(table.as_chunks::<8>().0.iter().copied().map(Electrode::read).collect());
            }
            BLOCK_VECTOR_HEADER if self.header.is_none() => {
                self.header = Some(VectorHeader::read(&bytes(file, at, 64)?));
            }
            BLOCK_VECTOR_DATA if self.data.is_none() => self.data = Some((at, length)),
            EXTENSION if length > DESCRIPTION_AT => {
                let description = part(at + DESCRIPTION_AT, (length - DESCRIPTION_AT).min(MAX_DESCRIPTION_BYTES))?;
                self.settings.take_text(&decoded(&description));
            }
            NOTES => {
                let n_bytes: usize = NOTE_TEXTS.iter().map(|(_, width)| width).sum();
                self.note = part(at, length.min(n_bytes as u64))?;
            }
            TAG => self.tags.take(file, at, length)?,
            COMBINED_HEADER if self.header.is_none() => self.take_combined(file, at, length)?,
            _ => {}
        }
        Ok(())
    }

    fn take_combined(&mut self, file: &NamedFile, at: u64, length: u64) -> Result<(), OpenError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_COMBINED_BYTES);
        let combined = Combined::read(&bytes(file, at, length)?).ok_or_else(|| {
            let found = format!("{length} bytes");
            OpenError::field(&file.path, "combined header", found, "columns, names and the place of the data")
        })?;
        let (first_byte, n_bytes) = combined.data;
        let size_bytes = file.file.size_bytes();
        if first_byte > size_bytes || first_byte.checked_add(n_bytes).is_none() {
            let found = format!("{n_bytes} bytes at {first_byte}");
            return Err(OpenError::field(&file.path, "data", found, "bytes inside the file"));
        }
        self.is_cut |= first_byte + n_bytes > size_bytes;
        self.settings.take_text(&combined.description);
        self.header = Some(combined.header);
        self.data = Some(combined.data);
        self.columns = Some(combined.columns);
        Ok(())
    }
}
