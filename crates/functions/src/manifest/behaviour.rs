//! What a function of a manifest does: a D-Bus call, a program with typed arguments, or a tool of the plugin's server.

use std::collections::BTreeMap;

use plan::Value;
use serde::{Deserialize, Serialize};

use super::LocalText;

/// Which bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bus {
    /// The bus of the person's session.
    Session,
    /// The bus of the machine.
    System,
}

/// A D-Bus call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DbusBehaviour {
    pub(crate) bus: Bus,
    /// A well-known name, or a prefix that ends in `.*`, or in `-*` for the number of a process.
    pub(crate) name: String,
    /// The argument that names one of the names that fit, or of the objects.
    pub(crate) choose: Option<String>,
    /// Which of the names that fit comes first.
    pub(crate) prefer: Option<Prefer>,
    path: Option<String>,
    /// In the place of `path`, the object manager whose objects with the interface are meant: with `get_all` and rows
    /// each of them, else the one that `choose` names, or the first.
    objects: Option<String>,
    pub(crate) interface: String,
    /// Exactly one of `method`, `get`, `get_all`, `set`.
    pub(crate) method: Option<String>,
    pub(crate) get: Option<String>,
    #[serde(default)]
    pub(crate) get_all: bool,
    pub(crate) set: Option<String>,
    #[serde(default)]
    pub(crate) arguments: Vec<DbusArgument>,
    /// What must hold besides the name being there.
    #[serde(default)]
    pub(crate) require: Vec<Requirement>,
    /// Where the output is in the reply.
    pub(crate) result: Option<Mapping>,
    /// Where the fields of a record or of rows are.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
    /// Whether the service may be started by calling it.
    #[serde(default)]
    pub(crate) activatable: bool,
    /// Seconds that the service may take.
    pub(crate) timeout: Option<f64>,
    /// Whether the service may ask the person for a password.
    #[serde(default)]
    pub(crate) interactive: bool,
    /// What a person reads when the service is absent, and what to do.
    pub(crate) missing: Option<LocalText>,
    pub(crate) remedy: Option<LocalText>,
}

/// What a [`DbusBehaviour`] calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member<'a> {
    /// A method.
    Method(&'a str),
    /// Reads a property.
    Get(&'a str),
    /// Reads all properties.
    GetAll,
    /// Writes a property.
    Set(&'a str),
}

/// Which object of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// The one at this path, whose parts may be arguments.
    Path(&'a str),
    /// Those that the object manager at this path lists.
    Objects(&'a str),
}

impl Place<'_> {
    /// Returns the place; [`None`] unless exactly one is given.
    pub(super) fn of<'a>(path: Option<&'a str>, objects: Option<&'a str>) -> Option<Place<'a>> {
        match (path, objects) {
            (Some(path), None) => Some(Place::Path(path)),
            (None, Some(root)) => Some(Place::Objects(root)),
            _ => None,
        }
    }
}

impl DbusBehaviour {
    /// Returns which object the call goes to.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        Place::of(self.path.as_deref(), self.objects.as_deref())
    }

    /// Returns the member; [`None`] unless exactly one is given.
    pub(crate) fn member(&self) -> Option<Member<'_>> {
        match (&self.method, &self.get, self.get_all, &self.set) {
            (Some(method), None, false, None) => Some(Member::Method(method)),
            (None, Some(property), false, None) => Some(Member::Get(property)),
            (None, None, true, None) => Some(Member::GetAll),
            (None, None, false, Some(property)) => Some(Member::Set(property)),
            _ => None,
        }
    }
}

/// The order of names that fit a pattern, by a property of each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefer {
    pub(crate) interface: String,
    pub(crate) property: String,
    /// The best value first.
    pub(crate) order: Vec<String>,
}

/// Something that must hold for a function to be offered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requirement {
    /// A property that is read, or a method without arguments that is called.
    pub(crate) get: Option<String>,
    pub(crate) method: Option<String>,
    /// Another interface than the call's.
    pub(crate) interface: Option<String>,
    /// What it may give.
    pub(crate) is: Vec<Value>,
    pub(crate) missing: LocalText,
    pub(crate) remedy: Option<LocalText>,
}

