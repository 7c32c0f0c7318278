//! The worker with an adapter, for the test model (SmolLM2-135M).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use engine::catalog::{Catalog, Role};
use engine::store::Store;
use engine::{
    ChatTurn, Engine, EngineError, GenerateRequest, Generated, Prompt, WorkerEngine, WorkerOptions,
};

/// The width of the test model.
const WIDTH: usize = 576;

fn engine(folder: &Path, adapter: Option<&Path>) -> WorkerEngine {
    let catalog = Catalog::builtin();
    let model = catalog.by_role(Role::Tests).unwrap();
    let path = Store::open().pull(model, &mut |_| true).unwrap();
    let mut options = WorkerOptions::new("smollm2-135m", path);
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_lucid-engine-llama"));
    options.load.context_length = 2048;
    options.load.capsules = Some(folder.join("capsules"));
    options.load.adapter = adapter.map(Path::to_owned);
    WorkerEngine::new(options)
}

fn request(words: &str, adapted: bool) -> GenerateRequest {
    let prompt = Prompt {
        system: "You turn a request into calls: audio.set_volume(percent), media.pause().".into(),
        turns: vec![ChatTurn::new("stop the music", "media.pause()\n")],
        user: words.to_owned(),
        adapted,
        ..Prompt::default()
    };
    GenerateRequest::new(prompt).max_tokens(12)
}

async fn answer(engine: &WorkerEngine, words: &str, adapted: bool) -> Generated {
    let generation = engine.generate(request(words, adapted)).await.unwrap();
    generation.finish().await.unwrap()
}

/// Writes an adapter of rank 1 that turns the queries of the first layer upside down.
fn write_adapter(path: &Path, architecture: &str) {
    let mut file = Vec::new();
    let text = |file: &mut Vec<u8>, text: &str| {
        file.extend((text.len() as u64).to_le_bytes());
        file.extend(text.as_bytes());
    };
    file.extend(b"GGUF");
    file.extend(3_u32.to_le_bytes());
    file.extend(2_u64.to_le_bytes());
    file.extend(4_u64.to_le_bytes());
    for (key, value) in [
        ("general.architecture", architecture),
        ("general.type", "adapter"),
        ("adapter.type", "lora"),
    ] {
        text(&mut file, key);
        file.extend(8_u32.to_le_bytes());
        text(&mut file, value);
    }
    text(&mut file, "adapter.lora.alpha");
    file.extend(6_u32.to_le_bytes());
    file.extend(1_f32.to_le_bytes());
    let matrices = [("lora_a", [WIDTH, 1]), ("lora_b", [1, WIDTH])];
    for (index, (name, shape)) in matrices.into_iter().enumerate() {
        text(&mut file, &format!("blk.0.attn_output.weight.{name}"));
        file.extend(2_u32.to_le_bytes());
        for length in shape {
            file.extend((length as u64).to_le_bytes());
        }
        file.extend(0_u32.to_le_bytes());
        file.extend(((index * WIDTH * 4) as u64).to_le_bytes());
    }
    file.resize(file.len().next_multiple_of(32), 0);
    for index in 0..2 * WIDTH {
        let value = if index % 3 == 0 { -3_f32 } else { 2.0 };
        file.extend(value.to_le_bytes());
    }
    std::fs::write(path, file).unwrap();
}

#[tokio::test]
async fn an_adapter_serves_the_prompts_that_ask_for_it_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter.gguf");
    write_adapter(&path, "llama");
    let plain = engine(folder.path(), None);
    let expected = answer(&plain, "volume to thirty", false).await.text;
    assert_eq!(
        answer(&plain, "volume to thirty", true).await.text,
        expected
    );
    plain.unload().await;

    let engine = engine(folder.path(), Some(&path));
    let adapted = answer(&engine, "volume to thirty", true).await;
    assert!(
        adapted.started.restored_tokens > 20,
        "one capsule serves both"
    );
    assert_ne!(adapted.text, expected);
    // What was read with the adapter is not taken for what was read without, nor the other way round.
    for _ in 0..2 {
        let without = answer(&engine, "volume to thirty", false).await;
        assert_eq!(without.text, expected);
        let with = answer(&engine, "volume to thirty", true).await;
        assert_eq!(with.text, adapted.text);
        assert!(with.started.reused_tokens > 20, "{:?}", with.started);
    }
}

#[tokio::test]
async fn a_capsule_that_is_written_by_an_adapted_prompt_is_the_models_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter.gguf");
    write_adapter(&path, "llama");
    let first = engine(folder.path(), Some(&path));
    let adapted = answer(&first, "volume to thirty", true).await.text;
    first.unload().await;
    let plain = engine(folder.path(), None);
    let from_capsule = answer(&plain, "volume to thirty", false).await;
    assert!(from_capsule.started.restored_tokens > 20);
    plain.unload().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let fresh = engine(elsewhere.path(), None);
    assert_eq!(
        from_capsule.text,
        answer(&fresh, "volume to thirty", false).await.text
    );
    assert_ne!(from_capsule.text, adapted);
}

#[tokio::test]
async fn an_adapter_that_does_not_fit_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter.gguf");
    for break_it in [
        |path: &Path| write_adapter(path, "qwen2"),
        |path: &Path| std::fs::write(path, b"GGUF").unwrap(),
    ] {
        break_it(&path);
        let error = engine(folder.path(), Some(&path)).load().await.unwrap_err();
        assert!(matches!(error, EngineError::Load { .. }), "{error:?}");
        assert!(
            error.to_string().contains("the adapter is damaged"),
            "{error}"
        );
    }
}
