//! Coincident events: peaks that many electrodes have at the same instant.

use super::{BlockSpec, ParamSpec, Port, Values, Work};

pub(crate) const MIN_ELECTRODES: ParamSpec = ParamSpec::number(
    "min_electrodes",
    ("At least", "electrodes"),
    (2.0, 1000.0),
    (1.0, 4.0),
    "4 electrodes of a well: Axion's setting. Dense arrays see one cell on several electrodes; take more there.",
);
pub(crate) const WINDOW_US: ParamSpec = ParamSpec::number(
    "window_us",
    ("Within", "µs"),
    (0.0, 2000.0),
    (10.0, 160.0),
    "160 µs: Axion's setting, two frames at 12,500 Hz.",
);

/// Drops it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "coincident_events",
    version: 1,
    title: "Coincident events",
    purpose: "Drops what many electrodes of a well see at the same instant: artefacts of stimulation, of a pipette, of the plate's movement.",
    takes: Port::Spikes,
    gives: Port::Spikes,
    optional: true,
    params: &[&MIN_ELECTRODES, &WINDOW_US],
    source: "",
    words,
    work: Work::Signal,
};

fn words(values: Values<'_>) -> String {
    if !values.is_given() {
        return String::new();
    }
    format!(
        "Events on at least {} electrodes of a well within {} µs were dropped as artefacts.",
        values.text(&MIN_ELECTRODES),
        values.text(&WINDOW_US)
    )
}
