//! SpikeGadgets `.rec`: an XML header, then packets of device bytes, a timestamp and one frame.
//!
//! A packet begins with the byte `0x55`; the timestamp counts packets in 32 bits, and where it
//! leaves numbers out, packets were lost. Layout as `trodes_to_nwb` and neo read it.

mod configuration;

use std::ops::Range;
use std::sync::Arc;

use roxmltree::Document;

use super::clock::{self, Clock, Counts};
use super::format::{Claim, Format, Reader};
use super::interleaved::{Interleaved, RowLayout, SegmentFile, cut_notes, uniform};
use super::joined::Picked;
use super::text_header::{bytes, head};
use super::{OpenError, Recording, Support, first_of};
use crate::io::{FileSet, MAX_HEADER_BYTES, NamedFile};
use crate::recording::{FrameSource, StreamInfo};
use crate::sample::SampleType;
use configuration::Configuration;

const END: &[u8] = b"</Configuration>";
/// The first byte of a packet.
const START_BYTE: u8 = 0x55;
/// Packets whose first byte is looked at to tell how long one is.
const LOOKED_AT: u64 = 16;
/// Bytes of a sample, and of the timestamp.
const SAMPLE_BYTES: usize = 2;
const STAMP_BYTES: u64 = 4;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "SpikeGadgets .rec",
    give: "the file",
    tested: "Intan chips, Neuropixels by documentation",
    positions: "none in the files",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["spikegadgets"], support: &SUPPORT, reader: Reader::Files(recognise) };

/// The first `.rec` file of a drop.
pub fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let begins = |file: &&NamedFile| {
        head::<256>(file).is_some_and(|head| {
            let text = String::from_utf8_lossy(&head).into_owned();
            text.contains("<Configuration") && text.trim_start().starts_with('<')
        })
    };
    first_of(&files.iter().filter(begins).collect::<Vec<_>>(), open_file)
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let size = usize::try_from(file.file.size_bytes().min(MAX_HEADER_BYTES)).unwrap_or(0);
    let mut text = vec![0; size];
    file.file.read_exact_at(0, &mut text).map_err(OpenError::io(&file.path))?;
    let end = text.windows(END.len()).position(|window| window == END);
    let end = end.ok_or_else(|| OpenError::field(&file.path, "XML header", "without an end", "</Configuration>"))?;
    // The end of the line belongs to the header.
    let after = &text[end + END.len()..];
    let data = end + END.len() + after.iter().take(2).position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let xml = String::from_utf8_lossy(&text[..end + END.len()]).into_owned();
    let document =
        Document::parse(&xml).map_err(|error| OpenError::field(&file.path, "XML header", error, "well-formed XML"))?;
    let configuration = Configuration::read(file, document.root_element())?;
    if configuration.channels.is_empty() {
        return Err(OpenError::NoSignal { path: file.path.clone(), format: "spikegadgets" });
    }
    Packets::find(file, data as u64, &configuration).open(&configuration)
}

/// The packets of a file.
struct Packets<'a> {
    file: &'a NamedFile,
    /// Byte of the first packet.
    data: u64,
    /// Bytes before the frame.
    prefix_bytes: u64,
    /// Channels of a frame, of which the stream takes these, in this order.
    n_stored: usize,
    columns: Vec<usize>,
    /// Number of packets.
    count: u64,
    notes: Vec<String>,
}

impl<'a> Packets<'a> {
    /// How long packets are: they hold the channels that the header lists, or all of the hardware;
    /// their first bytes tell which.
    fn find(file: &'a NamedFile, data: u64, configuration: &Configuration) -> Self {
        let listed = configuration.channels.len();
        let all = configuration.n_hardware;
        let of = |n_stored: usize, columns: Vec<usize>| {
            let mut packets = Self {
                file,
                data,
                prefix_bytes: configuration.prefix_bytes,
                n_stored,
                columns,
                count: 0,
                notes: Vec::new(),
            };
            packets.count = file.file.size_bytes().saturating_sub(data) / packets.row_bytes();
            packets
        };
        let some = of(listed, (0..listed).collect());
        if some.begin_rightly() || all <= listed {
            return some.without_tail();
        }
        let whole = of(all, configuration.columns_of_all());
        if whole.columns.len() == listed && whole.begin_rightly() { whole.without_tail() } else { some.without_tail() }
    }

    fn row_bytes(&self) -> u64 {
        self.prefix_bytes + (SAMPLE_BYTES * self.n_stored) as u64
    }

    /// The first byte of a packet.
    fn start_byte(&self, packet: u64) -> Option<u8> {
        let mut byte = [0];
        self.file.file.read_exact_at(self.data + packet * self.row_bytes(), &mut byte).ok()?;
        Some(byte[0])
    }

    fn begin_rightly(&self) -> bool {
        let n = self.count.min(LOOKED_AT);
        n > 0 && (0..n).all(|packet| self.start_byte(packet) == Some(START_BYTE))
    }

