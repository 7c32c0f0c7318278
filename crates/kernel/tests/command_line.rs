//! The command line against the real kernel. Needs `cargo build --release` first, as `make test` does.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may break off, and starts programs of its own"
)]

mod support;

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Output},
    time::{Duration, Instant},
};

use protocol::{FunctionReport, PlanReport, TurnEvent, TurnReport};
use rustix::process::Signal;
use support::Fixture;

const SCRIPT: &str = r#"
[[answer]]
user = "make a folder for letters"
text = 'files.make_folder("~/letters")'
"#;

/// Runs `lucid` in the fixture's world with `input` on its standard input.
fn run(fixture: &Fixture, arguments: &[&str], input: &str) -> Output {
    let mut child = fixture.command(arguments).spawn().unwrap();
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

/// `lucid` in front of somebody who has not answered yet.
struct Waiting {
    child: Child,
    /// Held open: the person has not closed the terminal.
    input: Option<ChildStdin>,
    said: String,
}

impl Waiting {
    /// Starts `lucid` and waits until it has said `words` on standard error.
    fn until(mut command: Command, words: &str) -> Waiting {
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let mut said = Vec::new();
        let stderr = child.stderr.as_mut().unwrap();
        let mut byte = [0];
        while !text(&said).contains(words) {
            assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{}", text(&said));
            said.push(byte[0]);
        }
        Waiting {
            child,
            input,
            said: text(&said),
        }
    }

    fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    fn signal(&self, signal: Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end, with the input still open. Returns the exit code and all of standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let limit = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > limit {
                self.child.kill().unwrap();
                panic!("it goes on after: {}", self.said);
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        drop(self.input.take());
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut self.said).unwrap();
        (status.code(), self.said)
    }
}

/// A process that must outlive the test's question, and the command that would end it.
fn question(fixture: &Fixture) -> (Child, Command) {
    let victim = Command::new("sleep").arg("600").spawn().unwrap();
    let plan = fixture.folder.path().join("end.plan");
    std::fs::write(&plan, format!("system.end_process({})\n", victim.id())).unwrap();
    (victim, fixture.command(&["run", plan.to_str().unwrap()]))
}

#[tokio::test]
async fn an_interrupt_or_a_closed_terminal_stops_the_turn() {
    let fixture = Fixture::start(SCRIPT).await;
    for signal in [Signal::INT, Signal::HUP, Signal::TERM] {
        let (mut victim, command) = question(&fixture);
        let waiting = Waiting::until(command, "[y/N]");
        waiting.signal(signal);
        let (code, said) = waiting.end();
        assert_eq!(code, Some(5), "{signal:?}: {said}");
        assert!(victim.try_wait().unwrap().is_none());
        victim.kill().unwrap();
        victim.wait().unwrap();
    }
}

#[tokio::test]
async fn a_question_is_withdrawn_by_a_stop_from_elsewhere() {
    let fixture = Fixture::start(SCRIPT).await;
    let (mut victim, command) = question(&fixture);
    let waiting = Waiting::until(command, "[y/N]");
    let stopped = run(&fixture, &["stop"], "");
    assert_eq!(text(&stopped.stdout), "Stopped: 1.\n");
    let (code, said) = waiting.end();
    assert_eq!(code, Some(5), "{said}");
    assert!(victim.try_wait().unwrap().is_none());
    victim.kill().unwrap();
    victim.wait().unwrap();
}

#[tokio::test]
async fn a_kernel_that_dies_at_a_question_is_told() {
    let mut fixture = Fixture::start(SCRIPT).await;
    let (mut victim, command) = question(&fixture);
    let waiting = Waiting::until(command, "[y/N]");
    fixture.kill_kernel();
    let (code, said) = waiting.end();
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("The kernel has gone away"), "{said}");
    assert!(victim.try_wait().unwrap().is_none());
    victim.kill().unwrap();
    victim.wait().unwrap();
}

