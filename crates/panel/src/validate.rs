//! The catalogue `lucid:v1` as rules: what a message may hold.

use plan::is_invisible;
use serde_json::{Map, Value as Json};

/// The version of A2UI.
pub(crate) const VERSION: &str = "v0.9";
/// Most rows in one message, also of any other list.
pub const MAX_ROWS: usize = 1000;
/// Longest string in bytes.
pub const MAX_STRING: usize = 4096;
/// Deepest nesting of a message.
pub const MAX_DEPTH: usize = 10;

/// A message is not one of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Invalid {
    /// The component or part of the message.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a property may be.
#[derive(Debug, Clone, Copy)]
enum Prop {
    Text,
    Bool,
    Number,
    Ids,
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A binding and nothing else.
    Path,
    /// A binding or a scalar.
    Bound,
    /// A binding or a number.
    BoundNumber,
    Actions,
    Column,
    Columns(usize),
}

use Prop::{
    Actions, Bool, Bound, BoundNumber, Column, Columns, Ids, Number, Path, Text, Texts, Word,
};

const TYPE: Prop = Word(&[
    "text", "number", "percent", "bytes", "duration", "time", "path", "bool", "app",
]);
const METER_TYPE: Prop = Word(&["percent", "bytes", "number", "duration"]);
const EFFECT: Prop = Word(&["read", "transient", "reversible", "irreversible", "egress"]);

