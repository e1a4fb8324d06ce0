//! The parts that all analyses of pairs share: the choice of electrodes, their distances, and the first columns of
//! the tables.

use std::cmp::Reverse;

use super::ParamSpec;
use super::of_rows::{row_of_each, with_wells};
use crate::analyses::{SYNCHRONY_MIN_ACTIVE, SpikeTrains};
use crate::table::Table;

/// Electrodes of a well of which a measure is taken of every pair, at most.
pub const MAX_ELECTRODES: ParamSpec = ParamSpec::number(
    "max_electrodes",
    ("At most", "electrodes"),
    (2.0, 256.0),
    (1.0, 64.0),
    "64 electrodes of a well: those with most spikes, as for the synchrony of pairs.",
);

/// The electrodes of one culture that pairs are made of.
pub struct Chosen {
    /// A channel of the culture, which tells its well.
    pub first: usize,
    /// Active electrodes of the culture.
    pub n_active: usize,
    /// Active electrodes with most spikes, in the order of the channels.
    pub channels: Vec<usize>,
}

impl Chosen {
    /// Each pair once: two places among the channels.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let n = self.channels.len();
        (0..n).flat_map(move |a| (a + 1..n).map(move |b| (a, b)))
    }

    /// Each pair once: two channels.
    pub fn pairs_of_channels(&self) -> Vec<(usize, usize)> {
        self.pairs().map(|(a, b)| (self.channels[a], self.channels[b])).collect()
    }
}

/// The electrodes of each culture, at most so many; or why there is no pair.
pub fn chosen(of: &SpikeTrains, most: usize) -> Result<Vec<Chosen>, String> {
    if let Some(reason) = of.too_short() {
        return Err(reason);
    }
    let own = |culture: &Vec<usize>| {
        let mut channels = of.active(&of.throughout(culture));
        let n_active = channels.len();
        if n_active > most {
            channels.sort_by_key(|at| Reverse(of.n_spikes(*at)));
            channels.truncate(most);
            channels.sort_unstable();
        }
        Chosen { first: culture[0], n_active, channels }
    };
    let all: Vec<Chosen> = of.cultures().iter().filter(|culture| !culture.is_empty()).map(own).collect();
    if all.iter().all(|own| own.channels.len() < SYNCHRONY_MIN_ACTIVE) {
        return Err(of.no_pair());
    }
    Ok(all)
}

/// A table with a row for each culture: its well, its active electrodes, and how many of them pairs are made of.
pub fn of_cultures(of: &SpikeTrains, all: &[Chosen]) -> Table {
    row_of_each(of, ("culture", "Culture"), all.iter().map(|own| own.first))
        .counts(("active_electrodes", "Active electrodes"), all.iter().map(|own| own.n_active as u64))
        .counts(("n_electrodes", "Electrodes in pairs"), all.iter().map(|own| own.channels.len() as u64))
}

/// Labels of channels.
pub fn labels(of: &SpikeTrains, channels: &[usize]) -> Vec<String> {
    channels.iter().map(|channel| of.info().channel_label(*channel).to_owned()).collect()
}

/// A table with a row for each pair of channels: its electrodes and their distance.
pub fn of_each_pair(of: &SpikeTrains, pairs: &[(usize, usize)]) -> Table {
    let info = of.info();
    let label = |channel: usize| info.channel_label(channel).to_owned();
    with_wells(Table::new("pairs", "Pairs"), of, pairs.iter().map(|(a, _)| *a))
        .texts(("electrode_a", "Electrode"), pairs.iter().map(|(a, _)| label(*a)))
        .texts(("electrode_b", "And electrode"), pairs.iter().map(|(_, b)| label(*b)))
        .numbers(("distance_um", "Distance", "µm"), pairs.iter().map(|(a, b)| distance_um(of, *a, *b)))
}

/// How far apart two channels are; none where nobody knows.
pub fn distance_um(of: &SpikeTrains, a: usize, b: usize) -> Option<f64> {
    let positions = of.info().positions_um.as_ref()?;
    let ([ax, ay], [bx, by]) = (positions.get(a)?, positions.get(b)?);
    Some(libm::hypot(ax - bx, ay - by)).filter(|distance| distance.is_finite())
}

/// Milliseconds in whole frames.
#[expect(clippy::cast_possible_truncation, reason = "the range of the parameter bounds it")]
pub fn frames(of: &SpikeTrains, milliseconds: f64) -> i64 {
    (milliseconds / 1000.0 * of.rate_hz()).round() as i64
}

/// Frames in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
pub fn ms(of: &SpikeTrains, n_frames: i64) -> f64 {
    n_frames as f64 * 1000.0 / of.rate_hz()
}
