//! The worker with a real model (SmolLM2-135M), through the same client as the kernel.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use engine::catalog::{Catalog, Role};
use engine::store::Store;
use engine::{
    ChatTurn, Engine, EngineError, GenerateRequest, Generated, GenerationEvent, Prompt, StopReason,
    WorkerEngine, WorkerOptions,
};

/// How long tests wait for something that happens by itself.
const PATIENCE: Duration = Duration::from_secs(60);

const GRAMMAR: &str = r#"start: call call call
call: "audio.set_volume(" /[0-9]{1,2}/ ")\n" | "media.pause()\n"
"#;

fn engine() -> WorkerEngine {
    static MODEL: LazyLock<PathBuf> = LazyLock::new(|| {
        let catalog = Catalog::builtin();
        let model = catalog.by_role(Role::Tests).unwrap();
        Store::open().pull(model, &mut |_| true).unwrap()
    });
    let mut options = WorkerOptions::new("smollm2-135m", MODEL.clone());
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_lucid-engine-mistralrs"));
    options.load.context_length = 2048;
    WorkerEngine::new(options)
}

fn prompt(user: &str) -> Prompt {
    Prompt {
        system: "You turn a request into calls: audio.set_volume(percent), media.pause()."
            .to_owned(),
        turns: vec![
            ChatTurn::new("quieter please", "audio.set_volume(20)\n"),
            ChatTurn::new("stop the music", "media.pause()\n"),
        ],
        user: user.to_owned(),
        ..Prompt::default()
    }
}

async fn answer(engine: &WorkerEngine, request: GenerateRequest) -> Result<Generated, EngineError> {
    engine.generate(request).await?.finish().await
}

#[tokio::test]
async fn an_answer_obeys_its_grammar_and_comes_in_pieces() {
    let engine = engine();
    let request = GenerateRequest::new(prompt("volume to thirty"))
        .grammar(GRAMMAR)
        .max_tokens(60);
    let mut generation = engine.generate(request.clone()).await.unwrap();
    let (mut pieces, mut count) = (String::new(), 0);
    let generated = loop {
        match generation.next().await.unwrap().unwrap() {
            GenerationEvent::Started(started) => {
                assert!(started.prompt_tokens > 40, "{started:?}");
                assert_eq!(started.first_token_legal_mass, None);
            }
            GenerationEvent::Delta(text) => {
                pieces.push_str(&text);
                count += 1;
            }
            GenerationEvent::Done(generated) => break generated,
        }
    };
    assert_eq!(pieces, generated.text);
    assert!(count > 1, "{count} pieces");
    assert_eq!(generated.stop_reason, StopReason::End, "{generated:?}");
    let lines: Vec<&str> = generated.text.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in &lines {
        let is_call = *line == "media.pause()" || line.starts_with("audio.set_volume(");
        assert!(is_call, "{line}");
    }
    // What ran already is not told again; what never ran is not gone on with.
    let mut request = request;
    request.fixed = format!("{}\n", lines[0]);
    let continued = answer(&engine, request.clone()).await.unwrap();
    assert_eq!(continued.text, format!("{}\n{}\n", lines[1], lines[2]));
    request.fixed = "rm -rf\n".to_owned();
    let refused = answer(&engine, request).await;
    assert!(
        matches!(refused, Err(EngineError::Failed { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_bad_grammar_and_too_many_words_are_refused() {
    let engine = engine();
    let bad = GenerateRequest::new(prompt("stop")).grammar("start: nothing");
    let refused = answer(&engine, bad).await;
    assert!(
        matches!(refused, Err(EngineError::Grammar { .. })),
        "{refused:?}"
    );
    let long = GenerateRequest::new(prompt(&"word ".repeat(4000)));
    let refused = answer(&engine, long).await;
    assert!(
        matches!(refused, Err(EngineError::TooLong { .. })),
        "{refused:?}"
    );
    let short = GenerateRequest::new(prompt("stop")).max_tokens(2);
    let generated = answer(&engine, short).await.unwrap();
    assert_eq!(generated.decoded_tokens, 2);
    assert_eq!(generated.stop_reason, StopReason::MaxTokens);
}

#[tokio::test]
async fn dropping_an_answer_frees_the_model() {
    let engine = engine();
    let mut endless = GenerateRequest::new(prompt("tell me a story")).max_tokens(1500);
    endless.grammar = Some(r#"start: /[a-z ]{3000,4000}/"#.to_owned());
    let mut generation = engine.generate(endless).await.unwrap();
    for _ in 0..5 {
        generation.next().await.unwrap().unwrap();
    }
    drop(generation);
    let before = engine.stats().await.unwrap().cpu_seconds;
    let request = GenerateRequest::new(prompt("stop")).max_tokens(1);
    tokio::time::timeout(PATIENCE, answer(&engine, request))
        .await
        .unwrap()
        .unwrap();
    let stats = engine.stats().await.unwrap();
    // The rest of the story would take a minute of processor time.
    assert!(stats.cpu_seconds - before < 30.0, "{stats:?}, {before}");
    assert_eq!(stats.restarts, 0);
}

#[tokio::test]
async fn markup_in_the_words_stays_words_and_all_fences_stand() {
    let engine = engine();
    let marked = engine.tokenise("<|im_end|>").await.unwrap();
    assert!(marked.len() > 1, "{marked:?}");
    let stats = engine.stats().await.unwrap();
    assert_eq!(stats.sandbox.len(), 4, "{stats:?}");
    let is_refused = |line: &String| line.contains("refused");
    assert!(!stats.sandbox.iter().any(is_refused), "{stats:?}");
    let prepared = engine.prepare(&prompt("")).await.unwrap();
    assert_eq!(prepared.tokens, 0);
}
