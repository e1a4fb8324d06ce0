//! Electrode positions from the `settings.xml` that Open Ephys writes beside a recording.
//!
//! The plugins for Neuropixels list for each probe the electrode of every channel: by its number
//! (`SELECTED_ELECTRODES`) or, in older versions, by its place (`ELECTRODE_XPOS`, `ELECTRODE_YPOS`).
//! A channel map before the record node reorders channels, and the record node may save some of
//! them. Positions are those of the probe's type, as probeinterface's `read_openephys` gives them.

use roxmltree::{Document, Node};

use crate::formats::neuropixels::Probe;
use crate::formats::told::{Facts, of_words};
use crate::io::{FileSet, NamedFile, read_text};
use crate::recording::Fact;

/// Elements that describe a probe: of the plugins for PXI cards and for the `OneBox`, and of ONIX's headstages.
const PROBES: [&str; 5] = ["NP_PROBE", "NEUROPIXELSV1E", "NEUROPIXELSV1F", "PROBE0", "PROBE1"];

/// Positions of a stream's electrodes, in micrometres; none where the settings do not tell them
/// for just so many channels.
pub fn positions_um(files: &FileSet, data_folder: &str, stream: &str, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    let text = read_text(settings_of(files, data_folder)?).ok()?;
    let document = Document::parse(&text).ok()?;
    let is_probe = |node: &Node| PROBES.iter().any(|tag| node.has_tag_name(*tag));
    let source = processors(&document).find(|processor| processor.descendants().any(|node| is_probe(&node)))?;
    let enabled = |node: &Node| is_probe(node) && node.attribute("isEnabled") != Some("0");
    let probes: Vec<Node> = source.descendants().filter(enabled).collect();
    let mut places = places(own_probe(&source, &probes, stream)?, is_before_0_6(&document))?;
    // `Record Node 101#Neuropix-PXI-100.ProbeA-AP` is the stream `ProbeA-AP`.
    let short = stream.rsplit('.').next().unwrap_or(stream);
    if let Some(map) = channel_map(&source, short) {
        places = map.iter().take(places.len()).map(|at| places.get(*at).copied()).collect::<Option<_>>()?;
    }
    if let Some(saved) = saved_channels(&document, stream, short) {
        places = saved.iter().filter_map(|at| places.get(*at).copied()).collect();
    }
    (places.len() == n_channels).then_some(places)
}

/// The settings of an experiment, or else the nearest above its data.
fn settings_of<'a>(files: &'a FileSet, data_folder: &str) -> Option<&'a NamedFile> {
    let mut folder = data_folder;
    let mut own = None;
    loop {
        let found = own.and_then(|name: String| files.get_in(folder, &name));
        if let Some(found) = found.or_else(|| files.get_in(folder, "settings.xml")) {
            return Some(found);
        }
        if folder.is_empty() {
            return None;
        }
        let (parent, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        own = name.strip_prefix("experiment").map(|number| format!("settings_{number}.xml"));
        folder = parent;
    }
}

fn processors<'a, 'input>(document: &'a Document<'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    document.descendants().filter(|node| node.has_tag_name("PROCESSOR"))
}

fn serial<'a>(probe: &Node<'a, '_>) -> Option<&'a str> {
    probe.attribute("probe_serial_number").or_else(|| probe.attribute("probeSerialNumber"))
}

/// The probe of a stream, by its name, or else by its serial number.
fn own_probe<'a, 'b, 'input>(
    source: &Node,
    probes: &'a [Node<'b, 'input>],
    stream: &str,
) -> Option<&'a Node<'b, 'input>> {
    let streams = probe_streams(source);
    // Versions that do not name their streams are clear where there is one probe.
    if streams.is_empty() {
        return probes.first().filter(|_| probes.len() == 1);
    }
    let is_named =
        |(at, probe): (usize, &Node)| name_of(probe, streams.get(at)).is_some_and(|name| stream.contains(&name));
    let is_numbered = |probe: &Node| serial(probe).is_some_and(|serial| stream.contains(serial));
    let named = probes.iter().enumerate().position(is_named);
    probes.get(named.or_else(|| probes.iter().position(is_numbered).filter(|_| probes.len() > 1))?)
}

