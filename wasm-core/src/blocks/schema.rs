//! The JSON Schema of pipeline files, made from the blocks.

use serde_json::{Map, Value, json};

use super::{BLOCKS, BlockSpec, Control, ParamSpec};

/// JSON Schema (draft 2020-12) of a pipeline file of version 1 or 2.
#[must_use]
pub fn schema() -> Value {
    let known: Vec<Value> = BLOCKS.iter().map(|spec| json!({"$ref": format!("#/$defs/{}", spec.kind)})).collect();
    let kinds: Vec<&str> = BLOCKS.iter().map(|spec| spec.kind).collect();
    let mut defs: Map<String, Value> = BLOCKS.iter().map(|spec| (spec.kind.to_owned(), of_block(spec))).collect();
    defs.insert(
        "unknown".into(),
        json!({
            "description": "A block of a later version: it is kept, and what follows from it is not computed.",
            "type": "object",
            "properties": {"kind": {"type": "string", "not": {"enum": kinds}}},
            "required": ["id", "kind"],
        }),
    );
    let mut any = known;
    any.push(json!({"$ref": "#/$defs/unknown"}));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Neurocyte pipeline",
        "type": "object",
        "properties": {
            "version": {"enum": [1, 2]},
            "blocks": {"type": "array", "maxItems": crate::pipeline::MAX_BLOCKS, "items": {"anyOf": any}},
        },
        "required": ["version", "blocks"],
        "additionalProperties": false,
        "$defs": defs,
    })
}

fn of_block(spec: &BlockSpec) -> Value {
    let params: Map<String, Value> = spec.params.iter().map(|param| (param.name.to_owned(), of_param(param))).collect();
    json!({
        "title": spec.title,
        "description": spec.purpose,
        "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "kind": {"const": spec.kind},
            "input": {"type": "string", "description": format!("Id of the block that gives its {}, or “recording”; in version 1.", spec.takes.name())},
            "in": {
                "type": "object",
                "description": "In version 2: what each port takes.",
                "properties": {spec.takes.name(): {"type": "string"}},
                "additionalProperties": false,
            },
            "params": {"type": "object", "properties": params, "additionalProperties": false},
        },
        "required": ["id", "kind"],
        "additionalProperties": false,
    })
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
