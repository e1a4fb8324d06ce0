//! `summary.json`: what was recorded, how it was analysed, and what came out.

mod doubts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::absent::{Absent, MIN_RATE_S, too_short_for_rates};
use super::culture::{Culture, Trains};
use super::intervals::Intervals;
use super::sizes::Sizes;
use super::stored_notes::MIN_INTERVAL_S;
use crate::analyses::{Burst, BurstSums, SpikeTrains, bursts, mean, too_few_active, too_short};
use crate::pipeline::{MIN_REFERENCE_ELECTRODES, Pipeline};
use crate::recording::{Fact, SegmentInfo, StreamInfo, plate_order};
use crate::spikes::Spike;
use doubts::{gain_note, partly_note, same_neurons_note};

/// Version of the file; grows when a field changes its meaning.
pub const SUMMARY_VERSION: u32 = 2;

/// The share of intervals that are too short for one neuron from which on the words about a culture tell it.
const MAX_TOO_SHORT: f64 = 0.1;

/// The file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// [`SUMMARY_VERSION`].
    pub version: u32,
    /// Version of the program that computed it.
    pub neurocyte_version: String,
    /// The recording that was analysed.
    pub recording: RecordingSummary,
    /// With which parameters.
    pub pipeline: Pipeline,
    /// The numbers of the whole recording.
    pub headline: Headline,
    /// The numbers of each well of a plate; none where there are no wells.
    #[serde(default)]
    pub wells: Vec<Culture>,
    /// One entry per channel, in the stream's order.
    pub channels: Vec<ChannelSummary>,
}

/// The recording, as far as a result needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingSummary {
    /// Name of the file or folder.
    pub name: String,
    /// Format it was read from.
    pub format: String,
    /// Stream that was analysed.
    pub stream: String,
    /// Frames per second; of stored spikes without a sampling rate the steps in which their times are kept,
    /// [`crate::recording::TIMES_HZ`], which a note says.
    pub sampling_frequency_hz: f64,
    /// Segments.
    pub segments: Vec<SegmentInfo>,
    /// Electrode positions, when known.
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// Facts that the files tell about how they were recorded.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Notes for a person about how the files were read.
    pub notes: Vec<String>,
}

impl RecordingSummary {
    /// Describes a stream of the recording `name`.
    #[must_use]
    pub fn new(name: &str, format: &str, info: &StreamInfo, facts: &[Fact], notes: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            format: format.to_owned(),
            stream: info.name.clone(),
            sampling_frequency_hz: info.sampling_frequency_hz,
            segments: info.segments.clone(),
            positions_um: info.positions_um.clone(),
            facts: facts.to_owned(),
            notes: notes.to_owned(),
        }
    }
}

/// The numbers that answer “is my culture alive, bursting, connected?”. A number is right or
/// absent; `absent` says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// Spikes in all.
    pub n_spikes: u64,
    /// Length in seconds.
    pub duration_s: f64,
    /// Electrodes with enough spikes, see [`crate::analyses::is_active`].
    pub active_electrodes: usize,
    /// Mean firing rate of the active electrodes.
    pub mean_rate_hz: Option<f64>,
    /// Bursts of the active electrodes in all.
    pub n_bursts: u64,
    /// Bursts per minute of an active electrode, on average.
    pub bursts_per_min: Option<f64>,
    /// Network bursts in all, of all wells.
    pub n_network_bursts: Option<u64>,
    /// Network bursts per minute; of a plate, the mean over its wells with enough active electrodes.
    pub network_bursts_per_min: Option<f64>,
    /// Network bursts per minute in shifted copies of the trains, by the same search; of a plate, the mean over the
    /// same wells.
    pub network_bursts_per_min_shifted: Option<f64>,
    /// The same of a recording of one culture where the trains are shifted by little, so that a rate that changes
    /// slowly stays; results of earlier versions do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_bursts_per_min_near: Option<f64>,
    /// Electrodes that take part in a network burst, on average.
    pub network_burst_participants: Option<f64>,
    /// Mean spike time tiling coefficient of all pairs of active electrodes of one well; of a plate,
    /// the mean over its wells.
    pub synchrony_sttc: Option<f64>,
    /// The share of the intervals between spikes of one electrode that are too short for one neuron, where it is so
    /// large that bursts are of them; results of earlier versions do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_short_intervals: Option<f64>,
    /// Names of numbers above that are absent, and why.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
    /// Intervals of numbers above; nothing in results of earlier versions.
    #[serde(default, skip_serializing_if = "Intervals::is_empty")]
    pub intervals: Intervals,
}

