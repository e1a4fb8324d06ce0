//! Avalanches, and how one spike leads to others.

mod branching;
mod figures;
mod tables;

use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{
    AvalancheCounts, Avalanches, BinWidth, Binned, DECAY_MIN_R_SQUARED, SHIFTED_COPIES, SYNCHRONY_MIN_ACTIVE,
    SpikeTrains, pooled_interval,
};
use branching::Branching;

const BIN_MS: ParamSpec = ParamSpec::number(
    "bin_ms",
    ("Bin of avalanches", "ms"),
    (0.0, 1000.0),
    (0.5, 0.0),
    "0: the mean interval between the spikes of all electrodes of the culture, its own for each (Beggs & Plenz 2003).",
);
const MR_BIN_MS: ParamSpec = ParamSpec::number(
    "mr_bin_ms",
    ("Bin of branching", "ms"),
    (1.0, 100.0),
    (1.0, 4.0),
    "4 ms: Wilting & Priesemann 2018; about the time in which a spike leads to the next.",
);
const MR_LAGS: ParamSpec = ParamSpec::number(
    "mr_lags",
    ("Lags of branching", "bins"),
    (10.0, 500.0),
    (1.0, 100.0),
    "100 bins, 400 ms at 4 ms: decays of some 100 ms, as cultures and cortex have them, show within it.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "avalanches",
    version: 1,
    title: "Avalanches and branching",
    purpose: "Does one spike lead to one other, to fewer, or to more? Always read beside the shifted copies.",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&BIN_MS, &MR_BIN_MS, &MR_LAGS],
    source: "Avalanches: Beggs & Plenz 2003, doi:10.1523/JNEUROSCI.23-35-11167.2003; branching: Wilting & Priesemann 2018, doi:10.1038/s41467-018-04725-4; Spitzner et al. 2021, doi:10.1371/journal.pone.0249447",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let bin = if values.number(&BIN_MS) > 0.0 {
        format!("{} ms", values.text(&BIN_MS))
    } else {
        "the mean interval between these spikes".into()
    };
    format!(
        "The spikes of all electrodes of a culture are counted together in bins of {bin}; an avalanche is a stretch \
         of bins that are not silent. Branching is given by three definitions that differ: the spikes in the second \
         bin of an avalanche divided by those in its first (0 where there is no second), the mean over avalanches; \
         the spikes in a bin divided by those in the bin before, the mean over all bins before that are not silent; \
         and m (MR estimator), which stays right when few neurons are seen: r_k is the slope of the regression of \
         the spikes in a bin of {} ms on those k bins before, k from 1 to {}, and m the factor by which a fitted \
         exponential without offset falls from k to k + 1. There is no m where the r_k do not decay, the fit \
         explains less than {} % of their variance (adjusted R²), or r_1 is not above that of all shifted copies. \
         The same numbers are given for {SHIFTED_COPIES} copies, in which every electrode is moved along the \
         recording by a time of its own: what they have, too, is no sign of a network.",
        values.text(&MR_BIN_MS),
        values.text(&MR_LAGS),
        DECAY_MIN_R_SQUARED * 100.0,
    )
}

/// Avalanches of one culture.
pub struct Own {
    /// One of its channels.
    first: usize,
    /// Electrodes that fire.
    n_firing: usize,
    bin_ms: f64,
    found: Avalanches,
    /// In each copy.
    shifted: Vec<Avalanches>,
    branching: Branching,
}

impl Own {
    /// `None` of fewer than two active electrodes.
    #[expect(clippy::cast_possible_truncation, reason = "the ranges bound it")]
    fn new(of: &SpikeTrains, culture: &[usize], values: Values<'_>) -> Option<Self> {
        let compared = of.throughout(culture);
        if of.active(&compared).len() < SYNCHRONY_MIN_ACTIVE {
            return None;
        }
        let firing: Vec<usize> = compared.into_iter().filter(|at| of.n_spikes(*at) > 0).collect();
        let segments = of.segments_of(&firing);
        let to_frames = |ms: f64| BinWidth::of_frames((ms / 1000.0 * of.rate_hz()).round() as i64);
        let bin_ms = values.number(&BIN_MS);
        let width = if bin_ms > 0.0 { to_frames(bin_ms) } else { pooled_interval(&segments)? };
        let binned = Binned::new(&segments, width);
        let for_branching = Binned::whole(&segments, to_frames(values.number(&MR_BIN_MS)));
        Some(Self {
            first: firing[0],
            n_firing: firing.len(),
            bin_ms: width.n_frames() * 1000.0 / of.rate_hz(),
            found: Avalanches::new(&binned),
            shifted: (0..SHIFTED_COPIES).map(|copy| Avalanches::new(&binned.shifted(copy))).collect(),
            branching: Branching::new(&for_branching, values.count(&MR_LAGS)),
        })
    }

    /// Counts of all copies together.
    fn counts_shifted(&self, counts: fn(&Avalanches) -> &AvalancheCounts) -> AvalancheCounts {
        let mut all = AvalancheCounts::new();
        for (value, count) in self.shifted.iter().flat_map(counts) {
            *all.entry(*value).or_default() += count;
        }
        all
    }
}

/// Computes them.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let all: Vec<Own> = of.cultures().iter().filter_map(|culture| Own::new(of, culture, values)).collect();
    // Of a plate the well with most electrodes that fire is drawn.
    let Some(drawn) = all.iter().rev().max_by_key(|own| own.n_firing) else {
        return Outcome::absent(of.no_pair());
    };
    let mr_bin_ms = values.number(&MR_BIN_MS);
    Outcome {
        tables: vec![
            tables::cultures(of, &all, mr_bin_ms),
            tables::counted(of, &all, tables::SIZES),
            tables::counted(of, &all, tables::DURATIONS),
            tables::coefficients(of, &all, mr_bin_ms),
        ],
        figures: figures::all(of, drawn, mr_bin_ms),
        absent: None,
    }
}
