//! Between values of plans and values of D-Bus.

use std::collections::BTreeMap;

use plan::Value;
use policy::ResolvedCall;
use zbus::{Array, Dict, ObjectPath, Signature, Variant};

use crate::{ErrorKind, FunctionError, World, builtin::files::place, manifest::DbusArgument};

/// Builds the arguments of a call.
///
/// # Errors
///
/// When an argument is missing or does not fit its D-Bus type.
pub(super) fn arguments(
    declared: &[DbusArgument],
    call: &ResolvedCall,
    world: &World,
) -> Result<Vec<Variant<'static>>, FunctionError> {
    declared
        .iter()
        .map(|argument| one(argument, call, world))
        .collect()
}

fn one(
    argument: &DbusArgument,
    call: &ResolvedCall,
    world: &World,
) -> Result<Variant<'static>, FunctionError> {
    let name = argument.from.as_deref().unwrap_or_default();
    let unusable = || FunctionError::unusable(name, world.language);
    let signature = Signature::try_from(argument.signature.as_str()).map_err(|_| unusable())?;
    if !argument.entries.is_empty() {
        return entries(argument, &signature, call, world)?.ok_or_else(unusable);
    }
    let given = call.argument(name).filter(|value| **value != Value::Null);
    match (given, &argument.value) {
        (Some(value), _) if argument.uri => variant(&uris(value, world)?, &signature),
        (Some(value), _) => variant(&scaled(value, argument), &signature),
        (None, Some(constant)) => self::constant(constant, &signature),
        (None, None) => {
            let values = [("argument", name)];
            return Err(FunctionError::new(
                ErrorKind::Invalid,
                world.language,
                "argument-missing",
                &values,
            ));
        }
    }
    .ok_or_else(unusable)
}

/// Builds a map of the entries that are given or constant.
fn entries(
    argument: &DbusArgument,
    signature: &Signature,
    call: &ResolvedCall,
    world: &World,
) -> Result<Option<Variant<'static>>, FunctionError> {
    let Signature::Dict { key, value } = signature else {
        return Ok(None);
    };
    let mut dict = Dict::new(key.signature(), value.signature());
    for (name, entry) in &argument.entries {
        let is_given = entry.value.is_some()
            || !entry.entries.is_empty()
            || entry
                .from
                .as_ref()
                .and_then(|from| call.argument(from))
                .is_some_and(|value| *value != Value::Null);
        if !is_given {
            continue;
        }
        let item = one(entry, call, world)?;
        let item = match value.signature() {
            Signature::Variant => Variant::Variant(Box::new(item)),
            _ => item,
        };
        let Some(name) = variant(&Value::from(name.as_str()), key.signature()) else {
            return Ok(None);
        };
        if dict.append(name, item).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(Variant::Dict(dict)))
}

/// Turns a path, or each of several, into a `file:` URI.
fn uris(value: &Value, world: &World) -> Result<Value, FunctionError> {
    match value {
        Value::Text(path) => file_uri(path, world).map(Value::Text),
        Value::List(paths) => {
            let uris: Result<_, _> = paths.iter().map(|path| uris(path, world)).collect();
            uris.map(Value::List)
        }
        other => Ok(other.clone()),
    }
}

/// Turns a path into a `file:` URI, after looking that something is there.
fn file_uri(text: &str, world: &World) -> Result<String, FunctionError> {
    let path = place::resolve(text, world)?;
    if !path.exists() {
        let id = "file-not-there";
        let values = [("path", text)];
        return Err(FunctionError::new(
            ErrorKind::NotFound,
            world.language,
            id,
            &values,
        ));
    }
    Ok(place::address(&path))
}

fn scaled(value: &Value, argument: &DbusArgument) -> Value {
    let (scale, offset) = (
        argument.scale.unwrap_or(1.0),
        argument.offset.unwrap_or(0.0),
    );
    match value {
        Value::Number(number) => Value::Number(number * scale + offset),
        _ => value.clone(),
    }
}

/// Turns a manifest's constant into a D-Bus value of type `signature`.
///
/// A `v` in it is written `{ type = "…", value = … }`.
pub(crate) fn constant(constant: &toml::Value, signature: &Signature) -> Option<Variant<'static>> {
    match (signature, constant) {
        (Signature::Variant, toml::Value::Table(table)) => {
            let inner = Signature::try_from(table.get("type")?.as_str()?).ok()?;
            let value = self::constant(table.get("value")?, &inner)?;
            Some(Variant::Variant(Box::new(value)))
        }
        (Signature::Array(item), toml::Value::Array(values)) => {
            let mut array = Array::new(item.signature());
            for value in values {
                array
                    .append(self::constant(value, item.signature())?)
                    .ok()?;
            }
            Some(Variant::Array(array))
        }
        (Signature::Dict { key, value }, toml::Value::Table(table)) => {
            let mut dict = Dict::new(key.signature(), value.signature());
            for (name, item) in table {
                let name = variant(&Value::from(name.as_str()), key.signature())?;
                let item = self::constant(item, value.signature())?;
                dict.append(name, item).ok()?;
            }
            Some(Variant::Dict(dict))
        }
        _ => variant(&plain(constant)?, signature),
    }
}

