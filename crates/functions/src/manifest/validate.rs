//! What a declaration must be besides well formed. Every reason says what would be right.

use std::path::Path;

use plan::{Effect, Type, Value};
use zbus::{
    ObjectPath, Signature,
    names::{InterfaceName, MemberName, PropertyName, WellKnownName},
};

use super::{
    CommandBehaviour, DbusArgument, DbusBehaviour, FunctionDeclaration, Listened, LiveDeclaration,
    Manifest, McpBehaviour, McpServer, Member, Origin, OutputDeclaration, OutputKind, Place,
    SignalDeclaration, Stdout, programs, template,
};
use crate::dbus;

/// Longest summary, in characters; it is part of prompts.
const SUMMARY_LIMIT: usize = 120;
/// Longest label, in characters.
const LABEL_LIMIT: usize = 40;

pub(super) type Checked = Result<(), String>;

pub(super) fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(reason()) }
}

/// Checks the `[plugin]` table and returns the plugin's id.
pub(super) fn plugin(manifest: &Manifest, path: &Path, origin: Origin) -> Result<String, String> {
    match (&manifest.plugin, origin) {
        (None, Origin::Builtin) => Ok(String::new()),
        (Some(_), Origin::Builtin) => Err("a built-in function has no `[plugin]` table".to_owned()),
        (None, Origin::Plugin) => {
            Err("the `[plugin]` table with `id` and `summary` is missing".to_owned())
        }
        (Some(plugin), Origin::Plugin) => {
            let folder = path.parent().and_then(Path::file_name);
            ensure(folder.is_some_and(|folder| *folder == *plugin.id), || {
                format!("`id` is `{}`; it must be the folder's name", plugin.id)
            })?;
            Ok(plugin.id.clone())
        }
    }
}

/// Checks a source of live names.
pub(super) fn live(live: &LiveDeclaration) -> Checked {
    bus_name(&live.name)?;
    match live.place() {
        Some(Place::Path(path)) => {
            ensure(is_pattern(&live.name), || {
                "`name` ends in `.*` or `-*`: with a `path` each name that begins so is one"
                    .to_owned()
            })?;
            object_path(path)?;
        }
        Some(Place::Objects(root)) => object_manager(&live.name, root)?,
        None => return Err(ONE_PLACE.to_owned()),
    }
    interface(&live.interface)?;
    property(&live.property)?;
    dbus::forbidden(&live.name, &live.interface, &live.property).map_or(Ok(()), Err)
}

/// Checks a signal of the plugin called `plugin`.
pub(super) fn signal(signal: &SignalDeclaration, plugin: &str) -> Checked {
    ensure(signal.name.domain() == plugin, || {
        format!("a signal's name begins with `{plugin}.`")
    })?;
    bus_name(&signal.sender)?;
    if let Some(path) = &signal.path {
        object_path(path)?;
    }
    interface(&signal.interface)?;
    let member = match signal.listened() {
        Some(Listened::Signal(name)) => {
            MemberName::try_from(name).map_err(|_| format!("`{name}` is not a signal's name"))?;
            name
        }
        Some(Listened::Property(name)) => {
            property(name)?;
            name
        }
        None => return Err("give exactly one of `signal` and `property`".to_owned()),
    };
    ensure(signal.output.kind != OutputKind::Rows, || {
        "a signal gives nothing, a value or a record".to_owned()
    })?;
    output(&signal.output)?;
    for field in signal.fields.keys() {
        output_field(&signal.output, field)?;
    }
    dbus::forbidden(&signal.sender, &signal.interface, member).map_or(Ok(()), Err)
}

