//! The tables of spikes by phase: a row for each electrode, and the phases of all.

use super::locking::{Locking, N_BINS};
use crate::analyses::{SpikeTrains, benjamini_hochberg, degrees};
use crate::blocks::of_rows::with_wells;
use crate::figure::{Axis, Figure, Layer};
use crate::table::Table;

/// Adjusted p up to which an electrode is told to lock.
const LOCKED_P: f64 = 0.05;

/// The table, and the histogram where there are spikes enough.
pub fn shown(of: &SpikeTrains, found: &[Locking], band_hz: (f64, f64), min_spikes: u64) -> (Table, Option<Figure>) {
    let is_enough = |own: &&Locking| own.directions.n >= min_spikes;
    let known: Vec<f64> = found.iter().filter(is_enough).filter_map(|own| own.directions.rayleigh_p()).collect();
    let mut rest = benjamini_hochberg(&known).into_iter();
    let adjusted: Vec<Option<f64>> = found.iter().map(|own| if is_enough(&own) { rest.next() } else { None }).collect();
    (table(of, found, &adjusted), figure(found, &adjusted, band_hz))
}

fn table(of: &SpikeTrains, found: &[Locking], adjusted: &[Option<f64>]) -> Table {
    let label = |channel: usize| of.info().channel_label(channel).to_owned();
    // What is said of few spikes is chance.
    let of_many =
        |value: fn(&Locking) -> Option<f64>| found.iter().zip(adjusted).map(move |(own, p)| p.and_then(|_| value(own)));
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), found.iter().map(|own| label(own.channel)));
    with_wells(table, of, found.iter().map(|own| own.channel))
        .texts(("field_of", "Field potential of"), found.iter().map(|own| label(own.field_of)))
        .counts(("n_spikes", "Spikes"), found.iter().map(|own| own.directions.n))
        .numbers(("preferred_phase_deg", "Preferred phase", "°"), of_many(|own| own.directions.mean_rad().map(degrees)))
        .numbers(("resultant", "Resultant", ""), of_many(|own| own.directions.length()))
        .numbers(("resultant_by_chance", "Resultant of shifted copies", ""), of_many(|own| own.by_chance))
        .numbers(("rayleigh_p", "Rayleigh's p", ""), of_many(|own| own.directions.rayleigh_p()))
        .numbers(("p_adjusted", "p, adjusted", ""), adjusted.iter().copied())
        .numbers(("ppc", "Pairwise consistency (PPC)", ""), of_many(|own| own.directions.pairwise_consistency()))
}

#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn figure(found: &[Locking], adjusted: &[Option<f64>], (low_hz, high_hz): (f64, f64)) -> Option<Figure> {
    let used: Vec<(&Locking, f64)> = found.iter().zip(adjusted).filter_map(|(own, p)| Some((own, (*p)?))).collect();
    let mut counts = [0_u64; N_BINS];
    for (own, _) in &used {
        counts.iter_mut().zip(own.bins).for_each(|(sum, n)| *sum += n);
    }
    let n_spikes: u64 = counts.iter().sum();
    if n_spikes == 0 {
        return None;
    }
    let n_locked = used.iter().filter(|(_, p)| *p <= LOCKED_P).count();
    let edges = (0..=N_BINS).map(|at| at as f64 * 360.0 / N_BINS as f64 - 180.0).collect();
    let heights: Vec<f64> = counts.iter().map(|n| *n as f64).collect();
    let most = heights.iter().copied().fold(1.0, f64::max);
    Some(Figure {
        id: "phases".into(),
        title: "Phases of spikes".into(),
        sentence: format!(
            "{n_spikes} spikes of {} electrodes by phase of the field potential from {low_hz} to {high_hz} Hz; 0° is \
             the peak of the wave. {n_locked} electrodes lock (adjusted p up to {LOCKED_P}).",
            used.len()
        ),
        x: Axis::linear("Phase", "°", (-180.0, 180.0)),
        y: Axis::linear("Spikes", "", (0.0, most)),
        layers: vec![Layer::Bars { edges, heights }],
    })
}
