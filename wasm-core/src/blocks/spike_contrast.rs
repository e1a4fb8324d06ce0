//! Synchrony of all electrodes at the time scale at which it is greatest.

use super::of_rows::{row_of_each, with_wells};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{
    BinWidth, Binned, CONTRAST_SHRINK, ContrastScales, SYNCHRONY_MIN_ACTIVE, SegmentTrains, SpikeTrains, mean,
};
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::duration;
use crate::table::Table;

const MIN_BIN_MS: ParamSpec = ParamSpec::number(
    "min_bin_ms",
    ("Down to", "ms"),
    (1.0, 1000.0),
    (1.0, 10.0),
    "10 ms: Ciba et al. 2018; finer scales see the shape of a volley, and take longer.",
);

/// Copies that tell what chance brings; each is looked at on every scale.
const N_COPIES: u64 = 5;

/// Computes it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "spike_contrast",
    version: 1,
    title: "Synchrony over time scales (Spike-contrast)",
    purpose: "How synchronous is the culture, and on which time scale?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&MIN_BIN_MS],
    source: "Ciba et al. 2018, doi:10.1016/j.jneumeth.2017.09.008",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "The spikes of the active electrodes of a culture are counted in bins that overlap by half. Contrast is how \
         much the count changes from bin to bin, divided by twice the number of spikes; it is multiplied by the mean \
         share of the other electrodes that fire in the bin of a spike. The bin shrinks from half the recording down \
         to {} ms, or half the shortest interval of an electrode where that is longer, each {CONTRAST_SHRINK} times \
         the one before; the synchrony is the largest product, 1 where all electrodes fire alike. Independent \
         electrodes do not have 0: compare with the mean of {N_COPIES} copies in which every electrode is moved \
         along the recording by a time of its own. What does not lie above all of them by more than they differ among \
         each other is not more than chance.",
        values.text(&MIN_BIN_MS)
    )
}

/// Spike-contrast of one culture.
struct Own {
    /// One of its channels.
    first: usize,
    n_active: usize,
    /// Width in milliseconds, synchrony, and that of the copies.
    curve: Vec<(f64, Option<f64>, Option<f64>)>,
    /// The largest of each copy.
    copies: Vec<f64>,
}

impl Own {
    /// `None` of fewer than two active electrodes.
    fn new(of: &SpikeTrains, culture: &[usize], min_bin_ms: f64) -> Option<Self> {
        let active = of.active(&of.throughout(culture));
        if active.len() < SYNCHRONY_MIN_ACTIVE {
            return None;
        }
        let segments = of.segments_of(&active);
        let scales = ContrastScales::new(&segments, min_bin_ms / 1000.0 * of.rate_hz())?;
        let found = scales.synchrony(&segments);
        let binned = Binned::whole(&segments, BinWidth::of_frames(1));
        let copy = |copy: u64| {
            let moved = binned.shifted(copy);
            let trains: Vec<SegmentTrains<'_>> = moved.trains();
            scales.synchrony(&trains)
        };
        let copies: Vec<Vec<Option<f64>>> = (0..N_COPIES).map(copy).collect();
        let curve = scales.widths.iter().zip(found).enumerate().map(|(at, (width, synchrony))| {
            (width * 1000.0 / of.rate_hz(), synchrony, mean(copies.iter().filter_map(|own| own[at])))
        });
        let most = |own: &Vec<Option<f64>>| own.iter().copied().flatten().reduce(f64::max);
        Some(Self {
            first: active[0],
            n_active: active.len(),
            curve: curve.collect(),
            copies: copies.iter().filter_map(most).collect(),
        })
    }

    /// The largest of the copies, on average.
    fn shifted(&self) -> Option<f64> {
        mean(self.copies.iter().copied())
    }

