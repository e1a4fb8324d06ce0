//! The common reference: the part of the signal that all electrodes share.

use super::{BlockSpec, ParamSpec, Port, Values, Work};

pub(crate) const OPERATOR: ParamSpec = ParamSpec::choice(
    "operator",
    "Subtract",
    &[("median", "Median"), ("mean", "Mean"), ("none", "Nothing")],
    "Median: a few active or broken electrodes do not move it (Rolston et al. 2009, doi:10.3389/neuro.16.005.2009).",
);
pub(crate) const REFERENCE: ParamSpec = ParamSpec::choice(
    "reference",
    "Of",
    &[("global", "All electrodes"), ("group", "Each well"), ("local", "Neighbours")],
    "All electrodes: SpikeInterface's default. Wells are cultures of their own; neighbours follow what changes across a large array.",
)
.only_if(&OPERATOR, &["median", "mean"]);
pub(crate) const LOCAL_RADIUS_MIN_UM: ParamSpec = ParamSpec::number(
    "local_radius_min_um",
    ("From", "µm"),
    (0.0, 5000.0),
    (5.0, 30.0),
    "30 µm: SpikeInterface's inner radius leaves the cell's own signal out of its reference.",
)
.only_if(&REFERENCE, &["local"]);
pub(crate) const LOCAL_RADIUS_MAX_UM: ParamSpec = ParamSpec::number(
    "local_radius_max_um",
    ("To", "µm"),
    (1.0, 10_000.0),
    (5.0, 55.0),
    "55 µm: SpikeInterface's outer radius. Where fewer than five electrodes lie so near, the five closest are taken, as there.",
)
.only_if(&REFERENCE, &["local"]);

/// Subtracts it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "common_reference",
    version: 1,
    title: "Reference",
    purpose: "Subtracts what all electrodes see at the same instant, such as mains hum and movement.",
    takes: Port::Recording,
    gives: Port::Recording,
    optional: false,
    params: &[&OPERATOR, &REFERENCE, &LOCAL_RADIUS_MIN_UM, &LOCAL_RADIUS_MAX_UM],
    source: "",
    words,
    work: Work::Signal,
};

/// What signals were referenced to, within a sentence.
fn words(values: Values<'_>) -> String {
    let whose = match values.name(&REFERENCE).as_str() {
        "group" => "all electrodes of the well".to_owned(),
        "local" => format!(
            "the electrodes {} to {} µm away",
            values.text(&LOCAL_RADIUS_MIN_UM),
            values.text(&LOCAL_RADIUS_MAX_UM)
        ),
        _ => "all electrodes".into(),
    };
    match values.name(&OPERATOR).as_str() {
        operator if operator != "none" && values.is_given() => format!(" and referenced to the {operator} of {whose}"),
        _ => String::new(),
    }
}
