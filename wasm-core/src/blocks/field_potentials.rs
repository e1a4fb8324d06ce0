//! The slow part of the signal, kept for the analyses behind the spikes.

use super::{BlockSpec, Control, ParamSpec, Port, Values, Work};

pub(crate) const RATE_HZ: ParamSpec = ParamSpec::number(
    "rate_hz",
    ("Samples per second", "Hz"),
    (100.0, 2000.0),
    (50.0, 1000.0),
    "1,000 Hz: the usual rate of stored field potentials, right up to 400 Hz. The rate that divides the recording's is taken. A lower one keeps more electrodes of a long recording.",
);
pub(crate) const CHANNEL_IDS: ParamSpec = ParamSpec {
    name: "channel_ids",
    label: "Electrodes (all: up to 64)",
    control: Control::Channels,
    source: "Where none are named, up to 64 are kept, spread over the array and its wells; close electrodes have much the same field potential. All that is kept fits in 64 MB: long recordings keep fewer, which the results say.",
    only_if: None,
};

/// Keeps them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "field_potentials",
    version: 1,
    title: "Field potentials",
    purpose: "Keeps the signal of some electrodes as it was before the filter, at a lower rate, for band powers, spectrograms and spikes by phase.",
    takes: Port::Recording,
    gives: Port::Field,
    optional: true,
    params: &[&RATE_HZ, &CHANNEL_IDS],
    source: "",
    words,
    work: Work::Signal,
};

fn words(values: Values<'_>) -> String {
    if !values.is_given() {
        return String::new();
    }
    let of = match values.ids(&CHANNEL_IDS).as_slice() {
        [] => "up to 64 electrodes, spread over the array and its wells".to_owned(),
        [id] => format!("electrode {id}"),
        ids => format!("electrodes {}", ids.join(", ")),
    };
    format!(
        "Field potentials of {of} were taken from the signal before the filter, at about {} samples per second, behind \
         a low-pass of linear phase (Hamming window, ten taps of the lower rate on each side).",
        values.text(&RATE_HZ)
    )
}
