//! Spikes as trains: what every analysis starts from.

mod of_well;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{
    NetworkActivity, NetworkLimits, SAME_NEURON_UM, SegmentTrains, is_active, network_bursts, too_few_active,
    too_short, trains,
};
use crate::events::Event;
use crate::field::FieldPotentials;
use crate::figure::{Axis, Histogram};
use crate::recording::{Nearby, SegmentInfo, StreamInfo};
use crate::spikes::Spike;

/// The spikes of a recording, a train for each channel and segment.
#[derive(Clone, Debug)]
pub struct SpikeTrains {
    info: StreamInfo,
    /// Seconds in which each channel was observed.
    observed_s: Vec<f64>,
    /// Sorted frames, `[segment][channel]`.
    frames: Vec<Vec<Vec<i64>>>,
    /// Channels of each culture: those of a well, or all.
    cultures: Vec<Vec<usize>>,
    /// Network bursts that were looked for, by culture: the summary and a block ask for the same.
    network: Arc<Mutex<HashMap<usize, Searched>>>,
    /// Intervals of the active channels, counted when they are first asked for.
    intervals: Arc<OnceLock<Intervals>>,
    /// Events of the recording, such as stimuli.
    events: Arc<[Event]>,
    /// The well of a plate that somebody chose to see.
    shown: Option<String>,
    /// The slow part of the signal, where it was kept.
    field: Option<Arc<FieldPotentials>>,
}

/// Intervals between the spikes of the active channels, which every method of bursts shows.
#[derive(Debug)]
pub struct Intervals {
    /// Milliseconds, by equal factors.
    pub axis: Axis,
    /// Intervals within the axis.
    pub histogram: Histogram,
    /// Intervals there are.
    pub n_all: u64,
    /// Channels that they are of.
    pub n_channels: usize,
}

/// Intervals that are shown, in milliseconds, and their bins.
const SHOWN_MS: (f64, f64) = (1.0, 100_000.0);
const INTERVAL_BINS: usize = 50;

/// The share of the recording in which a channel that was observed all the time is observed at least: stretches may
/// end a little before the recording.
const NEARLY_ALL: f64 = 0.99;

/// Limits of a search, and its network bursts.
type Searched = (NetworkLimits, Arc<NetworkActivity>);

impl SpikeTrains {
    /// Sorts spikes into trains. `observed_s` is given where a channel was not observed all the time.
    #[must_use]
    pub fn new(info: &StreamInfo, spikes: &[Spike], observed_s: Option<&[f64]>) -> Self {
        Self::of_frames(info, trains(spikes, info.segments.len(), info.n_channels), observed_s)
    }

    /// Takes trains that are there already: sorted frames, `[segment][channel]`.
    #[must_use]
    pub fn of_frames(info: &StreamInfo, frames: Vec<Vec<Vec<i64>>>, observed_s: Option<&[f64]>) -> Self {
        let whole_s = info.duration_s();
        let observed = |at: usize| observed_s.and_then(|each| each.get(at).copied()).unwrap_or(whole_s);
        Self {
            info: info.clone(),
            observed_s: (0..info.n_channels).map(observed).collect(),
            frames,
            cultures: info.groups(),
            network: Arc::default(),
            intervals: Arc::default(),
            events: Arc::default(),
            shown: None,
            field: None,
        }
    }

    /// With the events of the recording: pulses, messages, annotations.
    #[must_use]
    pub fn with_events(self, events: &[Event]) -> Self {
        Self { events: Arc::from(events), ..self }
    }

    /// The events of the recording, on the clock of its segments.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// With the field potentials of the recording, where they were kept.
    #[must_use]
    pub fn with_field(self, field: Option<Arc<FieldPotentials>>) -> Self {
        Self { field, ..self }
    }

    /// The field potentials of the recording; none where they were not kept.
    #[must_use]
    pub fn field(&self) -> Option<&FieldPotentials> {
        self.field.as_deref()
    }

