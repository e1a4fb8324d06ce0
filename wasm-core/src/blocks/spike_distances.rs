//! How alike electrodes fire, without a window that somebody must choose.

use ndarray::Array2;

use super::of_pairs::{Chosen, MAX_ELECTRODES, chosen, labels, of_cultures, of_each_pair};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{DistinctTrains, Shifted, SpikeDistances, SpikeTrains, mean};
use crate::figure::{Axis, Figure, Layer};

const MEASURE: ParamSpec = ParamSpec::choice(
    "measure",
    "Matrix of",
    &[
        ("spike_synchronization", "SPIKE-synchronization"),
        ("isi_distance", "ISI-distance"),
        ("spike_distance", "SPIKE-distance"),
    ],
    "SPIKE-synchronization: as a share of spikes it is the easiest to read. The tables have all three.",
);

/// Electrodes of the shifted copy at most: its 496 pairs tell the mean, and the work stays bounded.
const COPY_ELECTRODES: usize = 32;

/// Three measures of every pair.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "spike_distances",
    version: 1,
    title: "Likeness of pairs (SPIKE)",
    purpose: "How alike do electrodes fire, on the time scale of their own intervals?",
    takes: Port::Spikes,
    gives: Port::Pairs,
    optional: true,
    params: &[&MEASURE, &MAX_ELECTRODES],
    source: "SPIKE-synchronization: Kreuz et al. 2015, doi:10.1152/jn.00848.2014; ISI-distance: Kreuz et al. 2007, doi:10.1016/j.jneumeth.2007.05.031; SPIKE-distance: Kreuz et al. 2013, doi:10.1152/jn.00873.2012; ends: Mulansky & Kreuz 2016, doi:10.1016/j.softx.2016.07.006",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "SPIKE-synchronization is the share of spikes that coincide: two spikes do if they are closer than half of the \
         shortest of the four intervals beside them. The ISI-distance is the mean over time of |x - y| / max(x, y), \
         where x and y are the intervals in which both electrodes are; the SPIKE-distance is the mean of how far the \
         spikes beside each moment are from the nearest of the other electrode, as a share of the intervals. Both are \
         0 for the same spikes. Electrodes that know nothing of each other and fire at random with equal rates have \
         about 0.25, 0.5 and 0.3. Before the first and behind the last spike of a segment the interval is the way to \
         the end, or the interval beside it if that is longer. Of spikes of an electrode in the same frame one is \
         kept. All pairs of active electrodes of a well are compared, of at most the {} with most spikes. Beside the \
         means stand those of a shifted copy, in which every electrode is moved along the recording by a time of its \
         own, so that only chance makes electrodes alike; of more than {COPY_ELECTRODES} electrodes every second, third \
         and so on is in it.",
        values.text(&MAX_ELECTRODES)
    )
}

/// One of the measures.
struct Measure {
    name: &'static str,
    title: &'static str,
    of: fn(&SpikeDistances) -> Option<f64>,
    /// What a train has with itself.
    with_itself: f64,
}

static MEASURES: [Measure; 3] = [
    Measure {
        name: "spike_synchronization",
        title: "SPIKE-synchronization",
        of: |pair| pair.synchronization,
        with_itself: 1.0,
    },
    Measure { name: "isi_distance", title: "ISI-distance", of: |pair| pair.isi, with_itself: 0.0 },
    Measure { name: "spike_distance", title: "SPIKE-distance", of: |pair| pair.spike, with_itself: 0.0 },
];

/// The pairs of one culture.
struct Own<'a> {
    chosen: &'a Chosen,
    /// In the order of the pairs.
    pairs: Vec<SpikeDistances>,
    /// Spikes that were left out.
    n_left_out: u64,
    /// Means of the measures over the pairs of a shifted copy.
    in_copy: [Option<f64>; 3],
}

/// The measures of every pair.
fn compared(segments: &[DistinctTrains], chosen: &Chosen) -> Vec<SpikeDistances> {
    chosen.pairs().map(|(a, b)| SpikeDistances::new(segments, a, b)).collect()
}

/// The means of the measures in a shifted copy: what chance brings at the same rates.
fn in_copy(of: &SpikeTrains, chosen: &Chosen) -> [Option<f64>; 3] {
    let step = chosen.channels.len().div_ceil(COPY_ELECTRODES).max(1);
    let part = Chosen {
        first: chosen.first,
        n_active: chosen.n_active,
        channels: chosen.channels.iter().copied().step_by(step).collect(),
    };
    let moved = Shifted::new(&of.segments_of(&part.channels), 0);
    let segments: Vec<DistinctTrains> = moved.segments().iter().map(DistinctTrains::new).collect();
    let pairs = compared(&segments, &part);
    MEASURES.each_ref().map(|measure| mean(pairs.iter().filter_map(measure.of)))
}

