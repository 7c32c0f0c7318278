//! What the client does when a worker crashes, hangs, babbles or has nothing to do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::{
    Engine, EngineError, GenerateRequest, GenerationEvent, Prompt, WorkerEngine, WorkerOptions,
};

/// How long tests wait for something that happens by itself.
const PATIENCE: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_millis(400);

struct Fixture {
    engine: WorkerEngine,
    _folder: tempfile::TempDir,
}

/// An engine whose worker has the given fault.
fn fixture(fault: &str) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join(fault);
    std::fs::write(&model, "").unwrap();
    let mut options = WorkerOptions::new("fake", model);
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_engine-fake-worker"));
    options.silence = SILENCE;
    options.idle = Duration::from_millis(if fault == "idle" { 300 } else { 60_000 });
    Fixture {
        engine: WorkerEngine::new(options),
        _folder: folder,
    }
}

fn prompt(user: &str) -> Prompt {
    Prompt {
        user: user.to_owned(),
        ..Prompt::default()
    }
}

async fn ask(engine: &WorkerEngine, user: &str) -> Result<String, EngineError> {
    let generation = engine.generate(GenerateRequest::new(prompt(user))).await?;
    Ok(generation.finish().await?.text)
}

#[tokio::test]
async fn a_text_without_its_vector_is_an_error() {
    let texts = ["one".to_owned(), "three".to_owned()];
    let vectors = fixture("good").engine.embed(&texts).await.unwrap();
    assert_eq!(vectors, [[3.0], [5.0]]);
    let error = fixture("loses-vectors").engine.embed(&texts).await;
    let reason = "0 vectors for 2 texts".to_owned();
    assert_eq!(error, Err(EngineError::Failed { reason }));
}

async fn pid(engine: &WorkerEngine) -> Option<u32> {
    engine.stats().await.unwrap().pid
}

#[tokio::test]
async fn an_answer_streams_and_the_worker_stays() {
    let fixture = fixture("good");
    assert_eq!(
        pid(&fixture.engine).await,
        None,
        "nothing is started for statistics"
    );
    let mut generation = fixture
        .engine
        .generate(GenerateRequest::new(prompt("one")))
        .await
        .unwrap();
    assert!(matches!(
        generation.next().await,
        Some(Ok(GenerationEvent::Started(_)))
    ));
    assert!(
        matches!(generation.next().await, Some(Ok(GenerationEvent::Delta(text))) if text == "half")
    );
    assert!(matches!(
        generation.next().await,
        Some(Ok(GenerationEvent::Done(_)))
    ));
    assert!(generation.next().await.is_none());
    let first = pid(&fixture.engine).await;
    assert_eq!(ask(&fixture.engine, "two").await.unwrap(), "half two");
    assert_eq!(pid(&fixture.engine).await, first);
}

#[tokio::test]
async fn a_worker_has_no_environment() {
    let fixture = fixture("good");
    fixture.engine.load().await.unwrap();
    let names = fixture.engine.stats().await.unwrap().sandbox;
    assert_eq!(names, Vec::<String>::new());
}

#[tokio::test]
async fn a_crash_costs_one_request_and_says_why() {
    let fixture = fixture("crash-at-generate");
    let error = ask(&fixture.engine, "one").await.unwrap_err();
    let EngineError::Crashed { reason } = &error else {
        panic!("{error}");
    };
    assert!(
        reason.contains("signal 6") && reason.contains("very wrong"),
        "{reason}"
    );
    assert_eq!(ask(&fixture.engine, "fine").await.unwrap(), "half fine");
    assert_eq!(fixture.engine.stats().await.unwrap().restarts, 1);
}

#[tokio::test]
async fn a_hung_worker_is_ended_and_replaced() {
    let fixture = fixture("hang-at-generate");
    fixture.engine.load().await.unwrap();
    let hung = pid(&fixture.engine).await.unwrap();
    let start = Instant::now();
    let error = ask(&fixture.engine, "one").await.unwrap_err();
    assert_eq!(error, EngineError::Hung { after: SILENCE });
    assert!(start.elapsed() >= SILENCE);
    assert!(
        !PathBuf::from(format!("/proc/{hung}")).exists(),
        "the process is gone"
    );
    assert_eq!(ask(&fixture.engine, "fine").await.unwrap(), "half fine");
    assert_ne!(pid(&fixture.engine).await, Some(hung));
}

/// Does what is done in a phase of a request.
async fn go_through(engine: &WorkerEngine, phase: &str) -> Result<(), EngineError> {
    match phase {
        "load" => engine.load().await.map(drop),
        "prepare" => engine.prepare(&prompt("")).await.map(drop),
        "prefill" => engine.prefill(&prompt("one")).await.map(drop),
        "generate" => ask(engine, "one").await.map(drop),
        "embed" => engine.embed(&["one".to_owned()]).await.map(drop),
        // Nothing is started for statistics.
        "stats" => {
            engine.load().await?;
            engine.stats().await.map(drop)
        }
        other => panic!("{other} is no phase"),
    }
}

