//! The command line against the real kernel. Needs `cargo build --release` first, as `make test` does.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may break off, and starts programs of its own"
)]

mod support;

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use protocol::{FunctionReport, PlanReport, TurnEvent, TurnReport};
use support::Fixture;

const SCRIPT: &str = r#"
[[answer]]
user = "make a folder for letters"
text = 'files.make_folder("~/Letters")'
"#;

fn lucid() -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_lucidd")).with_file_name("lucid");
    assert!(
        program.exists(),
        "{} is missing: run `cargo build --release` first",
        program.display()
    );
    program
}

/// Runs `lucid` in the fixture's world with `input` on its standard input.
fn run(fixture: &Fixture, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(lucid())
        .args(arguments)
        .env_clear()
        .envs(fixture.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn an_irreversible_act_is_asked_with_its_exact_arguments() {
    let fixture = Fixture::start(SCRIPT).await;
    let mut victim = Command::new("sleep").arg("600").spawn().unwrap();
    let plan = fixture.folder.path().join("end.plan");
    std::fs::write(&plan, format!("system.end_process({})\n", victim.id())).unwrap();
    let arguments = ["run", plan.to_str().unwrap()];

    let refused = run(&fixture, &arguments, "n\n");
    assert_eq!(
        refused.status.code(),
        Some(4),
        "{}{}",
        text(&refused.stdout),
        text(&refused.stderr)
    );
    assert!(
        text(&refused.stderr).contains(&victim.id().to_string()),
        "{}",
        text(&refused.stderr)
    );
    assert!(victim.try_wait().unwrap().is_none(), "no means no");

    let events = run(&fixture, &["run", arguments[1], "--json"], "n\n").stdout;
    for line in text(&events).lines() {
        serde_json::from_str::<TurnEvent>(line).expect("a question is no event");
    }

    let silent = run(&fixture, &arguments, "");
    assert_eq!(silent.status.code(), Some(4), "the end of input means no");
    assert!(victim.try_wait().unwrap().is_none());

    let granted = run(&fixture, &arguments, "y\n");
    assert_eq!(
        granted.status.code(),
        Some(0),
        "{}{}",
        text(&granted.stdout),
        text(&granted.stderr)
    );
    assert!(
        !victim.wait().unwrap().success(),
        "it was ended by a signal"
    );
}

#[tokio::test]
async fn ask_prints_one_event_per_line_as_json() {
    let fixture = Fixture::start(SCRIPT).await;
    let output = run(
        &fixture,
        &[
            "ask",
            "--json",
            "--no-templates",
            "make a folder for letters",
        ],
        "",
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let events: Vec<TurnEvent> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(matches!(events.first(), Some(TurnEvent::Started { .. })));
    assert!(matches!(events.last(), Some(TurnEvent::Finished { .. })));
    assert!(fixture.home().join("Letters").is_dir());
}

#[tokio::test]
async fn plan_runs_nothing_and_batches_keep_their_order() {
    let fixture = Fixture::start(SCRIPT).await;
    let batch = fixture.folder.path().join("batch.jsonl");
    std::fs::write(
        &batch,
        "{\"text\": \"make a folder for letters\", \"id\": 7}\n\n{\"text\": \"\"}\n",
    )
    .unwrap();
    let output = run(
        &fixture,
        &["plan", "--no-templates", "--batch", batch.to_str().unwrap()],
        "",
    );
    let reports: Vec<PlanReport> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(reports.len(), 2, "{}", text(&output.stderr));
    assert!(
        reports[0].plan.starts_with("files.make_folder("),
        "{:?}",
        reports[0]
    );
    assert_eq!(reports[1].problem.as_ref().unwrap().id, "empty-request");
    assert!(!fixture.home().join("Letters").exists());
}

#[tokio::test]
async fn log_and_why_tell_what_was_done() {
    let fixture = Fixture::start(SCRIPT).await;
    run(
        &fixture,
        &["ask", "--no-templates", "make a folder for letters"],
        "",
    );
    let log = run(&fixture, &["log", "--json"], "");
    let turn: TurnReport = serde_json::from_str(text(&log.stdout).trim()).unwrap();
    assert_eq!(
        (turn.entries.len(), turn.entries[0].state.as_str()),
        (1, "done")
    );
    let why = text(&run(&fixture, &["why"], "").stdout);
    assert!(
        why.contains("files.make_folder") && why.contains("allow"),
        "{why}"
    );
    let undo = run(&fixture, &["undo"], "");
    assert!(undo.status.success(), "{}", text(&undo.stderr));
    assert!(!fixture.home().join("Letters").exists());
}

#[tokio::test]
async fn functions_that_miss_a_service_say_which() {
    let fixture = Fixture::start(SCRIPT).await;
    let output = run(&fixture, &["functions", "--json"], "");
    let functions: Vec<FunctionReport> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let find = |name: &str| {
        functions
            .iter()
            .find(|function| function.name == name)
            .unwrap_or_else(|| panic!("{name}"))
    };
    assert!(find("files.find").available);
    let battery = functions
        .iter()
        .find(|function| function.name.starts_with("power."))
        .expect("there are power functions");
    assert!(
        !battery.available && !battery.missing.is_empty(),
        "{battery:?}"
    );
}

#[tokio::test]
async fn without_a_bus_there_is_one_clear_sentence() {
    let output = Command::new(lucid())
        .args(["ask", "mute"])
        .env_clear()
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env("XDG_RUNTIME_DIR", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert_eq!(
        text(&output.stderr).lines().count(),
        2,
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stderr).contains("session bus"));
}

#[test]
fn help_and_mistakes_are_in_the_sessions_language() {
    let said = |arguments: &[&str], language: &str| {
        let output = Command::new(lucid())
            .args(arguments)
            .env_clear()
            .env("LANG", language)
            .output()
            .unwrap();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (code, help, _) = said(&["--help"], "en_GB.UTF-8");
    assert_eq!(code, Some(0));
    assert!(help.contains("Do what the words say"), "{help}");
    let (_, help, _) = said(&["model", "--help"], "zh_CN.UTF-8");
    assert!(help.contains("列出目录中的模型"), "{help}");
    let (code, _, mistake) = said(&["静音"], "zh_CN.UTF-8");
    assert_eq!(code, Some(2));
    assert!(mistake.contains("没有“静音”这个命令。"), "{mistake}");
}

#[tokio::test]
async fn doctor_names_what_is_missing_and_how_to_mend_it() {
    let fixture = Fixture::start(SCRIPT).await;
    let output = text(&run(&fixture, &["doctor"], "").stdout);
    assert!(
        output.contains("system bus") && output.contains("dbus"),
        "{output}"
    );
}
