//! The commands that print what the kernel tells.

use std::process::ExitCode;

use anyhow::Context;
use protocol::{DoctorCheck, DoctorState, FunctionReport, TurnReport, WhyReport, text::message};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    connection::{explain, kernel, language},
    exit,
    terminal::{Style, line, styled},
};

/// Reads JSON that the kernel sent.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> anyhow::Result<T> {
    serde_json::from_str(json)
        .context("the kernel said something unknown; is it of another version?")
}

/// Prints one JSON object per line.
pub(crate) fn print_json<T: Serialize>(items: &[T]) -> anyhow::Result<()> {
    for item in items {
        line(&serde_json::to_string(item)?);
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
    line(&message(
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
    line(&format!(
        "{} {} {}",
        styled(&turn.turn.0, Style::Bold),
        styled(&turn.at, Style::Dim),
        turn.utterance
    ));
    for entry in &turn.entries {
        let undoable = if entry.undoable { "↶" } else { " " };
        line(&format!("  {undoable} {:<7} {}", entry.state, entry.call));
        if !entry.note.is_empty() {
            line(&format!("            {}", entry.note));
        }
    }
}

/// Explains a turn.
pub(crate) async fn why(turn: &str, json: bool) -> anyhow::Result<ExitCode> {
    let text = kernel().await?.why(turn).await.map_err(explain)?;
    let why: WhyReport = read(&text)?;
    if json {
        line(&text);
        return Ok(ExitCode::SUCCESS);
    }
    show_turn(&why.turn);
    if let Some(route) = &why.route {
        line(&format!("  {}", serde_json::to_string(route)?));
    }
    if !why.considered.is_empty() {
        line(&format!("  {}", why.considered.join(", ")));
    }
    why.turn
        .plan
        .lines()
        .for_each(|text| line(&format!("  | {text}")));
    for decision in &why.decisions {
        line(&format!(
            "  {} {}: {}",
            decision.decision, decision.call, decision.reason
        ));
    }
    if let Some(finish) = &why.turn.finish {
        line(&format!(
            "  {:.0} ms, {} + {} tokens ({} restored), {:.1} J ({})",
            finish.timings.total_ms,
            finish.tokens.prompt,
            finish.tokens.decoded,
            finish.tokens.restored,
            finish.energy.joules,
            finish.energy.method
        ));
    }
    Ok(ExitCode::SUCCESS)
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
        line(&styled(&function.signature, style));
        line(&format!(
            "    {} ({}, {})",
            function.summary, function.effect, function.provider
        ));
        if !function.missing.is_empty() {
            line(&styled(&format!("    {}", function.missing), Style::Bad));
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
    line(&format!("{mark} {}: {}", check.name, check.finding));
    if !check.remedy.is_empty() {
        line(&format!("    {}", check.remedy));
    }
}

/// Erases the history.
pub(crate) async fn clear_history() -> anyhow::Result<ExitCode> {
    let erased = kernel().await?.clear_history().await.map_err(explain)?;
    line(&message(
        language(),
        "history-erased",
        &[("count", &erased.to_string())],
    ));
    Ok(ExitCode::SUCCESS)
}
