//! The usual way: the whole catalogue as JSON tool schemas, no capsule, no grammar.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use session::{Environment, command};

use crate::measure::Recorder;
use crate::statistics::percentile;

/// Requests that are also among those of the model's measure.
const REQUESTS: [&str; 5] = [
    "set the volume to 35%",
    "pause the music",
    "make a folder named Plans in Documents",
    "把音量调到 45%",
    "remind me in 15 minutes to call Anna",
];

/// Measures from the request to the first whole call.
pub(crate) fn json_schema(recorder: &Recorder) -> Result<()> {
    let mut times = Vec::new();
    for words in REQUESTS {
        let output = command("lucid", &Environment::inherited())
            .args(["plan", "--json", "--json-schema", words])
            .output()?;
        ensure!(
            output.status.success(),
            "lucid plan --json-schema: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let report: Value = serde_json::from_slice(&output.stdout)
            .context("lucid plan printed something else than a report")?;
        times.extend(report["first_statement_ms"].as_f64());
    }
    recorder.add(
        "json_schema_first_action_ms_p50",
        percentile(&times, 50.0),
        "ms",
        None,
        &format!(
            "{} requests, same model, whole catalogue as JSON",
            times.len()
        ),
    )
}
