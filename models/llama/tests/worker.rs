//! The worker with a real model (SmolLM2-135M), through the same client as the kernel.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

use engine::catalog::{Catalog, Role};
use engine::store::Store;
use engine::{
    AtStart, Capsule, ChatTurn, Engine, EngineError, Gate, GenerateRequest, Generated,
    GenerationEvent, Prompt, StopReason, WorkerEngine, WorkerOptions,
};

/// How long tests wait for something that happens by itself.
const PATIENCE: Duration = Duration::from_secs(30);

const GRAMMAR: &str = r#"start: call call call
call: "audio.set_volume(" /[0-9]{1,2}/ ")\n" | "media.pause()\n"
"#;

/// The test model, which is fetched where it is missing.
fn model() -> PathBuf {
    static MODEL: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| {
        let catalog = Catalog::builtin();
        let model = catalog.by_role(Role::Tests).unwrap();
        Store::open().pull(model, &mut |_| true).unwrap()
    });
    MODEL.clone()
}

struct Fixture {
    engine: WorkerEngine,
    _capsules: tempfile::TempDir,
}

fn fixture(change: impl FnOnce(&mut WorkerOptions)) -> Fixture {
    let capsules = tempfile::tempdir().unwrap();
    let mut options = WorkerOptions::new("smollm2-135m", model());
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_lucid-engine-llama"));
    options.load.context_length = 2048;
    options.load.capsules = Some(capsules.path().to_owned());
    change(&mut options);
    Fixture {
        engine: WorkerEngine::new(options),
        _capsules: capsules,
    }
}

fn prompt(user: &str) -> Prompt {
    Prompt {
        system: "You turn a request into calls: audio.set_volume(percent), media.pause()."
            .to_owned(),
        turns: vec![
            ChatTurn::new("quieter please", "audio.set_volume(20)\n"),
            ChatTurn::new("stop the music", "media.pause()\n"),
        ],
        capsule: Capsule::AllTurns,
        user: user.to_owned(),
        ..Prompt::default()
    }
}

/// A prompt that takes the model some seconds to read.
fn long_prompt() -> Prompt {
    Prompt {
        system: "one two three four five six seven eight nine ten ".repeat(150),
        capsule: Capsule::None,
        ..prompt("go on")
    }
}

async fn answer(engine: &WorkerEngine, request: GenerateRequest) -> Generated {
    engine
        .generate(request)
        .await
        .unwrap()
        .finish()
        .await
        .unwrap()
}

fn kill(pid: u32) {
    signal("-KILL", pid);
}

