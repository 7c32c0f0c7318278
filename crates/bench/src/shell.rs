//! The overlay: how quickly it is painted, how much memory it takes.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use protocol::Kernel1Proxy;
use serde::Deserialize;

use crate::measure::Recorder;
use crate::processes;
use crate::statistics::percentile;

const SHOWS: usize = 100;
const LIMIT: Duration = Duration::from_secs(20);
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
    // The first show starts the shell and is not counted.
    kernel.toggle().await?;
    painted_at_least(1).await?;
    tokio::time::sleep(PAUSE).await;
    kernel.toggle().await?;
    tokio::time::sleep(PAUSE).await;
    for show in 0..SHOWS {
        kernel.toggle().await?;
        painted_at_least(show + 2).await?;
        tokio::time::sleep(PAUSE).await;
        kernel.toggle().await?;
        tokio::time::sleep(PAUSE).await;
    }
    let times = &painted()?[1..];
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
    memory(recorder).await
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
    while painted()?.len() < count {
        if begin.elapsed() > LIMIT {
            bail!("the overlay was not painted within {LIMIT:?}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn painted() -> Result<Vec<f64>> {
    let path = std::env::var("LUCID_SHELL_TRACE").context("LUCID_SHELL_TRACE is not set")?;
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok());
    Ok(lines
        .filter(|line| line.measure == "toggle_to_painted")
        .map(|line| line.ms)
        .collect())
}
