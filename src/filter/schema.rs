//! The JSON Schema of a filter, for editors. The reader checks more: an editor helps while typing.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Policy;

impl JsonSchema for Policy {
    fn schema_name() -> Cow<'static, str> {
        "FilterPolicy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let nested = generator.subschema_for::<Self>();
        let text = |what: &str| json_schema!({ "type": "string", "description": what });
        let scalar = json_schema!({ "type": ["string", "number"] });
        let operator = json_schema!({
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "properties": {
                "prefix": text("A string with that beginning."),
                "suffix": text("A string with that end."),
                "equals-ignore-case": text("That string, in capitals or not."),
                "wildcard": text("A string of that form; `*` stands for any characters."),
                "cidr": text("An IP address in that network, such as `10.0.0.0/24`."),
                "exists": { "type": "boolean", "description": "Whether the field is there." },
                "numeric": {
                    "description": "A number in that range: `[\">=\", 100]`, `[\">\", 0, \"<=\", 100]`.",
                    "type": "array",
                    "minItems": 2,
                    "maxItems": 4,
                    "items": { "anyOf": [{ "type": "number" }, { "enum": ["=", "<", "<=", ">", ">="] }] }
                },
                "anything-but": {
                    "description": "Any value but these.",
                    "anyOf": [
                        scalar.clone(),
                        { "type": "array", "minItems": 1, "items": scalar },
                        {
                            "type": "object",
                            "minProperties": 1,
                            "maxProperties": 1,
                            "additionalProperties": false,
                            "properties": {
                                "prefix": { "type": "string" },
                                "suffix": { "type": "string" },
                                "wildcard": { "type": "string" }
                            }
                        }
                    ]
                }
            }
        });
        json_schema!({
            "description": "Which events pass: every key must match, one condition of each. Keys are fields of the event's data.",
            "type": "object",
            "minProperties": 1,
            "properties": { "$or": { "type": "array", "minItems": 2, "items": nested } },
            "additionalProperties": {
                "anyOf": [
                    {
                        "type": "array",
                        "minItems": 1,
                        "items": { "anyOf": [{ "type": ["string", "number", "boolean"] }, operator] }
                    },
                    nested
                ]
            }
        })
    }
}
