//! A result as one file, `NAME.neurocyte`: it opens again without the recording. `docs/stored-formats.md` has its
//! layout. A later version of this program opens every version of the layout.

mod field;

use std::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::events::Event;
use crate::field::FIELD_FILE;
use crate::pipeline::Pipeline;
use crate::recording::StreamInfo;
use crate::run::{Receipt, Summary};
use crate::spikes::{ROW_GROUP, Spike, SpikeFileError, read_at_most};

const MAGIC: &[u8; 16] = b"NEUROCYTE RESULT";
/// Version of the layout of a file with parts besides the first two.
pub const VERSION: u32 = 2;
/// Version of the layout of a file with the first two parts alone: earlier programs open it.
const PLAIN_VERSION: u32 = 1;
/// Bytes before the header.
pub const PREFIX_BYTES: u64 = 32;
/// Four thousand electrodes and a hundred thousand events make some tens of megabytes.
const MAX_HEADER_BYTES: u64 = 1 << 28;
/// Frames and rates above these are no recording's; below them every sum and time is exact.
const MAX_FRAMES: u64 = 1 << 52;
const MAX_RATE_HZ: f64 = 1e9;
/// Names of the parts that follow the header.
const PEAKS: &str = "peaks.parquet";
const WAVEFORMS: &str = "waveforms.npy";
const FURTHER: &str = "further.parquet";
const PARTS: [&str; 4] = [PEAKS, WAVEFORMS, FIELD_FILE, FURTHER];

/// What a person says of a result, and what they chose for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Name of the recording.
    pub name: String,
    /// What the person wrote; empty where they did not.
    pub note: String,
    /// When it was kept, in milliseconds since 1970.
    pub created_ms: f64,
    /// The pipeline with the analyses that were chosen.
    pub pipeline: Pipeline,
    /// Pulses, messages and annotations of the recording.
    pub events: Vec<Event>,
    /// Time and cost; none where nothing was computed.
    pub receipt: Option<Receipt>,
}

/// A kept result, all but its spikes and waveforms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What the person says and chose.
    pub about: About,
    /// The stream that was analysed.
    pub info: StreamInfo,
    /// The numbers, at the threshold that was set.
    pub summary: Summary,
    /// Seconds in which each channel was observed, where it was not all the time.
    pub observed_s: Option<Vec<f64>>,
}

/// What a file holds behind its header.
#[derive(Clone, Debug, Default)]
pub struct Parts<B> {
    /// Peaks above the floor, as Parquet.
    pub peaks: B,
    /// The mean waveforms, as a `NumPy` file.
    pub waveforms: B,
    /// The file of the field potentials, where they were kept.
    pub field: Option<B>,
    /// The spikes of each detection behind the first, as Parquet.
    pub further: Vec<B>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Part {
    name: String,
    size_bytes: u64,
    crc32c: u32,
}

#[derive(Serialize, Deserialize)]
struct Header<K> {
    kept: K,
    parts: Vec<Part>,
}

/// Why a file does not open as a kept result, or is none.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// Its first bytes are not those of a kept result.
    #[error("it is no result that Neurocyte kept")]
    Other,
    /// It was written by a later version.
    #[error(
        "a later version of Neurocyte wrote it (layout {found}, this one reads up to {readable}); reload the page and try again",
        readable = VERSION
    )]
    Later {
        /// Version of its layout.
        found: u32,
    },
    /// It ends early.
    #[error("it is cut: {found} bytes long, expected {expected} bytes; copy it again from where it was saved")]
    Cut {
        /// Bytes of the file.
        found: u64,
        /// Bytes that the file needs, as far as it was read.
        expected: u64,
    },
    /// It goes on behind its end.
    #[error(
        "it is longer than it was saved: {found} bytes, expected {expected} bytes; copy it again from where it was saved"
    )]
    Longer {
        /// Bytes of the file.
        found: u64,
        /// Bytes of its header and its parts.
        expected: u64,
    },
    /// The bytes are not those that were written.
    #[error("its {what} is damaged; copy the file again from where it was saved")]
    Damaged {
        /// Name of the part.
        what: &'static str,
    },
    /// The header is intact, and is no JSON of a kept result.
    #[error("its header cannot be read: {0}")]
    Header(#[from] serde_json::Error),
    /// A field of the header holds something else than it must.
    #[error(
        "its field {field} is {found}, expected {expected}; save the result again, or copy the file that was saved"
    )]
    Field {
        /// The field, such as `kept.info.segments[0].t_start_s`.
        field: String,
        /// The value in the file.
        found: String,
        /// The values that are accepted.
        expected: String,
    },
    /// The parts do not belong together.
    #[error("its {what} belongs to another recording")]
    Mismatch {
        /// Name of the part.
        what: &'static str,
    },
    /// The spikes cannot be read.
    #[error(transparent)]
    Spikes(#[from] SpikeFileError),
}

