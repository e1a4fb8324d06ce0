//! Where a recording of a well lies in the file, and its signal.

use std::collections::HashMap;
use std::sync::Arc;

use super::OLD_RATE_HZ;
use crate::formats::OpenError;
use crate::formats::clock::{self, Clock, Counts};
use crate::formats::hdf5::{Axes, H5, H5Source, Part, Signal};
use crate::formats::interleaved::uniform;
use crate::recording::{FrameSource, ReadError, StreamInfo};

/// Amplification where a file stores neither `lsb` nor `gain`; the system's default.
const DEFAULT_GAIN: f64 = 512.0;
/// Volts of the converter's range, in 1,024 steps.
const CONVERTER_RANGE_V: f64 = 3.3;
/// Rows of `/sig`, and those of them that hold a frame's number: its lower and its upper 16 bits.
const OLD_ROWS: u64 = 1028;
const OLD_NUMBER_ROWS: [usize; 2] = [1026, 1027];
/// Stamps that must follow one another for these rows to be taken for a clock.
const LOOKED_AT: usize = 4;

/// Where a stream's parts are.
pub struct Place {
    /// Name of the stream.
    pub name: String,
    /// The well, on a plate.
    pub well: Option<String>,
    /// Which recording of the well, from 0.
    pub recording: usize,
    /// The folder of the recording; empty in old files.
    pub base: String,
    /// The table of spikes.
    pub spikes: String,
    raw: String,
    settings: String,
    mapping: String,
    routed: Option<String>,
}

/// A recording of a well.
pub struct Opened {
    /// Signal of the recording.
    pub source: Arc<dyn FrameSource>,
    /// The system's number of the first frame of each segment, where the file has them.
    pub numbers: Option<Vec<f64>>,
    /// Frames from the first to the last, with those that are missing.
    pub span: u64,
    /// Whether its samples went through the filter whose layout is inferred.
    pub is_inferred: bool,
    /// The folder of the recording.
    pub base: String,
}

impl Opened {
    /// The description of the signal.
    pub fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    /// The system's number of the first frame.
    pub fn first_number(&self) -> Option<f64> {
        self.numbers.as_ref()?.first().copied()
    }
}

impl Place {
    /// That of a file of the old layout.
    pub fn old() -> Self {
        Self {
            name: "well000".into(),
            well: None,
            recording: 0,
            base: String::new(),
            spikes: "proc0/spikeTimes".into(),
            raw: "sig".into(),
            settings: "settings".into(),
            mapping: "mapping".into(),
            routed: None,
        }
    }

    /// That of a recording of a well among so many.
    pub fn of_well(well: &str, at: usize, recording: &str, n_wells: usize) -> Self {
        let base = format!("wells/{well}/{recording}");
        Self {
            name: if at == 0 { well.to_owned() } else { format!("{well} {recording}") },
            well: (n_wells > 1).then(|| well.to_owned()),
            recording: at,
            spikes: format!("{base}/spikes"),
            raw: format!("{base}/groups/routed/raw"),
            settings: format!("{base}/settings"),
            mapping: format!("{base}/settings/mapping"),
            routed: Some(format!("{base}/groups/routed/channels")),
            base,
        }
    }

