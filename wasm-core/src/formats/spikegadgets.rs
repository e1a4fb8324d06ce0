//! SpikeGadgets `.rec`: an XML header, then packets of device bytes, a timestamp and one frame.

use roxmltree::{Document, Node};

use super::interleaved::{Interleaved, RowLayout, SegmentFile, uniform};
use super::text_header::head;
use super::{Attempt, OpenError, Recording, first_of};
use crate::io::{FileSet, MAX_HEADER_BYTES, NamedFile};
use crate::recording::SegmentInfo;
use crate::sample::SampleType;

const END: &[u8] = b"</Configuration>";
/// Channels of an Intan chip where the header does not tell.
const CHANNELS_PER_CHIP: usize = 32;

/// Opens the first `.rec` file of a drop.
pub fn open(files: &FileSet) -> Attempt {
    let begins = |file: &&NamedFile| {
        head::<256>(file).is_some_and(|head| {
            let text = String::from_utf8_lossy(&head).into_owned();
            text.contains("<Configuration") && text.trim_start().starts_with('<')
        })
    };
    first_of(&files.iter().filter(begins).collect::<Vec<_>>(), open_file)
}

fn open_file(file: &NamedFile) -> Result<Recording, OpenError> {
    let size = usize::try_from(file.file.size_bytes().min(MAX_HEADER_BYTES)).unwrap_or(0);
    let mut text = vec![0; size];
    file.file.read_exact_at(0, &mut text).map_err(OpenError::io(&file.path))?;
    let end = text.windows(END.len()).position(|window| window == END);
    let end = end.ok_or_else(|| OpenError::field(&file.path, "XML header", "without an end", "</Configuration>"))?;
    // The end of the line belongs to the header.
    let after = &text[end + END.len()..];
    let data = end + END.len() + after.iter().take(2).position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let xml = String::from_utf8_lossy(&text[..end + END.len()]).into_owned();
    let document =
        Document::parse(&xml).map_err(|error| OpenError::field(&file.path, "XML header", error, "well-formed XML"))?;
    let configuration = Configuration::read(file, document.root_element())?;
    configuration.open(file, data as u64)
}

/// What the header says about packets.
struct Configuration {
    rate_hz: f64,
    /// Bytes before the frame: the start byte, devices, the timestamp.
    prefix_bytes: u64,
    /// Hardware channels in the order of a packet, with their scaling where the header has it.
    channels: Vec<(usize, Option<f64>)>,
}

impl Configuration {
    fn read(file: &NamedFile, root: Node) -> Result<Self, OpenError> {
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
        let mut listed: Vec<(usize, Option<f64>)> = Vec::new();
        for trode in spikes.children().filter(Node::is_element) {
            let scaling = trode.attribute("spikeScalingToUv").and_then(|text| text.parse().ok());
            for channel in trode.children().filter(Node::is_element) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "channel numbers")]
                let number = number(channel, "hwChan")?.clamp(0.0, 65_535.0) as usize;
                listed.push((number, scaling));
            }
        }
        listed.sort_by_key(|(number, _)| *number);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "channel counts")]
        let n_hardware = number(hardware, "numChannels")?.clamp(0.0, 65_535.0) as usize;
        let per_chip = spikes.attribute("chanPerChip").and_then(|text| text.parse().ok()).unwrap_or(CHANNELS_PER_CHIP);
        let is_intan = !spikes.attribute("device").is_some_and(|device| device.starts_with("neuropixels"));
        // Intan chips take turns: first channel of each chip, second of each, and so on.
        if is_intan && per_chip > 0 && listed.len().is_multiple_of(per_chip) {
            let n_chips = (n_hardware / per_chip).max(1);
            listed.sort_by_key(|(number, _)| (number % per_chip, number / per_chip % n_chips));
        }
        Ok(Self { rate_hz: number(hardware, "samplingRate")?, prefix_bytes: prefix_bytes + 4, channels: listed })
    }

    fn open(&self, file: &NamedFile, data: u64) -> Result<Recording, OpenError> {
        let n_channels = self.channels.len();
        if n_channels == 0 {
            return Err(OpenError::NoSignal { path: file.path.clone(), format: "spikegadgets" });
        }
        let ids = self.channels.iter().map(|(number, _)| number.to_string()).collect();
        let mut info = uniform("trodes", self.rate_hz, SampleType::Int16, ids, 1.0);
        let scaled = self.channels.iter().all(|(_, scaling)| scaling.is_some());
        for (gain, (_, scaling)) in info.gain_to_uv.iter_mut().zip(&self.channels) {
            *gain = scaling.filter(|_| scaled).unwrap_or(1.0);
        }
        let rows = RowLayout::new(self.prefix_bytes, n_channels, 0..n_channels, SampleType::Int16);
        let segment = SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: data };
        info.segments = vec![SegmentInfo { n_frames: segment.n_frames(rows.row_bytes()), t_start_s: 0.0 }];
        let note = "the header holds no scaling to microvolts, so values are in the amplifier's steps";
        Ok(Recording {
            format: "spikegadgets",
            spikes: None,
            streams: vec![Box::new(Interleaved::with_rows(info, vec![segment], rows))],
            events: Vec::new(),
            notes: if scaled { Vec::new() } else { vec![note.to_owned()] },
        })
    }
}
