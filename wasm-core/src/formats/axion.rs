//! Axion `.raw` and `.spk`: continuous voltage and spikes of multi-well plates, in the
//! layout that the vendor's own loader (AxionFileLoader, MIT) documents.
//!
//! A channel is known by its amplifier chip and its number there; its id is the well and the
//! electrode's column and row, as AxIS prints them.

mod tags;

use std::collections::HashMap;
use std::ops::Range;

use super::interleaved::{Interleaved, SegmentFile, uniform};
use super::text_header::{bytes, for_each_record, head, peak, u16_at, u32_at, u64_at};
use super::{Attempt, OpenError, Recording, first_of};
use crate::io::{FileSet, NamedFile};
use crate::recording::{SegmentInfo, StoredSpikes, StreamInfo};
use crate::sample::SampleType;
use crate::spikes::Spike;
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
/// A plate has at most 96 wells of 64 electrodes.
const MAX_CHANNELS: usize = 96 * 64;

/// Kind of a file that holds spikes.
const SPIKES: u16 = 1;
/// What stands before a spike's waveform, at least.
const SPIKE_BYTES: usize = 30;
/// A waveform of a tenth of a second at most.
const MAX_SPIKE_SAMPLES: usize = 1250;

/// What an entry holds.
const TERMINATE: u8 = 0;
const CHANNEL_ARRAY: u8 = 2;
const BLOCK_VECTOR_HEADER: u8 = 3;
const BLOCK_VECTOR_DATA: u8 = 4;
const TAG: u8 = 6;
const COMBINED_HEADER: u8 = 7;

/// Opens the first Axion file of a drop.
pub fn open(files: &FileSet) -> Attempt {
    let is_axion = |file: &&NamedFile| head::<8>(file).is_some_and(|head| head == *MAGIC);
    first_of(&files.iter().filter(is_axion).collect::<Vec<_>>(), open_file)
}

/// The parts of a file that matter.
#[derive(Default)]
struct Parts {
    channels: Option<Vec<Electrode>>,
    header: Option<VectorHeader>,
    data: Option<(u64, u64)>,
    /// Channel and chip of each column, where they do not follow the channel array.
    columns: Option<Vec<[u8; 2]>>,
    tags: Tags,
}

#[derive(Clone)]
struct Electrode {
    well: String,
    column: u8,
    row: u8,
    /// Number on the amplifier, and the amplifier's.
    channel_and_chip: [u8; 2],
}

struct VectorHeader {
    sampling_frequency_hz: f64,
    volts_per_step: f64,
    n_channels: usize,
    n_samples: u32,
    header_bytes: u32,
}

/// What a file holds, block after block.
struct Blocks<'a> {
    file: &'a NamedFile,
    header: VectorHeader,
    electrodes: Vec<Electrode>,
    /// Where they are in the file.
    bytes: Range<u64>,
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
    let parts = entries(file, &start)?;
    let missing = |what: &str| OpenError::field(&file.path, what, "missing", "an entry of header version 1");
    let header = parts.header.ok_or_else(|| missing("block vector header"))?;
    let mut electrodes = parts.channels.ok_or_else(|| missing("channel array"))?;
    if let Some(columns) = &parts.columns {
        electrodes = in_order(file, &electrodes, columns)?;
    }
    let (first_byte, n_bytes) = parts.data.ok_or_else(|| missing("block vector data"))?;
    let (events, n_unread) = parts.tags.events();
    let blocks = Blocks { file, header, electrodes, bytes: first_byte..first_byte.saturating_add(n_bytes) };
    let mut recording = if kind == SPIKES { blocks.spikes()? } else { blocks.voltage()? };
    if n_unread > 0 {
        recording.notes.push(format!("{n_unread} of the file's tags were not read: it has very many."));
    }
    Ok(recording.with_events(events))
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