impl Kept {
    /// The file.
    ///
    /// # Errors
    /// When the header cannot be written as JSON.
    pub fn write(&self, parts: &Parts<&[u8]>) -> Result<Vec<u8>, KeptError> {
        let further = parts.further.iter().map(|content| (FURTHER, *content));
        let field = parts.field.map(|content| (FIELD_FILE, content));
        let contents: Vec<(&str, &[u8])> =
            [(PEAKS, parts.peaks), (WAVEFORMS, parts.waveforms)].into_iter().chain(field).chain(further).collect();
        let part = |(name, content): &(&str, &[u8])| Part {
            name: (*name).to_owned(),
            size_bytes: content.len() as u64,
            crc32c: crate::crc32c(content),
        };
        let header = serde_json::to_vec(&Header { kept: self, parts: contents.iter().map(part).collect() })?;
        let version = if contents.len() == 2 { PLAIN_VERSION } else { VERSION };
        let mut file = MAGIC.to_vec();
        file.extend(version.to_le_bytes());
        file.extend(crate::crc32c(&header).to_le_bytes());
        file.extend((header.len() as u64).to_le_bytes());
        for piece in std::iter::once(header.as_slice()).chain(contents.into_iter().map(|(_, content)| content)) {
            file.extend_from_slice(piece);
        }
        Ok(file)
    }

    /// The peaks of `peaks.parquet`, if they can be this result's.
    ///
    /// # Errors
    /// When it is no such file, or that of another recording.
    pub fn peaks(&self, parquet: Bytes) -> Result<Vec<Spike>, KeptError> {
        let peaks = read_at_most(parquet, self.most_peaks())?;
        let is_own = |peak: &Spike| {
            let segment = self.info.segments.get(peak.segment_index as usize);
            // Spikes that files held may lie at just the end.
            let ends = segment.map(|segment| segment.n_frames);
            (peak.channel_index as usize) < self.info.n_channels
                && ends.is_some_and(|ends| u64::try_from(peak.sample_index).is_ok_and(|frame| frame <= ends))
        };
        // A search finds one peak of a channel at a frame; a file may hold a spike twice.
        let is_searched = self.summary.pipeline.has_signal();
        let follows = |one: &Spike, next: &Spike| one.key() < next.key() || (!is_searched && one.key() == next.key());
        let fits = peaks.iter().all(is_own) && peaks.is_sorted_by(follows);
        if fits { Ok(peaks) } else { Err(KeptError::Mismatch { what: PEAKS }) }
    }

    /// Peaks that there can be: one for each frame of each channel, and one at the end of its segment. Some spikes are
    /// always taken, as those that files held may come twice.
    fn most_peaks(&self) -> u64 {
        let n_frames = self.info.n_frames() + self.info.segments.len() as u64;
        n_frames.saturating_mul(self.info.n_channels as u64).max(ROW_GROUP as u64)
    }

    /// Whether every list has one entry for each channel, and rate and length are possible.
    fn is_whole(&self) -> bool {
        let Self { info, summary, observed_s, .. } = self;
        let lengths = [Some(info.channel_ids.len()), Some(summary.channels.len())];
        let optional = [
            info.channel_names.as_ref().map(Vec::len),
            info.positions_um.as_ref().map(Vec::len),
            info.wells.as_ref().map(Vec::len),
            observed_s.as_ref().map(Vec::len),
        ];
        let rate_hz = info.sampling_frequency_hz;
        lengths.into_iter().chain(optional).flatten().all(|length| length == info.n_channels)
            && rate_hz > 0.0
            && rate_hz <= MAX_RATE_HZ
            && info.n_frames() <= MAX_FRAMES
    }
}

