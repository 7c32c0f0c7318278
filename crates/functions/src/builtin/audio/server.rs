//! Asks PipeWire itself, over its socket: which outputs there are, how loud they are, which is the default.
//!
//! A program such as `wpctl` needs ten milliseconds to start, of which an act that waits for two of them
//! takes too long to be felt as immediate. The conversation, by PipeWire's "Native Protocol" of version 3,
//! takes one. Nothing is kept between questions, so nothing can be out of date. Whatever goes wrong, the
//! answer is `None`, and the programs are asked.

mod connection;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use self::connection::{CORE, Connection, VERSION};
use super::{
    device::{Device, Loudness},
    pod::{Field, Pod},
};
use crate::World;

/// A server that works answers in a millisecond; a busy machine may hold it up.
const LIMIT: Duration = Duration::from_millis(500);

/// Variables by which `wpctl` finds another server than the one in the world's own folder.
const ELSEWHERE: [&str; 2] = ["PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"];

/// The numbers that are given here to the list of objects and to those that are looked at.
const REGISTRY: u32 = 2;
const FIRST_BOUND: u32 = 3;

const CORE_GET_REGISTRY: u8 = 5;
const REGISTRY_BIND: u8 = 1;
const REGISTRY_GLOBAL: u8 = 0;
/// The same for a node and a device.
const ENUM_PARAMS: u8 = 2;
const INFO: u8 = 0;
const PARAM: u8 = 1;
const METADATA_PROPERTY: u8 = 0;

/// Which parameters are asked for: `spa_param_type`.
const PROPS: u32 = 2;
const ROUTE: u32 = 13;
/// Properties of those: `spa_prop` and `spa_param_route`.
const PROPS_MUTE: u32 = 0x1_0004;
const PROPS_CHANNEL_VOLUMES: u32 = 0x1_0008;
const ROUTE_DEVICE: u32 = 3;
const ROUTE_PROPS: u32 = 10;

/// What PipeWire answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// All outputs.
    pub(super) outputs: Vec<Output>,
    /// The name of the default one.
    pub(super) default: Option<String>,
}

/// An output and its state.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) device: Device,
    /// Unknown for an output without a volume.
    pub(super) loudness: Option<Loudness>,
}

/// Asks for everything about outputs.
pub(super) async fn ask(world: &World) -> Option<Answer> {
    let sockets = sockets(world)?;
    let answer = tokio::time::timeout(LIMIT, converse(&sockets)).await;
    let answer = answer.ok().flatten();
    if answer.is_none() {
        tracing::debug!("PipeWire gave no answer that is understood");
    }
    answer
}

fn sockets(world: &World) -> Option<[PathBuf; 2]> {
    if ELSEWHERE
        .iter()
        .any(|name| std::env::var_os(name).is_some())
    {
        return None;
    }
    let folder = world.places.runtime.as_ref()?;
    // Clients of the first are trusted at once; older servers have the second alone.
    Some(["pipewire-0-manager", "pipewire-0"].map(|name| folder.join(name)))
}

async fn converse(sockets: &[PathBuf; 2]) -> Option<Answer> {
    let mut connection = Connection::open(sockets).await?;
    let objects = objects(&mut connection).await?;
    let mut bound = bind(&mut connection, objects).await?;
    let default = bound.iter_mut().find_map(|bound| bound.default.take());
    let outputs = bound.iter().filter_map(|node| output(node, &bound));
    Some(Answer {
        outputs: outputs.collect(),
        default,
    })
}

/// Lists the objects that matter.
async fn objects(connection: &mut Connection) -> Option<Vec<Object>> {
    let registry = [Field::Int(VERSION), Field::Int(REGISTRY)];
    connection.write(CORE, CORE_GET_REGISTRY, &registry);
    let mut objects = Vec::new();
    connection
        .until_done(|object, opcode, body| {
            if (object, opcode) == (REGISTRY, REGISTRY_GLOBAL) {
                objects.extend(Object::announced(body));
            }
        })
        .await?;
    Some(objects)
}

/// Looks closer at `objects`.
async fn bind(connection: &mut Connection, objects: Vec<Object>) -> Option<Vec<Bound>> {
    let number = |index: usize| FIRST_BOUND + index as u32;
    for (index, object) in objects.iter().enumerate() {
        let bind = [
            Field::Int(object.id),
            Field::Text(object.kind.interface()),
            Field::Int(VERSION),
            Field::Int(number(index)),
        ];
        connection.write(REGISTRY, REGISTRY_BIND, &bind);
        let Some(parameters) = object.kind.parameters() else {
            continue;
        };
        let all = [
            Field::Int(0),
            Field::Id(parameters),
            Field::Int(0),
            Field::Int(u32::MAX),
            Field::None,
        ];
        connection.write(number(index), ENUM_PARAMS, &all);
    }
    let known = |object| Bound {
        object,
        properties: BTreeMap::new(),
        loudness: Vec::new(),
        is_unclear: false,
        default: None,
    };
    let mut bound: Vec<Bound> = objects.into_iter().map(known).collect();
    connection
        .until_done(|object, opcode, body| {
            let index = object.checked_sub(FIRST_BOUND);
            if let Some(bound) = index.and_then(|index| bound.get_mut(index as usize)) {
                bound.hear(opcode, body);
            }
        })
        .await?;
    Some(bound)
}

