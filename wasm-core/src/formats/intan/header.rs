//! The header: versions, rate, and which channels of which kind were recorded.

use crate::formats::OpenError;
use crate::formats::told::{Facts, number};
use crate::io::NamedFile;
use crate::recording::Fact;

const RHD_MAGIC: u32 = 0xC691_2702;
const RHS_MAGIC: u32 = 0xD691_27AC;

/// Headers of 1,024 channels take about 200 kB.
const MAX_HEADER_BYTES: u64 = 4 << 20;

/// Kinds of signal, in the order of their streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Amplifier,
    Auxiliary,
    Supply,
    Temperature,
    AdcIn,
    AdcOut,
    DigitalIn,
    DigitalOut,
    Dc,
    Stim,
}

#[derive(Clone)]
pub struct Channel {
    pub native_name: String,
    /// The name that a person gave it; the native one unless it was changed.
    pub custom_name: String,
    pub native_order: u16,
    pub kind: Kind,
}

impl Channel {
    /// A temperature sensor, which the header only counts.
    fn sensor(native_order: u16) -> Self {
        let native_name = format!("TEMP-{}", native_order + 1);
        Self { custom_name: native_name.clone(), native_name, native_order, kind: Kind::Temperature }
    }
}

/// Channels that a stimulator records beside each amplifier and that the header does not list: the DC channel, if it
/// was saved, and the stimulation.
fn beside_amplifiers(channels: &[Channel], dc_saved: bool) -> Vec<Channel> {
    let kinds = [Kind::Dc, Kind::Stim].into_iter().skip(usize::from(!dc_saved));
    let of = |kind: Kind| {
        let amplifiers = channels.iter().filter(|channel| channel.kind == Kind::Amplifier);
        amplifiers.map(move |channel| Channel { kind, ..channel.clone() })
    };
    kinds.flat_map(of).collect()
}

pub struct Header {
    pub is_rhs: bool,
    version: (i16, i16),
    sampling_frequency_hz: f32,
    board_mode: i16,
    stim_step_a: f32,
    filters: Filters,
    /// What a person noted, and the reference channel.
    remarks: Vec<String>,
    pub channels: Vec<Channel>,
    /// Where the data begins in the one-file layout.
    pub size_bytes: u64,
}

/// The filters that the hardware applied.
struct Filters {
    /// Cut-off of the high-pass after the converter, where it was on.
    dsp_hz: Option<f32>,
    low_hz: f32,
    high_hz: f32,
    /// Notch filter of the program: 1 for 50 Hz, 2 for 60 Hz.
    notch: i16,
}

impl Filters {
    /// Reads the filters, the notch and the frequencies of impedance tests: actual values, then
    /// those that were wished for. RHS has a second high-pass for the time after a stimulus.
    fn read(cursor: &mut Cursor, is_rhs: bool) -> Result<Self, &'static str> {
        let is_dsp = cursor.i16()? != 0;
        let (dsp_hz, low_hz) = (cursor.f32()?, cursor.f32()?);
        cursor.skip(if is_rhs { 4 } else { 0 })?;
        let high_hz = cursor.f32()?;
        cursor.skip(if is_rhs { 4 * 4 } else { 3 * 4 })?;
        let notch = cursor.i16()?;
        cursor.skip(2 * 4)?;
        Ok(Self { dsp_hz: is_dsp.then_some(dsp_hz), low_hz, high_hz, notch })
    }
}

impl Header {
    /// Whether a file continues the recording of another: the same channels at the same rate.
    pub fn goes_with(&self, other: &Self) -> bool {
        let channels = |header: &Self| -> Vec<(String, Kind)> {
            header.channels.iter().map(|channel| (channel.native_name.clone(), channel.kind)).collect()
        };
        self.is_rhs == other.is_rhs
            && self.version == other.version
            && self.sampling_frequency_hz == other.sampling_frequency_hz
            && channels(self) == channels(other)
    }

    pub fn looks_like(file: &NamedFile) -> bool {
        let mut magic = [0; 4];
        file.file.read_exact_at(0, &mut magic).is_ok() && matches!(u32::from_le_bytes(magic), RHD_MAGIC | RHS_MAGIC)
    }