/// Checks the plugin's own server.
pub(super) fn server(server: &McpServer) -> Checked {
    programs::named(&server.argv)?;
    patience(server.timeout)?;
    for folder in server.access.read.iter().chain(&server.access.write) {
        let rest = folder
            .strip_prefix("~/")
            .or_else(|| folder.strip_prefix('/'));
        let names = rest.into_iter().flat_map(|rest| rest.split('/'));
        let is_one = rest.is_some_and(|rest| !rest.is_empty());
        ensure(
            is_one && !names.clone().any(|name| matches!(name, "" | "." | "..")),
            || {
                format!(
                    "`{folder}` is not a folder that can be opened; write `~/Documents` or `/srv/data`"
                )
            },
        )?;
        ensure(!names.clone().any(|name| name.starts_with('.')), || {
            format!("`{folder}` is hidden: settings, keys and passwords are kept in such folders")
        })?;
    }
    for name in &server.access.bus {
        ensure(
            zbus::names::WellKnownName::try_from(name.as_str()).is_ok(),
            || {
                format!(
                    "`{name}` is no name of a bus; write it whole, such as `org.gnome.Calculator`"
                )
            },
        )?;
        dbus::never_granted(name).map_or(Ok(()), Err)?;
    }
    const PROCESSOR: std::ops::RangeInclusive<f64> = 0.1..=600.0;
    ensure(
        (server.processor).is_none_or(|seconds| PROCESSOR.contains(&seconds)),
        || "`processor` is in seconds: 0.1 to 600".to_owned(),
    )?;
    const MEMORY: std::ops::RangeInclusive<u64> = 16..=8192;
    ensure(
        server.memory.is_none_or(|memory| MEMORY.contains(&memory)),
        || {
            format!(
                "`memory` is in megabytes: {} to {}",
                MEMORY.start(),
                MEMORY.end()
            )
        },
    )
}

/// Checks how many seconds something may take.
fn patience(seconds: Option<f64>) -> Checked {
    const LIMITS: std::ops::RangeInclusive<f64> = 0.1..=120.0;
    ensure(
        seconds.is_none_or(|seconds| LIMITS.contains(&seconds)),
        || "`timeout` is in seconds: 0.1 to 120".to_owned(),
    )
}

/// Checks a function.
pub(super) fn function(
    function: &FunctionDeclaration,
    has_server: bool,
    origin: Origin,
) -> Checked {
    ensure(!(function.core && function.on_demand), || {
        "`core` is shown in every prompt, `on_demand` is not; drop one of them".to_owned()
    })?;
    words(function)?;
    said(function)?;
    arguments(function)?;
    output(&function.output)?;
    templates(function)?;
    inverse(function)?;
    let behaviours = (&function.dbus, &function.command, &function.mcp);
    match (behaviours, function.builtin, origin) {
        ((None, None, None), true, Origin::Builtin) => Ok(()),
        (_, true, Origin::Plugin) => Err(
            "`builtin` is for functions inside Lucid; give `dbus`, `command` or `mcp`".to_owned(),
        ),
        ((Some(behaviour), None, None), false, Origin::Plugin) => {
            dbus_behaviour(function, behaviour)
        }
        ((None, Some(behaviour), None), false, Origin::Plugin) => command(function, behaviour),
        ((None, None, Some(behaviour)), false, Origin::Plugin) => {
            ensure(has_server, || {
                "`mcp` calls the plugin's server: the table `[mcp]` is missing or wrong".to_owned()
            })?;
            mcp(function, behaviour)
        }
        _ => Err(
            "give exactly one of `dbus`, `command`, `mcp` (or `builtin` inside Lucid)".to_owned(),
        ),
    }
}

fn words(function: &FunctionDeclaration) -> Checked {
    let texts = [
        ("summary", &function.summary, SUMMARY_LIMIT),
        ("summary_zh", &function.summary_zh, SUMMARY_LIMIT),
        ("label", &function.label, LABEL_LIMIT),
        ("label_zh", &function.label_zh, LABEL_LIMIT),
    ];
    for (key, text, limit) in texts {
        let length = text.chars().count();
        ensure((1..=limit).contains(&length), || {
            format!("`{key}` has {length} characters; write 1 to {limit}")
        })?;
        ensure(!text.chars().any(char::is_control), || {
            format!("`{key}` has a line break or another control character")
        })?;
    }
    Ok(())
}

