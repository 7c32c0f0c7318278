//! Turns that are stopped, refused or taken back while they run.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may break off, and starts programs of its own"
)]

mod support;

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use protocol::{Outcome, StatementState};
use support::{Fixture, Victim, options};

/// Runs a plan on a terminal that answers `yes` to what it is asked.
fn run_on_terminal(fixture: &Fixture, plan: &str) -> Child {
    let file = fixture.folder.path().join("plan");
    std::fs::write(&file, plan).unwrap();
    let arguments = ["run", file.to_str().unwrap()];
    let mut child = fixture.command(&arguments).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"y\n").unwrap();
    child
}

#[tokio::test]
async fn an_act_that_outlasts_a_stop_is_settled_at_once() {
    let fixture = Fixture::start("").await;
    let stubborn = Victim::stubborn();
    let terminal = run_on_terminal(&fixture, &format!("system.end_process({})", stubborn.id()));
    loop {
        let log = fixture.log().await;
        if log.first().is_some_and(|turn| !turn.entries.is_empty()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(fixture.client().await.stop("").await.unwrap(), 1);
    let ended = terminal.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(5), "{ended:?}");
    let log = fixture.log().await;
    assert_ne!(log[0].entries[0].state, "open", "{log:?}");
    assert_eq!(log[0].finish.as_ref().unwrap().outcome, Outcome::Stopped);
}

#[tokio::test]
async fn a_terminal_that_goes_away_refuses_what_it_was_asked() {
    let fixture = Fixture::start("").await;
    let mut victim = Victim::start();
    let client = fixture.client().await;
    let mut events = client.receive_turn().await.unwrap();
    let file = fixture.folder.path().join("plan");
    std::fs::write(&file, format!("system.end_process({})", victim.id())).unwrap();
    // Its standard input stays open, so that it waits for an answer.
    let mut terminal = Command::new(Fixture::lucid())
        .arg("run")
        .arg(&file)
        .env_clear()
        .envs(fixture.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    support::until_asked(&mut events).await;
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    support::until_finished(&mut events).await;
    let log = fixture.log().await;
    assert_eq!(log[0].finish.as_ref().unwrap().outcome, Outcome::Refused);
    assert!(victim.is_alive());
}

#[tokio::test]
async fn an_undo_goes_as_far_as_the_world_lets_it() {
    let fixture = Fixture::start("").await;
    for name in ["a.txt", "b.txt"] {
        std::fs::write(fixture.home().join(name), name).unwrap();
    }
    // The newest is found first, so it is taken back last.
    let earlier = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    std::fs::File::open(fixture.home().join("b.txt"))
        .unwrap()
        .set_modified(earlier)
        .unwrap();
    let client = fixture.client().await;
    let mut events = client.receive_turn().await.unwrap();
    let mut terminal = run_on_terminal(
        &fixture,
        "f = files.find(folder=\"~\", name=\"txt\")\neach(f, files.trash)\n",
    );
    support::until_finished(&mut events).await;
    assert!(terminal.wait().unwrap().success());
    // Both are in the trash; one cannot be brought back, because something is in its way.
    std::fs::write(fixture.home().join("a.txt"), "another").unwrap();
    let undone = fixture.undo("").await;
    assert_eq!(
        undone.finish().outcome,
        Outcome::Partial,
        "{:?}",
        undone.events
    );
    assert!(undone.states().contains(&StatementState::Failed));
    assert!(fixture.home().join("b.txt").exists());
}

#[tokio::test]
async fn a_question_shows_as_one_and_names_the_process() {
    let fixture = Fixture::start("").await;
    let stubborn = Victim::stubborn();
    let client = fixture.client().await;
    let events = client.receive_turn().await.unwrap();
    let plan = format!("system.end_process({})", stubborn.id());
    let turn = client.run(&plan, &options()).await.unwrap();
    let asked = tokio::spawn(support::Turn::follow(turn, events));
    loop {
        let state = client.state().await.unwrap();
        if state.contains("consent_asked") {
            assert!(state.contains("\"state\":\"consent\""), "{state}");
            assert!(
                state.contains(&format!("sh (process {}", stubborn.id())),
                "{state}"
            );
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    client.stop("").await.unwrap();
    assert_eq!(asked.await.unwrap().finish().outcome, Outcome::Stopped);
}

#[tokio::test]
async fn a_kernel_ends_with_its_session() {
    let mut fixture = Fixture::start("").await;
    fixture.end_bus();
    let ended = async {
        while !fixture.kernel_has_ended() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), ended)
        .await
        .expect("the kernel ends");
}

#[tokio::test]
async fn a_bulk_act_on_nothing_says_so() {
    let fixture = Fixture::start("").await;
    let plan = "f = files.find(folder=\"~\", name=\"none.txt\")\neach(f, files.trash)\n";
    let turn = fixture.run(plan).await;
    assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
    assert_eq!(turn.failures(), ["Nothing was found, so nothing was done."]);
}
