//! `lucid plan`: plans without running.

use std::{io::BufRead, process::ExitCode};

use anyhow::Context;
use protocol::{AskOptions, Kernel1Proxy, PlanReport, Route, Source};
use serde::Deserialize;

use crate::{
    arguments::PlanArguments,
    connection::{explain, kernel, language},
    exit,
    terminal::{Style, complain, line, styled},
};

/// A line of a batch; other fields are left alone.
#[derive(Deserialize)]
struct BatchLine {
    text: String,
}

/// Plans the words, or every line of a batch.
///
/// # Errors
///
/// When the kernel cannot be reached or the batch cannot be read.
pub(crate) async fn plan(arguments: PlanArguments) -> anyhow::Result<ExitCode> {
    let kernel = kernel().await?;
    let options = AskOptions {
        source: Source::Terminal,
        language: language().code().to_owned(),
        no_templates: arguments.no_templates,
        terminal: String::new(),
    };
    let options = serde_json::to_string(&options)?;
    if let Some(file) = &arguments.batch {
        return batch(&kernel, &options, file).await;
    }
    let report = plan_one(&kernel, &options, &arguments.words.join(" ")).await?;
    if arguments.json {
        line(&serde_json::to_string(&report)?);
    } else {
        show(&report);
    }
    Ok(if report.problem.is_some() {
        exit::FAILED.into()
    } else {
        ExitCode::SUCCESS
    })
}

async fn batch(
    kernel: &Kernel1Proxy<'_>,
    options: &str,
    file: &std::path::Path,
) -> anyhow::Result<ExitCode> {
    let reader =
        std::fs::File::open(file).with_context(|| format!("could not open {}", file.display()))?;
    for (number, text) in std::io::BufReader::new(reader).lines().enumerate() {
        let text = text.with_context(|| format!("could not read {}", file.display()))?;
        if text.trim().is_empty() {
            continue;
        }
        let parsed: BatchLine = serde_json::from_str(&text).with_context(|| {
            format!(
                "{}:{}: expected {{\"text\": \"…\"}}",
                file.display(),
                number + 1
            )
        })?;
        let report = plan_one(kernel, options, &parsed.text).await?;
        line(&serde_json::to_string(&report)?);
    }
    Ok(ExitCode::SUCCESS)
}

async fn plan_one(
    kernel: &Kernel1Proxy<'_>,
    options: &str,
    words: &str,
) -> anyhow::Result<PlanReport> {
    let report = kernel.plan(words, options).await.map_err(explain)?;
    serde_json::from_str(&report).context("the kernel said something unknown")
}

fn show(report: &PlanReport) {
    if let Some(problem) = &report.problem {
        complain(&problem.sentence, &problem.remedy);
    }
    line(report.plan.trim_end());
    let route = match &report.route {
        Route::Template { function, pattern } => format!("template of {function}: {pattern}"),
        Route::Model { model, reason } => format!("{model} ({reason})"),
        Route::Given => "given".to_owned(),
    };
    let first = report
        .first_statement_ms
        .map_or("–".to_owned(), |ms| format!("{ms:.1} ms"));
    line(&styled(
        &format!(
            "{route} · first statement {first} · whole plan {:.1} ms",
            report.total_ms
        ),
        Style::Dim,
    ));
}
