//! Spikes that `BrainWave` found, beside a signal or in a `.bxr` of their own.
//!
//! Lists of times, electrodes and waveforms are read some spikes at a time: a chip has 4,096
//! electrodes, and a waveform dozens of values.

use std::collections::{BTreeSet, HashMap};

use super::converter::{Converter, Recorded, old_scale};
use super::{PITCH_UM, positions, well_name};
use crate::formats::OpenError;
use crate::formats::hdf5::H5;
use crate::formats::interleaved::uniform;
use crate::formats::limits::{MAX_STORED_SPIKES, too_many_spikes};
use crate::formats::plates::well_place;
use crate::recording::{SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// Values that are read of a list at a time.
const PIECE_VALUES: u64 = 1 << 20;

/// Distance of wells on the drawing: a chip of 64 electrodes at 60 µm and a little more.
const WELL_UM: f64 = 4500.0;

/// Spikes of version 3, by electrode; sorting is left aside.
pub fn version_3(file: &H5, notes: &mut Vec<String>) -> Result<Option<StoredSpikes>, OpenError> {
    const EVENTS: &str = "3BResults/3BChEvents";
    const IDS: &str = "3BResults/3BInfo/MeaChs2ChIDsVector";
    if !file.has(&format!("{EVENTS}/SpikeTimes")) {
        return Ok(None);
    }
    let (rows, columns, ids) = (file.column(IDS, "Row")?, file.column(IDS, "Col")?, file.column(IDS, "ID")?);
    let rate_hz = file.number("3BRecInfo/3BRecVars/SamplingRate")?;
    let names = rows.iter().zip(&columns).map(|(row, column)| format!("{row:.0}-{column:.0}")).collect();
    let mut info = uniform("spikes", rate_hz, SampleType::Int16, names, 1.0);
    let position = |(row, column): (&f64, &f64)| [(row - 1.0) * PITCH_UM, (column - 1.0) * PITCH_UM];
    info.positions_um = Some(rows.iter().zip(&columns).map(position).collect());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; a number of frames")]
    let n_frames = file.number("3BRecInfo/3BRecVars/NRecFrames").unwrap_or(0.0) as u64;
    info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
    let (gain_to_uv, offset_to_uv) = old_scale(file)?;
    let inverted = file.number("3BRecInfo/3BRecVars/SignalInversion").unwrap_or(1.0);
    let lists = Lists {
        times: format!("{EVENTS}/SpikeTimes"),
        channels: format!("{EVENTS}/SpikeChIDs"),
        forms: format!("{EVENTS}/SpikeForms"),
        scale: (gain_to_uv * inverted, offset_to_uv * inverted),
    };
    let mut spikes = Vec::new();
    lists.read(file, &ids, 0, &mut spikes, notes)?;
    let mut stored = StoredSpikes::new(info, spikes, "BrainWave".into());
    let noise = "3BResults/3BInfo/3BNoise/StdMean";
    if let (Ok(at_rows), Ok(at_columns), Ok(sizes)) =
        (file.column(noise, "Row"), file.column(noise, "Col"), file.column(noise, "Std"))
    {
        let key = |row: &f64, column: &f64| (row.to_bits(), column.to_bits());
        let places: HashMap<(u64, u64), usize> =
            rows.iter().zip(&columns).enumerate().map(|(at, (row, column))| (key(row, column), at)).collect();
        for ((row, column), size) in at_rows.iter().zip(&at_columns).zip(&sizes) {
            let noise_uv = places.get(&key(row, column)).and_then(|at| stored.noise_uv.get_mut(*at));
            if let (Some(noise_uv), true) = (noise_uv, size.is_finite()) {
                #[expect(clippy::cast_possible_truncation, reason = "noise is kept in f32")]
                let size = *size as f32;
                *noise_uv = size;
            }
        }
    }
    Ok(Some(stored))
}

/// Spikes of version 4, wells side by side. A well that cannot be read is left out, and named.
pub fn version_4(file: &H5, notes: &mut Vec<String>) -> Result<Option<StoredSpikes>, OpenError> {
    let (groups, _) = file.members("")?;
    let own: Vec<&String> = groups.iter().filter(|group| file.has(&format!("{group}/SpikeTimes"))).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let converter = Converter::read(file)?;
    let mut spikes = Vec::new();
    let mut info = converter.stream("spikes", SampleType::Int16, 0);
    let (mut positions_um, mut names) = (Vec::new(), Vec::new());
    let mut failed = None;
    for well in &own {
        let lists = Lists {
            times: format!("{well}/SpikeTimes"),
            channels: format!("{well}/SpikeChIdxs"),
            forms: format!("{well}/SpikeForms"),
            scale: (converter.gain_to_uv, converter.offset_to_uv),
        };
        let n_before = spikes.len();
        let first = u32::try_from(info.channel_ids.len()).unwrap_or(u32::MAX);
        let read = lists.electrodes(file, well).and_then(|stored| {
            lists.read(file, &stored, first, &mut spikes, notes)?;
            Ok(stored)
        });
        let stored = match read {
            Ok(stored) => stored,
            Err(error @ OpenError::Io { .. }) => return Err(error),
            Err(error) => {
                spikes.truncate(n_before);
                notes.push(format!("The stored spikes of {well} are left out. {error}."));
                failed.get_or_insert(error);
                continue;
            }
        };
        let name = well_name(well);
        let prefix = if own.len() > 1 { format!("{name} ") } else { String::new() };
        info.channel_ids.extend(stored.iter().map(|index| format!("{prefix}{index:.0}")));
        let (row, column) = well_place(name).filter(|_| own.len() > 1).unwrap_or((1, 1));
        let from = [f64::from(column - 1) * WELL_UM, f64::from(row - 1) * WELL_UM];
        let places = positions(&stored, converter.pitch_um).into_iter();
        positions_um.extend(places.map(|[x, y]| [x + from[0], y + from[1]]));
        names.resize(info.channel_ids.len(), name.to_owned());
    }
    if let (true, Some(error)) = (info.channel_ids.is_empty(), failed) {
        return Err(error);
    }
    info.n_channels = info.channel_ids.len();
    info.gain_to_uv = vec![1.0; info.n_channels];
    info.offset_to_uv = vec![0.0; info.n_channels];
    info.positions_um = Some(positions_um);
    if own.len() > 1 {
        info.wells = Some(names);
        notes.push("Distances between wells are those of the drawing, not of the plate.".into());
    }
    info.segments = in_stretches(&Recorded::read(file), converter.sampling_frequency_hz, &mut spikes);
    Ok(Some(StoredSpikes::new(info, spikes, "BrainWave".into())))
}

/// The stretches that were recorded as segments, with each spike in the last that has begun.
/// Where most spikes lie in none their frames do not count what was left out: all is one segment.
fn in_stretches(recorded: &Recorded, rate_hz: f64, spikes: &mut [Spike]) -> Vec<SegmentInfo> {
    let clock = recorded.clock(recorded.n_frames());
    #[expect(clippy::cast_possible_truncation, reason = "numbers of frames")]
    let stretches: Vec<(i64, i64)> = clock.runs.iter().map(|run| (run.start as i64, run.n.cast_signed())).collect();
    let place = |frame: i64| {
        let at = stretches.partition_point(|(from, _)| *from <= frame).saturating_sub(1);
        let (from, n) = stretches.get(at).copied().unwrap_or_default();
        (at, frame.saturating_sub(from), n)
    };
    let is_inside = |spike: &&Spike| {
        let (_, frame, n) = place(spike.sample_index);
        (0..n).contains(&frame)
    };
    let is_counted = 2 * spikes.iter().filter(is_inside).count() >= spikes.len();
    if !is_counted || stretches.is_empty() {
        return vec![SegmentInfo { n_frames: recorded.n_frames(), t_start_s: 0.0 }];
    }
    for spike in spikes {
        let (at, frame, _) = place(spike.sample_index);
        spike.segment_index = u32::try_from(at).unwrap_or(u32::MAX);
        spike.sample_index = frame;
    }
    clock.segments(1.0 / rate_hz)
}

/// Where the lists of spikes are.
struct Lists {
    times: String,
    channels: String,
    forms: String,
    /// Microvolts of a step and of a stored zero.
    scale: (f64, f64),
}

impl Lists {
    /// Numbers of the electrodes of a well: those that were recorded, or else those with a spike.
    fn electrodes(&self, file: &H5, well: &str) -> Result<Vec<f64>, OpenError> {
        let path = format!("{well}/StoredChIdxs");
        if file.has(&path) {
            return file.numbers(&path);
        }
        let mut seen = BTreeSet::new();
        file.pieces(&self.channels, |channels| {
            #[expect(clippy::cast_possible_truncation, reason = "numbers of electrodes")]
            seen.extend(channels.iter().map(|channel| *channel as i64));
            Ok(())
        })?;
        #[expect(clippy::cast_precision_loss, reason = "numbers of electrodes")]
        let electrodes = seen.into_iter().map(|channel| channel as f64).collect();
        Ok(electrodes)
    }

    /// Values of a waveform; none where the list does not have as many for each spike.
    fn form_values(&self, file: &H5, n_spikes: u64, notes: &mut Vec<String>) -> Option<u64> {
        let n_values = if file.has(&self.forms) { file.length(&self.forms)? } else { return None };
        let fits = n_spikes > 0 && n_values > 0 && n_values.is_multiple_of(n_spikes);
        if !fits && n_spikes > 0 {
            notes.push(format!(
                "{}, {}: {n_values} values are no waveforms of {n_spikes} spikes; they have no amplitude.",
                file.path(),
                self.forms
            ));
        }
        fits.then(|| n_values / n_spikes)
    }

    /// Adds the spikes of the electrodes whose ids these are, as channels from `first` on. The
    /// amplitude is the waveform's largest value.
    #[expect(clippy::cast_possible_truncation, reason = "saturating; frames and amplitudes")]
    fn read(
        &self,
        file: &H5,
        ids: &[f64],
        first: u32,
        spikes: &mut Vec<Spike>,
        notes: &mut Vec<String>,
    ) -> Result<(), OpenError> {
        let n_spikes = file.length(&self.times).unwrap_or(0);
        let n_channels = file.length(&self.channels).unwrap_or(0);
        if (spikes.len() as u64).saturating_add(n_spikes) > MAX_STORED_SPIKES as u64 {
            return Err(too_many_spikes(file.path()));
        }
        if n_spikes != n_channels {
            notes.push(format!("{}: {n_spikes} times for {n_channels} electrodes.", self.times));
        }
        let mut width = self.form_values(file, n_spikes, notes);
        let place_of: HashMap<u64, u32> = (first..).zip(ids).map(|(at, id)| (id.to_bits(), at)).collect();
        let step = (PIECE_VALUES / width.unwrap_or(1)).max(1);
        let mut n_unknown = 0_u64;
        let mut from = 0;
        while from < n_spikes.min(n_channels) {
            let to = (from + step).min(n_spikes.min(n_channels));
            let times = file.numbers_in(&self.times, from..to)?;
            let channels = file.numbers_in(&self.channels, from..to)?;
            let forms = width.map(|width| file.numbers_in(&self.forms, from * width..to * width));
            let forms = match forms {
                None => Vec::new(),
                Some(Ok(forms)) => forms,
                Some(Err(error)) => {
                    notes.push(format!("{error}. Spikes from number {from} on have no amplitude."));
                    width = None;
                    Vec::new()
                }
            };
            let amplitude = |at: usize| {
                let width = width.and_then(|width| usize::try_from(width).ok()).unwrap_or(0);
                let form = forms.get(at * width..(at + 1) * width).unwrap_or_default().iter();
                let values = form.map(|value| value * self.scale.0 + self.scale.1);
                values.fold(0.0_f64, |peak, value| if value.abs() > peak.abs() { value } else { peak }) as f32
            };
            for (at, (time, channel)) in times.iter().zip(&channels).enumerate() {
                match place_of.get(&channel.to_bits()) {
                    Some(channel_index) if time.is_finite() => spikes.push(Spike {
                        segment_index: 0,
                        sample_index: *time as i64,
                        channel_index: *channel_index,
                        amplitude_uv: amplitude(at),
                    }),
                    _ => n_unknown += 1,
                }
            }
            from = to;
        }
        if n_unknown > 0 {
            notes
                .push(format!("{}: {n_unknown} spikes of electrodes that are not listed are left out.", self.channels));
        }
        Ok(())
    }
}
