//! Calls with a time limit and without starting services.

use std::time::Duration;
use zbus::DBusError as _;

use plan::Value;
use serde::de::{DeserializeSeed, Deserializer};
use zbus::{
    Connection, Proxy, Signature, Structure, Variant,
    proxy::{CacheProperties, MethodFlags},
    wire::{DynamicDeserialize, DynamicType, StructureBuilder, StructureSeed},
};

use super::convert;
use crate::{ErrorKind, FunctionError, World, manifest::Bus};

/// How long a service may take to answer, unless its manifest says otherwise.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Returns the connection to `bus`.
pub(crate) fn connection(bus: Bus, world: &World) -> Result<&Connection, FunctionError> {
    let connection = match bus {
        Bus::Session => world.session_bus.as_ref(),
        Bus::System => world.system_bus.as_ref(),
    };
    connection.ok_or_else(|| {
        let id = match bus {
            Bus::Session => "dbus-no-session-bus",
            Bus::System => "dbus-no-system-bus",
        };
        FunctionError::new(ErrorKind::Unavailable, world.language, id, &[])
    })
}

/// An object of a service.
#[derive(Clone)]
pub(crate) struct Target<'w> {
    pub(crate) connection: &'w Connection,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) activatable: bool,
    pub(crate) interactive: bool,
    /// How long it may take to answer.
    pub(crate) limit: Duration,
}

impl<'w> Target<'w> {
    /// Returns an object of a program that runs: it is not started for a call.
    pub(crate) fn of(connection: &'w Connection, name: &str, path: &str) -> Target<'w> {
        Target {
            connection,
            name: name.to_owned(),
            path: path.to_owned(),
            activatable: false,
            interactive: false,
            limit: TIMEOUT,
        }
    }
}

impl Target<'_> {
    /// Calls a method; the reply is the list of its results.
    pub(crate) async fn call(
        &self,
        interface: &str,
        method: &str,
        arguments: Vec<Variant<'static>>,
        world: &World,
    ) -> Result<Value, FunctionError> {
        let call = self.send(interface, method, arguments);
        match tokio::time::timeout(self.limit, call).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(explain(&self.name, &error, world)),
            Err(_) => Err(FunctionError::new(
                ErrorKind::Failed,
                world.language,
                "dbus-timeout",
                &[("service", &self.name)],
            )),
        }
    }

    /// Reads a property.
    pub(crate) async fn get(
        &self,
        interface: &str,
        property: &str,
        world: &World,
    ) -> Result<Value, FunctionError> {
        let arguments = vec![text(interface), text(property)];
        let reply = self.call(PROPERTIES, "Get", arguments, world).await?;
        Ok(super::first_of_reply(reply))
    }

    /// Reads all properties of an interface into a record.
    pub(crate) async fn get_all(
        &self,
        interface: &str,
        world: &World,
    ) -> Result<Value, FunctionError> {
        let reply = self
            .call(PROPERTIES, "GetAll", vec![text(interface)], world)
            .await?;
        Ok(super::first_of_reply(reply))
    }

    /// Writes a property.
    pub(crate) async fn set(
        &self,
        interface: &str,
        property: &str,
        value: Variant<'static>,
        world: &World,
    ) -> Result<(), FunctionError> {
        let value = Variant::Variant(Box::new(value));
        let arguments = vec![text(interface), text(property), value];
        self.call(PROPERTIES, "Set", arguments, world).await?;
        Ok(())
    }

    async fn send(
        &self,
        interface: &str,
        method: &str,
        arguments: Vec<Variant<'static>>,
    ) -> zbus::Result<Value> {
        let proxy: Proxy<'_> = zbus::proxy::Builder::new(self.connection)
            .destination(self.name.as_str())
            .path(self.path.as_str())
            .interface(interface)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let mut flags = MethodFlags::empty();
        flags.set(MethodFlags::NO_AUTO_START, !self.activatable);
        flags.set(MethodFlags::ALLOW_INTERACTIVE_AUTH, self.interactive);
        let reply: Option<Reply> = if arguments.is_empty() {
            proxy.call_with_flags(method, flags, &()).await?
        } else {
            let mut body = StructureBuilder::new();
            for argument in arguments {
                body.push_value(argument);
            }
            proxy.call_with_flags(method, flags, &body.build()?).await?
        };
        Ok(reply.map_or(Value::Null, |Reply(value)| value))
    }
}

