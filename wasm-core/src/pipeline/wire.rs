//! Pipeline files. Version 1 names one input of a block; version 2 names what each port takes.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::check::check_named;
use super::{CHAIN_VERSION, GRAPH_VERSION, RECORDING};
use crate::blocks::{Port, spec};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    version: u32,
    blocks: Vec<Block>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    id: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    ports: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "once_each")]
    params: Map<String, Value>,
}

/// Parameters, each of them once: of two values of one name nobody could tell which counts.
fn once_each<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    struct Params;

    impl<'de> Visitor<'de> for Params {
        type Value = Map<String, Value>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut params = Map::new();
            while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                if params.contains_key(&name) {
                    return Err(A::Error::custom(format!("duplicate field `{name}`")));
                }
                params.insert(name, value);
            }
            Ok(params)
        }
    }

    from.deserialize_map(Params)
}

/// The port of a kind; none where the kind is not known.
fn port(kind: &str) -> Option<Port> {
    spec(kind).map(|spec| spec.takes)
}

impl TryFrom<Pipeline> for super::Pipeline {
    type Error = String;

    fn try_from(file: Pipeline) -> Result<Self, String> {
        let mut blocks: Vec<super::Block> = Vec::with_capacity(file.blocks.len());
        // The last block before that gives a recording.
        let mut signal = RECORDING.to_owned();
        for (at, block) in file.blocks.into_iter().enumerate() {
            let Block { id, kind, input, ports, params } = block;
            check_named(at, &id, &kind).map_err(|error| error.to_string())?;
            let known = spec(&kind);
            // Where it comes to lie: what drops spikes is put behind the detection that it takes.
            let mut at = blocks.len();
            let (input, ports) = match (file.version, known) {
                (CHAIN_VERSION, _) => {
                    let input = input.ok_or_else(|| format!("block “{id}” has no field input"))?;
                    if ports.is_some() {
                        return Err(format!("block “{id}” has the field in, which version {GRAPH_VERSION} has"));
                    }
                    (input, BTreeMap::new())
                }
                (_, None) => (String::new(), ports.unwrap_or_default()),
                (_, Some(spec)) => {
                    let port = spec.takes.name();
                    if input.is_some() {
                        return Err(format!(
                            "block “{id}” has the field input, which is version 1's; use in: {{{port}: …}}"
                        ));
                    }
                    let mut ports = ports.unwrap_or_default();
                    let taken = ports.remove(port);
                    let taken = taken.ok_or_else(|| format!("block “{id}” does not say what its port {port} takes"))?;
                    if let Some((other, _)) = ports.pop_first() {
                        return Err(format!("block “{id}” has no port {other}; it has {port}"));
                    }
                    // In memory, as in version 1, a block that drops spikes lies on the signal path.
                    let is_on_the_signal = spec.takes == Port::Spikes && !spec.is_analysis();
                    let is_of_spikes =
                        |id: &String| blocks.iter().any(|block| block.id == *id && gives_spikes(&block.kind));
                    if is_on_the_signal && !is_of_spikes(&taken) {
                        return Err(format!("block “{id}” takes “{taken}”, which gives no spikes"));
                    }
                    if is_on_the_signal {
                        at = blocks.iter().position(|block| block.id == taken).map_or(at, |found| found + 1);
                    }
                    (if is_on_the_signal { signal.clone() } else { taken }, BTreeMap::new())
                }
            };
            if known.is_some_and(crate::blocks::BlockSpec::gives_recording) {
                signal.clone_from(&id);
            }
            blocks.insert(at, super::Block { id, kind, input, params, ports });
        }
        Ok(Self { version: file.version, blocks })
    }
}

fn gives_spikes(kind: &str) -> bool {
    spec(kind).is_some_and(|spec| spec.gives == Port::Spikes)
}

impl From<super::Pipeline> for Pipeline {
    fn from(pipeline: super::Pipeline) -> Self {
        let mut spikes = RECORDING.to_owned();
        let is_graph = pipeline.version != CHAIN_VERSION;
        let mut blocks = Vec::with_capacity(pipeline.blocks.len());
        for block in pipeline.blocks {
            let super::Block { id, kind, input, params, ports } = block;
            let gives_spikes = gives_spikes(&kind);
            let (input, ports) = match port(&kind) {
                _ if !is_graph => (Some(input), None),
                None => (None, Some(ports)),
                Some(Port::Spikes) if gives_spikes => {
                    (None, Some(BTreeMap::from([(Port::Spikes.name().to_owned(), spikes.clone())])))
                }
                Some(port) => (None, Some(BTreeMap::from([(port.name().to_owned(), input)]))),
            };
            if gives_spikes {
                spikes.clone_from(&id);
            }
            blocks.push(Block { id, kind, input, ports, params });
        }
        Self { version: pipeline.version, blocks }
    }
}
