//! The objects of a service that has an object manager
//! (<https://dbus.freedesktop.org/doc/dbus-specification.html#standard-interfaces-objectmanager>).

use std::collections::BTreeMap;

use plan::Value;

use super::bus::Target;
use crate::{FunctionError, LiveValue, World, manifest::LiveDeclaration};

const MANAGER: &str = "org.freedesktop.DBus.ObjectManager";

/// An object with its properties of one interface.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    pub(super) path: String,
    properties: Value,
}

impl Object {
    /// What a person calls it, by `property`.
    pub(super) fn live_value(self, property: &str) -> LiveValue {
        LiveValue {
            names: self.called(property).into_iter().collect(),
            id: self.path,
        }
    }

    fn called(&self, property: &str) -> Option<String> {
        let name = self.properties.field(property)?.as_text()?.trim();
        Some(name.to_owned()).filter(|name| !name.is_empty())
    }
}

/// Lists the objects with `interface` that the manager at `root` knows, by path.
///
/// # Errors
///
/// When the service does not answer.
pub(super) async fn list(
    root: &Target<'_>,
    interface: &str,
    world: &World,
) -> Result<Vec<Object>, FunctionError> {
    let reply = root
        .call(MANAGER, "GetManagedObjects", Vec::new(), world)
        .await?;
    let Value::Record(objects) = super::first_of_reply(reply) else {
        return Ok(Vec::new());
    };
    let of_interface = |(path, interfaces): (String, Value)| {
        let properties = interfaces.field(interface)?.clone();
        Some(Object { path, properties })
    };
    Ok(objects.into_iter().filter_map(of_interface).collect())
}

/// Returns the object that a person or a plan means, by its path or by what `live` calls it; the first where none is named.
pub(super) fn chosen(
    objects: Vec<Object>,
    chosen: Option<&str>,
    live: Option<&LiveDeclaration>,
) -> Option<Object> {
    let Some(chosen) = chosen else {
        return objects.into_iter().next();
    };
    let wanted = chosen.to_lowercase();
    let is_called = |object: &Object| {
        let name = live.and_then(|live| object.called(&live.property));
        name.is_some_and(|name| name.to_lowercase() == wanted)
    };
    let mut objects = objects.into_iter();
    objects.find(|object| object.path == chosen || is_called(object))
}

/// The objects as rows: their properties, and their path as `path`.
pub(super) fn rows(objects: Vec<Object>) -> Value {
    let row = |object: Object| {
        let mut fields = match object.properties {
            Value::Record(fields) => fields,
            _ => BTreeMap::new(),
        };
        fields.insert("path".to_owned(), Value::Text(object.path));
        Value::Record(fields)
    };
    Value::List(objects.into_iter().map(row).collect())
}
