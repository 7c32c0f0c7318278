//! The report: `target/eval/results.jsonl` and `docs/evaluation.md`.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use serde::Serialize;

use crate::{answers::Answer, requests::EvalRequest};

/// One line of `results.jsonl`.
#[derive(Debug, Serialize)]
struct Score {
    set: String,
    split: &'static str,
    model: String,
    column: String,
    kind: String,
    n: usize,
    right: usize,
    first_action_ms_p50: Option<f64>,
    first_action_ms_p95: Option<f64>,
    /// Of the whole plan.
    cpu_seconds_p50: Option<f64>,
}

type Pairs<'a> = Vec<(&'a EvalRequest, &'a Answer)>;

/// Writes both files.
pub(crate) fn write(
    root: &Path,
    requests: &[EvalRequest],
    answers: &[Answer],
    date: &str,
) -> anyhow::Result<()> {
    let scores = scores(requests, answers);
    let mut lines = String::new();
    for score in &scores {
        lines.push_str(&serde_json::to_string(score)?);
        lines.push('\n');
    }
    std::fs::write(root.join("target/eval/results.jsonl"), lines)?;
    std::fs::write(
        root.join("docs/evaluation.md"),
        page(&scores, requests, answers, date),
    )?;
    for score in scores.iter().filter(|score| score.set == "all") {
        println!(
            "{} {}: {} of {}",
            score.model, score.column, score.right, score.n
        );
    }
    Ok(())
}

fn scores(requests: &[EvalRequest], answers: &[Answer]) -> Vec<Score> {
    let mut groups: BTreeMap<(String, String, String, String), Pairs<'_>> = BTreeMap::new();
    for answer in answers {
        let Some(request) = requests.iter().find(|request| request.id == answer.id) else {
            continue;
        };
        let own = request.set.as_str();
        let mut keys = vec![
            ("all", "all"),
            (own, "all"),
            (own, request.language.as_str()),
        ];
        if request.kind != own {
            keys.push((own, request.kind.as_str()));
        }
        for (set, kind) in keys {
            let (model, column) = (answer.model.clone(), answer.column.clone());
            let key = (model, column, set.to_owned(), kind.to_owned());
            groups.entry(key).or_default().push((request, answer));
        }
    }
    groups
        .into_iter()
        .map(|((model, column, set, kind), pairs)| {
            let mut times: Vec<f64> = pairs
                .iter()
                .filter_map(|(_, answer)| answer.first_statement_ms)
                .collect();
            times.sort_by(f64::total_cmp);
            let mut cpu: Vec<f64> = pairs
                .iter()
                .filter_map(|(_, answer)| answer.cpu_seconds)
                .collect();
            cpu.sort_by(f64::total_cmp);
            Score {
                set,
                split: "dev",
                model,
                column,
                kind,
                n: pairs.len(),
                right: pairs
                    .iter()
                    .filter(|(request, answer)| request.accepts(&answer.plan))
                    .count(),
                first_action_ms_p50: percentile(&times, 0.5),
                first_action_ms_p95: percentile(&times, 0.95),
                cpu_seconds_p50: percentile(&cpu, 0.5),
            }
        })
        .collect()
}

/// The value below which a share of the sorted values lies, by the nearest rank.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

fn page(scores: &[Score], requests: &[EvalRequest], answers: &[Answer], date: &str) -> String {
    let mut page = String::from(
        "# Evaluation of the planner\n\n\
        Written by `make eval`; do not edit. The requests of `models/eval/*.jsonl` occur in no \
        template and no example; a plan is right when one of the accepted expressions matches all of it. \
        `pipeline` tries templates first, `no-templates` lets the model write every plan; model `none` has templates alone. \
        Requests of the kinds `refuse`, `answer` and `ambiguous` are right when only words come back.\n\n",
    );
    let _ = writeln!(
        page,
        "{} requests, on {date}, on {}.\n",
        requests.len(),
        machine()
    );
    page.push_str("| model | column | set | kind | right | of | first statement p50 | p95 | processor p50 |\n|---|---|---|---|---:|---:|---:|---:|---:|\n");
    for score in scores {
        let seconds =
            |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2} s"));
        let ms = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.1} ms"));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            score.model,
            score.column,
            score.set,
            score.kind,
            score.right,
            score.n,
            ms(score.first_action_ms_p50),
            ms(score.first_action_ms_p95),
            seconds(score.cpu_seconds_p50)
        );
    }
    page.push_str("\n## What was wrong\n\nModels only; templates alone pass on what they do not know.\n\n| model | column | request | plan |\n|---|---|---|---|\n");
    for answer in answers.iter().filter(|answer| answer.model != "none") {
        let request = requests.iter().find(|request| request.id == answer.id);
        if let Some(request) = request.filter(|request| !request.accepts(&answer.plan)) {
            let plan = if answer.plan.is_empty() {
                &answer.error
            } else {
                answer.plan.trim()
            };
            let plan = plan.replace('\n', "; ").replace('|', "\\|");
            let _ = writeln!(
                page,
                "| {} | {} | {} | `{plan}` |",
                answer.model, answer.column, request.text
            );
        }
    }
    page
}

/// Names the processor, as far as the system tells.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or("an unknown processor", |(_, name)| name.trim());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{name}, {threads} threads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_by_nearest_rank() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&values, 0.5), Some(2.0));
        assert_eq!(percentile(&values, 0.95), Some(4.0));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