    /// The intervals of all active channels.
    #[must_use]
    pub fn intervals(&self) -> &Intervals {
        self.intervals.get_or_init(|| {
            let active: Vec<usize> = self.cultures.iter().flat_map(|culture| self.active(culture)).collect();
            let trains = || active.iter().flat_map(|at| self.of(*at));
            let between = trains().flat_map(|train| train.windows(2)).map(|pair| pair[1] - pair[0]);
            let axis = Axis::log("Time between two spikes", "ms", SHOWN_MS);
            let ms = between.map(|interval| self.seconds(interval) * 1000.0);
            let histogram = Histogram::new(ms, &axis, INTERVAL_BINS);
            let n_all = trains().map(|train| train.len().saturating_sub(1) as u64).sum();
            Intervals { axis, histogram, n_all, n_channels: active.len() }
        })
    }

    /// The reason why so short a recording has no numbers per minute and of the network.
    #[must_use]
    pub fn too_short(&self) -> Option<String> {
        too_short(self.info.duration_s())
    }

    /// The stream that the spikes are of.
    #[must_use]
    pub const fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// Frames per second.
    #[must_use]
    pub const fn rate_hz(&self) -> f64 {
        self.info.sampling_frequency_hz
    }

    /// Frames of the spikes, `[segment][channel]`, sorted.
    #[must_use]
    pub fn frames(&self) -> &[Vec<Vec<i64>>] {
        &self.frames
    }

    /// Seconds in which a channel was observed.
    #[must_use]
    pub fn observed_s(&self, channel: usize) -> f64 {
        self.observed_s[channel]
    }

    /// Channels of each culture: those of a well, or all.
    #[must_use]
    pub fn cultures(&self) -> &[Vec<usize>] {
        &self.cultures
    }

    /// The trains of a channel, one per segment.
    pub fn of(&self, channel: usize) -> impl Iterator<Item = &[i64]> {
        self.frames.iter().map(move |segment| segment.get(channel).map_or(&[][..], Vec::as_slice))
    }

    /// Spikes of a channel.
    #[must_use]
    pub fn n_spikes(&self, channel: usize) -> u64 {
        self.of(channel).map(|train| train.len() as u64).sum()
    }

    /// Whether a channel fires enough to count, see [`is_active`].
    #[must_use]
    pub fn is_active(&self, channel: usize) -> bool {
        is_active(self.n_spikes(channel), self.observed_s[channel])
    }

    /// The active channels of a culture.
    #[must_use]
    pub fn active(&self, culture: &[usize]) -> Vec<usize> {
        culture.iter().copied().filter(|channel| self.is_active(*channel)).collect()
    }

    /// Whether a channel was observed all the time. When one that was not was observed is not known.
    #[must_use]
    pub fn is_whole(&self, channel: usize) -> bool {
        self.observed_s[channel] >= self.info.duration_s() * NEARLY_ALL
    }

    /// The channels of a culture that were observed all the time. Only these can be compared with each other: where
    /// one was not observed, its silence says nothing.
    #[must_use]
    pub fn throughout(&self, culture: &[usize]) -> Vec<usize> {
        culture.iter().copied().filter(|channel| self.is_whole(*channel)).collect()
    }

    /// The reason why a culture has too few active channels that can be compared with each other.
    #[must_use]
    pub fn too_few_compared(&self, culture: &[usize], n_needed: usize) -> Option<String> {
        let n_compared = self.active(&self.throughout(culture)).len();
        let reason = too_few_active(n_compared, n_needed)?;
        let is_partly = self.active(culture).len() > n_compared;
        Some(if is_partly {
            format!(
                "not enough active electrodes that were observed all the time ({n_compared} of the {n_needed} that are \
                 needed)"
            )
        } else {
            reason
        })
    }

    /// The reason why no culture has as many active channels that can be compared as a pair needs.
    #[must_use]
    pub fn no_pair(&self) -> String {
        format!("no two active electrodes{} in one culture", self.which_are_compared())
    }