    /// Opens the signal; reads its first frame and some of the numbers of its frames.
    pub fn open(&self, file: &H5, notes: &mut Vec<String>) -> Result<Opened, OpenError> {
        let signal = file.signal(&self.raw)?;
        let [n_rows, n_frames] = *signal.shape() else {
            return Err(file.problem(&self.raw, &format!("{:?}", signal.shape())));
        };
        let (channels, rows) = self.channels(file, n_rows)?;
        let is_old = self.base.is_empty();
        let rate_hz = if is_old { OLD_RATE_HZ } else { file.number(&format!("{}/sampling", self.settings))? };
        let ids = channels.iter().map(|channel| format!("{channel:.0}")).collect();
        let mut info = uniform(&self.name, rate_hz, signal.sample_type, ids, self.gain_to_uv(file)?);
        info.positions_um = self.positions(file, &channels);
        info.wells = self.well.as_ref().map(|well| vec![well.clone(); channels.len()]);
        let clock =
            if is_old { old_clock(&info, &signal, n_rows, n_frames) } else { self.clock(file, n_frames, notes) };
        let numbers = clock.as_ref().map(|clock| clock.runs.iter().map(|run| run.start).collect::<Vec<f64>>());
        let runs = clock.map_or_else(Vec::new, |clock| {
            notes.extend(clock.note(&self.name));
            clock.runs
        });
        // Frames are counted from the first.
        let first = runs.first().map_or(0.0, |run| run.start);
        #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
        let end = runs.last().map_or(n_frames as f64, |run| run.start - first + run.n as f64);
        let whole = Clock { runs: vec![clock::Run { first: 0, n: n_frames, start: 0.0 }], step: 1.0, n_damaged: 0 };
        let counted = |run: &clock::Run| clock::Run { start: run.start - first, ..*run };
        let clock = if runs.is_empty() {
            whole
        } else {
            Clock { runs: runs.iter().map(counted).collect(), step: 1.0, n_damaged: 0 }
        };
        info.segments = clock.segments(1.0 / rate_hz);
        let part = |run: &clock::Run| Part { signal: Arc::clone(&signal), first_frame: run.first };
        let source = H5Source::new(info, clock.runs.iter().map(part).collect(), Axes::ChannelsFrames)?;
        let source = match rows {
            Some(rows) => source.with_channels(rows),
            None => source,
        };
        // The first frame tells whether its chunk went through the filter, and a bad one is known now.
        let readable = source.read(0, 0, usize::from(n_frames > 0));
        if let Err(error) = &readable {
            notes.push(format!("{}: {error}", self.name));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; a number of frames")]
        let span = end.max(0.0) as u64;
        Ok(Opened {
            source: Arc::new(source),
            numbers,
            span,
            is_inferred: readable.is_ok() && file.met_inferred_filter(),
            base: self.base.clone(),
        })
    }

    /// Which channel each row is: as routed; in old files rows are numbered like channels. And the
    /// rows of these channels, where they are not all in order.
    fn channels(&self, file: &H5, n_rows: u64) -> Result<(Vec<f64>, Option<Vec<usize>>), OpenError> {
        let routed = self.routed.as_ref().and_then(|path| file.numbers(path).ok());
        if let Some(routed) = routed.filter(|routed| routed.len() as u64 == n_rows) {
            return Ok((routed, None));
        }
        let mapped = file.column(&self.mapping, "channel")?;
        let channels: Vec<f64> = mapped.into_iter().filter(|channel| *channel >= 0.0).collect();
        let by_number = self.routed.is_none() && channels.len() as u64 != n_rows;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "row numbers")]
        let rows: Option<Vec<usize>> = by_number.then(|| channels.iter().map(|channel| *channel as usize).collect());
        let fits = match &rows {
            Some(rows) => rows.iter().all(|row| (*row as u64) < n_rows),
            None => channels.len() as u64 == n_rows,
        };
        if fits {
            return Ok((channels, rows));
        }
        let found = format!("{n_rows} rows for {} mapped channels", channels.len());
        Err(file.problem(&self.raw, &found))
    }

    /// Where the mapping has the electrodes of these channels; none unless it has all.
    fn positions(&self, file: &H5, channels: &[f64]) -> Option<Vec<[f64; 2]>> {
        let column = |name: &str| file.column(&self.mapping, name).ok();
        let (mapped, x, y) = (column("channel")?, column("x")?, column("y")?);
        let mut places: HashMap<u64, [f64; 2]> = HashMap::new();
        for ((channel, x), y) in mapped.iter().zip(&x).zip(&y) {
            // The first entry counts where several electrodes share a channel.
            places.entry(channel.to_bits()).or_insert([*x, *y]);
        }
        channels.iter().map(|channel| places.get(&channel.to_bits()).copied()).collect()
    }

    /// The numbers of the frames; none where they are not there or do not fit the signal.
    fn clock(&self, file: &H5, n_frames: u64, notes: &mut Vec<String>) -> Option<Clock> {
        let path = format!("{}/groups/routed/frame_nos", self.base);
        let n_numbers = file.length(&path)?;
        let n = n_numbers.min(n_frames);
        if n_numbers != n_frames {
            notes.push(format!("{}: there are {n_numbers} frame numbers for {n_frames} frames.", self.name));
        }
        let read = clock::read(n, Counts::Frames { wraps_at: None }, |range| file.numbers_in(&path, range));
        match read {
            Ok(mut clock) => {
                // Frames without a number follow those that have one.
                if let Some(last) = clock.runs.last_mut() {
                    last.n += n_frames - n;
                }
                clock.runs.first().is_some_and(|run| run.start.is_finite()).then_some(clock)
            }
            Err(error) => {
                notes.push(format!("{}: {error}. The recording is taken to have no gap.", self.name));
                None
            }
        }
    }

    fn gain_to_uv(&self, file: &H5) -> Result<f64, OpenError> {
        let lsb = format!("{}/lsb", self.settings);
        if file.has(&lsb) {
            return Ok(file.number(&lsb)? * 1e6);
        }
        let gain = format!("{}/gain", self.settings);
        let gain = if file.has(&gain) { file.number(&gain)? } else { DEFAULT_GAIN };
        Ok(CONVERTER_RANGE_V / (1024.0 * gain) * 1e6)
    }
}

/// The numbers of the frames of an old file, which are the last rows of its signal; none where
/// these rows do not count.
fn old_clock(info: &StreamInfo, signal: &Arc<Signal>, n_rows: u64, n_frames: u64) -> Option<Clock> {
    if n_rows != OLD_ROWS || n_frames < LOOKED_AT as u64 {
        return None;
    }
    let ids = vec!["low".to_owned(), "high".to_owned()];
    let mut own = uniform("frame numbers", info.sampling_frequency_hz, info.sample_type, ids, 1.0);
    own.segments =
        Clock { runs: vec![clock::Run { first: 0, n: n_frames, start: 0.0 }], step: 1.0, n_damaged: 0 }.segments(1.0);
    let part = Part::whole(Arc::clone(signal));
    let source = H5Source::new(own, vec![part], Axes::ChannelsFrames).ok()?.with_channels(OLD_NUMBER_ROWS.to_vec());
    let numbers = |start: u64, n: usize| {
        let block = source.read(0, start, n)?;
        let (low, high) = (block.channel(0), block.channel(1));
        Ok::<_, ReadError>(
            low.iter()
                .zip(&high)
                .map(|(low, high)| f64::from(*high) * 65_536.0 + f64::from(*low))
                .collect::<Vec<f64>>(),
        )
    };
    let beginning = numbers(0, LOOKED_AT).ok()?;
    if !beginning.windows(2).all(|pair| pair[1] == pair[0] + 1.0) {
        return None;
    }
    clock::read(n_frames, Counts::Frames { wraps_at: Some(1 << 32) }, |range| {
        numbers(range.start, usize::try_from(range.end - range.start).unwrap_or(usize::MAX))
    })
    .ok()
}
