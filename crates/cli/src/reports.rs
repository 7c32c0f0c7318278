//! The commands that print what the kernel tells.

use std::process::ExitCode;

use protocol::{
    DoctorCheck, DoctorState, FunctionReport, Outcome, TurnReport, Weighing, WhyReport,
    text::message,
};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::{
    connection::{explain, kernel, language, read},
    exit,
    terminal::{Shown, Style, json_line, line, styled},
    words,
};

/// Prints one JSON object per line.
pub(crate) fn print_json<T: Serialize>(items: &[T]) -> anyhow::Result<()> {
    for item in items {
        json_line(&serde_json::to_string(item)?);
    }
    Ok(())
}

/// Stops everything.
///
/// # Errors
///
/// When the kernel cannot be reached; so do all below.
pub(crate) async fn stop() -> anyhow::Result<ExitCode> {
    let stopped = kernel().await?.stop("").await.map_err(explain)?;
    line(message(
        language(),
        "stopped-count",
        &[("count", &stopped.to_string())],
    ));
    Ok(ExitCode::SUCCESS)
}

/// Shows or hides the overlay.
pub(crate) async fn toggle() -> anyhow::Result<ExitCode> {
    kernel().await?.toggle().await.map_err(explain)?;
    Ok(ExitCode::SUCCESS)
}

/// Lists what was done.
pub(crate) async fn log(limit: u32, json: bool) -> anyhow::Result<ExitCode> {
    let turns: Vec<TurnReport> = read(&kernel().await?.log(limit).await.map_err(explain)?)?;
    if json {
        print_json(&turns)?;
    } else {
        turns.iter().rev().for_each(show_turn);
    }
    Ok(ExitCode::SUCCESS)
}

fn show_turn(turn: &TurnReport) {
    let name = styled(&turn.turn.0, Style::Bold);
    let at = words::local_time(&turn.at);
    // What the lines below do not say: a turn that failed before its first act has none.
    let outcome = turn.finish.as_ref().map(|finish| finish.outcome);
    let outcome = outcome
        .filter(|outcome| *outcome != Outcome::Done)
        .map_or(String::new(), |outcome| {
            format!("  · {}", words::outcome(outcome))
        });
    line(
        name + " " + styled(&at, Style::Dim) + " " + &turn.utterance + styled(&outcome, Style::Dim),
    );
    if turn.is_interrupted {
        let known = if turn.entries.is_empty() {
            "turn-interrupted-before"
        } else {
            "turn-interrupted"
        };
        line(format!("  {}", words::text(known, &[])));
    }
    let states: Vec<String> = turn
        .entries
        .iter()
        .map(|entry| words::name("entry", &entry.state))
        .collect();
    let width = states.iter().map(|state| state.width()).max().unwrap_or(0);
    for (entry, state) in turn.entries.iter().zip(&states) {
        let blanks = " ".repeat(width - state.width());
        let call = Shown::from(format!("  {state}{blanks} {}", entry.call));
        line(if entry.undoable {
            call + "  " + styled(&words::text("entry-undoable", &[]), Style::Dim)
        } else {
            call
        });
        if !entry.note.is_empty() {
            line(format!("  {} {}", " ".repeat(width), entry.note));
        }
    }
}