/// Words of a request are compared in small letters; an empty one would begin every word.
fn said(function: &FunctionDeclaration) -> Checked {
    let is_word = |word: &String| !word.trim().is_empty() && word.to_lowercase() == *word;
    for word in &function.when_said {
        ensure(is_word(word), || {
            format!("`{word}` in `when_said` must be a word in small letters")
        })?;
    }
    for argument in &function.arguments {
        let Type::Choice(choices) = &argument.ty else {
            let name = &argument.name;
            ensure(argument.said.is_empty(), || {
                format!("`said` of `{name}` needs an argument that is a choice")
            })?;
            continue;
        };
        for (choice, words) in &argument.said {
            ensure(choices.contains(choice), || {
                format!("`said.{choice}` is no choice of `{}`", argument.name)
            })?;
            ensure(words.iter().all(is_word), || {
                format!("`said.{choice}` must hold words in small letters")
            })?;
        }
    }
    if !function.before_another.is_empty() {
        plan::parse(&function.before_another)
            .map_err(|errors| format!("`before_another` is no plan: {errors:?}"))?;
    }
    Ok(())
}

fn arguments(function: &FunctionDeclaration) -> Checked {
    for (at, argument) in function.arguments.iter().enumerate() {
        let name = &argument.name;
        let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        ensure(is_word, || {
            format!("`{name}` is not an argument's name; write `[a-z][a-z0-9_]*`")
        })?;
        ensure(name != "before", || {
            "an argument cannot be called `before`".to_owned()
        })?;
        let again = function.arguments[..at].iter().any(|b| b.name == *name);
        ensure(!again, || format!("argument `{name}` is declared twice"))?;
        ensure(!(argument.required && argument.default.is_some()), || {
            format!("argument `{name}` is required and has a default; drop one of them")
        })?;
        if let Some(default) = &argument.default {
            ensure(fits(default, &argument.ty), || {
                format!("the default of `{name}` is not of type `{}`", argument.ty)
            })?;
        }
    }
    Ok(())
}

/// Tells whether a constant can be of type `ty`.
fn fits(value: &Value, ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::Bool => value.as_bool().is_some(),
        Type::Int { min, max } => value.as_number().is_some_and(|number| {
            number.fract() == 0.0
                && min.is_none_or(|min| number >= min as f64)
                && max.is_none_or(|max| number <= max as f64)
        }),
        Type::Percent => value
            .as_number()
            .is_some_and(|n| (0.0..=100.0).contains(&n)),
        Type::Number | Type::Bytes | Type::Duration => value.as_number().is_some(),
        Type::Choice(words) => value
            .as_text()
            .is_some_and(|text| words.iter().any(|word| word == text)),
        Type::Text { max } => value.as_text().is_some_and(|t| t.chars().count() <= *max),
        Type::Time | Type::Path(_) | Type::App | Type::Live(_) => value.as_text().is_some(),
        Type::List(item) => value
            .as_list()
            .is_some_and(|items| items.iter().all(|value| fits(value, item))),
        Type::Record(_) => matches!(value, Value::Record(_)),
    }
}

fn output(output: &OutputDeclaration) -> Checked {
    let is_value = output.kind == OutputKind::Value;
    let has_fields = matches!(output.kind, OutputKind::Record | OutputKind::Rows);
    ensure(is_value == output.ty.is_some(), || {
        "an output of kind `value` has a `type`, no other has".to_owned()
    })?;
    ensure(has_fields != output.fields.is_empty(), || {
        "an output of kind `record` or `rows` has `fields`, no other has".to_owned()
    })?;
    let Some(key) = &output.key else {
        return Ok(());
    };
    ensure(output.fields.iter().any(|field| field.name == *key), || {
        format!("the key `{key}` is not one of the output's fields")
    })
}

fn templates(function: &FunctionDeclaration) -> Checked {
    let language = |code: &str| {
        ensure(matches!(code, "en" | "zh"), || {
            format!("`{code}` is not a language; write `en` or `zh`")
        })
    };
    for example in &function.examples {
        language(&example.language)?;
        ensure(
            !example.request.is_empty() && !example.plan.is_empty(),
            || "an example needs a request and a plan".to_owned(),
        )?;
    }
    for template in &function.templates {
        language(&template.language)?;
        let slots = template::slots(&template.pattern)?;
        for slot in &slots {
            ensure(function.has_argument(slot), || {
                format!("the slot `{{{slot}}}` is not an argument")
            })?;
        }
        for slot in template::placeholders(&template.plan) {
            ensure(slots.contains(&slot), || {
                format!("the plan has `{{{slot}}}`, its pattern has not")
            })?;
        }
    }
    Ok(())
}