/// A component: its name, then its properties; a name that ends in `?` may be absent.
type Rule = (&'static str, &'static [(&'static str, Prop)]);

const COMPONENTS: &[Rule] = &[
    ("Column", &[("children", Ids)]),
    ("Section", &[("title", Text), ("children", Ids)]),
    ("Title", &[("text", Text)]),
    (
        "Text",
        &[
            ("value", Bound),
            ("type", TYPE),
            ("label?", Text),
            ("found", Bool),
        ],
    ),
    (
        "Meter",
        &[
            ("value", BoundNumber),
            ("max", BoundNumber),
            ("type", METER_TYPE),
            ("label", Text),
        ],
    ),
    (
        "Table",
        &[
            ("columns", Columns(64)),
            ("rows", Path),
            ("total", Path),
            ("offset", Path),
            ("actions", Actions),
            ("caption?", Text),
        ],
    ),
    (
        "List",
        &[
            ("items", Path),
            ("total", Path),
            ("offset", Path),
            ("type", TYPE),
            ("detailType?", TYPE),
            ("actions", Actions),
            ("caption?", Text),
        ],
    ),
    (
        "KeyValue",
        &[("rows", Path), ("actions", Actions), ("caption?", Text)],
    ),
    (
        "Gallery",
        &[
            ("items", Path),
            ("total", Path),
            ("offset", Path),
            ("actions", Actions),
            ("caption?", Text),
        ],
    ),
    ("Image", &[("image", Bound), ("label", Text)]),
    (
        "Chart",
        &[
            ("kind", Word(&["line", "bar"])),
            ("x", Column),
            ("series", Columns(4)),
            ("points", Path),
            ("caption?", Text),
        ],
    ),
    ("Button", &[("label", Text), ("effect", EFFECT)]),
    (
        "Toggle",
        &[("label", Text), ("value", Bound), ("effect", EFFECT)],
    ),
    (
        "Slider",
        &[
            ("label", Text),
            ("value", BoundNumber),
            ("min", Number),
            ("max", Number),
            ("step", Number),
            ("type", TYPE),
            ("effect", EFFECT),
        ],
    ),
    (
        "Input",
        &[
            ("label", Text),
            ("value", Bound),
            ("type", TYPE),
            ("choices?", Texts),
            ("maxLength?", Number),
            ("effect", EFFECT),
        ],
    ),
    ("Error", &[("text", Text), ("remedy?", Text)]),
    ("Empty", &[("text", Text)]),
    ("More", &[("label", Text)]),
];

/// Checks a whole message against the catalogue and the caps.
///
/// # Errors
///
/// [`Invalid`] with the first thing that is wrong.
pub fn validate(message: &Json) -> Result<(), Invalid> {
    within_caps(message, 0)?;
    let message = record("message", message)?;
    if message.get("version").and_then(Json::as_str) != Some(VERSION) {
        return fail("message", "its version is not v0.9");
    }
    let mut kinds = message.iter().filter(|(key, _)| *key != "version");
    let (Some((kind, body)), None) = (kinds.next(), kinds.next()) else {
        return fail("message", "it has not exactly one kind");
    };
    let body = record(kind, body)?;
    id(kind, body.get("surfaceId"))?;
    match kind.as_str() {
        "createSurface" => {
            only(kind, body, &["surfaceId", "catalogId"])?;
            one_of(kind, body.get("catalogId"), &["lucid:v1"])
        }
        "updateComponents" => {
            only(kind, body, &["surfaceId", "components"])?;
            list(kind, body.get("components"))?
                .iter()
                .try_for_each(valid_component)
        }
        "updateDataModel" => {
            only(kind, body, &["surfaceId", "path", "value"])?;
            if !body.contains_key("value") {
                return fail(kind, "it has no value");
            }
            pointer(kind, body.get("path"))
        }
        "deleteSurface" => only(kind, body, &["surfaceId"]),
        _ => fail("message", "its kind is unknown"),
    }
}

/// Checks one component.
pub(crate) fn valid_component(component: &Json) -> Result<(), Invalid> {
    within_caps(component, 0)?;
    let component = record("component", component)?;
    id("component", component.get("id"))?;
    let name = component
        .get("component")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let Some((_, properties)) = COMPONENTS.iter().find(|(known, _)| *known == name) else {
        return fail("component", &format!("`{name}` is not in the catalogue"));
    };
    for key in component
        .keys()
        .filter(|key| *key != "id" && *key != "component")
    {
        if !properties
            .iter()
            .any(|(known, _)| known.trim_end_matches('?') == key)
        {
            return fail(name, &format!("it has no property `{key}`"));
        }
    }
    for (key, prop) in *properties {
        let place = format!("{name}.{key}");
        match (component.get(key.trim_end_matches('?')), key.ends_with('?')) {
            (Some(value), _) => check(&place, *prop, value)?,
            (None, true) => {}
            (None, false) => return fail(&place, "it is missing"),
        }
    }
    Ok(())
}

fn check(place: &str, prop: Prop, value: &Json) -> Result<(), Invalid> {
    let is = |fits: bool, what: &str| {
        if fits {
            Ok(())
        } else {
            fail(place, &format!("it is not {what}"))
        }
    };
    match prop {
        Text => is(value.is_string(), "a string"),
        Bool => is(value.is_boolean(), "a truth value"),
        Number => is(value.is_number(), "a number"),
        Word(words) => one_of(place, Some(value), words),
        Ids => list(place, Some(value))?
            .iter()
            .try_for_each(|child| id(place, Some(child))),
        Texts => list(place, Some(value))?
            .iter()
            .try_for_each(|text| is(text.is_string(), "a list of strings")),
        Path => binding(place, value),
        Bound if value.is_object() => binding(place, value),
        Bound => is(!value.is_array(), "a scalar"),
        BoundNumber if value.is_object() => binding(place, value),
        BoundNumber => is(value.is_number(), "a number"),
        Actions => list(place, Some(value))?.iter().try_for_each(|action| {
            let action = record(place, action)?;
            only(place, action, &["verb", "label", "effect"])?;
            check(place, Text, action.get("verb").unwrap_or(&Json::Null))?;
            check(place, Text, action.get("label").unwrap_or(&Json::Null))?;
            check(place, EFFECT, action.get("effect").unwrap_or(&Json::Null))
        }),
        Column => {
            let column = record(place, value)?;
            only(place, column, &["key", "label", "type"])?;
            check(place, Text, column.get("key").unwrap_or(&Json::Null))?;
            check(place, Text, column.get("label").unwrap_or(&Json::Null))?;
            check(place, TYPE, column.get("type").unwrap_or(&Json::Null))
        }
        Columns(most) => {
            let columns = list(place, Some(value))?;
            is((1..=most).contains(&columns.len()), "of the right length")?;
            columns
                .iter()
                .try_for_each(|column| check(place, Column, column))
        }
    }
}

/// Checks lengths, depth, and that no string holds a character that is not seen.
fn within_caps(value: &Json, depth: usize) -> Result<(), Invalid> {
    if depth > MAX_DEPTH {
        return fail("message", "it is nested too deeply");
    }
    match value {
        Json::String(text) if text.len() > MAX_STRING => fail("message", "a string is too long"),
        Json::String(text) if text.chars().any(is_hidden) => {
            fail("message", "a string has a character that is not seen")
        }
        Json::Array(items) if items.len() > MAX_ROWS => fail("message", "a list is too long"),
        Json::Array(items) => items
            .iter()
            .try_for_each(|item| within_caps(item, depth + 1)),
        Json::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            if key.len() > MAX_STRING || key.chars().any(is_hidden) {
                return fail("message", "a key is not plain");
            }
            within_caps(value, depth + 1)
        }),
        _ => Ok(()),
    }
}

/// Line breaks and the joiners of emoji are let through; [`crate::visible`] decides where they stay.
fn is_hidden(c: char) -> bool {
    is_invisible(c) && !matches!(c, '\n' | '\u{fe0f}' | '\u{200d}')
}

fn binding(place: &str, value: &Json) -> Result<(), Invalid> {
    let value = record(place, value)?;
    only(place, value, &["path"])?;
    pointer(place, value.get("path"))
}

fn pointer(place: &str, value: Option<&Json>) -> Result<(), Invalid> {
    match value.and_then(Json::as_str) {
        Some(path) if path.starts_with('/') && path.len() > 1 => Ok(()),
        _ => fail(place, "its path is not a pointer from the root"),
    }
}

fn id(place: &str, value: Option<&Json>) -> Result<(), Invalid> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match value.and_then(Json::as_str) {
        Some(id) if (1..=64).contains(&id.len()) && id.chars().all(plain) => Ok(()),
        _ => fail(place, "an id is missing or not plain"),
    }
}

fn one_of(place: &str, value: Option<&Json>, words: &[&str]) -> Result<(), Invalid> {
    match value.and_then(Json::as_str) {
        Some(word) if words.contains(&word) => Ok(()),
        _ => fail(place, &format!("it is none of {}", words.join(", "))),
    }
}

fn only(place: &str, fields: &Map<String, Json>, known: &[&str]) -> Result<(), Invalid> {
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => fail(place, &format!("it has no property `{key}`")),
        None => Ok(()),
    }
}

fn record<'a>(place: &str, value: &'a Json) -> Result<&'a Map<String, Json>, Invalid> {
    match value.as_object() {
        Some(fields) => Ok(fields),
        None => fail(place, "it is not an object"),
    }
}

fn list<'a>(place: &str, value: Option<&'a Json>) -> Result<&'a Vec<Json>, Invalid> {
    match value.and_then(Json::as_array) {
        Some(items) => Ok(items),
        None => fail(place, "it is not a list"),
    }
}

fn fail<T>(place: &str, reason: &str) -> Result<T, Invalid> {
    Err(Invalid {
        place: place.to_owned(),
        reason: reason.to_owned(),
    })
}
