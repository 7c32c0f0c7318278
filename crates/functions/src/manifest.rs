//! The one table format that describes a function: `[[function]]` in TOML.
//!
//! `docs/plugins.md` is the reference. The files are read strictly: an unknown
//! key is an error at its line, so that a typing mistake never loads as
//! something else. What the comments of these types say is what
//! `docs/plugin.schema.json` tells an author's editor.

mod behaviour;
mod programs;
mod template;
mod validate;

use std::{collections::BTreeMap, path::Path};

use plan::{ArgumentSpec, Effect, Field, FunctionName, Output, Role, Signature, Type, Value};
use protocol::text::Language;
use serde::Deserialize;
use toml::Spanned;

pub use behaviour::Access;
pub(crate) use behaviour::{
    Bus, CommandBehaviour, DbusArgument, DbusBehaviour, Mapping, McpBehaviour, McpServer, Member,
    Place, Prefer, Requirement, Stdout, Step,
};

use crate::{Example, LoadError, Template};

/// A manifest as read: everything in it has been checked on its own.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Who it is.
    pub(crate) plugin: Option<Plugin>,
    /// The plugin's own server of tools.
    #[cfg_attr(test, schemars(with = "Option<McpServer>"))]
    pub(crate) mcp: Option<Spanned<McpServer>>,
    /// Sources of live names.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<LiveDeclaration>"))]
    pub(crate) live: Vec<Spanned<LiveDeclaration>>,
    /// Signals that can be waited for.
    #[serde(default, rename = "signal")]
    #[cfg_attr(test, schemars(with = "Vec<SignalDeclaration>"))]
    pub(crate) signals: Vec<Spanned<SignalDeclaration>>,
    /// The functions.
    #[serde(default, rename = "function")]
    #[cfg_attr(test, schemars(with = "Vec<FunctionDeclaration>"))]
    pub(crate) functions: Vec<Spanned<FunctionDeclaration>>,
}

/// Who a manifest is.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Plugin {
    /// The name of the plugin's folder.
    pub(crate) id: String,
    /// One line.
    pub(crate) summary: LocalText,
}

/// Text in both languages; a plain string stands for both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "expected a text, or one in each language: { en = \"…\", zh = \"…\" }"
)]
pub(crate) enum LocalText {
    /// The same in every language.
    Same(String),
    /// One for each.
    Each {
        /// English.
        en: String,
        /// 简体中文.
        zh: String,
    },
}

impl LocalText {
    /// Returns the text in `language`.
    pub(crate) fn in_language(&self, language: Language) -> &str {
        match (self, language) {
            (LocalText::Same(text), _) => text,
            (LocalText::Each { en, .. }, Language::English) => en,
            (LocalText::Each { zh, .. }, Language::Chinese) => zh,
        }
    }
}

/// A source of live names that D-Bus gives: every bus name that fits a pattern, or every object of one service.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LiveDeclaration {
    /// Its name in `live(…)` types.
    pub(crate) source: String,
    /// Which bus.
    pub(crate) bus: Bus,
    /// A prefix of bus names that ends in `.*` or `-*`, or with `objects` a service.
    pub(crate) name: String,
    /// The object; a part of it may be a required argument: `/org/example/{device}`.
    path: Option<String>,
    /// In the place of `path`, an object manager whose objects with the interface are meant.
    objects: Option<String>,
    /// The interface of the property.
    pub(crate) interface: String,
    /// The property that says what a person calls it.
    pub(crate) property: String,
}

impl LiveDeclaration {
    /// Returns which objects have the property.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        Place::of(self.path.as_deref(), self.objects.as_deref())
    }
}

/// Something that a service on the bus tells by itself: a signal, or that a property is another one.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalDeclaration {
    /// What it is called: `plugin.what_happened`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: FunctionName,
    /// What it tells, in a line.
    pub(crate) summary: LocalText,
    /// Which bus.
    pub(crate) bus: Bus,
    /// Who sends it: a bus name, or a prefix as in a call. Whoever else sends the same is not heard.
    pub(crate) sender: String,
    /// The object; any one of the sender's where it is left out.
    pub(crate) path: Option<String>,
    /// The interface of the signal or of the property.
    pub(crate) interface: String,
    /// The signal's name; exactly one of this and `property`.
    pub(crate) signal: Option<String>,
    /// A property that tells its changes (`PropertiesChanged`).
    pub(crate) property: Option<String>,
    /// What it gives: nothing, a value or a record.
    #[serde(default)]
    pub(crate) output: OutputDeclaration,
    /// Where the output is in the list of the signal's arguments, or in the property's value.
    pub(crate) result: Option<Mapping>,
    /// Where the fields of a record are.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Mapping>,
}

