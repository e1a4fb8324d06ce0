//! Which electrode fires how long before or behind another.

use std::cmp::{Ordering, Reverse};

use super::of_pairs::{Chosen, chosen, frames, ms, of_cultures, of_each_pair};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{Correlogram, Correlograms, DelayBins, DelayPeak, SpikeTrains};
use crate::decimals::fixed;
use crate::figure::{Axis, Figure, Layer};
use crate::numbers::counted;

const BIN_MS: ParamSpec = ParamSpec::number(
    "bin_ms",
    ("Bins of", "ms"),
    (0.1, 20.0),
    (0.1, 1.0),
    "1 ms: the usual one for connections between neurons, whose delays are a few milliseconds.",
);
const WINDOW_MS: ParamSpec = ParamSpec::number(
    "window_ms",
    ("Up to", "ms"),
    (5.0, 1000.0),
    (5.0, 50.0),
    "50 ms to each side, as for the synchrony of pairs; connections lie within 10 ms, common bursts reach beyond.",
);
const MAX_ELECTRODES: ParamSpec = ParamSpec::number(
    "max_electrodes",
    ("At most", "electrodes"),
    (2.0, 64.0),
    (1.0, 16.0),
    "16 electrodes of a well: those with most spikes. Few spikes make no correlogram, and more pairs ask more of each.",
);

/// A pair is above chance where its probability, over all bins and pairs of the well, is below this.
const MAX_PROBABILITY: f64 = 0.01;

/// Delays between the spikes of pairs.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "cross_correlograms",
    version: 1,
    title: "Delays of pairs (cross-correlograms)",
    purpose: "Which electrode fires before which, and how long?",
    takes: Port::Spikes,
    gives: Port::Pairs,
    optional: true,
    params: &[&BIN_MS, &WINDOW_MS, &MAX_ELECTRODES],
    source: "Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86597-4; Poisson limits: Abeles 1982, doi:10.1016/0165-0270(82)90002-4",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "For all pairs of active electrodes of a well, of at most the {} with most spikes, the delays from each spike of \
         the first to the spikes of the second are counted in bins of {} ms (a whole number of frames) up to {} ms to \
         both sides. The bin in the middle begins half a bin before 0, and a delay on the limit of two bins belongs to \
         the later one. The peak is the highest bin; its delay is above 0 where the second electrode follows. \
         Electrodes that know nothing of each other and fire evenly would bring n_a n_b w / T delays into a bin, with \
         n_a and n_b spikes, w the length of the bin and T that of the recording, less what its ends cut off; z is \
         (count - expected) / square root of expected. The probability is that of a Poisson count as high as the peak, \
         times the number of bins and of pairs of the well; below {MAX_PROBABILITY} a pair is said to be above chance. \
         Common bursts bring a pair there too, and so can bursts of electrodes that know nothing of each other: a peak \
         is no proof of a connection. At 0 ms, close electrodes may see the same neuron.",
        values.text(&MAX_ELECTRODES),
        values.text(&BIN_MS),
        values.text(&WINDOW_MS)
    )
}

/// The correlogram of two channels.
struct Pair {
    a: usize,
    b: usize,
    /// None where no delay lies within the window.
    peak: Option<DelayPeak>,
    /// Logarithm of the number of bins and pairs.
    ln_tests: f64,
}

impl Pair {
    /// The probability that chance brings such a peak into any bin of any pair of the well.
    fn probability(&self) -> Option<f64> {
        self.peak.map(|peak| libm::exp((peak.ln_p + self.ln_tests).min(0.0)))
    }

    fn is_above_chance(&self) -> bool {
        self.probability().is_some_and(|probability| probability < MAX_PROBABILITY)
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of bins and pairs")]
fn pairs(of: &SpikeTrains, chosen: &Chosen, bins: DelayBins) -> Vec<Pair> {
    let segments = of.segments_of(&chosen.channels);
    let all = Correlograms::new(&segments, bins);
    let n_pairs = chosen.pairs().count();
    let ln_tests = libm::log(bins.n() as f64 * n_pairs as f64);
    let pair = |(a, b): (usize, usize)| Pair {
        a: chosen.channels[a],
        b: chosen.channels[b],
        peak: all.of_pair(a, b).peak(),
        ln_tests,
    };
    chosen.pairs().map(pair).collect()
}

/// Computes it.
#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let all = match chosen(of, values.count(&MAX_ELECTRODES)) {
        Ok(all) => all,
        Err(reason) => return Outcome::absent(reason),
    };
    let width = frames(of, values.number(&BIN_MS)).max(1);
    let n_beside = ((frames(of, values.number(&WINDOW_MS)) + width / 2) / width).max(1);
    let bins = DelayBins { width, n_beside };
    let own: Vec<Vec<Pair>> = all.iter().map(|chosen| pairs(of, chosen, bins)).collect();
    let above = |own: &Vec<Pair>| own.iter().filter(|pair| pair.is_above_chance()).count();
    let share = |own: &Vec<Pair>| (!own.is_empty()).then(|| above(own) as f64 * 100.0 / own.len() as f64);
    let cultures = of_cultures(of, &all)
        .counts(("n_pairs", "Pairs"), own.iter().map(|own| own.len() as u64))
        .counts(("n_pairs_above_chance", "Pairs above chance"), own.iter().map(|own| above(own) as u64))
        .numbers(("percent_pairs_above_chance", "Share above chance", "%"), own.iter().map(share));
    let list: Vec<&Pair> = own.iter().flatten().collect();
    let channels: Vec<(usize, usize)> = list.iter().map(|pair| (pair.a, pair.b)).collect();
    let numbers =
        |value: &dyn Fn(&DelayPeak) -> f64| list.iter().map(|pair| pair.peak.as_ref().map(value)).collect::<Vec<_>>();
    let table = of_each_pair(of, &channels)
        .numbers(("peak_delay_ms", "Delay of the peak", "ms"), numbers(&|peak| ms(of, peak.delay)))
        .counts(("peak_count", "Delays in the peak"), list.iter().map(|pair| pair.peak.map_or(0, |peak| peak.count)))
        .numbers(("expected_count", "By chance", ""), numbers(&|peak| peak.expected))
        .numbers(("peak_ratio", "Times chance", ""), numbers(&|peak| peak.count as f64 / peak.expected))
        .numbers(("z", "Deviations above chance (z)", ""), numbers(&|peak| peak.z))
        .numbers(("p_corrected", "Probability by chance", ""), list.iter().map(|pair| pair.probability()));
    let peaks = list.iter().filter_map(|pair| pair.peak.map(|peak| (*pair, peak)));
    let strongest = peaks.min_by(|(_, one), (_, other)| one.ln_p.total_cmp(&other.ln_p));
    let verdict = told_above(own.iter().map(above).sum(), list.len());
    let draw = |(pair, peak): (&Pair, DelayPeak)| {
        let segments = of.segments_of(&[pair.a, pair.b]);
        let both = Correlograms::new(&segments, bins);
        vec![of_pair(of, (pair, peak), &both.of_pair(0, 1), &verdict), of_one(of, pair.a, &both.of_one(0))]
    };
    let figures = strongest.map(draw).unwrap_or_default();
    Outcome { tables: vec![cultures, table], figures, absent: None }
}