fn inverse(function: &FunctionDeclaration) -> Checked {
    let Some(inverse) = &function.inverse else {
        let needed = function.effect == Effect::Reversible && !function.builtin;
        return ensure(!needed, || {
            "a `reversible` function needs an `inverse`; without one it is `irreversible`"
                .to_owned()
        });
    };
    ensure(function.effect == Effect::Reversible, || {
        "only a `reversible` function has an `inverse`".to_owned()
    })?;
    let values = inverse.arguments.values().map(|value| (value, true));
    let values = values.chain(inverse.with.values().map(|value| (value, false)));
    let values = values.chain(inverse.after.iter().map(|value| (value, false)));
    for (value, may_be_before) in values {
        for name in value
            .as_text()
            .map(template::placeholders)
            .unwrap_or_default()
        {
            let known = function.has_argument(name) || (may_be_before && name == "before");
            ensure(known, || {
                format!("the inverse has `{{{name}}}`, which is not an argument")
            })?;
        }
    }
    Ok(())
}

fn dbus_behaviour(function: &FunctionDeclaration, behaviour: &DbusBehaviour) -> Checked {
    bus_name(&behaviour.name)?;
    let path = match behaviour.place() {
        Some(Place::Path(path)) => {
            path_template(function, path)?;
            path
        }
        Some(Place::Objects(root)) => {
            object_manager(&behaviour.name, root)?;
            ""
        }
        None => return Err(ONE_PLACE.to_owned()),
    };
    interface(&behaviour.interface)?;
    patience(behaviour.timeout)?;
    let member = behaviour
        .member()
        .ok_or("give exactly one of `method`, `get`, `get_all = true`, `set`")?;
    member_name(function, behaviour, member)?;
    if let Some(choose) = &behaviour.choose {
        ensure(function.has_argument(choose), || {
            format!("`choose` names `{choose}`, which is not an argument")
        })?;
        ensure(path.is_empty() || is_pattern(&behaviour.name), || {
            "`choose` is for a `name` that ends in `.*` or `-*`, or for `objects`".to_owned()
        })?;
    }
    if let Some(prefer) = &behaviour.prefer {
        interface(&prefer.interface)?;
        property(&prefer.property)?;
    }
    let has_arguments = !template::placeholders(path).is_empty();
    ensure(!has_arguments || behaviour.require.is_empty(), || {
        "`require` is asked before there are arguments for the path".to_owned()
    })?;
    ensure(!has_arguments || behaviour.prefer.is_none(), || {
        "`prefer` is asked before there are arguments for the path".to_owned()
    })?;
    for requirement in &behaviour.require {
        requirement_member(behaviour, requirement)?;
    }
    for argument in &behaviour.arguments {
        dbus_argument(function, argument)?;
    }
    for field in behaviour.fields.keys() {
        output_field(&function.output, field)?;
    }
    Ok(())
}

fn member_name(
    function: &FunctionDeclaration,
    behaviour: &DbusBehaviour,
    member: Member<'_>,
) -> Checked {
    let reads = matches!(member, Member::Get(_) | Member::GetAll);
    ensure(!reads || function.effect == Effect::Read, || {
        "`get` and `get_all` only read: the effect is `read`".to_owned()
    })?;
    ensure(
        !(matches!(member, Member::Set(_)) && function.effect == Effect::Read),
        || "`set` changes something: the effect cannot be `read`".to_owned(),
    )?;
    let name = match member {
        Member::Method(name) => {
            MemberName::try_from(name).map_err(|_| format!("`{name}` is not a method's name"))?;
            name
        }
        Member::Get(name) | Member::Set(name) => {
            property(name)?;
            name
        }
        Member::GetAll => "",
    };
    let given = behaviour.arguments.len();
    match member {
        Member::Set(_) => ensure(given == 1, || {
            "`set` takes exactly one of `arguments`: the new value".to_owned()
        })?,
        Member::Get(_) | Member::GetAll => ensure(given == 0, || {
            "`get` and `get_all` take no `arguments`".to_owned()
        })?,
        Member::Method(_) => {}
    }
    dbus::forbidden(&behaviour.name, &behaviour.interface, name).map_or(Ok(()), Err)
}

