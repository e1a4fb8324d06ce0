//! MaxWell `.raw.h5`: the old layout with `/sig`, and wells with recordings.
//!
//! Streams are wells, as neo names them; further recordings of a well are streams of their own. Rows of the data are routed channels, which need not be all that are mapped.

use std::collections::HashMap;

use super::hdf5::{Axes, H5, H5Source};
use super::interleaved::uniform;
use super::{OpenError, Recording};
use crate::recording::{FrameSource, SegmentInfo, StoredSpikes, StreamInfo};
use crate::spikes::Spike;

/// The version that still has `/sig`.
const OLD_VERSION: f64 = 20_160_704.0;
/// Rate of old files, which do not store it.
const OLD_RATE_HZ: f64 = 20_000.0;
/// Amplification where a file stores neither `lsb` nor `gain`; the system's default.
const DEFAULT_GAIN: f64 = 512.0;
/// Volts of the converter's range, in 1,024 steps.
const CONVERTER_RANGE_V: f64 = 3.3;

/// Frames around a spike of the file's table in which its trough is looked for.
const TROUGH_FRAMES: u64 = 10;
/// Spikes that are compared at most, and samples that may be decoded for it.
const COMPARED_SPIKES: u64 = 200;
const COMPARED_SAMPLES: u64 = 8 << 20;
/// Frames of a chunk, as the vendor writes them.
const CHUNK_FRAMES: u64 = 200;

/// Whether the file has MaxWell's structure.
pub fn is_maxwell(file: &H5) -> bool {
    file.has("version") && (file.has("wells") || (file.has("sig") && file.has("mapping")))
}

/// Opens an old or a new file.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let version = file.strings("version")?.first().and_then(|text| text.trim().parse::<f64>().ok());
    let version = version.ok_or_else(|| file.problem("version", &"not a number"))?;
    let mut streams = Vec::new();
    let mut notes = Vec::new();
    let mut tables = SpikeTables::default();
    if version <= OLD_VERSION || !file.has("wells") {
        let place = Place {
            name: "well000".into(),
            well: None,
            raw: "sig".into(),
            settings: "settings".into(),
            mapping: "mapping".into(),
            spikes: "proc0/spikeTimes".into(),
            routed: None,
        };
        let stream = place.open(file, OLD_RATE_HZ, &mut notes)?;
        tables.add(file, &place, stream.info());
        streams.push(stream);
    } else {
        let (wells, _) = file.members("wells")?;
        let mut places = Vec::new();
        for well in &wells {
            let (recordings, _) = file.members(&format!("wells/{well}"))?;
            places.extend(recordings.into_iter().enumerate().map(|(at, recording)| (at, well, recording)));
        }
        // All wells of the first recording, then those of the next.
        places.sort_by_key(|(at, ..)| *at);
        for (at, well, recording) in places {
            let base = format!("wells/{well}/{recording}");
            if !file.has(&format!("{base}/groups/routed/raw")) {
                notes.push(format!("{well}, {recording}: no electrodes are routed, so there is no signal"));
                continue;
            }
            let rate_hz = file.number(&format!("{base}/settings/sampling"))?;
            let place = Place {
                name: if at == 0 { well.clone() } else { format!("{well} {recording}") },
                well: (wells.len() > 1).then(|| well.clone()),
                raw: format!("{base}/groups/routed/raw"),
                settings: format!("{base}/settings"),
                mapping: format!("{base}/settings/mapping"),
                spikes: format!("{base}/spikes"),
                routed: Some(format!("{base}/groups/routed/channels")),
            };
            let stream = place.open(file, rate_hz, &mut notes)?;
            if at == 0 {
                tables.add(file, &place, stream.info());
            }
            streams.push(stream);
        }
    }
    Ok(Recording { format: "maxwell", streams, spikes: tables.into_spikes(), events: Vec::new(), notes })
}

/// The spikes that the system found while it recorded: one table for each well.
#[derive(Default)]
struct SpikeTables {
    /// The wells' electrodes, one after another.
    info: Option<StreamInfo>,
    spikes: Vec<Spike>,
}

