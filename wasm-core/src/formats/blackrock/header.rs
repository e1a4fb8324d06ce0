//! The headers of `.nsx` files: channels, their scales and names, date and program.

use crate::formats::OpenError;
use crate::formats::interleaved::uniform;
use crate::formats::text_header::{bytes, date_time, decoded, ending, latin1, shared, u16_at, u32_at};
use crate::formats::told::{Facts, number};
use crate::io::{FileSet, NamedFile};
use crate::recording::{StreamInfo, StreamKind};
use crate::sample::SampleType;

/// Rate of the system's clock, of which every stream's rate is a fraction.
const CLOCK_HZ: f64 = 30_000.0;
/// Fixed part of a header since 2.2, and each channel's part.
const BASIC_BYTES: usize = 314;
const CHANNEL_BYTES: usize = 66;
/// Fixed part of a header of 2.1.
const OLD_BYTES: usize = 32;
/// Microvolts of a step where a 2.1 file has no `.nev` beside it: what the amplifiers are set to.
const DEFAULT_GAIN_UV: f64 = 0.25;
/// What a `.nev` file holds for analogue inputs, and the nanovolts that are meant.
const OVERFLOWN: u16 = 21_516;
const ANALOG_INPUT_NV: f64 = 152_592.547;
/// Channels of the amplifiers' front end; analogue inputs come behind them. Larger systems have more
/// of both, but call the inputs so.
const FRONT_END: u32 = 128;
/// What inputs that are no electrodes are called, until someone gives them another name.
const ANALOGUE_LABELS: &[&str] = &["ainp", "analog", "aout", "audio"];
/// Entries of a `.nev` header, and how many are believed.
const EXTENDED_BYTES: usize = 32;
const MAX_EXTENDED: usize = 1 << 16;

/// The content of a file's header.
pub struct Header {
    /// The stream, without its segments.
    pub info: StreamInfo,
    /// Which of its channels are analogue inputs.
    pub is_analogue: Vec<bool>,
    pub facts: Facts,
    /// First byte behind the header.
    pub data_at: u64,
    /// Ticks of a second of the timestamps.
    pub resolution_hz: f64,
}

fn name(file: &NamedFile) -> String {
    format!("nsx{}", ending(file).trim_start_matches("ns"))
}

/// The header of 2.1, whose scales and names are in the `.nev` beside.
pub fn old(file: &NamedFile, files: &FileSet) -> Result<Header, OpenError> {
    let basic = bytes(file, 0, OLD_BYTES)?;
    let period = u32_at(&basic, 24);
    let n_channels = u32_at(&basic, 28) as usize;
    if period == 0 || n_channels == 0 || n_channels > usize::from(u16::MAX) {
        let found = format!("{period} and {n_channels}");
        return Err(OpenError::field(&file.path, "period and channel count", found, "both above zero"));
    }
    let list = bytes(file, OLD_BYTES as u64, 4 * n_channels)?;
    let ids: Vec<u32> = (0..n_channels).map(|at| u32_at(&list, 4 * at)).collect();
    let rate_hz = CLOCK_HZ / f64::from(period);
    let texts = ids.iter().map(u32::to_string).collect();
    let mut info = uniform(&name(file), rate_hz, SampleType::Int16, texts, DEFAULT_GAIN_UV);
    let stem = |file: &NamedFile| file.path.rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let same_stem = |other: &&NamedFile| ending(other) == "nev" && stem(other) == stem(file);
    if let Some(events) = files.iter().find(same_stem).and_then(|events| Events::read(events).ok()) {
        let of = |id: u32| u16::try_from(id).ok();
        for (gain, id) in info.gain_to_uv.iter_mut().zip(&ids) {
            *gain = of(*id).and_then(|id| events.gain_to_uv(id)).unwrap_or(*gain);
        }
        let label = |id: &u32| of(*id).and_then(|id| events.label(id)).unwrap_or_default().to_owned();
        let labels: Vec<String> = ids.iter().map(label).collect();
        info.channel_names = labels.iter().any(|label| !label.is_empty()).then_some(labels);
    }
    let is_analogue = ids.iter().map(|id| *id > FRONT_END).collect();
    let data_at = (OLD_BYTES + 4 * n_channels) as u64;
    Ok(Header { info, is_analogue, facts: Facts::default(), data_at, resolution_hz: CLOCK_HZ })
}