/// Names that the streams of a probe share, in order.
fn probe_streams(source: &Node) -> Vec<String> {
    let is_onix = source.attribute("name").is_some_and(|name| name.contains("ONIX"));
    let mut streams: Vec<String> = Vec::new();
    for stream in source.children().filter(|child| child.has_tag_name("STREAM")) {
        let name = stream.attribute("name").unwrap_or_default();
        let probe = name.replace("-AP", "").replace("-LFP", "");
        if !name.contains("ADC") && !streams.contains(&probe) && (!is_onix || probe.contains("Probe")) {
            streams.push(probe);
        }
    }
    streams
}

/// What the streams of a probe are called: as somebody named it, or as listed.
fn name_of(probe: &Node, listed: Option<&String>) -> Option<String> {
    let custom = probe.attribute("custom_probe_name").filter(|name| Some(*name) != serial(probe));
    let name = custom.map(str::to_owned).or_else(|| listed.cloned())?;
    // Each shank of a quad-base probe is a stream.
    let shank = probe.attribute("shank").and_then(|shank| shank.parse::<u32>().ok());
    let suffix = shank.map(|shank| format!("-{}", shank + 1)).filter(|suffix| !name.contains(suffix.as_str()));
    Some(name + &suffix.unwrap_or_default())
}

/// Whether the program is one whose places of electrodes on several shanks are off.
fn is_before_0_6(document: &Document) -> bool {
    let version = document.descendants().find(|node| node.has_tag_name("VERSION")).and_then(|node| node.text());
    let mut parts = version.unwrap_or_default().trim().split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < (0, 6)
}

/// Places of a probe's channels, in order.
fn places(probe: &Node, is_before_0_6: bool) -> Option<Vec<[f64; 2]>> {
    let child = |tag: &str| probe.children().find(|child| child.has_tag_name(tag));
    let part = probe.attribute("probe_part_number").or_else(|| probe.attribute("probePartNumber"));
    let kind = part.and_then(Probe::of_part);
    if let Some(selected) = child("SELECTED_ELECTRODES") {
        let numbers = selected.attributes().map(|electrode| electrode.value().parse::<u32>().ok());
        return numbers.map(|number| Some(kind?.position_of(number?))).collect();
    }
    let (channels, x, y) = (child("CHANNELS")?, child("ELECTRODE_XPOS")?, child("ELECTRODE_YPOS")?);
    let mut found = Vec::new();
    for channel in channels.attributes() {
        // `CH12`, or `CH12_0` on a shank of several; the value is a bank, or a bank and a shank.
        let key = channel.name().strip_prefix("CH")?;
        let (number, of_key) = key.split_once('_').map_or((key, None), |(number, shank)| (number, Some(shank)));
        let shank = channel.value().split_once(':').map(|(_, shank)| shank).or(of_key);
        let coordinate = |axis: Node| axis.attribute(channel.name())?.parse::<f64>().ok();
        let shank = shank.and_then(|shank| shank.parse::<u32>().ok());
        found.push((number.parse::<u32>().ok()?, shank, [coordinate(x)?, coordinate(y)?]));
    }
    found.sort_by_key(|(number, shank, _)| (*number, *shank));
    Some(on_probe(kind, &found, is_before_0_6))
}

/// A channel's number, its shank where that is told, and its place.
type Listed = (u32, Option<u32>, [f64; 2]);