/// What a [`SignalDeclaration`] listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listened<'a> {
    /// A signal of the interface.
    Signal(&'a str),
    /// Changes of a property of the interface.
    Property(&'a str),
}

impl SignalDeclaration {
    /// Returns what it listens to; [`None`] unless exactly one is given.
    pub(crate) fn listened(&self) -> Option<Listened<'_>> {
        match (&self.signal, &self.property) {
            (Some(signal), None) => Some(Listened::Signal(signal)),
            (None, Some(property)) => Some(Listened::Property(property)),
            _ => None,
        }
    }
}

/// A function.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct FunctionDeclaration {
    /// `domain.verb`; the domain is the plugin's id.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: FunctionName,
    /// One line in English; part of prompts.
    #[cfg_attr(test, schemars(length(max = 120)))]
    pub(crate) summary: String,
    /// One line in Chinese.
    #[cfg_attr(test, schemars(length(max = 120)))]
    pub(crate) summary_zh: String,
    /// A button's text in English.
    #[cfg_attr(test, schemars(length(max = 40)))]
    pub(crate) label: String,
    /// A button's text in Chinese.
    #[cfg_attr(test, schemars(length(max = 40)))]
    pub(crate) label_zh: String,
    /// What it does to the world, from harmless to careful.
    #[cfg_attr(test, schemars(with = "String", extend("enum" = tests::schema::EFFECTS)))]
    pub(crate) effect: Effect,
    /// Every prompt shows it; only for plugins that come with Lucid.
    #[serde(default)]
    pub(crate) core: bool,
    /// A prompt shows it only where the request is near it.
    #[serde(default)]
    pub(crate) on_demand: bool,
    /// Words of which a request must hold one for the model to call it by itself.
    #[serde(default)]
    pub(crate) when_said: Vec<String>,
    /// A plan that makes room for the same act with another value.
    #[serde(default)]
    pub(crate) before_another: String,
    /// What it takes.
    #[serde(default)]
    pub(crate) arguments: Vec<ArgumentDeclaration>,
    /// What the function gives.
    #[serde(default)]
    pub(crate) output: OutputDeclaration,
    /// Example requests.
    #[serde(default)]
    pub(crate) examples: Vec<ExampleDeclaration>,
    /// Sentences.
    #[serde(default)]
    pub(crate) templates: Vec<TemplateDeclaration>,
    /// How it is taken back.
    pub(crate) inverse: Option<InverseDeclaration>,
    /// What a person reads when it is done; `{argument}`s are filled in.
    pub(crate) done: Option<LocalText>,
    /// A D-Bus call.
    pub(crate) dbus: Option<DbusBehaviour>,
    /// A program with typed arguments, never a shell's line.
    pub(crate) command: Option<CommandBehaviour>,
    /// A tool of the plugin's server.
    pub(crate) mcp: Option<McpBehaviour>,
    /// For functions inside Lucid.
    #[serde(default)]
    pub(crate) builtin: bool,
}

/// What the function takes.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ArgumentDeclaration {
    /// Its name.
    pub(crate) name: String,
    /// A type of the plan language: `text(80)`, `int(1..9)`, `percent`, `choice(a|b)`, `file`, `folder`, `path`,
    /// `time`, `duration`, `bytes`, `app`, `live(source)`, `list(text)`, …
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(with = "String"))]
    ty: Type,
    /// Whether it decides what is touched, or is only carried along.
    #[cfg_attr(test, schemars(with = "Option<String>", extend("enum" = tests::schema::ROLES)))]
    role: Option<Role>,
    /// Whether it must be given.
    #[serde(default)]
    required: bool,
    /// Its value when it is not given.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    default: Option<Value>,
    /// A few words for the prompt, such as a unit.
    #[serde(default)]
    hint: String,
    /// For a time that is only looked up: it lies ahead, as a day of a calendar does.
    #[serde(default)]
    ahead: bool,
    /// For a choice: the words of which a request must hold one for each value.
    #[serde(default)]
    said: BTreeMap<String, Vec<String>>,
}

/// What a function gives back.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputDeclaration {
    /// Its shape.
    #[serde(default)]
    kind: OutputKind,
    /// A type of the plan language: `text(80)`, `int(1..9)`, `percent`, `choice(a|b)`, `file`, `folder`, `path`,
    /// `time`, `duration`, `bytes`, `app`, `live(source)`, `list(text)`, …
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    ty: Option<Type>,
    /// The fields of a record or of rows.
    #[serde(default)]
    fields: Vec<FieldDeclaration>,
    /// The field that tells rows apart.
    key: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum OutputKind {
    #[default]
    None,
    Value,
    Record,
    Rows,
}

