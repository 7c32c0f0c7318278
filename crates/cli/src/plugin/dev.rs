//! `lucid plugin dev`: an author's own folder in the place of an installed plugin, with a trace of what becomes of it.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use functions::{
    World,
    plugins::{Installed, Plugin, complaints_path},
};
use futures_util::StreamExt as _;
use notify::{EventKind, RecursiveMode, Watcher as _};
use plan::Value;
use protocol::{StatementState, TurnEvent};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use super::{asks, describe, explain, mistakes, world};
use crate::{
    connection::kernel,
    exit::{self, Failure},
    terminal::{Shown, Style, line, styled},
    words,
};

/// How long nothing more must change before a change counts.
const SETTLED: Duration = Duration::from_millis(150);

/// How often it is looked whether the server has complained.
const GLANCE: Duration = Duration::from_millis(250);

/// Links the folder among the installed plugins until it is interrupted.
///
/// # Errors
///
/// When the folder holds no plugin, one of that name is installed, or the kernel cannot be reached.
pub(super) async fn dev(installed: &Installed, folder: &Path) -> anyhow::Result<ExitCode> {
    let plugin = Plugin::read(folder).map_err(explain)?;
    let here = installed.folder_of(&plugin.id);
    if here.is_ok_and(|here| here.canonicalize().is_ok_and(|here| here != plugin.folder)) {
        return Err(Failure::failed("plugin-dev-installed", &[("plugin", &plugin.id)]).into());
    }
    describe(&plugin);
    if !asks("plugin-dev-ask", &plugin).await {
        return Ok(exit::REFUSED.into());
    }
    let kernel = kernel().await?;
    let mut turns = kernel.receive_turn().await?;
    let (sender, mut changes) = mpsc::channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            // A change that waits already stands for this one.
            let _ = sender.try_send(());
        }
    })
    .with_context(|| words::text("plugin-dev-blind", &[]))?;
    watcher
        .watch(&plugin.folder, RecursiveMode::Recursive)
        .with_context(|| words::text("plugin-dev-blind", &[]))?;
    installed.link(&plugin).map_err(explain)?;
    let mut heard = listen(&plugin).await;
    let followed = follow(installed, &plugin, &mut changes, &mut turns, &mut heard).await;
    installed.remove(&plugin.id).map_err(explain)?;
    followed.map(|()| ExitCode::SUCCESS)
}

/// What a signal of the plugin told, by its name.
type Heard = (String, Value);

/// Begins to listen to the plugin's signals, as they were when it began.
async fn listen(plugin: &Plugin) -> mpsc::Receiver<Heard> {
    let world = World {
        session_bus: zbus::Connection::session().await.ok(),
        system_bus: zbus::Connection::system().await.ok(),
        ..world()
    };
    let (sender, heard) = mpsc::channel(1);
    for signal in &plugin.signals {
        let name = signal.name().to_string();
        let mut listening = match signal.listen(&world).await {
            Ok(listening) => listening,
            Err(error) => {
                line(styled(&format!("✗ {name}: {error}"), Style::Bad));
                continue;
            }
        };
        let sender = sender.clone();
        tokio::spawn(async move {
            while let Some(value) = listening.next().await {
                if sender.send((name.clone(), value)).await.is_err() {
                    return;
                }
            }
        });
    }
    heard
}

/// What the plugin's server complains, as far as it was not shown yet.
struct Complaints {
    path: PathBuf,
    /// The number of the file; each start of the server makes another one.
    file: u64,
    shown: usize,
}

impl Complaints {
    fn of(plugin: &Plugin) -> Complaints {
        let path = complaints_path(&plugin.id, &world().places);
        let (file, shown) = state_of(&path);
        Complaints { path, file, shown }
    }

    /// Shows the lines that were added.
    fn show(&mut self) {
        let (file, length) = state_of(&self.path);
        if file != self.file {
            (self.file, self.shown) = (file, 0);
        }
        if length == self.shown {
            return;
        }
        let text = fs::read(&self.path).unwrap_or_default();
        let new = text.get(self.shown..).unwrap_or_default();
        let whole = new.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |end| end + 1);
        for complaint in String::from_utf8_lossy(&new[..whole]).lines() {
            line(styled("  │ ", Style::Dim) + complaint);
        }
        self.shown += whole;
    }
}