impl Blocks<'_> {
    /// The plate's electrodes as channels.
    fn describe(&self) -> StreamInfo {
        let id = |electrode: &Electrode| format!("{}_{}{}", electrode.well, electrode.column, electrode.row);
        let ids = self.electrodes.iter().map(id).collect();
        let gain_to_uv = self.header.volts_per_step * 1e6;
        let mut info = uniform("Signals", self.header.sampling_frequency_hz, SampleType::Int16, ids, gain_to_uv);
        info.wells = Some(self.electrodes.iter().map(|electrode| electrode.well.clone()).collect());
        info
    }

    /// Blocks that do not hold what files of this kind do.
    fn unlike(&self, expected: &str) -> OpenError {
        let VectorHeader { n_channels, n_samples, header_bytes, .. } = self.header;
        let found = format!("{n_channels} channels of {n_samples} samples behind {header_bytes} bytes");
        OpenError::field(&self.file.path, "block", found, expected)
    }

    /// Those of a `.raw`: samples of all channels, frame after frame.
    fn voltage(&self) -> Result<Recording, OpenError> {
        let Self { file, header, electrodes, bytes } = self;
        let n_channels = header.n_channels;
        if electrodes.len() != n_channels || n_channels == 0 {
            let found = format!("{} electrodes for {n_channels} channels", electrodes.len());
            return Err(OpenError::field(&file.path, "channel array", found, "one electrode per channel"));
        }
        if header.header_bytes != 0 || header.n_samples != 1 {
            return Err(self.unlike("one sample of each channel"));
        }
        let mut info = self.describe();
        let n_frames = (bytes.end - bytes.start) / (2 * n_channels as u64);
        info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
        let segment = SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: bytes.start };
        Ok(Recording::of_streams("axion", vec![Box::new(Interleaved::whole(info, vec![segment]))]))
    }

    /// Those of a `.spk`: a spike each.
    fn spikes(&self) -> Result<Recording, OpenError> {
        let Self { file, header, electrodes, bytes } = self;
        let (header_bytes, n_samples) = (header.header_bytes as usize, header.n_samples as usize);
        if header.n_channels != 1 || header_bytes < SPIKE_BYTES || n_samples == 0 || n_samples > MAX_SPIKE_SAMPLES {
            return Err(self.unlike("the waveform of one channel behind 30 bytes"));
        }
        let mut info = StreamInfo { name: "spikes".into(), ..self.describe() };
        info.segments = vec![SegmentInfo { n_frames: 0, t_start_s: 0.0 }];
        let place_of: HashMap<[u8; 2], u32> =
            (0..).zip(electrodes).map(|(at, electrode)| (electrode.channel_and_chip, at)).collect();
        let mut found = Vec::new();
        let mut noise_uv = vec![(0.0, 0_u32); electrodes.len()];
        let mut threshold = 0.0;
        for_each_record(file, bytes.clone(), header_bytes + 2 * n_samples, |record| {
            // Start, channel, chip, trigger, deviation in volts, multiple of it; then the waveform.
            let trigger = i64::from(u32_at(record, 10).cast_signed());
            let sample_index = u64_at(record, 0).cast_signed().saturating_add(trigger);
            let Some(channel_index) = place_of.get(&[record[8], record[9]]).copied() else { return };
            let peak = peak(&record[header_bytes..]);
            #[expect(clippy::cast_possible_truncation, reason = "spikes are kept in f32")]
            let amplitude_uv = (f64::from(peak) * header.volts_per_step * 1e6) as f32;
            found.push(Spike { segment_index: 0, sample_index, channel_index, amplitude_uv });
            let (sum, n) = &mut noise_uv[channel_index as usize];
            *sum += f64::from_bits(u64_at(record, 14)) * 1e6;
            *n += 1;
            threshold = f64::from_bits(u64_at(record, 22));
        })?;
        let found_by = format!("AxIS, peaks beyond {threshold} x the noise that it measured");
        let mut stored = StoredSpikes::new(info, found, found_by);
        #[expect(clippy::cast_possible_truncation, reason = "noise is kept in f32")]
        let mean = |(sum, n): &(f64, u32)| if *n > 0 { (sum / f64::from(*n)) as f32 } else { 0.0 };
        stored.noise_uv = noise_uv.iter().map(mean).collect();
        let mut recording = Recording::of_streams("axion", Vec::new());
        recording.spikes = Some(stored);
        Ok(recording)
    }
}