/// A channel's numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChannelSummary {
    /// The channel's id.
    pub id: String,
    /// The name that a person gave it, where that is another.
    #[serde(default)]
    pub name: Option<String>,
    /// The channel's well, on a plate.
    #[serde(default)]
    pub well: Option<String>,
    /// Whether the pipeline leaves the channel out.
    #[serde(default)]
    pub left_out: bool,
    /// Whether the channel held one value throughout: it is dead, and nothing is detected on it.
    #[serde(default)]
    pub dead: bool,
    /// Noise in microvolts; zero for a silent channel, and none for spikes of files that do not tell it.
    pub noise_uv: Option<f32>,
    /// Absolute threshold in microvolts; none where there is none.
    pub threshold_uv: Option<f32>,
    /// Spikes.
    pub n_spikes: u64,
    /// Spikes per second of the time in which the channel was observed; none where that is zero.
    pub rate_hz: Option<f64>,
    /// Mean size of the peaks in microvolts, with the sign that most of them have; none without
    /// spikes, and where the files hold spikes without their size.
    pub mean_amplitude_uv: Option<f32>,
    /// Bursts.
    pub n_bursts: u64,
    /// Spikes inside them; results of earlier versions do not tell.
    #[serde(default)]
    pub n_spikes_in_bursts: Option<u64>,
    /// Seconds from the first to the last spike of each burst, all together; results of earlier versions do not tell.
    #[serde(default)]
    pub time_in_bursts_s: Option<f64>,
}

/// The measured values that a summary is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The spikes as trains, with the stream that they are of.
    pub trains: &'a SpikeTrains,
    /// The pipeline that was run; empty for stored spikes.
    pub pipeline: &'a Pipeline,
    /// Noise of each channel in microvolts.
    pub noise_uv: &'a [f32],
    /// The threshold as a multiple of the noise.
    pub threshold: f32,
    /// Channels that held one value throughout.
    pub dead: &'a [usize],
    /// The spikes with their sizes, sorted.
    pub spikes: &'a [Spike],
}

impl Summary {
    /// Computes the numbers of a recording.
    #[must_use]
    pub fn new(recording: RecordingSummary, of: &Measured<'_>) -> Self {
        Self::with_sizes(recording, of, &Sizes::of(of.trains.info().n_channels, of.spikes))
    }

    /// The summary where the spikes themselves are gone, and only what they sum up to is left.
    #[must_use]
    pub(super) fn with_sizes(mut recording: RecordingSummary, of: &Measured<'_>, sizes: &Sizes) -> Self {
        let (info, trains) = (of.trains.info(), of.trains);
        let channels = channels(of, sizes);
        let all = Trains { trains, channels: &channels };
        let mut cultures = of_cultures(&all);
        let headline = headline(sizes.n_spikes(), &all, &cultures);
        if info.wells.is_some() && !info.empty_wells.is_empty() {
            cultures.extend(info.empty_wells.iter().map(|well| Culture::without_electrodes(&all, well)));
            cultures.sort_by_key(|culture| plate_order(culture.well.as_deref().unwrap_or_default()));
        }
        for note in [gain_note(of), dead_note(of), reference_note(of), same_neurons_note(of), partly_note(trains)]
            .into_iter()
            .flatten()
        {
            if !recording.notes.contains(&note) {
                recording.notes.push(note);
            }
        }
        Self {
            version: SUMMARY_VERSION,
            neurocyte_version: env!("CARGO_PKG_VERSION").to_owned(),
            recording,
            pipeline: of.pipeline.clone(),
            headline,
            wells: if info.wells.is_some() { cultures } else { Vec::new() },
            channels,
        }
    }
}

impl Headline {
    /// The numbers of the whole recording alone.
    #[must_use]
    pub fn new(of: &Measured<'_>) -> Self {
        let sizes = Sizes::of(of.trains.info().n_channels, of.spikes);
        let channels = channels(of, &sizes);
        let all = Trains { trains: of.trains, channels: &channels };
        headline(sizes.n_spikes(), &all, &of_cultures(&all))
    }
}

