//! The overlay: how quickly it is painted, how much memory it takes.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use protocol::Kernel1Proxy;
use serde::Deserialize;
use session::{Environment, command};

use crate::measure::Recorder;
use crate::peers;
use crate::processes;
use crate::statistics::percentile;

const PAINTED: &str = "toggle_to_painted";
const SHOWS: usize = 100;
/// What is typed: apps, files, a calculation, nothing.
const WORDS: [&str; 8] = [
    "gedit",
    "calculator",
    "text editor",
    "report",
    "holiday",
    "12*7",
    "invoices",
    "zzzz",
];
const LIMIT: Duration = Duration::from_secs(20);
/// Long enough for the web view's first page.
const START: Duration = Duration::from_secs(5);
/// Long enough for the overlay to have come to rest, shown or hidden.
const PAUSE: Duration = Duration::from_millis(150);

/// One line of the shell's trace.
#[derive(Debug, Deserialize)]
struct Line {
    measure: String,
    ms: f64,
}

/// Shows and hides the overlay and reads what the shell itself wrote down.
pub(crate) async fn measure(recorder: &Recorder) -> Result<()> {
    let bus = zbus::Connection::session().await?;
    let kernel = Kernel1Proxy::new(&bus).await?;
    start(&kernel).await?;
    let before = traced(PAINTED)?.len();
    for show in 1..=SHOWS {
        kernel.toggle().await?;
        painted_at_least(before + show).await?;
        tokio::time::sleep(PAUSE).await;
        kernel.toggle().await?;
        tokio::time::sleep(PAUSE).await;
    }
    let times = &traced(PAINTED)?[before..];
    let note = format!(
        "{} shows; from the kernel's signal to the page's second frame",
        times.len()
    );
    for (name, percent) in [
        ("toggle_to_painted_ms_p50", 50.0),
        ("toggle_to_painted_ms_p99", 99.0),
    ] {
        recorder.add(name, percentile(times, percent), "ms", None, &note)?;
    }
    keys(recorder, &kernel).await?;
    memory(recorder).await
}

/// Starts the shell: the first show takes longer than any other and is not counted.
async fn start(kernel: &Kernel1Proxy<'_>) -> Result<()> {
    kernel.toggle().await?;
    tokio::time::sleep(START).await;
    kernel.toggle().await?;
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

/// Types words with real keys and reads how long their matches took to be painted.
async fn keys(recorder: &Recorder, kernel: &Kernel1Proxy<'_>) -> Result<()> {
    let environment = Environment::inherited();
    for words in WORDS {
        kernel.toggle().await?;
        tokio::time::sleep(PAUSE).await;
        let status = command("wtype", &environment)
            .args(["-s", "200", "-d", "120", "--", words])
            .status()
            .context("could not run wtype")?;
        ensure!(status.success(), "wtype could not type");
        tokio::time::sleep(PAUSE).await;
        kernel.toggle().await?;
        tokio::time::sleep(PAUSE).await;
    }
    let times = traced("key_to_results")?;
    let note = format!(
        "{} keys; from the key to the second frame with its matches",
        times.len()
    );
    recorder.add(
        "key_to_results_ms_p99",
        percentile(&times, 99.0),
        "ms",
        peers::fzf(&WORDS)?.as_ref(),
        &note,
    )
}

async fn memory(recorder: &Recorder) -> Result<()> {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let family = processes::family("lucid-shell");
    ensure!(!family.is_empty(), "the shell is not running");
    let mut megabytes = 0.0;
    for process in &family {
        megabytes += processes::proportional_mb(*process)?;
    }
    recorder.add(
        "shell_pss_mb",
        Some(megabytes),
        "MB",
        None,
        &format!("{} processes with the web view's, hidden", family.len()),
    )
}

async fn painted_at_least(count: usize) -> Result<()> {
    let begin = Instant::now();
    while traced(PAINTED)?.len() < count {
        if begin.elapsed() > LIMIT {
            bail!("the overlay was not painted within {LIMIT:?}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Returns what the shell wrote down as `measure` so far.
fn traced(measure: &str) -> Result<Vec<f64>> {
    let path = std::env::var("LUCID_SHELL_TRACE").context("LUCID_SHELL_TRACE is not set")?;
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok());
    Ok(lines
        .filter(|line| line.measure == measure)
        .map(|line| line.ms)
        .collect())
}
