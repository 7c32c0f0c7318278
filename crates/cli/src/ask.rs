//! `lucid ask`, `run` and `undo`: turns that this terminal watches.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use futures_util::StreamExt;
use protocol::{AskOptions, Kernel1Proxy, Route, Source, StatementState, TurnEvent, TurnId};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::Instant,
};

use crate::{
    arguments::{AskArguments, RunArguments},
    connection::{explain, kernel, language},
    consent::Desk,
    exit::{self, Failure},
    panel::Panel,
    terminal::{Style, complain, json_line, line, styled, tell},
    words,
};

/// A model that was loaded and has read its instructions writes within this time.
const QUIET: Duration = Duration::from_secs(4);

/// Does what the words say.
///
/// # Errors
///
/// When the kernel cannot be reached or refuses the request as a whole.
pub(crate) async fn ask(arguments: AskArguments) -> anyhow::Result<ExitCode> {
    let words = arguments.words.join(" ");
    let watch = Watch::open(arguments.json).await?;
    let options = watch.options(arguments.no_templates)?;
    let turn = watch.kernel.ask(&words, &options).await.map_err(explain)?;
    watch.follow(TurnId(turn)).await
}

/// Runs a plan from a file.
///
/// # Errors
///
/// When the file cannot be read, or as [`ask`].
pub(crate) async fn run(arguments: RunArguments) -> anyhow::Result<ExitCode> {
    let file = &arguments.file;
    let plan = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let plan = plan.map_err(|error| {
        let (path, reason) = (file.display().to_string(), error.to_string());
        Failure::failed("cli-unreadable", &[("path", &path), ("reason", &reason)])
    })?;
    let watch = Watch::open(arguments.json).await?;
    let options = watch.options(false)?;
    let turn = watch.kernel.run(&plan, &options).await.map_err(explain)?;
    watch.follow(TurnId(turn)).await
}

/// Takes a turn back.
///
/// # Errors
///
/// When there is nothing to take back, or as [`ask`].
pub(crate) async fn undo(turn: &str, json: bool) -> anyhow::Result<ExitCode> {
    let watch = Watch::open(json).await?;
    let options = watch.options(false)?;
    let turn = watch
        .kernel
        .undo(turn, 0, &options)
        .await
        .map_err(explain)?;
    watch.follow(TurnId(turn)).await
}

/// Watches the events of one turn and answers its consents.
struct Watch {
    kernel: Kernel1Proxy<'static>,
    events: protocol::TurnStream,
    owners: zbus::proxy::OwnerChangedStream<'static>,
    desk: Desk,
    json: bool,
    panel: Panel,
    is_stopping: bool,
    /// When to say why nothing is seen yet.
    hint_at: Option<Instant>,
}

impl Watch {
    /// Subscribes before anything is asked, so that no event is missed.
    async fn open(json: bool) -> anyhow::Result<Watch> {
        let kernel = kernel().await?;
        let events = kernel.receive_turn().await?;
        let owners = kernel.inner().receive_owner_changed().await?;
        let desk = Desk::open().await?;
        Ok(Watch {
            kernel,
            events,
            owners,
            desk,
            json,
            panel: Panel::default(),
            is_stopping: false,
            hint_at: None,
        })
    }

    fn options(&self, no_templates: bool) -> anyhow::Result<String> {
        let options = AskOptions {
            source: Source::Terminal,
            language: language().code().to_owned(),
            no_templates,
            terminal: self.desk.secret.clone(),
        };
        Ok(serde_json::to_string(&options)?)
    }

    /// Follows the turn to its end.
    async fn follow(mut self, turn: TurnId) -> anyhow::Result<ExitCode> {
        let code = self.watch(&turn).await;
        self.desk.close();
        code
    }

