//! Electrodes that are left out.

use super::{BlockSpec, Control, ParamSpec, Port, Values, Work};

const CHANNEL_IDS: ParamSpec = ParamSpec {
    name: "channel_ids",
    label: "Left out",
    control: Control::Channels,
    source: "“Find” compares each electrode's deviation with the median electrode's: above 5 x it is noisy (SpikeInterface's detect_bad_channels, mad), below 1/5 dead. One that stays at its largest or smallest value for 1 % of the time is saturated.",
    only_if: None,
};

/// Leaves electrodes out.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bad_channels",
    version: 1,
    title: "Bad electrodes",
    purpose: "Leaves electrodes out: they take no part in the reference and no spikes are looked for on them. Their traces stay in view.",
    takes: Port::Recording,
    gives: Port::Recording,
    optional: true,
    params: &[&CHANNEL_IDS],
    source: "",
    words,
    work: Work::Signal,
};

fn words(values: Values<'_>) -> String {
    match values.ids(&CHANNEL_IDS).as_slice() {
        [] => String::new(),
        [id] => format!("Electrode {id} was left out."),
        ids => format!("Electrodes {} were left out.", ids.join(", ")),
    }
}