fn signal(signal: &str, pid: u32) {
    #[expect(clippy::disallowed_methods, reason = "a test may call kill")]
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn an_answer_obeys_its_grammar_and_comes_in_pieces() {
    let fixture = fixture(|_| ());
    let request = GenerateRequest::new(prompt("volume to thirty"))
        .grammar(GRAMMAR)
        .max_tokens(40);
    let mut generation = fixture.engine.generate(request).await.unwrap();
    let mut pieces = String::new();
    let mut count = 0;
    let mut started = None;
    let generated = loop {
        match generation.next().await.unwrap().unwrap() {
            GenerationEvent::Started(first) => started = Some(first),
            GenerationEvent::Delta(text) => {
                pieces.push_str(&text);
                count += 1;
            }
            GenerationEvent::Done(generated) => break generated,
        }
    };
    let mass = started.unwrap().first_token_legal_mass.unwrap();
    assert!((0.0..=1.0).contains(&mass), "{mass}");
    assert_eq!(pieces, generated.text);
    assert!(count > 1, "{count} pieces");
    for line in generated.text.lines() {
        let is_call = line == "media.pause()" || line.starts_with("audio.set_volume(");
        assert!(
            is_call || generated.stop_reason == StopReason::MaxTokens,
            "{line}"
        );
    }
    assert!(
        generated.forced_tokens > 0,
        "the grammar forces most of a call"
    );
}

#[tokio::test]
async fn a_capsule_brings_back_the_same_answer() {
    let fixture = fixture(|_| ());
    let request = GenerateRequest::new(prompt("volume to thirty")).max_tokens(16);
    let fresh = answer(&fixture.engine, request.clone()).await;
    assert_eq!(fresh.started.restored_tokens, 0);
    fixture.engine.unload().await;
    let restored = answer(&fixture.engine, request.clone()).await;
    assert!(restored.started.restored_tokens > 40, "{restored:?}");
    assert_eq!(restored.text, fresh.text);
    let reused = answer(&fixture.engine, request).await;
    assert_eq!(reused.started.restored_tokens, 0);
    assert_eq!(
        reused.started.reused_tokens,
        reused.started.prompt_tokens - 1
    );
    assert_eq!(reused.text, fresh.text);
}

#[tokio::test]
async fn a_prepared_capsule_serves_other_words_after_other_work() {
    let fixture = fixture(|_| ());
    let prepared = fixture.engine.prepare(&prompt("")).await.unwrap();
    assert!(prepared.tokens > 40 && prepared.bytes > 0, "{prepared:?}");
    let other = GenerateRequest::new(long_prompt()).max_tokens(2);
    answer(&fixture.engine, other).await;
    let request = GenerateRequest::new(prompt("stop it")).max_tokens(4);
    let generated = answer(&fixture.engine, request).await;
    assert_eq!(generated.started.restored_tokens, prepared.tokens);
}

#[tokio::test]
async fn words_prefilled_while_typing_are_not_read_again() {
    let fixture = fixture(|_| ());
    fixture
        .engine
        .prefill(&prompt("turn the volume"))
        .await
        .unwrap();
    let request = GenerateRequest::new(prompt("turn the volume to thirty")).max_tokens(4);
    let generated = answer(&fixture.engine, request).await;
    let started = generated.started;
    let known = started.reused_tokens + started.restored_tokens;
    assert!(started.prompt_tokens - known < 12, "{started:?}");
}

#[tokio::test]
async fn the_gate_and_the_fixed_text_change_what_may_follow() {
    let fixture = fixture(|_| ());
    let gate = Gate {
        min_first_token_mass: 1.1,
        grammar: r#"start: "say(\"no\")\n""#.to_owned(),
    };
    let mut request = GenerateRequest::new(prompt("what is love"))
        .grammar(GRAMMAR)
        .gate(gate);
    let gated = answer(&fixture.engine, request.clone()).await;
    assert!(gated.started.gated);
    assert_eq!(gated.text, "say(\"no\")\n");
    request.fixed = "media.pause()\nmedia.pause()\n".to_owned();
    let continued = answer(&fixture.engine, request.clone()).await;
    assert!(!continued.started.gated);
    assert_eq!(continued.text.lines().count(), 1, "{}", continued.text);
    request.fixed = "rm -rf".to_owned();
    let refused = fixture.engine.generate(request).await.err().unwrap();
    assert!(matches!(refused, EngineError::Grammar { .. }), "{refused}");
}

#[tokio::test]
async fn markup_in_the_words_stays_words() {
    let fixture = fixture(|_| ());
    let tokens = fixture.engine.tokenise("<|im_end|>").await.unwrap();
    assert!(tokens.len() > 1, "{tokens:?}");
}

#[tokio::test]
async fn stop_texts_limits_and_scores_hold() {
    let fixture = fixture(|_| ());
    let mut request = GenerateRequest::new(prompt("stop the music")).max_tokens(30);
    request.logprobs = true;
    let whole = answer(&fixture.engine, request.clone()).await;
    assert_eq!(whole.logprobs.len(), whole.decoded_tokens as usize);
    request.stop = vec![whole.text[3..5].to_owned()];
    let stopped = answer(&fixture.engine, request.clone()).await;
    assert_eq!(stopped.stop_reason, StopReason::Stop);
    assert_eq!(stopped.text, whole.text[..3]);
    request.max_tokens = 2;
    request.stop.clear();
    let cut = answer(&fixture.engine, request).await;
    assert_eq!(
        (cut.stop_reason, cut.decoded_tokens),
        (StopReason::MaxTokens, 2)
    );
    let candidates = [whole.text.clone(), "elephants, mostly".to_owned()];
    let scores = fixture
        .engine
        .score(&prompt("stop the music"), &candidates)
        .await
        .unwrap();
    assert!(scores[0].logprob > scores[1].logprob, "{scores:?}");
}

#[tokio::test]
async fn a_bad_grammar_and_too_many_words_are_refused() {
    let fixture = fixture(|options| options.load.context_length = 512);
    let request = GenerateRequest::new(prompt("hello")).grammar("start: nowhere");
    let error = fixture.engine.generate(request).await.err().unwrap();
    assert!(matches!(error, EngineError::Grammar { .. }), "{error}");
    let error = fixture
        .engine
        .generate(GenerateRequest::new(long_prompt()))
        .await
        .err()
        .unwrap();
    assert!(
        matches!(error, EngineError::TooLong { limit, .. } if limit < 512),
        "{error}"
    );
    answer(
        &fixture.engine,
        GenerateRequest::new(prompt("hello")).max_tokens(2),
    )
    .await;
}

/// Processor time that a process has used, in hundredths of a second; 0 when it is gone.
fn used(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// Waits until the worker computes: it has used processor time since it was asked.
async fn computing(pid: u32) {
    let before = used(pid);
    let busy = async {
        while used(pid) < before + 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, busy)
        .await
        .expect("the worker computes");
}

#[tokio::test]
async fn dropping_an_answer_frees_the_model_at_once() {
    let fixture = fixture(|_| ());
    fixture.engine.load().await.unwrap();
    let pid = fixture.engine.stats().await.unwrap().pid.unwrap();
    let engine = fixture.engine.clone();
    let reading =
        tokio::spawn(async move { engine.generate(GenerateRequest::new(long_prompt())).await });
    computing(pid).await;
    reading.abort();
    assert!(
        reading.await.is_err(),
        "the long prompt cannot have been read yet"
    );
    let mut endless = GenerateRequest::new(prompt("tell me a story")).max_tokens(500);
    endless.temperature = 1.0;
    // Chance ends some stories after a few words.
    endless.grammar = Some(r#"start: /[a-z ]{3000,4000}/"#.to_owned());
    let mut generation = fixture.engine.generate(endless).await.unwrap();
    generation.next().await.unwrap().unwrap();
    let before = used(pid);
    for _ in 0..20 {
        generation.next().await.unwrap().unwrap();
    }
    let twenty_tokens = used(pid) - before;
    drop(generation);
    let before = used(pid);
    answer(
        &fixture.engine,
        GenerateRequest::new(prompt("stop")).max_tokens(1),
    )
    .await;
    // How long this takes depends on what else runs; what it costs tells whether the story
    // was told to its end, which is 24 times as much.
    let spent = used(pid) - before;
    assert!(spent < 10 * twenty_tokens + 20, "{spent}, {twenty_tokens}");
    assert_eq!(fixture.engine.stats().await.unwrap().restarts, 0);
}

#[tokio::test]
async fn a_killed_worker_costs_one_request() {
    let fixture = fixture(|_| ());
    let mut pids = Vec::new();
    for phase in ["idle", "prefill", "decode"] {
        fixture.engine.load().await.unwrap();
        let pid = fixture.engine.stats().await.unwrap().pid.unwrap();
        assert!(!pids.contains(&pid), "{phase}: a new worker");
        pids.push(pid);
        match phase {
            "idle" => kill(pid),
            "prefill" => {
                let request = GenerateRequest::new(long_prompt());
                let dying = fixture.engine.generate(request);
                let killing = async {
                    computing(pid).await;
                    kill(pid);
                };
                let (result, ()) = tokio::join!(dying, killing);
                let error = result.err().unwrap();
                assert!(matches!(error, EngineError::Crashed { .. }), "{error}");
            }
            _ => {
                let mut endless = GenerateRequest::new(prompt("tell me a story")).max_tokens(900);
                endless.grammar = Some(r#"start: /[a-z ]{3000,4000}/"#.to_owned());
                let mut generation = fixture.engine.generate(endless).await.unwrap();
                generation.next().await.unwrap().unwrap();
                generation.next().await.unwrap().unwrap();
                kill(pid);
                let error = generation.finish().await.err().unwrap();
                assert!(matches!(error, EngineError::Crashed { .. }), "{error}");
            }
        }
        let request = GenerateRequest::new(prompt("stop")).max_tokens(2);
        if phase == "idle" {
            // The kernel of the system tells of the death a moment later; a request before
            // that would rightly be told of a crash.
            let noticed = async {
                while fixture
                    .engine
                    .stats()
                    .await
                    .is_ok_and(|stats| stats.pid.is_some())
                {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::time::timeout(PATIENCE, noticed).await.unwrap();
        }
        assert_eq!(
            answer(&fixture.engine, request).await.decoded_tokens,
            2,
            "{phase}"
        );
    }
}

/// Does `work`, and sends the worker a signal in the middle of it.
async fn disturbed<T>(
    engine: &WorkerEngine,
    how: &str,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Option<EngineError> {
    let pid = engine.stats().await.unwrap().pid.unwrap();
    let disturbing = async {
        computing(pid).await;
        signal(how, pid);
    };
    let (result, ()) = tokio::join!(work, disturbing);
    result.err()
}

#[tokio::test]
async fn a_worker_that_dies_or_hangs_in_any_phase_costs_one_request() {
    for how in ["-KILL", "-STOP"] {
        for phase in ["load", "prepare", "read ahead", "read", "score"] {
            let is_first = Arc::new(AtomicBool::new(phase == "load"));
            let fixture = fixture(|options| {
                options.silence = Duration::from_secs(3);
                // The fence around the file is in the way of no signal.
                options.at_start = Some(AtStart::new(move |pid| {
                    if is_first.swap(false, Ordering::SeqCst) {
                        signal(how, pid);
                    }
                }));
            });
            let engine = &fixture.engine;
            let constant = Prompt {
                capsule: Capsule::AllTurns,
                ..long_prompt()
            };
            let loaded = engine.load().await.err();
            let ended = match phase {
                "load" => loaded,
                "prepare" => disturbed(engine, how, engine.prepare(&constant)).await,
                "read ahead" => disturbed(engine, how, engine.prefill(&long_prompt())).await,
                "read" => {
                    let request = GenerateRequest::new(long_prompt());
                    disturbed(engine, how, engine.generate(request)).await
                }
                _ => {
                    let words = ["go".to_owned()];
                    disturbed(engine, how, engine.score(&long_prompt(), &words)).await
                }
            };
            let error = ended.unwrap_or_else(|| panic!("{how} {phase}: it succeeded"));
            let fits = match how {
                "-KILL" => matches!(
                    error,
                    EngineError::Crashed { .. } | EngineError::Load { .. }
                ),
                _ => matches!(error, EngineError::Hung { .. }),
            };
            assert!(fits, "{how} {phase}: {error:?}");
            let request = GenerateRequest::new(prompt("stop")).max_tokens(2);
            let after = answer(engine, request).await;
            assert_eq!(after.decoded_tokens, 2, "{how} {phase}");
        }
    }
}

#[tokio::test]
async fn an_idle_model_takes_no_memory_and_comes_back() {
    let fixture = fixture(|options| options.idle = Duration::from_secs(1));
    let request = || GenerateRequest::new(prompt("stop")).max_tokens(2);
    answer(&fixture.engine, request()).await;
    let stats = fixture.engine.stats().await.unwrap();
    let process = PathBuf::from(format!("/proc/{}", stats.pid.unwrap()));
    assert!(stats.rss_bytes > 50 << 20 && process.exists());
    let gone = async {
        while process.exists() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("it ends");
    assert_eq!(answer(&fixture.engine, request()).await.decoded_tokens, 2);
}

#[tokio::test]
async fn a_file_that_is_no_model_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.gguf");
    for content in [b"".to_vec(), b"<html>not found</html>".to_vec(), {
        let mut start = vec![0; 200_000];
        std::io::Read::read_exact(&mut std::fs::File::open(model()).unwrap(), &mut start).unwrap();
        start
    }] {
        std::fs::write(&path, content).unwrap();
        let fixture = fixture(|options| options.load.path = path.clone());
        let error = fixture.engine.load().await.err().unwrap();
        assert!(matches!(error, EngineError::Load { .. }), "{error}");
    }
    std::fs::remove_file(&path).unwrap();
    let fixture = fixture(|options| options.load.path = path.clone());
    let error = fixture.engine.load().await.err().unwrap();
    assert!(matches!(error, EngineError::MissingModel { .. }), "{error}");
}

#[tokio::test]
async fn the_worker_tells_what_it_uses_and_how_it_is_fenced_in() {
    let fixture = fixture(|_| ());
    answer(
        &fixture.engine,
        GenerateRequest::new(prompt("stop")).max_tokens(8),
    )
    .await;
    let stats = fixture.engine.stats().await.unwrap();
    assert!(stats.rss_bytes > 50_000_000, "{stats:?}");
    assert!(
        stats.prefill_tokens_per_s > 0.0 && stats.decode_tokens_per_s > 0.0,
        "{stats:?}"
    );
    assert!(stats.build.contains("kernels"), "{stats:?}");
    assert_eq!(stats.sandbox.len(), 4, "{stats:?}");
    assert!(
        !stats.sandbox.iter().any(|line| line.contains("refused")),
        "{stats:?}"
    );
}
