//! `lucid ask`, `run` and `undo`: turns that this terminal watches.

use std::process::ExitCode;

use anyhow::Context;
use futures_util::StreamExt;
use protocol::{
    AskOptions, Finish, Kernel1Proxy, Route, Source, StatementState, TurnEvent, TurnId,
    text::message,
};

use crate::{
    arguments::{AskArguments, RunArguments},
    connection::{explain, kernel, language},
    consent::Desk,
    exit,
    panel::Panel,
    terminal::{Style, complain, line, styled},
};

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
    let plan = if arguments.file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).context("could not read standard input")?
    } else {
        std::fs::read_to_string(&arguments.file)
            .with_context(|| format!("could not read {}", arguments.file.display()))?
    };
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
    gone: zbus::proxy::OwnerChangedStream<'static>,
    desk: Desk,
    json: bool,
    panel: Panel,
}

impl Watch {
    /// Subscribes before anything is asked, so that no event is missed.
    async fn open(json: bool) -> anyhow::Result<Watch> {
        let kernel = kernel().await?;
        let events = kernel.receive_turn().await?;
        let gone = kernel.inner().receive_owner_changed().await?;
        let desk = Desk::open().await?;
        Ok(Watch {
            kernel,
            events,
            gone,
            desk,
            json,
            panel: Panel::default(),
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

    async fn follow(mut self, turn: TurnId) -> anyhow::Result<ExitCode> {
        loop {
            tokio::select! {
                signal = self.events.next() => {
                    let signal = signal.with_context(|| message(language(), "kernel-gone", &[]))?;
                    let arguments = signal.args()?;
                    if arguments.turn != turn.0 {
                        continue;
                    }
                    if let Some(code) = self.take(arguments.event)? {
                        return Ok(code);
                    }
                }
                question = self.desk.question() => {
                    let question = question?.with_context(|| message(language(), "kernel-gone", &[]))?;
                    self.desk.put(question).await?;
                }
                Some(owner) = self.gone.next() => {
                    if owner.is_none() {
                        anyhow::bail!(message(language(), "kernel-gone", &[]));
                    }
                }
                _ = tokio::signal::ctrl_c() => {
                    self.kernel.stop(&turn.0).await.map_err(explain)?;
                }
            }
        }
    }

    /// Shows an event. Returns the exit code after the last one.
    fn take(&mut self, text: &str) -> anyhow::Result<Option<ExitCode>> {
        let event: TurnEvent =
            serde_json::from_str(text).context("the kernel said something unknown")?;
        if self.json {
            line(text);
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
            TurnEvent::Routed { route, .. } => line(&styled(&route_line(route), Style::Dim)),
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
                    .for_each(|choice| line(&format!("  · {choice}")));
            }
            TurnEvent::Failed { problem } => complain(&problem.sentence, &problem.remedy),
            TurnEvent::Finished { finish } => {
                self.panel.lines().iter().for_each(|text| line(text));
                line(&styled(&finish_line(finish), Style::Dim));
            }
            TurnEvent::Started { .. }
            | TurnEvent::Decoded { .. }
            | TurnEvent::Rewriting { .. }
            | TurnEvent::Decided { .. }
            | TurnEvent::ConsentAsked { .. }
            | TurnEvent::ConsentAnswered { .. } => {}
        }
    }
}

fn route_line(route: &Route) -> String {
    match route {
        Route::Template { function, .. } => {
            message(language(), "route-template", &[("function", function)])
        }
        Route::Model { model, .. } => message(language(), "route-model", &[("model", model)]),
        Route::Given => message(language(), "route-given", &[]),
    }
}

fn show_statement(text: &str, state: StatementState, note: Option<&str>) {
    let mark = match state {
        StatementState::Waiting | StatementState::Running | StatementState::Consent => return,
        StatementState::Done => styled("✓", Style::Good),
        StatementState::Failed | StatementState::Refused => styled("✗", Style::Bad),
        StatementState::Skipped => styled("–", Style::Dim),
    };
    line(&format!("{mark} {text}"));
    if let Some(note) = note.filter(|note| !note.is_empty()) {
        line(&format!("  {note}"));
    }
}

fn finish_line(finish: &Finish) -> String {
    let first = finish
        .timings
        .first_action_ms
        .map_or("–".to_owned(), |ms| format!("{ms:.0} ms"));
    let total = format!("{:.0} ms", finish.timings.total_ms);
    let energy = format!("{:.1} J", finish.energy.joules);
    let outcome = message(language(), outcome_id(finish.outcome), &[]);
    message(
        language(),
        "finish-line",
        &[
            ("outcome", &outcome),
            ("first", &first),
            ("total", &total),
            ("energy", &energy),
        ],
    )
}

fn outcome_id(outcome: protocol::Outcome) -> &'static str {
    match outcome {
        protocol::Outcome::Done => "outcome-done",
        protocol::Outcome::Partial => "outcome-partial",
        protocol::Outcome::Failed => "outcome-failed",
        protocol::Outcome::Refused => "outcome-refused",
        protocol::Outcome::Stopped => "outcome-stopped",
        protocol::Outcome::Answered => "outcome-answered",
    }
}