/// Places counted from the probe's edge, as places of its electrodes. Those of a probe that is not
/// known, or that lie on no electrodes of it, are counted from the leftmost one.
fn on_probe(kind: Option<Probe>, listed: &[Listed], is_before_0_6: bool) -> Vec<[f64; 2]> {
    let shank_pitch_um = kind.map_or(0.0, |kind| kind.shank_pitch_um);
    let place = |(_, shank, [x, y]): &Listed| {
        let shank = shank.unwrap_or(0);
        (shank, [*x, if is_before_0_6 { y - f64::from(shank) * shank_pitch_um } else { *y }])
    };
    let listed: Vec<(u32, [f64; 2])> = listed.iter().map(place).collect();
    kind.and_then(|kind| kind.places(&listed)).unwrap_or_else(|| {
        let leftmost = listed.iter().map(|(_, place)| place[0]).fold(f64::INFINITY, f64::min);
        listed.iter().map(|(_, [x, y])| [x - leftmost, *y]).collect()
    })
}

/// Channels in the order that a channel map between probe and record node gives them.
fn channel_map(source: &Node, stream: &str) -> Option<Vec<usize>> {
    let is_named = |node: &Node, name: &str| node.attribute("name").is_some_and(|own| own.contains(name));
    let after: Vec<Node> = source.next_siblings().filter(|node| node.has_tag_name("PROCESSOR")).collect();
    let map = after.iter().position(|processor| is_named(processor, "Channel Map"))?;
    let record = after.iter().position(|processor| is_named(processor, "Record Node"))?;
    if record < map {
        return None;
    }
    // Streams are named in one list, and their channels in another of the same order.
    let mut named = after[map].children().filter(|child| child.has_tag_name("STREAM"));
    let at = named.position(|child| child.attribute("name") == Some(stream))?;
    let parameters = after[map].children().find(|child| child.has_tag_name("CUSTOM_PARAMETERS"))?;
    let own = parameters.children().filter(|child| child.has_tag_name("STREAM")).nth(at)?;
    let channels = own.children().filter(|child| child.has_tag_name("CH"));
    channels.map(|channel| channel.attribute("index")?.parse().ok()).collect()
}

/// What the settings of a session tell about how it was recorded.
pub fn facts(files: &FileSet, data_folder: &str) -> Vec<Fact> {
    let mut facts = Facts::default();
    let text = settings_of(files, data_folder).and_then(|file| read_text(file).ok()).unwrap_or_default();
    let Ok(document) = Document::parse(&text) else { return facts.list() };
    let info = |tag: &str| document.descendants().find(|node| node.has_tag_name(tag)).and_then(|node| node.text());
    facts.add_some("Recorded", info("DATE").map(of_words));
    facts.add_some("Program", info("VERSION").map(|version| format!("Open Ephys GUI {}", version.trim())));
    let chain: Vec<&str> = processors(&document).filter_map(|node| node.attribute("name")).collect();
    facts.add("Processors", chain.join(", "));
    for probe in document.descendants().filter(|node| PROBES.iter().any(|tag| node.has_tag_name(*tag))) {
        let part = probe.attribute("probe_part_number").or_else(|| probe.attribute("probePartNumber"));
        let told = [part, serial(&probe)].into_iter().flatten().collect::<Vec<_>>().join(", serial number ");
        facts.add("Probe", told);
    }
    facts.list()
}

/// Channels that the record node saves, where it leaves some out.
fn saved_channels(document: &Document, stream: &str, short: &str) -> Option<Vec<usize>> {
    let nodes: Vec<Node> = processors(document)
        .filter(|node| node.attribute("name").is_some_and(|name| name.contains("Record Node")))
        .collect();
    let id = |node: &Node| node.attribute("nodeId").or_else(|| node.attribute("NodeId")).map(str::to_owned);
    let is_own = |node: &&Node| id(node).is_some_and(|id| stream.starts_with(&format!("Record Node {id}#")));
    let node = nodes.iter().find(is_own).or_else(|| nodes.first())?;
    let parameters = node.children().find(|child| child.has_tag_name("CUSTOM_PARAMETERS"))?;
    let mut streams = parameters.children().filter(|child| child.has_tag_name("STREAM"));
    let own = streams.find(|child| child.attribute("name").is_some_and(|name| short == name))?;
    let states = own.attribute("recording_state").filter(|states| !["ALL", "NONE"].contains(states))?;
    Some(states.bytes().enumerate().filter(|(_, state)| *state == b'1').map(|(at, _)| at).collect())
}
