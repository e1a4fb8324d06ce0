//! Kinds of channels: electrodes, units, or neither.

use serde::{Deserialize, Serialize};

/// The kind of a stream's channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// Electrodes: spikes are looked for here, and only here.
    #[default]
    Electrodes,
    /// Units: spikes of one neuron each, as a spike sorter told them apart. Files hold them; there is no
    /// signal.
    Units,
    /// Anything else: auxiliary and analogue inputs, triggers, status words, synchronisation.
    Auxiliary,
}

impl StreamKind {
    /// A text about electrodes, in the word for what these channels are.
    #[must_use]
    pub fn worded(self, text: &str) -> String {
        if self == Self::Units {
            text.replace("electrode", "unit").replace("Electrode", "Unit")
        } else {
            text.to_owned()
        }
    }
}
