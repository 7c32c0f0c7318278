//! Results while a person types.

use std::time::Instant;

use anyhow::{Context, Result};
use protocol::Kernel1Proxy;
use session::{Environment, command};

use crate::measure::{Peer, Recorder};
use crate::statistics::percentile;

const WORDS: [&str; 8] = [
    "gedit",
    "calculator",
    "text editor",
    "report",
    "downloads",
    "12*7",
    "计算",
    "zzzz",
];
const ROUNDS: usize = 5;

/// Types each of [`WORDS`] letter by letter and measures every answer.
pub(crate) async fn measure(recorder: &Recorder) -> Result<()> {
    let bus = zbus::Connection::session().await?;
    let kernel = Kernel1Proxy::new(&bus).await?;
    let mut times = Vec::new();
    for word in std::iter::repeat_n(WORDS, ROUNDS).flatten() {
        for (at, letter) in word.char_indices() {
            let typed = &word[..at + letter.len_utf8()];
            let begin = Instant::now();
            kernel.search(typed, 8).await?;
            times.push(begin.elapsed().as_secs_f64() * 1e3);
        }
    }
    recorder.add(
        "key_to_results_ms_p99",
        percentile(&times, 99.0),
        "ms",
        fzf()?.as_ref(),
        &format!(
            "{} keys, from the call over the bus to its answer",
            times.len()
        ),
    )
}

/// Measures fzf over the same kind of names, where it is installed.
fn fzf() -> Result<Option<Peer>> {
    let environment = Environment::inherited();
    let names = command("sh", &environment)
        .args(["-c", "ls /usr/share/applications /usr/bin"])
        .output()?
        .stdout;
    let folder = tempfile::tempdir()?;
    let list = folder.path().join("names");
    std::fs::write(&list, names)?;
    let mut times = Vec::new();
    for word in WORDS {
        let begin = Instant::now();
        let Ok(output) = command("fzf", &environment)
            .args(["--filter", word])
            .stdin(std::fs::File::open(&list)?)
            .output()
        else {
            return Ok(None);
        };
        // 1 means that nothing matched.
        output
            .status
            .code()
            .filter(|code| *code <= 1)
            .context("fzf failed")?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(percentile(&times, 99.0).map(|value| Peer {
        name: "fzf --filter over program names".to_owned(),
        value,
    }))
}
