//! The spikes that the system found while it recorded: one table for each well.

use std::ops::Range;

use super::place::{Opened, Place};
use super::plate;
use crate::formats::hdf5::H5;
use crate::formats::limits::{MAX_STORED_SPIKES, too_many_spikes};
use crate::recording::{SegmentInfo, StoredSpikes, StreamInfo};
use crate::spikes::Spike;

/// Numbers of channels that occur are below this.
const MAX_CHANNEL: usize = 1 << 16;

/// Places of channels by their numbers.
pub struct ByNumber(Vec<u32>);

impl ByNumber {
    /// The places of a stream's channels, whose ids are numbers.
    pub fn new(info: &StreamInfo) -> Self {
        let mut places = Vec::new();
        for (at, id) in (0..).zip(&info.channel_ids) {
            let Some(number) = id.parse::<usize>().ok().filter(|number| *number < MAX_CHANNEL) else { continue };
            if places.len() <= number {
                places.resize(number + 1, u32::MAX);
            }
            places[number] = at;
        }
        Self(places)
    }

    /// The place of a channel.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; looked up")]
    pub fn place(&self, number: f64) -> Option<u32> {
        let known = if number >= 0.0 { self.0.get(number as usize).copied() } else { None };
        known.filter(|place| *place != u32::MAX)
    }
}

/// The tables of all wells.
#[derive(Default)]
pub struct SpikeTables {
    wells: Vec<StreamInfo>,
    spikes: Vec<Spike>,
    span: u64,
}

impl SpikeTables {
    /// Adds a well's table, if it has one, and gives its spikes. Frames count from when the system
    /// was started, those of the signal from its first; amplitudes are stored in steps. The table
    /// is read some rows at a time: there may be hundreds of millions.
    pub fn add(&mut self, file: &H5, place: &Place, opened: &Opened, notes: &mut Vec<String>) -> Vec<Spike> {
        let info = opened.info();
        let offset = u32::try_from(self.wells.iter().map(|well| well.n_channels).sum::<usize>()).unwrap_or(u32::MAX);
        let first_spike = self.spikes.len();
        if file.has(&place.spikes)
            && let Err(error) = self.read(file, place, opened, offset)
        {
            self.spikes.truncate(first_spike);
            notes.push(format!("The stored spikes of {} are left out. {error}.", place.name));
        }
        self.wells.push(info.clone());
        self.span = self.span.max(opened.span);
        let of_well = |spike: &Spike| Spike { channel_index: spike.channel_index - offset, ..*spike };
        let own: Range<usize> = first_spike..self.spikes.len();
        let step = (own.len() / super::agreement::MAX_COMPARED).max(1);
        self.spikes[own].iter().step_by(step).map(of_well).collect()
    }

    fn read(&mut self, file: &H5, place: &Place, opened: &Opened, offset: u32) -> Result<(), super::OpenError> {
        if (self.spikes.len() as u64).saturating_add(file.length(&place.spikes).unwrap_or(0)) > MAX_STORED_SPIKES as u64
        {
            return Err(too_many_spikes(file.path()));
        }
        let info = opened.info();
        let by_number = ByNumber::new(info);
        let mut first = opened.first_number();
        let spikes = &mut self.spikes;
        let begun = spikes.len();
        file.rows(&place.spikes, &["frameno", "channel", "amplitude"], |columns| {
            let [frames, channels, amplitudes] = columns else { return Ok(()) };
            for ((frame, channel), amplitude) in frames.iter().zip(channels).zip(amplitudes) {
                let (Some(at), true) = (by_number.place(*channel), frame.is_finite()) else { continue };
                // Where the signal tells no number the first spike is the start.
                let first = *first.get_or_insert(*frame);
                let gain = info.gain_to_uv.get(at as usize).copied().unwrap_or(0.0);
                #[expect(clippy::cast_possible_truncation, reason = "frames of this recording; amplitudes in f32")]
                let (sample_index, amplitude_uv) = ((frame - first) as i64, (amplitude * gain) as f32);
                let channel_index = offset.saturating_add(at);
                spikes.push(Spike { segment_index: 0, sample_index, channel_index, amplitude_uv });
            }
            Ok(())
        })?;
        // The first row need not be the earliest.
        let earliest = spikes[begun..].iter().map(|spike| spike.sample_index).min().unwrap_or(0);
        if opened.numbers.is_none() {
            for spike in &mut spikes[begun..] {
                spike.sample_index = spike.sample_index.saturating_sub(earliest);
            }
        }
        Ok(())
    }

    /// The spikes of all wells, if there are some: on one stretch of time, as long as the longest
    /// recording, which is put into the segments of a signal later.
    pub fn into_spikes(self) -> Option<StoredSpikes> {
        let first = self.wells.first().filter(|_| !self.spikes.is_empty())?;
        let rate_hz = first.sampling_frequency_hz;
        let mut info = plate::describe(&self.wells);
        info.name = "spikes".into();
        info.sampling_frequency_hz = rate_hz;
        info.segments = vec![SegmentInfo { n_frames: self.span, t_start_s: 0.0 }];
        Some(StoredSpikes::new(info, self.spikes, "MaxLab, while it recorded".into()))
    }
}
