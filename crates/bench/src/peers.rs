//! What Lucid is compared with.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use session::{Environment, command};

use crate::measure::{Peer, Recorder};
use crate::statistics::percentile;

/// Requests that are also among those of the model's measure.
const REQUESTS: [&str; 5] = [
    "set the volume to 35%",
    "pause the music",
    "make a folder named Plans in Documents",
    "把音量调到 45%",
    "remind me in 15 minutes to call Anna",
];

/// Longer than this nobody waits for a comparison; it is made of the requests answered by then.
const BUDGET: Duration = Duration::from_secs(20 * 60);

/// What `lucid-eval json-schema` prints for each request.
#[derive(Debug, Deserialize)]
struct Report {
    first_statement_ms: Option<f64>,
    prompt_tokens: u32,
    /// Whether the worker remembered the prompt of the request before.
    kept: bool,
}

/// Measures the usual way: the whole catalogue as JSON tool schemas, no capsule, no grammar,
/// from the request to the first whole call.
pub(crate) fn json_schema(recorder: &Recorder) -> Result<()> {
    let variable = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
    let model = variable("LUCID_BENCH_MODEL")?;
    let root = variable("LUCID_BENCH_ROOT")?;
    let mut eval = command("lucid-eval", &Environment::inherited())
        .args(["json-schema", "--model", &model, "--root", &root])
        .args(REQUESTS)
        .stdout(Stdio::piped())
        .spawn()
        .context("could not run lucid-eval")?;
    let lines = BufReader::new(eval.stdout.take().context("lucid-eval has no output")?).lines();
    let reports = within(BUDGET, lines)?;
    // It may still be busy with a request that would take too long.
    let _ = eval.kill();
    eval.wait()?;
    let tokens = reports.iter().map(|report| report.prompt_tokens).max();
    let tokens = tokens.unwrap_or_default();
    for (name, kept, how) in [
        (
            "json_schema_first_action_ms_p50",
            false,
            "each of which reads the prompt of",
        ),
        (
            "json_schema_kept_first_action_ms_p50",
            true,
            "whose prompt the worker remembers from the request before, of",
        ),
    ] {
        let times: Vec<f64> = reports
            .iter()
            .filter(|report| report.kept == kept)
            .filter_map(|report| report.first_statement_ms)
            .collect();
        if !times.is_empty() {
            let note = format!(
                "{} requests, same model, {how} {tokens} tokens",
                times.len()
            );
            recorder.add(name, percentile(&times, 50.0), "ms", None, &note)?;
        }
    }
    Ok(())
}

/// Reads reports until there are no more or the time is over.
fn within(
    budget: Duration,
    lines: impl Iterator<Item = std::io::Result<String>> + Send + 'static,
) -> Result<Vec<Report>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(std::io::Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let begin = Instant::now();
    let mut reports = Vec::new();
    while let Ok(line) = receiver.recv_timeout(budget.saturating_sub(begin.elapsed())) {
        eprintln!("    {line}");
        reports.push(serde_json::from_str(&line).context("lucid-eval printed something else")?);
    }
    Ok(reports)
}

/// Measures fzf's filter over the names of apps and programs, where it is installed.
pub(crate) fn fzf(words: &[&str]) -> Result<Option<Peer>> {
    let environment = Environment::inherited();
    let names = command("sh", &environment)
        .args(["-c", "ls /usr/share/applications /usr/bin"])
        .output()?
        .stdout;
    let folder = tempfile::tempdir()?;
    let list = folder.path().join("names");
    std::fs::write(&list, names)?;
    let mut times = Vec::new();
    for word in words {
        let begin = Instant::now();
        let Ok(output) = command("fzf", &environment)
            .args(["--filter", word])
            .stdin(std::fs::File::open(&list)?)
            .output()
        else {
            return Ok(None);
        };
        // 1 means that nothing matched.
        ensure!(
            output.status.code().is_some_and(|code| code <= 1),
            "fzf failed"
        );
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(percentile(&times, 99.0).map(|value| Peer {
        name: "fzf --filter over program names, without a window".to_owned(),
        value,
    }))
}
