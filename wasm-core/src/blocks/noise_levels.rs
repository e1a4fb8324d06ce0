//! Each electrode's background.

use super::{BlockSpec, ParamSpec, Port, Values, Work};

pub(crate) const METHOD: ParamSpec = ParamSpec::choice(
    "method",
    "Measure",
    &[("mad", "Median absolute deviation"), ("rms", "Root mean square"), ("sd_start", "Deviation, first 500 ms")],
    "Median absolute deviation / 0.6745: spikes hardly change it (Quiroga et al. 2004, doi:10.1162/089976604774201631). Root mean square is Axion's way; the standard deviation of the first 500 ms that of MC_Rack.",
);

/// Measures it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "noise_levels",
    version: 1,
    title: "Noise",
    purpose: "Measures each electrode's background, the yardstick of its threshold.",
    takes: Port::Recording,
    gives: Port::Noise,
    optional: false,
    params: &[&METHOD],
    source: "",
    words,
    work: Work::Signal,
};

fn words(values: Values<'_>) -> String {
    let how = match values.name(&METHOD).as_str() {
        "rms" => "the root mean square",
        "sd_start" => "the standard deviation of the first 500 ms",
        _ => "the median absolute deviation divided by 0.6745 (Quiroga et al. 2004)",
    };
    format!("The noise of each electrode was estimated by {how}.")
}