fn text(text: &str) -> Variant<'static> {
    Variant::from(text.to_owned())
}

/// Returns the name of an error of the bus or of a service, empty for any other, and what was said about it.
pub(crate) fn name_and_detail(error: &zbus::Error) -> (String, Option<String>) {
    // zbus tells errors with names of the bus's own specification apart from all others.
    match error {
        zbus::Error::MethodError(name, detail, _) => (name.to_string(), detail.clone()),
        zbus::Error::FDO(error) => (
            error.name().to_string(),
            error.description().map(str::to_owned),
        ),
        _ => (String::new(), None),
    }
}

/// Turns an error of the bus or of the service into a sentence.
fn explain(service: &str, error: &zbus::Error, world: &World) -> FunctionError {
    let (name, detail) = name_and_detail(error);
    let detail = detail
        .filter(|detail| !detail.is_empty())
        .unwrap_or_else(|| error.to_string());
    let detail = detail.as_str();
    let (kind, id) = match name.as_str() {
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner" => (ErrorKind::Unavailable, "dbus-absent"),
        "org.freedesktop.DBus.Error.AccessDenied"
        | "org.freedesktop.DBus.Error.AuthFailed"
        | "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" => {
            (ErrorKind::Failed, "dbus-refused")
        }
        "org.freedesktop.DBus.Error.NoReply" | "org.freedesktop.DBus.Error.Timeout" => {
            (ErrorKind::Failed, "dbus-timeout")
        }
        "org.freedesktop.DBus.Error.UnknownMethod"
        | "org.freedesktop.DBus.Error.UnknownProperty"
        | "org.freedesktop.DBus.Error.UnknownInterface"
        | "org.freedesktop.DBus.Error.UnknownObject" => (ErrorKind::Unavailable, "dbus-unknown"),
        _ => (ErrorKind::Failed, "dbus-failed"),
    };
    let reason = shortened(detail);
    let values = [("service", service), ("reason", reason.as_str())];
    FunctionError::new(kind, world.language, id, &values)
}

/// Bounds what a service says about itself: it is shown to a person, and it is untrusted.
fn shortened(text: &str) -> String {
    let short: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(160)
        .collect();
    plan::escape_for_display(&short)
}

/// The body of a reply of any signature, as the list of its results.
struct Reply(Value);

impl DynamicType for Reply {
    fn signature(&self) -> Signature {
        Signature::Unit
    }
}

/// Returns what a message holds; nothing where that cannot be read.
pub(crate) fn values_of(message: &zbus::Message) -> Vec<Value> {
    match message.body().deserialize::<Reply>() {
        Ok(Reply(Value::List(values))) => values,
        _ => Vec::new(),
    }
}

struct ReplySeed(Signature);

impl DynamicType for ReplySeed {
    fn signature(&self) -> Signature {
        self.0.clone()
    }
}

impl DynamicDeserialize<'_> for Reply {
    type Deserializer = ReplySeed;

    fn deserializer_for_signature(signature: &Signature) -> zbus::Result<ReplySeed> {
        Ok(ReplySeed(match signature {
            Signature::Unit | Signature::Structure(_) => signature.clone(),
            single => Signature::structure([single.clone()]),
        }))
    }
}

impl<'de> DeserializeSeed<'de> for ReplySeed {
    type Value = Reply;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Reply, D::Error> {
        if self.0 == Signature::Unit {
            return Ok(Reply(Value::Null));
        }
        let body: Structure<'de> =
            StructureSeed::new_unchecked(&self.0).deserialize(deserializer)?;
        let values = body.fields().iter().map(convert::value).collect();
        Ok(Reply(Value::List(values)))
    }
}