/// The output that `node` is.
fn output(node: &Bound, all: &[Bound]) -> Option<Output> {
    let name = node.properties.get("node.name")?;
    let description = node.properties.get("node.description").unwrap_or(name);
    // As `wpctl` does it: the volume of a card is that of the route in use, else it is the node's own.
    let device = node.object.device;
    let device = device.and_then(|id| all.iter().find(|bound| bound.object.id == id));
    let route = || {
        let part = node.properties.get("card.profile.device")?.parse().ok()?;
        let device = device?;
        let mut routes = device.loudness.iter();
        routes.find(|(of, _)| *of == Some(part))
    };
    let own = || node.loudness.first();
    // Half understood, another volume than the one in use would be taken.
    let is_unclear = node.is_unclear || device.is_some_and(|device| device.is_unclear);
    let loudness = route().or_else(own).map(|(_, loudness)| *loudness);
    Some(Output {
        device: Device::new(node.object.id, name, description),
        loudness: loudness.filter(|_| !is_unclear),
    })
}

/// An object that is worth a closer look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Object {
    id: u32,
    kind: Kind,
    /// The device that a node is a part of.
    device: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An output.
    Sink,
    /// A card.
    Device,
    /// Where the name of the default output stands.
    Defaults,
}

impl Kind {
    fn interface(self) -> &'static str {
        match self {
            Kind::Sink => "PipeWire:Interface:Node",
            Kind::Device => "PipeWire:Interface:Device",
            Kind::Defaults => "PipeWire:Interface:Metadata",
        }
    }

    /// The parameters that tell how loud it is.
    fn parameters(self) -> Option<u32> {
        match self {
            Kind::Sink => Some(PROPS),
            Kind::Device => Some(ROUTE),
            Kind::Defaults => None,
        }
    }

    /// Where in its information the properties stand.
    fn properties(self) -> usize {
        match self {
            Kind::Sink => 8,
            Kind::Device | Kind::Defaults => 2,
        }
    }
}

impl Object {
    /// Reads an announcement: number, permissions, interface, version, properties.
    fn announced(body: Pod) -> Option<Object> {
        let properties = body.part(4)?;
        let kind = match body.part(2)?.text()? {
            "PipeWire:Interface:Node" if properties.entry("media.class") == Some("Audio/Sink") => {
                Kind::Sink
            }
            "PipeWire:Interface:Device"
                if properties.entry("media.class") == Some("Audio/Device") =>
            {
                Kind::Device
            }
            "PipeWire:Interface:Metadata"
                if properties.entry("metadata.name") == Some("default") =>
            {
                Kind::Defaults
            }
            _ => return None,
        };
        Some(Object {
            id: body.part(0)?.number()?,
            kind,
            device: properties
                .entry("device.id")
                .and_then(|text| text.parse().ok()),
        })
    }
}

/// What is known of an object after the closer look.
struct Bound {
    object: Object,
    properties: BTreeMap<String, String>,
    /// Of a device, with the part of it that each is about.
    loudness: Vec<(Option<u32>, Loudness)>,
    /// Whether it told of a volume that could not be read.
    is_unclear: bool,
    default: Option<String>,
}

impl Bound {
    fn hear(&mut self, opcode: u8, body: Pod) {
        match (self.object.kind, opcode) {
            (Kind::Defaults, METADATA_PROPERTY) => {
                self.default = default_name(body).or(self.default.take());
            }
            (kind, INFO) => {
                let wanted = ["node.name", "node.description", "card.profile.device"];
                let properties = body.part(kind.properties());
                self.properties.extend(wanted.iter().filter_map(|key| {
                    Some(((*key).to_owned(), properties?.entry(key)?.to_owned()))
                }));
            }
            (kind, PARAM) => match parameter(kind, body) {
                Some(loudness) => self.loudness.push(loudness),
                // Nodes tell of more than volumes.
                None => self.is_unclear |= volumes(kind, body).is_some(),
            },
            _ => {}
        }
    }
}

/// Reads a property of the metadata: subject, key, type, value as JSON.
fn default_name(body: Pod) -> Option<String> {
    if body.part(1)?.text()? != "default.audio.sink" {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(body.part(3)?.text()?).ok()?;
    Some(value.get("name")?.as_str()?.to_owned())
}

/// Reads a parameter: sequence, which, index, next index, value.
fn parameter(kind: Kind, body: Pod) -> Option<(Option<u32>, Loudness)> {
    let volume = volumes(kind, body)?.first_float()?;
    if !volume.is_finite() {
        return None;
    }
    let part = match kind {
        Kind::Device => Some(body.part(4)?.property(ROUTE_DEVICE)?.number()?),
        Kind::Sink | Kind::Defaults => None,
    };
    let muted = props(kind, body)?.property(PROPS_MUTE)?.number()? != 0;
    Some((part, Loudness::of_linear(volume, muted)))
}

/// The volumes of a parameter, if it tells any.
fn volumes<'p>(kind: Kind, body: Pod<'p>) -> Option<Pod<'p>> {
    props(kind, body)?.property(PROPS_CHANNEL_VOLUMES)
}

fn props<'p>(kind: Kind, body: Pod<'p>) -> Option<Pod<'p>> {
    let value = body.part(4)?;
    match kind {
        Kind::Device => value.property(ROUTE_PROPS),
        Kind::Sink | Kind::Defaults => Some(value),
    }
}

#[cfg(test)]
mod tests;
