//! Every block there is: its parameters with units, ranges, defaults and sources.

use super::spec::{BlockSpec, Control, ParamSpec};

/// The block of this kind.
#[must_use]
pub fn spec(kind: &str) -> Option<&'static BlockSpec> {
    registry().iter().find(|spec| spec.kind == kind)
}

/// All blocks, in the order in which the default pipeline chains them.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table")]
pub const fn registry() -> &'static [BlockSpec] {
    &[
        BlockSpec {
            kind: "bad_channels",
            title: "Bad electrodes",
            purpose: "Leaves electrodes out: they take no part in the reference and no spikes are looked for on them. Their traces stay in view.",
            gives_recording: true,
            optional: true,
            params: &[ParamSpec {
                name: "channel_ids",
                label: "Left out",
                control: Control::Channels,
                source: "“Find” compares each electrode's deviation with the median electrode's: above 5 x it is noisy (SpikeInterface's detect_bad_channels, mad), below 1/5 dead. One that stays at its largest or smallest value for 1 % of the time is saturated.",
                only_if: None,
            }],
        },
        BlockSpec {
            kind: "filter",
            title: "Filter",
            purpose: "Keeps the frequencies in which spikes live, without moving the peaks.",
            gives_recording: true,
            optional: false,
            params: &[
                ParamSpec {
                    name: "btype",
                    label: "Kind",
                    control: Control::Choice(&[
                        ("bandpass", "Band-pass"),
                        ("highpass", "High-pass"),
                        ("lowpass", "Low-pass"),
                        ("none", "No filter"),
                    ]),
                    source: "A band-pass removes slow field potentials and high-frequency noise alike.",
                    only_if: None,
                },
                ParamSpec {
                    name: "freq_min_hz",
                    label: "From",
                    control: Control::Number { unit: "Hz", min: 1.0, max: 10_000.0, step: 10.0, default: 300.0 },
                    source: "300 Hz: SpikeInterface, MountainSort5 and Kilosort4 begin here; Axion takes 200 Hz, MEA-NAP 600 Hz.",
                    only_if: Some(("btype", &["bandpass", "highpass"])),
                },
                ParamSpec {
                    name: "freq_max_hz",
                    label: "To",
                    control: Control::Number { unit: "Hz", min: 1.0, max: 20_000.0, step: 50.0, default: 3000.0 },
                    source: "3,000 Hz: Axion's upper cut-off, and the usual one for detection without sorting; 6,000 Hz for sorting.",
                    only_if: Some(("btype", &["bandpass", "lowpass"])),
                },
                ParamSpec {
                    name: "ftype",
                    label: "Design",
                    control: Control::Choice(&[("butter", "Butterworth"), ("fir", "Linear phase")]),
                    source: "Butterworth: SpikeInterface's default, and short in time. Linear phase (a finite response under a Hamming window) has sharper edges and delays all frequencies alike; it rings longer beside artefacts.",
                    only_if: Some(("btype", &["bandpass", "highpass", "lowpass"])),
                },
                ParamSpec {
                    name: "filter_order",
                    label: "Order",
                    control: Control::Number { unit: "", min: 1.0, max: 10.0, step: 1.0, default: 5.0 },
                    source: "5: SpikeInterface's default. Running it both ways doubles the steepness.",
                    only_if: Some(("ftype", &["butter"])),
                },
                ParamSpec {
                    name: "direction",
                    label: "Runs",
                    control: Control::Choice(&[("forward-backward", "Both ways"), ("forward", "Forward only")]),
                    source: "Both ways: no delay, so peaks stay where they are. Forward only is what amplifiers do while they record; it delays and reshapes spikes.",
                    only_if: Some(("ftype", &["butter"])),
                },
                ParamSpec {
                    name: "transition_hz",
                    label: "Edges",
                    control: Control::Number { unit: "Hz", min: 50.0, max: 2000.0, step: 10.0, default: 100.0 },
                    source: "100 Hz from pass-band to stop-band, a third of the usual lower cut-off; the response is then 33 ms long (Widmann et al. 2015, doi:10.1016/j.jneumeth.2014.08.002).",
                    only_if: Some(("ftype", &["fir"])),
                },
            ],
        },
        BlockSpec {
            kind: "notch_filter",
            title: "Notch",
            purpose: "Takes out one frequency and, if wished, its multiples: mains hum that reaches into the pass-band.",
            gives_recording: true,
            optional: true,
            params: &[
                ParamSpec {
                    name: "freq_hz",
                    label: "At",
                    control: Control::Number { unit: "Hz", min: 1.0, max: 10_000.0, step: 10.0, default: 50.0 },
                    source: "50 Hz: mains in most countries; 60 Hz in the Americas and parts of Asia.",
                    only_if: None,
                },
                ParamSpec {
                    name: "q",
                    label: "Quality",
                    control: Control::Number { unit: "", min: 1.0, max: 100.0, step: 0.5, default: 30.0 },
                    source: "30: SpikeInterface's default. The notch is as wide as its frequency divided by this.",
                    only_if: None,
                },
                ParamSpec {
                    name: "n_harmonics",
                    label: "Multiples",
                    control: Control::Number { unit: "", min: 1.0, max: 20.0, step: 1.0, default: 1.0 },
                    source: "1: the frequency alone. Hum of motors and lamps has odd multiples too.",
                    only_if: None,
                },
            ],
        },
        BlockSpec {
            kind: "common_reference",
            title: "Reference",
            purpose: "Subtracts what all electrodes see at the same instant, such as mains hum and movement.",
            gives_recording: true,
            optional: false,
            params: &[
                ParamSpec {
                    name: "operator",
                    label: "Subtract",
                    control: Control::Choice(&[("median", "Median"), ("mean", "Mean"), ("none", "Nothing")]),
                    source: "Median: a few active or broken electrodes do not move it (Rolston et al. 2009, doi:10.3389/neuro.16.005.2009).",
                    only_if: None,
                },
                ParamSpec {
                    name: "reference",
                    label: "Of",
                    control: Control::Choice(&[
                        ("global", "All electrodes"),
                        ("group", "Each well"),
                        ("local", "Neighbours"),
                    ]),
                    source: "All electrodes: SpikeInterface's default. Wells are cultures of their own; neighbours follow what changes across a large array.",
                    only_if: Some(("operator", &["median", "mean"])),
                },
                ParamSpec {
                    name: "local_radius_min_um",
                    label: "From",
                    control: Control::Number { unit: "µm", min: 0.0, max: 5000.0, step: 5.0, default: 30.0 },
                    source: "30 µm: SpikeInterface's inner radius leaves the cell's own signal out of its reference.",
                    only_if: Some(("reference", &["local"])),
                },
                ParamSpec {
                    name: "local_radius_max_um",
                    label: "To",
                    control: Control::Number { unit: "µm", min: 1.0, max: 10_000.0, step: 5.0, default: 55.0 },
                    source: "55 µm: SpikeInterface's outer radius. Where fewer than five electrodes lie so near, the five closest are taken, as there.",
                    only_if: Some(("reference", &["local"])),
                },
            ],
        },
        BlockSpec {
            kind: "noise_levels",
            title: "Noise",
            purpose: "Measures each electrode's background, the yardstick of its threshold.",
            gives_recording: false,
            optional: false,
            params: &[ParamSpec {
                name: "method",
                label: "Measure",
                control: Control::Choice(&[
                    ("mad", "Median absolute deviation"),
                    ("rms", "Root mean square"),
                    ("sd_start", "Deviation, first 500 ms"),
                ]),
                source: "Median absolute deviation / 0.6745: spikes hardly change it (Quiroga et al. 2004, doi:10.1162/089976604774201631). Root mean square is Axion's way; the standard deviation of the first 500 ms that of MC_Rack.",
                only_if: None,
            }],
        },
        BlockSpec {
            kind: "detect_peaks",
            title: "Detection",
            purpose: "Marks a spike at each extremum that passes the threshold and is the largest within the exclusion time.",
            gives_recording: false,
            optional: false,
            params: &[
                ParamSpec {
                    name: "method",
                    label: "Peaks on",
                    control: Control::Choice(&[
                        ("by_channel", "Each electrode"),
                        ("locally_exclusive", "Largest nearby"),
                    ]),
                    source: "Each electrode: rates and bursts per electrode, as vendors count. Dense arrays see one cell on several electrodes; the largest then stands for it.",
                    only_if: None,
                },
                ParamSpec {
                    name: "radius_um",
                    label: "Within",
                    control: Control::Number { unit: "µm", min: 1.0, max: 1000.0, step: 5.0, default: 50.0 },
                    source: "50 µm: SpikeInterface's default.",
                    only_if: Some(("method", &["locally_exclusive"])),
                },
                ParamSpec {
                    name: "detect_threshold",
                    label: "Threshold",
                    control: Control::Number { unit: "x noise", min: 3.0, max: 50.0, step: 0.1, default: 5.0 },
                    source: "5 x noise: SpikeInterface's default; Quiroga et al. took 4, Axion 6.",
                    only_if: None,
                },
                ParamSpec {
                    name: "peak_sign",
                    label: "Peaks",
                    control: Control::Choice(&[("neg", "Negative"), ("pos", "Positive"), ("both", "Both")]),
                    source: "Negative: outside the cell, the action potential's sodium current draws the trace down.",
                    only_if: None,
                },
                ParamSpec {
                    name: "exclude_sweep_ms",
                    label: "Exclusion",
                    control: Control::Number { unit: "ms", min: 0.1, max: 5.0, step: 0.1, default: 1.0 },
                    source: "1 ms each way: SpikeInterface's recommendation for one channel; MEA-NAP takes 2 ms.",
                    only_if: None,
                },
            ],
        },
        BlockSpec {
            kind: "coincident_events",
            title: "Coincident events",
            purpose: "Drops what many electrodes of a well see at the same instant: artefacts of stimulation, of a pipette, of the plate's movement.",
            gives_recording: false,
            optional: true,
            params: &[
                ParamSpec {
                    name: "min_electrodes",
                    label: "At least",
                    control: Control::Number { unit: "electrodes", min: 2.0, max: 1000.0, step: 1.0, default: 4.0 },
                    source: "4 electrodes of a well: Axion's setting. Dense arrays see one cell on several electrodes; take more there.",
                    only_if: None,
                },
                ParamSpec {
                    name: "window_us",
                    label: "Within",
                    control: Control::Number { unit: "µs", min: 0.0, max: 2000.0, step: 10.0, default: 160.0 },
                    source: "160 µs: Axion's setting, two frames at 12,500 Hz.",
                    only_if: None,
                },
            ],
        },
    ]
}
