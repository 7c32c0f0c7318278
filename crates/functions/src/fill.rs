//! Fills `{argument}`s of manifests.

use journal::{OpenEntry, Outcome};
use plan::{Value, escape_for_display};
use policy::ResolvedCall;
use protocol::text::Language;

use crate::manifest::LocalText;

/// What came of an act that a manifest describes: what it gave, the undo of its intent, and the sentence that says that
/// it is done. An argument that is not given leaves nothing in that; values are escaped, since a person reads it.
pub(crate) fn outcome(
    value: Value,
    entry: &OpenEntry,
    done: Option<&LocalText>,
    language: Language,
) -> Outcome {
    let escaped = |value: &Value| escape_for_display(&shown(value));
    Outcome {
        value,
        undo: entry.intent().undo.clone(),
        note: done
            .map(|done| filled(done.in_language(language), entry.call(), escaped))
            .unwrap_or_default(),
    }
}

/// Fills the `{argument}`s of `template` in one pass; any other brace is text.
pub(crate) fn text(template: &str, call: &ResolvedCall) -> String {
    filled(template, call, shown)
}

fn filled(template: &str, call: &ResolvedCall, shown: impl Fn(&Value) -> String) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if is_name(name) => {
                filled.push_str(&call.argument(name).map(&shown).unwrap_or_default());
                rest = tail;
            }
            _ => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Tells whether what stands between braces is the name of an argument.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A value as text, numbers without a needless fraction.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Record(_) => String::new(),
    }
}

/// Fills a value of an inverse: `"{name}"` alone becomes the value itself, other text is filled.
///
/// Gives [`None`] for a lone placeholder without a value.
pub(crate) fn value(template: &Value, of: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    let lone = template
        .as_text()
        .and_then(|text| text.strip_prefix('{')?.strip_suffix('}'))
        .filter(|name| is_name(name));
    match lone {
        Some(name) => of(name).filter(|value| *value != Value::Null),
        None => Some(template.clone()),
    }
}