    /// Which active channels are compared with each other, as words behind “active electrodes”; nothing where all are.
    #[must_use]
    pub fn which_are_compared(&self) -> &'static str {
        let is_partly = (0..self.info.n_channels).any(|channel| self.is_active(channel) && !self.is_whole(channel));
        if is_partly { " that were observed all the time" } else { "" }
    }

    /// The trains of some channels, a list per segment.
    #[must_use]
    pub fn segments_of(&self, channels: &[usize]) -> Vec<SegmentTrains<'_>> {
        let segments = self.info.segments.iter().zip(&self.frames);
        segments
            .map(|(segment, trains)| SegmentTrains {
                n_frames: i64::try_from(segment.n_frames).unwrap_or(i64::MAX),
                trains: channels.iter().map(|at| trains[*at].as_slice()).collect(),
            })
            .collect()
    }

    /// For each of some channels the places, among them, of those that may see the same neuron; none
    /// where nobody knows where the electrodes are.
    #[must_use]
    pub fn near(&self, channels: &[usize]) -> Vec<Vec<usize>> {
        let Some(nearby) = Nearby::new(&self.info, SAME_NEURON_UM) else { return vec![Vec::new(); channels.len()] };
        let place_of: HashMap<usize, usize> = channels.iter().enumerate().map(|(place, at)| (*at, place)).collect();
        let near = |at: &usize| {
            let within = nearby.within(*at, SAME_NEURON_UM).into_iter();
            within.filter_map(|(other, _)| place_of.get(&other).copied()).collect()
        };
        channels.iter().map(near).collect()
    }

    /// The network bursts of a culture, see [`network_bursts`], among the channels that were observed all the time. The
    /// last search of each culture is kept.
    #[must_use]
    pub fn network_bursts(&self, culture: &[usize], limits: &NetworkLimits) -> Arc<NetworkActivity> {
        // Cultures share no channel.
        let first = culture.first().copied().unwrap_or(usize::MAX);
        let known = |(by, found): &Searched| (by == limits).then(|| Arc::clone(found));
        let lock = || self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().get(&first).and_then(known) {
            return found;
        }
        let active = self.active(&self.throughout(culture));
        let found = network_bursts(&self.segments_of(&active), &self.near(&active), limits, self.rate_hz());
        let found = Arc::new(found);
        lock().insert(first, (*limits, Arc::clone(&found)));
        found
    }

    /// The name of a channel's well; empty without wells.
    #[must_use]
    pub fn well(&self, channel: usize) -> &str {
        self.info.wells.as_ref().and_then(|wells| wells.get(channel)).map_or("", String::as_str)
    }

    /// Seconds from the start of the recording to a frame of a segment.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    pub fn time_s(&self, segment: usize, frame: i64) -> f64 {
        let start_s = self.info.segments.get(segment).map_or(0.0, |segment| segment.t_start_s);
        start_s + frame as f64 / self.info.sampling_frequency_hz
    }

    /// Start and end of the recording in seconds.
    #[must_use]
    pub fn span_s(&self) -> (f64, f64) {
        let end =
            |(at, segment): (usize, &SegmentInfo)| self.time_s(at, i64::try_from(segment.n_frames).unwrap_or(i64::MAX));
        let first_s = self.time_s(0, 0);
        (first_s, self.info.segments.iter().enumerate().map(end).fold(first_s, f64::max))
    }

    /// Frames as seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    pub fn seconds(&self, n_frames: i64) -> f64 {
        n_frames as f64 / self.info.sampling_frequency_hz
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn channels_that_were_observed_for_a_part_are_not_compared() {
        let spec = SimulationSpec { n_channels: 5, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        // Every channel fires each second: all are active.
        let train: Vec<i64> = (0..60).map(|second| second * 20_000).collect();
        let frames = || vec![vec![train.clone(); 5]; info.segments.len()];
        let culture: Vec<usize> = (0..5).collect();
        let whole = SpikeTrains::of_frames(&info, frames(), None);
        assert_eq!((whole.throughout(&culture), whole.too_few_compared(&culture, 5)), (culture.clone(), None));
        assert_eq!(whole.no_pair(), "no two active electrodes in one culture");
        // A rounded end is no part.
        let partly = SpikeTrains::of_frames(&info, frames(), Some(&[60.0, 30.0, 59.999_999_5, 1.0, 30.0]));
        assert_eq!((partly.active(&culture), partly.throughout(&culture)), (culture.clone(), vec![0, 2]));
        assert_eq!(partly.too_few_compared(&culture, 2), None);
        let reason = "not enough active electrodes that were observed all the time (2 of the 4 that are needed)";
        assert_eq!(partly.too_few_compared(&culture, 4).as_deref(), Some(reason));
        assert_eq!(partly.no_pair(), "no two active electrodes that were observed all the time in one culture");
        // A silent channel is no reason.
        assert_eq!(partly.too_few_compared(&[], 2).as_deref(), Some("no active electrodes"));
        let found = partly.network_bursts(&culture, &NetworkLimits::default());
        assert!(found.n_sources <= 2, "{}", found.n_sources);
    }
}
