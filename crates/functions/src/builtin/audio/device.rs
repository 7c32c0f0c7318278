//! Outputs of PipeWire: which there are, how loud they are, and how they are set.
//!
//! What is about to be changed is read over PipeWire's socket, since an act waits for it. What tells
//! whether an act did what it should is read by `wpctl`, as a person would check it.

use std::time::Duration;

use journal::{Check, Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::{message, problem};
use serde_json::Value as Json;

use super::server::{self, Answer, Output};
use crate::{Availability, ErrorKind, FunctionError, World, command};

/// `wpctl` and `pw-dump` answer in some ten milliseconds; a server that hangs does not.
const LIMIT: Duration = Duration::from_secs(3);

/// Most that `pw-dump` says: some kilobytes for each node, of which a busy studio has thousands.
/// Cut anywhere, it could not be read at all.
const DUMP_LIMIT: u64 = 16 << 20;

/// The loudest that an undo may set, since some systems go beyond 100 %.
const LOUDEST: f64 = 150.0;

/// Where sound comes out: a sink of PipeWire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Device {
    /// The number for `wpctl`; another one after a restart.
    pub(super) id: String,
    /// The lasting name.
    pub(super) name: String,
    /// What a person calls it.
    pub(super) description: String,
}

impl Device {
    pub(super) fn new(id: u32, name: &str, description: &str) -> Device {
        Device {
            id: id.to_string(),
            name: name.to_owned(),
            description: description.to_owned(),
        }
    }
}

/// How loud an output is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Loudness {
    /// In percent.
    pub(super) level: f64,
    /// Whether it is muted.
    pub(super) muted: bool,
}

impl Loudness {
    /// Reads a factor of the sound's amplitude, of which people hear about the cube root.
    pub(super) fn of_linear(factor: f32, muted: bool) -> Loudness {
        Loudness {
            level: (f64::from(factor).max(0.0).cbrt() * 100.0).round(),
            muted,
        }
    }
}

/// Tells whether PipeWire can be asked, without starting a process.
pub(super) fn availability(world: &World) -> Availability {
    let missing = |id, program: &str| {
        let values = [("program", program), ("reason", "")];
        Availability::Missing(problem(world.language, id, &values))
    };
    for program in ["wpctl", "pw-dump"] {
        if command::find_program(program).is_none() {
            return missing("audio-program-missing", program);
        }
    }
    let socket = world
        .places
        .runtime
        .as_ref()
        .map(|folder| folder.join("pipewire-0"));
    match socket {
        Some(socket) if socket.exists() => Availability::Available,
        _ => missing("audio-absent", ""),
    }
}

async fn run(program: &str, arguments: &[&str], world: &World) -> Result<String, FunctionError> {
    if let Availability::Missing(problem) = availability(world) {
        return Err(FunctionError {
            kind: ErrorKind::Unavailable,
            problem,
        });
    }
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let run = command::Run {
        output_limit: DUMP_LIMIT,
        ..command::Run::of(program, &arguments, LIMIT)
    };
    run.output(world).await
}

/// Finds the output that a call means, and how loud it is before anything is done.
pub(super) async fn before(
    call: &ResolvedCall,
    world: &World,
) -> Result<(Device, Loudness), FunctionError> {
    if let Some(answer) = server::ask(world).await
        && let Some(output) = meant(call, answer)
        && let Some(loudness) = output.loudness
    {
        return Ok((output.device, loudness));
    }
    let device = of_call(call, world).await?;
    let loudness = loudness(&device, world).await?;
    Ok((device, loudness))
}

fn meant(call: &ResolvedCall, answer: Answer) -> Option<Output> {
    let outputs = answer.outputs;
    let index = match call.text("output") {
        Some(output) => position(output, outputs.iter().map(|output| &output.device)),
        None => {
            let default = answer.default?;
            outputs
                .iter()
                .position(|output| output.device.name == default)
        }
    };
    outputs.into_iter().nth(index?)
}

/// Finds the output that a call means: the one in its argument `output`, else the default one.
pub(super) async fn of_call(call: &ResolvedCall, world: &World) -> Result<Device, FunctionError> {
    match call.text("output") {
        Some(output) => named(output, world).await,
        None => default(world).await,
    }
}

/// Finds the output that an intent was made for.
pub(super) async fn of_entry(entry: &OpenEntry, world: &World) -> Result<Device, FunctionError> {
    match entry
        .intent()
        .facts
        .field("output")
        .and_then(Value::as_text)
    {
        Some(output) => named(output, world).await,
        None => of_call(entry.call(), world).await,
    }
}

