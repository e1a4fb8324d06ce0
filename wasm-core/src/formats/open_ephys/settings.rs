//! Electrode positions from the `settings.xml` that Open Ephys writes beside a recording.
//!
//! The Neuropixels plugin lists, for each probe, the place of every channel's electrode on the
//! probe: attributes `CH0`, `CH1` and so on of `ELECTRODE_XPOS` and `ELECTRODE_YPOS`, in
//! micrometres. Probes come in the order of the plugin's streams.

use roxmltree::{Document, Node};

use crate::io::{FileSet, read_text};

/// Positions of a stream's electrodes, from the settings nearest above its data; none where
/// the settings do not tell them for just so many channels.
pub fn positions_um(files: &FileSet, data_folder: &str, stream: &str, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    let above = |folder: &str| folder.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
    let mut folder = data_folder.to_owned();
    let settings = loop {
        if let Some(found) = files.get_in(&folder, "settings.xml") {
            break found;
        }
        if folder.is_empty() {
            return None;
        }
        folder = above(&folder);
    };
    let text = read_text(settings).ok()?;
    let document = Document::parse(&text).ok()?;
    let probes: Vec<(Option<String>, Node)> =
        document.descendants().filter(|node| node.has_tag_name("PROCESSOR")).flat_map(probes_of).collect();
    let own = probes.iter().find(|(name, _)| name.as_ref().is_some_and(|name| stream.contains(name.as_str())));
    // Versions that do not name their streams are clear where there is one probe.
    let (_, probe) = own.or_else(|| probes.first().filter(|(name, _)| probes.len() == 1 && name.is_none()))?;
    let axis = |tag: &str| {
        let list = probe.children().find(|child| child.has_tag_name(tag))?;
        (0..n_channels)
            .map(|at| list.attribute(format!("CH{at}").as_str())?.parse::<f64>().ok())
            .collect::<Option<Vec<_>>>()
    };
    let (x, y) = (axis("ELECTRODE_XPOS")?, axis("ELECTRODE_YPOS")?);
    let is_whole = probe.children().any(|child| child.attributes().len() == n_channels);
    is_whole.then(|| x.into_iter().zip(y).map(|(x, y)| [x, y]).collect())
}

/// The probes of a processor, each with the name that its streams share.
fn probes_of<'a, 'input>(processor: Node<'a, 'input>) -> Vec<(Option<String>, Node<'a, 'input>)> {
    let mut names: Vec<String> = Vec::new();
    for stream in processor.children().filter(|child| child.has_tag_name("STREAM")) {
        let name = stream.attribute("name").unwrap_or_default();
        let probe = name.trim_end_matches("-AP").trim_end_matches("-LFP").to_owned();
        if !name.contains("ADC") && !names.contains(&probe) {
            names.push(probe);
        }
    }
    let probes = processor.descendants().filter(|node| node.has_tag_name("NP_PROBE"));
    probes.enumerate().map(|(at, probe)| (names.get(at).cloned(), probe)).collect()
}
