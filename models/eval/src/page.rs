//! The report: `target/eval/results.jsonl` and `docs/evaluation.md`.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use serde::Serialize;

use crate::{answers::Answer, cause::Cause};

/// An answer with what was asked and whether it is right.
pub(crate) struct Scored<'a> {
    /// `own`, or a category of BFCL.
    pub(crate) set: &'a str,
    /// `dev`, `test`; `sample` for BFCL.
    pub(crate) split: &'a str,
    /// What sort of request it is.
    pub(crate) kind: &'a str,
    /// `en` or `zh`.
    pub(crate) language: &'a str,
    /// The words.
    pub(crate) text: &'a str,
    /// The plan and what it cost.
    pub(crate) answer: &'a Answer,
    /// Why it is wrong; none when it is right.
    pub(crate) cause: Option<Cause>,
}

/// One line of `results.jsonl`.
#[derive(Debug, Serialize)]
struct Score {
    set: String,
    split: String,
    model: String,
    column: String,
    kind: String,
    n: usize,
    right: usize,
    first_action_ms_p50: Option<f64>,
    first_action_ms_p95: Option<f64>,
    /// Share of the requests that a template answered.
    by_template: f64,
    /// Tokens read anew and written, of those that the model answered: the median.
    tokens_p50: Option<f64>,
    /// Of the whole plan.
    cpu_seconds_p50: Option<f64>,
    /// Of the whole plan, with this program's part.
    joules_p50: Option<f64>,
    /// Whether these are processor time × an assumed power.
    joules_are_estimated: bool,
}

/// What a score is about: set, split, model, column, kind.
type Key<'a> = [&'a str; 5];