#[tokio::test]
async fn a_fault_in_any_phase_costs_one_request_and_says_so() {
    for phase in ["load", "prepare", "prefill", "generate", "embed", "stats"] {
        for (fault, sentence) in [
            ("crash", "stopped unexpectedly"),
            ("hang", "did not answer"),
        ] {
            let fixture = fixture(&format!("{fault}-once-at-{phase}"));
            let start = Instant::now();
            let failed = go_through(&fixture.engine, phase).await.unwrap_err();
            assert!(
                failed.to_string().contains(sentence),
                "{fault}, {phase}: {failed}"
            );
            assert!(start.elapsed() < PATIENCE, "{fault}, {phase}");
            let again = go_through(&fixture.engine, phase).await;
            assert_eq!(again, Ok(()), "{fault}, {phase}");
        }
    }
}

#[tokio::test]
async fn the_process_is_told_without_asking_it() {
    let fixture = fixture("good");
    assert_eq!(fixture.engine.process_id(), None);
    fixture.engine.load().await.unwrap();
    assert_eq!(fixture.engine.process_id(), pid(&fixture.engine).await);
    fixture.engine.unload().await;
    let limit = Instant::now() + PATIENCE;
    while fixture.engine.process_id().is_some() {
        assert!(Instant::now() < limit, "it is told after its end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_slow_worker_that_tells_of_progress_is_left_alone() {
    let fixture = fixture("good");
    let start = Instant::now();
    fixture.engine.prefill(&prompt("slow")).await.unwrap();
    assert!(start.elapsed() > SILENCE);
    assert_eq!(fixture.engine.stats().await.unwrap().restarts, 0);
}

#[tokio::test]
async fn faults_while_loading_are_one_error_each() {
    for (fault, wanted) in [
        ("crash-at-load", "stopped unexpectedly"),
        ("hang-at-load", "did not answer"),
        ("refuse", "could not load the model"),
    ] {
        let fixture = fixture(fault);
        for _ in 0..2 {
            let error = fixture.engine.load().await.unwrap_err().to_string();
            assert!(error.contains(wanted), "{fault}: {error}");
        }
    }
}

#[tokio::test]
async fn a_babbling_worker_counts_as_crashed() {
    let fixture = fixture("babble-at-generate");
    let error = ask(&fixture.engine, "one").await.unwrap_err();
    assert!(matches!(error, EngineError::Crashed { .. }), "{error}");
    assert_eq!(ask(&fixture.engine, "fine").await.unwrap(), "half fine");
}

/// Waits until a process is gone.
async fn gone(pid: u32) {
    let gone = async {
        while PathBuf::from(format!("/proc/{pid}")).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .unwrap_or_else(|_| panic!("{pid} goes on"));
}

#[tokio::test]
async fn a_damaged_model_is_named_and_not_loaded_twice() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("good");
    std::fs::write(&model, "content").unwrap();
    let mut options = WorkerOptions::new("tiny", &model);
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_engine-fake-worker"));
    options.checked = Some(folder.path().join("checked"));
    // SHA-256 of `content`, then of something else.
    let content = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
    options.load.sha256 = Some(content.to_owned());
    let whole = WorkerEngine::new(options.clone());
    whole.load().await.unwrap();
    options.load.sha256 = Some("0".repeat(64));
    for program in [options.program.clone(), folder.path().join("none")] {
        // The second time the result is known: not even the worker is started.
        options.program = program;
        let error = WorkerEngine::new(options.clone()).load().await.unwrap_err();
        let (model, path) = ("tiny".to_owned(), model.clone());
        assert_eq!(error, EngineError::DamagedModel { model, path });
    }
}

#[tokio::test]
async fn damage_explains_why_a_model_cannot_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for fault in ["refuse", "crash-at-load"] {
        let model = folder.path().join(fault);
        std::fs::write(&model, "content").unwrap();
        let mut options = WorkerOptions::new("tiny", &model);
        options.program = PathBuf::from(env!("CARGO_BIN_EXE_engine-fake-worker"));
        options.checked = None;
        options.load.sha256 = Some("0".repeat(64));
        let error = WorkerEngine::new(options).load().await.unwrap_err();
        assert!(matches!(error, EngineError::DamagedModel { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_idle_worker_ends_and_comes_back() {
    let fixture = fixture("idle");
    assert!(!fixture.engine.is_loaded());
    fixture.engine.load().await.unwrap();
    assert!(fixture.engine.is_loaded());
    let first = pid(&fixture.engine).await.unwrap();
    gone(first).await;
    assert!(!fixture.engine.is_loaded());
    assert!(!fixture.engine.stats().await.unwrap().loaded);
    assert_eq!(ask(&fixture.engine, "again").await.unwrap(), "half again");
    assert_eq!(
        fixture.engine.stats().await.unwrap().restarts,
        0,
        "idle is no failure"
    );
}

#[tokio::test]
async fn unloading_and_dropping_end_the_process() {
    let fixture = fixture("good");
    fixture.engine.load().await.unwrap();
    let first = pid(&fixture.engine).await.unwrap();
    fixture.engine.unload().await;
    assert!(!fixture.engine.is_loaded());
    assert!(!PathBuf::from(format!("/proc/{first}")).exists());
    fixture.engine.load().await.unwrap();
    let second = pid(&fixture.engine).await.unwrap();
    drop(fixture);
    gone(second).await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = WorkerOptions::new("some-model", folder.path().join("none.gguf"));
    let error = WorkerEngine::new(options.clone())
        .load()
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("lucid model pull some-model"), "{error}");
    options.load.path = folder.path().to_owned();
    options.program = folder.path().join("no-such-program");
    let error = WorkerEngine::new(options)
        .load()
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("no-such-program"), "{error}");
}
