//! `lucid plugin`: what plugin authors need, and what a person decides about plugins.
//!
//! All of it works on folders; a running kernel notices what changes by itself.

mod dev;
mod index;
mod scaffold;
mod test;
mod trial;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use functions::{
    Access, Places, Record, Registry, World,
    plugins::{Described, Installed, Plugin, PluginError, is_name, pack, unpack},
};
use protocol::Kernel1Proxy;
use serde_json::json;

pub(crate) use scaffold::Kind;

use crate::{
    arguments::PluginCommand,
    connection::{is_running, language},
    consent::is_yes,
    exit::{self, Failure},
    input::Input,
    terminal::{Shown, Style, json_line, line, styled, tell},
    words,
};

/// How long a kernel may take to notice a plugin, and how often it is asked.
const NOTICED: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Runs a command on plugins.
///
/// # Errors
///
/// With the sentence that tells why it was not possible.
pub(crate) async fn run(command: PluginCommand) -> anyhow::Result<ExitCode> {
    let installed = Installed::in_data(&Places::from_environment().data);
    match command {
        PluginCommand::New { kind, id, folder } => {
            let made = scaffold::make(kind, &id, folder)?;
            let shown = made.display().to_string();
            line(words::text("plugin-made", &[("folder", &shown)]));
        }
        PluginCommand::Check { folder } => return check(&folder),
        PluginCommand::Test { folder } => return test::test(&folder).await,
        PluginCommand::Trial { folder } => {
            return Ok(test::code(trial::run(&folder).await?));
        }
        PluginCommand::Dev { folder } => return dev::dev(&installed, &folder).await,
        PluginCommand::Install { from } => return install(&installed, &from).await,
        PluginCommand::Pack { folder } => packed(&folder)?,
        PluginCommand::Search { words, json } => index::search(&words, json).await?,
        PluginCommand::Index { folder, expires } => index::write(&folder, expires)?,
        PluginCommand::List { json } => list(&installed, json)?,
        PluginCommand::Info { id } => info(&installed, &id)?,
        PluginCommand::Disable { id } => switch(&installed, &id, true)?,
        PluginCommand::Enable { id } => switch(&installed, &id, false)?,
        PluginCommand::Remove { id } => {
            installed.remove(&id).map_err(explain)?;
            line(words::text("plugin-removed", &[("plugin", &id)]));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says in the catalogue's words what was wrong.
pub(super) fn explain(error: PluginError) -> anyhow::Error {
    let path = |path: &Path| path.display().to_string();
    match error {
        PluginError::NoManifest(folder) => {
            Failure::failed("plugin-none", &[("folder", &path(&folder))]).into()
        }
        PluginError::Unknown(id) => Failure::failed("plugin-unknown", &[("plugin", &id)]).into(),
        PluginError::Name(id) => Failure::failed("plugin-name", &[("plugin", &id)]).into(),
        PluginError::Mistakes(_) => Failure::failed("plugin-mistakes", &[]).into(),
        PluginError::File {
            path: file,
            source: reason,
        } => {
            let values = [("path", &*path(&file)), ("reason", &*reason.to_string())];
            Failure::failed("cli-unreadable", &values).into()
        }
    }
}

/// What is wrong with a plugin: the manifest's mistakes at their lines, and templates and examples that do not hold.
pub(super) fn mistakes(plugin: &Plugin) -> Vec<String> {
    let mut mistakes: Vec<String> = plugin.mistakes.iter().map(ToString::to_string).collect();
    let (registry, errors) = Registry::of_plugin(&plugin.folder);
    for error in errors {
        let error = error.to_string();
        if !mistakes.contains(&error) {
            mistakes.push(error);
        }
    }
    mistakes.extend(planner::Planner::new(&registry).defects().iter().cloned());
    mistakes
}

fn check(folder: &Path) -> anyhow::Result<ExitCode> {
    let plugin = Plugin::read(folder).map_err(explain)?;
    let mistakes = mistakes(&plugin);
    for mistake in &mistakes {
        line(styled(mistake, Style::Bad));
    }
    if mistakes.is_empty() {
        let count = plugin.functions.len().to_string();
        let values = [("plugin", &*plugin.id), ("count", &*count)];
        line(words::text("plugin-right", &values));
        return Ok(ExitCode::SUCCESS);
    }
    Ok(exit::FAILED.into())
}

/// Shows what a plugin would be allowed, asks, and installs it.
async fn install(installed: &Installed, from: &Path) -> anyhow::Result<ExitCode> {
    let unpacked = tempfile::tempdir()?;
    let named = from.to_str().filter(|id| is_name(id) && !from.exists());
    let folder = if let Some(id) = named {
        index::fetch(id, unpacked.path()).await?
    } else if from.is_file() {
        unpack(from, unpacked.path()).map_err(explain)?
    } else {
        from.to_owned()
    };
    let plugin = Plugin::read(&folder).map_err(explain)?;
    let mistakes = mistakes(&plugin);
    if !mistakes.is_empty() {
        for mistake in &mistakes {
            line(styled(mistake, Style::Bad));
        }
        return Err(Failure::failed("plugin-mistakes", &[]).into());
    }
    describe(&plugin);
    let before = installed.record(&plugin.id).ok().flatten();
    let record = plugin
        .agree(&world())
        .await
        .map_err(|error| Failure::of(error.problem))?;
    let difference = before
        .as_ref()
        .and_then(|before| before.server.as_ref()?.difference(record.server.as_ref()?));
    if let Some(difference) = difference {
        line(styled(
            &words::text("plugin-differs", &[("what", &difference)]),
            Style::Bold,
        ));
    }
    if !asks("plugin-install-ask", &plugin).await {
        line(words::text(
            "plugin-not-installed",
            &[("plugin", &plugin.id)],
        ));
        return Ok(exit::REFUSED.into());
    }
    installed.install(&plugin, &record).map_err(explain)?;
    until_known(&plugin).await;
    line(words::text("plugin-installed", &[("plugin", &plugin.id)]));
    Ok(ExitCode::SUCCESS)
}

/// Asks on the terminal; the end of input is a no.
async fn asks(question: &str, plugin: &Plugin) -> bool {
    tell(words::text(question, &[("plugin", &plugin.id)]) + " ");
    let mut input = Input::default();
    input.want();
    is_yes(input.line().await.as_deref().unwrap_or_default())
}

/// Tells whether the functions that a kernel told, as JSON, hold one.
fn holds(told: &str, function: &Described) -> bool {
    told.contains(&format!("\"{}\"", function.name))
}

/// Waits a little until a kernel that runs knows the plugin, so that what comes next can ask for it.
async fn until_known(plugin: &Plugin) {
    let Ok(bus) = zbus::Connection::session().await else {
        return;
    };
    if !is_running(&bus).await.unwrap_or(false) {
        return;
    }
    let Ok(kernel) = Kernel1Proxy::new(&bus).await else {
        return;
    };
    let deadline = tokio::time::Instant::now() + NOTICED;
    while tokio::time::Instant::now() < deadline {
        let told = kernel.functions("").await.unwrap_or_default();
        let mut functions = plugin.functions.iter();
        if functions.all(|function| holds(&told, function)) {
            return;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The world in which a server is started to be described.
fn world() -> World {
    World {
        session_bus: None,
        system_bus: None,
        places: std::sync::Arc::new(Places::from_environment()),
        language: language(),
        reader: None,
        known: functions::Known::default(),
    }
}

/// Says what a plugin does and what it may reach.
fn describe(plugin: &Plugin) {
    line(styled(&plugin.id, Style::Bold) + "  " + plugin.summary(language()));
    let is_chinese = language() == protocol::text::Language::Chinese;
    for function in &plugin.functions {
        let effect = words::name("effect", function.effect.word());
        let summary = if is_chinese {
            &function.summary_zh
        } else {
            &function.summary
        };
        let name = styled(&function.name, Style::Bold);
        line(Shown::from("  ") + name + "  " + summary + "  " + styled(&effect, Style::Dim));
    }
    for signal in &plugin.signals {
        let name = styled(signal.name().as_str(), Style::Bold);
        let is_heard = words::text("plugin-signal", &[]);
        let summary = signal.summary(language()).to_owned();
        line(Shown::from("  ") + name + "  " + summary + "  " + styled(&is_heard, Style::Dim));
    }
    for access in reach(plugin) {
        line(Shown::from("  • ") + access);
    }
}

/// What it may reach, in plain words.
fn reach(plugin: &Plugin) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(access) = &plugin.access {
        let Access {
            network,
            bus,
            read,
            write,
        } = access;
        if *network {
            lines.push(words::text("plugin-reach-network", &[]));
        }
        if !bus.is_empty() {
            let names = bus.join(", ");
            lines.push(words::text("plugin-reach-bus", &[("names", &names)]));
        }
        for (id, folders) in [("plugin-reach-read", read), ("plugin-reach-write", write)] {
            lines.extend(
                folders
                    .iter()
                    .map(|folder| words::text(id, &[("folder", folder)])),
            );
        }
        let id = if lines.is_empty() {
            "plugin-reach-nothing"
        } else {
            "plugin-reach-no-more"
        };
        lines.push(words::text(id, &[]));
    }
    if !plugin.services.is_empty() {
        let services = plugin.services.join(", ");
        lines.push(words::text(
            "plugin-reach-services",
            &[("services", &services)],
        ));
    }
    if !plugin.programs.is_empty() {
        let programs = plugin.programs.join(", ");
        lines.push(words::text(
            "plugin-reach-programs",
            &[("programs", &programs)],
        ));
    }
    if !plugin.variables.is_empty() {
        let names = plugin.variables.join(", ");
        lines.push(words::text("plugin-reach-variables", &[("names", &names)]));
    }
    lines
}

fn packed(folder: &Path) -> anyhow::Result<()> {
    let plugin = Plugin::read(folder).map_err(explain)?;
    let archive = PathBuf::from(format!("{}.zip", plugin.id));
    pack(&plugin, &archive).map_err(explain)?;
    line(archive.display().to_string());
    Ok(())
}

/// How a plugin is here.
fn state(plugin: &Result<Plugin, PluginError>, record: Option<&Record>) -> &'static str {
    match (plugin, record) {
        (Err(_), _) => "broken",
        (Ok(plugin), _) if !plugin.mistakes.is_empty() => "broken",
        (_, None) => "not-agreed",
        (_, Some(record)) if record.disabled => "disabled",
        (Ok(plugin), Some(record)) if !plugin.is_agreed(record) => "changed",
        _ => "works",
    }
}

fn list(installed: &Installed, json: bool) -> anyhow::Result<()> {
    for id in installed.ids() {
        let plugin = Plugin::read(&installed.folder().join(&id));
        let record = installed.record(&id).ok().flatten();
        let state = state(&plugin, record.as_ref());
        let summary = plugin
            .as_ref()
            .map_or("", |plugin| plugin.summary(language()));
        let functions = plugin.as_ref().map_or(0, |plugin| plugin.functions.len());
        if json {
            let object =
                json!({ "id": id, "state": state, "summary": summary, "functions": functions });
            json_line(&object.to_string());
        } else {
            let state = words::name("plugin-state", state);
            line(styled(&id, Style::Bold) + format!("  {summary}  · {state}"));
        }
    }
    if installed.ids().is_empty() && !json {
        let folder = installed.folder().display().to_string();
        line(words::text("plugin-list-empty", &[("folder", &folder)]));
    }
    Ok(())
}

fn info(installed: &Installed, id: &str) -> anyhow::Result<()> {
    let folder = installed.folder_of(id).map_err(explain)?;
    let record = installed.record(id).map_err(explain)?;
    let plugin = Plugin::read(&folder);
    let state = words::name("plugin-state", state(&plugin, record.as_ref()));
    let plugin = plugin.map_err(explain)?;
    describe(&plugin);
    line(format!("  {state}  {}", folder.display()));
    for mistake in mistakes(&plugin) {
        line(styled(&format!("  {mistake}"), Style::Bad));
    }
    Ok(())
}

fn switch(installed: &Installed, id: &str, disabled: bool) -> anyhow::Result<()> {
    installed.set_disabled(id, disabled).map_err(explain)?;
    let message = if disabled {
        "plugin-disabled"
    } else {
        "plugin-enabled"
    };
    line(words::text(message, &[("plugin", id)]));
    Ok(())
}
