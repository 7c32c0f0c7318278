//! `lucid plan`: plans without running.

use std::{io::BufRead, process::ExitCode};

use protocol::{AskOptions, Kernel1Proxy, PlanReport, Source};
use serde::Deserialize;

use crate::{
    arguments::PlanArguments,
    connection::{explain, kernel, language, read},
    exit::{self, Failure},
    terminal::{Style, complain, json_line, line, styled},
    words,
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
        json_line(&serde_json::to_string(&report)?);
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
    let unreadable = |error: std::io::Error| {
        let (path, reason) = (file.display().to_string(), error.to_string());
        Failure::failed("cli-unreadable", &[("path", &path), ("reason", &reason)])
    };
    let reader = std::fs::File::open(file).map_err(unreadable)?;
    for (number, text) in std::io::BufReader::new(reader).lines().enumerate() {
        let text = text.map_err(unreadable)?;
        if text.trim().is_empty() {
            continue;
        }
        let parsed: BatchLine = serde_json::from_str(&text).map_err(|_| {
            let place = format!("{}:{}", file.display(), number + 1);
            Failure::failed("cli-batch-line", &[("place", &place)])
        })?;
        let report = plan_one(kernel, options, &parsed.text).await?;
        json_line(&serde_json::to_string(&report)?);
    }
    Ok(ExitCode::SUCCESS)
}

async fn plan_one(
    kernel: &Kernel1Proxy<'_>,
    options: &str,
    words: &str,
) -> anyhow::Result<PlanReport> {
    read(&kernel.plan(words, options).await.map_err(explain)?)
}

fn show(report: &PlanReport) {
    if let Some(problem) = &report.problem {
        complain(&problem.sentence, &problem.remedy);
    }
    line(report.plan.trim_end());
    let milliseconds = |ms: f64| format!("{ms:.1} ms");
    let first = report
        .first_statement_ms
        .map_or("–".to_owned(), milliseconds);
    let values = [
        ("route", &*words::route_and_reason(&report.route)),
        ("first", &first),
        ("total", &milliseconds(report.total_ms)),
    ];
    line(styled(&words::text("plan-line", &values), Style::Dim));
}
