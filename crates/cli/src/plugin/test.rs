//! `lucid plugin test`: do the functions what the plugin's tests say, and does the planner make of each example the plan
//! that the author means?

use std::{path::Path, process::ExitCode};

use functions::plugins::Plugin;
use protocol::{AskOptions, Kernel1Proxy, PlanReport, Route, Source};

use super::{explain, holds, mistakes, trial};
use crate::{
    connection::{explain as refused, kernel, language, read},
    exit::{self, Failure},
    terminal::{Shown, Style, line, styled},
    words,
};

/// The problems of a kernel that has no model to ask.
const NO_MODEL: &[&str] = &[
    "plan-no-model",
    "plan-model-not-chosen",
    "plan-models-measured",
];

/// Runs the plugin's tests in a world of their own; plans the words of each example, with templates and without, and
/// compares.
///
/// # Errors
///
/// When the folder holds no plugin, its tests cannot be read, or it has none and is not installed.
pub(super) async fn test(folder: &Path) -> anyhow::Result<ExitCode> {
    let plugin = Plugin::read(folder).map_err(explain)?;
    let mistakes = mistakes(&plugin);
    for mistake in &mistakes {
        line(styled(mistake, Style::Bad));
    }
    let passed = match mistakes.is_empty() {
        true => trial::stage(&plugin.folder).await?,
        false => None,
    };
    let first = || Failure::failed("plugin-test-first", &[("plugin", &plugin.id)]);
    // Its tests need no kernel; what words become does.
    let kernel = match (knowing(&plugin).await, passed) {
        (Ok(Some(kernel)), _) => kernel,
        (Ok(None), None) => return Err(first().into()),
        (Err(error), None) => return Err(error),
        (_, Some(passed)) => {
            line(styled(&first().to_string(), Style::Dim));
            return Ok(code(passed));
        }
    };
    let (mut right, mut all, mut without_model) = (0, 0, 0);
    for (words, wanted) in plugin
        .functions
        .iter()
        .flat_map(|function| &function.examples)
    {
        for no_templates in [false, true] {
            let options = AskOptions {
                source: Source::Terminal,
                language: language().code().to_owned(),
                no_templates,
                terminal: String::new(),
            };
            let options = serde_json::to_string(&options)?;
            let report: PlanReport = read(&kernel.plan(words, &options).await.map_err(refused)?)?;
            let by_template = matches!(report.route, Route::Template { .. });
            // A template that does not fit leaves the words to the model, as the second time.
            if !no_templates && !by_template {
                continue;
            }
            let problem = report.problem.as_ref();
            if problem.is_some_and(|problem| NO_MODEL.contains(&&*problem.id)) {
                without_model += 1;
                continue;
            }
            let is_right = same(&report.plan, wanted);
            all += 1;
            right += usize::from(is_right);
            let mark = match is_right {
                true => styled("✓", Style::Good),
                false => styled("✗", Style::Bad),
            };
            let way = if by_template {
                "plugin-by-template"
            } else {
                "plugin-by-model"
            };
            let way = words::text(way, &[]);
            line(
                mark + Shown::from(" ") + words.as_str() + styled(&format!("  {way}"), Style::Dim),
            );
            if !is_right {
                let problem = report.problem.map(|problem| problem.sentence);
                let given = problem.unwrap_or_else(|| report.plan.trim().replace('\n', "; "));
                line(words::text(
                    "plugin-test-wrong",
                    &[("plan", &given), ("wanted", wanted)],
                ));
            }
        }
    }
    let values = [("right", &*right.to_string()), ("all", &*all.to_string())];
    line(words::text("plugin-test-result", &values));
    if without_model > 0 {
        let values = [("count", &*without_model.to_string())];
        let untried = words::text("plugin-test-no-model", &values);
        line(styled(&untried, Style::Dim));
    }
    Ok(code(
        right == all && mistakes.is_empty() && passed.unwrap_or(true),
    ))
}

/// How a command ends that looks whether all is right.
pub(super) fn code(is_right: bool) -> ExitCode {
    match is_right {
        true => ExitCode::SUCCESS,
        false => exit::FAILED.into(),
    }
}

/// The kernel, if it knows one of the plugin's functions.
async fn knowing(plugin: &Plugin) -> anyhow::Result<Option<Kernel1Proxy<'static>>> {
    let kernel = kernel().await?;
    let told = kernel.functions("").await.map_err(refused)?;
    let mut functions = plugin.functions.iter();
    let is_known = functions.any(|function| holds(&told, function));
    Ok(is_known.then_some(kernel))
}

/// Tells whether two plans do the same: names of results and how arguments are given do not count.
fn same(given: &str, wanted: &str) -> bool {
    let calls = |plan: &str| -> Vec<String> {
        let lines = plan.lines().map(str::trim).filter(|line| !line.is_empty());
        let bare = lines.map(|line| match line.split_once(" = ") {
            Some((name, call)) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => call,
            _ => line,
        });
        bare.map(|call| {
            let mut call = call.replace(' ', "");
            // `f(name=value)` is `f(value)` where it is the only one.
            if let Some((head, rest)) = call.clone().split_once('(')
                && let Some((name, value)) = rest.split_once('=')
                && !rest.contains(',')
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            {
                call = format!("{head}({value}");
            }
            call
        })
        .collect()
    };
    calls(given) == calls(wanted)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn plans_are_the_same_whatever_their_results_are_called() {
        assert!(same("r = list.show()\n", "list.show()"));
        assert!(same("list.add(item=\"milk\")", "list.add(\"milk\")"));
        assert!(!same("list.add(\"milk\")", "list.add(\"tea\")"));
        assert!(!same("", "list.show()"));
    }
}
