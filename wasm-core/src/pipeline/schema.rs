//! The JSON Schema of pipeline files, made from the blocks.

use serde_json::{Map, Value, json};

use super::{CHAIN_VERSION, GRAPH_VERSION, MAX_BLOCKS, MAX_ID_LETTERS, RECORDING};
use crate::blocks::{BLOCKS, BlockSpec, Control, ParamSpec};

/// JSON Schema (draft 2020-12) of a pipeline file of version 1 or 2. Ids must differ, and a block comes
/// behind what it takes, which a schema cannot say.
#[must_use]
pub fn schema() -> Value {
    let reference = |name: String| json!({"$ref": format!("#/$defs/{name}")});
    let signal = BLOCKS.into_iter().filter(|spec| !spec.is_analysis());
    let chain: Vec<Value> = signal.map(|spec| reference(format!("{}_of_version_1", spec.kind))).collect();
    let mut graph: Vec<Value> = BLOCKS.into_iter().map(|spec| reference(spec.kind.to_owned())).collect();
    graph.push(reference("unknown".to_owned()));
    let mut defs = Map::new();
    for spec in BLOCKS {
        defs.insert(spec.kind.to_owned(), of_block(spec, true));
        if !spec.is_analysis() {
            defs.insert(format!("{}_of_version_1", spec.kind), of_block(spec, false));
        }
    }
    defs.insert("unknown".into(), unknown());
    let version = |version: u32, blocks: Vec<Value>| {
        json!({
            "type": "object",
            "properties": {
                "version": {"type": "integer", "const": version},
                "blocks": {"type": "array", "maxItems": MAX_BLOCKS, "items": {"anyOf": blocks}},
            },
            "required": ["version", "blocks"],
            "additionalProperties": false,
        })
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Neurocyte pipeline",
        "description": "Ids must differ, and a block comes behind what it takes.",
        "oneOf": [version(CHAIN_VERSION, chain), version(GRAPH_VERSION, graph)],
        "$defs": defs,
    })
}

/// A block of a later version.
fn unknown() -> Value {
    let kinds: Vec<&str> = BLOCKS.iter().map(|spec| spec.kind).collect();
    json!({
        "description": "A block of a later version: it is kept, and what follows from it is not computed.",
        "type": "object",
        "properties": {
            "id": id(true),
            "kind": {"type": "string", "not": {"enum": kinds}},
            "in": {"type": "object", "additionalProperties": {"type": "string"}},
            "params": {"type": "object"},
        },
        "required": ["id", "kind"],
        "additionalProperties": false,
    })
}

/// The id of a block; in version 1 it may be any text that is more than blanks.
fn id(is_graph: bool) -> Value {
    let not = json!({"const": RECORDING});
    if is_graph {
        json!({"type": "string", "pattern": format!("^[A-Za-z0-9_-]{{1,{MAX_ID_LETTERS}}}$"), "not": not})
    } else {
        json!({"type": "string", "pattern": r"\S", "not": not})
    }
}

fn of_block(spec: &BlockSpec, is_graph: bool) -> Value {
    let params: Map<String, Value> = spec.params.iter().map(|param| (param.name.to_owned(), of_param(param))).collect();
    let (input, what) = if is_graph {
        let port = spec.takes.name();
        let ports = json!({
            "type": "object",
            "description": format!("Id of the block that gives its {port}, or “{RECORDING}”."),
            "properties": {port: {"type": "string"}},
            "required": [port],
            "additionalProperties": false,
        });
        ("in", ports)
    } else {
        ("input", json!({"type": "string", "description": format!("Id of the block before it, or “{RECORDING}”.")}))
    };
    let mut block = json!({
        "title": spec.title,
        "description": spec.purpose,
        "type": "object",
        "properties": {
            "id": id(is_graph),
            "kind": {"const": spec.kind},
            input: what,
            "params": {"type": "object", "properties": params, "additionalProperties": false},
        },
        "required": ["id", "kind", input],
        "additionalProperties": false,
    });
    let needs: Vec<Value> =
        spec.needs().iter().map(|need| json!({"fact": need.fact.name(), "when": need.when})).collect();
    let gives: Vec<&str> = spec.gives_facts().iter().map(|fact| fact.name()).collect();
    if !needs.is_empty() {
        block["x-needs"] = needs.into();
    }
    if !gives.is_empty() {
        block["x-gives"] = gives.into();
    }
    block
}

fn of_param(param: &ParamSpec) -> Value {
    let mut value = match &param.control {
        Control::Number { unit, min, max, step, .. } => {
            let kind = if *step == 1.0 { "integer" } else { "number" };
            json!({"type": kind, "minimum": min, "maximum": max, "x-unit": unit})
        }
        Control::Choice(options) => {
            let names: Vec<&str> = options.iter().map(|(name, _)| *name).collect();
            json!({"enum": names})
        }
        Control::Channels => json!({"type": "array", "items": {"type": "string"}}),
    };
    value["title"] = param.label.into();
    value["description"] = param.source.into();
    value["default"] = param.default_value();
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `neurocyte pipeline schema > www/pipeline.schema.json` writes it.
    #[test]
    fn the_site_serves_the_schema_of_today() {
        let served: Value = serde_json::from_str(include_str!("../../../www/pipeline.schema.json")).expect("JSON");
        assert_eq!(served, schema());
    }
}
