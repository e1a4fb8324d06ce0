//! `structure.oebin`: streams, their channels and sources of events.

use serde::Deserialize;

/// A description of a recording.
#[derive(Deserialize)]
pub struct Structure {
    #[serde(default)]
    pub continuous: Vec<serde_json::Value>,
    #[serde(default)]
    pub events: Vec<serde_json::Value>,
}

/// A stream of it.
#[derive(Deserialize)]
pub struct Continuous {
    pub folder_name: String,
    pub sample_rate: f64,
    pub channels: Vec<Channel>,
}

/// A channel of a stream.
#[derive(Deserialize)]
pub struct Channel {
    #[serde(rename = "channel_name")]
    pub name: String,
    pub bit_volts: f64,
    #[serde(default)]
    pub units: String,
    /// Such as `Headstage data channel`; empty in newer versions.
    #[serde(default)]
    description: String,
}

/// What a channel is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An electrode.
    Electrode,
    /// A converter input.
    Converter,
    /// An accelerometer or another auxiliary input of a headstage.
    Auxiliary,
    /// A word of the synchronisation.
    Synchronisation,
}

impl Kind {
    /// What is added to a stream's name, as neo does where it splits streams.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Electrode => "",
            Self::Converter => "_ADC",
            Self::Auxiliary => "_AUX",
            Self::Synchronisation => "SYNC",
        }
    }
}

impl Channel {
    /// By its name, as the acquisition systems give it; a name that a person gave says nothing, and
    /// then the description does, where there is one.
    pub fn kind(&self) -> Kind {
        let (name, described) = (self.name.to_uppercase(), self.description.to_lowercase());
        let is = |words: [&str; 2]| words.iter().any(|word| described.contains(word));
        if name.contains("SYNC") {
            Kind::Synchronisation
        } else if name.contains("ADC") || is(["adc data", "adc channel"]) {
            Kind::Converter
        } else if name.starts_with("AUX") || name.contains("_AUX") || is(["aux data", "auxiliary"]) {
            Kind::Auxiliary
        } else {
            Kind::Electrode
        }
    }

    /// Microvolts of the unit that the file names; without one, electrodes are in microvolts
    /// and other inputs in volts.
    pub fn uv_per_unit(&self) -> f64 {
        match self.units.as_str() {
            "V" => 1e6,
            "mV" => 1e3,
            "" if matches!(self.kind(), Kind::Converter | Kind::Auxiliary) => 1e6,
            _ => 1.0,
        }
    }
}

impl Continuous {
    /// Whether recordings can be segments of one stream.
    pub fn goes_with(&self, other: &Self) -> bool {
        let channels = |of: &Self| -> Vec<(String, u64)> {
            of.channels.iter().map(|channel| (channel.name.clone(), channel.bit_volts.to_bits())).collect()
        };
        self.sample_rate == other.sample_rate && channels(self) == channels(other)
    }
}
