//! The worker by itself.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use session::{Environment, command};

use crate::measure::Recorder;

/// A figure as the worker prints it.
#[derive(Debug, Deserialize)]
struct Figure {
    name: String,
    value: f64,
}

/// Runs the worker's own measuring and passes its figures on.
pub(crate) fn measure(recorder: &Recorder) -> Result<()> {
    let model = std::env::var("LUCID_BENCH_MODEL").context("LUCID_BENCH_MODEL names no file")?;
    let output = command("lucid-engine-llama", &Environment::inherited())
        .args(["bench", "--model", &model])
        .output()
        .context("could not run lucid-engine-llama")?;
    ensure!(
        output.status.success(),
        "lucid-engine-llama: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    let figures: HashMap<String, f64> = text
        .lines()
        .map(|line| serde_json::from_str::<Figure>(line).map(|figure| (figure.name, figure.value)))
        .collect::<Result<_, _>>()
        .context("the worker printed something else than figures")?;
    let tokens = figures.get("capsule_tokens").copied().unwrap_or_default();
    let note =
        format!("the default model, in a worker of its own, with a capsule of {tokens} tokens");
    for (name, unit) in [
        ("capsule_restore_ms", "ms"),
        ("prefill_tokens_per_s", "tokens/s"),
        ("decode_tokens_per_s", "tokens/s"),
    ] {
        recorder.add(name, figures.get(name).copied(), unit, None, &note)?;
    }
    Ok(())
}