fn requirement_member(behaviour: &DbusBehaviour, requirement: &super::Requirement) -> Checked {
    let interface_name = requirement
        .interface
        .as_ref()
        .unwrap_or(&behaviour.interface);
    interface(interface_name)?;
    let member = match (&requirement.get, &requirement.method) {
        (Some(name), None) => {
            property(name)?;
            name
        }
        (None, Some(name)) => {
            // Asked before every plan, so it must be a question: logind's CanSuspend and its like.
            ensure(name.starts_with("Can") || name.starts_with("Get"), || {
                format!("`require` calls `{name}`; only `Can…` and `Get…` methods are asked")
            })?;
            name
        }
        _ => return Err("`require` needs exactly one of `get` and `method`".to_owned()),
    };
    dbus::forbidden(&behaviour.name, interface_name, member).map_or(Ok(()), Err)
}

fn dbus_argument(function: &FunctionDeclaration, argument: &DbusArgument) -> Checked {
    let signature = Signature::try_from(argument.signature.as_str())
        .map_err(|_| format!("`{}` is not a D-Bus type", argument.signature))?;
    ensure(signature.to_string() == argument.signature, || {
        format!("`{}` is not one complete D-Bus type", argument.signature)
    })?;
    ensure(!argument.signature.contains('h'), || {
        let signature = &argument.signature;
        format!("`{signature}` holds file descriptors, which cannot be passed")
    })?;
    if let Some(from) = &argument.from {
        ensure(function.has_argument(from), || {
            format!("`from` names `{from}`, which is not an argument")
        })?;
    }
    if !argument.entries.is_empty() {
        return entries(function, argument, &signature);
    }
    ensure(argument.from.is_some() || argument.value.is_some(), || {
        "an argument of the call needs `from` or `value`, a map may have `entries`".to_owned()
    })?;
    let Some(constant) = &argument.value else {
        return Ok(());
    };
    dbus::constant(constant, &signature)
        .map(|_| ())
        .ok_or_else(|| format!("`{constant}` cannot be sent as `{}`", argument.signature))
}

/// Checks the entries of a map.
fn entries(
    function: &FunctionDeclaration,
    argument: &DbusArgument,
    signature: &Signature,
) -> Checked {
    let Signature::Dict { key, value } = signature else {
        return Err("`entries` are those of a map, such as `a{sv}`".to_owned());
    };
    ensure(*key.signature() == Signature::Str, || {
        "`entries` need a map from texts, such as `a{sv}`".to_owned()
    })?;
    ensure(argument.from.is_none() && argument.value.is_none(), || {
        "`entries` take the place of `from` and `value`".to_owned()
    })?;
    for (name, entry) in &argument.entries {
        dbus_argument(function, entry)?;
        let fits = match value.signature() {
            Signature::Variant => true,
            other => other.to_string() == entry.signature,
        };
        ensure(fits, || {
            format!(
                "the entry `{name}` is of type `{}`, the map's are `{value}`",
                entry.signature,
                value = value.signature()
            )
        })?;
    }
    Ok(())
}

fn output_field(output: &OutputDeclaration, name: &str) -> Checked {
    ensure(output.fields.iter().any(|field| field.name == name), || {
        format!("`fields` has `{name}`, the output has no such field")
    })
}

fn mcp(function: &FunctionDeclaration, behaviour: &McpBehaviour) -> Checked {
    ensure((1..=128).contains(&behaviour.tool.chars().count()), || {
        "`tool` is the tool's name, of 1 to 128 characters".to_owned()
    })?;
    patience(behaviour.timeout)?;
    for name in behaviour.arguments.keys() {
        ensure(function.has_argument(name), || {
            format!("`arguments` names `{name}`, which is not an argument")
        })?;
    }
    for field in behaviour.fields.keys() {
        output_field(&function.output, field)?;
    }
    Ok(())
}

