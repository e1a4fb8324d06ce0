//! Two recordings, one of them silent: at which threshold noise alone makes no more than a stated number of spikes.
//!
//! The silent recording is of the same array under tetrodotoxin (TTX), or of the array without cells: what is found
//! above a threshold in it is false. The threshold is a multiple of each recording's own noise, as in every run.

mod choice;
mod figure;

pub use choice::Calibration;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::AboveFloor;
use crate::analyses::{NETWORK_MIN_ACTIVE, NetworkLimits, SpikeTrains, bursts, median};
use crate::engine::{Engine, FLOOR};
use crate::pipeline::Pipeline;
use crate::presets::differences;
use crate::spikes::{Spike, above};

/// False spikes per minute and electrode that are accepted unless somebody states another number: a fifth of the five
/// per minute from which an electrode counts as active, so that noise alone makes no electrode active.
pub const FALSE_RATE_PER_MIN: f64 = 1.0;

/// Thresholds per multiple of the noise, as the slider of the page moves, and the highest one.
const STEPS: u32 = 10;
const HIGHEST: u32 = 15;

/// Threshold at which bursts are looked for in the silent recording: the default one.
const BURSTS_AT: f64 = 5.0;

/// Why two recordings cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// Spikes that a file held have no threshold.
    #[error(
        "the silent recording holds spikes that were found elsewhere, at one threshold; analyse its signal, and choose that result"
    )]
    NoThreshold,
    /// Their spikes were searched for in different ways.
    #[error(
        "the silent recording was analysed in another way ({}); analyse it with the values of this result, and choose that one",
        .what.join("; ")
    )]
    OtherSearch {
        /// Names of the differences.
        what: Vec<String>,
    },
    /// No electrode works in both.
    #[error(
        "no electrode of one name works in both recordings, so there is nothing to compare; choose a silent recording of the same array"
    )]
    NoCommonElectrode,
    /// One has no length.
    #[error("one of the two recordings has no length; choose another one")]
    Empty,
}

/// What was counted at one threshold, on all electrodes that work in both recordings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountedAt {
    /// In multiples of the noise.
    pub threshold: f64,
    /// Spikes of the silent recording.
    pub n_silent: u64,
    /// Spikes of the active recording.
    pub n_active: u64,
    /// Spikes of the silent recording beyond the thresholds of the active one in microvolts; none where some of them
    /// lie below the peaks that were kept.
    pub n_silent_same_uv: Option<u64>,
    /// The largest number of a single electrode in the silent recording.
    pub n_silent_of_one: u64,
}

/// What two recordings have above each threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationCounts {
    /// Counts, by ascending threshold.
    pub at: Vec<CountedAt>,
    /// Electrodes that work in both.
    pub n_electrodes: usize,
    /// Electrodes that each recording has, the silent one first.
    pub n_all: (usize, usize),
    /// Lengths in seconds, the silent one first.
    pub duration_s: (f64, f64),
    /// Frames per second, the silent one first.
    pub sampling_frequency_hz: (f64, f64),
    /// Median noise of the electrodes in microvolts, the silent one first.
    pub noise_uv: (f64, f64),
    /// Bursts of electrodes in the silent recording at the default threshold, and network bursts.
    pub n_bursts: (u64, u64),
}

/// Whether the spikes of two results were searched for in one way: thresholds and electrodes that are left out may
/// differ, and so may what has no part in the spikes that are counted: other detections, and field potentials that were
/// kept.
///
/// # Errors
/// Where they were not; it tells what is different.
pub fn same_search(silent: &Pipeline, active: &Pipeline) -> Result<(), CalibrationError> {
    if !silent.has_signal() || !active.has_signal() {
        return Err(CalibrationError::NoThreshold);
    }
    let bare = |of: &Pipeline| {
        let mut bare = Pipeline::empty();
        bare.blocks = of.blocks.iter().filter(|block| !block.is_analysis()).cloned().collect();
        let further: Vec<String> = bare.detectors().iter().skip(1).map(|of| of.block.id.clone()).collect();
        for id in further {
            bare.remove_detector(&id);
        }
        bare.set("detect_peaks", "detect_threshold", BURSTS_AT.into());
        bare.remove("bad_channels");
        bare.remove("field_potentials");
        bare
    };
    let what = differences(&bare(active), &bare(silent));
    if what.is_empty() { Ok(()) } else { Err(CalibrationError::OtherSearch { what }) }
}

/// Counts what both recordings have above each threshold.
///
/// # Errors
/// Where they have nothing in common.
pub fn calibration(silent: &AboveFloor<'_>, active: &AboveFloor<'_>) -> Result<CalibrationCounts, CalibrationError> {
    let duration_s = (silent.engine.info().duration_s(), active.engine.info().duration_s());
    if !(duration_s.0 > 0.0 && duration_s.1 > 0.0) {
        return Err(CalibrationError::Empty);
    }
    let common = Common::new(silent, active).ok_or(CalibrationError::NoCommonElectrode)?;
    let [own_floor, other_floor] =
        [silent, active].map(|of| FLOOR.min(of.engine.settings().detection.detect_threshold));
    let floor = f64::from(own_floor.max(other_floor));
    // Dividing gives the numbers that the slider gives.
    let steps = (1..=HIGHEST * STEPS).map(|step| f64::from(step) / f64::from(STEPS));
    let (mut own, mut others, mut same_uv) = (silent.peaks.to_vec(), active.peaks.to_vec(), silent.peaks.to_vec());
    let at = steps.filter(|threshold| *threshold >= floor).map(|threshold| {
        let (of_silent, of_active) = (common.of_silent(silent, threshold), common.of_active(active, threshold));
        let (n_silent, n_silent_of_one) = count(&mut own, silent.engine, &of_silent);
        let (n_active, _) = count(&mut others, active.engine, &of_active);
        let in_uv = common.put_to_silent(&of_active);
        let lowest = |noise: &f32| own_floor * noise * (1.0 - f32::EPSILON);
        let is_kept = in_uv.iter().zip(silent.noise_uv).all(|(at, noise)| *at >= lowest(noise));
        let n_silent_same_uv = is_kept.then(|| count(&mut same_uv, silent.engine, &in_uv).0);
        CountedAt { threshold, n_silent, n_active, n_silent_same_uv, n_silent_of_one }
    });
    Ok(CalibrationCounts {
        at: at.collect(),
        n_electrodes: common.pairs.len(),
        n_all: (silent.engine.info().n_channels, active.engine.info().n_channels),
        duration_s,
        sampling_frequency_hz: (silent.engine.info().sampling_frequency_hz, active.engine.info().sampling_frequency_hz),
        noise_uv: common.noise_uv(silent, active),
        n_bursts: common.bursts(silent, floor.max(BURSTS_AT)),
    })
}

