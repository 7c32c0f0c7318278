//! Kernels that are killed in the middle of a request.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may break off, and starts programs of its own"
)]

mod support;

use protocol::{Kernel1Proxy, Outcome, TurnReport};
use support::{Fixture, SCRIPT, Victim, options};

/// How often an act may be over before it is seen.
const TRIES: usize = 5;

#[tokio::test]
async fn a_killed_kernel_loses_nothing_and_repeats_nothing() {
    let mut fixture = Fixture::start(SCRIPT).await;
    fixture.ask("make a folder for letters").await;
    let client = fixture.client().await;
    client.ask("write for ever", &options()).await.unwrap();
    fixture.kill_kernel();
    std::fs::remove_dir(fixture.home().join("letters")).unwrap();
    fixture.start_kernel().await;
    let log = fixture.log().await;
    let utterances: Vec<&str> = log.iter().map(|turn| turn.utterance.as_str()).collect();
    assert_eq!(utterances, ["write for ever", "make a folder for letters"]);
    assert_eq!(log[1].entries[0].state, "done");
    assert!(
        !fixture.home().join("letters").exists(),
        "nothing is done again by itself"
    );
    assert_eq!(
        fixture
            .ask("make a folder for letters")
            .await
            .finish()
            .outcome,
        Outcome::Done
    );
}

#[tokio::test]
async fn a_kernel_killed_in_an_act_leaves_all_or_nothing_of_it() {
    let mut fixture = Fixture::start(SCRIPT).await;
    let bytes = vec![7u8; 256 << 20];
    std::fs::write(fixture.home().join("film.bin"), &bytes).unwrap();
    std::fs::create_dir(fixture.home().join("Copies")).unwrap();
    let copy = fixture.home().join("Copies/film.bin");
    let mut hit = false;
    for _ in 0..TRIES {
        let client = fixture.client().await;
        client
            .run("files.copy(\"~/film.bin\", \"~/Copies\")", &options())
            .await
            .unwrap();
        hit = until_begun(&client).await == "open";
        if hit {
            break;
        }
        std::fs::remove_file(&copy).unwrap();
    }
    assert!(hit, "a copy of 256 MB was never seen while it lasted");
    fixture.kill_kernel();
    fixture.start_kernel().await;
    let log = fixture.log().await;
    assert_eq!(log[0].entries.len(), 1, "{log:?}");
    let entry = &log[0].entries[0];
    assert_ne!(entry.state, "open", "what was begun is settled: {entry:?}");
    if copy.exists() {
        assert_ne!(entry.state, "failed", "{entry:?}");
        let length = std::fs::metadata(&copy).unwrap().len();
        assert_eq!(length, bytes.len() as u64, "no half of a file");
    } else {
        assert_ne!(entry.state, "done", "{entry:?}");
    }
    let next = fixture.ask("make a folder for letters").await;
    assert_eq!(next.finish().outcome, Outcome::Done);
}

/// Waits until the last turn has an entry, and returns its state.
async fn until_begun(client: &Kernel1Proxy<'_>) -> String {
    loop {
        let log: Vec<TurnReport> = serde_json::from_str(&client.log(1).await.unwrap()).unwrap();
        if let Some(entry) = log[0].entries.first() {
            return entry.state.clone();
        }
    }
}

#[tokio::test]
async fn a_kernel_killed_in_an_undo_leaves_the_act_done_or_undone() {
    for delay in [0, 1, 2, 4, 8] {
        let mut fixture = Fixture::start(SCRIPT).await;
        fixture.ask("make a folder for letters").await;
        let client = fixture.client().await;
        client.undo("", 0, &options()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        fixture.kill_kernel();
        fixture.start_kernel().await;
        let log = fixture.log().await;
        let entries = || log.iter().flat_map(|turn| &turn.entries);
        assert!(entries().all(|entry| entry.state != "open"), "{log:?}");
        let made = log.last().unwrap().entries[0].state.as_str();
        let is_there = fixture.home().join("letters").exists();
        assert_eq!(made, if is_there { "done" } else { "undone" }, "{log:?}");
    }
}

#[tokio::test]
async fn a_kernel_killed_while_it_asks_has_done_nothing() {
    let mut fixture = Fixture::start(SCRIPT).await;
    let mut victim = Victim::start();
    let client = fixture.client().await;
    let mut events = client.receive_turn().await.unwrap();
    client
        .run(&format!("system.end_process({})", victim.id()), &options())
        .await
        .unwrap();
    support::until_asked(&mut events).await;
    fixture.kill_kernel();
    fixture.start_kernel().await;
    assert!(victim.is_alive(), "nothing is done without the answer");
    let log = fixture.log().await;
    assert!(log[0].entries.is_empty(), "nothing was begun: {log:?}");
}