/// A field.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct FieldDeclaration {
    /// Its name.
    name: String,
    /// A type of the plan language: `text(80)`, `int(1..9)`, `percent`, `choice(a|b)`, `file`, `folder`, `path`,
    /// `time`, `duration`, `bytes`, `app`, `live(source)`, `list(text)`, …
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(with = "String"))]
    ty: Type,
}

/// What people say, with the plan that answers it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ExampleDeclaration {
    /// The language of the sentence.
    #[cfg_attr(test, schemars(extend("enum" = ["en", "zh"])))]
    language: String,
    /// The words.
    request: String,
    /// The plan.
    plan: String,
}

/// A sentence that needs no model.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateDeclaration {
    /// The language of the sentence.
    #[cfg_attr(test, schemars(extend("enum" = ["en", "zh"])))]
    language: String,
    /// `[may be left out]`, `(one|of these)`, `{argument}`.
    pattern: String,
    /// The plan, with the same `{argument}`s.
    plan: String,
}

/// The call that takes a call back, and the read function that tells the old value.
///
/// Values are constants or `"{argument}"`; `"{before}"` is the value that
/// `read` gave before the act.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct InverseDeclaration {
    /// The function that takes it back.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) function: FunctionName,
    /// Its arguments; `{before}` is the old value, `{argument}` one of this call.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub(crate) arguments: BTreeMap<String, Value>,
    /// The function that gives the old value.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) read: FunctionName,
    /// The arguments of `read`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub(crate) with: BTreeMap<String, Value>,
    /// The field of what `read` gives.
    #[serde(default)]
    pub(crate) field: String,
    /// What `read` gives when the act is done.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    pub(crate) after: Option<Value>,
}

impl FunctionDeclaration {
    /// Returns the words for the choices of each argument that has some.
    pub(crate) fn choices_said(&self) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
        let arguments = self.arguments.iter();
        arguments
            .filter(|argument| !argument.said.is_empty())
            .map(|argument| (argument.name.clone(), argument.said.clone()))
            .collect()
    }

    /// Builds the signature.
    pub(crate) fn signature(&self) -> Signature {
        Signature {
            name: self.name.clone(),
            summary: self.summary.clone(),
            arguments: self
                .arguments
                .iter()
                .map(ArgumentDeclaration::spec)
                .collect(),
            output: self.output.output(),
            effect: self.effect,
        }
    }

    /// Returns the examples.
    pub(crate) fn examples(&self) -> Vec<Example> {
        let example = |declaration: &ExampleDeclaration| Example {
            language: declaration.language.clone(),
            request: declaration.request.clone(),
            plan: declaration.plan.clone(),
        };
        self.examples.iter().map(example).collect()
    }

    /// Returns the templates.
    pub(crate) fn templates(&self) -> Vec<Template> {
        let template = |declaration: &TemplateDeclaration| Template {
            language: declaration.language.clone(),
            pattern: declaration.pattern.clone(),
            plan: declaration.plan.clone(),
        };
        self.templates.iter().map(template).collect()
    }

    fn has_argument(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.name == name)
    }
}

impl ArgumentDeclaration {
    fn spec(&self) -> ArgumentSpec {
        ArgumentSpec {
            name: self.name.clone(),
            ty: self.ty.clone(),
            role: self.role.unwrap_or(Role::Critical),
            required: self.required,
            default: self.default.clone(),
            hint: self.hint.clone(),
            ahead: self.ahead,
        }
    }
}

impl OutputDeclaration {
    pub(crate) fn output(&self) -> Output {
        let fields = || {
            let field = |declaration: &FieldDeclaration| Field {
                name: declaration.name.clone(),
                ty: declaration.ty.clone(),
            };
            self.fields.iter().map(field).collect()
        };
        match self.kind {
            OutputKind::None => Output::None,
            OutputKind::Value => Output::Value {
                ty: self.ty.clone().unwrap_or(Type::Any),
            },
            OutputKind::Record => Output::Record {
                fields: fields(),
                key: self.key.clone(),
            },
            OutputKind::Rows => Output::Rows {
                fields: fields(),
                key: self.key.clone(),
            },
        }
    }
}

/// A declaration with the line that it stands at.
pub(crate) type AtLine<T> = (T, usize);