/// Where the header of a file lies that begins with these [`PREFIX_BYTES`].
///
/// # Errors
/// When it is another file, or one of a later version.
pub fn header_span(prefix: &[u8]) -> Result<Range<u64>, KeptError> {
    begin(prefix).map(|(_, span)| span)
}

/// What a header tells, which lies behind this prefix.
///
/// # Errors
/// When it is cut, damaged or another one's.
pub fn read_header(prefix: &[u8], header: &[u8]) -> Result<Kept, KeptError> {
    parsed(prefix, header).map(|header| header.kept)
}

/// Reads a whole file: the result and its parts.
///
/// # Errors
/// When it is cut, damaged or another file.
pub fn read(file: &Bytes) -> Result<(Kept, Parts<Bytes>), KeptError> {
    let span = header_span(file)?;
    let header = cut_out(file, span.clone())?;
    let Header { kept, parts } = parsed(file, &header)?;
    let mut at = span.end;
    let mut read = parts.iter().map(|part| {
        let what = PARTS.into_iter().find(|known| *known == part.name);
        let what = what.ok_or(KeptError::Mismatch { what: "header" })?;
        let content = cut_out(file, at..at.saturating_add(part.size_bytes))?;
        at += part.size_bytes;
        if crate::crc32c(&content) == part.crc32c { Ok((what, content)) } else { Err(KeptError::Damaged { what }) }
    });
    let (Some((PEAKS, peaks)), Some((WAVEFORMS, waveforms))) = (read.next().transpose()?, read.next().transpose()?)
    else {
        return Err(KeptError::Mismatch { what: "header" });
    };
    let (mut field, mut further) = (None, Vec::new());
    for part in read {
        match part? {
            (FIELD_FILE, content) if field.is_none() && further.is_empty() => field = Some(content),
            (FURTHER, content) => further.push(content),
            _ => return Err(KeptError::Mismatch { what: "header" }),
        }
    }
    let found = file.len() as u64;
    if found > at {
        return Err(KeptError::Longer { found, expected: at });
    }
    Ok((kept, Parts { peaks, waveforms, field, further }))
}