fn command(function: &FunctionDeclaration, behaviour: &CommandBehaviour) -> Checked {
    let names = programs::named(&behaviour.argv)?;
    patience(behaviour.timeout)?;
    let first = std::iter::once(("argv", &behaviour.argv[1..]));
    let further = behaviour.then.iter().map(|argv| ("then", argv.as_slice()));
    for (key, arguments) in first.chain(further) {
        programs::unconfined(&names, arguments)?;
        let used = arguments
            .iter()
            .flat_map(|text| template::placeholders(text));
        for name in used {
            ensure(function.has_argument(name), || {
                format!("`{{{name}}}` in `{key}` is not an argument")
            })?;
        }
    }
    for name in &behaviour.variables {
        let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        ensure(!name.is_empty() && name.chars().all(is_part), || {
            format!("`{name}` is not the name of a variable, such as `MPD_HOST`")
        })?;
    }
    let maps = behaviour.result.is_some() || !behaviour.fields.is_empty();
    ensure(
        !maps || matches!(behaviour.stdout, Stdout::Json | Stdout::Columns),
        || "`result` and `fields` need `stdout = \"json\"`".to_owned(),
    )?;
    let is_columns = behaviour.stdout == Stdout::Columns;
    ensure(
        !is_columns || function.output.kind == OutputKind::Rows,
        || "`stdout = \"columns\"` gives an output of kind `rows`".to_owned(),
    )?;
    let shapes = behaviour.skip > 0 || behaviour.separator.is_some() || !behaviour.cells.is_empty();
    ensure(is_columns || !shapes, || {
        "`skip`, `separator` and `cells` need `stdout = \"columns\"`".to_owned()
    })?;
    for cell in &behaviour.cells {
        output_field(&function.output, cell)?;
    }
    ensure(behaviour.separator.as_deref() != Some(""), || {
        "`separator` is empty; leave it out to cut at blanks".to_owned()
    })?;
    for field in behaviour.fields.keys() {
        output_field(&function.output, field)?;
    }
    Ok(())
}

fn bus_name(name: &str) -> Checked {
    let fixed = dbus::beginning(name).map_or(name, |name| &name[..name.len() - 1]);
    WellKnownName::try_from(fixed)
        .map(|_| ())
        .map_err(|_| format!("`{name}` is not a bus name"))
}

/// Whether it stands for all names that begin so.
fn is_pattern(name: &str) -> bool {
    dbus::beginning(name).is_some()
}

const ONE_PLACE: &str = "give exactly one of `path` and `objects`";

/// Checks the place of an object manager.
fn object_manager(name: &str, root: &str) -> Checked {
    ensure(!is_pattern(name), || {
        "`objects` are those of one service: `name` cannot end in `.*` or `-*`".to_owned()
    })?;
    object_path(root)
}

fn object_path(path: &str) -> Checked {
    ObjectPath::try_from(path)
        .map(|_| ())
        .map_err(|_| format!("`{path}` is not an object path"))
}

/// A path whose parts may be arguments: `/org/example/{device}`.
fn path_template(function: &FunctionDeclaration, path: &str) -> Checked {
    let mut plain = path.to_owned();
    for name in template::placeholders(path) {
        ensure(
            function
                .arguments
                .iter()
                .any(|argument| argument.name == name && argument.required),
            || format!("the path has `{{{name}}}`, which is not a required argument"),
        )?;
        ensure(
            path.split('/').any(|part| part == format!("{{{name}}}")),
            || format!("`{{{name}}}` must be a whole part of the path"),
        )?;
        plain = plain.replace(&format!("{{{name}}}"), "x");
    }
    object_path(&plain)
}

fn interface(name: &str) -> Checked {
    InterfaceName::try_from(name)
        .map(|_| ())
        .map_err(|_| format!("`{name}` is not an interface's name"))
}

fn property(name: &str) -> Checked {
    PropertyName::try_from(name)
        .map(|_| ())
        .map_err(|_| format!("`{name}` is not a property's name"))
}