#[tokio::test]
async fn a_kernel_that_cannot_start_says_why() {
    let fixture = Fixture::without_kernel(SCRIPT);
    let state = fixture.home().join(".local/state");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("lucid"), "no folder").unwrap();
    let output = run(&fixture, &["log"], "");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(
        said.starts_with("lucid: The kernel cannot start: ") && said.contains(".local/state/lucid"),
        "{said}"
    );
    assert!(
        !said.contains("ERROR") && !said.contains('\u{1b}'),
        "{said}"
    );
}

#[tokio::test]
async fn a_kernel_that_another_session_holds_is_named() {
    let fixture = Fixture::start(SCRIPT).await;
    let socket = fixture.folder.path().join("other");
    let address = format!("unix:path={}", socket.display());
    let mut bus = support::start_bus(&socket);
    let output = fixture
        .command(&["log"])
        .env("DBUS_SESSION_BUS_ADDRESS", &address)
        .output()
        .unwrap();
    bus.kill().unwrap();
    bus.wait().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(said.contains("in another session"), "{said}");
}

/// A world whose only source of models takes the call and says nothing.
async fn slow_download() -> (Fixture, std::net::TcpListener) {
    let mut fixture = Fixture::without_kernel(SCRIPT);
    let source = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = fixture.home().join(".config/lucid");
    std::fs::create_dir_all(&folder).unwrap();
    let catalogue = format!(
        "[[model]]\nid = \"slow\"\ntitle = \"Slow\"\nrole = \"other\"\nengine = \"llama\"\n\
         file = \"slow.gguf\"\nbytes = 100\nsha256 = \"{}\"\nlicence = \"MIT\"\ncontext_length = 64\n\
         [[model.source]]\nkind = \"hub\"\nurl = \"http://{}/slow.gguf\"\n",
        "0".repeat(64),
        source.local_addr().unwrap()
    );
    std::fs::write(folder.join("models.toml"), catalogue).unwrap();
    fixture.start_kernel().await;
    (fixture, source)
}

#[tokio::test]
async fn a_download_ends_with_an_interrupt_and_with_the_kernel() {
    let (mut fixture, _source) = slow_download().await;
    let waiting = Waiting::until(fixture.command(&["model", "pull", "slow"]), "fetching");
    waiting.interrupt();
    let (code, said) = waiting.end();
    assert_eq!(code, Some(5), "{said}");
    assert!(
        said.contains("was stopped; what was fetched is kept"),
        "{said}"
    );
    assert!(said.contains("`lucid model pull slow` goes on"), "{said}");
    let client = fixture.client().await;
    let stopped = client.stop_pull("slow").await.unwrap_err().to_string();
    assert!(stopped.contains("is not being fetched"), "{stopped}");

    let waiting = Waiting::until(fixture.command(&["model", "pull", "slow"]), "fetching");
    fixture.kill_kernel();
    let (code, said) = waiting.end();
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("what was fetched is kept"), "{said}");
}

#[tokio::test]
async fn a_damaged_model_is_told_from_an_absent_one() {
    let (fixture, _source) = slow_download().await;
    let told = |arguments: &[&str]| text(&run(&fixture, arguments, "").stdout);
    assert!(told(&["model", "info", "slow"]).contains("State: not here"));
    assert!(told(&["model", "list"]).contains("Slow (MIT) · not here"));
    let folder = fixture.home().join(".local/share/lucid/models");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("slow.gguf"), "half").unwrap();
    let info = told(&["model", "info", "slow"]);
    assert!(info.contains("State: damaged"), "{info}");
    let list = told(&["model", "list"]);
    assert!(list.contains("lucid model pull slow"), "{list}");
    let json = told(&["model", "info", "slow", "--json"]);
    let report: protocol::ModelReport = serde_json::from_str(&json).unwrap();
    assert!(report.is_damaged && report.path.is_none());
}