/// What a text declares, without the declarations that are wrong, and what is wrong with those.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) plugin: String,
    pub(crate) summary: Option<LocalText>,
    pub(crate) server: Option<McpServer>,
    pub(crate) functions: Vec<AtLine<FunctionDeclaration>>,
    pub(crate) live: Vec<AtLine<LiveDeclaration>>,
    pub(crate) signals: Vec<AtLine<SignalDeclaration>>,
    pub(crate) errors: Vec<LoadError>,
}

/// Where a text comes from, which decides what it may declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The table beside a built-in function.
    Builtin,
    /// A `plugin.toml`.
    Plugin,
}

/// Reads a manifest.
pub(crate) fn parse(text: &str, path: &Path, origin: Origin) -> Parsed {
    let manifest: Manifest = match toml::from_str(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            return Parsed {
                errors: vec![load_error(path, line, error.message().to_owned())],
                ..Parsed::default()
            };
        }
    };
    let mut parsed = Parsed::default();
    match validate::plugin(&manifest, path, origin) {
        Ok(id) => parsed.plugin = id,
        Err(reason) => {
            parsed.errors.push(load_error(path, 1, reason));
            return parsed;
        }
    }
    parsed.summary = manifest.plugin.map(|plugin| plugin.summary);
    if let Some(server) = manifest.mcp {
        match validate::server(server.get_ref()) {
            Ok(()) => parsed.server = Some(server.into_inner()),
            Err(reason) => {
                let line = line_of_mistake(text, server.span().start, &reason);
                parsed.errors.push(load_error(path, line, reason));
            }
        }
    }
    for live in manifest.live {
        let start = live.span().start;
        match validate::live(live.get_ref()) {
            Ok(()) => parsed.live.push((live.into_inner(), line_of(text, start))),
            Err(reason) => {
                let line = line_of_mistake(text, start, &reason);
                parsed.errors.push(load_error(path, line, reason));
            }
        }
    }
    for signal in manifest.signals {
        let (start, name) = (signal.span().start, signal.get_ref().name.clone());
        match validate::signal(signal.get_ref(), &parsed.plugin) {
            Ok(()) => parsed
                .signals
                .push((signal.into_inner(), line_of(text, start))),
            Err(reason) => {
                let line = line_of_mistake(text, start, &reason);
                let reason = format!("`{name}`: {reason}");
                parsed.errors.push(load_error(path, line, reason));
            }
        }
    }
    for function in manifest.functions {
        let line = line_of(text, function.span().start);
        let has_server = parsed.server.is_some();
        match validate::function(function.get_ref(), has_server, origin) {
            Ok(()) => parsed.functions.push((function.into_inner(), line)),
            Err(reason) => {
                let line = line_of_mistake(text, function.span().start, &reason);
                let reason = format!("`{}`: {reason}", function.get_ref().name);
                parsed.errors.push(load_error(path, line, reason));
            }
        }
    }
    parsed
}

fn load_error(path: &Path, line: usize, reason: String) -> LoadError {
    LoadError {
        path: path.to_owned(),
        line,
        reason,
    }
}

/// The line of the first thing that a reason names between backticks, where the table that begins at `start` holds it
/// once; else that of the table. What would be right stands behind a semicolon, and is not looked for.
fn line_of_mistake(text: &str, start: usize, reason: &str) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.match_indices("\n[[").next();
    let within = &rest[..end.map_or(rest.len(), |(at, _)| at)];
    let wrong = reason.split(';').next().unwrap_or(reason);
    let mut named = wrong.split('`').skip(1).step_by(2);
    let at = named.find_map(|named| place_in(within, named));
    line_of(text, start + at.unwrap_or(0))
}

/// Where a table says something: as a key, as the name of an argument, as a value, else anywhere as a whole word.
fn place_in(table: &str, named: &str) -> Option<usize> {
    if named.is_empty() {
        return None;
    }
    let ways = [
        format!("\n{named} ="),
        format!("name = \"{named}\""),
        format!("\"{named}\""),
        format!(" {named} ="),
        named.to_owned(),
    ];
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    ways.iter().find_map(|way| {
        let is_whole = |at: &usize| {
            let before = table[..*at].chars().next_back();
            let behind = table[*at + way.len()..].chars().next();
            let touches = |outer: Option<char>, inner: Option<char>| {
                outer.is_some_and(is_word) && inner.is_some_and(is_word)
            };
            !touches(before, way.chars().next()) && !touches(behind, way.chars().next_back())
        };
        let mut places = table
            .match_indices(&**way)
            .map(|(at, _)| at)
            .filter(is_whole);
        // The line feed before a key belongs to the line above.
        let skipped = usize::from(way.starts_with('\n'));
        match (places.next(), places.next()) {
            (Some(at), None) => Some(at + skipped),
            _ => None,
        }
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
