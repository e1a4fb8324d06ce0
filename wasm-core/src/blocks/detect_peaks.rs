//! Spikes as peaks beyond a threshold.

use super::{BlockSpec, ParamSpec, Port, Values, Work};

pub(crate) const METHOD: ParamSpec = ParamSpec::choice(
    "method",
    "Peaks on",
    &[("by_channel", "Each electrode"), ("locally_exclusive", "Largest nearby")],
    "Each electrode: rates and bursts per electrode, as vendors count. Dense arrays see one cell on several electrodes; the largest then stands for it.",
);
pub(crate) const RADIUS_UM: ParamSpec =
    ParamSpec::number("radius_um", ("Within", "µm"), (1.0, 1000.0), (5.0, 50.0), "50 µm: SpikeInterface's default.")
        .only_if(&METHOD, &["locally_exclusive"]);
pub(crate) const DETECT_THRESHOLD: ParamSpec = ParamSpec::number(
    "detect_threshold",
    ("Threshold", "x noise"),
    (3.0, 50.0),
    (0.1, 5.0),
    "5 x noise: SpikeInterface's default; Quiroga et al. took 4, Axion 6.",
);
pub(crate) const PEAK_SIGN: ParamSpec = ParamSpec::choice(
    "peak_sign",
    "Peaks",
    &[("neg", "Negative"), ("pos", "Positive"), ("both", "Both")],
    "Negative: outside the cell, the action potential's sodium current draws the trace down.",
);
pub(crate) const EXCLUDE_SWEEP_MS: ParamSpec = ParamSpec::number(
    "exclude_sweep_ms",
    ("Dead time", "ms"),
    (0.1, 5.0),
    (0.1, 1.0),
    "1 ms each way: SpikeInterface's recommendation for one channel; MEA-NAP takes 2 ms.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "detect_peaks",
    version: 1,
    title: "Detection",
    purpose: "Marks a spike at each extremum that passes the threshold and is the largest within the dead time.",
    takes: Port::Recording,
    gives: Port::Spikes,
    optional: false,
    params: &[&METHOD, &RADIUS_UM, &DETECT_THRESHOLD, &PEAK_SIGN, &EXCLUDE_SWEEP_MS],
    source: "",
    words,
    work: Work::Signal,
};

fn words(values: Values<'_>) -> String {
    let sign = match values.name(&PEAK_SIGN).as_str() {
        "pos" => "positive",
        "both" => "negative and positive",
        _ => "negative",
    };
    let nearby = if values.name(&METHOD) == "locally_exclusive" {
        format!(" and within {} µm", values.text(&RADIUS_UM))
    } else {
        String::new()
    };
    let each = if values.name(&PEAK_SIGN) == "both" { ", each sign by itself" } else { "" };
    format!(
        "Spikes were {sign} peaks beyond {} times the noise, the largest within {} ms before and after{nearby}{each}.",
        values.text(&DETECT_THRESHOLD),
        values.text(&EXCLUDE_SWEEP_MS),
    )
}