#[tokio::test]
async fn a_model_is_read_before_it_is_used() {
    let (fixture, _source) = slow_download().await;
    let folder = fixture.home().join(".local/share/lucid/models");
    std::fs::create_dir_all(&folder).unwrap();
    // As long as the catalogue says, so that only reading it tells.
    std::fs::write(folder.join("slow.gguf"), [b'x'; 100]).unwrap();
    let used = run(&fixture, &["model", "use", "slow"], "");
    let said = text(&used.stderr);
    assert_eq!(used.status.code(), Some(1), "{said}");
    assert!(
        said.contains("The file of the model `slow` is damaged"),
        "{said}"
    );
    assert!(said.contains("lucid model pull slow"), "{said}");
    assert!(used.stdout.is_empty());
    let gone = run(&fixture, &["model", "use", "smollm2-135m"], "");
    let said = text(&gone.stderr);
    assert!(said.contains("is not on this machine"), "{said}");
}

/// Starts a kernel without the script, which stands in the place of every model.
async fn kernel_without_script(fixture: &Fixture) -> Child {
    let kernel = Command::new(env!("CARGO_BIN_EXE_lucidd"))
        .env_clear()
        .envs(fixture.environment())
        .env_remove("LUCID_SCRIPTED")
        .spawn()
        .unwrap();
    let client = fixture.client().await;
    while client.state().await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    kernel
}

#[tokio::test]
async fn a_model_for_tests_has_to_be_chosen() {
    let (mut fixture, _source) = slow_download().await;
    fixture.kill_kernel();
    let catalogue = fixture.home().join(".config/lucid/models.toml");
    let model = std::fs::read_to_string(&catalogue).unwrap();
    std::fs::write(&catalogue, model.replace("\"other\"", "\"tests\"")).unwrap();
    let folder = fixture.home().join(".local/share/lucid/models");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("slow.gguf"), [b'x'; 100]).unwrap();
    let mut kernel = kernel_without_script(&fixture).await;
    let planned = run(&fixture, &["plan", "--no-templates", "write a poem"], "");
    let doctor = text(&run(&fixture, &["doctor"], "").stdout);
    let list = text(&run(&fixture, &["model", "list"], "").stdout);
    kernel.kill().unwrap();
    kernel.wait().unwrap();
    let said = text(&planned.stderr);
    assert!(
        said.contains("no model is chosen; only slow is here"),
        "{said}"
    );
    assert!(said.contains("`lucid model use slow`"), "{said}");
    assert!(doctor.contains("No model is chosen; only slow"), "{doctor}");
    assert!(list.contains("Slow (MIT) · here"), "{list}");
}

#[tokio::test]
async fn a_model_that_only_compares_words_is_listed_and_never_chosen() {
    let fixture = Fixture::start(SCRIPT).await;
    let list = text(&run(&fixture, &["model", "list"], "").stdout);
    assert!(list.contains("use-multilingual-3"), "{list}");
    let refused = run(&fixture, &["model", "use", "use-multilingual-3"], "");
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write plans"), "{said}");
}

#[tokio::test]
async fn settings_with_a_mistake_are_told_and_left_out() {
    let mut fixture = Fixture::without_kernel(SCRIPT);
    let folder = fixture.home().join(".config/lucid");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.toml"), "[engine]\nallow = true\n").unwrap();
    fixture.start_kernel().await;
    let told = text(&run(&fixture, &["doctor"], "").stdout);
    assert!(
        told.contains("settings.toml has a mistake and is left out: line 2: unknown field `allow`"),
        "{told}"
    );
    assert!(told.contains("fences around models"), "{told}");
}

/// A model that plans the short requests of the bench, each after `delay_ms`.
fn planning_script(delay_ms: u64) -> String {
    let row = |user: &str, text: &str| {
        format!("[[answer]]\nuser = \"{user}\"\ntext = '{text}'\ndelay_ms = {delay_ms}\n")
    };
    [
        row("thirty percent", "audio.set_volume(30)"),
        row("mute the sound", "audio.mute()"),
        row("六十", "audio.set_volume(60)"),
        row("Count from one", "one two three four five six"),
    ]
    .concat()
}