/// One value of the call: a constant, or an argument of the function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DbusArgument {
    /// A complete D-Bus type, such as `s`, `x`, `as` or `a{sv}`.
    #[serde(rename = "type")]
    pub(crate) signature: String,
    /// The argument of the function.
    pub(crate) from: Option<String>,
    /// The constant; with `from`, what is sent when the argument is not given.
    pub(crate) value: Option<toml::Value>,
    /// The argument is multiplied by this.
    pub(crate) scale: Option<f64>,
    /// This is added to the argument, behind `scale`: for what counts from 0.
    pub(crate) offset: Option<f64>,
    /// The argument is a path and is sent as a `file:` URI.
    #[serde(default)]
    pub(crate) uri: bool,
    /// The entries of a map by their keys; one whose argument is not given is left out.
    #[serde(default)]
    pub(crate) entries: BTreeMap<String, DbusArgument>,
}

/// Where a value is in a reply and how it is turned into the declared type.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The keys and positions on the way to it.
    #[serde(default)]
    pub(crate) at: Vec<Step>,
    /// A number is multiplied by this.
    pub(crate) scale: Option<f64>,
    /// A number is rounded to this many decimals.
    pub(crate) round: Option<u8>,
    /// Replaces values; a value that is not in it stays.
    #[serde(default)]
    pub(crate) map: BTreeMap<String, LocalText>,
    /// A list becomes one text with this between its items.
    pub(crate) join: Option<String>,
    /// A list of bytes becomes a text, as the name of a wireless network is.
    #[serde(default)]
    pub(crate) bytes: bool,
    /// A truth value is turned round.
    #[serde(default)]
    pub(crate) negate: bool,
    /// What stands for an absent value.
    pub(crate) default: Option<Value>,
}

/// One step into a reply.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    /// A position in a list or structure, from 0.
    Position(usize),
    /// A key of a map.
    Key(String),
}

/// A program with typed arguments; never a shell's line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandBehaviour {
    /// The program and its arguments; `{argument}`s are filled in, each stays one argument.
    pub(crate) argv: Vec<String>,
    /// What becomes of its output.
    #[serde(default)]
    pub(crate) stdout: Stdout,
    /// How many lines in front are no rows, such as a head.
    #[serde(default)]
    pub(crate) skip: usize,
    /// The fields in the order of the columns, where that is not the output's.
    #[serde(default)]
    pub(crate) cells: Vec<String>,
    /// What stands between cells; blanks unless said.
    pub(crate) separator: Option<String>,
    /// Where the output is in the JSON.
    pub(crate) result: Option<Mapping>,
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
    /// Seconds until it is killed.
    pub(crate) timeout: Option<f64>,
    pub(crate) missing: Option<LocalText>,
    pub(crate) remedy: Option<LocalText>,
}

/// What becomes of a program's output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stdout {
    /// It is dropped.
    #[default]
    Ignored,
    /// One text without the last line break.
    Text,
    /// A list of its lines.
    Lines,
    /// Rows, one a line, whose cells are the output's fields in their order.
    Columns,
    /// JSON, read through `result` and `fields`.
    Json,
}

/// A program that serves tools over MCP. It runs in a sandbox.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpServer {
    /// The program and its arguments; it starts in the plugin's folder.
    pub(crate) argv: Vec<String>,
    #[serde(default)]
    pub(crate) access: Access,
    /// The most memory of all its processes together, in megabytes.
    pub(crate) memory: Option<u64>,
    /// The most processor time of all its processes for one call, in seconds.
    pub(crate) processor: Option<f64>,
    /// Seconds that a call may take, unless its function says otherwise.
    pub(crate) timeout: Option<f64>,
}

/// What a sandbox leaves open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The network, all of it.
    #[serde(default)]
    pub network: bool,
    /// Names on the session bus that it talks to.
    #[serde(default)]
    pub bus: Vec<String>,
    /// Folders that it reads: absolute, or behind `~/`.
    #[serde(default)]
    pub read: Vec<String>,
    /// Folders that it reads and writes.
    #[serde(default)]
    pub write: Vec<String>,
}

/// A tool of the plugin's server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpBehaviour {
    pub(crate) tool: String,
    /// For arguments that the tool calls otherwise, its name for them.
    #[serde(default)]
    pub(crate) arguments: BTreeMap<String, String>,
    /// Where the output is in what the tool gives.
    pub(crate) result: Option<Mapping>,
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
    /// Seconds that a call may take.
    pub(crate) timeout: Option<f64>,
}
