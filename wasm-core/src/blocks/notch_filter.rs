//! The filter against hum.

use super::{BlockSpec, ParamSpec, Port, Values, Work};

pub(crate) const FREQ_HZ: ParamSpec = ParamSpec::number(
    "freq_hz",
    ("At", "Hz"),
    (1.0, 10_000.0),
    (10.0, 50.0),
    "50 Hz: mains in most countries; 60 Hz in the Americas and parts of Asia.",
);
pub(crate) const Q: ParamSpec = ParamSpec::number(
    "q",
    ("Sharpness", ""),
    (1.0, 100.0),
    (0.5, 30.0),
    "30: SpikeInterface's default; the quality factor. The notch is as wide as its frequency divided by this.",
);
pub(crate) const N_HARMONICS: ParamSpec = ParamSpec::number(
    "n_harmonics",
    ("Harmonics", ""),
    (1.0, 20.0),
    (1.0, 1.0),
    "1: the frequency alone. Hum of motors and lamps has odd multiples too.",
);

/// Takes out one frequency.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "notch_filter",
    version: 1,
    title: "Notch",
    purpose: "Takes out one frequency and, if wished, its multiples: mains hum that reaches into the pass-band.",
    takes: Port::Recording,
    gives: Port::Recording,
    optional: true,
    params: &[&FREQ_HZ, &Q, &N_HARMONICS],
    source: "",
    words,
    work: Work::Signal,
};

/// What signals were freed of, within a sentence.
fn words(values: Values<'_>) -> String {
    if !values.is_given() {
        return String::new();
    }
    let multiples = match values.text(&N_HARMONICS).as_str() {
        "1" => String::new(),
        n => format!(" and its multiples up to {n} times that"),
    };
    format!(", freed of {} Hz{multiples} (notch of quality {})", values.text(&FREQ_HZ), values.text(&Q))
}