    /// The scale of the greatest synchrony, in milliseconds, and the synchrony; the widest of equals.
    fn best(&self) -> Option<(f64, f64)> {
        let known = self.curve.iter().filter_map(|(width_ms, synchrony, _)| Some((*width_ms, (*synchrony)?)));
        known.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let min_bin_ms = values.number(&MIN_BIN_MS);
    let all: Vec<Own> = of.cultures().iter().filter_map(|culture| Own::new(of, culture, min_bin_ms)).collect();
    // Of a plate the well with most active electrodes is drawn.
    let Some(drawn) = all.iter().rev().max_by_key(|own| own.n_active) else {
        return Outcome::absent(of.no_pair());
    };
    Outcome { tables: vec![cultures(of, &all), curves(of, &all)], figures: vec![curve(of, drawn)], absent: None }
}

fn cultures(of: &SpikeTrains, all: &[Own]) -> Table {
    row_of_each(of, ("cultures", "Cultures"), all.iter().map(|own| own.first))
        .counts(("active_electrodes", "Active electrodes"), all.iter().map(|own| own.n_active as u64))
        .numbers(("spike_contrast", "Synchrony", ""), all.iter().map(|own| own.best().map(|best| best.1)))
        .numbers(("spike_contrast_shifted", "In shifted copies", ""), all.iter().map(Own::shifted))
        .numbers(("scale_ms", "Time scale", "ms"), all.iter().map(|own| own.best().map(|best| best.0)))
}

fn curves(of: &SpikeTrains, all: &[Own]) -> Table {
    let rows = || all.iter().flat_map(|own| own.curve.iter().map(move |row| (own, row)));
    with_wells(Table::new("scales", "Time scales"), of, rows().map(|(own, _)| own.first))
        .numbers(("scale_ms", "Time scale", "ms"), rows().map(|(_, row)| Some(row.0)))
        .numbers(("synchrony", "Synchrony", ""), rows().map(|(_, row)| row.1))
        .numbers(("synchrony_shifted", "In shifted copies", ""), rows().map(|(_, row)| row.2))
}

/// Whether a synchrony lies above those of all copies by more than these differ among each other, which chance brings
/// once in some sixty times.
fn is_more(synchrony: f64, copies: &[f64]) -> bool {
    let (low, high) =
        copies.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), own| (low.min(*own), high.max(*own)));
    synchrony - high > high - low
}

/// Synchrony over the time scale.
fn curve(of: &SpikeTrains, own: &Own) -> Figure {
    let well = of.well(own.first);
    let place = if well.is_empty() { String::new() } else { format!(" of well {well}") };
    let found = own.curve.iter().filter_map(|row| Some((row.0, row.1?))).collect();
    let shifted: Vec<(f64, f64)> = own.curve.iter().filter_map(|row| Some((row.0, row.2?))).collect();
    let widest = own.curve.first().map_or(10.0, |row| row.0);
    let finest = own.curve.last().map_or(1.0, |row| row.0);
    let best = own.best().map_or_else(String::new, |(scale_ms, synchrony)| {
        format!(", greatest with {synchrony:.3} at {}", duration(scale_ms / 1000.0))
    });
    let chance = own.best().zip(own.shifted()).map_or_else(String::new, |((_, synchrony), shifted)| {
        let verdict = if is_more(synchrony, &own.copies) { "more" } else { "not more" };
        format!("; {shifted:.3} in shifted copies (points): it is {verdict} than chance")
    });
    Figure {
        id: "scales".into(),
        title: format!("Synchrony over time scales{place}"),
        sentence: format!("The synchrony of {} active electrodes{place} (line){best}{chance}.", own.n_active),
        x: Axis::log("Time scale", "ms", (finest, if widest > finest { widest } else { finest * 10.0 })),
        y: Axis::linear("Synchrony", "", (0.0, 1.0)),
        layers: vec![Layer::Points { points: shifted }, Layer::Line { points: found }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copies_reach_is_not_more_than_chance() {
        let copies = [0.10, 0.11, 0.12];
        // The copies lie 0.02 apart: more begins above 0.14.
        assert_eq!([0.11, 0.13, 0.15].map(|found| is_more(found, &copies)), [false, false, true]);
    }
}
