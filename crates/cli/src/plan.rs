//! `lucid plan`: plans without running.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
    process::ExitCode,
};

use protocol::{AskOptions, Kernel1Proxy, PlanReport, Problem, Route, Source, text::problem};
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
        return batch(kernel, &options, file).await;
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

/// Plans each line of `file`, or of standard input for `-`. Every line that is not blank gets
/// its object, whatever is wrong with it, so that a program can match them by their order.
async fn batch(
    mut kernel: Kernel1Proxy<'static>,
    options: &str,
    file: &Path,
) -> anyhow::Result<ExitCode> {
    let unreadable = |error: io::Error| {
        let (path, reason) = (file.display().to_string(), error.to_string());
        Failure::failed("cli-unreadable", &[("path", &path), ("reason", &reason)])
    };
    let mut reader = open(file).map_err(unreadable)?;
    let mut code = ExitCode::SUCCESS;
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let report = match serde_json::from_str::<BatchLine>(text) {
            Ok(parsed) => plan_line(&mut kernel, options, &parsed.text).await,
            Err(_) => planless(text, not_of_a_batch(file, number)),
        };
        if report.problem.is_some() {
            code = exit::FAILED.into();
        }
        json_line(&serde_json::to_string(&report)?);
    }
    Ok(code)
}

fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if file.as_os_str() == "-" {
        Ok(Box::new(io::stdin().lock()))
    } else {
        Ok(Box::new(BufReader::new(File::open(file)?)))
    }
}

fn not_of_a_batch(file: &Path, number: u64) -> Problem {
    let place = format!("{}:{number}", file.display());
    problem(language(), "cli-batch-line", &[("place", &place)])
}

/// Plans a line of a batch; what hinders it becomes a part of the report.
async fn plan_line(kernel: &mut Kernel1Proxy<'static>, options: &str, words: &str) -> PlanReport {
    match plan_one(kernel, options, words).await {
        Ok(report) => report,
        Err(error) => {
            // A kernel that died of this line is started anew for the next one.
            if let Ok(present) = self::kernel().await {
                *kernel = present;
            }
            planless(words, exit::problem_of(&error))
        }
    }
}

/// The report of words for which no plan was even tried.
fn planless(text: &str, problem: Problem) -> PlanReport {
    PlanReport {
        text: text.to_owned(),
        plan: String::new(),
        route: Route::Given,
        first_statement_ms: None,
        total_ms: 0.0,
        prompt_tokens: 0,
        restored_tokens: 0,
        decoded_tokens: 0,
        considered: Vec::new(),
        energy: protocol::Energy::default(),
        problem: Some(problem),
    }
}

async fn plan_one(
    kernel: &Kernel1Proxy<'_>,
    options: &str,
    words: &str,
) -> anyhow::Result<PlanReport> {
    // The bus carries no NUL; the kernel makes blanks of such characters anyway.
    let sent = words.replace('\0', " ");
    let planned = kernel.plan(&sent, options).await.map_err(explain)?;
    let report: PlanReport = read(&planned)?;
    Ok(PlanReport {
        text: words.to_owned(),
        ..report
    })
}

fn show(report: &PlanReport) {
    if let Some(problem) = &report.problem {
        complain(&problem.sentence, &problem.remedy);
    }
    // Words that nothing can be made of took no route.
    if report.route == Route::Given {
        return;
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
