//! The XML header: devices, chips, channels and how they are grouped.

use roxmltree::Node;

use crate::formats::OpenError;
use crate::formats::told::{Facts, of_unix};
use crate::io::NamedFile;
use crate::recording::Fact;

/// Channels of an Intan chip where the header does not tell.
const CHANNELS_PER_CHIP: usize = 32;
/// Channels that a header may count.
const MAX_CHANNELS: f64 = 65_535.0;

/// A channel that was saved.
pub struct Channel {
    /// Number of the channel in the hardware.
    pub number: usize,
    /// Group of the channel and its place there, such as `nTrode 3:1`.
    pub name: String,
    /// Microvolts of a step.
    pub scaling: Option<f64>,
}

/// What the header says about packets.
pub struct Configuration {
    /// Packets per second.
    pub rate_hz: f64,
    /// Bytes before the frame: the start byte, devices, the timestamp.
    pub prefix_bytes: u64,
    /// Channels of the hardware, saved or not.
    pub n_hardware: usize,
    /// Saved channels in the order of a packet.
    pub channels: Vec<Channel>,
    /// Whether all channels have a scaling.
    pub is_scaled: bool,
    /// Other facts of the header.
    pub facts: Vec<Fact>,
    /// Channels of a chip, where chips take turns.
    per_chip: Option<usize>,
}

impl Configuration {
    pub fn read(file: &NamedFile, root: Node) -> Result<Self, OpenError> {
        let wrong = |field: &str, found: &str| OpenError::field(&file.path, field, found, "a number");
        let child = |name: &str| {
            root.children()
                .find(|node| node.has_tag_name(name))
                .ok_or_else(|| OpenError::field(&file.path, name, "missing", "an element"))
        };
        let number = |node: Node, name: &str| -> Result<f64, OpenError> {
            let text = node.attribute(name).unwrap_or("missing");
            text.parse().map_err(|_| wrong(name, text))
        };
        let (hardware, spikes) = (child("HardwareConfiguration")?, child("SpikeConfiguration")?);
        let mut prefix_bytes = 1;
        for device in hardware.children().filter(|node| node.attribute("numBytes").is_some()) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the file")]
            let n_bytes = number(device, "numBytes")?.clamp(0.0, 1e6) as u64;
            prefix_bytes += n_bytes;
        }
        let mut channels = Vec::new();
        for (at, trode) in spikes.children().filter(Node::is_element).enumerate() {
            let scaling = trode.attribute("spikeScalingToUv").and_then(|text| text.parse().ok());
            let group = trode.attribute("id").map_or_else(|| at.to_string(), str::to_owned);
            for (place, channel) in trode.children().filter(Node::is_element).enumerate() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "channel numbers")]
                let number = number(channel, "hwChan")?.clamp(0.0, MAX_CHANNELS) as usize;
                channels.push(Channel { number, name: format!("nTrode {group}:{}", place + 1), scaling });
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "channel counts")]
        let n_hardware = number(hardware, "numChannels")?.clamp(0.0, MAX_CHANNELS) as usize;
        let per_chip = spikes.attribute("chanPerChip").and_then(|text| text.parse().ok()).unwrap_or(CHANNELS_PER_CHIP);
        let is_intan = !spikes.attribute("device").is_some_and(|device| device.starts_with("neuropixels"));
        // A number that no chip has is a fault of the program that wrote the header.
        let takes_turns = is_intan && per_chip > 0;
        let mut configuration = Self {
            rate_hz: number(hardware, "samplingRate")?,
            prefix_bytes: prefix_bytes + 4,
            n_hardware,
            is_scaled: channels.iter().all(|channel| channel.scaling.is_some()),
            channels,
            facts: facts(root),
            per_chip: takes_turns.then_some(per_chip),
        };
        let order = configuration.order();
        configuration.channels.sort_by_key(|channel| order(channel.number));
        Ok(configuration)
    }

    /// Intan chips take turns: first channel of each chip that was saved, second of each, and so
    /// on. Others are in the order of their numbers.
    fn order(&self) -> impl Fn(usize) -> (usize, usize) + use<> {
        let per_chip = self.per_chip;
        move |number| per_chip.map_or((number, 0), |per_chip| (number % per_chip, number / per_chip))
    }

    /// Places of the channels in a packet that holds all of the hardware.
    pub fn columns_of_all(&self) -> Vec<usize> {
        let order = self.order();
        let mut all: Vec<usize> = (0..self.n_hardware).collect();
        all.sort_by_key(|number| order(*number));
        let place = |channel: &Channel| all.iter().position(|number| *number == channel.number);
        self.channels.iter().filter_map(place).collect()
    }
}

/// When and with what the file was made.
fn facts(root: Node) -> Vec<Fact> {
    let mut facts = Facts::default();
    let Some(global) = root.children().find(|node| node.has_tag_name("GlobalConfiguration")) else {
        return facts.list();
    };
    let made = global.attribute("systemTimeAtCreation").and_then(|text| text.trim().parse::<f64>().ok());
    facts.add_some("Recorded", made.and_then(|ms| of_unix(ms / 1000.0, true)));
    facts.add_some("Program", global.attribute("trodesVersion").map(|version| format!("Trodes {version}")));
    facts.add_some("Controller serial number", global.attribute("controllerSerial"));
    facts.add_some("Headstage serial number", global.attribute("headstageSerial"));
    facts.list()
}