/// The numbers of each culture.
fn of_cultures(all: &Trains<'_>) -> Vec<Culture> {
    all.trains.cultures().iter().map(|group| Culture::new(all, group)).collect()
}

/// The numbers of each channel.
#[expect(clippy::cast_precision_loss, reason = "counts for people")]
fn channels(of: &Measured<'_>, sizes: &Sizes) -> Vec<ChannelSummary> {
    let (info, trains) = (of.trains.info(), of.trains);
    let left_out = of.pipeline.left_out();
    let channel = |at: usize| {
        let id = &info.channel_ids[at];
        let found: Vec<Burst> = trains.of(at).flat_map(|train| bursts(train, info.sampling_frequency_hz)).collect();
        let inside = BurstSums::of(&found);
        let observed_s = trains.observed_s(at);
        ChannelSummary {
            id: id.clone(),
            name: Some(info.channel_label(at)).filter(|name| *name != id.as_str()).map(str::to_owned),
            well: info.wells.as_ref().and_then(|wells| wells.get(at).cloned()),
            left_out: left_out.contains(id),
            dead: of.dead.contains(&at),
            noise_uv: Some(of.noise_uv[at]).filter(|noise_uv| *noise_uv > 0.0 || of.pipeline.has_signal()),
            threshold_uv: Some(of.noise_uv[at] * of.threshold).filter(|threshold_uv| *threshold_uv > 0.0),
            n_spikes: sizes.count(at),
            rate_hz: (observed_s >= MIN_RATE_S).then(|| sizes.count(at) as f64 / observed_s),
            mean_amplitude_uv: sizes.mean_uv(at),
            n_bursts: inside.n,
            n_spikes_in_bursts: Some(inside.n + inside.n_intervals),
            time_in_bursts_s: Some(inside.time / info.sampling_frequency_hz),
        }
    };
    (0..info.n_channels).map(channel).collect()
}

/// The numbers of the whole recording, those of the network from its cultures.
#[expect(clippy::cast_precision_loss, reason = "counts and means for people")]
fn headline(n_spikes: u64, all: &Trains<'_>, cultures: &[Culture]) -> Headline {
    let duration_s = all.trains.info().duration_s();
    let active: Vec<usize> = (0..all.channels.len()).filter(|at| all.trains.is_active(*at)).collect();
    let none = too_short_for_rates(duration_s).or_else(|| too_few_active(active.len(), 1));
    let short_or_none = too_short(duration_s).or_else(|| none.clone());
    let mut absent = Absent::default();
    let mut over_cultures = |field: &str, value: &dyn Fn(&Culture) -> Option<f64>| {
        let reason = absent_everywhere(cultures, field);
        absent.unless(reason.as_deref(), field, || mean(cultures.iter().filter_map(value)).unwrap_or_default())
    };
    let network_bursts_per_min = over_cultures("network_bursts_per_min", &|of| of.network_bursts_per_min);
    let network_bursts_per_min_shifted =
        over_cultures("network_bursts_per_min_shifted", &|of| of.network_bursts_per_min_shifted);
    let synchrony_sttc = over_cultures("synchrony_sttc", &|of| of.synchrony_sttc);
    let n_network_bursts = cultures.iter().filter_map(|of| of.n_network_bursts).sum::<u64>();
    // The mean over all network bursts, not over wells.
    let participants = |of: &Culture| Some(of.network_burst_participants? * of.n_network_bursts? as f64);
    let participants = cultures.iter().filter_map(participants).sum::<f64>() / n_network_bursts.max(1) as f64;
    let reason = |field| absent_everywhere(cultures, field);
    Headline {
        n_spikes,
        duration_s,
        active_electrodes: active.len(),
        mean_rate_hz: absent.unless(none.as_deref(), "mean_rate_hz", || {
            mean(active.iter().filter_map(|at| all.channels[*at].rate_hz)).unwrap_or_default()
        }),
        n_bursts: active.iter().map(|at| all.channels[*at].n_bursts).sum(),
        bursts_per_min: absent.unless(short_or_none.as_deref(), "bursts_per_min", || all.bursts_per_min(&active)),
        n_network_bursts: absent.unless(reason("n_network_bursts").as_deref(), "n_network_bursts", || n_network_bursts),
        network_bursts_per_min,
        network_bursts_per_min_shifted,
        network_bursts_per_min_near: match cultures {
            [one] => one.network_bursts_per_min_near,
            _ => None,
        },
        network_burst_participants: absent.unless(
            reason("network_burst_participants").as_deref(),
            "network_burst_participants",
            || participants,
        ),
        synchrony_sttc,
        too_short_intervals: too_short_intervals(all.trains),
        absent: absent.0,
        intervals: Intervals::of_recording(all, &active, cultures),
    }
}

