//! Which electrodes fire together.

use ndarray::Array2;

use super::of_pairs::{Chosen, chosen, frames, labels, of_each_pair};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{SYNCHRONY_MIN_ACTIVE, SpikeTrains, mean, sttc_matrix};
use crate::decimals::fixed;
use crate::figure::{Axis, Figure, Layer};
use crate::table::Table;

const DT_MS: ParamSpec = ParamSpec::number(
    "dt_ms",
    ("Within", "ms"),
    (1.0, 1000.0),
    (1.0, 50.0),
    "50 ms: Cutts & Eglen 2014, and the synchrony that is shown above; 10 to 25 ms for connections.",
);
const MAX_ELECTRODES: ParamSpec = ParamSpec::number(
    "max_electrodes",
    ("At most", "electrodes"),
    (2.0, 256.0),
    (1.0, 64.0),
    "64 electrodes of a well: those with most spikes; a matrix of more is hard to read, and its table has a row for each pair.",
);

/// The spike time tiling coefficient of every pair.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "sttc",
    version: 1,
    title: "Synchrony of pairs (STTC)",
    purpose: "Which electrodes fire together, more often than by chance?",
    takes: Port::Spikes,
    gives: Port::Pairs,
    optional: false,
    params: &[&DT_MS, &MAX_ELECTRODES],
    source: "Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "The spike time tiling coefficient tells how much more often than by chance two electrodes fire within {} ms of \
         each other, whatever their rates: 1 is always, 0 as often as by chance. It is given for all pairs of active \
         electrodes of a well, of at most the {} with most spikes; not where an electrode fires so densely that no \
         time is away from its spikes.",
        values.text(&DT_MS),
        values.text(&MAX_ELECTRODES)
    )
}

/// The pairs of one culture.
struct Own {
    /// Channels of the culture, in order.
    channels: Vec<usize>,
    matrix: Array2<f64>,
}

impl Own {
    /// Each pair once: two places and the coefficient.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let n = self.channels.len();
        (0..n).flat_map(move |a| (a + 1..n).map(move |b| (a, b, self.matrix[(a, b)])))
    }

    fn mean(&self) -> Option<f64> {
        mean(self.pairs().map(|(.., value)| value).filter(|value| value.is_finite()))
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let dt = frames(of, values.number(&DT_MS));
    let chosen = match chosen(of, values.count(&MAX_ELECTRODES)) {
        Ok(chosen) => chosen.into_iter().filter(|own| own.channels.len() >= SYNCHRONY_MIN_ACTIVE),
        Err(reason) => return Outcome::absent(reason),
    };
    let own = |Chosen { channels, .. }: Chosen| Own { matrix: sttc_matrix(&of.segments_of(&channels), dt), channels };
    let all: Vec<Own> = chosen.map(own).collect();
    let pairs = || all.iter().flat_map(|own| own.pairs().map(move |pair| (own, pair)));
    let mut tables = Vec::new();
    if of.info().wells.is_some() {
        tables.push(
            Table::new("wells", "Wells")
                .texts(("well", "Well"), all.iter().map(|own| of.well(own.channels[0]).to_owned()))
                .counts(("n_electrodes", "Electrodes"), all.iter().map(|own| own.channels.len() as u64))
                .numbers(("sttc", "Mean of all pairs", ""), all.iter().map(Own::mean)),
        );
    }
    let channels: Vec<(usize, usize)> = pairs().map(|(own, (a, b, _))| (own.channels[a], own.channels[b])).collect();
    tables
        .push(of_each_pair(of, &channels).numbers(("sttc", "STTC", ""), pairs().map(|(.., (.., value))| Some(value))));
    // Of a plate the matrix of the well with most active electrodes is drawn.
    let drawn = all.iter().rev().max_by_key(|own| own.channels.len());
    Outcome { tables, figures: drawn.map(|own| matrix(of, own)).into_iter().collect(), absent: None }
}

#[expect(clippy::cast_precision_loss, reason = "electrodes")]
fn matrix(of: &SpikeTrains, own: &Own) -> Figure {
    let n = own.channels.len() as f64;
    let well = of.well(own.channels[0]);
    let place = if well.is_empty() { String::new() } else { format!(" of well {well}") };
    let mean = own.mean().map_or_else(String::new, |mean| format!("; the mean of all pairs is {}", fixed(mean, 3)));
    Figure {
        id: "matrix".into(),
        title: format!("Synchrony of {} electrodes{place}", own.channels.len()),
        sentence: format!(
            "The spike time tiling coefficient of {} active electrodes{place}{mean}. Colours are those of the pairs: \
             the diagonal, an electrode with itself, is left out of their scale.",
            own.channels.len()
        ),
        x: Axis::linear("Electrode", "", (0.0, n)),
        y: Axis::linear("Electrode", "", (0.0, n)),
        layers: vec![Layer::Matrix {
            values: own.matrix.clone(),
            range: scale(own.pairs().map(|(.., value)| value)),
            names: labels(of, &own.channels),
            value: "STTC".into(),
        }],
    }
}

/// The colour scale of coefficients: from 0, or from what is below it, to the largest.
fn scale(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let ends = (0.0, f64::NEG_INFINITY);
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold(ends, |(low, high), value| (f64::min(low, value), f64::max(high, value)));
    (low, if high > low { high } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn the_scale_ends_with_the_largest_pair() {
        assert_eq!(scale([0.2, f64::NAN, 0.4].into_iter()), (0.0, 0.4));
        assert_eq!(scale([-0.1, 0.3].into_iter()), (-0.1, 0.3));
        assert_eq!((scale([0.0].into_iter()), scale(std::iter::empty())), ((0.0, 1.0), (0.0, 1.0)));
    }
}
