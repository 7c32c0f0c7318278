//! `lucid plugin test`: what the functions of a plugin do, in a home and on buses of their own.

use std::{path::Path, process::Stdio};

use functions::{
    plugins::Plugin,
    trial::{Fault, Script, Stage, Test, Trial},
};
use plan::Value;

use super::explain;
use crate::{
    connection::language,
    exit::Failure,
    terminal::{Shown, Style, line, styled},
    words,
};

/// Runs the tests of a plugin, and tells whether all passed; none where it has no tests.
///
/// # Errors
///
/// When the tests cannot be read, or there is nothing that they could run on.
pub(super) async fn stage(folder: &Path) -> anyhow::Result<Option<bool>> {
    let Some(script) = script(folder)? else {
        return Ok(None);
    };
    let failed = |reason: std::io::Error| {
        // What is not there can be installed; other faults are in the tests themselves.
        let id = match reason.kind() {
            std::io::ErrorKind::NotFound => "plugin-trial-stage",
            _ => "plugin-trial-begin",
        };
        Failure::failed(id, &[("reason", &reason.to_string())])
    };
    let stage = Stage::set(&script.mocks, folder).await.map_err(failed)?;
    // Everything that a plugin starts inherits from this process: so the tests run in one that was born there.
    let mut within = stage.command(std::env::current_exe()?);
    within
        .args(["plugin", "trial"])
        .arg(folder)
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit());
    let status = within.status().await.map_err(failed)?;
    Ok(Some(status.success()))
}

fn script(folder: &Path) -> anyhow::Result<Option<Script>> {
    let script = Script::read(folder);
    script.map_err(|reason| Failure::failed("plugin-trial-file", &[("reason", &reason)]).into())
}

/// Runs the tests in the world that this process was started in, and tells whether all passed.
///
/// # Errors
///
/// When the plugin does not start there.
pub(super) async fn run(folder: &Path) -> anyhow::Result<bool> {
    let plugin = Plugin::read(folder).map_err(explain)?;
    let script = script(folder)?.unwrap_or_default();
    let trial = Trial::begin(&plugin, language()).await;
    let trial = trial.map_err(|error| Failure::of(error.problem))?;
    let mut passed = 0;
    for test in &script.tests {
        let fault = trial.run(test).await.err();
        passed += usize::from(fault.is_none());
        let mark = match fault {
            None => styled("✓", Style::Good),
            Some(_) => styled("✗", Style::Bad),
        };
        line(mark + Shown::from(" ") + described(test));
        if let Some(fault) = fault {
            line(Shown::from("    ") + told(&fault));
        }
    }
    let all = script.tests.len();
    let values = [("right", &*passed.to_string()), ("all", &*all.to_string())];
    line(words::text("plugin-trial-result", &values));
    Ok(passed == all)
}

/// A test as a call: `groceries.add(item="milk")`.
fn described(test: &Test) -> String {
    let arguments: Vec<String> = test
        .with
        .iter()
        .map(|(name, value)| format!("{name}={}", json(value)))
        .collect();
    format!("{}({})", test.call, arguments.join(", "))
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn told(fault: &Fault) -> String {
    match fault {
        Fault::Failed(problem) => problem.sentence.clone(),
        Fault::NotRefused { sentence } if sentence.is_empty() => {
            words::text("plugin-trial-succeeded", &[])
        }
        Fault::NotRefused { sentence } => {
            words::text("plugin-trial-otherwise", &[("sentence", sentence)])
        }
        Fault::Gives {
            function,
            given,
            wanted,
        } => {
            let (given, wanted) = (json(given), json(wanted));
            let values = [
                ("function", function.as_str()),
                ("given", &given),
                ("wanted", &wanted),
            ];
            words::text("plugin-trial-gives", &values)
        }
        Fault::NotUndone => words::text("plugin-trial-lasting", &[]),
    }
}