/// Spikes beyond thresholds, and the most of one electrode. Peaks below them are dropped: none of them lies
/// beyond the next thresholds, which are higher.
fn count(peaks: &mut Vec<Spike>, engine: &Engine, thresholds_uv: &[f32]) -> (u64, u64) {
    *peaks = above(peaks, thresholds_uv);
    let spikes = engine.spikes(peaks, thresholds_uv);
    let mut of_each = vec![0_u64; engine.info().n_channels];
    for spike in &spikes {
        of_each[spike.channel_index as usize] += 1;
    }
    (spikes.len() as u64, of_each.into_iter().max().unwrap_or_default())
}

/// Electrodes that work in both recordings.
struct Common {
    /// Channels of the silent and of the active recording.
    pairs: Vec<(usize, usize)>,
}

impl Common {
    /// By their ids; none where there is none.
    fn new(silent: &AboveFloor<'_>, active: &AboveFloor<'_>) -> Option<Self> {
        let works = |of: &AboveFloor<'_>| of.engine.thresholds_at(1.0, of.noise_uv);
        let (in_silent, in_active) = (works(silent), works(active));
        let ids = active.engine.info().channel_ids.iter().enumerate();
        let places: HashMap<&str, usize> = ids.map(|(at, id)| (id.as_str(), at)).collect();
        let pair = |(at, id): (usize, &String)| {
            let other = *places.get(id.as_str())?;
            (in_silent.get(at)?.is_finite() && in_active.get(other)?.is_finite()).then_some((at, other))
        };
        let ids = silent.engine.info().channel_ids.iter().enumerate();
        let pairs: Vec<(usize, usize)> = ids.filter_map(pair).collect();
        (!pairs.is_empty()).then_some(Self { pairs })
    }

    /// Thresholds of the silent recording in microvolts.
    fn of_silent(&self, silent: &AboveFloor<'_>, threshold: f64) -> Vec<f32> {
        only(silent, threshold, self.pairs.iter().map(|(at, _)| *at))
    }

    /// Thresholds of the active recording in microvolts.
    fn of_active(&self, active: &AboveFloor<'_>, threshold: f64) -> Vec<f32> {
        only(active, threshold, self.pairs.iter().map(|(_, at)| *at))
    }

    /// Thresholds of the active recording, put to the channels of the silent one.
    fn put_to_silent(&self, of_active: &[f32]) -> Vec<f32> {
        let n = self.pairs.iter().map(|(at, _)| at + 1).max().unwrap_or_default();
        let mut thresholds = vec![f32::INFINITY; n];
        for (at, other) in &self.pairs {
            thresholds[*at] = of_active[*other];
        }
        thresholds
    }

    /// Median noise in both.
    fn noise_uv(&self, silent: &AboveFloor<'_>, active: &AboveFloor<'_>) -> (f64, f64) {
        let of_silent = median(self.pairs.iter().map(|(at, _)| f64::from(silent.noise_uv[*at])));
        let of_active = median(self.pairs.iter().map(|(_, at)| f64::from(active.noise_uv[*at])));
        (of_silent.unwrap_or_default(), of_active.unwrap_or_default())
    }

    /// Bursts and network bursts of the silent recording at a threshold.
    fn bursts(&self, silent: &AboveFloor<'_>, threshold: f64) -> (u64, u64) {
        let info = silent.engine.info();
        let spikes = silent.engine.spikes(silent.peaks, &self.of_silent(silent, threshold));
        let trains = SpikeTrains::new(info, &spikes, None);
        let of_train = |train: &[i64]| bursts(train, info.sampling_frequency_hz).len() as u64;
        let n_bursts = self.pairs.iter().flat_map(|(at, _)| trains.of(*at)).map(of_train).sum();
        let has_network = |culture: &&Vec<usize>| trains.active(culture).len() >= NETWORK_MIN_ACTIVE;
        let network = NetworkLimits::default();
        let of_culture = |culture: &Vec<usize>| trains.network_bursts(culture, &network).bursts.len() as u64;
        let cultures = if trains.too_short().is_none() { trains.cultures() } else { &[] };
        (n_bursts, cultures.iter().filter(has_network).map(of_culture).sum())
    }
}

/// Thresholds of a recording in microvolts; infinite for all but some channels.
#[expect(clippy::cast_possible_truncation, reason = "as the engine takes it from a pipeline")]
fn only(of: &AboveFloor<'_>, threshold: f64, channels: impl Iterator<Item = usize>) -> Vec<f32> {
    let all = of.engine.thresholds_at(threshold as f32, of.noise_uv);
    let mut kept = vec![f32::INFINITY; all.len()];
    for at in channels {
        kept[at] = all[at];
    }
    kept
}

#[cfg(test)]
mod tests;