/// Walks the entries, header after header.
fn entries(file: &NamedFile, start: &[u8]) -> Result<Parts, OpenError> {
    let mut parts = Parts::default();
    let mut at = u64_at(start, ENTRIES_START_AT);
    let mut slots: Vec<u64> = (0..PRIMARY_ENTRIES).map(|slot| u64_at(start, ENTRIES_AT + 8 * slot)).collect();
    for _ in 0..MAX_HEADERS {
        for slot in slots {
            let kind = slot.to_be_bytes()[0];
            // All ones: to the end of the file.
            let length = match slot << 8 >> 8 {
                length if length == u64::MAX >> 8 => file.file.size_bytes().saturating_sub(at),
                length => length,
            };
            if kind == TERMINATE {
                return Ok(parts);
            }
            parts.take(file, kind, at, length)?;
            at = at.saturating_add(length);
            if at > file.file.size_bytes() {
                return Err(OpenError::field(
                    &file.path,
                    &format!("entry of kind {kind}"),
                    format!("{length} bytes"),
                    "an entry inside the file",
                ));
            }
        }
        let further = bytes(file, at, 8 + 8 * FURTHER_ENTRIES)?;
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
        match kind {
            CHANNEL_ARRAY if self.channels.is_none() => {
                let n = u32_at(&bytes(file, at, 8)?, 4) as usize;
                if n > MAX_CHANNELS {
                    return Err(OpenError::field(&file.path, "electrodes", n, format!("at most {MAX_CHANNELS}")));
                }
                let table = bytes(file, at + 8, 8 * n)?;
                self.channels = Some(table.chunks_exact(8).map(Electrode::read).collect());
            }
            BLOCK_VECTOR_HEADER if self.header.is_none() => {
                self.header = Some(VectorHeader::read(&bytes(file, at, 64)?));
            }
            BLOCK_VECTOR_DATA if self.data.is_none() => self.data = Some((at, length)),
            TAG => self.tags.take(file, at, length)?,
            COMBINED_HEADER if self.header.is_none() => {
                let length = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_COMBINED_BYTES);
                let combined = Combined::read(&bytes(file, at, length)?);
                let combined = combined.ok_or_else(|| {
                    let found = format!("{length} bytes");
                    OpenError::field(&file.path, "combined header", found, "columns, names and the place of the data")
                })?;
                let end = combined.data.0.checked_add(combined.data.1);
                if end.is_none_or(|end| end > file.file.size_bytes()) {
                    let found = format!("{} bytes at {}", combined.data.1, combined.data.0);
                    return Err(OpenError::field(&file.path, "data", found, "bytes inside the file"));
                }
                self.header = Some(combined.header);
                self.data = Some(combined.data);
                self.columns = Some(combined.columns);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Electrode {
    /// Well column and row, electrode column and row, chip, channel, spare.
    fn read(entry: &[u8]) -> Self {
        let row = char::from(b'A' + entry[1].saturating_sub(1).min(25));
        let channel_and_chip = [entry[5], entry[4]];
        Self { well: format!("{row}{}", entry[0]), column: entry[2], row: entry[3], channel_and_chip }
    }
}

/// What newer systems write instead of the headers and the data's own entry.
struct Combined {
    header: VectorHeader,
    data: (u64, u64),
    columns: Vec<[u8; 2]>,
}

impl Combined {
    /// Versions and types of two bytes each; rate, scale; numbers of channels, of data sets and of
    /// samples in a block, sizes of the headers of all and of a block; four times of fourteen
    /// bytes; since version 1.1 the duration; a name and a description; place and length of the
    /// data; a checksum; then the channel and chip of each column.
    fn read(entry: &[u8]) -> Option<Self> {
        const TIMES_END: usize = 44 + 4 * 14;
        let n_channels = u32_at(entry, 24) as usize;
        let has_duration = (u16_at(entry, 0), u16_at(entry, 2)) >= (1, 1);
        let mut at = TIMES_END + if has_duration { 8 } else { 0 };
        for _ in 0..2 {
            let text_bytes = entry.get(at..)?.first_chunk().map(|length| i32::from_le_bytes(*length))?;
            at = at.checked_add(4 + usize::try_from(text_bytes).ok()?)?;
        }
        let columns = entry.get(at.checked_add(20)?..)?.get(..n_channels.checked_mul(2)?)?;
        Some(Self {
            header: VectorHeader {
                sampling_frequency_hz: f64::from_bits(u64_at(entry, 8)),
                volts_per_step: f64::from_bits(u64_at(entry, 16)),
                n_channels,
                n_samples: u32_at(entry, 32),
                header_bytes: u32_at(entry, 40),
            },
            data: (u64_at(entry, at), u64_at(entry, at + 8)),
            columns: columns.as_chunks::<2>().0.to_vec(),
        })
    }
}

impl VectorHeader {
    /// Rate, scale, two times of fourteen bytes, first block, channels, samples, header size.
    fn read(entry: &[u8]) -> Self {
        Self {
            sampling_frequency_hz: f64::from_bits(u64_at(entry, 0)),
            volts_per_step: f64::from_bits(u64_at(entry, 8)),
            n_channels: u32_at(entry, 52) as usize,
            n_samples: u32_at(entry, 56),
            header_bytes: u32_at(entry, 60),
        }
    }
}