#[tokio::test]
async fn models_are_measured_and_one_is_proposed() {
    let fixture = Fixture::start(&planning_script(5)).await;
    let output = run(&fixture, &["model", "bench"], "");
    let (told, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{said}");
    assert!(told.contains("scripted · scripted"), "{told}");
    assert!(told.contains("3 of 3 right"), "{told}");
    assert!(
        told.contains("Proposed: scripted. It is the largest"),
        "{told}"
    );
    assert!(said.contains("1/1 scripted: planning"), "{said}");

    let output = run(&fixture, &["model", "bench", "--json"], "");
    let told = text(&output.stdout);
    let mut lines = told.lines();
    let model: protocol::ModelBench = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!((model.right_plans, model.asked_plans), (3, 3));
    assert!(model.short_plan_ms.unwrap() >= 5.0);
    let last: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(last["proposed"], "scripted");
    assert_eq!(lines.next(), None);
}

#[tokio::test]
async fn nothing_else_uses_a_model_while_one_is_measured_until_an_interrupt() {
    let fixture = Fixture::start(&planning_script(600_000)).await;
    let waiting = Waiting::until(fixture.command(&["model", "bench"]), "scripted: writing");
    let planned = run(&fixture, &["plan", "--no-templates", "write a poem"], "");
    let said = text(&planned.stderr);
    assert!(said.contains("the models are being measured"), "{said}");
    let second = run(&fixture, &["model", "bench"], "");
    let said = text(&second.stderr);
    assert!(said.contains("are being measured already"), "{said}");
    waiting.interrupt();
    let (code, said) = waiting.end();
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("The measuring was stopped"), "{said}");
    let planned = run(&fixture, &["plan", "--no-templates", "write a poem"], "");
    let said = text(&planned.stderr);
    assert!(!said.contains("being measured"), "{said}");
}