impl<'a> Own<'a> {
    fn new(of: &SpikeTrains, chosen: &'a Chosen) -> Self {
        let segments: Vec<DistinctTrains> = of.segments_of(&chosen.channels).iter().map(DistinctTrains::new).collect();
        Self {
            chosen,
            pairs: compared(&segments, chosen),
            n_left_out: segments.iter().map(|segment| segment.n_left_out).sum(),
            in_copy: in_copy(of, chosen),
        }
    }

    fn mean(&self, measure: &Measure) -> Option<f64> {
        mean(self.pairs.iter().filter_map(measure.of))
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let all = match chosen(of, values.count(&MAX_ELECTRODES)) {
        Ok(all) => all,
        Err(reason) => return Outcome::absent(reason),
    };
    let own: Vec<Own<'_>> = all.iter().map(|chosen| Own::new(of, chosen)).collect();
    let channels: Vec<(usize, usize)> = all.iter().flat_map(Chosen::pairs_of_channels).collect();
    let mut cultures = of_cultures(of, &all).counts(("n_pairs", "Pairs"), own.iter().map(|own| own.pairs.len() as u64));
    let mut pairs = of_each_pair(of, &channels);
    for (at, measure) in MEASURES.iter().enumerate() {
        let names = (measure.name, measure.title, "");
        let (name, title) = (format!("{}_shifted", measure.name), format!("{} in a shifted copy", measure.title));
        cultures = cultures
            .numbers(names, own.iter().map(|own| own.mean(measure)))
            .numbers((name.as_str(), title.as_str(), ""), own.iter().map(|own| own.in_copy[at]));
        pairs = pairs.numbers(names, own.iter().flat_map(|own| &own.pairs).map(measure.of));
    }
    let cultures =
        cultures.counts(("n_same_frame", "Spikes in the same frame, left out"), own.iter().map(|own| own.n_left_out));
    let name = values.name(&MEASURE);
    let shown = MEASURES.iter().position(|measure| measure.name == name).unwrap_or(0);
    // Of a plate the matrix of the well with most electrodes is drawn.
    let drawn = own.iter().rev().max_by_key(|own| own.chosen.channels.len());
    let figures = drawn.map(|own| matrix(of, own, shown)).into_iter().collect();
    Outcome { tables: vec![cultures, pairs], figures, absent: None }
}

/// The measure at this place, of every pair.
#[expect(clippy::cast_precision_loss, reason = "electrodes")]
fn matrix(of: &SpikeTrains, own: &Own<'_>, shown: usize) -> Figure {
    let measure = &MEASURES[shown];
    let n = own.chosen.channels.len();
    let mut values = Array2::from_elem((n, n), f64::NAN);
    for ((a, b), pair) in own.chosen.pairs().zip(&own.pairs) {
        let value = (measure.of)(pair).unwrap_or(f64::NAN);
        values[(a, b)] = value;
        values[(b, a)] = value;
    }
    for at in 0..n {
        values[(at, at)] = measure.with_itself;
    }
    let highest = values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
    let well = of.well(own.chosen.first);
    let place = if well.is_empty() { String::new() } else { format!(" of well {well}") };
    let mean = own.mean(measure).map_or_else(String::new, |mean| format!("; the mean of all pairs is {mean:.3}"));
    let chance = own.in_copy[shown].map_or_else(String::new, |mean| format!(", in a shifted copy {mean:.3}"));
    Figure {
        id: "matrix".into(),
        title: format!("{} of {n} electrodes{place}", measure.title),
        sentence: format!("The {} of {n} active electrodes{place}{mean}{chance}.", measure.title),
        x: Axis::linear("Electrode", "", (0.0, n as f64)),
        y: Axis::linear("Electrode", "", (0.0, n as f64)),
        layers: vec![Layer::Matrix {
            values,
            range: (0.0, if highest > 0.0 { highest } else { 1.0 }),
            names: labels(of, &own.chosen.channels),
            value: measure.title.into(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::Control;

    #[test]
    fn every_measure_can_be_shown() {
        let control = &MEASURE.control;
        let Control::Choice(options) = control else { panic!("no choice") };
        let names: Vec<(&str, &str)> = MEASURES.iter().map(|measure| (measure.name, measure.title)).collect();
        assert_eq!(names, *options);
    }
}