/// The header since 2.2.
pub fn new(file: &NamedFile) -> Result<Header, OpenError> {
    let basic = bytes(file, 0, BASIC_BYTES)?;
    let data_at = u64::from(u32_at(&basic, 10));
    let (period, resolution_hz, n_channels) = (u32_at(&basic, 286), u32_at(&basic, 290), u32_at(&basic, 310) as usize);
    if period == 0 || resolution_hz == 0 || n_channels == 0 || n_channels > usize::from(u16::MAX) {
        let found = format!("{period}, {resolution_hz} and {n_channels}");
        return Err(OpenError::field(&file.path, "period, clock and channel count", found, "all above zero"));
    }
    let table = bytes(file, BASIC_BYTES as u64, n_channels * CHANNEL_BYTES)?;
    let channels: Vec<&[u8]> = table.chunks_exact(CHANNEL_BYTES).collect();
    let ids = channels.iter().map(|channel| u16_at(channel, 2).to_string()).collect();
    let mut info = uniform(&name(file), CLOCK_HZ / f64::from(period), SampleType::Int16, ids, 1.0);
    (info.gain_to_uv, info.offset_to_uv) = channels.iter().map(|channel| scaling(channel)).unzip();
    let labels: Vec<String> = channels.iter().map(|channel| decoded(&channel[4..20])).collect();
    let is_analogue: Vec<bool> =
        channels.iter().zip(&labels).map(|(channel, label)| is_input(channel, label)).collect();
    let mut facts = Facts::default();
    facts.add_some("Recorded", origin(&basic, 294));
    facts.add("Comment", decoded(&basic[30..286]));
    // Millihertz of both corners, the order and the kind of each filter.
    let electrodes = || channels.iter().zip(&is_analogue).filter(|(_, is_analogue)| !**is_analogue);
    for (name, at) in [("High-pass of the hardware (Hz)", 46), ("Low-pass of the hardware (Hz)", 56)] {
        let corners: Vec<String> = electrodes().map(|(channel, _)| corner(u32_at(channel, at))).collect();
        facts.add_some(name, shared(corners.iter().map(String::as_str)));
    }
    info.channel_names = labels.iter().any(|label| !label.is_empty()).then_some(labels);
    Ok(Header { info, is_analogue, facts, data_at, resolution_hz: f64::from(resolution_hz) })
}

/// Whether a channel is an analogue input: by the name that it has from the start, or by its number
/// and the millivolts that inputs are in.
fn is_input(channel: &[u8], label: &str) -> bool {
    let label = label.to_lowercase();
    let is_mv = latin1(&channel[30..46]).eq_ignore_ascii_case("mV");
    ANALOGUE_LABELS.iter().any(|name| label.starts_with(name)) || (is_mv && u32::from(u16_at(channel, 2)) > FRONT_END)
}

/// A corner of a filter in hertz; none where there is no filter.
fn corner(millihertz: u32) -> String {
    if millihertz == 0 || millihertz == u32::MAX { String::new() } else { number(f64::from(millihertz) / 1000.0) }
}

/// Year, month, weekday, day, hour, minute, second and millisecond of two bytes each, in UTC.
pub fn origin(basic: &[u8], at: usize) -> Option<String> {
    let part = |number: usize| u32::from(u16_at(basic, at + 2 * number));
    date_time([part(0), part(1), part(3)], [part(4), part(5), part(6)]).map(|time| time + "Z")
}

/// Microvolts of a step and of a stored zero.
fn scaling(channel: &[u8]) -> (f64, f64) {
    let limit = |at: usize| f64::from(u16_at(channel, at).cast_signed());
    let (low, high, analog_low, analog_high) = (limit(22), limit(24), limit(26), limit(28));
    let unit_uv = if latin1(&channel[30..46]).starts_with("mV") { 1000.0 } else { 1.0 };
    if high == low {
        return (unit_uv, 0.0);
    }
    let gain = (analog_high - analog_low) / (high - low);
    (gain * unit_uv, (analog_low - low * gain) * unit_uv)
}

/// What the extended headers of a `.nev` file tell of electrodes.
#[derive(Default)]
pub struct Events {
    gains_to_uv: Vec<(u16, f64)>,
    labels: Vec<(u16, String)>,
}

impl Events {
    /// # Errors
    /// Where the headers do not fit the file.
    pub fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let basic = bytes(file, 0, 336)?;
        let n_extended = (u32_at(&basic, 332) as usize).min(MAX_EXTENDED);
        let table = bytes(file, 336, n_extended * EXTENDED_BYTES)?;
        // Nanovolts of a step follow the electrode, the connector and its pin. Analogue inputs
        // overflow the field; the vendor's own loader knows the value that is meant.
        let nanovolts = |stored: u16| if stored == OVERFLOWN { ANALOG_INPUT_NV } else { f64::from(stored) };
        let mut found = Self::default();
        for entry in table.chunks_exact(EXTENDED_BYTES) {
            let electrode = u16_at(entry, 8);
            if entry.starts_with(b"NEUEVWAV") {
                found.gains_to_uv.push((electrode, nanovolts(u16_at(entry, 12)) / 1000.0));
            } else if entry.starts_with(b"NEUEVLBL") {
                found.labels.push((electrode, decoded(&entry[10..26])));
            }
        }
        Ok(found)
    }

    /// Microvolts of a step of an electrode.
    pub fn gain_to_uv(&self, electrode: u16) -> Option<f64> {
        self.gains_to_uv.iter().find(|(known, _)| *known == electrode).map(|(_, gain)| *gain)
    }

    /// An electrode's name.
    pub fn label(&self, electrode: u16) -> Option<&str> {
        let found = self.labels.iter().find(|(known, _)| *known == electrode);
        found.map(|(_, label)| label.as_str()).filter(|label| !label.is_empty())
    }
}

/// Some channels of a stream, as a stream of this kind.
pub fn part(info: &StreamInfo, channels: &[usize], name: String, kind: StreamKind) -> StreamInfo {
    let numbers = |all: &[f64]| channels.iter().filter_map(|at| all.get(*at).copied()).collect();
    let texts = |all: &[String]| channels.iter().filter_map(|at| all.get(*at).cloned()).collect::<Vec<String>>();
    StreamInfo {
        name,
        kind,
        n_channels: channels.len(),
        channel_ids: texts(&info.channel_ids),
        channel_names: info.channel_names.as_deref().map(texts),
        gain_to_uv: numbers(&info.gain_to_uv),
        offset_to_uv: numbers(&info.offset_to_uv),
        ..info.clone()
    }
}
