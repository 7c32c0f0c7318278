//! A worker through the kernel's client: what the model need not do itself, and what it cannot do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use engine::{Engine, EngineError, GenerateRequest, Prompt, WorkerEngine, WorkerOptions};

/// How long tests wait for something that happens by itself.
const PATIENCE: Duration = Duration::from_secs(20);

struct Fixture {
    engine: WorkerEngine,
    folder: tempfile::TempDir,
}

/// A worker whose model has the given name, which says what is special about its fences.
fn fixture(name: &str, change: impl FnOnce(&mut WorkerOptions)) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join(name);
    std::fs::write(&model, "").unwrap();
    let mut options = WorkerOptions::new("fake", model);
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_worker-fake-model"));
    options.load.capsules = Some(folder.path().join("capsules"));
    change(&mut options);
    Fixture {
        engine: WorkerEngine::new(options),
        folder,
    }
}

fn prompt(user: &str) -> Prompt {
    Prompt {
        user: user.to_owned(),
        ..Prompt::default()
    }
}

impl Fixture {
    /// Has the model do something, and returns what came of it.
    async fn tell(&self, words: &str) -> String {
        let request = GenerateRequest::new(prompt(words));
        let generation = self.engine.generate(request).await.unwrap();
        generation.finish().await.unwrap().text
    }
}

#[tokio::test]
async fn a_prefill_gives_way_to_a_request() {
    let fixture = fixture("model", |_| ());
    fixture.engine.load().await.unwrap();
    let engine = fixture.engine.clone();
    let reading = tokio::spawn(async move { engine.prefill(&prompt("on and on")).await });
    let answer = tokio::time::timeout(PATIENCE, fixture.tell("dance")).await;
    assert_eq!(answer.unwrap(), "dance?");
    assert_eq!(reading.await.unwrap().unwrap().tokens, 7);
}

#[tokio::test]
async fn a_dropped_prefill_is_cancelled() {
    let fixture = fixture("model", |_| ());
    fixture.engine.load().await.unwrap();
    let engine = fixture.engine.clone();
    let reading = tokio::spawn(async move { engine.prefill(&prompt("on and on")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    reading.abort();
    let stats = tokio::time::timeout(PATIENCE, fixture.engine.stats()).await;
    assert_eq!(stats.unwrap().unwrap().restarts, 0);
}

#[tokio::test]
async fn what_an_engine_cannot_do_is_refused_with_a_reason() {
    let fixture = fixture("model", |_| ());
    let engine = &fixture.engine;
    assert_eq!(engine.prepare(&prompt("")).await.unwrap().bytes, 0);
    for error in [
        engine.tokenise("a").await.err(),
        engine.score(&prompt(""), &[]).await.err(),
        engine.embed(&["a".to_owned()]).await.err(),
    ] {
        let reason = error.unwrap().to_string();
        assert!(reason.contains("this engine cannot"), "{reason}");
    }
}

#[tokio::test]
async fn files_beside_the_model_are_out_of_reach() {
    let fixture = fixture("model", |_| ());
    let path = |name: &str| fixture.folder.path().join(name).display().to_string();
    std::fs::write(path("secret"), "").unwrap();
    assert_eq!(
        fixture.tell(&format!("read {}", path("model"))).await,
        "done"
    );
    for forbidden in [
        format!("read {}", path("secret")),
        "read /etc/passwd".to_owned(),
        format!("list {}", path("")),
        format!("write {}", path("model")),
        format!("write {}", path("new")),
    ] {
        assert_eq!(
            fixture.tell(&forbidden).await,
            "PermissionDenied",
            "{forbidden}"
        );
    }
    let capsule = path("capsules/one");
    assert_eq!(fixture.tell(&format!("write {capsule}")).await, "done");
}

#[tokio::test]
async fn no_socket_no_program_and_no_signal_leaves_the_worker() {
    let fixture = fixture("model", |_| ());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for forbidden in [
        format!("connect {}", listener.local_addr().unwrap()),
        "bus /run/dbus/system_bus_socket".to_owned(),
        "bind 127.0.0.1:0".to_owned(),
        "datagrams".to_owned(),
        "run /bin/true".to_owned(),
        format!("kill {}", std::process::id()),
    ] {
        assert_eq!(
            fixture.tell(&forbidden).await,
            "PermissionDenied",
            "{forbidden}"
        );
    }
}

#[tokio::test]
async fn a_folder_whose_names_are_known_is_not_open() {
    let fixture = fixture("listing", |_| ());
    let folder = fixture.folder.path().display();
    std::fs::write(fixture.folder.path().join("secret"), "").unwrap();
    assert_eq!(fixture.tell(&format!("list {folder}")).await, "done");
    let read = format!("read {folder}/secret");
    assert_eq!(fixture.tell(&read).await, "PermissionDenied");
}

#[tokio::test]
async fn threads_may_wake_each_other() {
    assert_eq!(fixture("model", |_| ()).tell("streams").await, "done");
}

#[tokio::test]
async fn a_worker_with_a_server_reaches_its_port_and_no_bus() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let fixture = fixture(&format!("port-{}", address.port()), |_| ());
    assert_eq!(fixture.tell(&format!("connect {address}")).await, "done");
    for forbidden in [
        format!("connect {}", other.local_addr().unwrap()),
        "bus /run/dbus/system_bus_socket".to_owned(),
        "bind 127.0.0.1:0".to_owned(),
        format!("socket {}", libc::AF_NETLINK),
        "streams".to_owned(),
        "datagrams".to_owned(),
        "read /etc/passwd".to_owned(),
    ] {
        assert_eq!(
            fixture.tell(&forbidden).await,
            "PermissionDenied",
            "{forbidden}"
        );
    }
}

#[tokio::test]
async fn memory_has_an_end() {
    let fixture = fixture("little-memory", |_| ());
    assert_eq!(fixture.tell("take 10").await, "done");
    assert_eq!(fixture.tell("take 200").await, "OutOfMemory");
    let sandbox = fixture.engine.stats().await.unwrap().sandbox;
    assert_eq!(sandbox[0], "memory: at most 104 MB", "{sandbox:?}");
    assert_eq!(fixture.tell("nice").await, "5");
}

#[tokio::test]
async fn without_a_required_fence_the_worker_runs_only_by_permission() {
    let refusing = fixture("no-landlock", |_| ());
    let error = refusing.engine.load().await.err().unwrap();
    let EngineError::Unfenced { reason } = error else {
        panic!("{error}");
    };
    assert_eq!(reason, "files: this kernel has no Landlock");
    let allowing = fixture("no-landlock", |options| options.load.allow_unfenced = true);
    assert_eq!(allowing.tell("read /etc/passwd").await, "done");
    let sandbox = allowing.engine.stats().await.unwrap().sandbox;
    assert!(
        sandbox.contains(&"files: refused (this kernel has no Landlock)".to_owned()),
        "{sandbox:?}"
    );
    // What the system does have still holds.
    assert_eq!(
        allowing.tell("bus /run/dbus/system_bus_socket").await,
        "PermissionDenied"
    );
}