impl SpikeTables {
    /// Adds a well's table, if it has one. Its frames count from when the system was started,
    /// those of the signal from its first; amplitudes are stored in steps.
    fn add(&mut self, file: &H5, place: &Place, well: &StreamInfo) {
        let column = |name: &str| file.column(&place.spikes, name).unwrap_or_default();
        let (frames, channels, amplitudes) = (column("frameno"), column("channel"), column("amplitude"));
        let first = place.first_frame(file).or_else(|| frames.iter().copied().reduce(f64::min)).unwrap_or(0.0);
        let offset = self.info.as_ref().map_or(0, |info| info.n_channels);
        if let Some(info) = &mut self.info {
            info.n_channels += well.n_channels;
            info.channel_ids.extend(well.channel_ids.iter().cloned());
            info.gain_to_uv.extend(&well.gain_to_uv);
            info.offset_to_uv.extend(&well.offset_to_uv);
            info.positions_um = info.positions_um.take().zip(well.positions_um.clone()).map(|(a, b)| [a, b].concat());
            info.wells = info.wells.take().zip(well.wells.clone()).map(|(a, b)| [a, b].concat());
        } else {
            self.info = Some(StreamInfo { name: "spikes".into(), ..well.clone() });
        }
        let place_of: HashMap<&str, usize> =
            well.channel_ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        for ((frame, channel), amplitude) in frames.iter().zip(&channels).zip(&amplitudes) {
            if let Some(at) = place_of.get(format!("{channel:.0}").as_str()) {
                #[expect(clippy::cast_possible_truncation, reason = "frames of this recording; amplitudes in f32")]
                let (sample_index, amplitude_uv) = ((frame - first) as i64, (amplitude * well.gain_to_uv[*at]) as f32);
                let channel_index = u32::try_from(offset + at).unwrap_or(u32::MAX);
                self.spikes.push(Spike { segment_index: 0, sample_index, channel_index, amplitude_uv });
            }
        }
    }

    fn into_spikes(self) -> Option<StoredSpikes> {
        let info = self.info.filter(|_| !self.spikes.is_empty())?;
        Some(StoredSpikes::new(info, self.spikes, "MaxLab, while it recorded".into()))
    }
}

/// Where a stream's parts are.
struct Place {
    name: String,
    well: Option<String>,
    raw: String,
    settings: String,
    mapping: String,
    spikes: String,
    routed: Option<String>,
}