/// Finds an output by its lasting name or by what a person calls it.
pub(super) async fn named(output: &str, world: &World) -> Result<Device, FunctionError> {
    let (devices, _) = all(world).await?;
    let found = position(output, devices.iter());
    let device = found.and_then(|index| devices.into_iter().nth(index));
    device.ok_or_else(|| {
        let values = [("output", output)];
        FunctionError::new(
            ErrorKind::NotFound,
            world.language,
            "audio-no-output-named",
            &values,
        )
    })
}

/// Finds `output` by its lasting name, else by what a person calls it.
fn position<'a>(output: &str, devices: impl Iterator<Item = &'a Device> + Clone) -> Option<usize> {
    let wanted = output.to_lowercase();
    let mut named = devices.clone();
    let mut described = devices;
    named
        .position(|device| device.name == output)
        .or_else(|| described.position(|device| device.description.to_lowercase() == wanted))
}

/// Returns the default output before anything is done.
pub(super) async fn default_before(world: &World) -> Result<Device, FunctionError> {
    let (devices, default) = all(world).await?;
    let device = devices
        .into_iter()
        .find(|device| Some(&device.name) == default.as_ref());
    match device {
        Some(device) => Ok(device),
        None => self::default(world).await,
    }
}

/// Returns the default output.
pub(super) async fn default(world: &World) -> Result<Device, FunctionError> {
    let no_output = || {
        FunctionError::new(
            ErrorKind::Unavailable,
            world.language,
            "audio-no-output",
            &[],
        )
    };
    let text = match run("wpctl", &["inspect", "@DEFAULT_AUDIO_SINK@"], world).await {
        Ok(text) => text,
        Err(error) if error.kind == ErrorKind::Unavailable => return Err(error),
        // wpctl fails when there is no default: no output at all.
        Err(_) => return Err(no_output()),
    };
    inspected(&text).ok_or_else(no_output)
}

