//! Writes what an adapter is trained on, one JSON object a line: the constant prompt, then for each worked example
//! the turns behind it, the words and the answer. `models/tune` says how it is used.
//!
//! `cargo run --release -p planner --example taught -- EMBEDDER >taught.jsonl`
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use engine::{WorkerEngine, WorkerOptions, worker_program};
use functions::Registry;
use planner::{KeptVectors, Planner};
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let embedder = std::env::args().nth(1).context("usage: taught EMBEDDER")?;
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let (registry, errors) = Registry::load(&[&plugins], &[]);
    anyhow::ensure!(errors.is_empty(), "{errors:?}");
    let planner = Planner::new(&registry);
    let mut options = WorkerOptions::new("embedder", embedder);
    options.program = worker_program("lucid-engine-embed");
    options.load.capsules = None;
    let kept = KeptVectors::open(&std::env::temp_dir(), "embedder");
    planner
        .learn(Arc::new(WorkerEngine::new(options)), kept)
        .await?;
    println!("{}", serde_json::to_string(&planner.constant())?);
    for taught in planner.taught().await {
        let constant = taught.prompt.capsule_turns().unwrap_or_default();
        let line = json!({
            "turns": taught.prompt.turns[constant..],
            "user": taught.prompt.user,
            "answer": taught.answer,
        });
        println!("{line}");
    }
    Ok(())
}
