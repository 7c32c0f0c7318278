//! Functions on the machine and its processes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::process::Stdio;

use functions::{ErrorKind, Settlement, spawn};
use plan::Value;
use support::Fixture;
use tokio::io::AsyncReadExt;

fn number(value: &Value, field: &str) -> f64 {
    value
        .field(field)
        .and_then(Value::as_number)
        .unwrap_or_else(|| panic!("{field} of {value:?}"))
}

#[tokio::test]
async fn percentages_lie_between_0_and_100() {
    let fixture = Fixture::new();
    for function in ["system.cpu", "system.memory"] {
        let percent = fixture.read(function).await.as_number().unwrap();
        assert!((0.0..=100.0).contains(&percent), "{function} {percent}");
    }
    assert!(fixture.read("system.memory").await.as_number().unwrap() > 0.0);
    assert!(fixture.read("system.uptime").await.as_number().unwrap() > 0.0);
}

#[tokio::test]
async fn disks_add_up() {
    let disks = Fixture::new().read("system.disks").await;
    let disks = disks.as_list().unwrap();
    assert!(!disks.is_empty());
    for disk in disks {
        let (used, free, total) = (
            number(disk, "used"),
            number(disk, "free"),
            number(disk, "total"),
        );
        assert_eq!(used + free, total);
        assert!((number(disk, "percent") - 100.0 * used / total).abs() < 0.1);
    }
}

#[tokio::test]
async fn this_process_is_among_the_processes_and_the_largest_comes_first() {
    let fixture = Fixture::new();
    let arguments = [("by", "memory".into()), ("limit", 1000.0.into())];
    let all = fixture
        .call("system.processes", &arguments)
        .await
        .unwrap()
        .value;
    let all = all.as_list().unwrap();
    let own = all
        .iter()
        .find(|row| number(row, "pid") == f64::from(std::process::id()));
    assert!(number(own.unwrap(), "memory") > 100_000.0);
    assert!(
        all.windows(2)
            .all(|pair| number(&pair[0], "memory") >= number(&pair[1], "memory"))
    );
    let two = fixture
        .call(
            "system.processes",
            &[("by", "cpu".into()), ("limit", 2.0.into())],
        )
        .await;
    assert_eq!(two.unwrap().value.as_list().unwrap().len(), 2);
}

/// A process of our own that waits to be ended.
fn sleeper() -> tokio::process::Child {
    let mut command = spawn::command("sleep");
    command.arg("600").kill_on_drop(true).spawn().unwrap()
}

#[tokio::test]
async fn a_process_ends_when_asked() {
    let fixture = Fixture::new();
    let mut child = sleeper();
    let pid = child.id().unwrap();
    let arguments = [("pid", f64::from(pid).into())];
    let intent = fixture
        .intend("system.end_process", &arguments)
        .await
        .unwrap();
    let call = fixture.resolved("system.end_process", &arguments);
    let settle = || fixture.registry.settle(&call, &intent, &fixture.world);
    assert_eq!(settle().await, Settlement::Unknown);

    let outcome = fixture
        .call("system.end_process", &arguments)
        .await
        .unwrap();
    assert!(
        outcome.note.contains("sleep") && outcome.note.contains(&pid.to_string()),
        "{}",
        outcome.note
    );
    assert!(outcome.note.starts_with("Ended"), "{}", outcome.note);
    let status = child.wait().await.unwrap();
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(15)
    );
    assert!(matches!(settle().await, Settlement::Done(_)));
    let error = fixture
        .call("system.end_process", &arguments)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_process_that_does_not_end_is_not_killed() {
    let fixture = Fixture::new();
    let ready = fixture.path("ready");
    let script = format!(
        "trap '' TERM; touch {}; while :; do sleep 1; done",
        ready.display()
    );
    let mut child = spawn::command("sh")
        .args(["-c", &script])
        .kill_on_drop(true)
        .process_group(0)
        .spawn()
        .unwrap();
    fixture.wait("the trap", || async { ready.exists() }).await;
    let pid = child.id().unwrap();
    let outcome = fixture
        .call("system.end_process", &[("pid", f64::from(pid).into())])
        .await
        .unwrap();
    assert!(outcome.note.contains("still running"), "{}", outcome.note);
    assert!(child.try_wait().unwrap().is_none());
    let group = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
    child.wait().await.unwrap();
}

#[tokio::test]
async fn the_name_of_a_process_is_made_visible_once() {
    let fixture = Fixture::new();
    // Linux names a process after the file that was run.
    let program = fixture.path("s\u{202e}⟨h");
    std::os::unix::fs::symlink("/bin/sh", &program).unwrap();
    let mut child = spawn::command(&program)
        .args(["-c", "echo; while :; do sleep 1; done"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut started = [0];
    let output = child.stdout.as_mut().unwrap();
    output.read_exact(&mut started).await.unwrap();
    let arguments = [("pid", f64::from(child.id().unwrap()).into())];
    let intent = fixture
        .intend("system.end_process", &arguments)
        .await
        .unwrap();
    assert!(
        intent.touches.contains("s\u{202e}⟨h"),
        "the question writes it out: {}",
        intent.touches
    );
    let outcome = fixture
        .call("system.end_process", &arguments)
        .await
        .unwrap();
    assert!(
        outcome.note.contains("s⟨U+202E⟩⟨U+27E8⟩h"),
        "{}",
        outcome.note
    );
}

#[tokio::test]
async fn what_carries_the_session_is_not_ended() {
    let fixture = Fixture::new();
    for pid in [1, std::process::id(), std::os::unix::process::parent_id()] {
        let error = fixture
            .intend("system.end_process", &[("pid", f64::from(pid).into())])
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{pid}: {error}");
    }
    let error = fixture
        .intend("system.end_process", &[("pid", 4_194_304.0.into())])
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn what_may_not_be_ended_is_known_before() {
    let fixture = Fixture::new();
    let mut child = sleeper();
    let pids = [1, std::process::id(), child.id().unwrap()].map(|pid| Value::from(f64::from(pid)));
    let name = plan::FunctionName::new("system.end_process").unwrap();
    let function = fixture.registry.function(&name).unwrap();
    let refused = function.action.refuses(&pids.each_ref(), &fixture.world);
    assert_eq!(refused, [true, true, false]);
    child.kill().await.unwrap();
}