    pub fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let length = usize::try_from(file.file.size_bytes().min(MAX_HEADER_BYTES)).unwrap_or(0);
        let mut bytes = vec![0; length];
        file.file.read_exact_at(0, &mut bytes).map_err(OpenError::io(&file.path))?;
        let mut cursor = Cursor { bytes: &bytes, at: 0 };
        Self::parse(&mut cursor).map_err(|field| {
            OpenError::field(&file.path, &format!("header at byte {}", cursor.at), field, "a complete Intan header")
        })
    }

    fn parse(cursor: &mut Cursor) -> Result<Self, &'static str> {
        let is_rhs = cursor.u32()? == RHS_MAGIC;
        let version = (cursor.i16()?, cursor.i16()?);
        let sampling_frequency_hz = cursor.f32()?;
        if !(sampling_frequency_hz > 0.0 && sampling_frequency_hz < 1e6) {
            return Err("a sampling rate that is not between 0 and 1,000,000 Hz");
        }
        let filters = Filters::read(cursor, is_rhs)?;
        // Settling of amplifiers and recovery of charge.
        cursor.skip(if is_rhs { 2 + 2 } else { 0 })?;
        let stim_step_a = if is_rhs { cursor.f32()? } else { 0.0 };
        if is_rhs {
            cursor.skip(2 * 4)?;
        }
        let mut remarks = vec![cursor.text()?, cursor.text()?, cursor.text()?];
        let mut n_temperature = 0;
        let mut board_mode = 0;
        let mut dc_saved = false;
        if is_rhs {
            dc_saved = cursor.i16()? != 0;
            board_mode = cursor.i16()?;
            remarks.push(cursor.text()?);
        } else {
            if version >= (1, 1) {
                n_temperature = cursor.i16()?;
            }
            if version >= (1, 3) {
                board_mode = cursor.i16()?;
            }
            if version >= (2, 0) {
                remarks.push(cursor.text()?);
            }
        }
        let mut channels = Self::groups(cursor, is_rhs)?;
        channels.extend((0..n_temperature.clamp(0, 64)).map(|sensor| Channel::sensor(sensor.cast_unsigned())));
        if is_rhs {
            channels.extend(beside_amplifiers(&channels, dc_saved));
        }
        channels.sort_by_key(|channel| channel.kind);
        Ok(Self {
            is_rhs,
            version,
            sampling_frequency_hz,
            board_mode,
            stim_step_a,
            filters,
            remarks,
            channels,
            size_bytes: cursor.at as u64,
        })
    }

    /// The channels of all groups that were on.
    fn groups(cursor: &mut Cursor, is_rhs: bool) -> Result<Vec<Channel>, &'static str> {
        let mut channels = Vec::new();
        for _group in 0..cursor.i16()?.max(0) {
            cursor.text()?;
            cursor.text()?;
            let (enabled, n_channels, _n_amplifiers) = (cursor.i16()?, cursor.i16()?, cursor.i16()?);
            for _channel in 0..if enabled == 0 { 0 } else { n_channels.max(0) } {
                channels.extend(Self::channel(cursor, is_rhs)?);
            }
        }
        Ok(channels)
    }

    /// One channel; `None` when it was switched off.
    fn channel(cursor: &mut Cursor, is_rhs: bool) -> Result<Option<Channel>, &'static str> {
        let (native_name, custom_name) = (cursor.text()?, cursor.text()?);
        let native_order = cursor.i16()?.cast_unsigned();
        cursor.skip(2)?;
        let signal_type = cursor.i16()?;
        let enabled = cursor.i16()? != 0;
        // Chip channel, (RHS: command stream,) board stream, four trigger fields, impedance.
        cursor.skip(if is_rhs { 2 } else { 0 } + 2 + 2 + 4 * 2 + 2 * 4)?;
        let kind = match (signal_type, is_rhs) {
            (0, _) => Kind::Amplifier,
            (1, false) => Kind::Auxiliary,
            (2, false) => Kind::Supply,
            (3, _) => Kind::AdcIn,
            (4, true) => Kind::AdcOut,
            (4, false) | (5, true) => Kind::DigitalIn,
            (5, false) | (6, true) => Kind::DigitalOut,
            _ => return Err("a kind of channel that is not known"),
        };
        Ok(enabled.then_some(Channel { native_name, custom_name, native_order, kind }))
    }

    /// Frames of a block in the one-file layout.
    pub const fn block_frames(&self) -> usize {
        if self.is_rhs || self.version.0 >= 2 { 128 } else { 60 }
    }

    /// Rates of slower signals are quotients in single precision, as every reader has them.
    #[expect(clippy::cast_precision_loss, reason = "60 or 128")]
    pub fn rate_hz(&self, kind: Kind) -> f64 {
        let rate = self.sampling_frequency_hz;
        f64::from(match kind {
            Kind::Auxiliary => rate / 4.0,
            Kind::Supply | Kind::Temperature => rate / self.block_frames() as f32,
            _ => rate,
        })
    }

    /// Microvolts of a step and of a stored zero.
    pub fn scale(&self, kind: Kind) -> (f64, f64) {
        const MID: f64 = 32_768.0;
        let centred = |step_uv: f64| (step_uv, -MID * step_uv);
        match kind {
            Kind::Amplifier => centred(0.195),
            Kind::Auxiliary => (37.4, 0.0),
            Kind::Supply => (74.8, 0.0),
            Kind::AdcIn if !self.is_rhs && self.board_mode == 0 => (50.354, 0.0),
            Kind::AdcIn if !self.is_rhs && self.board_mode == 1 => centred(152.59),
            Kind::AdcIn | Kind::AdcOut => centred(312.5),
            Kind::Dc => (-19_230.0, 512.0 * 19_230.0),
            // Temperature in thousandths of a degree, digital lines and stimulation
            // currents are not voltages.
            Kind::Temperature | Kind::DigitalIn | Kind::DigitalOut | Kind::Stim => (1.0, 0.0),
        }
    }

    pub const fn stream_name(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Amplifier if self.is_rhs => "RHS2000 amplifier channel",
            Kind::Amplifier => "RHD2000 amplifier channel",
            Kind::Auxiliary => "RHD2000 auxiliary input channel",
            Kind::Supply => "RHD2000 supply voltage channel",
            Kind::Temperature => "RHD2000 temperature channel",
            Kind::AdcIn => "USB board ADC input channel",
            Kind::AdcOut => "USB board ADC output channel",
            Kind::DigitalIn => "USB board digital input channel",
            Kind::DigitalOut => "USB board digital output channel",
            Kind::Dc => "DC Amplifier channel",
            Kind::Stim => "Stim channel",
        }
    }

    pub fn notes(&self) -> Vec<String> {
        let stim = self.channels.iter().any(|channel| channel.kind == Kind::Stim);
        let note = || format!("Stimulation is in steps of {} µA.", self.stim_step_a * 1e6);
        stim.then(note).into_iter().collect()
    }

    /// What the header tells about how it was recorded.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Facts::default();
        let system = if self.is_rhs { "RHS" } else { "RHD" };
        facts.add("Program", format!("Intan {system}, data file version {}.{}", self.version.0, self.version.1));
        for (at, remark) in self.remarks.iter().enumerate() {
            let name = if at < 3 { format!("Note {}", at + 1) } else { "Reference channel".to_owned() };
            facts.add(&name, remark);
        }
        let Filters { dsp_hz, low_hz, high_hz, notch } = self.filters;
        let hz = |value: f32| Some(f64::from(value)).filter(|value| *value > 0.0).map(number);
        facts.add_some("High-pass of the hardware (Hz)", hz(low_hz));
        facts.add_some("Low-pass of the hardware (Hz)", hz(high_hz));
        facts.add_some("High-pass behind the converter (Hz)", dsp_hz.and_then(hz));
        let notch = match notch {
            1 => Some("50"),
            2 => Some("60"),
            _ => None,
        };
        facts.add_some("Notch filter of the program (Hz)", notch);
        facts.list()
    }

    /// Channels of a kind, in the header's order.
    pub fn of(&self, kind: Kind) -> Vec<&Channel> {
        self.channels.iter().filter(|channel| channel.kind == kind).collect()
    }

    /// Kinds that have channels.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = self.channels.iter().map(|channel| channel.kind).collect();
        kinds.dedup();
        kinds
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let bytes = self.bytes.get(self.at..self.at + N).ok_or("the end of the file")?;
        self.at += N;
        bytes.try_into().map_err(|_| "the end of the file")
    }

    fn skip(&mut self, n: usize) -> Result<(), &'static str> {
        self.bytes.get(self.at..self.at + n).ok_or("the end of the file")?;
        self.at += n;
        Ok(())
    }

    fn u32(&mut self) -> Result<u32, &'static str> {
        self.take().map(u32::from_le_bytes)
    }

    fn i16(&mut self) -> Result<i16, &'static str> {
        self.take().map(i16::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, &'static str> {
        self.take().map(f32::from_le_bytes)
    }

    /// A Qt string: length in bytes, then UTF-16; 0xFFFFFFFF for none.
    fn text(&mut self) -> Result<String, &'static str> {
        let length = self.u32()?;
        if length == u32::MAX {
            return Ok(String::new());
        }
        let start = self.at;
        self.skip(length as usize)?;
        let words = self.bytes[start..self.at].as_chunks::<2>().0.iter().map(|word| u16::from_le_bytes(*word));
        Ok(char::decode_utf16(words).map(|letter| letter.unwrap_or('\u{FFFD}')).collect())
    }
}
