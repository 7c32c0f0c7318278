//! Values as the shell gets them.

use plan::{Type, Value};
use protocol::text::Language;
use serde_json::{Number, Value as Json};

use crate::visible::{cut, visible, visible_lines};

/// Returns the word for `ty` on the wire; see “Value types” in `docs/panels.md`.
pub(crate) fn type_word(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int { .. } | Type::Number => "number",
        Type::Percent => "percent",
        Type::Bytes => "bytes",
        Type::Duration => "duration",
        Type::Time => "time",
        Type::Path(_) => "path",
        Type::App => "app",
        Type::Text { .. }
        | Type::Choice(_)
        | Type::Live(_)
        | Type::List(_)
        | Type::Record(_)
        | Type::Any => "text",
    }
}

/// Returns the type of a value of which nothing was declared.
pub(crate) fn guessed(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Number(_) => Type::Number,
        Value::List(items) => Type::List(Box::new(items.first().map_or(Type::Any, guessed))),
        Value::Record(fields) => Type::Record(
            fields
                .iter()
                .map(|(name, value)| plan::Field {
                    name: name.clone(),
                    ty: guessed(value),
                })
                .collect(),
        ),
        Value::Null | Value::Text(_) => Type::Any,
    }
}

/// Returns a value as one cell: a scalar, whatever it was.
pub(crate) fn cell(value: &Value, ty: &Type, language: Language) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) if matches!(ty, Type::Bool) => Json::Bool(*truth),
        Value::Number(value) if is_numeric(ty) => number(*value),
        Value::Text(text) => Json::String(cut(visible(text))),
        other => Json::String(cut(plan::show_value(other, ty, plan_language(language)))),
    }
}

/// As [`cell`], but a text keeps its line breaks.
pub(crate) fn paragraph(value: &Value, ty: &Type, language: Language) -> Json {
    match value {
        Value::Text(text) => Json::String(cut(visible_lines(text))),
        other => cell(other, ty, language),
    }
}

/// Returns a number, whole where it is; `null` for what is no number.
pub(crate) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        return Json::from(value as i64);
    }
    Number::from_f64(value).map_or(Json::Null, Json::Number)
}

/// Returns a `file:` URI of an absolute path, percent-encoded, so that it is exact and plain ASCII.
pub(crate) fn file_uri(path: &str) -> Json {
    if !path.starts_with('/') {
        return Json::Null;
    }
    let mut uri = String::from("file://");
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    // Cut, it would name another file.
    if uri.len() > crate::MAX_STRING {
        Json::Null
    } else {
        Json::String(uri)
    }
}

fn is_numeric(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Int { .. } | Type::Number | Type::Percent | Type::Bytes | Type::Duration
    )
}

fn plan_language(language: Language) -> plan::Language {
    match language {
        Language::English => plan::Language::En,
        Language::Chinese => plan::Language::Zh,
    }
}
