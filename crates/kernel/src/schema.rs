//! What a function takes, as a JSON schema (draft 2020-12), for programs that call functions.

use plan::{ArgumentSpec, Signature, Type};
use serde_json::{Map, Value, json};

/// Returns the schema of the object of a function's arguments.
pub(crate) fn of_arguments(signature: &Signature) -> Value {
    let property = |spec: &ArgumentSpec| {
        let Value::Object(mut schema) = of_type(&spec.ty) else {
            return (spec.name.clone(), Value::Bool(true));
        };
        let meant = schema.get("description").and_then(Value::as_str);
        let words: Vec<&str> = meant
            .into_iter()
            .chain([spec.hint.as_str()])
            .filter(|words| !words.is_empty())
            .collect();
        if !words.is_empty() {
            let words = words.join("; ");
            schema.insert("description".to_owned(), words.into());
        }
        if let Some(default) = &spec.default {
            let default = serde_json::to_value(default).unwrap_or_default();
            schema.insert("default".to_owned(), default);
        }
        (spec.name.clone(), Value::Object(schema))
    };
    let properties: Map<String, Value> = signature.arguments.iter().map(property).collect();
    let required: Vec<&str> = signature
        .arguments
        .iter()
        .filter(|spec| spec.required)
        .map(|spec| spec.name.as_str())
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_type(ty: &Type) -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    match ty {
        Type::Any => json!({}),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int { min, max } => {
            let mut schema = json!({ "type": "integer" });
            if let Some(min) = min {
                schema["minimum"] = (*min).into();
            }
            if let Some(max) = max {
                schema["maximum"] = (*max).into();
            }
            schema
        }
        Type::Number => json!({ "type": "number" }),
        Type::Percent => json!({ "type": "number", "minimum": 0, "maximum": 100 }),
        Type::Bytes => json!({ "type": "number", "minimum": 0, "description": "in bytes" }),
        Type::Duration => json!({ "type": "number", "minimum": 0, "description": "in seconds" }),
        Type::Time => text("a moment: RFC 3339, `18:30`, `tomorrow 9:00`"),
        Type::Path(_) => text("a path: absolute or behind `~/`"),
        Type::App => text("the name of an application"),
        Type::Live(_) => text("the name of something that is present now"),
        Type::Text { max } => json!({ "type": "string", "maxLength": max }),
        Type::Choice(words) => json!({ "type": "string", "enum": words }),
        Type::List(item) => json!({ "type": "array", "items": of_type(item) }),
        Type::Record(_) => json!({ "type": "object" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_is_described() {
        let signature: Signature = serde_json::from_value(json!({
            "name": "demo.set", "summary": "", "effect": "read",
            "arguments": [
                { "name": "level", "type": "int(1..9)", "required": true, "hint": "of the tap" },
                { "name": "kind", "type": "choice(hot|cold)", "default": "hot" },
                { "name": "long", "type": "duration", "hint": "ten if left out" },
            ],
        }))
        .unwrap();
        assert_eq!(
            of_arguments(&signature),
            json!({
                "type": "object",
                "properties": {
                    "level": { "type": "integer", "minimum": 1, "maximum": 9, "description": "of the tap" },
                    "kind": { "type": "string", "enum": ["hot", "cold"], "default": "hot" },
                    "long": { "type": "number", "minimum": 0, "description": "in seconds; ten if left out" },
                },
                "required": ["level"],
                "additionalProperties": false,
            })
        );
    }
}