    /// Leaves out what follows the last packet where the file's end was never written.
    fn without_tail(mut self) -> Self {
        let is_packet = |packet: u64| self.start_byte(packet) == Some(START_BYTE);
        if self.count == 0 || is_packet(self.count - 1) {
            return self;
        }
        if !is_packet(0) {
            self.notes.push(format!("{}: packets do not begin with the byte 0x55, as they should.", self.file.path));
            return self;
        }
        let (mut good, mut bad) = (0, self.count - 1);
        while bad - good > 1 {
            let middle = u64::midpoint(good, bad);
            if is_packet(middle) { good = middle } else { bad = middle }
        }
        let n_left = self.count - bad;
        self.notes.push(format!(
            "{}: its last {n_left} packets do not begin as packets do (zeros or damaged), and are left out.",
            self.file.path
        ));
        self.count = bad;
        self
    }

    fn stamps(&self, range: Range<u64>) -> Result<Vec<f64>, OpenError> {
        let row_bytes = self.row_bytes();
        let at = |packet: u64| self.data + packet * row_bytes + self.prefix_bytes - STAMP_BYTES;
        let stamp = |packet: u64| -> Result<f64, OpenError> {
            let mut stamp = [0; 4];
            self.file.file.read_exact_at(at(packet), &mut stamp).map_err(OpenError::io(&self.file.path))?;
            Ok(f64::from(u32::from_le_bytes(stamp)))
        };
        let n = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        // Many small packets are read at once.
        let size = n.checked_mul(usize::try_from(row_bytes).unwrap_or(usize::MAX)).filter(|size| *size <= 1 << 22);
        let (Some(size), true) = (size, n > 1) else { return range.map(stamp).collect() };
        let rows = bytes(self.file, self.data + range.start * row_bytes, size)?;
        let within = usize::try_from(self.prefix_bytes - STAMP_BYTES).unwrap_or(usize::MAX);
        let of_row = |row: &[u8]| row.get(within..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        let rows = rows.chunks_exact(usize::try_from(row_bytes).unwrap_or(usize::MAX));
        Ok(rows.map(|row| f64::from(u32::from_le_bytes(of_row(row)))).collect())
    }

    fn open(mut self, configuration: &Configuration) -> Result<Recording, OpenError> {
        let counts = Counts::Frames { wraps_at: Some(1 << 32) };
        let clock = clock::read(self.count, counts, |range| self.stamps(range))?;
        let path = &self.file.path;
        let n_lost = n_lost(&clock);
        if n_lost > 0 {
            self.notes.push(format!("{path}: {n_lost} packets were lost; a segment begins behind each gap."));
        }
        self.notes.extend(clock.note(path));
        let file = |offset_bytes: u64| SegmentFile { path: path.clone(), file: self.file.file.clone(), offset_bytes };
        let row_bytes = usize::try_from(self.row_bytes()).unwrap_or(usize::MAX);
        self.notes.extend(cut_notes(&[file(self.data)], row_bytes));
        let mut info = describe(configuration);
        // Frames are counted from the first packet, as neo does.
        let first = clock.runs.first().map_or(0.0, |run| run.start);
        let mut segments = clock.segments(1.0 / configuration.rate_hz);
        segments.iter_mut().zip(&clock.runs).for_each(|(segment, run)| {
            segment.t_start_s = (run.start - first) / configuration.rate_hz;
        });
        info.segments = segments;
        let files = clock.runs.iter().map(|run| file(self.data + run.first * self.row_bytes())).collect();
        let n_stored = self.n_stored;
        let rows = RowLayout::new(self.prefix_bytes, n_stored, 0..n_stored, SampleType::Int16);
        let source: Box<dyn FrameSource> = if self.columns.iter().copied().eq(0..n_stored) {
            Box::new(Interleaved::with_rows(info, files, rows))
        } else {
            let ids = (0..n_stored).map(|at| at.to_string()).collect();
            let mut all = uniform("all", configuration.rate_hz, SampleType::Int16, ids, 1.0);
            all.segments.clone_from(&info.segments);
            Box::new(Picked::new(info, Arc::new(Interleaved::with_rows(all, files, rows)), self.columns))
        };
        if !configuration.is_scaled {
            let note = "the header holds no scaling to microvolts, so values are in the amplifier's steps";
            self.notes.push(note.to_owned());
        }
        let recording = Recording::of_streams("spikegadgets", vec![source]);
        Ok(Recording { facts: configuration.facts.clone(), notes: self.notes, ..recording })
    }
}

/// Numbers that the clock leaves out.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of packets"
)]
fn n_lost(clock: &Clock) -> u64 {
    let gap = |pair: &[clock::Run]| (pair[1].start - pair[0].start - pair[0].n as f64).max(0.0);
    clock.runs.windows(2).map(gap).sum::<f64>() as u64
}

/// The stream's description without its segments.
fn describe(configuration: &Configuration) -> StreamInfo {
    let channels = &configuration.channels;
    let ids = channels.iter().map(|channel| channel.number.to_string()).collect();
    let mut info = uniform("trodes", configuration.rate_hz, SampleType::Int16, ids, 1.0);
    info.channel_names = Some(channels.iter().map(|channel| channel.name.clone()).collect());
    for (gain, channel) in info.gain_to_uv.iter_mut().zip(channels) {
        *gain = channel.scaling.filter(|_| configuration.is_scaled).unwrap_or(1.0);
    }
    info
}