#[tokio::test]
async fn measuring_ends_with_whoever_asked_for_it() {
    let fixture = Fixture::start(&planning_script(600_000)).await;
    let mut waiting = Waiting::until(fixture.command(&["model", "bench"]), "scripted: writing");
    waiting.child.kill().unwrap();
    waiting.child.wait().unwrap();
    let client = fixture.client().await;
    let limit = Instant::now() + Duration::from_secs(20);
    while client.stop_bench().await.unwrap() {
        assert!(Instant::now() < limit, "it goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_damaged_model_is_named_where_one_is_needed() {
    let (mut fixture, _source) = slow_download().await;
    fixture.kill_kernel();
    let folder = fixture.home().join(".local/share/lucid/models");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("slow.gguf"), "half").unwrap();
    let mut kernel = kernel_without_script(&fixture).await;
    let planned = run(&fixture, &["plan", "--no-templates", "write a poem"], "");
    let doctor = run(&fixture, &["doctor"], "");
    kernel.kill().unwrap();
    kernel.wait().unwrap();
    let said = text(&planned.stderr);
    assert!(
        said.contains("The file of the model slow is damaged"),
        "{said}"
    );
    assert!(said.contains("lucid model pull slow"), "{said}");
    let doctor = text(&doctor.stdout);
    assert!(
        doctor.contains("The file of the model slow is damaged"),
        "{doctor}"
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
    assert!(fixture.home().join("letters").is_dir());
}

#[tokio::test]
async fn plan_runs_nothing_and_batches_keep_their_order() {
    let fixture = Fixture::start(SCRIPT).await;
    let batch = fixture.folder.path().join("batch.jsonl");
    let good = "{\"text\": \"make a folder for letters\", \"id\": 7}\n";
    let long = "a".repeat(10_001);
    let mut lines = format!(
        "{good}\n{{\"text\": \"\"}}\nno object\n{{\"text\": \"{long}\"}}\n[1]\n{{\"text\": \"make a\\u0000folder for letters\"}}\n"
    )
    .into_bytes();
    lines.extend(b"\xff\n");
    lines.extend(good.as_bytes());
    std::fs::write(&batch, &lines).unwrap();
    let planned = |file: &str, input: &str| {
        let output = run(
            &fixture,
            &["plan", "--no-templates", "--batch", file],
            input,
        );
        let reports: Vec<PlanReport> = text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (output.status.code(), reports)
    };
    let (code, reports) = planned(batch.to_str().unwrap(), "");
    assert_eq!(code, Some(1), "{reports:?}");
    let problems: Vec<Option<&str>> = reports
        .iter()
        .map(|report| Some(report.problem.as_ref()?.id.as_str()))
        .collect();
    let (empty, bad, long_words) = ("empty-request", "cli-batch-line", "request-too-long");
    assert_eq!(
        problems,
        [
            None,
            Some(empty),
            Some(bad),
            Some(long_words),
            Some(bad),
            None,
            Some(bad),
            None
        ]
    );
    let texts: Vec<&str> = reports.iter().map(|report| report.text.as_str()).collect();
    assert_eq!(texts[1..3], ["", "no object"]);
    assert_eq!(
        texts[4..7],
        ["[1]", "make a\0folder for letters", "\u{fffd}"]
    );
    let sentence = &reports[2].problem.as_ref().unwrap().sentence;
    assert!(sentence.contains("batch.jsonl:4 "), "{sentence}");
    for planned in [&reports[0], &reports[5], &reports[7]] {
        assert!(
            planned.plan.starts_with("files.make_folder("),
            "{planned:?}"
        );
    }
    let (code, reports) = planned("-", good);
    assert_eq!((code, reports.len()), (Some(0), 1), "{reports:?}");
    assert!(!fixture.home().join("letters").exists());
}

#[tokio::test]
async fn words_of_which_nothing_can_be_made_take_no_route() {
    let fixture = Fixture::start(SCRIPT).await;
    let planned = run(&fixture, &["plan", "  "], "");
    assert_eq!(planned.status.code(), Some(1));
    assert_eq!(text(&planned.stdout), "");
    let said = text(&planned.stderr);
    assert!(said.contains("the request is empty"), "{said}");
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
    let log = fixture
        .command(&["log"])
        .env("LANG", "zh_CN.UTF-8")
        .output()
        .unwrap();
    assert!(text(&log.stdout).contains("完成"), "{}", text(&log.stdout));
    let log = text(&run(&fixture, &["log"], "").stdout);
    assert!(log.contains("  ↶ can be taken back\n"), "{log}");
    assert!(!log.contains(&turn.at), "{log}");
    let why = text(&run(&fixture, &["why"], "").stdout);
    assert!(
        why.contains("files.make_folder") && why.contains("allow"),
        "{why}"
    );
    let undo = run(&fixture, &["undo"], "");
    assert!(undo.status.success(), "{}", text(&undo.stderr));
    assert!(!fixture.home().join("letters").exists());
}

#[tokio::test]
async fn why_tells_what_was_written_when_no_plan_came_of_it() {
    let mut fixture =
        Fixture::start("[[answer]]\nuser = \"break\"\ntext = 'files.make_folder(7, 8, 9)'\n").await;
    let asked = run(&fixture, &["ask", "--no-templates", "break"], "");
    assert_eq!(asked.status.code(), Some(1), "{}", text(&asked.stderr));
    let why = text(&run(&fixture, &["why"], "").stdout);
    assert!(why.contains("What the model wrote"), "{why}");
    let log = text(&run(&fixture, &["log"], "").stdout);
    assert!(log.ends_with(" break  · failed\n"), "{log}");
    assert!(why.contains("  | files.make_folder(7, 8, 9)\n"), "{why}");
    let sentence = "The model wrote a step that cannot be run: files.make_folder(7, 8, 9)";
    assert!(why.contains(sentence), "{why}");
    assert!(why.contains("Say it in other words"), "{why}");
    fixture.kill_kernel();
    fixture.start_kernel().await;
    let later = text(&run(&fixture, &["why"], "").stdout);
    assert!(later.contains(sentence), "{later}");
}

#[tokio::test]
async fn an_interrupted_turn_is_called_so() {
    let script = "[[answer]]\nuser = \"stall\"\ntext = 'say(\"never\")'\nbehaviour = \"stall\"\n";
    let mut fixture = Fixture::start(script).await;
    let client = fixture.client().await;
    client.ask("stall", &support::options()).await.unwrap();
    let running = text(&run(&fixture, &["log"], "").stdout);
    assert!(!running.contains("interrupted"), "{running}");
    fixture.kill_kernel();
    fixture.start_kernel().await;
    for command in ["log", "why"] {
        let told = text(&run(&fixture, &[command], "").stdout);
        let sentence = "interrupted in this turn, before it had begun to change anything";
        assert!(told.contains(sentence), "{command}: {told}");
    }
    assert!(fixture.log().await[0].is_interrupted);
}

#[tokio::test]
async fn toggling_without_a_display_fails_in_words() {
    let fixture = Fixture::start(SCRIPT).await;
    let toggled = run(&fixture, &["toggle"], "");
    let said = text(&toggled.stderr);
    assert_eq!(toggled.status.code(), Some(1), "{said}");
    assert!(said.contains("There is no display here"), "{said}");
}

#[test]
fn a_mistyped_folder_of_models_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let typo = folder.path().join("modles/gguf");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/environment.sh");
    let sourced = Command::new("bash")
        .args(["-c", ". \"$1\"", "bash", script])
        .env("LUCID_MODELS", &typo)
        .env("CARGO_TARGET_DIR", folder.path())
        .output()
        .unwrap();
    let said = text(&sourced.stderr);
    assert_eq!(sourced.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no folder"), "{said}");
    assert!(!typo.exists() && !typo.parent().unwrap().exists());
}

#[test]
fn looking_for_models_makes_no_folder_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/environment.sh");
    let sourced = Command::new("bash")
        .args(["-c", ". \"$1\"", "bash", script])
        .env("LUCID_MODELS", &none)
        .env("CARGO_TARGET_DIR", folder.path())
        .status()
        .unwrap();
    assert!(sourced.success() && !none.exists());
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
async fn a_function_says_once_what_it_does() {
    let fixture = Fixture::start(SCRIPT).await;
    let listed = text(&run(&fixture, &["functions"], "").stdout);
    let summary = "Moves a file or folder to the trash.";
    assert_eq!(listed.matches(summary).count(), 1, "{listed}");
}

#[tokio::test]
async fn without_a_bus_there_is_one_clear_sentence() {
    let output = Command::new(Fixture::lucid())
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

#[tokio::test]
async fn a_refusal_is_said_in_the_kernels_words() {
    let fixture = Fixture::start(SCRIPT).await;
    for (arguments, words) in [
        (["undo", "--json"], "nothing to take back"),
        (["ask", " "], "request is empty"),
        (["why", "t99"], "t99"),
    ] {
        let refused = run(&fixture, &arguments, "");
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn help_and_mistakes_are_in_the_sessions_language() {
    let said = |arguments: &[&str], language: &str| {
        let output = Command::new(Fixture::lucid())
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
    assert!(help.contains("列出可用的模型"), "{help}");
    assert!(help.contains("lucid model [选项] <命令>"), "{help}");
    let (_, help, _) = said(&["plan", "--help"], "zh_CN.UTF-8");
    assert!(help.contains("lucid plan [选项] [请求]..."), "{help}");
    for english in ["OPTIONS", "WORDS", "FILE", "default"] {
        assert!(!help.contains(english), "{help}");
    }
    let (code, _, mistake) = said(&["静音"], "zh_CN.UTF-8");
    assert_eq!(code, Some(2));
    assert!(mistake.contains("没有“静音”这个命令。"), "{mistake}");
}

#[tokio::test]
async fn a_damaged_journal_stays_named() {
    let mut fixture = Fixture::start(SCRIPT).await;
    let aside = fixture
        .home()
        .join(".local/state/lucid/journal.sqlite.damaged-0");
    for _ in 0..2 {
        let told = text(&run(&fixture, &["doctor"], "").stdout);
        let is_there = aside.exists();
        let sentence = format!("the old one is kept as {}", aside.display());
        assert_eq!(told.contains(&sentence), is_there, "{told}");
        fixture.kill_kernel();
        std::fs::write(&aside, "damaged").unwrap();
        fixture.start_kernel().await;
    }
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