/// How many pairs are above chance, as a sentence.
fn told_above(n_above: usize, n_pairs: usize) -> String {
    let verb = if n_above == 1 { "is" } else { "are" };
    format!("{n_above} of {} {verb} more than chance.", counted(n_pairs as u64, "pair"))
}

/// The correlogram of the pair whose peak is least likely by chance.
fn of_pair(of: &SpikeTrains, (pair, peak): (&Pair, DelayPeak), correlogram: &Correlogram, verdict: &str) -> Figure {
    let label = |channel: usize| of.info().channel_label(channel);
    let (a, b) = (label(pair.a), label(pair.b));
    let delay_ms = ms(of, peak.delay.abs());
    let when = match peak.delay.cmp(&0) {
        Ordering::Less => format!("{delay_ms:.1} ms before"),
        Ordering::Equal => "at the same time as".into(),
        Ordering::Greater => format!("{delay_ms:.1} ms after"),
    };
    let sentence = format!(
        "{verdict} The pair whose peak is least likely by chance: electrode {b} fires most often {when} electrode {a}, {} \
         in a bin of {} ms, where chance brings {:.2}, as the line shows (z is {}).",
        counted(peak.count, "time"),
        ms(of, correlogram.bins.width),
        peak.expected,
        fixed(peak.z, 1)
    );
    let title = format!("Delays from electrode {a} to electrode {b}");
    drawn(of, correlogram, ("correlogram", title.as_str(), sentence), &format!("{b} after {a}"))
}

/// The autocorrelogram of its first electrode.
fn of_one(of: &SpikeTrains, channel: usize, correlogram: &Correlogram) -> Figure {
    let label = of.info().channel_label(channel);
    let middle = correlogram.counts.len() / 2;
    let order = |bin: &usize| (correlogram.counts[*bin], Reverse(*bin));
    let highest = (middle..correlogram.counts.len()).max_by_key(order).filter(|bin| correlogram.counts[*bin] > 0);
    let most: String = match highest {
        None => "no two of them lie within the window".into(),
        Some(bin) if bin == middle => "most often they lie within half a bin of each other".into(),
        Some(bin) => format!("most often they lie {:.1} ms apart", ms(of, correlogram.bins.delay(bin))),
    };
    let sentence =
        format!("The {} of electrode {label} against each other: {most}.", counted(of.n_spikes(channel), "spike"));
    let title = format!("Delays between the spikes of electrode {label}");
    drawn(of, correlogram, ("autocorrelogram", title.as_str(), sentence), "Delay")
}

/// Bars of what was counted, and a line of what chance would bring.
#[expect(clippy::cast_precision_loss, reason = "counts of delays")]
fn drawn(of: &SpikeTrains, correlogram: &Correlogram, names: (&str, &str, String), along: &str) -> Figure {
    let (bins, n) = (correlogram.bins, correlogram.counts.len());
    // Half a bin may be half a frame.
    let edges: Vec<f64> = (0..=n).map(|bin| ms(of, 2 * bins.delay(bin) - bins.width) / 2.0).collect();
    let heights: Vec<f64> = correlogram.counts.iter().map(|count| *count as f64).collect();
    let most = heights.iter().chain(&correlogram.expected).copied().fold(0.0, f64::max);
    let points = correlogram.expected.iter().enumerate().map(|(bin, expected)| (ms(of, bins.delay(bin)), *expected));
    let (id, title, sentence) = names;
    Figure {
        id: id.into(),
        title: title.into(),
        sentence,
        x: Axis::linear(along, "ms", (edges[0], edges[n])),
        y: Axis::linear("Delays in a bin", "", (0.0, if most > 0.0 { most } else { 1.0 })),
        layers: vec![Layer::Bars { edges, heights }, Layer::Line { points: points.collect() }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_counts_in_words() {
        assert_eq!(told_above(0, 120), "0 of 120 pairs are more than chance.");
        assert_eq!(told_above(1, 1), "1 of 1 pair is more than chance.");
    }
}