impl Place {
    fn open(&self, file: &H5, rate_hz: f64, notes: &mut Vec<String>) -> Result<Box<dyn FrameSource>, OpenError> {
        let (dataset, sample_type) = file.signal(&self.raw)?;
        let [n_rows, n_frames] = *dataset.shape() else {
            return Err(file.problem(&self.raw, &format!("{:?}", dataset.shape())));
        };
        let mapped = file.column(&self.mapping, "channel")?;
        let (x, y) = (file.column(&self.mapping, "x")?, file.column(&self.mapping, "y")?);
        // Which channel each row is: as routed; in old files rows are numbered like channels.
        let routed = self.routed.as_ref().and_then(|path| file.numbers(path).ok());
        let (channels, rows): (Vec<f64>, Option<Vec<usize>>) = match routed {
            Some(routed) if routed.len() as u64 == n_rows => (routed, None),
            _ => {
                let channels: Vec<f64> = mapped.iter().copied().filter(|channel| *channel >= 0.0).collect();
                let by_number = self.routed.is_none() && channels.len() as u64 != n_rows;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "row numbers")]
                let rows = by_number.then(|| channels.iter().map(|channel| *channel as usize).collect());
                (channels, rows)
            }
        };
        if rows.is_none() && channels.len() as u64 != n_rows {
            let found = format!("{n_rows} rows for {} mapped channels", channels.len());
            return Err(file.problem(&self.raw, &found));
        }
        let position = |channel: &f64| {
            let at = mapped.iter().position(|mapped| mapped == channel)?;
            Some([*x.get(at)?, *y.get(at)?])
        };
        let ids = channels.iter().map(|channel| format!("{channel:.0}")).collect();
        let mut info = uniform(&self.name, rate_hz, sample_type, ids, self.gain_to_uv(file)?);
        info.positions_um = channels.iter().map(position).collect();
        info.wells = self.well.as_ref().map(|well| vec![well.clone(); channels.len()]);
        info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
        let source = H5Source::new(info, file.path(), vec![dataset], Axes::ChannelsFrames);
        let source = match rows {
            Some(rows) => source.with_channels(rows),
            None => source,
        };
        // The first frame tells whether its chunk went through the filter, and a bad one is known now.
        let readable = source.read(0, 0, usize::from(n_frames > 0));
        if let Err(error) = readable {
            notes.push(format!("{}: {error}", self.name));
        } else if file.met_inferred_filter() {
            notes.push(self.agreement(file, &source, &channels));
        }
        Ok(Box::new(source))
    }

    /// The system's number of the signal's first frame.
    fn first_frame(&self, file: &H5) -> Option<f64> {
        self.raw.strip_suffix("raw").and_then(|base| file.first_number(&format!("{base}frame_nos")))
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

    /// How well decoded troughs agree with the amplitudes in the file's own spike table.
    fn agreement(&self, file: &H5, source: &H5Source, channels: &[f64]) -> String {
        let how = format!(
            "{}: the samples are compressed by a closed method of the vendor and were decoded by a layout inferred from public files",
            self.name
        );
        match self.compare(file, source, channels) {
            Some((n, correlation)) => format!(
                "{how}; the troughs of {n} spikes agree with the amplitudes in the file's own spike table (correlation {correlation:.2})"
            ),
            None => format!("{how}; they could not be compared with the file's own spike table"),
        }
    }

    fn compare(&self, file: &H5, source: &H5Source, channels: &[f64]) -> Option<(usize, f64)> {
        let frames = file.column(&self.spikes, "frameno").ok()?;
        let spike_channels = file.column(&self.spikes, "channel").ok()?;
        let amplitudes = file.column(&self.spikes, "amplitude").ok()?;
        let first = self.first_frame(file)?;
        let info = source.info();
        let n_frames = info.segments[0].n_frames;
        // Each window decodes one or two chunks of all channels.
        let n_wanted = (COMPARED_SAMPLES / (info.n_channels as u64 * CHUNK_FRAMES).max(1)).clamp(8, COMPARED_SPIKES);
        let step = (frames.len() / usize::try_from(n_wanted).ok()?).max(1);
        let mut pairs = Vec::new();
        for ((frame, channel), amplitude) in frames.iter().zip(&spike_channels).zip(&amplitudes).step_by(step) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "frames of this recording")]
            let at = if *frame >= first { (frame - first) as u64 } else { continue };
            let Some(row) = channels.iter().position(|known| known == channel) else { continue };
            if at < TROUGH_FRAMES || at + TROUGH_FRAMES >= n_frames {
                continue;
            }
            let around =
                source.read(0, at - TROUGH_FRAMES, usize::try_from(2 * TROUGH_FRAMES).ok()?).ok()?.channel(row);
            let mut sorted = around;
            sorted.sort_by(f32::total_cmp);
            pairs.push((f64::from(sorted[0] - sorted[sorted.len() / 2]), *amplitude));
        }
        (pairs.len() >= 8).then(|| (pairs.len(), correlation(&pairs)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (a, b) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / n, sum.1 + pair.1 / n));
    let mut sums = [0.0; 3];
    for (x, y) in pairs {
        sums[0] += (x - a) * (y - b);
        sums[1] += (x - a) * (x - a);
        sums[2] += (y - b) * (y - b);
    }
    let size = (sums[1] * sums[2]).sqrt();
    if size > 0.0 { sums[0] / size } else { 0.0 }
}
