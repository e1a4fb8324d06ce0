//! How the numbers of a result depend on the threshold. A number that stays the same over it can be trusted; one that
//! does not tells as much of the threshold as of the culture.

mod change;
mod numbers;
mod strip;

pub use change::Change;
pub use numbers::{HeadlineNumber, headline_numbers};

use serde::{Deserialize, Serialize};

use super::{Headline, Measured};
use crate::analyses::SpikeTrains;
use crate::engine::{Engine, FLOOR};
use crate::pipeline::Pipeline;
use crate::spikes::Spike;
use crate::table::Table;

/// Thresholds that are looked at, in multiples of the noise.
const THRESHOLDS: [f64; 9] = [4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0];

/// The thresholds that are looked at, from the floor of the peaks on: below it, peaks were not kept.
#[must_use]
pub fn thresholds_from(floor: f64) -> Vec<f64> {
    THRESHOLDS.into_iter().filter(|threshold| *threshold >= floor).collect()
}

/// The peaks of a run, to which any threshold above their floor can be applied.
#[derive(Clone, Copy)]
pub struct AboveFloor<'a> {
    /// The engine that found the peaks.
    pub engine: &'a Engine,
    /// Peaks above the floor, sorted.
    pub peaks: &'a [Spike],
    /// Noise of each channel in microvolts.
    pub noise_uv: &'a [f32],
}

/// The numbers of the headline at one threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtThreshold {
    /// In multiples of the noise.
    pub threshold: f64,
    /// The numbers.
    pub headline: Headline,
}

impl AboveFloor<'_> {
    /// The thresholds that can be looked at.
    #[must_use]
    pub fn thresholds(&self) -> Vec<f64> {
        thresholds_from(f64::from(FLOOR.min(self.engine.settings().detection.detect_threshold)))
    }

    /// The numbers at a threshold: those of a run with it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "as the engine takes it from a pipeline")]
    pub fn at(&self, threshold: f64) -> AtThreshold {
        let Self { engine, peaks, noise_uv } = *self;
        let factor = threshold as f32;
        let spikes = engine.spikes(peaks, &engine.thresholds_at(factor, noise_uv));
        let trains = SpikeTrains::new(engine.info(), &spikes, None);
        let measured = Measured {
            trains: &trains,
            pipeline: &Pipeline::empty(),
            noise_uv,
            threshold: factor,
            dead: &[],
            spikes: &spikes,
        };
        AtThreshold { threshold, headline: Headline::new(&measured) }
    }
}

/// The numbers of the headline over the threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sensitivity {
    /// In ascending order.
    at: Vec<AtThreshold>,
}

/// Computes the numbers at every threshold.
#[must_use]
pub fn sensitivity(of: &AboveFloor<'_>) -> Sensitivity {
    Sensitivity::new(of.thresholds().into_iter().map(|threshold| of.at(threshold)).collect())
}

impl Sensitivity {
    /// From the numbers at some thresholds, in any order.
    #[must_use]
    pub fn new(mut at: Vec<AtThreshold>) -> Self {
        at.sort_by(|one, other| one.threshold.total_cmp(&other.threshold));
        Self { at }
    }

    /// The numbers at each threshold, in ascending order.
    #[must_use]
    pub fn at(&self) -> &[AtThreshold] {
        &self.at
    }

    /// All numbers, a row for each threshold. The last column tells why numbers are absent.
    #[must_use]
    pub fn table(&self) -> Table {
        let headlines = || self.at.iter().map(|at| &at.headline);
        let reasons = |of: &Headline| {
            let reasons = of.absent.iter().map(|(field, reason)| format!("{field}: {reason}"));
            reasons.collect::<Vec<_>>().join("; ")
        };
        Table::new("sensitivity", "Numbers over the threshold")
            .numbers(("threshold_x_noise", "Threshold", "x noise"), self.at.iter().map(|at| Some(at.threshold)))
            .counts(("n_spikes", "Spikes"), headlines().map(|of| of.n_spikes))
            .counts(("active_electrodes", "Active electrodes"), headlines().map(|of| of.active_electrodes as u64))
            .numbers(("mean_rate_hz", "Firing rate", "Hz"), headlines().map(|of| of.mean_rate_hz))
            .counts(("n_bursts", "Bursts"), headlines().map(|of| of.n_bursts))
            .numbers(("bursts_per_min", "Burst rate", "per min"), headlines().map(|of| of.bursts_per_min))
            .numbers(
                ("network_bursts_per_min", "Network bursts", "per min"),
                headlines().map(|of| of.network_bursts_per_min),
            )
            .numbers(
                ("network_bursts_per_min_shifted", "Network bursts in shifted copies", "per min"),
                headlines().map(|of| of.network_bursts_per_min_shifted),
            )
            .numbers(("synchrony_sttc", "Synchrony (STTC)", ""), headlines().map(|of| of.synchrony_sttc))
            .texts(("absent", "Absent"), headlines().map(reasons))
    }
}

#[cfg(test)]
mod tests;