/// The share of intervals that are too short for one neuron, where it is large.
#[expect(clippy::cast_precision_loss, reason = "counts of intervals")]
fn too_short_intervals(trains: &SpikeTrains) -> Option<f64> {
    let info = trains.info();
    let (mut n, mut n_short) = (0_u64, 0_u64);
    for train in (0..info.n_channels).flat_map(|at| trains.of(at)) {
        for pair in train.windows(2) {
            n += 1;
            n_short += u64::from(((pair[1] - pair[0]) as f64 / info.sampling_frequency_hz) < MIN_INTERVAL_S);
        }
    }
    let share = n_short as f64 / n.max(1) as f64;
    (share > MAX_TOO_SHORT).then_some(share)
}

/// Why a number is absent in all cultures; none where one has it.
fn absent_everywhere(cultures: &[Culture], field: &str) -> Option<String> {
    let reasons: Option<Vec<&String>> = cultures.iter().map(|culture| culture.absent.get(field)).collect();
    let reasons = reasons?;
    match reasons.as_slice() {
        [] => Some("no electrodes".into()),
        [first, others @ ..] if others.iter().all(|other| other == first) => Some((*first).clone()),
        [first, ..] => {
            let well = cultures.first().and_then(|culture| culture.well.as_deref()).unwrap_or_default();
            Some(format!("absent in every well; in {well}: {first}"))
        }
    }
}

/// Whether a pipeline asks for a common reference; none where it has no such block.
fn has_reference(pipeline: &Pipeline) -> Option<bool> {
    let reference = pipeline.block("common_reference")?;
    Some(reference.params.get("operator").is_none_or(|operator| operator != "none"))
}

/// Says why no common reference was subtracted.
fn reference_note(of: &Measured<'_>) -> Option<String> {
    let is_off = !has_reference(of.pipeline)?;
    let n = of.trains.info().n_channels;
    let n_live = n.saturating_sub(of.dead.len());
    // What all electrodes have in common is told by the note about those without a signal.
    if n_live == 0 {
        return None;
    }
    if n < MIN_REFERENCE_ELECTRODES {
        is_off.then(|| {
            format!(
                "No common reference was subtracted: that of {n} electrodes would find spikes in noise; \
                 {MIN_REFERENCE_ELECTRODES} are needed."
            )
        })
    } else {
        (!is_off && n_live < MIN_REFERENCE_ELECTRODES).then(|| {
            format!(
                "No common reference was subtracted: only {n_live} of {n} electrodes are alive, and \
                 {MIN_REFERENCE_ELECTRODES} are needed."
            )
        })
    }
}

/// Electrodes that a note names at most.
const MAX_NAMED: usize = 10;

/// Says which electrodes are dead.
fn dead_note(of: &Measured<'_>) -> Option<String> {
    let (info, dead) = (of.trains.info(), of.dead);
    let named: Vec<&str> = dead.iter().take(MAX_NAMED).map(|at| info.channel_label(*at)).collect();
    let more = match dead.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    // Numbers that are none read as no signal.
    let held = if info.sample_type.is_float() { "held one value, or no numbers (NaN)," } else { "held one value" };
    match named.as_slice() {
        [] => None,
        [_, _, ..] if dead.len() == info.n_channels && has_reference(of.pipeline) == Some(true) => Some(format!(
            "Electrodes {}{more} {held} throughout, or all of them the same signal, which the common reference takes \
             away: they have no spikes.",
            named.join(", ")
        )),
        [one] => Some(format!(
            "Electrode {one} {held} throughout: it is dead, takes no part in the reference, and has no spikes."
        )),
        _ => Some(format!(
            "Electrodes {}{more} {held} throughout: they are dead, take no part in the reference, and have no spikes.",
            named.join(", ")
        )),
    }
}