    /// Waits for nothing alone: while a question stands on the terminal the turn may be
    /// stopped, here or elsewhere, and the kernel may go.
    async fn watch(&mut self, turn: &TurnId) -> anyhow::Result<ExitCode> {
        let mut interrupts = signal(SignalKind::interrupt())?;
        // A terminal that is closed wants nothing any more.
        let mut hangups = signal(SignalKind::hangup())?;
        let mut terminations = signal(SignalKind::terminate())?;
        loop {
            let hint_at = self.hint_at;
            tokio::select! {
                // Events first: what the kernel said before it went away counts.
                biased;
                signal = self.events.next() => {
                    let signal = signal.ok_or_else(|| Failure::unreachable("kernel-gone"))?;
                    let arguments = signal.args()?;
                    if arguments.turn == turn.0 && let Some(code) = self.take(arguments.event)? {
                        return Ok(code);
                    }
                }
                Some(_) = interrupts.recv() => {
                    if std::mem::replace(&mut self.is_stopping, true) {
                        return Err(Failure::stopped("left-while-stopping").into());
                    }
                    self.stop(turn);
                }
                Some(_) = hangups.recv() => self.stop(turn),
                Some(_) = terminations.recv() => self.stop(turn),
                step = self.desk.next() => self.desk.handle(step?).await?,
                () = reached(hint_at) => {
                    self.hint_at = None;
                    tell(format!("{}\n", words::text("model-is-reading", &[])));
                }
                Some(owner) = self.owners.next() => {
                    if owner.is_none() {
                        return Err(Failure::unreachable("kernel-gone").into());
                    }
                }
            }
        }
    }

    /// Asks the kernel to stop the turn. Whether it does is told by the turn's own end, so a
    /// kernel that does not answer holds up nothing here.
    fn stop(&self, turn: &TurnId) {
        let (kernel, turn) = (self.kernel.clone(), turn.0.clone());
        tokio::spawn(async move { kernel.stop(&turn).await });
    }

    /// Shows an event. Returns the exit code after the last one.
    fn take(&mut self, text: &str) -> anyhow::Result<Option<ExitCode>> {
        let event: TurnEvent =
            serde_json::from_str(text).with_context(|| words::text("kernel-unknown", &[]))?;
        if matches!(event, TurnEvent::Finished { .. }) {
            self.desk.close();
        }
        self.hint_at = match event {
            TurnEvent::Routed {
                route: Route::Model { .. },
                ..
            } => Some(Instant::now() + QUIET),
            _ => None,
        };
        if self.json {
            json_line(text);
        } else {
            self.show(&event);
        }
        Ok(match event {
            TurnEvent::Finished { finish } => Some(exit::code(finish.outcome)),
            _ => None,
        })
    }

    fn show(&mut self, event: &TurnEvent) {
        match event {
            TurnEvent::Routed { route, .. } => line(styled(&words::route(route), Style::Dim)),
            TurnEvent::Statement {
                text, state, note, ..
            } => show_statement(text, *state, note.as_deref()),
            TurnEvent::Panel { messages } => messages
                .iter()
                .for_each(|message| self.panel.take(&message.0)),
            TurnEvent::Said { text } => line(text),
            TurnEvent::Asked { question, choices } => {
                line(question);
                choices
                    .iter()
                    .for_each(|choice| line(format!("  · {choice}")));
            }
            TurnEvent::Failed { problem } => complain(&problem.sentence, &problem.remedy),
            TurnEvent::Finished { finish } => {
                self.panel.lines().iter().for_each(line);
                line(styled(&words::finish(finish), Style::Dim));
                if let Some(read_by) = words::read_by(finish) {
                    line(styled(&read_by, Style::Dim));
                }
            }
            TurnEvent::Started { .. }
            | TurnEvent::Weighed { .. }
            | TurnEvent::Decoded { .. }
            | TurnEvent::Rewriting { .. }
            | TurnEvent::Decided { .. }
            | TurnEvent::ConsentAsked { .. }
            | TurnEvent::ConsentAnswered { .. } => {}
        }
    }
}

fn show_statement(text: &str, state: StatementState, note: Option<&str>) {
    let mark = match state {
        StatementState::Waiting | StatementState::Running | StatementState::Consent => return,
        StatementState::Done => styled("✓", Style::Good),
        StatementState::Failed | StatementState::Refused => styled("✗", Style::Bad),
        StatementState::Skipped => styled("–", Style::Dim),
    };
    line(mark + " " + text);
    if let Some(note) = note.filter(|note| !note.is_empty()) {
        line(format!("  {note}"));
    }
}

/// Waits until a moment; for ever where there is none.
async fn reached(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