/// Reads the answer of `wpctl inspect`: `id 36, type …` and lines of `* key = "value"`.
fn inspected(text: &str) -> Option<Device> {
    let id = text.strip_prefix("id ")?.split(',').next()?.trim();
    let property = |wanted: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(" = ")?;
            let key = key.trim().trim_start_matches("* ").trim();
            (key == wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let name = property("node.name")?;
    Some(Device {
        id: id.to_owned(),
        description: property("node.description").unwrap_or_else(|| name.clone()),
        name,
    })
}

/// Returns all outputs and the name of the default one.
pub(super) async fn all(world: &World) -> Result<(Vec<Device>, Option<String>), FunctionError> {
    if let Some(answer) = server::ask(world).await {
        let devices = answer.outputs.into_iter().map(|output| output.device);
        return Ok((devices.collect(), answer.default));
    }
    let text = run("pw-dump", &[], world).await?;
    let objects: Vec<Json> = serde_json::from_str(&text).map_err(|_| {
        let values = [("program", "pw-dump")];
        FunctionError::new(ErrorKind::Failed, world.language, "command-output", &values)
    })?;
    let devices = objects.iter().filter_map(sink).collect();
    Ok((devices, objects.iter().find_map(default_name)))
}

fn sink(object: &Json) -> Option<Device> {
    let properties = object.pointer("/info/props")?;
    let text = |key: &str| properties.get(key)?.as_str();
    if text("media.class")? != "Audio/Sink" {
        return None;
    }
    let name = text("node.name")?.to_owned();
    Some(Device {
        id: object.get("id")?.as_u64()?.to_string(),
        description: text("node.description").unwrap_or(&name).to_owned(),
        name,
    })
}

fn default_name(object: &Json) -> Option<String> {
    let entries = object.get("metadata")?.as_array()?;
    let entry = entries
        .iter()
        .find(|entry| entry.get("key").and_then(Json::as_str) == Some("default.audio.sink"))?;
    Some(entry.pointer("/value/name")?.as_str()?.to_owned())
}

/// Reads how loud `device` is.
pub(super) async fn loudness(device: &Device, world: &World) -> Result<Loudness, FunctionError> {
    let text = run("wpctl", &["get-volume", &device.id], world).await?;
    parse_loudness(&text).ok_or_else(|| {
        let values = [("program", "wpctl")];
        FunctionError::new(ErrorKind::Failed, world.language, "command-output", &values)
    })
}

/// Reads `Volume: 0.30 [MUTED]`.
fn parse_loudness(text: &str) -> Option<Loudness> {
    let rest = text.trim().strip_prefix("Volume:")?;
    let number: f64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(Loudness {
        level: (number * 100.0).round(),
        muted: rest.contains("[MUTED]"),
    })
}

/// Sets how loud `device` is, in whole percent.
pub(super) async fn set_level(
    device: &Device,
    level: f64,
    world: &World,
) -> Result<(), FunctionError> {
    let volume = format!("{}%", bounded(level));
    run("wpctl", &["set-volume", &device.id, &volume], world).await?;
    Ok(())
}

/// Mutes or unmutes `device`.
pub(super) async fn set_muted(
    device: &Device,
    muted: bool,
    world: &World,
) -> Result<(), FunctionError> {
    let state = if muted { "1" } else { "0" };
    run("wpctl", &["set-mute", &device.id, state], world).await?;
    Ok(())
}

/// Makes `device` the default output.
pub(super) async fn set_default(device: &Device, world: &World) -> Result<(), FunctionError> {
    run("wpctl", &["set-default", &device.id], world).await?;
    Ok(())
}

/// A level that can be set: whole percents, because `wpctl` reports no finer.
pub(super) fn bounded(level: f64) -> f64 {
    level.clamp(0.0, LOUDEST).round()
}

/// What setting the level of `device` from `before` to `after` is about to change.
pub(super) fn level_intent(device: &Device, before: f64, after: f64) -> Intent {
    let after = bounded(after);
    let reads = |level: f64| reads("audio.volume", device, Value::Number(level));
    Intent {
        before: vec![reads(before)],
        after: vec![reads(after)],
        undo: undo("audio.set_volume", device, Some(before), reads(after)),
        touches: String::new(),
        facts: Value::record([
            ("output", Value::from(device.name.as_str())),
            ("level", Value::Number(after)),
        ]),
    }
}

/// What muting or unmuting `device` is about to change.
pub(super) fn muted_intent(device: &Device, before: bool, after: bool) -> Intent {
    let reads = |muted: bool| reads("audio.muted", device, Value::Bool(muted));
    let inverse = if before { "audio.mute" } else { "audio.unmute" };
    Intent {
        before: vec![reads(before)],
        after: vec![reads(after)],
        undo: undo(inverse, device, None, reads(after)),
        touches: String::new(),
        facts: Value::record([
            ("output", Value::from(device.name.as_str())),
            ("muted", Value::Bool(after)),
        ]),
    }
}

/// Carries out a [`level_intent`].
pub(super) async fn apply_level(
    entry: &OpenEntry,
    world: &World,
) -> Result<Outcome, FunctionError> {
    let device = of_entry(entry, world).await?;
    let level = entry
        .intent()
        .facts
        .field("level")
        .and_then(Value::as_number);
    let level = bounded(level.or(entry.call().number("level")).unwrap_or(0.0));
    set_level(&device, level, world).await?;
    let shown = level.to_string();
    Ok(Outcome {
        value: Value::Null,
        undo: entry.intent().undo.clone(),
        note: message(world.language, "audio-volume-set", &[("level", &shown)]),
    })
}

/// Carries out a [`muted_intent`].
pub(super) async fn apply_muted(
    entry: &OpenEntry,
    world: &World,
) -> Result<Outcome, FunctionError> {
    let device = of_entry(entry, world).await?;
    let muted = entry.intent().facts.field("muted").and_then(Value::as_bool);
    let muted = muted.unwrap_or(entry.call().function.as_str() == "audio.mute");
    set_muted(&device, muted, world).await?;
    let id = if muted {
        "audio-muted"
    } else {
        "audio-unmuted"
    };
    Ok(Outcome {
        value: Value::Null,
        undo: entry.intent().undo.clone(),
        note: message(world.language, id, &[]),
    })
}

fn reads(function: &str, device: &Device, value: Value) -> Check {
    Check::Reads {
        function: name(function),
        arguments: vec![("output".to_owned(), Value::from(device.name.as_str()))],
        field: String::new(),
        value,
    }
}

fn undo(function: &str, device: &Device, level: Option<f64>, expect: Check) -> Option<Undo> {
    let level = level.map(|level| ("level".to_owned(), Value::Number(level)));
    let output = ("output".to_owned(), Value::from(device.name.as_str()));
    Some(Undo {
        function: name(function),
        arguments: level.into_iter().chain([output]).collect(),
        expect: vec![expect],
    })
}

/// A function's name that stands in this file.
pub(super) fn name(text: &str) -> FunctionName {
    FunctionName::new(text).expect("names in the source are well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_wpctl_are_read() {
        assert_eq!(
            parse_loudness("Volume: 0.30 [MUTED]\n"),
            Some(Loudness {
                level: 30.0,
                muted: true
            })
        );
        assert_eq!(
            parse_loudness("Volume: 1.00\n"),
            Some(Loudness {
                level: 100.0,
                muted: false
            })
        );
        assert_eq!(parse_loudness("Error"), None);
        let text =
            "id 36, type PipeWire:Interface:Node\n    a.b = \"1\"\n  * node.name = \"x.y\"\n";
        let device = inspected(text).expect("a device");
        assert_eq!((device.id.as_str(), device.name.as_str()), ("36", "x.y"));
        assert_eq!(device.description, "x.y");
    }
}
