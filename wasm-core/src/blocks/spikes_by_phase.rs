//! At which phase of a slow wave neurons fire.

mod locking;
mod tables;

use super::of_field::{kept, signal_table};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{PHASE_FILTER_ORDER, SAME_NEURON_UM, SETTLED_PERIODS, SpikeTrains};
use locking::{Locking, N_COPIES, Source};

const LOW_HZ: ParamSpec = ParamSpec::number(
    "low_hz",
    ("From", "Hz"),
    (0.5, 300.0),
    (0.5, 4.0),
    "4 to 8 Hz: the theta band. A band must be narrow for its phase to mean something.",
);
const HIGH_HZ: ParamSpec =
    ParamSpec::number("high_hz", ("To", "Hz"), (1.0, 400.0), (0.5, 8.0), "8 Hz: the upper end of the theta band.");
const FIELD_OF: ParamSpec = ParamSpec::choice(
    "field_of",
    "Field potential of",
    &[("nearest", "The nearest electrode that does not see the neuron"), ("own", "The electrode of the spikes")],
    "Another one: a spike leaves a trace in the field potential of its own electrode, even far below its own frequencies, and would then lock to itself (Zanos et al. 2011, doi:10.1152/jn.00642.2010).",
);
const MIN_SPIKES: ParamSpec = ParamSpec::number(
    "min_spikes",
    ("At least", "spikes"),
    (10.0, 10_000.0),
    (1.0, 50.0),
    "50: of fewer the mean vector is long by chance.",
);

/// Computes it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "spikes_by_phase",
    version: 1,
    title: "Spikes by phase of field potentials",
    purpose: "Do neurons fire at one phase of a slow wave?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&LOW_HZ, &HIGH_HZ, &FIELD_OF, &MIN_SPIKES],
    source: "Rayleigh's test: Zar 1999, Biostatistical Analysis, equation 27.4, as in Berens 2009, doi:10.18637/jss.v031.i10; pairwise phase consistency: Vinck et al. 2010, doi:10.1016/j.neuroimage.2010.01.073; Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let whose = if values.name(&FIELD_OF) == "own" {
        "the electrode of the spikes itself. A spike leaves a trace in the field potential of its own electrode, even \
         far below its own frequencies, so that it locks to itself: take another electrode where there is one"
            .to_owned()
    } else {
        format!(
            "the nearest electrode of the same culture that is more than {SAME_NEURON_UM} µm away, so that the trace \
             which a spike leaves in the field potential of its own electrode is not mistaken for locking; neurons \
             that fire together still leave theirs"
        )
    };
    format!(
        "The field potential is that of {whose}. It is band-passed from {} to {} Hz (Butterworth of order \
         {PHASE_FILTER_ORDER}, forward and backward); its phase is the angle of the analytic signal (Hilbert \
         transform), 0° at the peak of the wave and ±180° in its trough, and between two samples it goes on evenly. \
         Spikes within {SETTLED_PERIODS} periods of {} Hz of an end of a segment do not count. Of at least {} spikes, \
         the preferred phase is the direction of their mean vector, the resultant its length (1: all at one phase); \
         beside it stands the mean of {N_COPIES} copies in which the spikes are moved along the recording by random \
         times. Rayleigh's p tells how likely so long a vector is if all phases are alike; it takes spikes as \
         independent, so bursts make it too small, and a wave that is no sine makes phases unlike: compare with the \
         copies. p is adjusted for all electrodes (Benjamini-Hochberg). Pairwise phase consistency (PPC) does not grow \
         as spikes become few; 0 is chance.",
        values.text(&LOW_HZ),
        values.text(&HIGH_HZ),
        values.text(&LOW_HZ),
        values.text(&MIN_SPIKES)
    )
}

/// The reason why nothing is said of any electrode; none where something is.
fn too_few(of: &SpikeTrains, found: &[Locking], min_spikes: u64, low_hz: f64) -> Option<String> {
    match found.iter().map(|own| own.directions.n).max() {
        Some(most) if most >= min_spikes => None,
        Some(most) => Some(format!(
            "no electrode has {min_spikes} spikes at which the phase is known; the most that one has is {most}"
        )),
        None if of.frames().iter().flatten().all(Vec::is_empty) => Some("there are no spikes".into()),
        None => Some(format!(
            "no electrode with a field potential has a spike at which the phase is known, {SETTLED_PERIODS} periods of \
             {low_hz} Hz or more from the ends of a segment"
        )),
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let field = match kept(of) {
        Ok(field) => field,
        Err(absent) => return absent,
    };
    let band_hz = (values.number(&LOW_HZ), values.number(&HIGH_HZ));
    if band_hz.0 >= band_hz.1 {
        return Outcome::absent(format!(
            "the band from {} to {} Hz holds nothing; take a lower start",
            band_hz.0, band_hz.1
        ));
    }
    if band_hz.1 > field.highest_hz() {
        return Outcome::absent(format!(
            "the field potentials are right up to {:.0} Hz only; keep them at a higher rate, or take a lower band",
            field.highest_hz()
        ));
    }
    let source = if values.name(&FIELD_OF) == "own" { Source::Own } else { Source::Nearest };
    let found = match Locking::all(of, field, band_hz, source) {
        Ok(found) => found,
        Err(reason) => return Outcome::absent(reason),
    };
    let min_spikes = values.count(&MIN_SPIKES) as u64;
    let (table, figure) = tables::shown(of, &found, band_hz, min_spikes);
    let absent = too_few(of, &found, min_spikes, band_hz.0);
    Outcome { tables: vec![table, signal_table(of, field)], figures: figure.into_iter().collect(), absent }
}
