//! The filter that lets spikes through.

use super::{BlockSpec, ParamSpec, Port, Values, Work};

pub(crate) const BTYPE: ParamSpec = ParamSpec::choice(
    "btype",
    "Kind",
    &[("bandpass", "Band-pass"), ("highpass", "High-pass"), ("lowpass", "Low-pass"), ("none", "No filter")],
    "A band-pass removes slow field potentials and high-frequency noise alike.",
);
pub(crate) const FREQ_MIN_HZ: ParamSpec = ParamSpec::number(
    "freq_min_hz",
    ("From", "Hz"),
    (1.0, 10_000.0),
    (10.0, 300.0),
    "300 Hz: SpikeInterface, MountainSort5 and Kilosort4 begin here; Axion takes 200 Hz, MEA-NAP 600 Hz.",
)
.only_if(&BTYPE, &["bandpass", "highpass"]);
pub(crate) const FREQ_MAX_HZ: ParamSpec = ParamSpec::number(
    "freq_max_hz",
    ("To", "Hz"),
    (1.0, 20_000.0),
    (50.0, 3000.0),
    "3,000 Hz: Axion's upper cut-off, and the usual one for detection without sorting; 6,000 Hz for sorting.",
)
.only_if(&BTYPE, &["bandpass", "lowpass"]);
pub(crate) const FTYPE: ParamSpec = ParamSpec::choice(
    "ftype",
    "Design",
    &[("butter", "Butterworth"), ("fir", "Linear phase")],
    "Butterworth: SpikeInterface's default, and short in time. Linear phase (a finite response under a Hamming window) has sharper edges and delays all frequencies alike; it rings longer beside artefacts.",
)
.only_if(&BTYPE, &["bandpass", "highpass", "lowpass"]);
pub(crate) const FILTER_ORDER: ParamSpec = ParamSpec::number(
    "filter_order",
    ("Steepness", ""),
    (1.0, 10.0),
    (1.0, 5.0),
    "5: SpikeInterface's default; the order of the filter. Running it both ways doubles the steepness.",
)
.only_if(&FTYPE, &["butter"]);
pub(crate) const DIRECTION: ParamSpec = ParamSpec::choice(
    "direction",
    "Direction",
    &[("forward-backward", "Both ways"), ("forward", "Forward only")],
    "Both ways: no delay, so peaks stay where they are. Forward only is what amplifiers do while they record; it delays and reshapes spikes.",
)
.only_if(&FTYPE, &["butter"]);
pub(crate) const TRANSITION_HZ: ParamSpec = ParamSpec::number(
    "transition_hz",
    ("Edges", "Hz"),
    (50.0, 2000.0),
    (10.0, 100.0),
    "100 Hz from pass-band to stop-band, a third of the usual lower cut-off; the response is then 33 ms long (Widmann et al. 2015, doi:10.1016/j.jneumeth.2014.08.002).",
)
.only_if(&FTYPE, &["fir"]);

/// Keeps the frequencies of spikes.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "filter",
    version: 1,
    title: "Filter",
    purpose: "Keeps the frequencies in which spikes live, without moving the peaks.",
    takes: Port::Recording,
    gives: Port::Recording,
    optional: false,
    params: &[&BTYPE, &FREQ_MIN_HZ, &FREQ_MAX_HZ, &FTYPE, &FILTER_ORDER, &DIRECTION, &TRANSITION_HZ],
    source: "",
    words,
    work: Work::Signal,
};

/// What signals were, within a sentence.
fn words(values: Values<'_>) -> String {
    let design = if values.name(&FTYPE) == "fir" {
        format!("linear phase under a Hamming window, edges {} Hz wide", values.text(&TRANSITION_HZ))
    } else {
        let how = if values.name(&DIRECTION) == "forward" { "forward only" } else { "forward and backward" };
        format!("Butterworth of order {}, {how}", values.text(&FILTER_ORDER))
    };
    let (low, high) = (values.text(&FREQ_MIN_HZ), values.text(&FREQ_MAX_HZ));
    match values.name(&BTYPE).as_str() {
        "bandpass" if values.is_given() => format!("band-pass filtered ({low}–{high} Hz, {design})"),
        "highpass" => format!("high-pass filtered ({low} Hz, {design})"),
        "lowpass" => format!("low-pass filtered ({high} Hz, {design})"),
        _ => "used unfiltered".into(),
    }
}