/// Checksum and place of the header.
fn begin(file: &[u8]) -> Result<(u32, Range<u64>), KeptError> {
    let rest = file.strip_prefix(MAGIC.as_slice()).ok_or(KeptError::Other)?;
    let cut = || KeptError::Cut { found: file.len() as u64, expected: PREFIX_BYTES };
    let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let found = u32::from_le_bytes(*version);
    if found > VERSION {
        return Err(KeptError::Later { found });
    }
    let (checksum, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let (size, _) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let size_bytes = u64::from_le_bytes(*size);
    if size_bytes > MAX_HEADER_BYTES {
        return Err(KeptError::Damaged { what: "header" });
    }
    Ok((u32::from_le_bytes(*checksum), PREFIX_BYTES..PREFIX_BYTES + size_bytes))
}

fn parsed(prefix: &[u8], header: &[u8]) -> Result<Header<Kept>, KeptError> {
    let (checksum, span) = begin(prefix)?;
    let found = PREFIX_BYTES + header.len() as u64;
    if found < span.end {
        return Err(KeptError::Cut { found, expected: span.end });
    }
    if crate::crc32c(header) != checksum {
        return Err(KeptError::Damaged { what: "header" });
    }
    let header: Header<Kept> = serde_json::from_slice(header).map_err(|error| field::wrong(header, error))?;
    if header.kept.is_whole() { Ok(header) } else { Err(KeptError::Mismatch { what: "header" }) }
}

/// Some bytes of a file, if it has them.
fn cut_out(file: &Bytes, span: Range<u64>) -> Result<Bytes, KeptError> {
    let place = |at: u64| usize::try_from(at).ok().filter(|at| *at <= file.len());
    match (place(span.start), place(span.end)) {
        (Some(from), Some(to)) if from <= to => Ok(file.slice(from..to)),
        _ => Err(KeptError::Cut { found: file.len() as u64, expected: span.end }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{FrameSource, StoredSpikes};
    use crate::run::of_stored;
    use crate::simulation::{Simulation, SimulationSpec};
    use crate::spikes::write_parquet;

    fn spikes() -> Vec<Spike> {
        let spike = |at: u32| Spike {
            segment_index: 0,
            sample_index: i64::from(at) * 100,
            channel_index: at % 4,
            amplitude_uv: -40.25,
        };
        (0..50).map(spike).collect()
    }

    fn kept() -> Kept {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 3 };
        let info = Simulation::new(spec).info().clone();
        let stored = StoredSpikes::new(info, spikes(), "a test".into());
        let result = of_stored(&stored, "culture", "simulated", &[], &[]);
        let mut pipeline = result.summary.pipeline.with_analyses();
        pipeline.set_analysis("bursts_max_interval", "min_spikes", 3.into());
        let event = Event { segment: 0, time_s: 0.1, duration_s: 0.0, source: "line 1".into(), label: "on".into() };
        let about = About {
            name: "culture".into(),
            note: "day 21, “control”".into(),
            created_ms: 1_795_000_000_123.0,
            pipeline,
            events: vec![event],
            receipt: None,
        };
        Kept { about, info: stored.info, summary: result.summary, observed_s: Some(vec![0.1 + 0.2; 4]) }
    }

    fn file() -> Vec<u8> {
        let peaks = write_parquet(&spikes()).expect("written");
        kept().write(&Parts { peaks: &peaks, waveforms: b"waveforms", ..Parts::default() }).expect("written")
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let file = Bytes::from(file());
        let (found, Parts { peaks, waveforms, .. }) = read(&file).expect("a kept result");
        assert_eq!(found, kept());
        assert_eq!(found.peaks(peaks).expect("peaks"), spikes());
        assert_eq!(&*waveforms, b"waveforms");
        // The page reads the header by itself.
        let prefix = &file[..32];
        let span = header_span(prefix).expect("a prefix");
        let header = cut_out(&file, span).expect("a header");
        assert_eq!(read_header(prefix, &header).expect("a header"), kept());
    }

    #[test]
    fn further_parts_are_kept_too() {
        let parquet = write_parquet(&spikes()).expect("written");
        let three = write_parquet(&spikes()[..3]).expect("written");
        let parts = Parts {
            peaks: parquet.as_slice(),
            waveforms: b"waveforms",
            field: Some(b"field"),
            further: vec![parquet.as_slice(), three.as_slice()],
        };
        let file = Bytes::from(kept().write(&parts).expect("written"));
        assert_eq!((file[16], self::file()[16]), (2, 1), "earlier programs open what they know");
        let (found, read_back) = read(&file).expect("a kept result");
        assert_eq!((found, read_back.field.as_deref()), (kept(), Some(&b"field"[..])));
        let lists = read_back.further;
        assert_eq!(kept().peaks(lists[1].clone()).expect("spikes"), spikes()[..3]);
        assert_eq!(lists.len(), 2);
        let cut = file.slice(..file.len() - 1);
        assert!(matches!(read(&cut), Err(KeptError::Cut { .. })));
        let plain = read(&Bytes::from(self::file())).expect("an earlier file").1;
        assert!(plain.further.is_empty() && plain.field.is_none());
        let only_field = Parts { further: Vec::new(), ..parts };
        let mut damaged = kept().write(&only_field).expect("written");
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert!(matches!(read(&damaged.into()), Err(KeptError::Damaged { what: "field.bin" })));
    }

    #[test]
    fn cut_and_damaged_files_say_so() {
        let whole = file();
        for n_bytes in [0, 15] {
            assert!(matches!(read(&whole[..n_bytes].to_vec().into()), Err(KeptError::Other)), "{n_bytes}");
        }
        for n_bytes in [16, 31, 32, 500, whole.len() - 1] {
            assert!(matches!(read(&whole[..n_bytes].to_vec().into()), Err(KeptError::Cut { .. })), "{n_bytes}");
        }
        for (at, expected) in [(40, "header"), (whole.len() - 20, "peaks.parquet"), (whole.len() - 1, "waveforms.npy")]
        {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            let found = read(&damaged.into());
            assert!(matches!(found, Err(KeptError::Damaged { what }) if what == expected), "{found:?}");
        }
        let longer = Bytes::from([whole.as_slice(), &[0]].concat());
        let reason = read(&longer).expect_err("a byte too many").to_string();
        let n_bytes = whole.len();
        assert!(reason.contains(&format!("{} bytes, expected {n_bytes} bytes", n_bytes + 1)), "{reason}");
        let mut later = whole.clone();
        later[16] = 3;
        let reason = read(&later.into()).expect_err("a later version").to_string();
        assert!(reason.contains("layout 3, this one reads up to 2"), "{reason}");
        let mut endless = whole;
        endless[24..32].fill(0xff);
        assert!(matches!(read(&endless.into()), Err(KeptError::Damaged { what: "header" })));
    }

    /// A time that is no number is written as null.
    #[test]
    fn a_field_that_is_wrong_is_named() {
        let mut timeless = kept();
        timeless.info.segments[0].t_start_s = f64::NAN;
        let file = timeless.write(&Parts::default()).expect("written");
        let reason = read(&file.into()).expect_err("no time").to_string();
        assert!(reason.starts_with("its field kept.info.segments[0].t_start_s is null, expected a number"), "{reason}");
    }

    #[test]
    fn a_start_before_zero_is_kept() {
        let mut early = kept();
        early.info.segments[0].t_start_s = -10.0;
        let file = early.write(&Parts::default()).expect("written");
        assert_eq!(read(&file.into()).expect("a kept result").0.info.segments[0].t_start_s, -10.0);
    }

    #[test]
    fn spikes_of_another_recording_are_refused() {
        let mut other = kept();
        other.info.n_channels = 3;
        let parquet = write_parquet(&spikes()).expect("written");
        assert!(matches!(other.peaks(parquet.into()), Err(KeptError::Mismatch { .. })));
        let file = other.write(&Parts::default()).expect("written");
        assert!(matches!(read(&file.into()), Err(KeptError::Mismatch { what: "header" })));
        for (n_frames, rate_hz) in [(u64::MAX, 20_000.0), (20_000, 1e300)] {
            let mut endless = kept();
            endless.info.segments[0].n_frames = n_frames;
            endless.info.sampling_frequency_hz = rate_hz;
            let file = endless.write(&Parts::default()).expect("written");
            assert!(matches!(read(&file.into()), Err(KeptError::Mismatch { what: "header" })), "{n_frames} {rate_hz}");
        }
        let mut late = spikes();
        late[49].sample_index = 1_000_000;
        let parquet = write_parquet(&late).expect("written");
        assert!(matches!(kept().peaks(parquet.into()), Err(KeptError::Mismatch { .. })));
        let backwards: Vec<Spike> = spikes().into_iter().rev().collect();
        let parquet = write_parquet(&backwards).expect("written");
        assert!(matches!(kept().peaks(parquet.into()), Err(KeptError::Mismatch { .. })));
    }

    /// A few bytes of Parquet can stand for the same peak a billion times.
    #[test]
    fn there_are_no_more_peaks_than_frames() {
        assert_eq!(kept().most_peaks(), ROW_GROUP as u64, "some are always taken");
        let mut long = kept();
        long.info.segments[0].n_frames = 1 << 30;
        assert_eq!(long.most_peaks(), 4 * ((1 << 30) + 1));
        let twice = Bytes::from(write_parquet(&[spikes()[0], spikes()[0]]).expect("written"));
        assert_eq!(kept().peaks(twice.clone()).expect("a file may hold a spike twice").len(), 2);
        let mut searched = kept();
        searched.summary.pipeline = Pipeline::default();
        assert!(matches!(searched.peaks(twice), Err(KeptError::Mismatch { .. })));
    }
}