/// Writes both files and prints the sums.
pub(crate) fn write(root: &Path, scored: &[Scored<'_>], date: &str) -> anyhow::Result<()> {
    let scores = scores(scored);
    let mut lines = String::new();
    for score in &scores {
        lines.push_str(&serde_json::to_string(score)?);
        lines.push('\n');
    }
    std::fs::write(root.join("target/eval/results.jsonl"), lines)?;
    std::fs::write(root.join("docs/evaluation.md"), page(&scores, scored, date))?;
    for score in scores.iter().filter(|score| score.kind == "all") {
        println!(
            "{} {} {} {}: {} of {}",
            score.set, score.split, score.model, score.column, score.right, score.n
        );
    }
    Ok(())
}

fn scores(scored: &[Scored<'_>]) -> Vec<Score> {
    let mut groups: BTreeMap<Key<'_>, Vec<&Scored<'_>>> = BTreeMap::new();
    for one in scored {
        let answer = one.answer;
        let (model, column) = (answer.model.as_str(), answer.column.as_str());
        let mut kinds = vec!["all"];
        if one.set == "own" {
            kinds.extend([one.kind, one.language]);
        }
        for kind in kinds {
            groups
                .entry([one.set, one.split, model, column, kind])
                .or_default()
                .push(one);
        }
    }
    groups
        .into_iter()
        .map(|(key, group)| Score::of(key, &group))
        .collect()
}

impl Score {
    fn of([set, split, model, column, kind]: Key<'_>, group: &[&Scored<'_>]) -> Score {
        let sorted = |value: &dyn Fn(&Answer) -> Option<f64>| {
            let mut values: Vec<f64> = group.iter().filter_map(|one| value(one.answer)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let times = sorted(&|answer| answer.first_statement_ms);
        let tokens = sorted(&|answer| {
            let sum = f64::from(answer.read_tokens) + f64::from(answer.decoded_tokens);
            (answer.route == "model").then_some(sum)
        });
        let templates = group.iter().filter(|one| one.answer.route == "template");
        Score {
            set: set.to_owned(),
            split: split.to_owned(),
            model: model.to_owned(),
            column: column.to_owned(),
            kind: kind.to_owned(),
            n: group.len(),
            right: group.iter().filter(|one| one.cause.is_none()).count(),
            first_action_ms_p50: percentile(&times, 0.5),
            first_action_ms_p95: percentile(&times, 0.95),
            by_template: templates.count() as f64 / group.len().max(1) as f64,
            tokens_p50: percentile(&tokens, 0.5),
            cpu_seconds_p50: percentile(&sorted(&|answer| answer.cpu_seconds), 0.5),
            joules_p50: percentile(&sorted(&|answer| Some(answer.energy.as_ref()?.joules)), 0.5),
            joules_are_estimated: (group.iter())
                .filter_map(|one| one.answer.energy.as_ref())
                .any(|energy| energy.method == "estimate"),
        }
    }
}

impl Score {
    /// The energy as the page shows it.
    fn energy(&self) -> String {
        let about = if self.joules_are_estimated {
            "≈ "
        } else {
            ""
        };
        self.joules_p50
            .map_or(String::new(), |joules| format!("{about}{joules:.1} J"))
    }
}

/// The value below which a share of the sorted values lies, by the nearest rank.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// Wilson's interval for a share, at 95 %, in percents.
fn interval(right: usize, n: usize) -> (f64, f64) {
    const Z: f64 = 1.96;
    let (n, share) = (n as f64, right as f64 / n as f64);
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + Z * Z / n);
    // Of none right the least is a rounding error beside 0.
    (((middle - half) * scale).max(0.0), (middle + half) * scale)
}

const ABOUT: &str = "# Evaluation of the planner

Written by `make eval`; do not edit. Set `own` is `models/eval`: requests in English and Chinese by writers who had not seen a template or an example,
split by wish into `dev`, which was tuned on, and `test`, which was frozen before. A plan is right when it does the same as one of the accepted
plans; kinds `refuse` and `answer` are right when only words come back. The functions are those that the requests were written for: what is shown on demand alone came later, and is left out. Column `pipeline` tries templates first, `no-templates` lets the
model write every plan; model `none` has templates alone. Set `own, sample` holds 100 of the requests, by the hash of their ids, planned over Lucid's own functions and among
300 made-up ones; `own, few` the first 30 of these by less: `JSON schemas` is the model alone with the functions as JSON tool schemas (its prompt is remembered from one request to the next), `plan language alone` the
constant part of the prompt without grammar, nearest examples and checks, `plan language + grammar` the same under the grammar of all functions and names, `no-templates` all of it. Times are from the words to the first checked statement, nothing read ahead; energy is that of the whole plan, ≈ where it is estimated from processor time. The interval is Wilson's, at 95 %.
Sets `bfcl …` are samples of the Berkeley Function-Calling Leaderboard (package `bfcl-eval`), by hash of their ids, through the same plan language and decoder, judged by its own rules: there
an item without a plan counts as one that calls nothing.

";

fn page(scores: &[Score], scored: &[Scored<'_>], date: &str) -> String {
    let mut page = String::from(ABOUT);
    let _ = writeln!(page, "On {date}, on {}.\n", machine());
    page.push_str(
        "| set | split | model | column | kind | right | of | share | interval | by template | first p50 | p95 | tokens | processor | energy |\n\
         |---|---|---|---|---|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for score in scores {
        let (least, most) = interval(score.right, score.n);
        let ms = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.0} ms"));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {:.1} % | {least:.0}–{most:.0} | {:.0} % | {} | {} | {} | {} | {} |",
            score.set,
            score.split,
            score.model,
            score.column,
            score.kind,
            score.right,
            score.n,
            100.0 * score.right as f64 / score.n as f64,
            100.0 * score.by_template,
            ms(score.first_action_ms_p50),
            ms(score.first_action_ms_p95),
            score
                .tokens_p50
                .map_or(String::new(), |value| format!("{value:.0}")),
            score
                .cpu_seconds_p50
                .map_or(String::new(), |value| format!("{value:.2} s")),
            score.energy(),
        );
    }
    if scores
        .iter()
        .any(|score| score.set.starts_with("bfcl") && score.n < WANTED)
    {
        let _ = writeln!(
            page,
            "\nSets `bfcl …` of less than {WANTED} items are those that the time sufficed for: `make eval` goes on with them."
        );
    }
    balance(&mut page, scores, scored);
    causes(&mut page, scored);
    wrong(&mut page, scored);
    page
}

/// How many items of each category of BFCL are a sample.
const WANTED: usize = 100;

/// Categories of BFCL that want calls, and the one that wants none of the same origin.
const BALANCE: [(&[&str], &str); 2] = [
    (
        &["bfcl simple_python", "bfcl multiple", "bfcl parallel"],
        "bfcl irrelevance",
    ),
    (
        &["bfcl live_simple", "bfcl live_multiple"],
        "bfcl live_irrelevance",
    ),
];

/// Who calls whatever comes scores well on the one side, who never calls on the other: both sides in a row.
fn balance(page: &mut String, scores: &[Score], scored: &[Scored<'_>]) {
    let of = |set: &str, model: &str, split: &str| {
        let mut found = scores.iter();
        found.find(|score| score.set == set && score.model == model && score.split == split)
    };
    let mut rows = own_balance(scored);
    for (called, not_called) in BALANCE {
        for quiet in scores.iter().filter(|score| score.set == not_called) {
            for set in called {
                if let Some(score) = of(set, &quiet.model, &quiet.split) {
                    let _ = writeln!(
                        rows,
                        "| {} | {} | {set} | {} of {} | {not_called} | {} of {} |",
                        quiet.model, quiet.split, score.right, score.n, quiet.right, quiet.n
                    );
                }
            }
        }
    }
    if !rows.is_empty() {
        page.push_str("\n## Calling and leaving it\n\n| model | split | wants calls | right | wants none | right |\n|---|---|---|---:|---|---:|\n");
        page.push_str(&rows);
    }
}

/// The same of Lucid's own set: what it can do and refused is no right refusal elsewhere.
fn own_balance(scored: &[Scored<'_>]) -> String {
    // Model, split, column; plans that call, those not refused; requests beyond it, those refused.
    let mut sides: BTreeMap<[&str; 3], [usize; 4]> = BTreeMap::new();
    for one in of_models(scored).filter(|one| one.set == "own" && one.kind != "ambiguous") {
        let key = [
            one.answer.model.as_str(),
            one.split,
            one.answer.column.as_str(),
        ];
        let [wanted, called, beyond, refused] = sides.entry(key).or_default();
        match one.kind {
            "refuse" => {
                *beyond += 1;
                *refused += usize::from(one.cause.is_none());
            }
            "answer" => {}
            _ => {
                *wanted += 1;
                *called += usize::from(one.cause != Some(Cause::Refused));
            }
        }
    }
    let rows = sides.iter().map(|([model, split, column], [wanted, called, beyond, refused])| {
        format!(
            "| {model} | {split} | own, {column}: not refused | {called} of {wanted} | own, {column}: refuse | {refused} of {beyond} |\n"
        )
    });
    rows.collect()
}

/// How many plans are wrong for which reason.
fn causes(page: &mut String, scored: &[Scored<'_>]) {
    page.push_str("\n## Why plans are wrong\n\n| set | split | model | column | cause | plans |\n|---|---|---|---|---|---:|\n");
    let mut counts: BTreeMap<(Key<'_>, &str), usize> = BTreeMap::new();
    for one in of_models(scored) {
        if let Some(cause) = &one.cause {
            let answer = one.answer;
            let key = [one.set, one.split, &answer.model, &answer.column, ""];
            *counts.entry((key, cause.name())).or_default() += 1;
        }
    }
    for (([set, split, model, column, _], cause), count) in counts {
        let _ = writeln!(
            page,
            "| {set} | {split} | {model} | {column} | {cause} | {count} |"
        );
    }
}

/// The wrong plans of the pipeline on the part that is tuned on; the others stay unread.
fn wrong(page: &mut String, scored: &[Scored<'_>]) {
    let mut shown = of_models(scored)
        .filter(|one| one.set == "own" && one.split == "dev" && one.answer.column == "pipeline")
        .peekable();
    if shown.peek().is_none() {
        return;
    }
    page.push_str("\n## Wrong plans of the pipeline, dev\n\nThe other splits' are not listed: who reads them tunes on them.\n\n| model | kind | request | plan | cause |\n|---|---|---|---|---|\n");
    for one in shown {
        let Some(cause) = &one.cause else { continue };
        let plan = if one.answer.plan.is_empty() {
            &one.answer.error
        } else {
            one.answer.plan.trim()
        };
        let plan = plan.replace('\n', "; ").replace('|', "\\|");
        let _ = writeln!(
            page,
            "| {} | {} | {} | `{plan}` | {} |",
            one.answer.model,
            one.kind,
            one.text.replace('|', "\\|"),
            cause.name()
        );
    }
}

/// Templates alone pass on what they do not know: no mistake.
fn of_models<'s, 'a>(scored: &'s [Scored<'a>]) -> impl Iterator<Item = &'s Scored<'a>> {
    scored.iter().filter(|one| one.answer.model != "none")
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
    fn calling_stands_beside_not_calling() {
        let answer = Answer::empty("a", "m", "no-templates");
        let scored = |set: &'static str, cause| Scored {
            set,
            split: "sample",
            kind: "all",
            language: "en",
            text: "",
            answer: &answer,
            cause,
        };
        let scores = scores(&[
            scored("bfcl multiple", None),
            scored("bfcl irrelevance", None),
            scored("bfcl irrelevance", Some(Cause::Acted)),
            scored("bfcl live_simple", None),
        ]);
        assert_eq!(scores.len(), 3);
        let mut page = String::new();
        balance(&mut page, &scores, &[]);
        let row = "| m | sample | bfcl multiple | 1 of 1 | bfcl irrelevance | 1 of 2 |\n";
        assert!(page.ends_with(row), "{page}");
        assert!(!page.contains("live"), "{page}");
    }

    #[test]
    fn refusals_stand_beside_what_was_refused_wrongly() {
        let answer = Answer::empty("a", "m", "pipeline");
        let one = |kind: &'static str, cause| Scored {
            set: "own",
            split: "test",
            kind,
            language: "en",
            text: "",
            answer: &answer,
            cause,
        };
        let rows = own_balance(&[
            one("single", None),
            one("single", Some(Cause::Refused)),
            one("flow", Some(Cause::WrongArguments)),
            one("refuse", None),
            one("refuse", Some(Cause::Acted)),
            one("ambiguous", Some(Cause::Refused)),
        ]);
        let row =
            "| m | test | own, pipeline: not refused | 2 of 3 | own, pipeline: refuse | 1 of 2 |\n";
        assert_eq!(rows, row);
    }

    #[test]
    fn percentiles_by_nearest_rank() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&values, 0.5), Some(2.0));
        assert_eq!(percentile(&values, 0.95), Some(4.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn intervals_are_wilsons() {
        let (least, most) = interval(97, 100);
        assert!((least - 91.5).abs() < 0.1, "{least}");
        assert!((most - 99.0).abs() < 0.1, "{most}");
        assert_eq!(format!("{:.0}", interval(0, 40).0), "0");
    }
}