fn plain(constant: &toml::Value) -> Option<Value> {
    Some(match constant {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::Number(*number as f64),
        toml::Value::Float(number) => Value::Number(*number),
        toml::Value::Boolean(truth) => Value::Bool(*truth),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => return None,
    })
}

/// Turns a value of a plan into a D-Bus value of type `signature`; [`None`] where it does not fit.
pub(crate) fn variant(value: &Value, signature: &Signature) -> Option<Variant<'static>> {
    Some(match (signature, value) {
        (Signature::Bool, Value::Bool(truth)) => Variant::Bool(*truth),
        (Signature::F64, Value::Number(number)) => Variant::F64(*number),
        (Signature::Str, Value::Text(text)) => Variant::from(text.clone()),
        (Signature::ObjectPath, Value::Text(text)) => {
            Variant::ObjectPath(ObjectPath::try_from(text.clone()).ok()?)
        }
        (Signature::Signature, Value::Text(text)) => {
            Variant::Signature(Signature::try_from(text.as_str()).ok()?)
        }
        (Signature::Variant, value) => Variant::Variant(Box::new(natural(value)?)),
        (Signature::Array(item), Value::List(values)) => {
            let mut array = Array::new(item.signature());
            for value in values {
                array.append(variant(value, item.signature())?).ok()?;
            }
            Variant::Array(array)
        }
        // One value where a list is wanted is a list of one.
        (Signature::Array(item), Value::Bool(_) | Value::Number(_) | Value::Text(_)) => {
            let mut array = Array::new(item.signature());
            array.append(variant(value, item.signature())?).ok()?;
            Variant::Array(array)
        }
        (whole, Value::Number(number)) => integer(*number, whole)?,
        _ => return None,
    })
}

/// An array of texts, as it goes over the bus.
pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Variant<'static>> {
    let mut array = Array::new(&Signature::Str);
    for text in texts {
        array.append(Variant::from(text.to_owned())).ok()?;
    }
    Some(Variant::Array(array))
}

/// The D-Bus type that says the same as a value does.
fn natural(value: &Value) -> Option<Variant<'static>> {
    let signature = match value {
        Value::Bool(_) => Signature::Bool,
        Value::Number(_) => Signature::F64,
        Value::Text(_) => Signature::Str,
        Value::Null | Value::List(_) | Value::Record(_) => return None,
    };
    variant(value, &signature)
}

/// A whole number, refused rather than cut where it does not fit.
fn integer(number: f64, signature: &Signature) -> Option<Variant<'static>> {
    if !number.is_finite() || number.abs() > 9_007_199_254_740_992.0 {
        return None;
    }
    let whole = number.round() as i64;
    Some(match signature {
        Signature::U8 => Variant::U8(whole.try_into().ok()?),
        Signature::I16 => Variant::I16(whole.try_into().ok()?),
        Signature::U16 => Variant::U16(whole.try_into().ok()?),
        Signature::I32 => Variant::I32(whole.try_into().ok()?),
        Signature::U32 => Variant::U32(whole.try_into().ok()?),
        Signature::I64 => Variant::I64(whole),
        Signature::U64 => Variant::U64(whole.try_into().ok()?),
        _ => return None,
    })
}

/// Turns a D-Bus value into a value of plans: structures become lists, maps records.
pub(super) fn value(variant: &Variant<'_>) -> Value {
    match variant {
        Variant::U8(number) => Value::Number(f64::from(*number)),
        Variant::Bool(truth) => Value::Bool(*truth),
        Variant::I16(number) => Value::Number(f64::from(*number)),
        Variant::U16(number) => Value::Number(f64::from(*number)),
        Variant::I32(number) => Value::Number(f64::from(*number)),
        Variant::U32(number) => Value::Number(f64::from(*number)),
        Variant::I64(number) => Value::Number(*number as f64),
        Variant::U64(number) => Value::Number(*number as f64),
        Variant::F64(number) => Value::Number(*number),
        Variant::Str(text) => Value::from(text.as_str()),
        Variant::Signature(signature) => Value::Text(signature.to_string()),
        Variant::ObjectPath(path) => Value::from(path.as_str()),
        Variant::Variant(inner) => value(inner),
        Variant::Array(items) => Value::List(items.inner().iter().map(value).collect()),
        Variant::Structure(fields) => Value::List(fields.fields().iter().map(value).collect()),
        Variant::Dict(entries) => Value::Record(
            entries
                .iter()
                .map(|(key, item)| (key_text(key), value(item)))
                .collect::<BTreeMap<_, _>>(),
        ),
        Variant::Fd(_) => Value::Null,
    }
}

fn key_text(key: &Variant<'_>) -> String {
    match value(key) {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::List(_) | Value::Record(_) => String::new(),
    }
}