/// Explains a turn.
pub(crate) async fn why(turn: &str, json: bool) -> anyhow::Result<ExitCode> {
    let text = kernel().await?.why(turn).await.map_err(explain)?;
    let why: WhyReport = read(&text)?;
    if json {
        json_line(&text);
        return Ok(ExitCode::SUCCESS);
    }
    show_turn(&why.turn);
    if let Some(route) = &why.route {
        line(format!("  {}", words::route_and_reason(route)));
    }
    if !why.considered.is_empty() {
        let values = [("functions", &*why.considered.join(", "))];
        line(format!("  {}", words::text("considered-line", &values)));
    }
    if let Some(weighing) = &why.weighing {
        line(format!("  {}", weighed(weighing)));
    }
    for reason in &why.rewritten {
        let values = [("reason", &**reason)];
        line(format!("  {}", words::text("why-rewritten", &values)));
    }
    why.turn
        .plan
        .lines()
        .for_each(|text| line(format!("  | {text}")));
    if !why.written.is_empty() {
        line(format!("  {}", words::text("why-written", &[])));
        let written = why.written.lines();
        written.for_each(|text| line(format!("  | {text}")));
    }
    for problem in &why.problems {
        let said = [&problem.sentence, &problem.remedy];
        let lines = said.into_iter().flat_map(|text| text.lines());
        lines.for_each(|text| line(format!("  {text}")));
    }
    for decision in &why.decisions {
        let decided = words::name("decision", &decision.decision);
        let (call, reason) = (&decision.call, &decision.reason);
        line(format!("  {decided} {call}: {reason}"));
        let labels = words::labels(&decision.labels);
        if !labels.is_empty() {
            line(format!("    {labels}"));
        }
    }
    if let Some(finish) = &why.turn.finish {
        line(format!("  {}", words::cost(finish)));
        if let Some(read_by) = words::read_by(finish) {
            line(format!("  {read_by}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How sure the model's way was, in a sentence.
fn weighed(weighing: &Weighing) -> String {
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", 100.0 * share))
    };
    let values = [
        ("plan", &*percent(weighing.plan)),
        ("known", &percent(Some(weighing.words_known))),
        ("act", &percent(weighing.nearest_act)),
        ("words", &percent(weighing.nearest_words)),
    ];
    let id = match weighing.exits_only {
        true => "why-weighed-exits",
        false => "why-weighed",
    };
    words::text(id, &values)
}

/// Lists the functions.
pub(crate) async fn functions(json: bool) -> anyhow::Result<ExitCode> {
    let functions: Vec<FunctionReport> = read(
        &kernel()
            .await?
            .functions(language().code())
            .await
            .map_err(explain)?,
    )?;
    if json {
        print_json(&functions)?;
        return Ok(ExitCode::SUCCESS);
    }
    for function in &functions {
        let style = if function.available {
            Style::Bold
        } else {
            Style::Dim
        };
        line(styled(&function.signature, style));
        let effect = words::name("effect", &function.effect);
        let (summary, provider) = (&function.summary, &function.provider);
        line(format!("    {summary} ({effect}, {provider})"));
        if !function.missing.is_empty() {
            line(styled(&format!("    {}", function.missing), Style::Bad));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells what works.
pub(crate) async fn doctor(json: bool) -> anyhow::Result<ExitCode> {
    let checks: Vec<DoctorCheck> = read(
        &kernel()
            .await?
            .doctor(language().code())
            .await
            .map_err(explain)?,
    )?;
    if json {
        print_json(&checks)?;
    } else {
        checks.iter().for_each(show_check);
    }
    let broken = checks
        .iter()
        .any(|check| check.state == DoctorState::Broken);
    Ok(if broken {
        exit::FAILED.into()
    } else {
        ExitCode::SUCCESS
    })
}

fn show_check(check: &DoctorCheck) {
    let mark = match check.state {
        DoctorState::Works => styled("✓", Style::Good),
        DoctorState::Missing => styled("–", Style::Bold),
        DoctorState::Broken => styled("✗", Style::Bad),
    };
    line(mark + format!(" {}: {}", check.name, check.finding));
    if !check.remedy.is_empty() {
        line(format!("    {}", check.remedy));
    }
}

/// Erases the history.
pub(crate) async fn clear_history() -> anyhow::Result<ExitCode> {
    let erased = kernel().await?.clear_history().await.map_err(explain)?;
    line(message(
        language(),
        "history-erased",
        &[("count", &erased.to_string())],
    ));
    Ok(ExitCode::SUCCESS)
}
