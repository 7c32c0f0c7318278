//! What a function of a manifest does: a D-Bus call, a program with typed arguments, or a tool of the plugin's server.

use std::collections::BTreeMap;

use plan::Value;
use serde::{Deserialize, Serialize};

use super::LocalText;

/// Which bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bus {
    /// The bus of the person's session.
    Session,
    /// The bus of the machine.
    System,
}

/// A D-Bus call.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct DbusBehaviour {
    /// Which bus.
    pub(crate) bus: Bus,
    /// A bus name, or a prefix that ends in `.*`, or in `-*` for the number of a process.
    pub(crate) name: String,
    /// The argument that names one of the names that fit, or one of the objects.
    pub(crate) choose: Option<String>,
    /// Which of the names that fit comes first.
    pub(crate) prefer: Option<Prefer>,
    /// The object; a part of it may be a required argument: `/org/example/{device}`.
    path: Option<String>,
    /// In the place of `path`, an object manager whose objects with the interface are meant.
    objects: Option<String>,
    /// The interface of the member.
    pub(crate) interface: String,
    /// A method that is called.
    pub(crate) method: Option<String>,
    /// A property that is read.
    pub(crate) get: Option<String>,
    /// All properties are read.
    #[serde(default)]
    pub(crate) get_all: bool,
    /// A property that is written.
    pub(crate) set: Option<String>,
    /// What is sent, in order.
    #[serde(default)]
    pub(crate) arguments: Vec<DbusArgument>,
    /// Conditions for the function to be offered.
    #[serde(default)]
    pub(crate) require: Vec<Requirement>,
    /// Where the output is in the reply.
    pub(crate) result: Option<Mapping>,
    /// Where the fields of a record or of rows are.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
    /// The service may be started by calling it.
    #[serde(default)]
    pub(crate) activatable: bool,
    /// Seconds that the service may take: 5 unless said.
    pub(crate) timeout: Option<f64>,
    /// The service may ask the person for a password.
    #[serde(default)]
    pub(crate) interactive: bool,
    /// What a person reads when it is absent.
    pub(crate) missing: Option<LocalText>,
    /// What to do about it.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefer {
    /// The interface of the property.
    pub(crate) interface: String,
    /// The property.
    pub(crate) property: String,
    /// Its values, the best first.
    pub(crate) order: Vec<String>,
}

/// Something that must hold for a function to be offered.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Requirement {
    /// A property that is read.
    pub(crate) get: Option<String>,
    /// A method `Can…` or `Get…` that is called.
    pub(crate) method: Option<String>,
    /// Its interface, where that is another.
    pub(crate) interface: Option<String>,
    /// What it may give.
    #[cfg_attr(test, schemars(with = "Vec<serde_json::Value>"))]
    pub(crate) is: Vec<Value>,
    /// What a person reads when it is absent.
    pub(crate) missing: LocalText,
    /// What to do about it.
    pub(crate) remedy: Option<LocalText>,
}

/// One value of the call: a constant, or an argument of the function.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct DbusArgument {
    /// A complete D-Bus type, such as `s`, `as` or `a{sv}`.
    #[serde(rename = "type")]
    pub(crate) signature: String,
    /// The function's argument that it is.
    pub(crate) from: Option<String>,
    /// A constant; with `from`, what is sent when the argument is not given.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    pub(crate) value: Option<toml::Value>,
    /// The argument is multiplied by this.
    pub(crate) scale: Option<f64>,
    /// This is added to the argument, behind `scale`: for what counts from 0.
    pub(crate) offset: Option<f64>,
    /// The argument is a path and is sent as a `file:` address.
    #[serde(default)]
    pub(crate) uri: bool,
    /// The entries of a map by their keys.
    #[serde(default)]
    pub(crate) entries: BTreeMap<String, DbusArgument>,
}

/// Where a value is in a reply and how it is turned into the declared type.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The way to it: keys of maps, and positions from 0.
    #[serde(default)]
    pub(crate) at: Vec<Step>,
    /// A number is multiplied by this.
    pub(crate) scale: Option<f64>,
    /// A number is rounded to this many decimals.
    pub(crate) round: Option<u8>,
    /// Replaces values; one that is not in it stays.
    #[serde(default)]
    pub(crate) map: BTreeMap<String, LocalText>,
    /// A list becomes one text with this between its items.
    pub(crate) join: Option<String>,
    /// A list of bytes becomes a text.
    #[serde(default)]
    pub(crate) bytes: bool,
    /// A truth value is turned round.
    #[serde(default)]
    pub(crate) negate: bool,
    /// What stands for an absent value.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    pub(crate) default: Option<Value>,
}

/// One step into a reply.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a key, or a position from 0")]
pub(crate) enum Step {
    /// A position in a list or structure, from 0.
    Position(usize),
    /// A key of a map.
    Key(String),
}

/// A program with typed arguments; never a shell's line.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandBehaviour {
    /// The program and its arguments; `{argument}` is filled in and stays one argument.
    pub(crate) argv: Vec<String>,
    /// Further runs of the same program with these arguments, each only if the one before it succeeded.
    #[serde(default)]
    pub(crate) then: Vec<Vec<String>>,
    /// What a person reads when the first run succeeds and prints nothing: it has failed then, and no further one begins.
    pub(crate) nothing: Option<LocalText>,
    /// Names of variables of the session that it gets besides the usual ones.
    #[serde(default)]
    pub(crate) variables: Vec<String>,
    /// What becomes of the output of the first run.
    #[serde(default)]
    pub(crate) stdout: Stdout,
    /// With `columns`: how many lines in front are no rows.
    #[serde(default)]
    pub(crate) skip: usize,
    /// With `columns`: the fields in the order of the columns.
    #[serde(default)]
    pub(crate) cells: Vec<String>,
    /// With `columns`: what stands between cells; blanks unless said.
    pub(crate) separator: Option<String>,
    /// Where the output is in the reply.
    pub(crate) result: Option<Mapping>,
    /// Where the fields of a record or of rows are.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
    /// Seconds until it is killed: 10 unless said, 120 at most.
    pub(crate) timeout: Option<f64>,
    /// What a person reads when it is absent.
    pub(crate) missing: Option<LocalText>,
    /// What to do about it.
    pub(crate) remedy: Option<LocalText>,
}

/// What becomes of a program's output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct McpServer {
    /// The program and its arguments; it starts in the plugin's folder.
    pub(crate) argv: Vec<String>,
    /// What its sandbox leaves open.
    #[serde(default)]
    pub(crate) access: Access,
    /// The most memory of all its processes together, in megabytes: 512 unless said.
    #[cfg_attr(test, schemars(range(min = 16, max = 8192)))]
    pub(crate) memory: Option<u64>,
    /// The most processor time of all its processes for one call, in seconds: 20 unless said.
    #[cfg_attr(test, schemars(range(min = 0.1, max = 600)))]
    pub(crate) processor: Option<f64>,
    /// Seconds that a call may take.
    pub(crate) timeout: Option<f64>,
}

/// What a sandbox leaves open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct McpBehaviour {
    /// The tool's name.
    pub(crate) tool: String,
    /// For arguments that the tool calls otherwise, its name for them.
    #[serde(default)]
    pub(crate) arguments: BTreeMap<String, String>,
    /// Where the output is in the reply.
    pub(crate) result: Option<Mapping>,
    /// Where the fields of a record or of rows are.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
    /// Seconds that a call may take.
    pub(crate) timeout: Option<f64>,
}
