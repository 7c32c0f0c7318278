//! From the reply of a service or a program to the declared output.

use std::collections::BTreeMap;

use plan::{Output, Value};
use protocol::text::Language;

use crate::manifest::{Mapping, Step};

/// Where the parts of an output are in a reply.
#[derive(Clone, Copy)]
pub(crate) struct Source<'m> {
    /// The value, or the place of the record or of the rows.
    pub(crate) result: Option<&'m Mapping>,
    /// The fields of a record or of each row.
    pub(crate) fields: &'m BTreeMap<String, Mapping>,
}

/// Builds the output from `reply`.
pub(crate) fn output(
    output: &Output,
    source: Source<'_>,
    reply: Value,
    language: Language,
) -> Value {
    let whole = match source.result {
        Some(mapping) => mapped(mapping, &reply, language),
        None => reply,
    };
    match output {
        Output::None => Value::Null,
        Output::Value { .. } => whole,
        Output::Record { fields, .. } => record(fields, source.fields, &whole, language),
        Output::Rows { fields, .. } => {
            let rows = match &whole {
                Value::List(items) => items.as_slice(),
                _ => &[],
            };
            let row = |item| record(fields, source.fields, item, language);
            Value::List(rows.iter().map(row).collect())
        }
    }
}

/// Tells whether `reply` has the shape of the output: rows, or a record, with one of the fields at least.
pub(crate) fn fits(output: &Output, source: Source<'_>, reply: &Value, language: Language) -> bool {
    let whole = match source.result {
        Some(mapping) => mapped(mapping, reply, language),
        None => reply.clone(),
    };
    let has_a_field = |fields: &[plan::Field], from: &Value| {
        let found = record(fields, source.fields, from, language);
        fields.iter().any(|field| {
            found
                .field(&field.name)
                .is_some_and(|value| *value != Value::Null)
        })
    };
    match output {
        Output::None | Output::Value { .. } => true,
        Output::Record { fields, .. } => has_a_field(fields, &whole),
        Output::Rows { fields, .. } => whole
            .as_list()
            .is_some_and(|rows| rows.iter().all(|row| has_a_field(fields, row))),
    }
}

fn record(
    fields: &[plan::Field],
    mappings: &BTreeMap<String, Mapping>,
    from: &Value,
    language: Language,
) -> Value {
    let field = |field: &plan::Field| {
        let value = match mappings.get(&field.name) {
            Some(mapping) => mapped(mapping, from, language),
            None => from.field(&field.name).cloned().unwrap_or_default(),
        };
        (field.name.clone(), value)
    };
    Value::Record(fields.iter().map(field).collect())
}

fn mapped(mapping: &Mapping, from: &Value, language: Language) -> Value {
    let Some(found) = at(from, &mapping.at).filter(|value| **value != Value::Null) else {
        return mapping.default.clone().unwrap_or_default();
    };
    let value = match (found, &mapping.join) {
        (Value::List(items), _) if mapping.bytes => Value::Text(text_of_bytes(items)),
        (Value::List(items), Some(between)) => {
            let texts: Vec<String> = items.iter().map(key).collect();
            Value::Text(texts.join(between))
        }
        (Value::Bool(truth), _) if mapping.negate => Value::Bool(!truth),
        (Value::Number(number), _) => Value::Number(number_mapped(mapping, *number)),
        (value, _) => value.clone(),
    };
    match mapping.map.get(&key(&value)) {
        Some(text) => Value::from(text.in_language(language)),
        None => value,
    }
}

/// Bytes that are no UTF-8 are marked in the text; what is no byte is left out.
fn text_of_bytes(items: &[Value]) -> String {
    let byte = |item: &Value| item.as_number().filter(|byte| (0.0..256.0).contains(byte));
    let bytes: Vec<u8> = items
        .iter()
        .filter_map(byte)
        .map(|byte| byte as u8)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn number_mapped(mapping: &Mapping, number: f64) -> f64 {
    let number = number * mapping.scale.unwrap_or(1.0);
    match mapping.round {
        Some(decimals) => {
            let factor = 10f64.powi(i32::from(decimals));
            (number * factor).round() / factor
        }
        None => number,
    }
}

fn at<'v>(value: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.field(key),
        Step::Position(position) => value.as_list()?.get(*position),
    })
}

/// A value as a key of `map`.
fn key(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::List(_) | Value::Record(_) => String::new(),
    }
}

/// Turns JSON into a value; a number beyond what a plan holds becomes none.
pub(crate) fn from_json(json: serde_json::Value) -> Value {
    serde_json::from_value(json).unwrap_or_default()
}
