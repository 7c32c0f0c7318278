//! The worker against llama.cpp's own server with a real model (SmolLM2-135M). `make test-engines`
//! installs the server for `$LUCID_SERVER_PYTHON`.

// Not `required-features`: `--test '*'` takes that for an error.
#![cfg(feature = "real-server")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use engine::catalog::{Catalog, Role};
use engine::protocol::{Endpoint, GrammarForm};
use engine::store::Store;
use engine::{
    ChatTurn, Engine, GenerateRequest, Generated, Prompt, StopReason, WorkerEngine, WorkerOptions,
};

/// A running server, which ends with its handle.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let catalog = Catalog::builtin();
        let model = catalog.by_role(Role::Tests).unwrap();
        let model = Store::open().pull(model, &mut |_| true).unwrap();
        let python = std::env::var_os("LUCID_SERVER_PYTHON").unwrap_or("python3".into());
        #[expect(clippy::disallowed_methods, reason = "a test may start its server")]
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve_model.py"))
            .arg(model)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .find(|line| line.starts_with("http://"))
            .expect("the server tells its address");
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn engine(server: &str) -> WorkerEngine {
    let mut options = WorkerOptions::new("served", "");
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_lucid-engine-openai"));
    options.load.endpoint = Some(Endpoint {
        url: format!("{server}/v1"),
        model: "smollm2".to_owned(),
        key_file: None,
        grammar: Some(GrammarForm::LlamaServer),
    });
    WorkerEngine::new(options)
}

fn request() -> GenerateRequest {
    GenerateRequest::new(Prompt {
        system: "You turn a request into calls.".to_owned(),
        turns: vec![ChatTurn::new("stop the music", "media.pause()\n")],
        user: "louder".to_owned(),
        ..Prompt::default()
    })
}

async fn answer(engine: &WorkerEngine, request: GenerateRequest) -> Generated {
    let generation = engine.generate(request).await.unwrap();
    generation.finish().await.unwrap()
}

#[tokio::test]
async fn a_real_server_answers_under_a_grammar_and_is_left_at_once() {
    let server = Server::start();
    let engine = engine(&server.address);
    let call = request().grammar("start: \"audio.set_volume(\" /[0-9]{1,2}/ \")\\n\"");
    let generated = answer(&engine, call).await;
    assert!(
        generated.text.starts_with("audio.set_volume("),
        "{generated:?}"
    );
    assert!(generated.text.ends_with(")\n"), "{generated:?}");
    assert_eq!(generated.stop_reason, StopReason::End);
    let cut = answer(&engine, request().max_tokens(2)).await;
    assert_eq!(cut.stop_reason, StopReason::MaxTokens, "{cut:?}");
    let endless = request()
        .grammar("start: /[a-z ]{3000,4000}/")
        .max_tokens(1500);
    let mut generation = engine.generate(endless).await.unwrap();
    generation.next().await.unwrap().unwrap();
    generation.next().await.unwrap().unwrap();
    drop(generation);
    // The server has one place: it is free only when it noticed that nobody listens.
    let next = answer(&engine, request().max_tokens(2)).await;
    assert!(next.started.prefill_ms < 20_000.0, "{next:?}");
}
