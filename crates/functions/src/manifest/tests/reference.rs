//! `docs/plugin-reference.md`, written from the schema, which is made of the types that read manifests.
//!
//! `UPDATE_EXPECT=1 cargo test -p functions --lib reference` writes it anew.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

const HEAD: &str = "# Every key of a plugin's manifest

Written from [plugin.schema.json](plugin.schema.json), which is made of the types that read manifests; editors
complete and check a manifest by it. [plugins.md](plugins.md) explains how the keys work together.
";

/// Writes the reference of a schema.
struct Page<'s> {
    schema: &'s Value,
    text: String,
}

impl Page<'_> {
    fn table(&mut self, title: &str, table: &Value) {
        let text = |of: &Value| of["description"].as_str().unwrap_or_default().to_owned();
        let about = text(table);
        let _ = write!(self.text, "\n## {title}\n\n{about}\n\n");
        self.text
            .push_str("| key | | type | meaning |\n|---|---|---|---|\n");
        let required = table["required"].as_array().cloned().unwrap_or_default();
        let mut inner = Vec::new();
        for (key, value) in table["properties"].as_object().into_iter().flatten() {
            let is_required = if required.contains(&Value::from(key.as_str())) {
                "required"
            } else {
                ""
            };
            let (kind, table) = self.kind(value, &format!("{title}.{key}"));
            inner.extend(table);
            let meaning = text(value).replace('|', "\\|");
            let _ = writeln!(
                self.text,
                "| `{key}` | {is_required} | {kind} | {meaning} |"
            );
        }
        for (title, table) in inner {
            self.table(&title, &table);
        }
    }

    /// What a value is, and a table of its own where it has keys.
    fn kind(&self, value: &Value, title: &str) -> (String, Option<(String, Value)>) {
        if let Some(target) = value["$ref"].as_str() {
            let name = target.rsplit('/').next().unwrap_or_default();
            return (format!("[{name}](#{name})"), None);
        }
        if let Some(words) = value["enum"].as_array() {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            return (words.join(", ").replace('"', ""), None);
        }
        if value["properties"].is_object() {
            let anchor = title.replace('.', "");
            let own = Some((title.to_owned(), value.clone()));
            return (format!("[table](#{anchor})"), own);
        }
        match value["type"].as_str() {
            Some("array") => {
                let (item, table) = self.kind(&value["items"], title);
                (format!("list of {item}"), table)
            }
            Some("object") => match &value["additionalProperties"] {
                Value::Object(_) => {
                    let (item, table) = self.kind(&value["additionalProperties"], title);
                    (format!("{item} by names"), table)
                }
                _ => ("table".to_owned(), None),
            },
            Some(kind) => (kind.to_owned(), None),
            None => ("any".to_owned(), None),
        }
    }

    fn whole(mut self) -> String {
        for (key, value) in self.schema["properties"].as_object().into_iter().flatten() {
            let is_list = value["type"] == "array";
            let table = if is_list { &value["items"] } else { value };
            let table = match table["$ref"].as_str() {
                Some(target) => self.schema.pointer(&target[1..]).unwrap_or(table),
                None => table,
            };
            self.table(key, table);
        }
        for (key, value) in self.schema["$defs"].as_object().into_iter().flatten() {
            // That of a function stands above already.
            if value["properties"].is_object() && key != "function" {
                self.table(key, value);
            } else if key == "text" {
                let about = value["description"].as_str().unwrap_or_default();
                let _ = write!(self.text, "\n## {key}\n\n{about}\n");
            }
        }
        self.text
    }
}

#[test]
fn the_reference_says_what_the_schema_does() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let schema = fs::read_to_string(docs.join("plugin.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("the schema");
    let page = Page {
        schema: &schema,
        text: HEAD.to_owned(),
    };
    let written = page.whole();
    let path = docs.join("plugin-reference.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &written).expect("a file");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == written,
        "docs/plugin-reference.md is not what the schema says; see crates/functions/src/manifest/tests/reference.rs"
    );
}
