//! `docs/plugin.schema.json`, made of the types that read manifests: what their comments say is what editors show.
//!
//! `UPDATE_EXPECT=1 cargo test -p functions --lib manifest` writes it anew, and the reference behind it.

use std::{fs, path::Path};

use plan::{Effect, Role};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::manifest::Manifest;

/// The words for [`Effect`] and [`Role`], which know nothing of schemas.
pub(in crate::manifest) const EFFECTS: [&str; 5] =
    ["read", "transient", "reversible", "irreversible", "egress"];
pub(in crate::manifest) const ROLES: [&str; 2] = ["critical", "payload"];

/// What stands by itself in the schema, since it is used in several places: its type, and what it is called there.
const PARTS: [(&str, &str); 5] = [
    ("LocalText", "text"),
    ("Mapping", "mapping"),
    ("DbusArgument", "dbus_argument"),
    ("ArgumentDeclaration", "argument"),
    ("FunctionDeclaration", "function"),
];

fn part(name: &str) -> Option<&'static str> {
    let known = PARTS.iter().find(|(ty, _)| *ty == name);
    known.map(|(_, part)| *part)
}

/// The schema without what TOML does not know (`null`), and without what only a program would read.
fn plain(schema: &Value, parts: &Map<String, Value>) -> Value {
    let Value::Object(schema) = schema else {
        // `true`: anything.
        return match schema {
            Value::Bool(true) => json!({}),
            other => other.clone(),
        };
    };
    let mut schema = schema.clone();
    for key in ["format", "default"] {
        schema.remove(key);
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|ty| ty != "null");
        if let [only] = &types[..] {
            schema["type"] = only.clone();
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|one| one["type"] != "null");
        if let [Value::Object(only)] = &any[..] {
            let only = only.clone();
            schema.remove("anyOf");
            schema.extend(only);
        }
    }
    if let Some(Value::Array(words)) = schema.get("oneOf") {
        let words: Option<Vec<Value>> = words.iter().map(|one| one.get("const").cloned()).collect();
        if let Some(words) = words {
            schema.remove("oneOf");
            schema.insert("enum".to_owned(), words.into());
        }
    }
    if schema.contains_key("enum") {
        schema.remove("type");
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default();
        match (part(name), parts[name].as_object()) {
            (Some(part), _) => schema["$ref"] = format!("#/$defs/{part}").into(),
            (None, inner) => {
                let inner = inner.cloned().into_iter().flatten();
                schema.remove("$ref");
                for (key, value) in inner {
                    schema.entry(key).or_insert(value);
                }
                return plain(&schema.into(), parts);
            }
        }
    }
    for (key, value) in &mut schema {
        match (key.as_str(), &mut *value) {
            ("properties", Value::Object(properties)) => {
                for property in properties.values_mut() {
                    *property = plain(property, parts);
                }
            }
            ("anyOf", Value::Array(any)) => {
                for one in any {
                    *one = plain(one, parts);
                }
            }
            ("items" | "additionalProperties", Value::Object(_)) => *value = plain(value, parts),
            _ => {}
        }
    }
    schema.into()
}

#[test]
fn the_schema_says_what_the_types_do() {
    for word in EFFECTS {
        let effect: Effect = serde_json::from_value(word.into()).expect("an effect");
        assert_eq!(effect.word(), word);
    }
    for word in ROLES {
        let _: Role = serde_json::from_value(word.into()).expect("a role");
    }
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Manifest>().to_value();
    let parts = schema["$defs"].as_object().cloned();
    let parts = parts.expect("the schema has parts");
    let named = PARTS.iter().map(|(ty, part)| {
        let part_of = plain(&parts[*ty], &parts);
        ((*part).to_owned(), part_of)
    });
    let named: Map<String, Value> = named.collect();
    schema["$defs"] = json!({});
    let mut schema = plain(&schema, &parts);
    // What the type of the whole says is for who reads the code.
    schema["description"] = "What a plugin is and does.".into();
    schema["title"] = "A plugin of Lucid: plugin.toml".into();
    schema["$defs"] = named.into();
    let written = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugin.schema.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &written).expect("a file");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == written,
        "docs/plugin.schema.json is not what the types say; see crates/functions/src/manifest/tests/schema.rs"
    );
}
