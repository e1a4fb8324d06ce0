//! Spikes that `BrainWave` found, beside a signal or in a `.bxr` of their own.

use std::collections::HashMap;

use super::{Converter, PITCH_UM, old_scale, positions};
use crate::formats::OpenError;
use crate::formats::hdf5::H5;
use crate::formats::interleaved::uniform;
use crate::recording::{SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// Spikes of version 3, by electrode; sorting is left aside.
pub fn version_3(file: &H5) -> Result<Option<StoredSpikes>, OpenError> {
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
    info.segments = vec![segment(file.number("3BRecInfo/3BRecVars/NRecFrames")?)];
    let (gain_to_uv, offset_to_uv) = old_scale(file)?;
    let inverted = file.number("3BRecInfo/3BRecVars/SignalInversion").unwrap_or(1.0);
    let events = Events {
        times: file.numbers(&format!("{EVENTS}/SpikeTimes"))?,
        channels: file.numbers(&format!("{EVENTS}/SpikeChIDs"))?,
        forms: file.numbers(&format!("{EVENTS}/SpikeForms")).unwrap_or_default(),
        scale: (gain_to_uv * inverted, offset_to_uv * inverted),
    };
    let spikes = events.spikes(&ids);
    let mut stored = StoredSpikes::new(info, spikes, "BrainWave".into());
    let noise = "3BResults/3BInfo/3BNoise/StdMean";
    if let (Ok(at_rows), Ok(at_columns), Ok(sizes)) =
        (file.column(noise, "Row"), file.column(noise, "Col"), file.column(noise, "Std"))
    {
        let places: HashMap<(u64, u64), usize> = rows
            .iter()
            .zip(&columns)
            .enumerate()
            .map(|(at, (row, column))| ((row.to_bits(), column.to_bits()), at))
            .collect();
        for ((row, column), size) in at_rows.iter().zip(&at_columns).zip(&sizes) {
            if let Some(at) = places.get(&(row.to_bits(), column.to_bits())) {
                #[expect(clippy::cast_possible_truncation, reason = "noise is kept in f32")]
                let size = *size as f32;
                stored.noise_uv[*at] = size;
            }
        }
    }
    Ok(Some(stored))
}

/// Spikes of version 4, wells side by side.
pub fn version_4(file: &H5) -> Result<Option<StoredSpikes>, OpenError> {
    let (groups, _) = file.members("")?;
    let wells: Vec<&String> = groups.iter().filter(|group| file.has(&format!("{group}/SpikeTimes"))).collect();
    if wells.is_empty() {
        return Ok(None);
    }
    let converter = Converter::read(file)?;
    let mut spikes = Vec::new();
    let mut info = converter.stream("spikes", SampleType::Int16, 0);
    let (mut positions_um, mut names) = (Vec::new(), Vec::new());
    for well in &wells {
        let times = file.numbers(&format!("{well}/SpikeTimes"))?;
        let channels = file.numbers(&format!("{well}/SpikeChIdxs"))?;
        let stored = file.numbers(&format!("{well}/StoredChIdxs"));
        let stored = stored.unwrap_or_else(|_| {
            let mut seen = channels.clone();
            seen.sort_by(f64::total_cmp);
            seen.dedup();
            seen
        });
        let forms = file.numbers(&format!("{well}/SpikeForms")).unwrap_or_default();
        let events = Events { times, channels, forms, scale: (converter.gain_to_uv, converter.offset_to_uv) };
        let first = u32::try_from(info.channel_ids.len()).unwrap_or(u32::MAX);
        spikes.extend(
            events
                .spikes(&stored)
                .into_iter()
                .map(|spike| Spike { channel_index: spike.channel_index.saturating_add(first), ..spike }),
        );
        let prefix = if wells.len() > 1 { format!("{well} ") } else { String::new() };
        info.channel_ids.extend(stored.iter().map(|index| format!("{prefix}{index:.0}")));
        positions_um.extend(positions(&stored, converter.pitch_um));
        names.resize(info.channel_ids.len(), (*well).clone());
    }
    info.n_channels = info.channel_ids.len();
    info.gain_to_uv = vec![1.0; info.n_channels];
    info.offset_to_uv = vec![0.0; info.n_channels];
    info.positions_um = Some(positions_um);
    info.wells = (wells.len() > 1).then_some(names);
    // Intervals that were recorded: first and last frame of each.
    let ends = file.numbers("TOC").unwrap_or_default();
    info.segments = vec![segment(ends.iter().copied().fold(0.0, f64::max))];
    Ok(Some(StoredSpikes::new(info, spikes, "BrainWave".into())))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; a number of frames")]
fn segment(n_frames: f64) -> SegmentInfo {
    SegmentInfo { n_frames: n_frames as u64, t_start_s: 0.0 }
}

/// Spikes as both versions hold them: a list each of frames, electrodes and waveforms.
struct Events {
    times: Vec<f64>,
    channels: Vec<f64>,
    forms: Vec<f64>,
    /// Microvolts of a step and of a stored zero.
    scale: (f64, f64),
}

impl Events {
    /// Spikes of the electrodes whose ids these are. The amplitude is the waveform's largest value.
    #[expect(clippy::cast_possible_truncation, reason = "saturating; frames, places and amplitudes")]
    fn spikes(&self, ids: &[f64]) -> Vec<Spike> {
        let place_of: HashMap<u64, u32> = (0..).zip(ids).map(|(at, id)| (id.to_bits(), at)).collect();
        let form_frames = self.forms.len().checked_div(self.times.len()).unwrap_or(0);
        let amplitude = |at: usize| {
            let form = self.forms[at * form_frames..][..form_frames].iter();
            let values = form.map(|value| value * self.scale.0 + self.scale.1);
            values.fold(0.0_f64, |peak, value| if value.abs() > peak.abs() { value } else { peak }) as f32
        };
        let one = |(at, (time, channel)): (usize, (&f64, &f64))| {
            Some(Spike {
                segment_index: 0,
                sample_index: *time as i64,
                channel_index: *place_of.get(&channel.to_bits())?,
                amplitude_uv: amplitude(at),
            })
        };
        self.times.iter().zip(&self.channels).enumerate().filter_map(one).collect()
    }
}
