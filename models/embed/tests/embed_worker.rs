//! The worker with its real model, through the same client as the kernel.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::PathBuf, time::Duration};

use engine::catalog::{Catalog, Role};
use engine::store::Store;
use engine::{Engine, EngineError, GenerateRequest, Prompt, WorkerEngine, WorkerOptions};

fn engine(path: PathBuf) -> WorkerEngine {
    let mut options = WorkerOptions::new("use-multilingual-3", path);
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_lucid-engine-embed"));
    options.load.capsules = None;
    // The tests must also run where a fence cannot stand.
    options.load.allow_unfenced = true;
    options.silence = Duration::from_secs(3);
    WorkerEngine::new(options)
}

/// The model, which is fetched where it is missing.
fn model() -> PathBuf {
    let catalog = Catalog::builtin();
    let model = catalog.by_role(Role::Embedding).unwrap();
    Store::open().pull(model, &mut |_| true).unwrap()
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn like_meanings_have_like_vectors_in_both_languages() {
    let engine = engine(model());
    let texts = ["mute the sound", "把声音关掉", "open a file"].map(str::to_owned);
    let vectors = engine.embed(&texts).await.unwrap();
    let (same, other) = (
        cosine(&vectors[0], &vectors[1]),
        cosine(&vectors[1], &vectors[2]),
    );
    assert!(same > 0.6 && other < 0.4, "{same} {other}");

    // Many texts take several batches and come back in order.
    let many: Vec<String> = (0..200)
        .map(|n| format!("remind me in {n} minutes"))
        .collect();
    let vectors = engine.embed(&many).await.unwrap();
    assert_eq!(vectors.len(), 200);
    let last = engine.embed(&many[199..]).await.unwrap();
    assert!(cosine(&vectors[199], &last[0]) > 0.999);

    // It writes no text, and says so without dying of it.
    let request = GenerateRequest::new(Prompt::default());
    let refused = engine.generate(request).await.err().unwrap();
    assert!(matches!(refused, EngineError::Failed { .. }), "{refused}");
    let stats = engine.stats().await.unwrap();
    assert!(stats.loaded && stats.restarts == 0);
    assert!(stats.rss_bytes < 400 << 20, "{} bytes", stats.rss_bytes);
    engine.unload().await;
}

#[tokio::test]
async fn a_worker_that_dies_or_hangs_over_texts_costs_one_request() {
    for (how, is_hung) in [("-KILL", false), ("-STOP", true)] {
        let engine = engine(model());
        let many: Vec<String> = (0..2000)
            .map(|n| format!("remind me in {n} minutes"))
            .collect();
        engine.load().await.unwrap();
        let pid = engine.stats().await.unwrap().pid.unwrap();
        let disturbing = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            #[expect(clippy::disallowed_methods, reason = "a test may call kill")]
            let status = std::process::Command::new("kill")
                .args([how, &pid.to_string()])
                .status()
                .unwrap();
            assert!(status.success());
        };
        let (result, ()) = tokio::join!(engine.embed(&many), disturbing);
        let error = result.err().unwrap();
        let fits = match is_hung {
            true => matches!(error, EngineError::Hung { .. }),
            false => matches!(error, EngineError::Crashed { .. }),
        };
        assert!(fits, "{how}: {error:?}");
        assert_eq!(engine.embed(&many[..3]).await.unwrap().len(), 3, "{how}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.whl");
    std::fs::write(&path, "GGUF").unwrap();
    let error = engine(path).load().await.unwrap_err();
    assert!(matches!(error, EngineError::Load { .. }), "{error}");
}