/// The number of a file and its length in bytes; zeros where there is none.
fn state_of(file: &Path) -> (u64, usize) {
    fs::metadata(file).map_or((0, 0), |metadata| (metadata.ino(), metadata.len() as usize))
}

/// Takes over each change and tells what becomes of it, until the author ends it.
async fn follow(
    installed: &Installed,
    plugin: &Plugin,
    changes: &mut mpsc::Receiver<()>,
    turns: &mut protocol::TurnStream,
    heard: &mut mpsc::Receiver<Heard>,
) -> anyhow::Result<()> {
    load(installed, plugin).await;
    line(styled(&words::text("plugin-dev-runs", &[]), Style::Dim));
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let mut hangups = signal(SignalKind::hangup())?;
    let mut complaints = Complaints::of(plugin);
    let mut glances = tokio::time::interval(GLANCE);
    loop {
        tokio::select! {
            _ = glances.tick() => complaints.show(),
            Some(()) = changes.recv() => {
                while tokio::time::timeout(SETTLED, changes.recv()).await.is_ok() {}
                load(installed, plugin).await;
            }
            Some(turn) = turns.next() => {
                let arguments = turn.args()?;
                if let Ok(event) = serde_json::from_str(arguments.event) {
                    show(plugin, &event);
                }
            }
            Some((signal, value)) = heard.recv() => {
                let value = serde_json::to_string(&value).unwrap_or_default();
                line(styled("♪ ", Style::Dim) + signal + styled(&format!("  {value}"), Style::Dim));
            }
            Some(()) = interrupts.recv() => return Ok(()),
            Some(()) = terminations.recv() => return Ok(()),
            Some(()) = hangups.recv() => return Ok(()),
            else => return Ok(()),
        }
    }
}

/// Checks the folder and agrees to what it is now: its author has just written it.
async fn load(installed: &Installed, begun: &Plugin) {
    let plugin = match Plugin::read(&begun.folder) {
        Ok(plugin) => plugin,
        Err(error) => return line(styled(&explain(error).to_string(), Style::Bad)),
    };
    let mistakes = mistakes(&plugin);
    for mistake in &mistakes {
        line(styled("✗ ", Style::Bad) + mistake);
    }
    if !mistakes.is_empty() {
        return;
    }
    if plugin.access != begun.access {
        return line(styled(&words::text("plugin-dev-access", &[]), Style::Bad));
    }
    let done = match plugin.agree(&world()).await {
        Ok(record) => installed.install(&plugin, &record).map_err(explain),
        Err(error) => Err(Failure::of(error.problem).into()),
    };
    match done {
        Ok(()) => {
            let count = plugin.functions.len().to_string();
            let values = [("plugin", &*plugin.id), ("count", &*count)];
            line(styled("✓ ", Style::Good) + words::text("plugin-right", &values));
        }
        Err(error) => line(styled("✗ ", Style::Bad) + error.to_string()),
    }
}

/// Shows what a turn does with the plugin's functions.
fn show(plugin: &Plugin, event: &TurnEvent) {
    let is_ours = |text: &str| {
        let mut functions = plugin.functions.iter();
        functions.any(|function| text.contains(&format!("{}(", function.name)))
    };
    match event {
        TurnEvent::Started { utterance } => line(styled(&format!("» {utterance}"), Style::Dim)),
        TurnEvent::Decided { decision, .. } if is_ours(&decision.call) => {
            let decided = words::name("decision", &decision.decision);
            line(
                Shown::from("  ")
                    + &decision.call
                    + styled(&format!("  {decided}: {}", decision.reason), Style::Dim),
            );
            let labels = words::labels(&decision.labels);
            if !labels.is_empty() {
                line(styled(&format!("    {labels}"), Style::Dim));
            }
        }
        TurnEvent::Statement {
            text, state, note, ..
        } if is_ours(text) => {
            let mark = match state {
                StatementState::Done => styled("✓", Style::Good),
                StatementState::Failed | StatementState::Refused => styled("✗", Style::Bad),
                _ => return,
            };
            let note = note.as_deref().unwrap_or_default();
            line(Shown::from("  ") + mark + " " + text + styled(&format!("  {note}"), Style::Dim));
        }
        TurnEvent::Failed { problem } => {
            line(styled(&format!("  {}", problem.sentence), Style::Dim));
        }
        _ => {}
    }
}
